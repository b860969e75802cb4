//! The flows that evaluators decide.

use crate::header::{AddressSet, PortSet, Protocol, Symbol};
use std::sync::Arc;

/// One client, one server, one port or those that it may be given. Both evaluators take it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    /// Who opens the connection.
    pub source: Party,
    /// Who is to accept it.
    pub destination: Party,
    /// TCP, UDP, or ICMP of the family of its addresses.
    pub protocol: Protocol,
    /// The server's port; several where it may be any of them (PLC-11); of ICMP, the message that
    /// is sent ([`crate::header::IcmpMessage`]).
    pub destination_ports: PortSet,
    /// The ports that the client may use (NA-06); of ICMP, the message that answers.
    pub client_ports: PortSet,
}

/// One end of a flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Party {
    /// An interface of the network, existing or planned.
    Interface {
        /// The interface's id.
        id: Arc<str>,
        /// Which of its addresses are meant.
        addresses: AddressSet,
    },
    /// An interface that forwards what hosts elsewhere send and keeps their addresses: a node of a
    /// load balancer (NLB-01).
    Forwarder {
        /// The interface's id.
        id: Arc<str>,
        /// Where the addresses of the hosts lie.
        addresses: AddressSet,
        /// The unlisted set that they are part of.
        symbol: Option<Symbol>,
    },
    /// Hosts that are no interface of the network: the internet, a service's public side, or an
    /// address that nothing owns.
    Elsewhere {
        /// Where their addresses lie.
        addresses: AddressSet,
        /// The unlisted set that they are part of. When there is one, `addresses` only bounds it.
        symbol: Option<Symbol>,
    },
}

impl Party {
    /// The addresses meant.
    #[must_use]
    pub fn addresses(&self) -> &AddressSet {
        match self {
            Self::Interface { addresses, .. }
            | Self::Forwarder { addresses, .. }
            | Self::Elsewhere { addresses, .. } => addresses,
        }
    }

    /// The interface's id, when it is one.
    #[must_use]
    pub fn interface(&self) -> Option<&str> {
        match self {
            Self::Interface { id, .. } | Self::Forwarder { id, .. } => Some(id),
            Self::Elsewhere { .. } => None,
        }
    }

    /// The unlisted set, when the addresses are part of one.
    #[must_use]
    pub fn symbol(&self) -> Option<&Symbol> {
        match self {
            Self::Elsewhere { symbol, .. } | Self::Forwarder { symbol, .. } => symbol.as_ref(),
            Self::Interface { .. } => None,
        }
    }
}
