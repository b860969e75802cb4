//! A small network where everything works, to be broken one piece at a time.
//!
//! VPC `app` 10.0.0.0/16: `client` 10.0.1.10 and `neighbour` 10.0.1.11 in subnet `a`, `server`
//! 10.0.2.20 in `b`, `web` 10.0.9.10 with 203.0.113.10 in `public`, whose table `out` leads to the
//! internet gateway `igw`. NAT gateway `nat` stands in `public`. `main` holds the local route only.

use std::net::{IpAddr, Ipv4Addr};
use vpc_reach::answer::{Code, Direction, Failure, Flow, Outcome, Party, Stop};
use vpc_reach::header::{
    AddressSet, IntervalSet, Packet, PortSet, Protocol, ProtocolMatch, Symbol, public_ipv4,
};
use vpc_reach::interpret::interpret;
use vpc_reach::network::*;

pub const S3: &str = "com.amazonaws.us-east-1.s3";

pub struct World {
    pub net: Network,
    pub translations: Vec<(IpAddr, u16)>,
    pub picks: Vec<std::sync::Arc<str>>,
}

pub fn world() -> World {
    let mut net = Network::stated();
    net.insert(Vpc {
        id: "app".into(),
        about: About::default(),
        cidrs: vec![cidr("10.0.0.0/16")],
        private_v6: Vec::new(),
        dns_support: Some(true),
        dns_hostnames: Some(true),
        dhcp_options: None,
        public_access: None,
        encryption_enforced: false,
    });
    for (id, range) in [("a", "10.0.1.0/24"), ("b", "10.0.2.0/24"), ("public", "10.0.9.0/24")] {
        net.insert(Subnet {
            id: id.into(),
            about: About::default(),
            vpc: "app".into(),
            cidrs: vec![cidr(range)],
            zone: Zone::default(),
            map_public_ip: false,
            dns64: false,
            available_addresses: None,
            public_access: None,
        });
    }
    for (id, main, subnet) in [("main", true, None), ("out", false, Some("public"))] {
        net.insert(RouteTable {
            id: id.into(),
            about: About::default(),
            vpc: "app".into(),
            main,
            subnets: subnet.into_iter().map(SubnetId::from).collect(),
            gateways: Default::default(),
            routes: vec![route("10.0.0.0/16", RouteTarget::Local)],
        });
    }
    net.insert(InternetGateway {
        id: "igw".into(),
        about: About::default(),
        attachments: vec![("app".into(), "available".into())],
    });
    net.insert(nat("nat", "public", "10.0.9.5", Some("198.51.100.5")));
    net.insert(NetworkAcl {
        id: "default".into(),
        about: About::default(),
        vpc: "app".into(),
        is_default: true,
        subnets: Default::default(),
        ingress: vec![everything()],
        egress: vec![everything()],
    });
    net.insert(SecurityGroup {
        id: "open".into(),
        about: About::default(),
        vpc: "app".into(),
        ingress: vec![allow(Peer::Cidr(cidr("0.0.0.0/0")))],
        egress: vec![allow(Peer::Cidr(cidr("0.0.0.0/0")))],
    });
    for (id, subnet, address, public) in [
        ("client", "a", "10.0.1.10", None),
        ("neighbour", "a", "10.0.1.11", None),
        ("server", "b", "10.0.2.20", None),
        ("web", "public", "10.0.9.10", Some(PublicAddress::Known(Ipv4Addr::new(203, 0, 113, 10)))),
    ] {
        net.insert(interface(id, subnet, address, public));
    }
    let translations = vec![(ip("10.0.9.5"), 1024)];
    let mut world = World { net, translations, picks: Vec::new() };
    world.routes("out").push(route("0.0.0.0/0", RouteTarget::InternetGateway("igw".into())));
    world
}

pub fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

pub fn cidr(text: &str) -> ipnet::IpNet {
    text.parse().unwrap()
}

pub fn ports(range: std::ops::RangeInclusive<u16>) -> PortSet {
    IntervalSet::from_range(*range.start(), *range.end())
}

pub fn route(to: &str, target: RouteTarget) -> Route {
    let (origin, state) = (RouteOrigin::CreateRoute, RouteState::Active);
    Route { destination: Destination::Cidr(cidr(to)), target, state, origin, at: None }
}

pub fn list_route(list: &str, target: RouteTarget) -> Route {
    Route { destination: Destination::PrefixList(list.into()), ..route("0.0.0.0/0", target) }
}

pub fn to_nat() -> RouteTarget {
    RouteTarget::NatGateway("nat".into())
}

pub fn to_igw() -> RouteTarget {
    RouteTarget::InternetGateway("igw".into())
}

