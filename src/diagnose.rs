//! Symptoms held against the model: what ECS, a load balancer or a container said, what that means,
//! and whether the network explains it.

mod access_log;
mod documents;
mod hold;
mod reading;
mod recognise;
mod select;
mod service;
mod wording;

pub use hold::{Held, diagnose};
pub use reading::{SymptomError, read};

use crate::answer::{Concern, Missing, ResourceRef, RuleId};
use crate::check::CheckedFlow;
use crate::models::{Advice, FailureKind, FailureStage};

/// What was seen of a failure.
#[derive(Clone, Debug, PartialEq)]
pub struct Symptom {
    /// What was said.
    pub said: String,
    /// What said it, where that is known: `task 0a1b`.
    pub by: Option<String>,
    /// What was going on.
    pub stage: &'static FailureStage,
    /// Why it failed, where the words tell.
    pub kind: Option<&'static FailureKind>,
    /// The exit codes of containers that ended, by container.
    pub exits: Vec<(String, i32)>,
    /// To what it belongs, as far as it says so.
    pub of: Belongs,
    /// How often it was seen.
    pub times: usize,
}

/// To what a symptom belongs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Belongs {
    /// The name of the service.
    pub service: Option<String>,
    /// The ARN or the name of the target group.
    pub target_group: Option<String>,
    /// The subnet of the task.
    pub subnet: Option<String>,
}

/// What a symptom comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Judgement {
    /// The network is not what it shows: the field to look at is another one.
    Cleared,
    /// Something that would settle it is missing.
    Undecided,
    /// The symptom cannot be, if what is proven is true.
    Contradicted,
    /// A flow that is blocked explains it.
    Explained,
}

/// What is known of the network that the symptom speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Network {
    /// It lets the packets through.
    Proven,
    /// It does not.
    Blocked,
    /// That is not known.
    Unknown,
}

/// A symptom, and what it comes to.
#[derive(Clone, Debug)]
pub struct Diagnosis {
    /// The symptom.
    pub symptom: Symptom,
    /// The service that it was held against; `None` when it was held against none.
    pub service: Option<ResourceRef>,
    /// What it comes to.
    pub judgement: Judgement,
    /// What is known of the network.
    pub network: Network,
    /// Why, in sentences.
    pub reasons: Vec<String>,
    /// The flows that decide it: those that explain it, contradict it or clear it.
    pub flows: Vec<CheckedFlow>,
    /// What fails as well and will show once this is gone (RUN-03).
    pub next: Vec<String>,
    /// What is missing.
    pub missing: Vec<Missing>,
    /// The settings of the service that have to do with it.
    pub concerns: Vec<Concern>,
    /// Where to look.
    pub advice: Option<Advice>,
    /// The rules that it rests on.
    pub rules: Vec<RuleId>,
}
