//! From each zone through the graph, to all destinations at once.

use super::bits::Bits;
use super::rows::{Row, Rows};
use super::sweep::{Sweep, Sweeper, Test};
use super::zones::Zones;
use crate::graph::{Action, Guard, GuardId, Passage, Place, Selector, Side, TranslatorIndex, Way};
use crate::header::{AddressSet, PortSet};
use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Where everything of some kind comes out, and what that rests on.
#[derive(Clone, Debug)]
pub(super) struct Ways {
    /// From each zone.
    pub(super) rows: Rows,
    /// The ports that packets are for.
    pub(super) ports: PortSet,
    /// From where replies come out of each plain translator.
    pub(super) back: BTreeMap<TranslatorIndex, Arc<Row>>,
    /// What rules on the way were asked, and their answers.
    pub(super) swept: Arc<BTreeMap<GuardId, Arc<Sweep>>>,
    /// The places that others come through.
    pub(super) passed: Arc<BTreeSet<NodeIndex>>,
}

impl Ways {
    /// Follows all packets of a kind.
    pub(super) fn new(sweeper: &Sweeper<'_>) -> Self {
        let zones = sweeper.zones;
        let mut walk = Walk::new(sweeper, Bits::range(0..zones.len()));
        let rows = Rows((0..zones.len()).map(|zone| walk.row_of_zone(zone)).collect());
        let back = walk.back();
        let (swept, passed) = walk.seen();
        Self {
            rows,
            ports: sweeper.ports.clone(),
            back,
            swept: Arc::new(swept),
            passed: Arc::new(passed),
        }
    }

    /// Whether packets of this kind fare as those do that were followed.
    pub(super) fn hold_for(&self, sweeper: &Sweeper<'_>) -> bool {
        let alike = |guard: GuardId, sweep: &Sweep| {
            !sweeper.tells_from(&self.ports, guard) || sweeper.sweep(guard) == *sweep
        };
        *sweeper.ports == self.ports || self.swept.iter().all(|(guard, sweep)| alike(*guard, sweep))
    }
}

/// The walk.
pub(super) struct Walk<'f> {
    sweeper: &'f Sweeper<'f>,
    zones: &'f Zones,
    /// The zones that packets are for.
    all: Bits,
    /// Their addresses, where not all are meant.
    addresses: Option<&'f AddressSet>,
    /// The zones that selectors of the graph select.
    selected: HashMap<*const Selector, Arc<Bits>>,
    swept: BTreeMap<GuardId, Arc<Sweep>>,
    /// The rows of places, for packets from anywhere to some zones.
    known: BTreeMap<(NodeIndex, Bits), Arc<Row>>,
    /// The rows of places, for packets from anywhere to anywhere.
    whole: BTreeMap<NodeIndex, Arc<Row>>,
    /// The rows of routers none of whose guards go by the source.
    shared: HashMap<NodeIndex, Arc<Row>>,
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

impl Sorted {
    /// All that are not stopped.
    fn all(&self) -> Bits {
        let mut all = self.on.clone();
        all.add(&self.unknown);
        all.add(&self.open);
        all
    }

    /// Keeps what a guard lets pass, and what it may let pass.
    fn pass(&mut self, pass: &Bits, open: &Bits) {
        let mut through = pass.clone();
        through.add(open);
        for own in [&mut self.on, &mut self.unknown] {
            let mut opened = own.clone();
            opened.keep(open);
            own.remove(&opened);
            own.keep(&through);
            self.open.add(&opened);
        }
        self.open.keep(&through);
    }
}

impl<'f> Walk<'f> {
    pub(super) fn new(sweeper: &'f Sweeper<'f>, all: Bits) -> Self {
        Self {
            sweeper,
            zones: sweeper.zones,
            all,
            addresses: None,
            selected: HashMap::new(),
            swept: BTreeMap::new(),
            known: BTreeMap::new(),
            whole: BTreeMap::new(),
            shared: HashMap::new(),
            pending: Vec::new(),
        }
    }

    /// The same for packets to some addresses.
    pub(super) fn to(sweeper: &'f Sweeper<'f>, all: Bits, addresses: &'f AddressSet) -> Self {
        Self { addresses: Some(addresses), ..Self::new(sweeper, all) }
    }

