//! What a service's tasks need, asked from every interface that it is needed from.

use super::asking::{Asking, flow, missing};
use super::{CheckedFlow, Role};
use crate::answer::{Answer, Assumption, Code, Failure, Finding, Missing, Place, RuleId, Verdict};
use crate::ecs::{Asked, Need, Platform, Stage, Weight, needs, platform};
use crate::header::Protocol;
use crate::models;
use crate::network::{Network, Resource, Service};
use crate::query::{AskError, World};
use std::collections::{BTreeMap, BTreeSet};

/// A flow per need, in the order in which a start fails.
pub(super) fn flows(world: &World, service: &Service) -> Vec<CheckedFlow> {
    let platform = platform(&world.network, service);
    let needs = needs(&world.network, service);
    let mut flows: Vec<CheckedFlow> =
        needs.iter().map(|need| started(world, service, platform, need)).collect();
    mark_first(&mut flows, platform);
    flows
}

/// A need, from every interface it is needed from.
fn started(world: &World, service: &Service, platform: Platform, need: &Need) -> CheckedFlow {
    let own = own_region(world, service);
    let ask = |destination: Place| -> Asking {
        let asked = match need.asked {
            Asked::Service { .. } => world.ask_for_service(service, need.sender, destination),
            _ => world.ask_from(service, need.sender, destination),
        };
        asked.map_err(missing)
    };
    let text = |text: String| Place { text, port: None, protocol: None };
    let (what, why, result) = match &need.asked {
        Asked::Service { service, region, host } => {
            let what = match region.as_ref().filter(|region| own.as_ref() != Some(region)) {
                Some(elsewhere) => format!("{} ({elsewhere})", service.name),
                None => service.name.to_owned(),
            };
            let full = region.as_ref().map(|region| service.host(region, None));
            let place = host.clone().or(full).unwrap_or_else(|| format!("aws/{}", service.name));
            (what, need.why.clone(), ask(text(place)))
        }
        Asked::Registry(registry) => {
            let hosts: Vec<&str> = registry.hosts().collect();
            let why = format!("{} (from {})", need.why, hosts.join(", "));
            (registry.name.to_owned(), why, ask(text(format!("registry/{}", registry.name))))
        }
        Asked::Host { host, port, udp } => {
            let protocol = Some(if *udp { Protocol::Udp } else { Protocol::Tcp });
            let place = Place { text: format!("host/{host}"), port: Some(*port), protocol };
            let usual = *port == 443 && !udp;
            let what = if usual { host.clone() } else { format!("{host}:{port}") };
            (what, need.why.clone(), ask(place))
        }
        Asked::FileSystem(id) => {
            (format!("efs {id}"), need.why.clone(), ask(text(format!("file-system/{id}"))))
        }
        Asked::Place(place) => {
            (place.clone(), need.why.clone(), stated(world, service, need, place))
        }
        Asked::NotKnown { what, missing: fact } => {
            (what.clone(), need.why.clone(), Err(fact.clone()))
        }
    };
    let mut flow = flow(Role::Start(need.stage, need.weight), what, why, need.rule, result);
    for answer in &mut flow.answers {
        for assumption in &need.assumptions {
            if !answer.assumptions.contains(assumption) {
                answer.assumptions.push(assumption.clone());
            }
        }
        answer.assumptions.sort();
        layers_by_interface(&world.network, need, answer);
        first_pull(need, answer);
    }
    if !flow.answers.is_empty() {
        flow.verdict = Verdict::of_all(flow.answers.iter().map(|answer| answer.verdict));
    }
    flow.platform = Some(platform);
    flow.protocol = match &need.asked {
        Asked::Host { udp: true, .. } => Protocol::Udp,
        Asked::Place(place) => {
            let place: Option<Place> = place.parse().ok();
            place.and_then(|place| place.protocol).unwrap_or(Protocol::Tcp)
        }
        _ => Protocol::Tcp,
    };
    show(&mut flow, platform, need);
    flow
}

/// APP-01: a place as a person wrote it; a host name that nothing here is called is elsewhere.
fn stated(world: &World, service: &Service, need: &Need, text: &str) -> Asking {
    let place: Place = match text.parse() {
        Ok(place) => place,
        Err(error) => {
            let error = AskError {
                message: format!("`{text}` cannot be asked for: {error}"),
                hint: None,
                candidates: Vec::new(),
            };
            return Err(missing(error));
        }
    };
    let asked = world.ask_from(service, need.sender, place.clone());
    let is_host = |text: &str| {
        text.contains('.')
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
    };
    asked
        .or_else(|error| match error.candidates.is_empty() && is_host(&place.text) {
            true => {
                let place = Place { text: format!("host/{}", place.text), ..place };
                world.ask_from(service, need.sender, place)
            }
            false => Err(error),
        })
        .map_err(missing)
}

/// IMG-07: layers through an interface endpoint of S3.
fn layers_by_interface(network: &Network, need: &Need, answer: &mut Answer) {
    let layers = need.stage == Stage::Image
        && matches!(&need.asked, Asked::Service { service, .. } if service.name == "s3");
    let by_endpoint = answer.name.as_ref().is_some_and(|name| name.rule.0 == "IE-06");
    if layers && by_endpoint {
        answer.findings.push(Finding {
            code: Code::new("S3_INTERFACE_ENDPOINT_FOR_LAYERS"),
            text: "image layers go through an interface endpoint of S3, which the ECS guide says does not work with ECR: a gateway endpoint does (IMG-07)".to_owned(),
        });
        let name = "S3_INTERFACE_EP_SERVES_LAYERS";
        let value = network.assumptions.value(name);
        answer.assumptions.push(Assumption {
            name: name.into(),
            value: value.into(),
            rule: RuleId::new("IMG-07"),
        });
        if value != "true" && answer.verdict == Verdict::Reachable {
            answer.verdict = Verdict::Unknown;
            let fact = format!("another way to image layers than an interface endpoint ({name})");
            answer.missing.push(Missing { fact, command: None });
        }
        answer.assumptions.sort();
    }
}

