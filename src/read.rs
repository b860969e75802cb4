//! How a network comes in.

mod error;
pub mod scenario;

pub use error::ReadError;

use crate::answer::Expectation;
use crate::network::Network;

/// What a file or folder held.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// The network.
    pub network: Network,
    /// What it is expected to do.
    pub expectations: Vec<Expectation>,
    /// What a person should know about the reading.
    pub notes: Vec<String>,
}

/// Temporary until the folder reader lands.
pub fn load(path: &str) -> Result<Loaded, ReadError> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    scenario::read(path, &text, &mut |_| unimplemented!())
}
