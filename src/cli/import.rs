//! `reach import FILE…`

use super::arguments::Options;
use super::complaint::Complaint;
use super::loading;
use super::terminal::Terminal;
use super::{Shown, Status};
use crate::read::{Loaded, scenario};

pub(super) fn run(
    files: &[String],
    options: &Options,
    terminal: &Terminal,
) -> Result<Shown, Complaint> {
    let loaded = loading::load_files(files, options, terminal)?;
    loading::say(&loaded, options, terminal);
    let Loaded { network, expectations, .. } = loaded;
    let mut text = scenario::write(&network);
    if !expectations.is_empty() {
        text.push_str(&scenario::write_expectations(&expectations));
    }
    Ok(Shown { text, status: Status::AsWanted })
}