pub fn to_endpoint() -> RouteTarget {
    RouteTarget::GatewayEndpoint("s3".into())
}

pub fn to_transit_gateway() -> RouteTarget {
    RouteTarget::Other { kind: "virtual private gateway".into(), id: "vgw".into() }
}

pub fn entry(
    number: u32,
    action: AclAction,
    to: &str,
    range: std::ops::RangeInclusive<u16>,
) -> AclEntry {
    let protocol = ProtocolMatch::Only(Protocol::Tcp);
    AclEntry { number, action, protocol, cidr: cidr(to), ports: ports(range), icmp: None, at: None }
}

/// The rule 100 of a default ACL (NA-08).
pub fn everything() -> AclEntry {
    AclEntry {
        protocol: ProtocolMatch::Any,
        ..entry(100, AclAction::Allow, "0.0.0.0/0", 0..=65535)
    }
}

pub fn allow(peer: Peer) -> GroupRule {
    let ports = PortSet::all();
    GroupRule { protocol: ProtocolMatch::Any, ports, icmp: None, peer, rule_id: None, at: None }
}

pub fn group_peer(group: &str) -> Peer {
    Peer::Group(GroupReference { group: group.into(), peering_status: None })
}

pub fn prefix_list(id: &str, name: &str, entries: Option<&[&str]>) -> PrefixList {
    PrefixList {
        id: id.into(),
        about: About { name: Some(name.into()), ..About::default() },
        entries: entries.map(|entries| entries.iter().map(|text| cidr(text)).collect()),
    }
}

