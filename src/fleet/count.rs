//! Counting pairs without looking at each: zone by zone, and host by host only where a pair is
//! more than routes, ACLs and addresses.

use super::Survey;
use super::bits::{Bits, transposed};
use super::pair::Fate;
use super::rows::{Row, Rows};
use super::sweep::Test;
use crate::header::IntervalSet;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

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
        *match fate {
            Fate::Reachable => &mut self.reachable,
            Fate::Partial => &mut self.partial,
            Fate::Blocked => &mut self.blocked,
            Fate::Unknown => &mut self.unknown,
            Fate::Open => &mut self.open,
        } += pairs;
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> u64 {
        self.reachable + self.partial + self.blocked + self.unknown + self.open
    }
}

/// Pairs by the groups of their ends; those that are blocked are left out.
pub(super) type Tallies = BTreeMap<(u32, u32), Tally>;

/// Hosts of a zone that no rule tells apart.
struct Class {
    /// One of them.
    host: usize,
    count: u64,
}

/// How many hosts of a zone let through what is for, or from, which zones.
#[derive(Default)]
struct Weight {
    /// Those that do for all zones.
    uniform: u64,
    /// Those that do for some.
    varied: Vec<(Vec<Range<usize>>, u64)>,
}

impl Weight {
    fn add(&mut self, zones: usize, ranges: &[Range<usize>], count: u64) {
        match ranges {
            [all] if *all == (0..zones) => self.uniform += count,
            [] => {}
            some => self.varied.push((some.to_vec(), count)),
        }
    }

    fn of(&self, zone: usize) -> u64 {
        let meant = |ranges: &[Range<usize>]| ranges.iter().any(|range| range.contains(&zone));
        let varied = self.varied.iter().filter(|(ranges, _)| meant(ranges));
        self.uniform + varied.map(|(_, count)| count).sum::<u64>()
    }
}

/// What counting needs of each zone.
struct Ledger {
    classes: Vec<Vec<Class>>,
    /// Who lets requests out, by the zone that they are for.
    out: Vec<Weight>,
    /// Who takes requests, by the zone that they are from.
    into: Vec<Weight>,
    hosts: Vec<u64>,
    /// Zones with hosts that have to be looked at one by one.
    odd: Bits,
    group: Vec<u32>,
}

