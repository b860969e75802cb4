//! What listens behind an interface, as a guard.

use super::Lowering;
use crate::answer::{Code, Failure, Missing, ResourceRef};
use crate::graph::{Action, Clause, Guard, GuardId, Note, Order, PeerTest, RuleSet, Side, Stop};
use crate::header::{AddressSet, IntervalSet, PortSet, Protocol, ProtocolMatch};
use crate::network::{InterfaceRole, Mesh, NetworkInterface, Proxied, Socket};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

impl Lowering<'_> {
    /// The guard that asks whether a socket would accept a packet (PW-12, CTR-02).
    pub(super) fn socket_guard(
        &mut self,
        interface: &NetworkInterface,
        resource: &ResourceRef,
    ) -> GuardId {
        let mut clauses = self.behind_endpoint(interface);
        clauses.extend(to_no_socket(interface, resource));
        clauses.extend(to_guests(interface));
        for protocol in [Protocol::Tcp, Protocol::Udp] {
            clauses.extend(self::clauses(interface, resource, protocol));
        }
        let dials = self.network.assumptions.value(DIALS_LOOPBACK);
        for clause in clauses.iter_mut().filter(|_| dials != "true") {
            rest_on(&mut clause.action, dials);
        }
        // There are as many of these guards as interfaces.
        clauses.shrink_to_fit();
        let otherwise = Action::Pass(self.taken_for(interface).map(Arc::new));
        let nothing_known = clauses.is_empty() && otherwise == Action::Pass(None);
        if let Some(guard) = self.shared.any_socket.filter(|_| nothing_known) {
            return guard;
        }
        let guard = self.guard(Guard::Rules(RuleSet {
            side: Side::Destination,
            order: Order::First,
            requests_only: true,
            clauses,
            otherwise,
        }));
        if nothing_known {
            self.shared.any_socket = Some(guard);
        }
        guard
    }
}

/// PW-03: behind delegated prefixes are others than the host, of whose sockets nothing is known.
fn to_guests(interface: &NetworkInterface) -> Option<Clause> {
    let delegated = interface.delegated();
    (!delegated.is_empty()).then(|| Clause {
        protocol: ProtocolMatch::Any,
        ports: PortSet::all(),
        peer: PeerTest::Addresses(delegated),
        action: Action::Pass(None),
    })
}

/// What becomes of pings: hosts are taken to answer them.
fn to_no_socket(interface: &NetworkInterface, resource: &ResourceRef) -> Vec<Clause> {
    let action = match interface.role {
        // IE-05
        InterfaceRole::Endpoint => {
            let note = Note::new(resource.clone(), "answers no pings", "IE-05", None);
            Action::Stop(Stop::dropped("ENDPOINT_ANSWERS_NO_PING", note))
        }
        InterfaceRole::LoadBalancer => {
            let fact = format!("whether the nodes of {} answer pings", resource.label());
            Action::Unknown(Missing { fact, command: None })
        }
        _ => return Vec::new(),
    };
    let pings = [Protocol::Icmp, Protocol::Icmpv6].map(|protocol| Clause {
        protocol: ProtocolMatch::Only(protocol),
        ports: PortSet::all(),
        peer: PeerTest::Any,
        action: action.clone(),
    });
    pings.to_vec()
}

