//! Private hosted zones, Resolver rules and name servers of one's own: what a name leads to, and
//! whether the question for it gets anywhere.

use vpc_reach::answer::{Failure, Query, QueryAnswer, Verdict};
use vpc_reach::network::Network;
use vpc_reach::query::World;
use vpc_reach::read::describe::{self, Document};
use vpc_reach::read::scenario;

/// A service beside a database, an endpoint and an internal load balancer; `@vpc` and `@more` are
/// filled in.
const NETWORK: &str = "
vpcs: { app: { cidr: 10.0.0.0/16 @vpc } }
subnets:
  a: { vpc: app, cidr: 10.0.1.0/24, az: us-east-1a }
  b: { vpc: app, cidr: 10.0.2.0/24, az: us-east-1b }
security_groups:
  task: { vpc: app, egress: [{ to: 10.0.0.0/16, port: [443, 5432] }] }
  open: { vpc: app, ingress: [{ from: 10.0.0.0/16 }] }
  shut: { vpc: app, ingress: [] }
interfaces:
  db: { subnet: b, address: 10.0.2.10, security_groups: [open] }
  spare: { subnet: b, address: 10.0.2.11, security_groups: [shut] }
  dns: { subnet: b, address: 10.0.2.53, security_groups: [open] }
endpoints:
  logs: { service: logs, subnets: [a, b], security_groups: [open] }
  kms: { service: kms, subnets: [a], security_groups: [open], private_dns: false }
target_groups: { web: { vpc: app, port: 8080 } }
load_balancers: { front: { subnets: [a, b], scheme: internal, security_groups: [open], listeners: { 443: web } } }
services: { web: { subnets: [a], security_groups: [task] } }
";

fn network(vpc: &str, more: &str) -> Network {
    let text = format!("{}{more}", NETWORK.replace("@vpc", vpc));
    let loaded = scenario::read("test.yaml", &text, &mut |name| panic!("no base {name}"));
    loaded.unwrap_or_else(|error| panic!("{error:?}")).network
}

fn ask_in(network: Network, query: &str) -> QueryAnswer {
    World::new(network).ask(&query.parse::<Query>().unwrap()).unwrap()
}

fn ask(more: &str, query: &str) -> QueryAnswer {
    ask_in(network("", more), query)
}

fn zone(records: &str) -> String {
    format!("hosted_zones: {{ corp.internal: {{ vpcs: [app], records: {records} }} }}\n")
}

fn code(answer: &QueryAnswer) -> &str {
    let blockers = answer.answers.iter().flat_map(|one| &one.blockers);
    blockers.map(|blocker| &*blocker.code.0).next().unwrap_or("none")
}

fn missing(answer: &QueryAnswer) -> &str {
    let missing = answer.answers.iter().flat_map(|one| &one.missing);
    missing.map(|missing| &*missing.fact).next().unwrap_or("nothing")
}

fn resource(answer: &QueryAnswer) -> &str {
    answer.answers[0].destination.resource.label()
}

// DN-05
#[test]
fn a_record_of_a_private_zone_leads_to_the_interface_at_its_address() {
    let answer = ask(&zone("{ db: 10.0.2.10 }"), "web -> db.corp.internal:5432");
    assert_eq!((answer.verdict, resource(&answer)), (Verdict::Reachable, "db"), "{answer:#?}");
    let name = answer.answers[0].name.as_ref().unwrap();
    assert_eq!((&*name.name, &*name.rule.0), ("db.corp.internal", "DN-05"));
}

// DN-05: never public fallback.
#[test]
fn a_name_that_the_zone_does_not_hold_does_not_exist() {
    let answer = ask(&zone("{ db: 10.0.2.10 }"), "web -> cache.corp.internal:6379");
    assert_eq!((answer.verdict, code(&answer)), (Verdict::Blocked, "PHZ_NO_SUCH_NAME"));
    assert_eq!(answer.answers[0].failure, Some(Failure::NoName));
}

// DN-05: a zone for a domain of AWS's breaks every AWS name under it that it does not hold.
#[test]
fn a_private_zone_over_aws_names_hides_the_public_ones() {
    let more = "hosted_zones: { amazonaws.com: { vpcs: [app], records: { x: 10.0.2.10 } } }\n";
    assert_eq!(code(&ask(more, "web -> ssm")), "PHZ_NO_SUCH_NAME");
    // The endpoint's own zone is more specific.
    let logs = ask(more, "web -> logs");
    assert_eq!(logs.verdict, Verdict::Reachable, "{logs:#?}");
}

