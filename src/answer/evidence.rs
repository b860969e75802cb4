//! What an answer rests on.

use super::Failure;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// A resource, by kind and text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
pub struct ResourceRef {
    /// The kind's word: `security-group`, `service`, `internet`.
    pub kind: Cow<'static, str>,
    /// Its id: AWS's own in a snapshot, the author's name in a scenario.
    pub id: String,
    /// Its name, when it has one that differs from the id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl ResourceRef {
    /// A reference; a name equal to the id is left out.
    pub fn new(kind: impl Into<Cow<'static, str>>, id: &str, name: Option<&str>) -> Self {
        let name = name.filter(|name| !name.is_empty() && *name != id).map(str::to_owned);
        Self { kind: kind.into(), id: id.to_owned(), name }
    }

    /// The name, or else the id.
    #[must_use]
    pub fn label(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.id)
    }
}

/// Where something was stated.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
pub struct Location {
    /// The file, as the user named it.
    pub file: Arc<str>,
    /// One-based.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// One-based.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        match self.line {
            Some(line) => write!(f, ":{line}"),
            None => Ok(()),
        }
    }
}

/// An explanation code: AWS Reachability Analyzer's where it has one, else one of ours in the same
/// style. `models/codes.tsv` lists them all.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Code(pub Cow<'static, str>);

impl Code {
    /// A code from the source.
    #[must_use]
    pub const fn new(code: &'static str) -> Self {
        Self(Cow::Borrowed(code))
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The rule of AWS's behaviour that was applied: `RT-04`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct RuleId(pub Cow<'static, str>);

impl RuleId {
    /// A rule from the source.
    #[must_use]
    pub const fn new(rule: &'static str) -> Self {
        Self(Cow::Borrowed(rule))
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Which way a packet goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// The request.
    Forward,
    /// The reply.
    Return,
}

/// One step that let the packet through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
pub struct Hop {
    /// The resource it passed.
    pub resource: ResourceRef,
    /// The route, rule or setting that let it, in words: `allows tcp 443 to 0.0.0.0/0`.
    pub what: String,
    /// The rule of AWS that applies.
    pub rule: RuleId,
    /// Where that was stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
}

/// One thing that stops the packet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
pub struct Blocker {
    /// Which way the packet was going.
    pub direction: Direction,
    /// Why, as a code.
    pub code: Code,
    /// The resource that stops it.
    pub resource: ResourceRef,
    /// Why, in words: `has no route for it`.
    pub what: String,
    /// The rule of AWS that applies.
    pub rule: RuleId,
    /// Where that was stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// How the client sees it fail.
    pub failure: Failure,
    /// What the client, ECS or the load balancer would show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub symptom: Option<String>,
}

/// A fact that would settle the answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
pub struct Missing {
    /// What is missing, in words.
    pub fact: String,
    /// The AWS CLI command that supplies it, when there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
}

/// Something worth knowing that is not a packet's fate.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
pub struct Finding {
    /// What, as a code.
    pub code: Code,
    /// What, in words.
    pub text: String,
}

/// An open point of the rules that the verdict rests on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
pub struct Assumption {
    /// Its name.
    pub name: Cow<'static, str>,
    /// The value assumed.
    pub value: Cow<'static, str>,
    /// The rule that leaves it open.
    pub rule: RuleId,
}

/// How a name became addresses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
pub struct NameAnswer {
    /// The host name that was looked up.
    pub name: String,
    /// What the VPC's resolver answers, and why, in words.
    pub what: String,
    /// The rule of AWS that applies.
    pub rule: RuleId,
}
