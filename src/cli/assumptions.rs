//! `reach assumptions`

use super::arguments::{Format, Options};
use super::assume;
use super::complaint::Complaint;
use super::terminal::Terminal;
use super::{Shown, Status};
use crate::models;
use crate::network::Assumptions;
use crate::report;

pub(super) fn run(options: &Options, terminal: &Terminal) -> Result<Shown, Complaint> {
    let all = models::assumptions();
    let mut chosen = Assumptions::default();
    assume::apply(options, &mut chosen)?;
    let text = match options.format {
        Format::Text => report::assumptions_text(all, &chosen, &terminal.style()),
        Format::Json => report::assumptions_json(all, &chosen),
    };
    Ok(Shown { text, status: Status::AsWanted })
}
