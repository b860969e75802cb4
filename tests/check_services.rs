//! `reach check` on services: what their start needs, who comes to them, and what stops either.

use assert_cmd::Command;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn reach(file: &Path, arguments: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_reach"));
    command.arg("check").arg("-q").arg("-f").arg(file).args(arguments).env_remove("REACH_FILE");
    let Output { status, stdout, stderr } = command.output().unwrap();
    assert!(stderr.is_empty(), "{}", String::from_utf8_lossy(&stderr));
    (status.code().unwrap(), String::from_utf8(stdout).unwrap())
}

/// A service in a private and an isolated subnet; `{…}` is filled per test.
const NETWORK: &str = "\
region: us-east-1
vpcs: { app: { cidr: 10.0.0.0/16 } }
subnets:
  isolated: { vpc: app, cidr: 10.0.1.0/24, az: us-east-1a, route_table: isolated }
  private: { vpc: app, cidr: 10.0.2.0/24, az: us-east-1b, route_table: private }
  public: { vpc: app, cidr: 10.0.101.0/24, az: us-east-1a, route_table: public }
internet_gateways: { igw: { vpc: app } }
nat_gateways: { nat-a: { subnet: public } }
route_tables:
  isolated: { vpc: app }
  private: { vpc: app, routes: { 0.0.0.0/0: nat-a } }
  public: { vpc: app, routes: { 0.0.0.0/0: igw } }
security_groups:
  task: { vpc: app }
  endpoint: { vpc: app, ingress: [{ from: 10.0.0.0/16, port: 443 }] }
endpoints:
  s3: { service: s3, route_tables: [isolated] }
";
const ECR: &str = "111122223333.dkr.ecr.us-east-1.amazonaws.com/web:1";

fn endpoints(names: &[&str]) -> String {
    let line = |name: &&str| {
        format!(
            "  {name}: {{ service: {name}, subnets: [isolated], security_groups: [endpoint] }}\n"
        )
    };
    names.iter().map(line).collect()
}

/// Checks one service `web` with the given keys and container.
fn check(endpoint_names: &[&str], service: &str, container: Option<&str>) -> (i32, String, Value) {
    let definition = match container {
        Some(keys) => {
            format!("task_definitions: {{ web: {{ containers: {{ app: {{ {keys} }} }} }} }}\n")
        }
        None => String::new(),
    };
    let named = container.map_or("", |_| ", task_definition: web");
    let text = format!(
        "{NETWORK}{}services: {{ web: {{ security_groups: [task], {service}{named} }} }}\n{definition}",
        endpoints(endpoint_names)
    );
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("reach.yaml");
    fs::write(&file, text).unwrap();
    let (code, printed) = reach(&file, &[]);
    let (_, json) = reach(&file, &["--format", "json"]);
    (code, printed, serde_json::from_str(&json).unwrap())
}

