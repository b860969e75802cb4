//! Where packets come out after an edit: only what the edit leads elsewhere is followed again.

use super::bits::Bits;
use super::rows::Row;
use super::sweep::{Sweep, Sweeper};
use super::ways::{Walk, Ways};
use crate::graph::{Changed, Guard, GuardId};
use crate::header::{AddressSet, IntervalSet};
use petgraph::graph::NodeIndex;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

impl Ways {
    /// The same after an edit, for less than from nothing where that tells what it leads elsewhere.
    ///
    /// `None` where the edit tells hosts of a zone apart.
    pub(super) fn again(
        self: &Arc<Self>,
        sweeper: &Sweeper<'_>,
        changed: &Changed,
    ) -> Option<Arc<Self>> {
        let zones = sweeper.zones;
        let cuts = |set: &IntervalSet<u32>| !zones.cover(set).partial.is_empty();
        let cut_by = |sweep: &Sweep| cuts(&sweep.pass) || cuts(&sweep.open);
        let differs = |guard: GuardId| match self.swept.get(&guard) {
            Some(old) => sweeper.sweep(guard) != **old,
            None => true,
        };
        // Rules may be asked anywhere; what else there is belongs to the places that changed.
        let asked = changed.guards.iter().filter(|guard| self.swept.contains_key(guard));
        let mut anew: BTreeSet<GuardId> = asked.copied().filter(|&guard| differs(guard)).collect();
        let places: BTreeSet<NodeIndex> = changed.places.iter().copied().collect();
        if !anew.is_empty() && !places.is_empty() {
            let routers = zones.all.iter().filter_map(|zone| zone.router);
            let passed: BTreeSet<NodeIndex> = self.passed.iter().copied().chain(routers).collect();
            let edges =
                passed.difference(&places).flat_map(|&place| sweeper.graph.places.edges(place));
            let theirs = edges.flat_map(|edge| edge.weight().guards.iter().copied());
            anew = theirs.filter(|guard| anew.contains(guard)).collect();
        }
        if anew.iter().any(|&guard| cut_by(&sweeper.sweep(guard))) {
            return None;
        }
        // Rules that were told anew may have another's number now.
        let told: BTreeSet<GuardId> = changed.guards.iter().copied().collect();
        let mut asked = BTreeMap::new();
        for edge in places.iter().flat_map(|&place| sweeper.graph.places.edges(place)) {
            let passage = edge.weight();
            for &guard in passage.guards.iter().filter(|guard| told.contains(guard)) {
                if matches!(*sweeper.graph.guards[guard as usize], Guard::Rules(_)) {
                    asked.entry(guard).or_insert_with(|| Arc::new(sweeper.sweep(guard)));
                }
            }
            let mut guards = passage.guards.iter().map(|&guard| sweeper.sweep(guard));
            if passage.selects.plain.meets(&changed.destinations)
                && (cuts(&zones.seats_in(&passage.selects.plain))
                    || guards.any(|sweep| cut_by(&sweep)))
            {
                return None;
            }
        }
        if !anew.is_empty() {
            return Some(Arc::new(Self::new(sweeper)));
        }
        let cover = zones.cover(&zones.seats_in(&changed.destinations));
        let mut wanted = cover.whole();
        cover.partial.iter().for_each(|(zone, _)| wanted.insert(*zone as usize));
        asked.retain(|guard, sweep| self.swept.get(guard) != Some(sweep));
        if wanted.is_empty() && asked.is_empty() {
            return Some(Arc::clone(self));
        }
        let ways = self.rerouted(sweeper, &changed.destinations, &places, &wanted);
        let Some(mut ways) = ways else { return Some(Arc::new(Self::new(sweeper))) };
        if !asked.is_empty() {
            Arc::make_mut(&mut ways.swept).extend(asked);
        }
        Some(if ways.is(self) { Arc::clone(self) } else { Arc::new(ways) })
    }

    /// Whether an edit is of no rule that was asked on the way.
    pub(super) fn ask_none_of(&self, changed: &Changed) -> bool {
        changed.guards.iter().all(|guard| !self.swept.contains_key(guard))
    }

    /// Whether these are others' very rows.
    fn is(&self, other: &Self) -> bool {
        let rows = self.rows.0.iter().zip(&other.rows.0);
        Arc::ptr_eq(&self.swept, &other.swept)
            && Arc::ptr_eq(&self.passed, &other.passed)
            && rows
                .chain(self.back.values().zip(other.back.values()))
                .all(|(a, b)| Arc::ptr_eq(a, b))
    }

    /// Follows the packets for some destinations, and their zones, again, where others than before
    /// lead out of some places.
    ///
    /// `None` where some go round in a circle, so that it matters how they came there.
    fn rerouted(
        &self,
        sweeper: &Sweeper<'_>,
        destinations: &AddressSet,
        places: &BTreeSet<NodeIndex>,
        wanted: &Bits,
    ) -> Option<Self> {
        let mut walk = Walk::to(sweeper, wanted.clone(), destinations);
        let turned = |old: &Arc<Row>, new: Arc<Row>| {
            let circles = old.open.meets(wanted) || !new.open.is_empty();
            (!circles).then(|| match Row::clone(old).kept(wanted) == *new {
                true => Arc::clone(old),
                false => Arc::new(old.with(wanted, &new)),
            })
        };
        let mut ways = self.clone();
        // Others come through, or only those start there whose router it is.
        let all = places.iter().any(|place| self.passed.contains(place));
        for (zone, row) in ways.rows.0.iter_mut().enumerate() {
            let Some(router) = sweeper.zones.all[zone].router else { continue };
            if all || places.contains(&router) {
                *row = turned(row, walk.row_of_zone(zone))?;
            }
        }
        let back = if all { walk.back() } else { BTreeMap::new() };
        for (translator, new) in back {
            let row = ways.back.get_mut(&translator)?;
            *row = turned(row, new)?;
        }
        let (mut asked, come_through) = walk.seen();
        asked.retain(|guard, sweep| ways.swept.get(guard) != Some(sweep));
        if !asked.is_empty() {
            Arc::make_mut(&mut ways.swept).extend(asked);
        }
        if !come_through.is_subset(&ways.passed) {
            Arc::make_mut(&mut ways.passed).extend(come_through);
        }
        Some(ways)
    }
}
