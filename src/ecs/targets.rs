//! Targets on hosts: where tasks without an interface of their own are reached, and on which of the
//! host's ports.

use super::runs::{Host, hosts};
use super::sockets::{KnownSockets, known_sockets};
use crate::header::{IntervalSet, PortSet};
use crate::models;
use crate::network::{
    Container, ContainerInstance, LaunchType, Network, NetworkMode, OperatingSystem, PortMapping,
    Published, Service, ServiceTarget, Subnet, Task,
};

/// On which ports of a host a container's port is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPorts {
    /// The ports: every one of them may be it.
    pub ports: PortSet,
    /// Whether the range is the usual one, which nothing states.
    pub usual: bool,
    /// Whether the mapping is one of a range of container ports (PLC-17).
    pub ranged: bool,
}

/// The network mode of the service's tasks, where it is known.
pub(super) fn network_mode<'n>(network: &'n Network, service: &Service) -> Option<&'n NetworkMode> {
    let definition = service.task_definition.as_ref();
    match definition.and_then(|id| network.task_definitions.get(id)) {
        Some(definition) => Some(&definition.network_mode),
        None if service.launch_type == LaunchType::Fargate => Some(&NetworkMode::Awsvpc),
        None => None,
    }
}

/// The mappings of the port that is registered.
pub(super) fn mappings<'n>(
    network: &'n Network,
    service: &Service,
    target: &ServiceTarget,
) -> Vec<&'n PortMapping> {
    let definition = service.task_definition.as_ref();
    let definition = definition.and_then(|id| network.task_definitions.get(id));
    let containers = definition.map(|one| one.containers.as_slice()).unwrap_or_default();
    let registered = |one: &&Container| target.container.as_ref().is_none_or(|n| *n == one.name);
    let holds = |one: &&PortMapping| {
        target.port.is_some_and(|port| (one.container_port..=one.last_port).contains(&port))
    };
    containers.iter().filter(registered).flat_map(|one| &one.port_mappings).filter(holds).collect()
}

/// Whether a service's tasks share the interface of their container instance.
#[must_use]
pub fn on_hosts(network: &Network, service: &Service) -> bool {
    network_mode(network, service)
        .is_some_and(|mode| !matches!(mode, NetworkMode::Awsvpc | NetworkMode::None))
}

/// The subnets of a service's targets: its own, or those of its hosts.
#[must_use]
pub fn target_subnets<'n>(network: &'n Network, service: &'n Service) -> Vec<&'n Subnet> {
    let mut subnets: Vec<&Subnet> = match on_hosts(network, service) {
        false => service.subnets.iter().filter_map(|id| network.subnets.get(id)).collect(),
        true => hosts(network, service)
            .hosts
            .iter()
            .filter_map(|host| network.interfaces.get(&host.interface))
            .filter_map(|interface| network.subnets.get(&interface.subnet))
            .collect(),
    };
    subnets.sort_by(|a, b| a.id.cmp(&b.id));
    subnets.dedup_by(|a, b| a.id == b.id);
    subnets
}

/// The id of the planned interface that stands for a service's container port on a host.
#[must_use]
pub fn host_interface_id(service: &Service, port: u16, host: &Host) -> String {
    format!("planned/{}:{port}@{}", service.id, host.interface)
}

