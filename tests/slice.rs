//! A slice answers as the whole does, and nothing can be taken from it.

#[expect(dead_code, reason = "shared with other tests")]
mod random;

use assert_cmd::Command;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use vpc_reach::answer::{Expectation, Query, QueryAnswer, Verdict};
use vpc_reach::network::Network;
use vpc_reach::query::World;
use vpc_reach::read::{self, scenario};
use vpc_reach::slice::{anonymize, slice};

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn read_back(text: &str) -> read::Loaded {
    match scenario::read("slice.yaml", text, &mut |base| panic!("no base {base}")) {
        Ok(loaded) => loaded,
        Err(error) => panic!("{error} at {:?}:\n{text}", error.at),
    }
}

fn ask(network: &Network, query: &Query) -> QueryAnswer {
    World::new(network.clone()).ask(query).unwrap()
}

/// The verdict, and of each answer its own, with what stops it first or is missing first.
fn essence(answer: &QueryAnswer) -> (Verdict, BTreeSet<String>) {
    let each = answer.answers.iter().map(|one| {
        let blocker = one.blockers.first();
        let blocker = blocker.map(|it| (&it.code, &it.resource.id, it.direction, &it.what));
        let missing = one.missing.first().filter(|_| one.verdict == Verdict::Unknown);
        format!("{} {blocker:?} {:?}", one.verdict, missing.map(|one| &one.fact))
    });
    (answer.verdict, each.collect())
}

/// The file without one of its entries: what names it does so no more, as a person would do it.
fn entries(text: &str) -> Vec<(String, String)> {
    let mut section = String::new();
    let mut found = Vec::new();
    for line in text.lines() {
        if let Some(name) = line.strip_suffix(':').filter(|line| !line.starts_with([' ', '#'])) {
            section = name.to_owned();
        } else if !line.starts_with(' ') {
            section.clear();
        } else if !section.is_empty()
            && let Some(rest) = line.strip_prefix("  ")
            && !rest.starts_with([' ', '-'])
        {
            let key = rest.split(':').next().unwrap().trim_matches('"');
            found.push((section.clone(), key.to_owned()));
        }
    }
    found
}

/// The text without the lines of one entry.
fn without(text: &str, section: &str, key: &str) -> String {
    let mut inside = false;
    let mut dropping = false;
    let mut left = String::new();
    for line in text.lines() {
        if !line.starts_with(' ') {
            inside = line == format!("{section}:");
            dropping = false;
        } else if inside && !line.starts_with("   ") {
            let own = line.trim_start().trim_start_matches('"');
            dropping = own.strip_prefix(key).is_some_and(|rest| rest.starts_with([':', '"']));
        }
        if !dropping {
            left.push_str(line);
            left.push('\n');
        }
    }
    // A section that has lost its only entry goes too.
    left.replace(&format!("{section}:\n\n"), "")
}

/// Holds the slice of one query to its promise.
fn holds(name: &str, network: &Network, query: &str) -> String {
    let query: Query = query.parse().unwrap();
    let whole = ask(network, &query);
    let part = slice(network, &query).unwrap_or_else(|error| panic!("{name}: {error}"));
    let text = part.text();
    let loaded = read_back(&text);
    let answer = ask(&loaded.network, &query);
    assert_eq!(essence(&answer), essence(&whole), "{name}:\n{text}");
    assert_eq!(loaded.expectations.len(), 1, "{name}:\n{text}");
    assert_eq!(loaded.expectations[0].verdict, whole.verdict, "{name}");
    assert!(loaded.network.len() <= network.len(), "{name} grew:\n{text}");
    for (section, key) in entries(&text) {
        let less = without(&text, &section, &key);
        // Without it, the file means nothing, or something else.
        let Ok(loaded) = scenario::read("less.yaml", &less, &mut |_| unreachable!()) else {
            continue;
        };
        let Ok(answer) = World::new(loaded.network).ask(&query) else { continue };
        assert_ne!(
            essence(&answer),
            essence(&whole),
            "{name}: {section} `{key}` is not needed in\n{text}"
        );
    }
    assert_eq!(slice(network, &query).unwrap().text(), text, "{name} is sliced another way again");
    text
}

