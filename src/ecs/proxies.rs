//! Proxies that AWS puts before a task's own processes.
//!
//! A sidecar that a person runs needs nothing here: it has a socket like any other, and what it
//! forwards to on loopback is nobody else's business (CTR-11).

use super::KnownSockets;
use crate::header::{PortSet, Protocol, ProtocolMatch};
use crate::network::{
    Assumptions, KnownPorts, Mesh, NetworkMode, Proxied, Service, Socket, TaskDefinition,
};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The sockets of a service's task, as they look from outside it: connections to some ports go to
/// a proxy, which makes its own to 127.0.0.1 (CTR-12, CTR-13).
#[must_use]
pub fn proxied(
    assumptions: &Assumptions,
    mut known: KnownSockets,
    definition: Option<&TaskDefinition>,
    service: Option<&Service>,
) -> KnownSockets {
    let Some(definition) = definition.filter(|one| one.network_mode == NetworkMode::Awsvpc) else {
        return known;
    };
    for (port, by) in redirected(definition, service) {
        let inside = by == Mesh::ServiceConnect || assumptions.holds("APPMESH_DIALS_LOOPBACK");
        redirect(&mut known, port, by, if inside { dialled } else { dialled_outside });
    }
    for port in own_ports(definition, service) {
        known.sockets.push(Socket::new(Ipv4Addr::UNSPECIFIED.into(), port));
    }
    known
}

/// The ports whose connections a proxy takes, unless they come from inside the task (CTR-14).
fn redirected(definition: &TaskDefinition, service: Option<&Service>) -> Vec<(u16, Mesh)> {
    let mut ports = Vec::new();
    let connect = service.and_then(|service| service.service_connect.as_ref());
    for offered in connect.into_iter().flat_map(|connect| &connect.services) {
        // CTR-12: with an override, the port itself is left alone.
        if offered.ingress_port.is_none() {
            let port = named_port(definition, &offered.port_name);
            ports.extend(port.map(|port| (port, Mesh::ServiceConnect)));
        }
    }
    let mesh = definition.proxy.iter().filter(|proxy| proxy.proxy_type == "APPMESH");
    let of_mesh = mesh.flat_map(|proxy| &proxy.app_ports);
    ports.extend(of_mesh.map(|&port| (port, Mesh::AppMesh)));
    ports
}

/// Whether a proxy takes the connections to a port of the task.
#[must_use]
pub fn taken_by_proxy(definition: &TaskDefinition, service: Option<&Service>, port: u16) -> bool {
    definition.network_mode == NetworkMode::Awsvpc
        && redirected(definition, service).iter().any(|(own, _)| *own == port)
}

/// The container port of the mapping of that name.
fn named_port(definition: &TaskDefinition, name: &str) -> Option<u16> {
    let mut mappings = definition.containers.iter().flat_map(|one| &one.port_mappings);
    let named = mappings.find(|one| one.name.as_deref() == Some(name));
    named.map(|one| one.container_port)
}

/// The ports that the proxies themselves listen on.
fn own_ports(definition: &TaskDefinition, service: Option<&Service>) -> Vec<u16> {
    let connect = service.and_then(|service| service.service_connect.as_ref());
    let overrides =
        connect.into_iter().flat_map(|it| &it.services).filter_map(|it| it.ingress_port);
    overrides.chain(definition.proxy.iter().filter_map(|proxy| proxy.ingress_port)).collect()
}

fn redirect(
    known: &mut KnownSockets,
    port: u16,
    by: Mesh,
    dialled: fn(&Socket, &[Socket]) -> Option<bool>,
) {
    let this = KnownPorts { tcp: PortSet::single(port), ..KnownPorts::default() };
    let here = |one: &&Socket| one.port == port && one.protocol.matches(Protocol::Tcp);
    let on: Vec<Socket> = known.sockets.iter().filter(here).cloned().collect();
    let answers: Vec<Option<bool>> = on.iter().map(|one| dialled(one, &on)).collect();
    let found = match () {
        () if answers.contains(&Some(true)) => Some(true),
        () if answers.contains(&None) => None,
        // Nobody states what listens there.
        () if on.is_empty() && !known.ports.contains(Protocol::Tcp, port) => return,
        () => Some(false),
    };
    let chosen = on.iter().zip(&answers).find(|(_, answer)| **answer == Some(true));
    let at = chosen.map(|(one, _)| one).or(on.first()).and_then(|one| one.at.clone());
    let at = at.or_else(|| known.at.clone());
    let others = std::mem::take(&mut known.sockets);
    known.sockets = others.into_iter().filter_map(|one| one.beside(&this)).collect();
    known.sockets.push(Socket {
        protocol: ProtocolMatch::Only(Protocol::Tcp),
        likely: found.is_none(),
        proxied: Some(Proxied { by, found: found == Some(true) }),
        at,
        ..Socket::new(LOOPBACK, port)
    });
}

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Whether a connection to 127.0.0.1 is accepted; nothing where it cannot be told.
fn dialled(socket: &Socket, on: &[Socket]) -> Option<bool> {
    let accepts = match socket.address.to_canonical() {
        LOOPBACK => {
            // CTR-07: one word that means either loopback address, or both.
            let word = on.iter().any(|other| {
                other.address == IpAddr::V6(Ipv6Addr::LOCALHOST)
                    && other.at.is_some()
                    && other.at == socket.at
            });
            (!word).then_some(true)
        }
        IpAddr::V4(address) => Some(address.is_unspecified()),
        IpAddr::V6(address) if address.is_unspecified() => socket.v6_only.map(|only| !only),
        IpAddr::V6(_) => Some(false),
    };
    accepts.filter(|_| !socket.likely)
}

/// Whether a connection to the task's own address is accepted; nothing where it cannot be told.
fn dialled_outside(socket: &Socket, _: &[Socket]) -> Option<bool> {
    let accepts = match socket.address.to_canonical() {
        address if address.is_loopback() => Some(false),
        IpAddr::V4(address) => address.is_unspecified().then_some(true),
        IpAddr::V6(address) if address.is_unspecified() => socket.v6_only.map(|only| !only),
        IpAddr::V6(_) => Some(false),
    };
    accepts.filter(|_| !socket.likely)
}
