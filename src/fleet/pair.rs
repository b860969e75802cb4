//! One pair.

use super::Survey;
use super::hosts::Around;
use super::rows::Come;
use super::sweep::{Reference, Sweep, Sweeps, Test};
use crate::graph::Crossing;

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
    /// One wire.
    Wire,
    /// Routers and ACLs.
    Apart(Apart),
}

/// What lies between two subnets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Apart {
    /// What the client's ACL says of requests.
    leaves: Test,
    /// Where requests come out.
    there: Come,
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

impl Survey<'_> {
    /// Whether one host reaches another, both by their position among [`Fleet::hosts`].
    ///
    /// [`Fleet::hosts`]: super::Fleet::hosts
    #[must_use]
    pub fn fate(&self, from: usize, to: usize) -> Fate {
        match self.between(from, to) {
            Some(between) => self.fate_across(&between, from, to),
            None if self.sends(from, to) == Test::Stop => Fate::Blocked,
            None => Fate::Open,
        }
    }

    /// What lies between the zones of two hosts; nothing tells where one's subnet is not known.
    pub(super) fn between(&self, from: usize, to: usize) -> Option<Between> {
        let (hosts, zones) = (&self.fleet.hosts, &self.fleet.zones.of_host);
        let (client, server) = (hosts.around(from), hosts.around(to));
        let (source, target) = (hosts.address(from), hosts.address(to));
        let (start, end) = (zones[from]? as usize, zones[to]? as usize);
        if client.wire == server.wire {
            return Some(Between::Wire);
        }
        Some(Between::Apart(Apart {
            leaves: filter(&self.forward, client.acl_out, target),
            there: self.there.0[start].of(end),
            arrives: filter(&self.forward, server.acl_in, source),
            answers: filter(&self.back, server.acl_out, source),
            back: self.return_rows.0[end].of(start),
            home: filter(&self.back, client.acl_in, target),
            beside_client: self.beside(client, target),
            beside_server: self.beside(server, source),
        }))
    }

    /// Whether a host sends requests to another.
    fn sends(&self, from: usize, to: usize) -> Test {
        let hosts = &self.fleet.hosts;
        let (client, server) = (hosts.around(from), hosts.around(to));
        client.sends.max(self.egress(client, hosts.address(to), server))
    }

    /// Whether one host reaches another across what lies between their zones.
    pub(super) fn fate_across(&self, between: &Between, from: usize, to: usize) -> Fate {
        let out = self.sends(from, to);
        if out == Test::Stop {
            return Fate::Blocked;
        }
        let hosts = &self.fleet.hosts;
        let (client, server) = (hosts.around(from), hosts.around(to));
        let (source, sockets) = (hosts.address(from), self.sockets[to]);
        let takes = |crossing| server.takes.max(self.ingress(server, source, client, crossing));
        let apart = match between {
            Between::Wire => return of_tests([out, takes(Crossing::Nothing), sockets]),
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
            Come::Open => return Fate::Open,
            Come::Unknown => return ended(out.max(apart.leaves)),
            Come::Delivered(crossing) => crossing,
        };
        let so_far = [apart.leaves, apart.arrives, takes(crossing), apart.answers];
        let so_far = so_far.into_iter().fold(out, Test::max);
        if so_far == Test::Stop {
            return Fate::Blocked;
        }
        if apart.beside_server {
            return Fate::Open;
        }
        match apart.back {
            Come::Stopped => Fate::Blocked,
            Come::Open => Fate::Open,
            Come::Unknown => ended(so_far),
            Come::Delivered(_) => of_tests([so_far, apart.home, sockets]),
        }
    }

    /// Whether an address of another subnet is one of the host's own subnet, too.
    fn beside(&self, host: &Around, address: u32) -> bool {
        let own = host.wire.and_then(|wire| self.fleet.hosts.inside.get(&wire));
        own.is_some_and(|set| set.v4.contains(address))
    }

    /// What a host's groups say of a request to another.
    pub(super) fn egress(&self, client: &Around, target: u32, server: &Around) -> Test {
        let Some(slot) = client.egress else { return Test::Pass };
        let sweep = self.forward.get(slot);
        let meant = |rule: &Reference| match rule.vpcs.contains(&server.vpc) {
            true => rule.group.is_some_and(|group| server.groups.contains(&group)),
            false => rule.members.contains(target),
        };
        by_references(sweep, target, |rule| match meant(rule) {
            true => Test::Pass,
            false => Test::Stop,
        })
    }

    /// What a host's groups say of a request from another that has crossed something.
    pub(super) fn ingress(
        &self,
        server: &Around,
        source: u32,
        client: &Around,
        crossing: Crossing,
    ) -> Test {
        let Some(slot) = server.ingress else { return Test::Pass };
        let sweep = self.forward.get(slot);
        by_references(sweep, source, |rule| {
            let carried = rule.group.is_some_and(|group| client.groups.contains(&group));
            let beyond = rule.beyond_junctions;
            match crossing {
                _ if !carried => Test::Stop,
                Crossing::Nothing => Test::Pass,
                Crossing::Peering if rule.peering_open => Test::Open,
                Crossing::Peering => Test::Pass,
                Crossing::Transit if beyond => Test::Pass,
                Crossing::TransitUnsure if beyond => Test::Open,
                Crossing::Transit | Crossing::TransitUnsure => Test::Stop,
                // Who sent it does not show any more.
                Crossing::Hidden | Crossing::Forwarded => Test::Stop,
            }
        })
    }
}

/// Any rule that means the other end decides.
fn by_references(sweep: &Sweep, address: u32, mut rule: impl FnMut(&Reference) -> Test) -> Test {
    let by_address = sweep.of(address);
    let rules = sweep.references.iter().map(&mut rule);
    match by_address {
        Test::Pass => Test::Pass,
        _ => rules.min().map_or(by_address, |best| best.min(by_address)),
    }
}

/// What an ACL says of an address.
fn filter(sweeps: &Sweeps, acl: Option<u32>, address: u32) -> Test {
    acl.map_or(Test::Open, |slot| sweeps.get(slot).of(address))
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
