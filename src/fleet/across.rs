//! What lies between the zones of two fleets, side by side: where it is the same in both, pairs fare
//! alike unless something at their own ends differs.

use super::Survey;
use super::bits::Bits;
use super::compared::Sides;
use super::matrix::Matrix;
use super::pair::Between;
use super::sweep::Test;
use crate::graph::Crossing;
use std::collections::BTreeSet;

/// What lies between all zones, as long as routes and ACLs say the same of a port.
#[derive(Clone, Debug)]
pub(super) struct Across<'f> {
    surveys: [Survey<'f>; 2],
    unsure: [BTreeSet<Crossing>; 2],
    beyond: bool,
    /// For each zone those where nothing of it comes out, in neither fleet, whoever sends it.
    nowhere: Vec<Bits>,
    /// For each zone those towards which it is not the same, or has to be walked.
    differs: Vec<Bits>,
}

impl<'f> Across<'f> {
    /// Looks at all zones, each by its numbers in both fleets. `beyond` is whether what has to be
    /// walked may differ, too.
    pub(super) fn new(surveys: [&Survey<'f>; 2], zones: &[Sides<usize>], beyond: bool) -> Self {
        let overlapping = surveys.iter().any(|survey| survey.fleet.zones.overlapping);
        let mut across = Self {
            surveys: surveys.map(Clone::clone),
            unsure: surveys.map(unsure_crossings),
            beyond,
            nowhere: Vec::with_capacity(zones.len()),
            differs: Vec::with_capacity(zones.len()),
        };
        for start in zones {
            let reached =
                [0, 1].map(|side: usize| Some(surveys[side].there.rows.0[start[side]?].any()));
            let (mut nowhere, mut differs) = (Bits::default(), Bits::default());
            for (index, end) in zones.iter().enumerate() {
                let stopped = |side: usize| match (start[side], end[side], &reached[side]) {
                    (Some(from), Some(to), Some(reached)) => {
                        let zones = &surveys[side].fleet.zones.all;
                        let apart = match (zones[from].wire, zones[to].wire) {
                            (Some(own), Some(other)) => own != other,
                            _ => false,
                        };
                        apart && !reached.contains(to)
                    }
                    _ => true,
                };
                // An address of several subnets may be on the sender's own wire.
                if !overlapping && stopped(0) && stopped(1) {
                    nowhere.insert(index);
                } else if across.differs_between(*start, *end) {
                    differs.insert(index);
                }
            }
            across.nowhere.push(nowhere);
            across.differs.push(differs);
        }
        across
    }

    fn differs_between(&self, start: Sides<usize>, end: Sides<usize>) -> bool {
        let surveys = self.surveys.each_ref();
        let between = between(surveys, start, end);
        let open = |side: usize| {
            let own = between[side].as_ref();
            own.is_some_and(|one| one.may_be_open(&self.unsure[side]))
        };
        let alike = match &between {
            [Some(one), Some(other)] => one.alike(surveys[0], other, surveys[1]),
            _ => false,
        };
        !alike || self.beyond && (open(0) || open(1))
    }

    /// Whether it is what lies between the same zones on another port.
    pub(super) fn holds_for(&self, surveys: [&Survey<'_>; 2], beyond: bool) -> bool {
        self.beyond == beyond
            && [0, 1].into_iter().all(|side: usize| {
                Matrix::same(&self.surveys[side], surveys[side])
                    && self.unsure[side] == unsure_crossings(surveys[side])
            })
    }

    /// Whether nothing of a zone comes out at another, in neither fleet.
    pub(super) fn is_nowhere(&self, start: usize, end: usize) -> bool {
        self.nowhere[start].contains(end)
    }

    /// The zones towards which it is not the same, or has to be walked.
    pub(super) fn differing(&self, start: usize) -> &Bits {
        &self.differs[start]
    }
}

/// What lies between two zones, in each fleet that has both.
pub(super) fn between(
    surveys: [&Survey<'_>; 2],
    start: Sides<usize>,
    end: Sides<usize>,
) -> Sides<Between> {
    [0, 1].map(|side: usize| {
        let seat = |zone: usize| surveys[side].fleet.zones.all[zone].seats.start;
        Some(surveys[side].between(seat(start[side]?), seat(end[side]?)))
    })
}

/// What packets cross so that a rule for a group cannot tell who sent them.
fn unsure_crossings(survey: &Survey<'_>) -> BTreeSet<Crossing> {
    let crossings = [Crossing::Peering, Crossing::Transit, Crossing::TransitUnsure];
    let unsure = |crossing: &Crossing| {
        let mut rules = survey.forward.references();
        rules.any(|rule| rule.of_sender(*crossing) == Test::Open)
    };
    crossings.into_iter().filter(unsure).collect()
}
