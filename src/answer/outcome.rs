//! The fate of one packet and its reply.

use super::{Code, Direction, Failure};

/// What becomes of a packet: the common ground on which the two evaluators are compared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// It arrives and its reply comes back.
    Delivered,
    /// It is stopped.
    Stopped(Stop),
    /// It cannot be told.
    Unknown {
        /// What would settle it, in words.
        fact: String,
    },
}

/// The first thing that stops a packet.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stop {
    /// Which way it was going.
    pub direction: Direction,
    /// Why.
    pub code: Code,
    /// How its client sees it.
    pub failure: Failure,
}
