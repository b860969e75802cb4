//! All pairs, kept up while the graph is edited: only pairs that an edit touches are looked at again.

use super::bits::Bits;
use super::cells::{Search, Served, serve_alike};
use super::delta::{Delta, Shift};
use super::ledger::Ledger;
use super::matrix::Matrix;
use super::pair::Fate;
use super::rectangles::{Rectangle, fates};
use super::sweep::{Sweep, Sweeper, Test};
use super::touched::Touched;
use super::turned::{Many, Turned};
use super::ways::Ways;
use super::{Fleet, Kinds, Survey, Sweepers, Tally};
use crate::graph::{Changed, Crossing, Graph};
use crate::header::IntervalSet;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

/// Up to how many pairs of zones are looked at one by one, or else what part of them all; where it
/// is more, all are put together again.
const FEW: usize = 4_096;
const MUCH: usize = 32;

/// All pairs on one port, kept up.
#[derive(Clone, Debug)]
pub struct Standing<'f> {
    survey: Survey<'f>,
    tally: Tally,
    /// What lies between the zones, until routes or ACLs are edited.
    sums: Option<Sums>,
    /// For whom translators send, once that is asked.
    served: OnceLock<Served>,
}

/// What adds up pairs of whole zones.
#[derive(Clone, Debug)]
pub(super) struct Sums {
    pub(super) matrix: Arc<Matrix>,
    ledger: Ledger,
    /// The zones whose hosts' groups let out everything, with nobody who is odd.
    pub(super) simple: Bits,
    /// What packets cross between zones.
    crossings: BTreeSet<Crossing>,
}

/// What packets cross between zones.
fn crossings(survey: &Survey<'_>) -> BTreeSet<Crossing> {
    let rows = survey.there.rows.0.iter();
    rows.flat_map(|row| row.delivered.keys().copied()).collect()
}

impl Sums {
    fn new(survey: &Survey<'_>) -> Self {
        let ledger = survey.ledger(&vec![0; survey.fleet.hosts.len()]);
        let matrix = survey.matrix().naming(survey, &ledger);
        let mut simple = Bits::default();
        for zone in 0..survey.fleet.zones.len() {
            let mut classes = survey.classes.of_zone(zone);
            if classes.all(|one| !one.odd && (!one.sends || ledger.is_free(survey, one))) {
                simple.insert(zone);
            }
        }
        Self { matrix, ledger, simple, crossings: crossings(survey) }
    }

    /// Whether a rule names somebody across what nobody knows.
    fn names_unsure(&self, sweep: &Sweep) -> bool {
        let mut tests = sweep
            .references
            .iter()
            .flat_map(|rule| self.crossings.iter().map(|&crossing| rule.of_sender(crossing)));
        tests.any(|test| test == Test::Open)
    }

    /// How many hosts of some zones send to everybody.
    fn senders(&self, zones: &Bits) -> u64 {
        zones.iter().map(|zone| self.ledger.free[zone]).sum()
    }
}

/// What a slot's guard says before an edit, or after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) forward: Sweep,
    pub(super) back: Sweep,
    pub(super) behind: Option<Sweep>,
}

impl Said {
    /// What tells hosts apart by their addresses.
    pub(super) fn sets(&self) -> impl Iterator<Item = &IntervalSet<u32>> {
        [&self.forward.pass, &self.forward.open].into_iter()
    }
}

impl<'f> Standing<'f> {
    /// Counts all pairs, to be kept up. Pairs that have to be walked stay [`Fate::Open`].
    #[must_use]
    pub fn new(survey: Survey<'f>) -> Self {
        let sums = Sums::new(&survey);
        let all = survey.tally_over(&sums.matrix, &sums.ledger, &mut |_, _| Fate::Open);
        let tally = survey.with_blocked(&all);
        Self { survey, tally, sums: Some(sums), served: OnceLock::new() }
    }

