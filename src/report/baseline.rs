//! A check held against an earlier one: what fails anew, what is known to fail, what is mended.

use super::Style;
use super::check::{CHECK_SCHEMA, check_json};
use super::page::Page;
use crate::check::Check;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;
use thiserror::Error;

/// How a check compares with an earlier one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
pub struct Comparison {
    /// What fails now and did not.
    pub new: Vec<Problem>,
    /// What cannot be told now and could, or was not asked.
    pub new_unknown: Vec<Problem>,
    /// What fails or cannot be told, then and now.
    pub known: Vec<Problem>,
    /// What failed or could not be told, and does no longer.
    pub fixed: Vec<Problem>,
}

/// Something that fails or cannot be told, named so that neither order nor wording matters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
pub struct Problem {
    /// The service, by id; empty for an expectation.
    pub service: String,
    /// `start`, `load-balancer`, …; `setting`; `expect`.
    pub role: String,
    /// What is reached, or who comes; the resource of a setting; the query of an expectation.
    pub what: String,
    /// The subnet, where it is about one.
    pub placement: String,
    /// The first code, the failure, or what came out instead of what was expected.
    pub code: String,
    /// Whether it only cannot be told.
    pub unknown: bool,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { service, role, what, placement, code, .. } = self;
        let service = service.split_once(":service/").map_or(service.as_str(), |(_, tail)| tail);
        match role.as_str() {
            "expect" => write!(f, "expect {what}")?,
            "setting" => write!(f, "{service}: {what}")?,
            "load-balancer" => write!(f, "{what} → {service}")?,
            _ => write!(f, "{service} → {what}")?,
        }
        if !placement.is_empty() {
            write!(f, " in {placement}")?;
        }
        write!(f, ": {code}")
    }
}

/// A text that is no earlier check.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct BaselineError {
    /// What is wrong.
    pub message: String,
    /// The line, one-based.
    pub line: usize,
    /// The column, one-based.
    pub column: usize,
}

/// Holds a check against the JSON of an earlier one.
///
/// # Errors
/// When the text is not the JSON of `reach check`, or of another version of it.
pub fn compare(check: &Check, earlier: &str) -> Result<Comparison, BaselineError> {
    let then = problems(earlier)?;
    let now = problems(&check_json(check))?;
    let (known, new): (Vec<Problem>, Vec<Problem>) =
        now.iter().cloned().partition(|one| then.contains(one));
    let (new_unknown, new) = new.into_iter().partition(|one| one.unknown);
    let fixed = then.difference(&now).cloned().collect();
    Ok(Comparison { new, new_unknown, known, fixed })
}

/// How a check compares with the earlier one of that file; ends in a line break.
#[must_use]
pub fn comparison_text(compared: &Comparison, file: &str, style: &Style) -> String {
    let mut page = Page { out: String::new(), style };
    let Comparison { new, new_unknown, known, fixed } = compared;
    let total = match new.len() + new_unknown.len() {
        0 => style.good.paint("nothing new"),
        number => style.bad.paint(&format!("{number} new")),
    };
    page.line("");
    page.line(&format!("{file}: {total}, {} known, {} fixed", known.len(), fixed.len()));
    let lines = |all: &[Problem]| -> Vec<String> {
        all.iter().map(|one| one.to_string().replace(char::is_control, " ")).collect()
    };
    page.prose("new", &lines(new));
    page.prose("open", &lines(new_unknown));
    page.prose("fixed", &lines(fixed));
    page.out
}

/// Everything that fails or cannot be told in the JSON of a check.
fn problems(text: &str) -> Result<BTreeSet<Problem>, BaselineError> {
    let text = text.trim_start_matches('\u{feff}');
    let version: Version = serde_json::from_str(text).map_err(|error| foreign(&error))?;
    if version.schema != CHECK_SCHEMA {
        let place = text.find(&version.schema).unwrap_or(0);
        let before = text.get(..place).unwrap_or_default();
        return Err(BaselineError {
            message: format!(
                "this is `{}`, and a baseline is `{CHECK_SCHEMA}`: what reach check --format json prints",
                version.schema.replace(char::is_control, " ")
            ),
            line: before.matches('\n').count() + 1,
            column: before.rsplit('\n').next().unwrap_or_default().chars().count() + 1,
        });
    }
    let document: Document = serde_json::from_str(text).map_err(|error| foreign(&error))?;
    let services = document.services.iter().flat_map(of_service);
    Ok(services.chain(document.expectations.iter().filter_map(of_expectation)).collect())
}

