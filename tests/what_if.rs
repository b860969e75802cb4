//! `reach what-if`: a change is made as it is meant, nothing else changes, and what it does to the
//! verdicts is told.

#[path = "what_if/pairs.rs"]
mod pairs;
mod random;

use assert_cmd::Command;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;
use vpc_reach::answer::{Query, Verdict};
use vpc_reach::compare::{Turn, asked, changes, explain, flips};
use vpc_reach::edit::plain;
use vpc_reach::network::{Kind, Network, RouteState};
use vpc_reach::query::World;
use vpc_reach::read::scenario::{self, Overlay};
use vpc_reach::read::{ReadError, load};

const APP: &str = "\
region: us-east-1
vpcs: { app: { cidr: 10.0.0.0/16 } }
subnets:
  private: { vpc: app, cidr: 10.0.1.0/24, az: us-east-1a, route_table: private }
  public: { vpc: app, cidr: 10.0.2.0/24, az: us-east-1a, route_table: public }
internet_gateways: { igw: { vpc: app } }
nat_gateways: { nat: { subnet: public } }
route_tables:
  private: { vpc: app, routes: { 0.0.0.0/0: nat } }
  public: { vpc: app, routes: { 0.0.0.0/0: igw } }
security_groups:
  task: { vpc: app, egress: [{ to: [0.0.0.0/0, 10.0.0.0/16], port: [443, 80] }, { to: 10.0.0.0/8, protocol: udp, port: 53 }] }
task_definitions:
  web: { containers: { app: { image: 111122223333.dkr.ecr.us-east-1.amazonaws.com/web:1, port: 8080, listens: 127.0.0.1 } } }
services: { web: { subnets: [private], security_groups: [task], task_definition: web } }
expect: [web -> ecr.dkr: reachable]
what_if:
  without-nat: { remove: [nat-gateway/nat] }
";

fn read(text: &str) -> Network {
    scenario::read("reach.yaml", text, &mut |base| panic!("no base {base}")).unwrap().network
}

fn over(base: &Network, text: &str) -> Result<Network, ReadError> {
    Overlay::read("over.yaml", text)?.apply(base)
}

/// A network without the places of its parts.
fn parts(network: &Network) -> BTreeMap<(Option<Kind>, String), String> {
    let all = network.clone().into_resources();
    all.map(|one| ((one.kind(), one.id().to_owned()), format!("{:?}", plain(one)))).collect()
}

/// The same parts as the scenario, its line replaced.
fn like(edited: &Network, from: &str, to: &str) {
    assert!(APP.contains(from), "{from}");
    assert_eq!(parts(edited), parts(&read(&APP.replace(from, to))));
}

#[test]
fn an_overlay_states_what_is_different_and_the_rest_stays() {
    let base = read(APP);
    let edited = over(&base, "services: { web: { assign_public_ip: true } }").unwrap();
    like(&edited, "{ subnets: [private],", "{ assign_public_ip: true, subnets: [private],");
    let edited = over(&base, "subnets: { private: { route_table: public } }").unwrap();
    like(&edited, "us-east-1a, route_table: private", "us-east-1a, route_table: public");
    let edited = over(&base, "subnets: { private: { route_table: null } }").unwrap();
    like(&edited, "us-east-1a, route_table: private", "us-east-1a");
    let edited = over(&base, "route_tables: { private: { routes: { 0.0.0.0/0: null } } }").unwrap();
    like(&edited, "routes: { 0.0.0.0/0: nat }", "routes: {}");
    let listens = "task_definitions: { web: { containers: { app: { listens: 0.0.0.0 } } } }";
    let edited = over(&base, listens).unwrap();
    like(&edited, "listens: 127.0.0.1", "listens: 0.0.0.0");
    let added = "endpoints: { dkr: { service: ecr.dkr, subnets: [private] } }";
    like(&over(&base, added).unwrap(), "expect:", &format!("{added}\nexpect:"));
}

