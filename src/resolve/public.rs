//! What public DNS answers for AWS's own names.

use super::{Found, Lookup, Outside, Resolved};
use crate::header::{AddressSet, Family};
use crate::models;

impl Lookup<'_> {
    /// What answers where no zone or rule of the VPC does.
    pub(super) fn outside(&mut self, host: &str, outside: Outside<'_>) -> Vec<Found> {
        vec![match outside {
            Outside::Service(service, region) => self.public(service, region, host),
            Outside::Set(set) => {
                if self.family == Family::V6 {
                    self.guess(format!("whether {host} has IPv6 addresses"));
                }
                let resolved = self.public_set(set, set);
                Found { resolved, what: "public addresses".to_owned(), rule: "DN-04" }
            }
            Outside::Anyone => self.anyone(host),
        }]
    }

    /// The public addresses of an AWS service.
    pub(super) fn public(&mut self, service: &models::Service, region: &str, host: &str) -> Found {
        let name = service.endpoint_name(region);
        let v6_name = name.replacen(region, &format!("{region}.ipv6"), 1);
        let wanted = if self.family == Family::V6 { &v6_name } else { &name };
        let listed = self.network.prefix_lists.values().find(|list| {
            list.about.name.as_deref().is_some_and(|list| list.trim_start_matches("cn.") == wanted)
        });
        let entries = listed.and_then(|list| list.entries.as_ref());
        let because = match self.findings.iter().any(|one| one.code.0 != "DNS_FIREWALL_PRESENT") {
            false => format!("vpc {} has no interface endpoint for {name}", self.label()),
            true => format!("no endpoint of vpc {} answers for it", self.label()),
        };
        let mut what = format!("public addresses, because {because}");
        if self.family == Family::V6 {
            match models::has_ipv6(service, region, host) {
                // IMG-09
                Some(false) => {
                    return self.without_ipv6(&format!("{host} has no IPv6 address"), "IMG-09");
                }
                Some(true) => {}
                None => self.guess(format!("whether {host} has IPv6 addresses")),
            }
            what = format!("public IPv6 addresses, because {because}");
        }
        let resolved = match entries {
            Some(entries) if service.has_gateway_endpoint => {
                let addresses = AddressSet::from_nets(entries).of_family(self.family);
                Resolved::Public { addresses, symbol: None }
            }
            _ => {
                let own = listed.and_then(|list| list.about.name.as_deref());
                self.public_set(own.unwrap_or(&name), own.unwrap_or(&v6_name))
            }
        };
        Found { resolved, what, rule: "DN-04" }
    }
}
