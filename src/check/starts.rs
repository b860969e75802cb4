//! What a service's tasks need, asked from every placement.

use super::services::{asked, flow, place};
use super::{CheckedFlow, Role};
use crate::answer::{Assumption, Failure, Place, Query, RuleId};
use crate::ecs::{Asked, Need, Stage, needs};
use crate::models;
use crate::network::{Kind, Resource, Service};
use crate::query::World;

/// A flow per need, in the order in which a start fails.
pub(super) fn flows(world: &World, service: &Service) -> Vec<CheckedFlow> {
    let needs = needs(&world.network, service);
    needs.iter().map(|need| started(world, service, need)).collect()
}

/// A need, from every placement.
fn started(world: &World, service: &Service, need: &Need) -> CheckedFlow {
    let own = own_region(world, service);
    let ask = |text: String| {
        let source = place(Kind::Service, service.id_text(), None, None);
        let destination = Place { text, port: None, protocol: None };
        asked(world, &Query { source, destination })
    };
    let (what, why, result) = match &need.asked {
        Asked::Service { service, region, host } => {
            let what = match region.as_ref().filter(|region| own.as_ref() != Some(region)) {
                Some(elsewhere) => format!("{} ({elsewhere})", service.name),
                None => service.name.to_owned(),
            };
            let full = region.as_ref().map(|region| service.host(region, None));
            let text = host.clone().or(full).unwrap_or_else(|| format!("aws/{}", service.name));
            (what, need.why.clone(), ask(text))
        }
        Asked::Registry(registry) => {
            let hosts: Vec<&str> = registry.hosts().collect();
            let why = format!("{} (from {})", need.why, hosts.join(", "));
            (registry.name.to_owned(), why, ask(format!("registry/{}", registry.name)))
        }
        Asked::NotKnown { what, missing } => (what.clone(), need.why.clone(), Err(missing.clone())),
    };
    let mut flow = flow(Role::Start(need.stage, need.weight), what, why, need.rule, result);
    show(&mut flow, need);
    flow
}

/// What depends on the stage and not on the service that is reached: what is assumed, and what ECS
/// shows.
fn show(flow: &mut CheckedFlow, need: &Need) {
    if need.stage == Stage::EnvironmentFile {
        for answer in &mut flow.answers {
            answer.assumptions.push(Assumption {
                name: "ENVIRONMENT_FILE_IN_TASK_REGION".into(),
                value: "true".into(),
                rule: RuleId::new("ENV-01"),
            });
            answer.assumptions.sort();
        }
    }
    let case = match (&need.asked, need.stage) {
        (_, Stage::EnvironmentFile) => "environment-file",
        (Asked::Registry(_), _) => "registry",
        _ => return,
    };
    let blockers = flow.answers.iter_mut().flat_map(|answer| &mut answer.blockers);
    for blocker in blockers.filter(|blocker| blocker.failure == Failure::Dropped) {
        blocker.symptom = models::symptom(case).map(str::to_owned);
    }
}

fn own_region(world: &World, service: &Service) -> Option<String> {
    let subnets = service.subnets.iter().filter_map(|id| world.network.subnets.get(id));
    let mut vpcs = subnets.filter_map(|subnet| world.network.vpcs.get(&subnet.vpc));
    let vpc = vpcs.find_map(|vpc| vpc.about.scope.region.as_deref());
    vpc.or(service.about.scope.region.as_deref()).map(str::to_owned)
}
