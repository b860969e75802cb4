//! Names in queries: who is meant, and what happens when that is not clear.

use vpc_reach::answer::{Query, QueryAnswer, Verdict};
use vpc_reach::query::{AskError, World};
use vpc_reach::read::scenario;

const NETWORK: &str = "
vpcs: { app: { cidr: 10.0.0.0/16 } }
subnets:
  private-a: { vpc: app, cidr: 10.0.1.0/24, az: us-east-1a, route_table: private }
  private-b: { vpc: app, cidr: 10.0.2.0/24, az: us-east-1b, route_table: private }
  public-a: { vpc: app, cidr: 10.0.101.0/24, az: us-east-1a, route_table: public }
internet_gateways: { igw: { vpc: app } }
nat_gateways: { nat-a: { subnet: public-a } }
route_tables:
  private: { vpc: app, routes: { 0.0.0.0/0: nat-a } }
  public: { vpc: app, routes: { 0.0.0.0/0: igw } }
security_groups:
  task: { vpc: app, ingress: [{ from: 10.0.0.0/16, port: all, protocol: all }] }
interfaces:
  bastion: { subnet: public-a, address: 10.0.101.20, security_groups: [task], public_ip: 198.51.100.20 }
  db: { subnet: private-b, address: 10.0.2.30, security_groups: [task] }
load_balancers:
  front: { scheme: internal, subnets: [private-a], security_groups: [task], listeners: { 443: web, 80: web } }
target_groups: { web: { vpc: app, port: 8080 } }
services:
  web: { subnets: [private-a, private-b], security_groups: [task], task_definition: web, target_group: web }
task_definitions: { web: { containers: { app: { port: 8080, listens: 0.0.0.0 } } } }
";

fn world(text: &str) -> World {
    let loaded = scenario::read("test.yaml", text, &mut |name| panic!("no base {name}")).unwrap();
    World::new(loaded.network)
}

fn ask(world: &World, query: &str) -> Result<QueryAnswer, AskError> {
    world.ask(&query.parse::<Query>().unwrap())
}

fn reachable(query: &str) -> QueryAnswer {
    let answer = ask(&world(NETWORK), query).unwrap();
    assert_eq!(answer.verdict, Verdict::Reachable, "{query}: {:#?}", answer.answers);
    answer
}

fn error(query: &str) -> AskError {
    ask(&world(NETWORK), query).unwrap_err()
}

#[test]
fn a_service_answers_once_per_placement() {
    let answer = reachable("web -> ecr.dkr");
    let subnets: Vec<&str> =
        answer.answers.iter().map(|one| one.source.subnet.as_ref().unwrap().label()).collect();
    assert_eq!(subnets, ["private-a", "private-b"]);
    assert_eq!(answer.query, "web -> ecr.dkr:443");
}

#[test]
fn roles_kinds_and_beginnings_name_the_same_thing() {
    let by_name = reachable("web -> s3").answers;
    for source in ["task-eni", "service/web", "we"] {
        assert_eq!(reachable(&format!("{source} -> s3")).answers, by_name, "{source}");
    }
    let from_front = reachable("front -> web").answers;
    for source in ["alb", "lb/front", "load-balancer/front", "fro"] {
        assert_eq!(reachable(&format!("{source} -> web")).answers, from_front, "{source}");
    }
    assert_eq!(from_front[0].destination.port, Some(8080), "LBT-05: the registered port");
}

#[test]
fn interfaces_addresses_and_the_internet_can_be_either_end() {
    reachable("web -> db:5432");
    reachable("web -> eni/db:5432/tcp");
    reachable("web -> 10.0.2.30:5432");
    reachable("10.0.101.20 -> 10.0.2.30:53/udp");
    reachable("db -> internet");
    reachable("bastion -> 93.184.216.34:443");
    reachable("subnet/private-b -> front:80");
    let inbound = ask(&world(NETWORK), "internet -> bastion:22").unwrap();
    assert_eq!(inbound.verdict, Verdict::Blocked, "the group admits the VPC only");
}

