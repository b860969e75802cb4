//! Where packets come out, for every zone that they start from.

use super::bits::Bits;
use crate::graph::Crossing;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Where the packets of one zone come out, by the zone that they are for. Those for other zones
/// are stopped on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// The zones whose wire they reach, by what they cross.
    pub(super) delivered: BTreeMap<Crossing, Bits>,
    /// Those on whose way it is surely not known how to go on.
    pub(super) unknown: Bits,
    /// Those on whose way there is more than this engine follows.
    pub(super) open: Bits,
}

/// What a row says of one zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Come {
    Delivered(Crossing),
    Unknown,
    Open,
    Stopped,
}

impl Row {
    pub(super) fn none(zones: usize) -> Self {
        let none = || Bits::none(zones);
        Self { delivered: BTreeMap::new(), unknown: none(), open: none() }
    }

    pub(super) fn of(&self, zone: usize) -> Come {
        if self.open.contains(zone) {
            return Come::Open;
        }
        if self.unknown.contains(zone) {
            return Come::Unknown;
        }
        let found = self.delivered.iter().find(|(_, bits)| bits.contains(zone));
        found.map_or(Come::Stopped, |(&crossing, _)| Come::Delivered(crossing))
    }

    /// The zones that are not stopped.
    pub(super) fn any(&self) -> Bits {
        let mut all = self.open.clone();
        all.add(&self.unknown);
        self.delivered.values().for_each(|bits| all.add(bits));
        all
    }

    /// The part for some zones.
    pub(super) fn kept(mut self, zones: &Bits) -> Self {
        self.delivered.values_mut().for_each(|bits| bits.keep(zones));
        self.delivered.retain(|_, bits| !bits.is_empty());
        self.unknown.keep(zones);
        self.open.keep(zones);
        self
    }

    /// The same, having crossed something on the way.
    pub(super) fn after(self, crossing: Crossing) -> Self {
        let mut delivered: BTreeMap<Crossing, Bits> = BTreeMap::new();
        for (later, bits) in self.delivered {
            match delivered.entry(later.max(crossing)) {
                std::collections::btree_map::Entry::Occupied(mut own) => own.get_mut().add(&bits),
                std::collections::btree_map::Entry::Vacant(free) => {
                    free.insert(bits);
                }
            }
        }
        Self { delivered, ..self }
    }

    /// Both, which are for different zones.
    pub(super) fn add(&mut self, other: &Self) {
        for (crossing, bits) in &other.delivered {
            match self.delivered.get_mut(crossing) {
                Some(own) => own.add(bits),
                None => {
                    self.delivered.insert(*crossing, bits.clone());
                }
            }
        }
        self.unknown.add(&other.unknown);
        self.open.add(&other.open);
    }

    /// The zones of which two rows do not say the same.
    pub(super) fn differing(&self, other: &Self) -> Bits {
        let mut all = self.unknown.differing(&other.unknown);
        all.add(&self.open.differing(&other.open));
        let crossings: std::collections::BTreeSet<Crossing> =
            self.delivered.keys().chain(other.delivered.keys()).copied().collect();
        for crossing in crossings {
            match (self.delivered.get(&crossing), other.delivered.get(&crossing)) {
                (Some(one), Some(two)) => all.add(&one.differing(two)),
                (Some(one), None) | (None, Some(one)) => all.add(one),
                (None, None) => {}
            }
        }
        all
    }

    /// Gives up on some zones.
    pub(super) fn give_up(&mut self, zones: &Bits) {
        self.delivered.values_mut().for_each(|bits| bits.remove(zones));
        self.unknown.remove(zones);
        self.open.add(zones);
    }
}

/// One row per zone; zones with the same row share it.
#[derive(Clone, Debug)]
pub(super) struct Rows(pub(super) Vec<Arc<Row>>);
