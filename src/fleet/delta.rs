//! What an edit did to pairs.

use super::pair::Fate;

/// Pairs that fare otherwise than before an edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shift {
    /// One of the clients, by its position among the fleet's hosts.
    pub from: usize,
    /// One of the servers.
    pub to: usize,
    /// How many pairs no rule tells from this one.
    pub pairs: u64,
    /// How they fared.
    pub before: Fate,
    /// How they fare.
    pub after: Fate,
}

/// What an edit did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delta {
    /// The pairs that fare otherwise.
    pub shifts: Vec<Shift>,
}

impl Delta {
    /// How many pairs reach each other that did not.
    #[must_use]
    pub fn opened(&self) -> u64 {
        self.sum(|one| one.after == Fate::Reachable)
    }

    /// How many pairs do not reach each other that did.
    #[must_use]
    pub fn closed(&self) -> u64 {
        self.sum(|one| one.before == Fate::Reachable)
    }

    fn sum(&self, meant: impl Fn(&Shift) -> bool) -> u64 {
        self.shifts.iter().filter(|one| meant(one)).map(|one| one.pairs).sum()
    }
}
