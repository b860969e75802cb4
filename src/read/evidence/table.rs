//! `/proc/net/tcp`, `tcp6`, `udp` and `udp6`, of a little-endian machine (EVD-05)

use super::{Bound, Found, Line, Listing};
use std::net::{IpAddr, Ipv6Addr};

/// Which listing a heading begins.
pub(super) fn heading(words: &[&str]) -> Option<Listing> {
    let ["sl", "local_address", remote, "st", ..] = words else { return None };
    Some(match (*remote, words.last()) {
        ("remote_address", Some(&"drops")) => Listing::UdpTable6,
        (_, Some(&"drops")) => Listing::UdpTable,
        ("remote_address", _) => Listing::Table6,
        _ => Listing::Table,
    })
}

/// Whether a line begins as a row does.
pub(super) fn begins_row(words: &[&str]) -> bool {
    let number = words.first().and_then(|word| word.strip_suffix(':'));
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

/// A row below the heading of `under`. Without a heading, a state that UDP sockets do not have
/// tells TCP.
pub(super) fn row(words: &[&str], under: Option<Listing>) -> Found {
    let [_, local, _, state, queues, ..] = words else { return None };
    if !begins_row(words) || !queues.contains(':') {
        return None;
    }
    let (address, port) = local.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let (address, tcp, udp) = match address.len() {
        8 => (IpAddr::V4(word(address)?.into()), Listing::Table, Listing::UdpTable),
        32 => (IpAddr::V6(sixteen(address)?), Listing::Table6, Listing::UdpTable6),
        _ => return None,
    };
    let under_udp = matches!(under, Some(Listing::UdpTable | Listing::UdpTable6));
    let bound = Bound::new(address, port);
    Some(match u8::from_str_radix(state, 16).ok()? {
        0x07 if (under_udp || under.is_none()) && port > 0 => (udp, Line::Receives(bound)),
        _ if under_udp => (udp, Line::Other),
        0x0a if port > 0 => (tcp, Line::Listens(bound)),
        _ => (tcp, Line::Other),
    })
}

/// Eight digits as the four bytes that stood in memory.
fn word(digits: &str) -> Option<[u8; 4]> {
    u32::from_str_radix(digits, 16).ok().map(u32::to_le_bytes)
}

fn sixteen(digits: &str) -> Option<Ipv6Addr> {
    let mut bytes = Vec::with_capacity(16);
    for start in [0, 8, 16, 24] {
        bytes.extend(word(digits.get(start..start + 8)?)?);
    }
    <[u8; 16]>::try_from(bytes).ok().map(Ipv6Addr::from)
}
