//! The places where the tables of transit gateways route.

use super::turns::{Turn, Turns, differing, turns};
use super::{Approach, Support};
use crate::graph::lower::{Lowering, reference};
use crate::graph::{Action, GuardId, Note, Place, Stop};
use crate::header::AddressSet;
use crate::network::{
    About, Kind, Subnet, SubnetId, TransitGatewayAttachment, TransitGatewayId,
    TransitGatewayRouteTable, TransitGatewayRouteTableId, Zone,
};
use petgraph::graph::{EdgeIndex, NodeIndex};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What is kept of a table of a transit gateway: what it says, and where it routes.
#[derive(Clone, Debug)]
pub(in crate::graph) struct Junctions {
    about: About,
    turns: Arc<Turns>,
    by_approach: BTreeMap<Junction, Crossroads>,
}

/// What decides where packets go from a table: the zone that they came from (none when from another
/// transit gateway), what their sender's VPC supports, and the gateways passed.
type Junction = (Option<(Zone, Option<Arc<str>>)>, Support, Vec<TransitGatewayId>);

/// The place where a table routes what approaches alike.
#[derive(Clone, Debug)]
struct Crossroads {
    place: NodeIndex,
    /// The first subnet that it came from, which stands for its zone.
    from: Option<SubnetId>,
    ways: BTreeMap<Turn, Told>,
}

/// What was made for a turn.
#[derive(Clone, Debug)]
struct Told {
    passages: Vec<EdgeIndex>,
    guards: Vec<GuardId>,
}

impl<'n> Lowering<'n> {
    /// TG-02: the place where the table of an attachment routes.
    pub(super) fn junction(
        &mut self,
        way: Approach<'n>,
        attachment: &'n TransitGatewayAttachment,
    ) -> Result<NodeIndex, Action> {
        let network = self.network;
        let claimed = self.kept.associations.get(&attachment.id).into_iter().flatten();
        let mut tables = claimed.filter_map(|id| network.transit_gateway_route_tables.get(id));
        let Some(table) = tables.find(|table| table.transit_gateway == *way.hub) else {
            let (kind, scope) = (Kind::TransitGatewayRouteTable, &attachment.about.scope);
            let at = attachment.about.at.as_ref();
            if network.coverage.covers(scope, kind) {
                let what = "is associated with no route table";
                let note = Note::new(reference(attachment), what, "TG-02", at);
                let code = "TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION";
                return Err(Action::Stop(Stop::dropped(code, note).ending()));
            }
            // TG-13
            let fact = format!("the route table of attachment {}", reference(attachment).label());
            return Err(Action::Unknown(self.missing(fact, kind, scope)));
        };
        let zone = way.from.map(|from| self.zone_of(from));
        let key = (zone, way.support, way.passed.clone());
        let junctions = self.kept.junctions.entry(table.id.clone()).or_insert_with(|| Junctions {
            about: table.about.clone(),
            turns: Arc::new(turns(network, table)),
            by_approach: BTreeMap::new(),
        });
        if let Some(known) = junctions.by_approach.get(&key) {
            return Ok(known.place);
        }
        let turns = Arc::clone(&junctions.turns);
        let place = self.places.add_node(Place::Junction);
        let from = way.from.map(|from| from.id.clone());
        junctions
            .by_approach
            .insert(key.clone(), Crossroads { place, from, ways: BTreeMap::new() });
        self.record(place, []);
        let ways: BTreeMap<Turn, Told> = turns
            .iter()
            .map(|(turn, addresses)| {
                (turn.clone(), self.tell_turn(place, &way, table, turn, addresses))
            })
            .collect();
        self.recorded();
        self.set_ways(&table.id, &key, ways);
        Ok(place)
    }

