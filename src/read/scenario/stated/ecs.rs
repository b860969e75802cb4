//! Task definitions with their containers, services, and what listens.

use super::{Entry, Stating, nowhere, sequence, text};
use crate::network::{
    Container, Kind, LaunchType, NetworkMode, OperatingSystem, PortMapping, Service, Socket,
    TaskDefinition,
};
use crate::read::scenario::node::{Key, Node, Value};
use std::net::SocketAddr;

pub(super) fn system_word(system: OperatingSystem) -> &'static str {
    match system {
        OperatingSystem::Linux => "linux",
        OperatingSystem::Windows => "windows",
    }
}

/// What listens, where a file can say it.
pub(super) fn sockets(sockets: &[Socket]) -> Option<Node> {
    let one = |socket: &Socket| {
        let plain = Socket {
            v6_only: socket.v6_only,
            at: socket.at.clone(),
            ..Socket::new(socket.address, socket.port)
        };
        if *socket != plain {
            return None;
        }
        let at = socket.at.clone().unwrap_or_else(nowhere);
        Some(match socket.v6_only {
            None => text(&at, SocketAddr::new(socket.address, socket.port)),
            Some(only) => Entry::at(at)
                .text("address", socket.address)
                .text("port", socket.port)
                .text("v6_only", only)
                .done(),
        })
    };
    sockets.iter().map(one).collect::<Option<_>>().map(sequence)
}

impl Stating<'_> {
    pub(super) fn task_definition(&self, definition: &TaskDefinition) -> Option<Node> {
        let mode = match &definition.network_mode {
            NetworkMode::Awsvpc => "awsvpc",
            NetworkMode::Bridge => "bridge",
            NetworkMode::Host => "host",
            NetworkMode::None => "none",
            NetworkMode::Other(_) => return None,
        };
        let mut containers = Entry::new();
        for one in &definition.containers {
            containers = containers.node(&one.name, container(one)?);
        }
        Some(
            Entry::new()
                .text("network_mode", mode)
                .some("operating_system", definition.operating_system.map(system_word))
                .some("cpu_architecture", definition.cpu_architecture.as_ref())
                .some("cpu", definition.cpu)
                .some("memory", definition.memory)
                .some("execution_role", definition.execution_role.as_ref())
                .some("task_role", definition.task_role.as_ref())
                .node("containers", containers.done())
                .done(),
        )
    }

    pub(super) fn service(&self, service: &Service) -> Option<Node> {
        let launch_type = match (&service.launch_type, &service.capacity_provider) {
            (LaunchType::Fargate, _) => Some("FARGATE"),
            (LaunchType::Ec2, _) => Some("EC2"),
            (LaunchType::External, _) => Some("EXTERNAL"),
            (LaunchType::ManagedInstances, _) => Some("MANAGED_INSTANCES"),
            (LaunchType::Other(_), Some(_)) => None,
            (LaunchType::Other(_), None) => return None,
        };
        let subnets = self.known(Kind::Subnet, service.subnets.iter().map(|id| id.as_str()));
        let groups = service.groups.iter().map(|id| id.as_str());
        let definition = service.task_definition.iter().map(|id| id.as_str());
        let entry = Entry::new().some("launch_type", launch_type);
        let entry = match subnets.is_empty() {
            true => entry,
            false => entry.list("subnets", subnets),
        };
        let entry = entry
            .list("security_groups", self.known(Kind::SecurityGroup, groups))
            .text("assign_public_ip", service.assign_public_ip)
            .some("platform_version", service.platform_version.as_ref())
            .some("task_definition", self.known(Kind::TaskDefinition, definition).first())
            .some("cluster", service.cluster.as_ref())
            .some("capacity_provider", service.capacity_provider.as_ref())
            .some("desired_count", service.desired_count)
            .some("maximum_percent", service.maximum_percent)
            .text("execute_command", service.execute_command)
            .list("needs", service.needs.iter().map(|need| &need.place));
        // Several groups share a container and a port in a file.
        Some(match service.targets.as_slice() {
            [only] if self.network.target_groups.contains_key(&only.target_group) => entry
                .text("target_group", &only.target_group)
                .some("container", only.container.as_ref())
                .some("port", only.port)
                .some("alternate_target_group", only.alternate.as_ref())
                .done(),
            _ => entry.done(),
        })
    }
}

fn container(container: &Container) -> Option<Node> {
    let ports = container.port_mappings.iter().map(mapping).collect();
    let entry = Entry::new()
        .some("image", container.image.as_ref())
        .node("ports", sequence(ports))
        .some("user", container.user.as_ref())
        .list("secrets", &container.secrets)
        .some("repository_credentials", container.repository_credentials.as_ref())
        .list("environment_files", &container.environment_files);
    let entry = match container.listens.as_ref() {
        Some(listens) => entry.node("listens", sockets(listens)?),
        None => entry,
    };
    let words = |entry: Entry, key, words: Option<&Vec<String>>| match words {
        Some(words) => entry.list(key, words),
        None => entry,
    };
    let entry = words(entry, "command", container.command.as_ref());
    let entry = words(entry, "entry_point", container.entry_point.as_ref());
    let mut environment = Entry::new();
    for (name, value) in &container.environment {
        let node = match value {
            Some(value) => text(&nowhere(), value),
            None => Node { at: nowhere(), value: Value::Null },
        };
        environment.fields.push((Key { text: name.clone(), at: nowhere() }, node));
    }
    Some(entry.node("environment", environment.done()).done())
}

/// `80:8080`, `53/udp`, `8000-8010`, with its name where it has one.
fn mapping(mapping: &PortMapping) -> Node {
    let host = mapping.host_port.map(|host| format!("{host}:")).unwrap_or_default();
    let last = match mapping.last_port == mapping.container_port {
        true => String::new(),
        false => format!("-{}", mapping.last_port),
    };
    let udp = if mapping.udp { "/udp" } else { "" };
    let port = format!("{host}{}{last}{udp}", mapping.container_port);
    match &mapping.name {
        None => text(&nowhere(), port),
        Some(name) => Entry::new().text("port", port).text("name", name).done(),
    }
}
