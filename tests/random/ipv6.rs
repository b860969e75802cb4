//! The same network once more in IPv6, beside IPv4.
//!
//! Every IPv4 block gets a twin: `10.0.1.0/24` is `2600::10.0.1.0/120`, and `0.0.0.0/0` is `::/0`.
//! What AWS does not have in IPv6 is put in its place: an egress-only internet gateway for a NAT
//! gateway, and no public addresses.

use super::build::Draft;
use super::pieces::{S3, route};
use super::plan::{End, FlowPlan, Ipv6Fault, Ipv6Plan, Plan};
use ipnet::{IpNet, Ipv6Net};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use vpc_reach::answer::{Flow, Party};
use vpc_reach::header::{
    AddressSet, IcmpMessage, IntervalSet, PortSet, Protocol, ProtocolMatch, Symbol, nat64_prefix,
    public_ipv4, public_ipv6,
};
use vpc_reach::network::*;

/// Where the twins lie.
const BASE: u128 = 0x2600 << 112;

/// The list of S3's IPv6 addresses.
const S3_V6: &str = "com.amazonaws.us-east-1.ipv6.s3";

/// The twin of an address.
pub fn twin(address: Ipv4Addr) -> Ipv6Addr {
    Ipv6Addr::from(BASE | u128::from(u32::from(address)))
}

fn twin_net(net: IpNet) -> Option<IpNet> {
    let IpNet::V4(net) = net else { return None };
    Some(IpNet::V6(match net.prefix_len() {
        0 => Ipv6Net::default(),
        // So that it cuts the public addresses.
        1 => "2000::/4".parse().unwrap(),
        length => Ipv6Net::new_assert(twin(net.network()), 96 + length),
    }))
}

fn twin_set(set: &AddressSet) -> AddressSet {
    let ranges = set.v4.ranges().iter();
    AddressSet::from_v6(IntervalSet::from_ranges(
        ranges.map(|&(low, high)| (BASE | u128::from(low), BASE | u128::from(high))),
    ))
}

/// What a rule for ICMP is in IPv6.
fn six(protocol: ProtocolMatch, icmp: Option<(i16, i16)>) -> (ProtocolMatch, Option<(i16, i16)>) {
    let of = |(kind, code)| match kind {
        8 => (128, code),
        0 => (129, code),
        other => (other, code),
    };
    match protocol {
        ProtocolMatch::Only(Protocol::Icmp) => {
            (ProtocolMatch::Only(Protocol::Icmpv6), icmp.map(of))
        }
        other => (other, icmp),
    }
}

