//! Places that the input names and does not hold.

use super::World;
use super::client::{Client, describe};
use crate::answer::{End, Missing, Party, ResourceRef};
use crate::header::{AddressSet, PortSet};
use crate::models;
use crate::network::{Kind, SubnetId, left_open};
use std::collections::BTreeSet;

impl World {
    /// PLC-01: the subnets that something is in, or may be, and that the input does not hold; all of
    /// them, where it names none.
    pub(super) fn absent_subnets<'s>(
        &self,
        subnets: impl IntoIterator<Item = &'s SubnetId>,
        kind: Kind,
        label: &str,
    ) -> Vec<Missing> {
        let command = |kind: Kind| models::call(kind.word()).map(|call| call.command.to_owned());
        let whose = describe(kind, label);
        let subnets: BTreeSet<&SubnetId> = subnets.into_iter().collect();
        if subnets.is_empty() {
            let fact = format!("the subnets of {whose}");
            return vec![Missing { fact, command: command(kind) }];
        }
        let absent = subnets.into_iter().filter(|id| !self.network.subnets.contains_key(*id));
        let missing = absent.map(|id| match left_open(id.as_str()) {
            Some(open) => {
                let fact = format!("what {open} comes to, which names subnets of {whose}");
                Missing { fact, command: None }
            }
            None => Missing {
                fact: format!("subnet {id}, one of those of {whose}"),
                command: command(Kind::Subnet),
            },
        });
        missing.collect()
    }
}

/// A client of which is not known from where it sends.
pub(super) fn unplaced(resource: ResourceRef, missing: Missing) -> Client {
    Client {
        end: End {
            resource,
            subnet: None,
            addresses: "not known".to_owned(),
            port: None,
            ports: None,
        },
        party: Party::Elsewhere { addresses: AddressSet::empty(), symbol: None },
        ipv6: None,
        only: None,
        vpc: None,
        ports: PortSet::empty(),
        ports_certain: false,
        findings: Vec::new(),
        assumptions: Vec::new(),
        missing: Some(missing),
    }
}
