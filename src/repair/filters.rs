//! Rules of security groups and entries of network ACLs.

use super::commands::authorize;
use super::ground::{Ground, Way, edit, list, quoted};
use crate::answer::{Direction, End};
use crate::network::{AclAction, AclEntry, EndpointType, Resource};

/// A rule on each group that stops the packet, for each way to name the other end.
pub(super) fn groups(it: &Ground<'_>) -> Vec<Way> {
    let outbound = it.blocker.what.contains("outbound") || it.blocker.what.contains(" out");
    let asked = name_server(it);
    let far = if outbound { it.destination() } else { it.source() };
    let (protocol, port, peers) = match &asked {
        Some((address, protocol)) if outbound => {
            (*protocol, Some(53), vec![vec![format!("{address}/32")]])
        }
        Some(_) => return Vec::new(),
        None => (it.protocol_word(), it.port(), peers(it, far)),
    };
    let mut ways = Vec::new();
    for group in it.stopping() {
        if !it.network.security_groups.contains_key(group.as_str()) {
            continue;
        }
        for peers in &peers {
            ways.extend(rule(it, &group, outbound, protocol, port, peers).map(|one| vec![one]));
        }
    }
    ways
}

fn rule(
    it: &Ground<'_>,
    group: &str,
    outbound: bool,
    protocol: &str,
    port: Option<u16>,
    peers: &[String],
) -> Option<super::Edit> {
    let (list_key, peer_key, word) =
        if outbound { ("egress", "to", "out to") } else { ("ingress", "from", "in from") };
    let peer = match peers {
        [only] => quoted(only),
        several => list(several),
    };
    let ports = port.map(|port| format!(", port: {port}")).unwrap_or_default();
    let named = if protocol == "tcp" && port.is_some() {
        String::new()
    } else {
        format!(", protocol: {protocol}")
    };
    let yaml = format!(
        "security_groups: {{ {}: {{ {list_key}: {{ +: {{ {peer_key}: {peer}{ports}{named} }} }} }} }}",
        quoted(group)
    );
    let label = it.network.security_groups.get(group).map_or(group, Resource::label);
    let shown: Vec<String> = peers.iter().map(|one| peer_label(it, one)).collect();
    let port_text = port.map(|port| format!(" {port}")).unwrap_or_default();
    let what = format!("let sg {label} {word} {} on {protocol}{port_text}", shown.join(", "));
    let command = authorize(it.network, group, outbound, protocol, port, peers);
    edit(what, &yaml, vec![command])
}

fn peer_label(it: &Ground<'_>, peer: &str) -> String {
    let group = it.network.security_groups.get(peer);
    group.map_or_else(|| peer.to_owned(), |one| format!("sg {}", Resource::label(one)))
}

/// The ways to name an end in a rule, the narrowest first.
fn peers(it: &Ground<'_>, far: &End) -> Vec<Vec<String>> {
    let mut ways: Vec<Vec<String>> =
        it.groups(far).iter().map(|group| vec![group.to_string()]).collect();
    let blocks: Vec<String> = it.blocks(far).iter().map(ToString::to_string).collect();
    if !blocks.is_empty() {
        ways.push(blocks);
    }
    if it.is_public(far) && ways.is_empty() {
        let gateways = it.endpoints(EndpointType::Gateway);
        let services: Vec<&str> = gateways.iter().map(|one| one.service_name.as_str()).collect();
        let lists = it.network.prefix_lists.values();
        let lists = lists.filter(|one| services.contains(&Resource::label(*one)));
        ways.extend(lists.map(|one| vec![one.id.to_string()]));
        ways.push(vec!["0.0.0.0/0".to_owned()]);
    }
    ways
}

