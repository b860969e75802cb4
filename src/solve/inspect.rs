//! Inspections: what they do with the headers at hand.

use super::question::Question;
use super::rewrite::View;
use super::state::State;
use super::test::Piece;
use super::within::{no_address, within};
use crate::answer::{Direction, Missing};
use crate::graph::{Action, Each, Inspection, Sieve};
use crate::header::HeaderSet;

/// What a list of sieves says of some headers.
enum Found<'s, A> {
    /// This one matches first.
    Sieve(&'s A),
    /// None does.
    None,
    /// It cannot be told.
    Open(Missing),
}

/// Headers inside and outside of a sieve, and those of which it cannot be told.
#[derive(Default)]
struct Cut {
    inside: Vec<HeaderSet>,
    outside: Vec<HeaderSet>,
    open: Vec<(HeaderSet, Missing)>,
}

impl Question<'_> {
    /// What an inspection does with the headers of a state.
    pub(super) fn inspect(&self, inspection: &Inspection, state: &State) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for (headers, each) in self.sift(&inspection.each, state.headers.clone(), state.view) {
            match each {
                Found::Open(missing) => pieces.push((headers, Action::Unknown(missing))),
                Found::Sieve(Each::Decided(action)) => match action {
                    Action::Pass(_) if state.direction == Direction::Forward => {
                        pieces.extend(self.at_once(inspection, headers, state.view, action));
                    }
                    action => pieces.push((headers, action.clone())),
                },
                Found::Sieve(Each::Connection) | Found::None => {
                    if state.direction == Direction::Return {
                        pieces.push((headers, Action::Pass(None)));
                    } else {
                        pieces.extend(self.connections(inspection, headers, state.view));
                    }
                }
            }
        }
        pieces
    }

    /// Requests that pass at once: their replies must not wait for a connection to be known.
    fn at_once(
        &self,
        inspection: &Inspection,
        headers: HeaderSet,
        view: View,
        passes: &Action,
    ) -> Vec<Piece> {
        let back = self.sift(&inspection.each, headers, view.reply());
        let pieces = back.into_iter().map(|(headers, back)| match back {
            Found::Sieve(Each::Connection) | Found::None => {
                (headers, Action::Unknown(inspection.half.clone()))
            }
            Found::Sieve(Each::Decided(_)) | Found::Open(_) => (headers, passes.clone()),
        });
        pieces.collect()
    }

    /// Requests that are tested as connections.
    fn connections(&self, inspection: &Inspection, headers: HeaderSet, view: View) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for (headers, found) in self.sift(&inspection.connections, headers, view) {
            match found {
                Found::Open(missing) => pieces.push((headers, Action::Unknown(missing))),
                Found::Sieve(action @ Action::Pass(_)) => {
                    pieces.extend(self.remembered(inspection, headers, view, action));
                }
                Found::Sieve(action) => pieces.push((headers, action.clone())),
                Found::None => pieces.extend(self.defaults(inspection, headers, view)),
            }
        }
        pieces
    }

    /// Connections that no sieve matches.
    fn defaults(&self, inspection: &Inspection, headers: HeaderSet, view: View) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for (headers, found) in self.sift(&inspection.defaults, headers, view) {
            match found {
                Found::Sieve(action) => pieces.push((headers, action.clone())),
                Found::Open(missing) => pieces.push((headers, Action::Unknown(missing))),
                Found::None => {
                    let back = self.sift(&inspection.connections, headers, view.reply());
                    for (headers, back) in back {
                        match back {
                            Found::None | Found::Sieve(Action::Pass(_)) => {
                                let pass = Action::Pass(None);
                                pieces.extend(self.remembered(inspection, headers, view, &pass));
                            }
                            Found::Sieve(_) | Found::Open(_) => {
                                let against = inspection.against.clone();
                                pieces.push((headers, Action::Unknown(against)));
                            }
                        }
                    }
                }
            }
        }
        pieces
    }

    /// Connections that pass: their replies must not pass unseen.
    fn remembered(
        &self,
        inspection: &Inspection,
        headers: HeaderSet,
        view: View,
        passes: &Action,
    ) -> Vec<Piece> {
        let back = self.sift(&inspection.each, headers, view.reply());
        let pieces = back.into_iter().map(|(headers, back)| match back {
            Found::Sieve(Each::Decided(Action::Pass(_))) => {
                (headers, Action::Unknown(inspection.half.clone()))
            }
            _ => (headers, passes.clone()),
        });
        pieces.collect()
    }

    /// Cuts headers by the first sieve that matches them.
    fn sift<'s, A>(
        &self,
        sieves: &'s [Sieve<A>],
        headers: HeaderSet,
        view: View,
    ) -> Vec<(HeaderSet, Found<'s, A>)> {
        let (mut decided, mut rest) = (Vec::new(), vec![headers]);
        for sieve in sieves {
            let protocol = self.flow.protocol;
            if !sieve.protocols.is_empty() && !sieve.protocols.contains(&protocol) {
                continue;
            }
            let mut left = Vec::new();
            for headers in rest {
                let mut cut = self.cut(sieve, headers, view);
                if sieve.both_ways {
                    for headers in std::mem::take(&mut cut.outside) {
                        let other = self.cut(sieve, headers, view.reply());
                        cut.inside.extend(other.inside);
                        cut.outside.extend(other.outside);
                        cut.open.extend(other.open);
                    }
                }
                let inside = cut.inside.into_iter();
                decided.extend(inside.map(|headers| (headers, Found::Sieve(&sieve.action))));
                let open = cut.open.into_iter();
                decided.extend(open.map(|(headers, missing)| (headers, Found::Open(missing))));
                left.extend(cut.outside);
            }
            rest = left;
        }
        decided.extend(rest.into_iter().map(|headers| (headers, Found::None)));
        decided
    }

    fn cut<A>(&self, sieve: &Sieve<A>, headers: HeaderSet, view: View) -> Cut {
        let mut cut = Cut::default();
        let mut inside = vec![headers];
        let ports = [
            (view.source_port, &sieve.source_ports),
            (view.destination_port, &sieve.destination_ports),
        ];
        for (dimension, set) in ports.into_iter().filter(|_| self.flow.protocol.has_ports()) {
            for headers in std::mem::take(&mut inside) {
                let (within, without) = headers.cut_ports(dimension, set);
                inside.extend((!within.is_empty()).then_some(within));
                cut.outside.extend((!without.is_empty()).then_some(without));
            }
        }
        for headers in inside {
            let from = within(headers, view.source, &sieve.source, &no_address);
            cut.outside.extend(from.no);
            let sure = from.yes.into_iter().map(|headers| (headers, None));
            let unsure = from.maybe.into_iter().map(|(headers, m)| (headers, Some(m)));
            for (headers, missing) in sure.chain(unsure) {
                let to = within(headers, view.destination, &sieve.destination, &no_address);
                cut.outside.extend(to.no);
                cut.open.extend(to.maybe);
                match missing {
                    Some(missing) => {
                        cut.open.extend(to.yes.into_iter().map(|h| (h, missing.clone())));
                    }
                    None => cut.inside.extend(to.yes),
                }
            }
        }
        cut
    }
}
