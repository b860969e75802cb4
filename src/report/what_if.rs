//! What a change does to the verdicts.

use super::pairs::{Pairs, PairsDocument, pairs_text};
use super::{Style, json, words};
use crate::compare::{Cause, Change, Changed, Flip, Flips, Side, Turn};
use crate::network::Kind;
use serde::Serialize;

const WHAT_IF_SCHEMA: &str = "reach/what-if/1";

/// What comes of a network in which there is nothing to check.
pub const UNCHECKED: &str = "unchecked";

/// A change, and what it does.
#[derive(Clone, Copy, Debug)]
pub struct WhatIf<'a> {
    /// What was changed, as it was said: files and options.
    pub edits: &'a [String],
    /// The resources that differ.
    pub changes: &'a [Change],
    /// The verdicts that differ.
    pub flips: &'a Flips,
    /// The pairs of interfaces that fare otherwise.
    pub pairs: Pairs<'a>,
    /// What the verdicts do not say.
    pub notes: &'a [String],
    /// What came of everything, before and after: `passed`, `blocked`, …
    pub outcome: (&'a str, &'a str),
}

/// The change as a person reads it.
#[must_use]
pub fn what_if_text(what_if: &WhatIf<'_>, style: &Style) -> String {
    let mut out = String::new();
    changes_text(&mut out, what_if.changes, style);
    if !what_if.changes.is_empty() {
        out.push('\n');
    }
    flips_text(&mut out, what_if.flips, style);
    add_pairs(&mut out, &what_if.pairs, !what_if.flips.flips.is_empty(), style);
    let (before, after) = what_if.outcome;
    out.push_str(&format!("\n{}\n", summary(what_if.flips, before, after, style)));
    for note in what_if.notes {
        let lines = words::wrap(&format!("note: {note}"), style.width);
        out.extend(lines.iter().map(|line| format!("{}\n", style.faint.paint(line))));
    }
    out
}

/// Adds the pairs of interfaces, apart from what stands above them.
pub(super) fn add_pairs(out: &mut String, pairs: &Pairs<'_>, apart: bool, style: &Style) {
    let text = pairs_text(pairs, style);
    if apart && !text.is_empty() {
        out.push('\n');
    }
    out.push_str(&text);
}

pub(super) fn summary(flips: &Flips, before: &str, after: &str, style: &Style) -> String {
    if before == UNCHECKED && after == UNCHECKED {
        return "nothing to check: the input has no ECS service and no `expect` lines".to_owned();
    }
    let number = flips.flips.len();
    let verb = if number == 1 { "changes" } else { "change" };
    let change = match number {
        0 => "no verdict changes".to_owned(),
        _ => format!("{} {verb}", words::count(number, "verdict")),
    };
    let stay = match flips.same {
        0 => String::new(),
        1 => ", 1 stays as it is".to_owned(),
        many => format!(", {many} stay as they are"),
    };
    let paint = match after {
        "passed" | "reachable" => &style.good,
        "unknown" | UNCHECKED => &style.doubtful,
        _ => &style.bad,
    };
    match before == after {
        true => format!("{change}{stay} · {}", paint.paint(after)),
        false => format!("{change}{stay} · {before}, then {}", paint.paint(after)),
    }
}

pub(super) fn changes_text(out: &mut String, changes: &[Change], style: &Style) {
    for change in changes {
        let (mark, paint) = match change.changed {
            Changed::Added => ("+", &style.good),
            Changed::Removed => ("-", &style.bad),
            Changed::Changed => ("~", &style.doubtful),
        };
        out.push_str(&format!("{} {}", paint.paint(mark), name(change)));
        match change.details.as_slice() {
            [] => out.push('\n'),
            [only] => out.push_str(&format!("  {only}\n")),
            several => {
                out.push('\n');
                out.extend(several.iter().map(|line| format!("    {line}\n")));
            }
        }
    }
}

/// `sg task`, `endpoint logs`.
pub(super) fn name(change: &Change) -> String {
    match change.kind {
        Some(kind) => format!("{} {}", kind.short(), change.label),
        None => change.label.clone(),
    }
}

pub(super) fn flips_text(out: &mut String, flips: &Flips, style: &Style) {
    let rows: Vec<(String, String)> =
        flips.flips.iter().map(|flip| (flip.subject.to_string(), told(flip))).collect();
    let widest = rows.iter().map(|(subject, _)| subject.chars().count()).max().unwrap_or(0);
    for (flip, (subject, told)) in flips.flips.iter().zip(&rows) {
        let paint = match flip.turn {
            Turn::Opened => &style.good,
            Turn::Closed => &style.bad,
            _ => &style.doubtful,
        };
        let word = format!("{:<11}", flip.turn.word());
        out.push_str(format!("{}  {subject:<widest$}  {told}", paint.paint(&word)).trim_end());
        out.push('\n');
    }
}

/// What was, and what is.
fn told(flip: &Flip) -> String {
    let (before, after) = (flip.before.as_ref(), flip.after.as_ref());
    match (flip.turn, before, after) {
        (Turn::Opened, Some(before), _) => format!("was {}", side(before)),
        (Turn::Closed, _, Some(after)) => format!("now {}", side(after)),
        (_, None, Some(one)) | (_, Some(one), None) => side(one),
        (_, Some(before), Some(after)) => format!("was {}, now {}", side(before), side(after)),
        (_, None, None) => String::new(),
    }
}

