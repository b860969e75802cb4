//! What a transit gateway's DNS support might make of a name (DN-06).

use super::private_dns::answers_for;
use super::{Found, Lookup, Outside, holds, within};
use crate::network::{Attached, HostedZone, Resource, Vpc, VpcId};
use std::collections::BTreeSet;

/// The open point of DN-06.
const HOSTNAMES_ONLY: &str = "TGW_DNS_SUPPORT_HOSTNAMES_ONLY";

impl Lookup<'_> {
    /// What is not known of a name to which a VPC across a transit gateway has a private answer,
    /// where the transit gateway's DNS support is not taken to leave such names alone.
    pub(super) fn across_transit(&mut self, host: &str, outside: Outside<'_>) -> Option<Found> {
        let other = self.answered_across(host, outside)?.label().to_owned();
        if self.assumes(HOSTNAMES_ONLY, "DN-06") {
            return None;
        }
        let fact = format!(
            "whether the transit gateway's DNS support gives {host} the private answer of vpc {other} \
             ({HOSTNAMES_ONLY})"
        );
        Some(self.unknown(fact, None, None, "DN-06"))
    }

    /// A VPC across a transit gateway that has a private answer for the name.
    fn answered_across(&self, host: &str, outside: Outside<'_>) -> Option<&crate::network::Vpc> {
        let network = self.network;
        let attached = |vpc: &VpcId| -> BTreeSet<&str> {
            let all = network.transit_gateway_attachments.referring_to(vpc.as_str());
            let own = all
                .filter(|one| matches!(&one.attached, Attached::Vpc { vpc: of, .. } if of == vpc));
            own.map(|one| one.transit_gateway.as_str()).collect()
        };
        let hubs = attached(&self.vpc.id);
        if hubs.is_empty() {
            return None;
        }
        // The cheap question last: only who has an answer has to be across.
        let across = |vpc: &Vpc| {
            vpc.id != self.vpc.id && attached(&vpc.id).iter().any(|hub| hubs.contains(hub))
        };
        let zones: Vec<&HostedZone> = within(host)
            .flat_map(|domain| network.hosted_zones.referring_to(domain))
            .filter(|zone| zone.private && holds(&zone.domain, host))
            .collect();
        network.vpcs.values().find(|vpc| {
            let in_zone = zones
                .iter()
                .any(|zone| zone.vpcs.as_ref().is_some_and(|vpcs| vpcs.contains(&vpc.id)));
            let endpoints = network.vpc_endpoints.referring_to(vpc.id.as_str());
            let mut endpoints = endpoints.filter(|one| one.vpc == vpc.id);
            let answers =
                in_zone || endpoints.any(|endpoint| answers_for(endpoint, vpc, outside, host));
            answers && across(vpc)
        })
    }
}
