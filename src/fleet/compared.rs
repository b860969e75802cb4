//! Two fleets side by side: which pairs of hosts fare otherwise in the one than in the other.
//!
//! Hosts that are of one class in both fleets are alike; pairs are looked at class by class, and only
//! where what lies between two zones, or what a guard asks, is not the same in both.

use super::across::{Across, between};
use super::bits::Bits;
use super::classes::Class;
use super::pair::{Between, Fate};
use super::{Fleet, Survey};
use crate::graph::{Graph, Guard, GuardId, PeerTest};
use crate::header::{AddressSet, IntervalSet};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One host in both fleets: its positions among [`Fleet::hosts`], where it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Both {
    /// In the first fleet.
    pub before: Option<usize>,
    /// In the second.
    pub after: Option<usize>,
    /// The group that it is counted in: hosts of several are never told together.
    pub group: u32,
}

/// Pairs that fare otherwise, or that have to be walked to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// One of the clients, by its position among those that are compared.
    pub from: usize,
    /// One of the servers.
    pub to: usize,
    /// How many pairs no rule tells from this one, in neither fleet.
    pub pairs: u64,
    /// How they fared; nothing where one of the two was not there.
    pub before: Option<Fate>,
    /// How they fare; nothing where one of the two is not there.
    pub after: Option<Fate>,
}

/// Two fleets side by side, on any port.
#[derive(Clone, Debug)]
pub struct Compared<'f> {
    fleets: [&'f Fleet; 2],
    graphs: [&'f Graph; 2],
    hosts: &'f [Both],
    /// Hosts that are where they were, with the address and the groups that they had.
    stays: Vec<bool>,
    /// Whether the guards of two slots ask the same.
    same_guards: BTreeMap<[GuardId; 2], bool>,
    /// What lies between the zones, on the port that was looked at last.
    across: Option<Across<'f>>,
}

/// Something in each of the two fleets, where it is there.
pub(super) type Sides<T> = [Option<T>; 2];

/// Hosts that nothing tells apart but their addresses, in neither fleet.
struct Joint<'s> {
    classes: Sides<&'s Class>,
    /// By their position among those that are compared.
    members: Vec<u32>,
    /// Whether what they send may fare otherwise, whatever lies between.
    client: bool,
    /// Whether what they get may.
    server: bool,
    /// Whether pairs with them may have to be walked.
    odd: bool,
}

/// Classes of the same zones.
struct JointZone<'s> {
    zones: Sides<usize>,
    classes: Vec<Joint<'s>>,
    /// Whether any of them is more than what lies between zones.
    touched: bool,
    odd: bool,
}

/// Hosts of a class that no filter tells apart.
struct Part {
    first: u32,
    second: Option<u32>,
    count: u64,
}

impl<'f> Compared<'f> {
    /// Two fleets, each with the graph that its hosts are of, and who is who in them.
    #[must_use]
    pub fn new(
        before: (&'f Fleet, &'f Graph),
        after: (&'f Fleet, &'f Graph),
        hosts: &'f [Both],
    ) -> Self {
        let mut compared = Self {
            fleets: [before.0, after.0],
            graphs: [before.1, after.1],
            hosts,
            stays: Vec::new(),
            same_guards: BTreeMap::new(),
            across: None,
        };
        compared.stays = hosts.iter().map(|host| compared.stays(host)).collect();
        compared
    }

    /// Whether a host is as it was, but for what guards ask.
    fn stays(&self, host: &Both) -> bool {
        let (Some(before), Some(after)) = (host.before, host.after) else { return false };
        let hosts = [self.fleets[0].hosts()[before], self.fleets[1].hosts()[after]];
        let facts =
            [0, 1].map(|side: usize| &self.graphs[side].interfaces[hosts[side].interface as usize]);
        let delegated =
            [0, 1].map(|side: usize| facts[side].delegated.contains(hosts[side].address));
        hosts[0].address == hosts[1].address
            && facts[0].vpc == facts[1].vpc
            && facts[0].groups == facts[1].groups
            && delegated[0] == delegated[1]
    }

