//! §1.2: what a task definition's fields ask for, and how much depends on it.

use super::network::*;
use vpc_reach::check::Role;
use vpc_reach::ecs::Weight;

const NODE: &str = "
instances: { node-1: { subnet: private, address: 10.0.2.10, security_groups: [open] } }
container_instances: { node-1: {} }
";
const FARGATE: &str = "subnets: [isolated], security_groups: [open]";
const EC2: &str = "launch_type: EC2, subnets: [private], security_groups: [open]";

/// The flow of that name, as `verdict weight rule`.
fn need(parts: &[&str], what: &str) -> String {
    let check = checked(parts);
    let flow = check.services[0].flows.iter().find(|flow| flow.what == what);
    let flow = flow.unwrap_or_else(|| panic!("{what}: {:?}", flows(&check)));
    let Role::Start(_, weight) = flow.role else { panic!("{what}") };
    format!("{} {weight:?} {}", flow.verdict, flow.rule)
}

fn log(service_keys: &str, log: &str) -> (String, String, String) {
    let node = if service_keys.contains("EC2") { NODE } else { "" };
    (node.to_owned(), service(service_keys), definition("", &format!("log: {log}")))
}

fn log_need(service_keys: &str, text: &str, what: &str) -> String {
    let (node, service, definition) = log(service_keys, text);
    need(&[&node, &service, &definition], what)
}

// LOG-02, LOG-03, LOG-04: what logs mean for the start.
#[test]
fn logs_stop_a_fargate_task_and_only_a_blocking_one_elsewhere() {
    for mode in ["blocking", "non-blocking"] {
        let text = format!("{{ driver: awslogs, mode: {mode} }}");
        assert_eq!(log_need(FARGATE, &text, "logs"), "blocked StartCritical LOG-01", "{mode}");
    }
    let blocking = "{ driver: awslogs, mode: blocking }";
    assert_eq!(log_need(EC2, blocking, "logs"), "reachable StartCritical LOG-01");
    assert_eq!(log_need(EC2, "awslogs", "logs"), "reachable Degraded LOG-02");
}

// LOG-03, LOG-05: such a task starts, and its logs are lost.
#[test]
fn a_task_whose_logs_are_lost_starts_all_the_same() {
    let node = "
instances: { node-1: { subnet: isolated, address: 10.0.1.10, security_groups: [open] } }
container_instances: { node-1: {} }
endpoints:
  api: { service: ecr.api, subnets: [isolated], security_groups: [anyone] }
  dkr: { service: ecr.dkr, subnets: [isolated], security_groups: [anyone] }
  ecs: { service: ecs, subnets: [isolated], security_groups: [anyone] }
  agent: { service: ecs-agent, subnets: [isolated], security_groups: [anyone] }
  telemetry: { service: ecs-telemetry, subnets: [isolated], security_groups: [anyone] }
  s3: { service: s3, route_tables: [isolated] }
";
    let task = service(&EC2.replace("private", "isolated"));
    let check = checked(&[node, &task, &definition("", "log: awslogs")]);
    let printed = text(&check);
    assert!(printed.contains("1 of 1 service can start"), "{printed}");
    assert!(printed.contains("its logs do not arrive"), "{printed}");
    assert_eq!(json(&check)["outcome"], "failed", "something does fail");
}

// LOG-01: an endpoint of its own is another host.
#[test]
fn the_logs_endpoint_of_the_options_is_what_is_asked() {
    let text = "{ driver: awslogs, endpoint: \"https://logs.eu-west-1.amazonaws.com\" }";
    let check = {
        let (_, service, definition) = log(FARGATE, text);
        checked(&[&service, &definition])
    };
    assert!(flows(&check).contains(&"logs (eu-west-1) blocked".to_owned()), "{:?}", flows(&check));
    let text = "{ driver: awslogs, endpoint: \"http://logs.corp.example:8443\" }";
    assert_eq!(log_need(FARGATE, text, "logs.corp.example:8443"), "unknown StartCritical LOG-01");
}

