//! Kinds of things of which no list was captured.

use super::{Gap, Lack, command, command_of};
use crate::network::{
    BlockMode, Destination, EndpointType, Kind, LaunchType, Network, Peer, Resource, Route,
    RouteTarget, Scope, VolumeSource,
};
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
        // Named by what runs them, or by their tables.
        Kind::TaskDefinition | Kind::TransitGatewayRoutes => false,
        // What no route leads to carries nothing.
        Kind::TransitGateway
        | Kind::TransitGatewayAttachment
        | Kind::TransitGatewayRouteTable
        | Kind::PeeringConnection
        | Kind::NatGateway => routed(network, kind),
        Kind::VirtualPrivateGateway => propagated(network),
        Kind::Firewall => {
            let mut endpoints = network.vpc_endpoints.values();
            endpoints.any(|one| one.endpoint_type == EndpointType::GatewayLoadBalancer)
        }
        Kind::PrefixList => lists_are_named(network),
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

/// Whether a route leads to something of that kind, or of what hangs on it.
fn routed(network: &Network, kind: Kind) -> bool {
    let mut routes = network.route_tables.values().flat_map(|table| &table.routes);
    routes.any(|route| match route.target {
        RouteTarget::NatGateway(_) => kind == Kind::NatGateway,
        RouteTarget::Peering(_) => kind == Kind::PeeringConnection,
        RouteTarget::TransitGateway(_) => {
            kind != Kind::NatGateway && kind != Kind::PeeringConnection
        }
        _ => false,
    })
}

/// Whether a virtual private gateway is on the way of anything: as a target it is a boundary.
fn propagated(network: &Network) -> bool {
    let mut tables = network.route_tables.values();
    tables.any(|table| {
        let leads = |route: &Route| match &route.target {
            RouteTarget::Other { id, .. } => id.starts_with("vgw-"),
            _ => false,
        };
        table.gateways.iter().any(|id| id.starts_with("vgw-")) || table.routes.iter().any(leads)
    })
}

/// Whether a route or a rule is for a prefix list.
fn lists_are_named(network: &Network) -> bool {
    let mut routes = network.route_tables.values().flat_map(|table| &table.routes);
    let mut rules = network
        .security_groups
        .values()
        .flat_map(|group| group.ingress.iter().chain(&group.egress));
    routes.any(|route| matches!(route.destination, Destination::PrefixList(_)))
        || rules.any(|rule| matches!(rule.peer, Peer::PrefixList(_)))
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

/// The things of a kind, as they are spoken of.
fn plural(kind: Kind) -> String {
    match kind {
        Kind::BlockPublicAccess => "the options of VPC Block Public Access".to_owned(),
        Kind::BlockPublicAccessExclusion => {
            "the exclusions from VPC Block Public Access".to_owned()
        }
        Kind::DhcpOptions => "DHCP option sets".to_owned(),
        Kind::NetworkInterface => "network interfaces".to_owned(),
        Kind::NatGateway => "NAT gateways".to_owned(),
        Kind::NetworkAcl => "network ACLs".to_owned(),
        Kind::Vpc => "VPCs".to_owned(),
        Kind::VpcEndpoint => "VPC endpoints".to_owned(),
        Kind::PeeringConnection => "VPC peering connections".to_owned(),
        Kind::ResolverRule => "Route 53 Resolver rules".to_owned(),
        Kind::CapacityProvider => "ECS capacity providers".to_owned(),
        Kind::Cluster | Kind::ContainerInstance | Kind::Service | Kind::Task => {
            format!("ECS {}s", kind.word().replace('-', " "))
        }
        Kind::FileSystem => "EFS file systems".to_owned(),
        Kind::Instance => "EC2 instances".to_owned(),
        other => other.word().replace('-', " ") + "s",
    }
}
