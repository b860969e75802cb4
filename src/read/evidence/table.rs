//! `/proc/net/tcp`, `tcp6`, `udp` and `udp6`, of a little-endian machine (EVD-05)

use super::{Bound, Found, Line, Listing};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Which listing a heading begins.
pub(super) fn heading(words: &[&str]) -> Option<Listing> {
    let ["sl", "local_address", remote, "st", ..] = words else { return None };
    Some(match (*remote, words.last()) {
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
    let (address, listing) = match address.len() {
        8 => (IpAddr::V4(Ipv4Addr::from(word(address)?)), Listing::Table),
        32 => (IpAddr::V6(sixteen(address)?), Listing::Table6),
        _ => return None,
    };
    let udp = under == Some(Listing::UdpTable);
    Some(match (u8::from_str_radix(state, 16).ok()?, under) {
        _ if udp => (Listing::UdpTable, Line::Udp),
        (0x0a, _) if port > 0 => (listing, Line::Listens(Bound::new(address, port))),
        (0x07, None) => (Listing::UdpTable, Line::Udp),
        _ => (listing, Line::Other),
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
