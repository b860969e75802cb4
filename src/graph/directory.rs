//! Which passages out of a place may take an address, without asking each.

use super::{Passage, Place};
use crate::header::AddressSet;
use petgraph::graph::{DiGraph, EdgeIndex, NodeIndex};
use petgraph::visit::EdgeRef;
use smallvec::SmallVec;
use std::collections::BTreeMap;

/// Below this many passages, asking each is as quick.
const MANY: usize = 8;

/// The passages out of each place that has many, by the IPv4 addresses that they take, and those out
/// of each place where others have taken their place.
#[derive(Clone, Debug, Default)]
pub(super) struct Directory {
    places: BTreeMap<NodeIndex, Vec<Span>>,
    orders: BTreeMap<NodeIndex, Vec<EdgeIndex>>,
}

/// A range of a passage's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Span {
    low: u32,
    high: u32,
    /// How many passages are later.
    rank: u32,
    edge: EdgeIndex,
    /// The greatest address of this range and all before it.
    reach: u32,
}

impl Directory {
    pub(super) fn new(places: &DiGraph<Place, Passage>) -> Self {
        let mut directory = Self::default();
        for place in places.node_indices() {
            directory.sort(places, place);
        }
        directory
    }

    /// Sorts the passages out of a place.
    pub(super) fn sort(&mut self, places: &DiGraph<Place, Passage>, place: NodeIndex) {
        if places.edges(place).nth(MANY).is_some() {
            let edges: Vec<EdgeIndex> = places.edges(place).map(|edge| edge.id()).collect();
            self.places.insert(place, spans(places, &edges));
        }
    }

    /// From now on, these are all the passages out of a place, the first one first.
    pub(super) fn replace(
        &mut self,
        places: &DiGraph<Place, Passage>,
        place: NodeIndex,
        mut edges: Vec<EdgeIndex>,
    ) {
        edges.reverse();
        match edges.len() > MANY {
            true => _ = self.places.insert(place, spans(places, &edges)),
            false => _ = self.places.remove(&place),
        }
        self.orders.insert(place, edges);
    }

    /// All the passages out of a place, the latest first, where others have taken their place.
    pub(super) fn order(&self, place: NodeIndex) -> Option<&[EdgeIndex]> {
        self.orders.get(&place).map(Vec::as_slice)
    }

    /// The passages that may take one of some IPv4 addresses, the latest first; `None` where each
    /// has to be asked.
    pub(super) fn among(
        &self,
        place: NodeIndex,
        addresses: &AddressSet,
    ) -> Option<SmallVec<[EdgeIndex; 8]>> {
        let spans = self.places.get(&place).filter(|_| addresses.v6.is_empty())?;
        let mut found: SmallVec<[(u32, EdgeIndex); 8]> = SmallVec::new();
        for &(low, high) in addresses.v4.ranges() {
            let from = &spans[spans.partition_point(|span| span.reach < low)..];
            let met = from.iter().take_while(|span| span.low <= high);
            found.extend(met.filter(|span| span.high >= low).map(|span| (span.rank, span.edge)));
        }
        found.sort_unstable();
        found.dedup();
        Some(found.into_iter().map(|(_, edge)| edge).collect())
    }
}

/// The ranges of passages that are given the latest first.
fn spans(places: &DiGraph<Place, Passage>, edges: &[EdgeIndex]) -> Vec<Span> {
    let ranked = edges.iter().zip(0..);
    let mut spans: Vec<Span> = ranked
        .flat_map(|(&edge, rank)| {
            let passage = places.edge_weight(edge);
            let ranges = passage.map(|passage| passage.selects.plain.v4.ranges());
            let ranges = ranges.unwrap_or_default().iter();
            ranges.map(move |&(low, high)| Span { low, high, rank, edge, reach: high })
        })
        .collect();
    spans.sort_unstable();
    let mut reach = 0;
    for span in &mut spans {
        reach = reach.max(span.high);
        span.reach = reach;
    }
    spans
}
