//! A symptom held against what a check has proven.

use super::select::{Selected, selected};
use super::service::meant;
use super::{Diagnosis, Judgement, Network, Symptom};
use crate::answer::{Concern, Failure, Missing, RuleId, Verdict};
use crate::check::{Check, CheckedFlow, CheckedService, Role};
use crate::ecs::Weight;
use crate::models::{FailureStage, advice, failure_stage};
use crate::query::World;

/// What a symptom is held against.
#[derive(Clone, Copy, Debug)]
pub struct Held<'w> {
    /// The network.
    pub world: &'w World,
    /// What its check has proven.
    pub check: &'w Check,
    /// The service that is meant, where a person says which.
    pub service: Option<&'w str>,
}

/// Says what a symptom means, and whether the network explains it.
#[must_use]
pub fn diagnose(symptom: &Symptom, held: Option<&Held<'_>>) -> Diagnosis {
    let service = held.and_then(|held| {
        Some((held.world, meant(&held.world.network, held.check, symptom, held.service)?))
    });
    let mut diagnosis = told(symptom);
    match service {
        Some((world, service)) => hold(&mut diagnosis, world, service),
        None => {
            let names = held.into_iter().flat_map(|held| &held.check.services);
            let names: Vec<&str> = names.map(|one| one.service.label()).collect();
            diagnosis.reasons.push(match names.as_slice() {
                [] => "It is not held against a network: name one with -f to have that done.".into(),
                names => format!(
                    "It is not held against a service: it does not say which of {} is meant (--service NAME).",
                    names.join(", ")
                ),
            });
        }
    }
    diagnosis
}

/// What the text says by itself.
fn told(symptom: &Symptom) -> Diagnosis {
    let stage = symptom.stage;
    let kind = symptom.kind;
    let mut diagnosis = Diagnosis {
        service: None,
        judgement: Judgement::Undecided,
        network: Network::Unknown,
        reasons: Vec::new(),
        flows: Vec::new(),
        next: Vec::new(),
        missing: Vec::new(),
        concerns: Vec::new(),
        advice: advice(stage.stage, kind.map(|kind| kind.cause)),
        rules: rules(symptom),
        symptom: symptom.clone(),
    };
    match fits(symptom) {
        "works" => {
            diagnosis.judgement = Judgement::Cleared;
            diagnosis.network = Network::Proven;
            diagnosis.reasons.push(match kind {
                Some(kind) => format!("The call {}: the way to it works.", kind.words),
                None => "The container was started: everything that its start needs of the network was there.".to_owned(),
            });
        }
        "leg-works" => {
            diagnosis.judgement = Judgement::Cleared;
            diagnosis.network = Network::Proven;
            diagnosis.reasons.push(
                "The container answered: the load balancer's way to it works, and something listens there.".to_owned(),
            );
        }
        "apart" => {
            diagnosis.judgement = Judgement::Cleared;
            diagnosis.reasons.push("This is no matter of packets.".to_owned());
        }
        _ => {}
    }
    diagnosis
}

fn fits(symptom: &Symptom) -> &'static str {
    symptom.kind.map_or(symptom.stage.fits, |kind| kind.fits)
}

fn rules(symptom: &Symptom) -> Vec<RuleId> {
    let own = symptom.stage.rules.split(' ');
    let of_kind = symptom.kind.map_or("", |kind| kind.rules).split(' ');
    let mut rules: Vec<RuleId> = Vec::new();
    for rule in own.chain(of_kind).filter(|rule| !rule.is_empty()) {
        let rule = RuleId::new(rule);
        if !rules.contains(&rule) {
            rules.push(rule);
        }
    }
    rules
}

