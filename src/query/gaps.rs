//! Why a fact is missing, where the capture itself says so.

use super::World;
use crate::answer::Missing;
use std::collections::BTreeSet;

/// What to do where templates do not hold something.
const NO_TEMPLATE: &str = " (in no template here: add the template that makes it, or take a capture of the account once it is deployed)";

impl World {
    /// Adds to a missing fact why the capture does not have it: which IAM action to grant, mostly.
    pub(crate) fn explain_missing(&self, missing: &mut Missing) {
        if self.network.planned {
            // Nobody can ask AWS for what is not there yet.
            if missing.command.take().is_some() {
                missing.fact.push_str(NO_TEMPLATE);
            }
            return;
        }
        let Some(command) = missing.command.as_deref() else { return };
        let call = command.split(' ').skip(1).take(2).collect::<Vec<_>>().join(" ");
        let whys: BTreeSet<&str> = self
            .network
            .gaps
            .iter()
            .filter(|gap| gap.call == call)
            .map(|gap| gap.why.as_str())
            .collect();
        let mut whys = whys.into_iter();
        let Some(first) = whys.next() else { return };
        missing.fact.push_str(&format!(" ({first}"));
        match whys.count() {
            0 => missing.fact.push(')'),
            more => missing.fact.push_str(&format!(", and {more} more)")),
        }
    }
}
