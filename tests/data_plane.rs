//! Rules of the data plane as a person meets them: a scenario, a question, a verdict with its cause.

use vpc_reach::answer::Verdict;
use vpc_reach::network::{Network, Resource};
use vpc_reach::query::World;
use vpc_reach::read::describe::{self, Document};
use vpc_reach::read::scenario;

/// Two private subnets and a public one; `api` asks, `db` answers.
const NETWORK: &str = "\
vpcs: { app: { cidr: 10.0.0.0/16 } }
subnets:
  a: { vpc: app, cidr: 10.0.1.0/24, az: us-east-1a, route_table: private }
  b: { vpc: app, cidr: 10.0.2.0/24, az: us-east-1b, route_table: private }
  public: { vpc: app, cidr: 10.0.9.0/24, az: us-east-1a, map_public_ip: true, route_table: public }
internet_gateways: { igw: { vpc: app } }
nat_gateways: { nat: { subnet: public } }
route_tables:
  private: { vpc: app }
  public: { vpc: app, routes: { 0.0.0.0/0: igw } }
security_groups:
  app: { vpc: app }
  db: { vpc: app, ingress: [{ from: app }], egress: [] }
instances:
  api: { subnet: a, address: 10.0.1.10, security_groups: [app] }
  db: { subnet: b, address: 10.0.2.20, security_groups: [db] }
";

/// [`NETWORK`] with lines changed, and more sections behind it.
fn with(changes: &[(&str, &str)], more: &str) -> String {
    let mut text = NETWORK.to_owned();
    for (before, after) in changes {
        assert!(text.contains(before), "{before}");
        text = text.replace(before, after);
    }
    text + more
}

fn network(text: &str) -> Network {
    let loaded = scenario::read("test.yaml", text, &mut |base| panic!("no base {base}"));
    loaded.unwrap_or_else(|error| panic!("{error:?}\n{text}")).network
}

/// `reachable`, or the verdict with the first code and its resource, or with what is missing.
fn told(network: Network, query: &str) -> String {
    let answer = World::new(network).ask(&query.parse().unwrap()).unwrap();
    let blockers = answer.answers.iter().flat_map(|one| &one.blockers);
    let first = blockers.map(|one| format!("{} {}", one.code, one.resource.label())).next();
    let missing = answer.answers.iter().flat_map(|one| &one.missing);
    let missing = missing.map(|one| one.fact.clone()).next();
    match (answer.verdict, first, missing) {
        (Verdict::Reachable, ..) => "reachable".to_owned(),
        (Verdict::Unknown, _, Some(fact)) => format!("unknown: {fact}"),
        (verdict, Some(first), _) => format!("{verdict} {first}"),
        (verdict, ..) => verdict.to_string(),
    }
}

fn ask(text: &str, query: &str) -> String {
    told(network(text), query)
}

/// An endpoint for logs in both subnets, by private DNS.
const LOGS: &str =
    "endpoints: { logs: { service: logs, subnets: [a, b], security_groups: [db] } }\n";

/// CT-01, CT-03
#[test]
fn replies_need_no_rule_of_a_group() {
    assert_eq!(ask(NETWORK, "api -> db:5432"), "reachable");
    assert_eq!(ask(NETWORK, "api -> db:53/udp"), "reachable");
    // SG-06: the same group lets no request out.
    assert_eq!(ask(NETWORK, "db -> api:443"), "blocked SG_HAS_NO_RULES db");
}

/// SG-16: whoever wrote the rule meant a group that has been deleted since.
#[test]
fn a_rule_for_a_group_that_is_gone_matches_nothing() {
    let text = with(
        &[("ingress: [{ from: app }]", "ingress: [{ from: gone }, { from: 10.0.9.0/24 }]")],
        "",
    )
    .replace("  db: { vpc: app, ingress", "  gone: { vpc: app }\n  db: { vpc: app, ingress");
    let mut network = network(&text);
    network.security_groups.retain(|_, group| group.label() != "gone");
    assert_eq!(told(network, "api -> db:5432"), "blocked ENI_SG_RULES_MISMATCH db");
}

/// SG-19, SG-09: its rules and references count there as in its own VPC.
#[test]
fn a_group_may_be_associated_with_another_vpc() {
    let mut network = network(&with(&[("vpcs: {", "vpcs: { home: { cidr: 10.9.0.0/16 },")], ""));
    for group in network.security_groups.values_mut().filter(|one| one.label() == "app") {
        group.vpc = "home".into();
    }
    assert_eq!(told(network, "api -> db:5432"), "reachable");
}

