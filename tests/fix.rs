//! `reach fix`: the smallest sets of edits that make a flow pass, each proven.

#[path = "fix/brute.rs"]
mod brute;
#[path = "fix/edges.rs"]
mod edges;
mod random;

use assert_cmd::Command;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use vpc_reach::answer::{Query, Verdict};
use vpc_reach::compare::{Change, Changed, changes};
use vpc_reach::network::{Kind, Network};
use vpc_reach::query::World;
use vpc_reach::read::load;
use vpc_reach::read::scenario::Overlay;
use vpc_reach::repair::{Goal, Repair, Repairs, repairs};

fn fix(network: &Network, query: &Query) -> Repairs {
    repairs(network, &[], &Goal::Query(query.clone()))
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

/// What changes: which resources, and of new ones, whose names are free, the kind.
fn changed(before: &Network, after: &Network) -> BTreeSet<(Kind, Changed, String)> {
    let changes = changes(before, after).into_iter();
    let of = |change: Change| {
        let kind = change.kind?;
        // A zone of another domain is the same zone that hides no names.
        if kind == Kind::HostedZone {
            return Some((kind, Changed::Changed, String::new()));
        }
        let id = if change.changed == Changed::Added { String::new() } else { change.id };
        Some((kind, change.changed, id))
    };
    changes.filter_map(of).collect()
}

#[test]
fn every_broken_scenario_is_repaired_as_its_twin_is() {
    let (mut seen, mut broken_files) = (0, 0);
    let mut entries: Vec<_> =
        fs::read_dir("scenarios").unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let name = path.to_string_lossy().into_owned();
        let Some(stem) = name.strip_suffix(".yaml").filter(|stem| !stem.ends_with(".fixed")) else {
            continue;
        };
        broken_files += usize::from(path.extension().is_some_and(|end| end == "yaml"));
        let twin = format!("{stem}.fixed.yaml");
        if !Path::new(&twin).exists() {
            continue;
        }
        let (broken, fixed) = (load(&name).unwrap(), load(&twin).unwrap());
        let wanted = changed(&broken.network, &fixed.network);
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
                // A minimal set may leave out what the twin does besides.
                like_twin |= changed(&broken.network, &edited).is_subset(&wanted);
                let what: Vec<&str> = repair.edits.iter().map(|edit| edit.what.as_str()).collect();
                told.push(what.join(" + "));
            }
        }
        assert!(like_twin, "{name}: the twin changes {wanted:?}, and fix says {told:#?}");
        seen += 1;
    }
    assert!(seen >= 15 && seen == broken_files, "{seen} of {broken_files}");
}

/// How many cases an environment variable asks for.
fn count(variable: &str, usual: usize) -> usize {
    let stated = std::env::var(variable).ok().and_then(|text| text.parse().ok());
    stated.unwrap_or(usual)
}

/// Random networks with a flow that is blocked.
fn drawn(seed: u8) -> impl Iterator<Item = (random::Case, Query)> {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let cases = random::case();
    let cases = std::iter::repeat_with(move || cases.new_tree(&mut runner).unwrap().current());
    cases.flat_map(|case| {
        let ids: Vec<&str> = case.network.interfaces.keys().map(|id| id.as_str()).take(2).collect();
        let queries: Vec<Query> = match ids.as_slice() {
            [from, to] => {
                [format!("eni/{from} -> eni/{to}:443"), format!("eni/{from} -> 198.51.100.7:443")]
                    .iter()
                    .map(|text| text.parse().unwrap())
                    .collect()
            }
            _ => Vec::new(),
        };
        let world = World::new(case.network.clone());
        let blocked =
            |query: &Query| world.ask(query).is_ok_and(|answer| answer.verdict == Verdict::Blocked);
        let queries: Vec<Query> = queries.into_iter().filter(blocked).collect();
        queries.into_iter().map(move |query| (case.clone(), query))
    })
}

#[test]
fn every_repair_of_a_random_network_is_proven_and_minimal() {
    let cases: Vec<(random::Case, Query)> = drawn(11).take(count("REACH_FIX_CASES", 30)).collect();
    let repaired = |cases: &[(random::Case, Query)]| {
        let mut repaired = 0;
        for (case, query) in cases {
            let found = fix(&case.network, query);
            repaired += usize::from(!found.repairs.is_empty());
            for repair in &found.repairs {
                proven(&case.network, query, repair);
            }
        }
        repaired
    };
    let threads = std::thread::available_parallelism().map_or(1, |number| number.get());
    let repaired: usize = std::thread::scope(|scope| {
        let parts = cases.chunks(cases.len().div_ceil(threads));
        let running: Vec<_> = parts.map(|part| scope.spawn(|| repaired(part))).collect();
        running.into_iter().map(|one| one.join().unwrap()).sum()
    });
    let blocked = cases.len();
    let codes = random::CODES.len() + random::RARE.len();
    assert!(repaired * 4 > blocked, "{repaired} of {blocked} repaired, of {codes} codes");
    println!("{repaired} of {blocked} blocked flows repaired");
}

/// Runs `reach` on the capture of a task that cannot pull its image: no endpoint for ecr.dkr, and
/// the gateway endpoint of S3 on one of two tables.
struct User {
    folder: tempfile::TempDir,
    capture: String,
}

