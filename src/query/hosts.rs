//! A service whose tasks share their instance's interface, as the one that is asked.

use super::World;
use super::client::{Client, reference};
use super::server::{Port, Server, nowhere};
use super::socket::Listener;
use crate::answer::{Assumption, Missing, RuleId};
use crate::ecs::{HostPorts, host_interface_id, host_ports, hosts, registered_port};
use crate::network::{Network, Resource, Service, ServiceTarget};

impl World {
    /// PLC-10, PLC-11: the container instances that may run the service's tasks, at every port on
    /// which a task may be reached. `port` is the container's.
    pub(super) fn host_servers(
        &self,
        client: &Client,
        service: &Service,
        port: Port,
    ) -> Vec<Server> {
        let network = &self.network;
        let registered =
            |one: &&ServiceTarget| registered_port(network, service, one) == Some(port.number);
        let target = service.targets.iter().find(registered);
        let unknown = |missing: Missing| {
            let mut server = nowhere(reference(service), port);
            server.missing = Some(missing);
            server
        };
        let label = service.label();
        let found = hosts(network, service);
        let mut servers: Vec<Server> = found.missing.iter().cloned().map(unknown).collect();
        for host in &found.hosts {
            let id = host_interface_id(service, port.number, host);
            let (Some(target), Some(interface)) = (target, network.interfaces.get(id.as_str()))
            else {
                let owner = host.owner.label();
                let fact = format!(
                    "on which port of {owner} port {} of service {label} is published: no mapping and no target group says so",
                    port.number
                );
                servers.push(unknown(Missing { fact, command: None }));
                continue;
            };
            let mut server = self.interface_server(client, interface, host.owner.clone(), port);
            server.assumptions.extend(found.assumptions.iter().cloned());
            if let Some(found) = host_ports(network, service, target, port.number, host) {
                at(&self.network, &mut server, &found);
            }
            let listener = Listener {
                service: Some(service),
                definition: service.task_definition.as_ref(),
                observed: service.observed.as_ref(),
                cluster: service.cluster.as_deref(),
                task: None,
                held: false,
            };
            self.tell_of_socket(&mut server, interface, listener, port);
            servers.push(server);
        }
        servers
    }
}

/// The server's ports are the instance's.
fn at(network: &Network, server: &mut Server, found: &HostPorts) {
    let assume = |server: &mut Server, name: &'static str, rule| {
        let value = network.assumptions.value(name).into();
        let assumption = Assumption { name: name.into(), value, rule: RuleId::new(rule) };
        server.assumptions.push(assumption);
    };
    let usual = "DYNAMIC_HOST_PORTS_ARE_THE_KERNELS";
    if found.usual {
        assume(server, usual, "PLC-11");
    }
    if found.usual && !network.assumptions.holds(usual) {
        let fact =
            format!("which dynamic ports {} gives out ({usual})", server.end.resource.label());
        let missing = Missing { fact, command: None };
        server.missing = server.missing.take().or(Some(missing.clone()));
        server.unless_reached = server.unless_reached.take().or(Some(missing));
    }
    if found.ranged {
        assume(server, "PORT_RANGE_AS_DYNAMIC", "PLC-17");
    }
    if let Some(flow) = &mut server.flow {
        flow.destination_ports.clone_from(&found.ports);
    }
    match found.ports.ranges() {
        [(low, high)] if low == high => server.end.port = Some(*low),
        _ => {
            server.end.port = None;
            server.end.ports = Some(found.ports.to_string());
        }
    }
}
