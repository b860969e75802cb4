//! Errors as a person reads them: what is wrong, where, the line itself, and what to do.

use crate::answer::{PlaceSyntax, QuerySyntaxError};
use crate::edit::ObserveError;
use crate::network::At;
use crate::query::AskError;
use crate::read::ReadError;
use annotate_snippets::{AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};
use std::sync::Arc;

/// An error.
#[derive(Debug, Default)]
pub(super) struct Complaint {
    message: String,
    hints: Vec<String>,
    at: Option<At>,
    text: Option<Arc<str>>,
}

impl Complaint {
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: printable(&message.into()), ..Self::default() }
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(printable(&hint.into()));
        self
    }

    /// The same error at a place of a text.
    pub fn at(mut self, at: At, text: Arc<str>) -> Self {
        (self.at, self.text) = (Some(at), Some(text));
        self
    }

    /// The error as text, ending in a line break.
    pub fn page(&self, renderer: &Renderer) -> String {
        let error = Group::with_title(Level::ERROR.primary_title(self.message.as_str()));
        let hints = self.hints.iter().map(|hint| {
            Group::with_title(Level::HELP.with_name("hint").secondary_title(hint.as_str()))
        });
        let error = error.elements(self.at.as_ref().map(|at| place(at, self.text.as_deref())));
        // Each by itself: together they would be joined by a margin.
        let reports = std::iter::once(error).chain(hints);
        reports.map(|report| renderer.render(&[report]) + "\n").collect()
    }
}

/// The line that is meant with a caret under its column, or else only where it is.
fn place(at: &At, text: Option<&str>) -> Element<'static> {
    let number = at.line.and_then(|line| usize::try_from(line).ok());
    let line = number.and_then(|number| text?.lines().nth(number.checked_sub(1)?));
    let (Some(number), Some(line)) = (number, line) else {
        return Origin::path(printable(&at.to_string())).into();
    };
    let line = printable(line);
    let meant = |column: u32| {
        let before = usize::try_from(column).unwrap_or(usize::MAX).saturating_sub(1);
        // Behind the line's end, the caret stands right behind it.
        let (start, width) = line
            .char_indices()
            .nth(before)
            .map_or((line.len(), 1), |(start, meant)| (start, meant.len_utf8()));
        AnnotationKind::Primary.span(start..start + width)
    };
    let (path, mark) = match at.column {
        Some(column) => (at.file.to_string(), meant(column)),
        None => (at.to_string(), AnnotationKind::Visible.span(0..line.len())),
    };
    Snippet::source(line).line_start(number).path(printable(&path)).annotation(mark).into()
}

/// What a file or a query holds must not command the terminal. Tabs are widened where it matters.
pub(super) fn printable(text: &str) -> String {
    let shown = |c: char| match c {
        '\n' | '\t' => c,
        c if c.is_control() => char::REPLACEMENT_CHARACTER,
        c => c,
    };
    text.chars().map(shown).collect()
}

impl From<ReadError> for Complaint {
    fn from(ReadError { message, hint, at, text }: ReadError) -> Self {
        let complaint = Self { at, text, ..Self::new(message) };
        hint.into_iter().fold(complaint, Self::hint)
    }
}

impl From<ObserveError> for Complaint {
    fn from(ObserveError { message, hint }: ObserveError) -> Self {
        hint.into_iter().fold(Self::new(message), Self::hint)
    }
}

