//! `reach doctor`

use super::arguments::{Format, Options};
use super::complaint::Complaint;
use super::query::load;
use super::terminal::Terminal;
use super::{Shown, Status};
use crate::doctor::lacks;
use crate::report;

pub(super) fn run(options: &Options, terminal: &Terminal) -> Result<Shown, Complaint> {
    let loaded = load(options, terminal)?;
    let lacks = lacks(&loaded.network);
    let text = match options.format {
        Format::Text => report::doctor_text(&lacks, &terminal.style()),
        Format::Json => report::doctor_json(&lacks, &loaded.notes),
    };
    let status = if lacks.is_empty() { Status::AsWanted } else { Status::Unknown };
    Ok(Shown { text, status })
}
