//! What listens behind an interface, as a guard.

use super::Lowering;
use crate::answer::{Code, Failure, Missing, ResourceRef};
use crate::graph::{Action, Clause, Guard, GuardId, Note, Order, PeerTest, RuleSet, Side, Stop};
use crate::header::{AddressSet, IntervalSet, PortSet, ProtocolMatch};
use crate::network::{NetworkInterface, Socket};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

impl Lowering<'_> {
    /// The guard that asks whether a socket would accept a packet (CTR-02).
    pub(super) fn socket_guard(
        &mut self,
        interface: &NetworkInterface,
        resource: &ResourceRef,
    ) -> GuardId {
        let protocol = interface.sockets_protocol;
        let mut clauses = Vec::new();
        for socket in &interface.sockets {
            let note = note(resource, socket, "");
            let pass = Action::Pass(Some(Arc::new(note)));
            clauses.push(clause(protocol, socket.port, accepted(socket), pass));
        }
        for socket in interface.sockets.iter().filter(|socket| {
            socket.address == IpAddr::V6(Ipv6Addr::UNSPECIFIED) && socket.v6_only.is_none()
        }) {
            // EVD-13: whether `::` takes IPv4 is the program's choice.
            let fact =
                format!("whether the socket on [::]:{} takes IPv4 (IPV6_V6ONLY)", socket.port);
            let every = AddressSet::from_v4(IntervalSet::all());
            let unknown = Action::Unknown(Missing { fact, command: None });
            clauses.push(clause(protocol, socket.port, every, unknown));
        }
        let on = |port| interface.sockets.iter().filter(move |socket| socket.port == port);
        let ports: PortSet =
            IntervalSet::from_ranges(interface.sockets.iter().map(|s| (s.port, s.port)));
        for port in ports.ranges().iter().flat_map(|&(low, high)| low..=high) {
            let loopback = on(port).all(|socket| socket.address.is_loopback());
            let v6_only = on(port).any(|s| s.address == IpAddr::V6(Ipv6Addr::UNSPECIFIED));
            let code = match (loopback, v6_only) {
                (true, _) => "LISTENER_ON_LOOPBACK",
                (false, true) => "LISTENER_OTHER_FAMILY",
                (false, false) => "LISTENER_ON_OTHER_ADDRESS",
            };
            if let Some(socket) = on(port).next() {
                let note = note(resource, socket, " only");
                let stop = refused(code, note);
                clauses.push(clause(protocol, port, AddressSet::all(), stop));
            }
        }
        let silent = interface.sockets_known.difference(&ports);
        let at = interface.sockets_at.as_ref().or(interface.about.at.as_ref());
        let note =
            Note::new(resource.clone(), "has nothing that listens on that port", "CTR-08", at);
        clauses.push(Clause {
            protocol,
            ports: silent,
            peer: PeerTest::Any,
            action: refused("NOTHING_LISTENS", note),
        });
        self.guard(Guard::Rules(RuleSet {
            side: Side::Destination,
            order: Order::First,
            requests_only: true,
            clauses,
            otherwise: Action::Pass(None),
        }))
    }
}

fn clause(protocol: ProtocolMatch, port: u16, addresses: AddressSet, action: Action) -> Clause {
    Clause { protocol, ports: PortSet::single(port), peer: PeerTest::Addresses(addresses), action }
}

/// The destination addresses that a socket surely accepts (CTR-03).
fn accepted(socket: &Socket) -> AddressSet {
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

fn note(resource: &ResourceRef, socket: &Socket, only: &str) -> Note {
    let bound = match socket.address {
        IpAddr::V4(address) => format!("{address}:{}", socket.port),
        IpAddr::V6(address) => format!("[{address}]:{}", socket.port),
    };
    let what = format!("listens on {bound}{only}");
    Note::new(resource.clone(), what, "CTR-02", socket.at.as_ref())
}

fn refused(code: &'static str, note: Note) -> Action {
    let note = Arc::new(note);
    Action::Stop(Stop { code: Code::new(code), failure: Failure::Refused, note, ends: false })
}
