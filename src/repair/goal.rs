//! What should pass.

use crate::answer::{Query, QueryAnswer, Verdict};
use crate::check::{CheckedFlow, flows};
use crate::compare::{Subject, subject};
use crate::header::Protocol;
use crate::network::{Resource, ServiceId};
use crate::query::World;
use std::fmt;

/// What should pass.
#[derive(Clone, Debug)]
pub enum Goal {
    /// A question of a person's own.
    Query(Query),
    /// A flow that a check asks for.
    Flow {
        /// The service.
        service: ServiceId,
        /// Which of its flows.
        subject: Subject,
        /// The protocol of its packets.
        protocol: Protocol,
    },
}

impl Goal {
    /// A flow of a check.
    #[must_use]
    pub fn of(service: ServiceId, label: &str, flow: &CheckedFlow) -> Self {
        Self::Flow { service, subject: subject(label, flow), protocol: flow.protocol }
    }

    /// What is answered in a network; nothing where it cannot be asked there.
    pub(super) fn ask(&self, world: &World) -> Option<QueryAnswer> {
        match self {
            Self::Query(query) => world.ask(query).ok(),
            Self::Flow { service, subject: wanted, .. } => {
                let service = world.network.services.get(service)?;
                let flows = flows(world, service);
                let of = |flow: &CheckedFlow| subject(service.label(), flow) == *wanted;
                let flows: Vec<CheckedFlow> = flows.into_iter().filter(of).collect();
                let verdict = match flows.as_slice() {
                    [] => return None,
                    some => Verdict::of_all(some.iter().map(|flow| flow.verdict)),
                };
                let answers = flows.into_iter().flat_map(|flow| flow.answers).collect();
                Some(QueryAnswer { query: self.to_string(), verdict, answers })
            }
        }
    }

    pub(super) fn passes(&self, world: &World) -> bool {
        self.ask(world).is_some_and(|answer| answer.verdict == Verdict::Reachable)
    }

    pub(super) fn protocol(&self) -> Protocol {
        match self {
            Self::Query(query) => query.destination.protocol.unwrap_or(Protocol::Tcp),
            Self::Flow { protocol, .. } => *protocol,
        }
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Query(query) => query.fmt(f),
            Self::Flow { subject, .. } => subject.fmt(f),
        }
    }
}
