//! What the peers read, and the peers. They know of IPv4, TCP and one port; of routes over transit
//! gateways, peerings and NAT gateways; of security groups and ACLs: all that decides a pair of a
//! generated fleet.

mod datalog;
mod walks;

pub use datalog::datalog;
pub use walks::walks;

use ipnet::IpNet;
use std::collections::BTreeMap;
use std::net::IpAddr;
use vpc_reach::header::Protocol;
use vpc_reach::network::{
    AclAction, AclEntry, Attached, Destination, GroupRule, Network, Peer, RouteState, RouteTarget,
};

/// A client port: no ACL of a fleet tells those of Linux apart.
const CLIENT: u16 = 49_152;

/// A range of addresses, both ends included.
pub type Range = (u32, u32);

/// Where a route leads.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum To {
    /// To a VPC's wires.
    Vpc(usize),
    /// On by another table.
    Table(usize),
    /// To a NAT gateway.
    Nat(usize),
    /// Out of the network, or nowhere.
    Away,
}

pub struct Host {
    pub address: u32,
    pub subnet: usize,
    pub groups: Vec<usize>,
}

pub struct Subnet {
    pub block: Range,
    pub vpc: usize,
    pub table: usize,
    pub acl: usize,
}

/// What a group admits one way on the port.
#[derive(Default)]
pub struct Admits {
    pub ranges: Vec<Range>,
    pub groups: Vec<usize>,
}

/// By direction: inbound, outbound.
pub type Both<T> = [T; 2];
pub const IN: usize = 0;
pub const OUT: usize = 1;

/// Entries of one direction in their order: whom, and whether they may.
pub type Entries = Vec<(Range, bool)>;

pub struct Nat {
    pub address: u32,
    pub subnet: usize,
}

/// A network as relations of numbers.
#[derive(Default)]
pub struct Facts {
    pub hosts: Vec<Host>,
    pub subnets: Vec<Subnet>,
    /// Route tables of VPCs and transit gateways: destination and target.
    pub tables: Vec<Vec<(Range, To)>>,
    pub nats: Vec<Nat>,
    pub groups: Vec<Both<Admits>>,
    /// By ACL and direction: for requests, and for replies.
    pub acls: Vec<Both<Both<Entries>>>,
}

fn range(net: &IpNet) -> Option<Range> {
    match net {
        IpNet::V4(net) => Some((u32::from(net.network()), u32::from(net.broadcast()))),
        IpNet::V6(_) => None,
    }
}

