//! Pairs in which a translator stands for the client.

use super::Survey;
use super::admits::Admits;
use super::bits::{Bits, transposed};
use super::classes::Class;
use super::count::{Sums, Tallies};
use super::ledger::Ledger;
use super::matrix::{Matrix, Relay};
use super::running::Running;
use crate::graph::Crossing;
use std::collections::BTreeMap;

/// Hosts of a group whose groups let out everything, behind one translator that sends them on to
/// the same zones.
struct Sent {
    /// The translator's seat.
    seat: u32,
    group: u32,
    hosts: u64,
}

/// All that translators send, by the zones that it is for.
pub(super) struct AllSent {
    /// In the order of the translators' seats.
    all: Vec<Sent>,
    /// For each zone, those that are sent on to it.
    columns: Vec<Bits>,
}

impl AllSent {
    pub(super) fn new(survey: &Survey<'_>, matrix: &Matrix, ledger: &Ledger) -> Self {
        let zones = &survey.fleet.zones;
        let mut hosts: BTreeMap<(u32, u32, &Bits), u64> = BTreeMap::new();
        for ((start, translator), Relay { passed, .. }) in &*matrix.translated {
            if let Some(&seat) = zones.translators.get(translator)
                && ledger.free[*start] > 0
            {
                *hosts.entry((seat, ledger.group[*start], passed)).or_default() +=
                    ledger.free[*start];
            }
        }
        let rows: Vec<Bits> = hosts.keys().map(|(_, _, passed)| Bits::clone(passed)).collect();
        let sent = |((seat, group, _), hosts)| Sent { seat, group, hosts };
        Self { all: hosts.into_iter().map(sent).collect(), columns: transposed(&rows, zones.len()) }
    }

    /// Adds those that are sent on to one zone; `running` goes from zone to zone.
    pub(super) fn add_to<'m>(
        &'m self,
        survey: &Survey<'_>,
        end: usize,
        ledger: &Ledger,
        running: &mut Running<'m>,
        sums: &mut Sums,
    ) {
        let zones = &survey.fleet.zones;
        let column = &self.columns[end];
        running.turn(column, |index| (self.all[index].group, self.all[index].hosts));
        let behind = |seat: u32| self.all.partition_point(|one| one.seat < seat);
        let mut to_all = 0;
        for &(slot, count) in &ledger.into[end] {
            let Some(admits) = ledger.sender(slot).filter(|admits| !admits.everybody) else {
                to_all += count;
                continue;
            };
            let full = admits.cover.full.iter().filter(|range| !range.is_empty());
            let full = full.map(|range| {
                zones.all[range.start].seats.start..zones.all[range.end - 1].seats.end
            });
            let partial = admits.cover.partial.iter().map(|(_, seats)| seats.clone());
            for seats in full.chain(partial) {
                for index in column.within(behind(seats.start)..behind(seats.end)) {
                    sums.add(self.all[index].group, self.all[index].hosts * count);
                }
            }
        }
        if to_all > 0 {
            running.sums().for_each(|(group, hosts)| sums.add(group, hosts * to_all));
        }
    }
}

impl Survey<'_> {
    /// How many of the pairs that reach each other do so through a translator, which sends in the
    /// client's place.
    #[must_use]
    pub fn through_translators(&self) -> u64 {
        let ledger = self.ledger(&vec![0; self.fleet.hosts.len()]);
        let matrix = self.matrix().naming(self, &ledger);
        let sent = AllSent::new(self, &matrix, &ledger);
        let (mut running, mut sums) = (Running::new(1), Sums::new(1));
        let mut tallies = Tallies::new();
        for end in 0..self.fleet.zones.len() {
            sent.add_to(self, end, &ledger, &mut running, &mut sums);
        }
        sums.take(|_, pairs| tallies.entry((0, 0)).or_default().reachable += pairs);
        self.add_translated(&matrix, &ledger, &mut sums, &mut tallies);
        tallies.values().map(|tally| tally.reachable).sum()
    }

    /// Adds the pairs in which a translator stands for a client whose groups let out something and
    /// not everything, and those whose requests nobody knows how to go on with.
    pub(super) fn add_translated(
        &self,
        matrix: &Matrix,
        ledger: &Ledger,
        sums: &mut Sums,
        tallies: &mut Tallies,
    ) {
        for ((start, translator), Relay { passed: ends, unknown }) in &*matrix.translated {
            let Some(&seat) = self.fleet.zones.translators.get(translator) else { continue };
            let middle = self.fleet.zones.zone_of(seat);
            let admits = |slot: Option<u32>| {
                ledger.sender(slot).is_none_or(|admits| admits.admits_address(middle, seat))
            };
            let from = ledger.group[*start];
            for (class, out) in self.varied(*start, ledger) {
                let mut reached = self.reached(out);
                reached.keep(ends);
                for end in reached.iter() {
                    sums.add(ledger.group[end], class.count() * self.let_in(out, end, admits));
                }
            }
            sums.take(|to, pairs| tallies.entry((from, to)).or_default().reachable += pairs);
            if !unknown.is_empty() {
                self.add_lost(*start, unknown, ledger, sums);
                sums.take(|to, pairs| tallies.entry((from, to)).or_default().unknown += pairs);
            }
        }
    }

    /// How many hosts of a zone there are that somebody is let out to, and that let in what
    /// `admits` says.
    pub(super) fn let_in(
        &self,
        out: &Admits,
        end: usize,
        admits: impl Fn(Option<u32>) -> bool,
    ) -> u64 {
        let servers = self.classes.of_zone(end).filter(|one| one.takes && !one.odd);
        let servers = servers.filter(|one| admits(self.around(one.seat).ingress));
        servers.map(|one| out.count(self, one, || Crossing::Nothing)).sum()
    }

    /// The classes of a zone whose groups let out something and not everything, each with what.
    pub(super) fn varied<'s>(
        &'s self,
        zone: usize,
        ledger: &'s Ledger,
    ) -> impl Iterator<Item = (&'s Class, &'s Admits)> {
        let classes = self.classes.of_zone(zone).filter(|class| class.sends && !class.odd);
        classes.filter_map(|class| {
            let out = ledger.receiver(self.around(class.seat).egress);
            Some((class, out.filter(|out| !out.everybody)?))
        })
    }

    /// Adds the pairs from one zone to others whose requests nobody knows how to go on with.
    pub(super) fn add_lost(&self, start: usize, ends: &Bits, ledger: &Ledger, sums: &mut Sums) {
        if ledger.free[start] > 0 {
            for end in ends.iter() {
                sums.add(ledger.group[end], ledger.free[start] * ledger.hosts[end]);
            }
        }
        self.add_lost_varied(start, ends, ledger, sums);
    }

    /// The same from hosts whose groups let out something and not everything.
    pub(super) fn add_lost_varied(
        &self,
        start: usize,
        ends: &Bits,
        ledger: &Ledger,
        sums: &mut Sums,
    ) {
        for (class, out) in self.varied(start, ledger) {
            let mut reached = self.reached(out);
            reached.keep(ends);
            for end in reached.iter() {
                let servers = self.classes.of_zone(end).filter(|one| !one.odd);
                let servers = servers.map(|one| out.count(self, one, || Crossing::Nothing));
                sums.add(ledger.group[end], class.count() * servers.sum::<u64>());
            }
        }
    }
}
