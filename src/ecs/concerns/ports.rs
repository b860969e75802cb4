//! Ports: taken twice, reserved, or not for this user.

use super::concern;
use crate::answer::{Concern, Severity};
use crate::ecs::runs::{container_instances, definition, runs_on};
use crate::models;
use crate::network::{
    Container, LaunchType, Network, NetworkMode, PortMapping, Resource, Service, TaskDefinition,
};
use std::collections::BTreeMap;

/// What the ports of the service's containers bring about.
pub(super) fn concerns(network: &Network, service: &Service) -> Vec<Concern> {
    let Some(definition) = definition(network, service) else { return Vec::new() };
    let mut concerns = Vec::new();
    match definition.network_mode {
        NetworkMode::Awsvpc => {
            concerns.extend(host_port_differs(definition));
            concerns.extend(taken_twice(definition));
        }
        NetworkMode::Host => {
            concerns.extend(host_port_differs(definition));
            concerns.extend(taken_twice(definition));
            concerns.extend(fixed(network, service, definition));
        }
        NetworkMode::Bridge => concerns.extend(fixed(network, service, definition)),
        NetworkMode::None | NetworkMode::Other(_) => {}
    }
    concerns.extend(privileged(network, service, definition));
    concerns
}

fn mappings(definition: &TaskDefinition) -> impl Iterator<Item = (&Container, &PortMapping)> {
    let containers = definition.containers.iter();
    containers.flat_map(|one| one.port_mappings.iter().map(move |mapping| (one, mapping)))
}

/// PLC-13
fn host_port_differs(definition: &TaskDefinition) -> Vec<Concern> {
    let differs = |one: &PortMapping| one.host_port.filter(|&host| host != one.container_port);
    mappings(definition)
        .filter_map(|(container, mapping)| Some((container, mapping, differs(mapping)?)))
        .map(|(container, mapping, host)| {
            let what = format!(
                "maps port {} of container {} to host port {host}: in network mode {} ECS refuses a host port that is not the container's",
                mapping.container_port, container.name, definition.network_mode
            );
            concern(definition, Severity::Stops, "HOST_PORT_NOT_CONTAINER_PORT", what, "PLC-13")
        })
        .collect()
}

/// CTR-18: the containers of a task share one network, and a port has one owner.
fn taken_twice(definition: &TaskDefinition) -> Vec<Concern> {
    let mut owners: BTreeMap<(u16, bool), Vec<&Container>> = BTreeMap::new();
    for container in &definition.containers {
        let mapped = container.port_mappings.iter();
        let mapped =
            mapped.flat_map(|one| (one.container_port..=one.last_port).map(|port| (port, one.udp)));
        for key in mapped {
            let owners = owners.entry(key).or_default();
            if owners.iter().all(|other| other.name != container.name) {
                owners.push(container);
            }
        }
    }
    let shared = owners.into_iter().filter(|(_, owners)| owners.len() > 1);
    shared
        .map(|((port, _), owners)| {
            let names: Vec<&str> = owners.iter().map(|one| one.name.as_str()).collect();
            let what = format!(
                "gives port {port} to the containers {}, which share one network: all but one cannot bind it and exit",
                names.join(", ")
            );
            concern(definition, Severity::Stops, "PORT_TAKEN_TWICE", what, "CTR-18")
        })
        .collect()
}