fn side(side: &Side) -> String {
    let verdict = side.verdict.map_or_else(|| "not askable".to_owned(), |it| it.to_string());
    let causes: Vec<String> = side.causes.iter().map(cause).collect();
    match causes.is_empty() {
        true => verdict,
        false => format!("{verdict}: {}", causes.join("; ")),
    }
}

/// `NO_ROUTE_TO_DESTINATION at rtb private`
fn cause(cause: &Cause) -> String {
    match (&cause.code, &cause.resource) {
        (Some(code), Some((kind, label))) => {
            let resource = crate::answer::ResourceRef::new(kind.clone(), label, None);
            format!("{code} at {}", words::resource(&resource))
        }
        _ => cause.what.clone(),
    }
}

/// The change for programs.
#[must_use]
pub fn what_if_json(what_if: &WhatIf<'_>) -> String {
    json::pretty(&Document {
        schema: WHAT_IF_SCHEMA,
        edits: what_if.edits,
        before: what_if.outcome.0,
        after: what_if.outcome.1,
        changes: what_if.changes.iter().map(ChangeDocument::of).collect(),
        flips: what_if.flips.flips.iter().map(FlipDocument::of).collect(),
        same: what_if.flips.same,
        pairs: PairsDocument::of(&what_if.pairs),
        notes: what_if.notes,
    })
}

/// The JSON Schema of a change.
#[cfg(feature = "cli")]
#[must_use]
pub fn what_if_schema() -> serde_json::Value {
    let mut schema = schemars::schema_for!(Document<'_>);
    schema.insert("title".to_owned(), WHAT_IF_SCHEMA.into());
    schema.to_value()
}

/// A change, and what it does to the verdicts.
#[derive(Serialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
struct Document<'a> {
    /// How to read this document.
    #[cfg_attr(feature = "cli", schemars(extend("const" = WHAT_IF_SCHEMA)))]
    schema: &'static str,
    /// What was changed, as it was said: files and options.
    edits: &'a [String],
    /// What comes of everything without the change: `passed`, `failed`, `unknown`, `unusable`;
    /// `unchecked` where there is nothing to check.
    before: &'a str,
    /// What comes of everything with it.
    after: &'a str,
    /// The resources that differ.
    changes: Vec<ChangeDocument<'a>>,
    /// The verdicts that differ.
    flips: Vec<FlipDocument<'a>>,
    /// How many verdicts stay as they are.
    same: usize,
    /// The pairs of interfaces that fare otherwise.
    pairs: PairsDocument<'a>,
    /// What the verdicts do not say of open connections.
    notes: &'a [String],
}

/// A resource that differs.
#[derive(Serialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
pub(super) struct ChangeDocument<'a> {
    /// Its kind.
    kind: &'static str,
    /// Its id.
    id: &'a str,
    /// Its name, or else its id.
    name: &'a str,
    /// `added`, `removed` or `changed`.
    change: &'static str,
    /// What differs, in a scenario's words.
    details: &'a [String],
}

impl<'a> ChangeDocument<'a> {
    pub(super) fn of(change: &'a Change) -> Self {
        Self {
            kind: change.kind.map_or("other", Kind::word),
            id: &change.id,
            name: &change.label,
            change: match change.changed {
                Changed::Added => "added",
                Changed::Removed => "removed",
                Changed::Changed => "changed",
            },
            details: &change.details,
        }
    }
}

/// A verdict that differs.
#[derive(Serialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
pub(super) struct FlipDocument<'a> {
    /// The service that it is of; none for an expectation or a query.
    service: Option<&'a str>,
    /// What the flow is for, as in a check; `expectation`, `query`.
    role: &'static str,
    /// What is reached, who comes, or the question.
    what: &'a str,
    /// `opened`, `closed`, `changed`, `other cause`, `new` or `gone`.
    turn: &'static str,
    /// Without the change; none where the question is new.
    before: Option<SideDocument<'a>>,
    /// With the change; none where the question is gone.
    after: Option<SideDocument<'a>>,
}

impl<'a> FlipDocument<'a> {
    pub(super) fn of(flip: &'a Flip) -> Self {
        Self {
            service: flip.subject.service.as_deref(),
            role: flip.subject.role,
            what: &flip.subject.what,
            turn: flip.turn.word(),
            before: flip.before.as_ref().map(SideDocument::of),
            after: flip.after.as_ref().map(SideDocument::of),
        }
    }
}

/// A verdict and its causes.
#[derive(Serialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
struct SideDocument<'a> {
    /// The verdict; none where the question could not be asked.
    verdict: Option<crate::answer::Verdict>,
    /// Why it is not reachable.
    causes: Vec<CauseDocument<'a>>,
}

impl<'a> SideDocument<'a> {
    fn of(side: &'a Side) -> Self {
        let causes = side.causes.iter().map(|cause| CauseDocument {
            code: cause.code.as_deref(),
            resource: cause.resource.as_ref().map(|(_, label)| label.as_str()),
            what: &cause.what,
        });
        Self { verdict: side.verdict, causes: causes.collect() }
    }
}

/// Why a flow fails, or what is missing to tell.
#[derive(Serialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
struct CauseDocument<'a> {
    /// The first blocker's code; none for what is not known.
    code: Option<&'a str>,
    /// The blocker's resource.
    resource: Option<&'a str>,
    /// What it says, or the missing fact.
    what: &'a str,
}
