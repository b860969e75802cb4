//! The solver held to the interpreter: on random networks, every packet fares as the reference
//! walk says.
//!
//! `REACH_RANDOM_CASES` sets the number of (network, flow) pairs. A failure shrinks, and prints a
//! scenario file that a person can read.

mod random;

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use random::{CODES, Case, RARE, case};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use vpc_reach::answer::Outcome;
use vpc_reach::graph::Graph;
use vpc_reach::header::Packet;
use vpc_reach::interpret::interpret;
use vpc_reach::read::scenario;
use vpc_reach::solve::solve;

/// Every kind of component that packets meet.
const KINDS: [&str; 18] = [
    "block-public-access",
    "egress-only-internet-gateway",
    "eni",
    "endpoint",
    "firewall",
    "internet",
    "internet-gateway",
    "nat-gateway",
    "network-acl",
    "peering",
    "route-table",
    "security-group",
    "subnet",
    "transit-gateway",
    "transit-gateway-attachment",
    "transit-gateway-route-table",
    "virtual-private-gateway",
    "vpc",
];

/// Rules that decide packets and are no step of their own: how the step of another rule is taken,
/// which stands for them.
const WITHIN: [(&str, &str); 32] = [
    ("CT-01", "PW-08"),
    ("CT-03", "PW-08"),
    ("CT-07", "IE-02"),
    ("DN-03", "PW-06"),
    ("GE-02", "GE-01"),
    ("GE-04", "GE-01"),
    ("GL-01", "GL-02"),
    ("NA-04", "NA-02"),
    ("NA-05", "NA-02"),
    ("NA-06", "NA-02"),
    ("NA-09", "NA-02"),
    ("NA-10", "NG-03"),
    ("NA-11", "GE-01"),
    ("NG-06", "NG-03"),
    ("NG-10", "NG-03"),
    ("PC-07", "PC-02"),
    ("PW-01", "RT-04"),
    ("PW-11", "RT-12"),
    ("PW-14", "RT-04"),
    ("RT-01", "RT-04"),
    ("RT-05", "RT-04"),
    ("RT-07", "RT-04"),
    ("RT-10", "RT-12"),
    ("RT-19", "RT-06"),
    ("SG-03", "SG-05"),
    ("SG-07", "SG-05"),
    ("SG-10", "SG-09"),
    ("SG-11", "SG-09"),
    ("SG-16", "SG-06"),
    ("TG-08", "TG-03"),
    ("TG-10", "TG-03"),
    ("TG-12", "NG-08"),
];

/// Rules that decide packets and that random networks have nothing for, and why.
const NOT_DRAWN: [(&str, &str); 3] = [
    ("SG-19", "no group is associated with a further VPC: its own tests pin it"),
    ("SH-01", "all is one account's, with one name for each zone: its own tests pin it"),
    ("SH-03", "all is one account's: its own tests pin it"),
];

/// The rules that decide packets, as the table of rules has it.
fn deciding() -> BTreeSet<String> {
    let table = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/rules.tsv");
    let text = fs::read_to_string(table).unwrap();
    let rows = text.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let rules: BTreeSet<String> = rows
        .filter(|cells| cells.get(2) == Some(&"decided"))
        .map(|cells| cells[0].into())
        .collect();
    assert!(rules.len() > 100, "{rules:?}");
    rules
}

/// How often each thing occurred, in pairs that had it for at least one packet.
#[derive(Default)]
struct Seen {
    outcomes: BTreeMap<String, usize>,
    /// The kinds of components that let a packet through, turned it or stopped it.
    kinds: BTreeMap<String, usize>,
    /// The rules by which they did.
    rules: BTreeMap<String, usize>,
}

impl Seen {
    fn add(&mut self, case: Occurred) {
        let Self { outcomes, kinds, rules } = self;
        let all = [(outcomes, case.outcomes), (kinds, case.kinds), (rules, case.rules)];
        for (counts, words) in all {
            for word in words {
                *counts.entry(word).or_default() += 1;
            }
        }
    }
}

