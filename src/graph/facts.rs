//! What a walk needs to know of interfaces and translators besides the guards around them.

use super::{GuardId, InterfaceIndex, Stop};
use crate::answer::ResourceRef;
use crate::header::{AddressSet, PortSet};
use petgraph::graph::NodeIndex;
use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::sync::Arc;

/// An interface.
#[derive(Clone, Debug)]
pub struct InterfaceFacts {
    /// Its place.
    pub place: NodeIndex,
    /// The wire of its subnet, when the subnet is known.
    pub wire: Option<NodeIndex>,
    /// The VPC's own router.
    pub local: NodeIndex,
    /// Its VPC.
    pub vpc: Arc<str>,
    /// How it is named.
    pub resource: ResourceRef,
    /// The groups on it.
    pub groups: Arc<BTreeSet<Arc<str>>>,
    /// Whether it does not exist yet.
    pub planned: bool,
    /// Those of its private addresses that were given it by the block.
    pub delegated: Arc<AddressSet>,
    /// Its private addresses that have a public one.
    pub public: Arc<AddressSet>,
    /// The public addresses that are known, each with its private one.
    pub known_public: Vec<(Ipv4Addr, AddressSet)>,
    /// Which sockets would accept a packet.
    pub sockets: GuardId,
    /// What the routes of its host do with replies, where the host has another way out.
    pub answers: Option<GuardId>,
    /// What its subnet lets in; `None` when the subnet is not known.
    pub acl_in: Option<GuardId>,
    /// What its subnet lets out.
    pub acl_out: Option<GuardId>,
}

/// An address translator.
#[derive(Clone, Debug)]
pub struct TranslatorFacts {
    /// Its place.
    pub place: NodeIndex,
    /// Where replies go on once it has put back what it took.
    pub back: NodeIndex,
    /// The wire of its subnet.
    pub wire: NodeIndex,
    /// The VPC's own router.
    pub local: NodeIndex,
    /// Its private addresses, any of which it may use.
    pub private: AddressSet,
    /// Whether passages that return to translators return to this one.
    pub returned_to: bool,
    /// The source ports it picks from.
    pub ports: PortSet,
    /// Those of its addresses that have a public one.
    pub public: AddressSet,
    /// The public addresses that are known, each with the private ones that it may stand for.
    pub known_public: Vec<(Ipv4Addr, AddressSet)>,
}

/// Who has a public address.
#[derive(Clone, Debug)]
pub enum PublicOwner {
    /// An interface, by one of its private addresses.
    Interface {
        /// The interface.
        interface: InterfaceIndex,
        /// Its private address.
        private: Ipv4Addr,
    },
    /// Something that lets nobody in.
    Closed(Stop),
}
