//! Two networks side by side: which verdicts differ, which resources do, and which of these explain
//! which of those.

mod changes;
mod explain;
mod flips;
mod names;

pub use changes::{Change, Changed, changes, notes};
pub use explain::{Explanation, explain};
pub use flips::{Asked, Cause, Flip, Flips, Side, Subject, Turn, asked, checked, flips, subject};
pub use names::by_names;
