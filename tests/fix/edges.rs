//! What the edges of a VPC want: ports of load balancers, and exclusions from Block Public Access.

use super::{fix, proven};
use vpc_reach::answer::{Query, Verdict};
use vpc_reach::network::Network;
use vpc_reach::query::World;
use vpc_reach::read::scenario;

const APP: &str = "\
vpcs: { app: { cidr: 10.0.0.0/16 } }
subnets:
  private: { vpc: app, cidr: 10.0.1.0/24, az: us-east-1a, route_table: private }
  public-a: { vpc: app, cidr: 10.0.2.0/24, az: us-east-1a, route_table: public }
  public-b: { vpc: app, cidr: 10.0.3.0/24, az: us-east-1b, route_table: public }
internet_gateways: { igw: { vpc: app } }
nat_gateways: { nat: { subnet: public-a } }
route_tables:
  private: { vpc: app, routes: { 0.0.0.0/0: nat } }
  public: { vpc: app, routes: { 0.0.0.0/0: igw } }
security_groups:
  web: { vpc: app, ingress: [{ from: 0.0.0.0/0, port: 443 }] }
  front: { vpc: app, ingress: [{ from: 0.0.0.0/0, port: [80, 443] }] }
interfaces:
  client: { subnet: private, security_groups: [web] }
  web: { subnet: public-a, address: 10.0.2.10, security_groups: [web], public_ip: true, listens: ['0.0.0.0:443'] }
load_balancers:
  front: { subnets: [public-a, public-b], scheme: internal, security_groups: [front], listeners: { 80: web } }
target_groups:
  web: { vpc: app, port: 443, targets: [10.0.2.10] }
";

fn network(more: &str) -> Network {
    let text = format!("{APP}{more}");
    let read = scenario::read("reach.yaml", &text, &mut |base| panic!("no base {base}"));
    read.unwrap_or_else(|error| panic!("{error} at {:?}", error.at)).network
}

/// What is proposed, each held to its promise; what blocks the flow first is `code`.
fn ways(network: &Network, query: &str, code: &str) -> Vec<String> {
    let query: Query = query.parse().unwrap();
    let answer = World::new(network.clone()).ask(&query).unwrap();
    assert_eq!(answer.verdict, Verdict::Blocked, "{query}: {answer:#?}");
    let first = answer.answers.iter().find_map(|one| one.blockers.first()).unwrap();
    assert_eq!(first.code.0, code, "{query}");
    let found = fix(network, &query).repairs;
    found.iter().for_each(|repair| proven(network, &query, repair));
    let titles = found
        .iter()
        .map(|one| one.edits.iter().map(|edit| edit.what.as_str()).collect::<Vec<_>>().join(" + "));
    titles.collect()
}

// LBC-01
#[test]
fn a_load_balancer_gets_a_listener_on_the_port_that_is_asked_for() {
    let network = network("");
    let ways = ways(&network, "client -> front:443", "LB_NO_LISTENER");
    assert_eq!(ways, ["let load balancer front listen on 443 and forward to web"]);
}

// BP-05
#[test]
fn the_subnet_of_the_nat_gateway_is_excluded_for_what_goes_out() {
    let network = network("public_access_blocks: { all: { mode: block-bidirectional } }\n");
    let ways = ways(&network, "client -> 198.51.100.7:443", "VPC_BLOCK_PUBLIC_ACCESS_ENABLED");
    let wanted = "exclude subnet public-a from Block Public Access, mode allow-egress";
    assert_eq!(ways, [wanted]);
}

// BP-05
#[test]
fn the_subnet_of_the_host_is_excluded_for_what_comes_in() {
    for mode in ["block-bidirectional", "block-ingress"] {
        let network = network(&format!("public_access_blocks: {{ all: {{ mode: {mode} }} }}\n"));
        let ways = ways(&network, "internet -> web:443", "VPC_BLOCK_PUBLIC_ACCESS_ENABLED");
        let wanted = "exclude subnet public-a from Block Public Access, mode allow-bidirectional";
        assert_eq!(ways, [wanted], "{mode}");
    }
}