/// What the only service needs, and how that turned out: `ecr.api reachable`.
fn flows(document: &Value) -> Vec<String> {
    let flows = document["services"][0]["flows"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    flows.iter().map(|one| format!("{} {}", text(&one["what"]), text(&one["verdict"]))).collect()
}

/// The rows of the printed matrix, without the space between the cells.
fn matrix(printed: &str) -> Vec<String> {
    let rows = printed.lines().take_while(|line| !line.is_empty());
    rows.map(|row| row.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

fn capture(name: &str) -> (i32, String) {
    reach(&root().join("tests/captures").join(name), &[])
}

#[test]
fn a_capture_of_a_working_service_is_one_row_of_ticks() {
    for (name, service) in [("isolated-with-endpoints", "postings"), ("nat-per-zone", "cart")] {
        let (code, printed) = capture(name);
        assert_eq!(
            matrix(&printed),
            [
                "ecr.api secretsmanager ecr.dkr s3 logs load balancer".to_owned(),
                format!("{service} ✓ ✓ ✓ ✓ ✓ ✓")
            ]
        );
        assert!(printed.contains("1 of 1 service can start; 1 of 1 reached by load balancers"));
        assert!(printed.contains("proven up to the socket"), "{printed}");
        assert!(!printed.contains('\u{1b}'), "plain when piped");
        assert_eq!(code, 0, "{printed}");
    }
}

// PLC-01, RUN-03
#[test]
fn placements_that_differ_are_rows_and_causes_of_their_own() {
    let (code, printed) = capture("isolated-without-dkr");
    assert_eq!(matrix(&printed)[1..], ["jobs in work-a ✓ ✓ ✗ ✓ ✓ ✓", "jobs in work-c ✓ ✓ ✗ ✗ ✓ ✓"]);
    assert!(printed.contains("stops   jobs in work-a → ecr.dkr\n"), "{printed}");
    assert!(printed.contains("stops   jobs in work-c → ecr.dkr, s3\n"), "{printed}");
    assert_eq!(printed.matches("NO_ROUTE_TO_DESTINATION").count(), 2, "{printed}");
    assert_eq!(code, 1);
}

fn scenarios(fixed: bool) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join("scenarios")).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| {
        let name = file.file_name().unwrap().to_str().unwrap();
        let wanted = name.ends_with(".yaml") && name.ends_with(".fixed.yaml") == fixed;
        // Some show how VPCs are joined, and no service.
        wanted && fs::read_to_string(file).unwrap().contains("\nservices:")
    });
    assert!(files.len() >= 11);
    files
}

/// The file without its `expect` lines.
fn without_expectations(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap();
    text.split("\nexpect:").next().unwrap().to_owned() + "\n"
}

#[test]
fn every_broken_scenario_is_told_in_one_paragraph_that_names_its_fix() {
    for file in scenarios(false) {
        let name = file.display().to_string();
        let folder = tempfile::tempdir().unwrap();
        let bare = folder.path().join("reach.yaml");
        fs::write(&bare, without_expectations(&file)).unwrap();
        let (code, printed) = reach(&bare, &[]);
        assert_eq!(code, 1, "{name}\n{printed}");
        assert_eq!(printed.matches("\n  stops ").count(), 1, "{name}\n{printed}");
        assert_eq!(printed.matches("\n  fix ").count(), 1, "{name}\n{printed}");
        // What a file states to be so does not fail it.
        let (code, printed) = reach(&file, &[]);
        assert!(printed.contains("does not fail the check"), "{name}\n{printed}");
        assert_eq!(code, 0, "{name}\n{printed}");
    }
}

#[test]
fn every_fixed_scenario_is_all_ticks() {
    for file in scenarios(true) {
        let (code, printed) = reach(&file, &[]);
        let rows = matrix(&printed);
        assert_eq!(rows[1..], ["web ✓ ✓ ✓ ✓ ✓ ✓"], "{}\n{printed}", file.display());
        assert_eq!(code, 0, "{printed}");
    }
}

// IMG-03, RUN-02
#[test]
fn needs_come_in_the_order_in_which_fargate_fails() {
    let container = format!(
        "image: {ECR}, secrets: [db-password], environment_files: [\"arn:aws:s3:::bucket/web.env\"], log: awslogs"
    );
    let (code, printed, document) = check(&[], "subnets: [private]", Some(&container));
    assert_eq!(
        flows(&document),
        ["ecr.api", "ssm", "s3", "ecr.dkr", "s3", "logs"].map(|what| format!("{what} reachable"))
    );
    assert_eq!(matrix(&printed)[1], "web ✓ ✓ ✓ ✓ ✓", "one column for both uses of s3");
    assert_eq!(document["schema"], "reach/check/2");
    assert_eq!(code, 0, "{printed}");
}

// SEC-05
#[test]
fn a_secret_in_another_region_is_not_served_by_the_endpoint_here() {
    let container = format!(
        "image: {ECR}, secrets: [\"arn:aws:secretsmanager:eu-west-1:111122223333:secret:web/db\"]"
    );
    let names = ["ecr.api", "ecr.dkr", "secretsmanager"];
    let (code, printed, document) = check(&names, "subnets: [isolated]", Some(&container));
    assert_eq!(
        flows(&document),
        [
            "ecr.api reachable",
            "secretsmanager (eu-west-1) blocked",
            "ecr.dkr reachable",
            "s3 reachable"
        ]
    );
    assert!(printed.contains("NAT gateway: an endpoint leads to its\n"), "{printed}");
    assert!(!printed.contains("Create an interface endpoint"), "{printed}");
    assert_eq!(code, 1);
}

