//! From each zone through the graph, to all destinations at once.

use super::bits::Bits;
use super::rows::{Row, Rows};
use super::sweep::{Sweep, Sweeper, Test};
use super::zones::Zones;
use crate::graph::{
    Action, Changed, Guard, GuardId, Passage, Place, Selector, Side, TranslatorIndex, Way,
};
use crate::header::IntervalSet;
use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::mem;
use std::sync::Arc;

/// Where everything of some kind comes out, and what that rests on.
#[derive(Clone, Debug)]
pub(super) struct Ways {
    /// From each zone.
    pub(super) rows: Rows,
    /// From where replies come out of each plain translator.
    pub(super) back: BTreeMap<TranslatorIndex, Arc<Row>>,
    /// What was asked of guards on the way, and their answers.
    asked: BTreeMap<GuardId, Arc<Sweep>>,
    /// The rows of places on the way, for packets from anywhere to some zones.
    known: BTreeMap<(NodeIndex, Bits), Arc<Row>>,
    /// The same for packets to anywhere.
    whole: BTreeMap<NodeIndex, Arc<Row>>,
}

impl Ways {
    /// Follows all packets of a kind.
    pub(super) fn new(sweeper: &Sweeper<'_>) -> Self {
        let zones = sweeper.zones;
        let mut walk = Walk::new(sweeper);
        let rows = (0..zones.len()).map(|zone| match zones.all[zone].router {
            Some(router) => walk.row_of_zone(router, zone),
            None => {
                let mut row = Row::none(zones.len());
                row.open.insert_range(0..zones.len());
                Arc::new(row)
            }
        });
        let rows = Rows(rows.collect());
        let mut back = BTreeMap::new();
        if sweeper.reply {
            for &translator in zones.translators.keys() {
                let place = sweeper.graph.translators[translator as usize].back;
                let row = walk.row(place, walk.all());
                back.insert(translator, row);
            }
        }
        let Walk { swept, known, whole, .. } = walk;
        Self { rows, back, asked: swept, known, whole }
    }

    /// The same after an edit, for less than from nothing where it is not on the way of others.
    ///
    /// `None` where the edit tells hosts of a zone apart.
    pub(super) fn again(
        self: &Arc<Self>,
        sweeper: &Sweeper<'_>,
        changed: &Changed,
    ) -> Option<Arc<Self>> {
        let zones = sweeper.zones;
        let cuts = |set: &IntervalSet<u32>| !zones.cover(set).partial.is_empty();
        let asked = |guard: &GuardId| {
            let old = self.asked.get(guard)?;
            let new = sweeper.sweep(*guard);
            (new != **old || sweeper.by_translator(*guard)).then_some(new)
        };
        let other_answers: Vec<Sweep> = changed.guards.iter().filter_map(asked).collect();
        if other_answers.iter().any(|sweep| cuts(&sweep.pass) || cuts(&sweep.open)) {
            return None;
        }
        for &place in &changed.places {
            for edge in sweeper.graph.places.edges(place) {
                let passage = edge.weight();
                let guards = passage.guards.iter().map(|&guard| sweeper.sweep(guard));
                if cuts(&zones.seats_in(&passage.selects.plain))
                    || guards.into_iter().any(|sweep| cuts(&sweep.pass) || cuts(&sweep.open))
                {
                    return None;
                }
            }
        }
        let places: BTreeSet<NodeIndex> = changed.places.iter().copied().collect();
        let on_the_way = self.whole.keys().chain(self.known.keys().map(|(place, _)| place));
        let others_pass = on_the_way.into_iter().any(|place| places.contains(place));
        if !other_answers.is_empty() || others_pass {
            return Some(Arc::new(Self::new(sweeper)));
        }
        let own = |zone: &usize| zones.all[*zone].router.is_some_and(|one| places.contains(&one));
        let own: Vec<usize> = (0..zones.len()).filter(own).collect();
        if own.is_empty() {
            return Some(Arc::clone(self));
        }
        let mut ways = Self::clone(self);
        let mut walk = Walk::new(sweeper);
        (walk.swept, walk.known, walk.whole) =
            (mem::take(&mut ways.asked), mem::take(&mut ways.known), mem::take(&mut ways.whole));
        for zone in own {
            if let Some(router) = zones.all[zone].router {
                ways.rows.0[zone] = walk.row_of_zone(router, zone);
            }
        }
        (ways.asked, ways.known, ways.whole) = (walk.swept, walk.known, walk.whole);
        Some(Arc::new(ways))
    }

    /// Whether packets of this kind fare as those do that were followed.
    pub(super) fn hold_for(&self, sweeper: &Sweeper<'_>) -> bool {
        self.asked.iter().all(|(guard, sweep)| sweeper.sweep(*guard) == **sweep)
    }
}

/// The walk.
struct Walk<'f> {
    sweeper: &'f Sweeper<'f>,
    zones: &'f Zones,
    /// The zones that selectors select.
    selected: HashMap<*const Selector, Arc<Bits>>,
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

