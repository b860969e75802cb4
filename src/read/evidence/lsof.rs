//! `lsof -nP -iTCP -sTCP:LISTEN` (EVD-04)

use super::{Bound, Found, Line, Listing, host_and_port};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

pub(super) fn line(words: &[&str]) -> Found {
    let line = match words {
        ["COMMAND", "PID", .., "NAME"] => Line::Other,
        _ => {
            let family = words.iter().position(|&word| word == "IPv4" || word == "IPv6")?;
            let wildcard = match words.get(family) {
                Some(&"IPv4") => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
                _ => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
            };
            let rest = words.get(family..)?;
            let node = rest.iter().position(|&word| word == "TCP" || word == "UDP")?;
            match rest.get(node..)? {
                ["TCP", name, "(LISTEN)"] => Line::Listens(bound(name, wildcard)?),
                ["UDP", name] if !name.contains("->") => Line::Receives(bound(name, wildcard)?),
                ["TCP" | "UDP", _] | ["TCP", _, _] => Line::Other,
                _ => return None,
            }
        }
    };
    Some((Listing::Lsof, line))
}

/// `*:P`, `127.0.0.1:P`, `[::1]:P`
fn bound(name: &str, wildcard: IpAddr) -> Option<Bound> {
    let (host, port) = host_and_port(name)?;
    let address = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(inner) => inner.parse().ok()?,
        None if host == "*" => wildcard,
        None => host.parse().ok()?,
    };
    Some(Bound::new(address, port))
}
