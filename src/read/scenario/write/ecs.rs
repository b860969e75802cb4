//! ECS services, task definitions, and what they run on.

use super::Writer;
use super::hosts::{listening, operating_system, sockets};
use super::tree::{Map, Yaml, one_or_more, text};
use crate::network::{
    CapacityProvider, CapacitySource, Cluster, Container, ContainerHealthCheck, ContainerInstance,
    FileSystem, Kind, LaunchType, LogConfiguration, MountTarget, OperatingSystem, PortMapping,
    Service, ServiceConnect, ServiceTarget, TaskDefinition, VolumeSource,
};
use crate::read::scenario::ecs::LAUNCH_TYPES;
use std::collections::BTreeMap;

impl Writer<'_> {
    pub(super) fn service(&self, service: &Service) -> Option<Map> {
        let mut map = Map::default();
        map.some("cluster", service.cluster.as_ref());
        map.some("capacity_provider", service.capacity_provider.as_ref());
        let usual = match service.capacity_provider.as_deref() {
            None | Some("FARGATE" | "FARGATE_SPOT") => LaunchType::Fargate,
            Some(name) => LaunchType::Other(format!("capacity provider {name}")),
        };
        if service.launch_type != usual {
            map.put("launch_type", launch_type(&service.launch_type));
        }
        map.items("subnets", self.key_all(Kind::Subnet, &service.subnets));
        map.items("security_groups", self.key_all(Kind::SecurityGroup, &service.groups));
        map.unless("assign_public_ip", service.assign_public_ip, false);
        map.some("platform_version", service.platform_version.as_ref());
        let definition = service.task_definition.as_ref();
        map.some("task_definition", definition.map(|id| self.key(Kind::TaskDefinition, id)));
        match service.targets.as_slice() {
            [only] => map.0.extend(self.service_target(only).0),
            several => {
                map.items("target_groups", several.iter().map(|one| self.service_target(one)))
            }
        }
        map.some("desired_count", service.desired_count.map(text));
        map.some("maximum_percent", service.maximum_percent.map(text));
        map.some("grace_period", service.grace_seconds.map(text));
        map.unless("execute_command", service.execute_command, false);
        map.some("service_connect", service.service_connect.as_ref().map(service_connect));
        map.some("observed", service.observed.as_ref().map(listening));
        map.items("needs", service.needs.iter().map(|need| &need.place));
        Some(map)
    }

    fn service_target(&self, target: &ServiceTarget) -> Map {
        let mut map = Map::default();
        map.put("target_group", self.key(Kind::TargetGroup, &target.target_group));
        map.some("container", target.container.as_ref());
        map.some("port", target.port.map(text));
        let alternate = target.alternate.as_ref();
        map.some("alternate_target_group", alternate.map(|id| self.key(Kind::TargetGroup, id)));
        map
    }

    pub(super) fn task_definition(&self, definition: &TaskDefinition) -> Option<Map> {
        let mut map = Map::default();
        map.unless("network_mode", definition.network_mode.to_string().as_str(), "awsvpc");
        let system = definition.operating_system;
        let usual = Some(OperatingSystem::Linux).filter(|_| self.implied());
        if system != usual {
            map.some("operating_system", system.map(operating_system));
        }
        map.some("cpu_architecture", definition.cpu_architecture.as_ref());
        map.some("cpu", definition.cpu.map(text));
        map.some("memory", definition.memory.map(text));
        map.some("execution_role", definition.execution_role.as_ref());
        map.some("task_role", definition.task_role.as_ref());
        let mut volumes = Map::default();
        for volume in &definition.volumes {
            volumes.put(&volume.name, self.volume(&volume.source));
        }
        if !volumes.is_empty() {
            map.put("volumes", volumes);
        }
        if let Some(proxy) = &definition.proxy {
            let mut own = Map::default();
            own.unless("type", proxy.proxy_type.as_str(), "APPMESH");
            own.put("container", &proxy.container);
            own.put("app_ports", proxy.app_ports.iter().map(text).collect::<Vec<_>>());
            own.some("ingress_port", proxy.ingress_port.map(text));
            map.put("proxy", own);
        }
        map.items("not_modelled", &definition.not_modelled);
        let mut containers = Map::default();
        for one in &definition.containers {
            containers.put(&one.name, container(one));
        }
        map.put("containers", containers);
        Some(map)
    }

    fn volume(&self, source: &VolumeSource) -> Map {
        let mut map = Map::default();
        match source {
            VolumeSource::Efs { file_system } => {
                map.put("efs", self.key(Kind::FileSystem, file_system));
            }
            VolumeSource::FsxWindows { file_system, credentials } => {
                map.put("fsx_windows", file_system);
                map.some("credentials", credentials.as_ref());
            }
            VolumeSource::Docker { driver, options } => {
                map.put("docker_driver", driver);
                if !options.is_empty() {
                    map.put("options", texts(options));
                }
            }
        }
        map
    }

    pub(super) fn cluster(&self, cluster: &Cluster) -> Option<Map> {
        let mut map = Map::default();
        map.items("default_capacity_providers", &cluster.default_providers);
        map.unless("exec_key", cluster.execute_key, false);
        map.unless("exec_logs", cluster.execute_logs, false);
        map.unless("exec_bucket", cluster.execute_bucket, false);
        Some(map)
    }

    pub(super) fn provider(&self, provider: &CapacityProvider) -> Option<Map> {
        let mut map = Map::default();
        if let CapacitySource::ManagedInstances { subnets, groups } = &provider.source {
            map.put("subnets", Yaml::List(self.key_all(Kind::Subnet, subnets)));
            map.items("security_groups", self.key_all(Kind::SecurityGroup, groups));
        }
        Some(map)
    }

    pub(super) fn container_instance(&self, one: &ContainerInstance) -> Option<Map> {
        let mut map = Map::default();
        map.some("instance", one.instance.as_ref().map(|id| self.key(Kind::Instance, id)));
        map.some("cluster", one.cluster.as_ref());
        map.some("capacity_provider", one.capacity_provider.as_ref());
        let range = one.dynamic_ports.map(|(low, high)| text(format!("{low}-{high}")));
        map.some("dynamic_ports", range);
        map.some("agent_connected", one.agent_connected.map(text));
        Some(map)
    }

    pub(super) fn file_system(&self, system: &FileSystem) -> Option<Map> {
        let targets = &system.mount_targets;
        let mut map = Map::default();
        let groups = targets.first().map(|first| &first.groups);
        let alike = targets.iter().all(|target| {
            target.interface.is_none()
                && target.state == "available"
                && Some(&target.groups) == groups
        });
        if !alike {
            map.items("mount_targets", targets.iter().map(|target| self.mount_target(target)));
            return Some(map);
        }
        let subnets = targets.iter().map(|target| &target.subnet);
        map.items("subnets", self.key_all(Kind::Subnet, subnets));
        map.items(
            "security_groups",
            self.key_all(Kind::SecurityGroup, groups.into_iter().flatten()),
        );
        Some(map)
    }

    fn mount_target(&self, target: &MountTarget) -> Map {
        let mut map = Map::default();
        map.put("subnet", self.key(Kind::Subnet, &target.subnet));
        let interface = target.interface.as_ref();
        map.some("interface", interface.map(|id| self.key(Kind::NetworkInterface, id)));
        map.items("security_groups", self.key_all(Kind::SecurityGroup, &target.groups));
        map.unless("state", target.state.as_str(), "available");
        map
    }
}

