//! Proxies in a task: who reaches what is behind them, and what shows when nobody is there.

use assert_cmd::Command;
use std::fs;
use vpc_reach::answer::{Query, QueryAnswer, Verdict};
use vpc_reach::query::World;
use vpc_reach::read::{ReadError, scenario};

/// A service behind a load balancer: `definition` and `service` are keys of its own.
fn text(balancer: &str, containers: &str, definition: &str, service: &str) -> String {
    format!(
        "
vpcs: {{ app: {{ cidr: 10.0.0.0/16 }} }}
subnets: {{ a: {{ vpc: app, cidr: 10.0.1.0/24, az: us-east-1a }} }}
security_groups: {{ any: {{ vpc: app, ingress: [{{ from: 10.0.0.0/16, port: all, protocol: all }}] }} }}
load_balancers: {{ front: {{ {balancer}, scheme: internal, subnets: [a], security_groups: [any], listeners: {{ 80: web }} }} }}
target_groups: {{ web: {{ vpc: app, port: 8080 }} }}
services: {{ web: {{ subnets: [a], security_groups: [any], task_definition: web, target_group: web{service} }} }}
task_definitions: {{ web: {{ containers: {{ {containers} }}{definition} }} }}
"
    )
}

fn answer(text: &str, query: &str) -> QueryAnswer {
    let network = scenario::read("test.yaml", text, &mut |_| unreachable!()).unwrap().network;
    World::new(network).ask(&query.parse::<Query>().unwrap()).unwrap()
}

/// The first blocker's code, or else the verdict.
fn outcome(text: &str, query: &str) -> String {
    let answer = answer(text, query);
    let blocker = answer.answers.iter().flat_map(|one| &one.blockers).next();
    blocker.map_or(answer.verdict.to_string(), |blocker| blocker.code.to_string())
}

const ALB: &str = "type: application";

fn app(listens: &str) -> String {
    format!("app: {{ port: {{ port: 8080, name: web }}, listens: {listens} }}")
}

fn connected(listens: &str) -> String {
    text(ALB, &app(listens), "", ", service_connect: [web]")
}

#[test]
fn a_sidecar_that_takes_the_port_makes_loopback_behind_it_right() {
    // CTR-11
    let both =
        "app: { port: 3000, listens: \"127.0.0.1:3000\" }, nginx: { port: 8080, listens: 0.0.0.0 }";
    let service = ", container: nginx";
    assert_eq!(outcome(&text(ALB, both, "", service), "front -> web"), "reachable");
    assert_eq!(outcome(&text(ALB, both, "", service), "front -> web:3000"), "LISTENER_ON_LOOPBACK");
}

#[test]
fn service_connect_hands_connections_to_loopback() {
    // CTR-12
    for (listens, wanted) in [
        ("127.0.0.1", "reachable"),
        ("0.0.0.0", "reachable"),
        ("{ address: \"::\", v6_only: false }", "reachable"),
        ("\"::ffff:127.0.0.1\"", "reachable"),
        ("10.0.1.9", "PROXY_UPSTREAM_NOT_LISTENING"),
        ("\"::1\"", "PROXY_UPSTREAM_NOT_LISTENING"),
        ("{ address: \"::\", v6_only: true }", "PROXY_UPSTREAM_NOT_LISTENING"),
        ("\"127.0.0.1:3000\"", "PROXY_UPSTREAM_NOT_LISTENING"),
        ("127.0.0.2", "PROXY_UPSTREAM_NOT_LISTENING"),
        ("\"::\"", "unknown"),
    ] {
        assert_eq!(outcome(&connected(listens), "front -> web"), wanted, "{listens}");
    }
    // A port that it does not offer is reached as ever.
    let loopback = "[\"127.0.0.1:8080\", \"127.0.0.1:9000\"]";
    assert_eq!(outcome(&connected(loopback), "front -> web:9000"), "LISTENER_ON_LOOPBACK");
    // A client only.
    let client = text(ALB, &app("127.0.0.1"), "", ", service_connect: true");
    assert_eq!(outcome(&client, "front -> web"), "LISTENER_ON_LOOPBACK");
}

#[test]
fn what_nobody_states_stays_open_behind_a_proxy() {
    let text =
        text(ALB, "app: { port: { port: 8080, name: web } }", "", ", service_connect: [web]");
    let answer = answer(&text, "front -> web");
    assert_eq!(answer.verdict, Verdict::Reachable);
    assert_eq!(answer.answers[0].findings[0].code.to_string(), "SOCKET_NOT_STATED");
}

