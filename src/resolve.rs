//! Names to addresses, as a host in a given VPC would get them.

use crate::answer::{Assumption, Code, Finding, Missing, NameAnswer, RuleId};
use crate::header::{AddressSet, Symbol, public_ipv4};
use crate::models;
use crate::network::{
    Coverage, EndpointType, HostedZone, Kind, NameServer, Network, NetworkInterfaceId,
    ResolverRule, Resource, Vpc, VpcEndpoint,
};
use std::net::{IpAddr, Ipv4Addr};

/// What a name leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolved {
    /// The interfaces of an endpoint, any of which an answer may name (IE-03).
    Interfaces(Vec<NetworkInterfaceId>),
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

/// A name, resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// The name and how it resolves, in words.
    pub name: NameAnswer,
    /// What it leads to.
    pub resolved: Resolved,
    /// What is worth knowing beside.
    pub findings: Vec<Finding>,
    /// The open points it rests on.
    pub assumptions: Vec<Assumption>,
}

/// The link-local address of every VPC's resolver (DN-01).
const RESOLVER: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 253);

/// What the resolver of `vpc` answers for a host name of an AWS service in a Region.
#[must_use]
pub fn resolve(
    network: &Network,
    vpc: &Vpc,
    service: &models::Service,
    region: &str,
    host: &str,
) -> Resolution {
    let mut lookup = Lookup { network, vpc, findings: Vec::new(), assumptions: Vec::new() };
    let (resolved, what, rule) = lookup.answer(service, region, host);
    Resolution {
        name: NameAnswer { name: host.to_owned(), what, rule: RuleId::new(rule) },
        resolved,
        findings: lookup.findings,
        assumptions: lookup.assumptions,
    }
}

/// What the resolver of `vpc` answers for a public host name that is no AWS service's: addresses of
/// an unlisted set that is called `set`.
#[must_use]
pub fn resolve_elsewhere(network: &Network, vpc: &Vpc, host: &str, set: &str) -> Resolution {
    let mut lookup = Lookup { network, vpc, findings: Vec::new(), assumptions: Vec::new() };
    let found = lookup.server().or_else(|| lookup.other_zone(host, false));
    let (resolved, what, rule) = found.unwrap_or_else(|| {
        let addresses = AddressSet::from_v4(public_ipv4().clone());
        let resolved = Resolved::Public { addresses, symbol: Some(Symbol::new(set)) };
        (resolved, "public addresses".to_owned(), "DN-04")
    });
    Resolution {
        name: NameAnswer { name: host.to_owned(), what, rule: RuleId::new(rule) },
        resolved,
        findings: lookup.findings,
        assumptions: lookup.assumptions,
    }
}

struct Lookup<'n> {
    network: &'n Network,
    vpc: &'n Vpc,
    findings: Vec<Finding>,
    assumptions: Vec<Assumption>,
}

