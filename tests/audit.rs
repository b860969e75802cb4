//! `reach audit` counts who can reach whom, and says so to people, programs and spreadsheets.

use assert_cmd::Command;
use serde_json::Value;
use std::fs;
use tempfile::TempDir;

/// Two VPCs of three hosts. In `one`, web may be reached by all on 443 and db by web only on 5432;
/// nothing leads from one VPC to the other, and only web has a public address. `attached` is a transit
/// gateway's own, which is nobody to reach (TG-07).
const NETWORK: &str = r#"
region: us-east-1
vpcs: { one: { cidr: 10.0.0.0/16 }, two: { cidr: 10.1.0.0/16 } }
internet_gateways: { igw: { vpc: one } }
subnets:
  one-a: { vpc: one, cidr: 10.0.1.0/24, az: us-east-1a, route_table: public }
  one-b: { vpc: one, cidr: 10.0.2.0/24, az: us-east-1b, route_table: public }
  two-a: { vpc: two, cidr: 10.1.1.0/24, az: us-east-1a }
route_tables:
  public: { vpc: one, routes: { 0.0.0.0/0: igw } }
security_groups:
  web: { vpc: one, ingress: [{ from: 0.0.0.0/0, port: 443 }], egress: [{ to: 0.0.0.0/0 }] }
  db: { vpc: one, ingress: [{ from: web, port: 5432 }], egress: [{ to: 0.0.0.0/0 }] }
  other: { vpc: two, ingress: [{ from: 0.0.0.0/0 }], egress: [{ to: 0.0.0.0/0 }] }
interfaces:
  web: { subnet: one-a, address: 10.0.1.10, public_ip: 198.51.100.7, security_groups: [web] }
  db: { subnet: one-b, address: 10.0.2.10, security_groups: [db] }
  other: { subnet: two-a, address: 10.1.1.10, security_groups: [other] }
  attached: { subnet: one-b, address: 10.0.2.250, role: transit-gateway }
"#;

fn reach(arguments: &[&str]) -> (Option<i32>, String, String) {
    reach_in(NETWORK, arguments)
}

fn reach_in(network: &str, arguments: &[&str]) -> (Option<i32>, String, String) {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("reach.yaml"), network).unwrap();
    run(&folder, arguments)
}

