//! A load balancer as the one that is asked.

use super::client::{Client, reference};
use super::server::{Port, Server, location, nowhere, server, which_port};
use super::{AskError, World};
use crate::answer::{Blocker, Code, Direction, Failure, Missing, Party, RuleId};
use crate::complete::node_id;
use crate::header::{AddressSet, Family, Protocol};
use crate::models;
use crate::network::{Kind, LoadBalancer, PublicAddress, Resource, Scheme};
use std::net::IpAddr;

impl World {
    /// A load balancer's nodes at one of its listeners (LBC-01, LBC-02).
    pub(super) fn balancer_servers(
        &self,
        client: &Client,
        balancer: &LoadBalancer,
        stated: Option<Port>,
    ) -> Result<Vec<Server>, AskError> {
        let listeners = balancer.listeners.as_deref();
        let port = match (stated, listeners) {
            (Some(port), _) => port,
            (None, Some([only])) => Port { number: only.port, protocol: Protocol::Tcp },
            (None, listeners) => {
                let mut ports: Vec<u16> =
                    listeners.into_iter().flatten().map(|one| one.port).collect();
                ports.sort_unstable();
                return Err(which_port(balancer.label(), &ports));
            }
        };
        let resource = reference(balancer);
        let from_node = client.end.resource.kind == Kind::LoadBalancer.word();
        // LBC-03: a load balancer sends to the private addresses of its targets.
        let public = balancer.scheme == Scheme::InternetFacing && !from_node;
        // LBT-09
        let has = |family| {
            balancer.families.has(family)
                && (family == Family::V6 || balancer.public_ipv4 || !public)
        };
        let mut servers: Vec<Server> = Vec::new();
        for family in client.families_to(has) {
            let mut of_family = match (family, public, &client.vpc) {
                (Family::V4, ..) if self.asks_dns64(client) => {
                    let fact = format!(
                        "where the addresses that DNS64 makes for load balancer {} lead",
                        balancer.label()
                    );
                    let missing = Some(Missing { fact, command: None });
                    vec![Server { missing, ..nowhere(resource.clone(), port) }]
                }
                (Family::V4, true, Some(_)) => self.public_nodes(client, balancer, port),
                // IG-06: IPv6 addresses are the same everywhere.
                _ => {
                    let client = client.within(family);
                    let nodes = balancer.subnets.iter().filter_map(|subnet| {
                        self.network.interfaces.get(node_id(balancer, subnet).as_str())
                    });
                    let nodes = nodes
                        .map(|one| self.interface_server(&client, one, resource.clone(), port));
                    let missing = self.absent_subnets(
                        &balancer.subnets,
                        Kind::LoadBalancer,
                        balancer.label(),
                    );
                    let absent = missing.into_iter().map(|one| Server {
                        missing: Some(one),
                        ..nowhere(resource.clone(), port)
                    });
                    nodes.chain(absent).collect()
                }
            };
            for server in &mut of_family {
                server.by_ipv6 = family == Family::V6;
            }
            servers.extend(of_family);
        }
        for server in servers.iter_mut().filter(|_| port.protocol.has_ports()) {
            match listeners {
                None => {
                    let missing = || Missing {
                        fact: format!("the listeners of load balancer {}", balancer.label()),
                        command: models::call(Kind::Listener.word())
                            .map(|call| call.command.to_owned()),
                    };
                    server.missing = server.missing.take().or_else(|| Some(missing()));
                }
                Some(listeners) if listeners.iter().all(|one| one.port != port.number) => {
                    server.blockers.push(Blocker {
                        direction: Direction::Forward,
                        code: Code::new("LB_NO_LISTENER"),
                        resource: resource.clone(),
                        what: format!("has no listener on port {}", port.number),
                        rule: RuleId::new("LBC-02"),
                        location: location(balancer),
                        failure: Failure::Refused,
                        symptom: None,
                    });
                }
                Some(_) => {}
            }
        }
        Ok(servers)
    }

    /// NG-13: whether a client without IPv4 gets IPv6 addresses for names that have none.
    fn asks_dns64(&self, client: &Client) -> bool {
        let subnet = client.end.subnet.as_ref().and_then(|one| self.network.subnets.get(&*one.id));
        client.party.addresses().is_empty() && subnet.is_some_and(|subnet| subnet.dns64)
    }

    /// IG-11: the name of an internet-facing balancer gives public addresses inside the VPC, too.
    fn public_nodes(&self, client: &Client, balancer: &LoadBalancer, port: Port) -> Vec<Server> {
        let resource = reference(balancer);
        let known: Vec<IpAddr> = self
            .network
            .interfaces
            .values()
            .filter(|one| {
                let short = balancer.id.as_str().split("loadbalancer/").nth(1);
                let name = one.about.name.as_deref().unwrap_or_default();
                short.is_some_and(|short| name.ends_with(short))
            })
            .flat_map(|one| &one.addresses)
            .filter_map(|address| match address.public {
                Some(PublicAddress::Known(public)) => Some(IpAddr::V4(public)),
                _ => None,
            })
            .collect();
        if known.is_empty() {
            let mut server = nowhere(resource, port);
            server.missing = Some(Missing {
                fact: format!(
                    "the public addresses of load balancer {}, to which its name resolves even inside the VPC",
                    balancer.label()
                ),
                command: models::call(Kind::NetworkInterface.word())
                    .map(|call| call.command.to_owned()),
            });
            return vec![server];
        }
        let servers = known.into_iter().map(|address| {
            let party = Party::Elsewhere { addresses: AddressSet::single(address), symbol: None };
            server(client, resource.clone(), &address.to_string(), party, port)
        });
        servers.collect()
    }
}