/// SG-11, SG-19: an outbound reference means the other VPC's interfaces where both groups are there.
#[test]
fn an_outbound_reference_resolves_where_the_groups_share_a_vpc() {
    let text = joined("hub", "{ 10.0.0.0/16: hub }", HUB);
    let text = text
        .replace("app: { vpc: app }", "app: { vpc: app, egress: [{ to: far }] }")
        .replace("far: { vpc: spoke }", "far: { vpc: spoke, ingress: [{ from: 10.0.0.0/16 }] }");
    // Across a transit gateway, an outbound reference means nobody.
    assert_eq!(ask(&text, "api -> far:443"), "blocked ENI_SG_RULES_MISMATCH app");
    // Of an interface in the client's own VPC that carries it, the group is associated with both.
    let mut both = network(&text);
    let group = both.security_groups.values().find(|one| one.label() == "far").unwrap().id.clone();
    for interface in both.interfaces.values_mut().filter(|one| one.label() == "db") {
        interface.groups.insert(group.clone());
    }
    assert_eq!(told(both, "api -> far:443"), "reachable");
}

/// RT-06: which it is decides, or not.
#[test]
fn of_two_equal_lists_both_ways_are_followed() {
    let ask = |one: &str, two: &str| {
        let private = format!(
            "  private: {{ vpc: app, routes: {{ one: {one}, two: {two}, 10.9.0.0/16: blackhole }} }}"
        );
        let lists = "prefix_lists: { one: { entries: [198.51.100.0/24] }, two: { entries: [198.51.100.0/24] } }\n";
        let text = with(&[("  private: { vpc: app }", &private)], lists);
        World::new(network(&text)).ask(&"api -> 198.51.100.7:443".parse().unwrap()).unwrap()
    };
    let differs = ask("nat", "igw");
    assert_eq!(differs.verdict, Verdict::Intermittent, "{differs:#?}");
    let answer = &differs.answers[0];
    assert_eq!(answer.fails_for, ["connections for which AWS picks the route of private to igw"]);
    assert_eq!(&*answer.blockers[0].code.0, "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS");
    assert_eq!(ask("igw", "blackhole").verdict, Verdict::Blocked, "neither gets there");
    assert_eq!(ask("nat", "nat").verdict, Verdict::Reachable);
}

/// CT-07, IE-01, IE-02
#[test]
fn an_endpoints_group_needs_inbound_rules_only() {
    assert_eq!(ask(&with(&[], LOGS), "api -> logs"), "reachable");
    let other = with(&[("ingress: [{ from: app }]", "ingress: [{ from: 10.0.2.0/24 }]")], LOGS);
    assert_eq!(ask(&other, "api -> logs"), "blocked ENI_SG_RULES_MISMATCH db");
}

/// NA-09
#[test]
fn the_acl_of_an_endpoints_subnet_filters_what_goes_to_it() {
    let endpoint = LOGS.replace("[a, b]", "[b]");
    let acl = |entries: &str| {
        let all = "egress: [{ rule: 1, allow: 0.0.0.0/0 }]";
        format!(
            "network_acls: {{ strict: {{ vpc: app, subnets: [b], ingress: [{entries}], {all} }} }}\n"
        )
    };
    let ask = |entries: &str| ask(&with(&[], &(endpoint.clone() + &acl(entries))), "api -> logs");
    assert_eq!(
        ask("{ rule: 1, allow: 10.0.0.0/16, port: 80 }"),
        "blocked SUBNET_ACL_RESTRICTION strict"
    );
    assert_eq!(ask("{ rule: 1, allow: 10.0.0.0/16, port: 443 }"), "reachable");
}

/// IE-03: names rotate over the interfaces, so a part of the connections fails.
#[test]
fn an_endpoint_of_which_one_interface_is_shut_off_fails_now_and_then() {
    let acl = "network_acls: { shut: { vpc: app, subnets: [b] } }\n";
    let text = with(&[], &format!("{LOGS}{acl}"));
    assert_eq!(ask(&text, "api -> logs"), "intermittent SUBNET_ACL_RESTRICTION shut");
}

