//! Hosts that forward, NAT instances, gateway route tables, Gateway Load Balancer endpoints.

use crate::{ask, ask_with, blocked, first, reachable, refusal, replaced, unknown};
use vpc_reach::answer::{Direction, Verdict};
use vpc_reach::network::{EndpointType, RouteTarget};
use vpc_reach::read::describe::{self, Document};

/// Between two subnets stands a firewall: a host in a third.
const INSPECTED: &str = "\
vpcs: { app: { cidr: 10.0.0.0/16 } }
subnets:
  web: { vpc: app, cidr: 10.0.1.0/24, route_table: web }
  data: { vpc: app, cidr: 10.0.2.0/24, route_table: data }
  firewall: { vpc: app, cidr: 10.0.3.0/24, route_table: firewall }
route_tables:
  web: { vpc: app, routes: { 10.0.2.0/24: firewall } }
  data: { vpc: app, routes: { 10.0.1.0/24: firewall } }
  firewall: { vpc: app }
security_groups:
  web: { vpc: app }
  db: { vpc: app, ingress: [{ from: 10.0.1.0/24, port: 5432 }] }
  firewall: { vpc: app, ingress: [{ from: 10.0.0.0/16, protocol: all }] }
instances:
  api: { subnet: web, address: 10.0.1.10, security_groups: [web] }
  db: { subnet: data, address: 10.0.2.10, security_groups: [db] }
  firewall: { subnet: firewall, address: 10.0.3.10, security_groups: [firewall], source_dest_check: false, forwards: stateful }
";

/// RT-08, RT-14
#[test]
fn a_route_more_specific_than_local_leads_through_the_host_and_back() {
    let answer = reachable(INSPECTED, "api -> db:5432");
    let passed = |hops: &[vpc_reach::answer::Hop]| hops.iter().any(|hop| hop.rule.0 == "RT-14");
    assert!(passed(&answer.hops) && passed(&answer.return_hops), "{answer:#?}");
    assert!(answer.assumptions.is_empty(), "what it does is stated");
}

/// RT-08
#[test]
fn the_local_route_itself_can_lead_to_a_host() {
    let text = replaced(INSPECTED, "10.0.2.0/24: firewall", "10.0.0.0/16: eni/firewall");
    reachable(&text, "api -> db:5432");
    let text = replaced(
        &text,
        "web: { vpc: app, routes: {",
        "web: { vpc: app, routes: { 10.0.2.0/24: local,",
    );
    blocked(&text, "api -> db:5432", Direction::Return, "RETURN_PATH_ASYMMETRIC", "firewall");
}

/// PW-03
#[test]
fn a_host_with_its_check_on_passes_nothing_on() {
    let text = replaced(INSPECTED, "source_dest_check: false, ", "");
    let code = "ENI_SOURCE_DEST_CHECK_RESTRICTION";
    blocked(&text, "api -> db:5432", Direction::Forward, code, "firewall");
}

/// PW-13
#[test]
fn a_host_that_does_not_run_passes_nothing_on() {
    let text = replaced(INSPECTED, "forwards: stateful", "state: stopped");
    blocked(&text, "api -> db:5432", Direction::Forward, "BAD_STATE", "firewall");
}

/// RT-14
#[test]
fn the_groups_of_the_host_must_admit_the_packet_in_and_out() {
    let text = replaced(
        INSPECTED,
        "[{ from: 10.0.0.0/16, protocol: all }]",
        "[{ from: 10.0.0.0/16, port: 443 }]",
    );
    blocked(&text, "api -> db:5432", Direction::Forward, "ENI_SG_RULES_MISMATCH", "firewall");
    let text = replaced(INSPECTED, "protocol: all }] }", "protocol: all }], egress: [] }");
    blocked(&text, "api -> db:5432", Direction::Forward, "SG_HAS_NO_RULES", "firewall");
}

