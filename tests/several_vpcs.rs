//! More than one VPC: what a person asks, and what they are told.

use vpc_reach::answer::{Answer, Direction, Verdict};
use vpc_reach::network::{Kind, Scope};
use vpc_reach::query::World;
use vpc_reach::read::describe::{self, Document};
use vpc_reach::read::{Loaded, scenario};

fn scenario(text: &str) -> Loaded {
    scenario::read("reach.yaml", text, &mut |base| panic!("no base {base}")).unwrap()
}

fn refusal(text: &str) -> (String, String) {
    let error = scenario::read("reach.yaml", text, &mut |base| panic!("no base {base}"));
    let error = error.unwrap_err();
    (error.message, error.hint.unwrap_or_default())
}

fn ask(text: &str, query: &str) -> Answer {
    let world = World::new(scenario(text).network);
    let mut answer = world.ask(&query.parse().unwrap()).unwrap();
    answer.answers.remove(0)
}

const PEERED: &str = "\
vpcs: { app: { cidr: 10.0.0.0/16 }, shared: { cidr: 10.1.0.0/16 } }
peerings: { app-shared: { vpcs: [app, shared] } }
subnets:
  a: { vpc: app, cidr: 10.0.1.0/24, route_table: out }
  data: { vpc: shared, cidr: 10.1.1.0/24, route_table: back }
route_tables:
  out: { vpc: app, routes: { 10.1.0.0/16: app-shared } }
  back: { vpc: shared, routes: { 10.0.0.0/16: pcx/app-shared } }
security_groups:
  app: { vpc: app }
  db: { vpc: shared, ingress: [{ from: app, port: 5432 }] }
instances:
  api: { subnet: a, security_groups: [app] }
  db: { subnet: data, address: 10.1.1.10, security_groups: [db] }
";

/// PC-01, PC-02, SG-13
#[test]
fn a_peering_carries_a_flow_there_and_back() {
    let answer = ask(PEERED, "api -> db:5432");
    assert_eq!(answer.verdict, Verdict::Reachable, "{answer:#?}");
    let words = |hops: &[vpc_reach::answer::Hop]| {
        hops.iter().any(|hop| hop.rule.0 == "PC-02" && hop.what.starts_with("carries it to vpc"))
    };
    assert!(words(&answer.hops) && words(&answer.return_hops));
    assert_eq!(ask(PEERED, "api -> 10.1.1.10:5432").verdict, Verdict::Reachable);
    assert_eq!(ask(PEERED, "db -> api:5432").verdict, Verdict::Blocked);
}

/// PC-02
#[test]
fn a_forgotten_route_back_is_named_with_its_table() {
    let text = PEERED.replace(", routes: { 10.0.0.0/16: pcx/app-shared }", "");
    let answer = ask(&text, "api -> db:5432");
    let first = &answer.blockers[0];
    assert_eq!((answer.verdict, first.direction), (Verdict::Blocked, Direction::Return));
    assert_eq!(&*first.code.0, "NO_ROUTE_TO_DESTINATION");
    assert_eq!(first.resource.label(), "back");
}

const NATTED: &str = "\
vpcs: { app: { cidr: 10.0.0.0/16 }, shared: { cidr: 10.1.0.0/16 } }
peerings: { app-shared: { vpcs: [app, shared] } }
subnets:
  a: { vpc: app, cidr: 10.0.1.0/24, route_table: out }
  middle: { vpc: app, cidr: 10.0.2.0/24, route_table: over }
  data: { vpc: shared, cidr: 10.1.1.0/24, route_table: back }
nat_gateways: { nat: { subnet: middle, connectivity: private, private_ip: 10.0.2.9 } }
route_tables:
  out: { vpc: app, routes: { 10.1.0.0/16: nat } }
  over: { vpc: app, routes: { 10.1.0.0/16: app-shared } }
  back: { vpc: shared }
security_groups:
  app: { vpc: app }
  db: { vpc: shared, ingress: [{ from: 10.0.2.9/32, port: 5432 }] }
instances:
  api: { subnet: a, security_groups: [app] }
  db: { subnet: data, address: 10.1.1.10, security_groups: [db] }
";