// LOG-06
#[test]
fn each_log_driver_is_asked_at_its_own_address() {
    let splunk = |more: &str| {
        format!(
            "{{ driver: splunk, options: {{ splunk-url: \"https://inputs.splunk.example:8088\"{more} }} }}"
        )
    };
    let open = FARGATE.replace("isolated", "private");
    let at = "inputs.splunk.example:8088";
    assert_eq!(log_need(&open, &splunk(""), at), "reachable StartCritical LOG-06");
    let unverified = splunk(", splunk-verify-connection: \"false\"");
    assert_eq!(log_need(&open, &unverified, at), "reachable Degraded LOG-06");
    for (text, what, found) in [
        (
            "{ driver: syslog, options: { syslog-address: \"tcp://10.0.2.99:6514\" } }",
            "10.0.2.99:6514",
            "blocked StartCritical LOG-06",
        ),
        (
            "{ driver: gelf, options: { gelf-address: \"udp://203.0.113.7:12201\" } }",
            "203.0.113.7:12201",
            "reachable Degraded LOG-06",
        ),
        (
            "{ driver: fluentd, options: { fluentd-address: \"203.0.113.7:24224\", fluentd-async: \"true\" } }",
            "203.0.113.7:24224",
            "reachable Degraded LOG-06",
        ),
        ("{ driver: splunk, options: { x: \"1\" } }", "logs", "unknown StartCritical LOG-06"),
    ] {
        assert_eq!(log_need(EC2, text, what), found, "{text}");
    }
}

// LOG-06: these ask nothing of the network.
#[test]
fn local_log_drivers_need_nothing() {
    for text in ["json-file", "journald", "fluentd", "syslog"] {
        let (node, service, definition) = log(EC2, text);
        let check = checked(&[&node, &service, &definition]);
        let logs = check.services[0].flows.iter().any(|flow| flow.rule.starts_with("LOG"));
        assert!(!logs, "{text}: {:?}", flows(&check));
    }
}

// LOG-07: the router's outputs are its own traffic; its configuration is the host's.
#[test]
fn a_log_router_is_followed_by_its_options() {
    let output = |options: &str| format!("{{ driver: awsfirelens, options: {{ {options} }} }}");
    let open = FARGATE.replace("isolated", "private");
    let firehose = output("Name: firehose, region: us-east-1, delivery_stream: web");
    assert_eq!(log_need(&open, &firehose, "kinesis-firehose"), "reachable Application LOG-07");
    let datadog = output("Name: datadog, Host: http-intake.logs.datadoghq.example, TLS: \"on\"");
    let host = "http-intake.logs.datadoghq.example";
    assert_eq!(log_need(&open, &datadog, host), "reachable Application LOG-07");
    assert_eq!(log_need(&open, &output("x: \"1\""), "log router"), "unknown Application LOG-07");
    let router = definition(
        "",
        "firelens: { options: { config-file-type: s3, config-file-value: \"arn:aws:s3:::b/f.conf\" } }",
    );
    let check = checked(&[NODE, &service(EC2), &router]);
    let file = check.services[0].flows.iter().find(|flow| flow.rule == "LOG-07").unwrap();
    assert_eq!((file.what.as_str(), file.why.contains("b/f.conf")), ("s3", true));
    assert!(matches!(file.role, Role::Start(_, Weight::StartCritical)));
}

const FILES: &str = "file_systems: { files: { subnets: [private], security_groups: [anyone] } }\n";

// VOL-01: by the zone's own mount target.
#[test]
fn a_file_system_is_mounted_from_the_targets_of_its_zone() {
    let volumes = definition("volumes: { data: { efs: files } }", "");
    let both = "subnets: [private, isolated], security_groups: [open]";
    let check = checked(&[FILES, &service(both), &volumes]);
    let flow = check.services[0].flows.iter().find(|flow| flow.what == "efs files").unwrap();
    let told: Vec<String> = flow
        .answers
        .iter()
        .map(|one| format!("{} {}", one.source.subnet.as_ref().unwrap().label(), one.verdict))
        .collect();
    assert_eq!(told, ["private reachable", "isolated blocked"]);
    let blocker = &flow.answers[1].blockers[0];
    assert_eq!(blocker.code.0, "EFS_NO_MOUNT_TARGET_IN_ZONE");
    assert!(blocker.symptom.as_deref().unwrap().contains("Failed to resolve"), "ERR-13");
}

// VOL-01, TSK-04: the groups of the mount target must admit the task's interface, on 2049.
#[test]
fn the_groups_of_a_mount_target_must_admit_the_task() {
    let volumes = definition("volumes: { data: { efs: files } }", "");
    let closed = FILES.replace("anyone", "closed");
    let task = "subnets: [private], security_groups: [open]";
    let check = checked(&[&closed, &service(task), &volumes]);
    let flow = check.services[0].flows.iter().find(|flow| flow.what == "efs files").unwrap();
    assert_eq!(flow.answers[0].blockers[0].code.0, "SG_HAS_NO_RULES");
    assert_eq!(flow.answers[0].destination.port, Some(2049));
    let check = checked(&[NODE, FILES, &service(EC2), &volumes]);
    assert_eq!(sources(&check, "efs files"), ["service/web"], "awsvpc on EC2");
}

