//! The steps and blockers of an answer, a line each, with where they are stated on the right.

use super::page::Page;
use super::words;
use crate::answer::{Answer, Blocker, Direction, Hop, Location};

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
    fn hop(hop: &Hop, named: Option<&str>) -> Self {
        Self {
            passes: true,
            text: words::said(&hop.resource, &hop.what),
            place: words::place(&hop.resource, hop.location.as_ref(), named),
            code: String::new(),
        }
    }

    fn blocker(blocker: &Blocker, named: Option<&str>) -> Self {
        Self {
            passes: false,
            text: words::said(&blocker.resource, &blocker.what),
            place: words::place(&blocker.resource, blocker.location.as_ref(), named),
            code: format!("{} ({})", blocker.code, blocker.rule),
        }
    }
}

impl Page<'_> {
    /// Every step and blocker, a line each, there and back; then the file that states them, when
    /// it is one.
    pub fn evidence(&mut self, answer: &Answer) {
        let stated = stated(answer);
        let file = stated.first().map(|at| &*at.file);
        let named = file.filter(|file| stated.iter().all(|at| *at.file == **file));
        let rows = |hops: &[Hop], direction: Direction| -> Vec<Row> {
            let passed = told(hops).map(|hop| Row::hop(hop, named));
            let stopped = answer.blockers.iter().filter(|b| b.direction == direction);
            passed.chain(stopped.map(|blocker| Row::blocker(blocker, named))).collect()
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
        if let Some(file) = named {
            let stop = answer.blockers.iter().find_map(|blocker| blocker.location.as_ref());
            let place = stop.map_or_else(|| file.to_owned(), Location::to_string);
            self.unbroken("file", &[place]);
        }
    }
}

/// The steps that have something to tell.
fn told(hops: &[Hop]) -> impl Iterator<Item = &Hop> {
    hops.iter().filter(|hop| !hop.what.is_empty())
}

/// The lines of files that the evidence points at.
fn stated(answer: &Answer) -> Vec<&Location> {
    let hops = told(&answer.hops).chain(told(&answer.return_hops));
    let all = hops.map(|hop| &hop.location).chain(answer.blockers.iter().map(|b| &b.location));
    all.flatten().filter(|at| at.line.is_some()).collect()
}
