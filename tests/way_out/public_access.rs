//! VPC Block Public Access.

use super::{ask, ask_of, fate, refusal, scenario};
use vpc_reach::answer::Verdict::{Blocked, Intermittent, Reachable, Unknown};
use vpc_reach::answer::{Answer, Verdict};
use vpc_reach::read::describe::{self, Document};

/// A public host, and a private one behind a NAT gateway.
const APP: &str = "\
vpcs: { app: { cidr: 10.0.0.0/16 } }
subnets:
  public-a: { vpc: app, cidr: 10.0.101.0/24, route_table: public }
  nat-a: { vpc: app, cidr: 10.0.102.0/24, route_table: public }
  private-a: { vpc: app, cidr: 10.0.1.0/24, route_table: private }
internet_gateways: { igw: { vpc: app } }
nat_gateways: { nat: { subnet: nat-a } }
route_tables:
  public: { vpc: app, routes: { 0.0.0.0/0: igw } }
  private: { vpc: app, routes: { 0.0.0.0/0: nat } }
security_groups: { web: { vpc: app, ingress: [{ from: 0.0.0.0/0, port: 443 }] } }
instances:
  web: { subnet: public-a, public_ip: true, security_groups: [web] }
  job: { subnet: private-a, security_groups: [web] }
";

/// `APP` with a mode and exclusions.
fn app(mode: &str, exclusions: &str) -> String {
    format!(
        "{APP}public_access_blocks: {{ all: {{ mode: {mode} }} }}\n\
         public_access_exclusions: {{ {exclusions} }}\n"
    )
}

/// Whether the public host gets out and is reached, and whether the private one gets out.
fn open(text: &str) -> [bool; 3] {
    ["web -> internet", "internet -> web:443", "job -> internet"].map(|query| {
        match fate(text, query) {
            (Reachable, _) => true,
            (Blocked, code) if code == "VPC_BLOCK_PUBLIC_ACCESS_ENABLED" => false,
            other => panic!("{query}: {other:?}"),
        }
    })
}

/// BP-01
#[test]
fn a_block_that_is_off_changes_nothing() {
    assert_eq!(open(APP), [true; 3]);
    assert_eq!(open(&app("off", "")), [true; 3]);
}

/// BP-02
#[test]
fn a_block_of_both_ways_closes_all_but_what_faces_the_gateway_from_an_excluded_subnet() {
    let mode = "block-bidirectional";
    assert_eq!(open(&app(mode, "")), [false; 3]);
    let nat = "nat: { subnet: nat-a, mode: allow-egress }";
    assert_eq!(open(&app(mode, nat)), [false, false, true]);
    // The private subnet does not face the gateway.
    let private = "private: { subnet: private-a, mode: allow-bidirectional }";
    assert_eq!(open(&app(mode, private)), [false; 3]);
    let public = "public: { subnet: public-a, mode: allow-bidirectional }";
    assert_eq!(open(&app(mode, public)), [true, true, false]);
    let egress = "public: { subnet: public-a, mode: allow-egress }";
    assert_eq!(open(&app(mode, egress)), [true, false, false]);
    assert_eq!(open(&app(mode, "all: { vpc: app }")), [true; 3]);
}

/// BP-01: usable once it is complete.
#[test]
fn an_exclusion_that_is_being_made_does_not_count_yet() {
    let making = "all: { vpc: app, state: create-in-progress }";
    assert_eq!(open(&app("block-bidirectional", making)), [false; 3]);
}

/// BP-03
#[test]
fn a_block_of_ingress_spares_nat_gateways_and_stops_public_hosts_both_ways() {
    let mode = "block-ingress";
    assert_eq!(open(&app(mode, "")), [false, false, true]);
    let egress = "public: { subnet: public-a, mode: allow-egress }";
    assert_eq!(open(&app(mode, egress)), [false, false, true], "has no effect");
    let both = "public: { subnet: public-a, mode: allow-bidirectional }";
    assert_eq!(open(&app(mode, both)), [true; 3]);
}