// DN-05, PHZ_OTHER_TYPE_IS_NODATA
#[test]
fn a_name_of_another_type_gives_an_empty_answer_by_a_named_assumption() {
    let more = zone("{ db: { TXT: hello } }");
    let answer = ask(&more, "web -> db.corp.internal:5432");
    assert_eq!((answer.verdict, code(&answer)), (Verdict::Blocked, "PHZ_NO_ADDRESS"));
    let assumed = |answer: &QueryAnswer| {
        let one = &answer.answers[0];
        let value = one.assumptions.iter().find(|one| one.name == "PHZ_OTHER_TYPE_IS_NODATA");
        (value.unwrap().value.to_string(), one.blockers[0].what.contains("NODATA"))
    };
    assert_eq!(assumed(&answer), ("true".to_owned(), true));
    let mut network = network("", &more);
    network.assumptions.set("PHZ_OTHER_TYPE_IS_NODATA", "false").unwrap();
    assert_eq!(
        assumed(&ask_in(network, "web -> db.corp.internal:5432")),
        ("false".to_owned(), false)
    );
}

// DN-05
#[test]
fn a_wildcard_holds_what_no_closer_name_does() {
    let more = zone("{ '*': 10.0.2.10, shut: 10.0.2.11, a.b: 10.0.2.10 }");
    assert_eq!(ask(&more, "web -> any.corp.internal:5432").verdict, Verdict::Reachable);
    assert_eq!(code(&ask(&more, "web -> shut.corp.internal:5432")), "SG_HAS_NO_RULES");
    // `b.corp.internal` exists, since `a.b` is below it: the wildcard does not reach under it.
    assert_eq!(code(&ask(&more, "web -> other.b.corp.internal:5432")), "PHZ_NO_SUCH_NAME");
}

// DN-04
#[test]
fn the_most_specific_zone_answers() {
    let more = "
hosted_zones:
  internal: { vpcs: [app], records: { db.corp: 10.0.2.11 } }
  corp.internal: { vpcs: [app], records: { db: 10.0.2.10 } }
";
    assert_eq!(resource(&ask(more, "web -> db.corp.internal:5432")), "db");
}

// DN-06
#[test]
fn a_zone_is_seen_only_by_its_vpcs_and_with_both_attributes() {
    let other = "hosted_zones: { corp.internal: { vpcs: [], records: { db: 10.0.2.10 } } }\n";
    let answer = ask(other, "web -> db.corp.internal:5432");
    assert_eq!(
        (answer.verdict, missing(&answer)),
        (Verdict::Unknown, "which addresses db.corp.internal has")
    );
    let off = network(", enable_dns_hostnames: false", &zone("{ db: 10.0.2.10 }"));
    let answer = ask_in(off, "web -> db.corp.internal:5432");
    assert_eq!(answer.verdict, Verdict::Unknown, "{answer:#?}");
}

// DN-05: any of several sets may be the answer.
#[test]
fn weighted_records_of_which_one_fails_are_intermittent() {
    let weighted = |weight: u32| {
        zone(&format!(
            "{{ db: [{{ A: 10.0.2.10, weight: 9 }}, {{ A: 10.0.2.11, weight: {weight} }}] }}"
        ))
    };
    let answer = ask(&weighted(1), "web -> db.corp.internal:5432");
    assert_eq!((answer.verdict, code(&answer)), (Verdict::Intermittent, "SG_HAS_NO_RULES"));
    let answer = ask(&weighted(0), "web -> db.corp.internal:5432");
    assert_eq!(answer.verdict, Verdict::Reachable, "weight 0 is not given: {answer:#?}");
}

// DN-16: the zone that stands for an endpoint's private DNS.
#[test]
fn an_alias_leads_to_an_endpoint() {
    let more = "hosted_zones: { kms.us-east-1.amazonaws.com: { vpcs: [app], records: { '@': endpoint/kms } } }\n";
    let answer = ask(more, "web -> kms");
    assert_eq!(answer.verdict, Verdict::Reachable, "{answer:#?}");
    assert!(answer.answers[0].name.as_ref().unwrap().what.contains("endpoint kms"));
    assert_eq!(ask("", "web -> kms").verdict, Verdict::Blocked);
}

