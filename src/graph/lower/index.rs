//! What lowering looks up again and again, sorted once. Whoever tells a part of the graph anew
//! finds it here, too.

use super::peerings::within_region;
use crate::header::AddressSet;
use crate::network::{
    Attached, Network, NetworkAclId, NetworkInterfaceId, PublicAccessBlockId, RouteTableId, Scope,
    SecurityGroupId, SubnetId, TransitGatewayAttachmentId, TransitGatewayId,
    TransitGatewayRouteTableId, VpcEndpointId, VpcId,
};
use ipnet::IpNet;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Who belongs to whom. Where several claim one, the first by id is meant.
#[derive(Clone, Debug, Default)]
pub(in crate::graph) struct Index {
    pub(super) acls: BTreeMap<SubnetId, NetworkAclId>,
    pub(super) default_acls: BTreeMap<VpcId, NetworkAclId>,
    pub(super) tables: BTreeMap<SubnetId, RouteTableId>,
    pub(super) main_tables: BTreeMap<VpcId, RouteTableId>,
    /// The subnets that each table routes.
    pub(super) routed: BTreeMap<RouteTableId, Vec<SubnetId>>,
    pub(super) subnets: BTreeMap<VpcId, Vec<SubnetId>>,
    /// The attachments of a VPC to a transit gateway.
    pub(super) attachments: BTreeMap<(TransitGatewayId, VpcId), Vec<TransitGatewayAttachmentId>>,
    pub(super) endpoints: BTreeMap<NetworkInterfaceId, VpcEndpointId>,
    /// Who carries each group, by VPC.
    pub(super) carriers: Carriers,
    /// The VPCs beyond peering connections in which references to groups resolve, by VPC.
    pub(super) peers: BTreeMap<VpcId, BTreeSet<VpcId>>,
    /// The IPv6 blocks that AWS does not announce.
    pub(super) private_v6: AddressSet,
    /// Options of VPC Block Public Access, by account and Region.
    pub(super) blocks: BTreeMap<Scope, PublicAccessBlockId>,
    /// Those whose account or Region is not stated.
    pub(super) loose_blocks: Vec<PublicAccessBlockId>,
    /// Whether any interface has delegated prefixes.
    pub(super) has_prefixes: bool,
    /// Whether any VPC has IPv6 addresses.
    pub(super) has_ipv6: bool,
    /// Whether every subnet's zone is known by its id, which says the same in every account (SH-01).
    pub(super) zones_have_ids: bool,
}

/// The tables of transit gateways by the attachments that they are associated with.
pub(super) type Associations =
    BTreeMap<TransitGatewayAttachmentId, BTreeSet<TransitGatewayRouteTableId>>;

/// The interfaces that carry a group, in each VPC where there are any.
pub(super) type Carriers = BTreeMap<SecurityGroupId, BTreeMap<VpcId, Members>>;

/// The private addresses of the existing interfaces that carry a group (SG-09, SG-10). A group that
/// is gone has none (SG-16).
#[derive(Clone, Debug, Default)]
pub(super) struct Members {
    pub(super) own: AddressSet,
    /// Those of delegated prefixes.
    pub(super) delegated: AddressSet,
}

