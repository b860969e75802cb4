//! A part of a graph told anew: what an edit touched.

use super::kept::{Kept, passed_on};
use super::led::Led;
use super::transit::Turn;
use super::{Lowering, acls, groups};
use crate::graph::{Graph, Guard, GuardId, Touched};
use crate::header::AddressSet;
use crate::network::{
    Attached, Network, RouteTable, RouteTableId, RouteTarget, TransitGatewayAttachmentId,
    TransitGatewayRouteTable,
};
use petgraph::graph::{EdgeIndex, NodeIndex};
use std::collections::{BTreeMap, BTreeSet};
use std::mem;
use std::sync::Arc;

/// What was told anew.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// The guards that ask something else now, and those that are new.
    pub guards: Vec<GuardId>,
    /// The places that others than before lead out of.
    pub places: Vec<NodeIndex>,
    /// The listed addresses that those lead elsewhere, or otherwise.
    pub destinations: AddressSet,
    /// The wires from which replies are steered by other routes than before.
    pub steered: Vec<NodeIndex>,
}

impl Graph {
    /// Tells anew what an edit touched: afterwards, the graph answers every question as one that is
    /// lowered from `network` would, which is the completed network as it is after the edit.
    ///
    /// `None` where more is touched than can be told anew: the graph is as it was, and the network
    /// has to be lowered.
    pub fn relower(&mut self, network: &Network, touched: &Touched) -> Option<Changed> {
        if touched.everything || !self.kept.can_tell(network, touched) {
            return None;
        }
        let mut guards = self.kept.group_rules(network, touched)?;
        guards.extend(self.kept.acl_rules(network, touched)?);
        let mut changed = Changed::default();
        for (id, guard) in guards {
            let slot = self.guards.get_mut(id as usize)?;
            if **slot != guard {
                *slot = Arc::new(guard);
                changed.guards.push(id);
            }
        }
        if !touched.route_tables.is_empty() || !touched.transit_gateway_route_tables.is_empty() {
            self.retell_routes(network, touched, &mut changed);
        }
        Some(changed)
    }

    fn retell_routes(&mut self, network: &Network, touched: &Touched, changed: &mut Changed) {
        let none = Kept::empty([self.internet; 4]);
        let kept = Arc::unwrap_or_clone(mem::replace(&mut self.kept, Arc::new(none)));
        let mut lowering = Lowering {
            places: Arc::unwrap_or_clone(mem::take(&mut self.places)),
            guards: mem::take(&mut self.guards),
            translators: Arc::clone(&self.translators),
            departures: Arc::unwrap_or_clone(mem::take(&mut self.departures)),
            directory: Arc::unwrap_or_clone(mem::take(&mut self.directory)),
            again: true,
            ..Lowering::new(network, kept)
        };
        let (first_new, locals) = (lowering.places.node_count(), lowering.kept.locals.len());
        let tables = touched.route_tables.iter().filter_map(|id| network.route_tables.get(id));
        let mut tables: BTreeMap<&RouteTableId, &RouteTable> =
            tables.map(|table| (&table.id, table)).collect();

        let hubs = &touched.transit_gateway_route_tables;
        let hubs = hubs.iter().filter_map(|id| network.transit_gateway_route_tables.get(id));
        let hubs: Vec<&TransitGatewayRouteTable> = hubs.collect();
        let moved = lowering.associate(&hubs);
        tables.extend(lowering.led_by(&moved));
        let mut retold: Vec<_> = Vec::new();
        for table in network.transit_gateway_route_tables.values() {
            let reads = |turn: &Turn| matches!(turn, Turn::To(id) if moved.contains(id));
            let leads = |id| table.routes.iter().flatten().any(|one| one.attachments.contains(id));
            if touched.transit_gateway_route_tables.contains(&table.id) || moved.iter().any(leads) {
                retold.extend(lowering.retell_junctions(table, reads, &mut changed.destinations));
            }
        }
        let mut steering = Vec::new();
        for table in tables.into_values() {
            retold.extend(lowering.retell_table(table, &mut steering, &mut changed.destinations));
        }

        for place in (first_new..lowering.places.node_count()).map(NodeIndex::new) {
            lowering.directory.sort(&lowering.places, place);
        }
        for (place, edges) in retold {
            lowering.directory.replace(&lowering.places, place, edges);
            changed.places.push(place);
        }
        if !steering.is_empty() && !self.steering.is_empty() {
            let all = Arc::make_mut(&mut self.steering);
            changed.steered.extend(steering.iter().map(|(wire, _)| *wire));
            all.extend(steering);
        }
        if lowering.kept.locals.len() != locals {
            self.announced = Arc::new(lowering.announced());
        }
        changed.guards.append(&mut lowering.made);
        self.kept = Arc::new(lowering.kept);
        self.places = Arc::new(lowering.places);
        self.guards = lowering.guards;
        self.departures = Arc::new(lowering.departures);
        self.directory = Arc::new(lowering.directory);
    }
}