// DN-16: AWS lets nobody create both.
#[test]
fn a_zone_of_the_same_name_as_an_endpoints_is_not_judged() {
    let more = "hosted_zones: { logs.us-east-1.amazonaws.com: { vpcs: [app], records: { '@': 10.0.2.10 } } }\n";
    assert_eq!(ask(more, "web -> logs").verdict, Verdict::Unknown);
}

// LBC-01
#[test]
fn an_alias_leads_to_a_load_balancer_at_its_listener() {
    let more = zone("{ api: lb/front, www: api.corp.internal }");
    for name in ["api", "www"] {
        let answer = ask(&more, &format!("web -> {name}.corp.internal"));
        assert_eq!(
            (answer.verdict, resource(&answer)),
            (Verdict::Reachable, "front"),
            "{answer:#?}"
        );
    }
    assert_eq!(code(&ask(&more, "web -> api.corp.internal:5432")), "LB_NO_LISTENER");
}

// DN-05
#[test]
fn names_that_lead_in_a_circle_give_no_answer() {
    let more = zone("{ a: b.corp.internal, b: a.corp.internal }");
    let answer = ask(&more, "web -> a.corp.internal:443");
    assert_eq!((answer.verdict, code(&answer)), (Verdict::Blocked, "NAME_CHAIN_LOOP"));
}

// DN-05: a delegated name is answered elsewhere.
#[test]
fn below_a_delegation_nothing_is_known() {
    let answer = ask(&zone("{ eu: { NS: ns.example.com } }"), "web -> db.eu.corp.internal:5432");
    assert_eq!(answer.verdict, Verdict::Unknown, "{answer:#?}");
    assert!(missing(&answer).contains("delegates"), "{}", missing(&answer));
}

// DN-04: the most specific of rules and zones decides; on a tie the rule does.
#[test]
fn a_forwarding_rule_beats_a_zone_unless_the_zone_is_more_specific() {
    let rule = |domain: &str, kind: &str| {
        format!(
            "{}resolver_rules: {{ corp: {{ domain: {domain}, type: {kind}, vpcs: [app], targets: [10.9.0.53] }} }}\n",
            zone("{ db: 10.0.2.10 }")
        )
    };
    let verdict =
        |domain: &str, kind: &str| ask(&rule(domain, kind), "web -> db.corp.internal:5432").verdict;
    assert_eq!(verdict("corp.internal", "forward"), Verdict::Unknown);
    assert_eq!(verdict("db.corp.internal", "forward"), Verdict::Unknown);
    assert_eq!(verdict("internal", "forward"), Verdict::Reachable);
    assert_eq!(verdict("db.corp.internal", "system"), Verdict::Reachable);
    assert_eq!(verdict(".", "forward"), Verdict::Reachable);
}

// DN-04, HIDDEN_ZONE_IS_PHZ
#[test]
fn an_endpoints_zone_wins_over_a_shorter_rule_by_a_named_assumption() {
    let more =
        "resolver_rules: { aws: { domain: amazonaws.com, vpcs: [app], targets: [10.9.0.53] } }\n";
    let answer = ask(more, "web -> logs");
    assert_eq!(answer.verdict, Verdict::Reachable, "{answer:#?}");
    assert!(answer.answers[0].assumptions.iter().any(|one| one.name == "HIDDEN_ZONE_IS_PHZ"));
    let mut flipped = network("", more);
    flipped.assumptions.set("HIDDEN_ZONE_IS_PHZ", "false").unwrap();
    assert_eq!(ask_in(flipped, "web -> logs").verdict, Verdict::Unknown);
    // Names without an endpoint are the rule's, and a more specific SYSTEM rule gives them back.
    assert_eq!(ask(more, "web -> ssm").verdict, Verdict::Unknown);
    let back = format!(
        "{}\n  back: {{ domain: ssm.us-east-1.amazonaws.com, type: system, vpcs: [app] }}\n",
        more.trim_end().replace("{ aws:", "\n  aws:").trim_end_matches('}')
    );
    assert_eq!(ask(&back, "web -> ssm").verdict, Verdict::Blocked);
}

// DN-04
#[test]
fn a_rule_may_state_what_its_target_answers() {
    let more = "resolver_rules: { corp: { domain: corp.example, vpcs: [app], targets: [10.9.0.53], answers: { db.corp.example: 10.0.2.10 } } }\n";
    assert_eq!(ask(more, "web -> db.corp.example:5432").verdict, Verdict::Reachable);
    assert_eq!(ask(more, "web -> other.corp.example:5432").verdict, Verdict::Unknown);
}