/// Adds the twins to a network that is done.
pub fn add(draft: &mut Draft, plan: &Ipv6Plan) {
    let net = &mut draft.net;
    for vpc in net.vpcs.values_mut() {
        vpc.cidrs.extend(vpc.cidrs.clone().into_iter().filter_map(twin_net));
    }
    for subnet in net.subnets.values_mut() {
        subnet.cidrs.extend(subnet.cidrs.clone().into_iter().filter_map(twin_net));
    }
    for interface in net.interfaces.values_mut() {
        let twins: Vec<PrivateAddress> = interface
            .addresses
            .iter()
            .filter_map(|one| match one.address {
                IpAddr::V4(address) => Some(twin(address).into()),
                IpAddr::V6(_) => None,
            })
            .map(|address| PrivateAddress { address, public: None })
            .collect();
        if interface.role != InterfaceRole::NatGateway {
            interface.addresses.extend(twins);
        }
        interface.prefixes.extend(interface.prefixes.clone().into_iter().filter_map(twin_net));
        if let Some(free) = &mut interface.planned {
            *free = free.union(&twin_set(free));
        }
    }
    let hidden = net.prefix_lists.get("pl-s3").is_some_and(|list| list.entries.is_none());
    for list in net.prefix_lists.values_mut().filter(|list| list.id.as_str() != "pl-s3") {
        if let Some(entries) = &mut list.entries {
            entries.extend(entries.clone().into_iter().filter_map(twin_net));
        }
    }
    if net.prefix_lists.contains_key("pl-s3") {
        let about = About { name: Some(S3_V6.into()), ..About::default() };
        let entries = (!hidden).then(|| vec!["2600:1fa0::/28".parse().unwrap()]);
        net.insert(PrefixList { id: "pl-s3-v6".into(), about, entries });
    }
    let list = |id: &PrefixListId| match id.as_str() {
        "pl-s3" => Some(PrefixListId::from("pl-s3-v6")),
        _ => None,
    };
    for group in net.security_groups.values_mut() {
        for rules in [&mut group.ingress, &mut group.egress] {
            let twins = rules.clone().into_iter().filter_map(|rule| {
                let peer = match &rule.peer {
                    Peer::Cidr(cidr) => Peer::Cidr(twin_net(*cidr)?),
                    Peer::PrefixList(id) => Peer::PrefixList(list(id)?),
                    Peer::Group(_) => return None,
                };
                let (protocol, icmp) = six(rule.protocol, rule.icmp);
                Some(GroupRule { peer, protocol, icmp, ..rule })
            });
            let twins: Vec<GroupRule> = twins.collect();
            if plan.fault != Ipv6Fault::GroupsForgotten {
                rules.extend(twins);
            }
        }
    }
    for acl in net.network_acls.values_mut() {
        for entries in [&mut acl.ingress, &mut acl.egress] {
            let twins = entries.clone().into_iter().filter_map(|entry| {
                let (protocol, icmp) = six(entry.protocol, entry.icmp);
                let (number, cidr) = (entry.number + 1, twin_net(entry.cidr)?);
                Some(AclEntry { number, cidr, protocol, icmp, ..entry })
            });
            let twins: Vec<AclEntry> = twins.collect();
            if plan.fault != Ipv6Fault::AclsForgotten {
                entries.extend(twins);
            }
        }
    }
    for table in net.route_tables.values_mut() {
        let twins = table.routes.clone().into_iter().filter_map(|route| {
            let destination = match &route.destination {
                Destination::Cidr(cidr) => Destination::Cidr(twin_net(*cidr)?),
                Destination::PrefixList(id) => Destination::PrefixList(list(id)?),
            };
            let target = match &route.target {
                RouteTarget::NatGateway(id) if plan.fault != Ipv6Fault::ToNat => {
                    RouteTarget::EgressOnlyGateway(id.as_str().replacen("nat", "eigw", 1).into())
                }
                other => other.clone(),
            };
            Some(Route { destination, target, ..route })
        });
        let twins: Vec<Route> = twins.collect();
        table.routes.extend(twins);
    }
    for table in net.transit_gateway_route_tables.values_mut() {
        for routes in table.routes.iter_mut() {
            let twins = routes.clone().into_iter().filter_map(|route| {
                let Destination::Cidr(cidr) = route.destination else { return None };
                Some(TransitGatewayRoute {
                    destination: Destination::Cidr(twin_net(cidr)?),
                    ..route
                })
            });
            let twins: Vec<TransitGatewayRoute> = twins.collect();
            routes.extend(twins);
        }
    }
    for endpoint in net.vpc_endpoints.values_mut() {
        let v4_only = plan.fault == Ipv6Fault::EndpointIpv4;
        endpoint.families = if v4_only { Families::V4 } else { Families::Both };
    }
    let vpcs: Vec<VpcId> = net.vpcs.keys().cloned().collect();
    for vpc in vpcs {
        let id = EgressOnlyGatewayId::from(vpc.as_str().replacen("vpc", "eigw", 1));
        let attachments = match plan.fault {
            Ipv6Fault::Detached => Vec::new(),
            _ => vec![(vpc, "attached".to_owned())],
        };
        let about = About::default();
        if plan.fault != Ipv6Fault::NoGateway {
            net.insert(EgressOnlyGateway { id, about, attachments });
        }
    }
    if plan.route64 {
        let prefix = IpNet::V6(nat64_prefix());
        for table in net.route_tables.values_mut().filter(|table| table.vpc.as_str() == "vpc-0") {
            let target = RouteTarget::NatGateway("nat-0".into());
            table.routes.push(route(Destination::Cidr(prefix), target));
        }
    }
    fault(draft, plan.fault);
}

