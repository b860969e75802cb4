//! All pairs after an edit of routes or ACLs: whole zones between which packets pass now, or no
//! longer, are added up; what is more than that is looked at pair by pair.

use super::Survey;
use super::bits::Bits;
use super::cells::{Cells, differing};
use super::count::Sums;
use super::ledger::Ledger;
use super::matrix::{Matrix, Relay};
use super::pair::Fate;
use super::rows::{Come, Row};
use super::running::Running;
use super::sweep::Sweep;
use crate::graph::TranslatorIndex;
use std::collections::BTreeSet;
use std::sync::Arc;

/// All pairs before an edit and after it.
pub(super) struct Turned<'s, 'f> {
    pub(super) old: &'s Survey<'f>,
    pub(super) new: &'s Survey<'f>,
    pub(super) before: &'s Matrix,
    pub(super) after: &'s Matrix,
    pub(super) ledger: &'s Ledger,
    /// Where there may be something else between zones; anywhere, where nobody looked.
    pub(super) cells: Option<&'s Cells>,
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

impl Turned<'_, '_> {
    /// What is added up, and for each zone those from which pairs have to be looked at.
    pub(super) fn found(&self) -> (Vec<Many>, Vec<Bits>) {
        let mut apart = vec![Bits::default(); self.after.special.len()];
        let both = [&self.before.special, &self.after.special];
        match self.cells {
            Some(cells) => {
                let special = |&(start, end): &(usize, usize)| {
                    both.iter().any(|special| special[end].contains(start))
                };
                cells.pairs().filter(special).for_each(|(start, end)| apart[end].insert(start));
            }
            None => both.into_iter().for_each(|special| {
                apart.iter_mut().zip(special).for_each(|(own, starts)| own.add(starts));
            }),
        }
        let mut many = Vec::new();
        self.crossed(&mut apart);
        self.unknown(&mut apart, &mut many);
        self.translated(&mut apart, &mut many);
        for (end, apart) in apart.iter().enumerate() {
            let (old, new) = (&self.before.plain[end], &self.after.plain[end]);
            if Arc::ptr_eq(old, new) || old == new {
                continue;
            }
            for (survey, has, lacks) in [(self.old, old, new), (self.new, new, old)] {
                let mut starts = Bits::clone(has);
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
        let lost = |survey: &Survey<'_>, matrix: &Matrix, start: usize| {
            let zone = &survey.fleet.zones.all[start];
            let mut zones = survey.there.rows.0[start].unknown.clone();
            if !zones.is_empty() {
                matrix.keep_family(&mut zones, zone.family);
                survey.keep_passing(&mut zones, zone.acl_out, &survey.forward);
            }
            zones
        };
        for start in (0..apart.len()).filter(|&start| self.leaves_otherwise(start)) {
            let (old, new) =
                (lost(self.old, self.before, start), lost(self.new, self.after, start));
            if old == new {
                continue;
            }
            let otherwise = |end: usize| {
                let mut both = [self.before, self.after].into_iter();
                both.any(|matrix| {
                    let own = (start, TranslatorIndex::MIN)..=(start, TranslatorIndex::MAX);
                    let mut relays = matrix.translated.range(own);
                    matrix.plain[end].contains(start)
                        || relays
                            .any(|(_, one)| one.passed.contains(end) || one.unknown.contains(end))
                })
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

    /// Whether requests of a zone may come out elsewhere than before, as far as routes and the ACL
    /// of its subnet say.
    fn leaves_otherwise(&self, start: usize) -> bool {
        let [old, new] = [self.old, self.new].map(|survey| &survey.there.rows.0[start]);
        let acl = self.old.fleet.zones.all[start].acl_out;
        let acls = |acl| [self.old, self.new].map(|survey| survey.forward.get(acl));
        let same = |[one, other]: [&Arc<Sweep>; 2]| Arc::ptr_eq(one, other);
        !Arc::ptr_eq(old, new) || acl.is_some_and(|acl| !same(acls(acl)))
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
        let [old, new] = [&self.before.translated, &self.after.translated];
        if Arc::ptr_eq(old, new) {
            return;
        }
        let nothing = Bits::default();
        let keys: BTreeSet<_> = old.keys().chain(new.keys()).copied().collect();
        for (start, translator) in keys {
            let both: [Option<&Relay>; 2] = [old, new].map(|all| all.get(&(start, translator)));
            if both[0] == both[1] {
                continue;
            }
            let [lost, still_lost] = both.map(|one| one.map_or(&nothing, |one| &one.unknown));
            lost.changes(still_lost).for_each(|end| apart[end].insert(start));
            let [passed, now] = both.map(|one| one.map_or(&nothing, |one| &one.passed));
            let otherwise = |end: usize| {
                let plain = [self.before, self.after].map(|matrix| &matrix.plain[end]);
                let own = (start, TranslatorIndex::MIN)..=(start, TranslatorIndex::MAX);
                let others = [old, new].into_iter().flat_map(|all| all.range(own.clone()));
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
        let varied = survey.varied(start, self.ledger);
        let varied = varied.map(|(class, out)| class.count() * survey.let_in(out, end, admits));
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
        let differs = |&(start, end): &(usize, usize)| self.differs(start, end);
        let pairs: Vec<(usize, usize)> = match self.cells {
            Some(cells) => cells.pairs().filter(|&(start, end)| odd[start] || odd[end]).collect(),
            None => {
                let own = zones.clone().filter(|&own| odd[own]);
                let pairs = own.flat_map(|own| {
                    let odd = &odd;
                    let others = zones.clone().filter(move |&other| !odd[other]);
                    let back = others.map(move |other| (other, own));
                    zones.clone().map(move |other| (own, other)).chain(back)
                });
                pairs.collect()
            }
        };
        pairs.into_iter().filter(differs).collect()
    }
}
