//! A slice that says nothing of whose network it is.

mod addresses;
mod words;

use super::outcome::{FirstBlocker, Outcome, outcomes};
use super::{Slice, SliceError};
use crate::answer::{Place, Query, ResourceRef};
use crate::edit::{Ids, translate};
use crate::network::{About, Coverage, Kind, Network, Other, RouteTarget, Scope};
use crate::query::World;
use crate::read::scenario;
use addresses::Addresses;
use std::collections::{BTreeMap, BTreeSet};
use words::Words;

/// The slice with every id, name and account, every public address, host name and image replaced,
/// each everywhere by the same; its private addresses, ports and zones stay. What a container runs
/// stays where the answer rests on it.
///
/// # Errors
/// When the answer rests on something that is replaced.
pub fn anonymize(slice: &Slice) -> Result<Slice, SliceError> {
    let mut ids = Numbered::default();
    let mut network = translate(&slice.network, &mut ids);
    let mut words = Words::default();
    let addresses = Addresses::of(&network, &slice.query).ok_or(SliceError::RestsOnNames)?;
    others(&mut network, &mut words);
    labels(&slice.network, &mut network, &ids);
    owners(&mut network, &mut words);
    words::replace(&mut network, &mut words);
    addresses.replace(&mut network);

    let query = Query {
        source: place(slice, &slice.query.source, true, &ids, &mut words, &addresses),
        destination: place(slice, &slice.query.destination, false, &ids, &mut words, &addresses),
        only: slice.query.only,
    };
    let text = scenario::write_as(&network, slice.extent);
    let read = scenario::read("slice.yaml", &text, &mut |_| Ok(Network::stated()));
    let read = read.map_err(|_| SliceError::RestsOnNames)?;
    let answer = World::new(read.network).ask(&query).map_err(|_| SliceError::RestsOnNames)?;
    let before = outcomes(&slice.answer).into_iter().map(|one| ids.outcome(one));
    let after = outcomes(&answer).into_iter().map(bare);
    if before.collect::<BTreeSet<_>>() != after.collect::<BTreeSet<_>>() {
        return Err(SliceError::RestsOnNames);
    }
    Ok(Slice { network, query, answer, ..slice.clone() })
}

/// `subnet-1`, `subnet-2`, in the order in which they are met.
#[derive(Default)]
struct Numbered {
    given: BTreeMap<(Kind, String), String>,
    count: BTreeMap<Kind, usize>,
}

impl Ids for Numbered {
    fn translate(&mut self, kind: Kind, id: &str) -> Option<String> {
        let key = (kind, id.to_owned());
        if !self.given.contains_key(&key) {
            let count = self.count.entry(kind).or_default();
            *count += 1;
            self.given.insert(key.clone(), format!("{}-{count}", kind.short()));
        }
        self.given.get(&key).cloned()
    }
}

impl Numbered {
    fn get(&self, kind: Kind, id: &str) -> Option<&String> {
        self.given.get(&(kind, id.to_owned()))
    }

    /// What is only planned is called after what plans it, and where: `planned/logs@private-a`.
    fn planned(&self, text: &str) -> String {
        let parts = text.split_once("planned/").and_then(|(before, rest)| {
            let (owner, subnet) = rest.rsplit_once('@')?;
            let owner = self.given.iter().find(|((_, id), _)| id == owner)?.1;
            Some(format!("{before}planned/{owner}@{}", self.get(Kind::Subnet, subnet)?))
        });
        parts.unwrap_or_else(|| text.to_owned())
    }

    /// What AWS makes beside a VPC or a transit gateway is called after it: `app-main`.
    fn implied(&self, id: &str) -> Option<String> {
        self.given.iter().find_map(|((kind, old), new)| {
            let beside = matches!(kind, Kind::Vpc | Kind::TransitGateway);
            let rest = id.strip_prefix(old.as_str()).filter(|_| beside)?;
            ["-main", "-default"].contains(&rest).then(|| format!("{new}{rest}"))
        })
    }

    /// The outcome as the anonymous network should have it: without words.
    fn outcome(&self, outcome: Outcome) -> Outcome {
        let named = |one: ResourceRef| {
            let kind = Kind::from_word(&one.kind);
            match kind.and_then(|kind| self.get(kind, &one.id)).cloned() {
                Some(id) => ResourceRef::new(one.kind, &id, None),
                None => {
                    let id = self.implied(&one.id).unwrap_or(one.id);
                    ResourceRef::new(one.kind, &id, None)
                }
            }
        };
        bare(Outcome {
            source: named(outcome.source),
            destination: named(outcome.destination),
            blocker: outcome
                .blocker
                .map(|one| FirstBlocker { resource: named(one.resource), ..one }),
            ..outcome
        })
    }
}

/// An outcome without what is only called something: places that are no resources, and the words
/// of what is missing.
fn bare(outcome: Outcome) -> Outcome {
    let unnamed = |one: ResourceRef| match Kind::from_word(&one.kind) {
        // What is only planned is called after what plans it.
        Some(_) if !one.id.starts_with("planned") => ResourceRef::new(one.kind, &one.id, None),
        _ => ResourceRef::new(one.kind, "", None),
    };
    Outcome {
        source: unnamed(outcome.source),
        destination: unnamed(outcome.destination),
        blocker: outcome.blocker.map(|one| FirstBlocker {
            resource: unnamed(one.resource),
            what: String::new(),
            ..one
        }),
        missing: outcome.missing.map(|_| String::new()),
        ..outcome
    }
}

