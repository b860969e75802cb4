//! The words that explain a guard.

use crate::answer::{Assumption, Location, ResourceRef, RuleId};
use crate::network::At;

/// Why a guard lets a packet through or stops it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The resource that decides.
    pub resource: ResourceRef,
    /// How, in words that follow the resource's name: `allows tcp 443 to 0.0.0.0/0`.
    pub what: String,
    /// The rule of AWS that applies.
    pub rule: RuleId,
    /// Where it was stated.
    pub location: Option<Location>,
    /// The open point it rests on.
    pub assumption: Option<Assumption>,
}

impl Note {
    /// A note without an assumption.
    pub(super) fn new(
        resource: ResourceRef,
        what: impl Into<String>,
        rule: &'static str,
        at: Option<&At>,
    ) -> Self {
        Self {
            resource,
            what: what.into(),
            rule: RuleId::new(rule),
            location: at.map(location),
            assumption: None,
        }
    }

    /// The same note, resting on an open point.
    pub(super) fn assuming(
        mut self,
        name: &'static str,
        value: &'static str,
        rule: &'static str,
    ) -> Self {
        self.assumption =
            Some(Assumption { name: name.into(), value: value.into(), rule: RuleId::new(rule) });
        self
    }
}

fn location(at: &At) -> Location {
    Location { file: at.file.clone(), line: at.line, column: at.column }
}