    /// How all pairs fare.
    #[must_use]
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// What is kept up.
    #[must_use]
    pub fn survey(&self) -> &Survey<'f> {
        &self.survey
    }

    /// Looks again at the pairs that an edit of the graph touched.
    ///
    /// `None` where it did more than can be told pair by pair, such as to cut subnets anew: then the
    /// hosts have to be sorted and counted again.
    pub fn update(&mut self, graph: &Graph, changed: &Changed) -> Option<Delta> {
        let fleet = self.survey.fleet;
        let Fleet { zones, surroundings, .. } = fleet;
        if !zones.hold_for(graph, changed) || !surroundings.hold_for(graph, changed) {
            return None;
        }
        let demand = self.survey.demand.clone();
        let kinds = Kinds::new(fleet, graph, &demand);
        let sweepers = kinds.sweepers(fleet, graph, &demand);
        let said = self.said(&sweepers, changed)?;
        let ways = self.ways(&sweepers, changed)?;
        let groups_stay = said.keys().all(|&slot| fleet.zones.is_acl(slot));
        if groups_stay && (!said.is_empty() || !ways.same(&self.survey)) {
            return Some(self.turn(said, ways));
        }
        if self.sums.is_none() && !said.is_empty() && ways.same(&self.survey) {
            self.sums = Some(Sums::new(&self.survey));
        }
        let touched = Touched::new(&self.survey, self.sums.as_ref(), &said, &ways, &self.served);
        let rectangles = self.rectangles(&touched, &said);
        let mut delta = Delta::default();
        self.shift_wholes(&touched, &mut delta);
        let before = fates(&self.survey, &rectangles);
        self.take(said, ways, &touched);
        let after = fates(&self.survey, &rectangles);
        self.shift(rectangles, before, after, &mut delta);
        Some(delta)
    }

    fn shift(
        &mut self,
        rectangles: Vec<Rectangle>,
        before: Vec<Fate>,
        after: Vec<Fate>,
        delta: &mut Delta,
    ) {
        for ((one, before), after) in rectangles.into_iter().zip(before).zip(after) {
            if before != after {
                self.tally.take(before, one.pairs);
                self.tally.add(after, one.pairs);
                let (from, to) = (self.survey.position(one.from), self.survey.position(one.to));
                delta.shifts.push(Shift { from, to, pairs: one.pairs, before, after });
            }
        }
    }

    /// Follows an edit of what lies between hosts, whose groups stay.
    fn turn(&mut self, said: BTreeMap<u32, Said>, ways: NewWays) -> Delta {
        let mut sums = self.sums.take().unwrap_or_else(|| Sums::new(&self.survey));
        // Groups may have been edited since.
        sums.ledger.filters = Arc::clone(self.survey.filters());
        let mut search = Search::new(&self.survey, &self.served);
        search.by_acls(&said);
        search.by_ways(&ways);
        let cells = search.found();
        let mut new = self.survey.clone();
        new.matrix = OnceLock::new();
        new.say(said);
        new.lead(ways);
        let (old, ledger) = (&self.survey, &sums.ledger);
        let zones = old.fleet.zones.len();
        let few = !old.fleet.zones.overlapping && cells.count() <= FEW.max(zones * zones / MUCH);
        let matrix = match few {
            true => Arc::new(sums.matrix.patched(&new, ledger, &cells)),
            false => new.matrix().naming(&new, ledger),
        };
        let cells = few.then_some(&cells);
        let turned = Turned { old, new: &new, before: &sums.matrix, after: &matrix, ledger, cells };
        let (many, apart) = turned.found();
        let mut rectangles = Vec::new();
        let none = BTreeMap::new();
        let mut look_at = |start: usize, end: usize, odd: bool| {
            for client in old.classes.of_zone(start) {
                for server in old.classes.of_zone(end) {
                    if (client.odd || server.odd) == odd {
                        old.add_rectangles(client, server, &none, &mut rectangles);
                    }
                }
            }
        };
        for (end, starts) in apart.iter().enumerate() {
            let starts = starts.iter().filter(|&start| turned.differs(start, end));
            starts.for_each(|start| look_at(start, end, false));
        }
        turned.odd().into_iter().for_each(|(start, end)| look_at(start, end, true));
        let (before, after) = (fates(old, &rectangles), fates(&new, &rectangles));
        let mut delta = Delta::default();
        for one in many {
            let Many { before, after, .. } = one;
            self.tally.take(before, one.pairs);
            self.tally.add(after, one.pairs);
            let (from, to) = (self.survey.position(one.from), self.survey.position(one.to));
            delta.shifts.push(Shift { from, to, pairs: one.pairs, before, after });
        }
        let crossings = crossings(&new);
        if !serve_alike(&self.survey.there, &new.there) {
            self.served = OnceLock::new();
        }
        self.survey = new;
        self.sums = Some(Sums { matrix, crossings, ..sums });
        self.shift(rectangles, before, after, &mut delta);
        delta
    }

    /// Shifts the pairs of whole zones that a class lets in now, or no longer.
    fn shift_wholes(&mut self, touched: &Touched, delta: &mut Delta) {
        let Some(sums) = &self.sums else { return };
        let survey = &self.survey;
        for (&(end, slot), whole) in &touched.wholes {
            let fates = [
                (&whole.opened, Fate::Blocked, Fate::Reachable),
                (&whole.closed, Fate::Reachable, Fate::Blocked),
            ];
            for (starts, before, after) in fates {
                let classes = survey.classes.of_zone(end);
                for class in classes.filter(|one| one.takes && !one.odd) {
                    if survey.around(class.seat).ingress != Some(slot) {
                        continue;
                    }
                    let pairs = sums.senders(starts) * class.count();
                    let clients = starts.iter().flat_map(|zone| survey.classes.of_zone(zone));
                    let Some(client) = { clients }.find(|one| one.sends) else { continue };
                    self.tally.take(before, pairs);
                    self.tally.add(after, pairs);
                    let (from, to) = (survey.position(client.seat), survey.position(class.seat));
                    delta.shifts.push(Shift { from, to, pairs, before, after });
                }
            }
        }
    }

    /// What the guards of hosts say now that changed.
    fn said(&self, sweepers: &Sweepers<'_>, changed: &Changed) -> Option<BTreeMap<u32, Said>> {
        let fleet = self.survey.fleet;
        let mut said = BTreeMap::new();
        for guard in &changed.guards {
            let Some(slot) = fleet.surroundings.slot_of(*guard) else { continue };
            let new = Said {
                forward: sweepers.requests.sweep(*guard),
                back: sweepers.replies.sweep(*guard),
                behind: sweepers.behind.as_ref().map(|sweeper| sweeper.sweep(*guard)),
            };
            let old = self.survey.said(slot);
            if new == old {
                continue;
            }
            // Whose address is another's, too, has been settled for the rules of before.
            let named_otherwise = new.forward.references != old.forward.references;
            if fleet.zones.overlapping && named_otherwise {
                return None;
            }
            let sweeps = [Some(&new.forward), Some(&new.back), new.behind.as_ref()];
            let cuts = |sweep: &Sweep| fleet.cuts(&sweep.pass) || fleet.cuts(&sweep.open);
            if sweeps.into_iter().flatten().any(cuts) && fleet.zones.is_acl(slot) {
                return None;
            }
            said.insert(slot, new);
        }
        Some(said)
    }

    /// Where packets come out now.
    fn ways(&self, sweepers: &Sweepers<'_>, changed: &Changed) -> Option<NewWays> {
        let again = |sweeper: &Sweeper<'_>, old: &Arc<Ways>| old.again(sweeper, changed);
        let there = again(&sweepers.requests, &self.survey.there)?;
        let home = again(&sweepers.replies, &self.survey.home)?;
        let behind = match (&sweepers.behind, &self.survey.behind) {
            // Where the two were the same and still are, they are followed once.
            (Some(sweeper), Some(old)) => match Arc::ptr_eq(&old.ways, &self.survey.home) {
                true if Arc::ptr_eq(&old.ways, &home) && home.ask_none_of(changed) => {
                    Some(Arc::clone(&home))
                }
                true if home.hold_for(sweeper) => Some(Arc::clone(&home)),
                _ => Some(again(sweeper, &old.ways)?),
            },
            _ => None,
        };
        Some(NewWays { there, home, behind })
    }

    fn take(&mut self, said: BTreeMap<u32, Said>, ways: NewWays, touched: &Touched) {
        let survey = &mut self.survey;
        // Whoever looks at all pairs again works that out again.
        survey.filters = OnceLock::new();
        if !ways.same(survey) || said.keys().any(|&slot| survey.fleet.zones.is_acl(slot)) {
            (survey.matrix, self.served) = (OnceLock::new(), OnceLock::new());
        }
        let mut opens = false;
        // What is let in by groups is in no sum; what else changed is.
        let mut in_sums = !ways.same(survey);
        for (&slot, said) in &said {
            let old = survey.forward.get(slot);
            opens |= old.open.is_empty() != said.forward.open.is_empty();
            let named_otherwise = old.references != said.forward.references;
            let unsure =
                |sweep: &Sweep| self.sums.as_ref().is_some_and(|sums| sums.names_unsure(sweep));
            in_sums |= named_otherwise && (unsure(old) || unsure(&said.forward))
                || !touched.by_senders.contains(&slot);
        }
        survey.lead(ways);
        survey.say(said);
        if opens {
            survey.classes = Arc::new(super::Classes::new(survey));
        }
        if in_sums || opens {
            self.sums = None;
        }
    }

    /// The pairs that have to be looked at again.
    fn rectangles(&self, touched: &Touched, said: &BTreeMap<u32, Said>) -> Vec<Rectangle> {
        let mut all = Vec::new();
        let classes = &self.survey.classes;
        for &(start, end, whoever) in &touched.pairs {
            for client in classes.of_zone(start as usize) {
                for server in classes.of_zone(end as usize) {
                    let out = self.survey.around(client.seat).egress;
                    let into = self.survey.around(server.seat).ingress;
                    let differs =
                        |slot: Option<u32>| slot.is_some_and(|slot| said.contains_key(&slot));
                    let added_up = touched.adds_up(start as usize, end as usize, into);
                    if !added_up && (whoever || differs(out) || differs(into)) {
                        self.survey.add_rectangles(client, server, said, &mut all);
                    }
                }
            }
        }
        all
    }
}

