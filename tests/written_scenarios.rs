//! What is written as a scenario reads back as the same network.

mod random;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use random::{CODES, RARE, case};
use std::fs;
use std::path::{Path, PathBuf};
use vpc_reach::network::{Coverage, Destination, EndpointType, Network, RouteTarget};
use vpc_reach::read::{self, scenario};

const CASES: usize = 400;

fn read_back(text: &str) -> Network {
    match scenario::read("written.yaml", text, &mut |base| panic!("no base {base}")) {
        Ok(loaded) => loaded.network,
        Err(error) => panic!("{error} at {:?} ({:?}):\n{text}", error.at, error.hint),
    }
}

/// Everything that a network holds, but for the places where it was stated and for orders that
/// mean nothing: of routes for different destinations, of records of different names, and of
/// numbered entries.
fn facts(mut network: Network) -> String {
    for table in network.route_tables.values_mut() {
        let far = |target: &RouteTarget| *target != RouteTarget::Local;
        table.routes.sort_by(|a, b| {
            (&a.destination, far(&a.target)).cmp(&(&b.destination, far(&b.target)))
        });
    }
    for table in network.transit_gateway_route_tables.values_mut() {
        let key = |destination: &Destination| destination.clone();
        table.routes.iter_mut().for_each(|all| all.sort_by_key(|one| key(&one.destination)));
    }
    for zone in network.hosted_zones.values_mut() {
        zone.records.iter_mut().for_each(|all| all.sort_by(|a, b| a.name.cmp(&b.name)));
    }
    for acl in network.network_acls.values_mut() {
        acl.ingress.sort_by_key(|entry| entry.number);
        acl.egress.sort_by_key(|entry| entry.number);
    }
    let debug = format!("{network:#?}");
    let mut lines = debug.lines().peekable();
    let mut facts = String::new();
    while let Some(line) = lines.next() {
        let place = lines.peek().is_some_and(|next| next.trim() == "At {");
        if line.trim_end().ends_with("at: Some(") && place {
            let end = format!("{:1$}),", "", line.len() - line.trim_start().len());
            lines.by_ref().find(|line| *line == end);
            facts.push_str(&line.replace("Some(", "None,"));
        } else {
            facts.push_str(line);
        }
        facts.push('\n');
    }
    facts
}

/// Both sides where they differ first.
fn same(name: &str, network: &Network) {
    let text = scenario::write(network);
    let (before, after) = (facts(network.clone()), facts(read_back(&text)));
    if before != after {
        let lines = || before.lines().zip(after.lines()).enumerate();
        let at = lines().find(|(_, (a, b))| a != b).map_or(0, |(at, _)| at);
        let around = |facts: &str| {
            facts.lines().skip(at.saturating_sub(12)).take(20).collect::<Vec<_>>().join("\n")
        };
        panic!(
            "{name} changed:\n--- before\n{}\n--- after\n{}\n--- written\n{text}",
            around(&before),
            around(&after)
        );
    }
    assert_eq!(scenario::write(&read_back(&text)), text, "{name} is written another way again");
}

