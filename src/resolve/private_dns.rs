//! The hidden zones that interface endpoints bring along (IE-06).

use super::{Found, Lookup, Outside, Resolved};
use crate::header::Family;
use crate::models;
use crate::network::{EndpointType, Kind, Resource, Vpc, VpcEndpoint};

/// An endpoint whose private DNS holds a name.
pub(super) struct Hidden<'n> {
    pub endpoint: &'n VpcEndpoint,
    /// The domain of its hidden zone.
    pub domain: String,
}

impl<'n> Lookup<'n> {
    /// IE-06: the endpoint whose private DNS answers for the name in this VPC, if one does.
    pub(super) fn hidden_zone(
        &mut self,
        host: &str,
        outside: Outside<'_>,
    ) -> Result<Option<Hidden<'n>>, Box<Found>> {
        let network = self.network;
        let scope = &self.vpc.about.scope;
        if !network.coverage.covers(scope, Kind::VpcEndpoint) {
            let fact = format!("the endpoints of vpc {}", self.label());
            return Err(Box::new(self.unknown(fact, Some("VpcEndpoints"), None, "IE-06")));
        }
        let own_region = scope.region.as_deref();
        let here = network
            .vpc_endpoints
            .referring_to(self.vpc.id.as_str())
            .filter(|endpoint| endpoint.vpc == self.vpc.id && has_names(endpoint));
        let mut best: Option<Hidden<'n>> = None;
        for endpoint in here {
            let service = models::service(&endpoint.service_name);
            let region = endpoint.service_region.as_deref().or(own_region);
            let meant = match outside {
                Outside::Service(asked, at) => {
                    service == Some(asked) && region.is_none_or(|region| region == at)
                }
                _ => false,
            };
            let region = region.or(match outside {
                Outside::Service(_, at) => Some(at),
                _ => None,
            });
            let Some(domain) = overridden(endpoint, service, region, host) else {
                if meant && !endpoint.private_dns {
                    self.private_dns_off(endpoint);
                }
                continue;
            };
            if !endpoint.private_dns {
                self.private_dns_off(endpoint);
                continue;
            }
            if endpoint.private_dns_only_for_inbound_resolver {
                // GE-09
                let label = endpoint.label();
                let text = format!(
                    "endpoint {label} answers private names to inbound Resolver endpoints only"
                );
                self.note("ENDPOINT_PRIVATE_DNS_OFF", text);
                continue;
            }
            if !self.in_use(endpoint)? {
                continue;
            }
            if endpoint.private_dns_names.is_empty() && region.is_some_and(documented_elsewhere) {
                let known = self.assumes("CN_GOV_NAMES_AS_TABLE", "DN-04");
                if !known {
                    let fact = format!("the names that endpoint {} answers for", endpoint.label());
                    return Err(Box::new(self.unknown(fact, Some("VpcEndpoints"), None, "DN-04")));
                }
            }
            if !self.private_names_work(endpoint)? {
                continue;
            }
            if best.as_ref().is_none_or(|best| best.domain.len() < domain.len()) {
                best = Some(Hidden { endpoint, domain });
            }
        }
        Ok(best)
    }

    fn private_dns_off(&mut self, endpoint: &VpcEndpoint) {
        let label = endpoint.label();
        let text = format!(
            "endpoint {label} has private DNS off, so the service's own name does not lead to it"
        );
        self.note("ENDPOINT_PRIVATE_DNS_OFF", text);
    }

    /// Whether an endpoint's state lets it answer.
    fn in_use(&mut self, endpoint: &VpcEndpoint) -> Result<bool, Box<Found>> {
        let label = endpoint.label();
        match endpoint.state.to_ascii_lowercase().as_str() {
            "available" => Ok(true),
            "partial" => Ok(self.assumes("VPCE_PARTIAL_USABLE", "IE-06")),
            state if state.starts_with("pending") => {
                let fact = format!("endpoint {label} in its final state: it is {state}");
                Err(Box::new(self.unknown(fact, None, None, "IE-06")))
            }
            state => {
                self.note("BAD_STATE", format!("endpoint {label} is {state}, so it is not used"));
                Ok(false)
            }
        }
    }

    /// IE-06: private DNS needs the VPC's second attribute, too.
    fn private_names_work(&mut self, endpoint: &VpcEndpoint) -> Result<bool, Box<Found>> {
        match self.vpc.dns_hostnames {
            Some(true) => Ok(true),
            Some(false) => {
                let text = format!(
                    "vpc {} has enableDnsHostnames off, so the private DNS of endpoint {} does not work",
                    self.label(),
                    endpoint.label()
                );
                self.note("ENDPOINT_PRIVATE_DNS_OFF", text);
                Ok(false)
            }
            None => {
                let fact = format!("the attribute enableDnsHostnames of vpc {}", self.label());
                Err(Box::new(self.unknown(fact, Some("EnableDnsHostnames"), None, "IE-06")))
            }
        }
    }

    /// The interfaces of an endpoint that answers for the name.
    pub(super) fn endpoint(&mut self, hidden: &Hidden<'_>) -> Found {
        let label = hidden.endpoint.label();
        // DN-11
        if hidden.domain.starts_with("execute-api.") {
            let text = format!(
                "endpoint {label} answers for every API of API Gateway in the Region: a public or \
                 Regional one, called by its default name, answers 403 from here"
            );
            self.note("PUBLIC_APIS_HIDDEN", text);
        }
        // IE-09: whether the name's AAAA side is the endpoint's.
        if self.family == Family::V6 && hidden.endpoint.families.has(Family::V6) {
            match hidden.endpoint.dns_records {
                Some(records) if records.has(Family::V6) => {}
                Some(_) => {
                    let why = format!("endpoint {label} gives A records only");
                    return self.without_ipv6(&why, "IE-09");
                }
                None => self.guess(format!(
                    "whether endpoint {label} gives AAAA records (DnsOptions.DnsRecordIpType)"
                )),
            }
        }
        let what = format!("the interfaces of endpoint {label}, by its private DNS");
        self.interfaces_of(hidden.endpoint, |_| true, what, "IE-06")
    }

    /// Those interfaces of an endpoint that a name leads to (IE-03).
    pub(super) fn interfaces_of(
        &self,
        endpoint: &VpcEndpoint,
        meant: impl Fn(&crate::network::NetworkInterface) -> bool,
        what: String,
        rule: &'static str,
    ) -> Found {
        if self.family == Family::V6 && !endpoint.families.has(Family::V6) {
            let why = format!("endpoint {} has IPv4 only", endpoint.label());
            return self.without_ipv6(&why, "IE-09");
        }
        let known = endpoint.interfaces.iter().filter_map(|id| self.network.interfaces.get(id));
        let known = known.filter(|one| !one.private_addresses().of_family(self.family).is_empty());
        let interfaces: Vec<_> = known.filter(|one| meant(one)).map(|one| one.id.clone()).collect();
        if interfaces.is_empty() {
            let fact = format!("the interfaces of endpoint {}", endpoint.label());
            return self.unknown(fact, Some("NetworkInterfaces"), None, "IE-01");
        }
        Found { resolved: Resolved::Interfaces(interfaces), what, rule }
    }
}

