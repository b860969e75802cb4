//! What a task's containers listen on together (CTR-01).

use super::{Bound, Inferred, trusted};
use crate::header::{Family, IntervalSet, PortSet};
use crate::network::{Assumptions, Container, KnownPorts, Socket, TaskDefinition};
use std::net::{IpAddr, SocketAddr};

/// What the definition of a task leads to expect at a TCP port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outlook {
    /// Its command or environment proves whether a connection is accepted.
    Proven(Reason, bool),
    /// A connection is likely accepted.
    Likely(Reason),
    /// A connection is likely refused: by what listens on loopback, or on another port.
    Unlikely(Reason, Miss),
    /// Nothing tells.
    Open(String),
}

/// Why a connection is likely refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Miss {
    /// The server is on loopback, or on the other family.
    Address,
    /// The server is on another port.
    Port,
}

/// What an outlook rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The container.
    pub container: String,
    /// In words that follow the container's name: `likely listens on 127.0.0.1:8000: …`.
    pub text: String,
    /// What to write so that it is accepted.
    pub remedy: Option<String>,
    /// The open points that it rests on.
    pub assumptions: Vec<&'static str>,
}

/// The sockets that commands and variables tell of, and the TCP ports that they prove closed.
#[must_use]
pub(in crate::ecs) fn sockets(
    assumptions: &Assumptions,
    definition: &TaskDefinition,
) -> (Vec<Socket>, KnownPorts) {
    let all = Task::of(assumptions, definition);
    let mut sockets = Vec::new();
    for (container, bound) in all.bounds() {
        for socket in &bound.sockets {
            let proven = bound.certain && !all.is_held_unseen(container, socket.port);
            // What is likely proves no refusal, so that a likely refusal is no socket.
            if proven || takes_ipv4(socket) {
                sockets.push(Socket { likely: !proven, ..socket.clone() });
            }
        }
    }
    let closed: PortSet = IntervalSet::from_ranges(all.closed().map(|port| (port, port)));
    (sockets, KnownPorts { tcp: closed, udp: PortSet::empty() })
}

/// What is to be expected at a TCP port of a task, at an address of a family; `None` where a person states it.
#[must_use]
pub fn outlook(
    assumptions: &Assumptions,
    definition: &TaskDefinition,
    port: u16,
    family: Family,
) -> Option<Outlook> {
    let task = Task::of(assumptions, definition);
    if task.is_stated(port) {
        return None;
    }
    let on: Vec<(&Container, &Bound)> =
        task.bounds().filter(|(_, bound)| bound.ports().any(|own| own == port)).collect();
    let taking = on.iter().filter(|(_, bound)| takes(bound, port, family));
    if let Some((container, bound)) = taking.max_by_key(|(_, bound)| bound.certain) {
        let reason = reason(container, bound, port, listens(bound, Some(port)));
        return Some(match bound.certain {
            true => Outlook::Proven(reason, true),
            false => Outlook::Likely(reason),
        });
    }
    Some(match on.first() {
        Some((container, bound)) => match task.unseen_holder(container, port) {
            Some(other) => Outlook::Open(format!(
                "container {} {} only, and what container {} listens on is not known",
                container.name,
                listens(bound, Some(port)),
                other.name
            )),
            None => {
                let text = format!("{} only", listens(bound, Some(port)));
                let reason = reason(container, bound, port, text);
                match bound.certain {
                    true => Outlook::Proven(reason, false),
                    false => Outlook::Unlikely(reason, Miss::Address),
                }
            }
        },
        None => task.elsewhere(port),
    })
}

/// The containers of a task and what is inferred of each.
struct Task<'d>(Vec<(&'d Container, Option<Inferred>)>);