    /// Makes the passages of a turn out of a place that is being recorded.
    fn tell_turn(
        &mut self,
        place: NodeIndex,
        way: &Approach<'n>,
        table: &'n TransitGatewayRouteTable,
        turn: &Turn,
        addresses: &AddressSet,
    ) -> Told {
        let before = self.recorded_so_far().len();
        let (_, guards) = self.owning(|own| own.turn(place, way, table, turn, addresses.clone()));
        let passages = self.recorded_so_far().get(before..).unwrap_or_default().to_vec();
        Told { passages, guards }
    }

    /// Tells anew what a table says; turns that `reads` means are told anew even where it says the
    /// same. Gives the places, with the passages out of each in order; adds to the `destinations`
    /// that they lead elsewhere.
    pub(in crate::graph::lower) fn retell_junctions(
        &mut self,
        table: &'n TransitGatewayRouteTable,
        reads: impl Fn(&Turn) -> bool,
        destinations: &mut AddressSet,
    ) -> Vec<(NodeIndex, Vec<EdgeIndex>)> {
        let network = self.network;
        let Some(junctions) = self.kept.junctions.get_mut(&table.id) else { return Vec::new() };
        let now = Arc::new(turns(network, table));
        let before = std::mem::replace(&mut junctions.turns, Arc::clone(&now));
        let alike = junctions.about == table.about;
        junctions.about = table.about.clone();
        let changed: BTreeSet<Turn> = match alike {
            true => differing(&before, &now)
                .chain(now.keys().filter(|turn| reads(turn)))
                .cloned()
                .collect(),
            false => before.keys().chain(now.keys()).cloned().collect(),
        };
        if changed.is_empty() {
            return Vec::new();
        }
        for turn in &changed {
            let both = (before.get(turn), now.get(turn));
            *destinations = match both {
                (Some(old), Some(new)) if alike && !reads(turn) => {
                    let apart = old.difference(new).union(&new.difference(old));
                    destinations.union(&apart)
                }
                (old, new) => {
                    AddressSet::union_of([Some(&*destinations), old, new].into_iter().flatten())
                }
            };
        }
        let keys: Vec<Junction> = junctions.by_approach.keys().cloned().collect();
        let mut replaced = Vec::new();
        for key in keys {
            let junctions = self.kept.junctions.get_mut(&table.id);
            let Some(known) = junctions.and_then(|all| all.by_approach.get_mut(&key)) else {
                continue;
            };
            let (place, mut ways) = (known.place, std::mem::take(&mut known.ways));
            let from = known.from.as_ref().and_then(|id| network.subnets.get(id));
            let (_, support, passed) = key.clone();
            let way = Approach { hub: &table.transit_gateway, from, support, passed };
            let mut old = Vec::new();
            for told in changed.iter().filter_map(|turn| ways.remove(turn)) {
                old.extend(told.passages);
                self.kept.spare_guards.extend(told.guards);
            }
            self.record(place, old);
            for turn in &changed {
                if let Some(addresses) = now.get(turn) {
                    let told = self.tell_turn(place, &way, table, turn, addresses);
                    ways.insert(turn.clone(), told);
                }
            }
            self.recorded();
            let passages = ways.values().flat_map(|told| told.passages.iter().copied());
            replaced.push((place, passages.collect()));
            self.set_ways(&table.id, &key, ways);
        }
        replaced
    }

    fn set_ways(
        &mut self,
        table: &TransitGatewayRouteTableId,
        key: &Junction,
        ways: BTreeMap<Turn, Told>,
    ) {
        let junctions = self.kept.junctions.get_mut(table);
        if let Some(known) = junctions.and_then(|all| all.by_approach.get_mut(key)) {
            known.ways = ways;
        }
    }

    /// What tells zones apart: the id alone where all are known.
    fn zone_of(&self, subnet: &Subnet) -> (Zone, Option<Arc<str>>) {
        let zone = subnet.zone.clone();
        match self.kept.index.zones_have_ids {
            true => (Zone { name: None, ..zone }, None),
            false => (zone, subnet.about.scope.account.clone()),
        }
    }
}