    /// From where replies come out of each plain translator.
    pub(super) fn back(&mut self) -> BTreeMap<TranslatorIndex, Arc<Row>> {
        let mut back = BTreeMap::new();
        if self.sweeper.reply {
            for &translator in self.zones.translators.keys() {
                let place = self.sweeper.graph.translators[translator as usize].back;
                let all = self.all.clone();
                back.insert(translator, self.row(place, all));
            }
        }
        back
    }

    /// What rules were asked, and the places that were come through.
    pub(super) fn seen(self) -> (BTreeMap<GuardId, Arc<Sweep>>, BTreeSet<NodeIndex>) {
        let places = self.known.into_keys().map(|(place, _)| place);
        (self.swept, self.whole.into_keys().chain(places).collect())
    }

    /// The zones that a selector selects.
    fn selected(&mut self, selector: &Arc<Selector>) -> Arc<Bits> {
        let zones = self.zones;
        let bits = || Arc::new(zones.bits(&zones.seats_in(&selector.plain)));
        Arc::clone(self.selected.entry(Arc::as_ptr(selector)).or_insert_with(bits))
    }

    /// Where the packets of a zone come out of its subnet's router.
    pub(super) fn row_of_zone(&mut self, zone: usize) -> Arc<Row> {
        let Some(router) = self.zones.all[zone].router else {
            return Arc::new(Row { open: self.all.clone(), ..Row::default() });
        };
        if let Some(row) = self.shared.get(&router) {
            return Arc::clone(row);
        }
        let mut by_source = false;
        let all = self.all.clone();
        let row = Arc::new(self.out_of(router, &all, Some(zone), &mut by_source));
        if !by_source {
            self.shared.insert(router, Arc::clone(&row));
        }
        row
    }

