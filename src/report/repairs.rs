//! Repairs of a flow.

use super::what_if::{FlipDocument, flips_text};
use super::{Style, json, words};
use crate::compare::{Flips, Turn};
use crate::repair::{Repair, Repairs, Together};
use serde::Serialize;

const FIX_SCHEMA: &str = "reach/fix/1";

/// Repairs as a person reads them: of several flows, what makes all of them pass, then the ways of
/// each alone.
#[must_use]
pub fn repairs_text(found: &Together, style: &Style) -> String {
    let flows = &found.flows;
    let mut out = match flows.as_slice() {
        [] => return "nothing fails that edits could make pass\n".to_owned(),
        [(goal, _)] => ways_text(&goal.to_string(), "it", &found.all, style),
        several => {
            let all = words::count(several.len(), "flow");
            ways_text(&all, "all of them", &found.all, style)
        }
    };
    if flows.len() < 2 {
        return out;
    }
    // Flows that the same makes pass stand together.
    let mut groups: Vec<(Vec<String>, Vec<String>)> = Vec::new();
    for (goal, repairs) in flows {
        let ways: Vec<String> = repairs.repairs.iter().map(title).collect();
        let ways = if ways.is_empty() { vec![nothing(repairs).to_owned()] } else { ways };
        match groups.iter_mut().find(|(_, known)| *known == ways) {
            Some((goals, _)) => goals.push(goal.to_string()),
            None => groups.push((vec![goal.to_string()], ways)),
        }
    }
    out.push_str("\neach alone\n");
    for (goals, ways) in groups {
        out.push_str(&format!("  {}\n", style.strong.paint(&goals.join(", "))));
        out.extend(ways.iter().map(|way| format!("    · {way}\n")));
    }
    out
}

/// Why there is no way.
fn nothing(repairs: &Repairs) -> &'static str {
    match (repairs.now, repairs.complete) {
        (Some(crate::answer::Verdict::Reachable), _) => "it passes already",
        (_, true) => "nothing that the network's owner controls makes it pass",
        (_, false) => "the search found nothing within its bounds",
    }
}

fn ways_text(query: &str, them: &str, repairs: &Repairs, style: &Style) -> String {
    let mut out = String::new();
    let now = repairs.now.map_or_else(|| "not askable".to_owned(), |now| now.to_string());
    if repairs.repairs.is_empty() {
        let told = nothing(repairs);
        out.push_str(&format!("{}  {query}\n\n{told}\n", style.strong.paint(&now)));
        return out;
    }
    let number = words::count(repairs.repairs.len(), "way");
    let verb = if repairs.repairs.len() == 1 { "makes" } else { "make" };
    out.push_str(&format!("{}  {query}: {number} {verb} {them} pass\n", style.bad.paint(&now)));
    for (index, repair) in repairs.repairs.iter().enumerate() {
        out.push_str(&format!(
            "\n{}\n",
            style.strong.paint(&format!("{}. {}", index + 1, title(repair)))
        ));
        for edit in &repair.edits {
            out.extend(
                edit.commands.iter().map(|line| format!("     {}\n", style.faint.paint(line))),
            );
        }
        blast(&mut out, &repair.blast, style);
    }
    if !repairs.complete {
        out.push_str(&format!("\n{}\n", style.faint.paint("there may be more ways")));
    }
    out
}

fn title(repair: &Repair) -> String {
    let edits: Vec<&str> = repair.edits.iter().map(|edit| edit.what.as_str()).collect();
    edits.join(" + ")
}

