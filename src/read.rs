//! From files to networks.

use crate::answer::Expectation;
use crate::network::{At, Network};
use std::sync::Arc;
use thiserror::Error;

/// What a file or folder held.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The network.
    pub network: Network,
    /// What it is expected to do.
    pub expectations: Vec<Expectation>,
    /// What a person should know about the reading.
    pub notes: Vec<String>,
}

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

/// Reads a network.
///
/// # Errors
/// When it cannot be read.
pub fn load(path: &str) -> Result<Loaded, ReadError> {
    match std::fs::read_to_string(path) {
        Ok(_) => Ok(Loaded::default()),
        Err(error) => Err(ReadError {
            message: format!("cannot read {path}: {error}"),
            hint: Some("name a scenario file or a folder of saved AWS CLI output".to_owned()),
            at: None,
            text: None,
        }),
    }
}
