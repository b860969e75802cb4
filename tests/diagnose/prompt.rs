//! `reach diagnose` at the prompt, held against scenarios.

use assert_cmd::Command;
use serde_json::Value;
use std::fs;

fn reach(arguments: &[&str], stdin: &str) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_reach"));
    command.arg("diagnose").args(arguments).env_remove("REACH_FILE").write_stdin(stdin);
    let output = command.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// The exit code, the judgement and the network, held against a scenario.
fn held(scenario: &str, symptom: &str) -> (i32, Value) {
    let file = format!("scenarios/{scenario}.yaml");
    let (code, out, err) = reach(&["-f", &file, "--format", "json", symptom], "");
    assert!(err.is_empty(), "{err}");
    let document: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(document["schema"], "reach/diagnose/1");
    (code, document["diagnoses"][0].clone())
}

const PULL: &str =
    "CannotPullContainerError: failed to resolve ref x: dial tcp 1.2.3.4:443: i/o timeout";
const DENIED: &str = "CannotPullContainerError: failed to resolve ref x: 403 Forbidden";

#[test]
fn a_blocked_flow_of_the_same_stage_and_failure_explains_a_timeout() {
    let (code, one) = held("missing-ecr-dkr", PULL);
    assert_eq!(
        (code, &one["judgement"], &one["network"]),
        (1, &"explained".into(), &"blocked".into())
    );
    assert_eq!(one["causes"][0]["code"], "NO_ROUTE_TO_DESTINATION");
    assert!(one["causes"][0]["location"]["line"].is_number());
    // The logs are blocked as well: it shows next (RUN-03).
    let (_, one) = held("no-nat-no-endpoints", PULL);
    assert!(one["besides"].as_array().unwrap().contains(&"logs is blocked".into()), "{one:#}");
}

// INP-02
#[test]
fn a_timeout_on_a_proven_way_is_contradicted_with_the_rules_that_prove_it() {
    let (code, one) = held("missing-ecr-dkr.fixed", PULL);
    assert_eq!(
        (code, &one["judgement"], &one["network"]),
        (3, &"contradicted".into(), &"proven".into())
    );
    assert!(
        one["reasons"][0]
            .as_str()
            .unwrap()
            .contains("ecr.dkr is proven reachable from every placement (SG-05"),
        "{one:#}"
    );
}

// ERR-15, TSK-14: 000-14, 003-01
#[test]
fn a_denied_call_clears_the_network_and_contradicts_a_blocked_one() {
    let (code, one) = held("missing-ecr-dkr.fixed", DENIED);
    assert_eq!(
        (code, &one["judgement"], &one["network"]),
        (0, &"cleared".into(), &"proven".into())
    );
    assert_eq!(one["look"]["subject"], "execution role");
    let (code, one) = held("missing-ecr-dkr", DENIED);
    assert_eq!(
        (code, &one["judgement"], &one["network"]),
        (3, &"contradicted".into(), &"unknown".into())
    );
}

// CTR-04, LBH-03, LBH-04
#[test]
fn a_502_is_a_refusal_and_a_504_a_loss() {
    let (code, one) = held("app-on-loopback", "HTTP 502");
    assert_eq!((code, &one["judgement"]), (1, &"explained".into()));
    assert_eq!(one["causes"][0]["code"], "LISTENER_ON_LOOPBACK");
    let (code, one) = held("app-on-loopback", "HTTP 504");
    assert_eq!((code, &one["judgement"]), (3, &"contradicted".into()));
    let (code, one) = held("load-balancer-not-admitted", "HTTP 504");
    assert_eq!((code, &one["judgement"]), (1, &"explained".into()));
    let (code, one) = held("load-balancer-not-admitted", "502");
    assert_eq!((code, &one["judgement"]), (3, &"contradicted".into()));
}

// LBH-05, LBH-20
#[test]
fn a_timeout_of_a_proven_target_is_the_applications_own() {
    let (code, one) = held("app-on-loopback.fixed", "Target.Timeout: Request timed out");
    assert_eq!(
        (code, &one["judgement"], &one["network"]),
        (0, &"cleared".into(), &"proven".into())
    );
}

