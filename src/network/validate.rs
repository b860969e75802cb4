//! Networks that cannot exist.

use super::{At, Coverage, Destination, Network, Resource, RouteTarget};
use std::collections::BTreeMap;
use thiserror::Error;

/// Something that AWS would not have let anyone build.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct Problem {
    /// What is wrong, in one line.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Where it was stated.
    pub at: Option<At>,
}