    /// Whether two guards ask the same of hosts that stay.
    fn asks_the_same(&self, guards: [GuardId; 2]) -> bool {
        let [one, other] =
            [0, 1].map(|side: usize| &self.graphs[side].guards[guards[side] as usize]);
        // Whose addresses a rule for a group means counts only where others may have them, too.
        let overlapping = self.fleets.map(|fleet| fleet.zones.overlapping);
        match overlapping {
            [false, false] => {
                Arc::ptr_eq(one, other)
                    || one == other
                    || without_members(one) == without_members(other)
            }
            [true, true] => Arc::ptr_eq(one, other) || one == other,
            _ => !names_groups(one) && one == other,
        }
    }

    /// Hands out the pairs that fare otherwise in the second survey than in the first, and those
    /// that only walks tell, whether these differ or not; each pair of hosts at most once.
    ///
    /// `beyond` is whether anything else differs than what guards at the hosts themselves ask. Where
    /// nothing does, pairs for which all of that is the same are walked alike, and left out.
    ///
    /// `looks` is how many pairs of classes may be looked at; what is left of it is put back.
    /// `false` where that was too few: then not all has been handed out.
    pub fn turns(
        &mut self,
        before: &Survey<'f>,
        after: &Survey<'f>,
        beyond: bool,
        looks: &mut u64,
        each: &mut dyn FnMut(Turn),
    ) -> bool {
        let surveys = [before, after];
        let zones = self.joint(surveys);
        // What is for one host may come to another with its address.
        let beyond = beyond || self.fleets.iter().any(|fleet| fleet.zones.overlapping);
        let across = match self.across.take() {
            Some(across) if across.holds_for(surveys, beyond) => across,
            _ => {
                let zones: Vec<Sides<usize>> = zones.iter().map(|one| one.zones).collect();
                Across::new(surveys, &zones, beyond)
            }
        };
        let looker = Looker { surveys, hosts: self.hosts };
        let enough = looker.look_at_all(&zones, &across, beyond, looks, each);
        self.across = Some(across);
        enough
    }

    /// The hosts by what tells them apart in either fleet.
    fn joint<'s>(&mut self, surveys: [&'s Survey<'_>; 2]) -> Vec<JointZone<'s>> {
        let class_of = surveys.map(|survey| {
            let mut own = vec![0; survey.fleet.zones.seats.len()];
            for (index, class) in (0..).zip(&survey.classes.all) {
                survey.classes.seats(class).iter().for_each(|&seat| own[seat as usize] = index);
            }
            own
        });
        type Key = (Sides<u32>, u32, bool);
        let mut all: BTreeMap<Sides<usize>, BTreeMap<Key, Vec<u32>>> = BTreeMap::new();
        for (index, host) in (0..).zip(self.hosts) {
            let seats = [
                host.before.map(|at| self.fleets[0].zones.seat_of[at]),
                host.after.map(|at| self.fleets[1].zones.seat_of[at]),
            ];
            let class = |side: usize| Some(class_of[side][seats[side]? as usize]);
            let zone = |side: usize| Some(self.fleets[side].zones.zone_of(seats[side]?));
            let key = ([class(0), class(1)], host.group, self.stays[index as usize]);
            let zones = all.entry([zone(0), zone(1)]).or_default();
            zones.entry(key).or_default().push(index);
        }
        let mut found = Vec::new();
        for (zones, own) in all {
            let classes = own.into_iter().map(|((classes, _, stays), members)| {
                let class = |side: usize| {
                    classes[side].map(|class: u32| &surveys[side].classes.all[class as usize])
                };
                self.joint_class([class(0), class(1)], stays, members, surveys)
            });
            let classes: Vec<Joint<'s>> = classes.collect();
            let touched = classes.iter().any(|one| one.client || one.server || one.odd);
            let odd = classes.iter().any(|one| one.odd);
            found.push(JointZone { zones, classes, touched, odd });
        }
        found
    }