/// SG-12
#[test]
fn a_reference_to_the_clients_group_does_not_match_behind_the_host() {
    let text =
        replaced(INSPECTED, "[{ from: 10.0.1.0/24, port: 5432 }]", "[{ from: web, port: 5432 }]");
    blocked(&text, "api -> db:5432", Direction::Forward, "SG_REFERENCES_NOT_PRESERVED", "db");
    // The host itself still sees it, and another port is no matter of the reference.
    let seen = replaced(
        INSPECTED,
        "[{ from: 10.0.0.0/16, protocol: all }]",
        "[{ from: web, protocol: all }]",
    );
    reachable(&seen, "api -> db:5432");
    blocked(&text, "api -> db:6000", Direction::Forward, "ENI_SG_RULES_MISMATCH", "db");
    let direct = replaced(
        &text,
        "web: { vpc: app, routes: { 10.0.2.0/24: firewall } }",
        "web: { vpc: app }",
    );
    let direct = replaced(
        &direct,
        "data: { vpc: app, routes: { 10.0.1.0/24: firewall } }",
        "data: { vpc: app }",
    );
    reachable(&direct, "api -> db:5432");
}

/// PW-10
#[test]
fn a_stateful_host_must_see_both_ways() {
    let past = replaced(
        INSPECTED,
        "data: { vpc: app, routes: { 10.0.1.0/24: firewall } }",
        "data: { vpc: app }",
    );
    blocked(&past, "api -> db:5432", Direction::Return, "RETURN_PATH_ASYMMETRIC", "firewall");
    let only_back = replaced(
        INSPECTED,
        "web: { vpc: app, routes: { 10.0.2.0/24: firewall } }",
        "web: { vpc: app }",
    );
    blocked(&only_back, "api -> db:5432", Direction::Return, "RETURN_PATH_ASYMMETRIC", "firewall");
    // A router need not, and of a host of which nothing is stated it is not known.
    reachable(&replaced(&past, "forwards: stateful", "forwards: unchanged"), "api -> db:5432");
    unknown(
        &replaced(&past, ", forwards: stateful", ""),
        "api -> db:5432",
        "both ways of a connection",
    );
}

/// RT-14
#[test]
fn what_a_host_does_is_an_assumption_unless_it_is_stated() {
    let text = replaced(INSPECTED, ", forwards: stateful", "");
    let answer = reachable(&text, "api -> db:5432");
    assert_eq!(&*answer.assumptions[0].name, "APPLIANCE_FORWARDS_UNCHANGED");
    let flipped = ask_with(&text, "api -> db:5432", &[("APPLIANCE_FORWARDS_UNCHANGED", "false")]);
    assert_eq!(flipped.verdict, Verdict::Unknown);
}

/// NG-17
#[test]
fn a_host_whose_own_table_leads_to_itself_is_a_loop() {
    let text = replaced(
        INSPECTED,
        "firewall: { vpc: app }\n",
        "firewall: { vpc: app, routes: { 10.0.2.0/24: eni/firewall } }\n",
    );
    let answer = ask(&text, "api -> db:5432");
    assert_eq!(&*answer.blockers[0].code.0, "NEXT_HOP_LOOP", "{answer:#?}");
    // So is one that stands in the subnet of its client.
    let beside = replaced(
        INSPECTED,
        "firewall: { subnet: firewall, address: 10.0.3.10",
        "firewall: { subnet: web, address: 10.0.1.99",
    );
    assert_eq!(&*ask(&beside, "api -> db:5432").blockers[0].code.0, "NEXT_HOP_LOOP");
}

/// RT-14
#[test]
fn a_host_in_the_servers_subnet_is_unknown() {
    let text = replaced(
        INSPECTED,
        "firewall: { subnet: firewall, address: 10.0.3.10",
        "firewall: { subnet: data, address: 10.0.2.99",
    );
    unknown(&text, "api -> db:5432", "a host of its own subnet");
}