// IMG-06
#[test]
fn an_image_in_another_region_takes_everything_from_there() {
    let image = "image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1";
    let names = ["ecr.api", "ecr.dkr"];
    let (code, _, document) = check(&names, "subnets: [isolated]", Some(image));
    assert_eq!(
        flows(&document),
        ["ecr.api (eu-west-1) blocked", "ecr.dkr (eu-west-1) blocked", "s3 (eu-west-1) blocked"]
    );
    assert_eq!(code, 1);
}

// IMG-11, IMG-12: no endpoint leads to a public registry.
#[test]
fn an_image_from_docker_hub_needs_the_internet() {
    let names = ["ecr.api", "ecr.dkr"];
    let (code, printed, document) = check(&names, "subnets: [isolated]", Some("image: nginx:1.27"));
    assert_eq!(flows(&document), ["docker.io blocked"]);
    let why = document["services"][0]["flows"][0]["why"].as_str().unwrap();
    assert!(why.contains("registry-1.docker.io"), "{why}");
    assert!(printed.contains("CannotPullContainerError"), "{printed}");
    assert_eq!(code, 1);
    let (code, _, document) = check(&[], "subnets: [private]", Some("image: nginx:1.27"));
    assert_eq!((code, flows(&document)), (0, vec!["docker.io reachable".to_owned()]));
}

// IMG-12: which addresses a registry has is not known, so egress to some of them proves nothing.
#[test]
fn egress_to_some_addresses_leaves_a_public_registry_unknown() {
    let text = format!(
        "{}services: {{ web: {{ security_groups: [task], subnets: [private], task_definition: web }} }}\ntask_definitions: {{ web: {{ containers: {{ app: {{ image: nginx }} }} }} }}\n",
        NETWORK.replace(
            "task: { vpc: app }",
            "task: { vpc: app, egress: [{ to: 104.16.0.0/12, port: 443 }] }"
        )
    );
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("reach.yaml");
    fs::write(&file, &text).unwrap();
    let (code, printed) = reach(&file, &[]);
    assert_eq!(matrix(&printed)[1], "web ?");
    assert!(printed.contains("missing: the public addresses of docker.io"), "{printed}");
    assert_eq!(code, 3);
    // TSK-15: without DNS, no registry has an address.
    fs::write(
        &file,
        text.replace("cidr: 10.0.0.0/16 }", "cidr: 10.0.0.0/16, enable_dns_support: false }"),
    )
    .unwrap();
    let (code, printed) = reach(&file, &[]);
    assert!(printed.contains("VPC_DNS_SUPPORT_OFF"), "{printed}");
    assert_eq!(code, 1);
}

// IMG-13: where nothing tells which addresses a registry has, only a way to all of them proves it.
#[test]
fn a_registry_that_nobody_knows_is_reached_by_open_egress_only() {
    let image = "image: \"registry.corp.example:5000/web:1\"";
    let (code, printed, document) = check(&[], "subnets: [private]", Some(image));
    assert_eq!(flows(&document), ["registry.corp.example:5000 reachable"]);
    assert!(printed.contains("HOST_HAS_PUBLIC_ADDRESSES"), "{printed}");
    assert_eq!(code, 0);
    let (code, printed, document) = check(&[], "subnets: [isolated]", Some(image));
    assert_eq!(flows(&document), ["registry.corp.example:5000 unknown"]);
    assert!(printed.contains("missing: which addresses registry.corp.example has"), "{printed}");
    assert_eq!(code, 3);
    // A name that only a private zone can hold is not on the internet.
    let image = "image: \"registry.internal/web:1\"";
    let (code, _, document) = check(&[], "subnets: [private]", Some(image));
    assert_eq!((code, flows(&document)), (3, vec!["registry.internal unknown".to_owned()]));
}

