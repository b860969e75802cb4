//! Out to the internet and in from it.

use super::rewrite::{AddressTerm, Frame};
use super::state::State;
use super::walk::Walk;
use crate::graph::{Crossing, PublicOwner, Way};
use crate::header::{AddressSet, Family};
use petgraph::graph::NodeIndex;
use std::net::IpAddr;

impl Walk<'_> {
    /// Leaves for the internet: to a host outside, or back in by a public address of the network.
    pub(super) fn leave(&mut self, state: State) {
        let graph = self.question.graph;
        if self.question.family(&state.headers, state.view.destination) == Family::V6 {
            return self.leave_unchanged(state, true);
        }
        let listed = self.question.symbol(state.view.destination).is_none();
        let meant = if listed { state.destinations() } else { AddressSet::empty() };
        let mut outside = Some(state);
        for (public, owner) in graph.public_owners(&meant) {
            let Some(state) = outside else { return };
            let term = state.view.destination;
            let (inside, rest) = state.parted(term, &AddressSet::single(IpAddr::V4(public)));
            if let Some(inside) = inside {
                self.turn_back(inside, owner);
            }
            outside = rest;
        }
        if let Some(mut state) = outside {
            let local = self.question.local_of_sender(&state);
            state.rewritten(Frame::Public {
                address: state.view.source,
                destination: state.view.destination,
                local,
                by_entry: true,
            });
            state.view.source = AddressTerm::SomePublic;
            match self.forwards() {
                true => self.lose_reply(state.turned()),
                false => self.return_from_outside(state.turned()),
            }
        }
    }

    /// Leaves for the internet with the addresses that it has: to a host outside, or to another VPC
    /// of the network. `by_entry` says whether replies come in like anything else from outside.
    pub(super) fn leave_unchanged(&mut self, mut state: State, by_entry: bool) {
        let graph = self.question.graph;
        state.rewritten(Frame::Public {
            address: state.view.source,
            destination: state.view.destination,
            local: self.question.local_of_sender(&state),
            by_entry,
        });
        let listed = self.question.symbol(state.view.destination).is_none();
        let mut outside = Some(state);
        for (addresses, local) in graph.announced.iter().filter(|_| listed) {
            let Some(state) = outside else { return };
            let term = state.view.destination;
            let (inside, rest) = state.parted(term, addresses);
            if let Some(inside) = inside {
                let (expected, crossing) = (Way::Outside, Crossing::Hidden);
                let mut inward = State { expected, crossing, ..inside };
                inward.forget_places();
                self.enter(inward, *local);
            }
            outside = rest;
        }
        if let Some(state) = outside {
            match self.forwards() {
                true => self.lose_reply(state.turned()),
                false => self.return_from_outside(state.turned()),
            }
        }
    }

    /// Comes back in by a public address, showing the sender's public address.
    pub(super) fn turn_back(&mut self, state: State, owner: &PublicOwner) {
        let graph = self.question.graph;
        let (interface, private) = match owner {
            PublicOwner::Closed(stop) => {
                let mut state = state;
                state.stops.push((state.direction, stop.clone()));
                return self.finish(state);
            }
            PublicOwner::Interface { interface, private } => (*interface, *private),
        };
        let known = match state.visited.last() {
            Some(&translator) => &graph.translators[translator as usize].known_public,
            None => self
                .question
                .source
                .map_or(&[][..], |source| &graph.interfaces[source as usize].known_public[..]),
        };
        let frame = Frame::Public {
            address: state.view.source,
            destination: state.view.destination,
            local: self.question.local_of_sender(&state),
            by_entry: true,
        };
        let mut rest = Some(state);
        let mut shown = Vec::new();
        for (public, own) in known {
            let Some(state) = rest else { break };
            let term = state.view.source;
            let (inside, others) = state.parted(term, own);
            shown.extend(inside.map(|mut state| {
                state.view.source = AddressTerm::Known(IpAddr::V4(*public));
                state
            }));
            rest = others;
        }
        shown.extend(rest.map(|mut state| {
            state.view.source = AddressTerm::SomePublic;
            state
        }));
        let local = graph.interfaces[interface as usize].local;
        for mut state in shown {
            state.rewritten(frame);
            state.forget_places();
            state.view.destination = AddressTerm::Known(IpAddr::V4(private));
            state.expected = Way::Outside;
            self.enter(state, local);
        }
    }

    /// A reply comes back to the gateway that the request left by, or has reached a client outside.
    pub(super) fn return_from_outside(&mut self, state: State) {
        let Some(mut state) = self.settle(state) else { return };
        state.forget_places();
        match state.frames.pop() {
            Some(Frame::Public { address, destination, local, by_entry }) => {
                state.view.source = destination;
                state.view.destination = address;
                state.expected = Way::Inside;
                match by_entry {
                    true => self.enter(state, local),
                    false => self.follow(state, local),
                }
            }
            Some(Frame::Translated { .. }) | None => self.finish(State { home: true, ..state }),
        }
    }

    /// Comes from the internet into a VPC.
    pub(super) fn enter(&mut self, state: State, local: NodeIndex) {
        let graph = self.question.graph;
        let entries = graph.entries.get(&local).map_or(&[][..], Vec::as_slice);
        if entries.is_empty() {
            return self.give_up(state, "the VPC's internet gateway");
        }
        for &entry in entries {
            let Some((_, to)) = graph.places.edge_endpoints(entry) else { continue };
            let passage = &graph.places[entry];
            let (term, selected) = (state.view.destination, passage.selects.of(None));
            if let Some(headers) = state.part(term, selected).yes {
                self.take(State { headers, ..state.clone() }, passage, to, graph.internet);
            }
        }
    }
}
