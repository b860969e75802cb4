//! Which resources differ.

use super::Flips;
use super::flips::Turn;
use crate::edit::plain;
use crate::network::{AnyResource, Kind, Network, VpcEndpoint};
use crate::read::scenario::difference;
use std::collections::BTreeMap;

/// How a resource differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Changed {
    /// Only the second network has it.
    Added,
    /// Only the first network has it.
    Removed,
    /// Both have it, and it differs.
    Changed,
}

/// A resource that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its kind; nothing where that is not modelled.
    pub kind: Option<Kind>,
    /// Its id.
    pub id: String,
    /// Its name, or else its id.
    pub label: String,
    /// How it differs.
    pub changed: Changed,
    /// What differs, in a scenario's words, where those can say it.
    pub details: Vec<String>,
}

/// Every resource that differs in what packets see of it: where it was written down does not
/// count. What is not modelled, and what a capture could not see, counts as one.
#[must_use]
pub fn changes(before: &Network, after: &Network) -> Vec<Change> {
    let (one, other) = (by_id(before), by_id(after));
    let mut changes = Vec::new();
    for (key, resource) in &one {
        match other.get(key) {
            None => changes.push(change(resource, Changed::Removed, Vec::new())),
            Some(later) if resource != later => {
                let details = difference(before, after, key.0, &key.1);
                changes.push(change(later, Changed::Changed, details));
            }
            Some(_) => {}
        }
    }
    let added = other.iter().filter(|(key, _)| !one.contains_key(*key));
    changes.extend(added.map(|(_, resource)| change(resource, Changed::Added, Vec::new())));
    let rest = |network: &Network| {
        let others: Vec<_> = network.others.keys().cloned().collect();
        (others, network.coverage.clone(), network.gaps.clone(), network.assumptions.clone())
    };
    if rest(before) != rest(after) {
        let what = "what is not modelled, or was not captured".to_owned();
        changes.push(Change {
            kind: None,
            id: String::new(),
            label: what,
            changed: Changed::Changed,
            details: Vec::new(),
        });
    }
    changes
}

type Key = (Kind, String);

fn by_id(network: &Network) -> BTreeMap<Key, AnyResource> {
    let all = network.clone().into_resources();
    all.filter_map(|one| Some(((one.kind()?, one.id().to_owned()), plain(one)))).collect()
}

fn change(resource: &AnyResource, changed: Changed, details: Vec<String>) -> Change {
    Change {
        kind: resource.kind(),
        id: resource.id().to_owned(),
        label: resource.label().to_owned(),
        changed,
        details,
    }
}

/// What the verdicts do not say of connections that are open while the change is made.
#[must_use]
pub fn notes(before: &Network, after: &Network, changes: &[Change], flips: &Flips) -> Vec<String> {
    let mut notes = Vec::new();
    let closes = flips.flips.iter().any(|flip| flip.turn == Turn::Closed);
    let has = |kind: Kind| changes.iter().any(|change| change.kind == Some(kind));
    if closes && has(Kind::SecurityGroup) {
        // CT-05
        notes.push(
            "a changed group lets connections that it tracks go on until they are idle for long \
             enough; those that it does not track break at once"
                .to_owned(),
        );
    }
    if closes && has(Kind::NetworkAcl) {
        // CT-05
        notes.push("a changed network ACL breaks open connections at once".to_owned());
    }
    // GE-10
    let tables = |network: &Network| {
        let endpoints = network.vpc_endpoints.values();
        let gateways = endpoints.filter(|endpoint| !endpoint.route_tables.is_empty());
        let of = |one: &VpcEndpoint| (one.service_name.clone(), one.route_tables.clone());
        gateways.map(of).collect::<Vec<_>>()
    };
    let (one, other) = (tables(before), tables(after));
    let differ = one.iter().filter(|it| !other.contains(it));
    let mut services: Vec<&String> =
        differ.chain(other.iter().filter(|it| !one.contains(it))).map(|(name, _)| name).collect();
    services.sort();
    services.dedup();
    notes.extend(services.into_iter().map(|service| {
        format!(
            "a gateway endpoint that comes or goes cuts the open TCP connections to {service}; new \
             ones take the new route"
        )
    }));
    notes
}
