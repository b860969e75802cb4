//! What load balancers will say of the targets.

use super::group::listed;
use super::page::Page;
use super::words;
use crate::answer::ResourceRef;
use crate::check::{CheckedService, Observed, TargetsHealth};
use crate::ecs::health::Fate;
use serde::Serialize;

/// A line per load balancer, target group and way in which targets are seen. Of `many` services,
/// targets with which all is well are only counted.
pub(super) fn show(page: &mut Page<'_>, services: &[CheckedService], many: bool) {
    let well =
        |one: &&TargetsHealth| many && (one.checks, one.traffic) == (Fate::Passes, Fate::Passes);
    let all = services.iter().flat_map(|one| &one.health);
    let (well, others): (Vec<_>, Vec<_>) = all.partition(well);
    let mut lines: Vec<String> = others.into_iter().filter_map(line).collect();
    if !well.is_empty() {
        let more = if lines.is_empty() { "" } else { "more " };
        let pairs = words::count(well.len(), &format!("{more}pair"));
        lines.push(format!(
            "{pairs} of load balancer and target group: healthy, if what health checks ask for is answered"
        ));
    }
    if !lines.is_empty() {
        page.line("");
    }
    page.prose("targets", &lines);
}

/// `front, group web in task-a: unhealthy (Target.Timeout: Request timed out); clients: 504 …`
fn line(health: &TargetsHealth) -> Option<String> {
    let predicted = health.predicted.as_ref()?;
    let places: Vec<String> = health.targets.iter().map(|one| one.label().to_owned()).collect();
    let mut text = format!(
        "{}, group {} in {}: {}",
        health.balancer.label(),
        health.group.label(),
        listed(&places),
        predicted.state
    );
    match (predicted.reason, predicted.description) {
        (Some(reason), Some(description)) => text.push_str(&format!(" ({reason}: {description})")),
        (Some(reason), None) => text.push_str(&format!(" ({reason})")),
        _ => {}
    }
    if let Some(asks) = &health.asks {
        text.push_str(&format!(", if {asks}"));
    }
    if let Some(then) = health.then {
        text.push_str(&format!(", and once that is mended {then}"));
    }
    // Of what works there is nothing more to say.
    if (health.checks, health.traffic) != (Fate::Passes, Fate::Passes) {
        text.push_str(&format!("; clients get: {}", predicted.requests));
    }
    if let Some(seconds) = health.replaced_after {
        text.push_str(&format!("; ECS replaces the task after {seconds} s or more"));
    }
    Some(text.replace(char::is_control, " "))
}

/// A prediction for programs.
#[derive(Serialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
pub(super) struct Document<'a> {
    load_balancer: &'a ResourceRef,
    target_group: &'a ResourceRef,
    targets: &'a [ResourceRef],
    state: Option<&'static str>,
    reason: Option<&'static str>,
    description: Option<&'static str>,
    requests: Option<&'a str>,
    condition: Option<&'a str>,
    then: Option<&'static str>,
    replaced_after_seconds: Option<u32>,
    rules: Vec<String>,
    observed: Vec<ObservedDocument<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
struct ObservedDocument<'a> {
    target: &'a str,
    state: &'a str,
    reason: Option<&'a str>,
    description: Option<&'a str>,
    agrees: bool,
}

/// The same for programs.
pub(super) fn document(health: &TargetsHealth) -> Document<'_> {
    let predicted = health.predicted.as_ref();
    Document {
        load_balancer: &health.balancer,
        target_group: &health.group,
        targets: &health.targets,
        state: predicted.map(|one| one.state),
        reason: predicted.and_then(|one| one.reason),
        description: predicted.and_then(|one| one.description),
        requests: predicted.map(|one| one.requests.as_str()),
        condition: health.asks.as_deref(),
        then: health.then,
        replaced_after_seconds: health.replaced_after,
        rules: predicted.iter().flat_map(|one| one.rules.iter().map(ToString::to_string)).collect(),
        observed: health.observed.iter().map(seen).collect(),
    }
}

fn seen(one: &Observed) -> ObservedDocument<'_> {
    ObservedDocument {
        target: &one.target,
        state: &one.health.state,
        reason: one.health.reason.as_deref(),
        description: one.health.description.as_deref(),
        agrees: one.agrees,
    }
}
