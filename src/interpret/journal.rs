//! How a walk goes on and ends: what passed, what stopped it, what is not known.

use super::Step;
use super::walk::Walker;
use crate::answer::{Code, Direction, Failure, Outcome, ResourceRef, RuleId, Stop};
use crate::network::{Kind, Resource};
use std::fmt;

/// Why a walk ends before its packet and the reply have arrived.
pub(super) enum End {
    /// A service on the link itself takes the packet and answers it (PW-06).
    OwnService,
    /// Something stops the packet.
    Stopped(Stop),
    /// The way on is not known.
    Lost {
        /// What would tell it.
        fact: String,
    },
}

/// A step of a walk: how it goes on, or why it does not.
pub(super) type Go<T = ()> = Result<T, End>;

/// Names a resource.
pub(super) fn named<R: Resource>(resource: &R) -> ResourceRef {
    ResourceRef::new(R::KIND.word(), resource.id_text(), resource.about().name.as_deref())
}

/// Names a resource that may not exist.
pub(super) fn mentioned(kind: Kind, id: &str) -> ResourceRef {
    ResourceRef::new(kind.word(), id, None)
}

/// Names the internet.
pub(super) fn internet() -> ResourceRef {
    ResourceRef::new("internet", "internet", None)
}

/// The way on depends on a resource that the network does not hold.
pub(super) fn absent<T>(kind: Kind, id: &impl fmt::Display) -> Go<T> {
    lost(format!("{kind} {id} is not in the input"))
}

/// The way on is not known.
pub(super) fn lost<T>(fact: impl Into<String>) -> Go<T> {
    Err(End::Lost { fact: fact.into() })
}

impl Walker<'_> {
    /// Notes a check that passed, or a turn that was taken.
    pub(super) fn note(
        &mut self,
        resource: ResourceRef,
        what: impl Into<String>,
        rule: &'static str,
    ) {
        let (direction, what) = (self.direction, what.into());
        self.steps.push(Step { direction, resource, what, rule: RuleId::new(rule) });
    }

    /// Silently lost (PW-11).
    pub(super) fn drop<T>(
        &mut self,
        code: &'static str,
        resource: ResourceRef,
        rule: &'static str,
    ) -> Go<T> {
        self.stop(code, Failure::Dropped, resource, rule)
    }

    /// Answered with a reset (PW-12).
    pub(super) fn refuse<T>(
        &mut self,
        code: &'static str,
        resource: ResourceRef,
        rule: &'static str,
    ) -> Go<T> {
        self.stop(code, Failure::Refused, resource, rule)
    }

    pub(super) fn stop<T>(
        &mut self,
        code: &'static str,
        failure: Failure,
        resource: ResourceRef,
        rule: &'static str,
    ) -> Go<T> {
        self.note(resource, format!("stops it: {code}"), rule);
        let direction = self.direction;
        Err(End::Stopped(Stop { direction, code: Code::new(code), failure }))
    }

    /// Notes a check that cannot be made. The walk goes on; only the first such fact is kept.
    pub(super) fn unsure(
        &mut self,
        resource: ResourceRef,
        fact: impl Into<String>,
        rule: &'static str,
    ) {
        let fact = fact.into();
        self.note(resource, format!("cannot be told: {fact}"), rule);
        self.missing.get_or_insert(fact);
    }

    /// AP-02, open: what a resource does by fields that AWS does not describe. Requests tell.
    pub(super) fn undocumented<R: Resource>(&mut self, resource: &R, fields: &[String]) {
        let no_effect = self.network.assumptions.holds("UNKNOWN_FIELDS_NO_EFFECT");
        if self.direction == Direction::Forward && !fields.is_empty() && !no_effect {
            let fact = format!("what {} changes", fields.join(", "));
            self.unsure(named(resource), fact, "AP-02");
        }
    }

    /// The fate that an end means: a stop is one whatever was not known before it.
    pub(super) fn outcome(&self, end: Go) -> Outcome {
        let missing = self.missing.clone();
        match end {
            Err(End::Stopped(stop)) => Outcome::Stopped(stop),
            Err(End::Lost { fact }) => Outcome::Unknown { fact: missing.unwrap_or(fact) },
            Ok(()) | Err(End::OwnService) => {
                missing.map_or(Outcome::Delivered, |fact| Outcome::Unknown { fact })
            }
        }
    }
}
