//! A network as a scenario file that a person can read. What a scenario cannot say is a comment.

use std::collections::BTreeSet;
use std::fmt::{Display, Write};
use vpc_reach::header::{PortSet, ProtocolMatch};
use vpc_reach::network::*;

/// The network as a scenario.
pub fn to_scenario(network: &Network) -> String {
    let mut text = String::new();
    section(&mut text, "vpcs", &network.vpcs, vpc);
    section(&mut text, "subnets", &network.subnets, |subnet| {
        let own = |table: &&RouteTable| table.subnets.contains(&subnet.id);
        let table = network.route_tables.values().find(own).map(|table| &table.id);
        let Subnet { vpc, cidrs, .. } = subnet;
        let table = table.map(|id| format!(", route_table: {id}")).unwrap_or_default();
        format!("{{ vpc: {vpc}, cidr: {}{table} }}", list(cidrs))
    });
    section(&mut text, "internet_gateways", &network.internet_gateways, internet_gateway);
    section(&mut text, "nat_gateways", &network.nat_gateways, nat_gateway);
    section(&mut text, "endpoints", &network.vpc_endpoints, |endpoint| {
        let VpcEndpoint { vpc, service_name, state, .. } = endpoint;
        if endpoint.endpoint_type == EndpointType::GatewayLoadBalancer {
            let appliance = if endpoint.appliance_passes { "passes" } else { "unknown" };
            let subnets = join(&endpoint.subnets);
            return format!(
                "{{ type: gateway_load_balancer, subnets: [{subnets}], state: {state}, appliance: {appliance} }}"
            );
        }
        format!("{{ vpc: {vpc}, service: {service_name}, state: {state} }}")
    });
    section(&mut text, "peerings", &network.peerings, |peering| {
        let PeeringConnection { ends, state, .. } = peering;
        let [one, other] = ends;
        let far = if one.scope == other.scope { "" } else { " # in two Regions" };
        format!("{{ vpcs: [{}, {}], state: {state} }}{far}", one.vpc, other.vpc)
    });
    for one in network.transit_gateways.values() {
        let _ = writeln!(text, "# {one:?}");
    }
    for one in network.transit_gateway_attachments.values() {
        let _ = writeln!(text, "# {one:?}");
    }
    for one in network.transit_gateway_route_tables.values() {
        let _ = writeln!(text, "# {one:?}");
    }
    section(&mut text, "prefix_lists", &network.prefix_lists, prefix_list);
    section(&mut text, "route_tables", &network.route_tables, route_table);
    section(&mut text, "network_acls", &network.network_acls, network_acl);
    section(&mut text, "security_groups", &network.security_groups, security_group);
    // A NAT gateway brings its own interface.
    let mut interfaces = network.interfaces.clone();
    interfaces.retain(|_, one| one.role != InterfaceRole::NatGateway);
    section(&mut text, "interfaces", &interfaces, interface);
    for (kind, id) in network.others.keys() {
        let _ = writeln!(text, "# {kind}: {id}");
    }
    if let Coverage::Captured(kinds) = &network.coverage {
        let known: BTreeSet<&Kind> = kinds.values().flatten().collect();
        let missing: Vec<String> =
            Kind::ALL.iter().filter(|kind| !known.contains(kind)).map(Kind::to_string).collect();
        let _ = writeln!(text, "# not captured: {}", missing.join(", "));
    }
    text
}

fn section<I: Display, R>(
    text: &mut String,
    name: &str,
    resources: &std::collections::BTreeMap<I, R>,
    print: impl Fn(&R) -> String,
) {
    if resources.is_empty() {
        return;
    }
    let _ = writeln!(text, "{name}:");
    for (id, resource) in resources {
        let printed = print(resource);
        let space = if printed.starts_with('\n') { "" } else { " " };
        let _ = writeln!(text, "  {id}:{space}{printed}");
    }
}

/// One item as it is, several in brackets.
fn list<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    match items.as_slice() {
        [only] => only.clone(),
        several => format!("[{}]", several.join(", ")),
    }
}

