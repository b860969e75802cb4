//! The steps and blockers of an answer, a line each, with where they are stated on the right.

use super::page::{INDENT, Page};
use super::words;
use crate::answer::{Answer, Blocker, Direction, Hop};

/// Rows longer than this do not push the columns of the others.
const LONGEST_ALIGNED: usize = 70;

/// One line of evidence.
struct Row {
    passes: bool,
    text: String,
    place: String,
    code: String,
}

impl Row {
    fn hop(hop: &Hop) -> Self {
        Self {
            passes: true,
            text: words::said(&hop.resource, &hop.what),
            place: words::place(&hop.resource, hop.location.as_ref()),
            code: String::new(),
        }
    }

    fn blocker(blocker: &Blocker) -> Self {
        Self {
            passes: false,
            text: words::said(&blocker.resource, &blocker.what),
            place: words::place(&blocker.resource, blocker.location.as_ref()),
            code: format!("{} ({})", blocker.code, blocker.rule),
        }
    }
}

impl Page<'_> {
    /// Steps that all pass, in one sentence.
    pub fn passes(&mut self, label: &str, hops: &[Hop]) {
        let steps: Vec<String> = hops
            .iter()
            .filter(|hop| !hop.what.is_empty())
            .map(|hop| words::said(&hop.resource, &hop.what))
            .collect();
        let width = self.style.width.saturating_sub(INDENT + 2).max(40);
        let mut lines = words::fill(&steps, " · ", width);
        for (i, line) in lines.iter_mut().enumerate() {
            let mark = if i == 0 { self.style.good.paint("✓") } else { " ".to_owned() };
            *line = format!("{mark} {line}");
        }
        self.unbroken(label, &lines);
    }

    /// Every step and blocker, a line each, there and back.
    pub fn evidence(&mut self, answer: &Answer) {
        let rows = |hops: &[Hop], direction: Direction| -> Vec<Row> {
            let passed = hops.iter().filter(|hop| !hop.what.is_empty()).map(Row::hop);
            let stopped = answer.blockers.iter().filter(|b| b.direction == direction);
            passed.chain(stopped.map(Row::blocker)).collect()
        };
        let out = rows(&answer.hops, Direction::Forward);
        let back = rows(&answer.return_hops, Direction::Return);
        let widest = |of: fn(&Row) -> &str| {
            let lengths = out.iter().chain(&back).map(|row| of(row).chars().count());
            lengths.filter(|&length| length <= LONGEST_ALIGNED).max().unwrap_or(0)
        };
        let (text_width, place_width) = (widest(|row| &row.text), widest(|row| &row.place));
        for (label, rows) in [("out", &out), ("back", &back)] {
            let lines: Vec<String> = rows
                .iter()
                .map(|row| {
                    let (paint, mark) = match row.passes {
                        true => (&self.style.good, "✓"),
                        false => (&self.style.bad, "✗"),
                    };
                    let place = format!("{:<place_width$}", row.place);
                    format!(
                        "{} {:<text_width$}   {}   {}",
                        paint.paint(mark),
                        row.text,
                        self.style.faint.paint(&place),
                        paint.paint(&row.code)
                    )
                })
                .collect();
            self.unbroken(label, &lines);
        }
    }
}
