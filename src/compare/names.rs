//! The same resources under other ids: a scenario calls a VPC what a capture names it.

use crate::edit::{Ids, translate};
use crate::network::{Kind, Network};
use std::collections::{BTreeMap, BTreeSet};

/// The second network with the ids of the first for what has the same kind and name in both, where
/// only one has it in each, and the ids say nothing.
#[must_use]
pub fn by_names(before: &Network, after: &Network) -> Network {
    let mut same = Same(pairs(before, after));
    if same.0.is_empty() {
        return after.clone();
    }
    let mut network = translate(after, &mut same);
    let matched: BTreeSet<(Kind, &str)> =
        same.0.iter().map(|((kind, _), id)| (*kind, id.as_str())).collect();
    // A name that is the id in one file is a name beside it in the other.
    let names: BTreeMap<&str, Option<&str>> = before
        .resources()
        .filter(|(kind, id, _)| matched.contains(&(*kind, *id)))
        .map(|(_, id, label)| (id, (label != id).then_some(label)))
        .collect();
    network.each_about_mut(|id, about| {
        if let Some(name) = names.get(id) {
            about.name = name.map(str::to_owned);
        }
    });
    network
}

/// By kind and id of the second, the id of the first.
struct Same(BTreeMap<(Kind, String), String>);

impl Ids for Same {
    fn translate(&mut self, kind: Kind, id: &str) -> Option<String> {
        let own = || id.to_owned();
        Some(self.0.get(&(kind, own())).cloned().unwrap_or_else(own))
    }
}

fn pairs(before: &Network, after: &Network) -> BTreeMap<(Kind, String), String> {
    let (one, other) = (labels(before), labels(after));
    let mut same = BTreeMap::new();
    let mut taken: BTreeSet<(Kind, String)> = BTreeSet::new();
    for ((kind, label), ids) in &other {
        let former = one.get(&(*kind, label)).map(Vec::as_slice);
        let (Some([former]), [id]) = (former, ids.as_slice()) else { continue };
        // What has an id in both is what that id says.
        if before.has(*kind, id) || after.has(*kind, former) {
            continue;
        }
        if taken.insert((*kind, (*former).to_owned())) {
            same.insert((*kind, (*id).to_owned()), (*former).to_owned());
        }
    }
    same
}

fn labels(network: &Network) -> BTreeMap<(Kind, &str), Vec<&str>> {
    let mut labels: BTreeMap<(Kind, &str), Vec<&str>> = BTreeMap::new();
    for (kind, id, label) in network.resources() {
        labels.entry((kind, label)).or_default().push(id);
    }
    labels
}
