//! `reach what-if` and `reach diff` say which pairs of interfaces a change opens and closes, and on
//! which ports.

use assert_cmd::Command;
use serde_json::{Value, json};
use std::fs;
use tempfile::TempDir;
use vpc_reach::audit::hosts;
use vpc_reach::fleet::{Both, Compared, Demand, Fleet};
use vpc_reach::header::{Family, PortSet, Protocol};
use vpc_reach::query::World;
use vpc_reach::read::scenario::{self, Overlay};

/// Two VPCs, peered, and of the routes only those from one to two. In `one`, all reach web on 443 and
/// web reaches db on 5432; far takes everybody (SG-05, SG-09).
const NETWORK: &str = r#"
region: us-east-1
vpcs: { one: { cidr: 10.0.0.0/16 }, two: { cidr: 10.1.0.0/16 } }
peerings: { link: { vpcs: [one, two] } }
subnets:
  one-a: { vpc: one, cidr: 10.0.1.0/24, az: us-east-1a, route_table: one }
  one-b: { vpc: one, cidr: 10.0.2.0/24, az: us-east-1b, route_table: one }
  two-a: { vpc: two, cidr: 10.1.1.0/24, az: us-east-1a, route_table: two }
route_tables:
  one: { vpc: one, routes: { 10.1.0.0/16: link } }
  two: { vpc: two, routes: {} }
security_groups:
  web: { vpc: one, ingress: [{ from: 0.0.0.0/0, port: 443 }], egress: [{ to: 0.0.0.0/0 }] }
  db: { vpc: one, ingress: [{ from: web, port: 5432 }], egress: [{ to: 0.0.0.0/0 }] }
  far: { vpc: two, ingress: [{ from: 10.0.0.0/8 }], egress: [{ to: 0.0.0.0/0 }] }
interfaces:
  web-1: { subnet: one-a, address: 10.0.1.10, security_groups: [web] }
  web-2: { subnet: one-a, address: 10.0.1.11, security_groups: [web] }
  db: { subnet: one-b, address: 10.0.2.10, security_groups: [db] }
  far: { subnet: two-a, address: 10.1.1.10, security_groups: [far] }
"#;

/// PC-02: peers answer each other only where both have a route.
const ROUTE: &str = "route_tables.two.routes.10.0.0.0/16=link";

fn reach_in(folder: &TempDir, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::cargo_bin("reach").unwrap();
    let output = command.current_dir(folder).env("NO_COLOR", "1").args(arguments).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

fn reach_on(network: &str, arguments: &[&str]) -> (Option<i32>, String, String) {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("reach.yaml"), network).unwrap();
    reach_in(&folder, arguments)
}

fn reach(arguments: &[&str]) -> (Option<i32>, String, String) {
    reach_on(NETWORK, arguments)
}

/// The part of an answer that tells of pairs.
fn pairs(text: &str) -> &str {
    let start = text.find("pairs of interfaces\n").unwrap_or_else(|| panic!("{text}"));
    text[start..].split("\n\n").next().unwrap()
}

#[test]
fn a_route_that_completes_the_way_opens_pairs_on_the_ports_that_groups_let_in() {
    let (code, text, error) = reach(&["what-if", "--set", ROUTE]);
    assert_eq!(code, Some(0), "{error}");
    let wanted = "pairs of interfaces\n  \
         all tcp ports but 443  opens 3  one → two 3\n  \
         tcp 443                opens 5  one → two 3, two → one 2";
    assert_eq!(pairs(&text), wanted);
}

#[test]
fn another_port_in_a_rule_closes_pairs_on_the_old_one_and_opens_them_on_the_new() {
    let edit = "security_groups.db.ingress.0.port=5433";
    let (_, text, _) = reach(&["what-if", "--set", edit, "--by", "subnet"]);
    let wanted = "pairs of interfaces\n  \
         tcp 5432  closes 2  one/one-a → one/one-b 2\n  \
         tcp 5433  opens 2   one/one-a → one/one-b 2";
    assert_eq!(pairs(&text), wanted);
    let (_, text, _) = reach(&["what-if", "--set", edit, "--port", "22,5433"]);
    assert_eq!(pairs(&text), "pairs of interfaces\n  tcp 5433  opens 2  one → one 2");
}