const OWN: &str = ", dhcp_options: own";

fn own_servers(servers: &str, answers: &str, egress: &str) -> Network {
    let more = format!("dhcp_options: {{ own: {{ name_servers: {servers} {answers} }} }}\n");
    let text = format!("{}{more}", NETWORK.replace("@vpc", OWN))
        .replace("[443, 5432] }]", &format!("[443, 5432] }}{egress}]"));
    let loaded = scenario::read("test.yaml", &text, &mut |name| panic!("no base {name}"));
    loaded.unwrap_or_else(|error| panic!("{error:?}")).network
}

const UDP: &str = ", { to: 10.0.0.0/16, port: 53, protocol: udp }";
const BOTH: &str = ", { to: 10.0.0.0/16, port: 53, protocol: udp }, { to: 10.0.0.0/16, port: 53 }";

// DN-01, TSK-15: custom DNS that cannot be reached fails every name, and that is said first.
#[test]
fn a_name_server_that_cannot_be_reached_stops_every_name() {
    let answer = ask_in(own_servers("[10.0.2.53]", ", answers: vpc", ""), "web -> logs");
    assert_eq!(answer.verdict, Verdict::Blocked, "{answer:#?}");
    let blockers = &answer.answers[0].blockers;
    assert_eq!(blockers[0].code.0, "NAME_SERVER_UNREACHABLE");
    assert_eq!(
        (&*blockers[1].code.0, blockers[1].resource.label()),
        ("ENI_SG_RULES_MISMATCH", "task")
    );
    assert_eq!(answer.answers[0].failure, Some(Failure::NoName));
}

// DN-01
#[test]
fn a_name_server_that_is_reached_answers_what_is_stated() {
    let answer = ask_in(own_servers("[10.0.2.53]", "", BOTH), "web -> logs");
    assert_eq!(answer.verdict, Verdict::Unknown, "{answer:#?}");
    assert!(missing(&answer).contains("what name server 10.0.2.53"), "{}", missing(&answer));
    let answer = ask_in(own_servers("[10.0.2.53]", ", answers: vpc", BOTH), "web -> logs");
    assert_eq!(answer.verdict, Verdict::Reachable, "{answer:#?}");
}

// DN-01: UDP is what most questions need; TCP alone missing is a finding.
#[test]
fn a_name_server_without_tcp_is_a_finding() {
    let answer = ask_in(own_servers("[10.0.2.53]", ", answers: vpc", UDP), "web -> logs");
    assert_eq!(answer.verdict, Verdict::Reachable, "{answer:#?}");
    let findings = &answer.answers[0].findings;
    assert!(findings.iter().any(|one| one.code.0 == "NAME_SERVER_TCP_BLOCKED"), "{findings:#?}");
}

// DN-01: the client tries one after the other.
#[test]
fn name_servers_that_fare_differently_make_names_intermittent() {
    let network = own_servers("[10.0.2.53, AmazonProvidedDNS]", "", "");
    let answer = ask_in(network, "web -> logs");
    assert_eq!((answer.verdict, code(&answer)), (Verdict::Intermittent, "NAME_SERVER_UNREACHABLE"));
}

// DN-01, DN-03
#[test]
fn the_addresses_of_the_vpc_resolver_are_the_resolver() {
    for servers in ["[10.0.0.2]", "[169.254.169.253]", "['fd00:ec2::253']"] {
        let answer = ask_in(own_servers(servers, "", ""), "web -> logs");
        assert_eq!(answer.verdict, Verdict::Reachable, "{servers}");
    }
}

// IE-07
#[test]
fn the_names_of_an_endpoint_lead_to_its_interfaces_in_their_zones() {
    let name = |zone: &str| format!("web -> vpce-0kms-x1y2{zone}.kms.us-east-1.vpce.amazonaws.com");
    let rename = |text: &str| {
        text.replace("kms: {", "vpce-0kms: {").replace(
            "subnets: [a], security_groups: [open], private_dns",
            "subnets: [a, b], security_groups: [open], private_dns",
        )
    };
    let text = rename(&NETWORK.replace("@vpc", ""));
    let loaded = scenario::read("test.yaml", &text, &mut |name| panic!("no base {name}")).unwrap();
    let both = ask_in(loaded.network.clone(), &name(""));
    assert_eq!(both.verdict, Verdict::Reachable, "{both:#?}");
    assert!(both.answers[0].destination.addresses.contains("10.0.1."));
    assert!(both.answers[0].destination.addresses.contains("10.0.2."));
    let one = ask_in(loaded.network, &name("-us-east-1b"));
    assert!(!one.answers[0].destination.addresses.contains("10.0.1."), "{one:#?}");
    assert!(one.answers[0].destination.addresses.contains("10.0.2."));
}

