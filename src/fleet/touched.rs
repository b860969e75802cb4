//! Which pairs of zones an edit touched.

use super::Survey;
use super::admits::Admits;
use super::bits::Bits;
use super::cells::{Search, Served};
use super::hosts::number;
use super::standing::{NewWays, Said, Sums};
use super::sweep::Sweep;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

/// The pairs of zones, client and server, whose hosts may fare otherwise.
pub(super) struct Touched {
    /// Each with whether that goes for whoever sits there, or only for those whose own groups are
    /// touched.
    pub(super) pairs: Vec<(u32, u32, bool)>,
    /// Where all hosts of zones are let in by groups, or are no longer.
    pub(super) wholes: BTreeMap<(usize, u32), Whole>,
    /// The slots that are of groups alone, and of what they let in.
    pub(super) by_senders: BTreeSet<u32>,
}

/// Zones all of whose hosts may enter the hosts of a zone that have some groups, or no longer may.
pub(super) struct Whole {
    pub(super) opened: Bits,
    pub(super) closed: Bits,
}

/// From how many zones on they are added up rather than looked at one by one.
const MANY: usize = 2;

impl Touched {
    pub(super) fn new(
        survey: &Survey<'_>,
        sums: Option<&Sums>,
        said: &BTreeMap<u32, Said>,
        ways: &NewWays,
        served: &OnceLock<Served>,
    ) -> Self {
        let acls: BTreeSet<u32> =
            said.keys().copied().filter(|&slot| survey.fleet.zones.is_acl(slot)).collect();
        let surroundings = &survey.fleet.surroundings;
        let mut receivers = BTreeSet::new();
        let mut turned = Bits::default();
        for &slot in said.keys() {
            for &around in surroundings.letting_out(slot) {
                receivers.insert(slot);
                survey.named(around).for_each(|class| turned.insert(class.zone as usize));
            }
        }
        let same_ways = ways.same(survey);
        let mut found = Found {
            survey,
            // What adds up is right as long as nothing changes between the zones.
            sums: sums.filter(|_| acls.is_empty() && same_ways),
            pairs: BTreeMap::new(),
            turned,
            wholes: BTreeMap::new(),
        };
        let mut search = Search::new(survey, served);
        found.by_groups(said, &mut search);
        search.by_acls(said);
        if !same_ways {
            search.by_ways(ways);
        }
        search.found().pairs().for_each(|(start, end)| found.add(start, end, true));
        let others = |slot: &u32| !acls.contains(slot) && !receivers.contains(slot);
        Self {
            pairs: found.pairs.into_iter().map(|((from, to), all)| (from, to, all)).collect(),
            wholes: found.wholes,
            by_senders: said.keys().copied().filter(others).collect(),
        }
    }

    /// Whether the pairs of a zone's hosts with those of another that have some groups are added up.
    pub(super) fn adds_up(&self, start: usize, end: usize, slot: Option<u32>) -> bool {
        let whole = slot.and_then(|slot| self.wholes.get(&(end, slot)));
        whole.is_some_and(|whole| whole.opened.contains(start) || whole.closed.contains(start))
    }
}

struct Found<'s, 'f> {
    survey: &'s Survey<'f>,
    sums: Option<&'s Sums>,
    pairs: BTreeMap<(u32, u32), bool>,
    /// The zones with hosts whose groups let out others than before.
    turned: Bits,
    wholes: BTreeMap<(usize, u32), Whole>,
}

impl Found<'_, '_> {
    fn add(&mut self, start: usize, end: usize, whoever: bool) {
        *self.pairs.entry((number(start), number(end))).or_default() |= whoever;
    }

    /// Where the groups of hosts admit others than before.
    fn by_groups(&mut self, said: &BTreeMap<u32, Said>, search: &mut Search<'_, '_>) {
        let survey = self.survey;
        let surroundings = &survey.fleet.surroundings;
        for (&slot, said) in said {
            let old = survey.forward.get(slot);
            let zones = |arounds: &[u32]| -> BTreeSet<u32> {
                let classes = arounds.iter().flat_map(|&around| survey.named(around));
                classes.map(|class| class.zone).collect()
            };
            let own = zones(surroundings.letting_out(slot));
            if !own.is_empty() {
                let both = [old, &said.forward].map(|one| Admits::of_receivers(survey, one));
                for end in self.differing(&both, old, &said.forward).iter() {
                    own.iter().for_each(|&start| self.add(start as usize, end, false));
                }
            }
            let own = zones(surroundings.letting_in(slot));
            if !own.is_empty() {
                let both = [old, &said.forward].map(|one| Admits::of_senders(survey, one));
                let starts = self.differing(&both, old, &said.forward);
                let mut ends = Bits::default();
                own.iter().for_each(|&end| ends.insert(end as usize));
                starts.iter().for_each(|start| search.behind_translators_of(start, &ends));
                for &end in &own {
                    let mut rest = starts.clone();
                    self.add_wholes(&both, slot, end as usize, &mut rest);
                    rest.iter().for_each(|start| self.add(start, end as usize, false));
                }
            }
        }
    }

    /// Takes out of some zones those of which all hosts may enter now, or may no longer, where they
    /// can be added up.
    fn add_wholes(&mut self, both: &[Admits; 2], slot: u32, end: usize, starts: &mut Bits) {
        let Some(sums) = self.sums else { return };
        let zones = &self.survey.fleet.zones;
        if starts.count() < MANY {
            return;
        }
        let mut whole = starts.clone();
        whole.keep(&sums.simple);
        whole.remove(&self.turned);
        whole.remove(&sums.matrix.special[end]);
        let wire = zones.all[end].wire.and_then(|wire| zones.of_wire.get(&wire));
        wire.into_iter().flatten().for_each(|&own| whole.take(own as usize));
        let full = both.each_ref().map(|admits| admits.cover.whole());
        for admits in both {
            admits.cover.partial.iter().for_each(|(zone, _)| whole.take(*zone as usize));
            for &around in admits.names.keys() {
                let named = self.survey.named(around);
                named.for_each(|class| whole.take(class.zone as usize));
            }
        }
        let [mut opened, mut closed] = [full[1].clone(), full[0].clone()];
        opened.remove(&full[0]);
        closed.remove(&full[1]);
        starts.remove(&whole);
        whole.keep(&sums.matrix.plain[end]);
        opened.keep(&whole);
        closed.keep(&whole);
        // Odd hosts of the zone itself are looked at, whoever comes.
        if self.survey.classes.of_zone(end).any(|class| class.odd) {
            starts.add(&whole);
            return;
        }
        self.wholes.insert((end, slot), Whole { opened, closed });
    }

    /// The zones of which two filters may not say the same.
    fn differing(&self, both: &[Admits; 2], old: &Sweep, new: &Sweep) -> Bits {
        let zones = &self.survey.fleet.zones;
        let [one, other] = both.each_ref().map(|admits| admits.cover.whole());
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
}
