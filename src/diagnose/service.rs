//! Which service of the network a symptom is of.

use super::Symptom;
use super::wording::plain;
use crate::check::{Check, CheckedService};
use crate::network::{Network, Resource};

/// The service: the one that is named, else the one that the symptom names, else the only one.
pub(super) fn meant<'c>(
    network: &Network,
    check: &'c Check,
    symptom: &Symptom,
    named: Option<&str>,
) -> Option<&'c CheckedService> {
    let by_name = |name: &str| {
        only(check.services.iter().filter(|one| {
            one.service.id == name
                || one.service.label() == name
                || one.service.id.ends_with(&format!("/{name}"))
        }))
    };
    if let Some(name) = named.or(symptom.of.service.as_deref()) {
        return by_name(name);
    }
    let said = plain(&symptom.said);
    let group = symptom.of.target_group.as_deref().map(plain).unwrap_or_default();
    let of_group = |one: &&CheckedService| {
        let service = network.services.values().find(|other| other.id_text() == one.service.id);
        let groups = service.into_iter().flat_map(|service| &service.targets);
        groups.filter_map(|target| network.target_groups.get(&target.target_group)).any(|target| {
            let names = [plain(target.id_text()), plain(target.label())];
            names.iter().any(|name| {
                said.contains(&format!("targetgroup/{name}/"))
                    || group.contains(&format!("targetgroup/{name}/"))
                    || (!name.is_empty()
                        && (group == *name || word(&said, &format!("target-group {name}"))))
                    || (name.starts_with("arn:") && said.contains(name.as_str()))
            })
        })
    };
    let told =
        |one: &&CheckedService| word(&said, &format!("service {}", plain(one.service.label())));
    only(check.services.iter().filter(told))
        .or_else(|| only(check.services.iter().filter(of_group)))
        .or_else(|| only(check.services.iter()))
}

fn only<'c>(mut services: impl Iterator<Item = &'c CheckedService>) -> Option<&'c CheckedService> {
    let first = services.next()?;
    services.next().is_none().then_some(first)
}

/// Whether words occur that are no part of longer ones.
fn word(text: &str, words: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    text.match_indices(words).any(|(start, found)| {
        !text.get(start + found.len()..).and_then(|rest| rest.chars().next()).is_some_and(part)
    })
}