fn run(folder: &TempDir, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::cargo_bin("reach").unwrap();
    let output = command.current_dir(folder).env("NO_COLOR", "1").args(arguments).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn an_audit_counts_every_pair_on_every_port_asked() {
    let (code, text, _) = reach(&["audit", "--port", "443,5432", "--format", "json"]);
    assert_eq!(code, Some(0));
    let audit: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(audit["schema"], "reach/audit/1");
    assert_eq!(audit["interfaces"], 3);
    // On 443, db reaches web: its group takes everybody (SG-05).
    assert_eq!(audit["ports"][0]["pairs"]["reachable"], 1);
    assert_eq!(audit["ports"][0]["pairs"]["blocked"], 5);
    // Within one VPC, nobody is reached from another.
    assert_eq!(audit["ports"][0]["reached"], serde_json::json!([]));
    // On 5432, web reaches db: db's group takes web's members (SG-09).
    assert_eq!(audit["ports"][1]["pairs"]["reachable"], 1);
    assert_eq!(audit["ports"][1]["pairs"]["unknown"], 0);
}

#[test]
fn an_audit_of_every_port_says_what_is_reached_on_each_range() {
    let (code, text, _) = reach(&["audit", "--every-port", "--format", "json"]);
    assert_eq!(code, Some(0));
    let audit: Value = serde_json::from_str(&text).unwrap();
    let ports = audit["ports"].as_array().unwrap();
    let reached: Vec<(u64, u64, u64)> = ports
        .iter()
        .map(|one| (&one["port"], &one["last_port"], &one["pairs"]["reachable"]))
        .map(|(first, last, pairs)| (first.as_u64(), last.as_u64(), pairs.as_u64()))
        .map(|(first, last, pairs)| (first.unwrap(), last.unwrap(), pairs.unwrap()))
        .collect();
    // Each port is in one range, and only where a rule is for it does somebody reach another.
    let wanted = [(1, 442, 0), (443, 443, 1), (444, 5431, 0), (5432, 5432, 1), (5433, 65_535, 0)];
    assert_eq!(reached, wanted);
    let (_, text, _) = reach(&["audit", "--every-port"]);
    assert!(text.contains("tcp every port  6 ordered pairs among 3 interfaces"), "{text}");
    assert!(text.contains("  5433-65535          0"), "{text}");
}

#[test]
fn an_audit_over_ipv6_counts_those_that_have_it() {
    let dual = NETWORK
        .replace("cidr: 10.0.0.0/16 }", "cidr: 10.0.0.0/16, ipv6_cidr: '2001:db8:1::/56' }")
        .replace("cidr: 10.0.1.0/24,", "cidr: 10.0.1.0/24, ipv6_cidr: '2001:db8:1:1::/64',")
        .replace("cidr: 10.0.2.0/24,", "cidr: 10.0.2.0/24, ipv6_cidr: '2001:db8:1:2::/64',")
        .replace("address: 10.0.1.10,", "address: 10.0.1.10, ipv6_address: '2001:db8:1:1::10',")
        .replace("address: 10.0.2.10,", "address: 10.0.2.10, ipv6_address: '2001:db8:1:2::10',")
        .replace("egress: [{ to: 0.0.0.0/0 }]", "egress: [{ to: 0.0.0.0/0 }, { to: '::/0' }]");
    let (_, text, error) = reach_in(&dual, &["audit", "--ipv6", "--port", "443,5432"]);
    assert!(text.contains("tcp 443  2 ordered pairs among 2 interfaces"), "{text}{error}");
    // web's rule is for IPv4 only (SG-05); that of db names web's members of either family (SG-09).
    let counts: Vec<&str> = text.lines().filter(|line| line.ends_with("reachable")).collect();
    assert_eq!(counts, ["  1  reachable"], "{text}");
    assert!(text.find("tcp 5432").unwrap() < text.find("reachable").unwrap(), "{text}");
}

/// NG-06, NA-06: behind a NAT gateway, replies are for ports that the gateway picks from, more than
/// the client's own.
#[test]
fn pairs_through_a_nat_gateway_are_answered_on_its_ports() {
    let network = |ports: &str| {
        format!(
            r#"
region: us-east-1
vpcs: {{ one: {{ cidr: 10.0.0.0/16 }}, two: {{ cidr: 10.1.0.0/16 }} }}
subnets:
  inner: {{ vpc: one, cidr: 10.0.1.0/24, az: us-east-1a, route_table: inner }}
  outer: {{ vpc: one, cidr: 10.0.2.0/24, az: us-east-1a, route_table: outer }}
  far: {{ vpc: two, cidr: 10.1.1.0/24, az: us-east-1a, route_table: far, network_acl: far }}
  hub-one: {{ vpc: one, cidr: 10.0.3.0/28, az: us-east-1a }}
  hub-two: {{ vpc: two, cidr: 10.1.3.0/28, az: us-east-1a }}
nat_gateways: {{ nat: {{ subnet: outer, private_ip: 10.0.2.9, connectivity: private }} }}
transit_gateways: {{ tgw: {{}} }}
transit_gateway_attachments:
  one: {{ transit_gateway: tgw, subnets: [hub-one] }}
  two: {{ transit_gateway: tgw, subnets: [hub-two] }}
route_tables:
  inner: {{ vpc: one, routes: {{ 0.0.0.0/0: nat }} }}
  outer: {{ vpc: one, routes: {{ 10.1.0.0/16: tgw }} }}
  far: {{ vpc: two, routes: {{ 10.0.0.0/16: tgw }} }}
network_acls:
  far:
    vpc: two
    ingress: [{{ rule: 100, allow: 0.0.0.0/0 }}]
    egress: [{{ rule: 100, allow: 10.0.0.0/16, port: {ports} }}]
security_groups:
  one: {{ vpc: one, ingress: [], egress: [{{ to: 0.0.0.0/0 }}] }}
  two: {{ vpc: two, ingress: [{{ from: 10.0.2.9/32, port: 443 }}], egress: [] }}
interfaces:
  client: {{ subnet: inner, address: 10.0.1.10, security_groups: [one] }}
  server: {{ subnet: far, address: 10.1.1.10, security_groups: [two] }}
"#
        )
    };
    let counts = |ports: &str| {
        let arguments = ["audit", "--walks", "0", "--format", "json"];
        let (_, text, error) = reach_in(&network(ports), &arguments);
        let audit: Value = serde_json::from_str(&text).expect(&error);
        let pairs = &audit["ports"][0]["pairs"];
        // The client has no other way.
        assert_eq!(audit["ports"][0]["through_nat"], pairs["reachable"]);
        (pairs["reachable"].clone(), pairs["unknown"].clone())
    };
    assert_eq!(counts("1024-65535"), (1.into(), 0.into()));
    // What a client of its own would be answered on is not all that the gateway uses: only a walk
    // tells how such a pair fares.
    assert_eq!(counts("32768-60999"), (0.into(), 1.into()));
    let (_, text, _) = reach_in(&network("32768-60999"), &["audit"]);
    assert!(text.contains("  1  intermittent"), "{text}");
}

#[test]
fn an_audit_of_many_groups_says_whom_the_most_others_reach() {
    let folder = TempDir::new().unwrap();
    let reach = |arguments: &[&str]| {
        let mut command = Command::cargo_bin("reach").unwrap();
        let output = command.current_dir(&folder).env("NO_COLOR", "1").args(arguments).output();
        String::from_utf8(output.unwrap().stdout).unwrap()
    };
    reach(&["generate", "--vpcs", "4", "--interfaces", "20", "--seed", "3", "--out", "net"]);
    let all = ["-f", "net", "audit", "--by", "subnet"];
    let audit: Value =
        serde_json::from_str(&reach(&[&all[..], &["--format", "json"]].concat())).unwrap();
    let port = &audit["ports"][0];
    let reached = port["reached"].as_array().unwrap();
    assert!(reached.len() > 1, "{reached:?}");
    let mut last = u64::MAX;
    for one in reached {
        let others = port["between"].as_array().unwrap().iter().filter(|way| {
            way["to"] == one["group"] && way["from"] != way["to"] && way["pairs"]["reachable"] != 0
        });
        let pairs: Vec<u64> =
            others.map(|way| way["pairs"]["reachable"].as_u64().unwrap()).collect();
        assert_eq!(one["from_groups"], pairs.len(), "{one}");
        assert_eq!(one["pairs"], pairs.iter().sum::<u64>(), "{one}");
        assert!(one["pairs"].as_u64().unwrap() <= last, "{one}");
        last = one["pairs"].as_u64().unwrap();
    }
    let text = reach(&all);
    assert!(text.contains("reached from another subnet:"), "{text}");
    let first = reached[0]["group"].as_str().unwrap();
    assert!(text.contains(&format!("    {first}  ")), "{text}");
}

#[test]
fn an_audit_by_class_counts_subnets_and_groups_apart() {
    // A second host beside web, with db's group: the subnet is one, the classes are two.
    let network = NETWORK.replace(
        "  db: { subnet: one-b,",
        "  beside: { subnet: one-a, address: 10.0.1.11, security_groups: [db, web] }\n  near: { subnet: one-a, address: 10.0.1.12, security_groups: [web] }\n  db: { subnet: one-b,",
    );
    let (_, text, _) = reach_in(&network, &["audit", "--by", "class", "--csv"]);
    let wanted = "\
port,from,to,reachable,intermittent,blocked,unknown
443,sg web in one/one-a,\"sg db, web in one/one-a\",2,0,0,0
443,\"sg db, web in one/one-a\",sg web in one/one-a,2,0,0,0
443,sg db in one/one-b,sg web in one/one-a,2,0,0,0
443,sg web in one/one-a,sg web in one/one-a,2,0,0,0
443,sg db in one/one-b,\"sg db, web in one/one-a\",1,0,0,0
";
    let sorted = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(sorted(&text), sorted(wanted), "{text}");
    let (_, text, _) = reach_in(&network, &["audit", "--by", "class"]);
    assert!(text.contains("from one class into another: 4 ways"), "{text}");
    assert!(text.contains("web at 10.0.1.10 in sg web in one/one-a"), "{text}");
}

/// However the ends are grouped, all pairs together are the same.
#[test]
fn classes_add_up_to_what_subnets_do() {
    let folder = TempDir::new().unwrap();
    for shape in ["fleet", "overlap", "deep", "no-reuse"] {
        let out = format!("net-{shape}");
        let made = ["--vpcs", "6", "--interfaces", "20", "--seed", "4", "--shape", shape];
        run(&folder, &[&["generate", "--out", &out], &made[..]].concat());
        let pairs = |by: &str| {
            let asked = ["-f", &out, "audit", "--port", "443,5432", "--by", by, "--format", "json"];
            let (_, text, error) = run(&folder, &asked);
            let audit: Value = serde_json::from_str(&text).expect(&error);
            let ports = audit["ports"].as_array().unwrap().iter();
            let ports = ports.map(|port| (port["pairs"].clone(), port["through_nat"].clone()));
            let groups = audit["ports"][0]["between"].as_array().unwrap().len();
            (ports.collect::<Vec<_>>(), groups)
        };
        let (by_class, classes) = pairs("class");
        let (by_subnet, subnets) = pairs("subnet");
        assert_eq!(by_class, by_subnet, "{shape}");
        assert!(classes > subnets || shape == "deep", "{shape}: {classes} and {subnets}");
    }
}

#[test]
fn classes_too_many_to_tell_pair_by_pair_are_refused_with_a_hint() {
    let folder = TempDir::new().unwrap();
    let made = ["--vpcs", "9", "--interfaces", "250", "--seed", "4", "--shape", "no-reuse"];
    run(&folder, &[&["generate", "--out", "net"], &made[..]].concat());
    let (code, text, error) = run(&folder, &["-f", "net", "audit", "--by", "class"]);
    assert_eq!((code, text.as_str()), (Some(2), ""));
    assert!(error.contains("classes of interfaces are too many"), "{error}");
    assert!(error.contains("--by subnet"), "{error}");
}

#[test]
fn an_audit_names_what_the_internet_reaches() {
    let (_, text, _) = reach(&["audit"]);
    assert!(text.contains("from the internet: 1 interface\n"), "{text}");
    assert!(text.contains("web at 10.0.1.10 in one\n"), "{text}");
    let (_, text, _) = reach(&["audit", "--port", "5432"]);
    assert!(!text.contains("from the internet"), "{text}");
}

/// Ways out of every kind; the ACL of the NAT gateway's subnet forgets half of `private` (NA-02), and
/// what an S3 endpoint answers is not on the internet (GE-01).
const WAYS: &str = r#"
region: us-east-1
vpcs: { app: { cidr: 10.0.0.0/16, ipv6_cidr: '2001:db8:1::/56' }, hub: { cidr: 10.9.0.0/16 } }
prefix_lists: { com.amazonaws.us-east-1.s3: { entries: [52.216.0.0/15] } }
subnets:
  alone: { vpc: app, cidr: 10.0.1.0/24, az: us-east-1a, route_table: alone }
  private: { vpc: app, cidr: 10.0.2.0/24, az: us-east-1a, route_table: private }
  public: { vpc: app, cidr: 10.0.3.0/24, az: us-east-1a, route_table: public, network_acl: public }
  central: { vpc: app, cidr: 10.0.4.0/24, az: us-east-1a, route_table: central }
  six: { vpc: app, cidr: 10.0.5.0/24, ipv6_cidr: '2001:db8:1:1::/64', az: us-east-1a, route_table: six }
  app-tgw: { vpc: app, cidr: 10.0.6.0/28, az: us-east-1a }
  hub-tgw: { vpc: hub, cidr: 10.9.6.0/28, az: us-east-1a, route_table: hub-tgw }
  hub-public: { vpc: hub, cidr: 10.9.1.0/24, az: us-east-1a, route_table: hub-public }
internet_gateways: { igw: { vpc: app }, hub-igw: { vpc: hub } }
egress_only_internet_gateways: { eigw: { vpc: app } }
nat_gateways: { nat: { subnet: public }, hub-nat: { subnet: hub-public } }
endpoints: { s3: { type: gateway, service: s3, vpc: app, route_tables: [alone] } }
transit_gateways: { tgw: {} }
transit_gateway_attachments:
  app: { transit_gateway: tgw, subnets: [app-tgw] }
  hub: { transit_gateway: tgw, subnets: [hub-tgw] }
transit_gateway_route_tables:
  main: { transit_gateway: tgw, associations: [app, hub], routes: { 0.0.0.0/0: hub, 10.0.0.0/16: app } }
route_tables:
  alone: { vpc: app }
  private: { vpc: app, routes: { 0.0.0.0/0: nat } }
  public: { vpc: app, routes: { 0.0.0.0/0: igw } }
  central: { vpc: app, routes: { 0.0.0.0/0: tgw } }
  six: { vpc: app, routes: { '::/0': eigw } }
  hub-tgw: { vpc: hub, routes: { 0.0.0.0/0: hub-nat } }
  hub-public: { vpc: hub, routes: { 0.0.0.0/0: hub-igw, 10.0.0.0/16: tgw } }
network_acls:
  public:
    vpc: app
    ingress: [{ rule: 90, deny: 10.0.2.128/25 }, { rule: 100, allow: 0.0.0.0/0 }]
    egress: [{ rule: 100, allow: 0.0.0.0/0 }]
security_groups:
  all: { vpc: app, ingress: [{ from: 0.0.0.0/0 }], egress: [{ to: 0.0.0.0/0 }, { to: '::/0' }] }
  some: { vpc: app, ingress: [], egress: [{ to: 52.0.0.0/8, port: 443 }] }
interfaces:
  alone: { subnet: alone, address: 10.0.1.10, security_groups: [all] }
  low: { subnet: private, address: 10.0.2.10, security_groups: [all] }
  lower: { subnet: private, address: 10.0.2.9, security_groups: [all] }
  high: { subnet: private, address: 10.0.2.210, security_groups: [all] }
  some: { subnet: private, address: 10.0.2.11, security_groups: [some] }
  public: { subnet: public, address: 10.0.3.10, public_ip: 198.51.100.7, security_groups: [all] }
  unseen: { subnet: public, address: 10.0.3.11, security_groups: [all] }
  central: { subnet: central, address: 10.0.4.10, security_groups: [all] }
  six: { subnet: six, address: 10.0.5.10, ipv6_address: '2001:db8:1:1::10', security_groups: [all] }
"#;

#[test]
fn an_audit_names_what_reaches_the_internet_and_by_which_way() {
    let leaving = |arguments: &[&str]| -> Vec<(String, String, bool)> {
        let (_, text, error) = reach_in(WAYS, &[arguments, &["--format", "json"]].concat());
        let audit: Value = serde_json::from_str(&text).expect(&error);
        let all = audit["ports"][0]["to_internet"].as_array().unwrap().iter();
        all.map(|one| {
            let way: Vec<&str> =
                one["way"].as_array().unwrap().iter().map(|kind| kind.as_str().unwrap()).collect();
            let name = one["name"].as_str().unwrap().to_owned();
            (name, way.join(" "), one["sure"].as_bool().unwrap())
        })
        .collect()
    };
    let one = |name: &str, way: &str, sure| (name.to_owned(), way.to_owned(), sure);
    assert_eq!(
        leaving(&["audit"]),
        [
            one("central", "transit-gateway nat-gateway", true),
            one("low", "nat-gateway", true),
            one("lower", "nat-gateway", true),
            one("public", "internet-gateway", true),
            // Its group lets out to a part of the internet only.
            one("some", "nat-gateway", false),
        ]
    );
    assert_eq!(leaving(&["audit", "--port", "80"]).len(), 4);
    assert_eq!(leaving(&["audit", "--ipv6"]), [one("six", "egress-only-internet-gateway", true)]);
}

#[test]
fn an_audit_counts_what_reaches_the_internet_by_way_and_by_group() {
    let (_, text, _) = reach_in(WAYS, &["audit", "--by", "subnet"]);
    let wanted = "
  to the internet: 5 interfaces, 1 of them in part or not for sure
    through a NAT gateway  3
    through a transit gateway, then a NAT gateway  1
    through an internet gateway  1
    by subnet
      app/private  3
      app/central  1
      app/public  1
";
    assert!(text.ends_with(wanted), "{text}");
    // All ports at once say the same as one alone.
    let (_, text, _) = reach_in(WAYS, &["audit", "--every-port"]);
    let counts: Vec<&str> =
        text.lines().skip(3).map(|line| line.split_whitespace().last().unwrap()).collect();
    assert_eq!(counts, ["4", "5", "4"], "{text}");
}

#[test]
fn an_audit_for_a_spreadsheet_has_one_line_per_port_and_pair_of_groups() {
    let (_, text, _) = reach(&["audit", "--by", "subnet", "--csv"]);
    let wanted =
        "port,from,to,reachable,intermittent,blocked,unknown\n443,one/one-b,one/one-a,1,0,0,0\n";
    assert_eq!(text, wanted);
}

#[test]
fn what_is_only_planned_is_not_counted_and_does_not_look_like_success() {
    let scenario = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/missing-ecr-dkr.yaml");
    let (code, text, error) = reach(&["audit", "-f", scenario]);
    assert_eq!((code, text.as_str()), (Some(2), ""));
    assert!(error.contains("no interface"), "{error}");
    assert!(error.contains("reach check"), "{error}");
}

#[test]
fn a_vpc_is_asked_about_as_a_whole() {
    let (code, text, _) = reach(&["vpc/one -> vpc/two:443"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS"), "{text}");
    // Only db can be asked here: nobody is asked about themselves.
    let (code, text, _) = reach(&["db -> vpc/one:443"]);
    assert_eq!(code, Some(0), "{text}");
    let (code, _, error) = reach(&["account/999988887777 -> vpc/two:443"]);
    assert_eq!(code, Some(2));
    assert!(error.contains("no interface here is of account 999988887777"), "{error}");
}

#[test]
fn segments_are_held_apart_by_expectations() {
    let expected = format!(
        "{NETWORK}\nexpect:\n  - vpc/one -> vpc/two:443: blocked\n  - only web -> db:5432\n  - internet -> vpc/one:5432: blocked\n"
    );
    let (code, text, _) = reach_in(&expected, &["check"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("3 of 3 expectations met"), "{text}");
    // Another host in the same VPC reaches it once the group is open to the VPC (SG-05).
    let open = expected.replace("from: web, port: 5432", "from: 10.0.0.0/16, port: 5432");
    let third =
        "interfaces:\n  third: { subnet: one-b, address: 10.0.2.30, security_groups: [web] }";
    let (code, text, _) = reach_in(&open.replace("interfaces:", third), &["check"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("only web -> db:5432"), "{text}");
    assert!(text.contains("third"), "{text}");
    assert!(text.contains("2 of 3 expectations met"), "{text}");
}

#[test]
fn whom_the_input_does_not_list_nobody_is_said_not_to_reach() {
    let capture = r#"{
        "Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16"}, {"VpcId": "vpc-2", "CidrBlock": "10.1.0.0/16"}]
    }"#;
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("capture.json"), capture).unwrap();
    let ask = |query: &str| {
        let mut command = Command::cargo_bin("reach").unwrap();
        command.current_dir(&folder).args(["-f", "capture.json", query]).output().unwrap()
    };
    // Neither VPC's interfaces were captured: nothing follows for what may be there.
    let output = ask("internet -> vpc/vpc-2:22");
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stdout).contains("the interfaces of vpc vpc-2"));
    // In a scenario, what is not stated is not there.
    let (code, _, error) = reach_in(
        "region: us-east-1\nvpcs: { one: { cidr: 10.0.0.0/16 } }\n",
        &["internet -> vpc/one:22"],
    );
    assert_eq!(code, Some(2));
    assert!(error.contains("vpc one has no interface here"), "{error}");
}
