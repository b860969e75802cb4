//! From which zones to which zones packets surely pass both ways, as far as routes and ACLs say.

use super::Survey;
use super::bits::{Bits, transposed};
use super::cells::Cells;
use super::ledger::Ledger;
use super::pair::{Fate, Lies};
use super::rows::Come;
use super::sweep::{Sweeps, Test};
use super::zones::Zones;
use crate::graph::TranslatorIndex;
use crate::header::{Family, IntervalSet};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// What lies between all zones.
#[derive(Clone, Debug)]
pub(super) struct Matrix {
    /// For each zone, those from which requests and replies surely pass.
    pub(super) plain: Vec<Arc<Bits>>,
    /// For each zone, those from which pairs have to be looked at.
    pub(super) special: Vec<Arc<Bits>>,
    /// Where translators send in the place of a zone's hosts.
    pub(super) translated: Arc<Translated>,
    of_family: BTreeMap<Family, Bits>,
}

/// The same for all zones, by zone and translator.
pub(super) type Translated = BTreeMap<(usize, TranslatorIndex), Relay>;

/// Where a translator sends in the place of a zone's hosts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Relay {
    /// The zones to and from which packets surely pass.
    pub(super) passed: Bits,
    /// Those on whose way it is surely not known how to go on.
    pub(super) unknown: Bits,
}

/// What lies beyond a translator.
struct Beyond {
    /// The zones to and from which packets surely pass.
    passed: Bits,
    unknown: Bits,
    /// Those that have to be looked at, until they were.
    unasked: Bits,
    unsure: Bits,
}

/// What ACLs let pass, as zones.
struct Gates<'s> {
    zones: &'s Zones,
    sweeps: &'s Sweeps,
    known: HashMap<u32, Bits>,
}

impl<'s> Gates<'s> {
    fn new(survey: &'s Survey<'_>, sweeps: &'s Sweeps) -> Self {
        Self { zones: &survey.fleet.zones, sweeps, known: HashMap::new() }
    }

    /// Keeps the zones that an ACL surely lets pass.
    fn keep(&mut self, row: &mut Bits, acl: Option<u32>) {
        let Some(acl) = acl else { return row.clear() };
        let pass = &self.sweeps.get(acl).pass;
        if pass.ranges() != [(0, u32::MAX)] {
            let zones = self.zones;
            row.keep(self.known.entry(acl).or_insert_with(|| zones.bits(pass)));
        }
    }
}

impl Matrix {
    pub(super) fn new(survey: &Survey<'_>) -> Self {
        let zones = &survey.fleet.zones;
        let mut of_family: BTreeMap<Family, Bits> = BTreeMap::new();
        for (index, zone) in zones.all.iter().enumerate() {
            of_family.entry(zone.family).or_default().insert(index);
        }
        let translated = Arc::default();
        let mut matrix = Self { plain: Vec::new(), special: Vec::new(), translated, of_family };
        let mut forward = Gates::new(survey, &survey.forward);
        let special = matrix.special(survey, &mut forward);
        matrix.special = special.into_iter().map(Arc::new).collect();
        let plain = matrix.plain(survey, &mut forward);
        matrix.plain = plain.into_iter().map(Arc::new).collect();
        matrix
    }

    /// The same after an edit that put something else between some zones.
    pub(super) fn patched(&self, survey: &Survey<'_>, ledger: &Ledger, cells: &Cells) -> Self {
        let mut matrix = self.clone();
        let unsure = survey.filters().unsure;
        for (start, end) in cells.pairs() {
            let lies = match survey.lies(start, end) {
                Lies::Open if unsure && survey.names_unsure(start, end, ledger) => Lies::Special,
                lies => lies,
            };
            set(&mut matrix.plain[end], start, lies == Lies::Open);
            set(&mut matrix.special[end], start, lies == Lies::Special);
            matrix.relay(start, end, lies);
        }
        matrix
    }

