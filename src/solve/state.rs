//! Packets on their way.

use super::region::Region;
use super::rewrite::{AddressTerm, Frame, View};
use super::within::{Verdicts, misses, no_address, within};
use crate::answer::{Direction, Missing};
use crate::graph::{Crossing, InterfaceIndex, Note, Pick, Stop, Through, TranslatorIndex, Way};
use crate::header::{AddressSet, HeaderSet};
use petgraph::graph::NodeIndex;
use std::sync::Arc;

/// A set of packets on their way, all in the same place.
#[derive(Clone)]
pub(super) struct State {
    pub(super) headers: HeaderSet,
    pub(super) view: View,
    pub(super) direction: Direction,
    pub(super) visited: Vec<TranslatorIndex>,
    pub(super) frames: Vec<Frame>,
    /// The way a reply has to take out of the server's subnet.
    pub(super) expected: Way,
    /// What the request crossed.
    pub(super) crossing: Crossing,
    /// What keeps state on each leg of the way: one leg more than there are frames.
    pub(super) legs: Vec<Vec<Arc<Through>>>,
    /// What was picked where the same is picked there and back.
    pub(super) kept: Vec<Pick>,
    /// The exits of junctions that it has passed, this way.
    pub(super) exits: Vec<NodeIndex>,
    /// The same of what keeps state.
    pub(super) passed: Vec<Arc<str>>,
    /// The router that the reply comes back to past all routes.
    pub(super) returns: Option<NodeIndex>,
    /// Where the request arrived, and how its header looked there.
    pub(super) arrived: Option<(InterfaceIndex, View)>,
    /// Whether the reply has come home.
    pub(super) home: bool,
    pub(super) hops: Vec<Arc<Note>>,
    pub(super) return_hops: Vec<Arc<Note>>,
    pub(super) stops: Vec<(Direction, Stop)>,
    pub(super) missing: Vec<Missing>,
}

impl State {
    /// Leaves a note on the way, as far as the packet really gets.
    pub(super) fn trail(&mut self, note: Arc<Note>) {
        match self.direction {
            _ if !self.stops.is_empty() => {}
            Direction::Forward => self.hops.push(note),
            Direction::Return => self.return_hops.push(note),
        }
    }

    /// The reply to the request at hand.
    pub(super) fn turned(mut self) -> Self {
        self.view = self.view.reply();
        self.direction = Direction::Return;
        self.forget_places();
        self
    }

    /// Goes another way, or to another destination: no place of before is a loop.
    pub(super) fn forget_places(&mut self) {
        self.exits.clear();
        self.passed.clear();
    }

    /// Remembers a rewrite that the reply has to undo.
    pub(super) fn rewritten(&mut self, frame: Frame) {
        self.frames.push(frame);
        self.legs.push(Vec::new());
    }

    /// Whom the packets may be for.
    pub(super) fn destinations(&self) -> AddressSet {
        match self.view.destination {
            AddressTerm::Dimension(dimension) => self.headers.addresses(dimension).clone(),
            AddressTerm::Known(address) => AddressSet::single(address),
            AddressTerm::Embedded | AddressTerm::SomePublic => AddressSet::all(),
        }
    }

    /// The headers by whether their `term` is in `set`; nothing where none's is.
    pub(super) fn part(&self, term: AddressTerm, set: &AddressSet) -> Verdicts {
        match misses(&self.headers, term, set) {
            true => Verdicts::default(),
            false => within(self.headers.clone(), term, set, &no_address),
        }
    }

    /// The packets whose `term` is in `set`, and those whose is not.
    pub(super) fn parted(
        self,
        term: AddressTerm,
        set: &AddressSet,
    ) -> (Option<Self>, Option<Self>) {
        if misses(&self.headers, term, set) {
            return (None, Some(self));
        }
        let Verdicts { yes, no, .. } = self.part(term, set);
        let inside = yes.map(|headers| Self { headers, ..self.clone() });
        let outside = no.into_iter().next().map(|headers| Self { headers, ..self });
        (inside, outside)
    }

    pub(super) fn region(self) -> Region {
        let Self { headers, hops, return_hops, stops, missing, .. } = self;
        Region { headers, hops, return_hops, stops, missing }
    }
}
