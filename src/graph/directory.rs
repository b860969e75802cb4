//! Which passages out of a place may take an address, without asking each.

use super::{Passage, Place};
use crate::header::AddressSet;
use petgraph::graph::{DiGraph, EdgeIndex, NodeIndex};
use petgraph::visit::EdgeRef;
use smallvec::SmallVec;
use std::collections::BTreeMap;

/// Below this many passages, asking each is as quick.
const MANY: usize = 8;

/// The passages out of each place that has many, by the IPv4 addresses that they take.
#[derive(Clone, Debug, Default)]
pub(super) struct Directory {
    places: BTreeMap<NodeIndex, Vec<Span>>,
}

/// A range of a passage's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Span {
    low: u32,
    high: u32,
    edge: EdgeIndex,
    /// The greatest address of this range and all before it.
    reach: u32,
}

impl Directory {
    pub(super) fn new(places: &DiGraph<Place, Passage>) -> Self {
        let many = places.node_indices().filter(|&place| places.edges(place).count() > MANY);
        let spans = |place: NodeIndex| {
            let mut spans: Vec<Span> = places
                .edges(place)
                .flat_map(|edge| {
                    let ranges = edge.weight().selects.plain.v4.ranges().iter();
                    let edge = edge.id();
                    ranges.map(move |&(low, high)| Span { low, high, edge, reach: high })
                })
                .collect();
            spans.sort_unstable();
            let mut reach = 0;
            for span in &mut spans {
                reach = reach.max(span.high);
                span.reach = reach;
            }
            spans
        };
        Self { places: many.map(|place| (place, spans(place))).collect() }
    }

    /// The passages that may take one of some IPv4 addresses, the latest first; `None` where each
    /// has to be asked.
    pub(super) fn among(
        &self,
        place: NodeIndex,
        addresses: &AddressSet,
    ) -> Option<SmallVec<[EdgeIndex; 8]>> {
        let spans = self.places.get(&place).filter(|_| addresses.v6.is_empty())?;
        let mut found: SmallVec<[EdgeIndex; 8]> = SmallVec::new();
        for &(low, high) in addresses.v4.ranges() {
            let from = &spans[spans.partition_point(|span| span.reach < low)..];
            let met = from.iter().take_while(|span| span.low <= high);
            found.extend(met.filter(|span| span.high >= low).map(|span| span.edge));
        }
        found.sort_unstable_by(|one, other| other.cmp(one));
        found.dedup();
        Some(found)
    }
}
