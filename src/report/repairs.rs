//! Repairs of a flow.

use super::what_if::{FlipDocument, flips_text};
use super::{Style, json, words};
use crate::compare::{Flips, Turn};
use crate::repair::{Repair, Repairs};
use serde::Serialize;

const FIX_SCHEMA: &str = "reach/fix/1";

/// Repairs as a person reads them.
#[must_use]
pub fn repairs_text(query: &str, repairs: &Repairs, style: &Style) -> String {
    let mut out = String::new();
    let now = repairs.now.map_or_else(|| "not askable".to_owned(), |now| now.to_string());
    if repairs.repairs.is_empty() {
        let told = match (repairs.now, repairs.complete) {
            (Some(crate::answer::Verdict::Reachable), _) => "it passes already",
            (_, true) => "nothing that the network's owner controls makes it pass",
            (_, false) => "the search found nothing within its bounds",
        };
        out.push_str(&format!("{}  {query}\n\n{told}\n", style.strong.paint(&now)));
        return out;
    }
    let number = words::count(repairs.repairs.len(), "way");
    let verb = if repairs.repairs.len() == 1 { "makes" } else { "make" };
    out.push_str(&format!("{}  {query}: {number} {verb} it pass\n", style.bad.paint(&now)));
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
pub fn repairs_json(query: &str, repairs: &Repairs) -> String {
    json::pretty(&Document {
        schema: FIX_SCHEMA,
        query,
        now: repairs.now,
        complete: repairs.complete,
        repairs: repairs.repairs.iter().map(RepairDocument::of).collect(),
    })
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
struct Document<'a> {
    /// How to read this document.
    #[cfg_attr(feature = "cli", schemars(extend("const" = FIX_SCHEMA)))]
    schema: &'static str,
    /// What should pass.
    query: &'a str,
    /// What is proven of it now; none where it cannot be asked.
    now: Option<crate::answer::Verdict>,
    /// Whether the search came to its end; else there may be more ways.
    complete: bool,
    /// The ways: few edits first, then those that change little else.
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
