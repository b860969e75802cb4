//! What load balancers will say of a service's targets, held against what they say.

use crate::answer::{Answer, Code, Concern, End, Failure, ResourceRef, RuleId, Severity, Verdict};
use crate::ecs::Leg;
use crate::ecs::health::{Fate, Predicted, asks, predict, replaced_after};
use crate::network::{Kind, LoadBalancerType, Network, Resource, Service, Target, TargetHealth};
use std::net::IpAddr;

/// What a load balancer will say of some targets of one service, which it all sees alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetsHealth {
    /// The load balancer.
    pub balancer: ResourceRef,
    /// The target group.
    pub group: ResourceRef,
    /// Where the targets are: subnets, or instances in them.
    pub targets: Vec<ResourceRef>,
    /// How their health checks fare.
    pub checks: Fate,
    /// How their traffic fares.
    pub traffic: Fate,
    /// What is said of them; `None` where it cannot be told.
    pub predicted: Option<Predicted>,
    /// What the health check asks for, where it gets through: `GET / answers 200`.
    pub asks: Option<String>,
    /// The reason that shows once the first obstacle is gone (LBH-17).
    pub then: Option<&'static str>,
    /// After how many seconds ECS first replaces such a task (LBH-20).
    pub replaced_after: Option<u32>,
    /// What AWS said of them.
    pub observed: Vec<Observed>,
}

/// What AWS said of one target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// The address or instance.
    pub target: String,
    /// What it said.
    pub health: TargetHealth,
    /// Whether that can be, if the model is right (INP-02).
    pub agrees: bool,
}

/// The answers of one leg: of all pairs, and those of the pairs that are used.
pub(super) struct LegAnswers {
    /// Where the targets are, used or not.
    pub places: Vec<End>,
    /// Answers on the ports of the traffic.
    pub traffic: Vec<Vec<Answer>>,
    /// Answers on the port of the health checks.
    pub checks: Vec<Answer>,
}

/// One entry per way in which targets of the leg are seen.
pub(super) fn of_leg(
    network: &Network,
    service: &Service,
    leg: &Leg<'_>,
    answers: &LegAnswers,
) -> Vec<TargetsHealth> {
    let at = |place: &End, all: &[Answer]| -> Fate {
        Fate::of(all.iter().filter(|a| same(&a.destination, place)))
    };
    let checks: Vec<Fate> = answers.places.iter().map(|place| at(place, &answers.checks)).collect();
    let mut told: Vec<TargetsHealth> = Vec::new();
    for (index, place) in answers.places.iter().enumerate() {
        let others: Vec<Fate> = checks
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != index)
            .map(|(_, fate)| *fate)
            .collect();
        let own = match checks.get(index).copied().unwrap_or(Fate::Unknown) {
            // CTR-22: a TCP check proves only the proxy.
            Fate::NotPassedOn if by_tcp(leg) => Fate::Passes,
            own => own,
        };
        let traffic = answers.traffic.iter().map(|all| at(place, all));
        let traffic = traffic.reduce(Fate::and).unwrap_or(Fate::Unknown);
        let predicted = predict(&leg.balancer.balancer_type, own, traffic, &others);
        let refused_later =
            own == Fate::Dropped
                && answers.checks.iter().filter(|one| same(&one.destination, place)).any(|one| {
                    one.blockers.iter().any(|blocker| blocker.failure == Failure::Refused)
                });
        let then = refused_later.then(|| {
            let kind = &leg.balancer.balancer_type;
            crate::ecs::health::said(kind, Fate::Refused).and_then(|entry| entry.reason)
        });
        let health = TargetsHealth {
            balancer: reference(leg.balancer),
            group: reference(leg.group),
            targets: vec![whereabouts(place)],
            checks: own,
            traffic,
            predicted,
            asks: asks(leg).filter(|_| own == Fate::Passes),
            then: then.flatten(),
            replaced_after: replaced_after(leg, service).filter(|_| own.fails()),
            observed: observed(network, leg, place, own),
        };
        match told.iter_mut().find(|one| alike(one, &health)) {
            Some(one) => {
                one.targets.extend(health.targets);
                one.observed.extend(health.observed);
            }
            None => told.push(health),
        }
    }
    told
}

