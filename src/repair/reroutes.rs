//! Every other way that the tables on a packet's way could lead it.

use super::ground::{Ground, Way};
use super::routes::{route, tables_for, without_detours};
use super::transit;
use crate::network::{
    Attached, Connectivity, EndpointType, NatGateway, Resource, RouteTable, Subnet,
};
use std::collections::BTreeSet;

const EVERYWHERE: &str = "0.0.0.0/0";

/// Of every subnet that the packets are sent from or pass: the other tables it could have, the
/// other targets its own could lead to, and its routes that could go. Then the transit gateways.
pub(super) fn ways(it: &Ground<'_>) -> Vec<Way> {
    let mut ways: Vec<Way> = Vec::new();
    let mut tables: Vec<&RouteTable> = Vec::new();
    for subnet in subnets(it) {
        if let Some(table) = it.table_of(subnet) {
            ways.extend(tables_for(it, subnet, table, usize::MAX));
            tables.push(table);
        }
    }
    tables.extend(passed(it).iter().filter_map(|id| it.table(id)));
    let mut seen = BTreeSet::new();
    for table in tables.into_iter().filter(|one| seen.insert(&one.id)) {
        ways.extend(targets(it, table));
        ways.extend(without_detours(table));
    }
    ways.extend(transit::reroutes(it));
    ways
}

/// Everything that the packets have come by, and what stops them.
fn passed(it: &Ground<'_>) -> BTreeSet<String> {
    let hops = it.answer.hops.iter().chain(&it.answer.return_hops);
    let blockers = it.answer.blockers.iter().map(|one| &one.resource);
    let all = hops.map(|hop| &hop.resource).chain(blockers);
    all.flat_map(|one| one.id.split(',').map(|id| id.trim().to_owned())).collect()
}

fn subnets<'n>(it: &Ground<'n>) -> Vec<&'n Subnet> {
    let network = it.network;
    let of = |id: &String| -> Vec<&'n str> {
        let id = id.as_str();
        let own = network.subnets.get(id).map(|one| one.id.as_str());
        let nat = network.nat_gateways.get(id).and_then(|one| one.subnet.as_ref());
        let interface = network.interfaces.get(id).map(|one| &one.subnet);
        let endpoint = network.vpc_endpoints.get(id);
        let endpoint =
            endpoint.filter(|one| one.endpoint_type == EndpointType::GatewayLoadBalancer);
        let firewall = network.firewalls.get(id);
        let firewall = firewall.into_iter().flat_map(|one| one.endpoints.values());
        let attachment = network.transit_gateway_attachments.get(id);
        let attached = attachment.and_then(|one| match &one.attached {
            Attached::Vpc { subnets, .. } => subnets.as_ref(),
            _ => None,
        });
        let several = endpoint.into_iter().flat_map(|one| &one.subnets);
        let several = several.chain(attached.into_iter().flatten()).chain(interface).chain(nat);
        let several = several.chain(firewall.filter_map(|one| one.subnet.as_ref()));
        several.map(|one| one.as_str()).chain(own).collect()
    };
    let passed = passed(it);
    let passed = passed.iter().flat_map(of).filter_map(|id| network.subnets.get(id));
    let ends = [it.source(), it.destination()].into_iter().filter_map(|end| it.subnet(end));
    let mut seen = BTreeSet::new();
    ends.chain(passed).filter(|one| seen.insert(&one.id)).collect()
}

/// Every target that a table of its VPC can lead to, for what the flow is for.
fn targets(it: &Ground<'_>, table: &RouteTable) -> Vec<Way> {
    let mut ways: Vec<Way> = Vec::new();
    for end in [it.source(), it.destination()] {
        match (it.is_public(end), it.is_ipv6()) {
            (true, true) => ways.extend(super::ipv6::to_the_internet(it, table)),
            (true, false) => ways.extend(to_the_internet(it, table)),
            (false, _) => ways.extend(transit::routes(it, table, end)),
        }
    }
    ways
}

fn to_the_internet(it: &Ground<'_>, table: &RouteTable) -> Vec<Way> {
    let usable = |nat: &&NatGateway| {
        nat.vpc == table.vpc && nat.connectivity == Connectivity::Public && nat.state == "available"
    };
    let nats = it.network.nat_gateways.values().filter(usable);
    let nats =
        nats.map(|one| (format!("nat/{}", one.id), "nat-gateway-id", one.id.as_str(), one.label()));
    let gateways = it.network.internet_gateways.values();
    let gateways = gateways.filter(|one| one.attachments.iter().any(|(vpc, _)| *vpc == table.vpc));
    let gateways =
        gateways.map(|one| (format!("igw/{}", one.id), "gateway-id", one.id.as_str(), one.label()));
    let hubs = transit::hubs_of(it, &table.vpc);
    let hubs = hubs
        .map(|one| (format!("tgw/{}", one.id), "transit-gateway-id", one.id.as_str(), one.label()));
    let edits = nats.chain(gateways).chain(hubs).filter_map(|(target, option, id, label)| {
        route(table, EVERYWHERE, &target, &format!("--{option} {id}"), label)
    });
    edits.map(|one| vec![one]).collect()
}
