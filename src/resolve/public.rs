//! What public DNS answers for AWS's own names.

use super::{Found, Lookup, Outside, Resolved};
use crate::header::{AddressSet, Symbol, public_ipv4};
use crate::models;

impl Lookup<'_> {
    /// What answers where no zone or rule of the VPC does.
    pub(super) fn outside(&mut self, host: &str, outside: Outside<'_>) -> Vec<Found> {
        vec![match outside {
            Outside::Service(service, region) => self.public(service, region),
            Outside::Set(set) => {
                let addresses = AddressSet::from_v4(public_ipv4().clone());
                let resolved = Resolved::Public { addresses, symbol: Some(Symbol::new(set)) };
                Found { resolved, what: "public addresses".to_owned(), rule: "DN-04" }
            }
            Outside::Anyone => self.anyone(host),
        }]
    }

    /// The public addresses of an AWS service.
    pub(super) fn public(&self, service: &models::Service, region: &str) -> Found {
        let name = service.endpoint_name(region);
        let listed = self.network.prefix_lists.values().find(|list| {
            list.about.name.as_deref().is_some_and(|list| list.trim_start_matches("cn.") == name)
        });
        let entries = listed.and_then(|list| list.entries.as_ref());
        let because = match self.findings.iter().any(|one| one.code.0 != "DNS_FIREWALL_PRESENT") {
            false => format!("vpc {} has no interface endpoint for {name}", self.label()),
            true => format!("no endpoint of vpc {} answers for it", self.label()),
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
        Found { resolved, what, rule: "DN-04" }
    }
}
