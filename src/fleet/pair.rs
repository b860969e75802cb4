//! One pair.

use super::Survey;
use super::hosts::Around;
use super::rows::Come;
use super::sweep::{Reference, Sweep, Sweeps, Test};
use crate::graph::{Crossing, TranslatorIndex};
use std::collections::BTreeSet;

/// What becomes of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// The one reaches the other, and is answered.
    Reachable,
    /// Some of its packets get through, and some do not. Only a walk says so.
    Partial,
    /// It does not.
    Blocked,
    /// It is not known, because a fact is missing.
    Unknown,
    /// There is more to it than this engine follows: the pair has to be walked.
    Open,
}

/// What lies between the hosts of two zones, whoever they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Between {
    /// Nobody knows, because a subnet is not known.
    Unseen,
    /// No packet has an address of each family.
    Families,
    /// One wire.
    Wire,
    /// Routers and ACLs.
    Apart(Apart),
}

impl Between {
    /// Whether a pair across it may have to be walked, whoever its ends are. Rules for groups do not
    /// tell who sent what has crossed one of these.
    pub(super) fn may_be_open(&self, unsure: &BTreeSet<Crossing>) -> bool {
        let apart = match self {
            Self::Unseen => return true,
            Self::Families | Self::Wire => return false,
            Self::Apart(apart) => apart,
        };
        if apart.leaves == Test::Stop {
            return false;
        }
        let there = match apart.there {
            Come::Stopped => return apart.beside_client,
            Come::Open | Come::Via(_) => true,
            Come::Unknown => false,
            Come::Delivered(crossing) => unsure.contains(&crossing),
        };
        let tests = [apart.leaves, apart.arrives, apart.answers, apart.home];
        there
            || apart.beside_client
            || apart.beside_server
            || tests.contains(&Test::Open)
            || matches!(apart.back, Come::Open | Come::Via(_))
    }

    /// Whether it is as what lies between the same zones in another fleet.
    pub(super) fn alike(&self, own: &Survey<'_>, other: &Self, others: &Survey<'_>) -> bool {
        let (Self::Apart(one), Self::Apart(two)) = (self, other) else { return self == other };
        // Of a translator, it is the address that counts.
        let address = |survey: &Survey<'_>, by: By| match by {
            By::Client => None,
            By::Translator(seat) => Some(survey.fleet.zones.seats[seat as usize].address),
        };
        let by = two.by;
        address(own, one.by) == address(others, by) && Apart { by, ..*one } == *two
    }
}

/// What comes of that, as long as groups and sockets let pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lies {
    /// Nobody reaches anybody, or it is not known how requests go on.
    Closed,
    /// Everybody reaches everybody.
    Open,
    /// A translator sends in the place of the clients.
    Sent(TranslatorIndex),
    /// The same, and it is not known how what it sends goes on.
    SentAstray(TranslatorIndex),
    /// Pairs have to be looked at.
    Special,
}

/// What lies between two subnets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Apart {
    /// What the client's ACL says of requests.
    leaves: Test,
    /// Where requests come out.
    there: Come,
    /// From where they arrive: the client, or what translated them.
    by: By,
    /// What the server's ACL says of requests.
    arrives: Test,
    /// What the server's ACL says of replies.
    answers: Test,
    /// Where replies come out.
    back: Come,
    /// What the client's ACL says of replies.
    home: Test,
    /// Whether the server's address is one of the client's own subnet, too.
    beside_client: bool,
    /// The same the other way round.
    beside_server: bool,
}

/// What lies between a translator and a host in another subnet.
pub(super) struct Beyond {
    /// The translator's seat.
    pub(super) seat: u32,
    /// What the ACL of its subnet says of what it sends.
    sent: Test,
    there: Come,
    arrives: Test,
    answers: Test,
    beside_server: bool,
    back: Come,
    /// What the ACL of its subnet says of replies.
    home: Test,
}

impl Beyond {
    /// Whether packets pass there and back, as far as groups and sockets let them.
    pub(super) fn fate(&self) -> Fate {
        match (self.sent, self.there) {
            (Test::Stop, _) | (_, Come::Stopped) => return Fate::Blocked,
            (Test::Pass, Come::Delivered(_)) => {}
            (Test::Pass, Come::Unknown) => return Fate::Unknown,
            _ => return Fate::Open,
        }
        match self.arrives.max(self.answers) {
            Test::Stop => return Fate::Blocked,
            Test::Pass if !self.beside_server => {}
            _ => return Fate::Open,
        }
        match (self.back, self.home) {
            (Come::Stopped, _) | (Come::Delivered(_), Test::Stop) => Fate::Blocked,
            (Come::Delivered(_), Test::Pass) => Fate::Reachable,
            _ => Fate::Open,
        }
    }
}

/// Who shows as the sender of what arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Client,
    Translator(u32),
}