/// PLC-11: the ports of a host on which a registered container port is reached; `None` where no
/// mapping says so.
#[must_use]
pub fn host_ports(
    network: &Network,
    service: &Service,
    target: &ServiceTarget,
    port: u16,
    host: &Host,
) -> Option<HostPorts> {
    // PLC-13: in host mode a container's ports are the instance's own.
    if network_mode(network, service) == Some(&NetworkMode::Host) {
        return Some(HostPorts { ports: PortSet::single(port), usual: false, ranged: false });
    }
    let stated = ServiceTarget { port: Some(port), ..target.clone() };
    let mappings = mappings(network, service, &stated);
    let ranged = mappings.iter().any(|one| one.container_port < one.last_port);
    let fixed = mappings.iter().filter_map(|one| one.host_port).find(|port| *port > 0);
    if let Some(fixed) = fixed {
        return Some(HostPorts { ports: PortSet::single(fixed), usual: false, ranged });
    }
    if mappings.is_empty() {
        return None;
    }
    if ranged && !network.assumptions.holds("PORT_RANGE_AS_DYNAMIC") {
        return Some(HostPorts { ports: PortSet::single(port), usual: false, ranged });
    }
    let registration = registration(network, host);
    let (range, usual) = match registration.and_then(|one| one.dynamic_ports) {
        Some(range) => (range, false),
        None => (usual_range(network, service)?, true),
    };
    // PLC-11: a running task says where it is, which proves nothing of the next one.
    let bound = registration.map(|one| bound(network, service, target, port, one));
    let range = PortSet::from_range(range.0, range.1);
    let ports = bound.map_or_else(|| range.clone(), |bound| range.union(&bound));
    Some(HostPorts { ports, usual, ranged })
}

/// A host's registration with its cluster.
fn registration<'n>(network: &'n Network, host: &Host) -> Option<&'n ContainerInstance> {
    let of_host = |one: &&ContainerInstance| {
        one.instance.as_ref().is_some_and(|id| id.as_str() == host.owner.id)
    };
    network.container_instances.values().find(of_host)
}

/// The kernel's range.
fn usual_range(network: &Network, service: &Service) -> Option<(u16, u16)> {
    let definition = service.task_definition.as_ref();
    let definition = definition.and_then(|id| network.task_definitions.get(id));
    let system = match definition.and_then(|one| one.operating_system) {
        Some(OperatingSystem::Windows) => "windows",
        _ => "linux",
    };
    models::dynamic_ports(system)
}

/// The host ports of the service's tasks that run there.
fn bound(
    network: &Network,
    service: &Service,
    target: &ServiceTarget,
    port: u16,
    host: &ContainerInstance,
) -> PortSet {
    let here = |task: &&Task| task.container_instance.as_ref() == Some(&host.id);
    let containers = network.tasks_of(service).filter(here).flat_map(|task| &task.containers);
    let bindings = containers
        .filter(|one| target.container.as_ref().is_none_or(|name| *name == one.name))
        .flat_map(|one| &one.bindings);
    let ports = bindings.filter(|one| one.container_port == port).map(|one| one.host_port);
    IntervalSet::from_ranges(ports.map(|port| (port, port)))
}

/// What listens behind those ports (CTR-01, CTR-09, CTR-10), and where they lead.
#[must_use]
pub fn behind(
    network: &Network,
    service: &Service,
    target: &ServiceTarget,
    port: u16,
    ports: &PortSet,
) -> (KnownSockets, Option<Published>) {
    let definition = service.task_definition.as_ref();
    let definition = definition.and_then(|id| network.task_definitions.get(id));
    let observed = service.observed.as_ref();
    if network_mode(network, service) == Some(&NetworkMode::Host) {
        return (known_sockets(&network.assumptions, definition, observed), None);
    }
    // In bridge mode every container has a network namespace of its own.
    let own = definition.cloned().map(|mut definition| {
        let mapped = |one: &crate::network::Container| one.ports().any(|own| own == port);
        definition.containers.retain(|one| match &target.container {
            Some(name) => one.name == *name,
            None => mapped(one),
        });
        definition
    });
    let mut known = known_sockets(&network.assumptions, own.as_ref(), observed);
    for socket in &mut known.sockets {
        // PLC-14: packets come to the container's own address, which nothing tells.
        if !socket.address.is_unspecified() && !socket.address.is_loopback() {
            socket.likely = true;
        }
    }
    (known, Some(Published { ports: ports.clone(), port }))
}