impl User {
    fn new() -> Self {
        let capture = fs::canonicalize("tests/captures/isolated-without-dkr").unwrap();
        let capture = capture.to_string_lossy().into_owned();
        Self { folder: tempfile::tempdir().unwrap(), capture }
    }

    fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        let output = Command::new(assert_cmd::cargo::cargo_bin!("reach"))
            .current_dir(self.folder.path())
            .env("REACH_FILE", &self.capture)
            .args(arguments)
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }
}

#[test]
fn a_new_user_goes_from_check_to_fix_to_green() {
    let user = User::new();
    let (code, out, _) = user.run(&["check", "--fix", "--write", "fix.yaml"]);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("2 flows: "), "{out}");
    let (code, out, error) = user.run(&["what-if", "fix.yaml"]);
    assert_eq!(code, 0, "{out}{error}");
    assert!(out.contains("failed, then passed"), "{out}");
    let text = fs::read_to_string(user.folder.path().join("fix.yaml")).unwrap();
    assert_eq!(text.lines().filter(|line| line.starts_with("# ")).count(), 2, "{text}");
    // What passes needs nothing.
    let fixed = ["what-if", "fix.yaml", "task-eni -> ecr.dkr", "task-eni -> s3"];
    assert_eq!(user.run(&fixed).0, 0);
}

#[test]
fn several_queries_are_fixed_at_once_and_each_alone() {
    let user = User::new();
    let queries = ["task-eni -> ecr.dkr", "task-eni -> s3"];
    let (code, out, error) = user.run(&["fix", queries[0], queries[1], "--write", "fix.yaml"]);
    assert_eq!(code, 0, "{out}{error}");
    assert!(out.contains("each alone"), "{out}");
    assert_eq!(user.run(&["what-if", "fix.yaml"]).0, 0);
    let (_, out, _) = user.run(&["fix", queries[0], queries[1], "--format", "json"]);
    let document: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(document["repairs"][0]["edits"].as_array().unwrap().len(), 2);
    assert_eq!(document["flows"].as_array().unwrap().len(), 2);
    for flow in document["flows"].as_array().unwrap() {
        assert_eq!(flow["repairs"][0]["edits"].as_array().unwrap().len(), 1);
    }
    let (_, out, _) = user.run(&["check", "--fix", "--format", "json"]);
    let checked: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(checked["fixes"]["repairs"], document["repairs"]);
}

#[test]
fn one_query_is_fixed_as_its_schema_says() {
    let user = User::new();
    let query = "task-eni -> ecr.dkr";
    let (code, out, error) = user.run(&["fix", query, "--write", "fix.yaml"]);
    assert_eq!(code, 0, "{out}{error}");
    assert!(out.contains("1. create interface endpoint for ecr.dkr"), "{out}");
    assert!(out.contains("aws ec2 create-vpc-endpoint"), "{out}");
    let (code, out, error) = user.run(&["what-if", "fix.yaml", query]);
    assert_eq!(code, 0, "{out}{error}");
    assert!(out.contains("opened"), "{out}");
    let (_, out, _) = user.run(&["fix", query, "--format", "json"]);
    let document: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&document["schema"], &document["now"]), (&"reach/fix/1".into(), &"blocked".into()));
    assert!(document["repairs"][0]["overlay"].as_str().unwrap().starts_with("endpoints:"));
    let (_, schema, _) = user.run(&["schema", "fix"]);
    let schema: Value = serde_json::from_str(&schema).unwrap();
    for key in document.as_object().unwrap().keys() {
        assert!(schema["properties"][key].is_object(), "{key} is not in the schema");
    }
}

/// A fix of everything breaks nothing: neither a flow that passes nor an expectation that is met.
#[test]
fn a_fix_of_a_check_keeps_what_is_expected_to_be_blocked() {
    let text = "\
vpcs: { main: { cidr: 10.0.0.0/16 } }
subnets: { a: { vpc: main, cidr: 10.0.1.0/24 } }
security_groups:
  web: { vpc: main }
  other: { vpc: main }
  db: { vpc: main, ingress: [] }
interfaces:
  web: { subnet: a, security_groups: [web] }
  other: { subnet: a, security_groups: [other] }
  db: { subnet: a, security_groups: [db], listens: [0.0.0.0:5432] }
expect:
  - web -> db:5432: reachable
  - other -> db:5432: blocked
";
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("reach.yaml");
    fs::write(&file, text).unwrap();
    let loaded = load(&file.to_string_lossy()).unwrap();
    let found = vpc_reach::repair::check_repairs(&loaded.network, &loaded.expectations);
    let titles = |repairs: &Repairs| -> Vec<String> {
        let of = |one: &Repair| one.edits.iter().map(|edit| edit.what.clone()).collect::<Vec<_>>();
        repairs.repairs.iter().map(|one| of(one).join(" + ")).collect()
    };
    assert_eq!(titles(&found.all), ["let sg db in from sg web on tcp 5432"]);
    let [(_, alone)] = found.flows.as_slice() else { panic!("{:?}", found.flows) };
    assert_eq!(titles(alone).len(), 2, "a rule for the subnet makes it pass too");
}
