//! Edits that make several flows pass at once.

use super::search::{Search, joined, names, ranked};
use super::{Edit, Goal, Repairs, repairs};
use crate::answer::{Expectation, Verdict};
use crate::check::{Check, Outcome, check};
use crate::compare::subject;
use crate::network::{Network, ServiceId};
use crate::query::World;
use std::collections::BTreeSet;

/// How many edited networks are gone on from.
const STEPS: usize = 60;

/// How many networks are solved for one flow at each.
const NETWORKS: usize = 150;

/// How many sets are looked for.
const SETS: usize = 6;

/// The ways of several flows.
#[derive(Clone, Debug)]
pub struct Together {
    /// Each flow that was asked, and the ways to make it alone pass.
    pub flows: Vec<(Goal, Repairs)>,
    /// The smallest ways to make all of them pass that one can.
    pub all: Repairs,
}

/// The smallest sets of edits that make every one of the flows pass.
#[must_use]
pub fn together(network: &Network, expectations: &[Expectation], goals: &[Goal]) -> Together {
    let flows = alone(network, expectations, goals);
    let all = match flows.as_slice() {
        [(_, only)] => only.clone(),
        _ => joint(network, expectations, goals, &|_| true),
    };
    Together { flows, all }
}

/// What makes everything pass that fails a check, and breaks nothing that does not.
#[must_use]
pub fn check_repairs(network: &Network, expectations: &[Expectation]) -> Together {
    let before = check(&World::new(network.clone()), expectations);
    let goals = failing(&before);
    let flows = alone(network, expectations, &goals);
    let sore = sore(&before);
    let holds = |world: &World| self::sore(&check(world, expectations)).is_subset(&sore);
    let all = joint(network, expectations, &goals, &holds);
    Together { flows, all }
}

fn alone(network: &Network, expectations: &[Expectation], goals: &[Goal]) -> Vec<(Goal, Repairs)> {
    goals.iter().map(|goal| (goal.clone(), repairs(network, expectations, goal))).collect()
}

/// The flows that fail a check and should pass.
fn failing(check: &Check) -> Vec<Goal> {
    let mut goals: Vec<Goal> = Vec::new();
    for service in &check.services {
        let flows = service.flows.iter();
        for flow in flows.filter(|flow| flow.fails() && flow.outcome() == Outcome::Failed) {
            let id = ServiceId::from(service.service.id.as_str());
            goals.push(Goal::of(id, service.service.label(), flow));
        }
    }
    for one in &check.expectations {
        let wanted = one.expectation.verdict == Verdict::Reachable;
        let fails = one.result.as_ref().is_ok_and(|it| it.verdict != Verdict::Unknown);
        if wanted && fails && !one.met() {
            goals.push(Goal::Query(one.expectation.query.clone()));
        }
    }
    goals
}

/// What of a check is not as it should be.
fn sore(check: &Check) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for service in &check.services {
        let flows = service.flows.iter().filter(|flow| flow.outcome() != Outcome::Passed);
        all.extend(flows.map(|flow| format!("{:?}", subject(service.service.label(), flow))));
    }
    let expectations = check.expectations.iter().filter(|one| !one.met());
    all.extend(expectations.map(|one| one.expectation.query.to_string()));
    all
}

/// Fewer edits first: what makes the first flow pass that still fails is added, in each way there
/// is, until none fails.
fn joint(
    network: &Network,
    expectations: &[Expectation],
    goals: &[Goal],
    holds: &dyn Fn(&World) -> bool,
) -> Repairs {
    let whole = |world: &World| goals.iter().all(|goal| goal.passes(world)) && holds(world);
    let world = World::new(network.clone());
    let now = goals.iter().map(|goal| goal.ask(&world).map_or(Verdict::Unknown, |it| it.verdict));
    let now = (!goals.is_empty()).then(|| Verdict::of_all(now));
    let mut found: Vec<Vec<Edit>> = Vec::new();
    let mut seen: BTreeSet<Vec<String>> = BTreeSet::new();
    let mut queue: Vec<Vec<Edit>> = vec![Vec::new()];
    let (mut steps, mut complete) = (0, true);
    while !queue.is_empty() {
        let edits = queue.remove(0);
        if steps == STEPS || found.len() == SETS {
            complete = false;
            break;
        }
        let own: BTreeSet<String> = names(&edits).into_iter().collect();
        let holds_one = |one: &Vec<Edit>| names(one).iter().all(|name| own.contains(name));
        if found.iter().any(holds_one) {
            continue;
        }
        steps += 1;
        let edited = match edits.as_slice() {
            [] => network.clone(),
            some => match joined(network, some) {
                Some((_, edited)) => edited,
                None => continue,
            },
        };
        let world = World::new(edited.clone());
        let Some(next) = goals.iter().find(|goal| !goal.passes(&world)) else {
            if !edits.is_empty() && holds(&world) {
                let smallest = minimal(network, edits, &whole);
                let key = names(&smallest);
                if !found.iter().any(|one| names(one) == key) {
                    found.push(smallest);
                }
            }
            continue;
        };
        let (ways, all) = Search::new(&edited, next, NETWORKS).search();
        complete &= all;
        for way in ways {
            let mut more = edits.clone();
            more.extend(way);
            if seen.insert(names(&more)) {
                queue.push(more);
            }
        }
        queue.sort_by_key(Vec::len);
    }
    Repairs { repairs: ranked(network, expectations, found), now, complete }
}

/// The edits without those that are not needed.
fn minimal(network: &Network, mut edits: Vec<Edit>, whole: &dyn Fn(&World) -> bool) -> Vec<Edit> {
    let mut at = 0;
    while at < edits.len() {
        let mut without = edits.clone();
        without.remove(at);
        let rest = joined(network, &without).map(|(_, edited)| World::new(edited));
        match rest.is_some_and(|world| whole(&world)) {
            true => (edits, at) = (without, 0),
            false => at += 1,
        }
    }
    edits
}
