//! `reach slice 'web -> ecr.dkr'`

use super::arguments::Options;
use super::complaint::Complaint;
use super::query::{load, query};
use super::terminal::Terminal;
use super::{Shown, Status};
use crate::slice::{SliceError, anonymize, slice};
use std::fs;

pub(super) fn run(
    words: &[String],
    anonymous: bool,
    file: Option<&str>,
    options: &Options,
    terminal: &Terminal,
) -> Result<Shown, Complaint> {
    let query = query(words)?;
    let mut slice = slice(&load(options, terminal)?.network, &query)?;
    if anonymous {
        slice = anonymize(&slice)?;
    }
    let Some(file) = file else {
        return Ok(Shown { text: slice.text(), status: Status::AsWanted });
    };
    fs::write(file, slice.text())
        .map_err(|error| Complaint::new(format!("{file} cannot be written: {error}")))?;
    let (resources, of, verdict) = (slice.resources, slice.of, slice.answer.verdict);
    let text = format!("{file}: {resources} of {of} resources, {verdict}\n");
    Ok(Shown { text, status: Status::AsWanted })
}

impl From<SliceError> for Complaint {
    fn from(error: SliceError) -> Self {
        let message = error.to_string();
        match error {
            SliceError::Ask(error) => error.into(),
            SliceError::NotWritten => Self::new(message),
            SliceError::RestsOnNames => {
                Self::new(message).hint("without --anonymize, reach slice shows what it rests on")
            }
        }
    }
}
