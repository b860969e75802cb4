//! Target groups: whether they fit the service, and whether anything uses them.

use super::concern;
use crate::answer::{Concern, Severity};
use crate::ecs::legs::{groups, legs_of, weights};
use crate::ecs::targets::{mappings, network_mode, target_subnets};
use crate::network::{
    LaunchType, LoadBalancer, LoadBalancerType, Network, NetworkMode, Resource, Service,
    ServiceTarget, TargetGroup, TargetType,
};
use ipnet::{IpNet, Ipv4Net};
use std::net::Ipv4Addr;

/// What the service's registrations with target groups bring about.
pub(super) fn concerns(network: &Network, service: &Service) -> Vec<Concern> {
    if service.targets.is_empty() {
        return Vec::new();
    }
    if service.launch_type == LaunchType::External {
        let what = "runs outside AWS, where ECS registers no task with a load balancer";
        let code = "LOAD_BALANCER_NOT_SUPPORTED";
        return vec![concern(service, Severity::Stops, code, what, "TSK-09")];
    }
    let mut concerns = Vec::new();
    if service.targets.len() > 1 {
        let what = format!(
            "is registered with {} target groups: a task that is unhealthy in one is replaced",
            service.targets.len()
        );
        let code = "SEVERAL_TARGET_GROUPS";
        concerns.push(concern(service, Severity::Note, code, what, "LBT-13"));
    }
    for target in &service.targets {
        concerns.extend(port(network, service, target));
        for group in groups(target).filter_map(|id| network.target_groups.get(id)) {
            concerns.extend(target_type(network, service, group));
            concerns.extend(vpc(network, service, group));
            concerns.extend(transport(network, service, target, group));
        }
        concerns.extend(used(network, service, target));
    }
    concerns
}

/// LBT-06: the mapping that is registered must be there.
fn port(network: &Network, service: &Service, target: &ServiceTarget) -> Option<Concern> {
    let definition = network.task_definitions.get(service.task_definition.as_ref()?)?;
    let name = target.container.as_deref()?;
    let found = definition.containers.iter().find(|one| one.name == name);
    let what = match (found, target.port) {
        (None, _) => {
            format!("has no container {name}, which service {} registers", service.label())
        }
        (Some(container), Some(port)) if !container.ports().any(|own| own == port) => {
            format!(
                "has no mapping of port {port} in container {name}, which service {} registers",
                service.label()
            )
        }
        _ => return None,
    };
    Some(concern(definition, Severity::Stops, "CONTAINER_PORT_NOT_MAPPED", what, "LBT-06"))
}

/// LBT-07: `awsvpc` tasks are addresses, bridge and host tasks are instances.
fn target_type(network: &Network, service: &Service, group: &TargetGroup) -> Option<Concern> {
    let mode = network_mode(network, service)?;
    let (named, fits, assumed) = match (&group.target_type, mode) {
        (_, NetworkMode::None) => return None,
        (TargetType::Ip, NetworkMode::Host) => {
            ("ip", !network.assumptions.holds("HOST_MODE_REJECTS_IP_TARGETS"), true)
        }
        (TargetType::Ip, mode) => ("ip", *mode == NetworkMode::Awsvpc, false),
        (TargetType::Instance, mode) => ("instance", *mode != NetworkMode::Awsvpc, false),
        (TargetType::Other(other), _) => (other.as_str(), false, false),
    };
    if fits {
        return None;
    }
    let assumed = if assumed { " (assumed: HOST_MODE_REJECTS_IP_TARGETS)" } else { "" };
    let what = format!(
        "has target type {named}, which is incompatible with the {mode} network mode of service {}{assumed}",
        service.label()
    );
    Some(concern(group, Severity::Stops, "TARGET_TYPE_MISMATCH", what, "LBT-07"))
}

