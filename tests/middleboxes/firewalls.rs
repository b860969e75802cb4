//! Network Firewall: rules by packet and by connection, defaults, and what is not known.

use crate::{ask, blocked, reachable, refusal, replaced, unknown};
use vpc_reach::answer::{Direction, Failure, Verdict};
use vpc_reach::network::{Network, StatefulAction, StatefulDefault, StatelessAction};
use vpc_reach::read::describe::{self, Document};

/// A firewall stands before the internet; its policy follows.
const EGRESS: &str = "\
vpcs: { app: { cidr: 10.0.0.0/16 } }
subnets:
  web: { vpc: app, cidr: 10.0.1.0/24, route_table: web }
  firewall: { vpc: app, cidr: 10.0.2.0/24, route_table: firewall }
internet_gateways: { igw: { vpc: app } }
endpoints:
  door: { type: gateway_load_balancer, subnets: [firewall], firewall: guard }
route_tables:
  edge: { vpc: app, gateways: [igw], routes: { 10.0.1.0/24: door } }
  web: { vpc: app, routes: { 0.0.0.0/0: door } }
  firewall: { vpc: app, routes: { 0.0.0.0/0: igw } }
security_groups:
  web: { vpc: app, ingress: [{ from: 0.0.0.0/0, protocol: all }] }
instances:
  site: { subnet: web, address: 10.0.1.10, public_ip: 203.0.113.5, security_groups: [web] }
firewalls:
  guard: ";

fn with(policy: &str) -> String {
    format!("{EGRESS}{policy}\n")
}

const OUT: Direction = Direction::Forward;
const CODE: &str = "FIREWALL_RULES_RESTRICTION";

/// NF-02
#[test]
fn the_first_stateless_rule_decides_and_then_the_default() {
    let text = with(
        "{ stateless: [{ action: drop, port: 25 }, { action: pass }], stateless_default: drop }",
    );
    blocked(&text, "site -> 192.0.2.7:25", OUT, "FIREWALL_RULES_RESTRICTION", "guard");
    reachable(&text, "site -> 192.0.2.7:443");
    let reversed = with("{ stateless: [{ action: pass }, { action: drop, port: 25 }] }");
    reachable(&reversed, "site -> 192.0.2.7:25");
    let default = with("{ stateless: [{ action: pass, port: 443 }], stateless_default: drop }");
    blocked(&default, "site -> 192.0.2.7:80", OUT, CODE, "guard");
}

/// NF-02: each packet for itself, so that replies need a rule of their own.
#[test]
fn stateless_rules_see_the_reply_the_other_way_round() {
    let text = with("{ stateless: [{ action: pass, port: 443 }], stateless_default: drop }");
    blocked(&text, "site -> 192.0.2.7:443", Direction::Return, CODE, "guard");
    let both = with(
        "{ stateless: [{ action: pass, port: 443 }, { action: pass, to: 10.0.0.0/16 }], stateless_default: drop }",
    );
    reachable(&both, "site -> 192.0.2.7:443");
    let half = with("{ stateless: [{ action: pass, port: 443 }], stateless_default: forward }");
    unknown(&half, "site -> 192.0.2.7:443", "sees one way only");
}

/// NF-03
#[test]
fn in_strict_order_the_first_rule_decides() {
    let rules = "stateful: [{ action: drop, port: 25 }, { action: pass, from: 10.0.0.0/16 }], stateful_default: drop";
    let text = with(&format!("{{ order: strict, {rules} }}"));
    blocked(&text, "site -> 192.0.2.7:25", OUT, CODE, "guard");
    reachable(&text, "site -> 192.0.2.7:443");
    blocked(&text, "internet -> site:443", OUT, CODE, "guard");
    // Otherwise what passes goes before what drops, and what no rule means passes.
    let text =
        with("{ stateful: [{ action: drop, port: 25 }, { action: pass, from: 10.0.0.0/16 }] }");
    reachable(&text, "site -> 192.0.2.7:25");
    let text = with("{ stateful: [{ action: drop, port: 25 }] }");
    blocked(&text, "site -> 192.0.2.7:25", OUT, CODE, "guard");
    reachable(&text, "site -> 192.0.2.7:443");
}

/// NF-03
#[test]
fn a_rejected_connection_is_refused() {
    let answer = ask(&with("{ stateful: [{ action: reject, port: 25 }] }"), "site -> 192.0.2.7:25");
    assert_eq!((answer.verdict, answer.failure), (Verdict::Blocked, Some(Failure::Refused)));
    let drop = ask(&with("{ stateful: [{ action: drop, port: 25 }] }"), "site -> 192.0.2.7:25");
    assert_eq!(drop.failure, Some(Failure::Dropped));
}

