//! What will exist but does not yet: task interfaces per placement, load-balancer nodes, endpoint
//! interfaces that the input leaves out.
//!
//! Each is an ordinary interface marked as planned, whose address may be any free one of its
//! subnet, so that groups, references and addresses see it.

mod hosts;
mod regional;
mod targets;

use crate::ecs::{KnownSockets, known_sockets, placements, proxied};
use crate::header::{AddressSet, Family};
use crate::network::{
    About, Assumptions, EndpointType, Families, InterfaceRole, KnownPorts, Listening, LoadBalancer,
    LoadBalancerType, Network, NetworkInterface, NetworkInterfaceId, Resource, Scheme, Subnet,
    SubnetId, Tags, TaskDefinition, TaskDefinitionId,
};
use ipnet::IpNet;
use smallvec::SmallVec;
use std::collections::{BTreeSet, HashMap};

/// Completes a network.
#[must_use]
pub fn complete(mut network: Network) -> Network {
    let mut told = Told::new();
    describe_running_tasks(&mut network, &mut told);
    regional::tables(&mut network);
    let taken = taken(&network);
    let mut planned = task_interfaces(&network, &taken, &mut told);
    planned.extend(load_balancer_nodes(&network, &taken));
    planned.extend(hosts::managed_instances(&network, &taken));
    planned.extend(hosts::mount_targets(&mut network, &taken));
    let endpoints = endpoint_interfaces(&network, &taken);
    for (endpoint, interfaces) in endpoints {
        if let Some(endpoint) = network.vpc_endpoints.get_mut(endpoint.as_str()) {
            endpoint.interfaces = interfaces.iter().map(|interface| interface.id.clone()).collect();
        }
        planned.extend(interfaces);
    }
    for interface in planned {
        network.insert(interface);
    }
    for interface in targets::interfaces(&network) {
        network.insert(interface);
    }
    network
}

/// The id of the planned interface that stands for a load balancer's nodes in a subnet.
#[must_use]
pub fn node_id(balancer: &LoadBalancer, subnet: &SubnetId) -> String {
    format!("planned/{}@{subnet}", balancer.id)
}

/// What definitions tell of sockets where nothing was observed: each is asked once.
type Told = HashMap<TaskDefinitionId, KnownSockets>;

fn sockets(
    assumptions: &Assumptions,
    definition: Option<&TaskDefinition>,
    observed: Option<&Listening>,
    told: &mut Told,
) -> KnownSockets {
    match (definition, observed) {
        (Some(definition), None) => told
            .entry(definition.id.clone())
            .or_insert_with(|| known_sockets(assumptions, Some(definition), None))
            .clone(),
        _ => known_sockets(assumptions, definition, observed),
    }
}

/// What tasks of one service and definition have in common.
struct Alike<'n> {
    definition: Option<&'n TaskDefinition>,
    /// Where nothing was observed.
    sockets: Option<KnownSockets>,
}

/// The interfaces of running tasks get what their definitions state of sockets and system.
fn describe_running_tasks(network: &mut Network, told: &mut Told) {
    // Only asked, never listed: so their order does not matter.
    let mut known: HashMap<NetworkInterfaceId, (KnownSockets, _)> =
        HashMap::with_capacity(network.tasks.len());
    // Tasks of one service and definition, of which nothing was observed, listen alike.
    let mut alike: HashMap<_, Alike<'_>> = HashMap::new();
    for task in network.tasks.values() {
        let service = network.service_of(task);
        let key = (task.task_definition.as_ref(), service.map(|service| &service.id));
        let alike = alike.entry(key).or_insert_with(|| Alike {
            definition: key.0.and_then(|id| network.task_definitions.get(id)),
            sockets: None,
        });
        let definition = alike.definition;
        let of_service = service.and_then(|one| one.observed.as_ref());
        let observed = task.observed.as_ref().or(of_service);
        if definition.is_none() && observed.is_none() {
            continue;
        }
        let assumptions = &network.assumptions;
        let mut new = || {
            let known = sockets(assumptions, definition, observed, told);
            proxied(assumptions, known, definition, service)
        };
        for interface in &task.interfaces {
            let system = definition.and_then(|definition| definition.operating_system);
            let sockets = match &task.observed {
                Some(_) => new(),
                None => alike.sockets.get_or_insert_with(&mut new).clone(),
            };
            known.insert(interface.clone(), (sockets, system));
        }
    }
    if known.is_empty() {
        return;
    }
    for (id, interface) in &mut network.interfaces {
        if let Some((sockets, system)) = known.remove(id) {
            interface.role = InterfaceRole::Task;
            interface.sockets = sockets.sockets;
            interface.sockets_known = sockets.ports;
            interface.sockets_at = sockets.at;
            interface.operating_system = interface.operating_system.or(system);
        }
    }
}

