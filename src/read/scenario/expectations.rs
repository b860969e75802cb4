//! The lines under `expect`.

use super::node::{Node, Value};
use crate::answer::{Expectation, Location, Query, Verdict};
use crate::network::closest;
use crate::read::ReadError;

const VERDICTS: [&str; 4] = ["reachable", "blocked", "intermittent", "unknown"];

/// `- web -> ecr.dkr: reachable`
pub(super) fn read(node: &Node) -> Result<Vec<Expectation>, ReadError> {
    node.list("`expect`")?.iter().map(line).collect()
}

/// `- only front -> web:8080` says that everybody else is blocked.
fn only(node: &Node) -> Option<Expectation> {
    let Value::Scalar(_) = &node.value else { return None };
    let query: Query = node.text("a query").ok()?.parse().ok()?;
    let at = Location { file: node.at.file.clone(), line: node.at.line, column: node.at.column };
    query.only.then_some(Expectation { query, verdict: Verdict::Blocked, at: Some(at) })
}

fn line(node: &Node) -> Result<Expectation, ReadError> {
    if let Some(only) = only(node) {
        return Ok(only);
    }
    let (query, verdict) = match &node.value {
        Value::Mapping(entries) => match entries.as_slice() {
            [(query, verdict)] => (query, verdict),
            _ => return Err(shape(node)),
        },
        _ => return Err(shape(node)),
    };
    let text = verdict.text("a verdict")?;
    let verdict: Verdict = text.parse().map_err(|_| {
        let hint = match closest(text, VERDICTS) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("a verdict is {}", VERDICTS.join(", ")),
        };
        ReadError::at(&verdict.at, format!("`{text}` is no verdict")).hint(hint)
    })?;
    let parsed: Query = query.text.parse().map_err(|error| {
        ReadError::at(&query.at, format!("{error}"))
            .hint("a query is like `web -> ecr.dkr` or `web -> db:5432`")
    })?;
    let at = Location { file: query.at.file.clone(), line: query.at.line, column: query.at.column };
    Ok(Expectation { query: parsed, verdict, at: Some(at) })
}

fn shape(node: &Node) -> ReadError {
    ReadError::at(&node.at, "an expectation is one query and one verdict")
        .hint("write `- web -> ecr.dkr: reachable`, or `- only front -> web:8080`")
}