// DN-04, DN-07
#[test]
fn ec2_names_are_addresses() {
    let answer = ask("", "web -> ip-10-0-2-10.ec2.internal:5432");
    assert_eq!((answer.verdict, resource(&answer)), (Verdict::Reachable, "db"), "{answer:#?}");
    let elsewhere = ask("", "web -> ip-10-0-2-10.eu-west-1.compute.internal:5432");
    assert_eq!(elsewhere.verdict, Verdict::Unknown);
    let public = network("", "").clone();
    let mut public = public;
    if let Some(db) = public.interfaces.get_mut("db") {
        let address = "203.0.113.77".parse().unwrap();
        db.addresses[0].public = Some(vpc_reach::network::PublicAddress::Known(address));
    }
    let answer = ask_in(public, "web -> ec2-203-0-113-77.compute-1.amazonaws.com:5432");
    assert_eq!((answer.verdict, resource(&answer)), (Verdict::Reachable, "db"), "{answer:#?}");
}

// DN-04: a database's name gives an address that nobody but public DNS knows.
#[test]
fn a_name_that_nobody_here_knows_is_a_missing_fact() {
    let answer = ask("", "web -> db.abc123.us-east-1.rds.amazonaws.com:5432");
    assert_eq!(answer.verdict, Verdict::Unknown, "{answer:#?}");
    assert!(missing(&answer).contains("which addresses"), "{}", missing(&answer));
}

const CAPTURE: [(&str, &str); 7] = [
    (
        "describe-vpcs.json",
        r#"{"Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16", "DhcpOptionsId": "dopt-1", "OwnerId": "111122223333"}]}"#,
    ),
    (
        "describe-subnets.json",
        r#"{"Subnets": [{"SubnetId": "subnet-1", "VpcId": "vpc-1", "CidrBlock": "10.0.1.0/24", "AvailabilityZone": "us-east-1a", "OwnerId": "111122223333"}]}"#,
    ),
    (
        "describe-vpc-attribute.vpc-1.json",
        r#"{"VpcId": "vpc-1", "EnableDnsSupport": {"Value": true}, "EnableDnsHostnames": {"Value": true}}"#,
    ),
    (
        "describe-dhcp-options.json",
        r#"{"DhcpOptions": [{"DhcpOptionsId": "dopt-1", "DhcpConfigurations": [{"Key": "domain-name-servers", "Values": [{"Value": "AmazonProvidedDNS"}]}]}]}"#,
    ),
    (
        "list-hosted-zones-by-vpc.vpc-1.json",
        r#"{"HostedZoneSummaries": [{"HostedZoneId": "Z1", "Name": "corp.internal.", "Owner": {"OwningAccount": "444455556666"}}]}"#,
    ),
    ("describe-vpc-endpoints.json", r#"{"VpcEndpoints": []}"#),
    (
        "describe-network-interfaces.json",
        r#"{"NetworkInterfaces": [{"NetworkInterfaceId": "eni-1", "SubnetId": "subnet-1", "VpcId": "vpc-1", "Status": "in-use", "PrivateIpAddress": "10.0.1.5", "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.1.5", "Primary": true}], "Groups": []}]}"#,
    ),
];

fn captured(more: &[(&str, &str)]) -> Network {
    let documents: Vec<Document> =
        CAPTURE.iter().chain(more).map(|(file, text)| Document::new(file, text)).collect();
    describe::read(&documents).unwrap_or_else(|error| panic!("{error:?}")).network
}

// DN-05: the zone of another account, with its records in a file that names it.
#[test]
fn captured_records_of_a_zone_are_followed() {
    let query = "eni-1 -> db.corp.internal:5432";
    let without = ask_in(captured(&[]), query);
    assert_eq!(without.verdict, Verdict::Unknown);
    let missing = &without.answers[0].missing[0];
    assert_eq!(
        missing.command.as_deref(),
        Some("aws route53 list-resource-record-sets --hosted-zone-id Z1")
    );
    let records = r#"{"ResourceRecordSets": [
        {"Name": "corp.internal.", "Type": "NS", "ResourceRecords": [{"Value": "ns-0.awsdns-00.com."}]},
        {"Name": "db.corp.internal.", "Type": "CNAME", "ResourceRecords": [{"Value": "main.corp.internal."}]},
        {"Name": "\\052.corp.internal.", "Type": "A", "SetIdentifier": "a", "Weight": 1, "ResourceRecords": [{"Value": "10.0.9.9"}]}
    ]}"#;
    let with = ask_in(captured(&[("list-resource-record-sets.Z1.json", records)]), query);
    let name = with.answers[0].name.as_ref().unwrap();
    assert!(name.what.starts_with("main.corp.internal, that is 10.0.9.9"), "{}", name.what);
}

