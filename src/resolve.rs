//! Names to addresses, as a host in a given VPC would get them.

mod local;
mod private_dns;
mod public;
mod rules;
mod servers;
mod things;
mod zones;

use crate::answer::{Assumption, Code, Finding, Missing, NameAnswer, RuleId};
use crate::header::{AddressSet, Symbol};
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

/// What the resolvers of `vpc` answer for a host name: one resolution per answer that may be given.
#[must_use]
pub fn resolve(network: &Network, vpc: &Vpc, host: &str, outside: Outside<'_>) -> Vec<Resolution> {
    let asked = host.trim_end_matches('.').to_ascii_lowercase();
    let mut all: Vec<Resolution> = Vec::new();
    for server in servers::of(network, vpc) {
        let mut lookup =
            Lookup { network, vpc, findings: Vec::new(), assumptions: Vec::new(), server: None };
        let found = lookup.ask(&server, &asked, outside);
        let Lookup { findings, assumptions, server, .. } = lookup;
        for Found { resolved, what, rule } in found {
            let resolution = Resolution {
                name: NameAnswer { name: host.to_owned(), what, rule: RuleId::new(rule) },
                resolved,
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
    findings: Vec<Finding>,
    assumptions: Vec<Assumption>,
    server: Option<Server>,
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

/// How many labels a domain has; the root has none.
fn depth(domain: &str) -> usize {
    domain.split('.').filter(|label| !label.is_empty()).count()
}