#[test]
fn the_slice_of_each_scenario_is_minimal() {
    let mut sliced = 0;
    let files = fs::read_dir(root("scenarios")).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        files.filter(|file| file.extension().is_some_and(|end| end == "yaml")).collect();
    files.sort();
    for file in files.iter().filter(|file| !file.to_string_lossy().contains(".fixed.")) {
        let loaded = read::load(file.to_str().unwrap()).unwrap();
        let fails = |one: &&Expectation| one.verdict != Verdict::Reachable;
        for expectation in loaded.expectations.iter().filter(fails) {
            let name = file.file_name().unwrap().to_string_lossy();
            holds(&name, &loaded.network, &expectation.query.to_string());
            sliced += 1;
        }
    }
    assert!(sliced > 15, "only {sliced} queries");
}

#[test]
fn the_slice_of_a_capture_says_what_it_does_not_know() {
    let loaded = read::load(root("tests/captures/isolated-without-dkr").to_str().unwrap()).unwrap();
    // Of two tables only one leads to the gateway endpoint.
    holds("intermittent", &loaded.network, "task-eni -> s3");
    let blocked = holds("blocked", &loaded.network, "task-eni -> ecr.dkr");
    assert!(blocked.contains("captured:"), "{blocked}");
    let mut network = loaded.network;
    if let vpc_reach::network::Coverage::Captured(scopes) = &mut network.coverage {
        scopes.values_mut().for_each(|kinds| {
            kinds.remove(&vpc_reach::network::Kind::RouteTable);
        });
    }
    network.route_tables.clear();
    let query: Query = "task-eni -> ecr.dkr".parse().unwrap();
    assert_eq!(ask(&network, &query).verdict, Verdict::Unknown);
    let unknown = holds("unknown", &network, "task-eni -> ecr.dkr");
    assert!(unknown.contains("route-table"), "{unknown}");
}

/// Every service that a task asks for, from each captured network.
#[test]
fn the_slice_of_each_failing_flow_of_a_capture_is_minimal() {
    let mut sliced = 0;
    for capture in ["isolated-with-endpoints", "isolated-without-dkr", "nat-per-zone"] {
        let capture = root("tests/captures").join(capture);
        let loaded = read::load(capture.to_str().unwrap()).unwrap();
        for server in
            ["ecr.api", "ecr.dkr", "s3", "logs", "secretsmanager", "kms", "198.51.100.7:22"]
        {
            let query = format!("task-eni -> {server}");
            if ask(&loaded.network, &query.parse().unwrap()).verdict != Verdict::Reachable {
                holds(&format!("{} {query}", capture.display()), &loaded.network, &query);
                sliced += 1;
            }
        }
    }
    assert!(sliced > 5, "only {sliced} flows");
}

