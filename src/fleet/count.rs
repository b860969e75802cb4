//! Counting pairs without looking at each.

use super::Survey;
use super::bits::Bits;
use super::pair::Fate;
use super::sweep::Test;
use std::collections::BTreeMap;

/// How many pairs fare how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Those that reach each other.
    pub reachable: u64,
    /// Those that do not.
    pub blocked: u64,
    /// Those of which a fact is missing.
    pub unknown: u64,
    /// Those that have to be walked to know.
    pub open: u64,
}

impl Tally {
    fn add(&mut self, fate: Fate, pairs: u64) {
        *match fate {
            Fate::Reachable => &mut self.reachable,
            Fate::Blocked => &mut self.blocked,
            Fate::Unknown => &mut self.unknown,
            Fate::Open => &mut self.open,
        } += pairs;
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> u64 {
        self.reachable + self.blocked + self.unknown + self.open
    }
}

/// Hosts of a zone that no rule tells apart.
struct Class {
    /// One of them.
    host: usize,
    count: u64,
}

impl Survey<'_> {
    /// Counts all ordered pairs of different hosts, by the groups that `group` puts the hosts in,
    /// each pair as (from, to). Pairs that are blocked are not listed where the whole of two groups
    /// is.
    #[must_use]
    pub fn tally_by(&self, group: &[u32]) -> BTreeMap<(u32, u32), Tally> {
        let classes = self.classes(group);
        let mut tallies: BTreeMap<(u32, u32), Tally> = BTreeMap::new();
        let columns = self.columns();
        for (end, servers) in classes.iter().enumerate() {
            self.tally_zone(end, servers, &classes, &columns[end], group, &mut tallies);
        }
        for host in (0..group.len()).filter(|&host| self.fleet.zones.of_host[host].is_none()) {
            self.tally_lone(host, group, &mut tallies);
        }
        tallies
    }

    /// Counts all ordered pairs of different hosts.
    #[must_use]
    pub fn tally(&self) -> Tally {
        let hosts = self.fleet.hosts.all.len() as u64;
        let all = self.tally_by(&vec![0; self.fleet.hosts.all.len()]);
        let mut tally = all.get(&(0, 0)).copied().unwrap_or_default();
        tally.blocked += (hosts * hosts.saturating_sub(1)).saturating_sub(tally.all());
        tally
    }

    /// The classes of each zone: one host for all that stand alike and are in one group.
    fn classes(&self, group: &[u32]) -> Vec<Vec<Class>> {
        let hosts = &self.fleet.hosts;
        let of_zone = |zone: &super::zones::Zone| {
            let mut classes: BTreeMap<(u32, Test, u32, u32), Class> = BTreeMap::new();
            for &host in &zone.hosts {
                let host = host as usize;
                let double = if self.doubles[host] { hosts.address(host) } else { 0 };
                let key = (hosts.around[host], self.sockets[host], group[host], double);
                classes.entry(key).or_insert(Class { host, count: 0 }).count += 1;
            }
            classes.into_values().collect()
        };
        self.fleet.zones.all.iter().map(of_zone).collect()
    }

    /// For each zone, the zones from which requests may come to it or get lost unknown.
    fn columns(&self) -> Vec<Bits> {
        let hosts = &self.fleet.hosts;
        let zones = self.fleet.zones.len();
        let mut columns = vec![Bits::none(zones); zones];
        for (end, zone) in self.fleet.zones.all.iter().enumerate() {
            let odd = |&host: &u32| hosts.around(host as usize).sends == Test::Open;
            if zone.hosts.iter().any(odd) {
                columns[end].insert_range(0..zones);
            }
        }
        // Addresses that are a subnet's own and another's, too.
        for (wire, inside) in &hosts.inside {
            let own = self.fleet.zones.of_wire.get(wire);
            for end in self.fleet.zones.within(&inside.v4).into_iter().flatten() {
                for &start in own.into_iter().flatten() {
                    columns[end].insert(start as usize);
                }
            }
        }
        for (start, row) in self.there.0.iter().enumerate() {
            for end in row.any().iter() {
                columns[end].insert(start);
            }
        }
        columns
    }

    /// Counts the pairs to the hosts of one zone, class by class.
    fn tally_zone(
        &self,
        end: usize,
        servers: &[Class],
        classes: &[Vec<Class>],
        column: &Bits,
        group: &[u32],
        tallies: &mut BTreeMap<(u32, u32), Tally>,
    ) {
        let own = self.fleet.zones.of_wire.get(&self.fleet.zones.all[end].wire);
        let mut starts = column.clone();
        for &zone in own.into_iter().flatten() {
            starts.insert(zone as usize);
        }
        for start in starts.iter() {
            for client in &classes[start] {
                for server in servers {
                    let same = start == end && client.host == server.host;
                    let pairs = client.count * if same { server.count - 1 } else { server.count };
                    if pairs == 0 {
                        continue;
                    }
                    let fate = match same {
                        true => self.fate_within(client.host),
                        false => self.fate(client.host, server.host),
                    };
                    if fate != Fate::Blocked {
                        let key = (group[client.host], group[server.host]);
                        tallies.entry(key).or_default().add(fate, pairs);
                    }
                }
            }
        }
    }

    /// What becomes of two different hosts that stand alike.
    fn fate_within(&self, host: usize) -> Fate {
        self.fate(host, host)
    }

    /// Counts the pairs of a host whose subnet is not known.
    fn tally_lone(&self, host: usize, group: &[u32], tallies: &mut BTreeMap<(u32, u32), Tally>) {
        for other in (0..group.len()).filter(|&other| other != host) {
            let mut add = |from: usize, to: usize| {
                let tally = tallies.entry((group[from], group[to])).or_default();
                tally.add(self.fate(from, to), 1);
            };
            add(host, other);
            // Two lone hosts meet once from either.
            if self.fleet.zones.of_host[other].is_some() {
                add(other, host);
            }
        }
    }
}
