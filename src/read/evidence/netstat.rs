//! `netstat -ltn`, of net-tools and of BusyBox (EVD-04)

use super::{Bound, Found, Line, Listing, host_and_port};

pub(super) fn line(words: &[&str]) -> Found {
    let line = match words {
        ["Active", "Internet", "connections", "(w/o", ..] => Line::Other,
        ["Active", "Internet", "connections", ..] => Line::Whole,
        ["Active", "UNIX", ..] | ["Proto", ..] => Line::Other,
        ["unix", _, "[", ..] => Line::Other,
        [protocol, receive, send, local, peer, rest @ ..] => {
            receive.parse::<u64>().and(send.parse::<u64>()).ok()?;
            match (*protocol, rest.first()) {
                ("tcp" | "tcp6", Some(&"LISTEN")) => Line::Listens(bound(local)?),
                ("tcp" | "tcp6", Some(state)) if is_state(state) => Line::Other,
                ("udp" | "udp6", _) if peer.ends_with(":*") => Line::Receives(bound(local)?),
                ("udp" | "udp6", _) => Line::Other,
                ("raw" | "raw6" | "udplite" | "udplite6" | "sctp", _) => Line::Other,
                _ => return None,
            }
        }
        _ => return None,
    };
    Some((Listing::Netstat, line))
}

fn is_state(word: &str) -> bool {
    word.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

/// `0.0.0.0:P`, `:::P`, `::1:P`. It is not told whether `::` takes IPv4, and a v4-mapped address is
/// printed as the IPv4 address.
fn bound(local: &str) -> Option<Bound> {
    let (host, port) = host_and_port(local)?;
    Some(Bound::new(host.parse().ok()?, port))
}