#[test]
fn the_items_of_a_list_go_by_their_positions_in_the_file() {
    let base = read(APP);
    let rules = "egress: [{ to: [0.0.0.0/0, 10.0.0.0/16], port: [443, 80] }, { to: 10.0.0.0/8, protocol: udp, port: 53 }]";
    for (change, egress) in [
        (
            "{ 1: { port: 5353 } }",
            "egress: [{ to: [0.0.0.0/0, 10.0.0.0/16], port: [443, 80] }, { to: 10.0.0.0/8, protocol: udp, port: 5353 }]",
        ),
        ("{ 0: null }", "egress: [{ to: 10.0.0.0/8, protocol: udp, port: 53 }]"),
        (
            "{ 0: { port: 443 } }",
            "egress: [{ to: [0.0.0.0/0, 10.0.0.0/16], port: 443 }, { to: 10.0.0.0/8, protocol: udp, port: 53 }]",
        ),
        ("[{ to: 10.0.0.0/8 }]", "egress: [{ to: 10.0.0.0/8 }]"),
    ] {
        let edited =
            over(&base, &format!("security_groups: {{ task: {{ egress: {change} }} }}")).unwrap();
        like(&edited, rules, egress);
    }
    let edited =
        over(&base, "security_groups: { task: { ingress: { +: { from: task, port: 8080 } } } }");
    like(
        &edited.unwrap(),
        "task: { vpc: app,",
        "task: { vpc: app, ingress: [{ from: task, port: 8080 }],",
    );
}

#[test]
fn single_changes_say_the_same_on_the_command_line() {
    let base = read(APP);
    let set = |text: &str| Overlay::set(text).unwrap().apply(&base).unwrap();
    like(
        &set("route_tables.private.routes.0.0.0.0/0=igw"),
        "routes: { 0.0.0.0/0: nat }",
        "routes: { 0.0.0.0/0: igw }",
    );
    like(&set("security_groups.task.egress.1.port=5353"), "port: 53 }", "port: 5353 }");
    like(&set("subnets.private.route_table="), "us-east-1a, route_table: private", "us-east-1a");
    like(
        &set("security_groups.task.egress=[]"),
        "egress: [{ to: [0.0.0.0/0, 10.0.0.0/16], port: [443, 80] }, { to: 10.0.0.0/8, protocol: udp, port: 53 }]",
        "egress: []",
    );
    let added = Overlay::add("nat-gateway/two={ subnet: public }").unwrap().apply(&base).unwrap();
    like(&added, "nat: { subnet: public }", "nat: { subnet: public }, two: { subnet: public }");
    let refused = Overlay::add("nat-gateway/nat={ subnet: private }").unwrap().apply(&base);
    assert_eq!(refused.unwrap_err().message, "there is a NAT gateway `nat` already");
}

/// RT-11: a route whose target is gone stays, and leads nowhere.
#[test]
fn what_is_removed_takes_along_what_aws_takes() {
    let base = read(APP);
    let edited = Overlay::remove("nat-gateway/nat").unwrap().apply(&base).unwrap();
    assert!(edited.nat_gateways.is_empty());
    let state = |network: &Network| network.route_tables["private"].routes[1].state.clone();
    assert_eq!((state(&base), state(&edited)), (RouteState::Active, RouteState::Blackhole));
    // GE-01
    let gateway = over(&base, "endpoints: { s3: { service: s3, route_tables: [private] } }");
    let gateway = gateway.unwrap();
    assert_eq!(gateway.route_tables["private"].routes.len(), 3);
    let gone = over(&gateway, "endpoints: { s3: null }").unwrap();
    assert_eq!(gone.route_tables, base.route_tables);
}

