//! A small network with a load balancer, and what a check says of it.

use assert_cmd::Command;
use serde_json::Value;
use std::fs;
use std::process::Output;
use vpc_reach::network::Network;
use vpc_reach::read::scenario;

/// Two zones, each with a subnet for tasks and one for nodes; a third zone with tasks only.
const NETWORK: &str = "\
region: us-east-1
vpcs: { app: { cidr: 10.0.0.0/16 }, other: { cidr: 52.0.0.0/16 } }
subnets:
  task-a: { vpc: app, cidr: 10.0.1.0/24, az: us-east-1a }
  task-b: { vpc: app, cidr: 10.0.2.0/24, az: us-east-1b }
  task-c: { vpc: app, cidr: 10.0.3.0/24, az: us-east-1c }
  node-a: { vpc: app, cidr: 10.0.101.0/24, az: us-east-1a, route_table: public }
  node-b: { vpc: app, cidr: 10.0.102.0/24, az: us-east-1b, route_table: public }
  far: { vpc: other, cidr: 52.0.1.0/24, az: us-east-1a }
internet_gateways: { igw: { vpc: app } }
route_tables:
  public: { vpc: app, routes: { 0.0.0.0/0: igw } }
";
/// Groups that let everything through that should pass.
pub const GROUPS: &str = "\
security_groups:
  lb: { vpc: app, ingress: [{ from: 0.0.0.0/0, port: [80, 443] }] }
  task: { vpc: app, ingress: [{ from: lb, port: [8080, 9000] }] }
";

/// What `reach check` prints and what it writes for programs.
pub struct Checked {
    pub code: i32,
    pub printed: String,
    pub document: Value,
}

/// Checks [`NETWORK`] with these sections.
pub fn check(sections: &str) -> Checked {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("reach.yaml");
    fs::write(&file, format!("{NETWORK}{sections}")).unwrap();
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_reach"));
        command.args(["check", "-q", "-f"]).arg(&file).args(arguments).env_remove("REACH_FILE");
        let Output { status, stdout, stderr } = command.output().unwrap();
        assert!(stderr.is_empty(), "{}", String::from_utf8_lossy(&stderr));
        (status.code().unwrap(), String::from_utf8(stdout).unwrap())
    };
    let (code, printed) = run(&[]);
    let (_, json) = run(&["--format", "json"]);
    Checked { code, printed, document: serde_json::from_str(&json).unwrap() }
}

/// [`NETWORK`] with these sections.
pub fn network(sections: &str) -> Network {
    let text = format!("{NETWORK}{sections}");
    scenario::read("reach.yaml", &text, &mut |_| unreachable!()).unwrap().network
}

/// A Fargate service `web` on port 8080 behind `front`, with what is given for each.
pub fn web(balancer: &str, group: &str, service: &str) -> String {
    format!(
        "\
load_balancers:
  front: {{ subnets: [node-a, node-b], security_groups: [lb], {balancer} }}
target_groups:
  web: {{ vpc: app, port: 8080, {group} }}
  spare: {{ vpc: app, port: 8080, {group} }}
services:
  web: {{ subnets: [task-a, task-b], security_groups: [task], task_definition: web, target_group: web, {service} }}
task_definitions:
  web: {{ containers: {{ app: {{ port: 8080, listens: 0.0.0.0 }} }} }}
"
    )
}

impl Checked {
    fn service(&self) -> &Value {
        &self.document["services"][0]
    }

    /// The concerns of the only service: `stops TARGET_GROUP_UNUSED target-group web`.
    pub fn concerns(&self) -> Vec<String> {
        let concerns = self.service()["concerns"].as_array().unwrap();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        concerns
            .iter()
            .map(|one| {
                let resource = &one["resource"];
                let parts =
                    [&one["severity"], &one["code"], &resource["kind"], &resource["id"]].map(text);
                parts.join(" ")
            })
            .collect()
    }

    /// Its load balancers' flows: `front → web:8080 reachable`.
    pub fn legs(&self) -> Vec<String> {
        self.flows()
            .map(|one| {
                let text = |key: &str| one[key].as_str().unwrap().to_owned();
                format!("{} {}", text("why"), text("verdict"))
            })
            .collect()
    }

    /// Its load balancers' flows.
    pub fn flows(&self) -> impl Iterator<Item = &Value> {
        let flows = self.service()["flows"].as_array().unwrap().iter();
        flows.filter(|one| one["role"] == "load-balancer")
    }

    /// The pairs of subnets that were judged: `node-a → task-a reachable`.
    pub fn pairs(&self) -> Vec<String> {
        let answers = self.flows().flat_map(|one| one["answers"].as_array().unwrap());
        let subnet = |end: &Value| end["subnet"]["id"].as_str().unwrap().to_owned();
        answers
            .map(|one| {
                let (from, to) = (subnet(&one["source"]), subnet(&one["destination"]));
                format!("{from} → {to} {}", one["verdict"].as_str().unwrap())
            })
            .collect()
    }
}