/// INP-02: what AWS said that the model does not explain, with the rules that were applied.
pub(super) fn contradictions(health: &TargetsHealth, checks: &[Answer]) -> Vec<Concern> {
    let blockers = checks.iter().filter(|one| one.verdict != Verdict::Reachable);
    let mut rules: Vec<RuleId> = blockers
        .filter_map(|one| one.blockers.first())
        .map(|blocker| blocker.rule.clone())
        .chain(health.predicted.iter().flat_map(|one| one.rules.iter().cloned()))
        .collect();
    rules.sort();
    rules.dedup();
    let rules: Vec<String> = rules.iter().map(ToString::to_string).collect();
    let expected = health.predicted.as_ref().map_or("not known", |one| one.state);
    let reason = health.predicted.as_ref().and_then(|one| one.reason);
    let expected = format!("{expected}{}", in_brackets(reason));
    let odd = health.observed.iter().filter(|one| !one.agrees);
    odd.map(|one| Concern {
        severity: Severity::Warning,
        code: Code::new("MODEL_CONTRADICTS_OBSERVATION"),
        resource: health.group.clone(),
        what: format!(
            "says that target {} is {}{}, and the model says {expected}, by {}",
            one.target,
            one.health.state,
            in_brackets(one.health.reason.as_deref()),
            rules.join(", ")
        ),
        rule: RuleId::new("INP-02"),
        location: None,
    })
    .collect()
}

fn in_brackets(reason: Option<&str>) -> String {
    reason.map(|reason| format!(" ({reason})")).unwrap_or_default()
}

fn alike(a: &TargetsHealth, b: &TargetsHealth) -> bool {
    a.checks == b.checks && a.traffic == b.traffic && a.predicted == b.predicted && a.then == b.then
}

/// Whether two answers end at the same target, on whatever port.
pub(super) fn same(a: &End, b: &End) -> bool {
    a.resource == b.resource && a.subnet == b.subnet
}

/// The subnet of a task that is an address; the instance of one that is not.
fn whereabouts(place: &End) -> ResourceRef {
    match &place.subnet {
        Some(subnet) if place.resource.kind == Kind::Service.word() => subnet.clone(),
        _ => place.resource.clone(),
    }
}

/// What AWS said of the targets at a place.
fn observed(network: &Network, leg: &Leg<'_>, place: &End, own: Fate) -> Vec<Observed> {
    let subnet = place.subnet.as_ref().and_then(|subnet| network.subnets.get(subnet.id.as_str()));
    let here = |target: &Target| match target.id.parse::<IpAddr>() {
        Ok(address) => subnet.is_some_and(|one| one.addresses().contains(address)),
        Err(_) => target.id == place.resource.id,
    };
    let network_balancer =
        crate::ecs::health::family(&leg.balancer.balancer_type) == Some("network");
    leg.group
        .targets
        .iter()
        .flatten()
        .filter(|target| here(target))
        .filter_map(|target| Some((target, target.health.clone()?)))
        .map(|(target, health)| Observed {
            target: target.id.clone(),
            agrees: agrees(own, &health, network_balancer),
            health,
        })
        .collect()
}

/// Whether the targets of a leg are checked by a connection alone (LBH-02).
fn by_tcp(leg: &Leg<'_>) -> bool {
    let stated = leg.group.health_check.protocol.as_deref();
    let network_balancer = leg.balancer.balancer_type == LoadBalancerType::Network;
    stated.map_or(network_balancer, |protocol| protocol == "TCP")
}

/// Whether AWS's word can be true where health checks fare like that.
fn agrees(own: Fate, health: &TargetHealth, network_balancer: bool) -> bool {
    let reason = health.reason.as_deref().unwrap_or_default();
    match (health.state.as_str(), reason) {
        ("healthy", _) => !own.fails() && own != Fate::Unused,
        ("unused", _) => matches!(own, Fate::Unused | Fate::Unknown),
        // LBH-16: what a network load balancer says does not separate the causes.
        ("unhealthy", _) if network_balancer => own != Fate::Unused,
        // LBH-05: a process that accepts and does not answer looks like a drop; a refusal does not.
        ("unhealthy", "Target.Timeout") => {
            !matches!(own, Fate::Refused | Fate::NotPassedOn | Fate::Unused)
        }
        // LBH-04, LBH-06: something answered.
        ("unhealthy", "Target.FailedHealthChecks") => !matches!(own, Fate::Dropped | Fate::Unused),
        // LBH-07: the application itself answered.
        ("unhealthy", "Target.ResponseCodeMismatch") => {
            own == Fate::NotPassedOn || !own.fails() && own != Fate::Unused
        }
        _ => true,
    }
}

fn reference<R: Resource>(resource: &R) -> ResourceRef {
    ResourceRef::new(R::KIND.word(), resource.id_text(), Some(resource.label()))
}
