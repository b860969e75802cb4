//! Open points of ECS: a check says that it rests on them, and comes out otherwise with their other
//! value.

use super::network::*;
use vpc_reach::check::{Check, check};
use vpc_reach::models;
use vpc_reach::network::{LaunchType, Network, TaskContainer, Volume, VolumeSource};
use vpc_reach::query::World;
use vpc_reach::read::scenario;

const FARGATE: &str = "subnets: [private], security_groups: [open]";
const EC2: &str = "launch_type: EC2, subnets: [isolated], security_groups: [open]";
const NODE: &str = "
instances: { node-1: { subnet: private, address: 10.0.2.10, security_groups: [open] } }
container_instances: { node-1: {} }
";
const TASK: &str = "tasks: { one: { service: web, subnet: private, address: 10.0.2.20 } }\n";
const S3: &str = "endpoints: { s3: { service: s3, type: interface, subnets: [private], security_groups: [anyone] } }\n";

struct Case {
    name: &'static str,
    value: &'static str,
    /// Sections besides the service and the definition.
    more: &'static str,
    /// Keys of the service, of the definition, and of its container.
    keys: [&'static str; 3],
    /// What a scenario does not state.
    edit: fn(&mut Network),
}

const NOTHING: fn(&mut Network) = |_| {};

const CASES: &[Case] = &[
    Case {
        name: "DOCKER_NFS_FROM_INSTANCE",
        value: "false",
        more: NODE,
        keys: [EC2, "", ""],
        edit: |network| {
            let definition = network.task_definitions.get_mut("web").unwrap();
            let options = [("type", "nfs"), ("o", "addr=10.0.2.9,rw")];
            let options = options.map(|(key, value)| (key.to_owned(), value.to_owned()));
            let (driver, options) = ("local".to_owned(), options.into());
            let source = VolumeSource::Docker { driver, options };
            definition.volumes.push(Volume { name: "data".to_owned(), source });
        },
    },
    Case {
        name: "ECS_AGENT_NAMES_FOLLOW_ENDPOINT",
        value: "false",
        more: "
instances: { node-1: { subnet: isolated, address: 10.0.1.10, security_groups: [open] } }
container_instances: { node-1: {} }
endpoints: { agent: { service: ecs-agent, subnets: [isolated], security_groups: [anyone] } }
",
        keys: [EC2, "", ""],
        edit: NOTHING,
    },
    Case {
        name: "ENVIRONMENT_FILE_IN_TASK_REGION",
        value: "false",
        more: "",
        keys: [FARGATE, "", "environment_files: [\"arn:aws:s3:::bucket/web.env\"]"],
        edit: NOTHING,
    },
    Case {
        name: "FARGATE_IGNORES_MAP_PUBLIC_IP",
        value: "false",
        more: "",
        keys: ["subnets: [public], security_groups: [open]", "", ""],
        edit: |network| network.subnets.get_mut("public").unwrap().map_public_ip = true,
    },
    Case {
        name: "FARGATE_PLATFORM_IGNORES_CONTAINER_PROXY",
        value: "false",
        more: "",
        keys: [FARGATE, "", "environment: { HTTPS_PROXY: \"http://10.0.2.9:3128\" }"],
        edit: NOTHING,
    },
    Case {
        name: "FARGATE_SPLUNK_VALIDATED_AT_START",
        value: "false",
        more: "",
        keys: [
            FARGATE,
            "",
            "log: { driver: splunk, options: { splunk-url: \"https://inputs.splunk.example:8088\" } }",
        ],
        edit: NOTHING,
    },
    Case {
        name: "GUARDDUTY_NOT_START_CRITICAL",
        value: "false",
        more: TASK,
        keys: [FARGATE, "", ""],
        edit: |network| {
            let task = network.tasks.get_mut("one").unwrap();
            let name = "aws-guardduty-agent-1a2b".to_owned();
            task.containers.push(TaskContainer { name, ..TaskContainer::default() });
        },
    },
    Case {
        name: "INSTANCE_IS_COLD",
        value: "false",
        more: NODE,
        keys: [EC2, "", ""],
        edit: NOTHING,
    },
    Case {
        name: "LAUNCH_TYPE_ABSENT_IS_EC2",
        value: "false",
        more: "
instances: { node-1: { subnet: private, address: 10.0.2.10, security_groups: [open] } }
container_instances: { node-1: { cluster: prod } }
clusters: { prod: {} }
",
        keys: ["subnets: [isolated], security_groups: [open], cluster: prod", "", ""],
        edit: |network| {
            let service = network.services.get_mut("web").unwrap();
            service.launch_type = LaunchType::Other("not stated".to_owned());
        },
    },
    Case {
        name: "LOG_GELF_SYSLOG_TCP_CRITICAL",
        value: "false",
        more: NODE,
        keys: [
            EC2,
            "",
            "log: { driver: gelf, options: { gelf-address: \"tcp://203.0.113.7:12201\" } }",
        ],
        edit: NOTHING,
    },
    Case {
        name: "LOG_MODE_DEFAULT_IS_NON_BLOCKING",
        value: "false",
        more: NODE,
        keys: [EC2, "", "log: awslogs"],
        edit: NOTHING,
    },
    Case {
        name: "MI_EFS_FROM_TASK_ENI",
        value: "false",
        more: "
capacity_providers: { managed: { subnets: [private], security_groups: [open] } }
file_systems: { files: { subnets: [private], security_groups: [anyone] } }
",
        keys: [
            "subnets: [isolated], security_groups: [open], capacity_provider: managed",
            "volumes: { data: { efs: files } }",
            "",
        ],
        edit: NOTHING,
    },
    Case {
        name: "S3_INTERFACE_EP_SERVES_LAYERS",
        value: "false",
        more: S3,
        keys: [FARGATE, "", ""],
        edit: NOTHING,
    },
    Case {
        name: "SC_RELAY_INTERFACE",
        value: "the other one",
        more: "
capacity_providers: { managed: { subnets: [private], security_groups: [open] } }
",
        keys: [
            "subnets: [isolated], security_groups: [open], service_connect: true, capacity_provider: managed",
            "",
            "",
        ],
        edit: NOTHING,
    },
    Case {
        name: "ECR_ENDPOINT_HAS_DUAL_STACK_NAME",
        value: "false",
        more: "",
        keys: [FARGATE, "", ""],
        edit: |network| {
            let definition = network.task_definitions.get_mut("web").unwrap();
            let image = "111122223333.dkr-ecr.us-east-1.on.aws/web:1";
            definition.containers[0].image = Some(image.to_owned());
        },
    },
    Case {
        name: "SC_PROXY_START_CRITICAL",
        value: "false",
        more: "",
        keys: ["subnets: [private], security_groups: [open], service_connect: true", "", ""],
        edit: NOTHING,
    },
    Case {
        name: "XRAY_DAEMON_HOST",
        value: "unknown",
        more: "",
        keys: [FARGATE, "", ""],
        edit: |network| {
            let definition = network.task_definitions.get_mut("web").unwrap();
            definition.containers[0].image = Some("amazon/aws-xray-daemon:latest".to_owned());
        },
    },
    Case {
        name: "DOCKER_UNPRIVILEGED_PORTS",
        value: "false",
        more: NODE,
        keys: [EC2, "network_mode: bridge", "port: 80, user: \"1000\""],
        edit: NOTHING,
    },
    Case {
        name: "FARGATE_LOW_PORT_NEEDS_ROOT",
        value: "false",
        more: "",
        keys: [FARGATE, "", "port: 80, user: \"1000\""],
        edit: NOTHING,
    },
];

fn network(case: &Case) -> Network {
    let [service_keys, definition_keys, container] = case.keys;
    let sections =
        [case.more, &service(service_keys), &definition(definition_keys, container)].concat();
    let text = format!("{BASE}{sections}");
    let loaded = scenario::read("reach.yaml", &text, &mut |_| panic!());
    let loaded = loaded.unwrap_or_else(|error| panic!("{}: {error}\n{text}", case.name));
    let mut network = loaded.network;
    (case.edit)(&mut network);
    network
}

/// What a check says but for its assumptions, and whether it names the point with the value.
fn said(network: Network, name: &str, value: &str) -> (Vec<String>, bool) {
    let check: Check = check(&World::new(network), &[]);
    let [service] = check.services.as_slice() else { panic!("one service") };
    let mut says = service.concerns.iter().any(|one| one.what.contains(name));
    let mut all: Vec<String> =
        service.concerns.iter().map(|one| format!("{} {:?}", one.code, one.severity)).collect();
    for flow in &service.flows {
        let from: Vec<String> =
            flow.answers.iter().map(|one| one.source.resource.to_owned().id).collect();
        all.push(format!("{} {} {:?} {from:?}", flow.what, flow.verdict, flow.role));
        let facts = flow.answers.iter().flat_map(|one| &one.missing).chain(&flow.missing);
        says |= facts.into_iter().any(|one| one.fact.contains(name));
        says |= flow
            .answers
            .iter()
            .any(|one| one.assumptions.iter().any(|one| one.name == name && one.value == value));
    }
    (all, says)
}

#[test]
fn what_a_start_rests_on_is_named_and_can_be_turned() {
    // These take something away that would name them.
    let silent = [
        "DOCKER_UNPRIVILEGED_PORTS true",
        "FARGATE_LOW_PORT_NEEDS_ROOT false",
        "FARGATE_PLATFORM_IGNORES_CONTAINER_PROXY false",
    ];
    for case in CASES {
        let Case { name, value, .. } = case;
        let mut network = network(case);
        let default = models::assumption(name).unwrap().default;
        let (usual, named) = said(network.clone(), name, default);
        assert_eq!(named, !silent.contains(&&*format!("{name} {default}")), "{name}: {usual:#?}");
        network.assumptions.set(name, value).unwrap();
        let (turned, named) = said(network, name, value);
        assert_eq!(named, !silent.contains(&&*format!("{name} {value}")), "{name}: {turned:#?}");
        assert_ne!(usual, turned, "{name} changes nothing");
    }
}

/// Where servers listen: the point, the image, the command, variables and a port.
type Server = (
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static [(&'static str, &'static str)],
    u16,
);

const SERVERS: [Server; 5] = [
    ("BT_UNVERIFIED_DEFAULT", "valkey/valkey:8", &[], &[], 6379),
    ("WILDCARD_V6_INFERRED", "valkey/valkey:8", &[], &[], 6379),
    ("WILDCARD_V6_DEFAULT_IS_DUAL", "rabbitmq:3", &[], &[], 5672),
    ("IMAGE_ENTRYPOINT_RUNS_COMMAND", ECR, &["node", ".output/server/index.mjs"], &[], 3000),
    (
        "ASPNETCORE_URLS_WINS",
        ECR,
        &["dotnet", "web.dll"],
        &[("ASPNETCORE_URLS", "http://+:5000"), ("ASPNETCORE_HTTP_PORTS", "8080")],
        5000,
    ),
];

/// CTR-01, EVD-01
#[test]
fn what_a_server_likely_does_can_be_taken_not_to_hold() {
    for (name, image, command, variables, port) in SERVERS {
        let keys = format!("port: {port}");
        let host = NODE.replace("container_instances: { node-1: {} }\n", "");
        let sections =
            [host, service("subnets: [private], security_groups: [anyone]"), definition("", &keys)];
        let text = format!("{BASE}{}", sections.concat());
        let mut network = scenario::read("reach.yaml", &text, &mut |_| panic!()).unwrap().network;
        let definition = network.task_definitions.get_mut("web").unwrap();
        let container = &mut definition.containers[0];
        container.image = Some(image.to_owned());
        let words = command.iter().map(|word| (*word).to_owned()).collect();
        container.command = (!command.is_empty()).then_some(words);
        let variables =
            variables.iter().map(|(key, value)| ((*key).to_owned(), Some((*value).to_owned())));
        container.environment = variables.collect();
        let ask = |network: &Network| {
            let query = format!("node-1 -> web:{port}").parse().unwrap();
            World::new(network.clone()).ask(&query).unwrap().answers.remove(0)
        };
        let usual = ask(&network);
        assert!(usual.assumptions.iter().any(|one| one.name == name), "{name}: {usual:#?}");
        network.assumptions.set(name, "false").unwrap();
        let turned = ask(&network);
        let codes = |answer: &vpc_reach::answer::Answer| -> Vec<String> {
            answer.findings.iter().map(|one| one.code.to_string()).collect()
        };
        assert_ne!(codes(&usual), codes(&turned), "{name}: {turned:#?}");
        assert_eq!(codes(&turned), ["SOCKET_NOT_STATED"], "{name}: {turned:#?}");
        assert!(turned.findings[0].text.contains(name), "{name}: {turned:#?}");
    }
}