/// What else changes.
fn blast(out: &mut String, blast: &Flips, style: &Style) {
    let of = |turn: Turn| blast.flips.iter().filter(|flip| flip.turn == turn).count();
    let others = blast.flips.len() - of(Turn::Opened) - of(Turn::Closed);
    let mut parts = Vec::new();
    for (count, word) in [(of(Turn::Opened), "opens"), (of(Turn::Closed), "closes")] {
        if count > 0 {
            parts.push(format!("{word} {}", words::count(count, "checked flow")));
        }
    }
    if others > 0 {
        parts.push(format!("changes {} otherwise", words::count(others, "verdict")));
    }
    if parts.is_empty() {
        return;
    }
    out.push_str(&format!("   {}\n", parts.join(", ")));
    let closed: Vec<_> =
        blast.flips.iter().filter(|flip| flip.turn == Turn::Closed).cloned().collect();
    if !closed.is_empty() {
        flips_text(out, &Flips { flips: closed, same: 0 }, style);
    }
}

/// Repairs for programs.
#[must_use]
pub fn repairs_json(found: &Together) -> String {
    json::pretty(&document(found))
}

/// Repairs as part of another document.
pub(super) fn document(found: &Together) -> Document<'_> {
    let queries: Vec<String> = found.flows.iter().map(|(goal, _)| goal.to_string()).collect();
    let flows = found.flows.iter().filter(|_| found.flows.len() > 1);
    Document {
        schema: FIX_SCHEMA,
        query: queries.join(", "),
        now: found.all.now,
        complete: found.all.complete,
        repairs: found.all.repairs.iter().map(RepairDocument::of).collect(),
        flows: flows
            .map(|(goal, repairs)| FlowDocument {
                query: goal.to_string(),
                now: repairs.now,
                complete: repairs.complete,
                repairs: repairs.repairs.iter().map(RepairDocument::of).collect(),
            })
            .collect(),
    }
}

/// The JSON Schema of repairs.
#[cfg(feature = "cli")]
#[must_use]
pub fn repairs_schema() -> serde_json::Value {
    let mut schema = schemars::schema_for!(Document<'_>);
    schema.insert("title".to_owned(), FIX_SCHEMA.into());
    schema.to_value()
}

/// The smallest sets of edits that make a flow pass.
#[derive(Serialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
pub(super) struct Document<'a> {
    /// How to read this document.
    #[cfg_attr(feature = "cli", schemars(extend("const" = FIX_SCHEMA)))]
    schema: &'static str,
    /// What should pass, with commas between several.
    query: String,
    /// What is proven of it now; none where it cannot be asked.
    now: Option<crate::answer::Verdict>,
    /// Whether the search came to its end; else there may be more ways.
    complete: bool,
    /// The ways to make all of it pass: few edits first, then those that change little else.
    repairs: Vec<RepairDocument<'a>>,
    /// Of several flows, the ways of each alone.
    flows: Vec<FlowDocument<'a>>,
}

/// The ways to make one of several flows pass.
#[derive(Serialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
struct FlowDocument<'a> {
    /// What should pass.
    query: String,
    /// What is proven of it now; none where it cannot be asked.
    now: Option<crate::answer::Verdict>,
    /// Whether the search came to its end; else there may be more ways.
    complete: bool,
    /// The ways.
    repairs: Vec<RepairDocument<'a>>,
}

/// Edits that make the flow pass, all of them needed.
#[derive(Serialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
struct RepairDocument<'a> {
    /// The edits.
    edits: Vec<EditDocument<'a>>,
    /// All of them as an overlay, for `reach what-if`.
    overlay: String,
    /// The verdicts of a check that change.
    flips: Vec<FlipDocument<'a>>,
}

impl<'a> RepairDocument<'a> {
    fn of(repair: &'a Repair) -> Self {
        let edit = |edit: &'a crate::repair::Edit| EditDocument {
            what: &edit.what,
            commands: &edit.commands,
        };
        Self {
            edits: repair.edits.iter().map(edit).collect(),
            overlay: repair.overlay.to_yaml(),
            flips: repair.blast.flips.iter().map(FlipDocument::of).collect(),
        }
    }
}

/// One change of one resource.
#[derive(Serialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
struct EditDocument<'a> {
    /// What it does, in a few words.
    what: &'a str,
    /// The AWS CLI commands that make it.
    commands: &'a [String],
}
