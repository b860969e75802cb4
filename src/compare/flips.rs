//! Which verdicts differ.

use crate::answer::{Answer, Query, QueryAnswer, Verdict};
use crate::check::{Check, CheckedFlow, Role};
use crate::ecs::Weight;
use crate::query::{AskError, World};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What a verdict is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    /// The service that a check asks for; nothing for a question of a person's own.
    pub service: Option<String>,
    /// What the flow is for: `start`, `load-balancer`, `expectation`, `query`, …
    pub role: &'static str,
    /// What is reached, who comes, or the question.
    pub what: String,
    /// What asks for it.
    pub why: String,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.service, self.role) {
            (None, _) => f.write_str(&self.what),
            (Some(service), "load-balancer" | "clients") => {
                write!(f, "{} → {service}", self.what)
            }
            (Some(service), _) => write!(f, "{service} → {}", self.what),
        }
    }
}

/// Why a flow fails, or what is missing to tell.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cause {
    /// The first blocker's code; nothing for what is not known.
    pub code: Option<String>,
    /// The blocker's resource: its kind and label.
    pub resource: Option<(String, String)>,
    /// What it says, or the missing fact.
    pub what: String,
}

/// A verdict, and what it rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// The verdict; nothing where the question could not be asked.
    pub verdict: Option<Verdict>,
    /// Why it is not reachable, for every placement; or why it could not be asked.
    pub causes: BTreeSet<Cause>,
}

/// Every verdict of a network.
pub type Asked = BTreeMap<Subject, Side>;

/// How a verdict turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Turn {
    /// It was not reachable, and is.
    Opened,
    /// It was reachable, and fails, everywhere or somewhere.
    Closed,
    /// It was known, and is not, or the other way round.
    Known,
    /// It fails otherwise than before.
    Cause,
    /// The question is new.
    Appeared,
    /// The question is gone.
    Gone,
}

impl Turn {
    /// The turn in a word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Closed => "closed",
            Self::Known => "changed",
            Self::Cause => "other cause",
            Self::Appeared => "new",
            Self::Gone => "gone",
        }
    }
}

/// A verdict that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flip {
    /// What it is about.
    pub subject: Subject,
    /// How it turns.
    pub turn: Turn,
    /// Before; nothing where the question is new.
    pub before: Option<Side>,
    /// After; nothing where the question is gone.
    pub after: Option<Side>,
}

/// Every verdict that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flips {
    /// Those that differ: what opens first, then what closes.
    pub flips: Vec<Flip>,
    /// How many stay as they are.
    pub same: usize,
}

/// The verdicts of a check.
#[must_use]
pub fn checked(check: &Check) -> Asked {
    let mut all = Asked::new();
    for service in &check.services {
        for flow in &service.flows {
            put(&mut all, subject(service.service.label(), flow), of_flow(flow));
        }
    }
    for one in &check.expectations {
        let subject = subject_of(&one.expectation.query, "expectation");
        put(&mut all, subject, of_result(&one.result));
    }
    all
}

/// What a service's flow is about.
#[must_use]
pub fn subject(service: &str, flow: &CheckedFlow) -> Subject {
    Subject {
        service: Some(service.to_owned()),
        role: role(flow),
        what: flow.what.clone(),
        why: flow.why.clone(),
    }
}

/// The verdicts on questions.
#[must_use]
pub fn asked(world: &World, queries: &[Query]) -> Asked {
    let mut all = Asked::new();
    for query in queries {
        all.insert(subject_of(query, "query"), of_result(&world.ask(query)));
    }
    all
}

/// What differs between the verdicts of two networks.
#[must_use]
pub fn flips(before: &Asked, after: &Asked) -> Flips {
    let subjects: BTreeSet<&Subject> = before.keys().chain(after.keys()).collect();
    let (mut flips, mut same) = (Vec::new(), 0);
    for subject in subjects {
        let (one, other) = (before.get(subject), after.get(subject));
        match turn(one, other) {
            Some(turn) => flips.push(Flip {
                subject: subject.clone(),
                turn,
                before: one.cloned(),
                after: other.cloned(),
            }),
            None => same += 1,
        }
    }
    flips.sort_by(|a, b| (a.turn, &a.subject).cmp(&(b.turn, &b.subject)));
    Flips { flips, same }
}

fn turn(before: Option<&Side>, after: Option<&Side>) -> Option<Turn> {
    use Verdict::{Blocked, Intermittent, Reachable};
    let (Some(before), Some(after)) = (before, after) else {
        return Some(if before.is_some() { Turn::Gone } else { Turn::Appeared });
    };
    match (before.verdict, after.verdict) {
        (a, b) if a == b => (before.causes != after.causes).then_some(Turn::Cause),
        (_, Some(Reachable)) => Some(Turn::Opened),
        (Some(Reachable), Some(Blocked | Intermittent)) => Some(Turn::Closed),
        (Some(Blocked | Intermittent), Some(Blocked | Intermittent)) => Some(Turn::Cause),
        _ => Some(Turn::Known),
    }
}

/// The same question may be asked twice, for two reasons told alike.
fn put(all: &mut Asked, mut subject: Subject, side: Side) {
    let what = subject.what.clone();
    let mut number = 2;
    while all.contains_key(&subject) {
        subject.what = format!("{what} ({number})");
        number += 1;
    }
    all.insert(subject, side);
}

fn subject_of(query: &Query, role: &'static str) -> Subject {
    Subject { service: None, role, what: query.to_string(), why: String::new() }
}

fn role(flow: &CheckedFlow) -> &'static str {
    match flow.role {
        Role::Start(_, Weight::StartCritical) => "start",
        Role::Start(_, Weight::Degraded) => "degraded",
        Role::Start(_, Weight::OnDemand) => "on-demand",
        Role::Start(_, Weight::Application) => "application",
        Role::Start(_, Weight::Possible) => "possible",
        Role::Leg => "load-balancer",
        Role::Clients => "clients",
    }
}

fn of_flow(flow: &CheckedFlow) -> Side {
    let mut causes = causes(&flow.answers);
    let missing = flow.missing.iter();
    causes.extend(missing.map(|one| unknown(&one.fact)));
    Side { verdict: Some(flow.verdict), causes }
}

fn of_result(result: &Result<QueryAnswer, AskError>) -> Side {
    match result {
        Ok(answer) => Side { verdict: Some(answer.verdict), causes: causes(&answer.answers) },
        Err(error) => Side { verdict: None, causes: BTreeSet::from([unknown(&error.message)]) },
    }
}

fn unknown(what: &str) -> Cause {
    Cause { code: None, resource: None, what: what.to_owned() }
}

/// The first blocker of each answer that fails; of one that is unknown, what is missing.
fn causes(answers: &[Answer]) -> BTreeSet<Cause> {
    let mut causes = BTreeSet::new();
    for answer in answers {
        match answer.verdict {
            Verdict::Reachable => {}
            Verdict::Unknown => {
                causes.extend(answer.missing.iter().map(|missing| unknown(&missing.fact)));
            }
            Verdict::Blocked | Verdict::Intermittent => {
                causes.extend(answer.blockers.first().map(|blocker| Cause {
                    code: Some(blocker.code.to_string()),
                    resource: Some((
                        blocker.resource.kind.to_string(),
                        blocker.resource.label().to_owned(),
                    )),
                    what: blocker.what.clone(),
                }));
            }
        }
    }
    causes
}