impl Kept {
    /// Whether routes can be told anew without what is made before them.
    fn can_tell(&self, network: &Network, touched: &Touched) -> bool {
        let tables = touched.route_tables.iter();
        let hubs = &touched.transit_gateway_route_tables;
        hubs.iter().all(|id| network.transit_gateway_route_tables.contains_key(id))
            && tables.into_iter().all(|id| {
                let table = network.route_tables.get(id);
                table.is_some_and(|table| self.regional_stay(table) && self.middleboxes_stay(table))
            })
    }

    /// Whether a table leads to the same regional NAT gateways as before, and is of none: each
    /// subnet that leads to one has a translator of its own.
    fn regional_stay(&self, table: &RouteTable) -> bool {
        self.regional_nats.iter().all(|(nat, own)| {
            let to = RouteTarget::NatGateway(nat.clone());
            let leads = table.routes.iter().any(|route| route.target == to);
            let subnets = self.index.routed.get(&table.id).into_iter().flatten();
            let mut led = subnets.map(|id| self.regional.contains_key(&(nat.clone(), id.clone())));
            own.as_ref() != Some(&table.id) && led.all(|led| led == leads)
        })
    }

    /// Whether a table leads to the same middleboxes as before, where guards of others rest on that.
    fn middleboxes_stay(&self, table: &RouteTable) -> bool {
        let now = passed_on(table).map(|(_, targets)| targets);
        !self.passed_on_matters || self.passed_on.get(&table.id) == now.as_ref()
    }

    fn group_rules(
        &self,
        network: &Network,
        touched: &Touched,
    ) -> Option<BTreeMap<GuardId, Guard>> {
        let mut rules = BTreeMap::new();
        for id in &touched.security_groups {
            network.security_groups.get(id)?;
            for told in self.group_guards.get(id).into_iter().flatten() {
                let interface = network.interfaces.get(&told.interface)?;
                rules.entry(told.guard).or_insert_with(|| {
                    Guard::Rules(groups::rules(network, &self.index, interface, told.direction))
                });
            }
        }
        Some(rules)
    }

    fn acl_rules(&self, network: &Network, touched: &Touched) -> Option<BTreeMap<GuardId, Guard>> {
        let mut rules = BTreeMap::new();
        for id in &touched.network_acls {
            let acl = network.network_acls.get(id)?;
            for direction in [acls::Direction::Inbound, acls::Direction::Outbound] {
                if let Some(&guard) = self.acl_guards.get(&(id.clone(), direction)) {
                    rules.insert(guard, Guard::Rules(acls::rules(acl, direction)));
                }
            }
        }
        Some(rules)
    }
}

