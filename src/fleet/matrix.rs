//! From which zones to which zones packets surely pass both ways, as far as routes and ACLs say.

use super::Survey;
use super::bits::{Bits, transposed};
use super::ledger::Ledger;
use super::pair::Fate;
use super::rows::Come;
use super::sweep::{Sweeps, Test};
use crate::graph::TranslatorIndex;
use crate::header::{Family, IntervalSet};
use std::collections::BTreeMap;

/// What lies between all zones.
#[derive(Clone, Debug)]
pub(super) struct Matrix {
    /// For each zone, those from which requests and replies surely pass.
    pub(super) plain: Vec<Bits>,
    /// For each zone, those from which pairs have to be looked at.
    pub(super) special: Vec<Bits>,
    /// Where translators send in the place of a zone's hosts.
    pub(super) translated: Vec<Translated>,
    of_family: BTreeMap<Family, Bits>,
}

/// Where a translator sends in the place of a zone's hosts.
#[derive(Clone, Debug)]
pub(super) struct Translated {
    pub(super) start: usize,
    pub(super) translator: TranslatorIndex,
    /// The zones to and from which packets surely pass.
    pub(super) passed: Bits,
    /// Those on whose way it is surely not known how to go on.
    pub(super) unknown: Bits,
}

/// What lies beyond a translator, as far as that has been asked.
struct Beyond {
    asked: Bits,
    passed: Bits,
    unknown: Bits,
    unsure: Bits,
}

impl Matrix {
    pub(super) fn new(survey: &Survey<'_>, ledger: &Ledger) -> Self {
        let zones = &survey.fleet.zones;
        let count = zones.len();
        let mut of_family: BTreeMap<Family, Bits> = BTreeMap::new();
        for (index, zone) in zones.all.iter().enumerate() {
            of_family.entry(zone.family).or_insert_with(|| Bits::none(count)).insert(index);
        }
        let mut matrix =
            Self { plain: Vec::new(), special: Vec::new(), translated: Vec::new(), of_family };
        matrix.special = matrix.special(survey, ledger);
        matrix.plain = matrix.plain(survey);
        matrix
    }

    pub(super) fn keep_family(&self, bits: &mut Bits, family: Family) {
        if self.of_family.len() > 1
            && let Some(own) = self.of_family.get(&family)
        {
            bits.keep(own);
        }
    }

    fn plain(&self, survey: &Survey<'_>) -> Vec<Bits> {
        let zones = &survey.fleet.zones;
        let mut rows: Vec<Bits> = Vec::with_capacity(zones.len());
        for (start, zone) in zones.all.iter().enumerate() {
            let mut row = survey.there.rows.0[start].surely();
            self.keep_family(&mut row, zone.family);
            survey.keep_passing(&mut row, zone.acl_out, &survey.forward);
            survey.keep_passing(&mut row, zone.acl_in, &survey.back);
            rows.push(row);
        }
        let mut columns = transposed(&rows, zones.len());
        for (end, (column, zone)) in columns.iter_mut().zip(&zones.all).enumerate() {
            column.keep(&survey.home.rows.0[end].surely());
            survey.keep_passing(column, zone.acl_out, &survey.back);
            survey.keep_passing(column, zone.acl_in, &survey.forward);
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

    /// Where a rule may go by more than sets, or the way is open or unknown.
    fn special(&mut self, survey: &Survey<'_>, ledger: &Ledger) -> Vec<Bits> {
        let zones = &survey.fleet.zones;
        let count = zones.len();
        let mut special = vec![Bits::none(count); count];
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
                for sweeps in [&survey.forward, &survey.back] {
                    for other in zones.bits(&sweeps.get(slot).open).iter() {
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
        self.translated = self.translated(survey, &mut special);
        // Those whom rules name across what nobody knows.
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
                            special[end].insert(start);
                        }
                    }
                }
            }
        }
        special
    }

    /// Where translators send in the clients' place.
    fn translated(&self, survey: &Survey<'_>, special: &mut [Bits]) -> Vec<Translated> {
        let zones = &survey.fleet.zones;
        let count = zones.len();
        let mut known: BTreeMap<TranslatorIndex, Beyond> = BTreeMap::new();
        let mut all = Vec::new();
        for (start, row) in survey.there.rows.0.iter().enumerate() {
            let zone = &zones.all[start];
            for (&translator, ends) in &row.via {
                let mut ends = ends.clone();
                ends.remove(&row.open);
                ends.remove(&row.unknown);
                row.delivered.values().for_each(|bits| ends.remove(bits));
                self.keep_family(&mut ends, zone.family);
                survey.keep_passing(&mut ends, zone.acl_out, &survey.forward);
                // Neighbours are reached without it.
                let wire = zone.wire.and_then(|wire| zones.of_wire.get(&wire));
                wire.into_iter().flatten().for_each(|&own| ends.take(own as usize));
                // What lies beyond is the same for all who come this way.
                let none = || Bits::none(count);
                let beyond = known.entry(translator).or_insert_with(|| Beyond {
                    asked: none(),
                    passed: none(),
                    unknown: none(),
                    unsure: none(),
                });
                let mut fresh = ends.clone();
                fresh.remove(&beyond.asked);
                for end in fresh.iter() {
                    let to = zones.all[end].seats.start;
                    match survey.beyond(translator, to).map(|beyond| beyond.fate()) {
                        Some(Fate::Reachable) => beyond.passed.insert(end),
                        Some(Fate::Blocked) => {}
                        Some(Fate::Unknown) => beyond.unknown.insert(end),
                        _ => beyond.unsure.insert(end),
                    }
                }
                beyond.asked.add(&fresh);
                let kept = |bits: &Bits| {
                    let mut kept = ends.clone();
                    kept.keep(bits);
                    kept
                };
                let (mut passed, mut unsure) = (kept(&beyond.passed), kept(&beyond.unsure));
                let unknown = kept(&beyond.unknown);
                let back = survey.home.back.get(&translator);
                match back.map_or(Come::Open, |row| row.of(start)) {
                    Come::Delivered(_) => {}
                    Come::Stopped => passed = none(),
                    _ => {
                        unsure.add(&passed);
                        passed = none();
                    }
                }
                survey.keep_passing(&mut passed, zone.acl_in, &survey.back);
                unsure.iter().for_each(|end| special[end].insert(start));
                all.push(Translated { start, translator, passed, unknown });
            }
        }
        for Translated { start, passed, unknown, .. } in &mut all {
            for ends in [passed, unknown] {
                let looked_at: Vec<usize> =
                    ends.iter().filter(|&end| special[end].contains(*start)).collect();
                looked_at.into_iter().for_each(|end| ends.take(end));
            }
        }
        all
    }
}

impl Survey<'_> {
    /// Keeps the zones that an ACL surely lets pass.
    pub(super) fn keep_passing(&self, row: &mut Bits, acl: Option<u32>, sweeps: &Sweeps) {
        let Some(acl) = acl else {
            *row = Bits::none(self.fleet.zones.len());
            return;
        };
        let pass: &IntervalSet<u32> = &sweeps.get(acl).pass;
        if pass.ranges() != [(0, u32::MAX)] {
            row.keep(&self.fleet.zones.bits(pass));
        }
    }
}