impl From<AskError> for Complaint {
    fn from(AskError { message, hint, candidates }: AskError) -> Self {
        let hint = hint.into_iter().chain(candidates).collect::<Vec<_>>().join("\n");
        let complaint = Self::new(message);
        if hint.is_empty() { complaint } else { complaint.hint(hint) }
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

    fn at(line: u32, column: u32) -> At {
        At { file: "reach.yaml".into(), line: Some(line), column: Some(column) }
    }

    fn page(text: &str, at: At) -> String {
        Complaint::from(ReadError {
            message: "no key is called `subnet` here".to_owned(),
            hint: Some("did you mean `subnets`?".to_owned()),
            at: Some(at),
            text: Some(text.into()),
        })
        .page(&Renderer::plain().term_width(100))
    }

    /// The character above the caret.
    fn marked(page: &str) -> Option<char> {
        let lines: Vec<&str> = page.lines().collect();
        let caret = lines.iter().position(|line| line.ends_with('^')).unwrap();
        let column = lines[caret].chars().position(|c| c == '^').unwrap();
        lines[caret - 1].chars().nth(column)
    }

    #[test]
    fn an_error_shows_its_line_with_a_caret() {
        assert_eq!(
            page("services:\n  web:\n\tsubnet: [a]\n", at(3, 2)),
            "\
error: no key is called `subnet` here
 --> reach.yaml:3:2
  |
3 |     subnet: [a]
  |     ^
hint: did you mean `subnets`?
"
        );
    }

    #[test]
    fn a_very_long_line_is_shown_around_the_place() {
        let text = format!("{}!{}", "a".repeat(5000), "b".repeat(5000));
        let page = page(&text, at(1, 5001));
        assert!(page.contains("--> reach.yaml:1:5001\n"), "{page}");
        assert_eq!(marked(&page), Some('!'), "{page}");
        assert!(page.lines().all(|line| line.chars().count() <= 100), "{page}");
    }

    #[test]
    fn a_place_outside_the_text_or_without_a_line_shows_no_line() {
        assert!(page("one line", at(7, 1)).contains("\n--> reach.yaml:7:1\nhint:"));
        let whole = At { file: "reach.yaml".into(), line: None, column: None };
        assert!(page("one line", whole).contains("\n--> reach.yaml\nhint:"));
    }

    #[test]
    fn a_line_without_a_column_has_no_caret() {
        let page = page("one\ntwo", At { column: None, ..at(2, 1) });
        assert!(page.contains(" --> reach.yaml:2\n  |\n2 | two\n  |\nhint:"), "{page}");
    }

    #[test]
    fn nothing_in_a_file_or_a_name_commands_the_terminal() {
        let page = page("web\u{1b}[2J: \u{9b}31m!\r\n", at(1, 14));
        assert!(page.contains("1 | web\u{fffd}[2J: \u{fffd}31m!\n"), "{page}");
        assert_eq!(marked(&page), Some('!'), "{page}");
        let named = Complaint::new("`\u{1b}c` means nothing").hint("\u{1b}c");
        assert!(!named.page(&Renderer::plain()).contains('\u{1b}'));
    }

    #[test]
    fn candidates_stand_under_the_hint() {
        let ambiguous = AskError {
            message: "`web` could be 2 things".to_owned(),
            hint: Some("say which one you mean".to_owned()),
            candidates: vec!["service/web".to_owned(), "subnet/web".to_owned()],
        };
        assert_eq!(
            Complaint::from(ambiguous).page(&Renderer::plain()),
            "\
error: `web` could be 2 things
hint: say which one you mean
      service/web
      subnet/web
"
        );
    }

    #[test]
    fn no_text_and_no_place_is_too_odd_to_be_shown() {
        let long = "日a\u{301}\u{1f469}\u{200d}\u{1f4bb}\t".repeat(300);
        let texts = ["", "\n", "\r\n\r", "\u{feff}a: 日本", "\t\u{0}\u{85}é\u{2028}x", &long];
        let numbers = [0, 1, 2, 3, 4, 5, 6, 7, 8, 77, 600, 1800, 1801, 1802, u32::MAX];
        for text in texts {
            for line in [0, 1, 2, 3, u32::MAX] {
                for column in numbers {
                    let page = page(text, at(line, column));
                    assert!(page.starts_with("error: ") && page.ends_with("`subnets`?\n"));
                    assert_eq!(page.contains('^'), page.contains("\n  |\n"), "{page}");
                }
            }
        }
    }
}
