//! What is told first where many services are checked: how much fails, and for which few reasons.

use super::causes::Cause;
use super::group::listed;
use super::matrix::{counts, mark};
use super::ordered::{Ordered, distinct};
use super::page::Page;
use super::words;
use crate::answer::Verdict;
use crate::check::CheckedService;
use std::cmp::Reverse;

/// Of more services than this, what fails is summed up first, and what passes is only counted.
pub(super) const MANY: usize = 50;

/// How many reasons are told.
const TOLD: usize = 12;

/// Causes of one kind.
struct Reason<'a> {
    verdict: Verdict,
    kind: String,
    /// What stops the first of them.
    first: String,
    causes: usize,
    services: Vec<&'a str>,
}

/// How many services fail, and a line for each kind of cause, with how many services it is for and
/// the first of them: what most services fail for comes first.
pub(super) fn show(page: &mut Page<'_>, services: &[CheckedService], causes: &[Cause<'_>]) {
    page.line(&counts(services, page.style));
    let mut reasons = Ordered::new();
    for cause in causes.iter().filter(|cause| !cause.is_expected()) {
        let (verdict, kind) = (cause.verdict(), cause.kind());
        let reason = || Reason {
            verdict,
            kind: kind.clone(),
            first: cause.said(),
            causes: 0,
            services: Vec::new(),
        };
        let reason: &mut Reason<'_> = reasons.at((verdict, kind.clone()), reason);
        reason.causes += 1;
        reason.services.extend(cause.services());
    }
    let mut reasons = reasons.into_values();
    for reason in &mut reasons {
        reason.services = distinct(reason.services.iter().copied());
    }
    reasons.sort_by_key(|reason| Reverse(reason.services.len()));
    for reason in reasons.iter().take(TOLD) {
        one(page, reason);
    }
    if reasons.len() > TOLD {
        page.line(&format!("  and {} more kinds of cause", reasons.len() - TOLD));
    }
    page.line("");
}

fn one(page: &mut Page<'_>, reason: &Reason<'_>) {
    let (mark, paint) = mark(Some(reason.verdict), page.style);
    let (services, causes) =
        (words::count(reason.services.len(), "service"), words::count(reason.causes, "cause"));
    let kind = paint.paint(&reason.kind);
    page.line("");
    page.line(&format!("{} {services}   {kind}   {causes}", paint.paint(mark)));
    let names: Vec<String> = reason.services.iter().map(|name| (*name).to_owned()).collect();
    page.prose("of", &[listed(&names)]);
    page.prose("first", std::slice::from_ref(&reason.first));
}
