//! A tag stands for the interfaces of whatever carries it, as an end of queries and expectations.

use assert_cmd::Command;
use serde_json::{Value, json};
use std::fs;
use tempfile::TempDir;
use vpc_reach::read::{Cache, Parameters, Reading, load_with};

/// Everything that can carry a tag carries one of its own; all may be reached on 443 within `one`,
/// and nothing leads from one VPC to the other.
const NETWORK: &str = r#"
region: us-east-1
vpcs:
  one: { cidr: 10.0.0.0/16 }
  two: { cidr: 10.1.0.0/16, tags: { env: dev } }
subnets:
  one-a: { vpc: one, cidr: 10.0.1.0/24, az: us-east-1a }
  one-b: { vpc: one, cidr: 10.0.2.0/24, az: us-east-1b, tags: { tier: data, "aws:cdk:path": "a/b c" } }
  two-a: { vpc: two, cidr: 10.1.1.0/24, az: us-east-1a }
security_groups:
  all: { vpc: one, ingress: [{ from: 10.0.0.0/16, port: 443 }], egress: [{ to: 0.0.0.0/0 }] }
  other: { vpc: two, ingress: [{ from: 0.0.0.0/0 }], egress: [{ to: 0.0.0.0/0 }] }
interfaces:
  first: { subnet: one-a, address: 10.0.1.10, security_groups: [all], tags: { env: prod, role: front } }
  second: { subnet: one-b, address: 10.0.2.10, security_groups: [all] }
  far: { subnet: two-a, address: 10.1.1.10, security_groups: [other] }
instances:
  host: { subnet: one-a, address: 10.0.1.20, security_groups: [all], tags: { role: host } }
task_definitions:
  web: { containers: { app: { image: web, port: 443 } } }
services:
  web: { launch_type: FARGATE, subnets: [one-a], security_groups: [all], task_definition: web, tags: { role: web } }
load_balancers:
  front: { subnets: [one-a], security_groups: [all], listeners: { 443: web }, tags: { role: balancer } }
target_groups: { web: { vpc: one, port: 443 } }
tasks:
  batch: { subnet: one-a, address: 10.0.1.30, security_groups: [all], task_definition: web, tags: { role: batch } }
"#;

fn reach_in(network: &str, arguments: &[&str]) -> (Option<i32>, String, String) {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("reach.yaml"), network).unwrap();
    run(&folder, arguments)
}