/// Random networks with a flow that does not pass.
#[test]
fn the_slice_of_a_failing_flow_of_a_random_network_is_minimal() {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[37; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let cases = random::case();
    let wanted = std::env::var("REACH_SLICE_CASES").ok().and_then(|text| text.parse().ok());
    let wanted: usize = wanted.unwrap_or(12);
    let mut sliced = 0;
    for number in 0..wanted * 20 {
        let case = cases.new_tree(&mut runner).unwrap().current();
        // A scenario refuses names that point nowhere, which some of these have.
        let text = scenario::write_as(&case.network, scenario::Extent::Whole);
        if scenario::read("whole.yaml", &text, &mut |_| unreachable!()).is_err() {
            continue;
        }
        let mut ids = case.network.interfaces.keys();
        let (Some(from), Some(to)) = (ids.next(), ids.next()) else { continue };
        let to = if number % 2 == 0 { format!("eni/{to}") } else { "198.51.100.7".to_owned() };
        let query = format!("eni/{from} -> {to}:443");
        let asked = World::new(case.network.clone()).ask(&query.parse().unwrap());
        if asked.is_ok_and(|answer| answer.verdict != Verdict::Reachable) {
            holds(&format!("random {number} {query}"), &case.network, &query);
            sliced += 1;
        }
        if sliced == wanted {
            break;
        }
    }
    assert_eq!(sliced, wanted, "too few networks");
}

/// A network with words that nobody else should read.
const SECRET: &str = "
account: '987654321098'
vpcs: { acme-prod: { cidr: 10.0.0.0/16 } }
subnets:
  acme-private: { vpc: acme-prod, cidr: 10.0.1.0/24, route_table: acme-routes }
  acme-public: { vpc: acme-prod, cidr: 10.0.2.0/24, route_table: acme-out }
internet_gateways: { acme-igw: { vpc: acme-prod } }
nat_gateways: { acme-nat: { subnet: acme-public, public_ip: 52.1.2.3 } }
route_tables:
  acme-routes: { vpc: acme-prod, routes: { 0.0.0.0/0: acme-nat } }
  acme-out: { vpc: acme-prod, routes: { 0.0.0.0/0: acme-igw } }
security_groups:
  acme-task: { vpc: acme-prod, egress: [{ to: [52.95.0.0/16, 52.95.7.7/32, 10.0.0.0/16], port: 443 }] }
hosted_zones:
  acme.internal: { vpcs: [acme-prod], records: { ledger: 52.95.8.8 } }
services:
  acme-web: { subnets: [acme-private], security_groups: [acme-task], task_definition: acme-web }
task_definitions:
  acme-web: { containers: { acme: { image: 987654321098.dkr.ecr.us-east-1.amazonaws.com/acme/web:1, port: 8080 } } }
";

#[test]
fn an_anonymous_slice_keeps_the_answer_and_nothing_of_whose_it_is() {
    let network = read_back(SECRET).network;
    for (query, verdict) in [
        ("acme-web -> 52.95.7.7:443", Verdict::Reachable),
        ("acme-web -> 52.96.7.7:443", Verdict::Blocked),
        ("acme-web -> ledger.acme.internal:443", Verdict::Reachable),
        ("acme-web -> ecr.dkr", Verdict::Unknown),
    ] {
        let query: Query = query.parse().unwrap();
        let whole = slice(&network, &query).unwrap();
        let part = anonymize(&whole).unwrap_or_else(|error| panic!("{query}: {error}"));
        let text = part.text();
        let loaded = read_back(&text);
        let expectation = &loaded.expectations[0];
        let answer = ask(&loaded.network, &expectation.query);
        assert_eq!(answer.verdict, whole.answer.verdict, "{text}");
        assert_eq!(expectation.verdict, whole.answer.verdict, "{text}");
        if verdict != Verdict::Unknown {
            assert_eq!(answer.verdict, verdict, "{query}\n{text}");
        }
        for word in ["acme", "987654321098", "52.1.2.3", "52.95", "52.96", "ledger"] {
            assert!(!text.contains(word), "{query} tells {word}:\n{text}");
        }
        assert_eq!(whole.resources, part.resources);
    }
}

#[test]
fn every_failing_scenario_can_be_shown_to_strangers() {
    let files = fs::read_dir(root("scenarios")).unwrap().map(|entry| entry.unwrap().path());
    let mut shown = 0;
    let mut files: Vec<PathBuf> = files.collect();
    files.sort();
    for file in files.iter().filter(|file| file.extension().is_some_and(|end| end == "yaml")) {
        let loaded = read::load(file.to_str().unwrap()).unwrap();
        // One of each file: the others differ little.
        if let Some(expectation) = loaded.expectations.first() {
            let name = file.display();
            let part = slice(&loaded.network, &expectation.query).unwrap();
            let part = anonymize(&part).unwrap_or_else(|error| {
                panic!("{name} {}: {error}\n{}", expectation.query, part.text())
            });
            let loaded = read_back(&part.text());
            let query = &loaded.expectations[0].query;
            assert_eq!(ask(&loaded.network, query).verdict, expectation.verdict, "{name}");
            shown += 1;
        }
    }
    assert!(shown > 30, "only {shown}");
}

fn reach(arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_reach"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).env_remove("REACH_FILE");
    let output = command.args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn a_slice_is_a_file_that_checks_itself() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("slice.yaml");
    let file = file.to_str().unwrap();
    let scenario = "scenarios/missing-ecr-dkr.yaml";
    let (code, told, _) = reach(&["-f", scenario, "slice", "task-eni -> ecr.dkr", "--write", file]);
    assert_eq!(code, Some(0));
    assert!(told.contains("resources, blocked"), "{told}");
    let (_, printed, _) = reach(&["-f", scenario, "slice", "task-eni -> ecr.dkr"]);
    assert_eq!(printed, fs::read_to_string(file).unwrap());
    assert!(printed.starts_with("# The smallest part of a network"), "{printed}");
    assert!(printed.ends_with("expect:\n  - task-eni -> ecr.dkr: blocked\n"), "{printed}");
    let (code, _, _) = reach(&["-f", file, "task-eni -> ecr.dkr"]);
    assert_eq!(code, Some(1));
}

#[test]
fn a_query_that_means_nothing_is_refused() {
    let scenario = "scenarios/missing-ecr-dkr.yaml";
    let (code, _, error) = reach(&["-f", scenario, "slice", "wbe -> ecr.dkr"]);
    assert_eq!(code, Some(2));
    assert!(error.contains("wbe"), "{error}");
}
