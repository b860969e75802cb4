//! Names that AWS gives to the things of a network.

use super::{Found, Lookup, Resolved, holds};
use crate::header::Family;
use crate::models;
use crate::network::{LoadBalancerId, NetworkInterface, PublicAddress, Resource, VpcEndpointId};
use std::net::{IpAddr, Ipv4Addr};

/// The domain of private EC2 names in the oldest Region; elsewhere the Region is in the name.
const OLDEST: (&str, &str) = ("us-east-1", "ec2.internal");

/// Last labels of names that only a private zone can hold (RFC 6761, RFC 6762, ICANN's `internal`).
const PRIVATE: [&str; 8] =
    ["internal", "local", "localhost", "localdomain", "lan", "home", "corp", "test"];

impl Lookup<'_> {
    /// The autodefined domain of private EC2 names that holds the name (DN-04).
    pub(super) fn compute_domain<'h>(&self, host: &'h str) -> Option<&'h str> {
        if self.vpc.dns_hostnames == Some(false) {
            return None;
        }
        let (first, domain) = host.split_once('.')?;
        let compute = domain == OLDEST.1 || domain.ends_with(".compute.internal");
        (compute && (first.starts_with("ip-") || first.starts_with("i-"))).then_some(domain)
    }

    /// What a name of something in the network leads to.
    pub(super) fn thing(&mut self, host: &str) -> Option<Found> {
        if host.ends_with(".vpce.amazonaws.com") || host.ends_with(".vpce.amazonaws.com.cn") {
            return Some(self.endpoint_name(host));
        }
        if host.contains(".elb.") && host.contains(".amazonaws.com") {
            return Some(self.balancer_name(host));
        }
        let found = self.private_name(host).or_else(|| self.public_name(host))?;
        Some(match self.family {
            Family::V4 => found,
            Family::V6 => {
                self.without_ipv6(&format!("{host} is a name of an IPv4 address"), "DN-04")
            }
        })
    }

    /// IE-07: `vpce-id-hash.service.region.vpce.amazonaws.com`, with a zone behind the hash for one
    /// zone's interface.
    fn endpoint_name(&mut self, host: &str) -> Found {
        let first = host.trim_start_matches("*.").split('.').next().unwrap_or_default();
        let mut parts = first.splitn(4, '-');
        let id = match (parts.next(), parts.next()) {
            (Some("vpce"), Some(number)) => format!("vpce-{number}"),
            _ => first.to_owned(),
        };
        let zone = parts.nth(1).map(str::to_owned);
        self.endpoint_by_id(&id, zone.as_deref())
    }

    /// The interfaces of an endpoint, or that of one zone.
    pub(super) fn endpoint_by_id(&mut self, id: &str, zone: Option<&str>) -> Found {
        let Some(endpoint) = self.network.vpc_endpoints.get(&VpcEndpointId::from(id)) else {
            let fact = format!("the endpoint {id} and its interfaces");
            return self.unknown(fact, Some("VpcEndpoints"), None, "IE-07");
        };
        if !endpoint.state.eq_ignore_ascii_case("available")
            && !endpoint.state.eq_ignore_ascii_case("partial")
        {
            let what = format!("endpoint {} is {}", endpoint.label(), endpoint.state);
            return Found::nothing("BAD_STATE", what, "IE-07");
        }
        let in_zone = |one: &NetworkInterface| {
            let subnet = self.network.subnets.get(&one.subnet);
            zone.is_none_or(|zone| {
                subnet.is_some_and(|subnet| subnet.zone.name.as_deref() == Some(zone))
            })
        };
        let what = match zone {
            Some(zone) => format!("the interface of endpoint {} in {zone}", endpoint.label()),
            None => format!("the interfaces of endpoint {}", endpoint.label()),
        };
        self.interfaces_of(endpoint, in_zone, what, "IE-07")
    }

    fn balancer_name(&mut self, host: &str) -> Found {
        let plain = host.strip_prefix("dualstack.").unwrap_or(host);
        let mut all = self.network.load_balancers.values();
        let named = all.find(|one| {
            one.dns_name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(plain))
        });
        match named.map(|one| one.id.clone()) {
            Some(id) => self.balancer_by_id(&id),
            None => {
                let fact = format!("the load balancer that is called {plain}");
                self.unknown(fact, Some("LoadBalancers"), None, "LBC-01")
            }
        }
    }

    pub(super) fn balancer_by_id(&mut self, id: &LoadBalancerId) -> Found {
        let found = self.network.load_balancers.get(id);
        let label = found.map_or(id.as_str(), Resource::label);
        if self.family == Family::V6 && !found.is_some_and(|one| one.families.has(Family::V6)) {
            return self.without_ipv6(&format!("load balancer {label} has IPv4 only"), "LBT-09");
        }
        let what = format!("the nodes of load balancer {label}");
        Found { resolved: Resolved::LoadBalancer(id.clone()), what, rule: "LBC-01" }
    }

    /// `ip-10-0-1-5.us-west-2.compute.internal`
    fn private_name(&mut self, host: &str) -> Option<Found> {
        let domain = self.compute_domain(host)?;
        let region = self.vpc.about.scope.region.as_deref();
        let here = match region {
            Some(region) if region == OLDEST.0 => domain == OLDEST.1,
            Some(region) => domain.strip_suffix(".compute.internal") == Some(region),
            None => false,
        };
        let address = host.split('.').next().and_then(|first| dashed(first, "ip-"));
        match (here, address) {
            (true, Some(address)) => {
                let what = format!("{address}, the private name of that address");
                let resolved = Resolved::Addresses(vec![IpAddr::V4(address)]);
                Some(Found { resolved, what, rule: "DN-04" })
            }
            // DN-06: across a transit gateway, depending on its DNS support.
            _ => {
                let fact = format!("the address of {host}");
                Some(self.unknown(fact, None, None, "DN-06"))
            }
        }
    }

    /// DN-07: `ec2-203-0-113-5.compute-1.amazonaws.com` is the private address inside the VPC, if
    /// both attributes are on, and the public one outside.
    fn public_name(&mut self, host: &str) -> Option<Found> {
        let (first, domain) = host.split_once('.')?;
        let compute = domain.starts_with("compute-1.amazonaws.com")
            || domain
                .split_once('.')
                .is_some_and(|(_, rest)| rest.starts_with("compute.amazonaws."));
        let public = dashed(first, "ec2-").filter(|_| compute)?;
        let owner = self.network.interfaces.values().find_map(|one| {
            let own =
                one.addresses.iter().find(|own| own.public == Some(PublicAddress::Known(public)));
            own.map(|own| (&one.vpc, own.address))
        });
        let both = self.vpc.dns_hostnames;
        let (address, what) = match owner {
            Some((vpc, private)) if *vpc == self.vpc.id => match both {
                Some(true) => (private, "the private address behind it, as inside its VPC"),
                Some(false) => {
                    (IpAddr::V4(public), "its public address: enableDnsHostnames is off")
                }
                None => {
                    let fact = format!("the attribute enableDnsHostnames of vpc {}", self.label());
                    return Some(self.unknown(fact, Some("EnableDnsHostnames"), None, "DN-07"));
                }
            },
            Some(_) if self.connected() => {
                let fact = format!(
                    "whether the connection between the VPCs resolves {host} to a private address"
                );
                return Some(self.unknown(fact, None, None, "DN-07"));
            }
            _ => (IpAddr::V4(public), "its public address, as outside its VPC"),
        };
        let what = format!("{address}, {what}");
        Some(Found { resolved: Resolved::Addresses(vec![address]), what, rule: "DN-07" })
    }

    /// Whether anything here connects VPCs.
    fn connected(&self) -> bool {
        let kinds = ["peering connection", "transit gateway", "transit gateway attachment"];
        self.network.others.values().any(|other| kinds.contains(&other.kind.as_str()))
    }

    /// A name that no zone of the VPC and nothing here answers for.
    pub(super) fn anyone(&mut self, host: &str) -> Found {
        if let Some(found) = self.thing(host) {
            return found;
        }
        let name = host.trim_end_matches('.');
        if let Some(service) = models::service_of_host(host) {
            let asked = name.to_owned();
            return self.public(service.service, &service.region, &asked);
        }
        let last = name.rsplit('.').next().unwrap_or(name);
        // Databases and the like have names of AWS's that give private addresses.
        let private = !name.contains('.')
            || PRIVATE.contains(&last)
            || ["amazonaws.com", "amazonaws.com.cn"].iter().any(|domain| holds(domain, name));
        if private || !self.assumes("HOST_HAS_PUBLIC_ADDRESSES", "IMG-13") {
            let fact = format!("which addresses {host} has");
            return self.unknown(fact, None, None, "DN-04");
        }
        if self.family == Family::V6 {
            self.guess(format!("whether {host} has IPv6 addresses"));
        }
        let resolved = self.public_set(host, host);
        Found { resolved, what: "public addresses".to_owned(), rule: "DN-04" }
    }
}

/// The address in `ip-10-0-1-5`.
fn dashed(label: &str, prefix: &str) -> Option<Ipv4Addr> {
    label.strip_prefix(prefix)?.replace('-', ".").parse().ok()
}