fn hold(diagnosis: &mut Diagnosis, world: &World, service: &CheckedService) {
    diagnosis.service = Some(service.service.clone());
    let stage = diagnosis.symptom.stage.stage;
    let status = stage.starts_with("http-") && stage != "http-own";
    // NLB-05: a network load balancer gives no HTTP answers.
    if status
        && selected(world, service, &diagnosis.symptom).network_balancer
        && let Some(own) = failure_stage("http-own")
    {
        let symptom = Symptom { stage: own, ..diagnosis.symptom.clone() };
        *diagnosis = Diagnosis { service: diagnosis.service.take(), ..told(&symptom) };
        diagnosis.rules.push(RuleId::new("NLB-05"));
        diagnosis.reasons.push(
            "A network load balancer gives no HTTP status: this one comes from the container, or from what stands before the load balancer.".to_owned(),
        );
    }
    let chosen = selected(world, service, &diagnosis.symptom);
    diagnosis.concerns = concerns(service, &diagnosis.rules);
    match fits(&diagnosis.symptom) {
        // CTR-22: a proxy in the task may have given the answer.
        "leg-works"
            if chosen.flows.iter().any(|flow| failures(flow).contains(&Failure::NotPassedOn)) =>
        {
            failed(diagnosis, &chosen, "not-passed-on");
        }
        "works" | "leg-works" => shown_to_work(diagnosis, &chosen),
        "apart" => apart(diagnosis, service),
        "-" => unrecognised(diagnosis, &chosen),
        fits => failed(diagnosis, &chosen, fits),
    }
    diagnosis.next = next(service, diagnosis);
}

/// The settings that have to do with a symptom: they follow from the same rules.
fn concerns(service: &CheckedService, rules: &[RuleId]) -> Vec<Concern> {
    service.concerns.iter().filter(|concern| rules.contains(&concern.rule)).cloned().collect()
}

/// A symptom that shows that the far end was reached.
fn shown_to_work(diagnosis: &mut Diagnosis, chosen: &Selected) {
    let certain = |flow: &&CheckedFlow| {
        matches!(flow.role, Role::Leg | Role::Start(_, Weight::StartCritical))
    };
    let blocked: Vec<CheckedFlow> = of(&chosen.flows, |one| one.verdict == Verdict::Blocked)
        .into_iter()
        .filter(|flow| certain(&flow))
        .collect();
    if !blocked.is_empty() {
        diagnosis.judgement = Judgement::Contradicted;
        diagnosis.network = Network::Unknown;
        diagnosis.reasons.push(format!(
            "But here, {} blocked: the input may be older or newer than the symptom, or lack a way out.",
            listed(&blocked)
        ));
        diagnosis.flows = blocked;
        return;
    }
    let partly: Vec<CheckedFlow> = of(&chosen.flows, |one| one.verdict == Verdict::Intermittent)
        .into_iter()
        .filter(|flow| certain(&flow))
        .collect();
    if !partly.is_empty() {
        diagnosis.reasons.push(format!(
            "It worked for this task; elsewhere, {} blocked: {}.",
            listed(&partly),
            places(&partly)
        ));
        diagnosis.flows = partly;
    }
}

/// A symptom that no packet causes: what is known of the network beside it.
fn apart(diagnosis: &mut Diagnosis, service: &CheckedService) {
    let needed = |flow: &&CheckedFlow| {
        matches!(flow.role, Role::Leg | Role::Start(_, Weight::StartCritical | Weight::Possible))
    };
    let flows: Vec<CheckedFlow> = service.flows.iter().filter(needed).cloned().collect();
    let has = |verdicts: &[Verdict]| flows.iter().any(|flow| verdicts.contains(&flow.verdict));
    diagnosis.network = match () {
        () if has(&[Verdict::Blocked, Verdict::Intermittent]) => Network::Blocked,
        () if has(&[Verdict::Unknown]) || flows.is_empty() => Network::Unknown,
        () => Network::Proven,
    };
    diagnosis.missing = missing(&flows);
}

fn unrecognised(diagnosis: &mut Diagnosis, chosen: &Selected) {
    let failing = of(&chosen.flows, |one| fails(one.verdict));
    diagnosis.reasons.push("The text is not one that is known here.".to_owned());
    diagnosis.network = match failing.is_empty() {
        false => Network::Blocked,
        true if chosen.flows.iter().all(|one| one.verdict == Verdict::Reachable) => Network::Proven,
        true => Network::Unknown,
    };
    diagnosis.flows = failing;
    diagnosis.missing = missing(&chosen.flows);
}