fn fault(draft: &mut Draft, fault: Ipv6Fault) {
    match fault {
        Ipv6Fault::Private => {
            let vpc = draft.end_mut(End::Target).vpc.clone();
            if let Some(vpc) = draft.net.vpcs.get_mut(&vpc) {
                vpc.private_v6 =
                    vpc.cidrs.iter().copied().filter(|c| twin_net(*c).is_none()).collect();
            }
        }
        Ipv6Fault::Denied => draft.end_mut(End::Target).deny_igw = true,
        Ipv6Fault::ReferencesIpv4 => {
            draft.net.assumptions.set("SG_REF_MATCHES_IPV6", "false").unwrap();
        }
        Ipv6Fault::AclUnseen => {
            draft.net.assumptions.set("NAT64_MEETS_ACL_AS_IPV6", "false").unwrap();
        }
        Ipv6Fault::TransitOff | Ipv6Fault::TransitUnknown => {
            for one in draft.net.transit_gateway_attachments.values_mut() {
                one.ipv6 = (fault == Ipv6Fault::TransitOff).then_some(false);
            }
        }
        _ => {}
    }
}

/// The same flow between the twins, or from the client's twin through a NAT gateway.
pub fn flow(plan: &Plan, ipv6: &Ipv6Plan, draft: &Draft, flow: Flow) -> Flow {
    let own = AddressSet::from_nets(draft.net.vpcs.values().flat_map(|vpc| &vpc.cidrs));
    let outside = AddressSet::from_v6(public_ipv6().clone()).difference(&own);
    let symbol_v6 = |symbol: &Symbol| match &*symbol.0 {
        S3 => Symbol::new(S3_V6),
        _ => symbol.clone(),
    };
    let party = |party: &Party| match party {
        Party::Interface { id, addresses } => Party::Interface {
            id: id.clone(),
            addresses: addresses.of_family(vpc_reach::header::Family::V6),
        },
        Party::Forwarder { id, symbol: Some(symbol), .. } => Party::Forwarder {
            id: id.clone(),
            addresses: outside.clone(),
            symbol: Some(symbol_v6(symbol)),
        },
        Party::Forwarder { id, addresses, symbol: None } => {
            Party::Forwarder { id: id.clone(), addresses: twin_set(addresses), symbol: None }
        }
        Party::Elsewhere { symbol: Some(symbol), .. } => {
            Party::Elsewhere { addresses: outside.clone(), symbol: Some(symbol_v6(symbol)) }
        }
        Party::Elsewhere { addresses, symbol: None } => {
            Party::Elsewhere { addresses: twin_set(addresses), symbol: None }
        }
    };
    let source = party(&flow.source);
    let forwards = matches!(source, Party::Forwarder { .. });
    let from_here = matches!(source, Party::Interface { .. });
    let destination = match (&plan.flow, &flow.destination) {
        (FlowPlan::LinkLocal(_), _) => {
            let last = u128::from(u32::from(draft.server).to_be_bytes()[3]);
            let last = match last {
                2 => 0x253_u128,
                254 => 0x254,
                123 => 0x123,
                other => other,
            };
            let address = Ipv6Addr::from((0xfd00_0ec2_u128 << 96) | last);
            Party::Elsewhere { addresses: AddressSet::single(address.into()), symbol: None }
        }
        (FlowPlan::Hairpin, _) => {
            let addresses = &draft.net.interfaces[&draft.target].addresses;
            let v6 = addresses.iter().map(|one| one.address).find(IpAddr::is_ipv6);
            let addresses =
                v6.map_or_else(|| twin_set(flow.destination.addresses()), AddressSet::single);
            Party::Elsewhere { addresses, symbol: None }
        }
        (_, destination) if ipv6.nat64 && from_here && !forwards => {
            let addresses = match destination.symbol() {
                Some(_) => AddressSet::from_v4(public_ipv4().clone()),
                None => destination.addresses().of_family(vpc_reach::header::Family::V4),
            };
            let symbol = destination.symbol().cloned();
            Party::Elsewhere { addresses: addresses.embedded(), symbol }
        }
        (_, destination) => party(destination),
    };
    if flow.protocol != Protocol::Icmp {
        return Flow { source, destination, ..flow };
    }
    let (ping, answer) = IcmpMessage::echo(true);
    Flow {
        source,
        destination,
        protocol: Protocol::Icmpv6,
        destination_ports: PortSet::single(ping.port()),
        client_ports: PortSet::single(answer.port()),
    }
}
