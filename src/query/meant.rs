//! What texts mean, worked out once for every text: each look goes through all that the network has.

use super::AskError;
use crate::network::Selected;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

/// What a text means, or why it means nothing that is of use.
type Means = Result<Option<Selected>, AskError>;

/// What texts were found to mean on one network.
#[derive(Default)]
pub(super) struct Meant(Mutex<BTreeMap<String, Means>>);

/// A copy may go its own ways: it starts without any.
impl Clone for Meant {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl fmt::Debug for Meant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Meant")
    }
}

impl Meant {
    /// What `find` says of a text, which is asked once.
    pub(super) fn of(&self, text: &str, find: impl FnOnce() -> Means) -> Means {
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known().get(text).cloned();
        found.unwrap_or_else(|| {
            let found = find();
            known().insert(text.to_owned(), found.clone());
            found
        })
    }
}
