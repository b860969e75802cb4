//! Input that cannot be read.

use crate::network::{At, Problem};
use std::sync::Arc;
use thiserror::Error;

/// An input that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct ReadError {
    /// What is wrong, in one line.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Where.
    pub at: Option<At>,
    /// The text of the file that `at` points into.
    pub text: Option<Arc<str>>,
}

impl ReadError {
    /// An error about the whole of something.
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, at: None, text: None }
    }

    /// An error at a place.
    pub(super) fn at(at: &At, message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, at: Some(at.clone()), text: None }
    }

    /// The same error with a hint.
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same error with a hint, when there is one.
    pub(super) fn maybe_hint(mut self, hint: Option<String>) -> Self {
        self.hint = hint;
        self
    }
}

impl From<Problem> for ReadError {
    fn from(problem: Problem) -> Self {
        Self { message: problem.message, hint: problem.hint, at: problem.at, text: None }
    }
}
