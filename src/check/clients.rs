//! The clients' way to a service's load balancers (LBC-01).

use super::services::{flow, missing};
use super::{CheckedFlow, Role};
use crate::ecs::{legs, weights};
use crate::network::{Listener, Resource, RuleAction, Scheme, Service, TargetGroupId};
use crate::query::World;
use std::collections::BTreeSet;

/// The internet's way to every listener of an internet-facing load balancer that forwards to the
/// service. Of the clients of an internal one nothing is stated.
pub(super) fn flows(world: &World, service: &Service) -> Vec<CheckedFlow> {
    let mut flows = Vec::new();
    let mut told = BTreeSet::new();
    for leg in legs(&world.network, service) {
        let balancer = leg.balancer;
        if balancer.scheme != Scheme::InternetFacing
            || weights(balancer, &leg.group.id).next().is_none()
        {
            continue;
        }
        for listener in balancer.listeners.iter().flatten().filter(|one| uses(one, &leg.group.id)) {
            if !told.insert((&balancer.id, listener.port)) {
                continue;
            }
            let why = format!("internet → {}:{}", balancer.label(), listener.port);
            let asking = world.ask_clients(balancer, listener).map_err(missing);
            flows.push(flow(Role::Clients, super::legs::WHAT.to_owned(), why, "LBC-01", asking));
        }
    }
    flows
}

/// Whether a rule of the listener names the group.
fn uses(listener: &Listener, group: &TargetGroupId) -> bool {
    listener.rules.iter().any(|rule| match &rule.action {
        RuleAction::Forward(groups) => groups.iter().any(|one| one.target_group == *group),
        _ => false,
    })
}
