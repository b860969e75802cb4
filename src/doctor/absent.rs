//! Things that are named and not there, and things that are there and not followed.

use super::{Gap, Lack, command_of};
use crate::network::{Coverage, Dangling, Kind, Network};
use std::collections::BTreeMap;

/// Ids that mean nothing here, each once.
pub(super) fn absent(network: &Network) -> Vec<Lack> {
    let mut by_id: BTreeMap<(Kind, String), Vec<Dangling>> = BTreeMap::new();
    for one in network.dangling() {
        by_id.entry((one.kind, one.id.clone())).or_default().push(one);
    }
    by_id
        .into_iter()
        .filter_map(|((kind, id), named)| {
            let first = named.first()?;
            let others = match named.len() {
                1 => String::new(),
                several => format!(" and {} more", several - 1),
            };
            let hole = match kind {
                Kind::TaskDefinition => "family:revision",
                Kind::TargetGroup => "target-group-arn",
                Kind::LoadBalancer => "load-balancer-arn",
                Kind::PrefixList => "prefix-list-id",
                Kind::FileSystem => "file-system-id",
                _ => "vpc-id",
            };
            let known = id.rsplit('/').next().unwrap_or(&id);
            let value = if kind == Kind::TaskDefinition { known } else { id.as_str() };
            let captured = network.coverage != Coverage::Stated;
            let command = command_of(kind, &first.scope, &[(hole, value)]);
            Some(Lack {
                scope: first.scope.clone(),
                gap: Gap::Absent,
                what: format!("{} {id}, which {}{others} names", first.what, first.from),
                command: command.filter(|_| captured),
            })
        })
        .collect()
}

/// Things of kinds that are kept, and whose effect is unknown.
pub(super) fn not_followed(network: &Network) -> Vec<Lack> {
    let all = network.others.values();
    all.map(|other| Lack {
        scope: other.about.scope.clone(),
        gap: Gap::NotFollowed,
        what: format!("{} {}", other.kind, other.about.name.as_deref().unwrap_or(&other.id)),
        command: None,
    })
    .collect()
}