/// GE-03, RT-17, TG-04
#[test]
fn behind_an_appliance_what_came_from_another_vpc_still_did() {
    let text = "\
vpcs: { app: { cidr: 10.1.0.0/16 }, hub: { cidr: 10.0.0.0/16 } }
subnets:
  a: { vpc: app, cidr: 10.1.1.0/24, route_table: app }
  arrival: { vpc: hub, cidr: 10.0.1.0/24, route_table: arrival }
  inspection: { vpc: hub, cidr: 10.0.2.0/24, route_table: inspection }
transit_gateways: { center: {} }
transit_gateway_attachments:
  app: { transit_gateway: center, subnets: [a], route_table: spokes }
  hub: { transit_gateway: center, subnets: [arrival] }
transit_gateway_route_tables:
  spokes: { transit_gateway: center, routes: { 0.0.0.0/0: hub } }
route_tables:
  app: { vpc: app, routes: { 0.0.0.0/0: center } }
  arrival: { vpc: hub, routes: { 0.0.0.0/0: instance/box } }
  inspection: { vpc: hub, routes: { 10.1.0.0/16: center } }
endpoints: { s3: { service: s3, route_tables: [inspection] } }
security_groups:
  open: { vpc: app }
  box: { vpc: hub, ingress: [{ from: 0.0.0.0/0 }] }
instances:
  api: { subnet: a, security_groups: [open] }
  box: { subnet: inspection, security_groups: [box], source_dest_check: false, forwards: unchanged }
  own: { subnet: arrival, security_groups: [box] }
";
    let code = "GATEWAY_ENDPOINT_SOURCE_OUTSIDE_VPC";
    blocked(text, "api -> s3", Direction::Forward, code, "s3");
    // Of the hub's own, the appliance passes on to the endpoint.
    assert_ne!(first(&ask(text, "own -> s3")).1.map(|(_, code, _)| code), Some(code));
}

const NAT_INSTANCE: &str = "\
vpcs: { app: { cidr: 10.0.0.0/16 } }
subnets:
  private: { vpc: app, cidr: 10.0.1.0/24, route_table: private }
  public: { vpc: app, cidr: 10.0.2.0/24, route_table: public }
internet_gateways: { igw: { vpc: app } }
route_tables:
  private: { vpc: app, routes: { 0.0.0.0/0: instance/nat } }
  public: { vpc: app, routes: { 0.0.0.0/0: igw } }
security_groups:
  task: { vpc: app }
  nat: { vpc: app, ingress: [{ from: 10.0.0.0/16, port: 443 }] }
instances:
  worker: { subnet: private, security_groups: [task] }
  nat: { subnet: public, address: 10.0.2.10, public_ip: 203.0.113.9, security_groups: [nat], source_dest_check: false }
";

/// NG-16
#[test]
fn a_nat_instance_translates_for_its_clients() {
    let answer = reachable(NAT_INSTANCE, "worker -> ecr.dkr");
    assert_eq!(&*answer.assumptions[0].name, "PUBLIC_FORWARDER_IS_NAT_INSTANCE", "{answer:#?}");
    let stated = replaced(
        NAT_INSTANCE,
        "source_dest_check: false",
        "source_dest_check: false, forwards: nat",
    );
    assert!(reachable(&stated, "worker -> ecr.dkr").assumptions.is_empty());
    // What only passes packets on leaves a private source, which the gateway does not take.
    let router = replaced(&stated, "forwards: nat", "forwards: unchanged");
    let code = "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS";
    blocked(&router, "worker -> ecr.dkr", Direction::Forward, code, "igw");
    let flipped = ask_with(
        NAT_INSTANCE,
        "worker -> ecr.dkr",
        &[("PUBLIC_FORWARDER_IS_NAT_INSTANCE", "false")],
    );
    assert_eq!(&*flipped.blockers[0].code.0, code);
    let private = replaced(&stated, ", public_ip: 203.0.113.9", "");
    blocked(&private, "worker -> ecr.dkr", Direction::Forward, code, "igw");
}

/// NG-16
#[test]
fn a_nat_instance_has_a_check_and_groups_and_no_memory_of_peers() {
    let checked = replaced(NAT_INSTANCE, ", source_dest_check: false", ", forwards: nat");
    let code = "ENI_SOURCE_DEST_CHECK_RESTRICTION";
    blocked(&checked, "worker -> ecr.dkr", Direction::Forward, code, "nat");
    blocked(
        NAT_INSTANCE,
        "worker -> internet:80",
        Direction::Forward,
        "ENI_SG_RULES_MISMATCH",
        "nat",
    );
    // NG-09 is of NAT gateways only.
    let peered = "\
peerings: { pcx: { vpcs: [app, far] } }
";
    let text = replaced(
        NAT_INSTANCE,
        "vpcs: { app: { cidr: 10.0.0.0/16 } }\n",
        &format!(
            "vpcs: {{ app: {{ cidr: 10.0.0.0/16 }}, far: {{ cidr: 10.9.0.0/16 }} }}\n{peered}"
        ),
    );
    let text =
        replaced(&text, "subnets:\n", "subnets:\n  there: { vpc: far, cidr: 10.9.1.0/24 }\n");
    let text = replaced(
        &text,
        "routes: { 0.0.0.0/0: igw }",
        "routes: { 0.0.0.0/0: igw, 10.9.0.0/16: pcx }",
    );
    let text =
        replaced(&text, "source_dest_check: false", "source_dest_check: false, forwards: nat");
    let text = replaced(
        &text,
        "  task: { vpc: app }\n",
        "  task: { vpc: app }\n  far: { vpc: far, ingress: [{ from: 10.0.0.0/8, protocol: all }] }\n",
    );
    let text = replaced(
        &text,
        "instances:\n",
        "instances:\n  peer: { subnet: there, security_groups: [far] }\n",
    );
    blocked(&text, "worker -> peer:443", Direction::Return, "NO_ROUTE_TO_DESTINATION", "far-main");
}

