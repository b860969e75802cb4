//! From each zone through the graph, to all destinations at once.

use super::Fleet;
use super::bits::Bits;
use super::rows::{Row, Rows};
use super::sweep::{Sweep, Sweeps};
use crate::graph::{Action, Guard, GuardId, Passage, Place, Side, Way};
use crate::header::IntervalSet;
use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The rows of every zone.
pub(super) fn rows(fleet: &Fleet<'_>, sweeps: &Sweeps) -> Rows {
    let mut ways = Ways {
        fleet,
        sweeps,
        swept: BTreeMap::new(),
        known: BTreeMap::new(),
        whole: BTreeMap::new(),
        shared: BTreeMap::new(),
        pending: Vec::new(),
    };
    let zones = &fleet.zones.all;
    let each = (0..zones.len()).map(|zone| match zones[zone].router {
        Some(router) => ways.row_of_zone(router, zone),
        None => {
            let mut row = Row::none(zones.len());
            row.open.insert_range(0..zones.len());
            Arc::new(row)
        }
    });
    Rows(each.collect())
}

/// The walk.
struct Ways<'f> {
    fleet: &'f Fleet<'f>,
    sweeps: &'f Sweeps,
    swept: BTreeMap<GuardId, Arc<Sweep>>,
    /// The rows of places, for packets from anywhere to some zones.
    known: BTreeMap<(NodeIndex, Bits), Arc<Row>>,
    /// The rows of places, for packets from anywhere to anywhere.
    whole: BTreeMap<NodeIndex, Arc<Row>>,
    /// The rows of routers none of whose guards go by the source.
    shared: BTreeMap<NodeIndex, Arc<Row>>,
    /// The places on the way to where the walk is.
    pending: Vec<NodeIndex>,
}

/// What a passage's guards say of destinations.
struct Sorted {
    /// Those that go on.
    on: Bits,
    /// Those that surely end unknown, unless they are stopped.
    unknown: Bits,
    /// Those of which it cannot be told here.
    open: Bits,
    /// Whether that goes by where packets are from.
    by_source: bool,
}

