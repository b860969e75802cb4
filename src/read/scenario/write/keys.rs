//! What each resource is called in the file: its name where that says which one is meant, else its
//! id.

use crate::models;
use crate::network::{Kind, Network, Resource};
use std::collections::BTreeMap;

/// The keys of a network's resources.
#[derive(Debug)]
pub(super) struct Keys {
    by_id: BTreeMap<(Kind, String), String>,
    by_key: BTreeMap<(Kind, String), String>,
}

impl Keys {
    pub(super) fn of(network: &Network, region: &str) -> Self {
        let mut uses: BTreeMap<(Kind, &str), usize> = BTreeMap::new();
        for (kind, id, label) in network.resources() {
            *uses.entry((kind, id)).or_default() += 1;
            if label != id {
                *uses.entry((kind, label)).or_default() += 1;
            }
        }
        let (mut by_id, mut by_key) = (BTreeMap::new(), BTreeMap::new());
        for (kind, id, label) in network.resources() {
            let own = uses.get(&(kind, label)) == Some(&1) && is_name(kind, label);
            let key = match (own, kind) {
                (true, Kind::PrefixList) => list_name(label, region),
                (true, _) => label,
                (false, _) => id,
            };
            by_id.insert((kind, id.to_owned()), key.to_owned());
            by_key.insert((kind, key.to_owned()), id.to_owned());
        }
        for zone in network.hosted_zones.values() {
            let same = network.hosted_zones.values().filter(|other| other.domain == zone.domain);
            let taken = network.hosted_zones.contains_key(zone.domain.as_str());
            if same.count() == 1 && zone.about.name.is_none() && !taken {
                let (kind, id) = (Kind::HostedZone, zone.id_text().to_owned());
                by_key.insert((kind, zone.domain.clone()), id.clone());
                by_id.insert((kind, id), zone.domain.clone());
            }
        }
        Self { by_id, by_key }
    }

    /// The key of a resource; of one that is not there, its id.
    pub(super) fn key<'a>(&'a self, kind: Kind, id: &'a str) -> &'a str {
        self.by_id.get(&(kind, id.to_owned())).map_or(id, String::as_str)
    }

    /// The id of the resource with a key.
    pub(super) fn id(&self, kind: Kind, key: &str) -> Option<&str> {
        self.by_key.get(&(kind, key.to_owned())).map(String::as_str)
    }
}

/// Words that mean something else where a name could stand.
const WORDS: [&str; 8] =
    ["local", "blackhole", "none", "unknown", "vpc", "true", "false", "internet"];

/// Whether a text can be nothing but a name.
fn is_name(kind: Kind, text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let default = kind == Kind::SecurityGroup && text == "default";
    // What is called like a service is AWS's own prefix list.
    let service = matches!(kind, Kind::PrefixList | Kind::SecurityGroup)
        && !text.contains(".amazonaws.")
        && models::service(text.strip_prefix("pl-").unwrap_or(text)).is_some();
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(plain)
        && !WORDS.contains(&text)
        && !default
        && !service
}

/// AWS's own list by the short name of its service, where that is of the file's Region.
fn list_name<'a>(label: &'a str, region: &str) -> &'a str {
    let service = models::service(label).filter(|service| service.has_gateway_endpoint);
    match service {
        Some(service) if service.endpoint_name(region) == label => service.name,
        _ => label,
    }
}