pub fn interface(
    id: &str,
    subnet: &str,
    address: &str,
    public: Option<PublicAddress>,
) -> NetworkInterface {
    NetworkInterface {
        id: id.into(),
        about: About::default(),
        subnet: subnet.into(),
        vpc: "app".into(),
        addresses: vec![PrivateAddress { address: ip(address), public }],
        prefixes: Vec::new(),
        planned: None,
        planned_public: false,
        groups: ["open".into()].into(),
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

pub fn nat(id: &str, subnet: &str, private: &str, public: Option<&str>) -> NatGateway {
    NatGateway {
        id: id.into(),
        about: About::default(),
        vpc: "app".into(),
        subnet: Some(subnet.into()),
        route_table: None,
        expands: None,
        connectivity: public.map_or(Connectivity::Private, |_| Connectivity::Public),
        state: "available".into(),
        addresses: vec![NatAddress {
            private: Some(private.parse().unwrap()),
            public: public.map(|text| text.parse().unwrap()),
            interface: None,
            zone: Zone::default(),
            status: Some("succeeded".into()),
        }],
        undocumented: Vec::new(),
    }
}

pub fn gateway_endpoint() -> VpcEndpoint {
    VpcEndpoint {
        id: "s3".into(),
        about: About::default(),
        vpc: "app".into(),
        endpoint_type: EndpointType::Gateway,
        service_name: S3.into(),
        service_region: None,
        state: "available".into(),
        families: Families::V4,
        dns_records: None,
        private_dns: false,
        policy: None,
        appliance_passes: false,
        private_dns_only_for_inbound_resolver: false,
        private_dns_names: Vec::new(),
        subnets: Default::default(),
        groups: Default::default(),
        interfaces: Default::default(),
        route_tables: Default::default(),
    }
}

impl World {
    pub fn routes(&mut self, table: &str) -> &mut Vec<Route> {
        &mut self.net.route_tables.get_mut(table).unwrap().routes
    }

    pub fn eni(&mut self, id: &str) -> &mut NetworkInterface {
        self.net.interfaces.get_mut(id).unwrap()
    }

    /// One more VPC, with a main table of its name, and an ACL that lets everything through.
    pub fn vpc(&mut self, id: &str, range: &str) {
        let vpc = Vpc { id: id.into(), cidrs: vec![cidr(range)], ..self.net.vpcs["app"].clone() };
        self.net.insert(vpc);
        let table = RouteTable {
            id: format!("{id}-main").into(),
            vpc: id.into(),
            main: true,
            subnets: Default::default(),
            routes: vec![route(range, RouteTarget::Local)],
            ..self.net.route_tables["main"].clone()
        };
        self.net.insert(table);
        let acl = self.net.network_acls["default"].clone();
        self.net.insert(NetworkAcl { id: format!("{id}-acl").into(), vpc: id.into(), ..acl });
    }

    pub fn subnet(&mut self, vpc: &str, id: &str, range: &str) {
        let like = self.net.subnets["a"].clone();
        let (vpc, cidrs) = (vpc.into(), vec![cidr(range)]);
        self.net.insert(Subnet { id: id.into(), vpc, cidrs, ..like });
    }

    pub fn acl(&mut self) -> &mut NetworkAcl {
        self.net.network_acls.get_mut("default").unwrap()
    }

    /// An ACL of its own for a subnet: nothing in, nothing out, until said otherwise.
    pub fn own_acl(&mut self, subnet: &str) -> &mut NetworkAcl {
        let id = NetworkAclId::from(format!("acl-{subnet}"));
        self.net.insert(NetworkAcl {
            id: id.clone(),
            about: About::default(),
            vpc: "app".into(),
            is_default: false,
            subnets: [subnet.into()].into(),
            ingress: Vec::new(),
            egress: Vec::new(),
        });
        self.net.network_acls.get_mut(&id).unwrap()
    }

    /// Puts the only group on an interface, with these rules.
    pub fn group_of(&mut self, interface: &str, ingress: Vec<GroupRule>, egress: Vec<GroupRule>) {
        let id = SecurityGroupId::from(format!("sg-{interface}"));
        self.eni(interface).groups = [id.clone()].into();
        let (about, vpc) = (About::default(), self.eni(interface).vpc.clone());
        self.net.insert(SecurityGroup { id, about, vpc, ingress, egress });
    }

    /// An interface to an address: another interface's private one, or a host elsewhere.
    pub fn send(&self, from: &str, to: &str, port: u16) -> Outcome {
        self.send_as(from, to, port, Protocol::Tcp)
    }

    pub fn send_as(&self, from: &str, to: &str, port: u16, protocol: Protocol) -> Outcome {
        let target =
            self.net.interfaces.values().find(|one| one.private_addresses().contains(ip(to)));
        let addresses = AddressSet::single(ip(to));
        let destination = match target {
            Some(target) => Party::Interface { id: target.id.as_str().into(), addresses },
            None => Party::Elsewhere { addresses, symbol: None },
        };
        self.outcome(self.party(from), destination, self.address_of(from), ip(to), port, protocol)
    }

    /// An interface to one address of a service's public side.
    pub fn send_to_symbol(&self, from: &str, symbol: &str, to: &str) -> Outcome {
        let addresses = AddressSet::from_v4(public_ipv4().clone());
        let destination = Party::Elsewhere { addresses, symbol: Some(Symbol::new(symbol)) };
        let source = self.address_of(from);
        self.outcome(self.party(from), destination, source, ip(to), 443, Protocol::Tcp)
    }

    /// A host elsewhere to an interface's public address.
    pub fn receive(&self, from: &str, to: &str) -> Outcome {
        let addresses = AddressSet::single(ip(from));
        let source = Party::Elsewhere { addresses, symbol: None };
        let to_address = self.address_of(to);
        self.outcome(source, self.party(to), ip(from), to_address, 443, Protocol::Tcp)
    }

    fn party(&self, id: &str) -> Party {
        let addresses = self.net.interfaces.get(id).map(NetworkInterface::private_addresses);
        Party::Interface { id: id.into(), addresses: addresses.unwrap_or_default() }
    }

    fn address_of(&self, id: &str) -> IpAddr {
        let interface = self.net.interfaces.get(id);
        let own = interface.and_then(|one| one.addresses.first()).map(|one| one.address);
        let planned = || interface?.planned.as_ref()?.v4.first();
        own.or_else(|| planned().map(Ipv4Addr::from_bits).map(IpAddr::V4))
            .unwrap_or(ip("10.0.1.99"))
    }

    fn outcome(
        &self,
        source: Party,
        destination: Party,
        from: IpAddr,
        to: IpAddr,
        port: u16,
        protocol: Protocol,
    ) -> Outcome {
        let far_side = destination.symbol().or(source.symbol()).cloned();
        let client_ports = ports(32768..=60999);
        let flow = Flow {
            source,
            destination,
            protocol,
            destination_ports: ports(port..=port),
            client_ports,
        };
        let packet = Packet {
            source: from,
            destination: to,
            far_side,
            protocol,
            source_port: 40000,
            destination_port: port,
            translations: self.translations.clone(),
            picks: self.picks.clone(),
        };
        interpret(&self.net, &flow, &packet).outcome
    }
}

pub fn lost(code: &'static str) -> Outcome {
    stopped(Direction::Forward, code, Failure::Dropped)
}

pub fn reply_lost(code: &'static str) -> Outcome {
    stopped(Direction::Return, code, Failure::Dropped)
}

pub fn refused(code: &'static str) -> Outcome {
    stopped(Direction::Forward, code, Failure::Refused)
}

fn stopped(direction: Direction, code: &'static str, failure: Failure) -> Outcome {
    Outcome::Stopped(Stop { direction, code: Code::new(code), failure })
}

pub fn is_unknown(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Unknown { .. })
}
