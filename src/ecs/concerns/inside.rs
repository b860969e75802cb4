//! What a container's own health check shows that the load balancer does not, and the other way
//! round: one asks from inside, the other from outside.

use super::concern;
use crate::answer::{Concern, Severity};
use crate::ecs::legs::{Leg, legs};
use crate::ecs::proxies::proxied;
use crate::ecs::sockets::{KnownSockets, known_sockets};
use crate::header::Protocol;
use crate::network::{Container, Network, NetworkMode, Resource, Service, Socket, TaskDefinition};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// What container health checks that ask on loopback bring about.
pub(super) fn concerns(network: &Network, service: &Service) -> Vec<Concern> {
    let definition = service.task_definition.as_ref();
    let definition = definition.and_then(|id| network.task_definitions.get(id));
    // CTR-01: elsewhere every container has a loopback of its own, or the host's.
    let Some(definition) = definition.filter(|one| one.network_mode == NetworkMode::Awsvpc) else {
        return Vec::new();
    };
    let known = known_sockets(&network.assumptions, Some(definition), service.observed.as_ref());
    let mut concerns = unhealthy(definition, &known);
    let outside = proxied(&network.assumptions, known.clone(), Some(definition), Some(service));
    for leg in legs(network, service) {
        concerns.extend(healthy_and_refused(network, service, definition, &outside, &leg));
    }
    concerns
}

/// CTR-06: the process listens, and not where its own health check asks.
fn unhealthy(definition: &TaskDefinition, known: &KnownSockets) -> Vec<Concern> {
    let mut concerns = Vec::new();
    for container in &definition.containers {
        for (host, port) in asked(container) {
            let on = on(known, port);
            let closed = known.ports.contains(Protocol::Tcp, port);
            if on.iter().any(|one| may_accept(one, host)) || (on.is_empty() && !closed) {
                continue;
            }
            let bound: Vec<String> =
                on.iter().map(|one| SocketAddr::new(one.address, port).to_string()).collect();
            let bound = match bound.is_empty() {
                true => format!("nothing listens on port {port}"),
                false => format!("the process listens on {} only", bound.join(" and ")),
            };
            let what = format!(
                "has a health check of container {} that asks {}, but {bound}: it becomes UNHEALTHY, and ECS replaces the task however well the load balancer reaches it",
                container.name,
                host.shown(port)
            );
            let severity = if container.optional { Severity::Note } else { Severity::Warning };
            concerns.push(concern(definition, severity, "HEALTH_COMMAND_REFUSED", what, "CTR-06"));
        }
    }
    concerns
}

/// CTR-05: the load balancer is refused where the container's own check succeeds.
fn healthy_and_refused(
    network: &Network,
    service: &Service,
    definition: &TaskDefinition,
    outside: &KnownSockets,
    leg: &Leg<'_>,
) -> Option<Concern> {
    let ports = [leg.port, leg.health_check_port];
    let port = ports.into_iter().flatten().find(|&port| {
        let on = on(outside, port);
        let inside = |one: &&Socket| {
            one.address.to_canonical().is_loopback() && !one.likely && one.proxied.is_none()
        };
        !on.is_empty() && on.iter().all(inside)
    })?;
    let asks = definition.containers.iter().find(|one| asked(one).iter().any(|ask| ask.1 == port));
    let healthy = network
        .tasks_of(service)
        .flat_map(|task| &task.containers)
        .find(|container| container.health_status.as_deref() == Some("HEALTHY"));
    let why = match (asks, healthy) {
        (Some(container), _) => {
            format!(
                "the health check of container {} asks from inside and succeeds",
                container.name
            )
        }
        (None, Some(container)) => format!("container {} is HEALTHY", container.name),
        (None, None) => return None,
    };
    let what = format!(
        "listens on loopback only, on port {port}: {why}, while load balancer {} is refused. ECS replaces a task for an unhealthy target although its containers are HEALTHY",
        leg.balancer.label()
    );
    Some(concern(service, Severity::Warning, "HEALTHY_BUT_REFUSED", what, "CTR-05"))
}

fn on(known: &KnownSockets, port: u16) -> Vec<&Socket> {
    let here = |one: &&Socket| one.port == port && one.protocol.matches(Protocol::Tcp);
    known.sockets.iter().filter(here).collect()
}

/// Whom a health command asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    /// 127.0.0.1
    V4,
    /// ::1
    V6,
    /// `localhost`: one of them, or one after the other (CTR-07).
    Name,
}

impl Asked {
    fn shown(self, port: u16) -> String {
        match self {
            Self::V4 => format!("127.0.0.1:{port}"),
            Self::V6 => format!("[::1]:{port}"),
            Self::Name => format!("localhost:{port}"),
        }
    }
}

/// The loopback addresses and ports that a container's health command names in URLs.
fn asked(container: &Container) -> Vec<(Asked, u16)> {
    let Some(check) = &container.health_check else { return Vec::new() };
    let mut all = Vec::new();
    for word in
        check.command.iter().flat_map(|text| text.split(|c: char| " \t'\"();|&".contains(c)))
    {
        let (rest, default) = match (word.strip_prefix("http://"), word.strip_prefix("https://")) {
            (Some(rest), _) => (rest, Some(80)),
            (_, Some(rest)) => (rest, Some(443)),
            _ => (word, None),
        };
        let hosts = [("127.0.0.1", Asked::V4), ("[::1]", Asked::V6), ("localhost", Asked::Name)];
        for (name, host) in hosts {
            let Some(rest) = rest.strip_prefix(name) else { continue };
            let port = match rest.strip_prefix(':') {
                Some(rest) => {
                    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
                    rest.get(..end).and_then(|digits| digits.parse().ok())
                }
                None if rest.is_empty() || rest.starts_with(['/', '?']) => default,
                None => None,
            };
            all.extend(port.filter(|&port| port > 0).map(|port| (host, port)));
        }
    }
    all
}

/// Whether a socket accepts, or may accept, what comes for loopback (CTR-02).
fn may_accept(socket: &Socket, asked: Asked) -> bool {
    let v4 = match socket.address.to_canonical() {
        IpAddr::V4(address) => address.is_unspecified() || address == Ipv4Addr::LOCALHOST,
        IpAddr::V6(address) => address.is_unspecified() && socket.v6_only != Some(true),
    };
    let v6 = match socket.address.to_canonical() {
        IpAddr::V4(_) => false,
        IpAddr::V6(address) => address.is_unspecified() || address == Ipv6Addr::LOCALHOST,
    };
    let accepts = match asked {
        Asked::V4 => v4,
        Asked::V6 => v6,
        Asked::Name => v4 || v6,
    };
    accepts || socket.likely
}
