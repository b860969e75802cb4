//! Pairs that are looked at class by class, because they are more than routes, ACLs and addresses.

use super::Survey;
use super::admits::Admits;
use super::classes::Class;
use super::count::Tallies;
use super::ledger::Ledger;
use super::pair::Fate;
use std::collections::BTreeMap;

impl Survey<'_> {
    /// Adds the pairs from one zone to another, class by class.
    pub(super) fn add_each(
        &self,
        start: usize,
        end: usize,
        ledger: &Ledger,
        walk: &mut dyn FnMut(usize, usize) -> Fate,
        tallies: &mut Tallies,
    ) {
        for client in self.classes.of_zone(start).filter(|class| !class.odd) {
            for server in self.classes.of_zone(end).filter(|class| !class.odd) {
                self.add_classes(client, server, ledger, walk, tallies);
            }
        }
    }

    /// Adds the pairs of odd classes with all others.
    pub(super) fn add_odd(
        &self,
        ledger: &Ledger,
        walk: &mut dyn FnMut(usize, usize) -> Fate,
        tallies: &mut Tallies,
    ) {
        for odd in self.classes.all.iter().filter(|class| class.odd) {
            for other in &self.classes.all {
                self.add_classes(odd, other, ledger, walk, tallies);
                if !other.odd {
                    self.add_classes(other, odd, ledger, walk, tallies);
                }
            }
        }
    }

    /// Adds the pairs of one class with another. Filters may tell the hosts of one apart by their
    /// addresses.
    fn add_classes(
        &self,
        client: &Class,
        server: &Class,
        ledger: &Ledger,
        walk: &mut dyn FnMut(usize, usize) -> Fate,
        tallies: &mut Tallies,
    ) {
        let between = self.between(client.seat, server.seat);
        let from = self.parts(client, ledger.sender(self.around(server.seat).ingress));
        let to = self.parts(server, ledger.receiver(self.around(client.seat).egress));
        let key = (ledger.group[client.zone as usize], ledger.group[server.zone as usize]);
        let mut add = |one: u32, other: u32, pairs: u64| {
            let fate = match self.fate_across(&between, one, other) {
                Fate::Open => walk(self.position(one), self.position(other)),
                fate => fate,
            };
            if fate != Fate::Blocked && pairs > 0 {
                tallies.entry(key).or_default().add(fate, pairs);
            }
        };
        if client != server {
            for one in &from {
                for other in &to {
                    add(one[0], other[0], (one.len() * other.len()) as u64);
                }
            }
            return;
        }
        // Within a class, nobody is a pair with itself.
        let pieces = self.parts_of_both(client, ledger);
        for one in &pieces {
            for other in &pieces {
                if one != other {
                    add(one[0], other[0], (one.len() * other.len()) as u64);
                } else if let [first, second, ..] = one[..] {
                    add(first, second, (one.len() * (one.len() - 1)) as u64);
                }
            }
        }
    }

    /// The hosts of a class, by whether a filter admits their addresses.
    fn parts(&self, class: &Class, filter: Option<&Admits>) -> Vec<Vec<u32>> {
        let seats = self.classes.seats(class).to_vec();
        let zone = class.zone as usize;
        match filter {
            Some(filter) if filter.cover.parts(class.zone).next().is_some() => {
                let admitted = |seat: &u32| filter.admits_address(zone, *seat);
                let (inside, outside): (Vec<u32>, Vec<u32>) = seats.into_iter().partition(admitted);
                [inside, outside].into_iter().filter(|part| !part.is_empty()).collect()
            }
            _ => vec![seats],
        }
    }

    /// The hosts of a class, by whether its own filters admit their addresses.
    fn parts_of_both(&self, class: &Class, ledger: &Ledger) -> Vec<Vec<u32>> {
        let around = self.around(class.seat);
        let filters = [ledger.sender(around.ingress), ledger.receiver(around.egress)];
        let zone = class.zone as usize;
        let mut parts: BTreeMap<[bool; 2], Vec<u32>> = BTreeMap::new();
        for &seat in self.classes.seats(class) {
            let key = filters.map(|one| one.is_none_or(|one| one.admits_address(zone, seat)));
            parts.entry(key).or_default().push(seat);
        }
        parts.into_values().collect()
    }
}