/// Resources of kinds that are not modelled, and what routes lead to them.
fn others(network: &mut Network, words: &mut Words) {
    for (_, other) in std::mem::take(&mut network.others) {
        let about = About { name: None, ..other.about };
        network.insert(Other { id: words.number("other", &other.id), about, ..other });
    }
    for route in network.route_tables.values_mut().flat_map(|table| &mut table.routes) {
        if let RouteTarget::Other { id, kind } = &mut route.target
            && kind != "deleted"
            && !network.virtual_private_gateways.contains_key(id.as_str())
        {
            *id = words.number("other", id);
        }
    }
}

/// Names: only those that mean something to AWS stay. What refers to a thing by its name refers to
/// it by its new id.
fn labels(old: &Network, network: &mut Network, ids: &Numbered) {
    let by_label = |kind: Kind, label: &str| {
        let mut all = old.resources();
        let (_, id, _) = all.find(|(one, _, name)| (*one, *name) == (kind, label))?;
        ids.get(kind, id).cloned()
    };
    let provider = |name: &mut String| {
        if !name.starts_with("FARGATE") {
            let known = by_label(Kind::CapacityProvider, name);
            *name = known.unwrap_or_else(|| "capacity-provider-0".to_owned());
        }
    };
    let cluster = |name: &mut String| {
        *name = by_label(Kind::Cluster, name).unwrap_or_else(|| "cluster-0".to_owned());
    };
    network.each_about_mut(|_, about| {
        about.name = about.name.take().filter(|name| is_awss(name));
        about.at = None;
    });
    for service in network.services.values_mut() {
        service.cluster.iter_mut().for_each(cluster);
        service.capacity_provider.iter_mut().for_each(provider);
        service.needs.clear();
    }
    for policy in network.firewalls.values_mut().filter_map(|one| one.policy.as_mut()) {
        // As a rule is called of which no name is stated.
        let number = |kind: &str, place: usize| format!("{kind} rule {}", place + 1);
        for (place, rule) in policy.stateless.iter_mut().enumerate() {
            rule.name = number("stateless", place);
        }
        for (place, rule) in policy.stateful.iter_mut().enumerate() {
            rule.name = number("stateful", place);
        }
    }
    for one in network.clusters.values_mut() {
        one.default_providers.iter_mut().for_each(provider);
    }
    for one in network.container_instances.values_mut() {
        one.cluster.iter_mut().for_each(cluster);
        one.capacity_provider.iter_mut().for_each(provider);
    }
    for task in network.tasks.values_mut() {
        task.cluster.iter_mut().for_each(cluster);
        let group = task.group.as_deref().and_then(|group| group.strip_prefix("service:"));
        let service = group.map(|name| by_label(Kind::Service, name));
        task.group = service.map(|id| format!("service:{}", id.as_deref().unwrap_or("service-0")));
    }
}

/// Names that AWS gave.
fn is_awss(name: &str) -> bool {
    name == "default" || name.contains("com.amazonaws.")
}

/// Accounts, wherever one is named as the owner of something, and tags.
fn owners(network: &mut Network, words: &mut Words) {
    let mut scope = |scope: &mut Scope| {
        if let Some(account) = &mut scope.account {
            *account = words.account(account).into();
        }
    };
    network.each_about_mut(|_, about| scope(&mut about.scope));
    for peering in network.peerings.values_mut() {
        peering.ends.iter_mut().for_each(|end| scope(&mut end.scope));
    }
    if let Coverage::Captured(scopes) = &mut network.coverage {
        for (mut captured, kinds) in std::mem::take(scopes) {
            scope(&mut captured);
            scopes.entry(captured).or_default().extend(kinds);
        }
    }
    for gap in &mut network.gaps {
        scope(&mut gap.scope);
        gap.why = "not captured".to_owned();
    }
    network.each_about_mut(|_, about| about.tags = words.tags(&about.tags));
}

/// An end of the query, by what it is called now.
fn place(
    slice: &Slice,
    place: &Place,
    source: bool,
    ids: &Numbered,
    words: &mut Words,
    addresses: &Addresses,
) -> Place {
    let ends = slice.answer.answers.iter().filter_map(|answer| {
        let end = if source { &answer.source } else { &answer.destination };
        let kind = Kind::from_word(&end.resource.kind)?;
        ids.get(kind, &end.resource.id).map(|id| (kind, id))
    });
    let ends: BTreeSet<_> = ends.collect();
    let role = ["task-eni", "alb", "internet"].contains(&place.text.as_str());
    let selected = slice.network.find(&place.text, &Kind::ALL).ok().flatten();
    let selected = selected.and_then(|one| Some((one.kind, ids.get(one.kind, &one.id)?)));
    let is_address = addresses.text(&place.text);
    let is_service = crate::models::service(&place.text).is_some();
    let text = match (ends.first(), is_address) {
        _ if place.text.contains("planned/") => ids.planned(&place.text),
        _ if role || is_service => place.text.clone(),
        _ if place.text.starts_with("tag/") => words.tag_place(&slice.network, &place.text),
        (_, Some(address)) => address,
        (Some((kind, id)), None) if ends.len() == 1 => format!("{}/{id}", kind.word()),
        _ => match selected {
            Some((kind, id)) => format!("{}/{id}", kind.word()),
            None => words.host(&place.text),
        },
    };
    Place { text, ..place.clone() }
}