// DN-04: a rule forwards for the VPCs that it is associated with.
#[test]
fn captured_associations_say_whose_rule_it_is() {
    let rules = r#"{"ResolverRules": [{"Id": "rslvr-rr-1", "DomainName": "example.com.", "RuleType": "FORWARD", "TargetIps": [{"Ip": "10.9.0.53", "Port": 53}]}]}"#;
    let records = ("list-resource-record-sets.Z1.json", r#"{"ResourceRecordSets": []}"#);
    let fact = |associations: Option<&str>| {
        let mut more = vec![("list-resolver-rules.json", rules), records];
        more.extend(associations.map(|text| ("list-resolver-rule-associations.json", text)));
        let answer = ask_in(captured(&more), "eni-1 -> www.example.com:443");
        (
            missing(&answer).to_owned(),
            answer.answers[0].missing.first().and_then(|one| one.command.clone()),
        )
    };
    let (unsaid, command) = fact(None);
    assert!(unsaid.contains("is associated with vpc"), "{unsaid}");
    assert_eq!(command.as_deref(), Some("aws route53resolver list-resolver-rule-associations"));
    let ours = r#"{"ResolverRuleAssociations": [{"ResolverRuleId": "rslvr-rr-1", "VPCId": "vpc-1", "Status": "COMPLETE"}]}"#;
    assert!(fact(Some(ours)).0.contains("what the target of Resolver rule"));
    let theirs = r#"{"ResolverRuleAssociations": [{"ResolverRuleId": "rslvr-rr-1", "VPCId": "vpc-2", "Status": "COMPLETE"}]}"#;
    assert!(!fact(Some(theirs)).0.contains("Resolver rule"));
}

// DN-15: dual-stack and FIPS names are the service's, and not its endpoint's.
#[test]
fn further_names_of_a_service_do_not_lead_to_its_endpoint() {
    for (host, service) in [
        ("logs.us-east-1.api.aws", "logs"),
        ("s3.dualstack.us-east-1.amazonaws.com", "s3"),
        ("s3-fips.us-east-1.amazonaws.com", "s3"),
    ] {
        let answer = ask("", &format!("web -> {host}"));
        assert_eq!(resource(&answer), service, "{host}");
        let name = answer.answers[0].name.as_ref().unwrap();
        assert!(name.what.starts_with("public addresses"), "{host}: {}", name.what);
    }
}

// DN-09, DN-10
#[test]
fn a_dns_firewall_is_a_finding_and_a_profile_makes_names_unknown() {
    let records = (
        "list-resource-record-sets.Z1.json",
        r#"{"ResourceRecordSets": [{"Name": "db.corp.internal.", "Type": "A", "ResourceRecords": [{"Value": "10.0.1.5"}]}]}"#,
    );
    let firewall = |vpc: &str| {
        format!(
            r#"{{"FirewallRuleGroupAssociations": [{{"Id": "rslvr-frgassoc-1", "VpcId": "{vpc}"}}]}}"#
        )
    };
    let profile = |vpc: &str| {
        format!(r#"{{"ProfileAssociations": [{{"Id": "rpassoc-1", "ResourceId": "{vpc}"}}]}}"#)
    };
    let answer = |file: &str, text: &str| {
        let network = captured(&[records, (file, text)]);
        ask_in(network, "eni-1 -> db.corp.internal:5432").answers.remove(0)
    };
    let noted = |vpc: &str| {
        let answer = answer("list-firewall-rule-group-associations.json", &firewall(vpc));
        answer.findings.iter().any(|one| one.code.0 == "DNS_FIREWALL_PRESENT")
    };
    assert_eq!((noted("vpc-1"), noted("vpc-2")), (true, false));
    let asked = |vpc: &str| {
        let answer = answer("list-profile-associations.json", &profile(vpc));
        answer.missing.first().map(|one| one.fact.contains("Route 53 Profile"))
    };
    assert_eq!(asked("vpc-1"), Some(true));
    assert_ne!(asked("vpc-2"), Some(true));
}

// CN_GOV_NAMES_AS_TABLE
#[test]
fn names_in_china_are_those_of_the_table_by_a_named_assumption() {
    let text = "
region: cn-north-1
vpcs: { app: { cidr: 10.0.0.0/16 } }
subnets: { a: { vpc: app, cidr: 10.0.1.0/24 } }
security_groups: { open: { vpc: app, ingress: [{ from: 10.0.0.0/16 }] } }
interfaces: { web: { subnet: a, address: 10.0.1.10, security_groups: [open] } }
endpoints: { logs: { service: logs, subnets: [a], security_groups: [open] } }
";
    let mut network =
        scenario::read("test.yaml", text, &mut |name| panic!("no base {name}")).unwrap().network;
    let answer = ask_in(network.clone(), "web -> logs");
    assert_eq!(answer.verdict, Verdict::Reachable, "{answer:#?}");
    assert_eq!(answer.answers[0].name.as_ref().unwrap().name, "logs.cn-north-1.amazonaws.com.cn");
    assert!(answer.answers[0].assumptions.iter().any(|one| one.name == "CN_GOV_NAMES_AS_TABLE"));
    network.assumptions.set("CN_GOV_NAMES_AS_TABLE", "false").unwrap();
    assert_eq!(ask_in(network, "web -> logs").verdict, Verdict::Unknown);
}

// DN-02, DNS_OFF_IS_TIMEOUT: the verdict is the same either way.
#[test]
fn a_resolver_that_is_off_says_how_it_is_taken_to_fail() {
    let mut network = network(", enable_dns_support: false", "");
    let what = |network: &Network| {
        let answer = ask_in(network.clone(), "web -> logs");
        assert_eq!(answer.verdict, Verdict::Blocked);
        answer.answers[0].blockers[0].what.clone()
    };
    assert!(what(&network).starts_with("gets no answer"));
    network.assumptions.set("DNS_OFF_IS_TIMEOUT", "false").unwrap();
    assert!(what(&network).starts_with("gets an error at once"));
}

// NO_RESOLVER_RULES_WHEN_NOT_CAPTURED, DHCP_OPTIONS_DEFAULT_IS_AMAZON_DNS
#[test]
fn what_was_not_captured_is_unknown_where_it_is_not_assumed() {
    let records = (
        "list-resource-record-sets.Z1.json",
        r#"{"ResourceRecordSets": [{"Name": "db.corp.internal.", "Type": "A", "ResourceRecords": [{"Value": "10.0.1.5"}]}]}"#,
    );
    let mut network = captured(&[records]);
    network.assumptions.set("NO_RESOLVER_RULES_WHEN_NOT_CAPTURED", "false").unwrap();
    let answer = ask_in(network, "eni-1 -> db.corp.internal:5432");
    assert_eq!(
        answer.answers[0].missing[0].command.as_deref(),
        Some("aws route53resolver list-resolver-rules")
    );
    let mut network = captured(&[records]);
    for vpc in network.vpcs.values_mut() {
        vpc.dhcp_options = None;
    }
    network.assumptions.set("DHCP_OPTIONS_DEFAULT_IS_AMAZON_DNS", "false").unwrap();
    let answer = ask_in(network, "eni-1 -> db.corp.internal:5432");
    assert!(missing(&answer).contains("the DHCP option set of vpc"), "{}", missing(&answer));
}

// GE-09: beside a gateway endpoint, private DNS of the interface endpoint is for inbound resolvers
// only, unless it is said otherwise.
#[test]
fn s3_names_lead_past_an_interface_endpoint_for_inbound_resolvers_only() {
    let s3 = |option: &str| {
        let text = format!(
            "
vpcs: {{ app: {{ cidr: 10.0.0.0/16 }} }}
subnets: {{ a: {{ vpc: app, cidr: 10.0.1.0/24, route_table: other }} }}
route_tables: {{ other: {{ vpc: app }}, gateway: {{ vpc: app }} }}
security_groups: {{ open: {{ vpc: app, ingress: [{{ from: 10.0.0.0/16 }}] }} }}
interfaces: {{ web: {{ subnet: a, address: 10.0.1.10, security_groups: [open] }} }}
endpoints:
  s3-inside: {{ service: s3, type: interface, subnets: [a], security_groups: [open]{option} }}
  s3: {{ service: s3, type: gateway, route_tables: [gateway] }}
"
        );
        let loaded = scenario::read("test.yaml", &text, &mut |name| panic!("no base {name}"));
        ask_in(loaded.unwrap().network, "web -> s3")
    };
    assert_eq!(code(&s3("")), "NO_ROUTE_TO_DESTINATION");
    let told = s3(", private_dns_only_for_inbound_resolver: false");
    assert_eq!(told.verdict, Verdict::Reachable, "{told:#?}");
}

// DN-08: a rule's stated answers rest on a way that nothing here proves.
#[test]
fn answers_of_a_rule_note_that_the_resolvers_own_way_is_not_followed() {
    let more = "resolver_rules: { corp: { domain: corp.example, vpcs: [app], targets: [10.9.0.53], answers: { db.corp.example: 10.0.2.10 } } }\n";
    let answer = ask(more, "web -> db.corp.example:5432");
    let findings = &answer.answers[0].findings;
    assert!(findings.iter().any(|one| one.code.0 == "RESOLVER_PATH_NOT_FOLLOWED"), "{findings:#?}");
}

#[test]
fn what_a_zone_cannot_hold_is_an_error_at_its_line() {
    for (records, message, hint) in [
        ("{ db: endpoint/log }", "there is no endpoint `log`", "did you mean `logs`?"),
        ("{ db: igw/x }", "`igw/x` cannot be the target of an alias", "endpoint/name"),
        ("{ db: [10.0.2.10, '::1'] }", "`::1` is no address for record `db`", "AAAA"),
        ("{ db: { A: '::1' } }", "`::1` is no address for `A` of record `db`", "IPv4"),
        ("{ db: { B: 1 } }", "record `db` has no key `B`", "its keys are"),
    ] {
        let text = format!("{}{}", NETWORK.replace("@vpc", ""), zone(records));
        let error = scenario::read("test.yaml", &text, &mut |name| panic!("no base {name}"));
        let error = error.unwrap_err();
        let line = error.at.as_ref().and_then(|at| at.line);
        assert_eq!(line, Some(1 + NETWORK.lines().count() as u32), "{records}: {error:?}");
        let told = error.hint.as_deref().unwrap_or_default();
        assert!(error.message.contains(message) && told.contains(hint), "{records}: {error:?}");
    }
}

// HOST_HAS_PUBLIC_ADDRESSES
#[test]
fn a_host_elsewhere_is_unknown_where_it_is_not_taken_to_be_public() {
    let mut network = network("", "");
    network.assumptions.set("HOST_HAS_PUBLIC_ADDRESSES", "false").unwrap();
    let answer = ask_in(network, "web -> example.com:443");
    assert_eq!(
        (answer.verdict, missing(&answer)),
        (Verdict::Unknown, "which addresses example.com has")
    );
}

/// DN-11
#[test]
fn an_execute_api_endpoint_hides_public_apis() {
    let own = "endpoints:\n  api: { service: com.amazonaws.us-east-1.execute-api, subnets: [a], security_groups: [open], \
               private_dns_names: [\"*.execute-api.us-east-1.amazonaws.com\"] }\n";
    let text = NETWORK.replace("@vpc", "").replace("endpoints:\n", own);
    let loaded = scenario::read("test.yaml", &text, &mut |name| panic!("no base {name}"));
    let query = "web -> abc123.execute-api.us-east-1.amazonaws.com:443";
    let answer = ask_in(loaded.unwrap().network, query);
    assert_eq!(answer.verdict, Verdict::Reachable, "{answer:#?}");
    let findings = &answer.answers[0].findings;
    let told = findings.iter().find(|one| one.code.0 == "PUBLIC_APIS_HIDDEN").expect("a finding");
    assert!(told.text.contains("403"), "{told:?}");
    let findings = &ask("", "web -> logs").answers[0].findings;
    assert!(findings.iter().all(|one| one.code.0 != "PUBLIC_APIS_HIDDEN"), "{findings:?}");
}
