//! Verdicts and the answers that carry them.

use super::{Assumption, Blocker, Finding, Hop, Missing, NameAnswer, ResourceRef};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What is proven of a flow, or of several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Every packet of the flow arrives, and so does every reply.
    Reachable,
    /// None does.
    Blocked,
    /// Some fail: some addresses, ports, zones, subnets or load-balancer nodes.
    Intermittent,
    /// Nothing is known to fail, but something needed for the proof is missing.
    Unknown,
}

impl Verdict {
    /// The verdict on several flows that all have to pass: what all agree on; `intermittent` when
    /// some fail and some do not; `unknown` when none is known to fail but some are unknown.
    #[must_use]
    pub fn of_all(verdicts: impl IntoIterator<Item = Self>) -> Self {
        let mut verdicts = verdicts.into_iter();
        let Some(first) = verdicts.next() else { return Self::Unknown };
        verdicts.fold(first, |all, next| match (all, next) {
            (a, b) if a == b => a,
            (Self::Reachable, Self::Unknown) | (Self::Unknown, Self::Reachable) => Self::Unknown,
            _ => Self::Intermittent,
        })
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Reachable => "reachable",
            Self::Blocked => "blocked",
            Self::Intermittent => "intermittent",
            Self::Unknown => "unknown",
        })
    }
}

impl std::str::FromStr for Verdict {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Reachable, Self::Blocked, Self::Intermittent, Self::Unknown]
            .into_iter()
            .find(|verdict| verdict.to_string() == text)
            .ok_or_else(|| {
                format!("`{text}` is no verdict: reachable, blocked, intermittent or unknown")
            })
    }
}

/// How a blocked flow fails, as its client sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Failure {
    /// Silently lost: the client times out (PW-11).
    Dropped,
    /// Answered with a reset at once (PW-12).
    Refused,
    /// Taken by a proxy in the task that finds nobody to hand it to (CTR-22).
    #[serde(rename = "not passed on")]
    NotPassedOn,
    /// Not sent at all: the client has no address of that family, and fails at once (PW-16). Or a
    /// router says at once that it has no route, where one is taken to (PW-11).
    Unreachable,
    /// The name gives no usable address.
    #[serde(rename = "no name")]
    NoName,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dropped => "dropped",
            Self::Refused => "refused",
            Self::NotPassedOn => "not passed on",
            Self::Unreachable => "unreachable",
            Self::NoName => "no name",
        })
    }
}

/// One end of a flow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
pub struct End {
    /// The resource, service or place.
    pub resource: ResourceRef,
    /// The subnet it is in, when it is in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subnet: Option<ResourceRef>,
    /// Its addresses, as prefixes, ranges, or in words where they cannot be listed.
    pub addresses: String,
    /// Its port; `None` at the client's end, and where it may be any of several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// Its ports, where it may be any of several: `32768-60999`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ports: Option<String>,
}

/// The answer for one placement and one group of resolved addresses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
pub struct Answer {
    /// The client.
    pub source: End,
    /// The server.
    pub destination: End,
    /// How the name in the query became addresses, when it held one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<NameAnswer>,
    /// What is proven.
    pub verdict: Verdict,
    /// How it fails, when it is blocked or intermittent.
    pub failure: Option<Failure>,
    /// The way of the request, as far as it gets.
    pub hops: Vec<Hop>,
    /// The way of the reply, as far as it gets.
    pub return_hops: Vec<Hop>,
    /// Everything that stops it, first one first.
    pub blockers: Vec<Blocker>,
    /// Facts that are missing for a proof.
    pub missing: Vec<Missing>,
    /// What is worth knowing beside the verdict.
    pub findings: Vec<Finding>,
    /// The open points that the verdict rests on.
    pub assumptions: Vec<Assumption>,
    /// When only some headers fail, which: `client ports 32768-49151`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fails_for: Vec<String>,
}

/// The answer to a query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
pub struct QueryAnswer {
    /// The query, in its normal form: `task-eni -> ecr.dkr:443`.
    pub query: String,
    /// The verdict on all answers together.
    pub verdict: Verdict,
    /// One per placement and group of resolved addresses.
    pub answers: Vec<Answer>,
}

#[cfg(test)]
mod tests {
    use super::Verdict::{self, *};

    #[test]
    fn a_verdict_on_several_flows_never_hides_a_failure() {
        assert_eq!(Verdict::of_all([Reachable, Reachable]), Reachable);
        assert_eq!(Verdict::of_all([Blocked, Blocked]), Blocked);
        assert_eq!(Verdict::of_all([Reachable, Blocked]), Intermittent);
        assert_eq!(Verdict::of_all([Reachable, Unknown]), Unknown);
        assert_eq!(Verdict::of_all([Unknown, Blocked]), Intermittent);
        assert_eq!(Verdict::of_all([Reachable, Intermittent]), Intermittent);
        assert_eq!(Verdict::of_all([]), Unknown);
    }
}
