//! Testing the headers at hand against a guard.

use super::question::Question;
use super::rewrite::{AddressTerm, Frame};
use super::state::State;
use super::within::{Verdicts, no_address, within};
use crate::answer::{Direction, Missing};
use crate::graph::{
    Action, Clause, Crossing, Guard, Order, PeerTest, RuleSet, Side, Stop, Way, bounds_of_list,
};
use crate::header::{AddressDimension, HeaderSet, PortSet};

/// What a guard does with a part of the headers.
pub(super) type Piece = (HeaderSet, Action);

/// What a guard does with headers.
pub(super) enum Says {
    /// The same with all of them.
    All(Action),
    /// This with each part.
    Pieces(Vec<Piece>),
}

impl Question<'_> {
    /// What a guard does with the headers of a state.
    pub(super) fn test(&self, guard: &Guard, state: &State) -> Says {
        let reply = state.direction == Direction::Return;
        match guard {
            Guard::Always { requests_only: true, .. }
            | Guard::Rules(RuleSet { requests_only: true, .. })
            | Guard::PublicAddress { requests_only: true, .. }
                if reply =>
            {
                Says::All(Action::Pass(None))
            }
            Guard::Always { action, .. } => Says::All(action.clone()),
            Guard::Rules(rules) => Says::Pieces(self.rules(rules, state)),
            Guard::Inspection(inspection) => Says::Pieces(self.inspect(inspection, state)),
            Guard::PublicAddress { side, note, otherwise, .. } => {
                let (term, public) = match side {
                    Side::Source => (state.view.source, self.public_of_source(state)),
                    Side::Destination => (state.view.destination, self.public_of_target(state)),
                };
                let verdicts = within(state.headers.clone(), term, &public, &no_address);
                let pass = Action::Pass(Some(note.clone()));
                Says::Pieces(pieces(verdicts, &pass, &Action::Stop(otherwise.clone())))
            }
            Guard::Translated { .. } if reply => Says::All(Action::Pass(None)),
            Guard::Translated { by, yes, no } => {
                match state.visited.last().is_some_and(|last| by.contains(last)) {
                    true => Says::All(yes.clone()),
                    false => Says::All(no.clone()),
                }
            }
            Guard::RepliesTo { to, action } => match (reply, state.frames.last()) {
                (true, Some(Frame::Translated { translator, .. })) if to.contains(translator) => {
                    Says::All(action.clone())
                }
                _ => Says::All(Action::Pass(None)),
            },
            Guard::NotFromOutside(stop) => match state.expected == Way::Outside && !reply {
                true => Says::All(Action::Stop(stop.clone())),
                false => Says::All(Action::Pass(None)),
            },
            Guard::Behind { of, yes, no } => {
                let last = state.legs.last().and_then(|leg| leg.last());
                let behind = last.is_some_and(|last| of.contains(&last.id));
                self.test(if behind { yes } else { no }, state)
            }
            Guard::FirstVisit { translator, otherwise } => {
                match state.visited.contains(translator) && !reply {
                    true => Says::All(Action::Stop(Stop { ends: true, ..otherwise.clone() })),
                    false => Says::All(Action::Pass(None)),
                }
            }
        }
    }

    /// Evaluates rules in their order.
    pub(super) fn rules(&self, rules: &RuleSet, state: &State) -> Vec<Piece> {
        let term = match rules.side {
            Side::Source => state.view.source,
            Side::Destination => state.view.destination,
        };
        let mut decided = Vec::new();
        // Headers that no rule has decided, with the first rule that may have.
        let mut rest: Vec<(HeaderSet, Option<Missing>)> = vec![(state.headers.clone(), None)];
        for clause in &rules.clauses {
            if !clause.protocol.matches(self.flow.protocol) {
                continue;
            }
            let mut undecided = Vec::new();
            for (headers, open) in rest {
                let (inside, outside) = self.cut_ports(headers, state, &clause.ports);
                undecided.extend(outside.map(|headers| (headers, open.clone())));
                let Some(inside) = inside else { continue };
                let verdicts = self.peer(&clause.peer, inside, term, rules.side, state);
                let action = self.action(clause, state);
                decided.extend(verdicts.yes.into_iter().map(|h| (h, action.clone())));
                undecided.extend(verdicts.no.into_iter().map(|h| (h, open.clone())));
                if let Some((headers, missing)) = verdicts.maybe {
                    match rules.order {
                        Order::First => decided.push((headers, Action::Unknown(missing))),
                        Order::Any => {
                            undecided.push((headers, open.clone().or(Some(missing))));
                        }
                    }
                }
            }
            rest = undecided;
            if rest.is_empty() {
                break;
            }
        }
        for (headers, open) in rest {
            match open {
                Some(missing) => decided.push((headers, Action::Unknown(missing))),
                None => decided.extend(self.otherwise(rules, headers, state)),
            }
        }
        decided
    }

    /// What a rule does with the packets that it means.
    fn action<'r>(&self, clause: &'r Clause, state: &State) -> &'r Action {
        match &clause.peer {
            PeerTest::Group { beyond_peering: Some(action), .. }
                if state.crossing == Crossing::Peering =>
            {
                action.as_ref()
            }
            _ => &clause.action,
        }
    }

    /// What becomes of headers that no rule means: a rule may have meant the sender while it
    /// showed, or if it were in the same VPC.
    fn otherwise(&self, rules: &RuleSet, headers: HeaderSet, state: &State) -> Vec<Piece> {
        let hidden = matches!(state.crossing, Crossing::Forwarded | Crossing::Peering);
        let sender = self.source.filter(|_| hidden);
        let Some(sender) = sender.filter(|_| rules.side == Side::Source) else {
            return vec![(headers, rules.otherwise.clone())];
        };
        let groups = &self.graph.interfaces[sender as usize].groups;
        let (mut pieces, mut rest) = (Vec::new(), vec![headers]);
        for clause in &rules.clauses {
            let PeerTest::Group { family, delegated, group, unseen, beyond_peering, .. } =
                &clause.peer
            else {
                continue;
            };
            let stop = match (state.crossing, beyond_peering.as_deref()) {
                (Crossing::Forwarded, _) => &**unseen,
                (_, Some(Action::Stop(stop))) => stop,
                _ => continue,
            };
            let mut left = Vec::new();
            for headers in rest {
                let of_family = *family == self.family(&headers, state.view.source);
                let protocol = clause.protocol.matches(self.flow.protocol);
                if !of_family || !groups.contains(group) || !protocol {
                    left.push(headers);
                    continue;
                }
                let sent_from = AddressTerm::Dimension(AddressDimension::Source);
                let (meant, others) = self.by_block(headers, sent_from, Some(sender), *delegated);
                left.extend(others);
                if let Some(headers) = meant {
                    let (inside, outside) = self.cut_ports(headers, state, &clause.ports);
                    pieces.extend(inside.map(|headers| (headers, Action::Stop(stop.clone()))));
                    left.extend(outside);
                }
            }
            rest = left;
        }
        pieces.extend(rest.into_iter().map(|headers| (headers, rules.otherwise.clone())));
        pieces
    }

    /// The headers whose destination port is in `ports`, and the others.
    fn cut_ports(
        &self,
        headers: HeaderSet,
        state: &State,
        ports: &PortSet,
    ) -> (Option<HeaderSet>, Option<HeaderSet>) {
        let dimension = state.view.destination_port;
        if headers.ports(dimension).is_subset(ports) {
            return (Some(headers), None);
        }
        let (inside, outside) = headers.cut_ports(dimension, ports);
        let some = |headers: HeaderSet| (!headers.is_empty()).then_some(headers);
        (some(inside), some(outside))
    }

    fn peer(
        &self,
        peer: &PeerTest,
        headers: HeaderSet,
        term: AddressTerm,
        side: Side,
        state: &State,
    ) -> Verdicts {
        match peer {
            PeerTest::Any => Verdicts::all_yes(headers),
            PeerTest::Addresses(set) => within(headers, term, set, &no_address),
            PeerTest::List { symbol, entries, missing } => {
                match (self.symbol(term), symbol, entries) {
                    (Some(packet), Some(list), _) if packet == list => Verdicts::all_yes(headers),
                    (Some(_), Some(_), _) => Verdicts::all_no(headers),
                    (_, _, Some(entries)) => within(headers, term, entries, &|| missing.clone()),
                    // A service's list holds public addresses only.
                    (_, Some(list), None) => {
                        let public = bounds_of_list(list);
                        let mut verdicts = within(headers, term, &public, &|| missing.clone());
                        let open = verdicts.yes.take().map(|headers| (headers, missing.clone()));
                        verdicts.maybe = verdicts.maybe.or(open);
                        verdicts
                    }
                    (_, None, None) => Verdicts::all_maybe(headers, missing.clone()),
                }
            }
            PeerTest::Group { family, .. } if *family != self.family(&headers, term) => {
                Verdicts::all_no(headers)
            }
            PeerTest::Group { delegated, .. } => {
                let known = match side {
                    Side::Source => self.sender(term, state),
                    Side::Destination => self.receiver(term),
                };
                let (meant, others) = self.by_block(headers, term, known, *delegated);
                let mut all = match meant {
                    Some(headers) => self.member(peer, headers, (term, side), known, state),
                    None => Verdicts::default(),
                };
                all.no.extend(others);
                all
            }
        }
    }

    /// The headers whose address a known interface was given by the block, or was not, as asked;
    /// and the others.
    fn by_block(
        &self,
        headers: HeaderSet,
        term: AddressTerm,
        known: Option<u32>,
        wanted: bool,
    ) -> (Option<HeaderSet>, Option<HeaderSet>) {
        let Some(index) = known else { return (Some(headers), None) };
        let delegated = &self.graph.interfaces[index as usize].delegated;
        let Verdicts { yes, no, .. } = within(headers, term, delegated, &no_address);
        let no = no.into_iter().next();
        if wanted { (yes, no) } else { (no, yes) }
    }

    /// Whether an address is a member's, as far as it is known whose it is.
    fn member(
        &self,
        peer: &PeerTest,
        headers: HeaderSet,
        (term, side): (AddressTerm, Side),
        known: Option<u32>,
        state: &State,
    ) -> Verdicts {
        match peer {
            PeerTest::Group { group, vpcs, members, beyond_peering, beyond_junctions, .. } => {
                let known = known.map(|index| &self.graph.interfaces[index as usize]);
                match (known, side) {
                    (Some(facts), Side::Source) => {
                        let (open, beyond) = match state.crossing {
                            Crossing::Nothing | Crossing::Hidden | Crossing::Forwarded => {
                                (None, true)
                            }
                            Crossing::Peering => match beyond_peering.as_deref() {
                                Some(Action::Unknown(missing)) => (Some(missing.clone()), true),
                                Some(Action::Stop(_)) => (None, false),
                                Some(Action::Pass(_)) | None => (None, true),
                            },
                            Crossing::Transit => (None, *beyond_junctions),
                            Crossing::TransitUnsure => (Some(no_support()), *beyond_junctions),
                        };
                        match (facts.groups.contains(group) && beyond, open) {
                            (true, Some(missing)) => Verdicts::all_maybe(headers, missing),
                            (true, None) => Verdicts::all_yes(headers),
                            (false, _) => Verdicts::all_no(headers),
                        }
                    }
                    (Some(facts), Side::Destination) if vpcs.contains(&facts.vpc) => {
                        match facts.groups.contains(group) {
                            true => Verdicts::all_yes(headers),
                            false => Verdicts::all_no(headers),
                        }
                    }
                    (None, Side::Source) => Verdicts::all_no(headers),
                    (_, Side::Destination) => within(headers, term, members, &no_address),
                }
            }
            _ => Verdicts::all_no(headers),
        }
    }
}

/// What is missing where nothing tells whether a junction keeps references to groups.
fn no_support() -> Missing {
    let fact = "whether the transit gateway and its attachments keep references to security groups";
    let command = "aws ec2 describe-transit-gateway-vpc-attachments".to_owned();
    Missing { fact: fact.to_owned(), command: Some(command) }
}

fn pieces(verdicts: Verdicts, yes: &Action, no: &Action) -> Vec<Piece> {
    let yes = verdicts.yes.into_iter().map(|headers| (headers, yes.clone()));
    let no = verdicts.no.into_iter().map(|headers| (headers, no.clone()));
    let maybe = verdicts.maybe.into_iter().map(|(headers, m)| (headers, Action::Unknown(m)));
    yes.chain(no).chain(maybe).collect()
}
