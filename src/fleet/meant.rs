//! Which seats the rules of guards mean, sorted out once for all ports.

use super::hosts::Surroundings;
use super::zones::Zones;
use crate::graph::{Graph, Guard, GuardId, PeerTest, bounds_of_list};
use crate::header::{AddressSet, IntervalSet};
use std::collections::HashMap;
use std::sync::Arc;

/// Which seats the rules of the hosts' guards mean, by slot.
#[derive(Clone, Debug)]
pub(super) struct Meant(Vec<Told>);

/// What one guard means, as long as it is this one.
#[derive(Clone, Debug)]
struct Told {
    guard: Arc<Guard>,
    /// By rule: the seats with the addresses that it is for, when it goes by such.
    rules: Vec<Option<IntervalSet<u32>>>,
}

impl Meant {
    pub(super) fn new(graph: &Graph, surroundings: &Surroundings, zones: &Zones) -> Self {
        let mut known: HashMap<&AddressSet, IntervalSet<u32>> = HashMap::new();
        let told = surroundings.slots.iter().map(|&guard| {
            let guard = &graph.guards[guard as usize];
            let mut rules = Vec::new();
            if let Guard::Rules(all) = &**guard {
                let mut seats = |peer| match addresses(peer)? {
                    Whose::Stated(set) => {
                        let own = known.entry(set).or_insert_with(|| zones.seats_in(set));
                        Some(own.clone())
                    }
                    Whose::Bounds(set) => Some(zones.seats_in(&set)),
                };
                rules = all.clauses.iter().map(|clause| seats(&clause.peer)).collect();
            }
            Told { guard: Arc::clone(guard), rules }
        });
        Self(told.collect())
    }

    /// What a guard's rules mean, where that is known.
    pub(super) fn of(
        &self,
        graph: &Graph,
        surroundings: &Surroundings,
        guard: GuardId,
    ) -> &[Option<IntervalSet<u32>>] {
        let slot = surroundings.slot_of(guard);
        let told = slot.and_then(|slot| self.0.get(slot as usize));
        let told = told.filter(|told| Arc::ptr_eq(&told.guard, &graph.guards[guard as usize]));
        told.map_or(&[], |told| &told.rules)
    }
}

/// The addresses that a rule goes by.
pub(super) enum Whose<'g> {
    Stated(&'g AddressSet),
    /// All that may be on a list that is not known.
    Bounds(AddressSet),
}

/// The addresses that a rule goes by, when it goes by addresses.
pub(super) fn addresses(peer: &PeerTest) -> Option<Whose<'_>> {
    match peer {
        PeerTest::Addresses(set) | PeerTest::List { entries: Some(set), .. } => {
            Some(Whose::Stated(set))
        }
        PeerTest::List { symbol: Some(list), .. } => Some(Whose::Bounds(bounds_of_list(list))),
        PeerTest::Any | PeerTest::List { symbol: None, .. } | PeerTest::Group { .. } => None,
    }
}
