//! Which flows of a check a symptom speaks of.

use super::Symptom;
use crate::answer::{Answer, End, Verdict};
use crate::check::{CheckedFlow, CheckedService, Role};
use crate::ecs::{Stage, Weight};
use crate::network::{Kind, LoadBalancerType, Resource};
use crate::query::World;

/// The flows that decide a symptom.
pub(super) struct Selected {
    pub flows: Vec<CheckedFlow>,
    /// Whether load balancers are meant.
    pub legs: bool,
    /// Whether the load balancers of the service are all network load balancers.
    pub network_balancer: bool,
}

pub(super) fn selected(world: &World, service: &CheckedService, symptom: &Symptom) -> Selected {
    let words: Vec<&str> = symptom.stage.flows.split(' ').collect();
    let legs: Vec<&CheckedFlow> =
        service.flows.iter().filter(|flow| flow.role == Role::Leg).collect();
    let meant = |flow: &&CheckedFlow| words.iter().any(|word| is_meant(word, flow));
    let mut chosen: Vec<&CheckedFlow> = service.flows.iter().filter(meant).collect();
    if chosen.is_empty() && !words.contains(&"leg") {
        // It may be among what cannot be followed.
        let open = |flow: &&CheckedFlow| matches!(flow.role, Role::Start(Stage::NotModelled, _));
        chosen = service.flows.iter().filter(open).collect();
    }
    let chosen =
        chosen.into_iter().filter(|flow| flow.role != Role::Leg || of_port(flow, symptom, &legs));
    let subnet = symptom.of.subnet.as_deref();
    Selected {
        flows: chosen.map(|flow| narrowed(flow, subnet)).collect(),
        legs: words.contains(&"leg"),
        network_balancer: only_network(world, &legs),
    }
}

/// `login`, `secret:ssm`, `image:-s3`, `start`, `leg`.
fn is_meant(word: &str, flow: &CheckedFlow) -> bool {
    let Role::Start(stage, weight) = flow.role else {
        return word == "leg" && flow.role == Role::Leg;
    };
    if word == "start" {
        return matches!(weight, Weight::StartCritical | Weight::Possible);
    }
    let (of_stage, what) = word.split_once(':').unwrap_or((word, ""));
    let own = flow.what.split(' ').next().unwrap_or_default();
    let is_what = match what.strip_prefix('-') {
        Some(not) => own != not,
        None => what.is_empty() || own == what,
    };
    stage.word() == of_stage && is_what
}

/// LBT-02: what is said of targets comes from health checks, what clients get from the traffic.
fn of_port(flow: &CheckedFlow, symptom: &Symptom, legs: &[&CheckedFlow]) -> bool {
    const CHECKS: &str = "health checks of ";
    if !symptom.stage.stage.starts_with("target-") {
        return !flow.why.starts_with(CHECKS);
    }
    let balancer = |why: &str| why.split(" → ").next().map(str::to_owned);
    let own = balancer(&flow.why);
    let apart =
        legs.iter().filter_map(|leg| leg.why.strip_prefix(CHECKS)).any(|why| balancer(why) == own);
    flow.why.starts_with(CHECKS) || !apart
}

/// A flow at one subnet, where the symptom says which and the service has it.
fn narrowed(flow: &CheckedFlow, subnet: Option<&str>) -> CheckedFlow {
    let mut flow = flow.clone();
    let Some(subnet) = subnet else { return flow };
    let leg = flow.role == Role::Leg;
    let end = |answer: &Answer| -> Option<End> {
        Some(if leg { answer.destination.clone() } else { answer.source.clone() })
    };
    let here = |answer: &Answer| {
        end(answer).and_then(|end| end.subnet).is_some_and(|own| own.id == subnet)
    };
    if flow.answers.iter().any(here) {
        flow.answers.retain(here);
        flow.verdict = Verdict::of_all(flow.answers.iter().map(|answer| answer.verdict));
    }
    flow
}

fn only_network(world: &World, legs: &[&CheckedFlow]) -> bool {
    let sources = legs.iter().flat_map(|leg| &leg.answers).map(|answer| &answer.source.resource);
    let mut types = sources
        .filter(|resource| resource.kind == Kind::LoadBalancer.word())
        .filter_map(|resource| {
            let mut all = world.network.load_balancers.values();
            all.find(|one| one.id_text() == resource.id).map(|one| &one.balancer_type)
        })
        .peekable();
    types.peek().is_some() && types.all(|kind| *kind == LoadBalancerType::Network)
}