fn files(folder: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files: Vec<PathBuf> =
        fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn a_scenario_is_written_as_it_was_read() {
    let mut written = 0;
    for file in files("scenarios").iter().filter(|file| file.extension().unwrap() == "yaml") {
        let loaded = read::load(file.to_str().unwrap()).unwrap();
        same(&file.display().to_string(), &loaded.network);
        written += 1;
    }
    assert!(written > 30, "only {written} scenarios");
}

#[test]
fn a_capture_keeps_what_it_holds_and_what_it_does_not() {
    let captures: Vec<PathBuf> =
        files("tests/captures").into_iter().filter(|file| file.is_dir()).collect();
    for capture in &captures {
        let loaded = read::load(capture.to_str().unwrap()).unwrap();
        same(&capture.display().to_string(), &loaded.network);
    }
    assert!(captures.len() > 2);
}

/// Whether a route takes an endpoint with appliances behind it for a gateway endpoint, as no input
/// can say.
fn crosses_types(network: &Network) -> bool {
    let mut routes = network.route_tables.values().flat_map(|table| &table.routes);
    routes.any(|route| match &route.target {
        RouteTarget::GatewayEndpoint(id) => network
            .vpc_endpoints
            .get(id)
            .is_some_and(|one| one.endpoint_type == EndpointType::GatewayLoadBalancer),
        _ => false,
    })
}

#[test]
fn random_networks_read_back_as_they_were() {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[9; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let (cases, mut stated, mut captured) = (case(), 0, 0);
    for number in 0..CASES {
        let network = cases.new_tree(&mut runner).unwrap().current().network;
        // A capture may name what it does not hold; a scenario may not.
        match network.coverage {
            _ if !network.problems().is_empty() || crosses_types(&network) => continue,
            Coverage::Stated => stated += 1,
            Coverage::Captured(_) => captured += 1,
        }
        same(&format!("case {number}"), &network);
    }
    // They show every code that is known (tests/agreement.rs).
    let codes = CODES.len() + RARE.len();
    assert!(
        stated > CASES / 4 && captured > 2,
        "{stated} stated, {captured} captured, of {codes} codes"
    );
}

/// Every key that a person may write, on top of a scenario that works.
const STATED: &str = include_str!("written/stated.yaml");

/// Every key that only a capture needs.
const CAPTURED: &str = include_str!("written/captured.yaml");

#[test]
fn every_key_is_written_as_it_is_read() {
    for (name, text) in [("stated.yaml", STATED), ("captured.yaml", CAPTURED)] {
        let network = read_back(text);
        same(name, &network);
        // A key that one of them has must be one that the writer knows.
        let written = scenario::write(&network);
        let word = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
        let keys = text.lines().flat_map(|line| line.split(word));
        let known: Vec<&str> = written.split(word).collect();
        let gone: Vec<&str> =
            keys.filter(|key| key.contains('_') && !known.contains(key)).collect();
        assert!(gone.is_empty(), "{name}: {gone:?} are not written:\n{written}");
    }
}

#[test]
fn a_name_that_two_things_have_is_no_key() {
    let text = "
captured: [{ account: '111122223333', region: us-east-1 }]
vpcs: { vpc-1: { name: app, cidr: 10.0.0.0/16 } }
subnets:
  subnet-1: { name: private, vpc: vpc-1, cidr: 10.0.1.0/24, az: us-east-1a }
  subnet-2: { name: private, vpc: vpc-1, cidr: 10.0.2.0/24, az: us-east-1b }
";
    let network = read_back(text);
    assert_eq!(
        scenario::write(&network),
        "\
region: us-east-1
captured:
  - { account: \"111122223333\", region: us-east-1 }
vpcs:
  app: { id: vpc-1, cidr: 10.0.0.0/16 }
subnets:
  subnet-1: { name: private, vpc: app, cidr: 10.0.1.0/24, az: us-east-1a }
  subnet-2: { name: private, vpc: app, cidr: 10.0.2.0/24, az: us-east-1b }
"
    );
}

#[test]
fn texts_that_yaml_takes_for_something_else_come_back() {
    let odd = [
        "null",
        "~",
        "true",
        "0123",
        "1e3",
        "- x",
        "a: b",
        "a #b",
        "\"x\"",
        "back\\slash",
        " lead",
        "trail ",
        "*star",
        "&and",
        "!no",
        "[list]",
        "{map}",
        "a,b",
        "two\nlines",
        "tab\there",
        "é€",
        "%x",
        "@x",
        "`x`",
        "a:",
        ":b",
        "",
        "\u{85}",
        "=",
        "<<",
        "?",
        "---",
        "0x1F",
        "1_000",
        ".inf",
    ];
    let mut network = read_back(STATED);
    let definition = network.task_definitions.values_mut().next().unwrap();
    let container = &mut definition.containers[0];
    container.command = Some(odd.iter().map(|text| (*text).to_owned()).collect());
    for text in odd.iter().filter(|text| !text.is_empty() && !text.contains('=')) {
        container.environment.insert((*text).to_owned(), Some((*text).to_owned()));
    }
    same("odd texts", &network);
}

fn reach(arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_reach"));
    let output = command.env_remove("REACH_FILE").args(arguments).output().unwrap();
    assert!(output.stderr.is_empty() || output.status.code() != Some(2), "{output:?}");
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

/// What a check says, but for the places where things were stated.
fn checked(file: &str) -> (Option<i32>, serde_json::Value) {
    fn without_places(value: &mut serde_json::Value) {
        if let Some(map) = value.as_object_mut() {
            map.remove("location");
            map.values_mut().for_each(without_places);
        }
        value.as_array_mut().into_iter().flatten().for_each(without_places);
    }
    let (code, text) = reach(&["-q", "-f", file, "check", "--format", "json"]);
    let mut value = serde_json::from_str(&text).unwrap();
    without_places(&mut value);
    (code, value)
}

#[test]
fn an_imported_capture_answers_as_the_capture_does() {
    let folder = tempfile::tempdir().unwrap();
    let captures = files("tests/captures").into_iter().filter(|file| file.is_dir());
    let scenarios = files("scenarios").into_iter();
    let scenarios = scenarios.filter(|file| file.extension().is_some_and(|end| end == "yaml"));
    for file in captures.chain(scenarios) {
        let file = file.to_str().unwrap();
        let (code, text) = reach(&["-q", "import", file]);
        assert_eq!(code, Some(0), "{file}");
        let written = folder.path().join("reach.yaml");
        fs::write(&written, text).unwrap();
        let (mut before, mut after) = (checked(file), checked(written.to_str().unwrap()));
        // What was to be told of the reading of a folder is told once.
        for (_, value) in [&mut before, &mut after] {
            value.as_object_mut().unwrap().remove("notes");
        }
        assert_eq!(before, after, "{file}");
    }
}
