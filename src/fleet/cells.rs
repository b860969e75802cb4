//! The pairs of zones between which an edit of routes or ACLs may have put something else.

use super::Survey;
use super::bits::Bits;
use super::rows::Row;
use super::standing::{NewWays, Said};
use super::ways::Ways;
use crate::graph::TranslatorIndex;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock};

/// For each zone that requests are from, the zones that they are for.
#[derive(Debug, Default)]
pub(super) struct Cells {
    pub(super) ends: BTreeMap<usize, Bits>,
}

/// The translators of each zone, each with the zones that it sends for.
pub(super) type Served = BTreeMap<usize, Vec<(TranslatorIndex, Vec<usize>)>>;

/// Where an edit is looked for.
pub(super) struct Search<'s, 'f> {
    survey: &'s Survey<'f>,
    served: &'s OnceLock<Served>,
    cells: Cells,
}

impl<'s, 'f> Search<'s, 'f> {
    pub(super) fn new(survey: &'s Survey<'f>, served: &'s OnceLock<Served>) -> Self {
        Self { survey, served, cells: Cells::default() }
    }

    /// What was found.
    pub(super) fn found(self) -> Cells {
        self.cells
    }

    fn add(&mut self, start: usize, ends: &Bits) {
        self.cells.ends.entry(start).or_default().add(ends);
    }

    /// Adds those in whose place translators send from a zone to some others.
    pub(super) fn behind_translators_of(&mut self, middle: usize, ends: &Bits) {
        let survey = self.survey;
        if !survey.fleet.zones.is_middle(middle) {
            return;
        }
        let served = self.served.get_or_init(|| served(survey));
        for (translator, starts) in served.get(&middle).into_iter().flatten() {
            for &start in starts {
                let Some(via) = survey.there.rows.0[start].via.get(translator) else { continue };
                let mut own = via.clone();
                own.keep(ends);
                if !own.is_empty() {
                    self.add(start, &own);
                }
            }
        }
    }

    /// Where the ACLs of subnets let pass others than before.
    pub(super) fn by_acls(&mut self, said: &BTreeMap<u32, Said>) {
        let survey = self.survey;
        let zones = &survey.fleet.zones;
        for (&slot, said) in said {
            let mut own = Bits::default();
            for (index, zone) in zones.all.iter().enumerate() {
                if zone.acl_in == Some(slot) || zone.acl_out == Some(slot) {
                    own.insert(index);
                }
            }
            if own.is_empty() {
                continue;
            }
            let behind = survey.behind.as_ref().map(|behind| behind.sweeps.get(slot));
            let both = [
                (Some(survey.forward.get(slot)), Some(&said.forward)),
                (Some(survey.back.get(slot)), Some(&said.back)),
                (behind, said.behind.as_ref()),
            ];
            let mut others = Bits::default();
            for (old, new) in both {
                let (Some(old), Some(new)) = (old, new) else { continue };
                for (one, other) in [(&old.pass, &new.pass), (&old.open, &new.open)] {
                    others.add(&zones.bits(one).differing(&zones.bits(other)));
                }
            }
            for zone in own.iter() {
                self.add(zone, &others);
                // A translator there passes on what comes from anywhere.
                self.behind_translators_of(zone, &others);
            }
            for other in others.iter() {
                self.add(other, &own);
                self.behind_translators_of(other, &own);
            }
        }
    }

    /// Where packets come out elsewhere than before.
    pub(super) fn by_ways(&mut self, ways: &NewWays) {
        let survey = self.survey;
        for (start, ends) in differing(&survey.there, &ways.there) {
            self.add(start, &ends);
            self.behind_translators_of(start, &ends);
        }
        for (end, starts) in differing(&survey.home, &ways.home) {
            let end = Bits::range(end..end + 1);
            starts.iter().for_each(|start| self.add(start, &end));
        }
        if let (Some(old), Some(new)) = (&survey.behind, &ways.behind) {
            for (end, middles) in differing(&old.ways, new) {
                let end = Bits::range(end..end + 1);
                middles.iter().for_each(|middle| self.behind_translators_of(middle, &end));
            }
        }
        // Where replies come out of translators.
        for (translator, row) in &ways.home.back {
            let Some(old) = survey.home.back.get(translator) else { continue };
            if Arc::ptr_eq(row, old) {
                continue;
            }
            for start in old.differing(row).iter() {
                if let Some(via) = survey.there.rows.0[start].via.get(translator) {
                    self.add(start, via);
                }
            }
        }
    }
}

impl Cells {
    /// The pairs, as client and server.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.ends.iter().flat_map(|(&start, ends)| ends.iter().map(move |end| (start, end)))
    }

    /// How many pairs there are.
    pub(super) fn count(&self) -> usize {
        self.ends.values().map(Bits::count).sum()
    }
}

/// The translators of each zone, each with the zones that it sends for.
fn served(survey: &Survey<'_>) -> Served {
    let zones = &survey.fleet.zones;
    let mut starts: BTreeMap<TranslatorIndex, Vec<usize>> = BTreeMap::new();
    for (start, row) in survey.there.rows.0.iter().enumerate() {
        row.via.keys().for_each(|&one| starts.entry(one).or_default().push(start));
    }
    let mut served = Served::new();
    for (translator, starts) in starts {
        if let Some(&seat) = zones.translators.get(&translator) {
            served.entry(zones.zone_of(seat)).or_default().push((translator, starts));
        }
    }
    served
}

/// Whether translators send for the same zones as before.
pub(super) fn serve_alike(old: &Arc<Ways>, new: &Arc<Ways>) -> bool {
    let mut rows = old.rows.0.iter().zip(&new.rows.0);
    rows.all(|(old, new)| Arc::ptr_eq(old, new) || old.via.keys().eq(new.via.keys()))
}

/// The zones whose rows differ, each with the zones of which they do.
pub(super) fn differing(old: &Arc<Ways>, new: &Arc<Ways>) -> Vec<(usize, Bits)> {
    if Arc::ptr_eq(old, new) {
        return Vec::new();
    }
    let mut known: HashMap<(*const Row, *const Row), Option<Bits>> = HashMap::new();
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