/// PLC-12: a fixed port of the instance serves one task per instance.
fn fixed(network: &Network, service: &Service, definition: &TaskDefinition) -> Vec<Concern> {
    let host_mode = definition.network_mode == NetworkMode::Host;
    let port = |one: &PortMapping| match host_mode {
        true => Some(one.container_port),
        false => one.host_port.filter(|&port| port != 0),
    };
    let mut taken: BTreeMap<(u16, bool), Vec<&str>> = BTreeMap::new();
    let mut concerns = Vec::new();
    for (container, mapping) in mappings(definition) {
        let Some(host) = port(mapping) else { continue };
        taken.entry((host, mapping.udp)).or_default().push(&container.name);
        if let Some(by) = models::reserved_host_port(host) {
            let what = format!(
                "takes host port {host} for container {}, which is reserved on container instances ({by})",
                container.name
            );
            let code = "HOST_PORT_RESERVED";
            concerns.push(concern(definition, Severity::Stops, code, what, "PLC-12"));
        }
    }
    // In host mode, containers that share a port are told already (CTR-18).
    for ((host, _), names) in taken.iter().filter(|(_, names)| names.len() > 1 && !host_mode) {
        let what = format!(
            "maps host port {host} for the containers {}: a port of the instance has one owner",
            names.join(", ")
        );
        concerns.push(concern(definition, Severity::Stops, "HOST_PORT_CONFLICT", what, "PLC-12"));
    }
    if runs_on(network, service).launch_type != Ok(LaunchType::Ec2) {
        return concerns;
    }
    let instances = container_instances(network, service).count() as u64;
    let ports: Vec<String> = taken.keys().map(|(port, _)| port.to_string()).collect();
    // How many instances there will be, a plan does not say.
    if ports.is_empty() || instances == 0 || network.planned {
        return concerns;
    }
    let desired = u64::from(service.desired_count.unwrap_or(1));
    if desired > instances {
        let what = format!(
            "wants {desired} tasks on {instances} container instances, and fixed host ports ({}) allow one per instance: the others are not placed (RESOURCE:PORTS)",
            ports.join(", ")
        );
        concerns.push(concern(service, Severity::Warning, "HOST_PORT_CONFLICT", what, "PLC-12"));
    }
    let others = network.services.values().filter(|one| {
        one.id != service.id
            && one.cluster == service.cluster
            && one.launch_type == service.launch_type
    });
    for other in others {
        let Some(theirs) = crate::ecs::runs::definition(network, other) else { continue };
        let their_host = theirs.network_mode == NetworkMode::Host;
        if !their_host && theirs.network_mode != NetworkMode::Bridge {
            continue;
        }
        let mut shared = mappings(theirs).filter_map(|(_, one)| {
            let host = if their_host { Some(one.container_port) } else { one.host_port };
            host.filter(|&host| taken.contains_key(&(host, one.udp)))
        });
        if let Some(port) = shared.next() {
            let what = format!(
                "takes host port {port}, and so does service {}: tasks of both do not fit on one instance",
                other.label()
            );
            let code = "HOST_PORT_CONFLICT";
            concerns.push(concern(service, Severity::Warning, code, what, "PLC-12"));
        }
    }
    concerns
}

/// CTR-18: a port below 1024, for a user who is not root.
fn privileged(network: &Network, service: &Service, definition: &TaskDefinition) -> Vec<Concern> {
    let fargate = runs_on(network, service).launch_type == Ok(LaunchType::Fargate);
    let rests_on = match fargate {
        true => "FARGATE_LOW_PORT_NEEDS_ROOT",
        false => "DOCKER_UNPRIVILEGED_PORTS",
    };
    let holds = network.assumptions.holds(rests_on);
    // Docker lifts the limit in the networks that it makes itself.
    let limited = match fargate {
        true => holds,
        false => definition.network_mode == NetworkMode::Host || !holds,
    };
    let value = network.assumptions.value(rests_on);
    let is_root = |user: &str| {
        let name = user.split(':').next().unwrap_or(user);
        name.is_empty() || name == "root" || name == "0"
    };
    let mut concerns = Vec::new();
    for container in definition.containers.iter().filter(|_| limited) {
        let Some(user) = container.user.as_deref().filter(|user| !is_root(user)) else { continue };
        let low: Vec<String> =
            container.ports().filter(|&port| port < 1_024).map(|port| port.to_string()).collect();
        if !low.is_empty() {
            let what = format!(
                "runs container {} as user {user} on port {}: below 1024, it probably cannot bind it (permission denied; assumes {rests_on} = {value})",
                container.name,
                low.join(", ")
            );
            let code = "PRIVILEGED_PORT";
            concerns.push(concern(definition, Severity::Warning, code, what, "CTR-18"));
        }
    }
    concerns
}
