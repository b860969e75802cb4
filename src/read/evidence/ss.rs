//! `ss -ltn`, `ss -ltnp`, `ss -lun`, `ss -tuan` (EVD-03)

use super::{Bound, Found, Line, Listing, host_and_port};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The states that `ss` prints.
const STATES: [&str; 12] = [
    "LISTEN",
    "UNCONN",
    "ESTAB",
    "SYN-SENT",
    "SYN-RECV",
    "FIN-WAIT-1",
    "FIN-WAIT-2",
    "TIME-WAIT",
    "CLOSE-WAIT",
    "LAST-ACK",
    "CLOSING",
    "CLOSED",
];

pub(super) fn line(words: &[&str]) -> Found {
    let line = match words {
        ["State" | "Netid", .., "Peer", _] | ["State" | "Netid", .., "Peer", _, "Process"] => {
            Line::Whole
        }
        [state, rest @ ..] if STATES.contains(state) => row("", state, rest)?,
        // Which kinds of sockets are listed decides whether the first column is there.
        [kind, state, rest @ ..] if STATES.contains(state) => row(kind, state, rest)?,
        _ => return None,
    };
    Some((Listing::Ss, line))
}

fn row(kind: &str, state: &str, rest: &[&str]) -> Option<Line> {
    let &[receive, send, local, ..] = rest else { return None };
    receive.parse::<u64>().and(send.parse::<u64>()).ok()?;
    Some(match (kind, state) {
        ("" | "tcp", "LISTEN") => Line::Listens(bound(local)?),
        ("" | "udp", "UNCONN") => Line::Receives(bound(local)?),
        _ => Line::Other,
    })
}

/// `0.0.0.0:P`, `*:P`, `[::]:P`, `0.0.0.0%eth0:P`, `[fe80::1]%eth0:P`, and what older versions
/// print: `:::P`, `::1:P`.
fn bound(local: &str) -> Option<Bound> {
    let (host, port) = host_and_port(local)?;
    let (host, device) = match host.split_once('%') {
        Some((host, device)) => (host, Some(device.trim_end_matches(']'))),
        None => (host, None),
    };
    let (address, v6_only) = match host.strip_prefix('[') {
        // A wildcard of both families. Where older versions mean IPv4 alone, IPv4 is still right.
        None if host == "*" => (IpAddr::V6(Ipv6Addr::UNSPECIFIED), Some(false)),
        None => (host.parse().ok()?, None),
        Some(inner) => {
            let address: Ipv6Addr = inner.trim_end_matches(']').parse().ok()?;
            (IpAddr::V6(address), address.is_unspecified().then_some(true))
        }
    };
    let mut bound = Bound { v6_only, ..Bound::new(address, port) };
    match device {
        Some("lo") if bound.address == IpAddr::V4(Ipv4Addr::UNSPECIFIED) => {
            bound.address = IpAddr::V4(Ipv4Addr::LOCALHOST);
        }
        Some("lo") if bound.address.is_unspecified() => {
            bound.address = IpAddr::V6(Ipv6Addr::LOCALHOST);
            bound.v6_only = None;
        }
        Some(device) if bound.address.is_unspecified() => bound.device = Some(device.to_owned()),
        _ => {}
    }
    Some(bound)
}
