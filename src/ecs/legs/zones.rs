//! Which nodes of a load balancer serve which targets, by their zones.

use crate::network::{LoadBalancer, LoadBalancerType, Network, SubnetId, TargetGroup, Zone};

/// What a node and a target are to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pairing {
    /// The node sends requests and health checks to the target.
    Serves,
    /// The load balancer has no subnet in the target's zone, so it never uses it (LBT-10).
    ZoneNotEnabled,
    /// They are in different zones, and cross-zone load balancing is off (LBT-11).
    OtherZone,
}

/// LBT-10, LBT-11: whether a node in one subnet serves a target in another. A zone that is not
/// known rules nothing out.
#[must_use]
pub fn pairing(
    network: &Network,
    balancer: &LoadBalancer,
    group: &TargetGroup,
    node: &SubnetId,
    target: &SubnetId,
) -> Pairing {
    let zone = |id: &SubnetId| network.subnets.get(id).map(|subnet| &subnet.zone);
    let Some(own) = zone(target) else { return Pairing::Serves };
    let enabled = balancer.subnets.iter().any(|id| zone(id).is_none_or(|one| may_be(one, own)));
    match enabled {
        false => Pairing::ZoneNotEnabled,
        true if spreads(balancer, group) => Pairing::Serves,
        true if zone(node).is_none_or(|one| may_be(one, own)) => Pairing::Serves,
        true => Pairing::OtherZone,
    }
}

/// LBT-11: whether every node sends to the targets of every zone: as the group says, or else the
/// load balancer, or else its type.
#[must_use]
pub fn spreads(balancer: &LoadBalancer, group: &TargetGroup) -> bool {
    let usual = balancer.balancer_type != LoadBalancerType::Network;
    group.cross_zone.or(balancer.cross_zone).unwrap_or(usual)
}

fn may_be(a: &Zone, b: &Zone) -> bool {
    match (&a.id, &b.id, &a.name, &b.name) {
        (Some(a), Some(b), ..) => a == b,
        (.., Some(a), Some(b)) => a == b,
        _ => true,
    }
}
