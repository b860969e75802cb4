//! The walk: from the client to the server and back.

use super::question::Question;
use super::region::{Region, Solution};
use super::rewrite::{AddressTerm, Frame, View};
use super::state::State;
use super::test::Says;
use crate::answer::{Direction, Flow, Missing, Party};
use crate::graph::{
    Action, Crossing, Effect, Graph, Guard, GuardId, InterfaceIndex, Passage, Place, Selector,
    Through, TranslatorIndex, Way,
};
use crate::header::{AddressDimension, AddressSet, Dimensions, Family, HeaderSet, PortDimension};
use petgraph::graph::NodeIndex;
use smallvec::SmallVec;
use std::sync::Arc;

/// Headers that a passage may take, what would settle it, and where it leads.
type Open<'g> = (HeaderSet, Missing, &'g Passage, NodeIndex);

/// A walk and what it has found.
pub(super) struct Walk<'g> {
    pub(super) question: Question<'g>,
    regions: Vec<Region>,
}

impl<'g> Walk<'g> {
    pub(super) fn new(graph: &'g Graph, flow: &'g Flow) -> Self {
        Self { question: Question::new(graph, flow), regions: Vec::new() }
    }

    pub(super) fn run(mut self) -> Solution {
        let ends = [&self.question.flow.source, &self.question.flow.destination];
        let [source, destination] = ends.map(Party::addresses);
        // No packet has an address of each family.
        let families: Vec<Family> =
            source.families().filter(|one| destination.families().any(|own| own == *one)).collect();
        for &family in &families {
            self.start(source.of_family(family), destination.of_family(family));
        }
        if families.is_empty() {
            self.start(source.clone(), destination.clone());
        }
        Solution { regions: self.regions }
    }

    fn start(&mut self, source: AddressSet, destination: AddressSet) {
        let of_one_family = source.families().eq(destination.families());
        let state = State {
            headers: HeaderSet(Dimensions {
                source,
                destination,
                source_port: self.question.flow.client_ports.clone(),
                destination_port: self.question.flow.destination_ports.clone(),
                translations: Vec::new(),
                picks: Vec::new(),
            }),
            view: View::request(),
            direction: Direction::Forward,
            visited: Vec::new(),
            frames: Vec::new(),
            expected: Way::Inside,
            crossing: Crossing::default(),
            legs: vec![Vec::new()],
            kept: Vec::new(),
            exits: Vec::new(),
            passed: Vec::new(),
            returns: None,
            arrived: None,
            home: false,
            hops: Vec::new(),
            return_hops: Vec::new(),
            stops: Vec::new(),
            missing: Vec::new(),
        };
        match (&self.question.flow.source, self.question.source, self.question.target) {
            _ if state.headers.is_empty() || !of_one_family => {
                self.give_up(state, "an address of one family at either end");
            }
            (_, Some(source), _) => {
                let place = self.question.graph.interfaces[source as usize].place;
                self.follow(state, place);
            }
            (Party::Elsewhere { .. }, None, Some(target)) => {
                let local = self.question.graph.interfaces[target as usize].local;
                self.enter(State { expected: Way::Outside, ..state }, local);
            }
            (Party::Elsewhere { .. }, None, None) => {
                self.give_up(state, "anything about a flow between two places outside the network");
            }
            (Party::Interface { id, .. } | Party::Forwarder { id, .. }, None, _) => {
                let fact = format!("interface {id}");
                self.give_up(state, &fact);
            }
        }
    }

