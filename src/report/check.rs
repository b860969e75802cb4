//! What a check has found: services, causes, expectations.

use super::baseline::Comparison;
use super::causes::{Cause, causes};
use super::page::Page;
use super::summary::MANY;
use super::{Style, causes, health, json, matrix, summary, text, words};
use crate::answer::{Answer, Concern, Location, Missing, ResourceRef, Verdict};
use crate::check::{Check, Checked, CheckedFlow, CheckedService, Outcome, Role};
use crate::ecs::Weight;
use crate::repair::Together;
use serde::Serialize;

/// The version of a check. A change that a reader could notice changes it.
pub(super) const CHECK_SCHEMA: &str = "reach/check/2";

/// A matrix of services, a paragraph per cause, and a line per expectation; ends in a line break.
/// Of many services, what fails is summed up first, and what passes is only counted.
#[must_use]
pub fn check_text(check: &Check, style: &Style) -> String {
    let mut page = Page { out: String::new(), style };
    if !check.services.is_empty() {
        let (causes, many) = (causes(&check.services), check.services.len() > MANY);
        if many {
            summary::show(&mut page, &check.services, &causes);
        }
        matrix::show(&mut page, &check.services, many);
        causes::show(&mut page, &check.services, &causes);
        health::show(&mut page, &check.services, many);
    }
    if !check.expectations.is_empty() {
        if !check.services.is_empty() {
            page.line("");
        }
        page.out.push_str(&expectations_text(&check.expectations, style));
    }
    page.out
}

/// One line per expectation, then a count; ends in a line break.
fn expectations_text(checked: &[Checked], style: &Style) -> String {
    let places = || checked.iter().filter_map(|one| one.expectation.at.as_ref());
    let file = places().next().map(|at| &*at.file);
    let named = file.filter(|file| places().all(|at| *at.file == **file));
    let lines: Vec<[String; 3]> = checked.iter().map(|one| line(one, named)).collect();
    let widest = |column: usize| {
        lines.iter().filter_map(|line| line.get(column)).map(|cell| cell.chars().count()).max()
    };
    let (first, second) = (widest(0).unwrap_or(0), widest(1).unwrap_or(0));
    let mut out = String::new();
    for (one, [query, outcome, place]) in checked.iter().zip(&lines) {
        let (paint, mark) = if one.met() { (&style.good, "✓") } else { (&style.bad, "✗") };
        let row = format!(
            "{} {query:<first$}  {outcome:<second$}  {}",
            paint.paint(mark),
            style.faint.paint(place)
        );
        out.push_str(row.trim_end());
        out.push('\n');
        if !one.met() {
            out.push_str(&why(one));
        }
    }
    let met = checked.iter().filter(|one| one.met()).count();
    let total = words::count(checked.len(), "expectation");
    let paint = if met == checked.len() { &style.good } else { &style.bad };
    let place = named.map(|file| format!(" ({file})")).unwrap_or_default();
    out.push_str(&format!("\n{} of {total} met{place}\n", paint.paint(&met.to_string())));
    out
}

fn line(one: &Checked, named: Option<&str>) -> [String; 3] {
    let expected = one.expectation.verdict;
    let outcome = match &one.result {
        Ok(_) if one.met() => expected.to_string(),
        Ok(answer) => format!("expected {expected}, got {}", answer.verdict),
        Err(_) => format!("expected {expected}, got no answer"),
    };
    let place = one.expectation.at.as_ref().map(|at| words::line_or_place(at, named));
    [one.expectation.query.to_string(), outcome, place.unwrap_or_default()]
}

/// Under an expectation that is not met: the first line of each kind of answer it got.
fn why(one: &Checked) -> String {
    let lines = match &one.result {
        Ok(answer) => text::headlines(answer),
        Err(error) => std::iter::once(error.message.clone()).chain(error.hint.clone()).collect(),
    };
    lines.iter().map(|line| format!("    {line}\n")).collect()
}

/// Everything that a check has found as one JSON object, ending in a line break.
#[must_use]
pub fn check_json(check: &Check) -> String {
    compared_json(check, None, None)
}

/// The same, with how it compares with an earlier check, and with what makes pass what fails.
#[must_use]
pub fn compared_json(
    check: &Check,
    compared: Option<&Comparison>,
    fixes: Option<&Together>,
) -> String {
    let checked = &check.expectations;
    let expectations = checked.iter().map(|one| Expected {
        query: one.expectation.query.to_string(),
        expected: one.expectation.verdict,
        got: one.result.as_ref().ok().map(|answer| answer.verdict),
        met: one.met(),
        location: one.expectation.at.as_ref(),
        error: one.result.as_ref().err().map(|error| error.message.as_str()),
        answers: one.result.as_ref().map_or(&[], |answer| answer.answers.as_slice()),
    });
    json::pretty(&Document {
        schema: CHECK_SCHEMA,
        outcome: word(check.outcome()),
        met: checked.iter().all(Checked::met),
        services: check.services.iter().map(of_service).collect(),
        causes: causes(&check.services).iter().map(Cause::document).collect(),
        expectations: expectations.collect(),
        baseline: compared,
        fixes: fixes.map(super::repairs::document),
    })
}

