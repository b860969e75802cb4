//! §2: what places, ports and task definitions bring about, whatever packets do.

use super::network::*;
use vpc_reach::answer::Severity;
use vpc_reach::check::{Check, check};
use vpc_reach::network::{Coverage, Network, TaskDefinition};
use vpc_reach::query::World;
use vpc_reach::read::scenario;

const FARGATE: &str = "subnets: [private], security_groups: [open]";
const NODE: &str = "
instances: { node-1: { subnet: private, address: 10.0.2.10, security_groups: [open] } }
container_instances: { node-1: {} }
";

/// The concerns of the only service: `SUBNET_EXHAUSTED stops`.
fn concerns(check: &Check) -> Vec<String> {
    let told = check.services[0].concerns.iter();
    told.map(|one| format!("{} {:?} {}", one.code, one.severity, one.rule)).collect()
}

fn of(sections: &[&str]) -> Vec<String> {
    concerns(&checked(sections))
}

fn network(sections: &[&str]) -> Network {
    let text = format!("{BASE}{}", sections.concat());
    scenario::read("reach.yaml", &text, &mut |_| panic!()).unwrap().network
}

/// The concerns where the definition `web` is changed beyond what scenarios state.
fn changed(sections: &[&str], change: impl Fn(&mut TaskDefinition)) -> Vec<String> {
    let mut network = network(sections);
    change(network.task_definitions.get_mut("web").unwrap());
    concerns(&check(&World::new(network), &[]))
}

fn replaced(from: &str, to: &str, sections: &[&str]) -> Check {
    let text = format!("{BASE}{}", sections.concat()).replace(from, to);
    let loaded = scenario::read("reach.yaml", &text, &mut |_| panic!()).unwrap();
    check(&World::new(loaded.network), &[])
}

// PLC-09
#[test]
fn a_full_subnet_stops_the_tasks_that_are_placed_there() {
    let full = |from: &str, keys: &str| {
        let from = format!("  {from}: {{ vpc: app, cidr:");
        let to = from.replace("cidr:", "available_addresses: 0, cidr:");
        concerns(&replaced(&from, &to, &[&service(keys), &definition("", "")]))
    };
    assert_eq!(full("private", FARGATE), ["SUBNET_EXHAUSTED Stops PLC-09"]);
    let two = "subnets: [private, public], security_groups: [open]";
    assert_eq!(full("private", two), ["SUBNET_EXHAUSTED Warning PLC-09"]);
    assert_eq!(full("public", FARGATE), Vec::<String>::new(), "no task goes there");
}

// PLC-09: 4 tasks, up to 8 in a deployment.
#[test]
fn a_deployment_that_does_not_fit_its_subnets_is_told() {
    let keys = format!("{FARGATE}, desired_count: 4");
    let with = |free: u32, keys: &str| {
        let to = format!("private: {{ vpc: app, available_addresses: {free}, cidr:");
        concerns(&replaced(
            "private: { vpc: app, cidr:",
            &to,
            &[&service(keys), &definition("", "")],
        ))
    };
    assert_eq!(with(7, &keys), ["SUBNET_EXHAUSTED Warning PLC-09"]);
    assert_eq!(with(8, &keys), Vec::<String>::new());
    assert_eq!(with(7, &format!("{keys}, maximum_percent: 150")), Vec::<String>::new());
}

// PLC-09
#[test]
fn a_load_balancer_wants_free_addresses_of_its_own() {
    let balancer = "
load_balancers: { front: { subnets: [public, private], security_groups: [anyone], listeners: { 80: web } } }
target_groups: { web: { vpc: app, port: 8080 } }
";
    let keys = format!("{FARGATE}, target_group: web");
    let parts = [balancer, &service(&keys), &definition("", "port: 8080")];
    let to = "public: { vpc: app, available_addresses: 7, cidr:";
    let check = replaced("public: { vpc: app, cidr:", to, &parts);
    let found = concerns(&check);
    assert!(found.contains(&"LOAD_BALANCER_SUBNET_SMALL Warning PLC-09".to_owned()), "{found:?}");
}

// PLC-08
#[test]
fn a_zone_without_an_instance_takes_no_task() {
    let keys = |subnets: &str| {
        service(&format!("launch_type: EC2, subnets: [{subnets}], security_groups: [open]"))
    };
    let found = of(&[NODE, &keys("private, isolated"), &definition("", "")]);
    assert_eq!(found, ["NO_INSTANCE_IN_ZONE Warning PLC-08"]);
    let found = of(&[NODE, &keys("isolated"), &definition("", "")]);
    assert_eq!(found, ["NO_INSTANCE_IN_ZONE Stops PLC-08"]);
    assert_eq!(of(&[NODE, &keys("private"), &definition("", "")]), Vec::<String>::new());
}