#[test]
fn a_change_that_turns_no_pair_says_so() {
    let edit = "security_groups.db.ingress.0.port=5433";
    let (_, text, _) = reach(&["what-if", "--set", edit, "--port", "22,80"]);
    assert!(text.contains("no pair of interfaces fares otherwise on tcp 22, 80\n"), "{text}");
    let (_, text, _) = reach(&["what-if", "--set", ROUTE, "--ipv6"]);
    assert!(!text.contains("pair"), "nobody has an IPv6 address: {text}");
    let (_, text, _) = reach(&["what-if", "--set", edit, "--udp"]);
    assert!(text.contains("no pair of interfaces fares otherwise on any udp port\n"), "{text}");
}

#[test]
fn pairs_with_an_interface_that_comes_or_goes_are_told_with_it() {
    let new = "interface/web-3={ subnet: one-a, address: 10.0.1.12, security_groups: [web] }";
    let (_, text, error) = reach(&["what-if", "--add", new]);
    assert!(
        text.contains("  tcp 443   opens 5  one → one 5, with web-3, which is new\n"),
        "{error}"
    );
    assert!(
        text.contains("  tcp 5432  opens 1  one → one 1, with web-3, which is new\n"),
        "{text}"
    );
    let (_, text, _) = reach(&["what-if", "--remove", "interface/web-2"]);
    assert!(
        text.contains("  tcp 443   closes 3  one → one 3, with web-2, which is gone\n"),
        "{text}"
    );
}

#[test]
fn a_line_names_the_most_ways_first_and_counts_the_others() {
    let edit = "security_groups.db.ingress=[{ from: 0.0.0.0/0 }]";
    let arguments = ["what-if", "--set", ROUTE, "--set", edit, "--by", "subnet", "--port", "443"];
    let (_, text, _) = reach(&arguments);
    let wanted = "pairs of interfaces\n  \
         tcp 443  opens 8  one/one-a → one/one-b 2, one/one-a → two/two-a 2, two/two-a → one/one-a 2, \
         and 2 more ways";
    assert_eq!(pairs(&text), wanted);
}

/// NG-06, NA-06: replies to a NAT gateway are for ports that it picks from; an ACL that lets out only
/// those of most hosts loses some of them.
#[test]
fn pairs_that_are_intermittent_now_are_not_told_to_be_closed() {
    let network = "
region: us-east-1
vpcs: { one: { cidr: 10.0.0.0/16 }, two: { cidr: 10.1.0.0/16 } }
subnets:
  inner: { vpc: one, cidr: 10.0.1.0/24, az: us-east-1a, route_table: inner }
  outer: { vpc: one, cidr: 10.0.2.0/24, az: us-east-1a, route_table: outer }
  far: { vpc: two, cidr: 10.1.1.0/24, az: us-east-1a, route_table: far, network_acl: far }
  hub-one: { vpc: one, cidr: 10.0.3.0/28, az: us-east-1a }
  hub-two: { vpc: two, cidr: 10.1.3.0/28, az: us-east-1a }
nat_gateways: { nat: { subnet: outer, private_ip: 10.0.2.9, connectivity: private } }
transit_gateways: { tgw: {} }
transit_gateway_attachments:
  one: { transit_gateway: tgw, subnets: [hub-one] }
  two: { transit_gateway: tgw, subnets: [hub-two] }
route_tables:
  inner: { vpc: one, routes: { 0.0.0.0/0: nat } }
  outer: { vpc: one, routes: { 10.1.0.0/16: tgw } }
  far: { vpc: two, routes: { 10.0.0.0/16: tgw } }
network_acls:
  far:
    vpc: two
    ingress: [{ rule: 100, allow: 0.0.0.0/0 }]
    egress: [{ rule: 100, allow: 10.0.0.0/16, port: 1024-65535 }]
security_groups:
  one: { vpc: one, ingress: [], egress: [{ to: 0.0.0.0/0 }] }
  two: { vpc: two, ingress: [{ from: 10.0.2.9/32, port: 443 }], egress: [] }
interfaces:
  client: { subnet: inner, address: 10.0.1.10, security_groups: [one] }
  server: { subnet: far, address: 10.1.1.10, security_groups: [two] }
";
    let edit = "network_acls.far.egress.0.port=32768-60999";
    let (_, text, error) = reach_on(network, &["what-if", "--set", edit]);
    assert!(error.is_empty(), "{error}");
    let wanted =
        "pairs of interfaces\n  tcp 443  intermittent now 1  one → two 1, reachable before";
    assert_eq!(pairs(&text), wanted);
    let (_, text, _) = reach_on(network, &["what-if", "--set", edit, "--walks", "0"]);
    assert!(text.contains("  tcp 443  not told 1  only walks say how they fare"), "{text}");
}

