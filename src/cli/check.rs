//! `reach check`

use super::arguments::{Format, Options};
use super::complaint::Complaint;
use super::query::load;
use super::terminal::Terminal;
use super::{Shown, Status};
use crate::check::{self, Outcome};
use crate::query::World;
use crate::report;

pub(super) fn run(options: &Options, terminal: &Terminal) -> Result<Shown, Complaint> {
    let loaded = load(options, terminal)?;
    let checked = check::check(&World::new(loaded.network), &loaded.expectations);
    if checked.services.is_empty() && checked.expectations.is_empty() {
        // A check that checks nothing must not look like success.
        return Err(Complaint::new(
            "there is nothing to check: the input has no ECS service and no `expect` lines",
        )
        .hint("state some, for example: expect: [web -> ecr.dkr: reachable]"));
    }
    let status = match checked.outcome() {
        Outcome::Passed => Status::AsWanted,
        Outcome::Failed => Status::Failed,
        Outcome::Unknown => Status::Unknown,
        Outcome::Unusable => Status::Unusable,
    };
    let text = match options.format {
        Format::Text => report::check_text(&checked, &terminal.style()),
        Format::Json => report::check_json(&checked),
    };
    Ok(Shown { text, status })
}