impl<'n> Lowering<'n> {
    /// Keeps the associations of some tables of transit gateways; gives the attachments whose
    /// tables are others now.
    fn associate(
        &mut self,
        tables: &[&'n TransitGatewayRouteTable],
    ) -> BTreeSet<TransitGatewayAttachmentId> {
        let mut moved = BTreeSet::new();
        for table in tables {
            for (attachment, claimed) in &mut self.kept.associations {
                if claimed.contains(&table.id) && !table.associations.contains(attachment) {
                    claimed.remove(&table.id);
                    moved.insert(attachment.clone());
                }
            }
            for attachment in &table.associations {
                let claimed = self.kept.associations.entry(attachment.clone()).or_default();
                if claimed.insert(table.id.clone()) {
                    moved.insert(attachment.clone());
                }
            }
        }
        moved
    }

    /// The tables of the VPCs of some attachments.
    fn led_by(
        &self,
        attachments: &BTreeSet<TransitGatewayAttachmentId>,
    ) -> BTreeMap<&'n RouteTableId, &'n RouteTable> {
        let network = self.network;
        let found = attachments.iter().filter_map(|id| network.transit_gateway_attachments.get(id));
        let vpcs = found.filter_map(|one| match &one.attached {
            Attached::Vpc { vpc, .. } => Some(vpc),
            _ => None,
        });
        let index = &self.kept.index;
        let subnets = vpcs.filter_map(|vpc| index.subnets.get(vpc)).flatten();
        let subnets = subnets.filter_map(|id| network.subnets.get(id));
        let tables = subnets.filter_map(|subnet| self.table_of(subnet));
        tables.map(|table| (&table.id, table)).collect()
    }

    /// Tells anew whatever a table routes. Gives the places, with the passages out of each in order;
    /// adds to the `destinations` that they lead elsewhere.
    fn retell_table(
        &mut self,
        table: &'n RouteTable,
        steering: &mut Vec<(NodeIndex, super::steering::Back)>,
        destinations: &mut AddressSet,
    ) -> Vec<(NodeIndex, Vec<EdgeIndex>)> {
        self.kept.passed_on.remove(&table.id);
        self.kept.passed_on.extend(passed_on(table));
        let spare = self.kept.of_table.remove(&table.id).unwrap_or_default();
        let was = spare.iter().map(|&id| (id, Arc::clone(&self.guards[id as usize]))).collect();
        self.kept.spare_guards.extend(spare);
        let mut told = Vec::new();
        let (_, guards) = self.owning(|own| {
            let index = Arc::clone(&own.kept.index);
            let subnets = index.routed.get(&table.id).into_iter().flatten();
            for subnet in subnets.filter_map(|id| own.network.subnets.get(id)) {
                let routers = own.kept.routers.get(&subnet.id).cloned().unwrap_or_default();
                for (router, arriving) in routers {
                    let tell = |own: &mut Self| own.tell_routes(router, subnet, arriving.as_ref());
                    told.push((router, own.replace(router, &was, destinations, tell)));
                }
                if !own.steers() {
                    let wire = own.kept.subnets[&subnet.id].wire;
                    steering.push((wire, own.routes_back(subnet)));
                }
            }
            for (vpc, gate) in own.kept.gates.get(&table.id).cloned().unwrap_or_default() {
                let tell = |own: &mut Self| own.tell_gate(gate, &vpc, table);
                told.push((gate, own.replace(gate, &was, destinations, tell)));
            }
        });
        self.kept.of_table.entry(table.id.clone()).or_default().extend(guards);
        told
    }

    /// Makes the passages out of a place anew, where guards asked what `was` says; adds to the
    /// `destinations` that they lead elsewhere.
    fn replace(
        &mut self,
        place: NodeIndex,
        was: &BTreeMap<GuardId, Arc<Guard>>,
        destinations: &mut AddressSet,
        make: impl FnOnce(&mut Self),
    ) -> Vec<EdgeIndex> {
        let old = self.out_of(place);
        let before = Led::by(self, &old, was);
        self.record(place, old);
        make(self);
        let new = self.recorded();
        let after = Led::by(self, &new, &BTreeMap::new());
        *destinations = destinations.union(&before.differing(&after));
        new
    }
}
