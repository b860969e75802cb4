//! What a service's own settings bring about, besides the fate of packets.

use super::{Code, Location, ResourceRef, RuleId};
use serde::{Deserialize, Serialize};

/// How bad a concern is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; it may well be meant.
    Note,
    /// Something is likely to fail, or works only in part.
    Warning,
    /// AWS refuses it, or no task can start or be reached with it.
    Stops,
}

/// What follows from a setting and from no packet: a full subnet, a target type that does not fit.
/// Never a verdict about the network (`CONFIG(…)` in the words of the rules).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
pub struct Concern {
    /// How bad it is.
    pub severity: Severity,
    /// Why, as a code of `models/codes.tsv`.
    pub code: Code,
    /// The resource whose setting it is.
    pub resource: ResourceRef,
    /// What it brings about, in words that follow the resource: `has no free address`.
    pub what: String,
    /// The rule of AWS that applies.
    pub rule: RuleId,
    /// Where the setting was stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
}