/// BP-06
#[test]
fn the_block_is_named_before_the_group_that_is_closed_too() {
    let text = app("block-ingress", "").replace("port: 443", "port: 80");
    let answer = ask(&text, "internet -> web:443");
    let codes: Vec<String> = answer.blockers.iter().map(|one| one.code.to_string()).collect();
    assert_eq!(codes, ["VPC_BLOCK_PUBLIC_ACCESS_ENABLED", "ENI_SG_RULES_MISMATCH"]);
    assert_eq!(answer.blockers[0].rule.0, "BP-03");
    assert_eq!(answer.blockers[0].location.as_ref().unwrap().line, Some(15));
}

/// BP-04: each node of a load balancer faces the gateway from its own subnet.
#[test]
fn a_load_balancer_with_one_excluded_subnet_is_reached_in_part() {
    let text = app("block-bidirectional", "one: { subnet: public-a }")
        + "load_balancers: { front: { subnets: [public-a, other-b], security_groups: [web], listeners: { 443: web } } }\n\
           target_groups: { web: { vpc: app, port: 443, targets: [web] , type: instance } }\n";
    let text = text.replace(
        "  nat-a:",
        "  other-b: { vpc: app, cidr: 10.0.103.0/24, az: us-east-1b, route_table: public }\n  nat-a:",
    );
    let world = vpc_reach::query::World::new(scenario(&text).network);
    let answer = world.ask(&"internet -> front:443".parse().unwrap()).unwrap();
    assert_eq!(answer.verdict, Intermittent, "{answer:#?}");
}

/// BP-01, SH-03: the account and Region are those of the VPC.
#[test]
fn the_block_of_another_account_or_region_is_not_ours() {
    for other in ["account: \"999988887777\"", "region: eu-west-1"] {
        let text = app("block-bidirectional", "");
        let text = text.replace("mode: block-b", &format!("{other}, mode: block-b"));
        assert_eq!(open(&text), [true; 3], "{other}");
    }
}

#[test]
fn a_block_and_an_exclusion_say_what_they_mean() {
    let (message, hint) = refusal(&app("block-everything", ""));
    assert!(message.contains("cannot be `block-everything`"), "{message}");
    assert!(hint.contains("block-ingress"), "{hint}");
    let (message, hint) = refusal(&app("block-ingress", "a: { mode: allow-egress }"));
    assert_eq!(message, "public access exclusion `a` is for one VPC or one subnet");
    assert_eq!(hint, "write `vpc` or `subnet`");
    let (message, _) = refusal(&app("block-ingress", "a: { subnet: nowhere }"));
    assert_eq!(message, "there is no subnet `nowhere`");
}

