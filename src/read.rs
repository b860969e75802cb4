//! How a network comes in.

mod archive;
mod cache;
mod cloudformation;
pub mod describe;
mod error;
pub mod evidence;
mod folder;
pub mod manifest;
mod pile;
mod reading;
pub mod scenario;
mod source;

pub use cache::Cache;
pub use cloudformation::Parameters;
pub use error::ReadError;
pub use reading::Reading;
pub use source::{load, load_dump, load_files, load_overlay, load_with};

use crate::answer::Expectation;
use crate::network::Network;
use std::collections::BTreeMap;

/// What a file or folder held.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// The network.
    pub network: Network,
    /// What it is expected to do.
    pub expectations: Vec<Expectation>,
    /// Named changes that the file proposes.
    pub what_if: BTreeMap<String, scenario::Overlay>,
    /// What a person should know about the reading.
    pub notes: Vec<String>,
}
