//! Resources as AWS makes them where nothing is said.

use ipnet::{IpNet, Ipv4Net};
use std::collections::BTreeSet;
use vpc_reach::header::{IcmpMessage, PortSet, Protocol, ProtocolMatch};
use vpc_reach::network::*;

/// The service that has a gateway endpoint.
pub const S3: &str = "com.amazonaws.us-east-1.s3";

/// The first and the last address that anything can have (PW-07).
pub fn bounds(subnet: &Subnet) -> (u32, u32) {
    let first = subnet.cidrs.iter().find_map(|cidr| match cidr {
        IpNet::V4(cidr) => Some((u32::from(cidr.network()) + 4, u32::from(cidr.broadcast()) - 1)),
        IpNet::V6(_) => None,
    });
    first.expect("every subnet here has an IPv4 block")
}

pub fn route(destination: Destination, target: RouteTarget) -> Route {
    let (state, origin) = (RouteState::Active, RouteOrigin::CreateRoute);
    Route { destination, target, state, origin, at: None }
}

pub fn rule(protocol: ProtocolMatch, ports: PortSet, peer: Peer) -> GroupRule {
    GroupRule { protocol, ports, icmp: None, peer, rule_id: None, at: None }
}

pub fn open_entry() -> AclEntry {
    AclEntry {
        number: 100,
        action: AclAction::Allow,
        protocol: ProtocolMatch::Any,
        cidr: IpNet::V4(Ipv4Net::default()),
        ports: PortSet::all(),
        icmp: None,
        at: None,
    }
}

pub fn interface_of(id: &NetworkInterfaceId, vpc: &VpcId, subnet: &SubnetId) -> NetworkInterface {
    NetworkInterface {
        id: id.clone(),
        about: About::default(),
        subnet: subnet.clone(),
        vpc: vpc.clone(),
        addresses: Vec::new(),
        prefixes: Vec::new(),
        planned: None,
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

pub fn gateway_endpoint(index: usize, vpc: &VpcId, tables: BTreeSet<RouteTableId>) -> VpcEndpoint {
    VpcEndpoint {
        id: format!("s3-{index}").into(),
        about: About::default(),
        vpc: vpc.clone(),
        endpoint_type: EndpointType::Gateway,
        service_name: S3.into(),
        service_region: None,
        state: "available".into(),
        families: Families::V4,
        dns_records: Some(Families::V4),
        private_dns: false,
        policy: None,
        appliance_passes: false,
        private_dns_only_for_inbound_resolver: false,
        private_dns_names: Vec::new(),
        subnets: BTreeSet::new(),
        groups: BTreeSet::new(),
        interfaces: BTreeSet::new(),
        route_tables: tables,
    }
}

pub fn load_balancer_endpoint(name: &str, vpc: &VpcId, subnet: &SubnetId) -> VpcEndpoint {
    VpcEndpoint {
        id: name.into(),
        endpoint_type: EndpointType::GatewayLoadBalancer,
        service_name: String::new(),
        dns_records: None,
        subnets: [subnet.clone()].into(),
        ..gateway_endpoint(0, vpc, Default::default())
    }
}

/// Rules for ICMP are by type and code: what stands for ports becomes all of them, those that ask,
/// or those that answer.
pub fn messages(net: &mut Network) {
    let (ping, answer) = IcmpMessage::echo(false);
    let of = |ports: &mut PortSet| {
        let (asks, answers) = (ports.contains(ping.port()), ports.contains(answer.port()));
        let single = matches!(ports.ranges(), [(low, high)] if low == high);
        *ports = PortSet::all();
        match (asks, answers) {
            (true, true) => (-1, -1),
            (true, false) => (8, if single { 0 } else { -1 }),
            (false, true) => (0, -1),
            (false, false) => (3, 4),
        }
    };
    let icmp = ProtocolMatch::Only(Protocol::Icmp);
    for group in net.security_groups.values_mut() {
        for rule in group.ingress.iter_mut().chain(&mut group.egress) {
            rule.icmp = (rule.protocol == icmp).then(|| of(&mut rule.ports));
        }
    }
    for acl in net.network_acls.values_mut() {
        for entry in acl.ingress.iter_mut().chain(&mut acl.egress) {
            entry.icmp = (entry.protocol == icmp).then(|| of(&mut entry.ports));
        }
    }
}