impl<'d> Task<'d> {
    fn of(assumptions: &Assumptions, definition: &'d TaskDefinition) -> Self {
        let one = |container: &'d Container| {
            // EVD-01: what a person states is stronger.
            (container, container.listens.is_none().then(|| trusted(assumptions, container)))
        };
        Self(definition.containers.iter().map(one).collect())
    }

    fn bounds(&self) -> impl Iterator<Item = (&'d Container, &Bound)> {
        self.0.iter().flat_map(|(container, inferred)| {
            let all = inferred.iter().flat_map(|it| it.main.iter().chain(&it.beside));
            all.map(move |bound| (*container, bound))
        })
    }

    fn is_stated(&self, port: u16) -> bool {
        self.0.iter().any(|(container, _)| {
            container.listens.as_ref().is_some_and(|sockets| {
                maps(container, port) || sockets.iter().any(|socket| socket.port == port)
            })
        })
    }

    /// Another container that maps the port, of which nothing is known.
    fn unseen_holder(&self, than: &Container, port: u16) -> Option<&'d Container> {
        let unseen = |it: &Option<Inferred>| it.as_ref().is_some_and(|it| it.main.is_err());
        let mut all = self.0.iter();
        all.find(|(one, it)| one.name != than.name && maps(one, port) && unseen(it))
            .map(|(one, _)| *one)
    }

    fn is_held_unseen(&self, than: &Container, port: u16) -> bool {
        self.unseen_holder(than, port).is_some()
    }

    /// CTR-08: the only port that a container maps is closed where its server surely takes
    /// another, and every other container's server is as sure.
    fn closed(&self) -> impl Iterator<Item = u16> {
        let sure = |it: &Option<Inferred>| match it {
            None => true,
            Some(it) => it.main.as_ref().is_ok_and(|bound| bound.certain) && it.beside.is_empty(),
        };
        let all_sure = self.0.iter().all(|(_, it)| sure(it));
        let taken: Vec<u16> = self.bounds().flat_map(|(_, bound)| bound.ports()).collect();
        let closed = self.0.iter().filter(|(_, it)| it.is_some()).filter_map(|(container, _)| {
            let mut ports = tcp_ports(container);
            ports.next().filter(|_| ports.next().is_none())
        });
        let free = closed.filter(|port| !taken.contains(port) && !self.is_stated(*port));
        free.filter(|_| all_sure).collect::<Vec<_>>().into_iter()
    }

    /// What is known of a port on which no server is expected.
    fn elsewhere(&self, port: u16) -> Outlook {
        let mapping: Vec<_> = self.0.iter().filter(|(one, _)| maps(one, port)).collect();
        let (container, inferred) = match (mapping.as_slice(), self.0.as_slice()) {
            ([only], _) => *only,
            ([], [only]) => only,
            ([], []) => return Outlook::Open("the task definition has no container".to_owned()),
            _ => return Outlook::Open("no container is known to listen there".to_owned()),
        };
        let name = &container.name;
        let Some(inferred) = inferred else {
            return Outlook::Open(format!("container {name} is not stated to"));
        };
        let bound = match &inferred.main {
            Ok(bound) => bound,
            Err(why) => return Outlook::Open(format!("container {name}: {why}")),
        };
        let text = listens(bound, None);
        // A program whose port is mapped beside this one may well have opened this one by code.
        let beside = bound.ports().any(|own| maps(container, own));
        if bound.port_often_other || beside {
            return Outlook::Open(format!("container {name} {text}"));
        }
        let reason = reason(container, bound, port, text);
        match self.closed().any(|closed| closed == port) {
            true => Outlook::Proven(reason, false),
            false => Outlook::Unlikely(reason, Miss::Port),
        }
    }
}

fn maps(container: &Container, port: u16) -> bool {
    tcp_ports(container).any(|own| own == port)
}

fn tcp_ports(container: &Container) -> impl Iterator<Item = u16> + '_ {
    let tcp = container.port_mappings.iter().filter(|one| !one.udp);
    tcp.flat_map(|one| one.container_port..=one.last_port)
}

fn takes_ipv4(socket: &Socket) -> bool {
    match socket.address {
        IpAddr::V4(address) => !address.is_loopback(),
        // Whether a `::` of which nothing is known takes IPv4 is for the packet to find out.
        IpAddr::V6(address) => address.is_unspecified() && socket.v6_only != Some(true),
    }
}

fn takes(bound: &Bound, port: u16, family: Family) -> bool {
    let takes = |socket: &Socket| match (family, socket.address) {
        (Family::V4, _) => takes_ipv4(socket),
        // EVD-13: whether `0.0.0.0` takes IPv6 is for the packet to find out.
        (Family::V6, IpAddr::V4(address)) => address.is_unspecified(),
        (Family::V6, IpAddr::V6(address)) => !address.is_loopback(),
    };
    bound.own.contains(&port)
        || bound.sockets.iter().any(|socket| socket.port == port && takes(socket))
}

fn reason(container: &Container, bound: &Bound, port: u16, text: String) -> Reason {
    let unless = bound.unless.as_ref().map(|it| format!(", {it}")).unwrap_or_default();
    let loopback = bound.sockets.iter().all(|socket| socket.address.is_loopback());
    let remedy = bound.remedy.clone().filter(|_| loopback || takes(bound, port, Family::V4));
    Reason {
        container: container.name.clone(),
        text: format!("{text}: {}{unless}", bound.evidence),
        remedy: remedy.filter(|_| !bound.sockets.is_empty()),
        assumptions: bound.assumptions.clone(),
    }
}

/// `likely listens on 127.0.0.1:8000`
fn listens(bound: &Bound, port: Option<u16>) -> String {
    let fits = |own: u16| port.is_none_or(|port| own == port);
    let shown = |socket: &Socket| {
        let families = match (socket.address.is_unspecified(), socket.v6_only) {
            (true, Some(true)) if socket.address.is_ipv6() => " (IPv6 only)",
            (true, Some(false)) => " (IPv6 and IPv4)",
            _ => "",
        };
        format!("{}{families}", SocketAddr::new(socket.address, socket.port))
    };
    let sockets = bound.sockets.iter().filter(|socket| fits(socket.port)).map(shown);
    let own = bound.own.iter().filter(|own| fits(**own));
    let own = own.map(|port| format!("its own address, port {port}"));
    let all: Vec<String> = sockets.chain(own).collect();
    let likely = if bound.certain { "" } else { "likely " };
    match all.is_empty() {
        true => format!("{likely}listens on a Unix socket only"),
        false => format!("{likely}listens on {}", all.join(" and ")),
    }
}
