//! Routes, NAT gateways, public addresses.

use super::Edit;
use super::commands::route as command;
use super::ground::{Ground, Way, default_route, edit, leads_out, quoted};
use crate::answer::End;
use crate::network::{
    Connectivity, Destination, Kind, NatGateway, NatGatewayId, Resource, Route, RouteTable,
    RouteTarget, Subnet,
};
use ipnet::IpNet;
use std::collections::BTreeSet;

const EVERYWHERE: &str = "0.0.0.0/0";

/// How many other tables are tried where that is one way of many.
const TABLES: usize = 5;

/// Ways out for a packet that the route table has no way for.
pub(super) fn no_route(it: &Ground<'_>) -> Vec<Way> {
    let mut ways = Vec::new();
    for id in it.stopping() {
        let Some(table) = it.table(&id) else { continue };
        let far = match it.blocker.direction {
            crate::answer::Direction::Forward => it.destination(),
            crate::answer::Direction::Return => it.source(),
        };
        if it.is_public(far) && it.is_ipv6() {
            ways.extend(super::ipv6::to_the_internet(it, table));
        } else if it.is_public(far) {
            ways.extend(to_the_internet(it, table));
            ways.extend(other_tables(it, table));
        } else {
            ways.extend(super::transit::routes(it, table, far));
        }
    }
    ways
}

/// A default route to a NAT gateway that is there, to a new one, or to the internet gateway.
fn to_the_internet(it: &Ground<'_>, table: &RouteTable) -> Vec<Way> {
    let mut ways: Vec<Way> = Vec::new();
    let usable = |nat: &&NatGateway| {
        nat.vpc == table.vpc && nat.connectivity == Connectivity::Public && nat.state == "available"
    };
    // Of several gateways, one in a zone of the sources.
    let zones: Vec<_> = it
        .source_subnets()
        .iter()
        .filter_map(|id| it.network.subnets.get(id))
        .map(|subnet| &subnet.zone)
        .collect();
    let near = |nat: &&NatGateway| {
        let subnet = nat.subnet.as_ref().and_then(|id| it.network.subnets.get(id));
        !subnet.is_some_and(|subnet| zones.contains(&&subnet.zone))
    };
    let mut gateways: Vec<&NatGateway> = it.network.nat_gateways.values().filter(usable).collect();
    gateways.sort_by_key(near);
    let of_table = |nat: &NatGateway| {
        let subnet = nat.subnet.as_ref().and_then(|id| it.network.subnets.get(id));
        subnet.and_then(|subnet| it.table_of(subnet)).is_some_and(|own| own.id == table.id)
    };
    for nat in gateways.into_iter().filter(|nat| !of_table(nat)).take(2) {
        let target = format!("--nat-gateway-id {}", nat.id);
        let way = default(table, &format!("nat/{}", nat.id), &target, nat.label());
        ways.extend(way.map(|one| vec![one]));
    }
    if ways.is_empty() {
        ways.extend(new_nat(it, table));
    }
    let gateways = it.network.internet_gateways.values();
    for gateway in gateways.filter(|one| one.attachments.iter().any(|(vpc, _)| *vpc == table.vpc)) {
        let target = format!("--gateway-id {}", gateway.id);
        let way = default(table, &format!("igw/{}", gateway.id), &target, gateway.label());
        ways.extend(way.map(|one| vec![one]));
    }
    ways
}

fn default(table: &RouteTable, target: &str, option: &str, label: &str) -> Option<Edit> {
    let yaml = format!(
        "route_tables: {{ {}: {{ routes: {{ {EVERYWHERE}: {} }} }} }}",
        quoted(&table.id),
        quoted(target)
    );
    let what = format!("route {EVERYWHERE} in rtb {} to {label}", table.label());
    let replaces = default_route(table).is_some();
    edit(what, &yaml, vec![command(table.id.as_str(), EVERYWHERE, option, replaces)])
}

/// A NAT gateway in a public subnet of the VPC, and the route to it.
fn new_nat(it: &Ground<'_>, table: &RouteTable) -> Option<Way> {
    let public = |subnet: &&Subnet| {
        subnet.vpc == table.vpc
            && it.table_of(subnet).is_some_and(|own| leads_out(own) && own.id != table.id)
    };
    let zones: Vec<_> = it
        .source_subnets()
        .iter()
        .filter_map(|id| it.network.subnets.get(id))
        .map(|subnet| &subnet.zone)
        .collect();
    let mut subnets: Vec<&Subnet> = it.network.subnets.values().filter(public).collect();
    subnets.sort_by_key(|subnet| (!zones.contains(&&subnet.zone), &subnet.id));
    let subnet = subnets.first()?;
    let name = new_name(it, Kind::NatGateway, "nat");
    let yaml =
        format!("nat_gateways: {{ {}: {{ subnet: {} }} }}", quoted(&name), quoted(&subnet.id));
    let made = edit(
        format!("create NAT gateway {name} in subnet {}", subnet.label()),
        &yaml,
        vec![
            "aws ec2 allocate-address --domain vpc".to_owned(),
            format!(
                "aws ec2 create-nat-gateway --subnet-id {} --allocation-id <allocation-id>",
                subnet.id
            ),
        ],
    )?;
    let target = "--nat-gateway-id <nat-gateway-id>";
    let led = default(table, &format!("nat/{name}"), target, &name)?;
    Some(vec![made, led])
}