/// A symptom of packets that did not get there, or may not have.
fn failed(diagnosis: &mut Diagnosis, chosen: &Selected, fits: &str) {
    let title = diagnosis.symptom.stage.title;
    if chosen.flows.is_empty() {
        return nothing_to_hold(diagnosis, chosen, title);
    }
    // LBH-16: a network load balancer says the same of what is dropped and of what is refused.
    let both = chosen.network_balancer && diagnosis.symptom.stage.stage.starts_with("target-");
    if both {
        diagnosis.rules.push(RuleId::new("LBH-16"));
    }
    let fit = |failure: Failure| match failure {
        Failure::Dropped => both || fits.contains("dropped"),
        Failure::Refused => fits.contains("refused"),
        Failure::NotPassedOn => fits.contains("not-passed-on"),
        Failure::Unreachable => fits.contains("unreachable"),
        Failure::NoName => fits.contains("no-name"),
    };
    let failing = of(&chosen.flows, |one| fails(one.verdict));
    let explaining: Vec<CheckedFlow> =
        failing.iter().filter(|flow| failures(flow).into_iter().any(fit)).cloned().collect();
    if !explaining.is_empty() {
        diagnosis.judgement = Judgement::Explained;
        diagnosis.network = Network::Blocked;
        diagnosis.reasons.push(format!(
            "{} blocked: {}.",
            listed(&explaining),
            places(&explaining)
        ));
        diagnosis.missing.clear();
        diagnosis.flows = explaining;
        return;
    }
    if !failing.is_empty() {
        diagnosis.judgement = Judgement::Contradicted;
        diagnosis.network = Network::Blocked;
        let would = failing.iter().flat_map(|flow| &flow.answers).flat_map(|one| &one.blockers);
        let would = would.filter_map(|blocker| blocker.symptom.as_deref()).next();
        diagnosis.reasons.push(format!(
            "{} blocked, but that would show otherwise{}.",
            listed(&failing),
            would.map(|text| format!(": {text}")).unwrap_or_default()
        ));
        diagnosis.flows = failing;
        return;
    }
    diagnosis.missing = missing(&chosen.flows);
    if !diagnosis.missing.is_empty() {
        diagnosis.reasons.push("Whether the network explains it is not known.".to_owned());
        return;
    }
    let refused_only =
        fits == "refused" || (fits.contains("refused") && is_leg(&diagnosis.symptom));
    if refused_only && let Some(missing) = socket_not_stated(&chosen.flows) {
        diagnosis.reasons.push("The network lets the packets through to the container; what listens there is not stated.".to_owned());
        diagnosis.missing.push(missing);
        return;
    }
    proven(diagnosis, chosen);
}

/// Everything that could explain it is proven to work.
fn proven(diagnosis: &mut Diagnosis, chosen: &Selected) {
    diagnosis.network = Network::Proven;
    diagnosis.flows = chosen.flows.clone();
    if is_leg(&diagnosis.symptom) {
        diagnosis.judgement = Judgement::Cleared;
        diagnosis.reasons.push(
            "The load balancer's way to the container is proven: the application's answer decides."
                .to_owned(),
        );
    } else if diagnosis.symptom.stage.stage == "http-503" {
        diagnosis.judgement = Judgement::Cleared;
        diagnosis.reasons.push(
            "Nothing here keeps tasks from starting: see whether they are registered.".to_owned(),
        );
    } else {
        diagnosis.judgement = Judgement::Contradicted;
        let rules = proof(&chosen.flows);
        diagnosis.reasons.push(format!(
            "The text speaks of a connection that failed, but {} proven reachable from every placement ({}): the input may be newer than the symptom, or something stands on the way that it does not show.",
            listed(&chosen.flows),
            rules.join(", ")
        ));
    }
}

fn nothing_to_hold(diagnosis: &mut Diagnosis, chosen: &Selected, title: &str) {
    let stage: &FailureStage = diagnosis.symptom.stage;
    let (fact, command) = match stage.stage {
        "application" | "slow-container" => (
            "which host and port the application asks for (`needs:` of the service)".to_owned(),
            None,
        ),
        _ if chosen.legs => (
            "which load balancer comes to this service".to_owned(),
            Some("aws elbv2 describe-target-groups".to_owned()),
        ),
        _ => (
            format!(
                "what of the service's task definition asks for {title}: nothing of it does here"
            ),
            Some("aws ecs describe-task-definition --task-definition <family:revision>".to_owned()),
        ),
    };
    diagnosis.missing.push(Missing { fact, command });
    diagnosis.reasons.push("There is nothing here to hold it against.".to_owned());
}

fn is_leg(symptom: &Symptom) -> bool {
    symptom.stage.flows == "leg"
}