impl Ways<'_> {
    fn none(&self) -> Bits {
        Bits::none(self.fleet.zones.len())
    }

    /// The zones in a set of addresses.
    fn zones_in(&self, set: &IntervalSet<u32>) -> Bits {
        let mut bits = self.none();
        for range in self.fleet.zones.within(set) {
            bits.insert_range(range);
        }
        bits
    }

    /// Where the packets of a zone come out of its subnet's router.
    fn row_of_zone(&mut self, router: NodeIndex, zone: usize) -> Arc<Row> {
        if let Some(row) = self.shared.get(&router) {
            return Arc::clone(row);
        }
        let mut by_source = false;
        let mut all = self.none();
        all.insert_range(0..self.fleet.zones.len());
        let row = Arc::new(self.out_of(router, &all, Some(zone), &mut by_source));
        if !by_source {
            self.shared.insert(router, Arc::clone(&row));
        }
        row
    }

    /// Where packets from anywhere come out of a place that are for some zones.
    fn row(&mut self, place: NodeIndex, wanted: Bits) -> Arc<Row> {
        if wanted.is_empty() {
            return Arc::new(Row::none(self.fleet.zones.len()));
        }
        if self.pending.contains(&place) {
            // They go round in a circle, or nearly so.
            let mut row = Row::none(self.fleet.zones.len());
            row.open = wanted;
            return Arc::new(row);
        }
        // What is the same for everybody is worked out once.
        if let Some(row) = self.whole(place).filter(|row| !row.open.meets(&wanted)) {
            return Arc::new(Row::clone(&row).kept(&wanted));
        }
        let key = (place, wanted);
        if let Some(row) = self.known.get(&key) {
            return Arc::clone(row);
        }
        self.pending.push(place);
        let row = Arc::new(self.out_of(place, &key.1, None, &mut false));
        self.pending.pop();
        self.known.insert(key, Arc::clone(&row));
        row
    }

    /// Where packets from anywhere to anywhere come out of a place; on the way to others only where
    /// that is known.
    fn whole(&mut self, place: NodeIndex) -> Option<Arc<Row>> {
        if self.whole.contains_key(&place) || !self.pending.is_empty() {
            return self.whole.get(&place).cloned();
        }
        let mut all = self.none();
        all.insert_range(0..self.fleet.zones.len());
        self.pending.push(place);
        let row = Arc::new(self.out_of(place, &all, None, &mut false));
        self.pending.pop();
        self.whole.insert(place, Arc::clone(&row));
        Some(row)
    }

    fn out_of(
        &mut self,
        place: NodeIndex,
        wanted: &Bits,
        zone: Option<usize>,
        by_source: &mut bool,
    ) -> Row {
        let graph = self.fleet.graph;
        let mut row = Row::none(self.fleet.zones.len());
        // Of several equal ways, each may be taken: they have to agree.
        let mut picked: Option<(Bits, Row)> = None;
        for edge in graph.places.edges(place) {
            let passage = edge.weight();
            let mut selected = self.zones_in(&passage.selects.plain.v4);
            selected.keep(wanted);
            if selected.is_empty() {
                continue;
            }
            let (out, from_source) = self.along(passage, place, edge.target(), &selected, zone);
            *by_source |= from_source;
            if passage.effect.pick.is_none() {
                row.add(&out);
                continue;
            }
            let Some((seen, all)) = &mut picked else {
                picked = Some((selected, out));
                continue;
            };
            let mut differing = all.differing(&out);
            differing.keep(seen);
            differing.keep(&selected);
            let mut first = selected.clone();
            first.remove(seen);
            all.add(&out.kept(&first));
            all.give_up(&differing);
            seen.add(&selected);
        }
        if let Some((_, picked)) = picked {
            row.add(&picked);
        }
        row
    }

    /// Where the packets for some zones come out that take a passage.
    fn along(
        &mut self,
        passage: &Passage,
        from: NodeIndex,
        to: NodeIndex,
        selected: &Bits,
        zone: Option<usize>,
    ) -> (Row, bool) {
        let graph = self.fleet.graph;
        let mut row = Row::none(self.fleet.zones.len());
        let routed = matches!(graph.places[from], Place::Router);
        let leaves = graph.departures.get(&from).copied();
        let departure = &passage.guards[..passage.departure];
        // The ACLs of the ends are held against each pair later.
        let (departed, guards) = match (zone, leaves) {
            (Some(_), Some(acl)) => (departure == [acl], &passage.guards[passage.departure..]),
            _ => (true, &passage.guards[..]),
        };
        let wire =
            matches!(graph.places[to], Place::Subnet) && matches!(graph.places[from], Place::Local);
        let arrived = !wire || self.is_inbound_acl(to, guards);
        let guards = if wire { &[] } else { guards };
        let through = passage.effect.through.is_some() || passage.way == Way::Through;
        if !departed || !arrived || through {
            row.open = selected.clone();
            return (row, false);
        }
        let sorted = self.sort(guards, selected, zone);
        row.open = sorted.open;
        // A reply that leaves by another way than the request came is dropped.
        let astray = self.sweeps.reply
            && routed
            && !matches!(passage.way, Way::End | Way::Through | Way::Inside);
        let mut on = sorted.on;
        if astray {
            row.open = self.none();
            return (row, sorted.by_source);
        }
        match graph.places[to] {
            Place::End => {
                row.unknown = sorted.unknown;
                row.open.add(&on);
            }
            Place::Subnet if wire => {
                let mut own = self.none();
                for &zone in self.fleet.zones.of_wire.get(&to).into_iter().flatten() {
                    own.insert(zone as usize);
                }
                on.keep(&own);
                row.open.add(&sorted.unknown);
                row.delivered.insert(passage.effect.crossing, on);
            }
            Place::Router | Place::Local | Place::Junction | Place::Exit => {
                let mut unsure = sorted.unknown;
                on.add(&unsure);
                let next = self.row(to, on);
                unsure.keep(&next.any());
                let mut out = Row::clone(&next).after(passage.effect.crossing);
                out.give_up(&unsure);
                out.add(&row);
                row = out;
            }
            Place::Translator(_) => {
                on.add(&sorted.unknown);
                on.add(&row.open);
                row.open = self.row(to, on).any();
            }
            _ => {
                row.open.add(&on);
                row.open.add(&sorted.unknown);
            }
        }
        (row, sorted.by_source)
    }

    /// Whether the guards of a passage to a wire are just the ACL that its hosts' facts name.
    fn is_inbound_acl(&self, wire: NodeIndex, guards: &[GuardId]) -> bool {
        let zones = self.fleet.zones.of_wire.get(&wire);
        let Some(&zone) = zones.and_then(|zones| zones.first()) else { return true };
        let first = self.fleet.zones.all[zone as usize].hosts.first();
        let acl = first.and_then(|&host| self.fleet.hosts.around(host as usize).acl_in);
        acl.is_some_and(|acl| guards == [self.fleet.hosts.slots[acl as usize]])
    }

    /// Sorts the zones that a passage selects by what its guards say.
    fn sort(&mut self, guards: &[GuardId], selected: &Bits, zone: Option<usize>) -> Sorted {
        let mut sorted = Sorted {
            on: selected.clone(),
            unknown: self.none(),
            open: self.none(),
            by_source: false,
        };
        for &guard in guards {
            let graph = self.fleet.graph;
            if let Guard::Always { action: Action::Unknown(_), requests_only } =
                &*graph.guards[guard as usize]
            {
                if !(*requests_only && self.sweeps.reply) {
                    sorted.unknown.add(&sorted.on);
                    sorted.on = self.none();
                }
                continue;
            }
            let sweep = self.swept(guard);
            let (pass, open) = match Sweeps::side(graph, guard) {
                Some(Side::Source) => {
                    sorted.by_source = true;
                    self.by_source(&sweep, selected, zone)
                }
                _ => (self.zones_in(&sweep.pass), self.zones_in(&sweep.open)),
            };
            let mut open = open;
            // A rule that goes by groups may mean whoever it does not mean by address.
            if !sweep.references.is_empty() {
                open = selected.clone();
                open.remove(&pass);
            }
            let mut through = pass;
            through.add(&open);
            let mut opened = sorted.on.clone();
            opened.keep(&open);
            sorted.on.remove(&opened);
            sorted.open.add(&opened);
            let mut unsure = sorted.unknown.clone();
            unsure.keep(&open);
            sorted.unknown.remove(&unsure);
            sorted.open.add(&unsure);
            sorted.on.keep(&through);
            sorted.unknown.keep(&through);
            sorted.open.keep(&through);
        }
        sorted
    }

    /// What a guard on the source says: of the zone at hand, or else of all zones alike.
    fn by_source(&self, sweep: &Sweep, selected: &Bits, zone: Option<usize>) -> (Bits, Bits) {
        let zones = &self.fleet.zones.all;
        let (mut pass, mut open) = (self.none(), self.none());
        let sources = match zone {
            Some(zone) => &zones[zone..=zone],
            None => &zones[..],
        };
        let tests = || sources.iter().map(|zone| sweep.of(zone.address));
        if tests().all(|test| test == super::sweep::Test::Pass) {
            pass = selected.clone();
        } else if !tests().all(|test| test == super::sweep::Test::Stop) {
            open = selected.clone();
        }
        (pass, open)
    }

    fn swept(&mut self, guard: GuardId) -> Arc<Sweep> {
        let Self { fleet, sweeps, swept, .. } = self;
        let new = || Arc::new(sweeps.sweep(fleet.graph, &fleet.hosts, guard));
        Arc::clone(swept.entry(guard).or_insert_with(new))
    }
}
