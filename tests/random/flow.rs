//! The flow of a plan, and where its ends are.

use super::build::Draft;
use super::pieces::S3;
use super::plan::{FlowPlan, Place, Plan};
use std::net::{IpAddr, Ipv4Addr};
use vpc_reach::answer::{Flow, Party};
use vpc_reach::header::{AddressSet, IcmpMessage, IntervalSet, Symbol, public_ipv4};
use vpc_reach::network::PublicAddress;

/// Symbols, each with an address that could be one of its own.
const SYMBOLS: [(&str, Ipv4Addr); 3] = [
    (S3, Ipv4Addr::new(52, 216, 3, 3)),
    ("com.amazonaws.us-east-1.ecr.dkr", Ipv4Addr::new(44, 213, 79, 10)),
    ("internet", Ipv4Addr::new(192, 0, 2, 77)),
];

/// Sets what the tweaks aim at: where only one end is an interface, it stands for both.
pub fn aim(plan: &Plan, draft: &mut Draft) {
    let source_only = |draft: &mut Draft, server: Ipv4Addr| {
        draft.server = server;
        draft.target = draft.source.clone();
        draft.target_subnet = draft.source_subnet.clone();
    };
    match plan.flow {
        FlowPlan::Inside | FlowPlan::Across => {}
        FlowPlan::Symbol(which) => source_only(draft, SYMBOLS[usize::from(which)].1),
        FlowPlan::Hairpin => draft.server = hairpin(draft),
        FlowPlan::Address(place) => {
            let address = address(draft, place);
            source_only(draft, address);
        }
        FlowPlan::Inbound(_) => {
            draft.client = SYMBOLS[2].1;
            draft.source = draft.target.clone();
            draft.source_subnet = draft.target_subnet.clone();
        }
        FlowPlan::LinkLocal(which) => {
            let vpc = draft.net.interfaces[&draft.source].vpc.clone();
            let vpc = draft.net.vpcs.get_mut(&vpc).expect("the client's VPC is there");
            match which {
                0..=4 => {}
                5 | 6 => vpc.dns_support = Some(false),
                _ => vpc.dns_support = None,
            }
            let address = match which {
                0 | 5 => Ipv4Addr::new(169, 254, 169, 253),
                1 | 6 | 7 => Ipv4Addr::new(10, 0, 0, 2),
                2 => Ipv4Addr::new(169, 254, 169, 254),
                3 => Ipv4Addr::new(169, 254, 170, 2),
                _ => Ipv4Addr::new(169, 254, 169, 123),
            };
            source_only(draft, address);
        }
    }
}

/// The server's public address, or else one that nobody has.
fn hairpin(draft: &Draft) -> Ipv4Addr {
    let addresses = &draft.net.interfaces[&draft.target].addresses;
    match addresses.iter().find_map(|one| one.public) {
        Some(PublicAddress::Known(address)) => address,
        _ => Ipv4Addr::new(203, 0, 113, 250),
    }
}

fn address(draft: &mut Draft, place: Place) -> Ipv4Addr {
    let public = SYMBOLS[2].1;
    let nat = draft.net.nat_gateways.get("nat-0").and_then(|nat| nat.addresses.first());
    match place {
        Place::NobodyInSubnet => {
            let subnet = draft.target_subnet.clone();
            draft.take(&subnet, 2)
        }
        Place::NoSubnet => Ipv4Addr::new(10, 0, 0, 255),
        Place::Rfc1918 => Ipv4Addr::new(10, 9, 0, 1),
        Place::Rfc6598 => Ipv4Addr::new(100, 64, 9, 9),
        Place::Public => public,
        Place::PublicRange => SYMBOLS[0].1,
        Place::NatPrivate => nat.and_then(|one| one.private).unwrap_or(public),
        Place::NatPublic => nat.and_then(|one| one.public).unwrap_or(public),
        Place::Reserved => Ipv4Addr::new(169, 254, 168, 5),
    }
}

/// The flow, once the network is done.
pub fn flow(plan: &Plan, draft: &Draft) -> Flow {
    let interface = |id: &str| {
        let addresses = draft.net.interfaces[id].private_addresses();
        Party::Interface { id: id.into(), addresses }
    };
    let one = |address: Ipv4Addr| {
        let addresses = AddressSet::single(IpAddr::V4(address));
        Party::Elsewhere { addresses, symbol: None }
    };
    let symbol = |name| {
        let addresses = AddressSet::from_v4(public_ipv4().clone());
        Party::Elsewhere { addresses, symbol: Some(Symbol::new(name)) }
    };
    let destination = match plan.flow {
        FlowPlan::Inside | FlowPlan::Across | FlowPlan::Inbound(_) => interface("server"),
        FlowPlan::Symbol(which) => symbol(SYMBOLS[usize::from(which)].0),
        // Across the beginning of S3's first prefix.
        FlowPlan::Address(Place::PublicRange) => {
            let middle = u32::from(Ipv4Addr::new(52, 216, 0, 0));
            let addresses = IntervalSet::from_range(middle - 40, middle + 40);
            Party::Elsewhere { addresses: AddressSet::from_v4(addresses), symbol: None }
        }
        FlowPlan::Hairpin | FlowPlan::Address(_) | FlowPlan::LinkLocal(_) => one(draft.server),
    };
    let source = match plan.flow {
        FlowPlan::Inbound(true) => symbol(SYMBOLS[2].0),
        FlowPlan::Inbound(false) => one(draft.client),
        // Now and then, a load balancer's node that keeps its clients' addresses.
        FlowPlan::Inside if plan.seed.is_multiple_of(5) => {
            let known = symbol(SYMBOLS[2].0);
            let (addresses, symbol) = match plan.seed % 2 {
                0 => (known.addresses().clone(), known.symbol().cloned()),
                _ => (
                    AddressSet::from_nets(&[
                        "203.0.113.0/24".parse().unwrap(),
                        "10.0.0.0/14".parse().unwrap(),
                    ]),
                    None,
                ),
            };
            Party::Forwarder { id: "client".into(), addresses, symbol }
        }
        _ => interface("client"),
    };
    let (low, high) = plan.client_ports;
    let flow = Flow {
        source,
        destination,
        protocol: draft.protocol,
        // Now and then, any port of a range.
        destination_ports: match plan.seed % 4 {
            _ if !draft.protocol.has_ports() => IntervalSet::single(draft.port),
            0 => {
                let wide = u16::try_from((plan.seed >> 8) % 2_000).unwrap();
                IntervalSet::from_range(draft.port, draft.port.saturating_add(wide))
            }
            _ => IntervalSet::from_range(draft.port, draft.port),
        },
        client_ports: match draft.protocol.has_ports() {
            true => IntervalSet::from_range(low, high),
            false => IntervalSet::single(IcmpMessage::echo(false).1.port()),
        },
    };
    match &plan.ipv6 {
        Some(ipv6) => super::ipv6::flow(plan, ipv6, draft, flow),
        None => flow,
    }
}