#[test]
fn what_aws_would_refuse_is_refused_with_the_reason() {
    let base = read(&APP.replace(
        "vpcs: { app: { cidr: 10.0.0.0/16 } }",
        "vpcs: { app: { cidr: 10.0.0.0/16 }, other: { cidr: 10.0.0.0/16 } }",
    ));
    for (change, reason) in [
        (
            "subnets: { third: { vpc: app, cidr: 10.0.1.0/25 } }",
            "subnet `private` (10.0.1.0/24) overlaps subnet `third` (10.0.1.0/25)",
        ),
        (
            "subnets: { third: { vpc: app, cidr: 10.1.0.0/24 } }",
            "subnet `third` (10.1.0.0/24) lies outside its VPC `app`",
        ),
        (
            "endpoints: { e: { service: logs, vpc: other, subnets: [private] } }",
            "endpoint `e` is in VPC `other`, and its subnet `private` is in VPC `app`",
        ),
        (
            "security_groups: { far: { vpc: other } }\nservices: { web: { security_groups: [far] } }",
            "service `web` is in VPC `app`, and its security group `far` is in VPC `other`",
        ),
        (
            "endpoints: { a: { service: logs, subnets: [private] }, b: { service: logs, subnets: [public] } }",
            "endpoints `a` and `b` both have private DNS for com.amazonaws.us-east-1.logs in VPC `app`",
        ),
        (
            "endpoints: { a: { service: logs, subnets: [private, public] } }",
            "endpoint `a` is in subnets `private` and `public`, both in zone us-east-1a",
        ),
        (
            "peerings: { p: { vpcs: [app, other] } }",
            "peering `p` joins VPCs whose blocks overlap: 10.0.0.0/16 and 10.0.0.0/16",
        ),
        (
            "remove: [security-group/task]",
            "service `web` names security group `task`, and there is none",
        ),
    ] {
        let error = over(&base, change).unwrap_err();
        assert_eq!(error.message, format!("AWS would refuse this: {reason}"), "{change}");
    }
}

#[test]
fn what_an_overlay_names_must_mean_one_thing() {
    let vpcs = "vpcs: { app: { cidr: 10.0.0.0/16 }, other: { cidr: 10.1.0.0/16 } }";
    let base = read(&APP.replace("vpcs: { app: { cidr: 10.0.0.0/16 } }", vpcs));
    let refused = |text: &str| {
        let error = over(&base, text).unwrap_err();
        (error.message, error.hint.unwrap_or_default())
    };
    let (message, hint) = refused("security_groups: { default: { ingress: [] } }");
    assert_eq!(message, "`default` names 2 security groups");
    assert_eq!(hint, "name one by its id: app-default, other-default");
    let base = read(APP);
    let refused = |text: &str| over(&base, text).unwrap_err().message;
    assert_eq!(refused("subnets: { privat: null }"), "there is no subnet `privat` to remove");
    assert_eq!(
        refused("services: { web: { assign_publc_ip: true } }"),
        "service `web` has no key `assign_publc_ip`"
    );
    assert_eq!(
        refused("security_groups: { task: { egress: { 7: null } } }"),
        "this list has no item 7"
    );
    assert_eq!(refused("expect: []"), "an overlay has no key `expect`");
    let path = Overlay::set("security_group.task.egress=[]").unwrap().apply(&base).unwrap_err();
    assert_eq!(path.hint.unwrap(), "did you mean `security_groups`?");
}

