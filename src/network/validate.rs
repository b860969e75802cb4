//! Networks that cannot exist.

mod addresses;
mod associations;
mod edges;
mod endpoints;
mod references;

pub use references::Dangling;

use super::{At, Network};
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

impl Problem {
    fn new(at: Option<&At>, message: String, hint: impl Into<String>) -> Self {
        Self { message, hint: Some(hint.into()), at: at.cloned() }
    }
}

impl Network {
    /// Everything about the network's shape that AWS would not allow, in the order of the places
    /// where it was stated.
    ///
    /// An id that points nowhere is a problem only where everything is stated: a capture may
    /// simply not hold what the id means.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        addresses::check(self, &mut problems);
        associations::check(self, &mut problems);
        endpoints::check(self, &mut problems);
        if self.coverage == super::Coverage::Stated {
            references::check(self, &mut problems);
        }
        problems.sort_by(|a, b| (a.at.is_none(), &a.at).cmp(&(b.at.is_none(), &b.at)));
        problems
    }
}
