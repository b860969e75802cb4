//! `reach diff before.yaml after/`

use super::arguments::{Format, Options, PairsWanted};
use super::complaint::Complaint;
use super::query::load_from;
use super::terminal::Terminal;
use super::what_if::{countable, queries, question, verdicts};
use super::{Shown, Status};
use crate::answer::Expectation;
use crate::check;
use crate::compare::{
    Asked, Given, asked, by_names, changes, checked, explain, flips, pair_changes,
};
use crate::network::Network;
use crate::query::World;
use crate::report::{self, Diff, Pairs};
use std::mem::ManuallyDrop;

pub(super) fn run(
    (first, second): (&str, &str),
    words: &[String],
    pairs: &PairsWanted,
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
    // The process ends soon: what large networks take is given back with it, not piece by piece.
    let first_world = ManuallyDrop::new(World::new(one.network.clone()));
    let second_world = ManuallyDrop::new(first_world.edited(&one.network, second_network.clone()));
    let question = question(pairs);
    let countable =
        [&first_world, &second_world].into_iter().any(|world| countable(world, &question));
    let before = verdicts(&first_world, &queries, &expectations, countable)?;
    // What is asked of the second is asked in its own words.
    let after = match second_network == other.network {
        true => verdicts(&second_world, &queries, &expectations, countable)?,
        false => verdicts(&World::new(other.network), &queries, &expectations, countable)?,
    };
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
        pairs: Pairs {
            question: &question,
            changes: &pair_changes(
                Given { network: &one.network, world: &first_world },
                Given { network: &second_network, world: &second_world },
                &question,
            ),
        },
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
