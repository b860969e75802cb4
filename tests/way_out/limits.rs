//! What is told beside a verdict of the way out: limits, and what AWS does not describe.

use super::{ask, ask_of, fate, scenario};
use vpc_reach::answer::Verdict::{Blocked, Reachable, Unknown};
use vpc_reach::network::Network;
use vpc_reach::read::describe::{self, Document};
use vpc_reach::read::scenario::write;

const APP: &str = "\
vpcs: { app: { cidr: 10.0.0.0/16 } }
internet_gateways: { igw: { vpc: app } }
nat_gateways: { nat: { subnet: edge } }
subnets:
  a: { vpc: app, cidr: 10.0.1.0/24, route_table: private }
  edge: { vpc: app, cidr: 10.0.9.0/24, route_table: public }
route_tables:
  private: { vpc: app, routes: { 0.0.0.0/0: nat } }
  public: { vpc: app, routes: { 0.0.0.0/0: igw } }
security_groups:
  web: { vpc: app, ingress: [{ from: 0.0.0.0/0, port: 443 }] }
instances:
  job: { subnet: a, security_groups: [web] }
  host: { subnet: edge, security_groups: [web], public_ip: true }
";

/// The texts of the findings with a code.
fn told(text: &str, query: &str, code: &str) -> Vec<String> {
    let answer = ask(text, query);
    let found = answer.findings.into_iter().filter(|one| one.code.0 == code);
    found.map(|one| one.text).collect()
}

/// NG-11
#[test]
fn hosts_that_could_open_more_than_a_nat_gateway_holds_are_told_of() {
    let of = |text: &str, to: &str| told(text, &format!("job -> {to}"), "NAT_CONNECTION_LIMIT");
    // One host shares it with nobody, and names lead to many addresses.
    assert!(of(APP, "198.51.100.7:443").is_empty());
    let several = APP.replace(
        "  job: {",
        "  two: { subnet: a, security_groups: [web] }\n  three: { subnet: a, security_groups: [web] }\n  job: {",
    );
    assert!(of(&several, "internet").is_empty() && of(&several, "s3").is_empty());
    let [text] = &*of(&several, "198.51.100.7:443") else { panic!("{several}") };
    assert!(text.contains("holds 55000 connections") && text.contains("3 interfaces"), "{text}");
    assert_eq!(fate(&several, "job -> 198.51.100.7:443").0, Reachable);
    // Four addresses hold four times as many.
    let more = several.replace(
        "nat: { subnet: edge }",
        "nat: { subnet: edge, addresses: [{ public_ip: 203.0.113.50 }, { public_ip: 203.0.113.51 }, { public_ip: 203.0.113.52 }, { public_ip: 203.0.113.53 }] }",
    );
    assert!(of(&more, "198.51.100.7:443").is_empty());
}

/// PW-15
#[test]
fn an_acl_that_keeps_icmp_out_stalls_large_transfers_behind_a_gateway() {
    let code = "PATH_MTU_DISCOVERY_BLOCKED";
    let acl = |ingress: &str| {
        format!(
            "{APP}network_acls: {{ tight: {{ vpc: app, subnets: [a], ingress: [{ingress}], egress: [{{ rule: 1, allow: 0.0.0.0/0 }}] }} }}\n"
        )
    };
    assert!(told(APP, "job -> internet", code).is_empty());
    let tcp = acl("{ rule: 1, allow: 0.0.0.0/0, protocol: tcp }");
    let [text] = &*told(&tcp, "job -> internet", code) else { panic!("{tcp}") };
    assert!(
        text.starts_with("network ACL tight of subnet a lets no ICMP `fragmentation needed`")
            && text.contains("internet-gateway igw carries packets of 1500 bytes"),
        "{text}"
    );
    assert_eq!(fate(&tcp, "job -> internet").0, Reachable);
    let heard =
        |more: &str| acl(&format!("{{ rule: 2, allow: 0.0.0.0/0, protocol: tcp }}, {more}"));
    let part = heard("{ rule: 1, allow: 10.0.0.0/8, icmp: all }");
    assert!(told(&part, "job -> internet", code)[0].contains("does not let from everywhere"));
    let all = heard("{ rule: 1, allow: 0.0.0.0/0, icmp: 3/4 }");
    assert!(told(&all, "job -> internet", code).is_empty());
    // Within the VPC all packets may be as large.
    assert!(told(&tcp, "job -> host:443", code).is_empty());
    // What is blocked is so for other reasons.
    let closed = tcp.replace("0.0.0.0/0: igw", "");
    assert_eq!(fate(&closed, "job -> internet").0, Blocked);
    assert!(told(&closed, "job -> internet", code).is_empty());
}