// TSK-07, PLC-05: and the task has no public address indeed.
#[test]
fn a_public_address_is_for_fargate_only() {
    let keys = "launch_type: EC2, subnets: [public], security_groups: [open], assign_public_ip: true, needs: [internet]";
    let node = NODE.replace("private", "public").replace("10.0.2.10", "10.0.101.10");
    let check = checked(&[&node, &service(keys), &definition("", "")]);
    assert_eq!(concerns(&check), ["PUBLIC_IP_NOT_EFFECTIVE Warning PLC-05"]);
    assert!(flows(&check).contains(&"internet blocked".to_owned()), "{:?}", flows(&check));
}

// PLC-06
#[test]
fn a_running_task_that_differs_from_its_service_is_told_with_the_difference() {
    let running = |keys: &str| {
        let task = format!("tasks: {{ old: {{ service: web, {keys} }} }}\n");
        checked(&[&service(FARGATE), &definition("", ""), &task])
    };
    let check = running("subnet: private, address: 10.0.2.20, security_groups: [closed]");
    assert_eq!(concerns(&check), ["TASK_DIFFERS_FROM_SERVICE Warning PLC-06"]);
    assert!(text(&check).contains("runs with the groups closed"), "{}", text(&check));
    let check = running("subnet: isolated, address: 10.0.1.20");
    assert!(text(&check).contains("runs in subnet isolated"), "{}", text(&check));
    let check = running("subnet: private, address: 10.0.2.20");
    assert_eq!(concerns(&check), Vec::<String>::new());
}

// PLC-01
#[test]
fn zones_that_differ_are_told_in_words() {
    let keys = "subnets: [private, isolated], security_groups: [open]";
    let check = checked(&[&service(keys), &definition("", "")]);
    let printed = text(&check);
    assert!(printed.contains("web: tasks in us-east-1a will not start"), "{printed}");
    assert_eq!(json(&check)["services"][0]["failing_places"][0], "us-east-1a");
    let check = checked(&[&service(FARGATE), &definition("", "")]);
    assert!(!text(&check).contains("will not start"));
}

// PLC-12
#[test]
fn a_fixed_host_port_serves_one_task_per_instance() {
    let bridge = |port: &str| definition("network_mode: bridge", &format!("port: \"{port}\""));
    let two = service("launch_type: EC2, desired_count: 2");
    let found = of(&[NODE, &two, &bridge("80:8080")]);
    assert_eq!(found, ["HOST_PORT_CONFLICT Warning PLC-12"]);
    assert_eq!(of(&[NODE, &two, &bridge("8080")]), Vec::<String>::new(), "a dynamic one");
    let one = service("launch_type: EC2, desired_count: 1");
    assert_eq!(of(&[NODE, &one, &bridge("80:8080")]), Vec::<String>::new());
    assert_eq!(of(&[NODE, &one, &bridge("22:8080")]), ["HOST_PORT_RESERVED Stops PLC-12"]);
    let twice = definition("network_mode: bridge", "ports: [\"80:8080\", \"80:8081\"]");
    assert_eq!(of(&[NODE, &one, &twice]), ["HOST_PORT_CONFLICT Stops PLC-12"]);
}

// PLC-13
#[test]
fn in_awsvpc_a_host_port_is_the_containers_own() {
    let task = service(FARGATE);
    let found = of(&[&task, &definition("", "port: \"80:8080\"")]);
    assert_eq!(found, ["HOST_PORT_NOT_CONTAINER_PORT Stops PLC-13"]);
    assert_eq!(of(&[&task, &definition("", "port: \"8080:8080\"")]), Vec::<String>::new());
    let zero = changed(&[&task, &definition("", "port: 8080")], |one| {
        one.containers[0].port_mappings[0].host_port = Some(0);
    });
    assert_eq!(zero, ["HOST_PORT_NOT_CONTAINER_PORT Stops PLC-13"], "hostPort: 0 in awsvpc");
}

// CTR-18 (a)
#[test]
fn one_port_for_two_containers_of_a_task_stops_it() {
    let two = |mode: &str| {
        format!(
            "task_definitions: {{ web: {{ {mode} containers: {{ app: {{ image: {ECR}, port: 8080 }}, side: {{ image: {ECR}, port: 8080 }} }} }} }}\n"
        )
    };
    assert_eq!(of(&[&service(FARGATE), &two("")]), ["PORT_TAKEN_TWICE Stops CTR-18"]);
    let bridge = two("network_mode: bridge,");
    assert_eq!(of(&[NODE, &service("launch_type: EC2"), &bridge]), Vec::<String>::new());
}

// CTR-18 (b)
#[test]
fn a_low_port_without_root_is_a_fault_on_fargate_and_in_host_mode() {
    let as_user = |sections: &[&str], user: &str| {
        changed(sections, |one| one.containers[0].user = Some(user.to_owned()))
    };
    let task = service(FARGATE);
    let low = definition("", "port: 80");
    assert_eq!(as_user(&[&task, &low], "1000"), ["PRIVILEGED_PORT Warning CTR-18"]);
    assert_eq!(as_user(&[&task, &low], "0:0"), Vec::<String>::new());
    assert_eq!(as_user(&[&task, &definition("", "port: 8080")], "app"), Vec::<String>::new());
    let ec2 = service("launch_type: EC2");
    let bridge = definition("network_mode: bridge", "port: 80");
    assert_eq!(as_user(&[NODE, &ec2, &bridge], "1000"), Vec::<String>::new());
    let host = definition("network_mode: host", "port: 80");
    assert_eq!(as_user(&[NODE, &ec2, &host], "1000"), ["PRIVILEGED_PORT Warning CTR-18"]);
}

