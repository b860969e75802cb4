//! What can change the answers of a VPC's resolver.

use super::about::resource;
use super::{
    About, DhcpOptionsId, HostedZoneId, Kind, LoadBalancerId, ResolverRuleId, VpcEndpointId, VpcId,
};
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
    /// What the servers that are not Amazon's answer, where anything states it.
    pub answers: Option<StatedAnswers>,
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

/// What is stated of the answers of a DNS server that AWS does not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StatedAnswers {
    /// It hands every question on to the VPC's own resolver.
    VpcResolver,
    /// It has these records; of other names nothing is known.
    Records(Vec<Record>),
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
    /// Its records; `None` when they were not captured.
    pub records: Option<Vec<Record>>,
}
resource!(HostedZone, Kind::HostedZone);

/// A set of records of one name and type. Several sets of one name are alternatives (weighted,
/// multi-value, failover, …), any of which may be the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The full name in lower case, without a final dot; a first label `*` holds any.
    pub name: String,
    /// What it holds.
    pub data: RecordData,
    /// `Weight`: a set of weight 0 is given only where every set of the name has 0.
    pub weight: Option<u32>,
}

/// What a record set holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordData {
    /// `A` or `AAAA`: addresses of one family.
    Addresses(Vec<IpAddr>),
    /// `CNAME`: another name.
    Cname(String),
    /// An alias of type `A`, or of type `AAAA`.
    Alias {
        /// What it is an alias of.
        target: AliasTarget,
        /// Whether its type is `AAAA`.
        v6: bool,
    },
    /// `NS`: the name and all below it are answered elsewhere (DN-05).
    Delegation,
    /// A type that gives no address, as AWS words it.
    Other(String),
}

/// What an alias record stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AliasTarget {
    /// A DNS name, as Route 53 keeps it.
    Name(String),
    /// An interface endpoint.
    Endpoint(VpcEndpointId),
    /// A load balancer.
    LoadBalancer(LoadBalancerId),
}

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
    /// The VPCs it is associated with; `None` when not captured.
    pub vpcs: Option<BTreeSet<VpcId>>,
    /// `FORWARD`: the servers that are asked.
    pub targets: Vec<IpAddr>,
    /// What those servers answer, where anything states it.
    pub answers: Option<StatedAnswers>,
}
resource!(ResolverRule, Kind::ResolverRule);