    /// Takes every passage out of a place.
    pub(super) fn follow(&mut self, state: State, place: NodeIndex) {
        let symbol = self.question.symbol(state.view.destination);
        let mut open: Vec<Open> = Vec::new();
        let mut ways: SmallVec<[(HeaderSet, &Passage, NodeIndex); 2]> = SmallVec::new();
        for (passage, to) in self.ways(&state, place) {
            let parted = state.part(state.view.destination, passage.selects.of(symbol));
            ways.extend(parted.yes.map(|headers| (headers, passage, to)));
            open.extend(parted.maybe.map(|(headers, missing)| (headers, missing, passage, to)));
        }
        let last = ways.pop();
        for (headers, passage, to) in ways {
            self.take(State { headers, ..state.clone() }, passage, to, place);
        }
        // Mostly there is one.
        match last {
            Some((headers, passage, to)) if open.is_empty() => {
                return self.take(State { headers, ..state }, passage, to, place);
            }
            Some((headers, passage, to)) => {
                self.take(State { headers, ..state.clone() }, passage, to, place);
            }
            None => {}
        }
        if let Some(ways) = self.same_ways(&open) {
            for (headers, _, passage, to) in ways {
                let state = State { headers: headers.clone(), ..state.clone() };
                self.take(state, passage, *to, place);
            }
            return;
        }
        // Every passage that may take it says the same of the same headers; whichever it is, it is
        // left in the same way.
        let least = open.into_iter().min_by_key(|(_, _, passage, _)| passage.departure);
        if let Some((headers, missing, passage, _)) = least {
            let departing = State { headers, ..state };
            for mut open in self.pass(departing, &passage.guards[..passage.departure]) {
                open.missing.push(missing.clone());
                self.finish(open);
            }
        }
    }