/// IMG-10: repositories as a pull-through cache names them, by an endpoint.
fn first_pull(need: &Need, answer: &mut Answer) {
    let registry =
        matches!(&need.asked, Asked::Service { service, .. } if service.name == "ecr.dkr");
    let by_endpoint = answer.name.as_ref().is_some_and(|name| name.rule.0 == "IE-06");
    let cached = need.why.split(", ").filter_map(|why| why.split_once('/')).any(|(_, path)| {
        let first = path.split_once('/').map(|(first, _)| first);
        first.is_some_and(models::is_pull_through_prefix)
    });
    if registry && by_endpoint && cached {
        answer.findings.push(Finding {
            code: Code::new("PULL_THROUGH_FIRST_PULL"),
            text: "the repository looks like a pull-through cache: with an ECR endpoint, the first pull of an image needs a NAT gateway in the VPC, later ones do not (IMG-10)".to_owned(),
        });
    }
}

/// What ECS shows when the stage fails (ERR-02 to ERR-14).
fn show(flow: &mut CheckedFlow, platform: Platform, need: &Need) {
    let name = match &need.asked {
        Asked::Service { service, .. } => service.name,
        Asked::Registry(_) => "registry",
        Asked::Host { .. } | Asked::FileSystem(_) | Asked::Place(_) | Asked::NotKnown { .. } => "",
    };
    let (host, stage) = (platform.word(), need.stage.word());
    // What runs without it shows no start-up error.
    let weight = match need.weight {
        Weight::Degraded => "degraded ",
        Weight::Application => return,
        Weight::StartCritical | Weight::OnDemand | Weight::Possible => "",
    };
    let text = |failure: Failure| {
        let cases = [
            format!("{weight}{host} {stage} {name} {failure}"),
            format!("{weight}{host} {stage} {name}"),
            format!("{weight}{host} {stage} {failure}"),
            format!("{weight}{host} {stage}"),
            format!("{weight}{stage}"),
        ];
        let text = cases.iter().find_map(|case| models::symptom(case))?;
        Some(match failure {
            Failure::NoName if !text.contains("resolve") => {
                text.replace("dial tcp …:443: i/o timeout", "dial tcp: lookup …: no such host")
            }
            Failure::Refused => text.replace("i/o timeout", "connection refused"),
            Failure::Unreachable => text.replace("i/o timeout", "connect: network is unreachable"),
            Failure::NoName | Failure::Dropped | Failure::NotPassedOn => text.to_owned(),
        })
    };
    for blocker in flow.answers.iter_mut().flat_map(|answer| &mut answer.blockers) {
        if let Some(text) = text(blocker.failure) {
            blocker.symptom = Some(text);
        }
    }
}

/// RUN-03: what shows first is what fails at the earliest stage; a set, where stages run at the
/// same time.
fn mark_first(flows: &mut [CheckedFlow], platform: Platform) {
    let stage = |flow: &CheckedFlow| match flow.role {
        Role::Start(stage, Weight::StartCritical) if flow.fails() => Some(platform.order(stage)),
        _ => None,
    };
    let earliest = flows.iter().filter_map(stage).min();
    for flow in flows {
        flow.first = earliest.is_some() && stage(flow) == earliest;
    }
}

/// PLC-01: the zones whose tasks will not start while those of others will; where a zone holds
/// both, its subnets that fail.
pub(super) fn failing_places(world: &World, flows: &[CheckedFlow]) -> Vec<String> {
    let critical = |flow: &&CheckedFlow| matches!(flow.role, Role::Start(_, Weight::StartCritical));
    // By subnet, whether anything that a start needs fails there.
    let mut subnets: BTreeMap<&str, bool> = BTreeMap::new();
    for answer in flows.iter().filter(critical).flat_map(|flow| &flow.answers) {
        let Some(subnet) = &answer.source.subnet else { continue };
        let fails = answer.verdict == Verdict::Blocked;
        *subnets.entry(&subnet.id).or_default() |= fails;
    }
    if subnets.values().all(|fails| *fails) || !subnets.values().any(|fails| *fails) {
        return Vec::new();
    }
    let zone = |id: &str| world.network.subnets.get(id).map(|one| one.zone.to_string());
    let mut places: BTreeSet<String> = BTreeSet::new();
    for (id, _) in subnets.iter().filter(|(_, fails)| **fails) {
        let own = zone(id);
        let mixed = subnets.iter().any(|(other, fails)| !fails && zone(other) == own);
        let label = world.network.subnets.get(*id).map_or(*id, Resource::label);
        places.insert(own.filter(|_| !mixed).unwrap_or_else(|| format!("subnet {label}")));
    }
    places.into_iter().collect()
}

fn own_region(world: &World, service: &Service) -> Option<String> {
    let subnets = service.subnets.iter().filter_map(|id| world.network.subnets.get(id));
    let mut vpcs = subnets.filter_map(|subnet| world.network.vpcs.get(&subnet.vpc));
    let vpc = vpcs.find_map(|vpc| vpc.about.scope.region.as_deref());
    vpc.or(service.about.scope.region.as_deref()).map(str::to_owned)
}
