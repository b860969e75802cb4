//! The packet-path graph: the network lowered to places, and passages between them that hold
//! guards.
//!
//! Everything that decides a packet's fate is here as data: sets of headers, in the order in which
//! AWS applies them, each with the words and the rule id that explain it. Whoever walks the graph
//! needs to know nothing of AWS.

mod directory;
mod facts;
mod guard;
mod inspection;
mod lower;
mod note;
mod place;
mod ports;
mod touched;

pub use facts::{InterfaceFacts, PublicOwner, TranslatorFacts};
pub use guard::{Action, Clause, Guard, Order, PeerTest, RuleSet, Side, Stop, bounds_of_list};
pub use inspection::{Each, Inspection, Sieve};
pub use lower::Changed;
pub use note::Note;
pub use place::{Crossing, Effect, Passage, Pick, Place, Selector, Through, Way};
pub use touched::{Touched, touched};

use crate::header::AddressSet;
use petgraph::graph::{DiGraph, EdgeIndex, NodeIndex};
use petgraph::visit::EdgeRef;
use smallvec::SmallVec;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;

/// A guard's index in [`Graph::guards`].
pub type GuardId = u32;
/// An interface's index in [`Graph::interfaces`].
pub type InterfaceIndex = u32;
/// A translator's index in [`Graph::translators`].
pub type TranslatorIndex = u32;

/// What the routes of each subnet, by its wire, ask of such replies, by where they are for.
pub type Steering = BTreeMap<NodeIndex, Vec<(Selector, Vec<GuardId>)>>;

/// The compiled network. Copies share what they do not change.
#[derive(Clone, Debug)]
pub struct Graph {
    /// The places and the passages between them.
    pub places: Arc<DiGraph<Place, Passage>>,
    /// The guards, each shared by all passages that apply it.
    pub guards: Vec<Arc<Guard>>,
    /// Every interface, by id.
    pub interfaces: Arc<Vec<InterfaceFacts>>,
    /// Every address translator.
    pub translators: Arc<Vec<TranslatorFacts>>,
    /// The place outside.
    pub internet: NodeIndex,
    /// The place outside that takes nothing back but replies.
    pub outward: NodeIndex,
    /// The passages from outside into each VPC, by the VPC's own router.
    pub entries: Arc<BTreeMap<NodeIndex, Vec<EdgeIndex>>>,
    /// The addresses that mean the same outside as inside, each with the router of their VPC.
    pub announced: Arc<Vec<(AddressSet, NodeIndex)>>,
    /// What a packet passes on its way out by each router, wherever it goes.
    pub departures: Arc<BTreeMap<NodeIndex, GuardId>>,
    /// What stops a reply that leaves by another way than the request came.
    pub asymmetric: Stop,
    /// What takes a reply back to the node that forwarded the request.
    pub steered: Arc<Note>,
    /// What such a reply asks of the routes of the subnet that it leaves; empty where it needs none.
    pub steering: Arc<Steering>,
    /// What stops a packet that comes back to where it has been.
    pub looped: Stop,
    /// What stops a request that arrives at another host than the one meant.
    pub other_host: Stop,
    public_owners: Arc<BTreeMap<Ipv4Addr, PublicOwner>>,
    /// How it was lowered, so that a part of it can be told anew.
    kept: Arc<lower::Kept>,
    directory: Arc<directory::Directory>,
}

impl Graph {
    /// The interface of that id.
    #[must_use]
    pub fn interface(&self, id: &str) -> Option<InterfaceIndex> {
        let found = self.interfaces.binary_search_by(|facts| facts.resource.id.as_str().cmp(id));
        found.ok().and_then(|index| InterfaceIndex::try_from(index).ok())
    }

    /// Who has that public address.
    #[must_use]
    pub fn public_owner(&self, address: Ipv4Addr) -> Option<&PublicOwner> {
        self.public_owners.get(&address)
    }

    /// The passages out of a place that may take a packet for one of some addresses, each with where
    /// it leads. There may be others among them.
    #[must_use]
    pub fn passages(
        &self,
        place: NodeIndex,
        destinations: &AddressSet,
    ) -> SmallVec<[(&Passage, NodeIndex); 8]> {
        let with = |edge: EdgeIndex| {
            let (_, to) = self.places.edge_endpoints(edge)?;
            Some((&self.places[edge], to))
        };
        match self.directory.among(place, destinations) {
            Some(some) => some.into_iter().filter_map(with).collect(),
            None => match self.directory.order(place) {
                Some(order) => order.iter().copied().filter_map(with).collect(),
                None => {
                    self.places.edges(place).map(|edge| (edge.weight(), edge.target())).collect()
                }
            },
        }
    }

    /// The known public addresses among some, and who has each.
    pub fn public_owners<'g>(
        &'g self,
        among: &'g AddressSet,
    ) -> impl Iterator<Item = (Ipv4Addr, &'g PublicOwner)> + 'g {
        let ranges = among.v4.ranges().iter();
        let owners = ranges.flat_map(|&(low, high)| {
            self.public_owners.range(Ipv4Addr::from(low)..=Ipv4Addr::from(high))
        });
        owners.map(|(&address, owner)| (address, owner))
    }
}