// VOL-01, TSK-15: without DNS there is no mount target.
#[test]
fn without_dns_a_file_system_has_no_address() {
    let parts =
        [FILES, &service("subnets: [private]"), &definition("volumes: { d: { efs: files } }", "")];
    let text = format!("{BASE}{}", parts.concat())
        .replace("cidr: 10.0.0.0/16 }", "cidr: 10.0.0.0/16, enable_dns_support: false }");
    let loaded = vpc_reach::read::scenario::read("r.yaml", &text, &mut |_| panic!()).unwrap();
    let check = vpc_reach::check::check(&vpc_reach::query::World::new(loaded.network), &[]);
    let flow = check.services[0].flows.iter().find(|flow| flow.what == "efs files").unwrap();
    assert_eq!(flow.answers[0].blockers[0].code.0, "VPC_DNS_SUPPORT_OFF");
}

// EXE-01: on demand, with what the cluster asks for.
#[test]
fn exec_is_on_demand_and_takes_what_its_cluster_asks_for() {
    let cluster = "clusters: { prod: { exec_key: true, exec_logs: true, exec_bucket: true } }\n";
    let keys = "subnets: [isolated], security_groups: [open], execute_command: true, cluster: prod";
    let parts = [cluster, &service(keys), &definition("", "")];
    for what in ["ssmmessages", "kms", "logs"] {
        assert_eq!(need(&parts, what), "blocked OnDemand EXE-01", "{what}");
    }
    let check = checked(&parts);
    let exec = check.services[0].flows.iter().find(|flow| flow.what == "ssmmessages").unwrap();
    let shown = exec.answers[0].blockers[0].symptom.as_deref().unwrap();
    assert!(shown.contains("TargetNotConnectedException"), "{shown}");
    assert_eq!(exec.stop_code(), None);
    let plain = [service("subnets: [isolated], execute_command: true"), definition("", "")];
    let found = flows(&checked(&[&plain[0], &plain[1]]));
    assert!(found.contains(&"ssmmessages blocked".to_owned()), "{found:?}");
    assert!(!found.iter().any(|flow| flow.starts_with("kms")), "{found:?}");
}

// SVC-01: by the agent's endpoint where there is one, else over the internet.
#[test]
fn service_connect_needs_its_relay_to_start() {
    let keys = "subnets: [isolated], security_groups: [open], service_connect: true";
    let parts = [service(keys), definition("", "")];
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    assert_eq!(need(&parts, "ecs-sc"), "blocked StartCritical SVC-01");
    let endpoint = "endpoints: { agent: { service: ecs-agent, subnets: [isolated], security_groups: [anyone] } }\n";
    let with: Vec<&str> = std::iter::once(endpoint).chain(parts).collect();
    assert_eq!(need(&with, "ecs-agent"), "reachable StartCritical SVC-01");
}

// APP-01
#[test]
fn what_a_person_states_is_asked_from_every_placement() {
    let db =
        "interfaces: { db: { subnet: isolated, address: 10.0.1.50, security_groups: [closed] } }\n";
    let needs = "needs: [\"db:5432\", \"https://api.example.com\", \"api.example.com:8443\", \"db.internal:5432\", \"nothing-here:1\"]";
    let keys = format!("subnets: [private, public], security_groups: [open], {needs}");
    let parts = [db, &service(&keys), &definition("", "")];
    let check = checked(&parts);
    let found = flows(&check);
    for flow in [
        "db:5432 blocked",
        "api.example.com unknown",
        "api.example.com:8443 unknown",
        "db.internal:5432 unknown",
        "nothing-here:1 unknown",
    ] {
        assert!(found.contains(&flow.to_owned()), "{flow}: {found:?}");
    }
    let flow = check.services[0].flows.iter().find(|flow| flow.what == "api.example.com").unwrap();
    let verdicts: Vec<String> = flow.answers.iter().map(|one| one.verdict.to_string()).collect();
    assert_eq!(verdicts, ["reachable", "unknown"], "the public subnet gives no public address");
    assert!(matches!(flow.role, Role::Start(_, Weight::Application)));
}

// APP-01: the daemon's image says what it is for.
#[test]
fn a_tracing_sidecar_needs_xray_and_no_start_depends_on_it() {
    let definition = format!(
        "task_definitions: {{ web: {{ containers: {{ app: {{ image: {ECR} }}, xray: {{ image: public.ecr.aws/xray/aws-xray-daemon:latest }} }} }} }}\n"
    );
    let parts = [service("subnets: [private], security_groups: [open]"), definition];
    assert_eq!(need(&[&parts[0], &parts[1]], "xray"), "reachable Application APP-01");
}