/// The addresses that existing interfaces hold, by subnet.
fn taken(network: &Network) -> Taken {
    let mut taken = Taken::new();
    for interface in network.interfaces.values() {
        let own = interface.addresses.iter().map(|one| IpNet::from(one.address));
        let own = own.chain(interface.prefixes.iter().copied()).collect();
        let held = (interface.id.clone(), own);
        match taken.get_mut(&interface.subnet) {
            Some(all) => all.push(held),
            None => _ = taken.insert(interface.subnet.clone(), vec![held]),
        }
    }
    taken
}

/// Who holds which addresses, by subnet. Only asked, never listed.
type Taken = HashMap<SubnetId, Vec<(NetworkInterfaceId, SmallVec<[IpNet; 1]>)>>;

/// The addresses of a subnet that nobody else than `own` holds.
fn free(
    subnet: &Subnet,
    taken: &Taken,
    own: &BTreeSet<NetworkInterfaceId>,
    families: Families,
) -> AddressSet {
    let six = families.has(Family::V6) || subnet.is_ipv6_only();
    let none = AddressSet::empty;
    let four = if families.has(Family::V4) { subnet.assignable() } else { none() };
    let all = four.union(&if six { subnet.assignable_v6() } else { none() });
    let held = taken.get(&subnet.id).into_iter().flatten();
    let others = held.filter(|(holder, _)| !own.contains(holder));
    let nets: Vec<IpNet> = others.flat_map(|(_, nets)| nets).copied().collect();
    all.difference(&AddressSet::from_nets(&nets))
}

/// An interface that does not exist yet.
fn planned(id: String, about: About, subnet: &Subnet, free: AddressSet) -> NetworkInterface {
    NetworkInterface {
        id: NetworkInterfaceId::from(id),
        about,
        subnet: subnet.id.clone(),
        vpc: subnet.vpc.clone(),
        addresses: Vec::new(),
        prefixes: Vec::new(),
        planned: Some(free),
        planned_public: false,
        groups: BTreeSet::new(),
        source_dest_check: true,
        forwards: None,
        deny_igw: false,
        usable: true,
        role: InterfaceRole::Ordinary,
        instance: None,
        sockets: Vec::new(),
        sockets_known: KnownPorts::default(),
        sockets_at: None,
        published: None,
        operating_system: None,
    }
}

fn about(resource: &impl Resource, subnet: &Subnet) -> About {
    let name = Some(format!("{} in {}", resource.label(), subnet.label()));
    let (scope, at) = (subnet.about.scope.clone(), resource.about().at.clone());
    // Tags are not inherited: whose interface it will be is asked for them.
    About { name, scope, at, tags: Tags::default() }
}

