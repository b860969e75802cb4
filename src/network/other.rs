//! Resources of kinds that are not modelled.

use super::About;

/// A resource that is kept, but of whose effect nothing is known: what depends on it is unknown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Other {
    /// What it is, in words: `transit gateway`.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// Its name, owner and origin.
    pub about: About,
}
