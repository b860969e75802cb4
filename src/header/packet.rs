//! One concrete packet.

use super::{Protocol, Symbol};
use std::net::IpAddr;
use std::sync::Arc;

/// The first packet of a flow as its sender emits it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Packet {
    /// Where it comes from.
    pub source: IpAddr,
    /// Where it goes.
    pub destination: IpAddr,
    /// Which unlisted public set the far address belongs to, when it belongs to one.
    pub far_side: Option<Symbol>,
    /// Its protocol.
    pub protocol: Protocol,
    /// The client's port.
    pub source_port: u16,
    /// The server's port.
    pub destination_port: u16,
    /// The source address and port that each address translation on the way picks, first one
    /// first.
    pub translations: Vec<(IpAddr, u16)>,
    /// Which of several equal ways each hop that has a choice picks, first one first, there and
    /// back.
    pub picks: Vec<Arc<str>>,
}
