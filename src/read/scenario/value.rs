//! Single values: addresses, blocks, ports, protocols, words.

use super::node::{Fields, Node};
use crate::header::{AddressSet, IntervalSet, PortSet, Protocol, ProtocolMatch};
use crate::network::{Families, closest};
use crate::read::ReadError;
use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// `true` or `false`.
pub(super) fn boolean(fields: &Fields<'_>, key: &str, default: bool) -> Result<bool, ReadError> {
    let Some(node) = fields.get(key) else { return Ok(default) };
    match node.text(&fields.name(key))? {
        "true" => Ok(true),
        "false" => Ok(false),
        other => {
            let message = format!("{} cannot be `{other}`", fields.name(key));
            Err(ReadError::at(&node.at, message).hint("write true or false"))
        }
    }
}

/// `true` or `false`; nothing where it is left out.
pub(super) fn switch(fields: &Fields<'_>, key: &str) -> Result<Option<bool>, ReadError> {
    fields.get(key).map(|_| boolean(fields, key, false)).transpose()
}

/// The texts of a list.
pub(super) fn texts(fields: &Fields<'_>, key: &str) -> Result<Vec<String>, ReadError> {
    let what = fields.name(key);
    fields.list(key)?.iter().map(|one| one.text(&what).map(str::to_owned)).collect()
}

/// One of several words, in any case; `default` when the key is left out.
pub(super) fn choice<T: Clone>(
    fields: &Fields<'_>,
    key: &str,
    words: &[(&str, T)],
    default: T,
) -> Result<T, ReadError> {
    let Some(node) = fields.get(key) else { return Ok(default) };
    let text = node.text(&fields.name(key))?;
    if let Some((_, value)) = words.iter().find(|(word, _)| word.eq_ignore_ascii_case(text)) {
        return Ok(value.clone());
    }
    let all: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    let hint = match closest(&text.to_ascii_lowercase(), all.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("it is one of {}", all.join(", ")),
    };
    Err(ReadError::at(&node.at, format!("{} cannot be `{text}`", fields.name(key))).hint(hint))
}

/// `ip_address_type`, in AWS's words.
pub(super) fn families(fields: &Fields<'_>) -> Result<Families, ReadError> {
    let words = [("ipv4", Families::V4), ("ipv6", Families::V6), ("dualstack", Families::Both)];
    choice(fields, "ip_address_type", &words, Families::V4)
}

/// A count, of seconds or of times.
pub(super) fn number(fields: &Fields<'_>, key: &str) -> Result<Option<u32>, ReadError> {
    let Some(node) = fields.get(key) else { return Ok(None) };
    let text = node.text(&fields.name(key))?;
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits).map(Some).ok_or_else(|| {
        ReadError::at(&node.at, format!("{} cannot be `{text}`", fields.name(key)))
            .hint("write a number")
    })
}

/// A CIDR block without address bits behind its prefix.
pub(super) fn cidr(node: &Node, what: &str) -> Result<IpNet, ReadError> {
    let text = node.text(what)?;
    let net: IpNet = text.parse().map_err(|_| {
        let error = ReadError::at(&node.at, format!("`{text}` is no CIDR block"));
        match text.parse::<IpAddr>() {
            Ok(IpAddr::V4(_)) => error.hint(format!("for this one address write {text}/32")),
            Ok(IpAddr::V6(_)) => error.hint(format!("for this one address write {text}/128")),
            Err(_) => error.hint("a block is an address and a prefix length, like 10.0.1.0/24"),
        }
    })?;
    if net.trunc() == net {
        return Ok(net);
    }
    let (block, one) = (net.trunc(), IpNet::from(net.addr()));
    Err(ReadError::at(&node.at, format!("`{text}` has address bits after its prefix"))
        .hint(format!("write {block} for the block, or {one} for the one address")))
}

