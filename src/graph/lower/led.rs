//! Where passages lead, so that an edit can say for which destinations they lead elsewhere.

use super::Lowering;
use crate::graph::{Effect, Guard, GuardId, Way};
use crate::header::AddressSet;
use petgraph::graph::{EdgeIndex, NodeIndex};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Where the passages out of a place lead, by their ends.
#[derive(Default)]
pub(super) struct Led(BTreeMap<NodeIndex, Vec<(Manner, AddressSet)>>);

/// How passages lead there, whatever numbers their guards have.
struct Manner {
    way: Way,
    departure: usize,
    effect: Arc<Effect>,
    guards: Vec<Arc<Guard>>,
}

impl Manner {
    fn is(&self, other: &Self) -> bool {
        let same =
            |(one, other): (&Arc<Guard>, &Arc<Guard>)| Arc::ptr_eq(one, other) || one == other;
        (self.way, self.departure) == (other.way, other.departure)
            && self.guards.len() == other.guards.len()
            && self.guards.iter().zip(&other.guards).all(same)
            && self.effect == other.effect
    }
}

impl Led {
    /// Where some passages lead; guards ask what `was` says where it says something.
    pub(super) fn by(
        lowering: &Lowering<'_>,
        passages: &[EdgeIndex],
        was: &BTreeMap<GuardId, Arc<Guard>>,
    ) -> Self {
        let mut led = Self::default();
        for &edge in passages {
            let Some((_, to)) = lowering.places.edge_endpoints(edge) else { continue };
            let passage = &lowering.places[edge];
            let guard = |id: &GuardId| was.get(id).unwrap_or(&lowering.guards[*id as usize]);
            let manner = Manner {
                way: passage.way,
                departure: passage.departure,
                effect: Arc::clone(&passage.effect),
                guards: passage.guards.iter().map(|id| Arc::clone(guard(id))).collect(),
            };
            let own = led.0.entry(to).or_default();
            match own.iter_mut().find(|(known, _)| known.is(&manner)) {
                Some((_, set)) => *set = set.union(&passage.selects.plain),
                None => own.push((manner, passage.selects.plain.clone())),
            }
        }
        led
    }

    /// The listed addresses that others lead elsewhere, or otherwise.
    pub(super) fn differing(&self, others: &Self) -> AddressSet {
        let mut differing = AddressSet::empty();
        for (one, other) in [(self, others), (others, self)] {
            for (to, own) in &one.0 {
                for (manner, set) in own {
                    let theirs = other.0.get(to).into_iter().flatten();
                    let same = theirs.filter(|(known, _)| known.is(manner));
                    let left = same.fold(set.clone(), |left, (_, set)| left.difference(set));
                    differing = differing.union(&left);
                }
            }
        }
        differing
    }
}
