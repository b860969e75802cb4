//! Names to addresses, as a host in a given VPC would get them.

mod local;
mod private_dns;
mod public;
mod rules;
mod servers;
mod things;
mod transit;
mod zones;

use crate::answer::{Assumption, Code, Finding, Missing, NameAnswer, RuleId};
use crate::header::{AddressSet, Family, Symbol, public_ipv4, public_ipv6};
use crate::models;
use crate::network::{
    Coverage, LoadBalancerId, Network, NetworkInterfaceId, ResolverRuleId, Resource, Vpc,
};
use std::net::IpAddr;

/// What a name leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolved {
    /// The interfaces of an endpoint, any of which an answer may name (IE-03).
    Interfaces(Vec<NetworkInterfaceId>),
    /// The nodes of a load balancer.
    LoadBalancer(LoadBalancerId),
    /// Addresses, any of which the client may take.
    Addresses(Vec<IpAddr>),
    /// The IPv6 addresses that DNS64 makes of IPv4 ones (NG-13).
    Embedded(Box<Resolved>),
    /// Public addresses: listed ones, or those of a symbol.
    Public {
        /// Where they lie.
        addresses: AddressSet,
        /// The set they are part of, when they cannot be listed.
        symbol: Option<Symbol>,
    },
    /// No answer.
    Nothing {
        /// Why, as a code.
        code: Code,
        /// Why, in words.
        what: String,
    },
    /// It cannot be told.
    Unknown(Missing),
}

/// One answer that a name may get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// The name and how it resolves, in words.
    pub name: NameAnswer,
    /// What it leads to.
    pub resolved: Resolved,
    /// The family that was asked for.
    pub family: Family,
    /// What is missing to know that there is such an answer at all.
    pub guess: Option<Missing>,
    /// The server that gives the answer, where it is not the VPC's own resolver: DNS must reach it.
    pub server: Option<Server>,
    /// What is worth knowing beside.
    pub findings: Vec<Finding>,
    /// The open points it rests on.
    pub assumptions: Vec<Assumption>,
}

/// A DNS server other than the VPC's resolver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Server {
    /// A name server of the VPC's DHCP options, which the client asks itself (DN-01).
    Own(IpAddr),
    /// The targets of a forwarding rule, which the resolver asks (DN-08).
    Forward(ResolverRuleId),
}

/// What answers for a name where no zone of the VPC does.
#[derive(Clone, Copy, Debug)]
pub enum Outside<'a> {
    /// A service of AWS in a Region.
    Service(&'a models::Service, &'a str),
    /// A host with public addresses that nobody can list, under a name for them all.
    Set(&'a str),
    /// Something of this network, or else nobody here knows.
    Anyone,
}

/// Which addresses a client asks for.
#[derive(Clone, Copy, Debug)]
pub struct Asks {
    /// IPv4.
    pub ipv4: bool,
    /// IPv6.
    pub ipv6: bool,
    /// Whether the resolver makes IPv6 addresses for names that have none (NG-13).
    pub dns64: bool,
}

/// What the resolvers of `vpc` answer for a host name: one resolution per answer that may be given,
/// of each family.
#[must_use]
pub fn resolve(
    network: &Network,
    vpc: &Vpc,
    host: &str,
    outside: Outside<'_>,
    asks: Asks,
) -> Vec<Resolution> {
    let four = match asks.ipv4 || asks.dns64 {
        true => of_family(network, vpc, host, outside, Family::V4),
        false => Vec::new(),
    };
    if !asks.ipv6 {
        return four;
    }
    let nothing = |one: &Resolution| matches!(one.resolved, Resolved::Nothing { .. });
    let mut six = of_family(network, vpc, host, outside, Family::V6);
    if asks.dns64 && (six.iter().all(nothing) || six.iter().any(|one| one.guess.is_some())) {
        let made = four.iter().filter(|one| !nothing(one) && one.server.is_none());
        let made = made.map(|one| Resolution {
            resolved: Resolved::Embedded(Box::new(one.resolved.clone())),
            family: Family::V6,
            guess: None,
            name: NameAnswer {
                what: format!("IPv6 addresses that stand for {}", one.name.what),
                rule: RuleId::new("NG-13"),
                ..one.name.clone()
            },
            ..one.clone()
        });
        let made: Vec<Resolution> = made.collect();
        match six.iter().all(nothing) && !made.is_empty() {
            true => six = made,
            false => six.extend(made),
        }
    }
    if !asks.ipv4 {
        return six;
    }
    // A name without IPv6 addresses is asked for over IPv4.
    if !four.iter().all(nothing) {
        six.retain(|one| !nothing(one) && !matches!(one.resolved, Resolved::Unknown(_)));
    }
    match six.is_empty() || !four.iter().all(nothing) {
        true => four.into_iter().chain(six).collect(),
        false => six,
    }
}