/// The JSON Schema of a check.
#[cfg(feature = "cli")]
#[must_use]
pub fn check_schema() -> serde_json::Value {
    let mut schema = schemars::schema_for!(Document<'_>);
    schema.insert("title".to_owned(), CHECK_SCHEMA.into());
    schema.to_value()
}

#[derive(Serialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
struct Document<'a> {
    #[cfg_attr(feature = "cli", schemars(extend("const" = CHECK_SCHEMA)))]
    schema: &'static str,
    outcome: &'static str,
    met: bool,
    services: Vec<ServiceDocument<'a>>,
    causes: Vec<causes::Document>,
    expectations: Vec<Expected<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline: Option<&'a Comparison>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fixes: Option<super::repairs::Document<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
struct ServiceDocument<'a> {
    service: &'a ResourceRef,
    starts: &'static str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    failing_places: &'a [String],
    reached: Option<&'static str>,
    flows: Vec<FlowDocument<'a>>,
    health: Vec<health::Document<'a>>,
    concerns: &'a [Concern],
}

#[derive(Serialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
struct FlowDocument<'a> {
    role: &'static str,
    what: &'a str,
    why: &'a str,
    rule: &'static str,
    verdict: Verdict,
    expected: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    stage: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stop_code: Option<&'static str>,
    shows_first: bool,
    missing: Option<&'a Missing>,
    answers: &'a [Answer],
}

fn of_service(checked: &CheckedService) -> ServiceDocument<'_> {
    ServiceDocument {
        service: &checked.service,
        starts: word(checked.starts()),
        failing_places: &checked.failing_places,
        reached: checked.is_reached().map(word),
        flows: checked.flows.iter().map(of_flow).collect(),
        health: checked.health.iter().map(health::document).collect(),
        concerns: &checked.concerns,
    }
}

fn of_flow(flow: &CheckedFlow) -> FlowDocument<'_> {
    FlowDocument {
        role: match flow.role {
            Role::Start(_, Weight::StartCritical) => "start",
            Role::Start(_, Weight::Degraded) => "degraded",
            Role::Start(_, Weight::OnDemand) => "on-demand",
            Role::Start(_, Weight::Application) => "application",
            Role::Start(_, Weight::Possible) => "possible",
            Role::Leg => "load-balancer",
            Role::Clients => "clients",
        },
        what: &flow.what,
        why: &flow.why,
        rule: flow.rule,
        verdict: flow.verdict,
        expected: flow.expected,
        stage: match flow.role {
            Role::Start(stage, _) => Some(stage.word()),
            Role::Leg | Role::Clients => None,
        },
        stop_code: flow.stop_code(),
        shows_first: flow.first,
        missing: flow.missing.as_ref(),
        answers: &flow.answers,
    }
}

/// As the exit code says it.
fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "passed",
        Outcome::Failed => "failed",
        Outcome::Unknown => "unknown",
        Outcome::Unusable => "unusable",
    }
}

#[derive(Serialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
struct Expected<'a> {
    query: String,
    expected: Verdict,
    got: Option<Verdict>,
    met: bool,
    location: Option<&'a Location>,
    error: Option<&'a str>,
    answers: &'a [Answer],
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::{Expectation, QueryAnswer};
    use crate::query::AskError;

    fn checked(line: u32, query: &str, expected: Verdict, got: Option<Verdict>) -> Checked {
        let at = Location { file: "reach.yaml".into(), line: Some(line), column: None };
        let nothing = || AskError {
            message: "nothing here is called `webb`".to_owned(),
            hint: Some("did you mean `web`?".to_owned()),
            candidates: Vec::new(),
        };
        let answer =
            |verdict| QueryAnswer { query: query.to_owned(), verdict, answers: Vec::new() };
        Checked {
            expectation: Expectation {
                query: query.parse().unwrap(),
                verdict: expected,
                at: Some(at),
            },
            result: got.map(answer).ok_or_else(nothing),
        }
    }

    #[test]
    fn each_expectation_has_a_line_and_a_failing_one_says_why() {
        let all = [
            checked(30, "web -> ecr.dkr", Verdict::Reachable, Some(Verdict::Reachable)),
            checked(31, "webb -> s3", Verdict::Blocked, None),
        ];
        assert_eq!(
            expectations_text(&all, &Style::default()),
            "\
✓ web -> ecr.dkr  reachable                        line 30
✗ webb -> s3      expected blocked, got no answer  line 31
    nothing here is called `webb`
    did you mean `web`?

1 of 2 expectations met (reach.yaml)
"
        );
    }

    #[test]
    fn programs_read_expected_got_and_met() {
        let all = vec![checked(3, "web -> s3", Verdict::Blocked, Some(Verdict::Reachable))];
        let check = Check { services: Vec::new(), expectations: all };
        let document: serde_json::Value = serde_json::from_str(&check_json(&check)).unwrap();
        assert_eq!(document["schema"], "reach/check/2");
        assert_eq!(document["outcome"], "failed");
        assert_eq!(document["met"], false);
        let one = &document["expectations"][0];
        assert_eq!((&one["expected"], &one["got"]), (&"blocked".into(), &"reachable".into()));
        assert_eq!((&one["met"], &one["location"]["line"]), (&false.into(), &3.into()));
    }
}