// TSK-02
#[test]
fn an_old_platform_logs_in_and_fetches_secrets_by_itself() {
    let container = format!("image: {ECR}, secrets: [db-password], log: awslogs");
    let service = |version: &str| format!("subnets: [isolated], platform_version: {version}");
    let names = ["ecr.dkr", "logs"];
    let (code, printed, document) = check(&names, &service("1.3.0"), Some(&container));
    assert_eq!(flows(&document), ["ecr.dkr reachable", "s3 reachable", "logs reachable"]);
    assert_eq!(code, 0, "{printed}");
    let (code, _, document) = check(&names, &service("1.4.0"), Some(&container));
    assert_eq!(flows(&document)[..2], ["ecr.api blocked", "ssm blocked"]);
    assert_eq!(code, 1);
}

#[test]
fn without_a_task_definition_the_usual_needs_are_shown_and_the_start_is_unknown() {
    let (code, printed, document) = check(&["ecr.api"], "subnets: [isolated]", None);
    assert_eq!(
        flows(&document),
        [
            "ecr.api reachable",
            "secretsmanager blocked",
            "ecr.dkr blocked",
            "s3 reachable",
            "logs blocked",
            "start-up unknown"
        ]
    );
    assert!(printed.contains("missing: the task definition of service web"), "{printed}");
    assert!(printed.contains("0 of 1 service can start, 1 unknown"), "{printed}");
    assert_eq!(code, 3);
}

#[test]
fn one_paragraph_serves_all_services_that_share_a_cause() {
    let text = format!(
        "{NETWORK}services:\n  web: {{ security_groups: [task], subnets: [isolated], task_definition: app }}\n  api: {{ security_groups: [task], subnets: [isolated, private], task_definition: app }}\ntask_definitions: {{ app: {{ containers: {{ app: {{ image: nginx }} }} }} }}\n"
    );
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("reach.yaml");
    fs::write(&file, text).unwrap();
    let (code, printed) = reach(&file, &[]);
    assert_eq!(matrix(&printed)[1..], ["api in isolated ✗", "api in private ✓", "web ✗"]);
    assert!(printed.contains("stops   api, web in isolated → docker.io\n"), "{printed}");
    assert_eq!(printed.matches("\n  fix ").count(), 1, "{printed}");
    assert_eq!(code, 1);
}

// An expectation speaks for its own flow only.
#[test]
fn what_is_stated_to_be_blocked_does_not_excuse_the_rest() {
    let text = format!(
        "{NETWORK}services: {{ web: {{ security_groups: [task], subnets: [isolated], task_definition: web }} }}\ntask_definitions: {{ web: {{ containers: {{ app: {{ image: {ECR}, log: awslogs }} }} }} }}\nexpect:\n  - web -> logs: blocked\n"
    );
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("reach.yaml");
    fs::write(&file, text).unwrap();
    let (code, printed) = reach(&file, &[]);
    assert!(printed.contains("1 of 1 expectation met"), "{printed}");
    assert!(!printed.contains("does not fail the check"), "ecr.api has the same cause: {printed}");
    assert_eq!(code, 1);
}

// LBT-02, LBH-17
#[test]
fn traffic_and_health_checks_are_told_apart() {
    let scenario = root().join("scenarios/load-balancer-not-admitted.fixed.yaml");
    let text = fs::read_to_string(scenario).unwrap();
    let asked = "health_check: { path: /healthz }";
    assert!(text.contains(asked));
    let text = text.replace(asked, "health_check: { path: /healthz, port: 9000 }");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("reach.yaml");
    fs::write(&file, text).unwrap();
    let (code, printed) = reach(&file, &[]);
    assert_eq!(matrix(&printed)[1], "web ✓ ✓ ✓ ✓ ✓ ✗", "{printed}");
    assert!(
        printed.contains("stops   health checks of front → web:9000 in private-a, private-b\n")
    );
    assert!(printed.contains("1 of 1 service can start; 0 of 1 reached"), "{printed}");
    assert!(printed.contains("6 of 6 expectations met"), "{printed}");
    assert_eq!(code, 1);
}

