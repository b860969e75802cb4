//! What a service's own settings bring about: one file per subject.

mod balancing;
mod binds;
mod definition;
mod inside;
mod placement;
mod ports;
mod zones;

use crate::answer::{Code, Concern, Location, ResourceRef, RuleId, Severity};
use crate::network::{Network, Resource, Service};

/// Everything that the settings of a service bring about, the worst first.
#[must_use]
pub fn concerns(network: &Network, service: &Service) -> Vec<Concern> {
    let subjects: [fn(&Network, &Service) -> Vec<Concern>; 7] = [
        balancing::concerns,
        binds::concerns,
        zones::concerns,
        definition::concerns,
        inside::concerns,
        placement::concerns,
        ports::concerns,
    ];
    let mut all: Vec<Concern> = subjects.iter().flat_map(|of| of(network, service)).collect();
    all.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.cmp(b)));
    all.dedup();
    all
}

/// A concern about a resource, shown where the resource is stated.
fn concern<R: Resource>(
    resource: &R,
    severity: Severity,
    code: &'static str,
    what: impl Into<String>,
    rule: &'static str,
) -> Concern {
    let location = resource.about().at.as_ref().map(|at| Location {
        file: at.file.clone(),
        line: at.line,
        column: at.column,
    });
    Concern {
        severity,
        code: Code::new(code),
        resource: ResourceRef::new(R::KIND.word(), resource.id_text(), Some(resource.label())),
        what: what.into(),
        rule: RuleId::new(rule),
        location,
    }
}