#[test]
fn an_aws_service_goes_by_its_endpoint_name_or_any_of_its_host_names() {
    for name in ["ecr.api", "com.amazonaws.us-east-1.ecr.api", "api.ecr.us-east-1.amazonaws.com"] {
        let answer = reachable(&format!("web -> {name}"));
        assert_eq!(
            answer.answers[0].name.as_ref().unwrap().name,
            "api.ecr.us-east-1.amazonaws.com"
        );
    }
    let other_region = reachable("web -> bucket.s3.eu-west-1.amazonaws.com").answers;
    assert_eq!(other_region[0].name.as_ref().unwrap().name, "bucket.s3.eu-west-1.amazonaws.com");
}

#[test]
fn a_name_that_means_nothing_suggests_what_is_close() {
    let error = error("web -> bastoin:22");
    assert_eq!(error.message, "nothing here is called `bastoin`");
    assert_eq!(error.hint.as_deref(), Some("did you mean bastion?"));
}

#[test]
fn a_name_that_is_nearly_an_aws_service_says_so() {
    for (name, hint) in [
        ("ecr", "did you mean ecr.api or ecr.dkr?"),
        ("secretmanager", "did you mean secretsmanager?"),
        ("bd:5432", "name an ECS service, task, ENI"),
    ] {
        let error = error(&format!("web -> {name}"));
        assert!(error.hint.as_ref().unwrap().starts_with(hint), "{name}: {error:?}");
    }
    assert_eq!(error("wbe -> s3").hint.as_deref(), Some("did you mean web?"));
    assert!(!error("ecr -> web").hint.unwrap().contains("ecr.api"), "no AWS service asks");
}

// IMG-13
#[test]
fn a_host_that_nothing_here_names_is_taken_to_be_public_and_says_so() {
    let answer = reachable("web -> example.com:443");
    assert_eq!(answer.answers[0].destination.resource.kind, "host");
    let assumed = &answer.answers[0].assumptions;
    assert!(assumed.iter().any(|one| one.name == "HOST_HAS_PUBLIC_ADDRESSES"), "{assumed:#?}");
}

#[test]
fn a_name_that_means_several_things_lists_them() {
    let two = NETWORK.replace(
        "services:\n",
        "services:\n  worker: { subnets: [private-a], security_groups: [task] }\n",
    );
    let error = ask(&world(&two), "task-eni -> s3").unwrap_err();
    assert_eq!(error.candidates, ["service/web", "service/worker"]);
    let error = ask(&world(&two), "w -> s3").unwrap_err();
    assert_eq!(error.candidates, ["service/web", "service/worker"]);
}

#[test]
fn a_service_called_like_an_aws_service_has_to_be_told_apart() {
    let named = NETWORK.replace("  db: {", "  logs: {");
    let error = ask(&world(&named), "web -> logs").unwrap_err();
    assert_eq!(error.candidates, ["aws/logs", "eni/logs"]);
    assert!(ask(&world(&named), "web -> aws/logs").is_ok());
    assert!(ask(&world(&named), "web -> eni/logs:5432").is_ok());
}

#[test]
fn a_port_that_nothing_implies_is_asked_for() {
    assert_eq!(error("web -> db").message, "which port of `db`?");
    let several = error("db -> front");
    assert_eq!(
        several.hint.as_deref(),
        Some("it could be 80 or 443: write it behind the name, as in `front:80`")
    );
}

#[test]
fn what_does_not_exist_cannot_ask() {
    assert!(
        error("10.0.1.77 -> s3").message.contains("no interface here has an address of 10.0.1.77")
    );
    assert!(error("internet -> s3").message.contains("is in no VPC"));
    assert!(error("10.0.0.0/99 -> s3").message.contains("is no CIDR block"));
}
