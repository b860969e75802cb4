//! Pairs that have to be looked at again: hosts of a class and hosts of another that no filter tells
//! apart, neither before an edit nor after it.

use super::Survey;
use super::classes::Class;
use super::hosts::number;
use super::pair::{Between, Fate};
use super::standing::Said;
use crate::header::IntervalSet;
use std::collections::BTreeMap;

/// Some hosts of one class and some of another, which fare alike before and after.
pub(super) struct Rectangle {
    pub(super) from: u32,
    pub(super) to: u32,
    pub(super) pairs: u64,
}

/// Hosts of a class that no filter tells apart.
#[derive(Clone)]
struct Part {
    first: u32,
    second: Option<u32>,
    count: u64,
}

impl Survey<'_> {
    /// Adds the pairs of two classes, by what filters said and say of their addresses.
    pub(super) fn add_rectangles(
        &self,
        client: &Class,
        server: &Class,
        said: &BTreeMap<u32, Said>,
        all: &mut Vec<Rectangle>,
    ) {
        let (own, other) = (self.around(client.seat), self.around(server.seat));
        let same = client == server;
        let from = self.told_apart(client, [other.ingress, own.egress.filter(|_| same)], said);
        let to = match same {
            true => from.clone(),
            false => self.told_apart(server, [own.egress, None], said),
        };
        for one in &from {
            for other in &to {
                let (from, mut to) = (one.first, other.first);
                let mut pairs = one.count * other.count;
                // Nobody is a pair with itself.
                if same && one.first == other.first {
                    pairs -= one.count;
                    to = one.second.unwrap_or(to);
                }
                if pairs > 0 {
                    all.push(Rectangle { from, to, pairs });
                }
            }
        }
    }

    /// The hosts of a class, by what filters said and say of their addresses.
    fn told_apart(
        &self,
        class: &Class,
        slots: [Option<u32>; 2],
        said: &BTreeMap<u32, Said>,
    ) -> Vec<Part> {
        let seats = self.classes.seats(class);
        let mut sets: Vec<&IntervalSet<u32>> = Vec::new();
        for slot in slots.into_iter().flatten() {
            let old = self.forward.get(slot);
            sets.extend([&old.pass, &old.open]);
            sets.extend(said.get(&slot).into_iter().flat_map(Said::sets));
        }
        let zone = &self.fleet.zones.all[class.zone as usize].seats;
        sets.retain(|set| {
            let after = set.ranges().partition_point(|&(_, high)| high < zone.start);
            let first = set.ranges().get(after);
            first.is_some_and(|&(low, high)| {
                low < zone.end && !(low <= zone.start && zone.end - 1 <= high)
            })
        });
        let mut parts: BTreeMap<Vec<bool>, Part> = BTreeMap::new();
        if sets.is_empty() {
            let second = seats.get(1).copied();
            return vec![Part { first: class.seat, second, count: class.count() }];
        }
        for &seat in seats {
            let key = sets.iter().map(|set| set.contains(seat)).collect();
            let part = parts.entry(key).or_insert(Part { first: seat, second: None, count: 0 });
            part.count += 1;
            if part.count == 2 {
                part.second = Some(seat);
            }
        }
        parts.into_values().collect()
    }
}

/// How pairs fare.
pub(super) fn fates(survey: &Survey<'_>, rectangles: &[Rectangle]) -> Vec<Fate> {
    let mut last: Option<((u32, u32), Between)> = None;
    let fates = rectangles.iter().map(|one| {
        let zones = &survey.fleet.zones;
        let key = (number(zones.zone_of(one.from)), number(zones.zone_of(one.to)));
        let between = match last {
            Some((known, between)) if known == key => between,
            _ => survey.between(one.from, one.to),
        };
        last = Some((key, between));
        survey.fate_across(&between, one.from, one.to)
    });
    fates.collect()
}
