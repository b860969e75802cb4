//! How the header at hand derives from the headers of the flow.

use crate::graph::TranslatorIndex;
use crate::header::{AddressDimension, PortDimension};
use petgraph::graph::NodeIndex;
use std::net::IpAddr;

/// An address field of the packet at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AddressTerm {
    /// A dimension of the flow's headers.
    Dimension(AddressDimension),
    /// An address put there on the way.
    Known(IpAddr),
    /// The IPv4 address that the flow's destination, of IPv6, stands for.
    Embedded,
    /// A public address put there on the way, which nothing tells.
    SomePublic,
}

/// The header of the packet at hand. Its ports are always dimensions of the flow's headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct View {
    pub(super) source: AddressTerm,
    pub(super) destination: AddressTerm,
    pub(super) source_port: PortDimension,
    pub(super) destination_port: PortDimension,
}

impl View {
    /// The header of a request as its sender emits it.
    pub(super) fn request() -> Self {
        Self {
            source: AddressTerm::Dimension(AddressDimension::Source),
            destination: AddressTerm::Dimension(AddressDimension::Destination),
            source_port: PortDimension::Source,
            destination_port: PortDimension::Destination,
        }
    }

    /// The header of the reply to it.
    pub(super) fn reply(self) -> Self {
        Self {
            source: self.destination,
            destination: self.source,
            source_port: self.destination_port,
            destination_port: self.source_port,
        }
    }
}

/// A rewrite of the request that the reply has to undo.
#[derive(Clone, Copy, Debug)]
pub(super) enum Frame {
    /// A translator put its own address and port in the source.
    Translated {
        translator: TranslatorIndex,
        address: AddressTerm,
        port: PortDimension,
        /// Whom it was for, as seen before it.
        destination: AddressTerm,
    },
    /// It went out, perhaps with a public address in the source.
    Public {
        address: AddressTerm,
        /// Whom it was for, as seen from outside.
        destination: AddressTerm,
        /// The VPC it came from, by its own router.
        local: NodeIndex,
        /// Whether replies come in like anything else from outside.
        by_entry: bool,
    },
}