#[test]
fn an_ingress_port_of_its_own_lets_the_load_balancer_past_the_proxy() {
    // CTR-12
    let service = ", service_connect: [{ port: web, ingress_port: 15000 }]";
    let loopback = text(ALB, &app("127.0.0.1"), "", service);
    assert_eq!(outcome(&loopback, "front -> web"), "LISTENER_ON_LOOPBACK");
    assert_eq!(outcome(&loopback, "front -> web:15000"), "reachable");
}

#[test]
fn app_mesh_does_the_same_as_far_as_is_known() {
    // CTR-13
    let containers = |listens| format!("{}, envoy: {{}}", app(listens));
    let mesh = ", proxy: { container: envoy, app_ports: [8080], ingress_port: 15000 }";
    let loopback = text(ALB, &containers("127.0.0.1"), mesh, ", container: app");
    let answer = answer(&loopback, "front -> web");
    assert_eq!(answer.verdict, Verdict::Reachable);
    let assumed = answer.answers[0].assumptions.iter().map(|one| one.name.as_ref());
    assert!(assumed.collect::<Vec<_>>().contains(&"APPMESH_DIALS_LOOPBACK"), "{answer:#?}");
    let own = text(ALB, &containers("10.0.1.9"), mesh, ", container: app");
    assert_eq!(outcome(&own, "front -> web"), "PROXY_UPSTREAM_NOT_LISTENING");
    // Taken to connect to the task's address, it finds what listens there.
    let turned = |listens| {
        let text = text(ALB, &containers(listens), mesh, ", container: app");
        outcome(&format!("{text}assume: {{ APPMESH_DIALS_LOOPBACK: false }}\n"), "front -> web")
    };
    assert_eq!(turned("127.0.0.1"), "PROXY_UPSTREAM_NOT_LISTENING");
    assert_eq!(turned("0.0.0.0"), "reachable");
}

/// What `check` prints.
fn check(text: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("reach.yaml"), text).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_reach"));
    command.current_dir(folder.path()).arg("check").env_remove("REACH_FILE");
    String::from_utf8(command.output().unwrap().stdout).unwrap().replace("\n      ", " ")
}

#[test]
fn a_proxy_without_anybody_behind_it_is_no_refusal() {
    // CTR-22
    let out = check(&connected("10.0.1.9"));
    assert!(out.contains("Target.ResponseCodeMismatch"), "{out}");
    assert!(!out.contains("Target.FailedHealthChecks"), "{out}");
    // A TCP check proves only the proxy.
    let tcp = text("type: network", &app("10.0.1.9"), "", ", service_connect: [web]");
    let out = check(&tcp);
    assert!(out.contains("healthy") && !out.contains("unhealthy"), "{out}");
    assert!(out.contains("PROXY_UPSTREAM_NOT_LISTENING"), "{out}");
}

#[test]
fn a_name_that_no_port_has_is_an_error_with_a_hint() {
    let read = |text: &str| -> ReadError {
        scenario::read("test.yaml", text, &mut |_| unreachable!()).unwrap_err()
    };
    let unnamed = text(ALB, "app: { port: 8080 }", "", ", service_connect: [web]");
    let error = read(&unnamed);
    assert_eq!(error.message, "no port of the task definition is called `web`");
    let hint = "name it in the task definition: port: { port: 8080, name: web }";
    assert_eq!(error.hint.as_deref(), Some(hint));
    let mistyped = text(ALB, &app("127.0.0.1"), "", ", service_connect: [wbe]");
    assert_eq!(read(&mistyped).hint.as_deref(), Some("did you mean `web`?"));
    let absent = ", proxy: { container: envoy, app_ports: [8080] }";
    let error = read(&text(ALB, &app("127.0.0.1"), absent, ""));
    assert_eq!(error.message, "there is no container `envoy`");
}

#[test]
fn a_status_that_the_proxy_answered_is_explained_by_nobody_behind_it() {
    // CTR-22, LBH-07
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("reach.yaml"), connected("10.0.1.9")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_reach"));
    let text = "Target.ResponseCodeMismatch: Health checks failed with these codes: [503]";
    command.current_dir(folder.path()).args(["diagnose", text]).env_remove("REACH_FILE");
    let out = String::from_utf8(command.output().unwrap().stdout).unwrap();
    assert!(out.contains("PROXY_UPSTREAM_NOT_LISTENING"), "{out}");
}