#[test]
fn programs_read_flows_and_causes() {
    let folder = root().join("tests/captures/isolated-without-dkr");
    let (code, printed) = reach(&folder, &["--format", "json"]);
    let document: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(
        (&document["schema"], &document["outcome"]),
        (&"reach/check/2".into(), &"failed".into())
    );
    let service = &document["services"][0];
    assert_eq!((&service["starts"], &service["reached"]), (&"failed".into(), &"passed".into()));
    let flow = &service["flows"][2];
    assert_eq!(
        (&flow["what"], &flow["role"], &flow["rule"]),
        (&"ecr.dkr".into(), &"start".into(), &"IMG-03".into())
    );
    assert_eq!(flow["answers"].as_array().unwrap().len(), 2);
    let causes = document["causes"].as_array().unwrap();
    assert_eq!(causes.len(), 2);
    assert_eq!(causes[0]["code"], "NO_ROUTE_TO_DESTINATION");
    assert_eq!(causes[0]["stops"][0], "jobs in work-a → ecr.dkr");
    assert!(causes[0]["fixes"][0].as_str().unwrap().contains("interface endpoint for ecr.dkr"));
    assert_eq!(document["expectations"], Value::Array(Vec::new()));
    assert_eq!(code, 1);
}

// VOL-01: what is needed and not followed must not look like success.
#[test]
fn a_task_with_a_file_system_is_not_said_to_start() {
    let folder = tempfile::tempdir().unwrap();
    let source = root().join("tests/captures/nat-per-zone");
    for entry in fs::read_dir(source).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let volume = r#""volumes": [{"name": "data", "efsVolumeConfiguration": {"fileSystemId": "fs-0a1b"}}]"#;
        let text = match text.contains("\"taskDefinition\": {") {
            true => text.replacen("\"volumes\": []", volume, 1),
            false => text,
        };
        fs::write(folder.path().join(path.file_name().unwrap()), text).unwrap();
    }
    let (code, printed) = reach(folder.path(), &[]);
    assert!(printed.contains("EFS file system fs-0a1b"), "{printed}");
    assert!(printed.contains("0 of 1 service can start, 1 unknown"), "{printed}");
    assert_eq!(code, 3);
}

#[test]
fn of_many_services_the_few_reasons_come_first_and_what_passes_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("many.yaml");
    let service = |number: usize, subnet: &str| {
        format!(
            "  svc-{number}: {{ launch_type: FARGATE, subnets: [{subnet}], security_groups: [task], task_definition: web }}\n"
        )
    };
    let with = |failing: usize, all: usize| {
        let services: String = (0..all)
            .map(|number| service(number, if number < failing { "isolated" } else { "private" }))
            .collect();
        let definition = format!(
            "task_definitions: {{ web: {{ containers: {{ app: {{ image: '{ECR}' }} }} }} }}\n"
        );
        let task = NETWORK.replace(
            "  task: { vpc: app }",
            "  task: { vpc: app, egress: [{ to: 0.0.0.0/0, port: 443 }] }",
        );
        fs::write(&file, format!("{task}services:\n{services}{definition}")).unwrap();
        reach(&file, &[])
    };
    let (code, text) = with(2, 60);
    assert_eq!(code, 1, "{text}");
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("58 of 60 services can start"), "{text}");
    assert_eq!(
        lines.nth(1),
        Some("✗ 2 services   NO_ROUTE_TO_DESTINATION (RT-12)   1 cause"),
        "{text}"
    );
    assert_eq!(lines.next(), Some("  of      svc-0, svc-1"), "{text}");
    assert!(text.contains("58 services not listed: all that they need is reachable"), "{text}");
    assert!(text.contains("svc-1 ") && !text.contains("svc-2 "), "{text}");
    // Of few, each has its row.
    let (_, text) = with(2, 50);
    assert!(text.contains("svc-49 ") && !text.contains("not listed"), "{text}");
    assert_eq!(text.matches("of 50 services can start").count(), 1, "{text}");
}