pub(super) fn launch_type(launch_type: &LaunchType) -> Yaml {
    if let LaunchType::Other(other) = launch_type {
        return text(other);
    }
    let word = LAUNCH_TYPES.iter().find(|(_, one)| one == launch_type);
    text(word.map_or("FARGATE", |(word, _)| word))
}

fn service_connect(connect: &ServiceConnect) -> Yaml {
    if connect.services.is_empty() {
        return text("true");
    }
    let services = connect.services.iter().map(|one| match one.ingress_port {
        None => text(&one.port_name),
        Some(port) => {
            let mut map = Map::default();
            map.put("port", &one.port_name);
            map.put("ingress_port", text(port));
            Yaml::Map(map)
        }
    });
    Yaml::List(services.collect())
}

fn container(container: &Container) -> Map {
    let mut map = Map::default();
    map.some("image", container.image.as_ref());
    map.unless("essential", !container.optional, true);
    let ports: Vec<Yaml> = container.port_mappings.iter().map(mapping).collect();
    if !ports.is_empty() {
        let key = if ports.len() == 1 { "port" } else { "ports" };
        map.put(key, one_or_more(ports));
    }
    map.some("listens", container.listens.as_deref().map(sockets));
    map.some("entry_point", container.entry_point.as_deref().map(words));
    map.some("command", container.command.as_deref().map(words));
    if !container.environment.is_empty() {
        let mut environment = Map::default();
        for (name, value) in &container.environment {
            environment.put(name, value.as_ref().map_or(Yaml::Null, Yaml::from));
        }
        map.put("environment", environment);
    }
    map.some("user", container.user.as_ref());
    map.some("health_check", container.health_check.as_ref().map(health_check));
    let mut waits = Map::default();
    for (name, condition) in &container.depends_on {
        waits.put(name, condition);
    }
    if !waits.is_empty() {
        map.put("depends_on", waits);
    }
    map.items("secrets", &container.secrets);
    map.some("repository_credentials", container.repository_credentials.as_ref());
    map.items("environment_files", &container.environment_files);
    map.some("log", container.log.as_ref().map(log));
    if let Some(firelens) = &container.firelens {
        let mut own = Map::default();
        if !firelens.options.is_empty() {
            own.put("options", texts(&firelens.options));
        }
        map.put("firelens", own);
    }
    map
}