    fn joint_class<'s>(
        &mut self,
        classes: Sides<&'s Class>,
        stays: bool,
        members: Vec<u32>,
        surveys: [&Survey<'_>; 2],
    ) -> Joint<'s> {
        let odd = classes.iter().flatten().any(|class| class.odd);
        let [Some(one), Some(other)] = classes else {
            return Joint { classes, members, client: true, server: true, odd };
        };
        let around = [surveys[0].around(one.seat), surveys[1].around(other.seat)];
        let sockets =
            surveys[0].sockets[one.seat as usize] == surveys[1].sockets[other.seat as usize];
        let out = self.same_slot(around.map(|own| own.egress));
        let into = self.same_slot(around.map(|own| own.ingress));
        Joint {
            classes,
            members,
            client: !stays || !out || around[0].sends != around[1].sends,
            server: !stays || !into || around[0].takes != around[1].takes || !sockets,
            odd,
        }
    }

    /// Whether the guards of two slots ask the same of hosts that are in both fleets.
    fn same_slot(&mut self, slots: Sides<u32>) -> bool {
        match slots {
            [None, None] => true,
            [Some(one), Some(other)] => {
                let guard =
                    |side: usize, slot: u32| self.fleets[side].surroundings.slots[slot as usize];
                let guards = [guard(0, one), guard(1, other)];
                if let Some(&known) = self.same_guards.get(&guards) {
                    return known;
                }
                let same = self.asks_the_same(guards);
                self.same_guards.insert(guards, same);
                same
            }
            _ => false,
        }
    }
}

fn names_groups(guard: &Guard) -> bool {
    let Guard::Rules(rules) = guard else { return false };
    rules.clauses.iter().any(|clause| matches!(clause.peer, PeerTest::Group { .. }))
}

/// A guard whose rules for groups go by who carries them alone.
fn without_members(guard: &Guard) -> Guard {
    let mut guard = guard.clone();
    if let Guard::Rules(rules) = &mut guard {
        for clause in &mut rules.clauses {
            if let PeerTest::Group { members, .. } = &mut clause.peer {
                *members = AddressSet::default();
            }
        }
    }
    guard
}

/// Looks at pairs of classes.
struct Looker<'s, 'f> {
    surveys: [&'s Survey<'f>; 2],
    hosts: &'s [Both],
}

impl Looker<'_, '_> {
    /// The seats of a host.
    fn seat(&self, member: u32, side: usize) -> Option<u32> {
        let host = &self.hosts[member as usize];
        let at = if side == 0 { host.before } else { host.after };
        Some(self.surveys[side].fleet.zones.seat_of[at?])
    }

    /// Looks at the pairs that may fare otherwise; `false` where that is too many.
    fn look_at_all(
        &self,
        zones: &[JointZone<'_>],
        across: &Across<'_>,
        beyond: bool,
        looks: &mut u64,
        each: &mut dyn FnMut(Turn),
    ) -> bool {
        let mut touched = Bits::default();
        let own = zones.iter().enumerate().filter(|(_, zone)| zone.touched);
        own.for_each(|(index, _)| touched.insert(index));
        for (index, start) in zones.iter().enumerate() {
            let mut ends = match start.touched {
                true => Bits::range(0..zones.len()),
                false => touched.clone(),
            };
            ends.add(across.differing(index));
            for end_index in ends.iter() {
                let end = &zones[end_index];
                let nowhere = across.is_nowhere(index, end_index);
                // Where no packet comes out, only odd hosts may be more.
                if nowhere && !start.odd && !end.odd {
                    continue;
                }
                let between = between(self.surveys, start.zones, end.zones);
                if between == [None, None] {
                    continue;
                }
                let all = across.differing(index).contains(end_index);
                for client in &start.classes {
                    for server in &end.classes {
                        let odd = client.odd || server.odd;
                        let touched = client.client || server.server;
                        if !(all || odd && beyond || touched && (odd || !nowhere)) {
                            continue;
                        }
                        let Some(left) = looks.checked_sub(1) else { return false };
                        *looks = left;
                        self.look(client, server, &between, each);
                    }
                }
            }
        }
        true
    }

    fn look(
        &self,
        client: &Joint<'_>,
        server: &Joint<'_>,
        between: &Sides<Between>,
        each: &mut dyn FnMut(Turn),
    ) {
        let slot = |class: &Joint<'_>, side: usize, out: bool| {
            let around = self.surveys[side].around(class.classes[side]?.seat);
            if out { around.egress } else { around.ingress }
        };
        let slots = |class, out| [0, 1].map(|side: usize| slot(class, side, out));
        let (into, out) = (slots(server, false), slots(client, true));
        let same = std::ptr::eq(client, server);
        if same {
            // Within a class, nobody is a pair with itself.
            let parts = self.parts(client, &[into, out]);
            for (index, one) in parts.iter().enumerate() {
                for (other_index, other) in parts.iter().enumerate() {
                    match (index == other_index, one.second) {
                        (false, _) => {
                            let pairs = one.count * other.count;
                            self.tell(one.first, other.first, pairs, between, each);
                        }
                        (true, Some(second)) => {
                            let pairs = one.count * (one.count - 1);
                            self.tell(one.first, second, pairs, between, each);
                        }
                        (true, None) => {}
                    }
                }
            }
            return;
        }
        let (from, to) = (self.parts(client, &[into]), self.parts(server, &[out]));
        for one in &from {
            for other in &to {
                let pairs = one.count * other.count;
                self.tell(one.first, other.first, pairs, between, each);
            }
        }
    }