// CTR-20
#[test]
fn a_container_that_waits_is_told() {
    let sections = [service(FARGATE), definition("", "port: 8080")];
    let sections: Vec<&str> = sections.iter().map(String::as_str).collect();
    let waiting = |condition: &str, checked: bool| {
        changed(&sections, |one| {
            let mut side = one.containers[0].clone();
            side.name = "side".to_owned();
            side.port_mappings.clear();
            side.health_check = checked.then(Default::default);
            one.containers.push(side);
            one.containers[0].depends_on = vec![("side".to_owned(), condition.to_owned())];
        })
    };
    assert_eq!(waiting("HEALTHY", true), ["WAITS_FOR_CONTAINER Note CTR-20"]);
    assert_eq!(waiting("HEALTHY", false), ["WAITS_FOR_CONTAINER Stops CTR-20"]);
    assert_eq!(waiting("START", true), Vec::<String>::new());
}

// LOG-06, LOG-07, TSK-01: what Fargate does not have.
#[test]
fn fargate_refuses_what_only_instances_have() {
    let task = service(FARGATE);
    let router = "firelens: { options: { config-file-type: s3 } }";
    assert_eq!(of(&[&task, &definition("", router)]), ["FIRELENS_CONFIG_TYPE Stops LOG-07"]);
    assert_eq!(of(&[&task, &definition("", "log: gelf")]), ["NOT_ON_FARGATE Stops LOG-06"]);
    let bridge = definition("network_mode: bridge", "");
    assert_eq!(of(&[&task, &bridge]), ["NOT_ON_FARGATE Stops TSK-01"]);
    let old = service(&format!("{FARGATE}, platform_version: 1.3.0, execute_command: true"));
    let check = checked(&[&old, &definition("", "")]);
    assert_eq!(concerns(&check), ["PLATFORM_VERSION_OLD Stops TSK-01"]);
    assert!(text(&check).contains("0 of 1 service can start"), "{}", text(&check));
}

// 003-10
#[test]
fn a_pair_of_cpu_and_memory_that_fargate_does_not_have_stops_the_task() {
    let sized = |cpu: u32, memory: u32| {
        of(&[&service(FARGATE), &definition(&format!("cpu: {cpu}, memory: {memory}"), "")])
    };
    for (cpu, memory) in [(256, 512), (256, 2048), (1024, 8192), (8192, 20480), (16384, 122_880)] {
        assert_eq!(sized(cpu, memory), Vec::<String>::new(), "{cpu} {memory}");
    }
    for (cpu, memory) in [(256, 4096), (512, 512), (1024, 2500), (8192, 17408), (300, 512)] {
        assert_eq!(sized(cpu, memory), ["FARGATE_SIZE_INVALID Stops 003-10"], "{cpu} {memory}");
    }
}

// TSK-14: a scenario leaves roles out; a capture does not.
#[test]
fn a_captured_definition_without_an_execution_role_is_refused() {
    let sections = [service(FARGATE), definition("", "log: awslogs")];
    let mut network = network(&[&sections[0], &sections[1]]);
    assert_eq!(concerns(&check(&World::new(network.clone()), &[])), Vec::<String>::new());
    network.coverage = Coverage::default();
    let found = check(&World::new(network.clone()), &[]);
    assert!(concerns(&found).contains(&"EXECUTION_ROLE_MISSING Stops TSK-14".to_owned()));
    let definition = network.task_definitions.get_mut("web").unwrap();
    definition.execution_role = Some("arn:aws:iam::111122223333:role/execution".to_owned());
    let found = check(&World::new(network), &[]);
    let stops = found.services[0].concerns.iter().any(|one| one.severity == Severity::Stops);
    assert!(!stops, "{:?}", concerns(&found));
}

// IMG-10
#[test]
fn the_first_pull_through_a_cache_is_told_where_only_endpoints_lead_there() {
    let endpoints = "
endpoints:
  api: { service: ecr.api, subnets: [isolated], security_groups: [anyone] }
  dkr: { service: ecr.dkr, subnets: [isolated], security_groups: [anyone] }
  s3: { service: s3, route_tables: [isolated] }
";
    let definition = definition("", "").replace("/web:1", "/docker-hub/library/nginx:1");
    let isolated = service("subnets: [isolated], security_groups: [open]");
    let printed = text(&checked(&[endpoints, &isolated, &definition]));
    assert!(printed.contains("looks like a pull-through cache"), "{printed}");
    let printed = text(&checked(&[&service(FARGATE), &definition]));
    assert!(!printed.contains("pull-through"), "{printed}");
}