/// What the sockets of a protocol do with the packets for their ports, and what becomes of those
/// for the other ports.
fn clauses(
    interface: &NetworkInterface,
    resource: &ResourceRef,
    protocol: Protocol,
) -> Vec<Clause> {
    let of_protocol = |socket: &&Socket| socket.protocol.matches(protocol);
    let all: Vec<&Socket> = interface.sockets.iter().filter(of_protocol).collect();
    let mut clauses = Vec::new();
    let only = ProtocolMatch::Only(protocol);
    let mut add = |ports, addresses, action| {
        clauses.push(Clause {
            protocol: only,
            ports,
            peer: PeerTest::Addresses(addresses),
            action,
        });
    };
    let (likely, known): (Vec<&Socket>, Vec<&Socket>) = all.iter().partition(|one| one.likely);
    let (missed, known): (Vec<&Socket>, Vec<&Socket>) =
        known.iter().partition(|one| one.proxied.is_some_and(|proxied| !proxied.found));
    for socket in &known {
        let pass = Action::Pass(Some(Arc::new(note(resource, socket, "listens on"))));
        add(PortSet::single(socket.port), accepted(socket), pass);
    }
    for socket in known.iter().filter(|one| one.address == WILDCARD && one.v6_only.is_none()) {
        // EVD-13: whether `::` takes IPv4 is the program's choice.
        let fact = format!("whether the socket on [::]:{} takes IPv4 (IPV6_V6ONLY)", socket.port);
        let every = AddressSet::from_v4(IntervalSet::all());
        let unknown = Action::Unknown(Missing { fact, command: None });
        add(PortSet::single(socket.port), every, unknown);
    }
    for socket in known.iter().filter(|one| one.address.to_canonical() == WILDCARD_V4) {
        // EVD-13: what some programs bind to `0.0.0.0` takes IPv6, too.
        let fact = format!(
            "whether the socket on 0.0.0.0:{} takes IPv6, as with Go and the JVM",
            socket.port
        );
        let every = AddressSet::from_v6(IntervalSet::all());
        let unknown = Action::Unknown(Missing { fact, command: None });
        add(PortSet::single(socket.port), every, unknown);
    }
    for socket in &likely {
        // EVD-07: as far as anybody knows.
        let pass = Action::Pass(Some(Arc::new(note(resource, socket, "likely listens on"))));
        add(PortSet::single(socket.port), accepted(socket), pass);
    }
    for socket in &likely {
        let fact = format!("whether the process listens on {} only, as is likely", bound(socket));
        let unknown = Action::Unknown(Missing { fact, command: None });
        add(PortSet::single(socket.port), AddressSet::all(), unknown);
    }
    for socket in &missed {
        // CTR-22: it is not the kernel that refuses.
        let note = Arc::new(note(resource, socket, "has a proxy that finds nobody on"));
        let (code, failure) = (Code::new("PROXY_UPSTREAM_NOT_LISTENING"), Failure::NotPassedOn);
        let stop = Action::Stop(Stop { code, failure, note, ends: false });
        add(PortSet::single(socket.port), AddressSet::all(), stop);
    }
    let ports: PortSet = IntervalSet::from_ranges(known.iter().map(|one| (one.port, one.port)));
    for port in ports.ranges().iter().flat_map(|&(low, high)| low..=high) {
        let on: Vec<&&Socket> = known.iter().filter(|socket| socket.port == port).collect();
        let loopback = on.iter().all(|socket| socket.address.is_loopback());
        let code = match (loopback, on.iter().any(|socket| socket.address == WILDCARD)) {
            (true, _) => "LISTENER_ON_LOOPBACK",
            (false, true) => "LISTENER_OTHER_FAMILY",
            (false, false) => "LISTENER_ON_OTHER_ADDRESS",
        };
        if let Some(socket) = on.first() {
            let mut note = note(resource, socket, "listens on");
            note.what.push_str(" only");
            add(PortSet::single(port), AddressSet::all(), refused(code, note));
        }
    }
    let closed = match protocol {
        Protocol::Udp => &interface.sockets_known.udp,
        _ => &interface.sockets_known.tcp,
    };
    if !closed.is_empty() {
        let at = interface.sockets_at.as_ref().or(interface.about.at.as_ref());
        let what = "has nothing that listens on that port";
        let note = Note::new(resource.clone(), what, "CTR-08", at);
        let action = refused("NOTHING_LISTENS", note);
        clauses.push(Clause { protocol: only, ports: closed.clone(), peer: PeerTest::Any, action });
    }
    if let Some(published) = &interface.published {
        // CTR-09: what comes to the instance's ports is answered on the container's.
        clauses.retain(|clause| clause.ports.contains(published.port));
        for clause in &mut clauses {
            clause.ports.clone_from(&published.ports);
        }
    }
    clauses
}

/// `0.0.0.0`
const WILDCARD_V4: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// `::`
const WILDCARD: IpAddr = IpAddr::V6(Ipv6Addr::UNSPECIFIED);

/// The destination addresses that a socket surely accepts (CTR-03).
fn accepted(socket: &Socket) -> AddressSet {
    if socket.proxied.is_some_and(|proxied| proxied.found) {
        // CTR-12: the proxy takes what is for any address.
        return AddressSet::all();
    }
    let v4 = AddressSet::from_v4(IntervalSet::all());
    let v6 = AddressSet { v4: IntervalSet::empty(), v6: IntervalSet::all() };
    match socket.address {
        IpAddr::V4(address) if address.is_unspecified() => v4,
        IpAddr::V6(address) if address.is_unspecified() => match socket.v6_only {
            Some(false) => AddressSet::all(),
            Some(true) | None => v6,
        },
        address => AddressSet::single(address),
    }
}

fn bound(socket: &Socket) -> SocketAddr {
    SocketAddr::new(socket.address, socket.port)
}

/// The open point of CTR-13.
const DIALS_LOOPBACK: &str = "APPMESH_DIALS_LOOPBACK";

/// Where what an action rests on has another value.
fn rest_on(action: &mut Action, value: &'static str) {
    let note = match action {
        Action::Pass(Some(note)) => note,
        Action::Stop(stop) => &mut stop.note,
        Action::Pass(None) | Action::Unknown(_) => return,
    };
    if let Some(assumption) = &mut Arc::make_mut(note).assumption
        && assumption.name == DIALS_LOOPBACK
    {
        assumption.value = value.into();
    }
}

fn note(resource: &ResourceRef, socket: &Socket, listens: &str) -> Note {
    let at = socket.at.as_ref();
    let on = bound(socket);
    let note = |what, rule| Note::new(resource.clone(), what, rule, at);
    match socket.proxied {
        None => note(format!("{listens} {on}"), "CTR-02"),
        Some(Proxied { by: Mesh::ServiceConnect, found }) => match found {
            true => note(format!("{listens} {on}, where Service Connect looks for it"), "CTR-12"),
            false => note(format!("{listens} {on}"), "CTR-22"),
        },
        Some(Proxied { by: Mesh::AppMesh, found }) => {
            let rule = if found { "CTR-13" } else { "CTR-22" };
            let note = note(format!("{listens} {on}, where App Mesh looks for it"), rule);
            note.assuming(DIALS_LOOPBACK, "true", "CTR-13")
        }
    }
}

fn refused(code: &'static str, note: Note) -> Action {
    let note = Arc::new(note);
    Action::Stop(Stop { code: Code::new(code), failure: Failure::Refused, note, ends: false })
}