/// The blocks under `cidr` or `cidrs`.
pub(super) fn cidrs(fields: &Fields<'_>) -> Result<Vec<IpNet>, ReadError> {
    let node = match (fields.either("cidr", "cidrs")?, fields.get("ipv6_cidr")) {
        (Some(node), _) => Some(node),
        (None, Some(_)) => None,
        (None, None) => Some(fields.need("cidr")?),
    };
    let what = fields.name("cidr");
    let mut blocks: Vec<IpNet> = match node {
        Some(node) => {
            node.one_or_more().iter().map(|one| cidr(one, &what)).collect::<Result<_, _>>()?
        }
        None => Vec::new(),
    };
    if let Some(node) = node.filter(|_| blocks.is_empty()) {
        return Err(ReadError::at(&node.at, format!("{} has no CIDR block", fields.what()))
            .hint("write one, like 10.0.0.0/16"));
    }
    for one in fields.get("ipv6_cidr").map_or(&[][..], Node::one_or_more) {
        let what = fields.name("ipv6_cidr");
        match cidr(one, &what)? {
            block @ IpNet::V6(_) => blocks.push(block),
            IpNet::V4(block) => {
                return Err(ReadError::at(&one.at, format!("{what} cannot be {block}"))
                    .hint("write an IPv6 block, like 2001:db8:0:100::/64"));
            }
        }
    }
    Ok(blocks)
}

/// An IPv6 address.
pub(super) fn ipv6(node: &Node, what: &str) -> Result<Ipv6Addr, ReadError> {
    let text = node.text(what)?;
    text.parse().map_err(|_| {
        ReadError::at(&node.at, format!("{what} must be an IPv6 address, not `{text}`"))
            .hint("an address is written like 2001:db8:0:100::10")
    })
}

/// An IPv4 address.
pub(super) fn ipv4(node: &Node, what: &str) -> Result<Ipv4Addr, ReadError> {
    let text = node.text(what)?;
    text.parse().map_err(|_| {
        ReadError::at(&node.at, format!("{what} must be an IPv4 address, not `{text}`"))
            .hint("an address is written like 10.0.1.10")
    })
}

/// An address of either family.
pub(super) fn ip(node: &Node, what: &str) -> Result<IpAddr, ReadError> {
    let text = node.text(what)?;
    text.parse().map_err(|_| {
        ReadError::at(&node.at, format!("{what} must be an address, not `{text}`"))
            .hint("an address is written like 10.0.1.10, or \"fd00::a\"")
    })
}

/// A set of IPv4 addresses as a list of addresses and ranges: `[10.0.1.4-10.0.1.9, 10.0.1.12]`.
pub(super) fn address_set(node: &Node, what: &str) -> Result<AddressSet, ReadError> {
    let (mut v4, mut v6) = (Vec::new(), Vec::new());
    for one in node.list(what)? {
        let text = one.text(what)?;
        let (low, high) = text.split_once('-').unwrap_or((text, text));
        match (low.parse::<IpAddr>(), high.parse::<IpAddr>()) {
            (Ok(IpAddr::V4(low)), Ok(IpAddr::V4(high))) if low <= high => {
                v4.push((low.into(), high.into()));
            }
            (Ok(IpAddr::V6(low)), Ok(IpAddr::V6(high))) if low <= high => {
                v6.push((low.into(), high.into()));
            }
            _ => {
                return Err(ReadError::at(&one.at, format!("`{text}` is no range of addresses"))
                    .hint("write 10.0.1.4, or 10.0.1.4-10.0.1.9"));
            }
        }
    }
    Ok(AddressSet { v4: IntervalSet::from_ranges(v4), v6: IntervalSet::from_ranges(v6) })
}

/// A whole number.
pub(super) fn count(fields: &Fields<'_>, key: &str) -> Result<Option<u32>, ReadError> {
    let Some(node) = fields.get(key) else { return Ok(None) };
    let text = node.text(&fields.name(key))?;
    text.parse().map(Some).map_err(|_| {
        ReadError::at(
            &node.at,
            format!("{} must be a whole number, not `{text}`", fields.name(key)),
        )
        .hint("write digits only, like 2")
    })
}

/// A port.
pub(super) fn port(node: &Node, what: &str) -> Result<u16, ReadError> {
    let text = node.text(what)?;
    port_number(text).ok_or_else(|| bad_port(node, text))
}

fn port_number(text: &str) -> Option<u16> {
    // `+80` would parse, but nobody means it.
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|&port| digits && port > 0)
}

fn bad_port(node: &Node, text: &str) -> ReadError {
    ReadError::at(&node.at, format!("`{text}` is no port")).hint(
        "a port is a number from 1 to 65535; rules also take ranges like \"8000-8010\", and `all`",
    )
}

/// `32768:8080`
pub(super) fn port_pair(text: &str) -> Option<(u16, u16)> {
    let (one, other) = text.split_once(':')?;
    Some((one.parse().ok()?, other.parse().ok()?))
}

