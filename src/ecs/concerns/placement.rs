//! Placement: whether there is room for the tasks where the service puts them.

use super::concern;
use crate::answer::{Concern, Severity};
use crate::ecs::legs::legs;
use crate::ecs::placement::placements;
use crate::ecs::runs::{container_instances, definition, is_awsvpc, on_fargate, runs_on};
use crate::network::{
    LaunchType, LoadBalancerType, Network, NetworkInterface, Resource, Service, Subnet, Task,
};
use std::collections::BTreeSet;

/// PLC-09: an ALB asks for as many free addresses in each of its subnets.
const FREE_FOR_BALANCER: u32 = 8;

/// What the places of the service's tasks bring about.
pub(super) fn concerns(network: &Network, service: &Service) -> Vec<Concern> {
    let mut concerns = Vec::new();
    if is_awsvpc(network, service) {
        let subnets = service.subnets.iter().filter_map(|id| network.subnets.get(id));
        let subnets: Vec<&Subnet> = subnets.collect();
        concerns.extend(exhausted(network, service, &subnets));
        concerns.extend(without_instance(network, service, &subnets));
        concerns.extend(public_address(network, service));
        concerns.extend(drift(network, service));
    }
    concerns.extend(balancer_subnets(network, service));
    concerns
}

/// The tasks of a service that are here and not stopped.
fn running<'n>(network: &'n Network, service: &Service) -> Vec<&'n Task> {
    network.tasks_of(service).filter(|task| task.last_status != "STOPPED").collect()
}

/// PLC-09: every awsvpc task takes an address of its subnet; a deployment starts new tasks before
/// it stops old ones.
fn exhausted(network: &Network, service: &Service, subnets: &[&Subnet]) -> Vec<Concern> {
    let full = |one: &&Subnet| one.available_addresses == Some(0);
    let all = !subnets.is_empty() && subnets.iter().all(full);
    let severity = if all { Severity::Stops } else { Severity::Warning };
    let mut concerns: Vec<Concern> = subnets
        .iter()
        .filter(|one| full(one))
        .map(|subnet| {
            let what = format!(
                "has no free address: tasks of service {} placed there do not start",
                service.label()
            );
            concern(*subnet, severity, "SUBNET_EXHAUSTED", what, "PLC-09")
        })
        .collect();
    let known: Option<u32> = subnets.iter().map(|one| one.available_addresses).sum();
    let (Some(free), Some(desired), false) = (known, service.desired_count, all) else {
        return concerns;
    };
    // `maximumPercent` is 200 where nothing states it.
    let most = u64::from(desired) * u64::from(service.maximum_percent.unwrap_or(200)) / 100;
    let present = running(network, service).len() as u64;
    let more = most.max(u64::from(desired)).saturating_sub(present);
    if more > u64::from(free) {
        let what = format!(
            "may start {more} more tasks at once (desired count {desired}, maximum {most} in a deployment), and its subnets have {free} free addresses"
        );
        let code = "SUBNET_EXHAUSTED";
        concerns.push(concern(service, Severity::Warning, code, what, "PLC-09"));
    }
    concerns
}

/// PLC-09
fn balancer_subnets(network: &Network, service: &Service) -> Vec<Concern> {
    let mut concerns = Vec::new();
    for leg in legs(network, service) {
        if leg.balancer.balancer_type != LoadBalancerType::Application {
            continue;
        }
        for subnet in leg.balancer.subnets.iter().filter_map(|id| network.subnets.get(id)) {
            let Some(free) = subnet.available_addresses else { continue };
            if free < FREE_FOR_BALANCER {
                let what = format!(
                    "has {free} free addresses, and load balancer {} asks for {FREE_FOR_BALANCER}",
                    leg.balancer.label()
                );
                let code = "LOAD_BALANCER_SUBNET_SMALL";
                concerns.push(concern(subnet, Severity::Warning, code, what, "PLC-09"));
            }
        }
    }
    concerns
}