#[test]
fn programs_get_every_pair_that_turns_by_port_and_group() {
    let (_, text, _) = reach(&["what-if", "--set", ROUTE, "--format", "json"]);
    let told: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(told["schema"], "reach/what-if/1");
    let pairs = &told["pairs"];
    assert_eq!(pairs["interfaces"], json!({ "before": 4, "after": 4 }));
    let wanted = json!({
        "ports": [{ "first": 443, "last": 443 }],
        "before": "blocked",
        "after": "reachable",
        "pairs": 5,
        "between": [
            { "from": "one", "to": "two", "pairs": 3 },
            { "from": "two", "to": "one", "pairs": 2 },
        ],
    });
    assert_eq!(pairs["turns"][1], wanted);
    assert_eq!(pairs["turns"][0]["ports"][1], json!({ "first": 444, "last": 65535 }));
    assert_eq!((&pairs["not_walked"], &pairs["not_counted"]), (&json!([]), &json!([])));
}

#[test]
fn a_diff_of_two_networks_tells_the_same_pairs_as_the_edit_that_lies_between_them() {
    let folder = TempDir::new().unwrap();
    let later = NETWORK.replace("routes: {} }", "routes: { 10.0.0.0/16: link } }");
    fs::write(folder.path().join("a.yaml"), NETWORK).unwrap();
    fs::write(folder.path().join("b.yaml"), later).unwrap();
    let of = |arguments: &[&str]| {
        let (_, text, error) = reach_in(&folder, arguments);
        let document: Value = serde_json::from_str(&text).expect(&error);
        document["pairs"].clone()
    };
    let diff = of(&["diff", "a.yaml", "b.yaml", "--format", "json"]);
    assert_eq!(diff, of(&["-f", "a.yaml", "what-if", "--set", ROUTE, "--format", "json"]));
    let back = of(&["diff", "b.yaml", "a.yaml", "--format", "json"]);
    assert_eq!(back["turns"][1]["before"], "reachable");
    assert_eq!(back["turns"][1]["between"], diff["turns"][1]["between"]);
}

#[test]
fn without_anything_to_check_or_to_count_a_change_is_refused() {
    let empty = "region: us-east-1\nvpcs: { one: { cidr: 10.0.0.0/16 } }\n";
    let edit = "subnet/x={ vpc: one, cidr: 10.0.1.0/24 }";
    let (code, text, error) = reach_on(empty, &["what-if", "--add", edit]);
    assert_eq!((code, text.as_str()), (Some(2), ""));
    assert!(error.contains("there is nothing to compare"), "{error}");
}

#[test]
fn a_comparison_that_would_take_too_long_says_that_it_is_not_whole() {
    let read = scenario::read("reach.yaml", NETWORK, &mut |base| panic!("no base {base}")).unwrap();
    let before = World::new(read.network.clone());
    let after = Overlay::set(ROUTE).unwrap().apply(&read.network).unwrap();
    let after = before.edited(&read.network, after);
    let [one, other] = [&before, &after]
        .map(|world| Fleet::new(&world.graph, hosts(&world.network, &world.graph, Family::V4)));
    let all = 0..one.hosts().len();
    let same: Vec<Both> =
        all.map(|at| Both { before: Some(at), after: Some(at), group: 0 }).collect();
    assert_eq!(one.hosts(), other.hosts());
    let client_ports = PortSet::from_range(32_768, 60_999);
    let demand = Demand { protocol: Protocol::Tcp, port: 443, client_ports };
    let surveys = [one.survey(&before.graph, &demand), other.survey(&after.graph, &demand)];
    let told = |mut looks: u64| {
        let fleets = [(&one, &before.graph), (&other, &after.graph)];
        let mut compared = Compared::new(fleets[0], fleets[1], &same);
        let mut pairs = 0;
        let mut add = |turn: vpc_reach::fleet::Turn| pairs += turn.pairs;
        let whole = compared.turns(&surveys[0], &surveys[1], true, &mut looks, &mut add);
        (whole, pairs)
    };
    assert_eq!(told(1_000), (true, 5));
    let (whole, pairs) = told(1);
    assert!(!whole && pairs < 5, "{pairs}");
}