/// PW-15, SG-20, CT-02, CT-04
#[test]
fn connections_from_everywhere_are_tracked_or_may_not_hear_of_large_packets() {
    let codes = |text: &str, query: &str| {
        let answer = ask(text, query);
        assert_eq!(answer.verdict, Reachable, "{answer:#?}");
        let all = answer.findings.into_iter().map(|one| one.code.to_string());
        all.filter(|code| code.contains("TRACKING") || code.contains("MTU")).collect::<Vec<_>>()
    };
    // Open to everybody both ways: not tracked, and nothing lets ICMP in.
    assert_eq!(codes(APP, "internet -> host:443"), ["PATH_MTU_DISCOVERY_BLOCKED"]);
    let ping = "port: 443 }, { from: 0.0.0.0/0, icmp: 3/4 }]";
    assert!(codes(&APP.replace("port: 443 }]", ping), "internet -> host:443").is_empty());
    // Not open to every port outward: tracked, which ICMP follows.
    let tracked =
        APP.replace("web: { vpc: app,", "web: { vpc: app, egress: [{ to: 0.0.0.0/0, port: 443 }],");
    assert_eq!(codes(&tracked, "internet -> host:443"), ["CONNECTION_TRACKING_LIMIT"]);
    // CT-04: by a NAT gateway always; and that is no client from everywhere.
    let open = APP.replace("from: 0.0.0.0/0, port: 443", "from: 0.0.0.0/0");
    assert!(codes(&open, "job -> internet").is_empty());
    assert_eq!(codes(&open, "host -> internet"), Vec::<String>::new());
    let tcp = open.replace("from: 0.0.0.0/0 }", "from: 0.0.0.0/0, protocol: tcp }");
    assert_eq!(codes(&tcp, "host -> internet"), ["PATH_MTU_DISCOVERY_BLOCKED"]);
}

/// `host` with a second interface in the private subnet, where `near` is its neighbour.
fn two_interfaces(more: &str) -> String {
    let text = APP.replace(
        "  host: { subnet: edge, security_groups: [web], public_ip: true }\n",
        "  host: { interfaces: [first, second] }\n  near: { subnet: a, security_groups: [web] }\n  far: { subnet: edge, security_groups: [web] }\n",
    );
    let interface = |name: &str, subnet: &str, more: &str| {
        format!("  {name}: {{ subnet: {subnet}, instance: host, security_groups: [web]{more} }}\n")
    };
    format!(
        "{text}interfaces:\n{}{}",
        interface("first", "edge", more),
        interface("second", "a", "")
    )
}

