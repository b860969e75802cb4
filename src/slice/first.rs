//! The first cut: what an answer touches, and what that refers to.

use super::{Key, key_of};
use crate::answer::QueryAnswer;
use crate::edit::{Ids, translate};
use crate::network::{Excluded, Kind, Network, Resource, SubnetId, VpcId};
use std::collections::BTreeSet;

/// What the hops and blockers of an answer touch, closed under references: not back to everything
/// that is in the same table or VPC, but to what decides there.
pub(super) fn touched(network: &Network, answer: &QueryAnswer) -> BTreeSet<Key> {
    let mut seeds = Vec::new();
    for answer in &answer.answers {
        seeds.extend([true, false].into_iter().filter_map(|end| key_of(answer, network, end)));
        let hops = answer.hops.iter().chain(&answer.return_hops).map(|hop| &hop.resource);
        for resource in hops.chain(answer.blockers.iter().map(|blocker| &blocker.resource)) {
            let kind = Kind::from_word(&resource.kind);
            seeds.extend(kind.map(|kind| (kind, resource.id.clone())));
        }
    }
    seeds.retain(|(kind, id)| network.has(*kind, id));
    let mut found = BTreeSet::new();
    while let Some(key) = seeds.pop() {
        if found.insert(key.clone()) {
            seeds.extend(references(network, &key));
            seeds.extend(deciding(network, &key));
        }
    }
    found
}

/// What one resource names, but for what only belongs to it.
fn references(network: &Network, key: &Key) -> Vec<Key> {
    struct Named(Vec<Key>);
    impl Ids for Named {
        fn translate(&mut self, kind: Kind, id: &str) -> Option<String> {
            self.0.push((kind, id.to_owned()));
            Some(id.to_owned())
        }
    }
    let mut alone = Network::default();
    copy(network, &mut alone, key);
    let mut named = Named(Vec::new());
    translate(&alone, &mut named);
    let owns = |kind: &Kind| match key.0 {
        Kind::RouteTable | Kind::NetworkAcl => *kind == Kind::Subnet,
        Kind::Firewall => *kind == Kind::VpcEndpoint,
        Kind::TargetGroup => *kind == Kind::LoadBalancer,
        Kind::HostedZone | Kind::ResolverRule => *kind == Kind::Vpc,
        _ => false,
    };
    named.0.retain(|(kind, id)| !owns(kind) && network.has(*kind, id));
    named.0
}

/// Copies one resource.
fn copy(network: &Network, alone: &mut Network, key: &Key) {
    let found = network.get(key.0, &key.1);
    if let Some(resource) = found {
        alone.insert(resource);
    }
}

/// What decides for a subnet, a VPC, an interface or a service without being named by it.
fn deciding(network: &Network, (kind, id): &Key) -> Vec<Key> {
    match kind {
        Kind::Subnet => of_subnet(network, &SubnetId::from(id.as_str())),
        Kind::Vpc => of_vpc(network, &VpcId::from(id.as_str())),
        Kind::VpcEndpoint => {
            let firewalls = network.firewalls.values();
            firewalls.filter(|one| one.endpoints.contains_key(id.as_str())).map(key).collect()
        }
        _ => Vec::new(),
    }
}

fn key<R: Resource>(resource: &R) -> Key {
    (R::KIND, resource.id_text().to_owned())
}

fn of_subnet(network: &Network, subnet: &SubnetId) -> Vec<Key> {
    let tables = network.route_tables.values().filter(|one| one.subnets.contains(subnet)).map(key);
    let acls = network.network_acls.values().filter(|one| one.subnets.contains(subnet)).map(key);
    let excluded = Excluded::Subnet(subnet.clone());
    tables.chain(acls).chain(exclusions(network, &excluded)).collect()
}

fn exclusions(network: &Network, excluded: &Excluded) -> Vec<Key> {
    let all = network.public_access_exclusions.values();
    all.filter(|one| one.excluded == *excluded).map(key).collect()
}

fn of_vpc(network: &Network, vpc: &VpcId) -> Vec<Key> {
    let mut found: Vec<Key> = exclusions(network, &Excluded::Vpc(vpc.clone()));
    found.extend(network.public_access_blocks.values().map(key));
    let mains = network.route_tables.values().filter(|one| one.main && one.vpc == *vpc);
    found.extend(mains.map(key));
    let defaults = network.network_acls.values().filter(|one| one.is_default && one.vpc == *vpc);
    found.extend(defaults.map(key));
    let groups = network.security_groups.values();
    found.extend(groups.filter(|one| one.vpc == *vpc && one.label() == "default").map(key));
    let gateways = network.internet_gateways.values();
    let attached = gateways.filter(|one| one.attachments.iter().any(|(to, _)| to == vpc));
    found.extend(attached.map(key));
    found.extend(network.vpc_endpoints.values().filter(|one| one.vpc == *vpc).map(key));
    let seen = |vpcs: &Option<BTreeSet<VpcId>>| vpcs.as_ref().is_none_or(|all| all.contains(vpc));
    found.extend(network.hosted_zones.values().filter(|one| seen(&one.vpcs)).map(key));
    found.extend(network.resolver_rules.values().filter(|one| seen(&one.vpcs)).map(key));
    found
}
