//! Load balancers and target groups.

use super::Writer;
use super::tree::{Map, Yaml, one_or_more, text};
use crate::network::{
    AddressFamily, Families, Forward, HealthCheck, Kind, Listener, ListenerRule, LoadBalancer,
    LoadBalancerType, RuleAction, Scheme, Target, TargetGroup, TargetType,
};
use crate::read::scenario::balancers::{CONDITIONS, WITHOUT_PUBLIC_IPV4};
use std::net::{IpAddr, SocketAddr};

impl Writer<'_> {
    pub(super) fn load_balancer(&self, balancer: &LoadBalancer) -> Option<Map> {
        let mut map = Map::default();
        let kind = match &balancer.balancer_type {
            LoadBalancerType::Application => "application",
            LoadBalancerType::Network => "network",
            LoadBalancerType::Other(other) => other,
        };
        let application = balancer.balancer_type == LoadBalancerType::Application;
        map.unless("type", kind, "application");
        if balancer.scheme == Scheme::Internal {
            map.put("scheme", "internal");
        }
        self.vpc_beside(&mut map, &balancer.vpc, &balancer.subnets);
        map.items("subnets", self.key_all(Kind::Subnet, &balancer.subnets));
        let vpc = application.then_some(&balancer.vpc);
        self.groups(&mut map, &balancer.groups, vpc);
        if let Some(listeners) = &balancer.listeners
            && !(listeners.is_empty() && self.implied())
        {
            let mut all = Map::default();
            for listener in listeners {
                all.put(listener.port, self.listener(listener, application));
            }
            map.put("listeners", all);
        }
        map.some("cross_zone", balancer.cross_zone.map(text));
        map.some("idle_timeout", balancer.idle_seconds.map(text));
        let word = match balancer.public_ipv4 {
            true => balancer.families.word(),
            false => WITHOUT_PUBLIC_IPV4,
        };
        map.unless("ip_address_type", word, Families::V4.word());
        map.some("dns_name", balancer.dns_name.as_ref());
        Some(map)
    }

    fn listener(&self, listener: &Listener, application: bool) -> Yaml {
        let usual = match (application, listener.port) {
            (true, 443) => "HTTPS",
            (true, _) => "HTTP",
            (false, _) => "TCP",
        };
        let mut map = Map::default();
        map.unless("protocol", listener.protocol.as_str(), usual);
        let (last, rules) = match listener.rules.as_slice() {
            [rules @ .., last] => (Some(last), rules),
            [] => (None, &[] as &[ListenerRule]),
        };
        map.items("rules", rules.iter().map(|rule| self.rule(rule)));
        if let Some(last) = last {
            self.action(&mut map, &last.action);
        }
        match map.0.as_slice() {
            [(key, value)] if key == "target_group" => value.clone(),
            _ => Yaml::Map(map),
        }
    }

    fn rule(&self, rule: &ListenerRule) -> Map {
        let mut map = Map::default();
        let short = rule.conditions.iter().map(|one| condition(one)).collect::<Option<Vec<_>>>();
        // The reader keeps the order of its own words.
        let in_order = short.as_ref().is_some_and(|all| {
            let place = |word: &str| CONDITIONS.iter().position(|one| *one == word);
            all.is_sorted_by(|a, b| place(a.0) < place(b.0)) && !all.is_empty()
        });
        match short.filter(|_| in_order) {
            Some(conditions) => {
                for (word, values) in conditions {
                    map.put(word, one_or_more(values.into_iter().map(text).collect()));
                }
            }
            None => {
                let conditions = rule.conditions.iter().map(Yaml::from).collect::<Vec<_>>();
                map.put("conditions", conditions);
            }
        }
        self.action(&mut map, &rule.action);
        map
    }

    fn action(&self, map: &mut Map, action: &RuleAction) {
        match action {
            RuleAction::Forward(groups) => map.put("target_group", self.forwards(groups)),
            RuleAction::FixedResponse(status) => map.put("fixed_response", text(status)),
            RuleAction::Redirect => map.put("redirect", "elsewhere"),
            RuleAction::Other(action) => map.put("other_action", action),
        }
    }

    fn forwards(&self, groups: &[Forward]) -> Yaml {
        let plain = groups.iter().all(|one| one.weight == 1)
            && groups.is_sorted_by(|a, b| a.target_group < b.target_group);
        if plain {
            let groups = groups.iter().map(|one| &one.target_group);
            return one_or_more(self.key_all(Kind::TargetGroup, groups));
        }
        let mut map = Map::default();
        for Forward { target_group, weight } in groups {
            map.put(self.keys.key(Kind::TargetGroup, target_group.as_str()), text(weight));
        }
        Yaml::Map(map)
    }

    pub(super) fn target_group(&self, group: &TargetGroup) -> Option<Map> {
        let mut map = Map::default();
        map.some("vpc", group.vpc.as_ref().map(|vpc| self.key(Kind::Vpc, vpc)));
        let kind = match &group.target_type {
            TargetType::Ip => "ip",
            TargetType::Instance => "instance",
            TargetType::Other(other) => other,
        };
        map.unless("type", kind, "ip");
        map.some("port", group.port.map(text));
        let mut users = self.network.load_balancers.values().filter(|balancer| {
            let listeners = balancer.listeners.iter().flatten();
            listeners.flat_map(Listener::target_groups).any(|id| *id == group.id)
        });
        let user = users.next().filter(|_| self.implied());
        let usual = user.map(|balancer| match balancer.balancer_type {
            LoadBalancerType::Application => "HTTP",
            _ => "TCP",
        });
        if group.protocol.as_deref() != usual {
            map.some("protocol", group.protocol.as_ref());
        }
        if group.family == AddressFamily::V6 {
            map.put("ip_address_type", "ipv6");
        }
        let check = health_check(&group.health_check, group.health_check_port);
        if !check.is_empty() {
            map.put("health_check", check);
        }
        map.some("cross_zone", group.cross_zone.map(text));
        map.some("preserve_client_ip", group.preserve_client_ip.map(text));
        if let Some(targets) = &group.targets
            && !(targets.is_empty() && self.implied())
        {
            let targets = targets.iter().map(|target| self.target_of(group, target));
            map.put("targets", targets.collect::<Vec<_>>());
        }
        if !self.implied() {
            map.items("load_balancers", self.key_all(Kind::LoadBalancer, &group.load_balancers));
        }
        Some(map)
    }

    fn target_of(&self, group: &TargetGroup, target: &Target) -> Yaml {
        let id = target.id.as_str();
        let name = match group.target_type {
            TargetType::Ip => id,
            TargetType::Instance => self.keys.key(Kind::Instance, id),
            TargetType::Other(_) => self.keys.key(Kind::LoadBalancer, id),
        };
        let short = match (name.parse::<IpAddr>(), target.port) {
            (_, None) => Some(name.to_owned()),
            (Ok(address), Some(port)) => Some(SocketAddr::new(address, port).to_string()),
            (Err(_), Some(port)) if !name.contains(':') => Some(format!("{name}:{port}")),
            _ => None,
        };
        let mut map = Map::default();
        match short {
            Some(short) if target.health.is_none() => return text(short),
            Some(short) => map.put("target", short),
            None => {
                map.put("target", name);
                map.some("port", target.port.map(text));
            }
        }
        if let Some(health) = &target.health {
            map.put("state", &health.state);
            map.some("reason", health.reason.as_ref());
            map.some("description", health.description.as_ref());
        }
        Yaml::Map(map)
    }
}

/// `path /api/*, /v1/*` as a key and its values.
fn condition(text: &str) -> Option<(&str, Vec<&str>)> {
    let (word, values) = text.split_once(' ')?;
    let values: Vec<&str> = values.split(", ").collect();
    let whole = values.iter().all(|one| !one.is_empty() && one.trim() == *one);
    (CONDITIONS.contains(&word) && whole).then_some((word, values))
}

fn health_check(check: &HealthCheck, port: Option<u16>) -> Map {
    let mut map = Map::default();
    map.some("path", check.path.as_ref());
    map.some("port", port.map(text));
    map.some("protocol", check.protocol.as_ref());
    map.some("matcher", check.matcher.as_ref());
    map.some("interval", check.interval_seconds.map(text));
    map.some("timeout", check.timeout_seconds.map(text));
    map.some("healthy_threshold", check.healthy_threshold.map(text));
    map.some("unhealthy_threshold", check.unhealthy_threshold.map(text));
    map
}