/// A name that nothing of that kind has.
pub(super) fn new_name(it: &Ground<'_>, kind: Kind, wanted: &str) -> String {
    let taken = |name: &str| {
        it.network
            .resources()
            .any(|(other, id, label)| other == kind && (id == name || label == name))
    };
    let mut name = wanted.to_owned();
    let mut number = 2;
    while taken(&name) {
        name = format!("{wanted}-{number}");
        number += 1;
    }
    name
}

/// Another table of the VPC, which has a way out, for the subnet that the packet is sent from.
fn other_tables(it: &Ground<'_>, table: &RouteTable) -> Vec<Way> {
    let nats = it.network.nat_gateways.values().filter(|nat| nat.vpc == table.vpc);
    let of_nats = nats.filter_map(|nat| it.network.subnets.get(nat.subnet.as_ref()?));
    let subnets = it.subnet(it.source()).into_iter().chain(of_nats);
    let mut ways: Vec<Way> = Vec::new();
    let mut seen = BTreeSet::new();
    for subnet in subnets.filter(|one| it.table_of(one).is_some_and(|own| own.id == table.id)) {
        if !seen.insert(&subnet.id) {
            continue;
        }
        ways.extend(tables_for(it, subnet, table, TABLES));
    }
    ways
}

/// Another table of the VPC for a subnet; up to so many.
pub(super) fn tables_for(
    it: &Ground<'_>,
    subnet: &Subnet,
    table: &RouteTable,
    most: usize,
) -> Vec<Way> {
    let others = it.network.route_tables.values();
    let others = others.filter(|one| one.vpc == table.vpc && one.id != table.id);
    let edits = others.take(most).map(|other| {
        let yaml = format!(
            "subnets: {{ {}: {{ route_table: {} }} }}",
            quoted(&subnet.id),
            quoted(&other.id)
        );
        let what = format!("give subnet {} rtb {}", subnet.label(), other.label());
        let command = format!(
            "aws ec2 associate-route-table --route-table-id {} --subnet-id {}",
            other.id, subnet.id
        );
        edit(what, &yaml, vec![command])
    });
    edits.flatten().map(|one| vec![one]).collect()
}

/// A public address for the client, or a NAT gateway instead of the internet gateway.
pub(super) fn no_public_address(it: &Ground<'_>) -> Vec<Way> {
    let mut ways = public_address(it.source());
    if let Some(subnet) = it.subnet(it.source())
        && let Some(table) = it.table_of(subnet)
    {
        if it.is_public(it.destination()) {
            // Where the packet has come to a gateway of another VPC, its own VPC's may do.
            ways.extend(to_the_internet(it, table));
        }
        ways.extend(other_tables(it, table));
    }
    ways
}

/// A public address for what has none.
pub(super) fn public_address(end: &End) -> Vec<Way> {
    let mut ways: Vec<Way> = Vec::new();
    let resource = &end.resource;
    match Kind::from_word(&resource.kind) {
        Some(Kind::Service) => {
            let yaml =
                format!("services: {{ {}: {{ assign_public_ip: true }} }}", quoted(&resource.id));
            let what = format!("give the tasks of service {} public addresses", resource.label());
            let command = format!(
                "aws ecs update-service --service {} --network-configuration \
                 'awsvpcConfiguration={{…,assignPublicIp=ENABLED}}'",
                resource.id
            );
            ways.extend(edit(what, &yaml, vec![command]).map(|one| vec![one]));
        }
        Some(kind @ (Kind::NetworkInterface | Kind::Instance)) => {
            let section = if kind == Kind::Instance { "instances" } else { "interfaces" };
            let yaml = format!("{section}: {{ {}: {{ public_ip: true }} }}", quoted(&resource.id));
            let what = format!("give {} a public address", resource.label());
            let option = match kind {
                Kind::Instance => format!("--instance-id {}", resource.id),
                _ => format!("--network-interface-id {}", resource.id),
            };
            let commands = vec![
                "aws ec2 allocate-address --domain vpc".to_owned(),
                format!("aws ec2 associate-address --allocation-id <allocation-id> {option}"),
            ];
            ways.extend(edit(what, &yaml, commands).map(|one| vec![one]));
        }
        _ => {}
    }
    ways
}