fn run(folder: &TempDir, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::cargo_bin("reach").unwrap();
    command.current_dir(folder).env("NO_COLOR", "1").env_remove("REACH_FILE");
    let output = command.args(arguments).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

/// The sources of a query's answers, as the network calls them.
fn sources(network: &str, query: &str) -> Vec<String> {
    let (_, text, error) = reach_in(network, &["--format", "json", query]);
    let document: Value = serde_json::from_str(&text).expect(&error);
    let answers = document["answers"].as_array().unwrap().iter();
    let mut all: Vec<String> =
        answers.map(|answer| answer["source"]["addresses"].as_str().unwrap().to_owned()).collect();
    all.sort();
    all
}

#[test]
fn a_tag_means_the_interfaces_of_whatever_carries_it() {
    let to_second = |tag: &str| sources(NETWORK, &format!("tag/{tag} -> second:443"));
    assert_eq!(to_second("env=prod"), ["10.0.1.10"], "of an interface");
    assert_eq!(to_second("role=host"), ["10.0.1.20"], "of an instance");
    assert_eq!(to_second("role=batch"), ["10.0.1.30"], "of a task");
    assert_eq!(to_second("env=dev"), ["10.1.1.10"], "of a VPC");
    // Of a service and of a load balancer: any address that they may get.
    for planned in ["role=web", "role=balancer"] {
        let all = to_second(planned);
        assert!(all.len() == 1 && all[0].contains("10.0.1.4"), "{planned}: {all:?}");
    }
    assert_eq!(sources(NETWORK, "tag/tier=data -> first:443"), ["10.0.2.10"], "of a subnet");
    // Whatever the value.
    assert_eq!(sources(NETWORK, "tag/env -> second:443"), ["10.0.1.10", "10.1.1.10"]);
}

#[test]
fn tags_that_must_stay_apart_are_held_apart_by_expectations() {
    let expected = format!(
        "{NETWORK}expect:\n  - tag/env=prod -> tag/env=dev:443: blocked\n  - tag/role=front -> tag/tier=data:443: reachable\n  - only tag/role -> second:443\n"
    );
    let (code, text, error) = reach_in(&expected, &["check"]);
    assert!(text.contains("3 of 3 expectations met"), "{text}{error}");
    assert_ne!(code, Some(2), "{text}{error}");
    // Somebody else without the tag breaks the last one.
    let third = expected.replace(
        "  second:",
        "  third: { subnet: one-a, address: 10.0.1.40, security_groups: [all] }\n  second:",
    );
    let (code, text, _) = reach_in(&third, &["check"]);
    assert_eq!(code, Some(1));
    assert!(text.contains("2 of 3 expectations met"), "{text}");
}

#[test]
fn a_tag_with_colons_and_spaces_is_read_as_it_is_written() {
    assert_eq!(sources(NETWORK, "tag/aws:cdk:path=a/b c -> first:443"), ["10.0.2.10"]);
    let (code, text, error) = reach_in(NETWORK, &["first -> tag/aws:cdk:path=a/b c:443"]);
    assert_eq!(code, Some(0), "{text}{error}");
}

#[test]
fn a_tag_that_nothing_carries_is_an_error_with_a_hint() {
    let (code, _, error) = reach_in(NETWORK, &["tag/env=prd -> second:443"]);
    assert_eq!(code, Some(2));
    assert!(error.contains("nothing here carries the tag `env=prd`"), "{error}");
    assert!(error.contains("did you mean tag/env=prod?"), "{error}");
    let (_, _, error) = reach_in(NETWORK, &["first -> tag/env=qqqqqqqqqq:443"]);
    assert!(error.contains("tag/env=dev") && !error.contains("tag/role"), "{error}");
    let (_, _, error) = reach_in(NETWORK, &["first -> tag/Name=web:443"]);
    assert!(error.contains("name the thing itself"), "{error}");
}

#[test]
fn tags_of_a_scenario_that_cannot_be_are_refused_at_their_place() {
    let refused = |from: &str, to: &str, message: &str, hint: &str| {
        let text = NETWORK.replace(from, to);
        assert_ne!(text, NETWORK);
        let line = text.lines().position(|line| line.contains(to)).unwrap() + 1;
        let (code, _, error) = reach_in(&text, &["first -> second:443"]);
        assert_eq!(code, Some(2), "{error}");
        assert!(error.contains(message) && error.contains(hint), "{error}");
        assert!(error.contains(&format!("reach.yaml:{line}:")), "{error}");
    };
    refused("tags: { env: dev }", "tags: [env]", "`tags` of `two` must be a mapping", "");
    refused("tags: { env: dev }", "tags: { Name: two }", "is what a thing is called", "`name`");
    refused("tags: { env: dev }", "tags: { env: }", "the tag `env` in `tags` of `two`", "colon");
    refused("tags: { env: dev }", "tag: { env: dev }", "no key `tag`", "did you mean `tags`?");
    // Tags of what has no interfaces are not kept.
    refused("  all: {", "  all: { tags: { a: b },", "no key `tags`", "");
}

/// Saved answers: two VPCs' worth of hosts, each tagged where AWS writes tags.
fn capture() -> Value {
    let eni = |id: &str, address: &str, more: Value| {
        let mut row = json!({
            "NetworkInterfaceId": id, "SubnetId": "subnet-1", "VpcId": "vpc-1",
            "PrivateIpAddress": address, "Status": "in-use", "Groups": [{ "GroupId": "sg-1" }],
        });
        row.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        row
    };
    let balancer =
        "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/front/0a1b";
    let task = "arn:aws:ecs:us-east-1:111122223333:task/app/1";
    let rule = json!([{ "IpProtocol": "-1", "IpRanges": [{ "CidrIp": "0.0.0.0/0" }] }]);
    json!({
        "Account": "111122223333",
        "Vpcs": [{ "VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16", "OwnerId": "111122223333" }],
        "Subnets": [{
            "SubnetId": "subnet-1", "VpcId": "vpc-1", "CidrBlock": "10.0.1.0/24",
            "AvailabilityZone": "us-east-1a", "OwnerId": "111122223333",
        }],
        "RouteTables": [{
            "RouteTableId": "rtb-1", "VpcId": "vpc-1", "Associations": [{ "Main": true }],
            "Routes": [{ "DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active" }],
        }],
        "NetworkAcls": [{
            "NetworkAclId": "acl-1", "VpcId": "vpc-1", "IsDefault": true, "Associations": [],
            "Entries": [
                { "RuleNumber": 100, "Protocol": "-1", "RuleAction": "allow", "Egress": true, "CidrBlock": "0.0.0.0/0" },
                { "RuleNumber": 100, "Protocol": "-1", "RuleAction": "allow", "Egress": false, "CidrBlock": "0.0.0.0/0" },
            ],
        }],
        "SecurityGroups": [{
            "GroupId": "sg-1", "GroupName": "all", "VpcId": "vpc-1",
            "IpPermissions": rule, "IpPermissionsEgress": rule,
        }],
        "NetworkInterfaces": [
            eni("eni-1", "10.0.1.11", json!({ "TagSet": [{ "Key": "role", "Value": "tagged" }] })),
            eni("eni-2", "10.0.1.12", json!({ "Attachment": { "Status": "attached", "InstanceId": "i-1" } })),
            eni("eni-3", "10.0.1.13", json!({ "InterfaceType": "interface" })),
            eni("eni-4", "10.0.1.14", json!({ "Description": "ELB app/front/0a1b" })),
        ],
        "Reservations": [{ "OwnerId": "111122223333", "Instances": [{
            "InstanceId": "i-1", "State": { "Name": "running" },
            "Placement": { "AvailabilityZone": "us-east-1a" },
            "NetworkInterfaces": [{ "NetworkInterfaceId": "eni-2" }],
            "Tags": [{ "Key": "Name", "Value": "host" }, { "Key": "role", "Value": "host" }],
        }]}],
        "LoadBalancers": [{
            "LoadBalancerArn": balancer, "LoadBalancerName": "front", "VpcId": "vpc-1",
            "Type": "application", "Scheme": "internal", "AvailabilityZones": [{ "SubnetId": "subnet-1" }],
            "SecurityGroups": ["sg-1"],
        }],
        "TagDescriptions": [{
            "ResourceArn": balancer, "Tags": [{ "Key": "role", "Value": "balancer" }],
        }],
        "services": [],
        "tasks": [{
            "taskArn": task, "clusterArn": "arn:aws:ecs:us-east-1:111122223333:cluster/app",
            "lastStatus": "RUNNING", "launchType": "FARGATE",
            "attachments": [{ "type": "ElasticNetworkInterface", "status": "ATTACHED", "details": [
                { "name": "networkInterfaceId", "value": "eni-3" }, { "name": "subnetId", "value": "subnet-1" },
            ]}],
            "tags": [{ "key": "role", "value": "task" }],
        }],
    })
}

fn of_capture(capture: &Value, query: &str) -> (Option<i32>, Value, String) {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("capture.json"), capture.to_string()).unwrap();
    let (code, text, error) = run(&folder, &["-f", "capture.json", "--format", "json", query]);
    (code, serde_json::from_str(&text).unwrap_or_default(), error)
}