/// A second VPC that `joined` joins with the first, with a host of the group `far`.
fn joined(joined: &str, routes: &str, more: &str) -> String {
    with(
        &[
            ("vpcs: {", "vpcs: { spoke: { cidr: 10.1.0.0/16 },"),
            (
                "  private: { vpc: app }",
                &format!(
                    "  private: {{ vpc: app, routes: {{ 10.1.0.0/16: {joined} }} }}\n  far: {{ vpc: spoke, routes: {routes} }}"
                ),
            ),
            (
                "subnets:\n",
                "subnets:\n  far: { vpc: spoke, cidr: 10.1.1.0/24, az: us-east-1a, route_table: far }\n",
            ),
            ("security_groups:\n", "security_groups:\n  far: { vpc: spoke }\n"),
            (
                "instances:\n",
                "instances:\n  far: { subnet: far, address: 10.1.1.10, security_groups: [far] }\n",
            ),
        ],
        more,
    )
}

const HUB: &str = "\
transit_gateways: { hub: { group_references: true } }
transit_gateway_attachments:
  app: { transit_gateway: hub, subnets: [a, b] }
  spoke: { transit_gateway: hub, subnets: [far] }
";

/// IE-04, IE-02, SG-14
#[test]
fn an_endpoint_is_reached_over_a_transit_gateway_by_address_only() {
    let text = joined("hub", "{ 10.0.0.0/16: hub }", &format!("{HUB}{LOGS}"));
    let by = |peer: &str| ask(&text.replace("from: app", peer), "far -> eni/planned/logs@a:443");
    assert_eq!(by("from: 10.1.0.0/16"), "reachable");
    assert_eq!(by("from: far"), "blocked ENI_SG_RULES_MISMATCH db");
    // A host of that group is another matter.
    assert_eq!(ask(&text.replace("from: app", "from: far"), "far -> db:443"), "reachable");
}

/// NG-08, PC-03
#[test]
fn a_peer_does_not_use_the_nat_gateway_of_the_other() {
    let peering = "peerings: { pcx: { vpcs: [app, spoke] } }\n";
    let text = joined("pcx", "{ 0.0.0.0/0: pcx }", peering);
    let told = ask(&text, "far -> 198.51.100.7:443");
    assert_eq!(told, "blocked PCX_REQUIRES_ADDRESS_IN_VPC_CIDR pcx");
}

/// TG-08: never by the overlap, always by the routes that are there.
#[test]
fn of_two_vpcs_with_one_block_the_routes_say_which() {
    let twin = with(
        &[
            ("vpcs: {", "vpcs: { spoke: { cidr: 10.1.0.0/16 }, twin: { cidr: 10.1.0.0/16 },"),
            (
                "  private: { vpc: app }",
                "  private: { vpc: app, routes: { 10.1.0.0/16: hub } }\n  far: { vpc: spoke, routes: { 10.0.0.0/16: hub } }\n  twin: { vpc: twin, routes: { 10.0.0.0/16: hub } }",
            ),
            (
                "subnets:\n",
                "subnets:\n  far: { vpc: spoke, cidr: 10.1.1.0/24, az: us-east-1a, route_table: far }\n  twin: { vpc: twin, cidr: 10.1.1.0/24, az: us-east-1a, route_table: twin }\n",
            ),
            (
                "security_groups:\n",
                "security_groups:\n  far: { vpc: spoke, ingress: [{ from: 10.0.0.0/16 }] }\n  twin: { vpc: twin, ingress: [{ from: 10.0.0.0/16 }] }\n",
            ),
            (
                "instances:\n",
                "instances:\n  far: { subnet: far, address: 10.1.1.10, security_groups: [far] }\n  twin: { subnet: twin, address: 10.1.1.10, security_groups: [twin] }\n",
            ),
        ],
        "\
transit_gateways: { hub: { default_table: false } }
transit_gateway_attachments:
  app: { transit_gateway: hub, subnets: [a, b], route_table: t }
  spoke: { transit_gateway: hub, subnets: [far], route_table: t, propagate_to: [] }
  twin: { transit_gateway: hub, subnets: [twin], route_table: t, propagate_to: [] }
transit_gateway_route_tables:
  t: { transit_gateway: hub, routes: { 10.0.0.0/16: app, 10.1.0.0/16: spoke } }
",
    );
    assert_eq!(ask(&twin, "api -> eni/far:443"), "reachable");
    assert_eq!(ask(&twin, "api -> eni/twin:443"), "blocked DELIVERED_TO_OTHER_HOST request");
    let longer = twin.replace("10.1.0.0/16: spoke }", "10.1.0.0/16: spoke, 10.1.1.0/24: twin }");
    assert_eq!(ask(&longer, "api -> eni/twin:443"), "reachable");
}

