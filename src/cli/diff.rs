//! `reach diff before.yaml after/`

use super::arguments::{Format, Options};
use super::complaint::Complaint;
use super::query::load_from;
use super::terminal::Terminal;
use super::what_if::{queries, verdicts};
use super::{Shown, Status};
use crate::answer::Expectation;
use crate::check;
use crate::compare::{Asked, asked, by_names, changes, checked, explain, flips};
use crate::network::Network;
use crate::query::World;
use crate::report::{self, Diff};

pub(super) fn run(
    first: &str,
    second: &str,
    words: &[String],
    options: &Options,
    terminal: &Terminal,
) -> Result<Shown, Complaint> {
    let one = load_from(first, options, terminal)?;
    let other = load_from(second, options, terminal)?;
    let queries = queries(words)?;
    // What either file expects is asked of both.
    let mut expectations: Vec<Expectation> = one.expectations.clone();
    for expectation in other.expectations {
        if !expectations.iter().any(|known| known.query == expectation.query) {
            expectations.push(expectation);
        }
    }
    let second_network = by_names(&one.network, &other.network);
    let changes = changes(&one.network, &second_network);
    let first_world = World::new(one.network.clone());
    let before = verdicts(&first_world, &queries, &expectations)?;
    let after = verdicts(&World::new(other.network), &queries, &expectations)?;
    let flips = flips(&before.asked, &after.asked);
    let again = |network: Network| -> Asked {
        let world = first_world.edited(&one.network, network);
        match queries.is_empty() {
            true => checked(&check::check(&world, &expectations)),
            false => asked(&world, &queries),
        }
    };
    let explanations = explain(&one.network, &second_network, &changes, &flips, again);
    let diff = Diff {
        names: (first, second),
        changes: &changes,
        flips: &flips,
        explanations: &explanations,
        outcome: (before.word, after.word),
    };
    let text = match options.format {
        Format::Text => report::diff_text(&diff, &terminal.style()),
        Format::Json => report::diff_json(&diff),
    };
    // As `diff` does: 1 where something differs.
    let status = if flips.flips.is_empty() { Status::AsWanted } else { Status::Failed };
    Ok(Shown { text, status })
}