/// Numbers for ids.
fn numbered<'n, I: Ord + 'n>(ids: impl Iterator<Item = &'n I>) -> BTreeMap<&'n I, usize> {
    ids.zip(0..).collect()
}

impl Facts {
    pub fn new(network: &Network, port: u16) -> Self {
        let vpcs = numbered(network.vpcs.keys());
        let subnets = numbered(network.subnets.keys());
        let tables = numbered(network.route_tables.keys());
        let transit_tables = numbered(network.transit_gateway_route_tables.keys());
        let groups = numbered(network.security_groups.keys());
        let acls = numbered(network.network_acls.keys());
        let nats = numbered(network.nat_gateways.keys());
        let mut facts = Self::default();

        for subnet in network.subnets.values() {
            let mut own = network.route_tables.values();
            let table = own.find(|table| table.subnets.contains(&subnet.id));
            let mut own = network.network_acls.values();
            let acl = own.find(|acl| acl.subnets.contains(&subnet.id));
            facts.subnets.push(Subnet {
                block: subnet.cidrs.iter().find_map(range).expect("a subnet has a block"),
                vpc: vpcs[&subnet.vpc],
                table: tables[&table.expect("a subnet has a table").id],
                acl: acls[&acl.expect("a subnet has an ACL").id],
            });
        }

        // The table that a VPC's attachment is associated with, and where an attachment leads.
        let associated = |vpc: &str| {
            let mut all = network.transit_gateway_route_tables.values();
            let own = all.find(|table| {
                table.associations.iter().any(|id| {
                    let attachment = &network.transit_gateway_attachments[id];
                    matches!(&attachment.attached, Attached::Vpc { vpc: own, .. } if own.as_str() == vpc)
                })
            });
            // Those of transit gateways come behind those of VPCs.
            own.map(|table| tables.len() + transit_tables[&table.id])
        };
        for table in network.route_tables.values() {
            let mut routes = Vec::new();
            for route in &table.routes {
                let Destination::Cidr(net) = &route.destination else { continue };
                let Some(to) = range(net) else { continue };
                let target = match &route.target {
                    RouteTarget::Local => To::Vpc(vpcs[&table.vpc]),
                    RouteTarget::NatGateway(id) => To::Nat(nats[id]),
                    RouteTarget::Peering(id) => {
                        let ends = &network.peerings[id].ends;
                        let other = ends.iter().find(|end| end.vpc != table.vpc);
                        To::Vpc(vpcs[&other.expect("a peering has two ends").vpc])
                    }
                    RouteTarget::TransitGateway(_) => {
                        associated(table.vpc.as_str()).map_or(To::Away, To::Table)
                    }
                    _ => To::Away,
                };
                routes.push((to, target));
            }
            facts.tables.push(routes);
        }
        for table in network.transit_gateway_route_tables.values() {
            let mut routes = Vec::new();
            for route in table.routes.iter().flatten() {
                let Destination::Cidr(net) = &route.destination else { continue };
                let attachment =
                    route.attachments.first().filter(|_| route.state == RouteState::Active);
                let attached =
                    attachment.map(|id| &network.transit_gateway_attachments[id].attached);
                let target = match attached {
                    Some(Attached::Vpc { subnets: Some(ends), .. }) => {
                        let end = ends.first().expect("an attachment has subnets");
                        To::Table(facts.subnets[subnets[end]].table)
                    }
                    _ => To::Away,
                };
                routes.extend(range(net).map(|to| (to, target)));
            }
            facts.tables.push(routes);
        }

        for nat in network.nat_gateways.values() {
            let address = nat.addresses.iter().find_map(|one| one.private);
            facts.nats.push(Nat {
                address: address.expect("a NAT gateway has an address").into(),
                subnet: subnets[nat.subnet.as_ref().expect("it is zonal")],
            });
        }
        for group in network.security_groups.values() {
            let admits = |rules: &[GroupRule]| {
                let mut admits = Admits::default();
                for rule in rules.iter().filter(|rule| {
                    rule.protocol.matches(Protocol::Tcp) && rule.ports.contains(port)
                }) {
                    match &rule.peer {
                        Peer::Cidr(net) => admits.ranges.extend(range(net)),
                        Peer::Group(reference) => admits.groups.push(groups[&reference.group]),
                        Peer::PrefixList(list) => {
                            let entries = network.prefix_lists[list].entries.iter().flatten();
                            admits.ranges.extend(entries.filter_map(range));
                        }
                    }
                }
                admits
            };
            facts.groups.push([admits(&group.ingress), admits(&group.egress)]);
        }
        for acl in network.network_acls.values() {
            let entries = |all: &[AclEntry], port: u16| {
                let mut all: Vec<&AclEntry> = all.iter().collect();
                all.sort_by_key(|entry| entry.number);
                let meant = all
                    .into_iter()
                    .filter(|one| one.protocol.matches(Protocol::Tcp) && one.ports.contains(port));
                meant
                    .filter_map(|one| Some((range(&one.cidr)?, one.action == AclAction::Allow)))
                    .collect()
            };
            let both = |port| [entries(&acl.ingress, port), entries(&acl.egress, port)];
            facts.acls.push([both(port), both(CLIENT)]);
        }
        let hosts = network.interfaces.values().filter(|one| !one.role.is_gateway());
        for host in hosts {
            let address = host.addresses.iter().find_map(|one| match one.address {
                IpAddr::V4(address) => Some(address),
                IpAddr::V6(_) => None,
            });
            facts.hosts.push(Host {
                address: address.expect("a host has an address").into(),
                subnet: subnets[&host.subnet],
                groups: host.groups.iter().map(|id| groups[id]).collect(),
            });
        }
        facts
    }
}

pub fn within((low, high): Range, address: u32) -> bool {
    (low..=high).contains(&address)
}

/// What the first entry that means an address says; AWS's last one says no.
pub fn passes(entries: &Entries, address: u32) -> bool {
    entries.iter().find(|(range, _)| within(*range, address)).is_some_and(|&(_, allow)| allow)
}