/// NG-09, NG-10
#[test]
fn what_a_nat_gateway_sends_over_a_peering_returns_without_a_route() {
    let text = NATTED;
    let answer = ask(text, "api -> db:5432");
    assert_eq!(answer.verdict, Verdict::Reachable, "{answer:#?}");
    // Straight over the peering, the reply has no route.
    let straight = text.replace("10.1.0.0/16: nat", "10.1.0.0/16: app-shared");
    let straight = straight.replace("10.0.2.9/32", "10.0.0.0/16");
    assert_eq!(ask(&straight, "api -> db:5432").verdict, Verdict::Blocked);
    // The group sees the gateway, not the client.
    let by_group = text.replace("from: 10.0.2.9/32", "from: app");
    assert_eq!(ask(&by_group, "api -> db:5432").verdict, Verdict::Blocked);
}

/// The value of an assumption that an answer names.
fn assumed(answer: &Answer, name: &str) -> Option<String> {
    let mut all = answer.assumptions.iter();
    all.find(|one| one.name == name).map(|one| one.value.to_string())
}

/// NG-09
#[test]
fn from_another_region_a_nat_gateway_gets_its_replies_only_where_that_is_assumed() {
    let name = "RETURN_TO_SENDER_INTER_REGION";
    let shared = "shared: { cidr: 10.1.0.0/16 }";
    assert!(NATTED.contains(shared));
    let far = NATTED.replace(shared, "shared: { cidr: 10.1.0.0/16, region: eu-west-1 }");
    let answer = ask(&far, "api -> db:5432");
    let first = &answer.blockers[0];
    assert_eq!((first.direction, &*first.code.0), (Direction::Return, "NO_ROUTE_TO_DESTINATION"));
    assert_eq!(assumed(&answer, name).as_deref(), Some("false"));
    let answer = ask(&format!("assume: {{ {name}: true }}\n{far}"), "api -> db:5432");
    assert_eq!(answer.verdict, Verdict::Reachable, "{answer:#?}");
    assert_eq!(assumed(&answer, name).as_deref(), Some("true"));
    // Where no NAT gateway sends it, nothing rests on it.
    let by_range = PEERED
        .replace(shared, "shared: { cidr: 10.1.0.0/16, region: eu-west-1 }")
        .replace("from: app,", "from: 10.0.0.0/16,");
    assert_eq!(assumed(&ask(&by_range, "api -> db:5432"), name), None);
}

/// TG-15
#[test]
fn whether_a_transit_gateway_takes_back_what_it_brought_can_be_assumed() {
    let text = "\
vpcs: { app: { cidr: 10.1.0.0/16 }, far: { cidr: 10.2.0.0/16 }, hub: { cidr: 10.0.0.0/16 } }
subnets:
  a: { vpc: app, cidr: 10.1.1.0/24, route_table: app }
  b: { vpc: far, cidr: 10.2.1.0/24, route_table: far }
  arrival: { vpc: hub, cidr: 10.0.1.0/24, route_table: arrival }
transit_gateways: { center: {} }
transit_gateway_attachments:
  app: { transit_gateway: center, subnets: [a], route_table: spokes }
  far: { transit_gateway: center, subnets: [b] }
  hub: { transit_gateway: center, subnets: [arrival] }
transit_gateway_route_tables:
  spokes: { transit_gateway: center, routes: { 0.0.0.0/0: hub } }
route_tables:
  app: { vpc: app, routes: { 0.0.0.0/0: center } }
  far: { vpc: far, routes: { 0.0.0.0/0: center } }
  arrival: { vpc: hub, routes: { 10.0.0.0/8: center } }
security_groups:
  app: { vpc: app }
  far: { vpc: far, ingress: [{ from: 10.1.0.0/16, port: 5432 }] }
instances:
  api: { subnet: a, security_groups: [app] }
  db: { subnet: b, address: 10.2.1.10, security_groups: [far] }
";
    let name = "TGW_HAIRPIN";
    let with =
        |value: &str| ask(&format!("assume: {{ {name}: {value} }}\n{text}"), "api -> db:5432");
    assert_eq!(ask(text, "api -> db:5432").verdict, Verdict::Unknown);
    let back = with("true");
    assert_eq!(back.verdict, Verdict::Reachable, "{back:#?}");
    assert_eq!(assumed(&back, name).as_deref(), Some("true"));
    let dropped = with("false");
    assert_eq!(dropped.verdict, Verdict::Blocked);
    assert_eq!(&*dropped.blockers[0].code.0, "NEXT_HOP_LOOP");
    assert_eq!(assumed(&dropped, name).as_deref(), Some("false"));
}