/// A gateway endpoint for S3 in the private table.
const S3: &str = "endpoints: { s3: { service: s3, route_tables: [private] } }\n";

/// GE-04, NA-11, SG-08
#[test]
fn a_gateway_endpoint_needs_rules_for_public_addresses() {
    assert_eq!(ask(&with(&[], S3), "api -> s3"), "reachable");
    let egress = |to: &str| {
        let rule = format!("  app: {{ vpc: app, egress: [{{ to: {to}, port: 443 }}] }}");
        ask(&with(&[("  app: { vpc: app }", &rule)], S3), "api -> s3")
    };
    assert_eq!(egress("10.0.0.0/8"), "blocked ENI_SG_RULES_MISMATCH app");
    assert_eq!(egress("s3"), "reachable");
    let acl = |to: &str| {
        let all = "ingress: [{ rule: 1, allow: 0.0.0.0/0 }]";
        let acl = format!(
            "network_acls: {{ strict: {{ vpc: app, subnets: [a], egress: [{{ rule: 1, allow: {to} }}], {all} }} }}\n"
        );
        ask(&with(&[], &format!("{S3}{acl}")), "api -> s3")
    };
    assert_eq!(acl("10.0.0.0/8"), "blocked SUBNET_ACL_RESTRICTION strict");
    assert_eq!(acl("0.0.0.0/0"), "reachable");
}

/// IE-01, VPCE_PARTIAL_USABLE
#[test]
fn a_partial_endpoint_carries_by_a_named_assumption() {
    let partial = with(&[], &S3.replace("service: s3,", "service: s3, state: Partial,"));
    let answer = World::new(network(&partial)).ask(&"api -> s3".parse().unwrap()).unwrap();
    let assumed = &answer.answers[0].assumptions;
    assert_eq!(answer.verdict, Verdict::Reachable);
    assert!(assumed.iter().any(|one| one.name == "VPCE_PARTIAL_USABLE" && one.value == "true"));
    let mut network = network(&partial);
    network.assumptions.set("VPCE_PARTIAL_USABLE", "false").unwrap();
    assert_eq!(told(network, "api -> s3"), "blocked BAD_STATE s3");
}

/// GE-02
#[test]
fn a_gateway_endpoint_leads_to_its_own_region_only() {
    let far = "api -> s3.eu-west-1.amazonaws.com:443";
    assert_eq!(ask(&with(&[], S3), far), "blocked NO_ROUTE_TO_DESTINATION private");
    let nat = "  private: { vpc: app, routes: { 0.0.0.0/0: nat } }";
    assert_eq!(ask(&with(&[("  private: { vpc: app }", nat)], S3), far), "reachable");
}

/// GE-07, DN-02
#[test]
fn a_gateway_endpoint_needs_a_resolver_and_no_hostnames() {
    let attribute = |what: &str| {
        let vpc = format!("{{ cidr: 10.0.0.0/16, {what}: false }}");
        ask(&with(&[("{ cidr: 10.0.0.0/16 }", &vpc)], S3), "api -> s3")
    };
    assert_eq!(attribute("enable_dns_hostnames"), "reachable");
    assert_eq!(attribute("enable_dns_support"), "blocked VPC_DNS_SUPPORT_OFF app");
}

/// NG-10, SG-12, NG-04
#[test]
fn behind_a_private_nat_gateway_its_address_is_what_rules_see() {
    let by = |peer: &str| {
        let text = joined("hub", "{ 10.0.0.0/16: hub }", HUB)
            .replace("routes: { 10.1.0.0/16: hub }", "routes: { 10.1.0.0/16: nat }")
            .replace("{ 0.0.0.0/0: igw }", "{ 0.0.0.0/0: igw, 10.1.0.0/16: hub }")
            .replace(
                "far: { vpc: spoke }",
                &format!("far: {{ vpc: spoke, ingress: [{{ {peer} }}] }}"),
            )
            .replace(
                "{ subnet: public }",
                "{ subnet: public, connectivity: private, private_ip: 10.0.9.5 }",
            )
            .replace("subnets: [a, b]", "subnets: [public]");
        ask(&text, "api -> far:443")
    };
    assert_eq!(by("from: app"), "blocked ENI_SG_RULES_MISMATCH far");
    assert_eq!(by("from: 10.0.1.0/24"), "blocked ENI_SG_RULES_MISMATCH far");
    assert_eq!(by("from: 10.0.9.5/32"), "reachable");
}

