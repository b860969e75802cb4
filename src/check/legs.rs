//! Every load balancer's way to a service's tasks.

use super::services::{Asking, asked, flow, place};
use super::{CheckedFlow, Role};
use crate::answer::{Answer, Assumption, Missing, Query, RuleId, Verdict};
use crate::ecs::{Leg, Pairing, groups, legs_of, pairing};
use crate::header::Protocol;
use crate::models;
use crate::network::{
    AddressFamily, Kind, Resource, Service, ServiceTarget, SubnetId, TargetGroup, TargetGroupId,
};
use crate::query::World;

/// The name of the flows' column.
const WHAT: &str = "load balancer";

/// Every load balancer's leg, on the traffic port and on the health-check port (LBT-02, LBT-05).
pub(super) fn flows(world: &World, service: &Service) -> Vec<CheckedFlow> {
    let targets = service.targets.iter();
    let pairs = targets.flat_map(|target| groups(target).map(move |group| (target, group)));
    pairs.flat_map(|(target, group)| of_group(world, service, target, group)).collect()
}

fn of_group(
    world: &World,
    service: &Service,
    target: &ServiceTarget,
    id: &TargetGroupId,
) -> Vec<CheckedFlow> {
    let unknown = |group: &str, fact: String, kind: Option<Kind>| {
        let command = kind.and_then(|kind| models::call(kind.word()));
        let missing = Missing { fact, command: command.map(|call| call.command.to_owned()) };
        let why = format!("target group {group} → {}", service.label());
        vec![flow(Role::Leg, WHAT.to_owned(), why, "LBT-05", Err(missing))]
    };
    let Some(group) = world.network.target_groups.get(id) else {
        let fact =
            format!("target group {id}, with which service {} is registered", service.label());
        return unknown(id.as_str(), fact, Some(Kind::TargetGroup));
    };
    let label = group.label();
    let legs = legs_of(&world.network, service, target, group);
    if legs.is_empty() {
        // A group that nothing uses is a setting (LBT-12), or rests (LBT-15).
        if group.load_balancers.is_empty() {
            return Vec::new();
        }
        let fact = format!("the load balancer that forwards to target group {label}");
        return unknown(label, fact, Some(Kind::LoadBalancer));
    }
    if group.family == AddressFamily::V6 {
        // LBT-09
        let fact = format!(
            "how target group {label} reaches IPv6 targets: this version follows IPv4 only"
        );
        return unknown(label, fact, None);
    }
    legs.iter().flat_map(|leg| of_leg(world, service, leg)).collect()
}

fn of_leg(world: &World, service: &Service, leg: &Leg<'_>) -> Vec<CheckedFlow> {
    let traffic = leg.protocols().iter().map(|&protocol| ("", leg.port, protocol));
    let port = leg.health_check_port.or(leg.port);
    let checks = leg.checks_apart().then_some(("health checks of ", port, Protocol::Tcp));
    let mut flows = Vec::new();
    for (noun, port, protocol) in traffic.chain(checks) {
        let query = Query {
            source: place(Kind::LoadBalancer, leg.balancer.id_text(), None, None),
            destination: place(Kind::Service, service.id_text(), port, Some(protocol)),
        };
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        let udp = if protocol == Protocol::Udp { "/udp" } else { "" };
        let why = format!("{noun}{} → {}{port}{udp}", leg.balancer.label(), service.label());
        // Where no node serves any target, nothing is sent (LBT-10): a setting, told as such.
        if let Some(asking) = served(world, leg, asked(world, &query)) {
            flows.push(flow(Role::Leg, WHAT.to_owned(), why, "LBT-05", asking));
        }
    }
    flows
}

/// The answers of the nodes that serve the targets (LBT-10, LBT-11).
fn served(world: &World, leg: &Leg<'_>, asking: Asking) -> Option<Asking> {
    let Ok(mut answer) = asking else { return Some(asking) };
    let pair = |one: &Answer| pairing_of(world, leg.group, leg, one);
    let other_zone = answer.answers.iter().any(|one| pair(one) == Pairing::OtherZone);
    answer.answers.retain(|one| pair(one) == Pairing::Serves);
    if other_zone {
        for one in &mut answer.answers {
            one.assumptions.push(Assumption {
                name: "CROSS_ZONE_OFF_STILL_CHECKS".into(),
                value: "false".into(),
                rule: RuleId::new("LBT-11"),
            });
            one.assumptions.sort();
        }
    }
    answer.verdict = Verdict::of_all(answer.answers.iter().map(|one| one.verdict));
    (!answer.answers.is_empty()).then_some(Ok(answer))
}

fn pairing_of(world: &World, group: &TargetGroup, leg: &Leg<'_>, answer: &Answer) -> Pairing {
    let (Some(node), Some(target)) = (&answer.source.subnet, &answer.destination.subnet) else {
        return Pairing::Serves;
    };
    let (node, target) = (SubnetId::from(node.id.as_str()), SubnetId::from(target.id.as_str()));
    pairing(&world.network, leg.balancer, group, &node, &target)
}