/// Whether an endpoint's private DNS answers for a name in its own VPC.
pub(super) fn answers_for(
    endpoint: &VpcEndpoint,
    vpc: &Vpc,
    outside: Outside<'_>,
    host: &str,
) -> bool {
    let region = endpoint.service_region.as_deref().or(vpc.about.scope.region.as_deref());
    let region = region.or(match outside {
        Outside::Service(_, at) => Some(at),
        _ => None,
    });
    has_names(endpoint)
        && endpoint.private_dns
        && !endpoint.private_dns_only_for_inbound_resolver
        && overridden(endpoint, models::service(&endpoint.service_name), region, host).is_some()
}

/// The domain of an endpoint's hidden zone that holds the name: as the capture says, else as
/// documented (DN-15).
fn overridden(
    endpoint: &VpcEndpoint,
    service: Option<&'static models::Service>,
    region: Option<&str>,
    host: &str,
) -> Option<String> {
    let names: Vec<String> = match (endpoint.private_dns_names.is_empty(), service, region) {
        (false, ..) => endpoint.private_dns_names.clone(),
        (true, Some(service), Some(region)) => service.private_dns_names(region).collect(),
        (true, ..) => Vec::new(),
    };
    let held = names.iter().map(|name| name.trim_end_matches('.')).filter(|name| {
        match name.strip_prefix("*.") {
            Some(parent) => host.strip_suffix(parent).is_some_and(|rest| rest.ends_with('.')),
            None => *name == host,
        }
    });
    let domains = held.map(|name| name.strip_prefix("*.").unwrap_or(name));
    domains.max_by_key(|domain| domain.len()).map(str::to_owned)
}

/// Whether an endpoint may have private DNS: one with interfaces, whatever is behind them.
fn has_names(endpoint: &VpcEndpoint) -> bool {
    match &endpoint.endpoint_type {
        EndpointType::Interface => true,
        EndpointType::Other(name) => name == "Tunnel",
        EndpointType::Gateway | EndpointType::GatewayLoadBalancer => false,
    }
}

/// Partitions of which the documentation does not list every name.
fn documented_elsewhere(region: &str) -> bool {
    matches!(models::partition(region), "aws-cn" | "aws-us-gov")
}