/// Every resource restated as it is: nothing may change, to the last field.
fn restated(network: &Network, what: &str) {
    let sections = [
        (Kind::PrefixList, "prefix_lists"),
        (Kind::DhcpOptions, "dhcp_options"),
        (Kind::Vpc, "vpcs"),
        (Kind::RouteTable, "route_tables"),
        (Kind::NetworkAcl, "network_acls"),
        (Kind::SecurityGroup, "security_groups"),
        (Kind::InternetGateway, "internet_gateways"),
        (Kind::EgressOnlyGateway, "egress_only_internet_gateways"),
        (Kind::NatGateway, "nat_gateways"),
        (Kind::VpcEndpoint, "endpoints"),
        (Kind::VirtualPrivateGateway, "virtual_private_gateways"),
        (Kind::PeeringConnection, "peerings"),
        (Kind::TransitGateway, "transit_gateways"),
        (Kind::TransitGatewayRouteTable, "transit_gateway_route_tables"),
        (Kind::TransitGatewayAttachment, "transit_gateway_attachments"),
        (Kind::NetworkInterface, "interfaces"),
        (Kind::Instance, "instances"),
        (Kind::CapacityProvider, "capacity_providers"),
        (Kind::Cluster, "clusters"),
        (Kind::ContainerInstance, "container_instances"),
        (Kind::FileSystem, "file_systems"),
        (Kind::TargetGroup, "target_groups"),
        (Kind::LoadBalancer, "load_balancers"),
        (Kind::HostedZone, "hosted_zones"),
        (Kind::ResolverRule, "resolver_rules"),
        (Kind::BlockPublicAccess, "public_access_blocks"),
        (Kind::BlockPublicAccessExclusion, "public_access_exclusions"),
        (Kind::TaskDefinition, "task_definitions"),
        (Kind::Service, "services"),
        (Kind::Task, "tasks"),
        (Kind::Subnet, "subnets"),
    ];
    let mut known = 0;
    for (kind, section) in sections {
        for (_, id, _) in network.resources().filter(|(other, ..)| *other == kind) {
            let text = format!("{section}: {{ {id:?}: {{}} }}");
            match over(network, &text) {
                Ok(edited) => {
                    assert!(edited == *network, "{what}: {kind}/{id} does not stay as it is");
                    known += 1;
                }
                // What holds more than a file can say is refused.
                Err(error) => assert!(
                    error.message.contains("cannot be changed field by field")
                        || error.message.starts_with("there is no "),
                    "{what}: {kind}/{id}: {}",
                    error.message
                ),
            }
        }
    }
    assert!(known > 0, "{what}");
}

#[test]
fn what_is_restated_as_it_is_stays_as_it_is() {
    let mut scenarios: Vec<PathBuf> = fs::read_dir("scenarios")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "yaml"))
        .collect();
    scenarios.extend(
        ["isolated-with-endpoints", "isolated-without-dkr", "nat-per-zone"]
            .map(|name| PathBuf::from("tests/captures").join(name)),
    );
    for path in scenarios {
        let name = path.to_string_lossy();
        restated(&load(&name).unwrap().network, &name);
    }
}

fn random_networks(count: usize, seed: u8) -> Vec<random::Case> {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let cases = random::case();
    (0..count).map(|_| cases.new_tree(&mut runner).unwrap().current()).collect()
}

#[test]
fn random_networks_stay_as_they_are_too() {
    for case in random_networks(60, 3) {
        restated(&case.network, &format!("{case:?}"));
    }
}

/// A typed change and the same change written down: a rule taken from a group of a capture.
#[test]
fn a_snapshot_is_changed_in_part_and_keeps_what_no_scenario_can_say() {
    let base = load("tests/captures/isolated-without-dkr").unwrap().network;
    for (id, group) in &base.security_groups {
        let text = format!(
            "security_groups: {{ {id}: {{ egress: {{ +: {{ to: 192.0.2.1/32, port: 9 }} }} }} }}"
        );
        let edited = over(&base, &text).unwrap();
        let changed = &edited.security_groups[id];
        let (new, old) = changed.egress.split_last().unwrap();
        assert_eq!((old, &changed.ingress), (group.egress.as_slice(), &group.ingress));
        assert_eq!(new.at.as_ref().unwrap().file.as_ref(), "over.yaml");
        let mut expected = base.clone();
        expected.insert(changed.clone());
        assert!(edited == expected, "nothing but the group changes");
    }
}