/// What occurred in one pair.
#[derive(Default)]
struct Occurred {
    outcomes: BTreeSet<String>,
    kinds: BTreeSet<String>,
    rules: BTreeSet<String>,
}

/// The rules that the reference walk can name, as its source says.
fn rules_of_the_reference() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/interpret");
    let is_rule = |text: &&str| {
        text.split_once('-').is_some_and(|(section, number)| {
            section.bytes().all(|byte| byte.is_ascii_uppercase())
                && (2..=3).contains(&section.len())
                && number.len() == 2
                && number.bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    let mut rules = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        rules.extend(text.split('"').filter(is_rule).map(str::to_owned));
    }
    assert!(rules.len() > 30, "{rules:?}");
    rules
}

fn print(title: &str, counts: &BTreeMap<String, usize>) {
    println!("{title}");
    for (word, count) in counts {
        println!("  {count:>8}  {word}");
    }
}

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
    let mut occurred = Occurred::default();
    for packet in &case.packets {
        let walk = interpret(&case.network, &case.flow, packet);
        for step in &walk.steps {
            occurred.kinds.insert(step.resource.kind.to_string());
            occurred.rules.insert(step.rule.to_string());
        }
        let reference = walk.outcome;
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
        occurred.outcomes.insert(word(&reference));
    }
    seen.borrow_mut().add(occurred);
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
    let seen = RefCell::new(Seen::default());
    let result = runner.run(&case(), |case| hold(&case, &seen));
    match result {
        Ok(()) => {}
        Err(TestError::Fail(reason, _)) => panic!("{reason}"),
        Err(other) => panic!("{other}"),
    }
    let seen = seen.into_inner();
    println!("{pairs} networks and flows; a line counts once for each in which it occurs");
    print("what became of packets", &seen.outcomes);
    print("what they met", &seen.kinds);
    print("which rules decided", &seen.rules);
    println!("which rules show in the step of another");
    for (rule, by) in WITHIN {
        println!("  {:>8}  {rule} by {by}", seen.rules.get(by).copied().unwrap_or_default());
    }
    println!("which rules no random network has anything for");
    for (rule, why) in NOT_DRAWN {
        println!("         -  {rule}: {why}");
    }
    if pairs < 10_000 {
        println!("NOT HELD: how often each outcome occurs is held from 10000 pairs on");
        return;
    }
    let count = |word: &str| seen.outcomes.get(word).copied().unwrap_or_default();
    assert!(count("reachable") >= 2_000, "reachable in only {} pairs", count("reachable"));
    let rare: Vec<&&str> = CODES.iter().filter(|code| count(code) < 50).collect();
    let never: Vec<_> = RARE.iter().filter(|code| count(code) == 0).collect();
    assert!(never.is_empty(), "never: {never:?}");
    assert!(rare.is_empty(), "in fewer than 50 pairs: {rare:?}");
    let met = |kind: &&&str| !seen.kinds.contains_key(**kind);
    let unmet: Vec<_> = KINDS.iter().filter(met).collect();
    assert!(unmet.is_empty(), "no packet met {unmet:?}");
    let idle: Vec<String> = rules_of_the_reference()
        .into_iter()
        .filter(|rule| !seen.rules.contains_key(rule))
        .collect();
    assert!(idle.is_empty(), "rules that never decided: {idle:?}");
    let shown = |rule: &str| seen.rules.contains_key(rule);
    let stands = |rule: &str| {
        let by = WITHIN.iter().any(|(own, by)| *own == rule && shown(by));
        by || NOT_DRAWN.iter().any(|(own, _)| *own == rule)
    };
    let decide = deciding();
    // Each is in the table, or in one of the two lists beside it.
    let odd: Vec<_> = decide.iter().filter(|rule| shown(rule) == stands(rule)).collect();
    assert!(odd.is_empty(), "rules that never show, or do although they are said not to: {odd:?}");
    let beside = WITHIN.iter().chain(&NOT_DRAWN).map(|(own, _)| own);
    let strays: Vec<_> = beside.filter(|own| !decide.contains(**own)).collect();
    assert!(strays.is_empty(), "not rules that decide packets: {strays:?}");
}
