//! Zones: targets that a load balancer does not use, nodes that have no target.

use super::concern;
use crate::answer::{Concern, Severity};
use crate::ecs::legs::{Leg, Pairing, legs, pairing, spreads};
use crate::ecs::targets::target_subnets;
use crate::network::{Network, Resource, Service, Subnet};
use std::collections::BTreeSet;

/// What the zones of the service's subnets and of its load balancers bring about.
pub(super) fn concerns(network: &Network, service: &Service) -> Vec<Concern> {
    legs(network, service).iter().flat_map(|leg| of_leg(network, service, leg)).collect()
}

fn of_leg(network: &Network, service: &Service, leg: &Leg<'_>) -> Vec<Concern> {
    let subnet = |id| network.subnets.get(id);
    let targets = target_subnets(network, service);
    let nodes: Vec<&Subnet> = leg.balancer.subnets.iter().filter_map(subnet).collect();
    let pair = |node: &Subnet, target: &Subnet| {
        pairing(network, leg.balancer, leg.group, &node.id, &target.id)
    };
    let mut concerns = Vec::new();
    if targets.is_empty() {
        return concerns;
    }
    // LBT-10
    let unused: Vec<&Subnet> = targets
        .iter()
        .copied()
        .filter(|target| nodes.iter().any(|node| pair(node, target) == Pairing::ZoneNotEnabled))
        .collect();
    if !unused.is_empty() {
        let zones: BTreeSet<String> = unused.iter().map(|one| one.zone.to_string()).collect();
        let zones: Vec<String> = zones.into_iter().collect();
        let names: Vec<&str> = unused.iter().map(|one| one.label()).collect();
        let (severity, whom) = match unused.len() == targets.len() {
            true => (Severity::Stops, "every target"),
            false => (Severity::Warning, "a target"),
        };
        let what = format!(
            "has no subnet in {}: {whom} of service {} in {} stays unused (Target.NotInUse) and gets no requests",
            zones.join(", "),
            service.label(),
            names.join(", ")
        );
        concerns.push(concern(leg.balancer, severity, "TARGET_ZONE_NOT_ENABLED", what, "LBT-10"));
    }
    // LBT-11
    if !spreads(leg.balancer, leg.group) {
        let idle: BTreeSet<String> = nodes
            .iter()
            .filter(|node| targets.iter().all(|target| pair(node, target) != Pairing::Serves))
            .map(|node| node.zone.to_string())
            .collect();
        let idle: Vec<String> = idle.into_iter().collect();
        if !idle.is_empty() {
            let what = format!(
                "has cross-zone load balancing off, and service {} has no subnet in {}: requests to the nodes there fail",
                service.label(),
                idle.join(", ")
            );
            let code = "CROSS_ZONE_OFF_EMPTY_ZONE";
            concerns.push(concern(leg.balancer, Severity::Warning, code, what, "LBT-11"));
        }
    }
    concerns
}
