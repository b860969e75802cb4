//! Interfaces and instances, and what listens on them.

use super::Writer;
use super::filters::port_set;
use super::tree::{Map, Yaml, text};
use crate::header::{AddressSet, PortSet, ProtocolMatch};
use crate::network::{
    Forwarding, Instance, InterfaceRole, Kind, KnownPorts, Listening, Mesh, NetworkInterface,
    OperatingSystem, PrivateAddress, PublicAddress, Resource, Socket, SubnetId, Tags, VpcId,
};
use std::net::{IpAddr, SocketAddr};

impl Writer<'_> {
    pub(super) fn interface(&self, interface: &NetworkInterface) -> Option<Map> {
        let id = interface.id.as_str();
        let instance = self.network.instances.get(id);
        let task = self.network.tasks.get(id);
        if instance.is_some_and(|instance| self.own_interface(instance).is_some())
            || task.is_some_and(|task| self.own_interface_of_task(task).is_some())
        {
            return None;
        }
        let mut map = self.attachment(interface);
        let role = match interface.role {
            InterfaceRole::Ordinary => "ordinary",
            InterfaceRole::Task => "task",
            InterfaceRole::Endpoint => "endpoint",
            InterfaceRole::NatGateway => "nat-gateway",
            InterfaceRole::TransitGateway => "transit-gateway",
            InterfaceRole::LoadBalancer => "load-balancer",
            InterfaceRole::Accelerator => "accelerator",
            InterfaceRole::ClientVpn => "client-vpn",
        };
        map.unless("role", role, "ordinary");
        map.some("instance", interface.instance.as_ref().map(|id| self.key(Kind::Instance, id)));
        map.unless("in_use", interface.usable, true);
        Some(map)
    }

    /// What every interface has, whosever it is.
    fn attachment(&self, interface: &NetworkInterface) -> Map {
        let mut map = self.place(interface);
        self.groups(&mut map, &interface.groups, Some(&interface.vpc));
        map.unless("source_dest_check", interface.source_dest_check, true);
        map.unless("deny_internet", interface.deny_igw, false);
        map.some("forwards", interface.forwards.map(forwards));
        let listens = !interface.sockets.is_empty() || interface.sockets_known == KnownPorts::all();
        if listens {
            map.put("listens", sockets(&interface.sockets));
        }
        let told = if listens { KnownPorts::all() } else { KnownPorts::default() };
        if interface.sockets_known != told {
            map.put("known_ports", known_ports(&interface.sockets_known));
        }
        map.some("operating_system", interface.operating_system.map(operating_system));
        map
    }

    /// Where it is, and under which addresses.
    pub(super) fn place(&self, interface: &NetworkInterface) -> Map {
        let mut map = Map::default();
        self.vpc_beside(&mut map, &interface.vpc, [&interface.subnet]);
        map.put("subnet", self.key(Kind::Subnet, &interface.subnet));
        let mut addresses = interface.addresses.iter().peekable();
        if let Some(first) = addresses.next_if(|one| one.address.is_ipv4()) {
            map.put("address", text(first.address));
            map.some("public_ip", first.public.map(public));
        }
        map.items("addresses", addresses.map(address));
        map.items("prefixes", interface.prefixes.iter().map(text));
        if let Some(planned) = &interface.planned
            && !(self.implied() && self.any_free(interface).as_ref() == Some(planned))
        {
            map.put("planned", ranges(planned));
        }
        if interface.planned_public && interface.addresses.is_empty() {
            map.put("public_ip", "true");
        }
        map
    }

    /// The addresses that an interface may get that states none (PW-07).
    fn any_free(&self, interface: &NetworkInterface) -> Option<AddressSet> {
        let subnet = self.network.subnets.get(&interface.subnet)?;
        let in_vpc = |vpc: &VpcId| *vpc == interface.vpc;
        let others = self.network.interfaces.values().filter(|other| in_vpc(&other.vpc));
        let taken = others.flat_map(|other| other.addresses.iter().map(|one| one.address));
        let gateways = self.network.nat_gateways.values().filter(|nat| in_vpc(&nat.vpc));
        let of_gateways = gateways.flat_map(|nat| nat.addresses.iter());
        let of_gateways = of_gateways.filter_map(|one| one.private.map(IpAddr::V4));
        let taken = taken
            .chain(of_gateways)
            .map(AddressSet::single)
            .fold(AddressSet::empty(), |all, one| all.union(&one));
        let others = self.network.interfaces.values().filter(|other| in_vpc(&other.vpc));
        let taken = others.map(NetworkInterface::delegated).fold(taken, |all, one| all.union(&one));
        let all = match subnet.is_ipv6_only() {
            true => subnet.assignable_v6(),
            false => subnet.assignable(),
        };
        Some(all.difference(&taken))
    }

    /// The interface that an instance has by its own name, and says everything about.
    fn own_interface(&self, instance: &Instance) -> Option<&NetworkInterface> {
        let [only] = instance.interfaces.as_slice() else { return None };
        let own = self.network.interfaces.get(only)?;
        let same_key = self.keys.key(Kind::Instance, instance.id_text())
            == self.keys.key(Kind::NetworkInterface, own.id_text());
        let same = own.id_text() == instance.id_text()
            && (&own.about.name, &own.about.scope) == (&instance.about.name, &instance.about.scope)
            && own.instance.as_ref() == Some(&instance.id)
            && own.about.tags == Tags::default()
            && own.role == InterfaceRole::Ordinary
            && own.usable == (instance.state == "running");
        (same && same_key).then_some(own)
    }

    pub(super) fn instance(&self, instance: &Instance) -> Option<Map> {
        let mut map = match self.own_interface(instance) {
            Some(own) => {
                let mut map = self.attachment(own);
                // IG-07: else it would get one.
                if self.implied() && self.launches_public(&own.subnet) && !has_public(own) {
                    map.put("public_ip", "false");
                }
                map
            }
            None => {
                let mut map = Map::default();
                let interfaces = self.key_all(Kind::NetworkInterface, &instance.interfaces);
                map.put("interfaces", Yaml::List(interfaces));
                map
            }
        };
        map.unless("state", instance.state.as_str(), "running");
        Some(map)
    }

    fn launches_public(&self, subnet: &SubnetId) -> bool {
        self.network.subnets.get(subnet).is_some_and(|subnet| subnet.map_public_ip)
    }
}