impl Index {
    pub(super) fn new(network: &Network) -> Self {
        let mut index = Self {
            carriers: carriers(network),
            has_prefixes: network.interfaces.values().any(|one| !one.prefixes.is_empty()),
            has_ipv6: network
                .vpcs
                .values()
                .flat_map(|vpc| &vpc.cidrs)
                .any(|cidr| matches!(cidr, IpNet::V6(_))),
            zones_have_ids: network.subnets.values().all(|one| one.zone.id.is_some()),
            private_v6: AddressSet::from_nets(
                network.vpcs.values().flat_map(|vpc| &vpc.private_v6),
            ),
            ..Self::default()
        };
        for acl in network.network_acls.values() {
            for subnet in &acl.subnets {
                index.acls.entry(subnet.clone()).or_insert_with(|| acl.id.clone());
            }
            if acl.is_default {
                index.default_acls.entry(acl.vpc.clone()).or_insert_with(|| acl.id.clone());
            }
        }
        for table in network.route_tables.values() {
            for subnet in &table.subnets {
                index.tables.entry(subnet.clone()).or_insert_with(|| table.id.clone());
            }
            if table.main {
                index.main_tables.entry(table.vpc.clone()).or_insert_with(|| table.id.clone());
            }
        }
        for subnet in network.subnets.values() {
            index.subnets.entry(subnet.vpc.clone()).or_default().push(subnet.id.clone());
            if let Some(table) = index.table_of(&subnet.id, &subnet.vpc).cloned() {
                index.routed.entry(table).or_default().push(subnet.id.clone());
            }
        }
        for attachment in network.transit_gateway_attachments.values() {
            if let Attached::Vpc { vpc, .. } = &attachment.attached {
                let key = (attachment.transit_gateway.clone(), vpc.clone());
                index.attachments.entry(key).or_default().push(attachment.id.clone());
            }
        }
        for endpoint in network.vpc_endpoints.values() {
            for interface in &endpoint.interfaces {
                let first = || endpoint.id.clone();
                index.endpoints.entry(interface.clone()).or_insert_with(first);
            }
        }
        for block in network.public_access_blocks.values() {
            let scope = &block.about.scope;
            match scope.account.is_some() && scope.region.is_some() {
                true => {
                    let first = || block.id.clone();
                    index.blocks.entry(scope.clone()).or_insert_with(first);
                }
                false => index.loose_blocks.push(block.id.clone()),
            }
        }
        let active = network.peerings.values().filter(|one| one.state == "active");
        for peering in active.filter(|one| within_region(one)) {
            let [one, other] = &peering.ends;
            for (from, to) in [(one, other), (other, one)] {
                index.peers.entry(from.vpc.clone()).or_default().insert(to.vpc.clone());
            }
        }
        index
    }

    /// RT-01: the table that lists the subnet, else the VPC's main table.
    pub(super) fn table_of(&self, subnet: &SubnetId, vpc: &VpcId) -> Option<&RouteTableId> {
        self.tables.get(subnet).or_else(|| self.main_tables.get(vpc))
    }

    /// The ACL that lists the subnet, else the VPC's default one (NA-07).
    pub(super) fn acl_of(&self, subnet: &SubnetId, vpc: &VpcId) -> Option<&NetworkAclId> {
        self.acls.get(subnet).or_else(|| self.default_acls.get(vpc))
    }
}

pub(super) fn associations(network: &Network) -> Associations {
    let mut associations = Associations::new();
    for table in network.transit_gateway_route_tables.values() {
        for attachment in &table.associations {
            associations.entry(attachment.clone()).or_default().insert(table.id.clone());
        }
    }
    associations
}

/// Addresses, and those of delegated prefixes.
type Nets = (Vec<IpNet>, Vec<IpNet>);

fn carriers(network: &Network) -> Carriers {
    let mut nets: HashMap<(&SecurityGroupId, &VpcId), Nets> = HashMap::new();
    for interface in network.interfaces.values() {
        for group in &interface.groups {
            let (own, delegated) = nets.entry((group, &interface.vpc)).or_default();
            if interface.planned.is_none() {
                own.extend(interface.addresses.iter().map(|one| IpNet::from(one.address)));
                delegated.extend(&interface.prefixes);
            }
        }
    }
    let mut carriers = Carriers::new();
    for ((group, vpc), (own, delegated)) in nets {
        let (own, delegated) = (AddressSet::from_nets(&own), AddressSet::from_nets(&delegated));
        let of = carriers.entry(group.clone()).or_default();
        of.insert(vpc.clone(), Members { own, delegated });
    }
    carriers
}