impl Survey<'_> {
    /// Whether one host reaches another, both by their position among [`Fleet::hosts`].
    ///
    /// [`Fleet::hosts`]: super::Fleet::hosts
    #[must_use]
    pub fn fate(&self, from: usize, to: usize) -> Fate {
        let seats = &self.fleet.zones.seat_of;
        let (from, to) = (seats[from], seats[to]);
        self.fate_across(&self.between(from, to), from, to)
    }

    /// What lies between the zones of two seats.
    pub(super) fn between(&self, from: u32, to: u32) -> Between {
        let zones = &self.fleet.zones;
        let (start, end) = (zones.zone_of(from), zones.zone_of(to));
        let (client, server) = (&zones.all[start], &zones.all[end]);
        let (Some(own), Some(other)) = (client.wire, server.wire) else { return Between::Unseen };
        if self.around(from).family != self.around(to).family {
            return Between::Families;
        }
        if own == other {
            return Between::Wire;
        }
        let mut apart = Apart {
            leaves: filter(&self.forward, client.acl_out, to),
            there: self.there.rows.0[start].of(end),
            by: By::Client,
            arrives: Test::Open,
            answers: Test::Open,
            back: Come::Open,
            home: filter(&self.back, client.acl_in, to),
            beside_client: self.beside(client.wire, to),
            beside_server: false,
        };
        if let Come::Via(translator) = apart.there {
            self.pass_translator(translator, start, to, &mut apart);
        } else {
            apart.arrives = filter(&self.forward, server.acl_in, from);
            apart.answers = filter(&self.back, server.acl_out, from);
            apart.back = self.home.rows.0[end].of(start);
            apart.beside_server = self.beside(server.wire, from);
        }
        Between::Apart(apart)
    }

    /// What comes of what lies between two zones.
    pub(super) fn lies(&self, start: usize, end: usize) -> Lies {
        let seat = |zone: usize| self.fleet.zones.all[zone].seats.start;
        let apart = match self.between(seat(start), seat(end)) {
            Between::Unseen => return Lies::Special,
            Between::Families => return Lies::Closed,
            Between::Wire => return Lies::Open,
            Between::Apart(apart) => apart,
        };
        let by = match self.there.rows.0[start].of(end) {
            Come::Via(translator) => Some(translator),
            _ => None,
        };
        let so_far = apart.leaves.max(apart.arrives).max(apart.answers);
        match (apart.leaves, apart.there) {
            (Test::Stop, _) | (_, Come::Stopped) => Lies::Closed,
            (Test::Pass, Come::Unknown) => by.map_or(Lies::Closed, Lies::SentAstray),
            (_, Come::Delivered(_)) if so_far == Test::Stop => Lies::Closed,
            (_, Come::Delivered(_)) => match (apart.back, so_far.max(apart.home)) {
                (Come::Stopped, _) | (Come::Delivered(_), Test::Stop) => Lies::Closed,
                (Come::Delivered(_), Test::Pass)
                    if !apart.beside_client && !apart.beside_server =>
                {
                    by.map_or(Lies::Open, Lies::Sent)
                }
                _ => Lies::Special,
            },
            _ => Lies::Special,
        }
    }

    /// The same behind a translator, which sends in the client's place and gets the replies.
    fn pass_translator(
        &self,
        translator: TranslatorIndex,
        start: usize,
        to: u32,
        apart: &mut Apart,
    ) {
        let Some(beyond) = self.beyond(translator, to) else {
            apart.there = Come::Open;
            return;
        };
        apart.there = match (beyond.sent, beyond.there) {
            (Test::Pass, there) => there,
            (Test::Open, _) => Come::Open,
            (Test::Stop, _) => Come::Stopped,
        };
        apart.by = By::Translator(beyond.seat);
        apart.arrives = beyond.arrives;
        apart.answers = beyond.answers;
        apart.beside_server = beyond.beside_server;
        apart.back = match beyond.back {
            Come::Delivered(_) => {
                apart.home = apart.home.max(beyond.home);
                let back = self.home.back.get(&translator);
                back.map_or(Come::Open, |row| row.of(start))
            }
            come => come,
        };
    }

    /// What lies between a translator and a seat; nothing where that has to be walked.
    pub(super) fn beyond(&self, translator: TranslatorIndex, to: u32) -> Option<Beyond> {
        let zones = &self.fleet.zones;
        let &seat = zones.translators.get(&translator)?;
        let behind = self.behind.as_ref()?;
        let (middle, end) = (zones.zone_of(seat), zones.zone_of(to));
        let (own, server) = (&zones.all[middle], &zones.all[end]);
        let row = &self.there.rows.0[middle];
        if own.wire == server.wire || row.by_sender.contains(end) {
            return None;
        }
        Some(Beyond {
            seat,
            sent: filter(&self.forward, own.acl_out, to),
            there: match row.of(end) {
                Come::Via(_) => Come::Open,
                come => come,
            },
            arrives: filter(&self.forward, server.acl_in, seat),
            answers: filter(&behind.sweeps, server.acl_out, seat),
            beside_server: self.beside(server.wire, seat),
            back: behind.ways.rows.0[end].of(middle),
            home: filter(&behind.sweeps, own.acl_in, to),
        })
    }

    /// Whether a host sends requests to another.
    fn sends(&self, from: u32, to: u32) -> Test {
        let client = self.around(from);
        client.sends.max(self.egress(client, to, self.around(to)))
    }

    /// Whether one host reaches another across what lies between their zones.
    pub(super) fn fate_across(&self, between: &Between, from: u32, to: u32) -> Fate {
        let out = self.sends(from, to);
        if out == Test::Stop {
            return Fate::Blocked;
        }
        let (client, server) = (self.around(from), self.around(to));
        let sockets = self.sockets[to as usize];
        let apart = match between {
            Between::Unseen => return Fate::Open,
            Between::Families => return Fate::Blocked,
            Between::Wire => {
                let takes = self.ingress(server, from, Some(client), Crossing::Nothing);
                return of_tests([out, server.takes.max(takes), sockets]);
            }
            Between::Apart(apart) => apart,
        };
        if apart.leaves == Test::Stop {
            return Fate::Blocked;
        }
        if apart.beside_client || server.sends == Test::Open {
            return Fate::Open;
        }
        let crossing = match apart.there {
            Come::Stopped => return Fate::Blocked,
            Come::Open | Come::Via(_) => return Fate::Open,
            Come::Unknown => return ended(out.max(apart.leaves)),
            Come::Delivered(crossing) => crossing,
        };
        let takes = match apart.by {
            By::Client => self.ingress(server, from, Some(client), crossing),
            By::Translator(seat) => self.ingress(server, seat, None, crossing),
        };
        let so_far = [apart.leaves, apart.arrives, server.takes.max(takes), apart.answers];
        let so_far = so_far.into_iter().fold(out, Test::max);
        if so_far == Test::Stop {
            return Fate::Blocked;
        }
        if apart.beside_server {
            return Fate::Open;
        }
        match apart.back {
            Come::Stopped => Fate::Blocked,
            Come::Open | Come::Via(_) => Fate::Open,
            Come::Unknown => ended(so_far),
            Come::Delivered(_) => of_tests([so_far, apart.home, sockets]),
        }
    }

    pub(super) fn around(&self, seat: u32) -> &Around {
        let zones = &self.fleet.zones;
        &self.fleet.surroundings.all[zones.seats[seat as usize].around as usize]
    }

    /// Whether an address of another subnet is one of the host's own subnet, too.
    fn beside(&self, wire: Option<petgraph::graph::NodeIndex>, seat: u32) -> bool {
        if !self.fleet.zones.overlapping {
            return false;
        }
        let own = wire.and_then(|wire| self.fleet.surroundings.inside.get(&wire));
        own.is_some_and(|set| set.contains(self.fleet.zones.seats[seat as usize].address))
    }

    fn carries(&self, around: &Around, rule: &Reference) -> bool {
        let groups = self.fleet.surroundings.groups(around.groups);
        rule.is_for(around) && rule.group.is_some_and(|group| groups.contains(&group))
    }

    /// What a host's groups say of a request to another.
    pub(super) fn egress(&self, client: &Around, to: u32, server: &Around) -> Test {
        let Some(slot) = client.egress else { return Test::Pass };
        by_references(self.forward.get(slot), to, |rule| {
            let meant = match rule.vpcs.contains(&server.vpc) {
                true => self.carries(server, rule),
                false => rule.is_for(server) && rule.means_address(to),
            };
            if meant { Test::Pass } else { Test::Stop }
        })
    }

    /// What a host's groups say of a request that has crossed something, from another or from a
    /// translator.
    pub(super) fn ingress(
        &self,
        server: &Around,
        from: u32,
        client: Option<&Around>,
        crossing: Crossing,
    ) -> Test {
        let Some(slot) = server.ingress else { return Test::Pass };
        by_references(self.forward.get(slot), from, |rule| match client {
            Some(client) if self.carries(client, rule) => rule.of_sender(crossing),
            _ => Test::Stop,
        })
    }
}

/// Any rule that means the other end decides.
fn by_references(sweep: &Sweep, seat: u32, mut rule: impl FnMut(&Reference) -> Test) -> Test {
    let by_address = sweep.of(seat);
    let rules = sweep.references.iter().map(&mut rule);
    match by_address {
        Test::Pass => Test::Pass,
        _ => rules.min().map_or(by_address, |best| best.min(by_address)),
    }
}

/// What an ACL says of a seat.
pub(super) fn filter(sweeps: &Sweeps, acl: Option<u32>, seat: u32) -> Test {
    acl.map_or(Test::Open, |slot| sweeps.get(slot).of(seat))
}

/// The fate of what ends on the way, unless it was stopped before.
fn ended(so_far: Test) -> Fate {
    match so_far {
        Test::Pass => Fate::Unknown,
        Test::Open => Fate::Open,
        Test::Stop => Fate::Blocked,
    }
}

fn of_tests(tests: impl IntoIterator<Item = Test>) -> Fate {
    match tests.into_iter().max() {
        Some(Test::Stop) => Fate::Blocked,
        Some(Test::Open) => Fate::Open,
        Some(Test::Pass) | None => Fate::Reachable,
    }
}