fn of_family(
    network: &Network,
    vpc: &Vpc,
    host: &str,
    outside: Outside<'_>,
    family: Family,
) -> Vec<Resolution> {
    let asked = host.trim_end_matches('.').to_ascii_lowercase();
    let mut all: Vec<Resolution> = Vec::new();
    for server in servers::of(network, vpc) {
        let mut lookup = Lookup {
            network,
            vpc,
            family,
            findings: Vec::new(),
            assumptions: Vec::new(),
            server: None,
            guess: None,
        };
        let found = lookup.ask(&server, &asked, outside);
        let Lookup { findings, assumptions, server, guess, .. } = lookup;
        for Found { resolved, what, rule } in found {
            let resolution = Resolution {
                name: NameAnswer { name: host.to_owned(), what, rule: RuleId::new(rule) },
                resolved,
                family,
                guess: guess.clone(),
                server: server.clone(),
                findings: findings.clone(),
                assumptions: assumptions.clone(),
            };
            if !all.contains(&resolution) {
                all.push(resolution);
            }
        }
    }
    all
}

/// One lookup by one client.
struct Lookup<'n> {
    network: &'n Network,
    vpc: &'n Vpc,
    family: Family,
    findings: Vec<Finding>,
    assumptions: Vec<Assumption>,
    server: Option<Server>,
    guess: Option<Missing>,
}

/// One answer, how it came about in words, and by which rule.
struct Found {
    resolved: Resolved,
    what: String,
    rule: &'static str,
}

impl Found {
    fn nothing(code: &'static str, what: String, rule: &'static str) -> Self {
        let resolved = Resolved::Nothing { code: Code::new(code), what: what.clone() };
        Self { resolved, what, rule }
    }
}

impl<'n> Lookup<'n> {
    fn label(&self) -> &'n str {
        self.vpc.label()
    }

    /// What cannot be told without a fact; `key` is that of the AWS answer that holds it, `id` what
    /// the command asks for.
    fn unknown(
        &self,
        fact: String,
        key: Option<&str>,
        id: Option<&str>,
        rule: &'static str,
    ) -> Found {
        // In a scenario nobody runs a command: the file says it all.
        let captured = self.network.coverage != Coverage::Stated;
        let call = key.filter(|_| captured).and_then(models::call_of_key);
        let command = call.map(|call| {
            let command = call.command.replace("<vpc-id>", self.vpc.id.as_str());
            match id {
                Some(id) => command.replace("<hosted-zone-id>", id),
                None => command,
            }
        });
        let what = format!("cannot be told without {fact}");
        Found { resolved: Resolved::Unknown(Missing { fact, command }), what, rule }
    }

    /// The answer for a name that has IPv4 addresses only.
    fn without_ipv6(&self, why: &str, rule: &'static str) -> Found {
        let what = format!("an empty answer (NODATA): {why}");
        Found::nothing("NAME_WITHOUT_IPV6", what, rule)
    }

    /// Leaves it open whether a name has IPv6 addresses.
    fn guess(&mut self, fact: String) {
        self.guess.get_or_insert(Missing { fact, command: None });
    }

    /// The addresses of an unlisted set.
    fn public_set(&self, four: &str, six: &str) -> Resolved {
        let own = || {
            let blocks = self.network.vpcs.values().flat_map(|vpc| &vpc.cidrs);
            AddressSet::from_nets(blocks)
        };
        let (addresses, name) = match self.family {
            Family::V4 => (AddressSet::from_v4(public_ipv4().clone()), four),
            Family::V6 => (AddressSet::from_v6(public_ipv6().clone()).difference(&own()), six),
        };
        Resolved::Public { addresses, symbol: Some(Symbol::new(name)) }
    }

    fn note(&mut self, code: &'static str, text: String) {
        let finding = Finding { code: Code::new(code), text };
        if !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }

    /// Whether an open point is taken to hold; either way the answer rests on it.
    fn assumes(&mut self, name: &'static str, rule: &'static str) -> bool {
        let value = self.network.assumptions.value(name);
        let assumption =
            Assumption { name: name.into(), value: value.into(), rule: RuleId::new(rule) };
        if !self.assumptions.contains(&assumption) {
            self.assumptions.push(assumption);
        }
        value == "true"
    }
}

/// Whether a domain holds a host name.
fn holds(domain: &str, host: &str) -> bool {
    let domain = domain.trim_matches('.');
    domain.is_empty()
        || host == domain
        || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
}

/// The domains that hold a host name, itself first and the root last.
fn within(host: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(host), |&domain| match domain.is_empty() {
        true => None,
        false => Some(domain.split_once('.').map_or("", |(_, above)| above)),
    })
}

/// How many labels a domain has; the root has none.
fn depth(domain: &str) -> usize {
    domain.split('.').filter(|label| !label.is_empty()).count()
}
