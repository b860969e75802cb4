//! The search for edits.

use super::candidates::Candidates;
use super::{Edit, Goal, Repair};
use crate::answer::{Expectation, QueryAnswer, Verdict};
use crate::check::check;
use crate::compare::{Asked, checked, flips};
use crate::network::Network;
use crate::query::World;
use crate::read::scenario::Overlay;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// How many edits a repair may have.
const EDITS: usize = 5;

/// How many networks are solved before the search gives up.
const NETWORKS: usize = 400;

/// How many repairs are looked for.
const REPAIRS: usize = 12;

/// How many edits a repair may have that no single blocker suggests.
const WIDE_EDITS: usize = 3;

/// How far is searched.
struct Bounds {
    edits: usize,
    /// How many networks may have been solved.
    networks: usize,
    /// Whether everything on the way is changed, or what stops the flow first.
    wide: bool,
}

/// What the search found.
#[derive(Clone, Debug)]
pub struct Repairs {
    /// The repairs: few edits first, then those that change little else.
    pub repairs: Vec<Repair>,
    /// Why the flow does not pass now; the one answer that was asked first.
    pub now: Option<Verdict>,
    /// Whether everything was tried that could be.
    pub complete: bool,
}

/// The smallest sets of edits that make the flow pass.
pub fn repairs(network: &Network, expectations: &[Expectation], goal: &Goal) -> Repairs {
    let mut search = Search::new(network, goal, NETWORKS);
    let first = search.asked(&[]);
    let now = first.as_ref().map(|(answer, _)| answer.verdict);
    if now == Some(Verdict::Reachable) {
        return Repairs { repairs: Vec::new(), now, complete: true };
    }
    let (found, complete) = search.search();
    Repairs { repairs: ranked(network, expectations, found), now, complete }
}

/// Sets of edits with what else they change: few edits first, then those that change little else.
pub(super) fn ranked(
    network: &Network,
    expectations: &[Expectation],
    found: Vec<Vec<Edit>>,
) -> Vec<Repair> {
    if found.is_empty() {
        return Vec::new();
    }
    let before = verdicts(network, expectations);
    let mut repairs: Vec<Repair> = found
        .into_iter()
        .filter_map(|edits| {
            let (overlay, edited) = joined(network, &edits)?;
            let blast = flips(&before, &verdicts(&edited, expectations));
            Some(Repair { edits, overlay, blast })
        })
        .collect();
    repairs.sort_by_key(|one| {
        let words: Vec<String> = one.edits.iter().map(|edit| edit.what.clone()).collect();
        (one.edits.len(), one.blast.flips.len(), words)
    });
    repairs
}

fn verdicts(network: &Network, expectations: &[Expectation]) -> Asked {
    checked(&check(&World::new(network.clone()), expectations))
}

/// Edits as one overlay, and the network with it; nothing where AWS would refuse it.
pub(super) fn joined(network: &Network, edits: &[Edit]) -> Option<(Overlay, Network)> {
    let mut all: Option<Overlay> = None;
    for edit in edits {
        all = Some(match all {
            None => edit.overlay.clone(),
            Some(before) => before.and(&edit.overlay).ok()?,
        });
    }
    let overlay = all?;
    let edited = overlay.apply(network).ok()?;
    Some((overlay, edited))
}

/// The same for the same edits in any order.
pub(super) fn names(edits: &[Edit]) -> Vec<String> {
    let mut names: Vec<String> = edits.iter().map(|edit| edit.key.clone()).collect();
    names.sort();
    names
}

pub(super) struct Search<'a> {
    base: &'a Network,
    world: World,
    goal: &'a Goal,
    /// Whether the flow passes with a set of edits.
    known: BTreeMap<Vec<String>, bool>,
    solved: usize,
    /// How many may be.
    networks: usize,
}

impl<'a> Search<'a> {
    pub(super) fn new(base: &'a Network, goal: &'a Goal, networks: usize) -> Self {
        let world = World::new(base.clone());
        Self { base, world, goal, known: BTreeMap::new(), solved: 0, networks }
    }

    /// What is answered with some edits, and of which network; nothing where it cannot be asked.
    fn asked(&mut self, edits: &[Edit]) -> Option<(QueryAnswer, World)> {
        let world = match edits {
            [] => self.world.clone(),
            some => self.world.edited(self.base, joined(self.base, some)?.1),
        };
        self.solved += 1;
        let answer = self.goal.ask(&world)?;
        self.known.insert(names(edits), answer.verdict == Verdict::Reachable);
        Some((answer, world))
    }

