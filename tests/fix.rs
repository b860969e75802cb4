//! `reach fix`: the smallest sets of edits that make a flow pass, each proven.

mod random;

use assert_cmd::Command;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use vpc_reach::answer::{Query, Verdict};
use vpc_reach::compare::changes;
use vpc_reach::network::{Kind, Network};
use vpc_reach::query::World;
use vpc_reach::read::load;
use vpc_reach::read::scenario::Overlay;
use vpc_reach::repair::{Goal, Repair, Repairs, repairs};

fn fix(network: &Network, query: &Query) -> Repairs {
    let protocol = query.destination.protocol.unwrap_or(vpc_reach::header::Protocol::Tcp);
    let goal = Goal { ask: &|world| world.ask(query).ok(), protocol };
    repairs(network, &[], &goal)
}

fn passes(network: &Network, query: &Query) -> bool {
    let answer = World::new(network.clone()).ask(query);
    answer.is_ok_and(|answer| answer.verdict == Verdict::Reachable)
}

/// The network with some edits, from the text that a person gets; nothing where AWS would refuse.
fn with<'e>(network: &Network, edits: impl Iterator<Item = &'e Overlay>) -> Option<Network> {
    let whole = edits.cloned().reduce(|one, other| one.and(&other).unwrap());
    match whole {
        None => Some(network.clone()),
        Some(overlay) => {
            Overlay::read("again.yaml", &overlay.to_yaml()).unwrap().apply(network).ok()
        }
    }
}

/// It makes the flow pass, and without any one of its edits the flow does not pass.
fn proven(network: &Network, query: &Query, repair: &Repair) {
    let told: Vec<&str> = repair.edits.iter().map(|edit| edit.what.as_str()).collect();
    let again = Overlay::read("again.yaml", &repair.overlay.to_yaml()).unwrap();
    let edited = again.apply(network).unwrap();
    assert!(passes(&edited, query), "{query}: {told:?} does not make it pass");
    for left_out in 0..repair.edits.len() {
        let rest = repair.edits.iter().enumerate().filter(|(index, _)| *index != left_out);
        let rest = with(network, rest.map(|(_, edit)| &edit.overlay));
        let still = rest.is_some_and(|network| passes(&network, query));
        assert!(!still, "{query}: {told:?} needs no {}", told[left_out]);
    }
}

fn kinds(before: &Network, after: &Network) -> BTreeSet<Kind> {
    changes(before, after).into_iter().filter_map(|change| change.kind).collect()
}

#[test]
fn every_broken_scenario_is_repaired_as_its_twin_is() {
    let mut seen = 0;
    let mut entries: Vec<_> =
        fs::read_dir("scenarios").unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let name = path.to_string_lossy().into_owned();
        let Some(stem) = name.strip_suffix(".yaml").filter(|stem| !stem.ends_with(".fixed")) else {
            continue;
        };
        let twin = format!("{stem}.fixed.yaml");
        if !Path::new(&twin).exists() {
            continue;
        }
        let (broken, fixed) = (load(&name).unwrap(), load(&twin).unwrap());
        let wanted = kinds(&broken.network, &fixed.network);
        let mut like_twin = false;
        let mut told = Vec::new();
        for expectation in &broken.expectations {
            let query = &expectation.query;
            if expectation.verdict == Verdict::Reachable || !passes(&fixed.network, query) {
                continue;
            }
            let found = fix(&broken.network, query);
            assert!(!found.repairs.is_empty(), "{name}: {query} is not repaired");
            for repair in &found.repairs {
                proven(&broken.network, query, repair);
                let edited = repair.overlay.apply(&broken.network).unwrap();
                like_twin |= kinds(&broken.network, &edited) == wanted;
                let what: Vec<&str> = repair.edits.iter().map(|edit| edit.what.as_str()).collect();
                told.push(what.join(" + "));
            }
        }
        assert!(like_twin, "{name}: the twin changes {wanted:?}, and fix says {told:#?}");
        seen += 1;
    }
    assert!(seen >= 15, "{seen}");
}

fn cases() -> usize {
    let stated = std::env::var("REACH_RANDOM_CASES").ok().and_then(|text| text.parse().ok());
    stated.unwrap_or(150)
}

#[test]
fn every_repair_of_a_random_network_is_proven_and_minimal() {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[11; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let drawn = random::case();
    let (mut blocked, mut repaired) = (0, 0);
    while blocked < cases() {
        let case = drawn.new_tree(&mut runner).unwrap().current();
        let ids: Vec<&str> = case.network.interfaces.keys().map(|id| id.as_str()).take(2).collect();
        let [from, to] = ids.as_slice() else { continue };
        for text in
            [format!("eni/{from} -> eni/{to}:443"), format!("eni/{from} -> 198.51.100.7:443")]
        {
            let query: Query = text.parse().unwrap();
            let answer = World::new(case.network.clone()).ask(&query);
            if !answer.is_ok_and(|answer| answer.verdict == Verdict::Blocked) {
                continue;
            }
            blocked += 1;
            let found = fix(&case.network, &query);
            repaired += usize::from(!found.repairs.is_empty());
            for repair in &found.repairs {
                proven(&case.network, &query, repair);
            }
        }
    }
    let codes = random::CODES.len() + random::RARE.len();
    assert!(repaired * 8 > blocked, "{repaired} of {blocked} repaired, of {codes} codes");
}

/// A snapshot of a task that cannot pull its image, as a new user has it.
#[test]
fn a_new_user_goes_from_check_to_fix_to_green() {
    let folder = tempfile::tempdir().unwrap();
    let capture = fs::canonicalize("tests/captures/isolated-without-dkr").unwrap();
    let capture = capture.to_string_lossy().into_owned();
    let run = |arguments: &[&str]| {
        let output = Command::new(assert_cmd::cargo::cargo_bin!("reach"))
            .current_dir(folder.path())
            .env("REACH_FILE", &capture)
            .args(arguments)
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    };
    let query = "task-eni -> ecr.dkr";
    assert_eq!(run(&[query]).0, 1);
    let (code, out, error) = run(&["fix", query, "--write", "fix.yaml"]);
    assert_eq!(code, 0, "{out}{error}");
    assert!(out.contains("1. create interface endpoint for ecr.dkr"), "{out}");
    assert!(out.contains("aws ec2 create-vpc-endpoint"), "{out}");
    let (code, out, error) = run(&["what-if", "fix.yaml", query]);
    assert_eq!(code, 0, "{out}{error}");
    assert!(out.contains("opened"), "{out}");
    let (_, out, _) = run(&["fix", query, "--format", "json"]);
    let document: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&document["schema"], &document["now"]), (&"reach/fix/1".into(), &"blocked".into()));
    assert!(document["repairs"][0]["overlay"].as_str().unwrap().starts_with("endpoints:"));
    let (_, schema, _) = run(&["schema", "fix"]);
    let schema: Value = serde_json::from_str(&schema).unwrap();
    for key in document.as_object().unwrap().keys() {
        assert!(schema["properties"][key].is_object(), "{key} is not in the schema");
    }
}
