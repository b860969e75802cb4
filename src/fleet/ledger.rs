//! What counting needs of each zone and each filter.

use super::Survey;
use super::admits::Admits;
use super::classes::Class;

/// What counting needs.
#[derive(Clone, Debug)]
pub(super) struct Ledger {
    /// Whom the filters admit, by slot.
    pub(super) senders: Vec<Option<Admits>>,
    pub(super) receivers: Vec<Option<Admits>>,
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
        let slots = self.fleet.surroundings.slots.len();
        let mut ledger = Ledger {
            senders: vec![None; slots],
            receivers: vec![None; slots],
            free: vec![0; zones.len()],
            free_before: vec![0; zones.seats.len() + 1],
            into: vec![Vec::new(); zones.len()],
            hosts: vec![0; zones.len()],
            group: Vec::with_capacity(zones.len()),
            varied: false,
        };
        for around in &self.fleet.surroundings.all {
            if let Some(slot) = around.egress {
                let own = &mut ledger.receivers[slot as usize];
                own.get_or_insert_with(|| Admits::of_receivers(self, self.forward.get(slot)));
            }
            if let Some(slot) = around.ingress {
                let own = &mut ledger.senders[slot as usize];
                own.get_or_insert_with(|| Admits::of_senders(self, self.forward.get(slot)));
            }
        }
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
        self.senders[slot? as usize].as_ref()
    }

    /// Whom the groups of those who reach admit.
    pub(super) fn receiver(&self, slot: Option<u32>) -> Option<&Admits> {
        self.receivers[slot? as usize].as_ref()
    }

    /// Whether the groups of a class let out everything.
    pub(super) fn is_free(&self, survey: &Survey<'_>, class: &Class) -> bool {
        self.receiver(survey.around(class.seat).egress).is_none_or(|admits| admits.everybody)
    }
}
