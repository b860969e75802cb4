//! What a network lacks, with the commands that supply it.

use super::page::Page;
use super::{Style, json, words};
use crate::doctor::{Gap, Lack};
use crate::network::Scope;
use serde_json::{Value, json};

/// The ways in which a piece is missing, as headings.
const GAPS: [(Gap, &str, &str); 4] = [
    (Gap::NotCaptured, "not-captured", "not captured"),
    (Gap::Incomplete, "incomplete", "incomplete"),
    (Gap::Absent, "absent", "named and not there"),
    (Gap::NotFollowed, "not-followed", "there, and not followed by this version"),
];

/// What is missing, by account and Region; ends in a line break.
#[must_use]
pub fn doctor_text(lacks: &[Lack], style: &Style) -> String {
    let mut page = Page { out: String::new(), style };
    if lacks.is_empty() {
        page.line(&format!(
            "{}  nothing is missing for full answers",
            style.good.paint("complete")
        ));
        return page.out;
    }
    page.line(&format!(
        "{}  {} missing for full answers; what depends on {} is unknown or assumed",
        style.doubtful.paint("incomplete"),
        words::count(lacks.len(), "thing") + if lacks.len() == 1 { " is" } else { " are" },
        if lacks.len() == 1 { "it" } else { "them" },
    ));
    let mut scopes: Vec<&Scope> = lacks.iter().map(|one| &one.scope).collect();
    scopes.dedup();
    for scope in scopes {
        page.line("");
        page.line(&style.strong.paint(&place(scope)));
        for (gap, _, heading) in GAPS {
            let here = lacks.iter().filter(|one| one.scope == *scope && one.gap == gap);
            let here: Vec<&Lack> = here.collect();
            if here.is_empty() {
                continue;
            }
            page.line(&format!("  {}", style.faint.paint(heading)));
            for one in here {
                for line in words::wrap(&clean(&one.what), style.width.saturating_sub(4).max(40)) {
                    page.line(&format!("    {line}"));
                }
                if let Some(command) = &one.command {
                    page.line(&format!("      {}", clean(command)));
                }
            }
        }
    }
    page.out
}

/// The same as one JSON object, ending in a line break.
#[must_use]
pub fn doctor_json(lacks: &[Lack], notes: &[String]) -> String {
    let missing: Vec<Value> = lacks
        .iter()
        .map(|one| {
            let gap = GAPS.iter().find(|(gap, ..)| *gap == one.gap).map(|(_, word, _)| *word);
            json!({
                "account": one.scope.account.as_deref(),
                "region": one.scope.region.as_deref(),
                "gap": gap,
                "what": one.what,
                "command": one.command,
            })
        })
        .collect();
    json::pretty(&json!({
        "schema": "reach/doctor/1",
        "complete": lacks.is_empty(),
        "missing": missing,
        "notes": notes,
    }))
}

fn place(scope: &Scope) -> String {
    match (&scope.account, &scope.region) {
        (Some(account), Some(region)) => format!("account {account}, {region}"),
        (Some(account), None) => format!("account {account}"),
        (None, Some(region)) => region.to_string(),
        (None, None) => "account and Region not known".to_owned(),
    }
}

/// Names of a capture may hold anything.
fn clean(text: &str) -> String {
    text.replace(char::is_control, " ")
}
