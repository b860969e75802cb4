//! Kinds of things of which no list was captured.

use super::{Gap, Lack, command, command_of};
use crate::network::{BlockMode, Kind, LaunchType, Network, Resource, Scope, VolumeSource};
use std::collections::BTreeSet;

/// The kinds that each account and Region with a VPC lacks.
pub(super) fn not_captured(network: &Network) -> Vec<Lack> {
    let mut scopes: BTreeSet<&Scope> = network.vpcs.values().map(|vpc| &vpc.about.scope).collect();
    let nowhere = Scope::default();
    if scopes.is_empty() {
        scopes.insert(&nowhere);
    }
    let mut all = Vec::new();
    for scope in scopes {
        for kind in Kind::ALL {
            if !listed(network, kind) || network.coverage.covers(scope, kind) {
                continue;
            }
            if kind == Kind::HostedZone && !network.vpcs.is_empty() {
                all.extend(zones(network, scope));
                continue;
            }
            all.push(Lack {
                scope: scope.clone(),
                gap: Gap::NotCaptured,
                what: plural(kind),
                command: command_of(kind, scope, &[]),
            });
        }
    }
    all
}

/// Whether the network needs a list of that kind: parts of things are asked for thing by thing, and
/// some lists matter only beside others.
fn listed(network: &Network, kind: Kind) -> bool {
    match kind {
        Kind::VpcAttribute | Kind::PrefixListEntries | Kind::Listener | Kind::TargetHealth => false,
        // Named by what runs them.
        Kind::TaskDefinition => false,
        Kind::Cluster | Kind::CapacityProvider | Kind::ContainerInstance => {
            network.services.values().any(|one| one.launch_type != LaunchType::Fargate)
        }
        Kind::BlockPublicAccessExclusion => {
            network.public_access_blocks.values().any(|one| one.mode != Some(BlockMode::Off))
        }
        Kind::FileSystem => network
            .task_definitions
            .values()
            .flat_map(|one| &one.volumes)
            .any(|volume| matches!(volume.source, VolumeSource::Efs { .. })),
        _ => true,
    }
}

/// The private zones of each VPC: only so are other accounts' zones seen (DN-06).
fn zones<'n>(network: &'n Network, scope: &'n Scope) -> impl Iterator<Item = Lack> {
    let here = network.vpcs.values().filter(move |vpc| vpc.about.scope == *scope);
    here.map(move |vpc| Lack {
        scope: scope.clone(),
        gap: Gap::NotCaptured,
        what: format!("the private hosted zones of vpc {}", vpc.label()),
        command: command("HostedZoneSummaries", scope, &[("vpc-id", vpc.id.as_str())]),
    })
}

fn plural(kind: Kind) -> String {
    match kind.word().replace('-', " ").as_str() {
        "block public access" => "the options of VPC Block Public Access".to_owned(),
        "block public access exclusion" => "the exclusions from VPC Block Public Access".to_owned(),
        "dhcp options" => "DHCP option sets".to_owned(),
        "eni" => "network interfaces".to_owned(),
        word if word.starts_with("vpc") => word.replacen("vpc", "VPC", 1) + "s",
        word if word.ends_with('y') && !word.ends_with("ay") => {
            format!("{}ies", word.trim_end_matches('y'))
        }
        word => format!("{word}s"),
    }
}
