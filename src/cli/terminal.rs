//! Where results and errors are shown, and how they look there.

use super::arguments::Color;
use crate::report::{Paint, Style};
use annotate_snippets::Renderer;
use anstream::{AutoStream, ColorChoice};
use anstyle::AnsiColor;
use std::ffi::OsStr;
use std::io::{self, ErrorKind, IsTerminal, Write};
use terminal_size::{Height, Width, terminal_size_of};

/// The narrowest and the widest that prose is set on a terminal.
const WIDTHS: (usize, usize) = (60, 120);

/// Stdout and stderr.
pub(super) struct Terminal {
    out: ColorChoice,
    err: ColorChoice,
}

impl Terminal {
    pub fn new(color: Color) -> Self {
        let variable = |name| std::env::var_os(name).unwrap_or_default();
        let (no_color, term) = (variable("NO_COLOR"), variable("TERM"));
        let choice = |is_terminal| match colored(color, is_terminal, &no_color, &term) {
            true => ColorChoice::Always,
            false => ColorChoice::Never,
        };
        Self { out: choice(io::stdout().is_terminal()), err: choice(io::stderr().is_terminal()) }
    }

    /// How results look.
    pub fn style(&self) -> Style {
        let mut style = style(self.out);
        style.width = width(terminal_size_of(io::stdout())).unwrap_or(style.width);
        style
    }

    /// Whether a person looks at stderr, on a terminal that can take back what it shows.
    pub fn is_watched(&self) -> bool {
        let dumb = std::env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb");
        io::stderr().is_terminal() && !dumb
    }

    /// How errors look.
    pub fn error_renderer(&self) -> Renderer {
        let renderer = match self.err {
            ColorChoice::Never => Renderer::plain(),
            _ => Renderer::styled(),
        };
        renderer.term_width(
            width(terminal_size_of(io::stderr())).unwrap_or_else(|| Style::default().width),
        )
    }

    /// Prints a result. A reader that has seen enough (`reach … | head -1`) is no error.
    pub fn show(&self, text: &str) -> io::Result<()> {
        let mut out = AutoStream::new(io::stdout().lock(), self.out);
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            written => written,
        }
    }

    /// Prints what is no result.
    pub fn complain(&self, text: &str) {
        let mut err = AutoStream::new(io::stderr().lock(), self.err);
        // When stderr is closed, there is nowhere left to say so.
        drop(err.write_all(text.as_bytes()));
    }
}

fn colored(color: Color, is_terminal: bool, no_color: &OsStr, term: &OsStr) -> bool {
    match color {
        Color::Always => true,
        Color::Auto => is_terminal && no_color.is_empty() && term != "dumb",
        Color::Never => false,
    }
}

/// How wide a terminal's text is set; nothing where it is no terminal.
fn width(size: Option<(Width, Height)>) -> Option<usize> {
    let (Width(width), _) = size?;
    Some(usize::from(width).clamp(WIDTHS.0, WIDTHS.1))
}

fn style(choice: ColorChoice) -> Style {
    if choice == ColorChoice::Never {
        return Style::default();
    }
    let paint = |style: anstyle::Style| Paint {
        on: style.render().to_string(),
        off: style.render_reset().to_string(),
    };
    Style {
        good: paint(AnsiColor::Green.on_default()),
        bad: paint(AnsiColor::Red.on_default().bold()),
        doubtful: paint(AnsiColor::Yellow.on_default()),
        strong: paint(anstyle::Style::new().bold()),
        faint: paint(anstyle::Style::new().dimmed()),
        ..Style::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_is_for_terminals_that_want_it() {
        let auto = |is_terminal, no_color: &str, term: &str| {
            colored(Color::Auto, is_terminal, OsStr::new(no_color), OsStr::new(term))
        };
        assert!(auto(true, "", "xterm"));
        assert!(!auto(false, "", "xterm"), "a pipe is not a terminal");
        assert!(!auto(true, "1", "xterm"), "NO_COLOR is set");
        assert!(!auto(true, "", "dumb"));
        assert!(colored(Color::Always, false, OsStr::new("1"), OsStr::new("dumb")));
        assert!(!colored(Color::Never, true, OsStr::new(""), OsStr::new("xterm")));
    }
}