// IMG-02, IMG-04: other names, other endpoints.
#[test]
fn fips_and_dual_stack_registries_have_names_of_their_own() {
    let image = |host: &str| {
        format!(
            "task_definitions: {{ web: {{ containers: {{ app: {{ image: {host}/web:1 }} }} }} }}\n"
        )
    };
    let task = service("subnets: [private], security_groups: [open]");
    let fips = image("111122223333.dkr.ecr-fips.us-east-1.amazonaws.com");
    assert_eq!(
        flows(&checked(&[&task, &fips])),
        ["ecr-fips.api reachable", "ecr-fips.dkr reachable", "s3 reachable"]
    );
    let dual = image("111122223333.dkr-ecr.us-east-1.on.aws");
    assert_eq!(
        flows(&checked(&[&task, &dual])),
        ["ecr.api reachable", "ecr.dkr reachable", "s3 reachable"]
    );
}

// IMG-07
#[test]
fn layers_through_an_interface_endpoint_carry_a_warning() {
    let endpoints = "
endpoints:
  s3: { service: s3, type: interface, subnets: [isolated], security_groups: [anyone], private_dns_only_for_inbound_resolver: false }
";
    let parts = [endpoints, &service(FARGATE), &definition("", "")];
    let check = checked(&parts);
    assert!(flows(&check).contains(&"s3 reachable".to_owned()), "{:?}", flows(&check));
    let printed = text(&check);
    assert!(printed.contains("a gateway endpoint does (IMG-07)"), "{printed}");
    assert!(printed.contains("S3_INTERFACE_EP_SERVES_LAYERS"), "{printed}");
}

// RUN-02, RUN-03: the first failing stage shows; the others stand behind it.
#[test]
fn fargate_shows_its_first_failing_stage() {
    let definition = definition("", "secrets: [db-password], log: awslogs");
    let check = checked(&[&service(FARGATE), &definition]);
    let first: Vec<(&str, bool)> =
        check.services[0].flows.iter().map(|flow| (flow.what.as_str(), flow.first)).collect();
    assert_eq!(
        first,
        [("ecr.api", true), ("ssm", false), ("ecr.dkr", false), ("s3", false), ("logs", false)]
    );
    assert!(text(&check).contains("unable to pull secrets or registry auth: The task cannot pull"));
}

// RUN-03: with a cause of its own, what shows only later is told as such.
#[test]
fn what_shows_later_is_told_apart() {
    let endpoints = "
endpoints:
  dkr: { service: ecr.dkr, subnets: [isolated], security_groups: [closed] }
  s3: { service: s3, route_tables: [isolated] }
";
    let check = checked(&[endpoints, &service(FARGATE), &definition("", "")]);
    let printed = text(&check);
    assert!(printed.contains("\n  shows   ResourceInitializationError"), "{printed}");
    assert!(printed.contains("\n  later   CannotPullContainerError"), "{printed}");
}

// RUN-01: on instances, images and secrets are fetched at the same time.
#[test]
fn on_instances_what_shows_first_is_a_set() {
    let node = "
instances: { node-1: { subnet: isolated, address: 10.0.1.10, security_groups: [open] } }
container_instances: { node-1: {} }
endpoints:
  ecs: { service: ecs, subnets: [isolated], security_groups: [anyone] }
  agent: { service: ecs-agent, subnets: [isolated], security_groups: [anyone] }
  telemetry: { service: ecs-telemetry, subnets: [isolated], security_groups: [anyone] }
";
    let definition =
        definition("", "secrets: [db-password], log: { driver: awslogs, mode: blocking }");
    let check = checked(&[node, &service(EC2), &definition]);
    let first = check.services[0].flows.iter().filter(|flow| flow.first);
    let first: Vec<&str> = first.map(|flow| flow.what.as_str()).collect();
    assert_eq!(first, ["ecr.api", "ssm", "ecr.dkr", "s3"]);
}

// SEC-03, RUN-01
#[test]
fn registry_credentials_come_before_everything_on_instances() {
    let keys =
        "repository_credentials: \"arn:aws:secretsmanager:us-east-1:111122223333:secret:hub\"";
    let check = checked(&[NODE, &service(EC2), &definition("", keys)]);
    let found: Vec<String> = flows(&check).into_iter().skip(3).collect();
    assert_eq!(found[0], "secretsmanager reachable", "{found:?}");
}
