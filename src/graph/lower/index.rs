//! What lowering looks up again and again, sorted once.

use crate::network::{
    Attached, Network, NetworkAcl, NetworkInterfaceId, RouteTable, SecurityGroupId, Subnet,
    SubnetId, TransitGatewayAttachment, TransitGatewayId, VpcEndpoint, VpcId,
};
use ipnet::IpNet;
use std::collections::{BTreeMap, BTreeSet};

/// Who belongs to whom. Where several claim one, the first by id is meant.
pub(super) struct Index<'n> {
    pub(super) acls: BTreeMap<&'n SubnetId, &'n NetworkAcl>,
    pub(super) default_acls: BTreeMap<&'n VpcId, &'n NetworkAcl>,
    pub(super) tables: BTreeMap<&'n SubnetId, &'n RouteTable>,
    pub(super) main_tables: BTreeMap<&'n VpcId, &'n RouteTable>,
    pub(super) subnets: BTreeMap<&'n VpcId, Vec<&'n Subnet>>,
    /// The attachments of a VPC to a transit gateway.
    pub(super) attachments:
        BTreeMap<(&'n TransitGatewayId, &'n VpcId), Vec<&'n TransitGatewayAttachment>>,
    pub(super) endpoints: BTreeMap<&'n NetworkInterfaceId, &'n VpcEndpoint>,
    /// The VPCs of the interfaces that carry each group.
    pub(super) group_vpcs: BTreeMap<&'n SecurityGroupId, BTreeSet<&'n VpcId>>,
    /// Whether any interface has delegated prefixes.
    pub(super) has_prefixes: bool,
    /// Whether any VPC has IPv6 addresses.
    pub(super) has_ipv6: bool,
    /// Whether every subnet's zone is known by its id, which says the same in every account (SH-01).
    pub(super) zones_have_ids: bool,
}

impl<'n> Index<'n> {
    pub(super) fn new(network: &'n Network) -> Self {
        let mut index = Self {
            acls: BTreeMap::new(),
            default_acls: BTreeMap::new(),
            tables: BTreeMap::new(),
            main_tables: BTreeMap::new(),
            subnets: BTreeMap::new(),
            attachments: BTreeMap::new(),
            endpoints: BTreeMap::new(),
            group_vpcs: BTreeMap::new(),
            has_prefixes: network.interfaces.values().any(|one| !one.prefixes.is_empty()),
            has_ipv6: network
                .vpcs
                .values()
                .flat_map(|vpc| &vpc.cidrs)
                .any(|cidr| matches!(cidr, IpNet::V6(_))),
            zones_have_ids: network.subnets.values().all(|one| one.zone.id.is_some()),
        };
        for acl in network.network_acls.values() {
            for subnet in &acl.subnets {
                index.acls.entry(subnet).or_insert(acl);
            }
            if acl.is_default {
                index.default_acls.entry(&acl.vpc).or_insert(acl);
            }
        }
        for table in network.route_tables.values() {
            for subnet in &table.subnets {
                index.tables.entry(subnet).or_insert(table);
            }
            if table.main {
                index.main_tables.entry(&table.vpc).or_insert(table);
            }
        }
        for subnet in network.subnets.values() {
            index.subnets.entry(&subnet.vpc).or_default().push(subnet);
        }
        for attachment in network.transit_gateway_attachments.values() {
            if let Attached::Vpc { vpc, .. } = &attachment.attached {
                let key = (&attachment.transit_gateway, vpc);
                index.attachments.entry(key).or_default().push(attachment);
            }
        }
        for endpoint in network.vpc_endpoints.values() {
            for interface in &endpoint.interfaces {
                index.endpoints.entry(interface).or_insert(endpoint);
            }
        }
        for interface in network.interfaces.values() {
            for group in &interface.groups {
                index.group_vpcs.entry(group).or_default().insert(&interface.vpc);
            }
        }
        index
    }
}
