//! Security groups.

use super::about::resource;
use super::{About, At, Kind, PrefixListId, SecurityGroupId, VpcId};
use crate::header::{PortSet, ProtocolMatch};
use ipnet::IpNet;

/// A security group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityGroup {
    /// Its id.
    pub id: SecurityGroupId,
    /// Its name, owner and origin.
    pub about: About,
    /// The VPC it belongs to.
    pub vpc: VpcId,
    /// Inbound rules, one per peer.
    pub ingress: Vec<GroupRule>,
    /// Outbound rules, one per peer. Empty means that nothing may leave (SG-06).
    pub egress: Vec<GroupRule>,
}
resource!(SecurityGroup, Kind::SecurityGroup);

/// One atomic rule: one protocol, one port range, one peer (SG-01, SG-18).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupRule {
    /// Its protocol.
    pub protocol: ProtocolMatch,
    /// Its destination ports; all of them where the protocol has none (SG-02, SG-03).
    pub ports: PortSet,
    /// ICMP type and code, `-1` for any, when the protocol is ICMP (SG-04).
    pub icmp: Option<(i16, i16)>,
    /// Whom it admits.
    pub peer: Peer,
    /// `sgr-…`, where captured.
    pub rule_id: Option<String>,
    /// Where it was stated.
    pub at: Option<At>,
}

/// Whom a rule admits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Peer {
    /// Addresses of one family (SG-07).
    Cidr(IpNet),
    /// A prefix list's entries (SG-08).
    PrefixList(PrefixListId),
    /// Interfaces that carry a group (SG-09).
    Group(GroupReference),
}

/// A reference to a group, perhaps of another account or VPC.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupReference {
    /// The group.
    pub group: SecurityGroupId,
    /// `PeeringStatus`: present when the group is in a peered VPC (SG-16).
    pub peering_status: Option<String>,
}