/// What goes by its fields alone is changed by them, whatever its kind.
#[test]
fn every_kind_is_changed_field_by_field() {
    let base = read(
        "\
region: us-east-1
vpcs: { app: { cidr: 10.0.0.0/16 } }
subnets: { a: { vpc: app, cidr: 10.0.1.0/24, az: us-east-1a } }
transit_gateways: { hub: {} }
virtual_private_gateways: { vgw: { vpc: app } }
public_access_blocks: { block: { mode: block-bidirectional } }
public_access_exclusions: { out: { vpc: app, mode: allow-egress } }
capacity_providers: { spot: {} }
clusters: { main: { default_capacity_providers: [spot] } }
file_systems: { shared: { subnets: [a] } }
",
    );
    for (change, field) in [
        ("transit_gateways: { hub: { group_references: true } }", "group_references: Some(true)"),
        ("virtual_private_gateways: { vgw: { state: detached } }", "detached"),
        ("public_access_blocks: { block: { mode: block-ingress } }", "Ingress"),
        ("public_access_exclusions: { out: { mode: allow-bidirectional } }", "Bidirectional"),
    ] {
        let edited = over(&base, change).unwrap_or_else(|error| panic!("{change}: {error}"));
        let (one, other) = (parts(&base), parts(&edited));
        let differ: Vec<&String> = other
            .iter()
            .filter(|(key, text)| one.get(key) != Some(text))
            .map(|(_, it)| it)
            .collect();
        assert_eq!((one.len(), differ.len()), (other.len(), 1), "{change}");
        assert!(differ[0].contains(field), "{change}: {}", differ[0]);
    }
    for restated in ["clusters: { main: {} }", "file_systems: { shared: {} }"] {
        assert!(over(&base, restated).unwrap() == base, "{restated}");
    }
}

/// The flips are the difference of what every question gives in each of two networks.
#[test]
fn flips_are_the_difference_of_two_full_sets_of_answers() {
    let cases = random_networks(120, 5);
    let (mut turned, mut stayed) = (0, 0);
    for pair in cases.chunks(2) {
        let [one, other] = pair else { continue };
        let worlds = [World::new(one.network.clone()), World::new(other.network.clone())];
        let mut ids: Vec<&str> = one.network.interfaces.keys().map(|id| id.as_str()).collect();
        ids.extend(other.network.interfaces.keys().map(|id| id.as_str()));
        ids.sort_unstable();
        ids.dedup();
        let ids: Vec<&str> = ids.into_iter().take(6).collect();
        let queries: Vec<Query> = ids
            .iter()
            .flat_map(|from| ids.iter().map(move |to| (from, to)))
            .filter(|(from, to)| from != to)
            .flat_map(|(from, to)| {
                [format!("eni/{from} -> eni/{to}:443"), format!("eni/{from} -> 198.51.100.7:443")]
            })
            .filter_map(|text| text.parse().ok())
            .collect();
        let [before, after] = worlds.each_ref().map(|world| asked(world, &queries));
        let flips = flips(&before, &after);
        let told: BTreeMap<&str, Turn> =
            flips.flips.iter().map(|flip| (flip.subject.what.as_str(), flip.turn)).collect();
        for query in &queries {
            let [one, other] = worlds.each_ref().map(|world| world.ask(query).ok());
            let verdict = |answer: &Option<_>| {
                answer.as_ref().map(|it: &vpc_reach::answer::QueryAnswer| it.verdict)
            };
            let codes = |answer: &Option<vpc_reach::answer::QueryAnswer>| {
                let answers = answer.iter().flat_map(|it| &it.answers);
                let firsts = answers.filter_map(|it| it.blockers.first());
                firsts
                    .map(|it| (it.code.clone(), it.resource.label().to_owned()))
                    .collect::<Vec<_>>()
            };
            let text = query.to_string();
            match told.get(text.as_str()) {
                Some(Turn::Opened) => {
                    assert_eq!(verdict(&other), Some(Verdict::Reachable), "{text}");
                    assert_ne!(verdict(&one), Some(Verdict::Reachable), "{text}");
                }
                Some(Turn::Closed) => {
                    assert_eq!(verdict(&one), Some(Verdict::Reachable), "{text}");
                    assert_ne!(verdict(&other), Some(Verdict::Reachable), "{text}");
                }
                Some(_) => {}
                None => {
                    assert_eq!(verdict(&one), verdict(&other), "{text}");
                    let (one, other) = (codes(&one), codes(&other));
                    let missing = |all: &[_], one| !all.contains(one);
                    assert!(!one.iter().any(|it| missing(&other, it)), "{text}: {one:?} {other:?}");
                }
            }
            if verdict(&one) != verdict(&other) {
                assert!(told.contains_key(text.as_str()), "{text}");
                turned += 1;
            } else {
                stayed += 1;
            }
        }
    }
    let codes = random::CODES.len() + random::RARE.len();
    assert!(turned > 20 && stayed > 20, "{turned} turned, {stayed} stayed, of {codes} codes");
}

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("reach.yaml"), APP).unwrap();
        Self(folder)
    }

    fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        let output = Command::new(assert_cmd::cargo::cargo_bin!("reach"))
            .current_dir(self.0.path())
            .env_remove("REACH_FILE")
            .args(arguments)
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }
}