    /// Where packets from anywhere come out of a place that are for some zones.
    fn row(&mut self, place: NodeIndex, wanted: Bits) -> Arc<Row> {
        if wanted.is_empty() {
            return Arc::new(Row::default());
        }
        if self.pending.contains(&place) {
            // They go round in a circle, or nearly so.
            return Arc::new(Row { open: wanted, ..Row::default() });
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
        let all = self.all.clone();
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
        let mut row = Row::default();
        // Of several equal ways, each may be taken: they have to agree.
        let mut picked: Option<(Bits, Row)> = None;
        for edge in graph.places.edges(place) {
            let passage = edge.weight();
            if self.addresses.is_some_and(|wanted| !passage.selects.plain.meets(wanted)) {
                continue;
            }
            let all = self.selected(&passage.selects);
            if !all.meets(wanted) {
                continue;
            }
            let mut selected = Bits::clone(&all);
            selected.keep(wanted);
            if passage.effect.pick.is_none() {
                *by_source |= self.along(passage, (place, edge.target()), selected, zone, &mut row);
                continue;
            }
            let mut out = Row::default();
            *by_source |=
                self.along(passage, (place, edge.target()), selected.clone(), zone, &mut out);
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

    /// Adds where the packets for some zones come out that take a passage; says whether that goes by
    /// where they are from.
    fn along(
        &mut self,
        passage: &Passage,
        (from, to): (NodeIndex, NodeIndex),
        selected: Bits,
        zone: Option<usize>,
        row: &mut Row,
    ) -> bool {
        let graph = self.sweeper.graph;
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
            row.open.add(&selected);
            return false;
        }
        if passage.effect.returns.is_some() && !self.sweeper.reply {
            row.by_sender.add(&selected);
        }
        let Sorted { mut on, mut unknown, open, by_source } =
            self.sort(guards, selected, zone, row);
        // A reply that leaves by another way than the request came is dropped.
        let astray = self.sweeper.reply
            && routed
            && !matches!(passage.way, Way::End | Way::Through | Way::Inside);
        if astray {
            return by_source;
        }
        let crossing = passage.effect.crossing;
        match graph.places[to] {
            Place::End => {
                row.unknown.add(&unknown);
                row.open.add(&on);
                row.open.add(&open);
            }
            Place::Subnet if wire => {
                let mut own = Bits::default();
                for &zone in self.zones.of_wire.get(&to).into_iter().flatten() {
                    own.insert(zone as usize);
                }
                own.keep(&on);
                row.open.add(&unknown);
                row.open.add(&open);
                row.deliver(crossing, own);
            }
            Place::Router | Place::Local | Place::Junction | Place::Exit => {
                row.open.add(&open);
                if unknown.is_empty() {
                    if let Some(next) = self.whole(to).filter(|next| !next.open.meets(&on)) {
                        row.add_within(&next, &on, crossing);
                    } else {
                        let next = self.row(to, on);
                        row.add(&Row::clone(&next).after(crossing));
                    }
                    return by_source;
                }
                on.add(&unknown);
                let next = self.row(to, on);
                unknown.keep(&next.any());
                let mut out = Row::clone(&next).after(crossing);
                out.give_up(&unknown);
                row.add(&out);
            }
            // What a reply finds there has no use for it.
            Place::Translator(_) if self.sweeper.reply => {}
            Place::Translator(translator) if self.zones.translators.contains_key(&translator) => {
                row.open.add(&unknown);
                row.open.add(&open);
                row.send_by(translator, on);
            }
            Place::Translator(_) => {
                on.add(&unknown);
                on.add(&open);
                row.open.add(&self.row(to, on).any());
            }
            _ => {
                row.open.add(&on);
                row.open.add(&unknown);
                row.open.add(&open);
            }
        }
        by_source
    }

    /// Whether the guards of a passage to a wire are just the ACL that its hosts' facts name.
    fn is_inbound_acl(&self, wire: NodeIndex, guards: &[GuardId]) -> bool {
        let zones = self.zones.of_wire.get(&wire);
        let Some(&zone) = zones.and_then(|zones| zones.first()) else { return true };
        let acl = self.zones.all[zone as usize].acl_in;
        acl.is_some_and(|acl| guards == [self.sweeper.surroundings.slots[acl as usize]])
    }

    /// Sorts the zones that a passage selects by what its guards say; notes in the row which of them
    /// fare otherwise when a translator sends.
    fn sort(
        &mut self,
        guards: &[GuardId],
        selected: Bits,
        zone: Option<usize>,
        row: &mut Row,
    ) -> Sorted {
        let graph = self.sweeper.graph;
        let mut sorted = Sorted {
            unknown: Bits::default(),
            open: Bits::default(),
            on: selected,
            by_source: false,
        };
        for &guard in guards {
            let (pass, open) = match &*graph.guards[guard as usize] {
                Guard::Always { requests_only: true, .. } if self.sweeper.reply => continue,
                Guard::Always { action: Action::Pass(_), .. } => continue,
                Guard::Always { action: Action::Unknown(_), .. } => {
                    sorted.unknown.add(&sorted.on);
                    sorted.on = Bits::default();
                    continue;
                }
                Guard::Rules(_) => {
                    let sweep = self.swept(guard);
                    if sweep.passes_all() {
                        continue;
                    }
                    let (pass, open) = match self.sweeper.side(guard) {
                        Some(Side::Source) => {
                            sorted.by_source = true;
                            self.by_source(&sweep, &sorted.all(), zone)
                        }
                        _ => (self.zones.bits(&sweep.pass), self.zones.bits(&sweep.open)),
                    };
                    match sweep.references.is_empty() {
                        true => (pass, open),
                        // A rule that goes by groups may mean whoever it does not mean by address.
                        false => {
                            let mut open = sorted.all();
                            open.remove(&pass);
                            (pass, open)
                        }
                    }
                }
                _ => {
                    if self.sweeper.by_translator(guard) {
                        row.by_sender.add(&sorted.all());
                    }
                    let sweep = self.sweeper.sweep(guard);
                    (self.zones.bits(&sweep.pass), self.zones.bits(&sweep.open))
                }
            };
            sorted.pass(&pass, &open);
        }
        sorted
    }

    /// What a guard on the source says: of the zone at hand, or else of all zones alike.
    fn by_source(&self, sweep: &Sweep, selected: &Bits, zone: Option<usize>) -> (Bits, Bits) {
        let zones = &self.zones.all;
        let (mut pass, mut open) = (Bits::default(), Bits::default());
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