fn words(words: &[String]) -> Yaml {
    Yaml::List(words.iter().map(Yaml::from).collect())
}

fn texts(options: &BTreeMap<String, String>) -> Map {
    let mut map = Map::default();
    for (name, value) in options {
        map.put(name, value);
    }
    map
}

fn mapping(mapping: &PortMapping) -> Yaml {
    let PortMapping { name, container_port, last_port, host_port, udp } = mapping;
    let mut written = container_port.to_string();
    if container_port != last_port {
        written = format!("{written}-{last_port}");
    }
    if let Some(host) = host_port {
        written = format!("{host}:{written}");
    }
    if *udp {
        written.push_str("/udp");
    }
    match name {
        None => text(written),
        Some(name) => {
            let mut map = Map::default();
            map.put("port", written);
            map.put("name", name);
            Yaml::Map(map)
        }
    }
}

fn health_check(check: &ContainerHealthCheck) -> Yaml {
    let command = match check.command.as_slice() {
        [shell, line] if shell == "CMD-SHELL" => text(line),
        several => words(several),
    };
    match check.start_period {
        None => command,
        Some(seconds) => {
            let mut map = Map::default();
            map.put("command", command);
            map.put("start_period", text(seconds));
            Yaml::Map(map)
        }
    }
}

fn log(log: &LogConfiguration) -> Yaml {
    if log.options.is_empty() {
        return text(&log.driver);
    }
    let mut map = Map::default();
    map.put("driver", &log.driver);
    let own = [("region", "awslogs-region"), ("endpoint", "awslogs-endpoint"), ("mode", "mode")];
    let mut options = log.options.clone();
    for (key, option) in own {
        map.some(key, options.remove(option));
    }
    if !options.is_empty() {
        map.put("options", texts(&options));
    }
    Yaml::Map(map)
}
