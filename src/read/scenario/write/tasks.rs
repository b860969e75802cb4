//! Tasks that run, or have stopped.

use super::Writer;
use super::hosts::listening;
use super::tree::{Map, Yaml, text};
use crate::network::{
    InterfaceRole, Kind, KnownPorts, NetworkInterface, Resource, Service, Tags, Task, TaskContainer,
};

impl Writer<'_> {
    /// The interface that a task has by its own name, and says everything about.
    pub(super) fn own_interface_of_task(&self, task: &Task) -> Option<&NetworkInterface> {
        let [only] = task.interfaces.as_slice() else { return None };
        let own = self.network.interfaces.get(only)?;
        let same_key = self.keys.key(Kind::Task, task.id_text())
            == self.keys.key(Kind::NetworkInterface, own.id_text());
        let one_address = match own.addresses.as_slice() {
            [] => own.planned.is_some(),
            [only] => only.address.is_ipv4() && own.planned.is_none(),
            _ => false,
        };
        let same = own.id_text() == task.id_text()
            && (&own.about.name, &own.about.scope) == (&task.about.name, &task.about.scope)
            && own.about.tags == Tags::default()
            && own.role == InterfaceRole::Task
            && own.usable == (task.last_status != "STOPPED")
            && own.instance.is_none()
            && own.sockets.is_empty()
            && own.sockets_known == KnownPorts::default()
            && own.source_dest_check
            && own.forwards.is_none()
            && !own.deny_igw
            && own.operating_system.is_none()
            && task.subnet.is_none();
        (same && same_key && one_address && self.implied()).then_some(own)
    }

    /// The service that started a task, when it is the only one of its name.
    fn service_of(&self, task: &Task) -> Option<&Service> {
        let name = task.group.as_deref()?.strip_prefix("service:")?;
        let mut called = self.network.services.values().filter(|one| one.label() == name);
        called.next().filter(|_| called.next().is_none())
    }

    pub(super) fn task(&self, task: &Task) -> Option<Map> {
        let mut map = Map::default();
        let service = self.service_of(task);
        match service {
            Some(service) => map.put("service", self.key(Kind::Service, &service.id)),
            None => map.some("group", task.group.as_ref()),
        }
        match self.own_interface_of_task(task) {
            Some(own) => {
                map.0.extend(self.place(own).0);
                let shared = service.map(|service| &service.groups);
                if shared.filter(|groups| !groups.is_empty()) != Some(&own.groups) {
                    self.groups(&mut map, &own.groups, Some(&own.vpc));
                }
            }
            None => {
                let interfaces = self.key_all(Kind::NetworkInterface, &task.interfaces);
                map.put("interfaces", Yaml::List(interfaces));
                map.some("subnet", task.subnet.as_ref().map(|id| self.key(Kind::Subnet, id)));
            }
        }
        let implied =
            service.filter(|_| self.implied()).and_then(|one| one.task_definition.as_ref());
        if task.task_definition.as_ref() != implied {
            let definition = task.task_definition.as_ref();
            map.some("task_definition", definition.map(|id| self.key(Kind::TaskDefinition, id)));
        }
        map.unless("status", task.last_status.as_str(), "RUNNING");
        map.some("cluster", task.cluster.as_ref());
        map.some("launch_type", task.launch_type.as_ref().map(super::ecs::launch_type));
        let instance = task.container_instance.as_ref();
        map.some("container_instance", instance.map(|id| self.key(Kind::ContainerInstance, id)));
        map.some("stop_code", task.stop_code.as_ref());
        map.some("stopped_reason", task.stopped_reason.as_ref());
        let mut containers = Map::default();
        for one in &task.containers {
            containers.put(&one.name, container(one));
        }
        if !containers.is_empty() {
            map.put("containers", containers);
        }
        map.some("observed", task.observed.as_ref().map(listening));
        Some(map)
    }
}

fn container(container: &TaskContainer) -> Map {
    let mut map = Map::default();
    map.some("exit_code", container.exit_code.map(text));
    map.some("reason", container.reason.as_ref());
    map.some("health_status", container.health_status.as_ref());
    let bindings = container.bindings.iter();
    map.items(
        "bindings",
        bindings.map(|one| text(format!("{}:{}", one.host_port, one.container_port))),
    );
    map
}
