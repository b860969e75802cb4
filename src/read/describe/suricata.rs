//! Stateful rules, as Suricata writes them: `drop tcp $HOME_NET any -> 10.0.0.0/8 [22,3389] (sid:1;)`.

use crate::header::{AddressSet, PortSet, Protocol};
use crate::network::{StatefulAction, Tuple};
use ipnet::IpNet;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// Options that do not change what a rule matches.
const REMARKS: [&str; 8] =
    ["sid", "msg", "rev", "gid", "classtype", "metadata", "reference", "priority"];

/// How deep variables may name each other.
const DEPTH: u8 = 8;

/// What the names in rules stand for.
#[derive(Default)]
pub(super) struct Variables {
    pub addresses: BTreeMap<String, Vec<String>>,
    pub ports: BTreeMap<String, Vec<String>>,
}

/// A rule that does more than alert.
pub(super) struct Rule {
    pub action: StatefulAction,
    pub tuple: Tuple,
    pub both_ways: bool,
    /// Whether it matches all of the tuple.
    pub certain: bool,
}

/// The rule on a line; none where there is none, or it only alerts.
pub(super) fn line(text: &str, variables: &Variables) -> Option<Rule> {
    let text = text.trim();
    if text.is_empty() || text.starts_with('#') {
        return None;
    }
    let (header, options) = text.split_once('(').unwrap_or((text, ""));
    let mut words = header.split_whitespace();
    let words = [(); 7].map(|()| words.next().unwrap_or("any"));
    let options = options.trim_end().trim_end_matches(')').split(';');
    let keywords = options
        .map(|option| option.split(':').next().unwrap_or_default().trim())
        .filter(|keyword| !keyword.is_empty());
    rule(words, keywords, variables)
}

/// A rule by its words: action, protocol, source and port, direction, destination and port.
pub(super) fn rule<'o>(
    [action, protocol, source, source_port, direction, destination, port]: [&str; 7],
    options: impl Iterator<Item = &'o str>,
    variables: &Variables,
) -> Option<Rule> {
    let action = match action.to_ascii_lowercase().as_str() {
        "pass" => StatefulAction::Pass,
        "drop" => StatefulAction::Drop,
        "reject" => StatefulAction::Reject,
        _ => return None,
    };
    let mut certain = options.into_iter().all(|option| REMARKS.contains(&option));
    let protocols = match protocol.to_ascii_lowercase().as_str() {
        "ip" => BTreeSet::new(),
        "tcp" => BTreeSet::from([Protocol::Tcp]),
        "udp" => BTreeSet::from([Protocol::Udp]),
        "icmp" => BTreeSet::from([Protocol::Icmp]),
        // What an application speaks, its first packet does not show.
        _ => {
            certain = false;
            BTreeSet::from([Protocol::Tcp, Protocol::Udp])
        }
    };
    let mut settled = |found: Option<AddressSet>| {
        certain &= found.is_some();
        found.unwrap_or_else(AddressSet::all)
    };
    let source = settled(addresses(source, variables, DEPTH));
    let destination = settled(addresses(destination, variables, DEPTH));
    let mut settled = |found: Option<PortSet>| {
        certain &= found.is_some();
        found.unwrap_or_else(PortSet::all)
    };
    let source_ports = settled(ports(source_port, variables, DEPTH));
    let destination_ports = settled(ports(port, variables, DEPTH));
    let tuple = Tuple { protocols, source, source_ports, destination, destination_ports };
    let both_ways = direction == "<>" || direction.eq_ignore_ascii_case("any");
    Some(Rule { action, tuple, both_ways, certain })
}

/// One block or address.
pub(super) fn block(text: &str) -> Option<AddressSet> {
    let single = || text.parse::<IpAddr>().ok().map(AddressSet::single);
    text.parse::<IpNet>().ok().map(|net| AddressSet::from_net(net.trunc())).or_else(single)
}

fn addresses(text: &str, variables: &Variables, depth: u8) -> Option<AddressSet> {
    let text = text.trim();
    let depth = depth.checked_sub(1)?;
    if text.eq_ignore_ascii_case("any") {
        return Some(AddressSet::all());
    }
    if let Some(not) = text.strip_prefix('!') {
        return Some(AddressSet::all().difference(&addresses(not, variables, depth)?));
    }
    let items = match (text.strip_prefix('$'), listed(text)) {
        (Some(name), _) => variables.addresses.get(name)?.clone(),
        (None, Some(items)) => items,
        (None, None) => return block(text),
    };
    let (mut all, mut none) = (AddressSet::empty(), AddressSet::empty());
    for item in &items {
        match item.trim().strip_prefix('!') {
            Some(not) => none = none.union(&addresses(not, variables, depth)?),
            None => all = all.union(&addresses(item, variables, depth)?),
        }
    }
    let only_not = items.iter().all(|item| item.trim().starts_with('!'));
    Some(if only_not { AddressSet::all() } else { all }.difference(&none))
}

fn ports(text: &str, variables: &Variables, depth: u8) -> Option<PortSet> {
    let text = text.trim();
    let depth = depth.checked_sub(1)?;
    if text.eq_ignore_ascii_case("any") {
        return Some(PortSet::all());
    }
    if let Some(not) = text.strip_prefix('!') {
        return Some(ports(not, variables, depth)?.complement());
    }
    let items = match (text.strip_prefix('$'), listed(text)) {
        (Some(name), _) => variables.ports.get(name)?.clone(),
        (None, Some(items)) => items,
        (None, None) => {
            let (low, high) = text.split_once(':').unwrap_or((text, text));
            let low = if low.is_empty() { Some(0) } else { low.parse().ok() };
            let high = if high.is_empty() { Some(u16::MAX) } else { high.parse().ok() };
            return Some(PortSet::from_range(low?, high?));
        }
    };
    let (mut all, mut none) = (PortSet::empty(), PortSet::empty());
    for item in &items {
        match item.trim().strip_prefix('!') {
            Some(not) => none = none.union(&ports(not, variables, depth)?),
            None => all = all.union(&ports(item, variables, depth)?),
        }
    }
    let only_not = items.iter().all(|item| item.trim().starts_with('!'));
    Some(if only_not { PortSet::all() } else { all }.difference(&none))
}

/// The items of `[a, b]`; nested lists are not taken apart.
fn listed(text: &str) -> Option<Vec<String>> {
    let inner = text.strip_prefix('[')?.strip_suffix(']')?;
    Some(inner.split(',').map(|item| item.trim().to_owned()).collect())
}
