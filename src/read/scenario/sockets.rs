//! What a container or a host listens on.

use super::node::{Fields, Node, Value};
use super::value::{boolean, port};
use crate::network::Socket;
use crate::read::ReadError;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// The sockets under `listens`. An address without a port means each of `ports`.
pub(super) fn sockets(node: &Node, ports: &[u16], what: &str) -> Result<Vec<Socket>, ReadError> {
    let mut sockets = Vec::new();
    for one in node.one_or_more() {
        let (address, stated, v6_only) = match &one.value {
            Value::Mapping(_) => from_mapping(one, what)?,
            _ => {
                let (address, port) = from_text(one, what)?;
                (address, port, None)
            }
        };
        let ports = stated.as_ref().map_or(ports, std::slice::from_ref);
        if ports.is_empty() {
            return Err(ReadError::at(
                &one.at,
                format!("{what} says on which address, and no port"),
            )
            .hint(format!("write {}", SocketAddr::new(address, 8080))));
        }
        sockets.extend(ports.iter().map(|&port| Socket {
            v6_only,
            at: Some(one.at.clone()),
            ..Socket::new(address, port)
        }));
    }
    Ok(sockets)
}

/// `{ address: "::", port: 8080, v6_only: false }`
fn from_mapping(node: &Node, what: &str) -> Result<(IpAddr, Option<u16>, Option<bool>), ReadError> {
    let fields = Fields::of(node, what, &node.at, &["address", "port", "v6_only"])?;
    let (address, in_address) = match fields.get("address") {
        Some(address) => from_text(address, &fields.name("address"))?,
        None => (IpAddr::V4(Ipv4Addr::UNSPECIFIED), None),
    };
    let stated = fields.get("port").map(|node| port(node, &fields.name("port"))).transpose()?;
    let v6_only = match fields.get("v6_only") {
        Some(_) => Some(boolean(&fields, "v6_only", false)?),
        None => None,
    };
    Ok((address, stated.or(in_address), v6_only))
}

/// `127.0.0.1`, `127.0.0.1:8080`, `::`, `[::]:8080`, or only a port for every IPv4 address.
fn from_text(node: &Node, what: &str) -> Result<(IpAddr, Option<u16>), ReadError> {
    let text = node.text(what)?;
    if let Ok(address) = text.parse::<IpAddr>() {
        return Ok((address, None));
    }
    if let Some(address) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'))
        && let Ok(address) = address.parse::<IpAddr>()
    {
        return Ok((address, None));
    }
    match text.parse::<SocketAddr>() {
        Ok(socket) if socket.port() > 0 => return Ok((socket.ip(), Some(socket.port()))),
        _ => {}
    }
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok((IpAddr::V4(Ipv4Addr::UNSPECIFIED), Some(port(node, what)?)));
    }
    let hint = match text.split(':').next() {
        // CTR-07: which address that is depends on the program.
        Some("localhost") => "write the address that the program binds for it, such as 127.0.0.1",
        _ => {
            "write an address, an address and a port, or a port: \
              127.0.0.1, 0.0.0.0:8080, \"[::]:8080\", 8080"
        }
    };
    Err(ReadError::at(&node.at, format!("`{text}` is no address to listen on")).hint(hint))
}
