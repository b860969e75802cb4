//! Two networks side by side: which verdicts differ, which resources do, which of these explain
//! which of those, and which pairs of interfaces fare otherwise.

mod changes;
mod explain;
mod flips;
mod names;
mod pairs;

pub use changes::{Change, Changed, changes, notes};
pub use explain::{Explanation, explain};
pub use flips::{Asked, Cause, Flip, Flips, Side, Subject, Turn, asked, checked, flips, subject};
pub use names::by_names;
pub use pairs::{
    Counted, Given, LOOKS, NotWalked, PairChanges, PairFate, PairTurn, PairsBetween, pair_changes,
};
