//! Answers at the prompt: what is printed, where, and with which exit code.

use assert_cmd::Command;
use std::fs;
use std::process::Output;
use tempfile::TempDir;

/// One VPC with a NAT gateway; `{DEFAULT}` is where the private subnet's default route leads.
const SCENARIO: &str = "\
region: us-east-1
vpcs: { app: { cidr: 10.0.0.0/16 } }
subnets:
  private-a: { vpc: app, cidr: 10.0.1.0/24, az: us-east-1a, route_table: private }
  public-a:  { vpc: app, cidr: 10.0.101.0/24, az: us-east-1a, route_table: public }
internet_gateways: { igw: { vpc: app } }
nat_gateways: { nat-a: { subnet: public-a } }
route_tables:
  private: { vpc: app, routes: {DEFAULT} }
  public:  { vpc: app, routes: { 0.0.0.0/0: igw } }
security_groups:
  task: { vpc: app, egress: [{ to: 0.0.0.0/0, port: 443 }] }
services:
  web: { launch_type: FARGATE, subnets: [private-a], security_groups: [task], task_definition: web }
task_definitions:
  web: { containers: { app: { image: 111122223333.dkr.ecr.us-east-1.amazonaws.com/web:1 } } }
expect:
  - web -> ecr.dkr: reachable
  - web -> s3: reachable
";

fn folder(default: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let text = SCENARIO.replace("{DEFAULT}", default);
    fs::write(folder.path().join("reach.yaml"), text).unwrap();
    folder
}

fn reach(folder: &TempDir, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_reach"));
    command.current_dir(folder.path()).args(arguments).env_remove("REACH_FILE");
    parts(command.output().unwrap())
}

fn parts(output: Output) -> (i32, String, String) {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn a_verdict_has_its_exit_code_and_opens_the_answer() {
    let open = folder("{ 0.0.0.0/0: nat-a }");
    let (code, out, _) = reach(&open, &["task-eni -> ecr.dkr"]);
    assert!(out.starts_with("reachable  service/web in private-a → ecr.dkr:443"), "{out}");
    assert_eq!(code, 0);
    let closed = folder("{}");
    let (code, out, _) = reach(&closed, &["task-eni", "ecr.dkr"]);
    assert!(out.starts_with("blocked  service/web in private-a → ecr.dkr:443"), "{out}");
    assert!(out.contains("NO_ROUTE_TO_DESTINATION") && out.contains("reach.yaml:9"), "{out}");
    assert!(!out.contains('\u{1b}'), "{out}");
    assert_eq!(code, 1);
}

#[test]
fn programs_get_one_object() {
    let (code, out, _) = reach(&folder("{}"), &["web", "to", "ecr.dkr", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(document["schema"], "reach/query/1");
    assert_eq!(document["verdict"], "blocked");
    assert_eq!(document["answers"][0]["blockers"][0]["code"], "NO_ROUTE_TO_DESTINATION");
    assert_eq!(code, 1);
}

#[test]
fn a_check_has_a_line_per_expectation_and_fails_when_one_is_not_met() {
    let (code, out, _) = reach(&folder("{ 0.0.0.0/0: nat-a }"), &["check"]);
    assert!(out.contains("2 of 2 expectations met"), "{out}");
    assert_eq!(code, 0);
    let (code, out, _) = reach(&folder("{}"), &["check"]);
    assert!(out.contains("✗ web -> ecr.dkr") && out.contains("got blocked"), "{out}");
    assert_eq!(code, 1);
}

#[test]
fn the_network_may_come_from_stdin() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_reach"));
    command.args(["-f", "-", "web -> s3"]).write_stdin(SCENARIO.replace("{DEFAULT}", "{}"));
    let (code, out, _) = parts(command.output().unwrap());
    assert!(out.starts_with("blocked"), "{out}");
    assert_eq!(code, 1);
}

#[test]
fn a_mistake_in_the_file_is_shown_where_it_is() {
    let folder = folder("{ 0.0.0.0/0: nat-b }");
    let (code, out, err) = reach(&folder, &["web -> s3"]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.starts_with("error: ") && err.contains("--> reach.yaml:9:"), "{err}");
    assert!(err.contains("\n9 |   private:") && err.contains("^\n"), "{err}");
}

#[test]
fn a_name_that_means_nothing_is_code_2() {
    let (code, out, err) = reach(&folder("{}"), &["wev -> s3"]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("`wev`"), "{err}");
}
