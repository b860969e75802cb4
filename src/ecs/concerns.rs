//! What a service's own settings bring about: one file per subject.

use crate::answer::Concern;
use crate::network::{Network, Service};

/// Everything that the settings of a service bring about, the worst first.
#[must_use]
pub fn concerns(network: &Network, service: &Service) -> Vec<Concern> {
    let subjects: [fn(&Network, &Service) -> Vec<Concern>; 0] = [];
    let mut all: Vec<Concern> = subjects.iter().flat_map(|of| of(network, service)).collect();
    all.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.cmp(b)));
    all.dedup();
    all
}
