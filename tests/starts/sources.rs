//! §1.1: from which interface images, secrets, logs and the application's own traffic go.

use super::network::*;
use vpc_reach::answer::{Query, Verdict};
use vpc_reach::query::World;
use vpc_reach::read::scenario;

const NODE: &str = "
instances: { node-1: { subnet: private, address: 10.0.2.10, security_groups: [open] } }
container_instances: { node-1: {} }
";

fn world(sections: &[&str]) -> World {
    let text = format!("{BASE}{}", sections.concat());
    World::new(scenario::read("reach.yaml", &text, &mut |_| panic!()).unwrap().network)
}

fn ask(world: &World, query: &str) -> vpc_reach::answer::QueryAnswer {
    world.ask(&query.parse::<Query>().unwrap()).unwrap()
}

// TSK-03, TSK-07: the instance pulls, the task's own interface has no way out, and that is no
// matter for the start.
#[test]
fn on_ec2_the_instance_fetches_images_secrets_and_logs() {
    let parts = [
        NODE,
        &service(
            "launch_type: EC2, subnets: [isolated], security_groups: [closed], needs: [internet]",
        ),
        &definition("", "secrets: [db-password], log: awslogs"),
    ];
    let check = checked(&parts);
    let found = flows(&check);
    for what in ["ecs", "ecs-agent", "ecs-telemetry", "ssm", "ecr.api", "ecr.dkr", "s3", "logs"] {
        assert!(found.contains(&format!("{what} reachable")), "{what}: {found:?}");
        assert_eq!(sources(&check, what), ["instance/node-1"], "{what}");
    }
    assert_eq!(sources(&check, "internet"), ["service/web"]);
    assert!(found.contains(&"internet blocked".to_owned()), "{found:?}");
}

// TSK-03: the other way round.
#[test]
fn what_the_task_reaches_does_not_help_its_instance() {
    let node = NODE.replace("private", "isolated").replace("10.0.2.10", "10.0.1.10");
    let parts = [
        node.as_str(),
        &service("launch_type: EC2, subnets: [private], security_groups: [open]"),
        &definition("", ""),
    ];
    let check = checked(&parts);
    assert!(flows(&check).contains(&"ecr.dkr blocked".to_owned()), "{:?}", flows(&check));
    let pull = check.services[0].flows.iter().find(|flow| flow.what == "ecr.dkr").unwrap();
    let symptom = pull.answers[0].blockers[0].symptom.as_deref().unwrap();
    assert!(symptom.starts_with("CannotPullContainerError: The task can't pull"), "{symptom}");
    assert_eq!(pull.stop_code(), Some("TaskFailedToStart"), "ERR-01");
    assert!(text(&check).contains("0 of 1 service can start"), "{}", text(&check));
}

// TSK-03: nothing tells where the instances are.
#[test]
fn without_its_instances_an_ec2_service_is_not_said_to_start() {
    let parts = [
        service("launch_type: EC2, subnets: [private], security_groups: [open]"),
        definition("", ""),
    ];
    let check = checked(&[&parts[0], &parts[1]]);
    assert!(flows(&check).iter().all(|flow| flow.ends_with("unknown")), "{:?}", flows(&check));
    let printed = text(&check);
    assert!(printed.contains("missing: the container instances"), "{printed}");
    assert!(printed.contains("0 of 1 service can start, 1 unknown"), "{printed}");
}

// PLC-10: bridge and host tasks have no interface of their own.
#[test]
fn a_bridge_task_sends_everything_from_its_instance() {
    for mode in ["bridge", "host"] {
        let parts = [
            NODE,
            &service("launch_type: EC2, needs: [internet]"),
            &definition(&format!("network_mode: {mode}"), ""),
        ];
        let check = checked(&parts);
        assert_eq!(sources(&check, "internet"), ["instance/node-1"]);
        let answer = ask(&world(&parts), "web -> internet");
        assert_eq!(answer.verdict, Verdict::Reachable);
        let finding = &answer.answers[0].findings[0];
        assert_eq!(finding.code.0, "TASK_SENDS_FROM_INSTANCE", "{finding:?}");
    }
}

// TSK-03: a query asks for the task's own path, and says that images go another way.
#[test]
fn a_query_from_an_ec2_service_is_about_the_tasks_own_path() {
    let parts = [
        NODE,
        &service("launch_type: EC2, subnets: [isolated], security_groups: [open]"),
        &definition("", ""),
    ];
    let answer = ask(&world(&parts), "web -> ecr.dkr");
    assert_eq!(answer.verdict, Verdict::Blocked);
    let codes = answer.answers[0].findings.iter().map(|one| one.code.0.as_ref());
    assert!(codes.into_iter().any(|code| code == "STARTUP_FROM_INSTANCE"));
}