impl<'f> Walk<'f> {
    fn new(sweeper: &'f Sweeper<'f>) -> Self {
        Self {
            sweeper,
            zones: sweeper.zones,
            selected: HashMap::new(),
            swept: BTreeMap::new(),
            known: BTreeMap::new(),
            whole: BTreeMap::new(),
            shared: BTreeMap::new(),
            pending: Vec::new(),
        }
    }

    fn none(&self) -> Bits {
        Bits::none(self.zones.len())
    }

    fn all(&self) -> Bits {
        let mut all = self.none();
        all.insert_range(0..self.zones.len());
        all
    }

    /// The zones that a selector selects.
    fn selected(&mut self, selector: &Arc<Selector>) -> Arc<Bits> {
        let zones = self.zones;
        let bits = || Arc::new(zones.bits(&zones.seats_in(&selector.plain)));
        Arc::clone(self.selected.entry(Arc::as_ptr(selector)).or_insert_with(bits))
    }

    /// Where the packets of a zone come out of its subnet's router.
    fn row_of_zone(&mut self, router: NodeIndex, zone: usize) -> Arc<Row> {
        if let Some(row) = self.shared.get(&router) {
            return Arc::clone(row);
        }
        let mut by_source = false;
        let all = self.all();
        let row = Arc::new(self.out_of(router, &all, Some(zone), &mut by_source));
        if !by_source {
            self.shared.insert(router, Arc::clone(&row));
        }
        row
    }

    /// Where packets from anywhere come out of a place that are for some zones.
    fn row(&mut self, place: NodeIndex, wanted: Bits) -> Arc<Row> {
        if wanted.is_empty() {
            return Arc::new(Row::none(self.zones.len()));
        }
        if self.pending.contains(&place) {
            // They go round in a circle, or nearly so.
            let mut row = Row::none(self.zones.len());
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
        let all = self.all();
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
        let graph = self.sweeper.graph;
        let mut row = Row::none(self.zones.len());
        // Of several equal ways, each may be taken: they have to agree.
        let mut picked: Option<(Bits, Row)> = None;
        for edge in graph.places.edges(place) {
            let passage = edge.weight();
            let all = self.selected(&passage.selects);
            if !all.meets(wanted) {
                continue;
            }
            let mut selected = Bits::clone(&all);
            selected.keep(wanted);
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
        let graph = self.sweeper.graph;
        let mut row = Row::none(self.zones.len());
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
        let by_sender = passage.effect.returns.is_some()
            || guards.iter().any(|&guard| self.sweeper.by_translator(guard));
        if by_sender && !self.sweeper.reply {
            row.by_sender = selected.clone();
        }
        // A reply that leaves by another way than the request came is dropped.
        let astray = self.sweeper.reply
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
                for &zone in self.zones.of_wire.get(&to).into_iter().flatten() {
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
            // What a reply finds there has no use for it.
            Place::Translator(_) if self.sweeper.reply => row.open = self.none(),
            Place::Translator(translator) if self.zones.translators.contains_key(&translator) => {
                row.open.add(&sorted.unknown);
                row.via.insert(translator, on);
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
        let zones = self.zones.of_wire.get(&wire);
        let Some(&zone) = zones.and_then(|zones| zones.first()) else { return true };
        let acl = self.zones.all[zone as usize].acl_in;
        acl.is_some_and(|acl| guards == [self.sweeper.surroundings.slots[acl as usize]])
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
            let graph = self.sweeper.graph;
            let sweep = self.swept(guard);
            if let Guard::Always { action: Action::Unknown(_), requests_only } =
                &*graph.guards[guard as usize]
            {
                if !(*requests_only && self.sweeper.reply) {
                    sorted.unknown.add(&sorted.on);
                    sorted.on = self.none();
                }
                continue;
            }
            let (pass, open) = match self.sweeper.side(guard) {
                Some(Side::Source) => {
                    sorted.by_source = true;
                    self.by_source(&sweep, selected, zone)
                }
                _ => (self.zones.bits(&sweep.pass), self.zones.bits(&sweep.open)),
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
        let zones = &self.zones.all;
        let (mut pass, mut open) = (self.none(), self.none());
        let sources = match zone {
            Some(zone) => &zones[zone..=zone],
            None => &zones[..],
        };
        let tests = || sources.iter().map(|zone| sweep.of(zone.seats.start));
        if tests().all(|test| test == Test::Pass) {
            pass = selected.clone();
        } else if !tests().all(|test| test == Test::Stop) {
            open = selected.clone();
        }
        (pass, open)
    }

    fn swept(&mut self, guard: GuardId) -> Arc<Sweep> {
        let new = || Arc::new(self.sweeper.sweep(guard));
        Arc::clone(self.swept.entry(guard).or_insert_with(new))
    }
}
