//! IPv6: what a person asks, and what they are told.

use vpc_reach::answer::{Answer, Failure, Verdict};
use vpc_reach::network::Network;
use vpc_reach::query::World;
use vpc_reach::read::describe::{self, Document};
use vpc_reach::read::scenario;

fn network(text: &str) -> Network {
    scenario::read("reach.yaml", text, &mut |base| panic!("no base {base}")).unwrap().network
}

fn all_in(network: Network, query: &str) -> Vec<Answer> {
    World::new(network).ask(&query.parse().unwrap()).unwrap().answers
}

fn ask(text: &str, query: &str) -> Answer {
    all_in(network(text), query).remove(0)
}

fn code(answer: &Answer) -> &str {
    answer.blockers.first().map_or("", |first| &first.code.0)
}

/// A VPC with an IPv4 default route to an internet gateway, and none of IPv6.
const DUAL: &str = "\
vpcs: { app: { cidr: 10.0.0.0/16, ipv6_cidr: 2600:1f18:0:100::/56 } }
internet_gateways: { igw: { vpc: app } }
egress_only_internet_gateways: { eigw: { vpc: app } }
nat_gateways: { nat: { subnet: edge } }
subnets:
  edge: { vpc: app, cidr: 10.0.0.0/24, route_table: edge }
  both: { vpc: app, cidr: 10.0.1.0/24, ipv6_cidr: 2600:1f18:0:101::/64, route_table: both }
  six: { vpc: app, ipv6_cidr: 2600:1f18:0:102::/64, route_table: six }
route_tables:
  edge: { vpc: app, routes: { 0.0.0.0/0: igw } }
  both: { vpc: app, routes: { 0.0.0.0/0: igw } }
  six: { vpc: app }