/// Zones that requests of some zones are for.
struct Ends {
    zones: Bits,
    /// Their hosts, by group.
    hosts: BTreeMap<u32, u64>,
    /// Those who send such requests, by group.
    clients: BTreeMap<u32, u64>,
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
        let mut tallies = Tallies::new();
        let columns = self.columns();
        let special = self.special(&ledger);
        let groups = ledger.group.iter().max().map_or(0, |&last| last as usize + 1);
        let mut sums = vec![0; groups];
        for (end, column) in columns.into_iter().enumerate() {
            let mut plain = column;
            plain.keep(&self.answered(end));
            plain.remove(&special[end]);
            self.add_plain(end, &plain, &ledger, &mut sums, &mut tallies);
            self.add_each(end, &special[end], &ledger, walk, &mut tallies);
        }
        self.add_unknown(&ledger, &special, &mut tallies);
        for host in (0..group.len()).filter(|&host| self.fleet.zones.of_host[host].is_none()) {
            self.add_lone(host, group, walk, &mut tallies);
        }
        tallies.retain(|_, tally| tally.all() > 0);
        tallies
    }

    /// Counts all ordered pairs of different hosts; see [`Survey::tally_by`].
    #[must_use]
    pub fn tally(&self, walk: &mut dyn FnMut(usize, usize) -> Fate) -> Tally {
        let hosts = self.fleet.hosts.all.len() as u64;
        let all = self.tally_by(&vec![0; self.fleet.hosts.all.len()], walk);
        let mut tally = all.get(&(0, 0)).copied().unwrap_or_default();
        tally.blocked = (hosts * hosts.saturating_sub(1)).saturating_sub(tally.all());
        tally
    }

    fn ledger(&self, group: &[u32]) -> Ledger {
        let (hosts, zones) = (&self.fleet.hosts, &self.fleet.zones);
        let count = zones.len();
        let ranges = |sweeps: &super::sweep::Sweeps, slot: Option<u32>| match slot {
            Some(slot) => zones.within(&sweeps.get(slot).pass),
            None => zones.within(&IntervalSet::all()),
        };
        let mut ledger = Ledger {
            classes: Vec::with_capacity(count),
            out: Vec::with_capacity(count),
            into: Vec::with_capacity(count),
            hosts: Vec::with_capacity(count),
            odd: Bits::none(count),
            group: Vec::with_capacity(count),
        };
        for (index, zone) in zones.all.iter().enumerate() {
            let mut classes: BTreeMap<(u32, Test, u32), Class> = BTreeMap::new();
            for &host in &zone.hosts {
                let host = host as usize;
                let double = if self.doubles[host] { hosts.address(host) } else { 0 };
                let key = (hosts.around[host], self.sockets[host], double);
                classes.entry(key).or_insert(Class { host, count: 0 }).count += 1;
            }
            let (mut out, mut into) = (Weight::default(), Weight::default());
            for class in classes.values() {
                let around = hosts.around(class.host);
                let slots = [around.egress, around.ingress, around.acl_in, around.acl_out];
                let unsure = slots.iter().flatten().any(|&slot| {
                    !self.forward.get(slot).open.is_empty() || !self.back.get(slot).open.is_empty()
                });
                let tests = [around.sends, around.takes, self.sockets[class.host]];
                let walked = around.acl_in.is_none() || around.acl_out.is_none();
                if unsure || walked || tests.contains(&Test::Open) || self.doubles[class.host] {
                    ledger.odd.insert(index);
                }
                if around.sends == Test::Pass {
                    out.add(count, &ranges(&self.forward, around.egress), class.count);
                }
                if around.takes == Test::Pass && self.sockets[class.host] == Test::Pass {
                    into.add(count, &ranges(&self.forward, around.ingress), class.count);
                }
            }
            ledger.classes.push(classes.into_values().collect());
            ledger.out.push(out);
            ledger.into.push(into);
            ledger.hosts.push(zone.hosts.len() as u64);
            let first = zone.hosts.first().map_or(0, |&host| group[host as usize]);
            ledger.group.push(first);
        }
        ledger
    }

    /// For each zone, the zones from which requests surely come to it, as far as routes and the
    /// ACLs where they start say.
    fn columns(&self) -> Vec<Bits> {
        let zones = &self.fleet.zones;
        let mut rows = delivered(&self.there, zones.len());
        for (start, row) in rows.iter_mut().enumerate() {
            let (acl_out, acl_in) = self.acls(start);
            self.keep_passing(row, acl_out.map(|slot| &self.forward.get(slot).pass));
            self.keep_passing(row, acl_in.map(|slot| &self.back.get(slot).pass));
        }
        transposed(&rows, zones.len())
    }

    /// The zones to which replies from one surely come home, as far as routes and the ACLs where
    /// they start say; and from which its own ACL takes requests.
    fn answered(&self, end: usize) -> Bits {
        let mut row = of_row(&self.return_rows, end, self.fleet.zones.len());
        let (acl_out, acl_in) = self.acls(end);
        self.keep_passing(&mut row, acl_out.map(|slot| &self.back.get(slot).pass));
        self.keep_passing(&mut row, acl_in.map(|slot| &self.forward.get(slot).pass));
        row
    }

    fn keep_passing(&self, row: &mut Bits, pass: Option<&IntervalSet<u32>>) {
        let Some(pass) = pass.filter(|pass| pass.ranges() != [(0, u32::MAX)]) else { return };
        let mut kept = Bits::none(self.fleet.zones.len());
        for range in self.fleet.zones.within(pass) {
            kept.insert_range(range);
        }
        row.keep(&kept);
    }

    /// The ACLs of a zone, outward and inward.
    fn acls(&self, zone: usize) -> (Option<u32>, Option<u32>) {
        let first = self.fleet.zones.all[zone].hosts.first();
        let around = first.map(|&host| self.fleet.hosts.around(host as usize));
        around.map_or((None, None), |around| (around.acl_out, around.acl_in))
    }

    /// For each zone, those from which pairs have to be looked at: its own subnet, where a rule
    /// may go by who the other is, and where the way is open or unknown.
    fn special(&self, ledger: &Ledger) -> Vec<Bits> {
        let (hosts, zones) = (&self.fleet.hosts, &self.fleet.zones);
        let count = zones.len();
        let mut special = vec![Bits::none(count); count];
        let odd: Vec<usize> = ledger.odd.iter().collect();
        for own in &mut special {
            odd.iter().for_each(|&start| own.insert(start));
        }
        for &end in &odd {
            special[end].insert_range(0..count);
        }
        let mut of_vpc: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for (index, zone) in zones.all.iter().enumerate() {
            if let Some(&first) = zone.hosts.first() {
                of_vpc.entry(hosts.around(first as usize).vpc).or_default().push(index);
            }
        }
        for (client, server) in self.named_pairs() {
            for &end in of_vpc.get(&server).into_iter().flatten() {
                for &start in of_vpc.get(&client).into_iter().flatten() {
                    special[end].insert(start);
                }
            }
        }
        for zone_list in zones.of_wire.values() {
            for &end in zone_list {
                zone_list.iter().for_each(|&start| special[end as usize].insert(start as usize));
            }
        }
        // Addresses that are a subnet's own and another's, too.
        for (wire, inside) in &hosts.inside {
            for other in zones.within(&inside.v4).into_iter().flatten() {
                for &own in zones.of_wire.get(wire).into_iter().flatten() {
                    special[other].insert(own as usize);
                    special[own as usize].insert(other);
                }
            }
        }
        for (start, row) in self.there.0.iter().enumerate() {
            row.open.iter().for_each(|end| special[end].insert(start));
        }
        for (end, row) in self.return_rows.0.iter().enumerate() {
            let mut unsure = row.open.clone();
            unsure.add(&row.unknown);
            // Where nothing comes, nothing has to be answered.
            for start in unsure.iter() {
                let come = self.there.0[start].of(end);
                if !matches!(come, super::rows::Come::Stopped | super::rows::Come::Unknown) {
                    special[end].insert(start);
                }
            }
        }
        special
    }

    /// The pairs of VPCs, client and server, between which a rule goes by who the other is.
    fn named_pairs(&self) -> BTreeSet<(u32, u32)> {
        let hosts = &self.fleet.hosts;
        let mut carriers: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
        for around in &hosts.arounds {
            for &group in &around.groups {
                carriers.entry(group).or_default().insert(around.vpc);
            }
        }
        let mut pairs = BTreeSet::new();
        for around in &hosts.arounds {
            let named = |slot: Option<u32>| {
                let rules = slot.into_iter().flat_map(|slot| &self.forward.get(slot).references);
                rules.filter_map(|rule| carriers.get(&rule.group?)).flatten().copied()
            };
            pairs.extend(named(around.egress).map(|server| (around.vpc, server)));
            pairs.extend(named(around.ingress).map(|client| (client, around.vpc)));
        }
        pairs
    }

    /// Adds the pairs to one zone that routes, ACLs and addresses decide.
    fn add_plain(
        &self,
        end: usize,
        starts: &Bits,
        ledger: &Ledger,
        sums: &mut [u64],
        tallies: &mut Tallies,
    ) {
        let into = &ledger.into[end];
        let mut touched = Vec::new();
        let mut add = |range: Range<usize>, count: u64| {
            for start in starts.within(range) {
                let out = &ledger.out[start];
                let clients = if out.varied.is_empty() { out.uniform } else { out.of(end) };
                let group = ledger.group[start] as usize;
                if sums[group] == 0 {
                    touched.push(group);
                }
                sums[group] += clients * count;
            }
        };
        if into.uniform > 0 {
            add(0..self.fleet.zones.len(), into.uniform);
        }
        for (ranges, count) in &into.varied {
            ranges.iter().for_each(|range| add(range.clone(), *count));
        }
        for group in touched {
            let pairs = std::mem::take(&mut sums[group]);
            if pairs > 0 {
                let key = (super::hosts::number(group), ledger.group[end]);
                tallies.entry(key).or_default().reachable += pairs;
            }
        }
    }

    /// Adds the pairs of which it is surely not known where requests come out. Zones that share a
    /// row and an ACL are added up before their ends are looked at.
    fn add_unknown(&self, ledger: &Ledger, special: &[Bits], tallies: &mut Tallies) {
        let special_from = transposed(special, special.len());
        let mut rows: BTreeMap<(*const Row, Option<u32>), Ends> = BTreeMap::new();
        let mut looked_at: BTreeMap<(u32, u32), u64> = BTreeMap::new();
        for (start, row) in self.there.0.iter().enumerate() {
            if row.unknown.is_empty() {
                continue;
            }
            let (acl_out, _) = self.acls(start);
            let key = (Arc::as_ptr(row), acl_out);
            let ends = rows.entry(key).or_insert_with(|| self.unknown_ends(row, acl_out, ledger));
            let (group, out) = (ledger.group[start], &ledger.out[start]);
            let mut own = ends.zones.clone();
            if out.varied.is_empty() {
                *ends.clients.entry(group).or_default() += out.uniform;
                own.keep(&special_from[start]);
                for end in own.iter() {
                    let pairs = out.uniform * ledger.hosts[end];
                    *looked_at.entry((group, ledger.group[end])).or_default() += pairs;
                }
                continue;
            }
            own.remove(&special_from[start]);
            for end in own.iter() {
                let pairs = out.of(end) * ledger.hosts[end];
                tallies.entry((group, ledger.group[end])).or_default().unknown += pairs;
            }
        }
        for ends in rows.values() {
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

    /// The zones to which nobody knows how requests from some zones go on.
    fn unknown_ends(&self, row: &Row, acl_out: Option<u32>, ledger: &Ledger) -> Ends {
        let mut zones = row.unknown.clone();
        self.keep_passing(&mut zones, acl_out.map(|slot| &self.forward.get(slot).pass));
        let mut hosts: BTreeMap<u32, u64> = BTreeMap::new();
        for end in zones.iter() {
            *hosts.entry(ledger.group[end]).or_default() += ledger.hosts[end];
        }
        Ends { zones, hosts, clients: BTreeMap::new() }
    }

    /// Adds the pairs to one zone from some others, class by class.
    fn add_each(
        &self,
        end: usize,
        starts: &Bits,
        ledger: &Ledger,
        walk: &mut dyn FnMut(usize, usize) -> Fate,
        tallies: &mut Tallies,
    ) {
        let zones = &self.fleet.zones.all;
        for start in starts.iter() {
            let ends = (zones[start].hosts.first(), zones[end].hosts.first());
            let (Some(&from), Some(&to)) = ends else { continue };
            let Some(between) = self.between(from as usize, to as usize) else { continue };
            for client in &ledger.classes[start] {
                for server in &ledger.classes[end] {
                    let same = start == end && client.host == server.host;
                    let servers = if same { server.count - 1 } else { server.count };
                    let pairs = client.count * servers;
                    if pairs == 0 {
                        continue;
                    }
                    let fate = match self.fate_across(&between, client.host, server.host) {
                        Fate::Open if same => self.walk_alike(client.host, walk),
                        Fate::Open => walk(client.host, server.host),
                        fate => fate,
                    };
                    if fate != Fate::Blocked {
                        let key = (ledger.group[start], ledger.group[end]);
                        tallies.entry(key).or_default().add(fate, pairs);
                    }
                }
            }
        }
    }

    /// Walks from a host to another that stands like it.
    fn walk_alike(&self, host: usize, walk: &mut dyn FnMut(usize, usize) -> Fate) -> Fate {
        let zones = &self.fleet.zones;
        let zone = zones.of_host[host].map(|zone| &zones.all[zone as usize].hosts);
        let around = self.fleet.hosts.around[host];
        let alike = |other: usize| {
            other != host
                && self.fleet.hosts.around[other] == around
                && self.sockets[other] == self.sockets[host]
        };
        let mut others = zone.into_iter().flatten().map(|&other| other as usize);
        others.find(|&other| alike(other)).map_or(Fate::Open, |other| walk(host, other))
    }

    /// Adds the pairs of a host whose subnet is not known.
    fn add_lone(
        &self,
        host: usize,
        group: &[u32],
        walk: &mut dyn FnMut(usize, usize) -> Fate,
        tallies: &mut Tallies,
    ) {
        for other in (0..group.len()).filter(|&other| other != host) {
            let mut add = |from: usize, to: usize| {
                let fate = match self.fate(from, to) {
                    Fate::Open => walk(from, to),
                    fate => fate,
                };
                if fate != Fate::Blocked {
                    tallies.entry((group[from], group[to])).or_default().add(fate, 1);
                }
            };
            add(host, other);
            // Two lone hosts meet once from either.
            if self.fleet.zones.of_host[other].is_some() {
                add(other, host);
            }
        }
    }
}

/// The zones to which the packets of each surely come.
fn delivered(rows: &Rows, zones: usize) -> Vec<Bits> {
    (0..zones).map(|start| of_row(rows, start, zones)).collect()
}

fn of_row(rows: &Rows, zone: usize, zones: usize) -> Bits {
    let mut all = Bits::none(zones);
    let row = &rows.0[zone];
    row.delivered.values().for_each(|bits| all.add(bits));
    all.remove(&row.open);
    all.remove(&row.unknown);
    all
}
