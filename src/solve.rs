//! One query on the graph: sets of headers, forward and back, with everything that stops them.
//!
//! The walk knows guards, passages and header sets, and nothing of AWS. It cuts the flow's headers
//! into disjoint regions, each with one fate, so that the regions together are the whole truth
//! about the flow.

mod inspect;
mod judge;
mod outside;
mod question;
mod region;
mod rewrite;
mod state;
mod test;
mod walk;
mod within;

pub use judge::{Ends, answer};
pub use region::{Region, Solution};

use crate::answer::Flow;
use crate::graph::Graph;

/// Decides a flow.
#[must_use]
pub fn solve(graph: &Graph, flow: &Flow) -> Solution {
    walk::Walk::new(graph, flow).run()
}