/// Where packets come out after an edit.
pub(super) struct NewWays {
    pub(super) there: Arc<Ways>,
    pub(super) home: Arc<Ways>,
    pub(super) behind: Option<Arc<Ways>>,
}

impl NewWays {
    /// Whether they are those of before.
    pub(super) fn same(&self, survey: &Survey<'_>) -> bool {
        let behind = survey.behind.as_ref().map(|behind| &behind.ways);
        Arc::ptr_eq(&survey.there, &self.there)
            && Arc::ptr_eq(&survey.home, &self.home)
            && match (behind, &self.behind) {
                (Some(old), Some(new)) => Arc::ptr_eq(old, new),
                _ => true,
            }
    }
}

impl Survey<'_> {
    /// Takes what guards say now.
    fn say(&mut self, said: BTreeMap<u32, Said>) {
        for (slot, said) in said {
            let slot = slot as usize;
            Arc::make_mut(&mut self.forward).0[slot] = Arc::new(said.forward);
            Arc::make_mut(&mut self.back).0[slot] = Arc::new(said.back);
            if let (Some(own), Some(behind)) = (&mut self.behind, said.behind) {
                Arc::make_mut(&mut own.sweeps).0[slot] = Arc::new(behind);
            }
        }
    }

    /// Takes where packets come out now.
    fn lead(&mut self, ways: NewWays) {
        (self.there, self.home) = (ways.there, ways.home);
        if let (Some(own), Some(ways)) = (&mut self.behind, ways.behind) {
            own.ways = ways;
        }
    }

    /// What the guard of a slot says.
    fn said(&self, slot: u32) -> Said {
        Said {
            forward: Sweep::clone(self.forward.get(slot)),
            back: Sweep::clone(self.back.get(slot)),
            behind: self.behind.as_ref().map(|behind| Sweep::clone(behind.sweeps.get(slot))),
        }
    }
}

impl Fleet {
    /// Whether a set cuts a zone.
    pub(super) fn cuts(&self, set: &IntervalSet<u32>) -> bool {
        !self.zones.cover(set).partial.is_empty()
    }
}
