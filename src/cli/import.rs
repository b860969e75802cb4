//! `reach import FILE…`

use super::arguments::Options;
use super::complaint::{Complaint, printable};
use super::parameters;
use super::terminal::Terminal;
use super::{Shown, Status};
use crate::read::{self, Loaded, scenario};

pub(super) fn run(
    files: &[String],
    options: &Options,
    terminal: &Terminal,
) -> Result<Shown, Complaint> {
    let Loaded { network, expectations, notes, .. } =
        read::load_files(files, &parameters::named(options)?)?;
    if !options.quiet {
        for note in &notes {
            terminal.complain(&format!("note: {}\n", printable(note)));
        }
    }
    let mut text = scenario::write(&network);
    if !expectations.is_empty() {
        text.push_str(&scenario::write_expectations(&expectations));
    }
    Ok(Shown { text, status: Status::AsWanted })
}