/// Where what the routes lead through is the trouble: ways around it, for the subnets of both ends and
/// of what the packet passes.
pub(super) fn around(it: &Ground<'_>) -> Vec<Way> {
    let network = it.network;
    let hops = it.answer.hops.iter().chain(&it.answer.return_hops);
    let hops = hops.map(|hop| hop.resource.id.clone()).chain(it.stopping());
    let passed = hops.filter_map(|id| {
        let nat = network.nat_gateways.get(id.as_str()).and_then(|nat| nat.subnet.as_ref());
        let interface = network.interfaces.get(id.as_str()).map(|one| &one.subnet);
        network.subnets.get(nat.or(interface)?)
    });
    let ends = [it.source(), it.destination()].into_iter().filter_map(|end| it.subnet(end));
    let mut ways: Vec<Way> = Vec::new();
    let (mut subnets, mut tables) = (BTreeSet::new(), BTreeSet::new());
    for subnet in ends.chain(passed) {
        let Some(table) = it.table_of(subnet).filter(|_| subnets.insert(&subnet.id)) else {
            continue;
        };
        if tables.insert(&table.id) {
            if it.is_public(it.destination()) && !it.is_ipv6() {
                ways.extend(to_the_internet(it, table));
            }
            ways.extend(without_detours(table));
        }
        ways.extend(tables_for(it, subnet, table, TABLES));
    }
    ways
}

/// The table without a route through an interface, a NAT gateway or an endpoint of appliances.
pub(super) fn without_detours(table: &RouteTable) -> Vec<Way> {
    let leads_through = |route: &&Route| {
        matches!(
            route.target,
            RouteTarget::Interface(_)
                | RouteTarget::NatGateway(_)
                | RouteTarget::LoadBalancerEndpoint(_)
        )
    };
    let edits = table.routes.iter().filter(leads_through).map(|route| {
        let Destination::Cidr(block) = &route.destination else { return None };
        let yaml = format!(
            "route_tables: {{ {}: {{ routes: {{ {}: null }} }} }}",
            quoted(&table.id),
            quoted(block)
        );
        let what = format!("take route {block} from rtb {}", table.label());
        let key = match block {
            IpNet::V4(_) => "destination-cidr-block",
            IpNet::V6(_) => "destination-ipv6-cidr-block",
        };
        let id = &table.id;
        let command = format!("aws ec2 delete-route --route-table-id {id} --{key} {block}");
        edit(what, &yaml, vec![command])
    });
    edits.flatten().map(|one| vec![one]).collect()
}

/// Where the packet has passed a NAT gateway or arrived: the tables that send replies.
pub(super) fn reply_tables<'n>(it: &Ground<'n>) -> Vec<&'n RouteTable> {
    let hops = it.answer.hops.iter().chain(&it.answer.return_hops);
    let nats = hops.filter(|hop| Kind::from_word(&hop.resource.kind) == Some(Kind::NatGateway));
    let nats = nats.filter_map(|hop| {
        let nat = it.network.nat_gateways.get(&NatGatewayId::from(hop.resource.id.as_str()))?;
        it.network.subnets.get(nat.subnet.as_ref()?)
    });
    let there = it.subnet(it.destination());
    let mut tables: Vec<&RouteTable> = Vec::new();
    for table in nats.chain(there).filter_map(|subnet| it.table_of(subnet)) {
        if !tables.iter().any(|one| one.id == table.id) {
            tables.push(table);
        }
    }
    tables
}

/// A route in a table.
pub(super) fn route(
    table: &RouteTable,
    block: &str,
    target: &str,
    option: &str,
    label: &str,
) -> Option<Edit> {
    let yaml = format!(
        "route_tables: {{ {}: {{ routes: {{ {}: {} }} }} }}",
        quoted(&table.id),
        quoted(block),
        quoted(target)
    );
    let what = format!("route {block} in rtb {} to {label}", table.label());
    let has = table.routes.iter().any(|route| match &route.destination {
        Destination::Cidr(cidr) => cidr.to_string() == block,
        Destination::PrefixList(_) => false,
    });
    edit(what, &yaml, vec![command(table.id.as_str(), block, option, has)])
}

/// An interface that forwards takes what is not for itself only with its check off.
pub(super) fn forwarding(it: &Ground<'_>) -> Vec<Way> {
    let mut ways: Vec<Way> = Vec::new();
    for id in it.stopping() {
        let Some(one) = it.network.interfaces.get(id.as_str()) else { continue };
        let (section, key) = match &one.instance {
            Some(instance) => ("instances", instance.as_str()),
            None => ("interfaces", id.as_str()),
        };
        let yaml = format!("{section}: {{ {}: {{ source_dest_check: false }} }}", quoted(key));
        let what = format!("switch off the source/destination check of {}", one.label());
        let command = format!(
            "aws ec2 modify-network-interface-attribute --network-interface-id {id} \
             --no-source-dest-check"
        );
        ways.extend(edit(what, &yaml, vec![command]).map(|one| vec![one]));
    }
    ways
}