/// What comes in by the internet gateway for one subnet goes through an appliance first.
const INGRESS: &str = "\
vpcs: { app: { cidr: 10.0.0.0/16 } }
subnets:
  web: { vpc: app, cidr: 10.0.1.0/24, route_table: web }
  inspect: { vpc: app, cidr: 10.0.2.0/24, route_table: inspect }
internet_gateways: { igw: { vpc: app } }
endpoints:
  firewall: { type: gateway_load_balancer, subnets: [inspect], appliance: passes }
route_tables:
  edge: { vpc: app, gateways: [igw], routes: { 10.0.1.0/24: firewall } }
  web: { vpc: app, routes: { 0.0.0.0/0: firewall } }
  inspect: { vpc: app, routes: { 0.0.0.0/0: igw } }
security_groups:
  web: { vpc: app, ingress: [{ from: 0.0.0.0/0, port: 443 }] }
instances:
  site: { subnet: web, address: 10.0.1.10, public_ip: 203.0.113.5, security_groups: [web] }
";

/// RT-02, RT-17, GL-02
#[test]
fn a_gateways_table_leads_what_comes_in_through_the_endpoint() {
    let answer = reachable(INGRESS, "internet -> site:443");
    let hops = |hops: &[vpc_reach::answer::Hop]| {
        hops.iter().any(|hop| hop.rule.0 == "GL-02" && hop.resource.label() == "firewall")
    };
    assert!(hops(&answer.hops) && hops(&answer.return_hops), "{answer:#?}");
    reachable(INGRESS, "site -> internet:443");
}

/// RT-16
#[test]
fn a_reply_that_leaves_past_the_appliance_is_lost() {
    let text = replaced(
        INGRESS,
        "web: { vpc: app, routes: { 0.0.0.0/0: firewall } }",
        "web: { vpc: app, routes: { 0.0.0.0/0: igw } }",
    );
    let code = "INGRESS_RTB_TRAFFIC_REDIRECTION";
    blocked(&text, "internet -> site:443", Direction::Return, code, "edge");
    blocked(&text, "site -> internet:443", Direction::Return, code, "edge");
    let no_edge = replaced(
        INGRESS,
        "  edge: { vpc: app, gateways: [igw], routes: { 10.0.1.0/24: firewall } }\n",
        "",
    );
    blocked(
        &no_edge,
        "internet -> site:443",
        Direction::Return,
        "RETURN_PATH_ASYMMETRIC",
        "firewall",
    );
}

/// RT-14
#[test]
fn a_host_behind_a_gateways_table_needs_a_public_address() {
    let text = replaced(
        INGRESS,
        "endpoints:\n  firewall: { type: gateway_load_balancer, subnets: [inspect], appliance: passes }\n",
        "",
    );
    let host = "  firewall: { subnet: inspect, address: 10.0.2.9, security_groups: [web], source_dest_check: false, forwards: stateful }\n";
    let text = replaced(&text, "instances:\n", &format!("instances:\n{host}"));
    blocked(
        &text,
        "internet -> site:443",
        Direction::Forward,
        "INGRESS_RTB_NO_PUBLIC_IP",
        "firewall",
    );
    reachable(
        &replaced(&text, "address: 10.0.2.9", "address: 10.0.2.9, public_ip: true"),
        "internet -> site:443",
    );
}

