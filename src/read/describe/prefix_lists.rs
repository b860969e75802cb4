//! Prefix lists and their entries.

use super::answer::{Answer, Origin};
use super::field::{Fault, List, Tag, cidr, name_tag, optional, required};
use super::{Capture, ReadError};
use crate::network::{About, PrefixList, PrefixListId};
use ipnet::IpNet;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Entries, which are an answer of their own and may come in pages.
#[derive(Default)]
pub(super) struct Loose {
    entries: BTreeMap<PrefixListId, (About, Vec<IpNet>)>,
}

impl Loose {
    /// What a later part of the input holds, too.
    pub fn absorb(&mut self, later: Self) {
        for (list, (about, nets)) in later.entries {
            self.entries.entry(list).or_insert((about, Vec::new())).1.extend(nets);
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct ListRow {
    prefix_list_id: Option<String>,
    prefix_list_name: Option<String>,
    prefix_list_arn: Option<String>,
    owner_id: Option<String>,
    cidrs: Option<Vec<String>>,
    tags: List<Tag>,
}

/// describe-managed-prefix-lists and describe-prefix-lists, of which only the latter has entries,
/// and only of AWS's own lists.
pub(super) fn prefix_lists(capture: &mut Capture, answer: &Answer<'_>) -> Result<(), ReadError> {
    answer.each(|row: ListRow| {
        let id = PrefixListId::from(required(row.prefix_list_id, "PrefixListId")?);
        let mut nets = Vec::new();
        for text in row.cidrs.iter().flatten() {
            nets.push(cidr(text, "Cidrs")?);
        }
        // AWS's own lists keep the name by which they are known.
        let name = optional(row.prefix_list_name).or_else(|| name_tag(&row.tags));
        if let Some(name) = &name {
            capture.scopes.service(answer.folders(), name);
        }
        let origin = Origin {
            owner: row.owner_id.as_deref(),
            arn: row.prefix_list_arn.as_deref(),
            zone: None,
        };
        let about = capture.about(answer, name, &origin);
        let entries = row.cidrs.map(|_| nets).filter(|nets| !nets.is_empty());
        let before = capture.network.prefix_lists.get(&id).and_then(|list| list.entries.clone());
        capture.insert(PrefixList { id, about, entries: entries.or(before) });
        Ok(())
    })
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct EntryRow {
    cidr: Option<String>,
}

/// get-managed-prefix-list-entries does not say of which list; the file's name does.
pub(super) fn entries(capture: &mut Capture, answer: &Answer<'_>) -> Result<(), ReadError> {
    let Some(list) = answer.page.part("pl-").map(PrefixListId::from) else {
        capture.notes.ownerless(answer, "get-managed-prefix-list-entries.<prefix-list-id>.json");
        return Ok(());
    };
    let about = capture.about(answer, None, &Origin::default());
    let mut nets = Vec::new();
    answer.each(|row: EntryRow| -> Result<(), Fault> {
        nets.push(cidr(&required(row.cidr, "Cidr")?, "Cidr")?);
        Ok(())
    })?;
    capture.prefix_lists.entries.entry(list).or_insert((about, Vec::new())).1.extend(nets);
    Ok(())
}

/// Entries may be there without their list, whose name is then not known.
pub(super) fn finish(capture: &mut Capture) {
    for (id, (about, mut nets)) in std::mem::take(&mut capture.prefix_lists.entries) {
        nets.sort();
        nets.dedup();
        let about = capture.network.prefix_lists.get(&id).map_or(about, |list| list.about.clone());
        capture.network.insert(PrefixList { id, about, entries: Some(nets) });
    }
}