/// The server that a question for the name goes to, where that question is what is stopped.
fn name_server(it: &Ground<'_>) -> Option<(String, &'static str)> {
    let first = it.answer.blockers.first()?;
    if first.code.0 != "NAME_SERVER_UNREACHABLE" {
        return None;
    }
    let words: Vec<&str> = first.what.split([' ', ',']).filter(|word| !word.is_empty()).collect();
    let after = |word: &str| {
        let at = words.iter().position(|one| *one == word)?;
        words.get(at + 1).copied()
    };
    let server: std::net::Ipv4Addr = after("server")?.parse().ok()?;
    let protocol = if after("on")? == "udp" { "udp" } else { "tcp" };
    Some((server.to_string(), protocol))
}

/// An entry in front of what denies the packet.
pub(super) fn acls(it: &Ground<'_>) -> Vec<Way> {
    let outbound = it.blocker.what.contains("outbound") || it.blocker.what.contains(" out ");
    let reply = it.blocker.direction == Direction::Return;
    // Outbound requests and inbound replies are of the destination, as the packet's own list sees it.
    let far = if outbound == reply { it.source() } else { it.destination() };
    let mut blocks: Vec<String> = it.blocks(far).iter().map(ToString::to_string).collect();
    if it.is_public(far) && blocks.is_empty() {
        blocks.push("0.0.0.0/0".to_owned());
    }
    // Replies go to the port that the client chose.
    let ports = match (reply, it.port()) {
        (true, _) if it.protocol.has_ports() => Some("1024-65535".to_owned()),
        (true, _) => None,
        (false, port) => port.map(|port| port.to_string()),
    };
    let mut ways = Vec::new();
    for id in it.stopping() {
        let Some(acl) = it.network.network_acls.get(id.as_str()) else { continue };
        let entries = if outbound { &acl.egress } else { &acl.ingress };
        for block in &blocks {
            let Some(number) = free_number(entries) else { continue };
            let key = if outbound { "egress" } else { "ingress" };
            let protocol = it.protocol_word();
            let port = ports.as_ref().map(|ports| format!(", port: {ports}")).unwrap_or_default();
            let yaml = format!(
                "network_acls: {{ {}: {{ {key}: {{ +: {{ rule: {number}, allow: {block}, protocol: \
                 {protocol}{port} }} }} }} }}",
                quoted(&id)
            );
            let label = Resource::label(acl);
            let word = if outbound { "out to" } else { "in from" };
            let shown = ports.as_deref().unwrap_or("all ports");
            let what = format!("let acl {label} {word} {block} on {protocol} {shown}");
            let traffic =
                match ports.as_deref().map(|all| all.split_once('-').unwrap_or((all, all))) {
                    _ if !it.protocol.has_ports() => "--icmp-type-code Type=-1,Code=-1".to_owned(),
                    Some((from, to)) => format!("--port-range From={from},To={to}"),
                    None => "--port-range From=0,To=65535".to_owned(),
                };
            let side = if outbound { "--egress" } else { "--ingress" };
            let command = format!(
                "aws ec2 create-network-acl-entry --network-acl-id {id} {side} --rule-number \
                 {number} --protocol {protocol} {traffic} --cidr-block \
                 {block} --rule-action allow"
            );
            ways.extend(edit(what, &yaml, vec![command]).map(|one| vec![one]));
        }
    }
    ways
}

/// A number before every denial, that no entry has.
fn free_number(entries: &[AclEntry]) -> Option<u32> {
    let taken = |number: u32| entries.iter().any(|entry| entry.number == number);
    let denials = entries.iter().filter(|entry| entry.action == AclAction::Deny);
    let first = denials.map(|entry| entry.number).min().unwrap_or(32767).min(32767);
    let last = entries.iter().map(|entry| entry.number).filter(|&one| one < first).max();
    // After what is there, in AWS's own steps of ten; else the last free one before the denial.
    let after = last.map_or(100, |last| last.saturating_add(10));
    if after < first && !taken(after) {
        return Some(after);
    }
    (1..first).rev().find(|&number| !taken(number))
}
