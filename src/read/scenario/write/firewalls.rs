//! Network Firewalls.

use super::super::node::Node;
use super::Writer;
use super::tree::{Map, Yaml, text};
use crate::header::{AddressSet, PortSet, Protocol};
use crate::network::{At, Firewall, Kind, StatefulAction, StatefulDefault, StatelessAction, Tuple};

impl Writer<'_> {
    pub(super) fn firewall(&self, firewall: &Firewall) -> Option<Map> {
        let mut map = Map::default();
        let endpoints = firewall.endpoints.iter().map(|(id, endpoint)| {
            let mut map = Map::default();
            map.put("endpoint", self.key(Kind::VpcEndpoint, id));
            if let Some(subnet) = &endpoint.subnet {
                map.put("subnet", self.key(Kind::Subnet, subnet));
            }
            map.unless("state", endpoint.state.as_str(), "READY");
            Yaml::Map(map)
        });
        map.items("endpoints", endpoints);
        map.0.extend(policy(firewall).0);
        Some(map)
    }
}

/// What a firewall says of its policy, which names nothing else, as an entry to change.
pub(in crate::read::scenario) fn entry(firewall: &Firewall, at: &At) -> Node {
    Yaml::Map(policy(firewall)).node(at)
}

fn policy(firewall: &Firewall) -> Map {
    let mut map = Map::default();
    let Some(policy) = &firewall.policy else {
        map.put("policy", text("unknown"));
        return map;
    };
    let default = stateless(policy.stateless_default);
    map.unless("stateless_default", default, "forward");
    map.unless("order", if policy.strict { "strict" } else { "default" }, "default");
    let default = match policy.stateful_default {
        StatefulDefault::Pass => "pass",
        StatefulDefault::Drop => "drop",
        StatefulDefault::DropEstablished => "drop_established",
    };
    map.unless("stateful_default", default, "pass");
    let rules = (0..).zip(&policy.stateless).map(|(place, rule)| {
        let mut map = Map::default();
        map.put("action", text(stateless(rule.action)));
        put_tuple(&mut map, &rule.tuple);
        map.unless("certain", rule.certain, true);
        rank(&mut map, &rule.name, rule.priority, place, "stateless");
        Yaml::Map(map)
    });
    map.items("stateless", rules);
    let rules = (0..).zip(&policy.stateful).map(|(place, rule)| {
        let mut map = Map::default();
        let action = match rule.action {
            StatefulAction::Pass => "pass",
            StatefulAction::Drop => "drop",
            StatefulAction::Reject => "reject",
        };
        map.put("action", text(action));
        put_tuple(&mut map, &rule.tuple);
        map.unless("both_ways", rule.both_ways, false);
        map.unless("certain", rule.certain, true);
        rank(&mut map, &rule.name, rule.priority, place, "stateful");
        Yaml::Map(map)
    });
    map.items("stateful", rules);
    map
}

fn stateless(action: StatelessAction) -> &'static str {
    match action {
        StatelessAction::Pass => "pass",
        StatelessAction::Drop => "drop",
        StatelessAction::Forward => "forward",
    }
}

fn protocol(protocol: &Protocol) -> Yaml {
    match protocol {
        Protocol::Other(number) => text(number),
        known => text(known),
    }
}

fn rank(map: &mut Map, name: &str, (group, own): (u32, u32), place: u32, kind: &str) {
    map.unless("priority", format!("{group}/{own}"), format!("0/{place}"));
    map.unless("name", name, &*format!("{kind} rule {}", u64::from(place) + 1));
}

fn put_tuple(map: &mut Map, tuple: &Tuple) {
    let all_ports = PortSet::all();
    let some_ports = tuple.destination_ports != all_ports;
    match tuple.protocols.is_empty() {
        true if some_ports => map.put("protocol", text("all")),
        true => {}
        false => map.put("protocol", tuple.protocols.iter().map(protocol).collect::<Vec<_>>()),
    }
    for (key, set) in [("from", &tuple.source), ("to", &tuple.destination)] {
        if *set != AddressSet::all() {
            map.put(key, set.to_nets().iter().map(text).collect::<Vec<_>>());
        }
    }
    let ends = [("source_port", &tuple.source_ports), ("port", &tuple.destination_ports)];
    for (key, set) in ends.into_iter().filter(|(_, set)| **set != all_ports) {
        let ranges = set.ranges().iter().map(|(low, high)| text(format!("{low}-{high}")));
        match set.is_empty() {
            true => map.put(key, text("none")),
            false => map.put(key, ranges.collect::<Vec<_>>()),
        }
    }
}
