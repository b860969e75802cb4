//! `reach what-if fix.yaml`

use super::arguments::{Edits, Format, Options, PairsBy, PairsWanted};
use super::complaint::Complaint;
use super::query::load;
use super::terminal::Terminal;
use super::{Shown, Status};
use crate::answer::{Expectation, Query, Verdict};
use crate::audit::{By, Ports, Question, hosts};
use crate::check::{self, Outcome};
use crate::compare::{Asked, Given, asked, changes, checked, flips, notes, pair_changes};
use crate::header::{Family, Protocol};
use crate::query::World;
use crate::read::scenario::Overlay;
use crate::read::{Loaded, load_overlay};
use crate::report::{self, Pairs, WhatIf};
use std::mem::ManuallyDrop;

pub(super) fn run(
    words: &[String],
    edits: &Edits,
    pairs: &PairsWanted,
    options: &Options,
    terminal: &Terminal,
) -> Result<Shown, Complaint> {
    let loaded = load(options, terminal)?;
    let (asking, files): (Vec<String>, Vec<String>) =
        words.iter().cloned().partition(|word| word.contains("->") || word.contains('→'));
    let queries = queries(&asking)?;
    let overlays = overlays(&loaded, &files, edits)?;
    let mut edited = loaded.network.clone();
    for overlay in &overlays {
        edited = overlay.apply(&edited)?;
    }
    let changes = changes(&loaded.network, &edited);
    // The process ends soon: what a large network takes is given back with it, not piece by piece.
    let world = ManuallyDrop::new(World::new(loaded.network.clone()));
    let edited_world = ManuallyDrop::new(world.edited(&loaded.network, edited.clone()));
    let question = question(pairs);
    let countable = [&world, &edited_world].into_iter().any(|world| countable(world, &question));
    let before = verdicts(&world, &queries, &loaded.expectations, countable)?;
    let after = verdicts(&edited_world, &queries, &loaded.expectations, countable)?;
    let flips = flips(&before.asked, &after.asked);
    let labels: Vec<String> = overlays.iter().map(|one| one.label().to_owned()).collect();
    let shown = WhatIf {
        edits: &labels,
        notes: &notes(&loaded.network, &edited, &changes, &flips),
        changes: &changes,
        flips: &flips,
        pairs: Pairs {
            question: &question,
            changes: &pair_changes(
                Given { network: &loaded.network, world: &world },
                Given { network: &edited, world: &edited_world },
                &question,
            ),
        },
        outcome: (before.word, after.word),
    };
    let text = match options.format {
        Format::Text => report::what_if_text(&shown, &terminal.style()),
        Format::Json => report::what_if_json(&shown),
    };
    Ok(Shown { text, status: after.status })
}

/// The changes, files first, each kind in the order in which it was given.
fn overlays(loaded: &Loaded, words: &[String], edits: &Edits) -> Result<Vec<Overlay>, Complaint> {
    let mut overlays = Vec::new();
    for word in words {
        overlays.push(match loaded.what_if.get(word) {
            Some(block) => block.clone(),
            None => load_overlay(word).map_err(|error| {
                let named: Vec<&str> = loaded.what_if.keys().map(String::as_str).collect();
                let complaint = Complaint::from(error);
                match named.is_empty() {
                    true => complaint,
                    false => complaint
                        .hint(format!("the scenario's own what-ifs are {}", named.join(", "))),
                }
            })?,
        });
    }
    for file in &edits.with {
        overlays.push(load_overlay(file)?);
    }
    for text in &edits.add {
        overlays.push(Overlay::add(text)?);
    }
    for text in &edits.set {
        overlays.push(Overlay::set(text)?);
    }
    for text in &edits.remove {
        overlays.push(Overlay::remove(text)?);
    }
    if overlays.is_empty() {
        return Err(Complaint::new("nothing says what should be different")
            .hint("name an overlay file, or say it: reach what-if --set services.web.assign_public_ip=true"));
    }
    Ok(overlays)
}

/// What is asked of all pairs of interfaces.
pub(super) fn question(wanted: &PairsWanted) -> Question {
    Question {
        protocol: if wanted.udp { Protocol::Udp } else { Protocol::Tcp },
        family: if wanted.ipv6 { Family::V6 } else { Family::V4 },
        ports: match wanted.port.as_slice() {
            [] => Ports::Every,
            ports => Ports::These(ports.to_vec()),
        },
        by: match wanted.by {
            PairsBy::Vpc => By::Vpc,
            PairsBy::Account => By::Account,
            PairsBy::Subnet => By::Subnet,
        },
        walks: wanted.walks,
    }
}

/// Whether there are pairs of interfaces to count.
pub(super) fn countable(world: &World, question: &Question) -> bool {
    hosts(&world.network, &world.graph, question.family).len() > 1
}

pub(super) fn queries(words: &[String]) -> Result<Vec<Query>, Complaint> {
    words.iter().map(|word| word.parse().map_err(Complaint::from)).collect()
}

/// What a network comes to.
pub(super) struct Verdicts {
    pub asked: Asked,
    pub word: &'static str,
    pub status: Status,
}

/// Asks the questions, or where there are none, checks everything. Where there is nothing to check,
/// there have to be pairs of interfaces to count.
pub(super) fn verdicts(
    world: &World,
    queries: &[Query],
    expectations: &[Expectation],
    countable: bool,
) -> Result<Verdicts, Complaint> {
    if !queries.is_empty() {
        let asked = asked(world, queries);
        // A question that means nothing in either network is a mistake.
        let verdicts: Vec<Option<Verdict>> = asked.values().map(|side| side.verdict).collect();
        let known = verdicts.iter().flatten().copied();
        let verdict = Verdict::of_all(known);
        let (word, status) = match (verdicts.contains(&None), verdict) {
            (true, _) => ("unusable", Status::Unusable),
            (_, Verdict::Reachable) => ("reachable", verdict.into()),
            (_, Verdict::Blocked) => ("blocked", verdict.into()),
            (_, Verdict::Intermittent) => ("intermittent", verdict.into()),
            (_, Verdict::Unknown) => ("unknown", verdict.into()),
        };
        return Ok(Verdicts { asked, word, status });
    }
    let check = check::check(world, expectations);
    let nothing = check.services.is_empty() && check.expectations.is_empty();
    if nothing && countable {
        let (asked, word) = (checked(&check), report::UNCHECKED);
        return Ok(Verdicts { asked, word, status: Status::AsWanted });
    }
    if nothing {
        return Err(Complaint::new(
            "there is nothing to compare: the input has no ECS service, no `expect` lines and no \
             interfaces to count",
        )
        .hint("ask something: reach what-if … 'web -> ecr.dkr'"));
    }
    let (word, status) = match check.outcome() {
        Outcome::Passed => ("passed", Status::AsWanted),
        Outcome::Failed => ("failed", Status::Failed),
        Outcome::Unknown => ("unknown", Status::Unknown),
        Outcome::Unusable => ("unusable", Status::Unusable),
    };
    Ok(Verdicts { asked: checked(&check), word, status })
}