fn task_interfaces(network: &Network, taken: &Taken, told: &mut Told) -> Vec<NetworkInterface> {
    let mut interfaces = Vec::new();
    for service in network.services.values() {
        let own = network.tasks_of(service).flat_map(|task| task.interfaces.iter().cloned());
        let own: BTreeSet<NetworkInterfaceId> = own.collect();
        let definition = service.task_definition.as_ref();
        let definition = definition.and_then(|id| network.task_definitions.get(id));
        let observed = service.observed.as_ref();
        let sockets = sockets(&network.assumptions, definition, observed, told);
        let sockets = proxied(&network.assumptions, sockets, definition, Some(service));
        for placement in placements(network, service) {
            let subnet = placement.subnet;
            let free = free(subnet, taken, &own, placement.families);
            let id = placement.interface_id();
            interfaces.push(NetworkInterface {
                planned_public: placement.public,
                groups: placement.groups,
                role: InterfaceRole::Task,
                sockets: sockets.sockets.clone(),
                sockets_known: sockets.ports.clone(),
                sockets_at: sockets.at.clone(),
                operating_system: placement.operating_system,
                ..planned(id, about(service, subnet), subnet, free)
            });
        }
    }
    interfaces
}

/// LBT-01, LBT-03: a load balancer has nodes in each of its subnets, and their addresses change:
/// every address that nothing else holds is one that a node may have.
fn load_balancer_nodes(network: &Network, taken: &Taken) -> Vec<NetworkInterface> {
    let mut nodes = Vec::new();
    let all = network.interfaces.values();
    let own: BTreeSet<NetworkInterfaceId> = all
        .filter(|interface| interface.role == InterfaceRole::LoadBalancer)
        .map(|interface| interface.id.clone())
        .collect();
    for balancer in network.load_balancers.values() {
        if matches!(balancer.balancer_type, LoadBalancerType::Other(_)) {
            continue;
        }
        for subnet in balancer.subnets.iter().filter_map(|id| network.subnets.get(id)) {
            let free = free(subnet, taken, &own, balancer.families);
            nodes.push(NetworkInterface {
                planned_public: balancer.scheme == Scheme::InternetFacing && balancer.public_ipv4,
                groups: balancer.groups.clone(),
                role: InterfaceRole::LoadBalancer,
                ..planned(node_id(balancer, &subnet.id), about(balancer, subnet), subnet, free)
            });
        }
    }
    nodes
}

/// IE-01: an interface endpoint has one interface per subnet. Those that the input leaves out, or
/// gives an address that is not their subnet's, are planned; all carry the endpoint's own groups
/// (IE-02).
fn endpoint_interfaces(network: &Network, taken: &Taken) -> Vec<(String, Vec<NetworkInterface>)> {
    let mut endpoints = Vec::new();
    for endpoint in network.vpc_endpoints.values() {
        if endpoint.endpoint_type != EndpointType::Interface {
            continue;
        }
        let in_subnet = |interface: &&NetworkInterface| {
            network.subnets.get(&interface.subnet).is_some_and(|subnet| {
                let held = interface.private_addresses();
                !held.is_empty() && held.is_subset(&subnet.addresses())
            })
        };
        let all = endpoint.interfaces.iter().filter_map(|id| network.interfaces.get(id));
        let known: Vec<&NetworkInterface> = all.filter(in_subnet).collect();
        let mut interfaces: Vec<NetworkInterface> = known
            .iter()
            .map(|&one| {
                let groups = match endpoint.groups.is_empty() {
                    true => one.groups.clone(),
                    false => endpoint.groups.clone(),
                };
                NetworkInterface { groups, role: InterfaceRole::Endpoint, ..one.clone() }
            })
            .collect();
        for subnet in endpoint.subnets.iter().filter_map(|id| network.subnets.get(id)) {
            if known.iter().any(|interface| interface.subnet == subnet.id) {
                continue;
            }
            let free = free(subnet, taken, &BTreeSet::new(), endpoint.families);
            let id = format!("planned/{}@{}", endpoint.id, subnet.id);
            interfaces.push(NetworkInterface {
                // IG-06
                deny_igw: true,
                groups: endpoint.groups.clone(),
                role: InterfaceRole::Endpoint,
                ..planned(id, about(endpoint, subnet), subnet, free)
            });
        }
        endpoints.push((endpoint.id.to_string(), interfaces));
    }
    endpoints
}
