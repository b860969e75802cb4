//! Guards and passages as they are made, and as others take their place.

use super::Lowering;
use crate::graph::{Guard, GuardId, Passage, Selector, Way};
use petgraph::graph::{EdgeIndex, NodeIndex};
use petgraph::visit::EdgeRef;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The passages that are made out of a place.
pub(super) struct Recording {
    place: NodeIndex,
    /// Those that others take the place of, by where they lead.
    old: BTreeMap<NodeIndex, Vec<EdgeIndex>>,
    /// Those that are made, in order.
    new: Vec<EdgeIndex>,
}

impl Lowering<'_> {
    /// A guard that belongs to what is being told.
    pub(super) fn guard(&mut self, guard: Guard) -> GuardId {
        let id = self.shared_guard(guard);
        if let Some(owned) = self.owned.last_mut() {
            owned.push(id);
        }
        id
    }

    /// A guard that others may ask as well, and that stays.
    pub(super) fn shared_guard(&mut self, guard: Guard) -> GuardId {
        let guard = Arc::new(guard);
        let next = GuardId::try_from(self.guards.len()).unwrap_or(GuardId::MAX);
        let id = self.kept.spare_guards.pop().unwrap_or(next);
        match self.guards.get_mut(id as usize) {
            Some(slot) => *slot = guard,
            None => self.guards.push(guard),
        }
        if self.again {
            self.made.push(id);
        }
        id
    }

    /// Does something, and says which guards were made for it.
    pub(super) fn owning<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> (T, Vec<GuardId>) {
        self.owned.push(Vec::new());
        let made = make(self);
        (made, self.owned.pop().unwrap_or_default())
    }

    pub(super) fn add_passage(
        &mut self,
        from: NodeIndex,
        to: NodeIndex,
        passage: Passage,
    ) -> EdgeIndex {
        let recording = self.recordings.iter_mut().rev().find(|one| one.place == from);
        let Some(recording) = recording else { return self.places.add_edge(from, to, passage) };
        let spare = || self.kept.spare_passages.get_mut(&(from, to)).and_then(Vec::pop);
        let edge = match recording.old.get_mut(&to).and_then(Vec::pop).or_else(spare) {
            Some(edge) => {
                if let Some(weight) = self.places.edge_weight_mut(edge) {
                    *weight = passage;
                }
                edge
            }
            None => self.places.add_edge(from, to, passage),
        };
        recording.new.push(edge);
        edge
    }

    /// Begins to write down the passages out of a place; `old` ones may be used again.
    pub(super) fn record(&mut self, place: NodeIndex, old: impl IntoIterator<Item = EdgeIndex>) {
        let mut by_end: BTreeMap<NodeIndex, Vec<EdgeIndex>> = BTreeMap::new();
        for edge in old {
            if let Some((_, to)) = self.places.edge_endpoints(edge) {
                by_end.entry(to).or_default().push(edge);
            }
        }
        self.recordings.push(Recording { place, old: by_end, new: Vec::new() });
    }

    /// What was made since then.
    pub(super) fn recorded_so_far(&self) -> &[EdgeIndex] {
        self.recordings.last().map_or(&[], |recording| &recording.new)
    }

    /// Ends what was begun last: the passages that were made. The old ones that are left lead
    /// nobody anywhere any more.
    pub(super) fn recorded(&mut self) -> Vec<EdgeIndex> {
        let Some(Recording { place, old, new }) = self.recordings.pop() else { return Vec::new() };
        for (to, edges) in old {
            for &edge in &edges {
                if let Some(weight) = self.places.edge_weight_mut(edge) {
                    *weight = Passage {
                        selects: Arc::new(Selector::default()),
                        guards: Default::default(),
                        departure: 0,
                        way: Way::End,
                        effect: Arc::clone(&self.nothing),
                    };
                }
            }
            if !edges.is_empty() {
                self.kept.spare_passages.entry((place, to)).or_default().extend(edges);
            }
        }
        new
    }

    /// The passages out of a place, in the order in which they were made.
    pub(super) fn out_of(&self, place: NodeIndex) -> Vec<EdgeIndex> {
        let mut edges = match self.directory.order(place) {
            Some(order) => order.to_vec(),
            None => self.places.edges(place).map(|edge| edge.id()).collect(),
        };
        edges.reverse();
        edges
    }
}