/// NA-10
#[test]
fn behind_a_nat_gateway_the_clients_acl_sees_the_real_server() {
    let by = |entry: &str| {
        let all = "egress: [{ rule: 1, allow: 0.0.0.0/0 }]";
        let acl = format!(
            "network_acls: {{ strict: {{ vpc: app, subnets: [a], ingress: [{{ rule: 1, allow: {entry} }}], {all} }} }}\n"
        );
        let nat = "  private: { vpc: app, routes: { 0.0.0.0/0: nat } }";
        ask(&with(&[("  private: { vpc: app }", nat)], &acl), "api -> 198.51.100.7:443")
    };
    assert_eq!(by("10.0.0.0/16"), "blocked SUBNET_ACL_RESTRICTION strict");
    assert_eq!(by("198.51.100.7/32"), "reachable");
}

/// NA-06: Linux picks client ports from 32768-60999.
#[test]
fn entries_for_a_part_of_the_clients_ports_fail_now_and_then() {
    let by = |ports: &str| {
        let all = "ingress: [{ rule: 1, allow: 0.0.0.0/0 }]";
        let acl = format!(
            "network_acls: {{ strict: {{ vpc: app, subnets: [b], egress: [{{ rule: 1, allow: 10.0.0.0/16, port: \"{ports}\" }}], {all} }} }}\n"
        );
        ask(
            &with(
                &[],
                &format!("{acl}services: {{ web: {{ subnets: [a], security_groups: [app] }} }}\n"),
            ),
            "web -> db:5432",
        )
    };
    assert_eq!(by("32768-60999"), "reachable");
    assert_eq!(by("49152-65535"), "intermittent SUBNET_ACL_RESTRICTION strict");
    assert_eq!(by("1024-32767"), "blocked SUBNET_ACL_RESTRICTION strict");
}

/// IG-07, IG-02
#[test]
fn a_subnet_that_gives_public_addresses_gives_none_to_what_is_there() {
    let host = |public: &str| {
        let line =
            format!("instances:\n  edge: {{ subnet: public{public}, security_groups: [app] }}\n");
        ask(&with(&[("instances:\n", &line)], ""), "edge -> 198.51.100.7:443")
    };
    assert_eq!(host(", public_ip: false"), "blocked IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS igw");
    assert_eq!(host(", public_ip: true"), "reachable");
}

/// DN-13
#[test]
fn a_pull_from_ecr_needs_both_endpoints_and_s3() {
    let service = "services: { web: { subnets: [a], security_groups: [app] } }\n";
    let endpoint = |name: &str| match name {
        "s3" => "  s3: { service: s3, route_tables: [private] }\n".to_owned(),
        _ => format!("  {name}: {{ service: {name}, subnets: [a], security_groups: [db] }}\n"),
    };
    let all = ["ecr.api", "ecr.dkr", "s3"];
    for missing in all {
        let others = all.iter().filter(|name| **name != missing).map(|name| endpoint(name));
        let text = with(&[], &format!("endpoints:\n{}{service}", others.collect::<String>()));
        for name in all {
            let wanted = if name == missing {
                "blocked NO_ROUTE_TO_DESTINATION private"
            } else {
                "reachable"
            };
            assert_eq!(ask(&text, &format!("web -> {name}")), wanted, "without {missing}");
        }
    }
}

/// SH-01, SG-09: one data plane, whoever owns what is in it.
#[test]
fn accounts_that_share_a_subnet_share_its_data_plane() {
    let text = NETWORK
        .replace("{ cidr: 10.0.0.0/16 }", "{ cidr: 10.0.0.0/16, account: \"111122223333\" }");
    let mut network = network(&text);
    for interface in network.interfaces.values_mut().filter(|one| one.label() == "api") {
        interface.about.scope.account = Some("444455556666".into());
    }
    assert_eq!(told(network, "api -> db:5432"), "reachable");
}