fn vpc(vpc: &Vpc) -> String {
    let support = match vpc.dns_support {
        Some(true) => "",
        Some(false) => ", enable_dns_support: false",
        None => " } # DNS support not captured",
    };
    let end = if vpc.dns_support.is_none() { "" } else { " }" };
    format!("{{ cidr: {}{support}{end}", list(&vpc.cidrs))
}

fn internet_gateway(gateway: &InternetGateway) -> String {
    match gateway.attachments.as_slice() {
        [] => "{}".to_owned(),
        [(vpc, state)] if state == "available" => format!("{{ vpc: {vpc} }}"),
        other => format!("{{}} # {other:?}"),
    }
}

fn nat_gateway(nat: &NatGateway) -> String {
    let mut text = String::from("{ ");
    match &nat.subnet {
        Some(subnet) => text.push_str(&format!("subnet: {subnet}")),
        None => text.push_str("subnet: regional"),
    }
    if nat.connectivity == Connectivity::Private {
        text.push_str(", connectivity: private");
    }
    if nat.state != "available" {
        let _ = write!(text, ", state: {}", nat.state);
    }
    let mut notes = Vec::new();
    for (number, address) in nat.addresses.iter().enumerate() {
        let NatAddress { private, public, status, .. } = address;
        if number > 0 {
            notes.push(format!("also {private:?} {public:?}"));
        } else {
            let _ = private.map(|address| write!(text, ", private_ip: {address}"));
            let _ = public.map(|address| write!(text, ", public_ip: {address}"));
        }
        if status.as_deref().is_some_and(|status| status != "succeeded") {
            notes.push(format!("address {number} {status:?}"));
        }
    }
    text.push_str(" }");
    if !notes.is_empty() {
        let _ = write!(text, " # {}", notes.join("; "));
    }
    text
}

fn prefix_list(prefix_list: &PrefixList) -> String {
    let name = prefix_list.about.name.as_deref().unwrap_or_default();
    match &prefix_list.entries {
        Some(entries) => format!("{{ entries: [{}] }} # {name}", join(entries)),
        None => format!("{{ entries: [] }} # {name}, whose entries are not known"),
    }
}

fn join<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    items.into_iter().map(|item| item.to_string()).collect::<Vec<_>>().join(", ")
}

fn route_table(table: &RouteTable) -> String {
    let main = if table.main { ", main: true" } else { "" };
    let mut text = format!("\n    vpc: {}{}", table.vpc, main.replace(", ", "\n    "));
    if !table.gateways.is_empty() {
        let _ = write!(text, "\n    gateways: [{}]", join(&table.gateways));
    }
    text.push_str("\n    routes:");
    let mut stated = BTreeSet::new();
    for route in &table.routes {
        let Route { destination, target, state, origin, .. } = route;
        let target = match target {
            RouteTarget::Other { id, .. } => format!("vgw/{id}"),
            target => target.to_string(),
        };
        let origin = match origin {
            RouteOrigin::CreateRouteTable | RouteOrigin::CreateRoute => "",
            RouteOrigin::EnableVgwRoutePropagation => ", origin: propagated",
            RouteOrigin::Advertisement => ", origin: advertised",
        };
        let state = match state {
            RouteState::Active => String::new(),
            RouteState::Blackhole => ", state: blackhole".to_owned(),
            RouteState::Other(state) => format!(", state: {state}"),
        };
        // A key can be there only once.
        let also = if stated.insert(destination) { "" } else { "# and " };
        let _ = match origin.is_empty() && state.is_empty() {
            true => write!(text, "\n      {also}{destination}: {target}"),
            false => {
                write!(text, "\n      {also}{destination}: {{ target: {target}{state}{origin} }}")
            }
        };
    }
    text
}

/// `, port: …, protocol: …`, as far as they are not everything.
fn traffic(protocol: ProtocolMatch, ports: &PortSet) -> String {
    let protocol = match protocol {
        ProtocolMatch::Any => return ", protocol: all".to_owned(),
        ProtocolMatch::Only(protocol) => protocol,
    };
    match *ports == PortSet::all() {
        true => format!(", protocol: {protocol}"),
        false => format!(", port: {ports}, protocol: {protocol}"),
    }
}

