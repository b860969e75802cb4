//! Which pairs of zones an edit touched.

use super::Survey;
use super::admits::Admits;
use super::bits::Bits;
use super::hosts::number;
use super::rows::Row;
use super::standing::{NewWays, Said};
use super::sweep::Sweep;
use super::ways::Ways;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The pairs of zones, client and server, whose hosts may fare otherwise.
pub(super) struct Touched {
    /// Each with whether that goes for whoever sits there, or only for those whose own groups are
    /// touched.
    pub(super) pairs: Vec<(u32, u32, bool)>,
}

impl Touched {
    pub(super) fn new(survey: &Survey<'_>, said: &BTreeMap<u32, Said>, ways: &NewWays) -> Self {
        let mut found = Found { survey, pairs: BTreeMap::new() };
        found.by_groups(said);
        found.by_acls(said);
        found.by_ways(ways);
        Self { pairs: found.pairs.into_iter().map(|((from, to), all)| (from, to, all)).collect() }
    }
}

struct Found<'s, 'f> {
    survey: &'s Survey<'f>,
    pairs: BTreeMap<(u32, u32), bool>,
}

impl Found<'_, '_> {
    fn add(&mut self, start: usize, end: usize, whoever: bool) {
        *self.pairs.entry((number(start), number(end))).or_default() |= whoever;
    }

    /// Where the groups of hosts admit others than before.
    fn by_groups(&mut self, said: &BTreeMap<u32, Said>) {
        let survey = self.survey;
        let surroundings = &survey.fleet.surroundings;
        for (&slot, said) in said {
            let old = survey.forward.get(slot);
            let of_slot = |index: Option<u32>| index == Some(slot);
            for (index, around) in (0..).zip(&surroundings.all) {
                let (out, into) = (of_slot(around.egress), of_slot(around.ingress));
                if !(out || into) {
                    continue;
                }
                let own: BTreeSet<u32> = survey.named(index).map(|class| class.zone).collect();
                if out {
                    let both = [old, &said.forward].map(|one| Admits::of_receivers(survey, one));
                    for end in self.differing(&both, old, &said.forward).iter() {
                        own.iter().for_each(|&start| self.add(start as usize, end, false));
                    }
                }
                if into {
                    let both = [old, &said.forward].map(|one| Admits::of_senders(survey, one));
                    for start in self.differing(&both, old, &said.forward).iter() {
                        own.iter().for_each(|&end| self.add(start, end as usize, false));
                        self.behind_translators_of(start, &own);
                    }
                }
            }
        }
    }

    /// The zones of which two filters may not say the same.
    fn differing(&self, both: &[Admits; 2], old: &Sweep, new: &Sweep) -> Bits {
        let zones = &self.survey.fleet.zones;
        let [one, other] = both.each_ref().map(|admits| {
            let mut full = Bits::none(zones.len());
            admits.cover.full.iter().for_each(|range| full.insert_range(range.clone()));
            full
        });
        let mut bits = one.differing(&other);
        if old.open != new.open {
            for set in [&old.open, &new.open] {
                let cover = zones.cover(set);
                cover.full.iter().for_each(|range| bits.insert_range(range.clone()));
                cover.partial.iter().for_each(|(zone, _)| bits.insert(*zone as usize));
            }
        }
        let [one, other] = both;
        if one.cover.partial != other.cover.partial {
            for (zone, _) in one.cover.partial.iter().chain(&other.cover.partial) {
                bits.insert(*zone as usize);
            }
        }
        for (around, tests) in one.names.iter().chain(&other.names) {
            let both = [one, other].map(|admits| admits.names.get(around));
            if both.iter().any(|one| *one != Some(tests)) {
                self.survey.named(*around).for_each(|class| bits.insert(class.zone as usize));
            }
        }
        bits
    }

    /// Adds those in whose place translators send from a zone to some others.
    fn behind_translators_of(&mut self, middle: usize, ends: &BTreeSet<u32>) {
        let zones = &self.survey.fleet.zones;
        let rows = &self.survey.there.rows.0;
        for (translator, &seat) in &zones.translators {
            if zones.zone_of(seat) != middle {
                continue;
            }
            for (start, row) in rows.iter().enumerate() {
                let Some(via) = row.via.get(translator) else { continue };
                let own = ends.iter().filter(|&&end| via.contains(end as usize));
                own.for_each(|&end| self.add(start, end as usize, true));
            }
        }
    }

    /// Where the ACLs of subnets let pass others than before.
    fn by_acls(&mut self, said: &BTreeMap<u32, Said>) {
        let survey = self.survey;
        let zones = &survey.fleet.zones;
        for (&slot, said) in said {
            let own: BTreeSet<u32> = (0..)
                .zip(&zones.all)
                .filter(|(_, zone)| zone.acl_in == Some(slot) || zone.acl_out == Some(slot))
                .map(|(index, _)| index)
                .collect();
            if own.is_empty() {
                continue;
            }
            let behind = survey.behind.as_ref().map(|behind| behind.sweeps.get(slot));
            let both = [
                (Some(survey.forward.get(slot)), Some(&said.forward)),
                (Some(survey.back.get(slot)), Some(&said.back)),
                (behind, said.behind.as_ref()),
            ];
            let mut bits = Bits::none(zones.len());
            for (old, new) in both {
                let (Some(old), Some(new)) = (old, new) else { continue };
                for (one, other) in [(&old.pass, &new.pass), (&old.open, &new.open)] {
                    bits.add(&zones.bits(one).differing(&zones.bits(other)));
                }
            }
            for other in bits.iter() {
                for &zone in &own {
                    self.add(zone as usize, other, true);
                    self.add(other, zone as usize, true);
                    // A translator there passes on what comes from anywhere.
                    self.behind_translators_of(zone as usize, &BTreeSet::from([number(other)]));
                }
                self.behind_translators_of(other, &own);
            }
        }
    }

    /// Where packets come out elsewhere than before.
    fn by_ways(&mut self, ways: &NewWays) {
        let survey = self.survey;
        for (start, ends) in differing(&survey.there, &ways.there) {
            for end in ends.iter() {
                self.add(start, end, true);
                self.behind_translators_of(start, &BTreeSet::from([number(end)]));
            }
        }
        for (end, starts) in differing(&survey.home, &ways.home) {
            starts.iter().for_each(|start| self.add(start, end, true));
        }
        if let (Some(old), Some(new)) = (&survey.behind, &ways.behind) {
            for (end, middles) in differing(&old.ways, new) {
                for middle in middles.iter() {
                    self.behind_translators_of(middle, &BTreeSet::from([number(end)]));
                }
            }
        }
        // Where replies come out of translators.
        for (translator, row) in &ways.home.back {
            let Some(old) = survey.home.back.get(translator) else { continue };
            if Arc::ptr_eq(row, old) || row == old {
                continue;
            }
            let starts = old.differing(row);
            for start in starts.iter() {
                if let Some(via) = survey.there.rows.0[start].via.get(translator) {
                    via.iter().for_each(|end| self.add(start, end, true));
                }
            }
        }
    }
}

/// The zones whose rows differ, each with the zones of which they do.
fn differing(old: &Arc<Ways>, new: &Arc<Ways>) -> Vec<(usize, Bits)> {
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
