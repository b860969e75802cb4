//! Counting pairs without looking at each: zone by zone, and class by class only where a pair is
//! more than routes, ACLs and addresses.

use super::Survey;
use super::admits::Admits;
use super::bits::Bits;
use super::classes::Class;
use super::ledger::Ledger;
use super::matrix::Matrix;
use super::pair::Fate;
use super::running::Running;
use super::sent::AllSent;
use super::sweep::Test;
use crate::graph::Crossing;
use crate::threads;
use std::collections::BTreeMap;

/// To how many zones pairs are counted by one thread at a time.
const PART: usize = 256;

/// How many pairs fare how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Those that reach each other.
    pub reachable: u64,
    /// Those of whose packets some get through.
    pub partial: u64,
    /// Those that do not.
    pub blocked: u64,
    /// Those of which a fact is missing.
    pub unknown: u64,
    /// Those that have to be walked to know.
    pub open: u64,
}

impl Tally {
    /// Adds pairs that fare alike.
    pub fn add(&mut self, fate: Fate, pairs: u64) {
        *self.of(fate) += pairs;
    }

    /// Takes out pairs that fare alike and were added.
    pub(super) fn take(&mut self, fate: Fate, pairs: u64) {
        *self.of(fate) -= pairs;
    }

    fn of(&mut self, fate: Fate) -> &mut u64 {
        match fate {
            Fate::Reachable => &mut self.reachable,
            Fate::Partial => &mut self.partial,
            Fate::Blocked => &mut self.blocked,
            Fate::Unknown => &mut self.unknown,
            Fate::Open => &mut self.open,
        }
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> u64 {
        self.reachable + self.partial + self.blocked + self.unknown + self.open
    }
}

/// Pairs by the groups of their ends; those that are blocked are left out.
pub(super) type Tallies = BTreeMap<(u32, u32), Tally>;

/// Zones that requests of some zones are for.
struct Ends {
    zones: Bits,
    /// Their hosts, by group.
    hosts: BTreeMap<u32, u64>,
    /// Those who send such requests, by group.
    clients: BTreeMap<u32, u64>,
}

/// Sums by group, with those that are not nothing.
pub(super) struct Sums {
    sums: Vec<u64>,
    touched: Vec<u32>,
}

impl Sums {
    pub(super) fn new(groups: usize) -> Self {
        Self { sums: vec![0; groups], touched: Vec::new() }
    }

    pub(super) fn add(&mut self, group: u32, pairs: u64) {
        let sum = &mut self.sums[group as usize];
        if *sum == 0 {
            self.touched.push(group);
        }
        *sum += pairs;
    }

    /// Hands out what has been added.
    pub(super) fn take(&mut self, mut each: impl FnMut(u32, u64)) {
        for group in self.touched.drain(..) {
            let pairs = std::mem::take(&mut self.sums[group as usize]);
            if pairs > 0 {
                each(group, pairs);
            }
        }
    }
}

impl Survey<'_> {
    /// Counts all ordered pairs of different hosts, by the group that `group` puts each subnet's
    /// hosts in (as one number per host), each pair as (from, to). Groups none of whose pairs is
    /// anything but blocked are left out, and so are the blocked pairs of the others. Pairs that are
    /// [`Fate::Open`] are handed to `walk`, one for all that no rule tells apart.
    #[must_use]
    pub fn tally_by(
        &self,
        group: &[u32],
        walk: &mut dyn FnMut(usize, usize) -> Fate,
    ) -> BTreeMap<(u32, u32), Tally> {
        let ledger = self.ledger(group);
        let matrix = self.matrix().naming(self, &ledger);
        self.tally_over(&matrix, &ledger, walk)
    }

    /// The same, over what lies between the zones.
    pub(super) fn tally_over(
        &self,
        matrix: &Matrix,
        ledger: &Ledger,
        walk: &mut dyn FnMut(usize, usize) -> Fate,
    ) -> Tallies {
        let mut tallies = Tallies::new();
        let groups = ledger.group.iter().max().map_or(0, |&last| last as usize + 1);
        let mut sums = Sums::new(groups);
        let sent = AllSent::new(self, matrix, ledger);
        let parts: Vec<usize> = (0..matrix.plain.len()).step_by(PART).collect();
        let counted = threads::map(&parts, 8, |&first| {
            let mut pairs: Vec<((u32, u32), u64)> = Vec::new();
            let mut sums = Sums::new(groups);
            let (mut free, mut behind) = (Running::new(groups), Running::new(groups));
            for (end, plain) in (first..).zip(matrix.plain[first..].iter().take(PART)) {
                free.turn(plain, |start| (ledger.group[start], ledger.free[start]));
                self.add_free(end, plain, ledger, &free, &mut sums);
                sent.add_to(self, end, ledger, &mut behind, &mut sums);
                sums.take(|from, own| pairs.push(((from, ledger.group[end]), own)));
            }
            pairs
        });
        for (key, pairs) in counted.into_iter().flatten() {
            tallies.entry(key).or_default().reachable += pairs;
        }
        self.add_varied(matrix, ledger, &mut sums, &mut tallies);
        self.add_translated(matrix, ledger, &mut sums, &mut tallies);
        for (end, starts) in matrix.special.iter().enumerate() {
            for start in starts.iter() {
                self.add_each(start, end, ledger, walk, &mut tallies);
            }
        }
        self.add_unknown(matrix, ledger, &mut sums, &mut tallies);
        self.add_odd(ledger, walk, &mut tallies);
        tallies.retain(|_, tally| tally.all() > 0);
        tallies
    }

