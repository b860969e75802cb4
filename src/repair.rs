//! Edits that make a flow pass: the smallest sets of them, each proven by solving the network with
//! them.
//!
//! What stops a packet says what could be changed. The search follows it: it makes one of the
//! changes, asks again, and goes on with what stops the packet then. What it finds is made minimal:
//! without any one of its edits, the flow does not pass.

mod answers;
mod candidates;
mod commands;
mod edges;
mod endpoints;
mod filters;
mod firewalls;
mod goal;
mod ground;
mod ipv6;
mod reroutes;
mod routes;
mod search;
mod together;
mod transit;

pub use goal::Goal;
pub use search::{Repairs, repairs};
pub use together::{Together, check_repairs, together};

use crate::compare::Flips;
use crate::read::scenario::Overlay;

/// One change of one resource.
#[derive(Clone, Debug)]
pub struct Edit {
    /// What it does, in a few words.
    pub what: String,
    /// The change.
    pub overlay: Overlay,
    /// The AWS CLI commands that make it, with `<…>` for ids that AWS gives; where no command does,
    /// what to do in a comment.
    pub commands: Vec<String>,
    /// The change as text: the same for the same change.
    key: String,
}

/// Edits that make the flow pass, all of them needed.
#[derive(Clone, Debug)]
pub struct Repair {
    /// The edits.
    pub edits: Vec<Edit>,
    /// All of them in one overlay: what was proven.
    pub overlay: Overlay,
    /// What else they change.
    pub blast: Flips,
}
