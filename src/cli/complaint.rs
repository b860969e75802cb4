//! Errors as a person reads them: what is wrong, where, the line itself, and what to do.

use crate::answer::{PlaceSyntax, QuerySyntaxError};
use crate::network::At;
use crate::query::AskError;
use crate::read::ReadError;
use crate::report::Style;
use std::sync::Arc;

/// How much of a long line is shown before and after the place that is meant.
const SHOWN: (usize, usize) = (60, 40);

/// An error.
#[derive(Debug, Default)]
pub(super) struct Complaint {
    message: String,
    hints: Vec<String>,
    candidates: Vec<String>,
    at: Option<At>,
    text: Option<Arc<str>>,
}

impl Complaint {
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), ..Self::default() }
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The error as text, ending in a line break.
    pub fn page(&self, style: &Style) -> String {
        let Self { message, hints, candidates, at, text } = self;
        let mut page = format!("{} {message}\n", style.bad.paint("error:"));
        if let Some(at) = at {
            page.push_str(&style.faint.paint(&format!("  --> {at}")));
            page.push('\n');
            if let (Some(line), Some(text)) = (at.line, text) {
                page.push_str(&excerpt(text, line, at.column, style));
            }
        }
        for candidate in candidates {
            page.push_str(&format!("  {candidate}\n"));
        }
        for hint in hints {
            page.push_str(&format!("{} {hint}\n", style.good.paint("hint:")));
        }
        page
    }
}

/// The line that is meant, with a caret under its column.
fn excerpt(text: &str, line: u32, column: Option<u32>, style: &Style) -> String {
    let index = usize::try_from(line).unwrap_or(usize::MAX).saturating_sub(1);
    let Some(whole) = text.lines().nth(index) else { return String::new() };
    let before = column.map_or(0, |column| usize::try_from(column).unwrap_or(1).saturating_sub(1));
    // JSON may come on one line: show the neighbourhood only.
    let skipped = before.saturating_sub(SHOWN.0);
    let cut_left = if skipped > 0 { "…" } else { "" };
    let rest = whole.chars().skip(skipped);
    let shown: String = rest.take(before - skipped + SHOWN.1).collect();
    let cut_right =
        if whole.chars().count() > skipped + shown.chars().count() { "…" } else { "" };
    let number = line.to_string();
    let margin = " ".repeat(number.len());
    let faint = |text: &str| style.faint.paint(text);
    let mut out = format!("{} {}\n", margin, faint("|"));
    out.push_str(
        format!("{} {cut_left}{shown}{cut_right}", faint(&format!("{number} |"))).trim_end(),
    );
    out.push('\n');
    if column.is_some() {
        // Tabs stay tabs, so that the caret stands under its character.
        let under: String = cut_left
            .chars()
            .chain(shown.chars().take(before - skipped))
            .map(|c| if c == '\t' { '\t' } else { ' ' })
            .collect();
        out.push_str(&format!("{margin} {} {under}{}\n", faint("|"), style.bad.paint("^")));
    }
    out
}

impl From<ReadError> for Complaint {
    fn from(ReadError { message, hint, at, text }: ReadError) -> Self {
        Self { message, hints: hint.into_iter().collect(), candidates: Vec::new(), at, text }
    }
}

impl From<AskError> for Complaint {
    fn from(AskError { message, hint, candidates }: AskError) -> Self {
        Self { message, hints: hint.into_iter().collect(), candidates, at: None, text: None }
    }
}

impl From<QuerySyntaxError> for Complaint {
    fn from(error: QuerySyntaxError) -> Self {
        let hint = match &error {
            QuerySyntaxError::Place(PlaceSyntax::SourcePort(_)) => {
                "write the port behind the destination: 'web -> db:5432'"
            }
            QuerySyntaxError::Place(_) => {
                "for example 'web -> db:5432' or 'web -> 10.0.0.2:53/udp'"
            }
            _ => "for example: reach 'task-eni -> ecr.dkr'",
        };
        Self::new(error.to_string()).hint(hint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(line: u32, column: u32) -> Option<At> {
        Some(At { file: "reach.yaml".into(), line: Some(line), column: Some(column) })
    }

    fn page(text: &str, at: Option<At>) -> String {
        Complaint::from(ReadError {
            message: "no key is called `subnet` here".to_owned(),
            hint: Some("did you mean `subnets`?".to_owned()),
            at,
            text: Some(text.into()),
        })
        .page(&Style::default())
    }

    #[test]
    fn an_error_shows_its_line_with_a_caret() {
        assert_eq!(
            page("services:\n  web:\n\tsubnet: [a]\n", at(3, 2)),
            "\
error: no key is called `subnet` here
  --> reach.yaml:3:2
  |
3 | \tsubnet: [a]
  | \t^
hint: did you mean `subnets`?
"
        );
    }

    #[test]
    fn a_very_long_line_is_shown_around_the_place() {
        let text = format!("{}!{}", "a".repeat(5000), "b".repeat(5000));
        let page = page(&text, at(1, 5001));
        let lines: Vec<&str> = page.lines().collect();
        assert_eq!(lines[3], format!("1 | …{}!{}…", "a".repeat(60), "b".repeat(39)));
        assert_eq!(lines[4].find('^'), lines[3].find('!').map(|i| i - "…".len() + 1));
    }

    #[test]
    fn a_place_outside_the_text_shows_no_line() {
        assert!(page("one line", at(7, 1)).contains("  --> reach.yaml:7:1\nhint:"));
    }
}
