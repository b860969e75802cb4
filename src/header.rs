//! Packet headers and sets of them: addresses, ports, protocols, prefixes.
//!
//! Nothing here knows AWS. A set is a value: sorted, disjoint, closed ranges, so two equal sets
//! compare equal and every operation is a linear merge.

mod address;
mod icmp;
mod interval;
mod packet;
mod port;
mod prefix_table;
mod set;

pub use address::{
    AddressSet, Family, Symbol, embedded_ipv4, is_private_ipv4, nat64_prefix, public_ipv4,
    public_ipv6, unique_local_ipv6,
};
pub use icmp::IcmpMessage;
pub use interval::{IntervalSet, Point};
pub use packet::Packet;
pub use port::{PortSet, Protocol, ProtocolMatch};
pub use prefix_table::PrefixTable;
pub use set::{AddressDimension, Dimensions, HeaderSet, PortDimension};
