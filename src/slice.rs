//! The smallest part of a network that answers a question as the whole does.
//!
//! Resources are taken away, many at a time and then one by one, as long as every answer keeps its
//! verdict and what stops it first; then rules, routes and the like. Each part is asked as the file
//! that it is going to be: what is asked is what is read back.

mod anonymous;
mod details;
mod first;
mod outcome;

pub use anonymous::anonymize;
pub use outcome::{FirstBlocker, Outcome};

use crate::answer::{Answer, Expectation, Query, QueryAnswer};
use crate::edit::{Ids, translate};
use crate::network::{Coverage, Kind, Network};
use crate::query::{AskError, World};
use crate::read::scenario::{self, Extent};
use outcome::outcomes;
use std::collections::BTreeSet;
use thiserror::Error;

/// A part of a network, as a scenario file.
#[derive(Clone, Debug)]
pub struct Slice {
    /// The part.
    pub network: Network,
    /// What is asked of it.
    pub query: Query,
    /// What it answers.
    pub answer: QueryAnswer,
    /// How many resources it has.
    pub resources: usize,
    /// How many resources the whole has.
    pub of: usize,
    extent: Extent,
}

/// Why there is no slice.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SliceError {
    /// The whole network does not answer.
    #[error(transparent)]
    Ask(#[from] AskError),
    /// Written as a scenario, the whole network answers something else.
    #[error("a scenario cannot say what this answer rests on")]
    NotWritten,
    /// Without its names, the part answers something else.
    #[error("the answer rests on a name, an address or an account that may not be shown")]
    RestsOnNames,
}

/// A resource, by kind and id.
type Key = (Kind, String);

/// The smallest part of `network` that answers `query` as the whole does: with the same verdict,
/// and with the same first blocker, or the same missing fact.
///
/// # Errors
/// When the network does not answer the query, or a scenario cannot say what the answer rests on.
pub fn slice(network: &Network, query: &Query) -> Result<Slice, SliceError> {
    let answer = World::new(network.clone()).ask(query)?;
    let wanted = outcomes(&answer);
    let extents = match network.coverage {
        Coverage::Stated => &[Extent::Short, Extent::Implied, Extent::Whole][..],
        Coverage::Captured(_) => &[Extent::Whole],
    };
    for &extent in extents {
        let search = Search { whole: network, query, wanted: &wanted, extent };
        if let Some(Part { network, answer }) = search.run(&answer) {
            let (resources, of, query) = (network.len(), search.whole.len(), query.clone());
            return Ok(Slice { network, query, answer, resources, of, extent });
        }
    }
    Err(SliceError::NotWritten)
}

impl Slice {
    /// The slice as a scenario file, with what it is about at its head.
    #[must_use]
    pub fn text(&self) -> String {
        let verdict = self.answer.verdict;
        let mut text =
            String::from("# The smallest part of a network that answers as the whole does:\n");
        text.push_str(&format!("#   {} is {verdict}\n", one_line(&self.query.to_string())));
        for outcome in outcomes(&self.answer) {
            text.push_str(&format!("#   {}\n", one_line(&outcome.to_string())));
        }
        text.push_str(&format!("# {} of {} resources.\n", self.resources, self.of));
        text.push_str(&scenario::write_as(&self.network, self.extent));
        let query = self.query.clone();
        text.push_str(&scenario::write_expectations(&[Expectation { query, verdict, at: None }]));
        text
    }
}

/// A comment ends with its line.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

struct Search<'s> {
    whole: &'s Network,
    query: &'s Query,
    wanted: &'s BTreeSet<Outcome>,
    extent: Extent,
}

