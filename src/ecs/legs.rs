//! Load-balancer legs: who comes to a service's tasks, and on which port.

mod clients;
mod zones;

pub use clients::client_addresses;
pub use zones::{Pairing, pairing, spreads};

use crate::header::Protocol;
use crate::network::{
    Container, Listener, LoadBalancer, LoadBalancerId, Network, RuleAction, Service, ServiceTarget,
    TargetGroup, TargetGroupId,
};
use std::collections::BTreeMap;

/// One load balancer that forwards to a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leg<'n> {
    /// The load balancer.
    pub balancer: &'n LoadBalancer,
    /// The target group between them.
    pub group: &'n TargetGroup,
    /// What the service registers.
    pub target: &'n ServiceTarget,
    /// The port that is registered; `None` where nothing says which.
    pub port: Option<u16>,
    /// The port of health checks, when it is another (LBT-02).
    pub health_check_port: Option<u16>,
}

impl Leg<'_> {
    /// The protocols of the traffic: a group may forward both.
    #[must_use]
    pub fn protocols(&self) -> &'static [Protocol] {
        match self.group.protocol.as_deref() {
            Some("UDP" | "QUIC") => &[Protocol::Udp],
            Some("TCP_UDP" | "TCP_QUIC") => &[Protocol::Tcp, Protocol::Udp],
            _ => &[Protocol::Tcp],
        }
    }

    /// Whether the health check is a flow of its own: on another port (LBT-02), because the traffic
    /// is not TCP (CTR-19), or because it comes from other addresses (NLB-03).
    #[must_use]
    pub fn checks_apart(&self) -> bool {
        self.health_check_port.is_some()
            || !self.protocols().contains(&Protocol::Tcp)
            || self.keeps_client_addresses()
    }
}

/// Every load balancer that forwards to one of the service's target groups, in the service's order.
#[must_use]
pub fn legs<'n>(network: &'n Network, service: &'n Service) -> Vec<Leg<'n>> {
    let groups = service.targets.iter().flat_map(|target| {
        groups(target).filter_map(|id| network.target_groups.get(id)).map(move |one| (target, one))
    });
    groups.flat_map(|(target, group)| legs_of(network, service, target, group)).collect()
}

/// The load balancers that forward to one of the service's target groups.
#[must_use]
pub fn legs_of<'n>(
    network: &'n Network,
    service: &Service,
    target: &'n ServiceTarget,
    group: &'n TargetGroup,
) -> Vec<Leg<'n>> {
    let port = registered_port(network, service, target);
    let health_check_port = group.health_check_port.filter(|&own| Some(own) != port);
    // A group names its balancers itself; listeners name their groups, of whatever weight (LBT-12).
    let listed = group.load_balancers.iter().filter_map(|id| network.load_balancers.get(id));
    let balancers: BTreeMap<&LoadBalancerId, &LoadBalancer> = listed
        .chain(network.load_balancers.referring_to(group.id.as_str()))
        .map(|balancer| (&balancer.id, balancer))
        .collect();
    let leg = |balancer| Leg { balancer, group, target, port, health_check_port };
    balancers.into_values().map(leg).collect()
}

/// The groups of one registration: its own, and the one a deployment swaps it with (LBT-15).
pub fn groups(target: &ServiceTarget) -> impl Iterator<Item = &TargetGroupId> {
    std::iter::once(&target.target_group).chain(&target.alternate)
}

/// The weights that a load balancer's rules give to a group.
pub fn weights<'n>(
    balancer: &'n LoadBalancer,
    group: &'n TargetGroupId,
) -> impl Iterator<Item = u32> + 'n {
    let rules = balancer.listeners.iter().flatten().flat_map(|listener: &Listener| &listener.rules);
    let forwards = rules.flat_map(|rule| match &rule.action {
        RuleAction::Forward(groups) => groups.as_slice(),
        _ => &[],
    });
    forwards.filter(move |one| one.target_group == *group).map(|one| one.weight)
}

/// LBT-05: the port at which a service is registered with a target group.
#[must_use]
pub fn registered_port(
    network: &Network,
    service: &Service,
    target: &ServiceTarget,
) -> Option<u16> {
    let definition = service.task_definition.as_ref();
    let definition = definition.and_then(|id| network.task_definitions.get(id));
    let containers = definition.map(|one| one.containers.as_slice()).unwrap_or_default();
    let only = |one: &&Container| target.container.as_ref().is_none_or(|name| *name == one.name);
    let mapped = || containers.iter().filter(only).find_map(|one| one.ports().next());
    let group = || network.target_groups.get(&target.target_group)?.port;
    target.port.or_else(mapped).or_else(group)
}
