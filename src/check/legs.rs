//! Every load balancer's way to a service's tasks.

use super::asking::{LOAD_BALANCER, flow, missing, place};
use super::health::{self, LegAnswers, TargetsHealth};
use super::{CheckedFlow, Role};
use crate::answer::{Answer, Assumption, Concern, Missing, QueryAnswer, RuleId, Verdict};
use crate::ecs::health::family;
use crate::ecs::{Leg, Pairing, groups, legs_of, pairing};
use crate::header::Protocol;
use crate::models;
use crate::network::{
    Kind, Resource, Service, ServiceTarget, SubnetId, TargetGroup, TargetGroupId,
};
use crate::query::{World, show};

/// What is proven of a service's load balancers, and what follows.
#[derive(Default)]
pub(super) struct Legs {
    pub(super) flows: Vec<CheckedFlow>,
    pub(super) health: Vec<TargetsHealth>,
    /// Where AWS says otherwise (INP-02).
    pub(super) concerns: Vec<Concern>,
}

/// Every load balancer's leg, on the traffic port and on the health-check port (LBT-02, LBT-05).
pub(super) fn checked(world: &World, service: &Service) -> Legs {
    let targets = service.targets.iter();
    let pairs = targets.flat_map(|target| groups(target).map(move |group| (target, group)));
    let mut all = Legs::default();
    for (target, group) in pairs {
        of_group(world, service, target, group, &mut all);
    }
    all
}

fn of_group(
    world: &World,
    service: &Service,
    target: &ServiceTarget,
    id: &TargetGroupId,
    all: &mut Legs,
) {
    let mut unknown = |group: &str, fact: String, kind: Option<Kind>| {
        let command = kind.and_then(|kind| models::call(kind.word()));
        let missing = Missing { fact, command: command.map(|call| call.command.to_owned()) };
        let why = format!("target group {group} → {}", service.label());
        all.flows.push(flow(Role::Leg, LOAD_BALANCER.to_owned(), why, "LBT-05", Err(missing)));
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
            return;
        }
        let fact = format!("the load balancer that forwards to target group {label}");
        return unknown(label, fact, Some(Kind::LoadBalancer));
    }
    for leg in &legs {
        of_leg(world, service, leg, all);
    }
}

fn of_leg(world: &World, service: &Service, leg: &Leg<'_>, all: &mut Legs) {
    let traffic = leg.protocols().iter().map(|&protocol| ("", leg.port, protocol));
    let port = leg.health_check_port.or(leg.port);
    let checks = leg.checks_apart().then_some(("health checks of ", port, Protocol::Tcp));
    let apart = checks.is_some();
    let mut answers = LegAnswers { places: Vec::new(), traffic: Vec::new(), checks: Vec::new() };
    for (noun, port, protocol) in traffic.chain(checks) {
        let to = place(service, port, Some(protocol));
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        let udp = if protocol == Protocol::Udp { "/udp" } else { "" };
        let why = format!("{noun}{} → {}{port}{udp}", leg.balancer.label(), service.label());
        // NLB-03: health checks come from the nodes' own addresses.
        let keeping = noun.is_empty() && leg.keeps_client_addresses();
        let seen = (leg.group.family, keeping);
        let asking = world.ask_nodes(leg.balancer, service, to, seen).map_err(missing);
        let asking = asking.map(|answer| {
            for one in &answer.answers {
                if !answers.places.iter().any(|place| health::same(place, &one.destination)) {
                    answers.places.push(one.destination.clone());
                }
            }
            let checks = !noun.is_empty() || (!apart && protocol == Protocol::Tcp);
            let mut answer = served(world, leg, answer, checks);
            // LBT-02: only one of the two shows what the other does not.
            if let (Some(balancer), true) = (family(&leg.balancer.balancer_type), apart) {
                let part = if noun.is_empty() { "traffic" } else { "check" };
                let case = format!("{balancer} {part}");
                answer.answers.iter_mut().for_each(|answer| show(answer, &case));
            }
            answer
        });
        let served = asking.as_ref().map(|one| one.answers.clone()).unwrap_or_default();
        if noun.is_empty() {
            // Requests stay in their zone, whatever checks do (LBT-11).
            let serves = |one: &&Answer| pairing_of(world, leg.group, leg, one) == Pairing::Serves;
            answers.traffic.push(served.iter().filter(serves).cloned().collect());
        }
        if !noun.is_empty() || (!apart && protocol == Protocol::Tcp) {
            answers.checks = served;
        }
        // Where no node serves any target, nothing is sent (LBT-10): a setting, told as such.
        if asking.as_ref().map_or(true, |one| !one.answers.is_empty()) {
            let flow = flow(Role::Leg, LOAD_BALANCER.to_owned(), why, "LBT-05", asking);
            all.flows.push(CheckedFlow { protocol, ..flow });
        }
    }
    for health in health::of_leg(&world.network, service, leg, &answers) {
        all.concerns.extend(health::contradictions(&health, &answers.checks));
        all.health.push(health);
    }
}

/// The answers of the nodes that serve the targets, or that check them (LBT-10, LBT-11).
fn served(world: &World, leg: &Leg<'_>, mut answer: QueryAnswer, checks: bool) -> QueryAnswer {
    const STILL_CHECKS: &str = "CROSS_ZONE_OFF_STILL_CHECKS";
    let assumptions = &world.network.assumptions;
    let pair = |one: &Answer| pairing_of(world, leg.group, leg, one);
    let other_zone = answer.answers.iter().any(|one| pair(one) == Pairing::OtherZone);
    answer.answers.retain(|one| match pair(one) {
        Pairing::Serves => true,
        Pairing::OtherZone => checks && assumptions.holds(STILL_CHECKS),
        Pairing::ZoneNotEnabled => false,
    });
    if other_zone {
        for one in &mut answer.answers {
            one.assumptions.push(Assumption {
                name: STILL_CHECKS.into(),
                value: assumptions.value(STILL_CHECKS).into(),
                rule: RuleId::new("LBT-11"),
            });
            one.assumptions.sort();
        }
    }
    answer.verdict = Verdict::of_all(answer.answers.iter().map(|one| one.verdict));
    answer
}

fn pairing_of(world: &World, group: &TargetGroup, leg: &Leg<'_>, answer: &Answer) -> Pairing {
    let (Some(node), Some(target)) = (&answer.source.subnet, &answer.destination.subnet) else {
        return Pairing::Serves;
    };
    let (node, target) = (SubnetId::from(node.id.as_str()), SubnetId::from(target.id.as_str()));
    pairing(&world.network, leg.balancer, group, &node, &target)
}