fn forwards(forwards: Forwarding) -> &'static str {
    match forwards {
        Forwarding::Unchanged => "unchanged",
        Forwarding::Stateful => "stateful",
        Forwarding::Nat => "nat",
    }
}

fn has_public(interface: &NetworkInterface) -> bool {
    let first = interface.addresses.first();
    interface.planned_public || first.is_some_and(|one| one.public.is_some())
}

fn public(address: PublicAddress) -> Yaml {
    match address {
        PublicAddress::Known(address) => text(address),
        PublicAddress::Some => text("true"),
    }
}

fn address(one: &PrivateAddress) -> Yaml {
    match one.public {
        None => text(one.address),
        Some(known) => {
            let mut map = Map::default();
            map.put("address", text(one.address));
            map.put("public_ip", public(known));
            Yaml::Map(map)
        }
    }
}

fn ranges(set: &AddressSet) -> Yaml {
    let v4 = set.v4.ranges().iter();
    let v4 = v4.map(|&(low, high)| (IpAddr::V4(low.into()), IpAddr::V4(high.into())));
    let v6 = set.v6.ranges().iter();
    let v6 = v6.map(|&(low, high)| (IpAddr::V6(low.into()), IpAddr::V6(high.into())));
    let range = |(low, high): (IpAddr, IpAddr)| match low == high {
        true => text(low),
        false => text(format!("{low}-{high}")),
    };
    Yaml::List(v4.chain(v6).map(range).collect())
}

pub(super) fn operating_system(system: OperatingSystem) -> &'static str {
    match system {
        OperatingSystem::Linux => "linux",
        OperatingSystem::Windows => "windows",
    }
}

pub(super) fn sockets(sockets: &[Socket]) -> Yaml {
    Yaml::List(sockets.iter().map(socket).collect())
}

fn socket(socket: &Socket) -> Yaml {
    let Socket { address, port, protocol, v6_only, likely, proxied, .. } = socket;
    let plain = v6_only.is_none() && !likely && proxied.is_none();
    if plain && *protocol == ProtocolMatch::Any {
        return text(SocketAddr::new(*address, *port));
    }
    let mut map = Map::default();
    map.put("address", text(address));
    map.put("port", text(port));
    map.some("v6_only", v6_only.map(text));
    if let ProtocolMatch::Only(protocol) = protocol {
        map.put("protocol", text(protocol));
    }
    map.unless("likely", *likely, false);
    if let Some(proxied) = proxied {
        let by = match proxied.by {
            Mesh::ServiceConnect => "service-connect",
            Mesh::AppMesh => "app-mesh",
        };
        map.put("proxy", by);
        map.unless("proxy_finds_it", proxied.found, true);
    }
    Yaml::Map(map)
}

fn known_ports(known: &KnownPorts) -> Yaml {
    if known.tcp == known.udp {
        return port_set(&known.tcp);
    }
    let mut map = Map::default();
    for (key, ports) in [("tcp", &known.tcp), ("udp", &known.udp)] {
        if *ports != PortSet::empty() {
            map.put(key, port_set(ports));
        }
    }
    Yaml::Map(map)
}

/// What was seen to listen.
pub(super) fn listening(seen: &Listening) -> Map {
    let mut map = Map::default();
    if !seen.sockets.is_empty() {
        map.put("listens", sockets(&seen.sockets));
    }
    for (key, ports) in [("known_ports", &seen.ports), ("logged_ports", &seen.logged)] {
        if *ports != KnownPorts::default() {
            map.put(key, known_ports(ports));
        }
    }
    map
}