fn network_acl(acl: &NetworkAcl) -> String {
    let mut text = format!("\n    vpc: {}", acl.vpc);
    if acl.is_default {
        text.push_str("\n    default: true");
    }
    if !acl.subnets.is_empty() {
        let _ = write!(text, "\n    subnets: [{}]", join(&acl.subnets));
    }
    for (name, entries) in [("ingress", &acl.ingress), ("egress", &acl.egress)] {
        let _ = write!(text, "\n    {name}:");
        // The closing denial goes without saying.
        let stated: Vec<_> = entries.iter().filter(|entry| entry.number < 32767).collect();
        if stated.is_empty() {
            text.push_str(" []");
        }
        for AclEntry { number, action, protocol, cidr, ports, .. } in stated {
            let action = format!("{action:?}").to_lowercase();
            let traffic = traffic(*protocol, ports);
            let _ = write!(text, "\n      - {{ rule: {number}, {action}: {cidr}{traffic} }}");
        }
    }
    text
}

fn security_group(group: &SecurityGroup) -> String {
    let mut text = format!("\n    vpc: {}", group.vpc);
    for (name, word, rules) in
        [("ingress", "from", &group.ingress), ("egress", "to", &group.egress)]
    {
        let _ = write!(text, "\n    {name}:");
        if rules.is_empty() {
            text.push_str(" []");
        }
        for GroupRule { protocol, ports, peer, .. } in rules {
            let peer = match peer {
                Peer::Cidr(cidr) => match cidr {
                    ipnet::IpNet::V4(cidr) => cidr.to_string(),
                    ipnet::IpNet::V6(cidr) => format!("\"{cidr}\""),
                },
                Peer::PrefixList(list) => list.to_string(),
                Peer::Group(group) => group.group.to_string(),
            };
            let _ = write!(text, "\n      - {{ {word}: {peer}{} }}", traffic(*protocol, ports));
        }
    }
    text
}

fn interface(interface: &NetworkInterface) -> String {
    let mut text = format!("{{ subnet: {}", interface.subnet);
    let mut notes = Vec::new();
    for (number, one) in interface.addresses.iter().enumerate() {
        let public = match one.public {
            None => String::new(),
            Some(PublicAddress::Known(address)) => format!(", public_ip: {address}"),
            Some(PublicAddress::Some) => ", public_ip: true".to_owned(),
        };
        match number {
            0 => text.push_str(&format!(", address: {}{public}", one.address)),
            _ => notes.push(format!("also {}{public}", one.address)),
        }
    }
    let _ = write!(text, ", security_groups: [{}]", join(&interface.groups));
    if !interface.source_dest_check {
        text.push_str(", source_dest_check: false");
    }
    if let Some(forwards) = interface.forwards {
        let _ = write!(text, ", forwards: {}", format!("{forwards:?}").to_lowercase());
    }
    if !interface.sockets.is_empty() {
        let sockets = interface.sockets.iter().map(|socket| {
            let Socket { address, port, protocol, v6_only, likely, .. } = socket;
            if let Some(proxied) = socket.proxied {
                notes.push(format!("{address}:{port} has a proxy: {proxied:?}"));
            }
            if *likely || *protocol != ProtocolMatch::Any {
                notes.push(format!("{address}:{port} is of {protocol}, likely: {likely}"));
            }
            let v6_only = v6_only.map(|is| format!(", v6_only: {is}")).unwrap_or_default();
            format!("{{ address: \"{address}\", port: {port}{v6_only} }}")
        });
        let _ = write!(text, ", listens: [{}]", join(sockets));
    }
    text.push_str(" }");
    let known = &interface.sockets_known;
    for (protocol, ports) in [("TCP", &known.tcp), ("UDP", &known.udp)] {
        if !ports.is_empty() {
            notes.push(format!("all {protocol} sockets known on port {ports}"));
        }
    }
    if let Some(free) = &interface.planned {
        let public = if interface.planned_public { " with" } else { " without" };
        notes.push(format!("planned{public} a public address: one of {free}"));
    }
    if !interface.usable {
        notes.push("not in use".to_owned());
    }
    if !matches!(interface.role, InterfaceRole::Ordinary | InterfaceRole::Task) {
        notes.push(format!("{:?}", interface.role));
    }
    if !notes.is_empty() {
        let _ = write!(text, " # {}", notes.join("; "));
    }
    text
}
