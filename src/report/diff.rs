//! Two networks side by side.

use super::pairs::{Pairs, PairsDocument};
use super::what_if::{
    ChangeDocument, FlipDocument, add_pairs, changes_text, flips_text, name, summary,
};
use super::{Style, json, words};
use crate::compare::{Change, Explanation, Flips};
use serde::Serialize;
use std::collections::BTreeSet;

const DIFF_SCHEMA: &str = "reach/diff/1";

/// Two networks side by side.
#[derive(Clone, Copy, Debug)]
pub struct Diff<'a> {
    /// What the two are called.
    pub names: (&'a str, &'a str),
    /// The resources that differ.
    pub changes: &'a [Change],
    /// The verdicts that differ.
    pub flips: &'a Flips,
    /// What turns each of them, in their order.
    pub explanations: &'a [Explanation],
    /// The pairs of interfaces that fare otherwise.
    pub pairs: Pairs<'a>,
    /// What came of everything, in each: `passed`, `blocked`, …
    pub outcome: (&'a str, &'a str),
}

/// The two as a person reads them.
#[must_use]
pub fn diff_text(diff: &Diff<'_>, style: &Style) -> String {
    let mut out = String::new();
    changes_text(&mut out, diff.changes, style);
    if diff.changes.is_empty() {
        out.push_str("no resource differs\n");
    }
    out.push('\n');
    for (flip, explanation) in diff.flips.flips.iter().zip(diff.explanations) {
        let one = Flips { flips: vec![flip.clone()], same: 0 };
        flips_text(&mut out, &one, style);
        for line in words::wrap(&because(diff.changes, explanation), style.width.saturating_sub(13))
        {
            out.push_str(&format!("{:13}{}\n", "", style.faint.paint(&line)));
        }
    }
    add_pairs(&mut out, &diff.pairs, !diff.flips.flips.is_empty(), style);
    let (before, after) = diff.outcome;
    out.push_str(&format!("\n{}\n", summary(diff.flips, before, after, style)));
    out
}

/// `because of rtb private` · `because of sg task and sg lb together`
fn because(changes: &[Change], explanation: &Explanation) -> String {
    let named = |set: &BTreeSet<usize>| -> Vec<String> {
        set.iter().filter_map(|&one| changes.get(one)).map(name).collect()
    };
    match explanation.sets.as_slice() {
        [] => "no resource that differs explains it".to_owned(),
        [together] if together.len() > 1 => {
            format!("because of {}, only together", named(together).join(" and "))
        }
        sets => {
            let each: Vec<String> = sets.iter().flat_map(named).collect();
            let alone = if each.len() > 1 { ", each alone" } else { "" };
            format!("because of {}{alone}", each.join(" or "))
        }
    }
}

/// The two for programs.
#[must_use]
pub fn diff_json(diff: &Diff<'_>) -> String {
    let flips = diff.flips.flips.iter().zip(diff.explanations);
    json::pretty(&Document {
        schema: DIFF_SCHEMA,
        first: diff.names.0,
        second: diff.names.1,
        before: diff.outcome.0,
        after: diff.outcome.1,
        changes: diff.changes.iter().map(ChangeDocument::of).collect(),
        flips: flips
            .map(|(flip, explanation)| Explained {
                flip: FlipDocument::of(flip),
                because: explanation.sets.iter().map(|set| set.iter().copied().collect()).collect(),
            })
            .collect(),
        same: diff.flips.same,
        pairs: PairsDocument::of(&diff.pairs),
    })
}

/// The JSON Schema of a diff.
#[cfg(feature = "cli")]
#[must_use]
pub fn diff_schema() -> serde_json::Value {
    let mut schema = schemars::schema_for!(Document<'_>);
    schema.insert("title".to_owned(), DIFF_SCHEMA.into());
    schema.to_value()
}

/// Two networks side by side.
#[derive(Serialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
struct Document<'a> {
    /// How to read this document.
    #[cfg_attr(feature = "cli", schemars(extend("const" = DIFF_SCHEMA)))]
    schema: &'static str,
    /// The first network.
    first: &'a str,
    /// The second network.
    second: &'a str,
    /// What comes of everything in the first: `passed`, `failed`, `unknown`, `unusable`;
    /// `unchecked` where there is nothing to check.
    before: &'a str,
    /// What comes of everything in the second.
    after: &'a str,
    /// The resources that differ.
    changes: Vec<ChangeDocument<'a>>,
    /// The verdicts that differ.
    flips: Vec<Explained<'a>>,
    /// How many verdicts are the same.
    same: usize,
    /// The pairs of interfaces that fare otherwise.
    pairs: PairsDocument<'a>,
}

/// A verdict that differs, and why.
#[derive(Serialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
struct Explained<'a> {
    /// The verdict.
    #[serde(flatten)]
    flip: FlipDocument<'a>,
    /// Sets of places in `changes`: each set alone turns the verdict, and no part of it does.
    because: Vec<Vec<usize>>,
}