/// NF-03
#[test]
fn the_default_of_established_connections_tells_of_the_handshake() {
    let text = with("{ order: strict, stateful_default: drop_established }");
    let answer = ask(&text, "site -> 192.0.2.7:443");
    assert!(answer.blockers[0].what.starts_with("lets the handshake pass"), "{answer:#?}");
    unknown(&text, "site -> 192.0.2.7:53/udp", "this protocol");
}

/// NF-04: only what such a rule may decide is unknown.
#[test]
fn what_rules_by_name_decide_is_unknown() {
    let rules = "[{ action: pass, port: 443, domains: [example.com] }, { action: pass, port: 22 }]";
    let text = with(&format!("{{ order: strict, stateful: {rules}, stateful_default: drop }}"));
    unknown(&text, "site -> 192.0.2.7:443", "stateful rule 1 of firewall guard means this packet");
    reachable(&text, "site -> 192.0.2.7:22");
    blocked(&text, "site -> 192.0.2.7:80", OUT, CODE, "guard");
}

/// NF-03: a rule means packets, not connections, so it may stop the replies of others.
#[test]
fn a_rule_for_the_other_direction_leaves_replies_unknown() {
    let text = with("{ stateful: [{ action: drop, to: 10.0.0.0/16 }] }");
    unknown(&text, "site -> 192.0.2.7:443", "a rule for the other direction");
    let passed =
        with("{ stateful: [{ action: drop, to: 10.0.0.0/16 }, { action: pass, port: 443 }] }");
    reachable(&passed, "site -> 192.0.2.7:443");
}

/// PW-10, SG-12
#[test]
fn a_firewall_sees_both_ways_and_hides_who_sends() {
    let past = replaced(
        &with("{}"),
        "  edge: { vpc: app, gateways: [igw], routes: { 10.0.1.0/24: door } }\n",
        "",
    );
    blocked(&past, "site -> 192.0.2.7:443", Direction::Return, "RETURN_PATH_ASYMMETRIC", "door");
    let stateless = replaced(&past, "guard: {}", "guard: { stateless_default: pass }");
    unknown(&stateless, "site -> 192.0.2.7:443", "see both ways");
}

#[test]
fn a_firewall_is_refused_what_aws_refuses() {
    let message = refusal(&with("{ stateful_default: drop }"));
    assert_eq!(message, "firewall `guard` is not in strict order");
    let message = refusal(&with("{ stateful: [{ port: 25 }] }"));
    assert!(message.contains("action"), "{message}");
    let stray = replaced(&with("{}"), "firewall: guard", "firewall: gard");
    assert_eq!(refusal(&stray), "there is no firewall `gard`");
}

