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

impl Survey<'_> {
    /// Whether one host reaches another, both by their position among [`Fleet::hosts`].
    ///
    /// [`Fleet::hosts`]: super::Fleet::hosts
    #[must_use]
    pub fn fate(&self, from: usize, to: usize) -> Fate {
        let hosts = &self.fleet.hosts;
        let (client, server) = (hosts.around(from), hosts.around(to));
        let (source, target) = (hosts.address(from), hosts.address(to));
        let out = client.sends.max(self.egress(client, target, server));
        if out == Test::Stop {
            return Fate::Blocked;
        }
        let zones = &self.fleet.zones.of_host;
        let (Some(start), Some(end)) = (zones[from], zones[to]) else { return Fate::Open };
        let sockets = self.sockets[to];
        if client.wire == server.wire {
            let into = server.takes.max(self.ingress(server, source, client, Crossing::Nothing));
            return of_tests([out, into, sockets]);
        }
        let leaves = filter(&self.forward, client.acl_out, target);
        if leaves == Test::Stop {
            return Fate::Blocked;
        }
        if self.beside(client, target) || server.sends == Test::Open {
            return Fate::Open;
        }
        let crossing = match self.there.0[start as usize].of(end as usize) {
            Come::Stopped => return Fate::Blocked,
            Come::Open => return Fate::Open,
            Come::Unknown => return ended(out.max(leaves)),
            Come::Delivered(crossing) => crossing,
        };
        let arrives = filter(&self.forward, server.acl_in, source);
        let into = server.takes.max(self.ingress(server, source, client, crossing));
        let answers = filter(&self.back, server.acl_out, source);
        let so_far = [out, leaves, arrives, into, answers].into_iter().max().unwrap_or(Test::Open);
        if so_far == Test::Stop {
            return Fate::Blocked;
        }
        if self.beside(server, source) {
            return Fate::Open;
        }
        match self.return_rows.0[end as usize].of(start as usize) {
            Come::Stopped => Fate::Blocked,
            Come::Open => Fate::Open,
            Come::Unknown => ended(so_far),
            Come::Delivered(_) => {
                let home = filter(&self.back, client.acl_in, target);
                of_tests([so_far, home, sockets])
            }
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
