//! Tasks as the ones that ask: from interfaces of their own, or from those of their hosts.

use super::client::{Client, describe, reference};
use super::unplaced::unplaced;
use super::{AskError, World};
use crate::answer::{Assumption, Code, Finding, ResourceRef, RuleId};
use crate::ecs::{Hosts, hosts, is_awsvpc, placements, runs_on};
use crate::network::{Families, Kind, LaunchType, NetworkMode, Resource, Service, Task};

impl World {
    /// The interfaces from which a service's tasks send their own traffic.
    pub(super) fn service_clients(&self, service: &Service) -> Result<Vec<Client>, AskError> {
        let definition = service.task_definition.as_ref();
        let definition = definition.and_then(|id| self.network.task_definitions.get(id));
        let mode = definition.map(|one| &one.network_mode);
        if mode == Some(&NetworkMode::None) {
            return Err(AskError::new(
                format!(
                    "{} has no network: its task definition says `none`",
                    describe(Kind::Service, service.label())
                ),
                "such a task reaches nothing, and nothing reaches it",
            ));
        }
        if is_awsvpc(&self.network, service) {
            return Ok(self.placed_clients(service));
        }
        // PLC-10
        let mut clients = self.host_clients(service);
        let words = mode.map_or_else(String::new, |mode| format!(" in network mode {mode}"));
        for client in &mut clients {
            client.findings.push(Finding {
                code: Code::new("TASK_SENDS_FROM_INSTANCE"),
                text: format!("tasks{words} send from the instance's interface: its groups and routes apply to them (PLC-10)"),
            });
        }
        Ok(clients)
    }

    /// A service's placements, and the running tasks that differ from them (PLC-06).
    fn placed_clients(&self, service: &Service) -> Vec<Client> {
        let resource = reference(service);
        let mut clients = Vec::new();
        let mut like_planned = Vec::new();
        let on_instances = on_instances(self, service);
        for placement in placements(&self.network, service) {
            let id = placement.interface_id();
            let Some(interface) = self.network.interfaces.get(id.as_str()) else { continue };
            like_planned.push((
                interface.subnet.clone(),
                interface.groups.clone(),
                interface.planned_public,
            ));
            let mut client = self.interface_client(interface, resource.clone());
            client.findings.extend(on_instances.clone());
            if placement.families == Families::V4 && placement.subnet.has_ipv6() {
                client.assumptions.push(Assumption {
                    name: "EC2_TASK_IPV6_NEEDS_SETTING".into(),
                    value: "true".into(),
                    rule: RuleId::new("PLC-18"),
                });
            }
            // PLC-04
            let by_subnet = placement.subnet.map_public_ip && !service.assign_public_ip;
            if by_subnet && on_instances.is_none() {
                let name = "FARGATE_IGNORES_MAP_PUBLIC_IP";
                let value = self.network.assumptions.value(name).into();
                let rule = RuleId::new("PLC-04");
                client.assumptions.push(Assumption { name: name.into(), value, rule });
            }
            clients.push(client);
        }
        let missing = self.absent_subnets(&service.subnets, Kind::Service, service.label());
        clients.extend(missing.into_iter().map(|one| unplaced(resource.clone(), one)));
        for task in self.network.tasks_of(service) {
            for interface in task.interfaces.iter().filter_map(|id| self.network.interfaces.get(id))
            {
                let public = interface.addresses.iter().any(|address| address.public.is_some());
                let own = (interface.subnet.clone(), interface.groups.clone(), public);
                if like_planned.contains(&own) {
                    continue;
                }
                let mut client = self.interface_client(interface, reference(task));
                client.findings.push(Finding {
                    code: Code::new("TASK_DIFFERS_FROM_SERVICE"),
                    text: format!(
                        "this running task's subnet, groups or public address are not what service {} asks for",
                        service.label()
                    ),
                });
                clients.push(client);
            }
        }
        clients
    }

    /// TSK-03, TSK-06: the hosts of a service's tasks, and what is missing to know them all.
    pub(super) fn host_clients(&self, service: &Service) -> Vec<Client> {
        let Hosts { hosts, missing, assumptions } = hosts(&self.network, service);
        let mut clients = Vec::new();
        for host in hosts {
            let Some(interface) = self.network.interfaces.get(&host.interface) else { continue };
            clients.push(self.interface_client(interface, host.owner));
        }
        clients.extend(missing.into_iter().map(|one| unplaced(reference(service), one)));
        for client in &mut clients {
            client.assumptions.clone_from(&assumptions);
        }
        clients
    }

    pub(super) fn task_clients(&self, task: &Task) -> Vec<Client> {
        let interfaces = task.interfaces.iter().filter_map(|id| self.network.interfaces.get(id));
        let resource: ResourceRef = reference(task);
        interfaces.map(|interface| self.interface_client(interface, resource.clone())).collect()
    }
}

/// TSK-03: on instances, images, secrets and logs are the instance's business.
fn on_instances(world: &World, service: &Service) -> Option<Finding> {
    let fargate = runs_on(&world.network, service).launch_type == Ok(LaunchType::Fargate);
    (!fargate).then(|| Finding {
        code: Code::new("STARTUP_FROM_INSTANCE"),
        text: "this is the path of the task's own traffic: on EC2, images, secrets and logs go through the instance's interface".to_owned(),
    })
}
