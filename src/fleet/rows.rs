//! Where packets come out, for every zone that they start from.

use super::bits::Bits;
use crate::graph::{Crossing, TranslatorIndex};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Where the packets of one zone come out, by the zone that they are for. Those for other zones
/// are stopped on the way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Row {
    /// The zones whose wire they reach, by what they cross.
    pub(super) delivered: BTreeMap<Crossing, Bits>,
    /// Those on whose way it is surely not known how to go on.
    pub(super) unknown: Bits,
    /// Those that are sent on by a translator in its own name, by which.
    pub(super) via: BTreeMap<TranslatorIndex, Bits>,
    /// Those on whose way there is more than this engine follows.
    pub(super) open: Bits,
    /// Those that fare otherwise when a translator sends them.
    pub(super) by_sender: Bits,
}

/// What a row says of one zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Come {
    Delivered(Crossing),
    Via(TranslatorIndex),
    Unknown,
    Open,
    Stopped,
}

impl Row {
    pub(super) fn of(&self, zone: usize) -> Come {
        if self.open.contains(zone) {
            return Come::Open;
        }
        if self.unknown.contains(zone) {
            return Come::Unknown;
        }
        if let Some((&crossing, _)) = self.delivered.iter().find(|(_, bits)| bits.contains(zone)) {
            return Come::Delivered(crossing);
        }
        let via = self.via.iter().find(|(_, bits)| bits.contains(zone));
        via.map_or(Come::Stopped, |(&translator, _)| Come::Via(translator))
    }

    /// The zones whose wire they surely reach.
    pub(super) fn surely(&self) -> Bits {
        let mut all = Bits::default();
        self.delivered.values().for_each(|bits| all.add(bits));
        all.remove(&self.open);
        all.remove(&self.unknown);
        all
    }

    /// The zones that are not stopped.
    pub(super) fn any(&self) -> Bits {
        let mut all = self.open.clone();
        all.add(&self.unknown);
        self.delivered.values().chain(self.via.values()).for_each(|bits| all.add(bits));
        all
    }

    /// The part for some zones.
    pub(super) fn kept(mut self, zones: &Bits) -> Self {
        self.delivered.values_mut().for_each(|bits| bits.keep(zones));
        self.delivered.retain(|_, bits| !bits.is_empty());
        self.via.values_mut().for_each(|bits| bits.keep(zones));
        self.via.retain(|_, bits| !bits.is_empty());
        self.unknown.keep(zones);
        self.open.keep(zones);
        self.by_sender.keep(zones);
        self
    }

    /// The same, but another for some zones.
    pub(super) fn with(&self, zones: &Bits, other: &Self) -> Self {
        let mut row = self.clone();
        row.delivered.values_mut().for_each(|bits| bits.remove(zones));
        row.delivered.retain(|_, bits| !bits.is_empty());
        row.via.values_mut().for_each(|bits| bits.remove(zones));
        row.via.retain(|_, bits| !bits.is_empty());
        row.unknown.remove(zones);
        row.open.remove(zones);
        row.by_sender.remove(zones);
        row.add(other);
        row
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

    /// Adds zones whose wire is reached.
    pub(super) fn deliver(&mut self, crossing: Crossing, zones: Bits) {
        match self.delivered.get_mut(&crossing) {
            Some(own) => own.add(&zones),
            None => drop(self.delivered.insert(crossing, zones)),
        }
    }

    /// Adds zones that a translator sends on to.
    pub(super) fn send_by(&mut self, translator: TranslatorIndex, zones: Bits) {
        match self.via.get_mut(&translator) {
            Some(own) => own.add(&zones),
            None => drop(self.via.insert(translator, zones)),
        }
    }

    /// Adds the part of another for some zones, having crossed something before.
    pub(super) fn add_within(&mut self, other: &Self, zones: &Bits, crossing: Crossing) {
        for (later, bits) in other.delivered.iter().filter(|(_, bits)| bits.meets(zones)) {
            let own = self.delivered.entry((*later).max(crossing));
            own.or_default().add_within(bits, zones);
        }
        for (translator, bits) in other.via.iter().filter(|(_, bits)| bits.meets(zones)) {
            self.via.entry(*translator).or_default().add_within(bits, zones);
        }
        self.unknown.add_within(&other.unknown, zones);
        self.open.add_within(&other.open, zones);
        self.by_sender.add_within(&other.by_sender, zones);
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
        for (translator, bits) in &other.via {
            match self.via.get_mut(translator) {
                Some(own) => own.add(bits),
                None => {
                    self.via.insert(*translator, bits.clone());
                }
            }
        }
        self.unknown.add(&other.unknown);
        self.open.add(&other.open);
        self.by_sender.add(&other.by_sender);
    }

    /// The zones of which two rows do not say the same.
    pub(super) fn differing(&self, other: &Self) -> Bits {
        let mut all = self.unknown.differing(&other.unknown);
        all.add(&self.open.differing(&other.open));
        add_differing(&self.delivered, &other.delivered, &mut all);
        add_differing(&self.via, &other.via, &mut all);
        all.add(&self.by_sender.differing(&other.by_sender));
        all
    }

    /// Gives up on some zones.
    pub(super) fn give_up(&mut self, zones: &Bits) {
        self.delivered.values_mut().for_each(|bits| bits.remove(zones));
        self.via.values_mut().for_each(|bits| bits.remove(zones));
        self.unknown.remove(zones);
        self.open.add(zones);
    }
}

/// Adds the zones that two maps do not have under the same key.
fn add_differing<K: Copy + Ord>(one: &BTreeMap<K, Bits>, two: &BTreeMap<K, Bits>, all: &mut Bits) {
    let keys: BTreeSet<K> = one.keys().chain(two.keys()).copied().collect();
    for key in keys {
        match (one.get(&key), two.get(&key)) {
            (Some(one), Some(two)) => all.add(&one.differing(two)),
            (Some(only), None) | (None, Some(only)) => all.add(only),
            (None, None) => {}
        }
    }
}

/// One row per zone; zones with the same row share it.
#[derive(Clone, Debug)]
pub(super) struct Rows(pub(super) Vec<Arc<Row>>);
