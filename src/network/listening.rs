//! What listens on a host or in a task.

use super::At;
use crate::header::{PortSet, Protocol, ProtocolMatch};
use std::collections::BTreeSet;
use std::net::IpAddr;

/// A socket that takes TCP connections or UDP packets.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Socket {
    /// The address it is bound to; a wildcard address for all of its family.
    pub address: IpAddr,
    /// Its port.
    pub port: u16,
    /// Its protocol; what a person writes down is meant for any.
    pub protocol: ProtocolMatch,
    /// For `::`, whether IPv4 is excluded (`IPV6_V6ONLY`); `None` when not known.
    pub v6_only: Option<bool>,
    /// What tells of it does not prove it (EVD-01, EVD-07).
    pub likely: bool,
    /// Whether a proxy in the task stands before it, and finds it.
    pub proxied: Option<Proxied>,
    /// Where it was stated.
    pub at: Option<At>,
}

/// A proxy in a task that takes the connections to a port from outside and makes its own to the
/// process, on loopback (CTR-12, CTR-13).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Proxied {
    /// Whose it is.
    pub by: Mesh,
    /// Whether the process listens where the proxy looks for it (CTR-22).
    pub found: bool,
}

/// A way in which AWS puts a proxy into tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mesh {
    /// ECS Service Connect.
    ServiceConnect,
    /// AWS App Mesh.
    AppMesh,
}

impl Socket {
    /// A socket that is known, of any protocol.
    #[must_use]
    pub fn new(address: IpAddr, port: u16) -> Self {
        let protocol = ProtocolMatch::Any;
        Self { address, port, protocol, v6_only: None, likely: false, proxied: None, at: None }
    }

    /// Whether its port is one of `ports`.
    fn within(&self, ports: &KnownPorts) -> bool {
        let protocols = [Protocol::Tcp, Protocol::Udp];
        protocols
            .into_iter()
            .any(|protocol| self.protocol.matches(protocol) && ports.contains(protocol, self.port))
    }

    /// What is left of it where `ports` say everything already.
    #[must_use]
    pub fn beside(mut self, ports: &KnownPorts) -> Option<Self> {
        let protocols = [Protocol::Tcp, Protocol::Udp];
        let left = protocols.into_iter().filter(|&protocol| {
            self.protocol.matches(protocol) && !ports.contains(protocol, self.port)
        });
        match left.collect::<Vec<_>>().as_slice() {
            [] => return None,
            &[only] => self.protocol = ProtocolMatch::Only(only),
            _ => {}
        }
        Some(self)
    }
}

/// Ports, by protocol.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownPorts {
    /// Of TCP.
    pub tcp: PortSet,
    /// Of UDP.
    pub udp: PortSet,
}

impl KnownPorts {
    /// Every port.
    #[must_use]
    pub fn all() -> Self {
        Self::both(PortSet::all())
    }

    /// Of both protocols.
    #[must_use]
    pub fn both(ports: PortSet) -> Self {
        Self { tcp: ports.clone(), udp: ports }
    }

    /// Whether a port of a protocol is one of them.
    #[must_use]
    pub fn contains(&self, protocol: Protocol, port: u16) -> bool {
        match protocol {
            Protocol::Tcp => self.tcp.contains(port),
            Protocol::Udp => self.udp.contains(port),
            _ => false,
        }
    }

    /// These and those.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self { tcp: self.tcp.union(&other.tcp), udp: self.udp.union(&other.udp) }
    }

    /// These, but not those.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        Self { tcp: self.tcp.difference(&other.tcp), udp: self.udp.difference(&other.udp) }
    }

    /// Whether `other` has them all.
    #[must_use]
    pub fn is_subset(&self, other: &Self) -> bool {
        self.tcp.is_subset(&other.tcp) && self.udp.is_subset(&other.udp)
    }
}

/// What was seen to listen in a network namespace (EVD-02).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listening {
    /// The sockets.
    pub sockets: Vec<Socket>,
    /// The ports for which `sockets` says everything.
    pub ports: KnownPorts,
    /// Those of them that only a log tells of: a dump counts for more (EVD-01).
    pub logged: KnownPorts,
    /// Where that was seen.
    pub at: Option<At>,
}

impl Listening {
    /// What two looks saw together (EVD-02): each socket once, by address and port. Of a `::` that
    /// one look says takes IPv4, or does not, another look that cannot tell adds nothing (EVD-04);
    /// nor does a log, of a port that a dump shows, nor what is only likely, of a port that is known
    /// (EVD-01).
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let ports = self.ports.union(&other.ports);
        let dumped = self.dumped().union(&other.dumped());
        let logged = ports.without(&dumped);
        let at = if self.ports.is_subset(&other.ports) { other.at } else { self.at };
        let looks =
            [(self.sockets, self.logged, other.ports), (other.sockets, other.logged, self.ports)];
        let mut sockets: Vec<Socket> = Vec::new();
        for (seen, logged, elsewhere) in looks {
            let nothing = KnownPorts::default();
            sockets.extend(seen.into_iter().filter_map(|socket| {
                let stronger = match socket.likely {
                    true => &elsewhere,
                    false if socket.within(&logged) => &dumped,
                    false => &nothing,
                };
                socket.beside(stronger)
            }));
        }
        let key = |socket: &Socket| (socket.address, socket.port, socket.protocol);
        let told: BTreeSet<_> =
            sockets.iter().filter(|socket| socket.v6_only.is_some()).map(key).collect();
        sockets.retain(|socket| socket.v6_only.is_some() || !told.contains(&key(socket)));
        sockets.sort_by_key(|s| (s.port, s.address, s.protocol, s.v6_only, s.likely));
        sockets.dedup_by_key(|s| (s.port, s.address, s.protocol, s.v6_only));
        Self { sockets, ports, logged, at }
    }

    /// The ports that a dump tells of.
    fn dumped(&self) -> KnownPorts {
        self.ports.without(&self.logged)
    }
}