/// PLC-08: a task of EC2 with an interface of its own runs on an instance of its subnet's zone.
fn without_instance(network: &Network, service: &Service, subnets: &[&Subnet]) -> Vec<Concern> {
    if runs_on(network, service).launch_type != Ok(LaunchType::Ec2) {
        return Vec::new();
    }
    let mut zones = BTreeSet::new();
    for one in container_instances(network, service) {
        let Some(id) = &one.instance else { continue };
        let instance = network.instances.get(id);
        let interface = instance.and_then(|one| network.interfaces.get(one.interfaces.first()?));
        let subnet = interface.and_then(|one| network.subnets.get(&one.subnet));
        // An instance whose zone is not known may be in any.
        let Some(subnet) = subnet else { return Vec::new() };
        zones.insert(subnet.zone.to_string());
    }
    if zones.is_empty() {
        return Vec::new();
    }
    let empty: BTreeSet<String> = subnets
        .iter()
        .map(|one| one.zone.to_string())
        .filter(|zone| !zones.contains(zone))
        .collect();
    if empty.is_empty() {
        return Vec::new();
    }
    let none = subnets.iter().all(|one| empty.contains(&one.zone.to_string()));
    // A provider may start instances there.
    let severity = match none && service.capacity_provider.is_none() {
        true => Severity::Stops,
        false => Severity::Warning,
    };
    let empty: Vec<String> = empty.into_iter().collect();
    let zones: Vec<String> = zones.into_iter().collect();
    let what = format!(
        "names subnets in {}, where no container instance is (there are some in {}): no task is placed there",
        empty.join(", "),
        zones.join(", ")
    );
    vec![concern(service, severity, "NO_INSTANCE_IN_ZONE", what, "PLC-08")]
}

/// TSK-07, PLC-05
fn public_address(network: &Network, service: &Service) -> Option<Concern> {
    let known = runs_on(network, service).launch_type.is_ok();
    (service.assign_public_ip && known && !on_fargate(network, service)).then(|| {
        let what = "asks for public addresses (assignPublicIp), which only tasks on Fargate get";
        concern(service, Severity::Warning, "PUBLIC_IP_NOT_EFFECTIVE", what, "PLC-05")
    })
}

/// PLC-06: what runs, held against what the service would start today.
fn drift(network: &Network, service: &Service) -> Vec<Concern> {
    let planned = placements(network, service);
    let mut concerns = Vec::new();
    for task in running(network, service) {
        let interfaces = task.interfaces.iter().filter_map(|id| network.interfaces.get(id));
        for interface in interfaces.filter(|one| one.planned.is_none()) {
            let differs = |one: &NetworkInterface| {
                let Some(same) = planned.iter().find(|place| place.subnet.id == one.subnet) else {
                    return Some(format!("in subnet {}", label(network, one)));
                };
                if same.groups != one.groups {
                    let groups = one.groups.iter().map(|id| {
                        network.security_groups.get(id).map_or(id.as_str(), Resource::label)
                    });
                    let groups: Vec<&str> = groups.collect();
                    return Some(format!("with the groups {}", groups.join(", ")));
                }
                let public = one.addresses.iter().any(|address| address.public.is_some());
                (public != same.public).then(|| {
                    let word = if public { "with" } else { "without" };
                    format!("{word} a public address")
                })
            };
            if let Some(how) = differs(interface) {
                let what = format!(
                    "runs {how}, which service {} does not ask for: its next task will differ",
                    service.label()
                );
                let code = "TASK_DIFFERS_FROM_SERVICE";
                concerns.push(concern(task, Severity::Warning, code, what, "PLC-06"));
            }
        }
        let other = task.task_definition.is_some()
            && service.task_definition.is_some()
            && task.task_definition != service.task_definition;
        if other && definition(network, service).is_some() {
            let id = task.task_definition.as_ref().map_or("", |id| id.as_str());
            let what = format!(
                "runs task definition {}, and service {} asks for another",
                id.rsplit('/').next().unwrap_or(id),
                service.label()
            );
            let code = "TASK_DIFFERS_FROM_SERVICE";
            concerns.push(concern(task, Severity::Note, code, what, "PLC-06"));
        }
    }
    concerns
}

fn label<'n>(network: &'n Network, interface: &'n NetworkInterface) -> &'n str {
    network.subnets.get(&interface.subnet).map_or(interface.subnet.as_str(), Resource::label)
}
