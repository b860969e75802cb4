//! `reach explain [CODE]`

use super::arguments::{Format, Options};
use super::complaint::Complaint;
use super::terminal::Terminal;
use super::{Shown, Status};
use crate::models::{self, CodeEntry};
use crate::report;

pub(super) fn run(
    code: Option<&str>,
    options: &Options,
    terminal: &Terminal,
) -> Result<Shown, Complaint> {
    let all = models::codes();
    let style = terminal.style();
    let text = match (code, options.format) {
        (None, Format::Text) => report::codes_text(all, &style),
        (None, Format::Json) => report::codes_json(all),
        (Some(code), format) => {
            let entry = find(all, code)?;
            match format {
                Format::Text => report::code_text(entry, &style),
                Format::Json => report::codes_json(std::slice::from_ref(entry)),
            }
        }
    };
    Ok(Shown { text, status: Status::AsWanted })
}

fn find<'a>(all: &'a [CodeEntry], written: &str) -> Result<&'a CodeEntry, Complaint> {
    let code = written.to_uppercase().replace('-', "_");
    if let Some(entry) = all.iter().find(|entry| entry.code == code) {
        return Ok(entry);
    }
    let closeness = |entry: &CodeEntry| strsim::jaro_winkler(entry.code, &code);
    let closest = all.iter().max_by(|a, b| closeness(a).total_cmp(&closeness(b)));
    let complaint = Complaint::new(format!("`{written}` is no code that an answer can show"));
    Err(match closest.filter(|entry| closeness(entry) > 0.8) {
        Some(entry) => complaint.hint(format!("did you mean {}?", entry.code)),
        None => complaint.hint("`reach explain` lists them all"),
    })
}
