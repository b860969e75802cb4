//! Top-level keys of AWS's answers beyond those that are modelled.

use super::table::rows;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A top-level key of an AWS answer whose content is not modelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OtherEntry {
    /// The key.
    pub key: &'static str,
    kind: &'static str,
    id: &'static str,
}

/// The tables that decide what is read of a capture, as they are written.
#[must_use]
pub fn read_by_captures() -> [&'static str; 2] {
    [include_str!("../../models/others.tsv"), include_str!("../../models/calls.tsv")]
}

const UNREAD: &str = "(unread)";
const BESIDE: &str = "(beside)";

static OTHERS: LazyLock<BTreeMap<&str, OtherEntry>> = LazyLock::new(|| {
    rows::<3>(include_str!("../../models/others.tsv"))
        .map(|[key, kind, id]| (key, OtherEntry { key, kind, id }))
        .collect()
});

impl OtherEntry {
    /// The kind in words and the field that holds the id, where the things listed are kept.
    #[must_use]
    pub fn kept(&self) -> Option<(&'static str, &'static str)> {
        (self.kind != UNREAD && self.kind != BESIDE).then_some((self.kind, self.id))
    }

    /// Whether the key makes an answer, and does not merely stand beside one's list.
    #[must_use]
    pub fn is_list(&self) -> bool {
        self.kind != BESIDE
    }
}

/// What is known of a top-level key.
#[must_use]
pub fn other(key: &str) -> Option<&'static OtherEntry> {
    OTHERS.get(key)
}