/// GL-03
#[test]
fn what_an_appliance_does_is_unknown_unless_stated_or_assumed() {
    let text = replaced(INGRESS, ", appliance: passes", "");
    unknown(&text, "internet -> site:443", "what the appliance behind endpoint firewall does");
    let assumed = ask_with(&text, "internet -> site:443", &[("GWLB_APPLIANCE_PASSES", "true")]);
    assert_eq!(assumed.verdict, Verdict::Reachable);
    assert!(assumed.assumptions.iter().any(|one| &*one.name == "GWLB_APPLIANCE_PASSES"));
    // What does not depend on it is known.
    let closed = ask(&text, "internet -> site:80");
    assert_eq!(&*closed.blockers[0].code.0, "ENI_SG_RULES_MISMATCH");
}

/// GL-04
#[test]
fn the_acl_lies_between_a_client_and_an_endpoint_in_its_own_subnet() {
    let text = replaced(INGRESS, "subnets: [inspect], appliance", "subnets: [web], appliance");
    let acl = "network_acls:\n  web: { vpc: app, subnets: [web], ingress: [{ rule: 1, allow: 0.0.0.0/0, protocol: all }], egress: [] }\n";
    blocked(
        &(text + acl),
        "site -> internet:443",
        Direction::Forward,
        "SUBNET_ACL_RESTRICTION",
        "web",
    );
}

/// GL-02
#[test]
fn an_endpoint_that_is_not_available_passes_nothing() {
    let text = replaced(INGRESS, "appliance: passes", "appliance: passes, state: pending");
    blocked(&text, "site -> internet:443", Direction::Forward, "BAD_STATE", "firewall");
}

/// RT-15, RT-18, GL-01
#[test]
fn a_gateways_table_takes_whole_blocks_and_appliances_only() {
    let with = |route: &str| replaced(INGRESS, "{ 10.0.1.0/24: firewall }", route);
    let message = refusal(&with("{ 10.0.1.5/32: firewall }"));
    assert!(
        message.starts_with("route table `edge` cannot have a route for 10.0.1.5/32"),
        "{message}"
    );
    let message = refusal(&with("{ 10.0.1.0/24: igw }"));
    assert_eq!(message, "route table `edge` cannot have a route for 10.0.1.0/24 to igw");
    let list = replaced(
        INGRESS,
        "web: { vpc: app, routes: { 0.0.0.0/0: firewall } }",
        "web: { vpc: app, routes: { s3: endpoint/firewall } }",
    );
    assert!(refusal(&list).contains("cannot have a route for prefix list"));
    let several =
        replaced(INGRESS, "subnets: [inspect], appliance", "subnets: [inspect, web], appliance");
    assert_eq!(refusal(&several), "endpoint `firewall` has 2 subnets");
    let grouped = replaced(INGRESS, "appliance: passes", "security_groups: [web]");
    assert!(refusal(&grouped).contains("has `security_groups`"));
}

#[test]
fn routes_to_hosts_and_endpoints_are_read_as_aws_answers_them() {
    let text = r#"{
      "Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16"}],
      "VpcEndpoints": [{"VpcEndpointId": "vpce-1", "VpcEndpointType": "GatewayLoadBalancer", "VpcId": "vpc-1", "State": "available",
        "ServiceName": "com.amazonaws.vpce.us-east-1.vpce-svc-1", "SubnetIds": ["subnet-1"]}],
      "RouteTables": [{"RouteTableId": "rtb-1", "VpcId": "vpc-1", "Associations": [{"GatewayId": "igw-1", "AssociationState": {"State": "associated"}}],
        "Routes": [
          {"DestinationCidrBlock": "10.0.1.0/24", "GatewayId": "vpce-1", "State": "active", "Origin": "CreateRoute"},
          {"DestinationCidrBlock": "10.0.2.0/24", "InstanceId": "i-1", "NetworkInterfaceId": "eni-1", "State": "active", "Origin": "CreateRoute"}]}]}"#;
    let network = describe::read(&[Document::new("a.json", text)]).unwrap().network;
    let table = &network.route_tables["rtb-1"];
    assert_eq!(table.routes[0].target, RouteTarget::LoadBalancerEndpoint("vpce-1".into()));
    assert_eq!(table.routes[1].target, RouteTarget::Interface("eni-1".into()));
    assert!(table.gateways.contains("igw-1"));
    let endpoint = &network.vpc_endpoints["vpce-1"];
    assert_eq!(endpoint.endpoint_type, EndpointType::GatewayLoadBalancer);
    assert!(!endpoint.appliance_passes);
}