fn fails(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Blocked | Verdict::Intermittent)
}

fn of(flows: &[CheckedFlow], holds: impl Fn(&CheckedFlow) -> bool) -> Vec<CheckedFlow> {
    flows.iter().filter(|flow| holds(flow)).cloned().collect()
}

/// How the answers of a flow fail.
fn failures(flow: &CheckedFlow) -> Vec<Failure> {
    flow.answers.iter().filter(|one| fails(one.verdict)).filter_map(|one| one.failure).collect()
}

fn missing(flows: &[CheckedFlow]) -> Vec<Missing> {
    let of_answers = flows.iter().flat_map(|flow| &flow.answers);
    let of_answers = of_answers.filter(|one| one.verdict == Verdict::Unknown);
    let all = flows.iter().filter_map(|flow| flow.missing.as_ref());
    let mut all: Vec<Missing> =
        all.chain(of_answers.flat_map(|one| &one.missing)).cloned().collect();
    all.sort();
    all.dedup();
    all
}

/// A way that is proven up to the socket only.
fn socket_not_stated(flows: &[CheckedFlow]) -> Option<Missing> {
    let mut answers = flows.iter().flat_map(|flow| &flow.answers);
    let open = answers
        .find(|one| one.findings.iter().any(|finding| finding.code.0 == "SOCKET_NOT_STATED"))?;
    let port = open.destination.port.map(|port| format!(" on port {port}")).unwrap_or_default();
    Some(Missing {
        fact: format!("what listens{port} in the container, and on which address"),
        command: Some("ss -ltn, inside the task; then: reach --evidence SERVICE=FILE".to_owned()),
    })
}

/// `ecr.api is`, `ecr.dkr and s3 are`.
fn listed(flows: &[CheckedFlow]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for flow in flows {
        let name = if matches!(flow.role, Role::Leg | Role::Clients) {
            flow.why.as_str()
        } else {
            flow.what.as_str()
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    match names.split_last() {
        Some((last, [])) => format!("{last} is"),
        Some((last, first)) => format!("{} and {last} are", first.join(", ")),
        None => "nothing is".to_owned(),
    }
}

/// The subnets that fail, and those that do not.
fn places(flows: &[CheckedFlow]) -> String {
    let ends = |failing: bool| {
        let mut names: Vec<String> = Vec::new();
        for flow in flows {
            for answer in flow.answers.iter().filter(|one| fails(one.verdict) == failing) {
                let end = if matches!(flow.role, Role::Leg | Role::Clients) {
                    &answer.destination
                } else {
                    &answer.source
                };
                let name = end.subnet.as_ref().map(|subnet| subnet.label().to_owned());
                names.extend(name.filter(|name| !names.contains(name)));
            }
        }
        names
    };
    let failing = ends(true);
    let passing: Vec<String> =
        ends(false).into_iter().filter(|name| !failing.contains(name)).collect();
    match (failing.is_empty(), passing.is_empty()) {
        (true, _) => "from every placement".to_owned(),
        (false, true) => format!("in {}", failing.join(", ")),
        (false, false) => format!("in {}, not in {}", failing.join(", "), passing.join(", ")),
    }
}

/// The rules that let the packets through.
fn proof(flows: &[CheckedFlow]) -> Vec<String> {
    let hops = flows.iter().flat_map(|flow| &flow.answers).flat_map(|one| &one.hops);
    let mut rules: Vec<String> = Vec::new();
    for rule in hops.map(|hop| hop.rule.to_string()) {
        if !rules.contains(&rule) {
            rules.push(rule);
        }
    }
    rules
}

/// What fails besides (RUN-03).
fn next(service: &CheckedService, diagnosis: &Diagnosis) -> Vec<String> {
    let told = |flow: &CheckedFlow| {
        diagnosis
            .flows
            .iter()
            .any(|one| one.role == flow.role && one.why == flow.why && one.what == flow.what)
    };
    let failing = service.flows.iter().filter(|flow| fails(flow.verdict) && !told(flow));
    failing
        .map(|flow| match flow.role {
            Role::Leg | Role::Clients => format!("{} is {}", flow.why, flow.verdict),
            Role::Start(..) => format!("{} is {}", flow.what, flow.verdict),
        })
        .collect()
}