    /// Counts all ordered pairs of different hosts; see [`Survey::tally_by`].
    #[must_use]
    pub fn tally(&self, walk: &mut dyn FnMut(usize, usize) -> Fate) -> Tally {
        let all = self.tally_by(&vec![0; self.fleet.hosts.len()], walk);
        self.with_blocked(&all)
    }

    /// The pairs of one group, and those that are blocked.
    pub(super) fn with_blocked(&self, all: &Tallies) -> Tally {
        let hosts = self.fleet.hosts.len() as u64;
        let mut tally = all.get(&(0, 0)).copied().unwrap_or_default();
        tally.blocked = (hosts * hosts.saturating_sub(1)).saturating_sub(tally.all());
        tally
    }

    /// Adds the pairs to one zone from hosts whose groups let out everything.
    pub(super) fn add_free(
        &self,
        end: usize,
        plain: &Bits,
        ledger: &Ledger,
        running: &Running<'_>,
        sums: &mut Sums,
    ) {
        let mut to_all = 0;
        for &(slot, count) in &ledger.into[end] {
            let Some(admits) = ledger.sender(slot).filter(|admits| !admits.everybody) else {
                to_all += count;
                continue;
            };
            for range in &admits.cover.full {
                for start in plain.within(range.clone()) {
                    sums.add(ledger.group[start], ledger.free[start] * count);
                }
            }
            for (start, seats) in &admits.cover.partial {
                if plain.contains(*start as usize) {
                    let before = |seat: u32| ledger.free_before[seat as usize];
                    let clients = u64::from(before(seats.end) - before(seats.start));
                    sums.add(ledger.group[*start as usize], clients * count);
                }
            }
            for &around in admits.names.keys() {
                for class in self.named(around).filter(|class| class.sends && !class.odd) {
                    let start = class.zone as usize;
                    if !plain.contains(start)
                        || admits.cover.holds(start)
                        || !ledger.is_free(self, class)
                        || admits.by_name(around, self.crossing(start, end)) != Test::Pass
                    {
                        continue;
                    }
                    let seats = self.classes.seats(class).iter();
                    let by_address = seats.filter(|&&seat| admits.admits_address(start, seat));
                    let clients = class.count() - by_address.count() as u64;
                    sums.add(ledger.group[start], clients * count);
                }
            }
        }
        if to_all > 0 {
            running.sums().for_each(|(group, hosts)| sums.add(group, hosts * to_all));
        }
        // Nobody is a pair with itself.
        if plain.contains(end) {
            let own = self.classes.of_zone(end).filter(|class| !class.odd && class.takes);
            let free = own.filter(|class| class.sends && ledger.is_free(self, class));
            let selves: u64 = free.map(|class| self.selves(class, ledger)).sum();
            sums.sums[ledger.group[end] as usize] -= selves;
        }
    }

    /// How many of a class would reach themselves.
    fn selves(&self, class: &Class, ledger: &Ledger) -> u64 {
        let around = self.around(class.seat);
        let out = ledger.receiver(around.egress);
        let into = ledger.sender(around.ingress);
        let admits = |admits: Option<&Admits>, seat: u32| {
            admits.is_none_or(|admits| admits.admits(class, seat, Crossing::Nothing))
        };
        if out.is_none_or(|one| one.everybody) && into.is_none_or(|one| one.everybody) {
            return class.count();
        }
        let seats = self.classes.seats(class).iter();
        seats.filter(|&&seat| admits(out, seat) && admits(into, seat)).count() as u64
    }

    /// Adds the pairs from hosts whose groups let out something and not everything.
    fn add_varied(&self, matrix: &Matrix, ledger: &Ledger, sums: &mut Sums, tallies: &mut Tallies) {
        if !ledger.varied {
            return;
        }
        let rows = super::bits::transposed(&matrix.plain, matrix.plain.len());
        for class in self.classes.all.iter().filter(|class| class.sends && !class.odd) {
            if ledger.is_free(self, class) {
                continue;
            }
            let Some(admits) = ledger.receiver(self.around(class.seat).egress) else { continue };
            let start = class.zone as usize;
            let mut ends = self.reached(admits);
            ends.keep(&rows[start]);
            for end in ends.iter() {
                let pairs = self.pairs_between(class, end, admits, ledger);
                sums.add(ledger.group[end], pairs);
            }
            let from = ledger.group[start];
            if ends.contains(start) && class.takes {
                sums.sums[from as usize] -= self.selves(class, ledger);
            }
            sums.take(|to, pairs| tallies.entry((from, to)).or_default().reachable += pairs);
        }
    }

