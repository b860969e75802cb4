//! Every service and every expectation of a network, held against the model.

mod asking;
mod clients;
mod health;
mod legs;
mod services;
mod starts;

pub use health::{Observed, TargetsHealth};
pub use services::flows;

use crate::answer::{
    Answer, Concern, Expectation, Missing, QueryAnswer, ResourceRef, Severity, Verdict,
};
use crate::ecs::{Platform, Stage, Weight};
use crate::header::Protocol;
use crate::models::service_of_host;
use crate::query::{AskError, World};
use std::collections::BTreeSet;

/// Everything that a check has found.
#[derive(Clone, Debug)]
pub struct Check {
    /// The services, by id.
    pub services: Vec<CheckedService>,
    /// The expectations, in their order.
    pub expectations: Vec<Checked>,
}

/// A service: what its start needs, and who comes to it.
#[derive(Clone, Debug)]
pub struct CheckedService {
    /// The service.
    pub service: ResourceRef,
    /// Its flows: needs in the order in which Fargate would fail, then load balancers.
    pub flows: Vec<CheckedFlow>,
    /// What its load balancers will say of its targets.
    pub health: Vec<TargetsHealth>,
    /// What its settings bring about, the worst first.
    pub concerns: Vec<Concern>,
    /// The zones, or subnets of one zone, whose tasks will not start while others' will (PLC-01).
    pub failing_places: Vec<String>,
}

/// One thing that has to work, for every placement.
#[derive(Clone, Debug)]
pub struct CheckedFlow {
    /// What it is for.
    pub role: Role,
    /// What is reached, or who comes, in a word or two: `ecr.dkr`, `load balancer`.
    pub what: String,
    /// What asks for it.
    pub why: String,
    /// The rule that asks for it.
    pub rule: &'static str,
    /// What is proven of all placements together.
    pub verdict: Verdict,
    /// One per placement and group of addresses; none where it could not be asked.
    pub answers: Vec<Answer>,
    /// What is missing, where it could not be asked.
    pub missing: Option<Missing>,
    /// Whether an expectation that is met states this outcome.
    pub expected: bool,
    /// Whether ECS shows this failure first: the others show once it is gone (RUN-03).
    pub first: bool,
    /// For a need of tasks: where they run.
    pub platform: Option<Platform>,
    /// The protocol of its packets.
    pub protocol: Protocol,
}

/// What a flow is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// The task's start.
    Start(Stage, Weight),
    /// A load balancer that sends traffic or health checks to the tasks.
    Leg,
    /// Clients that come to such a load balancer.
    Clients,
}

/// An expectation and what came out.
#[derive(Clone, Debug)]
pub struct Checked {
    /// What was expected.
    pub expectation: Expectation,
    /// What came out.
    pub result: Result<QueryAnswer, AskError>,
}

/// What a check says in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Everything is as it should be.
    Passed,
    /// Nothing is known to fail, but something is not known.
    Unknown,
    /// Something fails, or an expectation is not met.
    Failed,
    /// An expectation cannot be asked.
    Unusable,
}

impl Checked {
    /// Whether what came out is what was expected.
    #[must_use]
    pub fn met(&self) -> bool {
        self.result.as_ref().is_ok_and(|answer| answer.verdict == self.expectation.verdict)
    }

    /// What it does to the check.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match &self.result {
            Err(_) => Outcome::Unusable,
            Ok(_) if self.met() => Outcome::Passed,
            Ok(_) => Outcome::Failed,
        }
    }
}

impl CheckedFlow {
    /// Whether it is proven to fail, everywhere or somewhere.
    #[must_use]
    pub fn fails(&self) -> bool {
        matches!(self.verdict, Verdict::Blocked | Verdict::Intermittent)
    }

