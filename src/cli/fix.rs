//! `reach fix 'task-eni -> ecr.dkr'`

use super::arguments::{Format, Options};
use super::complaint::Complaint;
use super::query::{load, query};
use super::terminal::Terminal;
use super::{Shown, Status};
use crate::answer::{Query, Verdict};
use crate::query::World;
use crate::repair::{Goal, Together, together};
use crate::report;

pub(super) fn run(
    words: &[String],
    write: Option<&str>,
    options: &Options,
    terminal: &Terminal,
) -> Result<Shown, Complaint> {
    let queries = queries(words)?;
    let loaded = load(options, terminal)?;
    let world = World::new(loaded.network.clone());
    let mut goals = Vec::new();
    for mut query in queries {
        // A question that means nothing is told as such; a port that goes without saying is said.
        query = world.ask(&query)?.query.parse().unwrap_or(query);
        goals.push(Goal::Query(query));
    }
    let found = together(&loaded.network, &loaded.expectations, &goals);
    write_first(&found, write, options, terminal)?;
    let text = match options.format {
        Format::Text => report::repairs_text(&found, &terminal.style()),
        Format::Json => report::repairs_json(&found),
    };
    let status = match (found.all.now, found.all.repairs.is_empty()) {
        (Some(Verdict::Reachable), _) | (_, false) => Status::AsWanted,
        (Some(Verdict::Unknown), true) => Status::Unknown,
        _ => Status::Failed,
    };
    Ok(Shown { text, status })
}

/// One query in any number of words, or several, each in a word of its own.
fn queries(words: &[String]) -> Result<Vec<Query>, Complaint> {
    let whole = |word: &String| {
        let parts = word.split_once("->").or_else(|| word.split_once('→'));
        parts.is_some_and(|(source, to)| !source.trim().is_empty() && !to.trim().is_empty())
    };
    match words.len() > 1 && words.iter().all(whole) {
        true => words.iter().map(|word| query(std::slice::from_ref(word))).collect(),
        false => Ok(vec![query(words)?]),
    }
}

/// Writes the first way to a file, for `reach what-if`.
pub(super) fn write_first(
    found: &Together,
    write: Option<&str>,
    options: &Options,
    terminal: &Terminal,
) -> Result<(), Complaint> {
    let (Some(file), Some(first)) = (write, found.all.repairs.first()) else { return Ok(()) };
    let edits: Vec<String> = first.edits.iter().map(|edit| format!("# {}\n", edit.what)).collect();
    let text = format!("{}{}", edits.concat(), first.overlay.to_yaml());
    std::fs::write(file, text)
        .map_err(|error| Complaint::new(format!("{file} cannot be written: {error}")))?;
    if !options.quiet {
        terminal.complain(&format!(
            "note: the first way is in {file}; see what it does with: reach what-if {file}\n"
        ));
    }
    Ok(())
}