#[test]
fn tags_of_saved_answers_are_read_wherever_aws_writes_them() {
    let capture = capture();
    for (tag, address) in [("tagged", "10.0.1.11"), ("host", "10.0.1.12"), ("task", "10.0.1.13")] {
        let (code, answer, error) =
            of_capture(&capture, &format!("tag/role={tag} -> 10.0.1.99:443"));
        assert_eq!(answer["answers"][0]["source"]["addresses"], address, "{code:?} {error}");
    }
    // The node that is there, and those that may be.
    let (_, answer, error) = of_capture(&capture, "tag/role=balancer -> eni-1:443");
    let source = &answer["answers"][0]["source"];
    assert_eq!(source["addresses"], "2 of its addresses", "{error}");
    let (code, answer, _) = of_capture(&capture, "tag/role=host -> tag/role=task:443");
    assert_eq!((code, &answer["verdict"]), (Some(0), &json!("reachable")));
}

/// Who may carry a tag and was not asked for it leaves open who is meant.
#[test]
fn tags_that_were_not_captured_leave_open_who_is_meant() {
    let ask = |change: &dyn Fn(&mut Value)| {
        let mut capture = capture();
        change(&mut capture);
        let (code, answer, error) = of_capture(&capture, "tag/role=host -> tag/role=task:443");
        assert_eq!(code, Some(3), "{error}");
        answer["answers"][0]["missing"][0].clone()
    };
    let without = |key: &'static str| {
        move |capture: &mut Value| {
            capture.as_object_mut().unwrap().remove(key);
        }
    };
    let missing = ask(&without("TagDescriptions"));
    assert_eq!(missing["fact"], "the tags of load balancer front");
    let command = missing["command"].as_str().unwrap();
    assert!(command.starts_with("aws elbv2 describe-tags --resource-arns arn:aws:"), "{command}");
    let missing = ask(&|capture| {
        capture["tasks"].as_array_mut().unwrap().push(json!({
            "taskArn": "arn:aws:ecs:us-east-1:111122223333:task/app/2", "lastStatus": "RUNNING",
            "attachments": [{ "type": "ElasticNetworkInterface", "details": [
                { "name": "networkInterfaceId", "value": "eni-1" } ]}],
        }))
    });
    assert!(missing["command"].as_str().unwrap().ends_with("--include TAGS"), "{missing}");
    let missing = ask(&|capture| {
        let other = json!({ "Status": "attached", "InstanceId": "i-9" });
        capture["NetworkInterfaces"][0]["Attachment"] = other;
    });
    assert_eq!(missing["fact"], "the tags of instance i-9");
    let missing = ask(&|capture| capture["Subnets"][0]["OwnerId"] = json!("999988887777"));
    assert_eq!(missing["fact"], "the tags of subnet subnet-1");
    let missing = ask(&without("LoadBalancers"));
    assert_eq!(missing["fact"], "the load balancer of interface eni-4");
}