    /// ERR-01: the `stopCode` of tasks that fail for want of it. Without its agent, a host gets no
    /// task that could stop (TSK-08).
    #[must_use]
    pub fn stop_code(&self) -> Option<&'static str> {
        match self.role {
            Role::Start(stage, Weight::StartCritical)
                if self.fails() && stage != Stage::Agent && stage != Stage::NotModelled =>
            {
                Some("TaskFailedToStart")
            }
            _ => None,
        }
    }

    /// What it does to the check.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        if self.expected { Outcome::Passed } else { self.proven() }
    }

    /// What it is, whatever was expected.
    fn proven(&self) -> Outcome {
        match (self.verdict, self.role) {
            (Verdict::Reachable, _) => Outcome::Passed,
            // Nothing states that it is needed.
            (_, Role::Start(_, Weight::Possible)) | (Verdict::Unknown, _) => Outcome::Unknown,
            (Verdict::Blocked | Verdict::Intermittent, _) => Outcome::Failed,
        }
    }
}

impl CheckedService {
    /// What is proven of its start: of everything that its tasks cannot start without, at every
    /// placement.
    #[must_use]
    pub fn starts(&self) -> Outcome {
        let needed = |weight| matches!(weight, Weight::StartCritical | Weight::Possible);
        let flows = self.worst(|role| matches!(role, Role::Start(_, weight) if needed(weight)));
        flows.max(self.settings())
    }

    /// What its settings come to.
    fn settings(&self) -> Outcome {
        match self.concerns.iter().any(|concern| concern.severity == Severity::Stops) {
            true => Outcome::Failed,
            false => Outcome::Passed,
        }
    }

    /// What is proven of its load balancers; `None` where it has none.
    #[must_use]
    pub fn is_reached(&self) -> Option<Outcome> {
        let of = |role| matches!(role, Role::Leg | Role::Clients);
        let any = self.flows.iter().any(|flow| of(flow.role));
        any.then(|| self.worst(of))
    }

    fn worst(&self, of: impl Fn(Role) -> bool) -> Outcome {
        let flows = self.flows.iter().filter(|flow| of(flow.role));
        flows.map(CheckedFlow::proven).max().unwrap_or(Outcome::Passed)
    }
}

impl Check {
    /// The worst of everything.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        let flows = self.services.iter().flat_map(|service| &service.flows);
        let flows = flows.map(CheckedFlow::outcome);
        let settings = self.services.iter().map(CheckedService::settings);
        let expected = self.expectations.iter().map(Checked::outcome);
        flows.chain(settings).chain(expected).max().unwrap_or(Outcome::Passed)
    }
}

/// Checks every service, and asks every expectation's question.
#[must_use]
pub fn check(world: &World, expected: &[Expectation]) -> Check {
    let expectations = expectations(world, expected);
    let met: Vec<(Ends<'_>, Verdict)> = expectations
        .iter()
        .filter(|one| one.met())
        .filter_map(|one| one.result.as_ref().ok())
        .map(|answer| (ends(&answer.answers), answer.verdict))
        .collect();
    let mut services = services::checked(world);
    for flow in services.iter_mut().flat_map(|service| &mut service.flows) {
        flow.expected =
            !flow.answers.is_empty() && met.contains(&(ends(&flow.answers), flow.verdict));
        if let Some(missing) = &mut flow.missing {
            world.explain_missing(missing);
        }
    }
    Check { services, expectations }
}

/// Asks every expectation's question.
#[must_use]
pub fn expectations(world: &World, expectations: &[Expectation]) -> Vec<Checked> {
    let check = |expectation: &Expectation| Checked {
        result: world.ask(&expectation.query),
        expectation: expectation.clone(),
    };
    expectations.iter().map(check).collect()
}

type End<'a> = (&'a ResourceRef, Option<&'a ResourceRef>);
type Ends<'a> = BTreeSet<(End<'a>, End<'a>, Option<u16>, Option<String>)>;

/// Between what an answer speaks: two questions with the same ends are the same question. An AWS
/// service in another Region is another end; another host name of it is not.
fn ends(answers: &[Answer]) -> Ends<'_> {
    let of = |answer: &Answer| {
        let host = answer.name.as_ref().and_then(|name| service_of_host(&name.name));
        host.map(|host| host.region)
    };
    answers
        .iter()
        .map(|answer| {
            let (source, destination) = (&answer.source, &answer.destination);
            (
                (&source.resource, source.subnet.as_ref()),
                // Which of an endpoint's interfaces answers is no part of the question.
                (
                    &destination.resource,
                    destination.subnet.as_ref().filter(|_| answer.name.is_none()),
                ),
                destination.port,
                of(answer),
            )
        })
        .collect()
}
