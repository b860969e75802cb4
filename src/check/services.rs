//! The flows of every service, asked.

use super::{CheckedFlow, CheckedService, Role};
use crate::answer::{
    Assumption, Failure, Missing, Place, Query, QueryAnswer, ResourceRef, RuleId, Verdict,
};
use crate::ecs::{Asked, Need, Stage, legs, needs};
use crate::header::Protocol;
use crate::models;
use crate::network::{Kind, Resource, Service};
use crate::query::World;

/// What came of a question that we put.
type Asking = Result<QueryAnswer, Missing>;

/// Every service, by id.
pub(super) fn checked(world: &World) -> Vec<CheckedService> {
    let services = world.network.services.values();
    services
        .map(|service| {
            let needs = needs(&world.network, service);
            let starts = needs.iter().map(|need| started(world, service, need));
            CheckedService {
                service: ResourceRef::new(
                    Kind::Service.word(),
                    service.id_text(),
                    Some(service.label()),
                ),
                flows: starts.chain(reached(world, service)).collect(),
            }
        })
        .collect()
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

/// Every load balancer's leg, on the traffic port and on the health-check port (LBT-02, LBT-05).
fn reached(world: &World, service: &Service) -> Vec<CheckedFlow> {
    let legs = legs(&world.network, service);
    let what = "load balancer";
    if legs.is_empty() && !service.targets.is_empty() {
        let fact = format!(
            "which load balancer forwards to the target group of service {}: none here does",
            service.label()
        );
        let missing = Missing { fact, command: None };
        let why = format!("target group → {}", service.label());
        return vec![flow(Role::Leg, what.to_owned(), why, "LBT-05", Err(missing))];
    }
    let mut flows = Vec::new();
    for leg in legs {
        let udp = leg.group.protocol.as_deref() == Some("UDP");
        let traffic = ("", leg.port, if udp { Protocol::Udp } else { Protocol::Tcp });
        let checks =
            leg.health_check_port.map(|port| ("health checks of ", Some(port), Protocol::Tcp));
        for (noun, port, protocol) in std::iter::once(traffic).chain(checks) {
            let query = Query {
                source: place(Kind::LoadBalancer, leg.balancer.id_text(), None, None),
                destination: place(Kind::Service, service.id_text(), port, Some(protocol)),
            };
            let port = port.map(|port| format!(":{port}")).unwrap_or_default();
            let why = format!("{noun}{} → {}{port}", leg.balancer.label(), service.label());
            flows.push(flow(Role::Leg, what.to_owned(), why, "LBT-05", asked(world, &query)));
        }
    }
    flows
}

/// A question of ours that the network does not let us ask is a fact that is missing.
fn asked(world: &World, query: &Query) -> Asking {
    world.ask(query).map_err(|error| Missing {
        fact: match error.hint {
            Some(hint) => format!("{}: {hint}", error.message),
            None => error.message,
        },
        command: None,
    })
}

fn flow(role: Role, what: String, why: String, rule: &'static str, result: Asking) -> CheckedFlow {
    let (verdict, answers, missing) = match result {
        Ok(answer) => (answer.verdict, answer.answers, None),
        Err(missing) => (Verdict::Unknown, Vec::new(), Some(missing)),
    };
    // Regions and names of a capture may hold anything.
    let clean = |text: String| text.replace(char::is_control, " ");
    let (what, why) = (clean(what), clean(why));
    CheckedFlow { role, what, why, rule, verdict, answers, missing, expected: false }
}

/// A place that cannot be taken for another.
fn place(kind: Kind, id: &str, port: Option<u16>, protocol: Option<Protocol>) -> Place {
    Place { text: format!("{kind}/{id}"), port, protocol }
}

fn own_region(world: &World, service: &Service) -> Option<String> {
    let subnets = service.subnets.iter().filter_map(|id| world.network.subnets.get(id));
    let mut vpcs = subnets.filter_map(|subnet| world.network.vpcs.get(&subnet.vpc));
    let vpc = vpcs.find_map(|vpc| vpc.about.scope.region.as_deref());
    vpc.or(service.about.scope.region.as_deref()).map(str::to_owned)
}