    /// Keeps which translator sends on from one zone to another.
    fn relay(&mut self, start: usize, end: usize, lies: Lies) {
        let (passed, unknown) = match lies {
            Lies::Sent(translator) => (Some(translator), None),
            Lies::SentAstray(translator) => (None, Some(translator)),
            _ => (None, None),
        };
        let own = (start, TranslatorIndex::MIN)..=(start, TranslatorIndex::MAX);
        let stale = self.translated.range(own.clone()).any(|((_, by), relay)| {
            relay.passed.contains(end) != (passed == Some(*by))
                || relay.unknown.contains(end) != (unknown == Some(*by))
        });
        let known = |by: &TranslatorIndex| self.translated.contains_key(&(start, *by));
        if !stale && passed.iter().chain(&unknown).all(known) {
            return;
        }
        let all = Arc::make_mut(&mut self.translated);
        for (_, relay) in all.range_mut(own) {
            relay.passed.take(end);
            relay.unknown.take(end);
        }
        if let Some(by) = passed {
            all.entry((start, by)).or_default().passed.insert(end);
        }
        if let Some(by) = unknown {
            all.entry((start, by)).or_default().unknown.insert(end);
        }
    }

    /// Whether two surveys of one fleet have the same between all zones.
    pub(super) fn same(one: &Survey<'_>, other: &Survey<'_>) -> bool {
        let behind = |survey: &Survey<'_>| {
            let behind = survey.behind.as_ref();
            behind.map(|behind| (Arc::as_ptr(&behind.ways), Arc::as_ptr(&behind.sweeps)))
        };
        let acls = one.fleet.zones.all.iter().flat_map(|zone| [zone.acl_in, zone.acl_out]);
        let say_the_same = |slot: u32| {
            let (one, other) = (one.forward.get(slot), other.forward.get(slot));
            Arc::ptr_eq(one, other) || one == other
        };
        Arc::ptr_eq(&one.there, &other.there)
            && Arc::ptr_eq(&one.home, &other.home)
            && Arc::ptr_eq(&one.back, &other.back)
            && behind(one) == behind(other)
            && acls.flatten().all(say_the_same)
    }

    /// The same, where rules name hosts across what nobody knows: such pairs have to be looked at.
    pub(super) fn naming(self: &Arc<Self>, survey: &Survey<'_>, ledger: &Ledger) -> Arc<Self> {
        let zones = &survey.fleet.zones;
        if !survey.filters().unsure {
            return Arc::clone(self);
        }
        let mut found: Vec<(usize, usize)> = Vec::new();
        for (end, zone) in zones.all.iter().enumerate() {
            for class in survey.classes.of_zone(end).filter(|class| class.takes && !class.odd) {
                let Some(admits) = ledger.sender(survey.around(class.seat).ingress) else {
                    continue;
                };
                let unsure = admits.names.iter().filter(|(_, tests)| tests.contains(&Test::Open));
                for (&around, _) in unsure {
                    for client in survey.named(around) {
                        let start = client.zone as usize;
                        if zones.all[start].wire != zone.wire
                            && admits.by_name(around, survey.crossing(start, end)) == Test::Open
                        {
                            found.push((start, end));
                        }
                    }
                }
            }
        }
        if found.is_empty() {
            return Arc::clone(self);
        }
        let mut matrix = Self::clone(self);
        for &(start, end) in &found {
            set(&mut matrix.plain[end], start, false);
            set(&mut matrix.special[end], start, true);
            matrix.relay(start, end, Lies::Special);
        }
        Arc::new(matrix)
    }

    pub(super) fn keep_family(&self, bits: &mut Bits, family: Family) {
        if self.of_family.len() > 1
            && let Some(own) = self.of_family.get(&family)
        {
            bits.keep(own);
        }
    }

    fn plain(&self, survey: &Survey<'_>, forward: &mut Gates<'_>) -> Vec<Bits> {
        let zones = &survey.fleet.zones;
        let mut back = Gates::new(survey, &survey.back);
        let mut rows: Vec<Bits> = Vec::with_capacity(zones.len());
        for (start, zone) in zones.all.iter().enumerate() {
            let mut row = survey.there.rows.0[start].surely();
            self.keep_family(&mut row, zone.family);
            forward.keep(&mut row, zone.acl_out);
            back.keep(&mut row, zone.acl_in);
            rows.push(row);
        }
        let mut columns = transposed(&rows, zones.len());
        for (end, (column, zone)) in columns.iter_mut().zip(&zones.all).enumerate() {
            column.keep(&survey.home.rows.0[end].surely());
            back.keep(column, zone.acl_out);
            forward.keep(column, zone.acl_in);
            // Neighbours need neither.
            for &start in zone.wire.and_then(|wire| zones.of_wire.get(&wire)).into_iter().flatten()
            {
                let same = zones.all[start as usize].family == zone.family;
                if same {
                    column.insert(start as usize);
                }
            }
            column.remove(&self.special[end]);
        }
        columns
    }

    /// Where ACLs or ways are open or unknown.
    fn special(&mut self, survey: &Survey<'_>, forward: &mut Gates<'_>) -> Vec<Bits> {
        let zones = &survey.fleet.zones;
        let count = zones.len();
        let mut special = vec![Bits::default(); count];
        for (index, zone) in zones.all.iter().enumerate() {
            if zone.wire.is_none() {
                special[index].insert_range(0..count);
                special.iter_mut().for_each(|own| own.insert(index));
            }
        }
        if zones.overlapping {
            // Addresses that are a subnet's own and another's, too.
            for (wire, inside) in &survey.fleet.surroundings.inside {
                for other in zones.bits(&zones.seats_in(inside)).iter() {
                    for &own in zones.of_wire.get(wire).into_iter().flatten() {
                        if zones.all[other].wire != Some(*wire) {
                            special[other].insert(own as usize);
                            special[own as usize].insert(other);
                        }
                    }
                }
            }
        }
        // Where ACLs cannot be told.
        for (index, zone) in zones.all.iter().enumerate() {
            for slot in [zone.acl_in, zone.acl_out].into_iter().flatten() {
                for sweeps in [&survey.forward, &*survey.back] {
                    let open = &sweeps.get(slot).open;
                    if open.is_empty() {
                        continue;
                    }
                    for other in zones.bits(open).iter() {
                        special[index].insert(other);
                        special[other].insert(index);
                    }
                }
            }
        }
        for (start, row) in survey.there.rows.0.iter().enumerate() {
            let mut open = row.open.clone();
            self.keep_family(&mut open, zones.all[start].family);
            open.iter().for_each(|end| special[end].insert(start));
        }
        for (end, row) in survey.home.rows.0.iter().enumerate() {
            let mut unsure = row.open.clone();
            unsure.add(&row.unknown);
            self.keep_family(&mut unsure, zones.all[end].family);
            // Where nothing comes, nothing has to be answered.
            for start in unsure.iter() {
                let come = survey.there.rows.0[start].of(end);
                if !matches!(come, Come::Stopped | Come::Unknown | Come::Via(_)) {
                    special[end].insert(start);
                }
            }
        }
        self.translated = Arc::new(self.translated(survey, forward, &mut special));
        special
    }

    /// Where translators send in the clients' place.
    fn translated(
        &self,
        survey: &Survey<'_>,
        forward: &mut Gates<'_>,
        special: &mut [Bits],
    ) -> Translated {
        let zones = &survey.fleet.zones;
        let mut known = beyond_all(survey, forward);
        let mut back = Gates::new(survey, &survey.back);
        let mut all = Translated::new();
        for (start, row) in survey.there.rows.0.iter().enumerate() {
            let zone = &zones.all[start];
            for (&translator, ends) in &row.via {
                let mut ends = ends.clone();
                ends.remove(&row.open);
                ends.remove(&row.unknown);
                row.delivered.values().for_each(|bits| ends.remove(bits));
                self.keep_family(&mut ends, zone.family);
                forward.keep(&mut ends, zone.acl_out);
                // Neighbours are reached without it.
                let wire = zone.wire.and_then(|wire| zones.of_wire.get(&wire));
                wire.into_iter().flatten().for_each(|&own| ends.take(own as usize));
                let Some(beyond) = known.get_mut(&translator) else {
                    ends.iter().for_each(|end| special[end].insert(start));
                    continue;
                };
                beyond.ask(survey, translator, &ends);
                let kept = |bits: &Bits| {
                    let mut kept = ends.clone();
                    kept.keep(bits);
                    kept
                };
                let (mut passed, mut unsure) = (kept(&beyond.passed), kept(&beyond.unsure));
                let unknown = kept(&beyond.unknown);
                match survey.home.back.get(&translator).map_or(Come::Open, |row| row.of(start)) {
                    Come::Delivered(_) => {}
                    Come::Stopped => passed.clear(),
                    _ => {
                        unsure.add(&passed);
                        passed.clear();
                    }
                }
                back.keep(&mut passed, zone.acl_in);
                unsure.iter().for_each(|end| special[end].insert(start));
                all.insert((start, translator), Relay { passed, unknown });
            }
        }
        for ((start, _), Relay { passed, unknown }) in &mut all {
            for ends in [passed, unknown] {
                let looked_at: Vec<usize> =
                    ends.iter().filter(|&end| special[end].contains(*start)).collect();
                looked_at.into_iter().for_each(|end| ends.take(end));
            }
        }
        all
    }
}