// LBH-10: no task, no target.
#[test]
fn a_503_is_explained_by_tasks_that_cannot_start() {
    let (code, one) = held("no-nat-no-endpoints", "503");
    assert_eq!((code, &one["judgement"]), (1, &"explained".into()));
    let (code, one) = held("no-nat-no-endpoints.fixed", "503");
    assert_eq!(
        (code, &one["judgement"], &one["network"]),
        (0, &"cleared".into(), &"proven".into())
    );
}

/// A service behind a load balancer, with or without a word on what listens.
fn network(balancer: &str, listens: &str, ingress: &str) -> String {
    format!(
        "\
region: us-east-1
vpcs: {{ app: {{ cidr: 10.0.0.0/16 }} }}
subnets:
  work: {{ vpc: app, cidr: 10.0.1.0/24, az: us-east-1a, route_table: out }}
internet_gateways: {{ igw: {{ vpc: app }} }}
route_tables: {{ out: {{ vpc: app, routes: {{ 0.0.0.0/0: igw }} }} }}
security_groups:
  lb: {{ vpc: app, ingress: [{{ from: 0.0.0.0/0, port: 80 }}] }}
  task: {{ vpc: app, ingress: [{ingress}] }}
load_balancers:
  front: {{ type: {balancer}, subnets: [work], security_groups: [lb], listeners: {{ 80: web }} }}
target_groups: {{ web: {{ vpc: app, port: 8080{} }} }}
services:
  web: {{ subnets: [work], security_groups: [task], assign_public_ip: true, task_definition: web, target_group: web }}
task_definitions:
  web: {{ containers: {{ app: {{ image: 111122223333.dkr.ecr.us-east-1.amazonaws.com/web:1, port: 8080{listens} }} }} }}
",
        if balancer == "network" { ", protocol: TCP" } else { "" }
    )
}

fn held_against(text: &str, arguments: &[&str]) -> (i32, Value) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("reach.yaml");
    fs::write(&file, text).unwrap();
    let mut all = vec!["-q", "-f", file.to_str().unwrap(), "--format", "json"];
    all.extend(arguments);
    let (code, out, err) = reach(&all, "");
    let document: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{err}"));
    (code, document["diagnoses"][0].clone())
}

#[test]
fn a_refusal_without_word_of_what_listens_is_undecided_and_names_the_fact() {
    let text = network("application", "", "{ from: lb, port: 8080 }");
    let (code, one) = held_against(&text, &["Target.FailedHealthChecks"]);
    assert_eq!(
        (code, &one["judgement"], &one["network"]),
        (3, &"undecided".into(), &"unknown".into())
    );
    let fact = one["missing"][0]["fact"].as_str().unwrap();
    assert!(fact.starts_with("what listens on port 8080"), "{fact}");
}

// LBH-16, NLB-05
#[test]
fn a_network_load_balancer_says_the_same_of_drops_and_refusals_and_gives_no_status() {
    let closed = "{ from: 192.0.2.0/24, port: 8080 }";
    let text = network("network", ", listens: 0.0.0.0", closed);
    let (code, one) = held_against(&text, &["Target.FailedHealthChecks"]);
    assert_eq!((code, &one["judgement"]), (1, &"explained".into()), "{one:#}");
    let text = network("application", ", listens: 0.0.0.0", closed);
    let (code, one) = held_against(&text, &["Target.FailedHealthChecks"]);
    assert_eq!((code, &one["judgement"]), (3, &"contradicted".into()), "{one:#}");
    let text = network("network", ", listens: 0.0.0.0", "{ from: 0.0.0.0/0, port: 8080 }");
    let (code, one) = held_against(&text, &["502"]);
    assert_eq!((code, &one["stage"]), (0, &"http-own".into()), "{one:#}");
}

#[test]
fn a_text_that_names_no_service_of_several_is_not_held_until_told_which() {
    let text = network("application", ", listens: 127.0.0.1", "{ from: lb, port: 8080 }").replace(
        "task_definitions:",
        "  other: { subnets: [work], task_definition: web }\ntask_definitions:",
    );
    let (code, one) = held_against(&text, &["502"]);
    assert_eq!((code, &one["service"]), (3, &Value::Null));
    assert!(
        one["reasons"][0].as_str().unwrap().contains("which of other, web is meant"),
        "{one:#}"
    );
    let (code, one) = held_against(&text, &["502", "--service", "web"]);
    assert_eq!((code, &one["service"]["id"]), (1, &"web".into()));
    let event = "(service web) (port 8080) is unhealthy in (target-group x) due to (reason Health checks failed)";
    let (code, one) = held_against(&text, &[event]);
    assert_eq!((code, &one["service"]["id"]), (1, &"web".into()));
}

