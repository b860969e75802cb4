//! What the host answers.

use super::journal::{Go, named};
use super::walk::{Walker, by_prefix};
use crate::answer::Failure;
use crate::network::{InterfaceRole, NetworkInterface, Socket};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What a socket does with a packet for its port (CTR-02).
enum Answer {
    Accepts,
    /// A wildcard, of which it is not known whether it takes the other family.
    Unknown,
    /// It listens for the other family.
    OtherFamily,
    /// It listens on the loopback address.
    Loopback,
    OtherAddress,
}

impl Walker<'_> {
    /// A packet has reached the host behind `interface`, for `address` (PW-12).
    pub(super) fn socket(&mut self, interface: &NetworkInterface, address: IpAddr) -> Go {
        if self.enter_endpoint(interface)? {
            return Ok(());
        }
        if !self.packet.protocol.has_ports() {
            return self.ping(interface);
        }
        // PW-03: behind a delegated prefix are others than the host.
        if by_prefix(interface, address) {
            self.note(named(interface), "up to the host", "PW-12");
            return Ok(());
        }
        let port = match &interface.published {
            None => self.packet.destination_port,
            // CTR-09: the container is asked for its own port.
            Some(published) if published.ports.contains(self.packet.destination_port) => {
                published.port
            }
            Some(_) => {
                self.note(named(interface), "up to the socket", "PW-12");
                return Ok(());
            }
        };
        let protocol = self.packet.protocol;
        let sockets = interface
            .sockets
            .iter()
            .filter(|socket| socket.port == port && socket.protocol.matches(protocol));
        let (likely, known): (Vec<&Socket>, Vec<&Socket>) = sockets.partition(|one| one.likely);
        let missed = |one: &&Socket| one.proxied.is_some_and(|proxied| !proxied.found);
        let (missed, known): (Vec<&Socket>, Vec<&Socket>) = known.into_iter().partition(missed);
        let answers: Vec<Answer> = known.iter().map(|socket| answer(socket, address)).collect();
        let any = |wanted: fn(&Answer) -> bool| answers.iter().any(wanted);
        if any(|one| matches!(one, Answer::Accepts)) {
            self.note(named(interface), format!("a socket accepts on port {port}"), "CTR-02");
            return Ok(());
        }
        if any(|one| matches!(one, Answer::Unknown)) {
            let fact = format!("whether the socket on port {port} takes that family, too");
            self.unsure(named(interface), fact, "CTR-02");
            return Ok(());
        }
        if !likely.is_empty() {
            // EVD-07: what is only likely cannot prove that a packet is refused.
            if likely.iter().any(|socket| matches!(answer(socket, address), Answer::Accepts)) {
                self.note(named(interface), format!("likely listens on port {port}"), "PW-12");
                return Ok(());
            }
            let fact = format!("whether a socket accepts on port {port}");
            self.unsure(named(interface), fact, "EVD-07");
            return Ok(());
        }
        if !missed.is_empty() {
            // CTR-22: the proxy takes the connection, and has nobody to hand it to.
            return self.stop(
                "PROXY_UPSTREAM_NOT_LISTENING",
                Failure::NotPassedOn,
                named(interface),
                "CTR-22",
            );
        }
        if answers.is_empty() {
            if interface.sockets_known.contains(protocol, port) {
                return self.refuse("NOTHING_LISTENS", named(interface), "CTR-02");
            }
            // PW-12: as far as anybody knows.
            self.note(named(interface), "up to the socket", "PW-12");
            return Ok(());
        }
        let code = if answers.iter().all(|one| matches!(one, Answer::Loopback)) {
            "LISTENER_ON_LOOPBACK"
        } else if any(|one| matches!(one, Answer::OtherFamily)) {
            "LISTENER_OTHER_FAMILY"
        } else {
            "LISTENER_ON_OTHER_ADDRESS"
        };
        self.refuse(code, named(interface), "CTR-03")
    }
}

impl Walker<'_> {
    /// A host is taken to answer pings.
    fn ping(&mut self, interface: &NetworkInterface) -> Go {
        match interface.role {
            InterfaceRole::Endpoint => {
                self.drop("ENDPOINT_ANSWERS_NO_PING", named(interface), "IE-05")
            }
            InterfaceRole::LoadBalancer => {
                self.unsure(named(interface), "whether its nodes answer pings", "PW-12");
                Ok(())
            }
            _ => {
                self.note(named(interface), "up to the host", "PW-12");
                Ok(())
            }
        }
    }
}

fn answer(socket: &Socket, address: IpAddr) -> Answer {
    // CTR-03: some programs show an IPv4 socket as `::ffff:a.b.c.d`.
    let bound = socket.address.to_canonical();
    if bound == address || socket.proxied.is_some_and(|proxied| proxied.found) {
        return Answer::Accepts;
    }
    match bound {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) if address.is_ipv4() => Answer::Accepts,
        // EVD-13: what some programs bind to `0.0.0.0` takes IPv6, too.
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => Answer::Unknown,
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => match (address, socket.v6_only) {
            (IpAddr::V6(_), _) | (_, Some(false)) => Answer::Accepts,
            (_, Some(true)) => Answer::OtherFamily,
            (_, None) => Answer::Unknown,
        },
        other if other.is_loopback() => Answer::Loopback,
        _ => Answer::OtherAddress,
    }
}