#[test]
fn a_person_reads_what_changes_and_what_it_does() {
    let folder = Folder::new();
    let (code, out, _) = folder.run(&["what-if", "without-nat", "web -> ecr.dkr"]);
    assert_eq!(code, 1, "what the edited network gives");
    assert_eq!(
        out,
        "\
~ rtb private  routes.0.0.0.0/0: { target: nat/nat } → blackhole
- nat nat

closed       web -> ecr.dkr  now blocked: BAD_STATE_ROUTE at rtb private

1 verdict changes · reachable, then blocked
"
    );
    let (code, out, _) = folder.run(&["what-if", "--set", "services.web.desired_count=3"]);
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("no verdict changes"), "{out}");
    let (code, _, error) = folder.run(&["what-if"]);
    assert_eq!(code, 2);
    assert!(error.contains("nothing says what should be different"), "{error}");
    let (code, _, error) = folder.run(&["what-if", "with-nat"]);
    assert_eq!(code, 2);
    assert!(error.contains("the scenario's own what-ifs are without-nat"), "{error}");
}

/// CT-05: what is tracked goes on.
#[test]
fn a_closed_group_says_what_becomes_of_open_connections() {
    let folder = Folder::new();
    let (code, out, _) = folder.run(&["what-if", "--set", "security_groups.task.egress=[]"]);
    assert_eq!(code, 1);
    let told = out.replace('\n', " ");
    assert!(told.contains("lets connections that it tracks go on until they are idle"), "{out}");
}

/// GE-10: the new route cuts what is open.
#[test]
fn a_new_gateway_endpoint_says_that_it_cuts_connections() {
    let folder = Folder::new();
    let add = "endpoint/s3={ service: s3, route_tables: [private] }";
    let (code, out, _) = folder.run(&["what-if", "--add", add]);
    assert_eq!(code, 0, "{out}");
    let told = out.replace('\n', " ");
    assert!(told.contains("cuts the open TCP connections to com.amazonaws.us-east-1.s3"), "{out}");
}

#[test]
fn programs_read_edits_changes_and_flips() {
    let folder = Folder::new();
    fs::write(folder.0.path().join("shut.yaml"), "security_groups: { task: { egress: [] } }")
        .unwrap();
    let (code, out, _) = folder.run(&["what-if", "shut.yaml", "--format", "json"]);
    assert_eq!(code, 1);
    let document: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(document["schema"], "reach/what-if/1");
    assert_eq!(document["edits"], serde_json::json!(["shut.yaml"]));
    assert_eq!((&document["before"], &document["after"]), (&"passed".into(), &"failed".into()));
    assert_eq!(document["changes"][0]["id"], "task");
    let flip = &document["flips"][0];
    assert_eq!(
        (&flip["turn"], &flip["before"]["verdict"]),
        (&"closed".into(), &"reachable".into())
    );
    assert_eq!(flip["after"]["causes"][0]["code"], "SG_HAS_NO_RULES");
    let (_, schema, _) = folder.run(&["schema", "what-if"]);
    let schema: Value = serde_json::from_str(&schema).unwrap();
    for key in document.as_object().unwrap().keys() {
        assert!(schema["properties"][key].is_object(), "{key} is not in the schema");
    }
}