// PLC-01
#[test]
fn a_timeout_in_some_subnets_names_those_that_fail() {
    let text = network("application", "", "{ from: lb, port: 8080 }")
        .replace("  work:", "  closed: { vpc: app, cidr: 10.0.2.0/24, az: us-east-1b }\n  work:")
        .replace("web: { subnets: [work]", "web: { subnets: [work, closed]");
    let (code, one) = held_against(&text, &[PULL]);
    assert_eq!((code, &one["judgement"]), (1, &"explained".into()));
    assert!(one["reasons"][0].as_str().unwrap().contains("in closed, not in work"), "{one:#}");
}

#[test]
fn symptoms_come_from_stdin_and_files_and_errors_say_where() {
    let (code, out, _) = reach(&["-"], "504\n502\n");
    assert_eq!((code, out.matches("undecided  50").count()), (3, 2), "{out}");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tasks.json");
    fs::write(&file, r#"{"tasks": [{"taskArn": "t/1", "stoppedReason": "RESOURCE:MEMORY"}]}"#)
        .unwrap();
    let (code, out, _) = reach(&[file.to_str().unwrap()], "");
    assert!(code == 3 && out.starts_with("cleared  placing the task\n"), "{code} {out}");
    let (code, _, err) = reach(&["-"], "{\"tasks\": }");
    assert!(code == 2 && err.contains("<stdin>:1:11"), "{err}");
    let (code, _, err) = reach(&["-"], "{\"tasks\": []}");
    assert!(code == 2 && err.contains("shows no failure"), "{err}");
    let (code, _, err) =
        reach(&["-f", "scenarios/missing-ecr-dkr.yaml", "--service", "wbe", "502"], "");
    assert!(code == 2 && err.contains("there is: web"), "{err}");
}

#[test]
fn nothing_in_a_symptom_commands_the_terminal() {
    let (_, out, _) = reach(&["-"], "CannotPull\u{1b}[2J\u{9b}1m: i/o timeout");
    assert!(!out.contains(['\u{1b}', '\u{9b}']), "{out:?}");
}

#[test]
fn the_published_schema_has_an_example_that_names_its_version() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_reach"));
    let output = command.args(["schema", "diagnose"]).output().unwrap();
    let schema: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(schema["title"], "reach/diagnose/1");
    assert_eq!(schema["examples"][0]["diagnoses"][0]["judgement"], "cleared");
    for key in schema["examples"][0]["diagnoses"][0].as_object().unwrap().keys() {
        assert!(
            schema["$defs"]["One"]["properties"][key].is_object(),
            "{key} is not in the schema"
        );
    }
}

#[test]
fn the_published_schema_of_a_check_knows_every_key_of_one() {
    let run = |arguments: &[&str]| -> Value {
        let mut command = Command::new(env!("CARGO_BIN_EXE_reach"));
        command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR"));
        serde_json::from_slice(&command.output().unwrap().stdout).unwrap()
    };
    let schema = run(&["schema", "check"]);
    let check = run(&["check", "-q", "-f", "scenarios/app-on-loopback.yaml", "--format", "json"]);
    assert_eq!(schema["properties"]["schema"]["const"], check["schema"]);
    known(&check, &schema, &schema, "check");
}

/// Every key is one of the schema's, all the way down.
fn known(value: &Value, schema: &Value, root: &Value, path: &str) {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = root.pointer(reference.trim_start_matches('#'));
        return known(value, target.unwrap_or_else(|| panic!("{reference}")), root, path);
    }
    if let Some(any) = schema["anyOf"].as_array().filter(|_| !value.is_null()) {
        let some = any.iter().find(|one| one["type"] != "null").unwrap();
        return known(value, some, root, path);
    }
    match value {
        Value::Object(fields) => {
            for (key, inner) in fields {
                let of_key = &schema["properties"][key];
                assert!(of_key.is_object(), "{path}.{key} is not in the schema");
                known(inner, of_key, root, &format!("{path}.{key}"));
            }
        }
        Value::Array(items) => {
            for item in items {
                known(item, &schema["items"], root, &format!("{path}[]"));
            }
        }
        _ => {}
    }
}
