//! Tasks that share their container instance's interface: bridge and host mode.

use super::network::{Checked, check};

/// A cluster of one instance per zone; `{…}` is filled per test.
fn cluster(mode: &str, port: &str, listens: &str, admitted: &str, instance: &str) -> Checked {
    check(&sections(mode, port, listens, admitted, instance))
}

fn sections(mode: &str, port: &str, listens: &str, admitted: &str, instance: &str) -> String {
    format!(
        "\
security_groups:
  lb: {{ vpc: app, ingress: [{{ from: 0.0.0.0/0, port: 443 }}] }}
  host: {{ vpc: app, ingress: [{{ from: lb, port: {admitted} }}] }}
instances:
  host-a: {{ subnet: task-a, address: 10.0.1.10, security_groups: [host] }}
  host-b: {{ subnet: task-b, address: 10.0.2.10, security_groups: [host] }}
container_instances:
  ci-a: {{ instance: host-a, cluster: main{instance} }}
  ci-b: {{ instance: host-b, cluster: main{instance} }}
load_balancers:
  front: {{ subnets: [node-a, node-b], security_groups: [lb], listeners: {{ 443: web }} }}
target_groups:
  web: {{ vpc: app, port: 80, type: instance }}
services:
  web: {{ launch_type: EC2, cluster: main, task_definition: web, target_group: web, container: app, port: 8080 }}
task_definitions:
  web:
    network_mode: {mode}
    containers:
      app: {{ port: \"{port}\", {listens} }}
      other: {{ listens: \"0.0.0.0:8080\" }}
"
    )
}

const WILDCARD: &str = "listens: 0.0.0.0";
const LOOPBACK: &str = "listens: 127.0.0.1";

impl Checked {
    /// What the first answer of the first leg says.
    fn first(&self) -> serde_json::Value {
        self.flows().next().unwrap()["answers"][0].clone()
    }
}

// PLC-10, PLC-11
#[test]
fn every_port_that_the_kernel_gives_out_must_be_open() {
    let checked = cluster("bridge", "8080", WILDCARD, "\"32768-65535\"", "");
    assert_eq!(checked.legs(), ["front → web:8080 reachable"]);
    let first = checked.first();
    assert_eq!(first["destination"]["resource"]["id"], "host-a");
    assert_eq!(first["destination"]["ports"], "32768-60999");
    assert!(
        checked.printed.contains("DYNAMIC_HOST_PORTS_ARE_THE_KERNELS = true"),
        "{}",
        checked.printed
    );
    assert_eq!(checked.concerns(), [""; 0]);
    let text = sections("bridge", "8080", WILDCARD, "\"32768-65535\"", "");
    let text = format!("{text}assume: {{ DYNAMIC_HOST_PORTS_ARE_THE_KERNELS: false }}\n");
    assert_eq!(check(&text).legs(), ["front → web:8080 unknown"]);
}

// PLC-11
#[test]
fn ports_that_are_closed_make_it_intermittent_and_are_named() {
    let checked = cluster("bridge", "8080", WILDCARD, "\"32768-50000\"", "");
    assert_eq!(checked.legs(), ["front → web:8080 intermittent"]);
    assert_eq!(checked.first()["fails_for"][0], "destination ports 50001-60999");
}

// PLC-11
#[test]
fn an_instance_may_state_its_range() {
    let range = ", dynamic_ports: \"40000-40100\"";
    let checked = cluster("bridge", "8080", WILDCARD, "\"40000-40100\"", range);
    assert_eq!(checked.legs(), ["front → web:8080 reachable"]);
    assert!(!checked.printed.contains("DYNAMIC_HOST_PORTS"), "{}", checked.printed);
}

// LBT-05, PLC-12
#[test]
fn a_fixed_host_port_is_the_only_one() {
    let checked = cluster("bridge", "80:8080", WILDCARD, "80", "");
    assert_eq!(checked.legs(), ["front → web:8080 reachable"]);
    assert_eq!(checked.first()["destination"]["port"], 80);
    let checked = cluster("bridge", "80:8080", WILDCARD, "8080", "");
    assert_eq!(checked.legs(), ["front → web:8080 blocked"]);
}

// PLC-17
#[test]
fn a_range_of_container_ports_is_published_dynamically() {
    let checked = cluster("bridge", "8000-8090", WILDCARD, "\"32768-60999\"", "");
    assert_eq!(checked.legs(), ["front → web:8080 reachable"]);
    assert!(checked.printed.contains("PORT_RANGE_AS_DYNAMIC = true"), "{}", checked.printed);
}

// PLC-17
#[test]
fn a_range_of_container_ports_may_be_taken_to_stay_as_it_is() {
    let check_with = |admitted: &str| {
        let text = sections("bridge", "8000-8090", WILDCARD, admitted, "");
        check(&format!("{text}assume: {{ PORT_RANGE_AS_DYNAMIC: false }}\n"))
    };
    assert_eq!(check_with("\"32768-60999\"").legs(), ["front → web:8080 blocked"]);
    let checked = check_with("8080");
    assert_eq!(checked.legs(), ["front → web:8080 reachable"]);
    assert!(checked.printed.contains("PORT_RANGE_AS_DYNAMIC = false"), "{}", checked.printed);
}

// CTR-09, CTR-01: every bridge container has a loopback and ports of its own.
#[test]
fn a_bridge_container_on_loopback_is_refused_whatever_another_listens_on() {
    for port in ["8080", "80:8080"] {
        let checked = cluster("bridge", port, LOOPBACK, "[80, \"32768-60999\"]", "");
        assert_eq!(checked.legs(), ["front → web:8080 blocked"]);
        let first = checked.first();
        assert_eq!(first["failure"], "refused");
        assert_eq!(first["blockers"][0]["code"], "LISTENER_ON_LOOPBACK");
        let health = &checked.document["services"][0]["health"][0];
        assert_eq!(health["reason"], "Target.FailedHealthChecks");
        assert_eq!(health["targets"][0]["id"], "host-a");
    }
}

// PLC-14: packets come to the bridge address, which nothing tells.
#[test]
fn a_bridge_container_on_an_address_of_its_own_is_unknown() {
    let checked = cluster("bridge", "80:8080", "listens: 172.17.0.2", "80", "");
    assert_eq!(checked.legs(), ["front → web:8080 unknown"]);
}

// CTR-10, PLC-13
#[test]
fn host_mode_listens_on_the_instance_itself() {
    let checked = cluster("host", "8080", "listens: 127.0.0.1", "8080", "");
    assert_eq!(checked.legs(), ["front → web:8080 reachable"], "the other container listens there");
    let checked = cluster("host", "8080", "listens: \"127.0.0.1:3000\"", "80", "");
    assert_eq!(checked.legs(), ["front → web:8080 blocked"]);
    assert_eq!(checked.first()["destination"]["port"], 8080);
}

// PLC-10
#[test]
fn without_container_instances_it_is_unknown_and_says_what_to_capture() {
    let text = "\
security_groups: { lb: { vpc: app } }
load_balancers: { front: { subnets: [node-a, node-b], security_groups: [lb], listeners: { 443: web } } }
target_groups: { web: { vpc: app, port: 80, type: instance } }
services: { web: { launch_type: EC2, task_definition: web, target_group: web } }
task_definitions: { web: { network_mode: bridge, containers: { app: { port: 8080, listens: 0.0.0.0 } } } }
";
    let checked = check(text);
    assert_eq!(checked.legs(), ["front → web:8080 unknown"]);
    let words = checked.printed.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("the container instances that run the tasks of service web"), "{words}");
}

// LBT-07
#[test]
fn address_targets_do_not_fit_bridge_mode() {
    let text = "\
security_groups: { lb: { vpc: app } }
load_balancers: { front: { subnets: [node-a, node-b], security_groups: [lb], listeners: { 443: web } } }
target_groups: { web: { vpc: app, port: 80, type: ip } }
services: { web: { launch_type: EC2, task_definition: web, target_group: web } }
task_definitions: { web: { network_mode: host, containers: { app: { port: 8080 } } } }
";
    let checked = check(text);
    assert_eq!(checked.concerns(), ["stops TARGET_TYPE_MISMATCH target-group web"]);
    assert!(checked.printed.contains("HOST_MODE_REJECTS_IP_TARGETS"), "{}", checked.printed);
    let turned = check(&format!("{text}assume: {{ HOST_MODE_REJECTS_IP_TARGETS: false }}\n"));
    assert_eq!(turned.concerns(), [""; 0]);
    let checked = check(&text.replace("network_mode: host", "network_mode: bridge"));
    assert!(!checked.printed.contains("HOST_MODE_REJECTS_IP_TARGETS"), "{}", checked.printed);
    assert_eq!(checked.concerns(), ["stops TARGET_TYPE_MISMATCH target-group web"]);
}

// LBT-10
#[test]
fn an_instance_in_a_zone_without_nodes_is_unused() {
    let text = "\
security_groups: { lb: { vpc: app } }
instances: { far-off: { subnet: task-c } }
container_instances: { ci: { instance: far-off } }
load_balancers: { front: { subnets: [node-a, node-b], security_groups: [lb], listeners: { 443: web } } }
target_groups: { web: { vpc: app, port: 80, type: instance } }
services: { web: { launch_type: EC2, task_definition: web, target_group: web } }
task_definitions: { web: { network_mode: bridge, containers: { app: { port: 8080, listens: 0.0.0.0 } } } }
";
    let checked = check(text);
    assert_eq!(checked.concerns(), ["stops TARGET_ZONE_NOT_ENABLED load-balancer front"]);
    assert_eq!(checked.legs(), [""; 0]);
}