/// LBT-08: instances are in the group's VPC; addresses beyond it are private.
fn vpc(network: &Network, service: &Service, group: &TargetGroup) -> Option<Concern> {
    let own = group.vpc.as_ref()?;
    let subnets = target_subnets(network, service).into_iter();
    let beyond = |cidr: &IpNet| match cidr {
        IpNet::V4(cidr) => !PRIVATE.iter().any(|(base, length)| {
            Ipv4Net::new(*base, *length).is_ok_and(|block| block.contains(cidr))
        }),
        IpNet::V6(_) => false,
    };
    let mut elsewhere = subnets.filter(|subnet| subnet.vpc != *own);
    let subnet = match group.target_type {
        TargetType::Instance => elsewhere.next()?,
        _ => elsewhere.find(|subnet| subnet.cidrs.iter().any(beyond))?,
    };
    let what = format!("takes no target in subnet {}, which is outside its VPC", subnet.label());
    Some(concern(group, Severity::Stops, "TARGET_GROUP_OUT_OF_REACH", what, "LBT-08"))
}

/// Where targets beyond the VPC may be (LBT-08).
const PRIVATE: [(Ipv4Addr, u8); 4] = [
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
];

/// LBT-14, as far as fields show it: what the balancer can forward, what the mapping publishes.
fn transport(
    network: &Network,
    service: &Service,
    target: &ServiceTarget,
    group: &TargetGroup,
) -> Vec<Concern> {
    let Some(protocol) = group.protocol.as_deref() else { return Vec::new() };
    let mut concerns = Vec::new();
    for leg in legs_of(network, service, target, group) {
        let fits = match leg.balancer.balancer_type {
            LoadBalancerType::Application => matches!(protocol, "HTTP" | "HTTPS"),
            LoadBalancerType::Network => !matches!(protocol, "HTTP" | "HTTPS"),
            LoadBalancerType::Other(_) => true,
        };
        if !fits {
            let balancer = leg.balancer.label();
            let what = format!("forwards {protocol}, which load balancer {balancer} cannot");
            let code = "TARGET_PROTOCOL_MISMATCH";
            concerns.push(concern(group, Severity::Stops, code, what, "LBT-14"));
        }
    }
    let wanted = match protocol {
        "UDP" => true,
        "HTTP" | "HTTPS" | "TCP" | "TLS" => false,
        _ => return concerns,
    };
    let published = mappings(network, service, target);
    if let (Some(port), false) = (target.port, published.is_empty())
        && published.iter().all(|one| one.udp != wanted)
    {
        let other = if wanted { "tcp" } else { "udp" };
        let what = format!("forwards {protocol} to port {port}, which the task maps as {other}");
        let code = "TARGET_PROTOCOL_MISMATCH";
        concerns.push(concern(group, Severity::Warning, code, what, "LBT-14"));
    }
    concerns
}

/// LBT-12, LBT-15: some rule must forward to the group; of two that deployments swap, to one.
fn used(network: &Network, service: &Service, target: &ServiceTarget) -> Option<Concern> {
    let group = network.target_groups.get(&target.target_group)?;
    let known: Option<Vec<&TargetGroup>> =
        groups(target).map(|id| network.target_groups.get(id)).collect();
    let legs: Vec<_> =
        known?.into_iter().flat_map(|one| legs_of(network, service, target, one)).collect();
    let balancers = network.load_balancers.values();
    if legs.is_empty() {
        // A group that is not known to be used by a balancer that is not here.
        if !group.load_balancers.is_empty() {
            return None;
        }
        let instead = balancers.filter_map(answers_itself).collect::<Vec<_>>().join("; ");
        let instead = if instead.is_empty() { instead } else { format!(" ({instead})") };
        let what = format!(
            "is used by no listener rule, so its targets are unused and service {} gets no requests{instead}",
            service.label()
        );
        return Some(concern(group, Severity::Stops, "TARGET_GROUP_UNUSED", what, "LBT-12"));
    }
    let weighed: Vec<u32> =
        legs.iter().flat_map(|leg| weights(leg.balancer, &leg.group.id)).collect();
    if weighed.is_empty() || weighed.iter().any(|&weight| weight > 0) {
        return None;
    }
    let what = "gets no requests: every rule that names it gives it weight 0";
    Some(concern(group, Severity::Warning, "TARGET_GROUP_NO_WEIGHT", what, "LBT-12"))
}

/// A balancer none of whose rules forwards, in words.
fn answers_itself(balancer: &LoadBalancer) -> Option<String> {
    let listeners = balancer.listeners.as_deref()?;
    let forwards = listeners.iter().any(|one| one.target_groups().next().is_some());
    (!forwards && !listeners.is_empty())
        .then(|| format!("load balancer {} only redirects or answers itself", balancer.label()))
}
