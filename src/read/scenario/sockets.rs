//! What a container or a host listens on.

use super::node::{Fields, Node, Value};
use super::value::{boolean, choice, port, port_set, protocol};
use crate::header::{PortSet, ProtocolMatch};
use crate::network::{KnownPorts, Listening, Mesh, Proxied, Socket};
use crate::read::ReadError;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// The sockets under `listens`. An address without a port means each of `ports`.
pub(super) fn sockets(node: &Node, ports: &[u16], what: &str) -> Result<Vec<Socket>, ReadError> {
    let mut sockets = Vec::new();
    for one in node.one_or_more() {
        let (address, stated, like) = match &one.value {
            Value::Mapping(_) => from_mapping(one, what)?,
            _ => {
                let (address, port) = from_text(one, what)?;
                (address, port, Socket::new(address, 0))
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
            port,
            at: Some(one.at.clone()),
            ..like.clone()
        }));
    }
    Ok(sockets)
}

/// `{ address: "::", port: 8080, v6_only: false }`; what only a dump or a log tells has a
/// protocol, may be only likely, and may have a proxy before it.
fn from_mapping(node: &Node, what: &str) -> Result<(IpAddr, Option<u16>, Socket), ReadError> {
    let known = ["address", "port", "v6_only", "protocol", "likely", "proxy", "proxy_finds_it"];
    let fields = Fields::of(node, what, &node.at, &known)?;
    let (address, in_address) = match fields.get("address") {
        Some(address) => from_text(address, &fields.name("address"))?,
        None => (IpAddr::V4(Ipv4Addr::UNSPECIFIED), None),
    };
    let stated = fields.get("port").map(|node| port(node, &fields.name("port"))).transpose()?;
    let v6_only = match fields.get("v6_only") {
        Some(_) => Some(boolean(&fields, "v6_only", false)?),
        None => None,
    };
    let proxies =
        [("service-connect", Some(Mesh::ServiceConnect)), ("app-mesh", Some(Mesh::AppMesh))];
    let found = boolean(&fields, "proxy_finds_it", true)?;
    let socket = Socket {
        v6_only,
        protocol: protocol(&fields)?.unwrap_or(ProtocolMatch::Any),
        likely: boolean(&fields, "likely", false)?,
        proxied: choice(&fields, "proxy", &proxies, None)?.map(|by| Proxied { by, found }),
        ..Socket::new(address, 0)
    };
    Ok((address, stated.or(in_address), socket))
}

/// Ports of which everything that listens is known: `all`, `none`, a list, or by protocol
/// `{ tcp: all, udp: none }`.
pub(super) fn known_ports(node: &Node, what: &str) -> Result<KnownPorts, ReadError> {
    let Value::Mapping(_) = &node.value else {
        return port_set(node, what).map(KnownPorts::both);
    };
    let fields = Fields::of(node, what, &node.at, &["tcp", "udp"])?;
    let of = |key| fields.get(key).map_or(Ok(PortSet::empty()), |node| port_set(node, what));
    Ok(KnownPorts { tcp: of("tcp")?, udp: of("udp")? })
}

/// `observed: { listens: [...], known_ports: all }`: what was seen to listen.
pub(super) fn listening(node: &Node) -> Result<Listening, ReadError> {
    let known = ["listens", "known_ports", "logged_ports"];
    let fields = Fields::of(node, "`observed`", &node.at, &known)?;
    let ports = |key| match fields.get(key) {
        Some(node) => known_ports(node, &fields.name(key)),
        None => Ok(KnownPorts::default()),
    };
    let listens = fields.get("listens");
    let sockets = listens.map(|node| sockets(node, &[], &fields.name("listens"))).transpose()?;
    Ok(Listening {
        sockets: sockets.unwrap_or_default(),
        ports: ports("known_ports")?,
        logged: ports("logged_ports")?,
        at: Some(node.at.clone()),
    })
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