/// Of two changes that only together open a way, neither is blamed alone.
#[test]
fn a_diff_says_which_change_turned_which_verdict() {
    let folder = Folder::new();
    let apart = APP
        .replace("routes: { 0.0.0.0/0: nat }", "routes: {}")
        .replace(
            "egress: [{ to: [0.0.0.0/0, 10.0.0.0/16], port: [443, 80] }",
            "egress: [{ to: 10.0.0.0/8, port: 80 }",
        )
        .replace("listens: 127.0.0.1", "listens: 0.0.0.0");
    fs::write(folder.0.path().join("apart.yaml"), apart).unwrap();
    let (code, out, error) = folder.run(&["diff", "apart.yaml", "reach.yaml"]);
    assert_eq!(code, 1, "{out}{error}");
    assert!(out.contains("opened       web → ecr.dkr"), "{out}");
    assert!(out.contains("because of rtb private and sg task, only together"), "{out}");
    assert!(out.contains("~ task-definition web"), "{out}");
    let (_, out, _) = folder.run(&["diff", "apart.yaml", "reach.yaml", "--format", "json"]);
    let document: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(document["schema"], "reach/diff/1");
    let changes = document["changes"].as_array().unwrap();
    let ids: Vec<&str> = changes.iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["private", "task", "web"]);
    assert!(
        document["flips"]
            .as_array()
            .unwrap()
            .iter()
            .all(|one| one["because"] == serde_json::json!([[0, 1]]))
    );
    let (_, schema, _) = folder.run(&["schema", "diff"]);
    let schema: Value = serde_json::from_str(&schema).unwrap();
    for key in document.as_object().unwrap().keys() {
        assert!(schema["properties"][key].is_object(), "{key} is not in the schema");
    }
    let (code, out, _) = folder.run(&["diff", "reach.yaml", "reach.yaml"]);
    assert_eq!(code, 0);
    assert!(out.contains("no resource differs") && out.contains("no verdict changes"), "{out}");
}

/// Every set that is blamed turns the verdict, and no part of it does.
#[test]
fn what_is_blamed_turns_the_verdict_and_no_part_of_it_does() {
    let (mut alone, mut together) = (0, 0);
    for pair in random_networks(40, 7).chunks(2) {
        let [one, other] = pair else { continue };
        let ids =
            one.network.interfaces.keys().filter(|id| other.network.interfaces.contains_key(*id));
        let ids: Vec<&str> = ids.map(|id| id.as_str()).take(3).collect();
        let queries: Vec<Query> = ids
            .iter()
            .flat_map(|from| ids.iter().map(move |to| (from, to)))
            .filter(|(from, to)| from != to)
            .filter_map(|(from, to)| format!("eni/{from} -> eni/{to}:443").parse().ok())
            .collect();
        let verdicts = |network: Network| asked(&World::new(network), &queries);
        let changes = changes(&one.network, &other.network);
        let (before, after) = (verdicts(one.network.clone()), verdicts(other.network.clone()));
        let flips = flips(&before, &after);
        let explained = explain(&one.network, &other.network, &changes, &flips, verdicts);
        let with = |set: &BTreeSet<usize>| {
            let mut network = one.network.clone();
            for change in set.iter().map(|&index| &changes[index]) {
                match (change.kind, other.network.get(change.kind.unwrap_or(Kind::Vpc), &change.id))
                {
                    (Some(_), Some(resource)) => network.insert(resource),
                    (Some(kind), None) => drop(network.remove(kind, &change.id)),
                    (None, _) => {
                        network.others = other.network.others.clone();
                        network.coverage = other.network.coverage.clone();
                        network.gaps = other.network.gaps.clone();
                        network.assumptions = other.network.assumptions.clone();
                    }
                }
            }
            verdicts(network)
        };
        for (flip, explanation) in flips.flips.iter().zip(&explained) {
            assert!(!explanation.sets.is_empty(), "all changes together turn it: {flip:?}");
            for set in &explanation.sets {
                assert_eq!(with(set).get(&flip.subject), flip.after.as_ref(), "{flip:?}");
                for left_out in set {
                    let mut rest = set.clone();
                    rest.remove(left_out);
                    assert_ne!(with(&rest).get(&flip.subject), flip.after.as_ref(), "{flip:?}");
                }
                if set.len() == 1 { alone += 1 } else { together += 1 }
            }
        }
    }
    assert!(alone > 3 && together > 3, "{alone} alone, {together} together");
}

