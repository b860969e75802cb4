//! Classes: hosts of a zone that no rule tells apart but by their address.

use super::Survey;
use super::hosts::number;
use super::sweep::Test;
use std::ops::Range;

/// One class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Class {
    pub(super) zone: u32,
    pub(super) around: u32,
    /// Its hosts' seats, as a range of [`Classes::seats`].
    seats: Range<u32>,
    /// One of its seats.
    pub(super) seat: u32,
    /// Whether pairs with it have to be looked at one by one.
    pub(super) odd: bool,
    /// Whether requests leave its hosts, as far as their groups let them.
    pub(super) sends: bool,
    /// Whether requests enter them and find a socket, as far as their groups let them.
    pub(super) takes: bool,
}

/// All classes of a survey.
#[derive(Clone, Debug, Default)]
pub(super) struct Classes {
    pub(super) all: Vec<Class>,
    seats: Vec<u32>,
    /// The classes of each zone.
    of_zone: Vec<Range<u32>>,
    /// The classes in each surrounding.
    of_around: Vec<Vec<u32>>,
}

impl Classes {
    pub(super) fn new(survey: &Survey<'_>) -> Self {
        let zones = &survey.fleet.zones;
        let doubles = doubles(survey);
        let is_double = |seat: u32| doubles.get(seat as usize).is_some_and(|&double| double);
        let mut classes = Self::default();
        let by_around = &zones.by_around;
        let alike = |&one: &u32, &other: &u32| {
            let (one, other) = (&zones.seats[one as usize], &zones.seats[other as usize]);
            (one.zone, one.around) == (other.zone, other.around)
        };
        for run in by_around.chunk_by(alike) {
            let first = survey.sockets[run[0] as usize];
            let even = run.iter().all(|&seat| survey.sockets[seat as usize] == first);
            if even && !run.iter().any(|&seat| is_double(seat)) {
                classes.add(survey, run.iter().copied(), false);
                continue;
            }
            for test in [Test::Pass, Test::Open, Test::Stop] {
                let of_test = |seat: &u32| survey.sockets[*seat as usize] == test;
                let own = run.iter().copied().filter(of_test);
                classes.add(survey, own.clone().filter(|&seat| !is_double(seat)), false);
                for double in own.filter(|&seat| is_double(seat)) {
                    classes.add(survey, std::iter::once(double), true);
                }
            }
        }
        let start =
            |zone: usize| number(classes.all.partition_point(|class| (class.zone as usize) < zone));
        classes.of_around = vec![Vec::new(); survey.fleet.surroundings.all.len()];
        for (index, class) in (0..).zip(&classes.all) {
            classes.of_around[class.around as usize].push(index);
        }
        classes.of_zone = (0..zones.len()).map(|zone| start(zone)..start(zone + 1)).collect();
        classes
    }

    fn add(&mut self, survey: &Survey<'_>, seats: impl Iterator<Item = u32>, double: bool) {
        let start = number(self.seats.len());
        self.seats.extend(seats);
        let end = number(self.seats.len());
        let Some(&seat) = self.seats.get(start as usize) else { return };
        let own = survey.fleet.zones.seats[seat as usize];
        let (around, sockets) = (survey.around(seat), survey.sockets[seat as usize]);
        let open = |slot: u32| !survey.forward.get(slot).open.is_empty();
        let slots = [around.egress, around.ingress];
        let tests = [around.sends, around.takes, sockets];
        self.all.push(Class {
            zone: own.zone,
            around: own.around,
            seats: start..end,
            seat,
            odd: double
                || tests.contains(&Test::Open)
                || around.wire.is_none()
                || slots.into_iter().flatten().any(open),
            sends: around.sends == Test::Pass,
            takes: around.takes == Test::Pass && sockets == Test::Pass,
        });
    }

    /// The classes of a zone.
    pub(super) fn of_zone(&self, zone: usize) -> impl Iterator<Item = &Class> + Clone {
        let Range { start, end } = self.of_zone[zone].clone();
        self.all[start as usize..end as usize].iter()
    }

    /// The classes in a surrounding.
    pub(super) fn of_around(&self, around: u32) -> impl Iterator<Item = &Class> {
        let own = self.of_around.get(around as usize);
        own.into_iter().flatten().map(|&index| &self.all[index as usize])
    }

    /// The seats of a class, in order.
    pub(super) fn seats(&self, class: &Class) -> &[u32] {
        &self.seats[class.seats.start as usize..class.seats.end as usize]
    }
}

impl Class {
    pub(super) fn count(&self) -> u64 {
        u64::from(self.seats.end - self.seats.start)
    }
}

/// Which seats have an address that a rule means as somebody else's, in a VPC that is not theirs.
fn doubles(survey: &Survey<'_>) -> Vec<bool> {
    let zones = &survey.fleet.zones;
    if !zones.overlapping {
        return Vec::new();
    }
    let mut doubles = vec![false; zones.seats.len()];
    for rule in survey.forward.references() {
        for &(low, high) in rule.members().ranges() {
            for seat in low..=high.min(number(zones.seats.len()).saturating_sub(1)) {
                doubles[seat as usize] |= !rule.vpcs.contains(&survey.around(seat).vpc);
            }
        }
    }
    doubles
}