    fn tell(
        &self,
        from: u32,
        to: u32,
        pairs: u64,
        between: &Sides<Between>,
        each: &mut dyn FnMut(Turn),
    ) {
        let fate = |side: usize| {
            let (from, to) = (self.seat(from, side)?, self.seat(to, side)?);
            Some(self.surveys[side].fate_across(between[side].as_ref()?, from, to))
        };
        let (before, after) = (fate(0), fate(1));
        let open = [before, after].contains(&Some(Fate::Open));
        let nothing = |fate: Option<Fate>| fate.is_none_or(|fate| fate == Fate::Blocked);
        if open || before != after && !(nothing(before) && nothing(after)) {
            each(Turn { from: from as usize, to: to as usize, pairs, before, after });
        }
    }

    /// The hosts of a class, by what filters say of their addresses in either fleet.
    fn parts(&self, class: &Joint<'_>, filters: &[Sides<u32>]) -> Vec<Part> {
        let mut sets: Vec<(usize, &IntervalSet<u32>)> = Vec::new();
        for slots in filters {
            for side in [0, 1] {
                let (Some(slot), Some(own)) = (slots[side], class.classes[side]) else { continue };
                let seats = &self.surveys[side].fleet.zones.all[own.zone as usize].seats;
                let sweep = self.surveys[side].forward.get(slot);
                let cutting = [&sweep.pass, &sweep.open].into_iter().filter(|set| cuts(set, seats));
                sets.extend(cutting.map(|set| (side, set)));
            }
        }
        let count = class.members.len() as u64;
        if sets.is_empty() || count < 2 {
            let second = class.members.get(1).copied();
            let first = class.members.first().map(|&first| Part { first, second, count });
            return first.into_iter().collect();
        }
        let mut parts: BTreeMap<Vec<bool>, Part> = BTreeMap::new();
        for &member in &class.members {
            let inside = |&(side, set): &(usize, &IntervalSet<u32>)| {
                self.seat(member, side).is_some_and(|seat| set.contains(seat))
            };
            let key = sets.iter().map(inside).collect();
            let part = parts.entry(key).or_insert(Part { first: member, second: None, count: 0 });
            part.count += 1;
            if part.count == 2 {
                part.second = Some(member);
            }
        }
        parts.into_values().collect()
    }
}

/// Whether a set has some seats of a zone and not all.
fn cuts(set: &IntervalSet<u32>, seats: &std::ops::Range<u32>) -> bool {
    let ranges = set.ranges();
    let first = ranges.partition_point(|&(_, high)| high < seats.start);
    let Some(&(low, high)) = ranges.get(first) else { return false };
    let last = seats.end.saturating_sub(1);
    low <= last && !(low <= seats.start && last <= high)
}