/// What AWS answers for a public host, with what is said of its subnet, the options and exclusions.
fn captured(said: &str, options: &str) -> Answer {
    let text = format!(
        r#"{{
      "Vpcs": [{{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16"}}],
      "Subnets": [{{"SubnetId": "subnet-1", "VpcId": "vpc-1", "CidrBlock": "10.0.1.0/24",
        "AvailabilityZone": "us-east-1a"{said}}}],
      "InternetGateways": [{{"InternetGatewayId": "igw-1", "Attachments": [{{"VpcId": "vpc-1", "State": "available"}}]}}],
      "RouteTables": [{{"RouteTableId": "rtb-1", "VpcId": "vpc-1", "Associations": [{{"Main": true}}],
        "Routes": [{{"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active", "Origin": "CreateRouteTable"}},
          {{"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "State": "active", "Origin": "CreateRoute"}}]}}],
      "SecurityGroups": [{{"GroupId": "sg-1", "VpcId": "vpc-1", "GroupName": "g", "IpPermissions": [],
        "IpPermissionsEgress": [{{"IpProtocol": "-1", "IpRanges": [{{"CidrIp": "0.0.0.0/0"}}]}}]}}],
      "NetworkAcls": [{{"NetworkAclId": "acl-1", "VpcId": "vpc-1", "IsDefault": true, "Associations": [], "Entries": [
        {{"RuleNumber": 100, "Egress": true, "Protocol": "-1", "RuleAction": "allow", "CidrBlock": "0.0.0.0/0"}},
        {{"RuleNumber": 100, "Egress": false, "Protocol": "-1", "RuleAction": "allow", "CidrBlock": "0.0.0.0/0"}}]}}],
      "NetworkInterfaces": [{{"NetworkInterfaceId": "eni-1", "VpcId": "vpc-1", "SubnetId": "subnet-1", "Status": "in-use",
        "Groups": [{{"GroupId": "sg-1"}}], "PrivateIpAddresses": [{{"PrivateIpAddress": "10.0.1.5", "Primary": true,
        "Association": {{"PublicIp": "203.0.113.5"}}}}]}}],
      "PrefixLists": [], "VpcEndpoints": []{options}}}"#
    );
    let loaded = describe::read(&[Document::new("all.json", &text)]).unwrap();
    ask_of(loaded.network, "eni-1 -> internet")
}

const INGRESS: &str = r#", "VpcBlockPublicAccessOptions":
  {"State": "update-complete", "InternetGatewayBlockMode": "block-ingress"}"#;
const OURS: &str = r#", "VpcBlockPublicAccessExclusions": [{"ExclusionId": "vpcbpa-exclude-1",
  "ResourceArn": "arn:aws:ec2:us-east-1:111122223333:subnet/subnet-1", "State": "create-complete",
  "InternetGatewayExclusionMode": "allow-bidirectional"}]"#;
const SAID: &str = r#", "BlockPublicAccessStates": {"InternetGatewayBlockMode": "block-ingress"}"#;

fn rests_on(answer: &Answer, assumption: &str) -> bool {
    answer.assumptions.iter().any(|one| one.name == assumption)
}

/// BP-01
#[test]
fn captured_options_and_exclusions_decide() {
    let none = r#", "VpcBlockPublicAccessExclusions": []"#;
    assert_eq!(captured("", &format!("{INGRESS}{none}")).verdict, Blocked);
    assert_eq!(captured("", &format!("{INGRESS}{OURS}")).verdict, Reachable);
    let changing = INGRESS.replace("update-complete", "update-in-progress");
    assert_eq!(captured("", &format!("{changing}{none}")).verdict, Unknown);
}

/// BP-01: what is not captured is not taken for absent.
#[test]
fn exclusions_that_were_not_captured_leave_the_answer_unknown() {
    let answer = captured("", INGRESS);
    assert_eq!(answer.verdict, Unknown);
    let command = answer.missing[0].command.as_deref();
    assert_eq!(command, Some("aws ec2 describe-vpc-block-public-access-exclusions"));
    let open = captured("", "");
    assert_eq!(open.verdict, Reachable);
    assert!(rests_on(&open, "BLOCK_PUBLIC_ACCESS_OFF_WHEN_NOT_CAPTURED"));
}

/// BP-05
#[test]
fn a_subnets_own_state_that_differs_is_told_with_the_verdict() {
    let name = "BPA_STATE_NOT_AUTHORITATIVE";
    let off = r#", "VpcBlockPublicAccessOptions": {"InternetGatewayBlockMode": "off"},
      "VpcBlockPublicAccessExclusions": []"#;
    let none = r#", "VpcBlockPublicAccessExclusions": []"#;
    let ingress = format!("{INGRESS}{none}");
    let agrees = captured(SAID, &ingress);
    assert_eq!((agrees.verdict, rests_on(&agrees, name)), (Blocked, false));
    let differs = captured(&SAID.replace("block-ingress", "off"), &ingress);
    assert_eq!((differs.verdict, rests_on(&differs, name)), (Blocked, true));
    let differs = captured(SAID, off);
    assert_eq!((differs.verdict, rests_on(&differs, name)), (Reachable, true));
    // Without the options it is all that is known, and not enough.
    assert_eq!(captured(SAID, "").verdict, Unknown);
}

/// BP-05
#[test]
fn a_subnets_own_state_can_be_made_to_decide() {
    let text = app("block-ingress", "");
    let verdict = |said| -> Verdict {
        let mut network = scenario(&text).network;
        network.assumptions.set("BPA_STATE_NOT_AUTHORITATIVE", "false").unwrap();
        network.subnets.get_mut("public-a").unwrap().public_access = Some(said);
        ask_of(network, "web -> internet").verdict
    };
    assert_eq!(verdict(vpc_reach::network::BlockMode::Off), Reachable);
    assert_eq!(verdict(vpc_reach::network::BlockMode::Bidirectional), Blocked);
}
