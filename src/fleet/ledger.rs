//! What counting needs of each zone and each filter.

use super::Survey;
use super::admits::Admits;
use super::classes::Class;
use super::hosts::number;
use super::sweep::MANY;
use crate::threads;
use std::sync::Arc;

/// Whom the filters admit, by slot.
#[derive(Clone, Debug, Default)]
pub(super) struct Filters {
    senders: Vec<Option<Arc<Admits>>>,
    receivers: Vec<Option<Arc<Admits>>>,
    /// Whether nobody knows if they admit some whom they name.
    pub(super) unsure: bool,
}

impl Filters {
    pub(super) fn new(survey: &Survey<'_>) -> Self {
        Self::default().filled(survey)
    }

    /// The same for another survey, as far as its guards say the same.
    pub(super) fn turned(&self, survey: &Survey<'_>, before: &Survey<'_>) -> Self {
        let same = |slot: usize| Arc::ptr_eq(&survey.forward.0[slot], &before.forward.0[slot]);
        let kept = |all: &[Option<Arc<Admits>>]| {
            let kept = all.iter().enumerate().map(|(slot, own)| own.clone().filter(|_| same(slot)));
            kept.collect()
        };
        Self { senders: kept(&self.senders), receivers: kept(&self.receivers), unsure: false }
            .filled(survey)
    }

    fn filled(mut self, survey: &Survey<'_>) -> Self {
        let slots = survey.fleet.surroundings.slots.len();
        self.senders.resize(slots, None);
        self.receivers.resize(slots, None);
        let surroundings = &survey.fleet.surroundings;
        let all: Vec<u32> = (0..number(slots)).collect();
        let filters = threads::map(&all, MANY, |&slot| {
            let sweep = survey.forward.get(slot);
            let known = |all: &[Option<Arc<Admits>>]| all[slot as usize].clone();
            let senders = || Arc::new(Admits::of_senders(survey, sweep));
            let receivers = || Arc::new(Admits::of_receivers(survey, sweep));
            let lets_in = !surroundings.letting_in(slot).is_empty();
            let lets_out = !surroundings.letting_out(slot).is_empty();
            (
                known(&self.senders).or_else(|| lets_in.then(senders)),
                known(&self.receivers).or_else(|| lets_out.then(receivers)),
            )
        });
        (self.senders, self.receivers) = filters.into_iter().unzip();
        self.unsure = self.senders.iter().flatten().any(|admits| admits.unsure());
        self
    }
}

/// What counting needs.
#[derive(Clone, Debug)]
pub(super) struct Ledger {
    /// Whom the filters admit.
    pub(super) filters: Arc<Filters>,
    /// How many hosts there are of each zone whose groups let out everything.
    pub(super) free: Vec<u64>,
    /// The same up to each seat.
    pub(super) free_before: Vec<u32>,
    /// The hosts of each zone whose groups let in something, by who does.
    pub(super) into: Vec<Vec<(Option<u32>, u64)>>,
    /// The hosts of each zone that are not odd.
    pub(super) hosts: Vec<u64>,
    pub(super) group: Vec<u32>,
    /// Whether there are hosts whose groups let out something, and not everything.
    pub(super) varied: bool,
}

impl Survey<'_> {
    /// Sums up what counting needs, with hosts in groups.
    pub(super) fn ledger(&self, group: &[u32]) -> Ledger {
        let zones = &self.fleet.zones;
        let mut ledger = Ledger {
            filters: Arc::clone(self.filters()),
            free: vec![0; zones.len()],
            free_before: vec![0; zones.seats.len() + 1],
            into: vec![Vec::new(); zones.len()],
            hosts: vec![0; zones.len()],
            group: Vec::with_capacity(zones.len()),
            varied: false,
        };
        let mut free = vec![false; zones.seats.len()];
        for (zone, facts) in zones.all.iter().enumerate() {
            let mut of_zone = 0;
            for seat in &zones.seats[facts.seats.start as usize..facts.seats.end as usize] {
                of_zone = seat.host.map_or(of_zone, |host| group[host as usize]);
            }
            ledger.group.push(of_zone);
            for class in self.classes.of_zone(zone).filter(|class| !class.odd) {
                ledger.hosts[zone] += class.count();
                if class.sends && ledger.is_free(self, class) {
                    ledger.free[zone] += class.count();
                    self.classes.seats(class).iter().for_each(|&seat| free[seat as usize] = true);
                } else {
                    ledger.varied |= class.sends;
                }
                if class.takes {
                    let slot = self.around(class.seat).ingress;
                    let own = &mut ledger.into[zone];
                    match own.iter_mut().find(|(other, _)| *other == slot) {
                        Some((_, count)) => *count += class.count(),
                        None => own.push((slot, class.count())),
                    }
                }
            }
        }
        for (seat, free) in free.into_iter().enumerate() {
            ledger.free_before[seat + 1] = ledger.free_before[seat] + u32::from(free);
        }
        ledger
    }
}

impl Ledger {
    /// Whom the groups of those who are reached admit.
    pub(super) fn sender(&self, slot: Option<u32>) -> Option<&Admits> {
        self.filters.senders[slot? as usize].as_deref()
    }

    /// Whom the groups of those who reach admit.
    pub(super) fn receiver(&self, slot: Option<u32>) -> Option<&Admits> {
        self.filters.receivers[slot? as usize].as_deref()
    }

    /// Whether the groups of a class let out everything.
    pub(super) fn is_free(&self, survey: &Survey<'_>, class: &Class) -> bool {
        self.receiver(survey.around(class.seat).egress).is_none_or(|admits| admits.everybody)
    }
}