/// What a check says of every flow and expectation, from its own document.
fn checked_at_the_prompt(file: &str) -> Option<BTreeMap<String, Value>> {
    let output = Command::new(assert_cmd::cargo::cargo_bin!("reach"))
        .args(["-f", file, "--format", "json", "check"])
        .output()
        .unwrap();
    let document: Value = serde_json::from_slice(&output.stdout).ok()?;
    let mut verdicts = BTreeMap::new();
    for service in document["services"].as_array().unwrap() {
        for flow in service["flows"].as_array().unwrap() {
            let what = |key: &str| flow[key].as_str().unwrap().to_owned();
            let name = service["service"]["name"].as_str().or(service["service"]["id"].as_str());
            let key =
                format!("{} {} {} {}", name.unwrap(), what("what"), what("why"), what("rule"));
            verdicts.insert(key, flow["verdict"].clone());
        }
    }
    for one in document["expectations"].as_array().unwrap() {
        verdicts.insert(one["query"].as_str().unwrap().to_owned(), one["got"].clone());
    }
    Some(verdicts)
}

/// What a what-if and a diff call flips is what two full checks differ in, no more and no less.
#[test]
fn flips_are_the_difference_of_two_full_checks() {
    let mut pairs = 0;
    for entry in fs::read_dir("scenarios").unwrap() {
        let file = entry.unwrap().path().to_string_lossy().into_owned();
        let Some(stem) = file.strip_suffix(".fixed.yaml") else { continue };
        let broken = format!("{stem}.yaml");
        let (one, other) = (checked_at_the_prompt(&broken), checked_at_the_prompt(&file));
        let (one, other) = (one.unwrap(), other.unwrap());
        let differ = |key: &&String| one.get(*key) != other.get(*key);
        let keys: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
        let expected = keys.into_iter().filter(differ).count();
        let output = Command::new(assert_cmd::cargo::cargo_bin!("reach"))
            .args(["--format", "json", "diff", &broken, &file])
            .output()
            .unwrap();
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        let flips = document["flips"].as_array().unwrap();
        let verdict = |flip: &Value, side: &str| flip[side]["verdict"].clone();
        let turned = flips.iter().filter(|flip| verdict(flip, "before") != verdict(flip, "after"));
        assert_eq!(turned.count(), expected, "{broken}");
        assert!(expected > 0, "{broken}");
        pairs += 1;
    }
    assert!(pairs > 15, "{pairs}");
}

/// A scenario that was written from a capture calls things what the capture names them.
#[test]
fn a_diff_knows_things_by_name_where_ids_say_nothing() {
    let folder = TempDir::new().unwrap();
    let capture = "tests/captures/nat-per-zone";
    let network = load(capture).unwrap().network;
    let text = scenario::write(&network);
    // Without AWS's ids, only names are left.
    let by_name: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("id: vpc-"))
        .map(|line| format!("{line}\n"))
        .collect();
    assert_ne!(text, by_name);
    let file = folder.path().join("reach.yaml");
    fs::write(&file, &by_name).unwrap();
    let scenario = load(&file.to_string_lossy()).unwrap().network;
    let vpcs = |one: &Network, other: &Network| {
        let of_vpcs = changes(one, other).into_iter();
        of_vpcs.filter(|change| change.kind == Some(Kind::Vpc)).count()
    };
    for (one, other) in [(&network, &scenario), (&scenario, &network)] {
        assert!(vpcs(one, other) > 0);
        let matched = vpc_reach::compare::by_names(one, other);
        assert_eq!(vpcs(one, &matched), 0, "{:?}", changes(one, &matched));
        let subnets = |network: &Network| -> BTreeSet<String> {
            network.subnets.values().map(|subnet| subnet.vpc.to_string()).collect()
        };
        assert_eq!(subnets(one), subnets(&matched), "what names them names them alike");
    }
}
