//! Who is asked: the right side of the arrow.

use super::client::{Client, describe, outside_ipv6, reference};
use super::elsewhere::NFS;
use super::named::Named;
use super::scope::Scope;
use super::socket::Listener;
use super::{AskError, World};
use crate::answer::{
    Assumption, Blocker, Code, Direction, End, Failure, Finding, Flow, Missing, NameAnswer, Party,
    Place, ResourceRef, RuleId,
};
use crate::ecs::{on_hosts, placements, registered_port};
use crate::header::{AddressSet, Family, IcmpMessage, PortSet, Protocol, Symbol, public_ipv4};
use crate::network::{
    DELEGATED, Kind, LoadBalancer, NetworkInterface, NetworkInterfaceId, Resource, Service, VpcId,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// One server as one client sees it, and the flow between them.
#[derive(Clone, Debug)]
pub(super) struct Server {
    pub(super) end: End,
    /// `None` when there is no address to send to.
    pub(super) flow: Option<Flow>,
    /// The client's addresses, where they are not its IPv4 ones.
    pub(super) source: Option<String>,
    /// Whether it is one of the name's IPv6 addresses.
    pub(super) by_ipv6: bool,
    /// What is missing to know that the name has such addresses at all.
    pub(super) guess: Option<Missing>,
    pub(super) name: Option<NameAnswer>,
    /// What fails besides packets: the name, the listener.
    pub(super) blockers: Vec<Blocker>,
    pub(super) missing: Option<Missing>,
    /// What is missing where it turns out not to be reached: its addresses are a guess.
    pub(super) unless_reached: Option<Missing>,
    pub(super) findings: Vec<Finding>,
    pub(super) assumptions: Vec<Assumption>,
}

/// A server's port and protocol.
#[derive(Clone, Copy)]
pub(super) struct Port {
    pub(super) number: u16,
    pub(super) protocol: Protocol,
}

impl World {
    /// Everything that a query's destination means to one client.
    pub(super) fn servers(
        &self,
        client: &Client,
        place: &Place,
        named: &Named,
    ) -> Result<Vec<Server>, AskError> {
        let text = place.text.as_str();
        let protocol = place.protocol.unwrap_or(Protocol::Tcp);
        // A ping has no port.
        let number = if protocol.has_ports() { place.port } else { Some(0) };
        let stated = number.map(|number| Port { number, protocol });
        let selected = match named {
            Named::Internet => {
                let port = stated.unwrap_or(Port { number: 443, protocol });
                let mut addresses = AddressSet::from_v4(public_ipv4().clone());
                if client.party.addresses().is_empty() {
                    addresses = outside_ipv6(&self.network);
                }
                let symbol = Some(Symbol::new("internet"));
                let resource = ResourceRef::new("internet", "internet", None);
                let party = Party::Elsewhere { addresses, symbol };
                return Ok(vec![server(client, resource, "any public address", party, port)]);
            }
            Named::Addresses(addresses) => {
                let port = stated.ok_or_else(|| which_port(text, &[]))?;
                return Ok(self.servers_at(client, text, addresses, port));
            }
            Named::Aws { service, host } => {
                let number = place.port.unwrap_or(service.port);
                let port = Port { number, protocol };
                return self.aws_service(client, text, service, host.as_ref(), port);
            }
            Named::Registry(registry) => {
                let port = stated.unwrap_or(Port { number: 443, protocol });
                return self.registry(client, registry, port);
            }
            Named::Host(host) => return self.named_servers(client, host, stated, protocol),
            Named::FileSystem(id) => {
                let port = stated.unwrap_or(Port { number: NFS, protocol });
                return self.mount_targets(client, id, port);
            }
            Named::Many(scope) => {
                let port = stated.ok_or_else(|| which_port(text, &[]))?;
                return Ok(self.scope_servers(client, scope, port));
            }
            Named::Resource(selected) if selected.kind == Kind::Vpc => {
                let port = stated.ok_or_else(|| which_port(text, &[]))?;
                let vpc = Scope::Vpc(selected.id.as_str().into());
                if self.members(&vpc).is_empty() {
                    return Err(AskError::new(
                        format!(
                            "{} has no interface here",
                            describe(selected.kind, &selected.label)
                        ),
                        "nothing in the input runs there yet",
                    ));
                }
                return Ok(self.scope_servers(client, &vpc, port));
            }
            Named::Resource(selected) => selected,
        };
        let (network, id) = (&self.network, selected.id.as_str());
        let resource = ResourceRef::new(selected.kind.word(), id, Some(&selected.label));
        let interfaces: Vec<&NetworkInterface> = match selected.kind {
            Kind::Service => {
                let Some(service) = network.services.get(id) else { return Ok(Vec::new()) };
                return self.service_servers(client, service, stated);
            }
            Kind::LoadBalancer => {
                let Some(balancer) = network.load_balancers.get(id) else { return Ok(Vec::new()) };
                return self.balancer_servers(client, balancer, stated);
            }
            Kind::NetworkInterface => network.interfaces.get(id).into_iter().collect(),
            Kind::Instance => self.owned(network.instances.get(id).map(|one| &one.interfaces)),
            Kind::Task => self.owned(network.tasks.get(id).map(|one| &one.interfaces)),
            _ => {
                let all = network.interfaces.values();
                all.filter(|one| one.subnet.as_str() == id && one.planned.is_none()).collect()
            }
        };
        let port = stated.ok_or_else(|| which_port(text, &[]))?;
        if interfaces.is_empty() {
            return Err(AskError::new(
                format!("{} has no interface here", describe(selected.kind, &selected.label)),
                "name an interface or an address instead",
            ));
        }
        Ok(interfaces
            .into_iter()
            .map(|one| {
                let mut server = self.interface_server(client, one, resource.clone(), port);
                if let Some(listener) = self.listener_at(one) {
                    self.tell_of_socket(&mut server, one, listener, port);
                }
                server
            })
            .collect())
    }

    /// Everybody in a scope but the client itself.
    fn scope_servers(&self, client: &Client, scope: &Scope, port: Port) -> Vec<Server> {
        let members = self.members(scope).into_iter();
        let others = members.filter(|one| client.party.interface() != Some(one.id.as_str()));
        let servers = others.map(|one| {
            let mut server = self.interface_server(client, one, reference(one), port);
            if let Some(listener) = self.listener_at(one) {
                self.tell_of_socket(&mut server, one, listener, port);
            }
            server
        });
        servers.collect()
    }

    fn owned(&self, ids: Option<&Vec<NetworkInterfaceId>>) -> Vec<&NetworkInterface> {
        let ids = ids.map(Vec::as_slice).unwrap_or_default();
        ids.iter().filter_map(|id| self.network.interfaces.get(id)).collect()
    }

    /// The interfaces at private addresses, in the client's VPC before any other; the addresses
    /// themselves where nothing here has them, or where several VPCs do.
    pub(super) fn servers_at(
        &self,
        client: &Client,
        text: &str,
        addresses: &AddressSet,
        port: Port,
    ) -> Vec<Server> {
        let owner = |one: &&NetworkInterface| {
            one.planned.is_none() && !one.private_addresses().intersection(addresses).is_empty()
        };
        let near = |one: &&NetworkInterface| Some(&one.vpc) == client.vpc.as_ref();
        let interfaces = &self.network.interfaces;
        let anywhere: Vec<&NetworkInterface> = match addresses.as_single() {
            Some(single) => {
                let listed = interfaces.referring_to(&single.to_string());
                let all = listed.chain(interfaces.referring_to(DELEGATED)).filter(owner);
                let all: BTreeMap<_, _> = all.map(|one| (&one.id, one)).collect();
                all.into_values().collect()
            }
            None => interfaces.values().filter(owner).collect(),
        };
        let vpcs: BTreeSet<&VpcId> = anywhere.iter().map(|one| &one.vpc).collect();
        let known = |one: &&NetworkInterface| near(one) || client.vpc.is_some() && vpcs.len() == 1;
        let owners: Vec<_> = anywhere.iter().copied().filter(known).collect();
        if owners.is_empty() {
            let resource = ResourceRef::new("address", text, None);
            let party = Party::Elsewhere { addresses: addresses.clone(), symbol: None };
            return vec![server(client, resource, &addresses.to_string(), party, port)];
        }
        let servers = owners.into_iter().map(|one| {
            let own = one.private_addresses().intersection(addresses);
            self.interface_at(client, one, reference(one), port, own)
        });
        servers.collect()
    }

    /// A service's placements, on the port that its load balancer or its only container uses.
    fn service_servers(
        &self,
        client: &Client,
        service: &Service,
        stated: Option<Port>,
    ) -> Result<Vec<Server>, AskError> {
        let balancer = self.network.load_balancers.get(client.end.resource.id.as_str());
        let port = match stated {
            Some(port) => port,
            None => {
                let ports = self.ports_of(service, balancer);
                match ports.as_slice() {
                    &[number] => Port { number, protocol: Protocol::Tcp },
                    several => return Err(which_port(service.label(), several)),
                }
            }
        };
        if on_hosts(&self.network, service) {
            return Ok(self.host_servers(client, service, port));
        }
        let mut servers: Vec<Server> = placements(&self.network, service)
            .iter()
            .filter_map(|placement| self.network.interfaces.get(placement.interface_id().as_str()))
            .map(|one| {
                let mut server = self.interface_server(client, one, reference(service), port);
                let listener = Listener {
                    service: Some(service),
                    definition: service.task_definition.as_ref(),
                    observed: service.observed.as_ref(),
                    cluster: service.cluster.as_deref(),
                    task: None,
                    held: true,
                };
                self.tell_of_socket(&mut server, one, listener, port);
                server
            })
            .collect();
        let missing = self.absent_subnets(&service.subnets, Kind::Service, service.label());
        servers.extend(
            missing
                .into_iter()
                .map(|one| Server { missing: Some(one), ..nowhere(reference(service), port) }),
        );
        Ok(servers)
    }

    /// LBT-05: the ports at which a service is registered with that balancer, or with any, or else
    /// those of its containers.
    fn ports_of(&self, service: &Service, balancer: Option<&LoadBalancer>) -> Vec<u16> {
        let of_balancer = |group: &crate::network::TargetGroupId| {
            balancer.is_none_or(|balancer| {
                let listeners = balancer.listeners.iter().flatten();
                listeners.flat_map(crate::network::Listener::target_groups).any(|one| one == group)
            })
        };
        let targets = service.targets.iter().filter(|target| of_balancer(&target.target_group));
        let definition = service.task_definition.as_ref();
        let definition = definition.and_then(|id| self.network.task_definitions.get(id));
        let containers = definition.map(|d| d.containers.as_slice()).unwrap_or_default();
        let mut ports: Vec<u16> =
            targets.filter_map(|target| registered_port(&self.network, service, target)).collect();
        if ports.is_empty() {
            ports = containers.iter().flat_map(crate::network::Container::ports).collect();
        }
        ports.sort_unstable();
        ports.dedup();
        ports
    }

    pub(super) fn interface_server(
        &self,
        client: &Client,
        interface: &NetworkInterface,
        resource: ResourceRef,
        port: Port,
    ) -> Server {
        let all = interface.private_addresses();
        let of = |family| {
            let mut own = interface.addresses.iter().map(|one| one.address);
            let first = own.find(|one| Family::of(*one) == family);
            first.map_or_else(|| all.of_family(family), AddressSet::single)
        };
        let addresses = of(Family::V4).union(&of(Family::V6));
        self.interface_at(client, interface, resource, port, addresses)
    }

    /// Some of an interface's addresses.
    pub(super) fn interface_at(
        &self,
        client: &Client,
        interface: &NetworkInterface,
        resource: ResourceRef,
        port: Port,
        addresses: AddressSet,
    ) -> Server {
        // LBT-09: a leg has one family.
        let addresses = match client.only {
            Some(only) if addresses.of_family(only).is_empty() => {
                let mut server = nowhere(resource, port);
                server.end.subnet = Some(self.subnet_reference(interface));
                let what = format!("has no {only} address, so it is no target of that family");
                server.blockers.push(without_family(reference(interface), what, "LBT-09"));
                return server;
            }
            Some(only) => addresses.of_family(only),
            None => addresses,
        };
        // PW-16: of several families, one that the client has, too.
        let addresses = match client.sends_to(&addresses) {
            Some((family, _)) if addresses.families().count() > 1 => addresses.of_family(family),
            _ => addresses,
        };
        let words = addresses.to_string();
        let party = Party::Interface { id: Arc::from(interface.id.as_str()), addresses };
        let mut server = server(client, resource, &words, party, port);
        server.end.subnet = Some(self.subnet_reference(interface));
        server
    }
}

pub(super) fn server(
    client: &Client,
    resource: ResourceRef,
    words: &str,
    party: Party,
    port: Port,
) -> Server {
    let mut server = nowhere(resource, port);
    server.end.addresses = words.to_owned();
    let Some((family, source)) = client.sends_to(party.addresses()) else {
        let family = if party.addresses().v4.is_empty() { Family::V6 } else { Family::V4 };
        let what = format!("has no {family} address, so it fails at once");
        server.blockers.push(without_family(client.end.resource.clone(), what, "PW-16"));
        return server;
    };
    if family == Family::V6 {
        server.source = Some(match source.symbol() {
            Some(_) => "any public address".to_owned(),
            None => source.addresses().to_string(),
        });
    }
    let (protocol, asked, client_ports) = match port.protocol {
        // What ping sends, and what answers it.
        Protocol::Icmp | Protocol::Icmpv6 => {
            let (request, reply) = IcmpMessage::echo(family == Family::V6);
            let protocol = if family == Family::V6 { Protocol::Icmpv6 } else { Protocol::Icmp };
            (protocol, request.port(), PortSet::single(reply.port()))
        }
        ported => (ported, port.number, client.ports.clone()),
    };
    server.flow = Some(Flow {
        source,
        destination: party,
        protocol,
        destination_ports: PortSet::single(asked),
        client_ports,
    });
    server
}

fn without_family(resource: ResourceRef, what: String, rule: &'static str) -> Blocker {
    Blocker {
        direction: Direction::Forward,
        code: Code::new("ENI_WITHOUT_ADDRESS_FAMILY"),
        resource,
        what,
        rule: RuleId::new(rule),
        location: None,
        failure: Failure::Unreachable,
        symptom: None,
    }
}

/// A server without an address.
pub(super) fn nowhere(resource: ResourceRef, port: Port) -> Server {
    Server {
        end: End {
            resource,
            subnet: None,
            addresses: "none".to_owned(),
            port: port.protocol.has_ports().then_some(port.number),
            ports: None,
        },
        flow: None,
        source: None,
        by_ipv6: false,
        guess: None,
        name: None,
        blockers: Vec::new(),
        missing: None,
        unless_reached: None,
        findings: Vec::new(),
        assumptions: Vec::new(),
    }
}

pub(super) fn location(resource: &impl Resource) -> Option<crate::answer::Location> {
    let at = resource.about().at.as_ref()?;
    Some(crate::answer::Location { file: at.file.clone(), line: at.line, column: at.column })
}

pub(super) fn in_no_vpc(client: &Client, text: &str) -> AskError {
    AskError::new(
        format!(
            "{} is in no VPC, so nothing here tells how it reaches {text}",
            client.end.resource.label()
        ),
        "ask from something in the network",
    )
}

pub(super) fn which_port(text: &str, ports: &[u16]) -> AskError {
    let hint = match ports {
        [] => format!("write it behind the name: `{text}:PORT`"),
        [first, ..] => format!(
            "it could be {}: write it behind the name, as in `{text}:{first}`",
            ports.iter().map(u16::to_string).collect::<Vec<_>>().join(" or ")
        ),
    };
    AskError::new(format!("which port of `{text}`?"), hint)
}