const CAPTURED: [(&str, &str); 4] = [
    (
        "describe-firewall.json",
        r#"{"Firewall": {"FirewallName": "guard", "FirewallArn": "arn:aws:network-firewall:us-east-1:111122223333:firewall/guard",
        "FirewallPolicyArn": "arn:aws:network-firewall:us-east-1:111122223333:firewall-policy/p", "VpcId": "vpc-1"},
      "FirewallStatus": {"Status": "READY", "SyncStates": {"us-east-1a": {"Attachment": {"SubnetId": "subnet-2", "EndpointId": "vpce-1", "Status": "READY"}}}},
      "UpdateToken": "t"}"#,
    ),
    (
        "describe-firewall-policy.json",
        r#"{"FirewallPolicyResponse": {"FirewallPolicyArn": "arn:aws:network-firewall:us-east-1:111122223333:firewall-policy/p"},
      "FirewallPolicy": {"StatelessDefaultActions": ["aws:forward_to_sfe"], "StatelessFragmentDefaultActions": ["aws:drop"],
        "StatelessRuleGroupReferences": [{"ResourceArn": "arn:g/stateless", "Priority": 7}],
        "StatefulRuleGroupReferences": [{"ResourceArn": "arn:g/typed", "Priority": 1}, {"ResourceArn": "arn:g/text", "Priority": 2},
          {"ResourceArn": "arn:g/names", "Priority": 3}, {"ResourceArn": "arn:g/absent", "Priority": 4}],
        "StatefulDefaultActions": ["aws:drop_strict", "aws:alert_strict"], "StatefulEngineOptions": {"RuleOrder": "STRICT_ORDER"}}}"#,
    ),
    (
        "describe-rule-group.1.json",
        r#"{"RuleGroupResponse": {"RuleGroupArn": "arn:g/stateless"},
      "RuleGroup": {"RulesSource": {"StatelessRulesAndCustomActions": {"StatelessRules": [{"Priority": 5, "RuleDefinition": {
        "Actions": ["aws:drop"], "MatchAttributes": {"Protocols": [6], "Sources": [{"AddressDefinition": "10.0.0.0/16"}],
        "DestinationPorts": [{"FromPort": 20, "ToPort": 25}]}}}]}}}}"#,
    ),
    (
        "describe-rule-group.2.json",
        r#"[
      {"RuleGroupResponse": {"RuleGroupArn": "arn:g/typed"}, "RuleGroup": {"RulesSource": {"StatefulRules": [
        {"Action": "ALERT", "Header": {"Protocol": "IP", "Source": "ANY", "SourcePort": "ANY", "Direction": "ANY", "Destination": "ANY", "DestinationPort": "ANY"}},
        {"Action": "REJECT", "Header": {"Protocol": "TCP", "Source": "$OFFICE", "SourcePort": "ANY", "Direction": "FORWARD", "Destination": "!10.0.0.0/8", "DestinationPort": "[80,8080:8081]"},
          "RuleOptions": [{"Keyword": "sid", "Settings": ["1"]}]}]},
        "RuleVariables": {"IPSets": {"OFFICE": {"Definition": ["10.0.1.0/24"]}}}}},
      {"RuleGroupResponse": {"RuleGroupArn": "arn:g/text"}, "RuleGroup": {"RulesSource": {"RulesString":
        "pass tcp 10.0.1.0/24 any -> any 443 (sid:1;)\n# a remark\npass tls $HOME_NET any -> any 22 (ssl_state:client_hello; sid:2;)\npass udp any any <> any 53 (sid:3;)"}}},
      {"RuleGroupResponse": {"RuleGroupArn": "arn:g/names"}, "RuleGroup": {"RulesSource": {"RulesSourceList":
        {"Targets": [".example.com"], "TargetTypes": ["TLS_SNI"], "GeneratedRulesType": "ALLOWLIST"}}}}
    ]"#,
    ),
];

fn captured() -> Network {
    let documents: Vec<_> = CAPTURED.iter().map(|(name, text)| Document::new(name, text)).collect();
    describe::read(&documents).unwrap_or_else(|error| panic!("{error} {:?}", error.at)).network
}

/// NF-01 … NF-04
#[test]
fn a_firewall_is_read_with_its_policy_and_rule_groups() {
    let network = captured();
    let firewall = network.firewalls.values().next().unwrap();
    assert_eq!(firewall.about.name.as_deref(), Some("guard"));
    assert_eq!(firewall.endpoints["vpce-1"].state, "READY");
    let policy = firewall.policy.as_ref().unwrap();
    assert_eq!((policy.strict, policy.stateful_default), (true, StatefulDefault::Drop));
    let [packet] = policy.stateless.as_slice() else { panic!("{:?}", policy.stateless) };
    assert_eq!(
        (packet.priority, packet.action, packet.certain),
        ((7, 5), StatelessAction::Drop, true)
    );
    let tuple = &packet.tuple;
    assert_eq!(tuple.source.to_string(), "10.0.0.0/16");
    assert_eq!(tuple.destination_ports.to_string(), "20-25");
    let shape: Vec<_> = policy
        .stateful
        .iter()
        .map(|rule| (rule.priority, rule.action, rule.certain, rule.both_ways))
        .collect();
    assert_eq!(
        shape,
        [
            ((1, 0), StatefulAction::Reject, true, false),
            ((2, 0), StatefulAction::Pass, true, false),
            ((2, 1), StatefulAction::Pass, false, false),
            ((2, 2), StatefulAction::Pass, true, true),
            ((3, 0), StatefulAction::Pass, false, true),
            // What is not in the input may mean anything.
            ((4, 0), StatefulAction::Pass, false, false),
        ]
    );
    let reject = &policy.stateful[0].tuple;
    assert_eq!(reject.source.to_string(), "10.0.1.0/24");
    assert!(!reject.destination.contains("10.3.0.1".parse().unwrap()));
    assert!(reject.destination.contains("192.0.2.1".parse().unwrap()));
    assert_eq!(reject.destination_ports.to_string(), "80,8080-8081");
}

