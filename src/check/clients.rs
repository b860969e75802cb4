//! The clients' way to a service's load balancers (LBC-01).

use super::asking::{LOAD_BALANCER, flow, missing, place};
use super::{CheckedFlow, Role};
use crate::ecs::{legs, weights};
use crate::header::Protocol;
use crate::network::{
    Listener, LoadBalancer, Resource, RuleAction, Scheme, Service, TargetGroupId,
};
use crate::query::World;
use std::collections::BTreeSet;

/// The internet's way to every listener of an internet-facing load balancer that forwards to the
/// service. Of the clients of an internal one nothing is stated.
pub(super) fn flows(world: &World, service: &Service) -> Vec<CheckedFlow> {
    let mut flows = Vec::new();
    let mut told = BTreeSet::new();
    let mut fronted = BTreeSet::new();
    for leg in legs(&world.network, service) {
        let balancer = leg.balancer;
        if fronted.insert(&balancer.id) {
            flows.extend(through_network_balancers(world, balancer));
        }
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
            flows.push(flow(Role::Clients, LOAD_BALANCER.to_owned(), why, "LBC-01", asking));
        }
    }
    flows
}

/// LBC-03: the way of the network load balancers whose targets are load balancers of the service,
/// by which API Gateway comes: traffic and health checks from the nodes' own addresses.
fn through_network_balancers(world: &World, balancer: &LoadBalancer) -> Vec<CheckedFlow> {
    let network = &world.network;
    let mut flows = Vec::new();
    for group in network.target_groups.referring_to(balancer.id_text()) {
        let targets = group.targets.iter().flatten();
        let mut own = targets.filter(|target| target.id == balancer.id.as_str());
        let Some(target) = own.next() else { continue };
        for front in network.load_balancers.referring_to(group.id_text()) {
            let port = target.port.or(group.port);
            for (noun, port) in [("", port), ("health checks of ", group.health_check_port)] {
                if port.is_none() && !noun.is_empty() {
                    continue;
                }
                let tcp = Some(Protocol::Tcp);
                let to = place(balancer, port, tcp);
                let asking = world.ask_nodes(front, balancer, to, (group.family, false));
                let port = port.map(|port| format!(":{port}")).unwrap_or_default();
                let why = format!("{noun}{} → {}{port}", front.label(), balancer.label());
                let (what, asking) = (LOAD_BALANCER.to_owned(), asking.map_err(missing));
                flows.push(flow(Role::Clients, what, why, "LBC-03", asking));
            }
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