    fn passes(&mut self, edits: &[Edit]) -> bool {
        if let Some(known) = self.known.get(&names(edits)) {
            return *known;
        }
        let passes =
            self.asked(edits).is_some_and(|(answer, _)| answer.verdict == Verdict::Reachable);
        self.known.insert(names(edits), passes);
        passes
    }

    /// What makes the flow pass, each set without what is not needed: by what stops the flow first;
    /// and where that leads nowhere, by everything that could be changed on its way.
    pub(super) fn search(&mut self) -> (Vec<Vec<Edit>>, bool) {
        let narrow = Bounds { edits: EDITS, networks: self.networks, wide: false };
        let (found, complete) = self.within(&narrow);
        if !found.is_empty() {
            return (found, complete);
        }
        let (found, wide) = self.within(&Bounds {
            edits: WIDE_EDITS,
            networks: self.solved + self.networks_wide(),
            wide: true,
        });
        (found, complete && wide)
    }

    /// Each solve of a large network takes long.
    fn networks_wide(&self) -> usize {
        let small = self.networks.saturating_mul(2);
        small.min(self.networks.saturating_mul(100) / self.base.len().max(1)).max(20)
    }

    /// Breadth first: fewer edits before more. What is found is made minimal.
    fn within(&mut self, bounds: &Bounds) -> (Vec<Vec<Edit>>, bool) {
        let mut found: Vec<Vec<Edit>> = Vec::new();
        let mut seen: BTreeSet<Vec<String>> = BTreeSet::new();
        let mut told: BTreeSet<String> = BTreeSet::new();
        let mut queue: VecDeque<Vec<Edit>> = VecDeque::from([Vec::new()]);
        let mut complete = true;
        while let Some(edits) = queue.pop_front() {
            let own: BTreeSet<String> = names(&edits).into_iter().collect();
            // What holds a repair needs no more edits.
            let holds = |one: &Vec<Edit>| one.iter().all(|edit| own.contains(&edit.key));
            if found.iter().any(|one| !one.is_empty() && holds(one)) {
                continue;
            }
            if self.solved >= bounds.networks || found.len() >= REPAIRS {
                complete = false;
                break;
            }
            let Some((answer, world)) = self.asked(&edits) else { continue };
            if answer.verdict == Verdict::Reachable {
                let smallest = self.minimal(edits);
                let key = names(&smallest);
                if !found.iter().any(|one| names(one) == key) {
                    found.push(smallest);
                }
                continue;
            }
            // What leads where other edits have led, or nowhere, is not gone on from.
            if bounds.wide && !told.insert(essence(&answer)) {
                continue;
            }
            let candidates = Candidates::new(&world.network, self.goal.protocol(), &answer);
            let ways = if bounds.wide { candidates.all() } else { candidates.first() };
            for way in ways {
                let mut next = edits.clone();
                next.extend(way.into_iter().filter(|edit| !own.contains(&edit.key)));
                if next.len() == edits.len() {
                    continue;
                }
                if next.len() > bounds.edits {
                    complete &= bounds.wide;
                    continue;
                }
                if seen.insert(names(&next)) {
                    queue.push_back(next);
                }
            }
            // Ways of several edits wait for those of fewer.
            queue.make_contiguous().sort_by_key(Vec::len);
        }
        (found, complete)
    }

    /// The edits without those that are not needed.
    fn minimal(&mut self, mut edits: Vec<Edit>) -> Vec<Edit> {
        let mut at = 0;
        while at < edits.len() {
            let mut without = edits.clone();
            without.remove(at);
            match !without.is_empty() && self.passes(&without) {
                // An earlier one may have been needed for this one only.
                true => (edits, at) = (without, 0),
                false => at += 1,
            }
        }
        edits
    }
}

/// What is told of every answer: where that is the same, what can be done is too.
fn essence(answer: &QueryAnswer) -> String {
    let mut text = String::new();
    for one in &answer.answers {
        text.push_str(&format!("{} {}", one.source.resource.id, one.verdict));
        for missing in &one.missing {
            text.push_str(&format!("\n{}", missing.fact));
        }
        for hop in one.hops.iter().chain(&one.return_hops) {
            text.push_str(&format!("\n{} {}", hop.resource.id, hop.what));
        }
        for blocker in &one.blockers {
            text.push_str(&format!("\n{} {} {}", blocker.code, blocker.resource.id, blocker.what));
        }
        text.push('\n');
    }
    text
}