    /// The passages out of a place that packets may take.
    fn ways(&self, state: &State, place: NodeIndex) -> SmallVec<[(&'g Passage, NodeIndex); 8]> {
        let listed = self.question.symbol(state.view.destination).is_none();
        let meant = if listed { state.destinations() } else { AddressSet::all() };
        self.question.graph.passages(place, &meant)
    }

    /// Where it does not matter which passage takes the headers, because they lead alike: the one
    /// that tells most; where AWS picks one of several such ways, that of each.
    fn same_ways<'o>(&self, open: &'o [Open<'g>]) -> Option<Vec<&'o Open<'g>>> {
        let mut ways: Vec<Vec<&Open>> = Vec::new();
        for one in open {
            match ways.iter_mut().find(|way| self.alike(way[0], one)) {
                Some(way) => way.push(one),
                None => ways.push(vec![one]),
            }
        }
        let kept_by = |(_, _, passage, _): &Open<'g>| passage.effect.pick.as_ref()?.kept_by.clone();
        let picks = ways.first().and_then(|way| kept_by(way[0]));
        let one_choice =
            ways.len() == 1 || picks.is_some() && ways.iter().all(|way| kept_by(way[0]) == picks);
        if !one_choice || ways.iter().any(|way| way.len() < 2) {
            return None;
        }
        let guards = |(_, _, passage, _): &&Open| passage.guards.len();
        Some(ways.iter().filter_map(|way| way.iter().copied().max_by_key(guards)).collect())
    }

    /// Whether two passages lead to one place, ask the same and do the same, and differ at most in
    /// what is assumed of them.
    fn alike(&self, (_, _, one, there): &Open, (_, _, other, other_there): &Open) -> bool {
        let guards = &self.question.graph.guards;
        let assumed = |guard: &&Guard| match guard {
            Guard::Always { action: Action::Pass(Some(note)), .. } => note.assumption.is_some(),
            _ => false,
        };
        let asks = |passage: &Passage| -> Vec<&Guard> {
            let all = passage.guards.iter().map(|&guard| &*guards[guard as usize]);
            all.filter(|guard| !assumed(guard)).collect()
        };
        there == other_there
            && one.way == other.way
            && one.effect == other.effect
            && asks(one) == asks(other)
    }

    /// Passes the guards of a passage and goes where it leads.
    pub(super) fn take(&mut self, state: State, passage: &Passage, to: NodeIndex, from: NodeIndex) {
        let routed = matches!(self.question.graph.places[from], Place::Router);
        let astray = state.direction == Direction::Return
            && routed
            && !matches!(passage.way, Way::End | Way::Through)
            && passage.way != state.expected;
        // How replies to what came from outside get back past a translator is not known.
        let inward = state.direction == Direction::Forward
            && state.expected == Way::Outside
            && passage.way == Way::OneWay;
        let pick = passage.effect.pick.as_ref();
        let kept = pick.and_then(|pick| {
            let by = pick.kept_by.as_ref()?;
            state.kept.iter().find(|one| one.kept_by.as_ref() == Some(by))
        });
        // The other ways there were not picked.
        if kept.is_some_and(|kept| pick.is_some_and(|pick| pick.choice != kept.choice)) {
            return;
        }
        let picked = pick.filter(|_| kept.is_none());
        let mut state = state;
        if let Some(pick) = picked {
            state.headers.0.picks.push(pick.choice.clone());
            state.kept.extend(pick.kept_by.is_some().then(|| pick.clone()));
        }
        let cut_short = astray || inward;
        let guards =
            if cut_short { &passage.guards[..passage.departure] } else { &passage.guards[..] };
        for mut state in self.pass(state, guards) {
            if astray {
                state.stops.push((state.direction, self.question.graph.asymmetric.clone()));
                self.finish(state);
                continue;
            }
            if inward {
                self.give_up(
                    state,
                    "how replies get back past a translator to what came from outside",
                );
                continue;
            }
            if state.direction == Direction::Forward {
                let Effect { crossing, returns, .. } = &*passage.effect;
                let translated = match state.frames.last() {
                    Some(Frame::Translated { translator, .. }) => {
                        self.question.graph.translators[*translator as usize].returned_to
                    }
                    _ => false,
                };
                state.crossing = state.crossing.max(*crossing);
                state.returns = returns.filter(|_| translated).or(state.returns);
            }
            let passed = match &passage.effect.through {
                Some(through) => self.keep_state(state, through),
                None => Some(state),
            };
            if let Some(state) = passed {
                self.arrive(state, to);
            }
        }
    }

    /// Passes what may keep state: the reply has to come back by what the request passed.
    fn keep_state(&mut self, mut state: State, through: &Arc<Through>) -> Option<State> {
        if state.passed.contains(&through.id) {
            state.stops.push((state.direction, self.question.graph.looped.clone()));
            self.finish(state);
            return None;
        }
        state.passed.push(through.id.clone());
        let leg = state.legs.last_mut()?;
        if state.direction == Direction::Forward {
            leg.push(Arc::clone(through));
            return Some(state);
        }
        match leg.iter().rposition(|one| one.id == through.id) {
            Some(index) => {
                leg.remove(index);
                Some(state)
            }
            None => self.suffer(state, &through.unexpected),
        }
    }

    /// The reply has gone back along a leg: it must have passed all that the request passed there.
    pub(super) fn settle(&mut self, mut state: State) -> Option<State> {
        for through in state.legs.pop().unwrap_or_default() {
            state = self.suffer(state, &through.missed)?;
        }
        Some(state)
    }

    fn suffer(&mut self, mut state: State, action: &Action) -> Option<State> {
        match action {
            Action::Pass(_) => {}
            Action::Unknown(missing) => state.missing.push(missing.clone()),
            Action::Stop(stop) => {
                state.stops.push((state.direction, stop.clone()));
                self.finish(state);
                return None;
            }
        }
        Some(state)
    }

    /// Passes guards. What they stop goes on, marked, unless there is no way on.
    fn pass(&mut self, state: State, guards: &[u32]) -> Vec<State> {
        let graph = self.question.graph;
        let mut states = vec![state];
        for &guard in guards {
            let mut passed = Vec::with_capacity(states.len());
            let guard = &*graph.guards[guard as usize];
            for state in states {
                let mut pieces = match self.question.test(guard, &state) {
                    Says::All(action) => {
                        passed.extend(self.act(state, action));
                        continue;
                    }
                    Says::Pieces(pieces) => pieces,
                };
                let last = pieces.pop();
                for (headers, action) in pieces {
                    passed.extend(self.act(State { headers, ..state.clone() }, action));
                }
                if let Some((headers, action)) = last {
                    passed.extend(self.act(State { headers, ..state }, action));
                }
            }
            states = passed;
        }
        states
    }

    /// What a guard said is done to packets; nothing goes on where there is no way on.
    fn act(&mut self, mut state: State, action: Action) -> Option<State> {
        match action {
            Action::Pass(None) => {}
            Action::Pass(Some(note)) => state.trail(note),
            Action::Unknown(missing) => state.missing.push(missing),
            Action::Stop(stop) => {
                let ends = stop.ends;
                state.stops.push((state.direction, stop));
                if ends {
                    self.finish(state);
                    return None;
                }
            }
        }
        Some(state)
    }

    fn arrive(&mut self, state: State, place: NodeIndex) {
        match (self.question.graph.places[place], state.direction) {
            (Place::Interface(index), Direction::Forward) => self.reply_from(state, index),
            (Place::Subnet, Direction::Forward) => self.deliver(state, place),
            (Place::Subnet, Direction::Return) => self.deliver_reply(state, place),
            (Place::Router, Direction::Return) if state.returns.is_some() => {
                self.send_back(state, place);
            }
            (Place::Exit, _) => self.come_out(state, place),
            (Place::Router | Place::Local | Place::Junction, _) => self.follow(state, place),
            (Place::Translator(translator), Direction::Forward) => {
                let state = self.translate(state, translator);
                self.follow(state, place);
            }
            (Place::Internet, Direction::Forward) => self.leave(state),
            (Place::Outward, Direction::Forward) => self.leave_unchanged(state, false),
            (Place::Internet, Direction::Return) => self.return_from_outside(state),
            (Place::Translator(_), Direction::Return) => {
                let mut state = state;
                state.stops.push((state.direction, self.question.graph.asymmetric.clone()));
                self.finish(state);
            }
            (Place::Service, Direction::Forward) => match self.forwards() {
                true => self.lose_reply(state.turned()),
                false if state.legs.last().is_some_and(|leg| !leg.is_empty()) => {
                    self.give_up(
                        state,
                        "whether replies of the service pass what the request passed",
                    );
                }
                false => self.follow(state.turned(), place),
            },
            // An end, or a place where no reply has to come back from.
            _ => self.finish(state),
        }
    }

    /// Hands requests on a subnet's wire to the interfaces that own their destination.
    fn deliver(&mut self, state: State, wire: NodeIndex) {
        let graph = self.question.graph;
        let to_target =
            state.view.destination == AddressTerm::Dimension(AddressDimension::Destination);
        if let Some(target) = self.question.target.filter(|_| to_target) {
            let facts = &graph.interfaces[target as usize];
            if facts.wire == Some(wire)
                && let Some(edge) = graph.places.find_edge(wire, facts.place)
            {
                let passage = &graph.places[edge];
                self.take(state, passage, facts.place, wire);
                return;
            }
        }
        let symbol = self.question.symbol(state.view.destination);
        for (passage, to) in self.ways(&state, wire) {
            let planned = match graph.places[to] {
                Place::Interface(index) => graph.interfaces[index as usize].planned,
                _ => false,
            };
            if planned {
                continue;
            }
            let selected = passage.selects.of(symbol);
            if let Some(headers) = state.part(state.view.destination, selected).yes {
                self.take(State { headers, ..state.clone() }, passage, to, wire);
            }
        }
    }

    /// Hands replies to whom the request came from: the last translator, or the client.
    fn deliver_reply(&mut self, state: State, wire: NodeIndex) {
        let graph = self.question.graph;
        let meant = match state.frames.last() {
            Some(Frame::Translated { translator, .. }) => {
                Some(graph.translators[*translator as usize].wire)
            }
            _ => self.question.source.and_then(|source| graph.interfaces[source as usize].wire),
        };
        // Where ranges overlap, the address may be another host's.
        if meant.is_some_and(|meant| meant != wire) {
            let mut state = state;
            state.stops.push((state.direction, graph.asymmetric.clone()));
            return self.finish(state);
        }
        let Some(mut state) = self.settle(state) else { return };
        match state.frames.pop() {
            Some(Frame::Translated { translator, address, port, destination }) => {
                state.view.source = destination;
                state.view.destination = address;
                state.view.destination_port = port;
                let back = self.question.graph.translators[translator as usize].back;
                self.follow(state, back);
            }
            Some(Frame::Public { .. }) | None => self.finish(State { home: true, ..state }),
        }
    }

    /// Comes out of a junction, once.
    fn come_out(&mut self, mut state: State, exit: NodeIndex) {
        if state.exits.contains(&exit) {
            state.stops.push((state.direction, self.question.graph.looped.clone()));
            return self.finish(state);
        }
        state.exits.push(exit);
        self.follow(state, exit);
    }

    /// Leaves by a router, past its routes, for where the request was translated.
    fn send_back(&mut self, mut state: State, router: NodeIndex) {
        let Some(local) = state.returns.take() else { return };
        let departure = self.question.graph.departures.get(&router);
        for state in self.pass(state, departure.map_or(&[], std::slice::from_ref)) {
            self.follow(state, local);
        }
    }

    /// A translator puts its own address and port in the source.
    fn translate(&mut self, mut state: State, translator: TranslatorIndex) -> State {
        let index = state.headers.0.translations.len();
        let facts = &self.question.graph.translators[translator as usize];
        let ports = match self.question.flow.protocol.has_ports() {
            true => facts.ports.clone(),
            false => state.headers.ports(state.view.source_port).clone(),
        };
        state.headers.0.translations.push((facts.private.clone(), ports));
        state.visited.push(translator);
        let (address, port) = (state.view.source, state.view.source_port);
        let destination = state.view.destination;
        state.rewritten(Frame::Translated { translator, address, port, destination });
        if self.question.family(&state.headers, destination) == Family::V6 {
            state.view.destination = AddressTerm::Embedded;
        }
        state.view.source = AddressTerm::Dimension(AddressDimension::Translation(index));
        state.view.source_port = PortDimension::Translation(index);
        state
    }

    /// The request has arrived: its reply sets out.
    fn reply_from(&mut self, mut state: State, index: InterfaceIndex) {
        if self.question.target.is_some_and(|target| target != index) {
            state.stops.push((state.direction, self.question.graph.other_host.clone()));
            return self.finish(state);
        }
        state.arrived = Some((index, state.view));
        let facts = &self.question.graph.interfaces[index as usize];
        let (place, answers) = (facts.place, facts.answers);
        for reply in self.pass(state.turned(), answers.as_slice()) {
            match self.forwards() {
                true => self.steer_back(reply, index),
                false => self.follow(reply, place),
            }
        }
    }

    /// The reply goes back to the forwarder, and takes no route of its own.
    fn steer_back(&mut self, mut reply: State, index: InterfaceIndex) {
        let graph = self.question.graph;
        let server = &graph.interfaces[index as usize];
        let node = self.question.source.map(|source| &graph.interfaces[source as usize]);
        let Some(node) =
            node.filter(|_| reply.frames.is_empty() && reply.crossing == Crossing::Nothing)
        else {
            return self.lose_reply(reply);
        };
        reply.trail(graph.steered.clone());
        let beside = node.wire == server.wire;
        let (out, inward) = (server.acl_out.filter(|_| !beside), node.acl_in.filter(|_| !beside));
        let routes = server.wire.and_then(|wire| graph.steering.get(&wire));
        for state in self.pass(reply, out.as_slice()) {
            for state in self.steer_by(state, routes) {
                for state in self.pass(state, inward.as_slice()) {
                    self.finish(State { home: true, ..state });
                }
            }
        }
    }

    /// Passes what the routes say of where a steered reply is for.
    fn steer_by(
        &mut self,
        state: State,
        routes: Option<&Vec<(Selector, Vec<GuardId>)>>,
    ) -> Vec<State> {
        let Some(routes) = routes else { return vec![state] };
        let symbol = self.question.symbol(state.view.destination);
        let mut passed = Vec::new();
        for (selector, guards) in routes {
            let selected = selector.of(symbol);
            if let Some(headers) = state.part(state.view.destination, selected).yes {
                passed.extend(self.pass(State { headers, ..state.clone() }, guards));
            }
        }
        passed
    }

    /// Whether the request keeps the address of a client that is not its sender.
    pub(super) fn forwards(&self) -> bool {
        matches!(self.question.flow.source, Party::Forwarder { .. })
    }

    /// Only within the VPC is it known how a forwarder gets its replies.
    pub(super) fn lose_reply(&mut self, state: State) {
        let fact = "how a reply comes back to a node of another VPC, or past what passed it on";
        self.give_up(state, fact);
    }

    /// Ends a walk whose way is not known.
    pub(super) fn give_up(&mut self, mut state: State, fact: &str) {
        state.missing.push(Missing { fact: fact.to_owned(), command: None });
        self.finish(state);
    }

    /// Ends a walk. A request that arrived is last of all held to the sockets there: a refusal is
    /// itself an answer that has to come back (LBH-17), so where its way back is not known, neither
    /// is what the client sees.
    pub(super) fn finish(&mut self, state: State) {
        let answered = state.home || !state.stops.is_empty();
        let Some((index, view)) = state.arrived.filter(|_| answered) else {
            self.regions.push(state.region());
            return;
        };
        let sockets = self.question.graph.interfaces[index as usize].sockets;
        let request = State { direction: Direction::Forward, view, arrived: None, ..state };
        for part in self.pass(request, &[sockets]) {
            self.regions.push(part.region());
        }
    }
}