impl Search<'_> {
    fn run(&self, answer: &QueryAnswer) -> Option<Part> {
        let all: BTreeSet<Key> = keys(self.whole);
        // What the answer touches is often enough; else the whole is taken apart.
        let near = first::touched(self.whole, answer);
        let mut part = match self.part(&near) {
            Some(part) => part,
            None => self.part(&all)?,
        };
        self.without_resources(&mut part);
        self.without_tags(&mut part);
        details::trim(&mut part, |network| self.holds(network));
        // Fewer rules need fewer of what they name.
        self.without_resources(&mut part);
        Some(part)
    }

    /// Takes resources away, until none can go alone.
    fn without_resources(&self, part: &mut Part) {
        let mut size = part.network.len().div_ceil(2).max(1);
        loop {
            let mut less = false;
            let kept: Vec<Key> = keys(&part.network).into_iter().collect();
            // What others stand on comes last.
            let chunks: Vec<&[Key]> = kept.rchunks(size).collect();
            for chunk in chunks {
                if let Some(smaller) = self.without(&part.network, chunk) {
                    *part = smaller;
                    less = true;
                }
            }
            match (size, less) {
                (1, false) => break,
                (1, true) => {}
                _ => size = size.div_ceil(2),
            }
        }
    }

    /// Takes away the tags, but for those that the query names.
    fn without_tags(&self, part: &mut Part) {
        if !part.network.abouts().any(|about| about.tags.told()) {
            return;
        }
        let ends = [&self.query.source.text, &self.query.destination.text];
        let wanted: Vec<&str> = ends.iter().filter_map(|text| text.strip_prefix("tag/")).collect();
        let mut network = part.network.clone();
        network.each_about_mut(|_, about| about.tags = about.tags.only(&wanted));
        if let Some(less) = self.holds(network) {
            *part = less;
        }
    }

    /// The network without these, if one of them is still there and it answers as the whole does.
    fn without(&self, network: &Network, gone: &[Key]) -> Option<Part> {
        let mut left = keys(network);
        let before = left.len();
        gone.iter().for_each(|key| {
            left.remove(key);
        });
        if left.len() == before {
            return None;
        }
        self.holds(restricted(network, &left)).or_else(|| {
            // A capture may name what it does not hold: a rule keeps the group that it names.
            let ([(kind, id)], Coverage::Captured(_)) = (gone, &network.coverage) else {
                return None;
            };
            let mut less = network.clone();
            less.remove(*kind, id);
            self.holds(less)
        })
    }

    /// The network with these resources only, if it answers as the whole does.
    fn part(&self, kept: &BTreeSet<Key>) -> Option<Part> {
        self.holds(restricted(self.whole, kept))
    }

    /// The network as it reads back, if it answers as the whole does.
    fn holds(&self, network: Network) -> Option<Part> {
        let text = scenario::write_as(&network, self.extent);
        let read = scenario::read("slice.yaml", &text, &mut |_| Ok(Network::stated())).ok()?;
        let answer = World::new(read.network).ask(self.query).ok()?;
        (outcomes(&answer) == *self.wanted).then_some(Part { network, answer })
    }
}

/// A part that answers as the whole does.
struct Part {
    network: Network,
    answer: QueryAnswer,
}

fn keys(network: &Network) -> BTreeSet<Key> {
    network.resources().map(|(kind, id, _)| (kind, id.to_owned())).collect()
}

/// The network with these resources only; what names others does so no more, and what cannot be
/// without them is not there either.
fn restricted(whole: &Network, kept: &BTreeSet<Key>) -> Network {
    struct Kept<'k>(&'k Network, &'k BTreeSet<Key>);
    impl Ids for Kept<'_> {
        fn translate(&mut self, kind: Kind, id: &str) -> Option<String> {
            // What was not there before stays not there.
            let gone = self.0.has(kind, id) && !self.1.contains(&(kind, id.to_owned()));
            (!gone).then(|| id.to_owned())
        }
    }
    // A resource may fall with another one, and others with it.
    let mut kept = kept.clone();
    loop {
        let left = translate(whole, &mut Kept(whole, &kept));
        let now = keys(&left);
        if now == kept {
            return left;
        }
        kept = now;
    }
}

/// The place that an answer ends at, as a key of the network.
fn key_of(answer: &Answer, network: &Network, source: bool) -> Option<Key> {
    let end = if source { &answer.source } else { &answer.destination };
    let kind = Kind::from_word(&end.resource.kind)?;
    network.has(kind, &end.resource.id).then(|| (kind, end.resource.id.clone()))
}