fn foreign(error: &serde_json::Error) -> BaselineError {
    let (line, column) = (error.line().max(1), error.column().max(1));
    let text = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    let reason = text.strip_suffix(&position).unwrap_or(&text);
    BaselineError {
        message: format!("this is not what reach check --format json prints: {reason}"),
        line,
        column,
    }
}

#[derive(Deserialize)]
struct Version {
    schema: String,
}

#[derive(Deserialize)]
struct Document {
    services: Vec<Service>,
    expectations: Vec<Expected>,
}

#[derive(Deserialize)]
struct Service {
    service: Resource,
    flows: Vec<Flow>,
    concerns: Vec<Concern>,
}

#[derive(Deserialize)]
struct Resource {
    id: String,
}

#[derive(Deserialize)]
struct Flow {
    role: String,
    what: String,
    verdict: String,
    expected: bool,
    missing: Option<Missing>,
    answers: Vec<Answer>,
}

#[derive(Deserialize)]
struct Missing {
    fact: String,
}

#[derive(Deserialize)]
struct Answer {
    source: End,
    destination: End,
    verdict: String,
    failure: Option<String>,
    blockers: Vec<Blocker>,
}

#[derive(Deserialize)]
struct End {
    resource: Resource,
    subnet: Option<Resource>,
    port: Option<u16>,
}

#[derive(Deserialize)]
struct Blocker {
    code: String,
}

#[derive(Deserialize)]
struct Concern {
    severity: String,
    code: String,
    resource: Resource,
}

#[derive(Deserialize)]
struct Expected {
    query: String,
    expected: String,
    got: Option<String>,
    met: bool,
}

fn of_service(service: &Service) -> Vec<Problem> {
    let id = &service.service.id;
    let flows = service.flows.iter().filter(|flow| !flow.expected);
    let flows = flows.flat_map(|flow| of_flow(id, flow));
    let settings = service.concerns.iter().filter(|concern| concern.severity == "stops");
    let settings = settings.map(|concern| Problem {
        service: id.clone(),
        role: "setting".to_owned(),
        what: concern.resource.id.clone(),
        placement: String::new(),
        code: concern.code.clone(),
        unknown: false,
    });
    flows.chain(settings).collect()
}

fn of_flow(service: &str, flow: &Flow) -> Vec<Problem> {
    let problem = |what: String, placement: String, code: String, unknown: bool| Problem {
        service: service.to_owned(),
        role: flow.role.clone(),
        what,
        placement,
        code,
        // Nothing states that it is needed.
        unknown: unknown || flow.role == "possible",
    };
    if let Some(missing) = &flow.missing {
        let code = format!("missing: {}", missing.fact);
        return vec![problem(flow.what.clone(), String::new(), code, true)];
    }
    let leg = flow.role == "load-balancer";
    let of_answer = |answer: &Answer| {
        let (own, far) = match leg {
            true => (&answer.destination, &answer.source),
            false => (&answer.source, &answer.destination),
        };
        let what = match (leg, answer.destination.port) {
            (true, Some(port)) => format!("{} (port {port})", far.resource.id),
            (true, None) => far.resource.id.clone(),
            (false, _) => flow.what.clone(),
        };
        let placement = own.subnet.as_ref().map(|subnet| subnet.id.clone()).unwrap_or_default();
        let unknown = answer.verdict == "unknown";
        let first = answer.blockers.first().map(|blocker| blocker.code.clone());
        let code = match unknown {
            true => "unknown".to_owned(),
            false => first.or_else(|| answer.failure.clone()).unwrap_or_default(),
        };
        problem(what, placement, code, unknown)
    };
    let failing = flow.answers.iter().filter(|answer| answer.verdict != "reachable");
    let failing: Vec<Problem> = failing.map(of_answer).collect();
    if failing.is_empty() && flow.verdict != "reachable" {
        return vec![problem(
            flow.what.clone(),
            String::new(),
            flow.verdict.clone(),
            flow.verdict == "unknown",
        )];
    }
    failing
}

fn of_expectation(one: &Expected) -> Option<Problem> {
    let Expected { query, expected, got, met } = one;
    let got = got.as_deref().unwrap_or("no answer");
    (!met).then(|| Problem {
        service: String::new(),
        role: "expect".to_owned(),
        what: query.clone(),
        placement: String::new(),
        code: format!("expected {expected}, got {got}"),
        unknown: false,
    })
}