/// BP-03: the block spares what comes to the gateway from a NAT gateway itself.
#[test]
fn behind_an_appliance_a_nat_gateway_does_not_face_the_block() {
    let text = "\
vpcs: { app: { cidr: 10.0.0.0/16 } }
subnets:
  web: { vpc: app, cidr: 10.0.1.0/24, route_table: web }
  nat: { vpc: app, cidr: 10.0.2.0/24, route_table: nat }
  door: { vpc: app, cidr: 10.0.3.0/24, route_table: door }
internet_gateways: { igw: { vpc: app } }
nat_gateways: { nat: { subnet: nat } }
endpoints: { door: { type: gateway_load_balancer, subnets: [door], appliance: passes } }
route_tables:
  web: { vpc: app, routes: { 0.0.0.0/0: nat } }
  nat: { vpc: app, routes: { 0.0.0.0/0: door } }
  door: { vpc: app, routes: { 0.0.0.0/0: igw } }
  edge: { vpc: app, gateways: [igw], routes: { 10.0.2.0/24: door } }
security_groups: { web: { vpc: app } }
instances: { site: { subnet: web, security_groups: [web] } }
";
    let query = "site -> 192.0.2.7:443";
    reachable(text, query);
    let block = format!("{text}public_access_blocks: {{ all: {{ mode: block-ingress }} }}\n");
    unknown(&block, query, "a NAT gateway sends through an appliance");
    let excluded = |what: &str| format!("{block}public_access_exclusions: {{ one: {what} }}\n");
    unknown(&excluded("{ subnet: nat }"), query, "a NAT gateway sends through an appliance");
    reachable(&excluded("{ subnet: door }"), query);
    let direct = replaced(
        &block,
        "nat: { vpc: app, routes: { 0.0.0.0/0: door } }",
        "nat: { vpc: app, routes: { 0.0.0.0/0: igw } }",
    );
    reachable(&replaced(&direct, "{ 10.0.2.0/24: door }", "{}"), query);
}

/// RT-14: what a NAT gateway sent comes back to it past a host of its VPC, or nobody knows.
#[test]
fn a_host_on_the_way_back_to_a_nat_gateway_leaves_the_answer_open() {
    let natted = replaced(INSPECTED, "10.0.2.0/24: firewall", "10.0.2.0/24: door");
    let natted = replaced(
        &natted,
        "security_groups:\n",
        "nat_gateways: { door: { subnet: nat, connectivity: private, private_ip: 10.0.4.9 } }\nsecurity_groups:\n",
    );
    let natted = replaced(
        &natted,
        "subnets:\n",
        "subnets:\n  nat: { vpc: app, cidr: 10.0.4.0/24, route_table: nat }\n",
    );
    let routed = |forth: &str, back: &str| {
        let nat = format!("route_tables:\n  nat: {{ vpc: app, routes: {{ {forth} }} }}\n");
        let text = replaced(&natted, "route_tables:\n", &nat);
        let text = replaced(&text, "10.0.1.0/24: firewall", back);
        replaced(&text, "from: 10.0.1.0/24", "from: 10.0.4.0/24")
    };
    reachable(&routed("", ""), "api -> db:5432");
    let both = routed("10.0.2.0/24: firewall", "10.0.4.0/24: firewall");
    unknown(&both, "api -> db:5432", "which AWS does not support");
}

/// GL-05
#[test]
fn a_kept_client_address_through_an_appliance_is_unknown() {
    let group = |kept: bool| {
        format!(
            "{INSPECTED}\
load_balancers: {{ front: {{ type: network, scheme: internal, subnets: [web], listeners: {{ 80: all }} }} }}
target_groups: {{ all: {{ vpc: app, port: 5432, preserve_client_ip: {kept} }} }}
services: {{ store: {{ subnets: [data], security_groups: [db], target_group: all, task_definition: store }} }}
task_definitions: {{ store: {{ containers: {{ store: {{ port: 5432, listens: 0.0.0.0 }} }} }} }}
"
        )
    };
    let through = |text: &str| {
        let text = replaced(text, "from: 10.0.1.0/24, port: 5432", "from: 0.0.0.0/0");
        replaced(&text, "from: 10.0.0.0/16, protocol: all", "from: 0.0.0.0/0")
    };
    reachable(&through(&group(false)), "front -> store:5432");
    let answer = ask(&through(&group(true)), "front -> store:5432");
    assert_eq!(answer.verdict, Verdict::Unknown, "{answer:#?}");
}
