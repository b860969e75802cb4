//! Which changes explain which verdicts: the network is solved again with some of them.

use super::changes::{Change, Changed};
use super::flips::{Asked, Flip, Flips, Side};
use crate::network::Network;
use std::collections::{BTreeMap, BTreeSet};

/// Up to so many changes are each tried alone; of more, the smallest sets are searched for at once.
const SINGLES: usize = 64;

/// What explains a verdict that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// Sets of changes, as places in the list of changes: each set alone turns the verdict, and no
    /// part of it does.
    pub sets: Vec<BTreeSet<usize>>,
}

/// For each verdict that differs, the changes that turn it: every single one that does so alone, or
/// else one smallest set that does so together. `verdicts` gives every verdict of a network.
pub fn explain(
    before: &Network,
    after: &Network,
    changes: &[Change],
    flips: &Flips,
    verdicts: impl Fn(Network) -> Asked,
) -> Vec<Explanation> {
    let mut search = Search { before, after, changes, verdicts, known: BTreeMap::new() };
    flips.flips.iter().map(|flip| search.explanation(flip)).collect()
}

struct Search<'a, V> {
    before: &'a Network,
    after: &'a Network,
    changes: &'a [Change],
    verdicts: V,
    known: BTreeMap<BTreeSet<usize>, Asked>,
}

impl<V: Fn(Network) -> Asked> Search<'_, V> {
    fn explanation(&mut self, flip: &Flip) -> Explanation {
        let all: Vec<usize> = (0..self.changes.len()).collect();
        if all.len() <= SINGLES {
            let alone: Vec<BTreeSet<usize>> = all
                .iter()
                .map(|&one| BTreeSet::from([one]))
                .filter(|set| self.turns(set, flip))
                .collect();
            if !alone.is_empty() {
                return Explanation { sets: alone };
            }
        }
        let all: BTreeSet<usize> = all.into_iter().collect();
        let sets = match self.turns(&all, flip) {
            true => vec![self.smallest(all, flip)],
            false => Vec::new(),
        };
        Explanation { sets }
    }

    /// Whether some of the changes give the verdict that all of them give.
    fn turns(&mut self, set: &BTreeSet<usize>, flip: &Flip) -> bool {
        if !self.known.contains_key(set) {
            let asked = (self.verdicts)(self.with(set));
            self.known.insert(set.clone(), asked);
        }
        let side: Option<&Side> = self.known.get(set).and_then(|asked| asked.get(&flip.subject));
        side == flip.after.as_ref()
    }

    /// Delta debugging: a set of which no part does, by leaving out ever smaller parts.
    fn smallest(&mut self, mut set: BTreeSet<usize>, flip: &Flip) -> BTreeSet<usize> {
        let mut parts = 2;
        while set.len() > 1 {
            let items: Vec<usize> = set.iter().copied().collect();
            let size = items.len().div_ceil(parts);
            let smaller = items.chunks(size).find_map(|part| {
                let part: BTreeSet<usize> = part.iter().copied().collect();
                let rest: BTreeSet<usize> = set.difference(&part).copied().collect();
                if self.turns(&part, flip) {
                    return Some((part, 2));
                }
                (!rest.is_empty() && self.turns(&rest, flip))
                    .then(|| (rest, parts.saturating_sub(1).max(2)))
            });
            match smaller {
                Some((found, next)) => (set, parts) = (found, next),
                None if size == 1 => break,
                None => parts = (parts * 2).min(items.len()),
            }
        }
        set
    }

    /// The first network with some of the changes.
    fn with(&self, set: &BTreeSet<usize>) -> Network {
        let mut network = self.before.clone();
        for change in set.iter().filter_map(|&one| self.changes.get(one)) {
            match (change.kind, change.changed) {
                (Some(kind), Changed::Removed) => {
                    network.remove(kind, &change.id);
                }
                (Some(kind), _) => {
                    if let Some(resource) = self.after.get(kind, &change.id) {
                        network.insert(resource);
                    }
                }
                (None, _) => {
                    network.others.clone_from(&self.after.others);
                    network.coverage.clone_from(&self.after.coverage);
                    network.gaps.clone_from(&self.after.gaps);
                    network.assumptions.clone_from(&self.after.assumptions);
                }
            }
        }
        network
    }
}
