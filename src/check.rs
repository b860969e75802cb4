//! Every expectation of a network, held against the model.

use crate::answer::{Expectation, QueryAnswer};
use crate::query::{AskError, World};

/// An expectation and what came out.
#[derive(Clone, Debug)]
pub struct Checked {
    /// What was expected.
    pub expectation: Expectation,
    /// What came out.
    pub result: Result<QueryAnswer, AskError>,
}

impl Checked {
    /// Whether what came out is what was expected.
    #[must_use]
    pub fn met(&self) -> bool {
        self.result.as_ref().is_ok_and(|answer| answer.verdict == self.expectation.verdict)
    }
}

/// Asks every expectation's question.
#[must_use]
pub fn expectations(world: &World, expectations: &[Expectation]) -> Vec<Checked> {
    let check = |expectation: &Expectation| Checked {
        result: world.ask(&expectation.query),
        expectation: expectation.clone(),
    };
    expectations.iter().map(check).collect()
}
