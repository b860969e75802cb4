//! `reach fix 'task-eni -> ecr.dkr'`

use super::arguments::{Format, Options};
use super::complaint::Complaint;
use super::query::{load, read_query};
use super::terminal::Terminal;
use super::{Shown, Status};
use crate::answer::Verdict;
use crate::header::Protocol;
use crate::query::World;
use crate::repair::{Goal, repairs};
use crate::report;

pub(super) fn run(
    words: &[String],
    write: Option<&str>,
    options: &Options,
    terminal: &Terminal,
) -> Result<Shown, Complaint> {
    let query = read_query(words)?;
    let loaded = load(options, terminal)?;
    // A question that means nothing is told as such.
    let asked = World::new(loaded.network.clone()).ask(&query)?.query;
    let goal = Goal {
        ask: &|world| world.ask(&query).ok(),
        protocol: query.destination.protocol.unwrap_or(Protocol::Tcp),
    };
    let found = repairs(&loaded.network, &loaded.expectations, &goal);
    if let (Some(file), Some(first)) = (write, found.repairs.first()) {
        let edits: Vec<String> =
            first.edits.iter().map(|edit| format!("# {}\n", edit.what)).collect();
        let text = format!("{}{}", edits.concat(), first.overlay.to_yaml());
        std::fs::write(file, text)
            .map_err(|error| Complaint::new(format!("{file} cannot be written: {error}")))?;
        if !options.quiet {
            terminal.complain(&format!(
                "note: the first way is in {file}; see what it does with: reach what-if {file}\n"
            ));
        }
    }
    let text = match options.format {
        Format::Text => report::repairs_text(&asked, &found, &terminal.style()),
        Format::Json => report::repairs_json(&asked, &found),
    };
    let status = match (found.now, found.repairs.is_empty()) {
        (Some(Verdict::Reachable), _) | (_, false) => Status::AsWanted,
        (Some(Verdict::Unknown), true) => Status::Unknown,
        _ => Status::Failed,
    };
    Ok(Shown { text, status })
}
