//! `reach check`

use super::arguments::{Format, Options};
use super::complaint::Complaint;
use super::query::load;
use super::terminal::Terminal;
use super::{Shown, Status};
use crate::check;
use crate::query::World;
use crate::report;

pub(super) fn run(options: &Options, terminal: &Terminal) -> Result<Shown, Complaint> {
    let loaded = load(options, terminal)?;
    if loaded.expectations.is_empty() {
        // A check that checks nothing must not look like success.
        return Err(Complaint::new("there is nothing to check: the input has no `expect` lines")
            .hint("state some, for example: expect: [web -> ecr.dkr: reachable]"));
    }
    let checked = check::expectations(&World::new(loaded.network), &loaded.expectations);
    let status = checked.iter().fold(Status::AsWanted, |status, one| {
        status.and(match &one.result {
            Err(_) => Status::Unusable,
            Ok(_) if one.met() => Status::AsWanted,
            Ok(_) => Status::Failed,
        })
    });
    let text = match options.format {
        Format::Text => report::check_text(&checked, &terminal.style()),
        Format::Json => report::check_json(&checked),
    };
    Ok(Shown { text, status })
}
