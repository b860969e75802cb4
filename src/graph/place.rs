//! Places and the passages between them.

use super::{Action, GuardId, InterfaceIndex, TranslatorIndex};
use crate::header::{AddressSet, Family, Symbol};
use petgraph::graph::NodeIndex;
use smallvec::SmallVec;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Where a packet can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// At an interface.
    Interface(InterfaceIndex),
    /// On a subnet's wire, about to be handed to an interface.
    Subnet,
    /// At a subnet's router, about to be routed by the subnet's table.
    Router,
    /// At the VPC's own router, about to be delivered to a subnet.
    Local,
    /// At a table in the middle of several networks.
    Junction,
    /// Out of such a table, at a subnet.
    Exit,
    /// At an address translator.
    Translator(TranslatorIndex),
    /// Outside.
    Internet,
    /// Outside, by a way that takes nothing back but replies.
    Outward,
    /// At a service behind a gateway endpoint.
    Service,
    /// At a service that every host reaches on its own link, such as the resolver.
    LinkLocal,
    /// Nowhere: a passage to here has a guard that says why.
    End,
}

/// What kind of place a passage leads to, so that a reply can be held to the request's way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Within the VPC.
    Inside,
    /// Outside.
    Outside,
    /// To something that a reply cannot come back through.
    OneWay,
    /// Through something on the way, wherever it leads.
    Through,
    /// To nowhere.
    End,
}

/// A passage from one place to the next.
#[derive(Clone, Debug)]
pub struct Passage {
    /// The destinations that take it.
    pub selects: Arc<Selector>,
    /// What it asks of them, in order.
    pub guards: SmallVec<[GuardId; 4]>,
    /// How many of the guards belong to leaving, before it matters where the passage leads.
    pub departure: usize,
    /// Where it leads.
    pub way: Way,
    /// What else it does to a packet.
    pub effect: Arc<Effect>,
}

/// What a passage does to a packet besides letting it through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effect {
    /// What it leaves of the sender's identity.
    pub crossing: Crossing,
    /// For what a translator sends: the router that replies come back to past all routes.
    pub returns: Option<NodeIndex>,
    /// Which of several equal ways it is.
    pub pick: Option<Pick>,
    /// What keeps state of the connections that pass here.
    pub through: Option<Arc<Through>>,
}

/// One of several equal ways.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pick {
    /// What it is called.
    pub choice: Arc<str>,
    /// What makes the same choice there and back, when something does.
    pub kept_by: Option<Arc<str>>,
}

/// Something in the way that may have to see both ways of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Through {
    /// What it is.
    pub id: Arc<str>,
    /// What becomes of a connection whose reply does not come back this way.
    pub missed: Action,
    /// What becomes of a reply whose request did not come this way.
    pub unexpected: Action,
}

/// What lies between a sender and a receiver; the last of several counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Crossing {
    /// Nothing: they are in one VPC.
    #[default]
    Nothing,
    /// A passage to a peer.
    Peering,
    /// A junction that keeps who sent it.
    Transit,
    /// A junction of which that is not known.
    TransitUnsure,
    /// Something that hides who sent it.
    Hidden,
    /// A host or an appliance that passed it on.
    Forwarded,
}

/// A set of destinations, some of which are only symbols.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector {
    /// Listed addresses.
    pub plain: AddressSet,
    /// The bounds within which addresses of a symbol are taken.
    pub symbolic: AddressSet,
    /// The same for symbols that a route names.
    pub named: BTreeMap<Symbol, AddressSet>,
}

impl Selector {
    /// A set that does not care for symbols.
    #[must_use]
    pub fn addresses(set: AddressSet) -> Self {
        Self { symbolic: set.clone(), plain: set, named: BTreeMap::new() }
    }

    /// The part within a set of addresses.
    #[must_use]
    pub fn within(&self, set: &AddressSet) -> Self {
        let part = |own: &AddressSet| own.intersection(set);
        Self {
            plain: part(&self.plain),
            symbolic: part(&self.symbolic),
            named: self.named.iter().map(|(name, own)| (name.clone(), part(own))).collect(),
        }
    }

    /// The part of one family.
    pub(super) fn of_family(&self, family: Family) -> Self {
        let of_set = |set: &AddressSet| set.of_family(family);
        Self {
            plain: of_set(&self.plain),
            symbolic: of_set(&self.symbolic),
            named: self.named.iter().map(|(name, set)| (name.clone(), of_set(set))).collect(),
        }
    }

    /// Whether it takes nothing.
    pub(super) fn is_empty(&self) -> bool {
        let mut all = [&self.plain, &self.symbolic].into_iter().chain(self.named.values());
        all.all(AddressSet::is_empty)
    }

    /// What both take.
    #[must_use]
    pub fn both(&self, other: &Self) -> Self {
        let names = self.named.keys().chain(other.named.keys());
        let named = names.map(|name| {
            let part = self.of(Some(name)).intersection(other.of(Some(name)));
            (name.clone(), part)
        });
        Self {
            plain: self.plain.intersection(&other.plain),
            symbolic: self.symbolic.intersection(&other.symbolic),
            named: named.collect(),
        }
    }

    /// The addresses taken, for a packet to `symbol` or to a listed address.
    #[must_use]
    pub fn of(&self, symbol: Option<&Symbol>) -> &AddressSet {
        match symbol {
            None => &self.plain,
            Some(symbol) => self.named.get(symbol).unwrap_or(&self.symbolic),
        }
    }
}
