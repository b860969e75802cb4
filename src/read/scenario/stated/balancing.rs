//! Load balancers and target groups.

use super::{Entry, Stating, nowhere, sequence, text};
use crate::network::{
    AddressFamily, Kind, Listener, LoadBalancer, LoadBalancerType, RuleAction, Scheme, Target,
    TargetGroup, TargetType,
};
use crate::read::scenario::node::Node;

impl Stating<'_> {
    pub(super) fn load_balancer(&self, balancer: &LoadBalancer) -> Option<Node> {
        let balancer_type = match balancer.balancer_type {
            LoadBalancerType::Application => "application",
            LoadBalancerType::Network => "network",
            LoadBalancerType::Other(_) => return None,
        };
        let scheme = match balancer.scheme {
            Scheme::InternetFacing => "internet-facing",
            Scheme::Internal => "internal",
        };
        let subnets = balancer.subnets.iter().map(|id| id.as_str());
        let groups = balancer.groups.iter().map(|id| id.as_str());
        let mut listeners = Entry::new();
        for one in balancer.listeners.iter().flatten() {
            if let Some(node) = self.listener(one) {
                listeners = listeners.node(one.port, node);
            }
        }
        Some(
            Entry::new()
                .text("type", balancer_type)
                .text("scheme", scheme)
                .list("subnets", self.known(Kind::Subnet, subnets))
                .list("security_groups", self.known(Kind::SecurityGroup, groups))
                .node("listeners", listeners.done())
                .some("cross_zone", balancer.cross_zone)
                .some("idle_timeout", balancer.idle_seconds)
                .done(),
        )
    }

    /// A listener that forwards everything to one group; others stay as they are.
    fn listener(&self, listener: &Listener) -> Option<Node> {
        let [only] = listener.rules.as_slice() else { return None };
        let RuleAction::Forward(groups) = &only.action else { return None };
        let [group] = groups.as_slice() else { return None };
        let known = self.network.target_groups.contains_key(&group.target_group);
        if !known || group.weight != 1 || !only.conditions.is_empty() {
            return None;
        }
        let at = listener.at.clone().unwrap_or_else(nowhere);
        let entry = Entry::at(at).text("target_group", &group.target_group);
        Some(entry.text("protocol", &listener.protocol).done())
    }

    pub(super) fn target_group(&self, group: &TargetGroup) -> Option<Node> {
        let target_type = match &group.target_type {
            TargetType::Ip => "ip",
            TargetType::Instance => "instance",
            TargetType::Other(word) if word == "alb" => "alb",
            TargetType::Other(_) => return None,
        };
        let family = match group.family {
            AddressFamily::V4 => "ipv4",
            AddressFamily::V6 => "ipv6",
        };
        let check = &group.health_check;
        let health_check = Entry::new()
            .some("protocol", check.protocol.as_ref())
            .some("path", check.path.as_ref())
            .some("matcher", check.matcher.as_ref())
            .some("interval", check.interval_seconds)
            .some("timeout", check.timeout_seconds)
            .some("healthy_threshold", check.healthy_threshold)
            .some("unhealthy_threshold", check.unhealthy_threshold)
            .some("port", group.health_check_port);
        let targets = group.targets.iter().flatten().filter(|one| self.names(group, one));
        Some(
            Entry::new()
                .text("vpc", group.vpc.as_ref()?)
                .some("port", group.port)
                .some("protocol", group.protocol.as_ref())
                .text("type", target_type)
                .text("ip_address_type", family)
                .node("health_check", health_check.done())
                .some("cross_zone", group.cross_zone)
                .some("preserve_client_ip", group.preserve_client_ip)
                .node("targets", sequence(targets.map(target).collect()))
                .done(),
        )
    }

    /// Whether a file could name the target.
    fn names(&self, group: &TargetGroup, target: &Target) -> bool {
        match group.target_type {
            TargetType::Ip => true,
            TargetType::Instance => self.network.instances.contains_key(target.id.as_str()),
            TargetType::Other(_) => self.network.load_balancers.contains_key(target.id.as_str()),
        }
    }
}

fn target(target: &Target) -> Node {
    let place = match target.port {
        Some(port) => format!("{}:{port}", target.id),
        None => target.id.clone(),
    };
    match &target.health {
        None => text(&nowhere(), place),
        Some(health) => Entry::new()
            .text("target", place)
            .text("state", &health.state)
            .some("reason", health.reason.as_ref())
            .some("description", health.description.as_ref())
            .done(),
    }
}
