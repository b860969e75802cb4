//! What listens on a host or in a task.

use super::At;
use crate::header::PortSet;
use std::collections::BTreeSet;
use std::net::IpAddr;

/// A listening TCP or UDP socket.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Socket {
    /// The address it is bound to; a wildcard address for all of its family.
    pub address: IpAddr,
    /// Its port.
    pub port: u16,
    /// For `::`, whether IPv4 is excluded (`IPV6_V6ONLY`); `None` when not known.
    pub v6_only: Option<bool>,
    /// Where it was stated.
    pub at: Option<At>,
}

/// What was seen to listen in a network namespace, over TCP (EVD-02).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listening {
    /// The sockets.
    pub sockets: Vec<Socket>,
    /// The ports for which `sockets` says everything.
    pub ports: PortSet,
    /// Where that was seen.
    pub at: Option<At>,
}

impl Listening {
    /// What two looks saw together (EVD-02): each socket once, by address and port. Of a `::` that
    /// one look says takes IPv4, or does not, another look that cannot tell adds nothing (EVD-04).
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let ports = self.ports.union(&other.ports);
        let at = if self.ports.is_subset(&other.ports) { other.at } else { self.at };
        let mut sockets = self.sockets;
        sockets.extend(other.sockets);
        let key = |socket: &Socket| (socket.address, socket.port);
        let told: BTreeSet<_> =
            sockets.iter().filter(|socket| socket.v6_only.is_some()).map(key).collect();
        sockets.retain(|socket| socket.v6_only.is_some() || !told.contains(&key(socket)));
        sockets.sort_by_key(|socket| (socket.port, socket.address, socket.v6_only));
        sockets.dedup_by_key(|socket| (socket.port, socket.address, socket.v6_only));
        Self { sockets, ports, at }
    }
}