/// PW-17, GUEST_POLICY_ROUTING
#[test]
fn a_host_that_answers_by_its_primary_interface_loses_the_replies_of_others() {
    let ask_assuming = |text: &str, value: &str, query: &str| {
        let mut network = scenario(text).network;
        network.assumptions.set("GUEST_POLICY_ROUTING", value).unwrap();
        let answer = ask_of(network, query);
        let code = answer.blockers.first().map(|one| one.code.to_string()).unwrap_or_default();
        let rests = answer.assumptions.iter().any(|one| one.name == "GUEST_POLICY_ROUTING");
        (answer.verdict, code, rests)
    };
    let text = two_interfaces("");
    let usual = |query| ask_assuming(&text, "true", query);
    let turned = |query| ask_assuming(&text, "false", query);
    let none = String::new;
    assert_eq!(usual("far -> eni/second:443"), (Reachable, none(), true));
    let lost = (Blocked, "ENI_ADDRESS_RESTRICTION".to_owned(), true);
    assert_eq!(turned("far -> eni/second:443"), lost);
    // On its own link it needs no route, and the primary interface is nobody else's.
    assert_eq!(turned("near -> eni/second:443"), (Reachable, none(), false));
    assert_eq!(turned("near -> eni/first:443"), (Reachable, none(), false));
    // Without its check the primary interface sends them, and what becomes of them is open.
    let unchecked = two_interfaces(", source_dest_check: false");
    assert_eq!(ask_assuming(&unchecked, "false", "far -> eni/second:443").0, Unknown);
}

/// AP-02, UNKNOWN_FIELDS_NO_EFFECT
#[test]
fn fields_that_nobody_describes_are_read_and_can_be_taken_to_matter() {
    let read = |name: &str, text: &str| {
        let document = Document::new(name, text);
        describe::read(&[document]).unwrap().network
    };
    let nat = |field: &str| {
        read(
            "nat.json",
            &format!(
                r#"{{"NatGateways": [{{"NatGatewayId": "nat-1", "VpcId": "vpc-1", "State": "available"{field}}}]}}"#
            ),
        )
    };
    let set = |network: &Network| network.nat_gateways["nat-1"].undocumented.clone();
    assert!(set(&nat("")).is_empty() && set(&nat(r#", "AttachedAppliances": []"#)).is_empty());
    let one = nat(r#", "AttachedAppliances": [{"Type": "network-firewall-proxy"}]"#);
    assert_eq!(set(&one), ["AttachedAppliances"]);
    let hub = |value: &str| {
        let text = format!(
            r#"{{"TransitGateways": [{{"TransitGatewayId": "tgw-1", "Options": {{"NatGatewaySupport": "{value}"}}}}]}}"#
        );
        read("tgw.json", &text).transit_gateways["tgw-1"].undocumented.clone()
    };
    assert_eq!(hub("enable"), ["NatGatewaySupport"]);
    assert!(hub("disable").is_empty());
    let peering = read(
        "pcx.json",
        r#"{"VpcPeeringConnections": [{"VpcPeeringConnectionId": "pcx-1", "Status": {"Code": "active"},
            "RequesterVpcInfo": {"VpcId": "vpc-1"}, "AccepterVpcInfo": {"VpcId": "vpc-2"},
            "MultipathResilienceStatus": "enabled"}]}"#,
    );
    assert_eq!(peering.peerings["pcx-1"].undocumented, ["MultipathResilienceStatus"]);

    // A written scenario keeps them, and what goes through rests on the open point.
    let text = APP.replace(
        "nat: { subnet: edge }",
        "nat: { subnet: edge, undocumented: [AttachedAppliances] }",
    );
    let mut network = scenario(&text).network;
    let set_of = |network: &Network| network.nat_gateways["nat"].undocumented.clone();
    assert_eq!(set_of(&scenario(&write(&network)).network), ["AttachedAppliances"]);
    let usual = ask_of(network.clone(), "job -> internet");
    assert_eq!(usual.verdict, Reachable);
    assert!(usual.assumptions.iter().any(|one| one.name == "UNKNOWN_FIELDS_NO_EFFECT"));
    network.assumptions.set("UNKNOWN_FIELDS_NO_EFFECT", "false").unwrap();
    let turned = ask_of(network, "job -> internet");
    assert_eq!(turned.verdict, Unknown);
    assert!(turned.missing[0].fact.contains("AttachedAppliances"), "{turned:#?}");
}