/// Puts a zone into a column, or takes it out.
fn set(column: &mut Arc<Bits>, zone: usize, wanted: bool) {
    if column.contains(zone) != wanted {
        let column = Arc::make_mut(column);
        if wanted { column.insert(zone) } else { column.take(zone) }
    }
}

/// What lies beyond each plain translator, the same for all who come by it.
fn beyond_all(survey: &Survey<'_>, forward: &mut Gates<'_>) -> BTreeMap<TranslatorIndex, Beyond> {
    let zones = &survey.fleet.zones;
    let count = zones.len();
    let Some(behind) = &survey.behind else { return BTreeMap::new() };
    let mut back = Gates::new(survey, &behind.sweeps);
    let middles = zones.translators.iter();
    let middles: BTreeMap<TranslatorIndex, usize> =
        middles.map(|(&translator, &seat)| (translator, zones.zone_of(seat))).collect();
    let neighbours = |zone: usize| {
        let wire = zones.all[zone].wire.and_then(|wire| zones.of_wire.get(&wire));
        wire.into_iter().flatten().map(|&own| own as usize)
    };
    let mut there = vec![Bits::default(); count];
    for &middle in middles.values() {
        let row = &survey.there.rows.0[middle];
        let mut sure = row.surely();
        sure.remove(&row.by_sender);
        neighbours(middle).for_each(|own| sure.take(own));
        forward.keep(&mut sure, zones.all[middle].acl_out);
        back.keep(&mut sure, zones.all[middle].acl_in);
        there[middle] = sure;
    }
    let mut columns = transposed(&there, count);
    for ((column, zone), row) in columns.iter_mut().zip(&zones.all).zip(&behind.ways.rows.0) {
        column.keep(&row.surely());
        forward.keep(column, zone.acl_in);
        back.keep(column, zone.acl_out);
    }
    let passed = transposed(&columns, count);
    let beyond = middles.into_iter().map(|(translator, middle)| {
        let row = &survey.there.rows.0[middle];
        // What neither comes out nor may come out is stopped.
        let mut unasked = row.any();
        unasked.add(&row.by_sender);
        neighbours(middle).for_each(|own| unasked.insert(own));
        let mut passed = passed[middle].clone();
        match zones.overlapping {
            // Whose address is a neighbour's, too, is told one by one.
            true => passed.clear(),
            false => unasked.remove(&passed),
        }
        let (unknown, unsure) = (Bits::default(), Bits::default());
        (translator, Beyond { passed, unknown, unasked, unsure })
    });
    beyond.collect()
}

