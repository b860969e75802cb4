//! What a graph keeps of how it was lowered, so that a part of it can be told anew.

use super::index::{self, Associations, Index};
use super::leads::Arriving;
use super::{acls, groups, regional, transit};
use crate::graph::{GuardId, TranslatorIndex};
use crate::network::{
    NatGatewayId, Network, NetworkAclId, NetworkInterfaceId, RouteTable, RouteTableId, RouteTarget,
    SecurityGroupId, SubnetId, TransitGatewayId, TransitGatewayRouteTableId, VpcId,
};
use petgraph::graph::{EdgeIndex, NodeIndex};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The places of one subnet.
#[derive(Clone, Copy, Debug)]
pub(super) struct SubnetPlaces {
    pub(super) wire: NodeIndex,
    pub(super) router: NodeIndex,
}

/// Where the rules of the groups on an interface are, which stands for all that share them.
#[derive(Clone, Debug)]
pub(super) struct GroupGuard {
    pub(super) guard: GuardId,
    pub(super) interface: NetworkInterfaceId,
    pub(super) direction: groups::Direction,
}

/// What lowering knows besides the graph.
#[derive(Clone, Debug)]
pub(in crate::graph) struct Kept {
    pub(super) index: Arc<Index>,
    /// The tables that claim to route what comes by an attachment.
    pub(super) associations: Associations,
    pub(super) subnets: BTreeMap<SubnetId, SubnetPlaces>,
    pub(super) locals: BTreeMap<VpcId, NodeIndex>,
    /// The routers of each subnet, its own and those for what arrives from elsewhere.
    pub(super) routers: BTreeMap<SubnetId, Vec<(NodeIndex, Option<Arriving>)>>,
    /// Where the tables of gateways route, by table.
    pub(super) gates: BTreeMap<RouteTableId, Vec<(VpcId, NodeIndex)>>,
    pub(super) junctions: BTreeMap<TransitGatewayRouteTableId, transit::Junctions>,
    pub(super) exits: BTreeMap<(TransitGatewayId, SubnetId), NodeIndex>,
    /// Behind gateway endpoints, by VPC.
    pub(super) services: BTreeMap<VpcId, NodeIndex>,
    pub(super) translator_by_id: BTreeMap<Arc<str>, TranslatorIndex>,
    /// Those of NAT gateways.
    pub(super) gateway_translators: Arc<BTreeSet<TranslatorIndex>>,
    /// All that have an id.
    pub(super) translators: Arc<BTreeSet<TranslatorIndex>>,
    pub(super) regional: regional::Regional,
    /// Where packets come out of a middlebox, by its id and whether they may be from another VPC.
    pub(super) middleboxes: BTreeMap<(Arc<str>, bool), NodeIndex>,
    /// Regional NAT gateways, with their own tables.
    pub(super) regional_nats: BTreeMap<NatGatewayId, Option<RouteTableId>>,
    /// The middleboxes that each table leads to, where it leads to any.
    pub(super) passed_on: BTreeMap<RouteTableId, BTreeSet<RouteTarget>>,
    /// Whether some guard rests on what routes lead to middleboxes (BP-03).
    pub(super) passed_on_matters: bool,
    pub(super) group_guards: BTreeMap<SecurityGroupId, Vec<GroupGuard>>,
    pub(super) acl_guards: BTreeMap<(NetworkAclId, acls::Direction), GuardId>,
    /// The guards that were made for the routes of each table.
    pub(super) of_table: BTreeMap<RouteTableId, Vec<GuardId>>,
    /// Guards that nothing asks any more.
    pub(super) spare_guards: Vec<GuardId>,
    /// Passages that nothing takes any more, by their ends.
    pub(super) spare_passages: BTreeMap<(NodeIndex, NodeIndex), Vec<EdgeIndex>>,
    pub(super) internet: NodeIndex,
    pub(super) outward: NodeIndex,
    pub(super) link_local: NodeIndex,
    pub(super) end: NodeIndex,
}

impl Kept {
    pub(super) fn new(network: &Network, places: [NodeIndex; 4]) -> Self {
        let kept = Self::empty(places);
        let regional = network.nat_gateways.values().filter(|nat| nat.subnet.is_none());
        Self {
            index: Arc::new(Index::new(network)),
            associations: index::associations(network),
            regional_nats: regional.map(|nat| (nat.id.clone(), nat.route_table.clone())).collect(),
            passed_on: network.route_tables.values().filter_map(passed_on).collect(),
            ..kept
        }
    }

    /// Keeps a translator.
    pub(super) fn translator(&mut self, id: Arc<str>, index: TranslatorIndex) {
        self.translator_by_id.insert(id, index);
        Arc::make_mut(&mut self.translators).insert(index);
    }

    /// What is kept of nothing.
    pub(super) fn empty([internet, outward, link_local, end]: [NodeIndex; 4]) -> Self {
        Self {
            index: Arc::default(),
            associations: Associations::new(),
            subnets: BTreeMap::new(),
            locals: BTreeMap::new(),
            routers: BTreeMap::new(),
            gates: BTreeMap::new(),
            junctions: BTreeMap::new(),
            exits: BTreeMap::new(),
            services: BTreeMap::new(),
            translator_by_id: BTreeMap::new(),
            gateway_translators: Arc::default(),
            translators: Arc::default(),
            regional: BTreeMap::new(),
            regional_nats: BTreeMap::new(),
            passed_on: BTreeMap::new(),
            middleboxes: BTreeMap::new(),
            passed_on_matters: false,
            group_guards: BTreeMap::new(),
            acl_guards: BTreeMap::new(),
            of_table: BTreeMap::new(),
            spare_guards: Vec::new(),
            spare_passages: BTreeMap::new(),
            internet,
            outward,
            link_local,
            end,
        }
    }
}

/// The middleboxes that a table leads to.
pub(super) fn passed_on(table: &RouteTable) -> Option<(RouteTableId, BTreeSet<RouteTarget>)> {
    let targets = table.routes.iter().map(|route| &route.target).filter(|target| {
        matches!(target, RouteTarget::Interface(_) | RouteTarget::LoadBalancerEndpoint(_))
    });
    let targets: BTreeSet<RouteTarget> = targets.cloned().collect();
    (!targets.is_empty()).then(|| (table.id.clone(), targets))
}
