//! Ways out for IPv6: DNS64 with a NAT gateway behind it, egress-only and internet gateways.

use super::ground::{Ground, Way, edit, quoted};
use super::routes::route;
use crate::header::nat64_prefix;
use crate::network::{Connectivity, Resource, RouteTable};

/// NG-13: a name that has IPv4 addresses only.
pub(super) fn dns64(it: &Ground<'_>) -> Option<Way> {
    let subnets = it.source_subnets();
    let subnets = subnets.iter().filter_map(|id| it.network.subnets.get(id));
    let edits = subnets.filter(|subnet| !subnet.dns64).map(|subnet| {
        let yaml = format!("subnets: {{ {}: {{ dns64: true }} }}", quoted(&subnet.id));
        let what = format!("switch on DNS64 in subnet {}", subnet.label());
        let id = &subnet.id;
        let command = format!("aws ec2 modify-subnet-attribute --subnet-id {id} --enable-dns64");
        edit(what, &yaml, vec![command])
    });
    edits.collect::<Option<Way>>().filter(|way| !way.is_empty())
}

/// NG-13: what DNS64 made has gone by a route for all of IPv6.
pub(super) fn astray(it: &Ground<'_>) -> Vec<Way> {
    let table = it.subnet(it.source()).and_then(|subnet| it.table_of(subnet));
    table.filter(|_| it.is_by_dns64()).map_or_else(Vec::new, |table| to_the_internet(it, table))
}

/// A route for what DNS64 makes, or for all of IPv6.
pub(super) fn to_the_internet(it: &Ground<'_>, table: &RouteTable) -> Vec<Way> {
    let mut routes = Vec::new();
    if it.is_by_dns64() {
        let block = nat64_prefix().to_string();
        let nats = it.network.nat_gateways.values().filter(|nat| {
            nat.vpc == table.vpc
                && nat.connectivity == Connectivity::Public
                && nat.state == "available"
        });
        routes.extend(nats.take(2).map(|nat| {
            let option = format!("--nat-gateway-id {}", nat.id);
            route(table, &block, &format!("nat/{}", nat.id), &option, nat.label())
        }));
    } else {
        let block = "::/0";
        let egress_only = it.network.egress_only_gateways.values();
        let here =
            egress_only.filter(|one| one.attachments.iter().any(|(vpc, _)| *vpc == table.vpc));
        routes.extend(here.map(|one| {
            let option = format!("--egress-only-internet-gateway-id {}", one.id);
            route(table, block, &format!("eigw/{}", one.id), &option, one.label())
        }));
        let gateways = it.network.internet_gateways.values();
        let here = gateways.filter(|one| one.attachments.iter().any(|(vpc, _)| *vpc == table.vpc));
        routes.extend(here.map(|one| {
            let option = format!("--gateway-id {}", one.id);
            route(table, block, &format!("igw/{}", one.id), &option, one.label())
        }));
    }
    routes.into_iter().flatten().map(|one| vec![one]).collect()
}
