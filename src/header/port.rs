//! Protocols and sets of ports.

use super::IntervalSet;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A set of TCP or UDP ports.
pub type PortSet = IntervalSet<u16>;

/// `443`, `1024-65535`, comma-separated; `all` and `none` at the extremes.
impl fmt::Display for IntervalSet<u16> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.ranges() {
            [] => f.write_str("none"),
            [(0, u16::MAX)] => f.write_str("all"),
            ranges => {
                for (index, (low, high)) in ranges.iter().enumerate() {
                    let separator = if index == 0 { "" } else { "," };
                    match low == high {
                        true => write!(f, "{separator}{low}")?,
                        false => write!(f, "{separator}{low}-{high}")?,
                    }
                }
                Ok(())
            }
        }
    }
}

/// An IP protocol. Its number is the one IANA assigned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// 6.
    Tcp,
    /// 17.
    Udp,
    /// 1.
    Icmp,
    /// 58.
    Icmpv6,
    /// Any other number.
    Other(u8),
}

impl Protocol {
    /// The protocol with that number.
    #[must_use]
    pub fn from_number(number: u8) -> Self {
        match number {
            6 => Self::Tcp,
            17 => Self::Udp,
            1 => Self::Icmp,
            58 => Self::Icmpv6,
            other => Self::Other(other),
        }
    }

    /// The protocol's number.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::Tcp => 6,
            Self::Udp => 17,
            Self::Icmp => 1,
            Self::Icmpv6 => 58,
            Self::Other(number) => number,
        }
    }

    /// Whether packets of this protocol carry ports.
    #[must_use]
    pub fn has_ports(self) -> bool {
        matches!(self, Self::Tcp | Self::Udp)
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp => f.write_str("tcp"),
            Self::Udp => f.write_str("udp"),
            Self::Icmp => f.write_str("icmp"),
            Self::Icmpv6 => f.write_str("icmpv6"),
            Self::Other(number) => write!(f, "protocol {number}"),
        }
    }
}

/// What a rule says of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProtocolMatch {
    /// Every protocol.
    Any,
    /// Only this one.
    Only(Protocol),
}

impl ProtocolMatch {
    /// Whether a packet of `protocol` matches.
    #[must_use]
    pub fn matches(self, protocol: Protocol) -> bool {
        match self {
            Self::Any => true,
            Self::Only(only) => only == protocol,
        }
    }
}

impl fmt::Display for ProtocolMatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("all traffic"),
            Self::Only(protocol) => protocol.fmt(f),
        }
    }
}