#[test]
fn a_firewall_without_its_policy_says_what_is_missing() {
    let documents = [Document::new(CAPTURED[0].0, CAPTURED[0].1)];
    let network = describe::read(&documents).unwrap().network;
    assert!(network.firewalls.values().all(|firewall| firewall.policy.is_none()));
}

/// BP-04: an exclusion of the firewall's subnet does not count; one of the VPC may.
#[test]
fn public_access_stays_blocked_past_a_firewall_whose_subnet_is_excluded() {
    let block = "VPC_BLOCK_PUBLIC_ACCESS_ENABLED";
    let text = |mode: &str, exclusion: &str| {
        format!(
            "{}public_access_blocks: {{ all: {{ mode: {mode} }} }}\n\
             public_access_exclusions: {{ one: {exclusion} }}\n",
            with("{ stateful: [] }")
        )
    };
    for mode in ["block-bidirectional", "block-ingress"] {
        let excluded = text(mode, "{ subnet: firewall }");
        blocked(&excluded, "site -> 192.0.2.7:443", OUT, block, "all");
        blocked(&excluded, "internet -> site:443", OUT, block, "all");
        let whole = text(mode, "{ vpc: app }");
        unknown(&whole, "site -> 192.0.2.7:443", "a Network Firewall of an excluded VPC");
        unknown(&whole, "internet -> site:443", "a Network Firewall of an excluded VPC");
    }
    let answer = ask(&text("block-bidirectional", "{ subnet: firewall }"), "site -> 192.0.2.7:443");
    assert!(answer.blockers[0].what.contains("even where its subnet is excluded"), "{answer:#?}");
    // Egress is less than both ways.
    let egress = text("block-bidirectional", "{ vpc: app, mode: allow-egress }");
    unknown(&egress, "site -> 192.0.2.7:443", "a Network Firewall of an excluded VPC");
    blocked(&egress, "internet -> site:443", OUT, block, "all");
    // What does not pass the firewall last is not meant.
    let beside =
        "  beside: { subnet: firewall, public_ip: true, security_groups: [web] }\nfirewalls:";
    let beside =
        replaced(&text("block-bidirectional", "{ subnet: firewall }"), "firewalls:", beside);
    reachable(&beside, "beside -> 192.0.2.7:443");
    reachable(&text("off", "{ subnet: firewall }"), "site -> 192.0.2.7:443");
}

/// BP-03, BP-04
#[test]
fn past_a_firewall_before_the_nat_gateway_only_the_nat_gateway_faces_the_block() {
    let text = "\
vpcs: { app: { cidr: 10.0.0.0/16 } }
subnets:
  web: { vpc: app, cidr: 10.0.1.0/24, route_table: web }
  firewall: { vpc: app, cidr: 10.0.2.0/24, route_table: firewall }
  nat: { vpc: app, cidr: 10.0.3.0/24, route_table: nat }
internet_gateways: { igw: { vpc: app } }
nat_gateways: { nat: { subnet: nat } }
endpoints: { door: { type: gateway_load_balancer, subnets: [firewall], firewall: guard } }
firewalls: { guard: {} }
route_tables:
  web: { vpc: app, routes: { 0.0.0.0/0: door } }
  firewall: { vpc: app, routes: { 0.0.0.0/0: nat } }
  nat: { vpc: app, routes: { 0.0.0.0/0: igw, 10.0.1.0/24: door } }
security_groups: { web: { vpc: app } }
instances: { site: { subnet: web, security_groups: [web] } }
public_access_blocks: { all: { mode: block-ingress } }
";
    reachable(text, "site -> 192.0.2.7:443");
    // Behind the NAT gateway, the firewall faces it.
    let swapped = text
        .replace("routes: { 0.0.0.0/0: door } }", "routes: { 0.0.0.0/0: nat } }")
        .replace("routes: { 0.0.0.0/0: nat } }\n  nat:", "routes: { 0.0.0.0/0: igw } }\n  nat:")
        .replace("0.0.0.0/0: igw, 10.0.1.0/24: door", "0.0.0.0/0: door");
    let edge =
        "route_tables:\n  edge: { vpc: app, gateways: [igw], routes: { 10.0.3.0/24: door } }";
    let swapped = replaced(&swapped, "route_tables:", edge);
    unknown(
        &swapped,
        "site -> 192.0.2.7:443",
        "what a NAT gateway sends through a Network Firewall",
    );
}
