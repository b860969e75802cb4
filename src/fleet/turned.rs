//! All pairs after an edit of routes or ACLs: whole zones between which packets pass now, or no
//! longer, are added up; what is more than that is looked at pair by pair.

use super::Survey;
use super::bits::Bits;
use super::count::Sums;
use super::ledger::Ledger;
use super::matrix::{Matrix, Translated};
use super::pair::Fate;
use super::rows::{Come, Row};
use super::running::Running;
use super::ways::Ways;
use crate::graph::{Crossing, TranslatorIndex};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// All pairs before an edit and after it.
pub(super) struct Turned<'s, 'f> {
    pub(super) old: &'s Survey<'f>,
    pub(super) new: &'s Survey<'f>,
    pub(super) before: &'s Matrix,
    pub(super) after: &'s Matrix,
    pub(super) ledger: &'s Ledger,
}

/// Pairs of hosts of many zones with those of one that fare alike, and otherwise than before.
pub(super) struct Many {
    /// One of the clients, and one of the servers.
    pub(super) from: u32,
    pub(super) to: u32,
    pub(super) pairs: u64,
    /// How they fared, and fare.
    pub(super) before: Fate,
    pub(super) after: Fate,
}

/// Which zones packets of each zone are sent on to, by the translator.
type SentOn<'m> = BTreeMap<(usize, TranslatorIndex), &'m Translated>;

impl Turned<'_, '_> {
    /// What is added up, and for each zone those from which pairs have to be looked at.
    pub(super) fn found(&self) -> (Vec<Many>, Vec<Bits>) {
        let mut apart: Vec<Bits> = self.before.special.clone();
        apart.iter_mut().zip(&self.after.special).for_each(|(own, new)| own.add(new));
        let mut many = Vec::new();
        self.crossed(&mut apart);
        self.unknown(&mut apart, &mut many);
        self.translated(&mut apart, &mut many);
        for (end, apart) in apart.iter().enumerate() {
            let (old, new) = (&self.before.plain[end], &self.after.plain[end]);
            if old == new {
                continue;
            }
            for (survey, has, lacks) in [(self.old, old, new), (self.new, new, old)] {
                let mut starts = has.clone();
                starts.remove(lacks);
                starts.remove(apart);
                let pairs = self.between(survey, &starts, end);
                let fates = self.turn_of(survey);
                self.add(&starts, end, pairs, survey, fates, &mut many);
            }
        }
        (many, apart)
    }