/// The ports of a rule: a number, a range, or `all`.
fn port_range(node: &Node, what: &str) -> Result<PortSet, ReadError> {
    let text = node.text(what)?;
    if text == "all" {
        return Ok(PortSet::all());
    }
    let (low, high) = text.split_once('-').unwrap_or((text, text));
    // A range may begin at 0, as `0-65535` commonly does.
    let low =
        if low.trim() == "0" && text.contains('-') { Some(0) } else { port_number(low.trim()) };
    let high_port =
        if high.trim() == "0" && low == Some(0) { Some(0) } else { port_number(high.trim()) };
    match (low, high_port) {
        (Some(low), Some(high)) if low <= high => Ok(PortSet::from_range(low, high)),
        (Some(low), Some(high)) => {
            Err(ReadError::at(&node.at, format!("the range `{text}` ends before it begins"))
                .hint(format!("write \"{high}-{low}\"")))
        }
        _ => Err(bad_port(node, text)),
    }
}

/// What a rule says of protocol and ports. A port alone means TCP; neither of them means
/// everything. Each list item becomes a rule of its own (SG-01).
pub(super) fn traffic(fields: &Fields<'_>) -> Result<Vec<Traffic>, ReadError> {
    let stated = protocol(fields)?;
    let ports: Vec<PortSet> = match fields.get("port") {
        None => vec![PortSet::all()],
        Some(node) => node
            .one_or_more()
            .iter()
            .map(|one| port_range(one, &fields.name("port")))
            .collect::<Result<_, _>>()?,
    };
    let everything = ports.iter().all(|ports| *ports == PortSet::all());
    let protocol = match stated {
        Some(protocol) => protocol,
        None if everything => ProtocolMatch::Any,
        None => ProtocolMatch::Only(Protocol::Tcp),
    };
    // SG-02, NA-05: only TCP and UDP have ports.
    let has_ports = matches!(protocol, ProtocolMatch::Only(only) if only.has_ports());
    if let Some(node) = fields.get("port")
        && !has_ports
        && !everything
    {
        return Err(ReadError::at(&node.at, format!("{protocol} has no ports"))
            .hint("leave `port` out, or say `protocol: tcp` or `protocol: udp`"));
    }
    let icmp = matches!(protocol, ProtocolMatch::Only(Protocol::Icmp | Protocol::Icmpv6));
    let icmp = if icmp { Some(icmp_type(fields)?) } else { None };
    Ok(ports.into_iter().map(|ports| Traffic { protocol, ports, icmp }).collect())
}

/// `icmp: 8` or `icmp: 8/0`, a type and a code; every one where it is left out.
fn icmp_type(fields: &Fields<'_>) -> Result<(i16, i16), ReadError> {
    let Some(node) = fields.get("icmp") else { return Ok((-1, -1)) };
    let text = node.text(&fields.name("icmp"))?;
    let (kind, code) = text.split_once('/').unwrap_or((text, "-1"));
    match (kind.parse(), code.parse()) {
        (Ok(kind), Ok(code)) => Ok((kind, code)),
        _ => Err(ReadError::at(&node.at, format!("`{text}` is no type of ICMP"))
            .hint("write the type, or type and code: 8 or 3/4")),
    }
}

/// A set of ports as a list of ports and ranges, `all` or `none`.
pub(super) fn port_set(node: &Node, what: &str) -> Result<PortSet, ReadError> {
    if matches!(&node.value, super::node::Value::Scalar(text) if text == "none") {
        return Ok(PortSet::empty());
    }
    let mut all = PortSet::empty();
    for one in node.one_or_more() {
        all = all.union(&port_range(one, what)?);
    }
    Ok(all)
}

/// Protocol and ports of one rule.
pub(super) struct Traffic {
    pub protocol: ProtocolMatch,
    pub ports: PortSet,
    pub icmp: Option<(i16, i16)>,
}

pub(super) fn protocol(fields: &Fields<'_>) -> Result<Option<ProtocolMatch>, ReadError> {
    let Some(text) = fields.text("protocol")? else { return Ok(None) };
    if let Ok(number) = text.parse::<u8>() {
        return Ok(Some(ProtocolMatch::Only(Protocol::from_number(number))));
    }
    let words = [
        ("tcp", ProtocolMatch::Only(Protocol::Tcp)),
        ("udp", ProtocolMatch::Only(Protocol::Udp)),
        ("icmp", ProtocolMatch::Only(Protocol::Icmp)),
        ("icmpv6", ProtocolMatch::Only(Protocol::Icmpv6)),
        ("all", ProtocolMatch::Any),
    ];
    choice(fields, "protocol", &words, ProtocolMatch::Any).map(Some)
}
