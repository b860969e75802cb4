//! AWS Network Firewall.

use super::about::resource;
use super::{About, At, FirewallId, Kind, SubnetId, VpcEndpointId};
use crate::header::{AddressSet, PortSet, Protocol};
use std::collections::{BTreeMap, BTreeSet};

/// A firewall, with what its policy says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Firewall {
    /// Its id.
    pub id: FirewallId,
    /// Its name, owner and origin.
    pub about: About,
    /// Its endpoints, which routes lead to (NF-01).
    pub endpoints: BTreeMap<VpcEndpointId, FirewallEndpoint>,
    /// Its policy; `None` when the input does not hold it.
    pub policy: Option<FirewallPolicy>,
}
resource!(Firewall, Kind::Firewall);

/// Where a firewall takes packets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirewallEndpoint {
    /// The endpoint's subnet, when the input says.
    pub subnet: Option<SubnetId>,
    /// `Status`, as AWS words it: only `READY` works.
    pub state: String,
}

/// What a firewall does with packets: first each for itself, then, of those forwarded, by
/// connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirewallPolicy {
    /// Rules on each packet for itself (NF-02), in the order stated.
    pub stateless: Vec<StatelessRule>,
    /// What becomes of packets that none of them matches.
    pub stateless_default: StatelessAction,
    /// Whether stateful rules are taken in their order (`STRICT_ORDER`, NF-03).
    pub strict: bool,
    /// Rules on connections (NF-03), in the order stated, without those that only alert.
    pub stateful: Vec<StatefulRule>,
    /// In strict order: what becomes of connections that none of them matches.
    pub stateful_default: StatefulDefault,
}

/// A rule on each packet for itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatelessRule {
    /// The priority of its group, and its own: the lowest first.
    pub priority: (u32, u32),
    /// What it is called in words.
    pub name: String,
    /// What it matches.
    pub tuple: Tuple,
    /// What it does.
    pub action: StatelessAction,
    /// Whether it matches everything in `tuple`: otherwise it may, by what is not modelled.
    pub certain: bool,
    /// Where it was stated.
    pub at: Option<At>,
}

/// What a stateless rule does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatelessAction {
    /// `aws:pass`
    Pass,
    /// `aws:drop`
    Drop,
    /// `aws:forward_to_sfe`
    Forward,
}

/// A rule on connections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatefulRule {
    /// The priority of its group, and its place there: the lowest first.
    pub priority: (u32, u32),
    /// What it is called in words.
    pub name: String,
    /// What it matches.
    pub tuple: Tuple,
    /// Whether it matches both directions (`ANY`, `<>`).
    pub both_ways: bool,
    /// What it does.
    pub action: StatefulAction,
    /// Whether it matches everything in `tuple`: otherwise it may, by what is not modelled.
    pub certain: bool,
    /// Where it was stated.
    pub at: Option<At>,
}

/// What a stateful rule does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StatefulAction {
    /// Lets the connection pass.
    Pass,
    /// Drops it silently.
    Drop,
    /// Answers it with a reset.
    Reject,
}

/// What becomes of connections that no stateful rule matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatefulDefault {
    /// They pass.
    Pass,
    /// `aws:drop_strict`
    Drop,
    /// `aws:drop_established`: what follows the handshake is dropped.
    DropEstablished,
}

/// Both ends, both ports and the protocol of a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tuple {
    /// The protocols; empty for every one.
    pub protocols: BTreeSet<Protocol>,
    /// Where it comes from.
    pub source: AddressSet,
    /// The port it comes from.
    pub source_ports: PortSet,
    /// Where it goes.
    pub destination: AddressSet,
    /// The port it goes to.
    pub destination_ports: PortSet,
}

impl Tuple {
    /// Everything.
    #[must_use]
    pub fn all() -> Self {
        Self {
            protocols: BTreeSet::new(),
            source: AddressSet::all(),
            source_ports: PortSet::all(),
            destination: AddressSet::all(),
            destination_ports: PortSet::all(),
        }
    }
}
