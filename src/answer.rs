//! Questions and answers: what is asked, what came out, and the evidence for it.
//!
//! These types name resources by kind and text, so that they can be printed, saved and compared
//! without the network they speak of.

mod concern;
mod evidence;
mod flow;
mod outcome;
mod query;
mod verdict;

pub use concern::{Concern, Severity};
pub use evidence::{
    Assumption, Blocker, Code, Direction, Finding, Hop, Location, Missing, NameAnswer, ResourceRef,
    RuleId,
};
pub use flow::{Flow, Party};
pub use outcome::{Outcome, Stop};
pub use query::{Expectation, Place, PlaceSyntax, Query, QuerySyntaxError};
pub use verdict::{Answer, End, Failure, QueryAnswer, Verdict};
