//! Live capture end to end: networks built through the API of a real server, moto, that answers as
//! AWS does. `tests/moto/` has the networks; what must be said of them is derived here by hand.
#![cfg(feature = "aws")]

use assert_cmd::Command;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use vpc_reach::read::load;

/// The Python that has moto: `.ci/run` installs it. Without it nothing is tested here, and that is
/// said; in CI it is a failure.
fn python() -> Option<PathBuf> {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(".cache");
    let python = cache.unwrap_or_else(home).join("vpc-reach/moto/bin/python");
    let moto =
        std::process::Command::new(&python).args(["-c", "import moto.server, boto3"]).output();
    if moto.is_ok_and(|output| output.status.success()) {
        return Some(python);
    }
    let why = format!("NOT RUN: there is no Python with moto and boto3 at {}", python.display());
    assert!(std::env::var_os("CI").is_none(), "{why}");
    // Past the test harness, which keeps to itself what tests print.
    let line = format!("{why}; `.ci/run moto` installs it\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
    None
}

/// A server with a network in it.
struct Moto {
    process: Child,
    endpoint: String,
    profiles: String,
    ids: BTreeMap<String, String>,
    bin: PathBuf,
}

impl Moto {
    fn new(network: &str) -> Option<Self> {
        let python = python()?;
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/moto");
        let mut process = std::process::Command::new(&python)
            .arg("-B")
            .arg(folder.join("serve.py"))
            .arg(network)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap_or_else(|_| {
            panic!("moto did not build {network}: python tests/moto/serve.py {network} says why")
        });
        Some(Self {
            process,
            endpoint: ready["endpoint"].as_str().unwrap().to_owned(),
            profiles: ready["profiles"].as_str().unwrap().to_owned(),
            ids: serde_json::from_value(ready["ids"].clone()).unwrap(),
            bin: python.parent().unwrap().to_path_buf(),
        })
    }

    /// The environment in which AWS is this server.
    fn environment(&self) -> Vec<(&'static str, String)> {
        let path = std::env::var("PATH").unwrap_or_default();
        vec![
            ("AWS_ENDPOINT_URL", self.endpoint.clone()),
            ("AWS_ENDPOINT_URL_ROUTE53PROFILES", self.profiles.clone()),
            ("AWS_ACCESS_KEY_ID", "testing".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "testing".to_owned()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_DEFAULT_REGION", "us-east-1".to_owned()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
            ("AWS_MAX_ATTEMPTS", "1".to_owned()),
            ("PATH", format!("{}:{path}", self.bin.display())),
        ]
    }

    fn reach(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_reach"));
        let output = command
            .env_remove("REACH_FILE")
            .envs(self.environment())
            .args(arguments)
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    }
}

impl Moto {
    /// Runs the printed script in us-east-1, as somebody else where `as_whom` says so.
    fn script(&self, folder: &Path, as_whom: &[(&str, &str)]) {
        let place = tempfile::tempdir().unwrap();
        let script = place.path().join("snapshot.sh");
        fs::write(&script, self.reach(&["snapshot", "--print-script"]).1).unwrap();
        let output = std::process::Command::new("sh")
            .args([&script, folder])
            .arg("us-east-1")
            .envs(self.environment())
            .envs(as_whom.iter().copied())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// The verdict of a query between two things of the network, and what was printed.
    fn ask(&self, folder: &str, from: &str, to: &str) -> (String, String) {
        let query = format!("{} -> {}:8080", self.ids[from], self.ids[to]);
        let (_, text, errors) = self.reach(&["-f", folder, &query]);
        (text.split(' ').next().unwrap_or_default().to_owned(), text + &errors)
    }
}

/// What the SDK and what the printed script saved is one network.
fn assert_same_network(of_sdk: &Path, of_script: &Path) {
    let network = |folder: &Path| {
        let folder = folder.to_str().unwrap();
        let network = load(folder).unwrap().network;
        // Words of errors differ, and the script asks what the SDK's build leaves out; what else is
        // missing does not differ.
        let left_out = |call: &str| {
            ["vpc-lattice ", "networkmanager "].iter().any(|service| call.starts_with(service))
        };
        let gaps = network.gaps.iter().filter(|gap| !left_out(&gap.call));
        let gaps: Vec<_> = gaps.map(|gap| (gap.scope.clone(), gap.call.clone())).collect();
        let network = vpc_reach::network::Network { gaps: Vec::new(), ..network };
        (format!("{network:#?}").replace(folder, ""), gaps)
    };
    let (of_sdk, gaps_of_sdk) = network(of_sdk);
    let (of_script, gaps_of_script) = network(of_script);
    for (one, other) in of_sdk.lines().zip(of_script.lines()) {
        assert_eq!(one, other);
    }
    assert_eq!(of_sdk.len(), of_script.len());
    assert_eq!(gaps_of_sdk, gaps_of_script);
}

impl Drop for Moto {
    fn drop(&mut self) {
        // The end of its input ends it.
        drop(self.process.stdin.take());
        drop(self.process.wait());
    }
}

/// The verdicts of a check: by service and what is reached.
fn verdicts(json: &str) -> BTreeMap<(String, String), String> {
    let checked: Value = serde_json::from_str(json).unwrap();
    let mut found = BTreeMap::new();
    for service in checked["services"].as_array().unwrap() {
        let resource = &service["service"];
        let name = resource["name"].as_str().or(resource["id"].as_str()).unwrap();
        for flow in service["flows"].as_array().unwrap() {
            let what = flow["what"].as_str().unwrap().to_owned();
            let verdict = flow["verdict"].as_str().unwrap().to_owned();
            found.insert((name.to_owned(), what), verdict);
        }
    }
    found
}

fn expect(found: &BTreeMap<(String, String), String>, expected: &[(&str, &str, &str)]) {
    for (service, what, verdict) in expected {
        let key = ((*service).to_owned(), (*what).to_owned());
        assert_eq!(
            found.get(&key).map(String::as_str),
            Some(*verdict),
            "{service} → {what}: {found:#?}"
        );
    }
}

/// RT-12, NA-03, SG-06, GE-01: what follows from the routes, ACLs, groups and endpoints that
/// `services` in tests/moto/networks.py builds.
const SERVICES: [(&str, &str, &str); 13] = [
    // Out through the NAT gateway; the load balancer's group is let in on 8080.
    ("web", "ecr.api", "reachable"),
    ("web", "ecr.dkr", "reachable"),
    ("web", "s3", "reachable"),
    ("web", "logs", "reachable"),
    ("web", "load balancer", "reachable"),
    // Three interface endpoints whose group takes the VPC's addresses, and a gateway endpoint whose
    // prefix list the task's group lets out to.
    ("jobs", "ecr.api", "reachable"),
    ("jobs", "ecr.dkr", "reachable"),
    ("jobs", "s3", "reachable"),
    ("jobs", "logs", "reachable"),
    // As web, but its subnet's ACL lets in port 8080 only: no reply comes back.
    ("stuck", "ecr.api", "blocked"),
    ("stuck", "ecr.dkr", "blocked"),
    ("stuck", "s3", "blocked"),
    ("stuck", "logs", "blocked"),
];

#[test]
fn services_are_judged_as_their_network_was_built() {
    let Some(moto) = Moto::new("services") else { return };
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("s");
    let folder = folder.to_str().unwrap();
    let (code, text, errors) = moto.reach(&["snapshot", "-o", folder]);
    assert_eq!(code, Some(0), "{text}{errors}");
    let (code, text, errors) = moto.reach(&["-f", folder, "check", "--format", "json"]);
    assert_eq!(code, Some(1), "one service cannot start: {errors}");
    expect(&verdicts(&text), &SERVICES);
    let (_, text, _) = moto.reach(&["-f", folder, "stuck -> ecr.dkr"]);
    assert!(text.contains("SUBNET_ACL_RESTRICTION (NA-03)"), "{text}");

    let by_script = place.path().join("t");
    moto.script(&by_script, &[]);
    assert_same_network(Path::new(folder), &by_script);
    for secret in ["k-secret", "db-secret"] {
        for folder in [Path::new(folder), &by_script] {
            let file = folder.join("123456789012/us-east-1/describe-task-definition.web.1.json");
            assert!(!fs::read_to_string(file).unwrap().contains(secret));
        }
    }

    // Captured and checked in one go, nothing kept.
    let (code, live, errors) = moto.reach(&["check", "--live", "--quiet", "--format", "json"]);
    assert_eq!(code, Some(1), "{errors}");
    expect(&verdicts(&live), &SERVICES);
}

#[test]
fn a_focus_captures_what_one_service_needs_and_judges_it_alike() {
    let Some(moto) = Moto::new("services") else { return };
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("s");
    let folder = folder.to_str().unwrap();
    let (code, text, errors) = moto.reach(&["snapshot", "-o", folder, "--focus", "service/web"]);
    assert_eq!(code, Some(0), "{text}{errors}");
    let (code, text, notes) = moto.reach(&["-f", folder, "check", "--format", "json"]);
    let found = verdicts(&text);
    expect(&found, &SERVICES[..5]);
    assert_eq!(code, Some(0), "{text}");
    assert!(found.keys().all(|(service, _)| service == "web"), "{found:?}");
    assert!(notes.contains("holds only what service/web needs"), "{notes}");
    let network = load(folder).unwrap().network;
    assert_eq!(
        network.vpcs.keys().map(ToString::to_string).collect::<Vec<_>>(),
        [moto.ids["vpc"].as_str()]
    );
    let (code, _, errors) =
        moto.reach(&["snapshot", "-o", folder, "--resume", "--focus", "service/no"]);
    assert_eq!(code, Some(2));
    assert!(errors.contains("holds a capture of service/web"), "{errors}");
    let other = place.path().join("o");
    let (code, _, errors) =
        moto.reach(&["snapshot", "-o", other.to_str().unwrap(), "--focus", "service/no"]);
    assert_eq!(code, Some(2));
    assert!(errors.contains("no ECS service is called service/no"), "{errors}");
}

#[test]
fn two_accounts_in_two_regions_are_one_network() {
    let Some(moto) = Moto::new("accounts") else { return };
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("s");
    let folder = folder.to_str().unwrap();
    let (code, text, errors) = moto.reach(&[
        "snapshot",
        "-o",
        folder,
        "--accounts",
        "123456789012,222222222222",
        "--role-name",
        "reader",
        "--region",
        "us-east-1",
        "--region",
        "eu-west-1",
    ]);
    assert_eq!(code, Some(0), "{text}{errors}");
    assert!(text.contains("2 accounts, 2 Regions"), "{text}");
    let (code, text, errors) = moto.reach(&["-f", folder, "check", "--format", "json"]);
    assert_eq!(code, Some(1), "{errors}");
    let found = verdicts(&text);
    for (service, verdict) in [
        ("web-one-us", "reachable"),
        ("web-one-eu", "reachable"),
        ("web-two-us", "reachable"),
        // RT-12: its table has no way out.
        ("web-two-eu", "blocked"),
    ] {
        expect(&found, &[(service, "ecr.dkr", verdict)]);
    }
    // From one account to the other's registry, out through NAT.
    let registry = "222222222222.dkr.ecr.us-east-1.amazonaws.com";
    let query = format!("{} -> {registry}", moto.ids["one-us-east-1"]);
    let (code, text, errors) = moto.reach(&["-f", folder, &query]);
    assert_eq!(code, Some(0), "{text}{errors}");
    assert!(text.starts_with("reachable") && text.contains(registry), "{text}");
    // From one account's task to the other's: both are known, and nothing joins their VPCs.
    let (verdict, text) = moto.ask(folder, "one-us-east-1", "two-us-east-1");
    assert_eq!(verdict, "blocked", "RT-12: {text}");
}

/// What follows from the routes that `joined` in tests/moto/networks.py builds: from, to, verdict,
/// and what the answer must name.
const JOINED: [(&str, &str, &str, &[&str]); 10] = [
    // PC-02: a route there and one back, asked from either account.
    ("app", "data", "reachable", &["carries it to vpc"]),
    ("data", "app", "reachable", &["carries it to vpc"]),
    // PC-02: no route back, and so none there from the other side.
    ("app", "lost", "blocked", &["NO_ROUTE_TO_DESTINATION", "table-lost"]),
    ("lost", "app", "blocked", &["NO_ROUTE_TO_DESTINATION", "table-lost"]),
    // PC-03: a peering leads into its own two VPCs only.
    ("data", "hub", "blocked", &["PC-03"]),
    // TG-02, TG-04, TG-10: a static route there, a propagated one back.
    ("app", "hub", "reachable", &["attachment-hub", "attachment-app"]),
    ("hub", "app", "reachable", &["attachment-hub", "attachment-app"]),
    // TG-10: the VPC's own table lacks the way back.
    ("app", "mute", "blocked", &["NO_ROUTE_TO_DESTINATION", "table-mute"]),
    // TG-03, TG-10: the gateway's table lacks it, in both directions.
    ("app", "deaf", "blocked", &["table-nowhere"]),
    ("deaf", "app", "blocked", &["table-nowhere"]),
];

#[test]
fn peerings_and_transit_gateways_join_accounts_as_they_were_built() {
    let Some(moto) = Moto::new("joined") else { return };
    let place = tempfile::tempdir().unwrap();
    let captured = place.path().join("s");
    let folder = captured.to_str().unwrap();
    let accounts = ["--accounts", "123456789012,222222222222", "--role-name", "reader"];
    let (code, text, errors) =
        moto.reach(&[&["snapshot", "-o", folder][..], &accounts[..]].concat());
    assert_eq!(code, Some(0), "{text}{errors}");
    let mut wrong = Vec::new();
    for (from, to, verdict, names) in JOINED {
        let (found, text) = moto.ask(folder, from, to);
        let named =
            names.iter().all(|name| text.contains(moto.ids.get(*name).map_or(*name, |id| id)));
        if found != verdict || !named {
            wrong.push(format!("{from} -> {to} should be {verdict} with {names:?}: {text}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    // The script, run once by each account into one folder.
    let by_script = place.path().join("t");
    let other = [
        ("AWS_ACCESS_KEY_ID", moto.ids["key"].as_str()),
        ("AWS_SECRET_ACCESS_KEY", moto.ids["secret"].as_str()),
        ("AWS_SESSION_TOKEN", moto.ids["token"].as_str()),
    ];
    moto.script(&by_script, &[]);
    moto.script(&by_script, &other);
    assert_same_network(&captured, &by_script);

    // PC-08: without the other account's answers, what it would do to a packet is unknown.
    let alone = place.path().join("u");
    let folder = alone.to_str().unwrap();
    let (code, text, errors) = moto.reach(&["snapshot", "-o", folder]);
    assert_eq!(code, Some(0), "{text}{errors}");
    let query = format!("{} -> 10.2.1.77:8080", moto.ids["app"]);
    let (code, text, errors) = moto.reach(&["-f", folder, &query]);
    assert_eq!(code, Some(3), "{text}{errors}");
    assert!(text.starts_with("unknown"), "{text}");
}