    /// Where it is known now, or no longer, that nobody knows how requests go on.
    fn unknown(&self, apart: &mut [Bits], many: &mut Vec<Many>) {
        let passed = |matrix: &Matrix| {
            let mut all: BTreeMap<usize, Bits> = BTreeMap::new();
            for one in &matrix.translated {
                let own = all.entry(one.start).or_default();
                own.add(&one.passed);
                own.add(&one.unknown);
            }
            all
        };
        let passed = [self.before, self.after].map(passed);
        let lost = |survey: &Survey<'_>, matrix: &Matrix, start: usize| {
            let zone = &survey.fleet.zones.all[start];
            let mut zones = survey.there.rows.0[start].unknown.clone();
            if !zones.is_empty() {
                matrix.keep_family(&mut zones, zone.family);
                survey.keep_passing(&mut zones, zone.acl_out, &survey.forward);
            }
            zones
        };
        for start in 0..apart.len() {
            let (old, new) =
                (lost(self.old, self.before, start), lost(self.new, self.after, start));
            if old == new {
                continue;
            }
            let otherwise = |end: usize| {
                let plain = [self.before, self.after].map(|matrix| &matrix.plain[end]);
                let mut passed = passed.iter().filter_map(|all| all.get(&start));
                plain.iter().any(|plain| plain.contains(start)) || passed.any(|to| to.contains(end))
            };
            old.changes(&new)
                .filter(|&end| otherwise(end))
                .for_each(|end| apart[end].insert(start));
            let lost = [(self.old, &old, &new, false), (self.new, &new, &old, true)];
            for (survey, has, lacks, now) in lost {
                let mut ends = has.clone();
                ends.remove(lacks);
                for end in ends.iter().filter(|&end| !apart[end].contains(start)) {
                    let mut sums = Sums::new(1);
                    let to = Bits::range(end..end + 1);
                    survey.add_lost(start, &to, self.ledger, &mut sums);
                    let mut pairs = 0;
                    sums.take(|_, own| pairs += own);
                    let fates = (Fate::Blocked, Fate::Unknown);
                    let fates = if now { fates } else { (fates.1, fates.0) };
                    self.add(&Bits::range(start..start + 1), end, pairs, survey, fates, many);
                }
            }
        }
    }

    /// Where packets come out as before, having crossed something else.
    fn crossed(&self, apart: &mut [Bits]) {
        for (start, ends) in differing(&self.old.there, &self.new.there) {
            let [old, new] = [self.old, self.new].map(|survey| &survey.there.rows.0[start]);
            let crossing = |row: &Row, end: usize| match row.of(end) {
                Come::Delivered(crossing) => Some(crossing),
                _ => None,
            };
            for end in ends.iter().filter(|&end| self.before.plain[end].contains(start)) {
                if crossing(old, end) != crossing(new, end) && self.after.plain[end].contains(start)
                {
                    apart[end].insert(start);
                }
            }
        }
    }

    /// Where translators send now, or no longer.
    fn translated(&self, apart: &mut [Bits], many: &mut Vec<Many>) {
        let [old, new] = [self.before, self.after].map(|matrix| {
            let all = matrix.translated.iter();
            all.map(|one| ((one.start, one.translator), one)).collect::<SentOn<'_>>()
        });
        let nothing = Bits::default();
        let keys: BTreeSet<_> = old.keys().chain(new.keys()).copied().collect();
        for (start, translator) in keys {
            let both = [&old, &new].map(|all| all.get(&(start, translator)));
            let [lost, still_lost] = both.map(|one| one.map_or(&nothing, |one| &one.unknown));
            lost.changes(still_lost).for_each(|end| apart[end].insert(start));
            let [passed, now] = both.map(|one| one.map_or(&nothing, |one| &one.passed));
            let otherwise = |end: usize| {
                let plain = [self.before, self.after].map(|matrix| &matrix.plain[end]);
                let own = (start, TranslatorIndex::MIN)..=(start, TranslatorIndex::MAX);
                let others = [&old, &new].into_iter().flat_map(|all| all.range(own.clone()));
                let mut others = others.filter(|((_, by), _)| *by != translator);
                plain.iter().any(|plain| plain.contains(start))
                    || others.any(|(_, one)| one.passed.contains(end) || one.unknown.contains(end))
            };
            for end in passed.changes(now).filter(|&end| otherwise(end)) {
                apart[end].insert(start);
            }
            for (survey, has, lacks) in [(self.old, passed, now), (self.new, now, passed)] {
                let mut ends = has.clone();
                ends.remove(lacks);
                for end in ends.iter().filter(|&end| !apart[end].contains(start)) {
                    let pairs = self.sent(survey, start, translator, end);
                    let fates = self.turn_of(survey);
                    self.add(&Bits::range(start..start + 1), end, pairs, survey, fates, many);
                }
            }
        }
    }

    /// How many pairs there are of hosts of some zones and those of another that let them in.
    fn between(&self, survey: &Survey<'_>, starts: &Bits, end: usize) -> u64 {
        if starts.is_empty() {
            return 0;
        }
        let (mut running, mut sums) = (Running::new(1), Sums::new(1));
        running.turn(starts, |start| (0, self.ledger.free[start]));
        survey.add_free(end, starts, self.ledger, &running, &mut sums);
        let mut pairs = 0;
        sums.take(|_, free| pairs += free);
        let varied = starts.iter().filter(|_| self.ledger.varied);
        let varied = varied.flat_map(|start| survey.varied(start, self.ledger));
        pairs
            + varied
                .map(|(class, out)| survey.pairs_between(class, end, out, self.ledger))
                .sum::<u64>()
    }

    /// How many pairs there are of hosts of a zone and those of another that let a translator in.
    fn sent(
        &self,
        survey: &Survey<'_>,
        start: usize,
        translator: TranslatorIndex,
        end: usize,
    ) -> u64 {
        let zones = &survey.fleet.zones;
        let Some(&seat) = zones.translators.get(&translator) else { return 0 };
        let admits = |slot: Option<u32>| {
            let filter = self.ledger.sender(slot);
            filter.is_none_or(|admits| admits.admits_address(zones.zone_of(seat), seat))
        };
        let into = self.ledger.into[end].iter().filter(|(slot, _)| admits(*slot));
        let free = self.ledger.free[start] * into.map(|(_, count)| count).sum::<u64>();
        let varied = survey.varied(start, self.ledger).map(|(class, out)| {
            let servers = survey.classes.of_zone(end).filter(|one| one.takes && !one.odd);
            let servers = servers.filter(|one| admits(survey.around(one.seat).ingress));
            let servers = servers.map(|one| out.count(survey, one, || Crossing::Nothing));
            class.count() * servers.sum::<u64>()
        });
        free + varied.sum::<u64>()
    }

    /// How pairs fared and fare that reach each other only before the edit, or only after it.
    fn turn_of(&self, survey: &Survey<'_>) -> (Fate, Fate) {
        match std::ptr::eq(survey, self.new) {
            true => (Fate::Blocked, Fate::Reachable),
            false => (Fate::Reachable, Fate::Blocked),
        }
    }

    fn add(
        &self,
        starts: &Bits,
        end: usize,
        pairs: u64,
        survey: &Survey<'_>,
        (before, after): (Fate, Fate),
        many: &mut Vec<Many>,
    ) {
        if pairs == 0 {
            return;
        }
        let clients = || {
            let all = starts.iter().flat_map(|start| survey.classes.of_zone(start));
            all.filter(|one| one.sends && !one.odd)
        };
        let servers = || survey.classes.of_zone(end).filter(|one| one.takes && !one.odd);
        let all = || clients().flat_map(|one| servers().map(|other| (one.seat, other.seat)));
        let reach = |(from, to): &(u32, u32)| {
            survey.fate_across(&survey.between(*from, *to), *from, *to) != Fate::Blocked
        };
        if let Some((from, to)) = all().find(reach).or_else(|| all().next()) {
            many.push(Many { from, to, pairs, before, after });
        }
    }

    /// Whether what lies between two zones is another thing now.
    pub(super) fn differs(&self, start: usize, end: usize) -> bool {
        let seat = |zone: usize| self.old.fleet.zones.all[zone].seats.start;
        self.old.between(seat(start), seat(end)) != self.new.between(seat(start), seat(end))
    }

    /// The zones, as clients and servers, between which there is another thing now, and of which one
    /// has hosts that are looked at one by one.
    pub(super) fn odd(&self) -> Vec<(usize, usize)> {
        let zones = 0..self.old.fleet.zones.len();
        let is_odd = |zone: usize| self.old.classes.of_zone(zone).any(|class| class.odd);
        let odd: Vec<bool> = zones.clone().map(is_odd).collect();
        let mut found = Vec::new();
        for own in zones.clone().filter(|&zone| odd[zone]) {
            for other in zones.clone() {
                let mut pairs = vec![(own, other)];
                pairs.extend((!odd[other]).then_some((other, own)));
                found.extend(pairs.into_iter().filter(|&(start, end)| self.differs(start, end)));
            }
        }
        found
    }
}

/// The zones whose rows differ, each with the zones of which they do.
pub(super) fn differing(old: &Arc<Ways>, new: &Arc<Ways>) -> Vec<(usize, Bits)> {
    if Arc::ptr_eq(old, new) {
        return Vec::new();
    }
    let mut known: BTreeMap<(*const Row, *const Row), Option<Bits>> = BTreeMap::new();
    let rows = old.rows.0.iter().zip(&new.rows.0).enumerate();
    let rows = rows.filter(|(_, (one, other))| !Arc::ptr_eq(one, other));
    let found = rows.filter_map(|(zone, (one, other))| {
        let key = (Arc::as_ptr(one), Arc::as_ptr(other));
        let bits = known.entry(key).or_insert_with(|| {
            let bits = one.differing(other);
            (!bits.is_empty()).then_some(bits)
        });
        Some((zone, bits.clone()?))
    });
    found.collect()
}