type Found = (Resolved, String, &'static str);

impl<'n> Lookup<'n> {
    fn answer(&mut self, service: &models::Service, region: &str, host: &str) -> Found {
        if let Some(found) = self.server() {
            return found;
        }
        let endpoint = match self.private_endpoint(service, region, host) {
            Ok(endpoint) => endpoint,
            Err(found) => return found,
        };
        if let Some(found) = self.other_zone(host, endpoint.is_some()) {
            return found;
        }
        match endpoint {
            Some(endpoint) => self.endpoint_interfaces(endpoint),
            None => self.public(service, region),
        }
    }

    fn label(&self) -> &'n str {
        self.vpc.label()
    }

    fn unknown(&self, fact: String, kind: Option<Kind>, rule: &'static str) -> Found {
        // In a scenario nobody runs a command: the file says it all.
        let captured = self.network.coverage != Coverage::Stated;
        let call = kind.filter(|_| captured).and_then(|kind| models::call(kind.word()));
        let command = call.map(|call| call.command.replace("<vpc-id>", self.vpc.id.as_str()));
        let what = format!("cannot be told without {fact}");
        (Resolved::Unknown(Missing { fact, command }), what, rule)
    }

    /// DN-01, DN-02: which resolver is asked, and whether it answers.
    fn server(&mut self) -> Option<Found> {
        if let Some(id) = &self.vpc.dhcp_options {
            let Some(options) = self.network.dhcp_options.get(id) else {
                let fact = format!("the DHCP option set {id} of vpc {}", self.label());
                return Some(self.unknown(fact, Some(Kind::DhcpOptions), "DN-01"));
            };
            let own = self.vpc.cidrs.iter().find_map(|cidr| match cidr {
                ipnet::IpNet::V4(net) => u32::from(net.network()).checked_add(2),
                ipnet::IpNet::V6(_) => None,
            });
            let amazon = |server: &NameServer| match server {
                NameServer::Amazon => true,
                NameServer::Address(IpAddr::V4(address)) => {
                    *address == RESOLVER || Some(u32::from(*address)) == own
                }
                NameServer::Address(IpAddr::V6(_)) => false,
            };
            if options.name_servers.is_empty() || !options.name_servers.iter().all(amazon) {
                let fact = format!(
                    "what the name servers of DHCP option set {} answer: this version asks the VPC resolver only",
                    options.label()
                );
                return Some(self.unknown(fact, None, "DN-01"));
            }
        } else if self.network.coverage != Coverage::Stated {
            self.assumptions.push(Assumption {
                name: "DHCP_OPTIONS_DEFAULT_IS_AMAZON_DNS".into(),
                value: "true".into(),
                rule: RuleId::new("DN-01"),
            });
        }
        match self.vpc.dns_support {
            Some(true) => None,
            Some(false) => {
                let what = format!("no answer: vpc {} has enableDnsSupport off", self.label());
                let code = Code::new("VPC_DNS_SUPPORT_OFF");
                Some((Resolved::Nothing { code, what: what.clone() }, what, "DN-02"))
            }
            None => {
                let fact = format!("the attribute enableDnsSupport of vpc {}", self.label());
                Some(self.unknown(fact, Some(Kind::VpcAttribute), "DN-02"))
            }
        }
    }

    /// IE-06: the endpoint whose private DNS answers for the name in this VPC, if one does.
    fn private_endpoint(
        &mut self,
        service: &models::Service,
        region: &str,
        host: &str,
    ) -> Result<Option<&'n VpcEndpoint>, Found> {
        let network = self.network;
        let scope = &self.vpc.about.scope;
        if !network.coverage.covers(scope, Kind::VpcEndpoint) {
            let fact = format!("the endpoints of vpc {}", self.label());
            return Err(self.unknown(fact, Some(Kind::VpcEndpoint), "IE-06"));
        }
        let own_region = scope.region.as_deref();
        let of_service = network.vpc_endpoints.values().filter(|endpoint| {
            let endpoint_region = endpoint.service_region.as_deref().or(own_region);
            endpoint.vpc == self.vpc.id
                && endpoint.endpoint_type == EndpointType::Interface
                && endpoint_region.is_none_or(|at| at == region)
                && models::service(&endpoint.service_name) == Some(service)
        });
        for endpoint in of_service {
            let label = endpoint.label();
            if !endpoint.private_dns {
                self.note("ENDPOINT_PRIVATE_DNS_OFF", format!("endpoint {label} has private DNS off, so the service's own name does not lead to it"));
                continue;
            }
            if endpoint.private_dns_only_for_inbound_resolver {
                // GE-09
                self.note(
                    "ENDPOINT_PRIVATE_DNS_OFF",
                    format!(
                        "endpoint {label} answers private names to inbound Resolver endpoints only"
                    ),
                );
                continue;
            }
            if !overrides(endpoint, service, region, host) {
                continue;
            }
            match endpoint.state.to_ascii_lowercase().as_str() {
                "available" => {}
                "partial" => self.assumptions.push(Assumption {
                    name: "VPCE_PARTIAL_USABLE".into(),
                    value: "true".into(),
                    rule: RuleId::new("IE-06"),
                }),
                state if state.starts_with("pending") => {
                    let fact = format!("endpoint {label} in its final state: it is {state}");
                    return Err(self.unknown(fact, None, "IE-06"));
                }
                state => {
                    self.note(
                        "BAD_STATE",
                        format!("endpoint {label} is {state}, so it is not used"),
                    );
                    continue;
                }
            }
            match self.vpc.dns_hostnames {
                Some(true) => return Ok(Some(endpoint)),
                Some(false) => self.note("ENDPOINT_PRIVATE_DNS_OFF", format!("vpc {} has enableDnsHostnames off, so the private DNS of endpoint {label} does not work", self.vpc.label())),
                None => {
                    let fact = format!("the attribute enableDnsHostnames of vpc {}", self.label());
                    return Err(self.unknown(fact, Some(Kind::VpcAttribute), "IE-06"));
                }
            }
        }
        Ok(None)
    }

    fn note(&mut self, code: &'static str, text: String) {
        self.findings.push(Finding { code: Code::new(code), text });
    }

    /// DN-04, DN-05: a private hosted zone or a forwarding rule that holds the name. Both are read
    /// but not followed, so where one may apply, the answer is unknown.
    fn other_zone(&mut self, host: &str, endpoint: bool) -> Option<Found> {
        let scope = &self.vpc.about.scope;
        if !self.network.coverage.covers(scope, Kind::HostedZone) {
            let fact = format!("the private hosted zones of vpc {}", self.label());
            return Some(self.unknown(fact, Some(Kind::HostedZone), "DN-04"));
        }
        if !self.network.coverage.covers(scope, Kind::ResolverRule) {
            self.assumptions.push(Assumption {
                name: "NO_RESOLVER_RULES_WHEN_NOT_CAPTURED".into(),
                value: "true".into(),
                rule: RuleId::new("DN-04"),
            });
        }
        // DN-06: zones need both attributes.
        let both = self.vpc.dns_support == Some(true) && self.vpc.dns_hostnames != Some(false);
        let here = |zone: &&HostedZone| {
            both && zone.private
                && zone.vpcs.as_ref().is_none_or(|vpcs| vpcs.contains(&self.vpc.id))
                && holds(&zone.domain, host)
        };
        if let Some(zone) = self.network.hosted_zones.values().find(here) {
            let fact = format!(
                "the records of private hosted zone {}: this version does not read them",
                zone.domain
            );
            return Some(self.unknown(fact, None, "DN-05"));
        }
        let forwards =
            |rule: &&ResolverRule| rule.rule_type == "FORWARD" && holds(&rule.domain, host);
        if let Some(rule) = self.network.resolver_rules.values().find(forwards) {
            let shorter = rule.domain.trim_matches('.') != host;
            if endpoint && shorter {
                self.assumptions.push(Assumption {
                    name: "HIDDEN_ZONE_IS_PHZ".into(),
                    value: "true".into(),
                    rule: RuleId::new("DN-04"),
                });
                return None;
            }
            let fact = format!("what Resolver rule {} for `{}` answers", rule.label(), rule.domain);
            return Some(self.unknown(fact, None, "DN-04"));
        }
        None
    }

    fn endpoint_interfaces(&self, endpoint: &VpcEndpoint) -> Found {
        let label = endpoint.label();
        let interfaces: Vec<_> = endpoint
            .interfaces
            .iter()
            .filter(|id| self.network.interfaces.contains_key(*id))
            .cloned()
            .collect();
        if interfaces.is_empty() {
            let fact = format!("the interfaces of endpoint {label}");
            return self.unknown(fact, Some(Kind::NetworkInterface), "IE-01");
        }
        let what = format!("the interfaces of endpoint {label}, by its private DNS");
        (Resolved::Interfaces(interfaces), what, "IE-06")
    }

    fn public(&self, service: &models::Service, region: &str) -> Found {
        let name = service.endpoint_name(region);
        let listed = self.network.prefix_lists.values().find(|list| {
            list.about.name.as_deref().is_some_and(|list| list.trim_start_matches("cn.") == name)
        });
        let entries = listed.and_then(|list| list.entries.as_ref());
        let because = match self.findings.is_empty() {
            true => format!("vpc {} has no interface endpoint for {name}", self.label()),
            false => format!("no endpoint of vpc {} answers for it", self.label()),
        };
        let what = format!("public addresses, because {because}");
        let resolved = match entries {
            Some(entries) if service.has_gateway_endpoint => {
                let v4 = AddressSet::from_nets(entries).v4;
                Resolved::Public { addresses: AddressSet::from_v4(v4), symbol: None }
            }
            _ => Resolved::Public {
                addresses: AddressSet::from_v4(public_ipv4().clone()),
                symbol: Some(match listed.and_then(|list| list.about.name.as_deref()) {
                    Some(own) => Symbol::new(own),
                    None => Symbol::new(&name),
                }),
            },
        };
        (resolved, what, "DN-04")
    }
}

/// Whether an endpoint's private DNS overrides the name: as the capture says, else as documented.
fn overrides(endpoint: &VpcEndpoint, service: &models::Service, region: &str, host: &str) -> bool {
    let matches = |name: &str| match name.trim_end_matches('.').strip_prefix("*.") {
        Some(parent) => host.strip_suffix(parent).is_some_and(|rest| rest.ends_with('.')),
        None => name.trim_end_matches('.') == host,
    };
    match endpoint.private_dns_names.is_empty() {
        true => service.private_dns_names(region).any(|name| matches(&name)),
        false => endpoint.private_dns_names.iter().any(|name| matches(name)),
    }
}

/// Whether a domain holds a host name.
fn holds(domain: &str, host: &str) -> bool {
    let domain = domain.trim_matches('.');
    domain.is_empty()
        || host == domain
        || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
}