#[test]
fn tags_of_a_template_are_read_and_those_left_open_leave_the_answer_open() {
    let template = |value: &str| {
        format!(
            r#"
Parameters: {{ Env: {{ Type: String }} }}
Resources:
  Vpc: {{ Type: AWS::EC2::VPC, Properties: {{ CidrBlock: 10.0.0.0/16 }} }}
  Task: {{ Type: AWS::EC2::SecurityGroup, Properties: {{ GroupDescription: t, VpcId: !Ref Vpc }} }}
  A:
    Type: AWS::EC2::Subnet
    Properties:
      {{ VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24, Tags: [{{ Key: tier, Value: front }}] }}
  B:
    Type: AWS::EC2::Subnet
    Properties: {{ VpcId: !Ref Vpc, CidrBlock: 10.0.2.0/24, Tags: [{{ Key: tier, Value: {value} }}] }}
  Front:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties: {{ Scheme: internal, Subnets: [!Ref A], SecurityGroups: [!Ref Task] }}
  Back:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties:
      Scheme: internal
      Subnets: [!Ref B]
      SecurityGroups: [!Ref Task]
      Tags: [{{ Key: number, Value: 7 }}]
"#
        )
    };
    let ask = |value: &str, query: &str| {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("template.yaml"), template(value)).unwrap();
        run(&folder, &["-f", "template.yaml", "--format", "json", query])
    };
    let (code, text, error) = ask("data", "tag/tier=front -> tag/tier=data:443");
    assert_eq!(code, Some(1), "{text}{error}");
    let (code, text, error) = ask("data", "tag/tier=front -> tag/number=7:443");
    assert_eq!(code, Some(1), "{text}{error}");
    let (code, text, error) = ask("!Ref Env", "tag/tier=front -> 10.0.2.9:443");
    assert_eq!(code, Some(3), "{text}{error}");
    assert!(text.contains("the tags of subnet B, of which a deployment tells a value"), "{text}");
}

#[test]
fn tags_are_changed_as_other_keys_are() {
    let expected =
        format!("{NETWORK}expect:\n  - tag/role=front -> tag/tier=data:443: reachable\n");
    let set = |text: &str| reach_in(&expected, &["what-if", "--set", text]);
    let (code, text, error) = set("interfaces.far.tags={ role: front }");
    assert_eq!(code, Some(1), "{text}{error}");
    assert!(text.contains("tag/role=front"), "{text}");
    let (code, text, error) = set("interfaces.first.tags.env=dev");
    assert_ne!(code, Some(2), "{error}");
    // The other tag stays.
    assert!(text.contains("tags.env: prod → dev"), "{text}");
    assert!(text.contains("no verdict changes"), "{text}");
}

#[test]
fn an_import_keeps_tags_and_an_anonymous_slice_replaces_them() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("capture.json"), capture().to_string()).unwrap();
    let (_, text, _) = run(&folder, &["import", "capture.json"]);
    assert!(text.contains("tags: { role: tagged }"), "{text}");
    fs::write(folder.path().join("reach.yaml"), text).unwrap();
    let (code, text, error) = run(&folder, &["tag/role=host -> tag/role=task:443"]);
    assert_eq!(code, Some(0), "{text}{error}");
    let query = "tag/env=prod -> tag/tier=data:443";
    let (_, text, error) = reach_in(NETWORK, &["slice", query]);
    assert!(text.contains("env: prod") && text.contains("tier: data"), "{text}{error}");
    assert!(!text.contains("role:") && !text.contains("aws:cdk"), "not asked for: {text}");
    let (_, text, error) = reach_in(NETWORK, &["slice", query, "--anonymize"]);
    assert!(text.contains("tag/tag-"), "{text}{error}");
    for word in ["prod", "data", "env", "tier"] {
        assert!(!text.contains(word), "{word}: {text}");
    }
}

#[test]
fn what_is_kept_of_a_capture_has_its_tags() {
    let (folder, home) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let file = folder.path().join("capture.json");
    fs::write(&file, capture().to_string()).unwrap();
    let later = std::time::SystemTime::now() + std::time::Duration::from_secs(60);
    let cache = Cache::new(home.path(), "tool", later).from_bytes(0);
    let read = || {
        let reading = Reading { cache: Some(&cache), ..Reading::default() };
        load_with(file.to_str().unwrap(), &Parameters::new(), &reading).unwrap().network
    };
    let first = read();
    assert!(first.abouts().any(|about| about.tags.carry("role=balancer")));
    // Only the file in the cache is left to tell it.
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
    assert_eq!(first, read());
}
