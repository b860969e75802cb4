//! Whom the groups of a host let out to, or in from, as zones.

use super::Survey;
use super::classes::Class;
use super::sweep::{Sweep, Test};
use super::zones::Cover;
use crate::graph::Crossing;
use std::collections::BTreeMap;

/// Every crossing, by its number.
const CROSSINGS: [Crossing; 6] = [
    Crossing::Nothing,
    Crossing::Peering,
    Crossing::Transit,
    Crossing::TransitUnsure,
    Crossing::Hidden,
    Crossing::Forwarded,
];

/// What a rule says of those it names, by what packets have crossed.
type ByCrossing = [Test; CROSSINGS.len()];

/// Whom a filter admits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Admits {
    /// Whether it admits everybody.
    pub(super) everybody: bool,
    /// Those that it admits by their address.
    pub(super) cover: Cover,
    /// Those that it admits by their groups, by what stands around them.
    pub(super) names: BTreeMap<u32, ByCrossing>,
}

impl Admits {
    /// What a filter on those who come admits.
    pub(super) fn of_senders(survey: &Survey<'_>, sweep: &Sweep) -> Self {
        Self::new(survey, sweep, |names, sweep| {
            for rule in &sweep.references {
                let tests = CROSSINGS.map(|crossing| rule.of_sender(crossing));
                for around in survey.fleet.carriers(rule.group) {
                    if rule.is_for(&survey.fleet.surroundings.all[around as usize]) {
                        let own = names.entry(around).or_insert(tests);
                        for (own, test) in own.iter_mut().zip(tests) {
                            *own = (*own).min(test);
                        }
                    }
                }
            }
        })
    }

    /// What a filter on those who are reached admits.
    pub(super) fn of_receivers(survey: &Survey<'_>, sweep: &Sweep) -> Self {
        Self::new(survey, sweep, |names, sweep| {
            for rule in &sweep.references {
                for around in survey.fleet.carriers(rule.group) {
                    let facts = &survey.fleet.surroundings.all[around as usize];
                    if rule.is_for(facts) && rule.vpcs.contains(&facts.vpc) {
                        names.insert(around, [Test::Pass; CROSSINGS.len()]);
                    }
                }
            }
        })
    }

    fn new(
        survey: &Survey<'_>,
        sweep: &Sweep,
        name: impl Fn(&mut BTreeMap<u32, ByCrossing>, &Sweep),
    ) -> Self {
        let everybody = sweep.pass.ranges() == [(0, u32::MAX)];
        let mut names = BTreeMap::new();
        if !everybody {
            name(&mut names, sweep);
        }
        Self { everybody, cover: survey.fleet.zones.cover(&sweep.pass), names }
    }

    /// Whether nobody knows if it admits some of those that it names.
    pub(super) fn unsure(&self) -> bool {
        self.names.values().any(|tests| tests.contains(&Test::Open))
    }

    /// What it says of those that it names, when packets have crossed something.
    pub(super) fn by_name(&self, around: u32, crossing: Crossing) -> Test {
        let index = CROSSINGS.iter().position(|&one| one == crossing).unwrap_or_default();
        self.names.get(&around).map_or(Test::Stop, |tests| tests[index])
    }

    /// How many of a class it admits.
    pub(super) fn count(
        &self,
        survey: &Survey<'_>,
        class: &Class,
        crossing: impl FnOnce() -> Crossing,
    ) -> u64 {
        if self.everybody || self.cover.holds(class.zone as usize) {
            return class.count();
        }
        if self.names.contains_key(&class.around)
            && self.by_name(class.around, crossing()) == Test::Pass
        {
            return class.count();
        }
        let seats = survey.classes.seats(class);
        let parts = self.cover.parts(class.zone).map(|part| {
            let start = seats.partition_point(|&seat| seat < part.start);
            let end = seats.partition_point(|&seat| seat < part.end);
            (end - start) as u64
        });
        parts.sum()
    }

    /// Whether it admits one of a class.
    pub(super) fn admits(&self, class: &Class, seat: u32, crossing: Crossing) -> bool {
        self.everybody
            || self.cover.holds(class.zone as usize)
            || self.by_name(class.around, crossing) == Test::Pass
            || self.cover.parts(class.zone).any(|part| part.contains(&seat))
    }

    /// Whether it admits a seat by its address.
    pub(super) fn admits_address(&self, zone: usize, seat: u32) -> bool {
        self.everybody
            || self.cover.holds(zone)
            || self.cover.parts(super::hosts::number(zone)).any(|part| part.contains(&seat))
    }
}
