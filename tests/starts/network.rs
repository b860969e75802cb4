//! A network to start tasks in, and what a check says of it.

use serde_json::Value;
use vpc_reach::check::{Check, check};
use vpc_reach::query::World;
use vpc_reach::read::scenario;
use vpc_reach::report::{Style, check_json, check_text};

/// An isolated subnet with endpoints, a private one behind a NAT gateway, a public one.
pub const BASE: &str = "
region: us-east-1
vpcs: { app: { cidr: 10.0.0.0/16 } }
subnets:
  isolated: { vpc: app, cidr: 10.0.1.0/24, az: us-east-1a, route_table: isolated }
  private: { vpc: app, cidr: 10.0.2.0/24, az: us-east-1b, route_table: private }
  public: { vpc: app, cidr: 10.0.101.0/24, az: us-east-1a, route_table: public }
internet_gateways: { igw: { vpc: app } }
nat_gateways: { nat-a: { subnet: public } }
route_tables:
  isolated: { vpc: app }
  private: { vpc: app, routes: { 0.0.0.0/0: nat-a } }
  public: { vpc: app, routes: { 0.0.0.0/0: igw } }
security_groups:
  open: { vpc: app }
  closed: { vpc: app, egress: [] }
  anyone: { vpc: app, ingress: [{ from: 10.0.0.0/16 }] }
";
pub const ECR: &str = "111122223333.dkr.ecr.us-east-1.amazonaws.com/web:1";

/// One definition `web` with one container of these keys.
pub fn definition(keys: &str, container: &str) -> String {
    let keys = if keys.is_empty() { String::new() } else { format!("{keys}, ") };
    format!(
        "task_definitions: {{ web: {{ {keys}containers: {{ app: {{ image: {ECR}, {container} }} }} }} }}\n"
    )
}

/// One service `web` with these keys, and the definition `web`.
pub fn service(keys: &str) -> String {
    format!("services: {{ web: {{ task_definition: web, {keys} }} }}\n")
}

/// What a check says of the base and these sections.
pub fn checked(sections: &[&str]) -> Check {
    let text = format!("{BASE}{}", sections.concat());
    let loaded = scenario::read("reach.yaml", &text, &mut |name| panic!("no base {name}"));
    let loaded = loaded.unwrap_or_else(|error| panic!("{error}: {:?}\n{text}", error.hint));
    check(&World::new(loaded.network), &loaded.expectations)
}

/// What the only service needs, and how that turned out: `ecr.api reachable`.
pub fn flows(check: &Check) -> Vec<String> {
    let [service] = check.services.as_slice() else { panic!("one service") };
    service.flows.iter().map(|flow| format!("{} {}", flow.what, flow.verdict)).collect()
}

/// From which resource a need of the only service was asked.
pub fn sources(check: &Check, what: &str) -> Vec<String> {
    let flows = check.services.iter().flat_map(|service| &service.flows);
    let flow = flows.into_iter().find(|flow| flow.what == what).expect(what);
    let from = |one: &vpc_reach::answer::Answer| {
        format!("{}/{}", one.source.resource.kind, one.source.resource.label())
    };
    let mut from: Vec<String> = flow.answers.iter().map(from).collect();
    from.dedup();
    from
}

pub fn text(check: &Check) -> String {
    check_text(check, &Style::default())
}

pub fn json(check: &Check) -> Value {
    serde_json::from_str(&check_json(check)).unwrap()
}