// TSK-06: Managed Instances are where their capacity provider says.
#[test]
fn managed_instances_send_from_the_subnets_of_their_capacity_provider() {
    let provider = "capacity_providers: { managed: { subnets: [private, isolated], security_groups: [open] } }\n";
    let parts = [
        provider,
        &service("capacity_provider: managed, subnets: [private], security_groups: [open]"),
        &definition("", ""),
    ];
    let check = checked(&parts);
    let flows = &check.services[0].flows;
    let pull = flows.iter().find(|flow| flow.what == "ecr.dkr").unwrap();
    assert_eq!(pull.verdict, Verdict::Intermittent);
    assert_eq!(sources(&check, "ecr.dkr"), ["capacity-provider/managed"]);
    let subnets: Vec<&str> =
        pull.answers.iter().filter_map(|one| Some(one.source.subnet.as_ref()?.label())).collect();
    assert_eq!(subnets, ["private", "isolated"]);
}

// TSK-06
#[test]
fn without_its_capacity_provider_a_managed_service_is_unknown() {
    let parts = [
        service("launch_type: MANAGED_INSTANCES, subnets: [private], security_groups: [open]"),
        definition("", ""),
    ];
    let check = checked(&[&parts[0], &parts[1]]);
    assert!(text(&check).contains("missing: the capacity provider of service web"));
    assert!(flows(&check).contains(&"ecr.dkr unknown".to_owned()));
}

// TSK-09: what hosts outside AWS reach, nothing here tells.
#[test]
fn tasks_outside_aws_are_unknown_flow_by_flow() {
    let parts =
        [service("launch_type: EXTERNAL"), definition("network_mode: bridge", "log: awslogs")];
    let check = checked(&[&parts[0], &parts[1]]);
    let found = flows(&check);
    for what in ["ecs", "ssmmessages", "ec2messages", "ecr.dkr", "logs"] {
        assert!(found.contains(&format!("{what} unknown")), "{what}: {found:?}");
    }
    assert!(text(&check).contains("outside AWS (ECS Anywhere)"));
}

// INP-01: a provider of an Auto Scaling group is EC2.
#[test]
fn a_capacity_provider_stands_for_the_launch_type() {
    let asg = "
instances:
  node-1: { subnet: private, address: 10.0.2.10, security_groups: [open] }
  other: { subnet: isolated, address: 10.0.1.10, security_groups: [open] }
container_instances: { node-1: { capacity_provider: asg }, other: {} }
capacity_providers: { asg: {} }
";
    let keys = "capacity_provider: asg, subnets: [private], security_groups: [open]";
    let check = checked(&[asg, &service(keys), &definition("", "")]);
    assert_eq!(sources(&check, "ecr.dkr"), ["instance/node-1"], "only that provider's");
    let keys = "capacity_provider: FARGATE_SPOT, subnets: [private], security_groups: [open]";
    let check = checked(&[&service(keys), &definition("", "")]);
    assert_eq!(sources(&check, "ecr.dkr"), ["service/web"]);
}

// DN-12, TSK-08: without its control plane, a host gets no task, and no task stops.
#[test]
fn a_host_that_does_not_reach_ecs_shows_no_stopped_task() {
    let node = NODE.replace("private", "isolated").replace("10.0.2.10", "10.0.1.10");
    let endpoints = "
endpoints:
  api: { service: ecr.api, subnets: [isolated], security_groups: [anyone] }
  dkr: { service: ecr.dkr, subnets: [isolated], security_groups: [anyone] }
  s3: { service: s3, route_tables: [isolated] }
";
    let parts = [
        node.as_str(),
        endpoints,
        &service("launch_type: EC2, subnets: [isolated], security_groups: [open]"),
        &definition("", ""),
    ];
    let check = checked(&parts);
    assert_eq!(
        flows(&check),
        [
            "ecs blocked",
            "ecs-agent blocked",
            "ecs-telemetry blocked",
            "ecr.api reachable",
            "ecr.dkr reachable",
            "s3 reachable"
        ]
    );
    let flow = &json(&check)["services"][0]["flows"][0];
    assert_eq!((&flow["stage"], &flow["stop_code"]), (&"agent".into(), &serde_json::Value::Null));
    assert_eq!(flow["shows_first"], true);
    assert!(text(&check).contains("(AGENT)"), "{}", text(&check));
}

// DN-12, TSK-08
#[test]
fn a_fargate_task_needs_no_agent_endpoints() {
    let parts = [service("subnets: [private], security_groups: [open]"), definition("", "")];
    let check = checked(&[&parts[0], &parts[1]]);
    assert_eq!(flows(&check), ["ecr.api reachable", "ecr.dkr reachable", "s3 reachable"]);
}
