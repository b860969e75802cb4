//! `reach check`

use super::arguments::{Format, Options};
use super::complaint::Complaint;
use super::fix::write_first;
use super::query::load;
use super::terminal::Terminal;
use super::{Shown, Status};
use crate::check::{self, Check, Outcome};
use crate::network::At;
use crate::query::World;
use crate::repair::check_repairs;
use crate::report::{self, Comparison};

/// How a baseline is made.
const WRITE: &str = "write it with: reach check --format json > FILE";

/// What to do about what fails.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Fixes<'a> {
    pub wanted: bool,
    pub write: Option<&'a str>,
}

pub(super) fn run(
    baseline: Option<&str>,
    fixes: Fixes<'_>,
    options: &Options,
    terminal: &Terminal,
) -> Result<Shown, Complaint> {
    let earlier = baseline.map(read_baseline).transpose()?;
    let loaded = load(options, terminal)?;
    let checked = check::check(&World::new(loaded.network.clone()), &loaded.expectations);
    if checked.services.is_empty() && checked.expectations.is_empty() {
        // A check that checks nothing must not look like success.
        return Err(Complaint::new(
            "there is nothing to check: the input has no ECS service and no `expect` lines",
        )
        .hint("state some, for example: expect: [web -> ecr.dkr: reachable]"));
    }
    let compared =
        earlier.as_ref().map(|(name, text)| compared(&checked, name, text)).transpose()?;
    let status = match (checked.outcome(), &compared) {
        (Outcome::Unusable, _) => Status::Unusable,
        (_, Some(compared)) if !compared.new.is_empty() => Status::Failed,
        (_, Some(compared)) if !compared.new_unknown.is_empty() => Status::Unknown,
        (Outcome::Passed, _) | (_, Some(_)) => Status::AsWanted,
        (Outcome::Failed, None) => Status::Failed,
        (Outcome::Unknown, None) => Status::Unknown,
    };
    let fixed = fixes.wanted.then(|| check_repairs(&loaded.network, &loaded.expectations));
    if let Some(found) = &fixed {
        write_first(found, fixes.write, options, terminal)?;
    }
    let text = match options.format {
        Format::Text => {
            let style = terminal.style();
            let told = compared.iter().zip(&earlier);
            let told = told.map(|(one, (name, _))| report::comparison_text(one, name, &style));
            let fixed = fixed.iter().map(|found| report::repairs_text(found, &style));
            let fixed = fixed.map(|text| format!("\n{text}"));
            report::check_text(&checked, &style) + &told.chain(fixed).collect::<String>()
        }
        Format::Json => report::compared_json(&checked, compared.as_ref(), fixed.as_ref()),
    };
    Ok(Shown { text, status })
}

/// The name and the text of an earlier check.
fn read_baseline(file: &str) -> Result<(String, String), Complaint> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        Complaint::new(format!("the baseline {file} cannot be read: {error}")).hint(WRITE)
    })?;
    Ok((file.to_owned(), text))
}

fn compared(checked: &Check, name: &str, text: &str) -> Result<Comparison, Complaint> {
    report::compare(checked, text).map_err(|error| {
        let number = |value: usize| u32::try_from(value).ok();
        let at = At { file: name.into(), line: number(error.line), column: number(error.column) };
        Complaint::new(error.message).at(at, text.into()).hint(WRITE)
    })
}