security_groups: { open: { vpc: app, ingress: [{ from: [0.0.0.0/0, \"::/0\"] }] } }
instances:
  web: { subnet: both, address: 10.0.1.10, ipv6_address: \"2600:1f18:0:101::10\", public_ip: true, security_groups: [open] }
  old: { subnet: both, address: 10.0.1.11, security_groups: [open] }
  new: { subnet: six, ipv6_address: \"2600:1f18:0:102::10\", security_groups: [open] }
";

fn with(from: &str, to: &str) -> String {
    assert!(DUAL.contains(from), "{from}");
    DUAL.replacen(from, to, 1)
}

/// The routes of the table `six`.
fn routed(routes: &str) -> String {
    with("six: { vpc: app }\n", &format!("six: {{ vpc: app, routes: {{ {routes} }} }}\n"))
}

/// PW-14, IG-06
#[test]
fn a_default_route_of_ipv4_is_none_of_ipv6() {
    let answer = ask(DUAL, "web -> [2001:4860:4860::8888]:443");
    assert_eq!(code(&answer), "NO_ROUTE_TO_DESTINATION", "{answer:#?}");
    assert_eq!(answer.source.addresses, "2600:1f18:0:101::10");
    assert_eq!(ask(DUAL, "web -> 8.8.8.8:443").verdict, Verdict::Reachable);
    let text = with(
        "both: { vpc: app, routes: { 0.0.0.0/0: igw } }",
        "both: { vpc: app, routes: { \"::/0\": igw } }",
    );
    let answer = ask(&text, "web -> [2001:4860:4860::8888]:443");
    assert_eq!(answer.verdict, Verdict::Reachable, "{answer:#?}");
    assert!(answer.hops.iter().any(|hop| hop.rule.0 == "IG-06"));
    assert_eq!(code(&ask(&text, "web -> 8.8.8.8:443")), "NO_ROUTE_TO_DESTINATION");
    let text = routed("\"::/0\": igw");
    assert_eq!(ask(&text, "internet -> new:443").verdict, Verdict::Reachable);
}

/// PW-16
#[test]
fn a_client_without_the_family_fails_at_once() {
    let answer = ask(DUAL, "new -> 192.0.2.1:443");
    assert_eq!((answer.verdict, answer.failure), (Verdict::Blocked, Some(Failure::Unreachable)));
    assert_eq!(code(&answer), "ENI_WITHOUT_ADDRESS_FAMILY");
    assert_eq!(answer.blockers[0].symptom.as_deref(), Some("Network is unreachable, at once"));
    assert_eq!(code(&ask(DUAL, "old -> [2001:db8::1]:443")), "ENI_WITHOUT_ADDRESS_FAMILY");
    // Services on the link itself are reached all the same.
    let answer = ask(DUAL, "new -> 169.254.169.253:53/udp");
    assert_eq!(answer.verdict, Verdict::Reachable, "{answer:#?}");
    assert_eq!(ask(DUAL, "new -> [fd00:ec2::253]:53/udp").verdict, Verdict::Reachable);
    // Of two families, one that both have.
    assert_eq!(ask(DUAL, "web -> new:443").destination.addresses, "2600:1f18:0:102::10");
    assert_eq!(ask(DUAL, "web -> old:443").destination.addresses, "10.0.1.11");
    assert_eq!(code(&ask(DUAL, "old -> new:443")), "ENI_WITHOUT_ADDRESS_FAMILY");
}

/// IG-09
#[test]
fn an_egress_only_gateway_lets_replies_in_and_nothing_else() {
    let text = routed("\"::/0\": eigw");
    let answer = ask(&text, "new -> [2001:4860:4860::8888]:443");
    assert_eq!(answer.verdict, Verdict::Reachable, "{answer:#?}");
    let answer = ask(&text, "internet -> new:22");
    assert_eq!((answer.verdict, code(&answer)), (Verdict::Blocked, "RETURN_PATH_ASYMMETRIC"));
    let without = text.replace(
        "internet_gateways: { igw: { vpc: app } }\negress",
        "internet_gateways: { igw: {} }\negress",
    );
    let answer = ask(&without, "internet -> new:22");
    assert_eq!(code(&answer), "BAD_STATE_ATTACHMENT");
}

/// IG-10
#[test]
fn private_ipv6_stays_inside() {
    for text in [
        with("2600:1f18:0:100::/56 }", "2600:1f18:0:100::/56, ipv6_private: true }"),
        DUAL.replace("2600:1f18", "fd00:10"),
    ] {
        let text =
            text.replace("six: { vpc: app }\n", "six: { vpc: app, routes: { \"::/0\": eigw } }\n");
        let answer = ask(&text, "new -> [2001:4860:4860::8888]:443");
        assert_eq!(code(&answer), "IPV6_ADDRESS_NOT_PUBLIC", "{answer:#?}");
        assert_eq!(ask(&text, "new -> web:443").verdict, Verdict::Reachable);
    }
}

/// RT-10
#[test]
fn reserved_ipv6_is_never_forwarded() {
    let answer = ask(&routed("\"::/0\": eigw"), "new -> [fd00:ec2::9]:443");
    assert_eq!(code(&answer), "NO_ROUTE_TO_DESTINATION");
}

/// SG-07, NA-03
#[test]
fn rules_and_entries_of_ipv4_mean_no_ipv6() {
    let text = with("[0.0.0.0/0, \"::/0\"]", "0.0.0.0/0");
    assert_eq!(code(&ask(&text, "web -> new:443")), "ENI_SG_RULES_MISMATCH");
    assert_eq!(ask(&text, "web -> old:443").verdict, Verdict::Reachable);
    let acl = "network_acls: { strict: { vpc: app, subnets: [six], ingress: [{ rule: 1, allow: 0.0.0.0/0 }], egress: [{ rule: 1, allow: 0.0.0.0/0 }] } }\n";
    let answer = ask(&format!("{DUAL}{acl}"), "web -> new:443");
    assert_eq!(code(&answer), "SUBNET_ACL_RESTRICTION");
}

/// SG-09
#[test]
fn a_reference_means_ipv6_addresses_as_long_as_that_is_assumed() {
    let text = with("[0.0.0.0/0, \"::/0\"]", "open");
    let answer = ask(&text, "web -> new:443");
    assert_eq!(answer.verdict, Verdict::Reachable, "{answer:#?}");
    assert!(answer.assumptions.iter().any(|one| one.name == "SG_REF_MATCHES_IPV6"));
    let mut flipped = network(&text);
    flipped.assumptions.set("SG_REF_MATCHES_IPV6", "false").unwrap();
    assert_eq!(code(&all_in(flipped, "web -> new:443")[0]), "ENI_SG_RULES_MISMATCH");
    let answer = ask(&text, "web -> old:443");
    assert!(answer.assumptions.iter().all(|one| one.name != "SG_REF_MATCHES_IPV6"));
}

/// NG-13
#[test]
fn a_nat_gateway_translates_the_addresses_that_stand_for_ipv4() {
    let text = routed("\"64:ff9b::/96\": nat");
    let answer = ask(&text, "new -> [64:ff9b::c000:201]:443");
    assert_eq!(answer.verdict, Verdict::Reachable, "{answer:#?}");
    // To a private host of the VPC, and back.
    assert_eq!(ask(&text, "new -> [64:ff9b::10.0.1.11]:443").verdict, Verdict::Reachable);
    // Before the gateway it is IPv6.
    let closed =
        text.replace("ingress: [{ from: [0.0.0.0/0, \"::/0\"] }]", "egress: [{ to: 0.0.0.0/0 }]");
    assert_eq!(code(&ask(&closed, "new -> [64:ff9b::c000:201]:443")), "ENI_SG_RULES_MISMATCH");
    // Behind it, the gateway's own way out counts.
    let stuck =
        text.replace("edge: { vpc: app, routes: { 0.0.0.0/0: igw } }", "edge: { vpc: app }");
    assert_eq!(code(&ask(&stuck, "new -> [64:ff9b::c000:201]:443")), "NO_ROUTE_TO_DESTINATION");
    let answer = ask(&routed("\"::/0\": nat"), "new -> [2001:4860:4860::8888]:443");
    assert_eq!(code(&answer), "NAT_TRANSLATES_NO_OTHER_IPV6");
}

/// NG-13, IMG-09
#[test]
fn a_name_without_ipv6_needs_dns64() {
    let answer = ask(DUAL, "new -> ecr.dkr");
    assert_eq!((answer.failure, code(&answer)), (Some(Failure::NoName), "NAME_WITHOUT_IPV6"));
    let text =
        routed("\"64:ff9b::/96\": nat").replace("102::/64, route", "102::/64, dns64: true, route");
    let answer = ask(&text, "new -> ecr.dkr");
    assert_eq!(answer.verdict, Verdict::Reachable, "{answer:#?}");
    assert_eq!(answer.name.unwrap().rule.0, "NG-13");
    // DNS64 without the route leads nowhere.
    let text = with("102::/64, route", "102::/64, dns64: true, route");
    assert_eq!(code(&ask(&text, "new -> ecr.dkr")), "NO_ROUTE_TO_DESTINATION");
    // A dual-stack name takes the IPv6 path.
    let host = "111122223333.dkr-ecr.us-east-1.on.aws";
    let answer = ask(&routed("\"::/0\": eigw"), &format!("new -> {host}"));
    assert_eq!(answer.verdict, Verdict::Reachable, "{answer:#?}");
    assert_eq!(code(&ask(DUAL, &format!("new -> {host}"))), "NO_ROUTE_TO_DESTINATION");
}

/// Whether a host has IPv6 addresses matters only where it would decide.
#[test]
fn what_is_not_known_of_a_name_is_told_only_where_it_matters() {
    let text = routed("\"::/0\": eigw");
    let answer = ask(&text, "new -> logs");
    assert_eq!(answer.verdict, Verdict::Unknown, "{answer:#?}");
    assert!(answer.missing[0].fact.contains("has IPv6 addresses"));
    assert_eq!(ask(DUAL, "new -> logs").verdict, Verdict::Blocked);
    assert_eq!(ask(DUAL, "web -> logs").verdict, Verdict::Reachable);
}

/// PW-16
#[test]
fn ipv6_that_fails_beside_ipv4_that_works_is_slow() {
    let host = "web -> s3.dualstack.us-east-1.amazonaws.com";
    let answer = ask(DUAL, host);
    assert_eq!(answer.verdict, Verdict::Reachable, "{answer:#?}");
    assert!(answer.findings.iter().any(|one| one.code.0 == "IPV6_BLOCKED_IPV4_WORKS"));
    let text = with(
        "both: { vpc: app, routes: { 0.0.0.0/0: igw } }",
        "both: { vpc: app, routes: { \"::/0\": igw } }",
    );
    let answers = all_in(network(&text), host);
    assert!(answers.iter().all(|one| one.verdict == Verdict::Reachable), "{answers:#?}");
    assert!(answers[0].source.addresses.contains("2600"));
}

/// IE-09
#[test]
fn an_endpoint_has_the_families_that_it_is_given() {
    let endpoint = "endpoints: { dkr: { service: ecr.dkr, subnets: [both], security_groups: [open], ip_address_type: dualstack } }\n";
    let answer = ask(&format!("{DUAL}{endpoint}"), "new -> ecr.dkr");
    assert_eq!(answer.verdict, Verdict::Reachable, "{answer:#?}");
    let v4 = endpoint.replace(", ip_address_type: dualstack", "");
    assert_eq!(code(&ask(&format!("{DUAL}{v4}"), "new -> ecr.dkr")), "NAME_WITHOUT_IPV6");
    assert_eq!(ask(&format!("{DUAL}{v4}"), "old -> ecr.dkr").verdict, Verdict::Reachable);
    // IG-06: nothing from the internet gets to it.
    let captured = r#"{"NetworkInterfaces": [{"NetworkInterfaceId": "eni-1", "SubnetId": "subnet-1", "VpcId": "vpc-1",
        "Status": "in-use", "DenyAllIgwTraffic": true, "Ipv6Addresses": [{"Ipv6Address": "2600::1"}]}]}"#;
    let loaded =
        describe::read(&[Document::new("describe-network-interfaces.json", captured)]).unwrap();
    assert!(loaded.network.interfaces.values().all(|one| one.deny_igw));
}

/// GE-06
#[test]
fn a_gateway_endpoint_takes_ipv6_only_where_it_has_that_family() {
    let query = "new -> s3.dualstack.us-east-1.amazonaws.com";
    let endpoint = "endpoints: { s3: { service: s3, route_tables: [six] } }\n";
    assert_eq!(code(&ask(&format!("{DUAL}{endpoint}"), query)), "NO_ROUTE_TO_DESTINATION");
    let dual = endpoint.replace("[six]", "[six], ip_address_type: dualstack");
    let answer = ask(&format!("{DUAL}{dual}"), query);
    assert_eq!(answer.verdict, Verdict::Reachable, "{answer:#?}");
    assert!(answer.hops.iter().any(|hop| hop.rule.0 == "GE-01"), "{answer:#?}");
    // A route for IPv6 to an endpoint without it: AWS has none, and does not say what it would do.
    let list = "com.amazonaws.us-east-1.ipv6.s3";
    let answer = ask(&format!("{}{endpoint}", routed(&format!("{list}: s3"))), query);
    assert_eq!(answer.verdict, Verdict::Unknown, "{answer:#?}");
    assert_eq!(answer.missing[0].fact, "what endpoint s3 does with IPv6");
}

/// PLC-18
#[test]
fn a_task_on_ec2_has_ipv6_only_where_the_account_has_it_switched_on() {
    let text = format!(
        "{}services: {{ job: {{ launch_type: EC2, subnets: [both], security_groups: [open] }} }}\n",
        with(
            "both: { vpc: app, routes: { 0.0.0.0/0: igw } }",
            "both: { vpc: app, routes: { \"::/0\": igw } }"
        )
    );
    let query = "job -> [2001:4860:4860::8888]:443";
    assert_eq!(code(&ask(&text, query)), "ENI_WITHOUT_ADDRESS_FAMILY");
    let mut on = network(&text);
    on.assumptions.set("EC2_TASK_IPV6_NEEDS_SETTING", "false").unwrap();
    let answer = all_in(on, query).remove(0);
    assert_eq!(answer.verdict, Verdict::Reachable, "{answer:#?}");
}

/// PC-06
#[test]
fn a_peering_carries_ipv6_where_both_sides_route_it() {
    let text = "\
vpcs: { a: { cidr: 10.0.0.0/16, ipv6_cidr: 2600:1f18:0:100::/56 }, b: { cidr: 10.1.0.0/16, ipv6_cidr: 2600:1f18:0:200::/56 } }
peerings: { a-b: { vpcs: [a, b] } }
subnets:
  a: { vpc: a, ipv6_cidr: 2600:1f18:0:101::/64, route_table: a }
  b: { vpc: b, ipv6_cidr: 2600:1f18:0:201::/64, route_table: b }
route_tables:
  a: { vpc: a, routes: { \"2600:1f18:0:200::/56\": a-b } }
  b: { vpc: b, routes: { \"2600:1f18:0:100::/56\": a-b } }
security_groups: { open: { vpc: b, ingress: [{ from: \"::/0\" }] } }
instances:
  one: { subnet: a, ipv6_address: \"2600:1f18:0:101::10\" }
  two: { subnet: b, ipv6_address: \"2600:1f18:0:201::10\", security_groups: [open] }
";
    let answer = ask(text, "one -> two:443");
    assert_eq!(answer.verdict, Verdict::Reachable, "{answer:#?}");
    let text =
        text.replace("b: { vpc: b, routes: { \"2600:1f18:0:100::/56\": a-b } }", "b: { vpc: b }");
    assert_eq!(code(&ask(&text, "one -> two:443")), "NO_ROUTE_TO_DESTINATION");
}

/// TG-07
#[test]
fn a_transit_gateway_attachment_carries_ipv6_where_that_is_switched_on() {
    let text = "\
vpcs: { a: { cidr: 10.0.0.0/16, ipv6_cidr: 2600:1f18:0:100::/56 }, b: { cidr: 10.1.0.0/16, ipv6_cidr: 2600:1f18:0:200::/56 } }
transit_gateways: { hub: {} }
transit_gateway_attachments:
  to-a: { transit_gateway: hub, subnets: [a], ipv6: true }
  to-b: { transit_gateway: hub, subnets: [b], ipv6: true }
subnets:
  a: { vpc: a, cidr: 10.0.1.0/24, ipv6_cidr: 2600:1f18:0:101::/64, route_table: a }
  b: { vpc: b, cidr: 10.1.1.0/24, ipv6_cidr: 2600:1f18:0:201::/64, route_table: b }
route_tables:
  a: { vpc: a, routes: { 10.1.0.0/16: hub, \"2600:1f18:0:200::/56\": hub } }
  b: { vpc: b, routes: { 10.0.0.0/16: hub, \"2600:1f18:0:100::/56\": hub } }
security_groups: { open: { vpc: b, ingress: [{ from: [0.0.0.0/0, \"::/0\"] }] } }
instances:
  one: { subnet: a, address: 10.0.1.10, ipv6_address: \"2600:1f18:0:101::10\" }
  two: { subnet: b, address: 10.1.1.10, ipv6_address: \"2600:1f18:0:201::10\", security_groups: [open] }
";
    let six = "one -> [2600:1f18:0:201::10]:443";
    let answer = ask(text, six);
    assert_eq!(answer.verdict, Verdict::Reachable, "{answer:#?}");
    let text = text.replace("subnets: [b], ipv6: true", "subnets: [b]");
    assert_eq!(code(&ask(&text, six)), "TGW_ATTACHMENT_WITHOUT_IPV6");
    assert_eq!(ask(&text, "one -> 10.1.1.10:443").verdict, Verdict::Reachable);
}

/// PW-07
#[test]
fn the_reserved_ipv6_addresses_of_a_subnet_belong_to_nobody() {
    let text = with("2600:1f18:0:102::10", "2600:1f18:0:102::3");
    let error = scenario::read("reach.yaml", &text, &mut |_| panic!()).unwrap_err();
    assert!(error.message.contains("which AWS reserves"), "{error:?}");
}

/// A service in a dual-stack subnet, behind a target group of IPv6.
const BEHIND: &str = "\
load_balancers: { front: { scheme: internal, subnets: [both], security_groups: [open], listeners: { 443: web }, ip_address_type: dualstack } }
target_groups: { web: { vpc: app, port: 8080, ip_address_type: ipv6 } }
services: { web-six: { subnets: [six], security_groups: [open], target_group: web } }
";

/// LBT-09
#[test]
fn a_dual_stack_balancer_reaches_targets_that_have_ipv6_only() {
    let text = format!("{DUAL}{BEHIND}");
    let answer = ask(&text, "front -> web-six:8080");
    assert_eq!(answer.verdict, Verdict::Reachable, "{answer:#?}");
    let v4 = text.replace(", ip_address_type: dualstack", "");
    assert_eq!(code(&ask(&v4, "front -> web-six:8080")), "ENI_WITHOUT_ADDRESS_FAMILY");
    // A group of IPv4 cannot hold such a target.
    let group = text.replace(", ip_address_type: ipv6 }", " }");
    let answer = ask(&group, "front -> web-six:8080");
    assert_eq!(code(&answer), "ENI_WITHOUT_ADDRESS_FAMILY", "{answer:#?}");
}

/// LBT-09
#[test]
fn a_leg_to_a_group_of_ipv6_goes_over_ipv6_though_both_have_ipv4() {
    let text = format!("{DUAL}{BEHIND}").replace("subnets: [six], sec", "subnets: [both], sec");
    let answer = ask(&text, "front -> web-six:8080");
    assert_eq!(answer.verdict, Verdict::Reachable, "{answer:#?}");
    assert!(answer.destination.addresses.contains("2600:1f18"), "{answer:#?}");
    assert!(answer.source.addresses.contains("2600:1f18"), "{answer:#?}");
    // Rules of IPv4 do not help it.
    let text = text.replace("[0.0.0.0/0, \"::/0\"]", "0.0.0.0/0");
    assert_eq!(code(&ask(&text, "front -> web-six:8080")), "ENI_SG_RULES_MISMATCH");
    let group = text.replace(", ip_address_type: ipv6 }", " }");
    assert_eq!(ask(&group, "front -> web-six:8080").verdict, Verdict::Reachable);
}

/// NLB-01
#[test]
fn targets_of_a_network_balancer_see_the_ipv6_addresses_of_its_clients() {
    let text = format!("{DUAL}{BEHIND}")
        .replace("front: { scheme", "front: { type: network, scheme")
        .replace("port: 8080, ip", "port: 8080, preserve_client_ip: true, ip")
        .replace(
            "security_groups: { open:",
            "security_groups: { own: { vpc: app, ingress: [{ from: \"2600:1f18:0:101::/64\" }] }, open:",
        )
        .replace("subnets: [six], security_groups: [open]", "subnets: [six], security_groups: [own]");
    // The rule is for the nodes, and not for all clients there may be.
    let answer = ask(&text, "front -> web-six:8080");
    assert_eq!(answer.verdict, Verdict::Intermittent, "{answer:#?}");
    let text = text.replace(", preserve_client_ip: true", ", preserve_client_ip: false");
    assert_eq!(ask(&text, "front -> web-six:8080").verdict, Verdict::Reachable);
}

/// LBT-09, IG-11
#[test]
fn a_dual_stack_balancer_is_tried_over_ipv6_first() {
    let text = format!("{DUAL}{BEHIND}").replace("subnets: [six], sec", "subnets: [both], sec");
    assert_eq!(ask(&text, "new -> front").verdict, Verdict::Reachable);
    let v4 = text.replace("[0.0.0.0/0, \"::/0\"]", "0.0.0.0/0");
    let answer = ask(&v4, "web -> front");
    assert_eq!(answer.verdict, Verdict::Reachable, "{answer:#?}");
    assert!(answer.findings.iter().any(|one| one.code.0 == "IPV6_BLOCKED_IPV4_WORKS"));
    assert_eq!(code(&ask(&v4, "new -> front")), "ENI_SG_RULES_MISMATCH");
    // One of IPv4 has no address for IPv6-only clients, unless DNS64 makes some.
    let old = text
        .replace("listeners: { 443: web }, ip_address_type: dualstack", "listeners: { 443: web }");
    assert_eq!(code(&ask(&old, "new -> front")), "ENI_WITHOUT_ADDRESS_FAMILY");
    let made = old.replace("102::/64, route", "102::/64, dns64: true, route");
    assert_eq!(ask(&made, "new -> front").verdict, Verdict::Unknown);
    // IPv6 that works is enough.
    let v6 = text.replace("[0.0.0.0/0, \"::/0\"]", "\"::/0\"");
    let answer = ask(&v6, "web -> front");
    assert_eq!(answer.verdict, Verdict::Reachable, "{answer:#?}");
    assert!(answer.destination.addresses.contains("2600:1f18"), "{answer:#?}");
    // Without public IPv4 addresses, the internet gets in over IPv6 only.
    let public = text.replace("scheme: internal", "scheme: internet-facing").replace(
        "ip_address_type: dualstack }",
        "ip_address_type: dualstack-without-public-ipv4 }",
    );
    assert_eq!(code(&ask(&public, "internet -> front")), "NO_ROUTE_TO_DESTINATION");
    let routed = public.replace(
        "both: { vpc: app, routes: { 0.0.0.0/0: igw } }",
        "both: { vpc: app, routes: { \"::/0\": igw } }",
    );
    let answer = ask(&routed, "internet -> front");
    assert_eq!(answer.verdict, Verdict::Reachable, "{answer:#?}");
    assert_eq!(code(&ask(&routed, "old -> front")), "ENI_WITHOUT_ADDRESS_FAMILY");
}
