//! Kinds of things that are known but not modelled, and what tells only whose answers these are.

use super::answer::{Answer, Origin};
use super::field::{Fault, List, Tag, name_tag};
use super::scope::Owner;
use super::{Capture, ReadError};
use crate::models::OtherEntry;
use crate::network::Other;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// A kind that is kept as what it is, or an answer that holds nothing to keep.
pub(super) fn read(
    capture: &mut Capture,
    answer: &Answer<'_>,
    entry: &OtherEntry,
) -> Result<(), ReadError> {
    let Some((kind, field)) = entry.kept() else { return Ok(()) };
    answer.each(|row: BTreeMap<String, Value>| {
        let text = |key: &str| row.get(key).and_then(Value::as_str);
        let id = text(field).ok_or_else(|| Fault(format!("has no `{field}`")))?.to_owned();
        let tags = row.get("Tags").cloned().unwrap_or_default();
        let tags: List<Tag> = List::deserialize(tags).unwrap_or_default();
        let origin = Origin { owner: text("OwnerId"), ..Origin::default() };
        let about = capture.about(answer, name_tag(&tags), &origin);
        capture.network.insert(Other { kind: kind.to_owned(), id, about });
        Ok(())
    })
}

/// sts get-caller-identity
pub(super) fn identity(capture: &mut Capture, answer: &Answer<'_>) -> Result<(), ReadError> {
    let account: String = answer.value()?;
    capture.scopes.account(answer.folders(), &account, Owner::Caller);
    Ok(())
}
