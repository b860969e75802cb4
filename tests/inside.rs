//! A container's own health check asks from inside, the load balancer from outside: where they
//! disagree, ECS replaces tasks that look well.

use assert_cmd::Command;
use std::fs;

fn text(app: &str, rest: &str) -> String {
    format!(
        "
vpcs: {{ app: {{ cidr: 10.0.0.0/16 }} }}
subnets: {{ a: {{ vpc: app, cidr: 10.0.1.0/24, az: us-east-1a }} }}
security_groups: {{ any: {{ vpc: app, ingress: [{{ from: 10.0.0.0/16, port: all, protocol: all }}] }}, none: {{ vpc: app }} }}
load_balancers: {{ front: {{ scheme: internal, subnets: [a], security_groups: [any], listeners: {{ 80: web }} }} }}
target_groups: {{ web: {{ vpc: app, port: 8080 }} }}
services: {{ web: {{ subnets: [a], security_groups: [any], task_definition: web, target_group: web{rest} }} }}
task_definitions: {{ web: {{ containers: {{ app: {{ port: {{ port: 8080, name: web }}, {app} }} }} }} }}
"
    )
}

const ASKS: &str = "health_check: curl -f http://localhost:8080/health || exit 1";

/// What `check` prints.
fn check(text: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("reach.yaml"), text).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_reach"));
    command.current_dir(folder.path()).arg("check").env_remove("REACH_FILE");
    String::from_utf8(command.output().unwrap().stdout).unwrap()
}

#[test]
fn a_healthy_container_that_the_load_balancer_cannot_reach_is_explained() {
    // CTR-05
    let out = check(&text(&format!("listens: 127.0.0.1, {ASKS}"), ""));
    assert!(out.contains("LISTENER_ON_LOOPBACK") && out.contains("HEALTHY_BUT_REFUSED"), "{out}");
    // CTR-12: a proxy in front makes loopback right.
    let behind = ", service_connect: [web]";
    for (app, rest) in [
        (format!("listens: 127.0.0.1, {ASKS}"), behind),
        (format!("listens: 0.0.0.0, {ASKS}"), ""),
        // CTR-15: without a check of its own, a container is not HEALTHY.
        ("listens: 127.0.0.1".to_owned(), ""),
    ] {
        let out = check(&text(&app, rest));
        assert!(!out.contains("HEALTHY_BUT_REFUSED"), "{app}{rest}: {out}");
    }
}

#[test]
fn a_container_bound_past_its_own_health_check_is_a_warning() {
    // CTR-06
    for (listens, health, warns) in [
        ("10.0.1.9", "health_check: curl -f http://localhost:8080/health", true),
        ("10.0.1.9", "health_check: [CMD, wget, -q, \"http://127.0.0.1:8080\"]", true),
        ("\"127.0.0.1:3000\"", "health_check: curl -f http://localhost:8080/", true),
        ("\"::1\"", "health_check: curl -f http://127.0.0.1:8080/", true),
        ("\"::1\"", "health_check: curl -f http://localhost:8080/", false),
        ("0.0.0.0", "health_check: curl -f http://localhost:8080/", false),
        ("\"::\"", "health_check: curl -f http://localhost:8080/", false),
        ("10.0.1.9", "health_check: pg_isready", false),
        ("10.0.1.9", "health_check: curl -f http://example.com:8080/", false),
    ] {
        let out = check(&text(&format!("listens: {listens}, {health}"), ""));
        assert_eq!(out.contains("HEALTH_COMMAND_REFUSED"), warns, "{listens} {health}: {out}");
    }
}

#[test]
fn a_closed_group_hides_the_refusal_and_both_are_told() {
    // LBH-17: first a timeout, and behind it a refusal.
    for closed in [
        text("listens: 127.0.0.1", "")
            .replacen("security_groups: [any], task_definition", "security_groups: [none], task_definition", 1),
        text("listens: 127.0.0.1", "").replace(
            "az: us-east-1a }",
            "az: us-east-1a }, b: { vpc: app, cidr: 10.0.2.0/24, az: us-east-1a, network_acl: shut }",
        )
        .replacen("web: { subnets: [a]", "web: { subnets: [b]", 1)
            + "network_acls: { shut: { vpc: app, ingress: [], egress: [] } }\n",
    ] {
        let out = check(&closed);
        assert!(out.contains("LISTENER_ON_LOOPBACK"), "{out}");
        assert!(out.contains("Target.Timeout") && out.contains("Target.FailedHealthChecks"), "{out}");
    }
}
