//! The solver held to the interpreter: on random networks, every packet fares as the reference
//! walk says.
//!
//! `REACH_RANDOM_CASES` sets the number of (network, flow) pairs. A failure shrinks, and prints a
//! scenario file that a person can read.

mod random;

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use random::{CODES, Case, RARE, case};
use std::cell::RefCell;
use std::collections::BTreeMap;
use vpc_reach::answer::Outcome;
use vpc_reach::graph::Graph;
use vpc_reach::header::Packet;
use vpc_reach::interpret::interpret;
use vpc_reach::read::scenario;
use vpc_reach::solve::solve;

/// How often each outcome occurred, in pairs that had it for at least one packet.
type Seen = BTreeMap<String, usize>;

fn pairs() -> u32 {
    match std::env::var("REACH_RANDOM_CASES") {
        Ok(text) => text.parse().expect("REACH_RANDOM_CASES is a number"),
        Err(_) => 10_000,
    }
}

fn word(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Delivered => "reachable".to_owned(),
        Outcome::Unknown { .. } => "unknown".to_owned(),
        Outcome::Stopped(stop) => stop.code.to_string(),
    }
}

/// Whether two outcomes say the same. Two unknowns may miss different facts.
fn same(solver: &Outcome, reference: &Outcome) -> bool {
    match (solver, reference) {
        (Outcome::Unknown { .. }, Outcome::Unknown { .. }) => true,
        _ => solver == reference,
    }
}

fn disagreement(case: &Case, packet: &Packet, what: &str) -> TestCaseError {
    let walk = interpret(&case.network, &case.flow, packet);
    let steps: Vec<String> = walk
        .steps
        .iter()
        .map(|step| {
            format!(
                "  {:?} {} {} ({})",
                step.direction,
                step.resource.label(),
                step.what,
                step.rule
            )
        })
        .collect();
    TestCaseError::fail(format!(
        "{what}\npacket {packet:?}\nreference walk:\n{}\nflow {:?}\n{}",
        steps.join("\n"),
        case.flow,
        scenario::write(&case.network)
    ))
}

fn hold(case: &Case, seen: &RefCell<Seen>) -> Result<(), TestCaseError> {
    let solution = solve(&Graph::new(&case.network), &case.flow);
    let mut words: Vec<String> = Vec::new();
    for packet in &case.packets {
        let reference = interpret(&case.network, &case.flow, packet).outcome;
        // A packet says nothing of translations that it does not live to see: the regions that
        // differ in those all hold it.
        let mut holding =
            solution.regions.iter().filter(|region| region.headers.contains(packet)).peekable();
        if holding.peek().is_none() {
            let what = format!("no region holds the packet; the reference says {reference:?}");
            return Err(disagreement(case, packet, &what));
        }
        for region in holding {
            let solver = region.outcome();
            if !same(&solver, &reference) {
                let what = format!("solver {solver:?}\nreference {reference:?}");
                return Err(disagreement(case, packet, &what));
            }
        }
        words.push(word(&reference));
    }
    words.sort();
    words.dedup();
    let mut seen = seen.borrow_mut();
    for word in words {
        *seen.entry(word).or_default() += 1;
    }
    Ok(())
}

#[test]
fn solver_and_interpreter_agree_on_random_networks() {
    let pairs = pairs();
    let config = Config {
        cases: pairs,
        failure_persistence: None,
        max_shrink_iters: 20_000,
        ..Config::default()
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let seen = RefCell::new(Seen::new());
    let result = runner.run(&case(), |case| hold(&case, &seen));
    match result {
        Ok(()) => {}
        Err(TestError::Fail(reason, _)) => panic!("{reason}"),
        Err(other) => panic!("{other}"),
    }
    let seen = seen.into_inner();
    println!("{pairs} networks and flows; an outcome counts once for each in which it occurs");
    for (word, count) in &seen {
        println!("  {count:>8}  {word}");
    }
    if pairs < 10_000 {
        println!("NOT HELD: how often each outcome occurs is held from 10000 pairs on");
        return;
    }
    let count = |word: &str| seen.get(word).copied().unwrap_or_default();
    assert!(count("reachable") >= 2_000, "reachable in only {} pairs", count("reachable"));
    let rare: Vec<&&str> = CODES.iter().filter(|code| count(code) < 50).collect();
    assert!(RARE.iter().all(|code| count(code) >= 5), "some of {RARE:?} are hardly drawn");
    assert!(rare.is_empty(), "in fewer than 50 pairs: {rare:?}");
}