    /// The zones in which a filter on those who are reached admits somebody.
    pub(super) fn reached(&self, admits: &Admits) -> Bits {
        let mut ends = admits.cover.whole();
        admits.cover.partial.iter().for_each(|(zone, _)| ends.insert(*zone as usize));
        for &around in admits.names.keys() {
            self.named(around).for_each(|class| ends.insert(class.zone as usize));
        }
        ends
    }

    /// How many pairs there are of a class and those of a zone that it is let out to.
    pub(super) fn pairs_between(
        &self,
        class: &Class,
        end: usize,
        out: &Admits,
        ledger: &Ledger,
    ) -> u64 {
        let start = class.zone as usize;
        let mut pairs = 0;
        for server in self.classes.of_zone(end).filter(|server| server.takes && !server.odd) {
            let servers = out.count(self, server, || Crossing::Nothing);
            if servers == 0 {
                continue;
            }
            let clients = match ledger.sender(self.around(server.seat).ingress) {
                Some(admits) => admits.count(self, class, || self.crossing(start, end)),
                None => class.count(),
            };
            pairs += clients * servers;
        }
        pairs
    }

    /// Adds the pairs of which it is surely not known where requests come out. Zones that share a
    /// row and an ACL are added up before their ends are looked at.
    fn add_unknown(
        &self,
        matrix: &Matrix,
        ledger: &Ledger,
        sums: &mut Sums,
        tallies: &mut Tallies,
    ) {
        let zones = &self.fleet.zones;
        let rows = &self.there.rows.0;
        if rows.iter().all(|row| row.unknown.is_empty()) {
            return;
        }
        // Where pairs are looked at, and neighbours, for whom it does not matter.
        let mut elsewhere = super::bits::transposed(&matrix.special, zones.len());
        for own in zones.of_wire.values() {
            for &start in own {
                own.iter().for_each(|&end| elsewhere[start as usize].insert(end as usize));
            }
        }
        let mut known: BTreeMap<_, Ends> = BTreeMap::new();
        let mut looked_at: BTreeMap<(u32, u32), u64> = BTreeMap::new();
        for (start, row) in rows.iter().enumerate() {
            if row.unknown.is_empty() {
                continue;
            }
            let zone = &zones.all[start];
            let key = (std::sync::Arc::as_ptr(row), zone.acl_out, zone.family);
            let ends = known.entry(key).or_insert_with(|| {
                let mut zones = row.unknown.clone();
                matrix.keep_family(&mut zones, zone.family);
                self.keep_passing(&mut zones, zone.acl_out, &self.forward);
                let mut hosts: BTreeMap<u32, u64> = BTreeMap::new();
                for end in zones.iter() {
                    *hosts.entry(ledger.group[end]).or_default() += ledger.hosts[end];
                }
                Ends { zones, hosts, clients: BTreeMap::new() }
            });
            let group = ledger.group[start];
            *ends.clients.entry(group).or_default() += ledger.free[start];
            let mut own = ends.zones.clone();
            own.keep(&elsewhere[start]);
            for end in own.iter() {
                let pairs = ledger.free[start] * ledger.hosts[end];
                *looked_at.entry((group, ledger.group[end])).or_default() += pairs;
            }
            if ledger.varied {
                let mut own = ends.zones.clone();
                own.remove(&elsewhere[start]);
                self.add_lost_varied(start, &own, ledger, sums);
                sums.take(|to, pairs| tallies.entry((group, to)).or_default().unknown += pairs);
            }
        }
        for ends in known.values() {
            for (&from, clients) in &ends.clients {
                for (&to, hosts) in &ends.hosts {
                    tallies.entry((from, to)).or_default().unknown += clients * hosts;
                }
            }
        }
        for (key, pairs) in looked_at {
            tallies.entry(key).or_default().unknown -= pairs;
        }
    }

    /// A seat's host, by its position among those that are asked about.
    pub(super) fn position(&self, seat: u32) -> usize {
        self.fleet.zones.seats[seat as usize].host.map_or(usize::MAX, |host| host as usize)
    }

    /// The classes that stand in the same surroundings.
    pub(super) fn named(&self, around: u32) -> impl Iterator<Item = &Class> {
        self.classes.of_around(around)
    }

    /// What requests from one zone to another have crossed when they come out.
    pub(super) fn crossing(&self, start: usize, end: usize) -> Crossing {
        let zones = &self.fleet.zones.all;
        if zones[start].wire == zones[end].wire {
            return Crossing::Nothing;
        }
        match self.there.rows.0[start].of(end) {
            super::rows::Come::Delivered(crossing) => crossing,
            _ => Crossing::Hidden,
        }
    }
}
