//! Network ACLs.

use super::about::resource;
use super::{About, At, Kind, NetworkAclId, SubnetId, VpcId};
use crate::header::{PortSet, ProtocolMatch};
use ipnet::IpNet;
use std::collections::BTreeSet;

/// A network ACL (NA-01).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkAcl {
    /// Its id.
    pub id: NetworkAclId,
    /// Its name, owner and origin.
    pub about: About,
    /// The VPC it belongs to.
    pub vpc: VpcId,
    /// Whether it is the VPC's default one (NA-07).
    pub is_default: bool,
    /// The subnets associated with it.
    pub subnets: BTreeSet<SubnetId>,
    /// Inbound entries, in the order stated.
    pub ingress: Vec<AclEntry>,
    /// Outbound entries, in the order stated.
    pub egress: Vec<AclEntry>,
}
resource!(NetworkAcl, Kind::NetworkAcl);

/// What an entry does with the packets it matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AclAction {
    /// Let them through.
    Allow,
    /// Drop them.
    Deny,
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AclEntry {
    /// Its place in the order (NA-02). 32767 and 32768 are AWS's closing denials (NA-03).
    pub number: u32,
    /// What it does.
    pub action: AclAction,
    /// Its protocol (NA-05).
    pub protocol: ProtocolMatch,
    /// The packet's source inbound, its destination outbound (NA-04).
    pub cidr: IpNet,
    /// The packet's destination ports; all of them where the protocol has none.
    pub ports: PortSet,
    /// ICMP type and code, `-1` for any, when the protocol is ICMP.
    pub icmp: Option<(i16, i16)>,
    /// Where it was stated.
    pub at: Option<At>,
}