/// SH-02, IE-13: the participant sees its own interface, the owner the network.
#[test]
fn captures_of_two_accounts_are_one_network() {
    let owner = r#"{"Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16", "OwnerId": "111122223333"}],
        "Subnets": [{"SubnetId": "subnet-1", "VpcId": "vpc-1", "CidrBlock": "10.0.1.0/24", "OwnerId": "111122223333"}],
        "NetworkInterfaces": []}"#;
    let participant = r#"{"Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16", "OwnerId": "111122223333"}],
        "NetworkInterfaces": [{"NetworkInterfaceId": "eni-1", "VpcId": "vpc-1", "SubnetId": "subnet-1", "OwnerId": "444455556666",
            "Status": "in-use", "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.1.7", "Primary": true}]}]}"#;
    let documents = [
        Document::new("111122223333/us-east-1/all.json", owner),
        Document::new("444455556666/us-east-1/all.json", participant),
    ];
    let network = describe::read(&documents).unwrap().network;
    assert_eq!((network.vpcs.len(), network.subnets.len(), network.interfaces.len()), (1, 1, 1));
    let account = |id: &str| network.interfaces[id].about.scope.account.clone();
    assert_eq!(account("eni-1").as_deref(), Some("444455556666"));
    assert_eq!(network.vpcs["vpc-1"].about.scope.account.as_deref(), Some("111122223333"));
}

/// LA-01, LA-02, LA-03, VP-01
#[test]
fn behind_a_route_that_is_not_followed_the_way_is_unknown() {
    let private = "  private: { vpc: app, routes: { 198.51.0.0/16: lgw/x } }";
    let text = with(&[("  private: { vpc: app }", private)], "");
    let told = ask(&text, "api -> 198.51.100.7:443");
    assert!(told.starts_with("unknown: "), "{told}");
}

/// TG-05: the reply comes to the firewall of its own zone, which has not seen the request.
#[test]
fn without_appliance_mode_a_reply_meets_the_appliance_of_another_zone() {
    let text = include_str!("../scenarios/appliance-mode-asymmetry.yaml");
    let answer = World::new(network(text)).ask(&"api -> db-b:5432".parse().unwrap()).unwrap();
    let blockers = answer.answers.iter().flat_map(|one| &one.blockers);
    let codes: Vec<&str> = blockers.map(|one| &*one.code.0).collect();
    assert_eq!((answer.verdict, codes), (Verdict::Blocked, vec!["TGW_ATTACH_VPC_AZ_RESTRICTION"]));
}

/// PW-03, SG-09, PW-12
#[test]
fn the_addresses_of_delegated_prefixes_are_the_interfaces_own() {
    let text = with(
        &[
            (
                "address: 10.0.2.20,",
                "address: 10.0.2.20, prefixes: [10.0.2.32/28], listens: [5432],",
            ),
            ("address: 10.0.1.10,", "address: 10.0.1.10, prefixes: [10.0.1.32/28],"),
        ],
        "",
    );
    assert_eq!(ask(&text, "api -> 10.0.2.40:5432"), "reachable");
    assert_eq!(ask(&text, "10.0.1.40 -> db:5432"), "reachable");
    // Behind them are others than the host, of whose sockets nothing is known.
    assert_eq!(ask(&text, "api -> 10.0.2.40:80"), "reachable");
    assert_eq!(ask(&text, "api -> db:80"), "blocked NOTHING_LISTENS db");
    assert_eq!(ask(&text, "api -> 10.0.2.60:5432"), "blocked VPC_LOCAL_ROUTE_CIDR_RESTRICTION b");
    // They have no public address, whatever the host has.
    let public = text
        .replace("prefixes: [10.0.1.32/28],", "prefixes: [10.0.1.32/28], public_ip: 203.0.113.9,");
    let public = public
        .replace("private: { vpc: app }", "private: { vpc: app, routes: { 0.0.0.0/0: igw } }");
    assert_eq!(ask(&public, "api -> 192.0.2.7:443"), "reachable");
    let code = "blocked IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS igw";
    assert_eq!(ask(&public, "10.0.1.40 -> 192.0.2.7:443"), code);
    let mut network = network(&text);
    network.assumptions.set("SG_REF_MATCHES_DELEGATED_PREFIX", "false").unwrap();
    assert_eq!(told(network.clone(), "10.0.1.40 -> db:5432"), "blocked ENI_SG_RULES_MISMATCH db");
    assert_eq!(told(network, "api -> db:5432"), "reachable");
}
