//! Load-balancer legs: who comes to a service's tasks, and on which port.

use crate::network::{
    Container, Listener, LoadBalancer, Network, Service, ServiceTarget, TargetGroup, TargetGroupId,
};

/// One load balancer that forwards to a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leg<'n> {
    /// The load balancer.
    pub balancer: &'n LoadBalancer,
    /// The target group between them.
    pub group: &'n TargetGroup,
    /// The port that is registered; `None` where nothing says which.
    pub port: Option<u16>,
    /// The port of health checks, when it is another (LBT-02).
    pub health_check_port: Option<u16>,
}

/// Every load balancer that forwards to one of the service's target groups, in the service's order.
#[must_use]
pub fn legs<'n>(network: &'n Network, service: &Service) -> Vec<Leg<'n>> {
    let mut legs = Vec::new();
    let groups = service.targets.iter().flat_map(|target| {
        std::iter::once(&target.target_group).chain(&target.alternate).map(move |id| (target, id))
    });
    for (target, id) in groups {
        let Some(group) = network.target_groups.get(id) else { continue };
        let port = registered_port(network, service, target);
        let balancers = network.load_balancers.values();
        legs.extend(balancers.filter(|one| forwards(one, group)).map(|balancer| Leg {
            balancer,
            group,
            port,
            health_check_port: group.health_check_port.filter(|&own| Some(own) != port),
        }));
    }
    legs
}

/// A group names its balancers itself; listeners name their groups.
fn forwards(balancer: &LoadBalancer, group: &TargetGroup) -> bool {
    let groups = balancer.listeners.iter().flatten().flat_map(Listener::target_groups);
    let mut groups = groups.map(TargetGroupId::as_str);
    group.load_balancers.contains(&balancer.id) || groups.any(|id| id == group.id.as_str())
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
