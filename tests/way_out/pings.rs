//! Pings.

use super::{ask, fate};
use vpc_reach::answer::Direction;
use vpc_reach::answer::Verdict::{Blocked, Reachable, Unknown};

/// A job behind a NAT gateway, a database that answers pings, gateway and interface endpoints.
const APP: &str = "\
vpcs: { app: { cidr: 10.0.0.0/16 } }
subnets:
  public-a: { vpc: app, cidr: 10.0.101.0/24, route_table: public }
  a: { vpc: app, cidr: 10.0.1.0/24, route_table: private, network_acl: a }
  b: { vpc: app, cidr: 10.0.2.0/24, route_table: private }
internet_gateways: { igw: { vpc: app } }
nat_gateways: { nat: { subnet: public-a } }
route_tables:
  public: { vpc: app, routes: { 0.0.0.0/0: igw } }
  private: { vpc: app, routes: { 0.0.0.0/0: nat } }
endpoints:
  s3: { service: s3, route_tables: [private] }
  logs: { service: logs, subnets: [b], security_groups: [open] }
network_acls:
  a: { vpc: app, subnets: [a], ingress: [{ rule: 100, allow: 0.0.0.0/0 }], egress: [{ rule: 100, allow: 0.0.0.0/0 }] }
security_groups:
  open: { vpc: app, ingress: [{ from: 0.0.0.0/0 }] }
  db: { vpc: app, ingress: [{ from: 10.0.0.0/16, protocol: icmp, icmp: 8 }] }
load_balancers: { front: { subnets: [a, b], scheme: internal, type: network, security_groups: [open], listeners: { 443: web } } }
target_groups: { web: { vpc: app, port: 443, protocol: TCP } }
instances:
  job: { subnet: a, security_groups: [open] }
  db: { subnet: b, address: 10.0.2.20, security_groups: [db] }
";

/// SG-04: ping in is type 8.
#[test]
fn a_ping_is_let_in_by_its_type() {
    assert_eq!(fate(APP, "job -> db/icmp").0, Reachable);
    assert_eq!(fate(APP, "job -> db:5432"), (Blocked, "ENI_SG_RULES_MISMATCH".into()));
    for other in ["icmp: 0", "icmp: 8/1", "icmp: 3/4"] {
        let text = APP.replace("icmp: 8 ", &format!("{other} "));
        assert_eq!(fate(&text, "job -> db/icmp"), (Blocked, "ENI_SG_RULES_MISMATCH".into()));
    }
    let any = APP.replace(", icmp: 8 ", " ");
    assert_eq!(fate(&any, "job -> db/icmp").0, Reachable);
    let code = APP.replace("icmp: 8 ", "icmp: 8/0 ");
    assert_eq!(fate(&code, "job -> 10.0.2.20/icmp").0, Reachable);
}

/// NA-05, CT-03: an ACL sees the answer, type 0, on its own; groups let it pass.
#[test]
fn an_acl_must_let_the_answer_to_a_ping_back_in() {
    let only = |kind| {
        let entry =
            format!("ingress: [{{ rule: 100, allow: 0.0.0.0/0, protocol: icmp, icmp: {kind} }}]");
        APP.replace("ingress: [{ rule: 100, allow: 0.0.0.0/0 }]", &entry)
    };
    assert_eq!(fate(&only("0"), "job -> db/icmp").0, Reachable);
    let answer = ask(&only("8"), "job -> db/icmp");
    assert_eq!(answer.verdict, Blocked);
    let first = &answer.blockers[0];
    assert_eq!((&*first.code.0, first.direction), ("SUBNET_ACL_RESTRICTION", Direction::Return));
}

/// NG-05
#[test]
fn a_nat_gateway_carries_pings() {
    // Nobody knows which addresses S3 has.
    let text = APP.replace("  s3: { service: s3, route_tables: [private] }\n", "");
    let answer = ask(&text, "job -> 198.51.100.7/icmp");
    assert_eq!(answer.verdict, Reachable, "{answer:#?}");
    assert!(answer.hops.iter().any(|hop| hop.rule.0 == "NG-03"));
    assert_eq!(answer.destination.port, None);
}

/// GE-05
#[test]
fn a_gateway_endpoint_takes_pings_and_no_udp() {
    assert_eq!(fate(APP, "job -> s3/icmp").0, Reachable);
    let code = "VPCE_GATEWAY_PROTOCOL_RESTRICTION";
    assert_eq!(fate(APP, "job -> s3:443/udp"), (Blocked, code.into()));
}

/// IE-05
#[test]
fn an_interface_endpoint_answers_no_pings() {
    assert_eq!(fate(APP, "job -> logs").0, Reachable);
    assert_eq!(fate(APP, "job -> logs/icmp"), (Blocked, "ENDPOINT_ANSWERS_NO_PING".into()));
}

/// What nobody documents is not guessed.
#[test]
fn whether_load_balancers_and_link_local_services_answer_pings_is_unknown() {
    assert_eq!(fate(APP, "job -> front/icmp").0, Unknown);
    assert_eq!(fate(APP, "job -> 169.254.169.253/icmp").0, Unknown);
    assert_eq!(fate(APP, "job -> 169.254.169.253:53/udp").0, Reachable);
}

/// NG-05, NG-13
#[test]
fn a_ping_of_ipv6_is_icmpv6() {
    const SIX: &str = "\
vpcs: { app: { cidr: 10.0.0.0/16, ipv6_cidr: 2600:1f18:0:100::/56 } }
subnets:
  edge: { vpc: app, cidr: 10.0.0.0/24, route_table: edge }
  six: { vpc: app, ipv6_cidr: 2600:1f18:0:102::/64, route_table: six }
  far: { vpc: app, ipv6_cidr: 2600:1f18:0:103::/64, route_table: six }
internet_gateways: { igw: { vpc: app } }
nat_gateways: { nat: { subnet: edge } }
route_tables:
  edge: { vpc: app, routes: { 0.0.0.0/0: igw } }
  six: { vpc: app, routes: { \"64:ff9b::/96\": nat } }
security_groups:
  ping: { vpc: app, ingress: [{ from: \"::/0\", protocol: icmpv6, icmp: 128 }], egress: [{ to: \"::/0\" }] }
instances:
  one: { subnet: six, ipv6_address: \"2600:1f18:0:102::10\", security_groups: [ping] }
  two: { subnet: far, ipv6_address: \"2600:1f18:0:103::10\", security_groups: [ping] }
";
    assert_eq!(fate(SIX, "one -> two/icmp").0, Reachable);
    assert_eq!(fate(SIX, "one -> two icmp").0, Reachable);
    for other in ["protocol: icmp, icmp: 8", "protocol: icmpv6, icmp: 129"] {
        let text = SIX.replace("protocol: icmpv6, icmp: 128", other);
        assert_eq!(fate(&text, "one -> two/icmp"), (Blocked, "ENI_SG_RULES_MISMATCH".into()));
    }
    assert_eq!(fate(SIX, "one -> [64:ff9b::c000:201]:443").0, Reachable);
    assert_eq!(fate(SIX, "one -> [64:ff9b::c000:201]/icmp").0, Unknown);
}
