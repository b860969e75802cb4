//! A flow on a graph, and who is who in it.

use super::rewrite::AddressTerm;
use super::state::State;
use crate::answer::{Direction, Flow, Party};
use crate::graph::{Crossing, Graph, InterfaceIndex};
use crate::header::{AddressDimension, AddressSet, Family, HeaderSet, Symbol, nat64_prefix};
use petgraph::graph::NodeIndex;

/// One flow on one graph.
#[derive(Clone, Copy)]
pub(super) struct Question<'g> {
    pub(super) graph: &'g Graph,
    pub(super) flow: &'g Flow,
    pub(super) source: Option<InterfaceIndex>,
    pub(super) target: Option<InterfaceIndex>,
    /// Whether the destination stands for an IPv4 one, behind a translator.
    embedded: bool,
}

impl<'g> Question<'g> {
    pub(super) fn new(graph: &'g Graph, flow: &'g Flow) -> Self {
        let index = |party: &Party| party.interface().and_then(|id| graph.interface(id));
        let (source, target) = (index(&flow.source), index(&flow.destination));
        let destination = flow.destination.addresses();
        let embedded =
            !destination.is_empty() && destination.is_subset(&AddressSet::from(nat64_prefix()));
        Self { graph, flow, source, target, embedded }
    }

    /// The private addresses of the sender that have a public one.
    pub(super) fn public_of_source(&self, state: &State) -> AddressSet {
        if let (Direction::Return, Some((index, _))) = (state.direction, state.arrived) {
            return (*self.graph.interfaces[index as usize].public).clone();
        }
        match (state.visited.last(), self.source) {
            (Some(&translator), _) => self.graph.translators[translator as usize].public.clone(),
            (None, Some(source)) => (*self.graph.interfaces[source as usize].public).clone(),
            (None, None) => AddressSet::empty(),
        }
    }

    /// The private addresses of the receiver that have a public one.
    pub(super) fn public_of_target(&self, state: &State) -> AddressSet {
        match state.view.destination {
            AddressTerm::Known(address) => AddressSet::single(address),
            _ => self.target.map_or_else(AddressSet::empty, |target| {
                (*self.graph.interfaces[target as usize].public).clone()
            }),
        }
    }

    /// The VPC that the packet leaves, by its own router.
    pub(super) fn local_of_sender(&self, state: &State) -> NodeIndex {
        match (state.visited.last(), self.source) {
            (Some(&translator), _) => self.graph.translators[translator as usize].local,
            (None, Some(source)) => self.graph.interfaces[source as usize].local,
            (None, None) => self.graph.internet,
        }
    }

    /// The interface that sent the packet, while the packet still shows it.
    pub(super) fn sender(&self, term: AddressTerm, state: &State) -> Option<u32> {
        let own = term == AddressTerm::Dimension(AddressDimension::Source);
        let shown = own && state.crossing < Crossing::Hidden;
        self.source.filter(|_| shown && state.direction == Direction::Forward)
    }

    /// The interface that the packet is for, when the flow names one.
    pub(super) fn receiver(&self, term: AddressTerm) -> Option<u32> {
        self.target.filter(|_| term == AddressTerm::Dimension(AddressDimension::Destination))
    }

    /// The symbol of an address, when it belongs to one.
    pub(super) fn symbol(&self, term: AddressTerm) -> Option<&'g Symbol> {
        match term {
            AddressTerm::Dimension(AddressDimension::Source) => self.flow.source.symbol(),
            AddressTerm::Dimension(AddressDimension::Destination) => {
                self.flow.destination.symbol().filter(|_| !self.embedded)
            }
            AddressTerm::Embedded => self.flow.destination.symbol(),
            _ => None,
        }
    }

    /// The family of an address field. Headers at hand are of one family each.
    pub(super) fn family(&self, headers: &HeaderSet, term: AddressTerm) -> Family {
        match term {
            AddressTerm::Dimension(dimension) => {
                let addresses = headers.addresses(dimension);
                if addresses.v4.is_empty() { Family::V6 } else { Family::V4 }
            }
            AddressTerm::Known(address) => Family::of(address),
            AddressTerm::Embedded | AddressTerm::SomePublic => Family::V4,
        }
    }
}
