//! `reach assumptions`

use super::arguments::{Format, Options};
use super::complaint::Complaint;
use super::terminal::Terminal;
use super::{Shown, Status};
use crate::models;
use crate::report;

pub(super) fn run(options: &Options, terminal: &Terminal) -> Result<Shown, Complaint> {
    let all = models::assumptions();
    let text = match options.format {
        Format::Text => report::assumptions_text(all, &terminal.style()),
        Format::Json => report::assumptions_json(all),
    };
    Ok(Shown { text, status: Status::AsWanted })
}
