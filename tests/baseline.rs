//! `reach check --baseline`: what is known to fail is accepted, what fails anew is not.

use assert_cmd::Command;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

/// A service without a way out, and one that has one.
const NETWORK: &str = "\
region: us-east-1
vpcs: { app: { cidr: 10.0.0.0/16 } }
subnets:
  shut: { vpc: app, cidr: 10.0.1.0/24, az: us-east-1a }
  open: { vpc: app, cidr: 10.0.2.0/24, az: us-east-1a, route_table: out }
internet_gateways: { igw: { vpc: app } }
route_tables: { out: { vpc: app, routes: { 0.0.0.0/0: igw } } }
services:
  a: { subnets: [open], assign_public_ip: true, task_definition: web }
  b: { subnets: [shut], task_definition: web }
task_definitions:
  web: { containers: { app: { image: 111122223333.dkr.ecr.us-east-1.amazonaws.com/web:1 } } }
";

struct Folder(TempDir);

impl Folder {
    /// A folder with the JSON of the check of a network as `baseline.json`.
    fn with_baseline(network: &str) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        let (_, out, _) = folder.check(network, &["--format", "json"]);
        fs::write(folder.path("baseline.json"), out).unwrap();
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn check(&self, network: &str, arguments: &[&str]) -> (i32, String, String) {
        fs::write(self.path("reach.yaml"), network).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_reach"));
        command.current_dir(self.0.path()).arg("check").args(arguments).env_remove("REACH_FILE");
        let output = command.output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }

    fn against(&self, network: &str) -> (i32, String, String) {
        self.check(network, &["--baseline", "baseline.json"])
    }
}

#[test]
fn what_is_known_to_fail_passes() {
    let folder = Folder::with_baseline(NETWORK);
    assert_eq!(folder.check(NETWORK, &[]).0, 1);
    let (code, out, err) = folder.against(NETWORK);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(out.contains("baseline.json: nothing new, 3 known, 0 fixed\n"), "{out}");
}

#[test]
fn what_fails_anew_fails_the_check_and_is_named() {
    let folder = Folder::with_baseline(NETWORK);
    let worse = NETWORK.replace("a: { subnets: [open]", "a: { subnets: [open, shut]");
    let (code, out, _) = folder.against(&worse);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("baseline.json: 3 new, 3 known, 0 fixed\n"), "{out}");
    assert!(out.contains("a → ecr.api in shut: NO_ROUTE_TO_DESTINATION"), "{out}");
}

#[test]
fn what_is_mended_is_said() {
    let folder = Folder::with_baseline(NETWORK);
    let better = NETWORK
        .replace("  b: { subnets: [shut],", "  b: { subnets: [open], assign_public_ip: true,");
    let (code, out, _) = folder.against(&better);
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("baseline.json: nothing new, 0 known, 3 fixed\n"), "{out}");
    assert!(out.contains("b → ecr.dkr in shut: NO_ROUTE_TO_DESTINATION"), "{out}");
}

#[test]
fn neither_the_order_nor_the_tag_of_an_image_makes_a_failure_new() {
    let folder = Folder::with_baseline(NETWORK);
    let moved = NETWORK
        .replace("web:1 }", "web:2 }")
        .replace("  shut: { vpc: app, cidr: 10.0.1.0/24, az: us-east-1a }\n  open:", "  open:");
    let moved = moved.replace(
        "internet_gateways:",
        "  shut: { vpc: app, cidr: 10.0.1.0/24, az: us-east-1a }\ninternet_gateways:",
    );
    assert_eq!(folder.against(&moved).0, 0);
}

#[test]
fn another_cause_of_the_same_failure_is_new() {
    let folder = Folder::with_baseline(NETWORK);
    let other = NETWORK.replace(
        "  shut: { vpc: app, cidr: 10.0.1.0/24, az: us-east-1a }",
        "  shut: { vpc: app, cidr: 10.0.1.0/24, az: us-east-1a, route_table: out }",
    );
    let (code, out, _) = folder.against(&other);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("3 new, 0 known, 3 fixed"), "{out}");
}

#[test]
fn expectations_have_a_baseline_too() {
    let expecting = format!("{NETWORK}expect: [b -> ecr.dkr: reachable]\n");
    let folder = Folder::with_baseline(&expecting);
    assert_eq!(folder.against(&expecting).0, 0);
    let more = format!("{NETWORK}expect: [b -> ecr.dkr: reachable, a -> s3: blocked]\n");
    let (code, out, _) = folder.against(&more);
    assert_eq!(code, 1);
    assert!(out.contains("expect a -> s3: expected blocked, got reachable"), "{out}");
}

#[test]
fn programs_read_the_comparison() {
    let folder = Folder::with_baseline(NETWORK);
    let worse = NETWORK.replace("a: { subnets: [open]", "a: { subnets: [open, shut]");
    let (_, out, _) = folder.check(&worse, &["--baseline", "baseline.json", "--format", "json"]);
    let document: Value = serde_json::from_str(&out).unwrap();
    let new = document["baseline"]["new"].as_array().unwrap();
    assert_eq!(
        (new.len(), &new[0]["service"], &new[0]["placement"]),
        (3, &"a".into(), &"shut".into())
    );
    // What was compared can be the next baseline.
    fs::write(folder.path("baseline.json"), out).unwrap();
    assert_eq!(folder.against(&worse).0, 0);
}

#[test]
fn a_foreign_or_broken_baseline_is_one_error_at_its_place() {
    let folder = Folder::with_baseline(NETWORK);
    for (text, message) in [
        ("{\n \"schema\": \"reach/query/1\"}", "baseline.json:2:13"),
        ("{\n \"schema\": \"reach/check/2\"}", "missing field `services`"),
        ("services: {}\n", "baseline.json:1:1"),
        ("{\"schema\": \"reach/check/2\", \"services\": [", "baseline.json:1:"),
    ] {
        fs::write(folder.path("baseline.json"), text).unwrap();
        let (code, out, err) = folder.against(NETWORK);
        assert_eq!((code, out.as_str()), (2, ""), "{err}");
        assert!(err.contains(message) && err.matches("error:").count() == 1, "{err}");
        assert!(err.contains("hint: write it with: reach check --format json > FILE"), "{err}");
    }
    let (code, _, err) = folder.check(NETWORK, &["--baseline", "none.json"]);
    assert!(code == 2 && err.contains("none.json"), "{err}");
}