impl Beyond {
    /// Looks at zones that have not been looked at.
    fn ask(&mut self, survey: &Survey<'_>, translator: TranslatorIndex, ends: &Bits) {
        let mut fresh = ends.clone();
        fresh.keep(&self.unasked);
        self.unasked.remove(&fresh);
        for end in fresh.iter() {
            let to = survey.fleet.zones.all[end].seats.start;
            match survey.beyond(translator, to).map(|beyond| beyond.fate()) {
                Some(Fate::Reachable) => self.passed.insert(end),
                Some(Fate::Blocked) => {}
                Some(Fate::Unknown) => self.unknown.insert(end),
                _ => self.unsure.insert(end),
            }
        }
    }
}

impl Survey<'_> {
    /// Whether nobody knows if rules of one zone's hosts name hosts of another, across what lies
    /// between them.
    fn names_unsure(&self, start: usize, end: usize, ledger: &Ledger) -> bool {
        let zones = &self.fleet.zones;
        if zones.all[start].wire == zones.all[end].wire {
            return false;
        }
        let crossing = self.crossing(start, end);
        let servers = self.classes.of_zone(end).filter(|class| class.takes && !class.odd);
        let mut filters = servers.filter_map(|one| ledger.sender(self.around(one.seat).ingress));
        filters.any(|admits| {
            let mut clients = self.classes.of_zone(start);
            clients.any(|client| {
                admits.names.contains_key(&client.around)
                    && admits.by_name(client.around, crossing) == Test::Open
            })
        })
    }

    /// Keeps the zones that an ACL surely lets pass.
    pub(super) fn keep_passing(&self, row: &mut Bits, acl: Option<u32>, sweeps: &Sweeps) {
        let Some(acl) = acl else {
            row.clear();
            return;
        };
        let pass: &IntervalSet<u32> = &sweeps.get(acl).pass;
        if pass.ranges() != [(0, u32::MAX)] {
            row.keep(&self.fleet.zones.bits(pass));
        }
    }
}