/// SG-13, PC-09
#[test]
fn a_reference_does_not_reach_another_region() {
    let far = |text: &str| {
        text.replace(
            "shared: { cidr: 10.1.0.0/16 }",
            "shared: { cidr: 10.1.0.0/16, region: eu-west-1 }",
        )
    };
    let answer = ask(&far(PEERED), "api -> db:5432");
    assert_eq!(&*answer.blockers[0].code.0, "ENI_SG_RULES_MISMATCH");
    let by_range = far(PEERED).replace("from: app,", "from: 10.0.0.0/16,");
    assert_eq!(ask(&by_range, "api -> db:5432").verdict, Verdict::Reachable);
}

/// IE-02
#[test]
fn an_endpoint_that_names_a_group_of_a_peer_is_unknown_and_says_what_helps() {
    let text = PEERED.replace(
        "instances:\n",
        "endpoints: { logs: { service: logs, subnets: [data], security_groups: [db], private_dns: false } }\n\
         interfaces: {}\ninstances:\n",
    );
    let loaded = scenario(&text.replace("port: 5432", "port: 443"));
    let world = World::new(loaded.network);
    let answer = world.ask(&"api -> eni/planned/logs@data:443".parse().unwrap()).unwrap();
    assert_eq!(answer.verdict, Verdict::Unknown);
    assert!(answer.answers[0].missing[0].fact.contains("allow their addresses instead"));
}

#[test]
fn a_peering_that_cannot_be_is_refused() {
    let with = |peering: &str| {
        format!(
            "vpcs: {{ a: {{ cidr: 10.0.0.0/16 }}, b: {{ cidr: 10.0.0.0/17 }}, c: {{ cidr: 10.2.0.0/16 }} }}\n\
             peerings: {{ p: {peering} }}\n"
        )
    };
    let (message, hint) = refusal(&with("{ vpcs: [a] }"));
    assert_eq!(message, "peering `p` joins 1 VPCs");
    assert_eq!(hint, "a peering connection joins two VPCs: `vpcs: [a, b]`");
    // PC-05
    let (message, _) = refusal(&with("{ vpcs: [a, b] }"));
    assert_eq!(message, "peering `p` joins VPCs whose blocks overlap: 10.0.0.0/16 and 10.0.0.0/17");
    assert_eq!(refusal(&with("{ vpcs: [a, a] }")).0, "peering `p` joins a VPC with itself");
    let stray = "route_tables: { t: { vpc: b, routes: { 10.2.0.0/16: p } } }";
    let (message, _) = refusal(&(with("{ vpcs: [a, c] }") + stray));
    assert_eq!(message, "route table `t` is in VPC `b`, which peering `p` does not join");
}

#[test]
fn a_peering_is_read_as_aws_answers_it() {
    let text = r#"{"VpcPeeringConnections": [{
        "VpcPeeringConnectionId": "pcx-1", "Status": {"Code": "active", "Message": "Active"},
        "RequesterVpcInfo": {"VpcId": "vpc-1", "OwnerId": "111122223333", "Region": "us-east-1", "CidrBlock": "10.0.0.0/16"},
        "AccepterVpcInfo": {"VpcId": "vpc-2", "OwnerId": "444455556666", "Region": "eu-west-1"},
        "Tags": [{"Key": "Name", "Value": "shared"}]}]}"#;
    let loaded = describe::read(&[Document::new("a.json", text)]).unwrap();
    let peering = &loaded.network.peerings["pcx-1"];
    assert_eq!((peering.state.as_str(), peering.about.name.as_deref()), ("active", Some("shared")));
    let ends: Vec<_> = peering
        .ends
        .iter()
        .map(|end| (end.vpc.as_str(), end.scope.account.as_deref(), end.scope.region.as_deref()))
        .collect();
    assert_eq!(
        ends,
        [
            ("vpc-1", Some("111122223333"), Some("us-east-1")),
            ("vpc-2", Some("444455556666"), Some("eu-west-1"))
        ]
    );
    assert!(loaded.network.coverage.covers(&Scope::default(), Kind::PeeringConnection));
}
