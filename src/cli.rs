//! The command line: one file per command. Results go to stdout, notes and errors to stderr.

mod arguments;
mod assume;
mod assumptions;
mod audit;
mod check;
mod complaint;
mod diagnose;
mod diff;
mod doctor;
mod evidence;
mod explain;
mod fix;
mod generate;
mod import;
#[cfg(feature = "aws")]
mod live;
mod loading;
mod parameters;
mod progress;
mod query;
mod schema;
mod slice;
mod snapshot;
mod terminal;
mod what_if;

use arguments::{Arguments, Command, Options};
use clap::{CommandFactory, Parser};
use complaint::Complaint;
use std::ffi::OsString;
use std::process::ExitCode;
use terminal::Terminal;

/// What the exit code says. The worst of several wins: `Unusable`, `Failed`, `Unknown`, `AsWanted`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    /// Everything is as wanted.
    AsWanted = 0,
    /// Something is blocked or intermittent, or an expectation is not met.
    Failed = 1,
    /// Wrong usage, or input that cannot be read.
    Unusable = 2,
    /// Nothing failed, but something is unknown.
    Unknown = 3,
}

/// What a command has to say.
struct Shown {
    text: String,
    status: Status,
}

/// Runs `reach` on this process's arguments.
#[must_use]
pub fn main() -> ExitCode {
    // A lone `->` would look like an option to the parser; `→` means the same.
    let arrow = |word: OsString| match word.to_str().and_then(|word| word.strip_prefix("->")) {
        Some(rest) => OsString::from(format!("→{rest}")),
        None => word,
    };
    let arguments = match Arguments::try_parse_from(std::env::args_os().map(arrow)) {
        Ok(arguments) => arguments,
        Err(error) => {
            // The only thing left to fail is the terminal itself.
            drop(error.print());
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let Arguments { words, options, command } = arguments;
    let terminal = Terminal::new(options.color);
    if words.is_empty() && command.is_none() {
        terminal.complain(&Arguments::command().render_help().to_string());
        return Status::Unusable.into();
    }
    let shown = run(&words, command, &options, &terminal);
    let status = shown.and_then(|shown| {
        terminal
            .show(&shown.text)
            .map_err(|error| Complaint::new(format!("the answer could not be written: {error}")))?;
        Ok(shown.status)
    });
    match status {
        Ok(status) => status.into(),
        Err(complaint) => {
            terminal.complain(&complaint.page(&terminal.error_renderer()));
            Status::Unusable.into()
        }
    }
}

fn run(
    words: &[String],
    command: Option<Command>,
    options: &Options,
    terminal: &Terminal,
) -> Result<Shown, Complaint> {
    match command {
        None => query::run(words, options, terminal),
        Some(Command::Check { live: true, source, baseline, fix, write }) => {
            let fixes = check::Fixes { wanted: fix, write: write.as_deref() };
            snapshot::check(&source, baseline.as_deref(), fixes, options, terminal)
        }
        Some(Command::Check { live: false, baseline, fix, write, .. }) => {
            let fixes = check::Fixes { wanted: fix, write: write.as_deref() };
            check::run(baseline.as_deref(), fixes, options, terminal)
        }
        Some(Command::Diagnose { symptom, service }) => {
            diagnose::run(&symptom, service.as_deref(), options, terminal)
        }
        Some(Command::Slice { query, anonymize, write }) => {
            slice::run(&query, anonymize, write.as_deref(), options, terminal)
        }
        Some(Command::Import { files }) => import::run(&files, options, terminal),
        Some(Command::Audit(wanted)) => audit::run(&wanted, options, terminal),
        Some(Command::Generate(wanted)) => generate::run(&wanted),
        Some(Command::Doctor) => doctor::run(options, terminal),
        Some(Command::Snapshot(wanted)) => snapshot::run(&wanted, options, terminal),
        Some(Command::Fix { words, write }) => {
            fix::run(&words, write.as_deref(), options, terminal)
        }
        Some(Command::WhatIf { words, edits, pairs }) => {
            what_if::run(&words, &edits, &pairs, options, terminal)
        }
        Some(Command::Diff { first, second, queries, pairs }) => {
            diff::run((&first, &second), &queries, &pairs, options, terminal)
        }
        Some(Command::Explain { code }) => explain::run(code.as_deref(), options, terminal),
        Some(Command::Assumptions) => assumptions::run(options, terminal),
        Some(Command::Schema { document }) => schema::run(document),
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(status as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::Arguments;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }
}
