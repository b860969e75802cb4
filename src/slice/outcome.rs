//! What an answer comes down to.

use crate::answer::{Answer, Direction, Failure, QueryAnswer, ResourceRef, Verdict};
use std::collections::BTreeSet;
use std::fmt;

/// One answer's verdict and what it rests on first. A slice keeps all of them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Outcome {
    /// Who asks.
    pub source: ResourceRef,
    /// Who is asked.
    pub destination: ResourceRef,
    /// The verdict.
    pub verdict: Verdict,
    /// How it fails.
    pub failure: Option<Failure>,
    /// What stops it first.
    pub blocker: Option<FirstBlocker>,
    /// What is not known first, where that decides.
    pub missing: Option<String>,
}

/// What stops a packet first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FirstBlocker {
    /// Whether it stops the reply, not the request.
    pub reply: bool,
    /// Why, as a code.
    pub code: String,
    /// Which resource.
    pub resource: ResourceRef,
    /// Why, in words.
    pub what: String,
}

/// What all answers come down to.
pub(super) fn outcomes(answer: &QueryAnswer) -> BTreeSet<Outcome> {
    answer.answers.iter().map(outcome).collect()
}

fn outcome(answer: &Answer) -> Outcome {
    let blocker = answer.blockers.first().map(|one| FirstBlocker {
        reply: one.direction == Direction::Return,
        code: one.code.to_string(),
        resource: one.resource.clone(),
        what: one.what.clone(),
    });
    let missing = answer.missing.first().filter(|_| answer.verdict == Verdict::Unknown);
    Outcome {
        source: answer.source.resource.clone(),
        destination: answer.destination.resource.clone(),
        verdict: answer.verdict,
        failure: answer.failure,
        blocker,
        missing: missing.map(|one| one.fact.clone()),
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { source, destination, verdict, blocker, missing, .. } = self;
        write!(f, "{}/{} -> {}: {verdict}", source.kind, source.label(), destination.label())?;
        if let Some(FirstBlocker { reply, code, resource, what }) = blocker {
            let reply = if *reply { "the reply: " } else { "" };
            write!(f, ", {code}: {reply}{}/{} {what}", resource.kind, resource.label())?;
        }
        match missing {
            Some(fact) => write!(f, ", missing: {fact}"),
            None => Ok(()),
        }
    }
}
