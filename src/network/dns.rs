//! What can change the answers of a VPC's resolver.

use super::about::resource;
use super::{About, DhcpOptionsId, HostedZoneId, Kind, ResolverRuleId, VpcId};
use std::collections::BTreeSet;
use std::net::IpAddr;

/// A DHCP option set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DhcpOptions {
    /// Its id.
    pub id: DhcpOptionsId,
    /// Its name, owner and origin.
    pub about: About,
    /// `domain-name-servers` (DN-01).
    pub name_servers: Vec<NameServer>,
}
resource!(DhcpOptions, Kind::DhcpOptions);

/// One name server of a DHCP option set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NameServer {
    /// `AmazonProvidedDNS`.
    Amazon,
    /// A server's address.
    Address(IpAddr),
}

/// A Route 53 hosted zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostedZone {
    /// Its id.
    pub id: HostedZoneId,
    /// Its owner and origin.
    pub about: About,
    /// The domain, without a final dot.
    pub domain: String,
    /// Whether only associated VPCs see it.
    pub private: bool,
    /// The VPCs it is associated with; `None` when not captured.
    pub vpcs: Option<BTreeSet<VpcId>>,
}
resource!(HostedZone, Kind::HostedZone);

/// A Route 53 Resolver rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolverRule {
    /// Its id.
    pub id: ResolverRuleId,
    /// Its name, owner and origin.
    pub about: About,
    /// The domain, without a final dot; `.` for every name.
    pub domain: String,
    /// `FORWARD`, `SYSTEM`, … as AWS words it (DN-04).
    pub rule_type: String,
}
resource!(ResolverRule, Kind::ResolverRule);
