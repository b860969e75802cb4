//! The parts of a flow, each with one fate.

use crate::answer::{Direction, Missing, Outcome, Stop as FirstStop};
use crate::graph::{Note, Stop};
use crate::header::{HeaderSet, Packet};
use std::sync::Arc;

/// A set of headers that all fare alike.
#[derive(Clone, Debug)]
pub struct Region {
    /// The headers.
    pub headers: HeaderSet,
    /// What let the request through, in order, as far as it gets.
    pub hops: Vec<Arc<Note>>,
    /// What let the reply through, in order, as far as it gets.
    pub return_hops: Vec<Arc<Note>>,
    /// What stops it, in order.
    pub stops: Vec<(Direction, Stop)>,
    /// What is missing to be sure.
    pub missing: Vec<Missing>,
}

impl Region {
    /// The fate of its headers.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match (self.stops.first(), self.missing.first()) {
            (Some((direction, stop)), _) => Outcome::Stopped(FirstStop {
                direction: *direction,
                code: stop.code.clone(),
                failure: stop.failure,
            }),
            (None, Some(missing)) => Outcome::Unknown { fact: missing.fact.clone() },
            (None, None) => Outcome::Delivered,
        }
    }
}

/// A flow, decided.
#[derive(Clone, Debug, Default)]
pub struct Solution {
    /// Disjoint, and together the whole flow.
    pub regions: Vec<Region>,
}

impl Solution {
    /// The region that a packet is in; `None` when the packet is not of the flow.
    #[must_use]
    pub fn region_of(&self, packet: &Packet) -> Option<&Region> {
        self.regions.iter().find(|region| region.headers.contains(packet))
    }
}
