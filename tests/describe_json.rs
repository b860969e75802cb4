//! Saved AWS CLI output is read in whatever form people save it, and what cannot be read is said.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use vpc_reach::models;
use vpc_reach::network::{InterfaceRole, Kind, Network, Resource, Scope};
use vpc_reach::read::describe::{self, Document};
use vpc_reach::read::{self, Loaded, ReadError};

const VPC: &str = r#"{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16"}"#;
const SUBNET_A: &str = r#"{"SubnetId": "subnet-a", "VpcId": "vpc-1", "CidrBlock": "10.0.1.0/24", "AvailabilityZone": "us-east-1a"}"#;
const SUBNET_B: &str = r#"{"SubnetId": "subnet-b", "VpcId": "vpc-1", "CidrBlock": "10.0.2.0/24", "AvailabilityZone": "us-east-1b"}"#;

fn read(documents: &[(&str, &str)]) -> Result<Loaded, ReadError> {
    let documents: Vec<Document> =
        documents.iter().map(|(file, text)| Document::new(file, text)).collect();
    describe::read(&documents)
}

fn network(documents: &[(&str, &str)]) -> Network {
    read(documents).unwrap_or_else(|error| panic!("{error}")).network
}

fn captures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures")
}

fn load(path: &Path) -> Result<Loaded, ReadError> {
    read::load(path.to_str().unwrap())
}

#[test]
fn a_gateways_own_interfaces_are_known_by_their_type_and_answer_nothing() {
    let text = r#"{
        "Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16"}],
        "Subnets": [{"SubnetId": "subnet-1", "VpcId": "vpc-1", "CidrBlock": "10.0.0.0/24"}],
        "NetworkInterfaces": [
            {"NetworkInterfaceId": "eni-1", "SubnetId": "subnet-1", "VpcId": "vpc-1", "Status": "in-use",
             "InterfaceType": "transit_gateway", "PrivateIpAddress": "10.0.0.9"},
            {"NetworkInterfaceId": "eni-2", "SubnetId": "subnet-1", "VpcId": "vpc-1", "Status": "in-use",
             "InterfaceType": "nat_gateway", "PrivateIpAddress": "10.0.0.10"}
        ]
    }"#;
    let network = describe::read(&[Document::new("capture.json", text)]).unwrap().network;
    let roles: Vec<_> = network.interfaces.values().map(|one| &one.role).collect();
    assert_eq!(roles, [&InterfaceRole::TransitGateway, &InterfaceRole::NatGateway]);
    assert!(roles.iter().all(|role| role.is_gateway()));
}

#[test]
fn merged_paged_and_repeated_answers_are_the_same_network() {
    let file = "answers.json";
    let apart = network(&[
        (file, &format!(r#"{{"Vpcs": [{VPC}]}}"#)),
        (file, &format!(r#"{{"Subnets": [{SUBNET_A}, {SUBNET_B}]}}"#)),
    ]);
    assert_eq!((apart.vpcs.len(), apart.subnets.len()), (1, 2));
    for text in [
        format!(r#"{{"Vpcs": [{VPC}], "Subnets": [{SUBNET_A}, {SUBNET_B}]}}"#),
        format!(r#"{{"Vpcs": [{VPC}], "Subnets": [{SUBNET_A}], "Subnets": [{SUBNET_B}]}}"#),
        format!(
            r#"[{{"Vpcs": [{VPC}]}}, {{"Subnets": [{SUBNET_A}]}}, {{"Subnets": [{SUBNET_B}]}}]"#
        ),
        format!(
            "{{\"Vpcs\": [{VPC}]}}\n{{\"Subnets\": [{SUBNET_A}]}}\n{{\"Subnets\": [{SUBNET_B}]}}\n"
        ),
        format!(
            r#"{{"describe-vpcs.json": {{"Vpcs": [{VPC}]}}, "describe-subnets": [{{"Subnets": [{SUBNET_A}]}}, {{"Subnets": [{SUBNET_B}]}}]}}"#
        ),
    ] {
        assert_eq!(network(&[(file, &text)]), apart, "{text}");
    }
}

#[test]
fn a_missing_page_leaves_the_kind_uncovered_and_is_noted() {
    let first = format!(r#"{{"Subnets": [{SUBNET_A}], "NextToken": "abc"}}"#);
    let last = format!(r#"{{"Subnets": [{SUBNET_B}], "NextToken": null}}"#);
    let cut = read(&[("1.json", &first)]).unwrap();
    assert!(!cut.network.coverage.covers(&Scope::default(), Kind::Subnet));
    assert!(cut.notes.iter().any(|note| note.contains("a page of `Subnets` is missing: 1.json")));
    let whole = read(&[("1.json", &first), ("2.json", &last)]).unwrap();
    assert!(whole.network.coverage.covers(&Scope::default(), Kind::Subnet));
    assert_eq!(whole.notes, Vec::<String>::new());
    assert_eq!(whole.network.subnets.len(), 2);
}

#[test]
fn a_call_that_was_not_made_covers_nothing_and_an_empty_answer_does() {
    let network = network(&[("a.json", r#"{"NatGateways": []}"#)]);
    let covers = |kind| network.coverage.covers(&Scope::default(), kind);
    assert!(covers(Kind::NatGateway));
    assert!(!covers(Kind::InternetGateway));
}

#[test]
fn json_cut_short_is_an_error_with_file_line_and_column() {
    let error = read(&[("cut.json", "{\"Vpcs\": [\n {\"VpcId\": \"vpc-1\",")]).unwrap_err();
    assert_eq!(error.at.as_ref().unwrap().to_string(), "cut.json:2:19");
    assert!(error.message.starts_with("the JSON is cut short"), "{error}");
    assert!(error.hint.is_some() && error.text.is_some());
}

#[test]
fn garbage_is_an_error_with_a_hint() {
    let error = read(&[("bad.json", "this is\nno JSON")]).unwrap_err();
    assert_eq!(error.at.as_ref().unwrap().line, Some(1));
    assert!(error.message.starts_with("this is no JSON"), "{error}");
    for text in ["", "5", "[]", "{}", r#"{"something": [1]}"#, r#"{"Name": "x"}"#] {
        let error = read(&[("other.json", text)]).unwrap_err();
        assert_eq!(error.message, "no AWS output in other.json");
        assert!(error.hint.unwrap().contains("aws ec2 describe-vpcs"));
    }
}

#[test]
fn an_element_that_cannot_be_understood_is_an_error_at_its_place() {
    for (text, message, at) in [
        (
            "{\"Vpcs\": [\n {\"VpcId\": \"vpc-1\", \"CidrBlock\": \"10.0.0.0/16\"},\n {\"CidrBlock\": \"10.1.0.0/16\"}]}",
            "`Vpcs[1]` has no `VpcId`",
            "a.json:3:2",
        ),
        (
            r#"{"Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0/16"}]}"#,
            r#"`Vpcs[0]` has `CidrBlock` "10.0.0/16", which is no CIDR block"#,
            "a.json:1:11",
        ),
        (
            r#"{"Vpcs": [{"VpcId": 7}]}"#,
            "`Vpcs` is not as AWS writes it: invalid type: integer `7`, expected a string",
            "a.json:1:21",
        ),
        (
            r#"{"SecurityGroups": [{"GroupId": "sg-1", "VpcId": "vpc-1", "IpPermissions": [{"IpProtocol": "tcp", "FromPort": 90, "ToPort": 80, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]}]}"#,
            "`SecurityGroups[0]` (sg-1) has a rule that has the port range 90-80, which ends before it begins",
            "a.json:1:21",
        ),
        (
            r#"{"NetworkAcls": [{"NetworkAclId": "acl-1", "VpcId": "vpc-1", "Entries": [{"RuleNumber": 100, "RuleAction": "maybe"}]}]}"#,
            r#"`NetworkAcls[0]` (acl-1) cannot be read: its entry 0 has `RuleAction` "maybe", which is none"#,
            "a.json:1:18",
        ),
        (
            r#"{"RouteTables": [{"RouteTableId": "rtb-1", "VpcId": "vpc-1", "Routes": [{"GatewayId": "local"}]}]}"#,
            "`RouteTables[0]` (rtb-1) cannot be read: its route 0 has no destination",
            "a.json:1:18",
        ),
        (
            r#"{"TransitGateways": [{"Tags": []}]}"#,
            "`TransitGateways[0]` has no `TransitGatewayId`",
            "a.json:1:22",
        ),
    ] {
        let error = read(&[("a.json", text)]).unwrap_err();
        assert_eq!((error.message.as_str(), error.at.unwrap().to_string().as_str()), (message, at));
    }
}

#[test]
fn a_network_that_aws_would_not_allow_is_an_error() {
    let wide = SUBNET_B.replace("10.0.2.0/24", "10.0.0.0/20");
    let text = format!(r#"{{"Vpcs": [{VPC}], "Subnets": [{SUBNET_A}, {wide}]}}"#);
    let error = read(&[("a.json", &text)]).unwrap_err();
    assert!(error.message.contains("overlaps"), "{error}");
    assert!(error.hint.unwrap().contains("edited"));
}

#[test]
fn unknown_files_and_keys_are_counted_in_one_note_each() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &[u8]| fs::write(folder.path().join(name), text).unwrap();
    put(
        "describe-vpcs.json",
        format!(r#"{{"Vpcs": [{VPC}], "Sizes": 1, "Shapes": 2}}"#).as_bytes(),
    );
    put("_names.json", b"{\"vpc\": 1}");
    put("notes.txt", b"how this was captured");
    put("thing.json", b"{\"thing\": []}");
    put("picture", &[0xff, 0x00, 0xfe]);
    put(".hidden", b"passed over");
    put("describe-subnets.json", b"");
    let loaded = load(folder.path()).unwrap();
    assert_eq!(
        loaded.notes,
        [
            "1 file is empty: describe-subnets.json",
            "4 files were not recognised: _names.json, notes.txt, picture, thing.json",
            "2 top-level keys were not recognised: `Shapes`, `Sizes`",
        ]
    );
    assert!(!loaded.network.coverage.covers(&Scope::default(), Kind::Subnet));
}

#[test]
fn a_folder_without_answers_is_an_error_that_says_what_is_expected() {
    let folder = tempfile::tempdir().unwrap();
    let error = load(folder.path()).unwrap_err();
    assert_eq!(error.message, format!("no AWS output in {}", folder.path().display()));
    assert!(error.hint.unwrap().contains("aws ec2 describe-vpcs"));
    fs::write(folder.path().join("garbage"), [0u8, 159, 146, 150]).unwrap();
    assert!(load(folder.path()).unwrap_err().message.starts_with("no AWS output in"));
    fs::write(folder.path().join("reach.yaml"), "vpcs: {}").unwrap();
    assert!(load(folder.path()).unwrap_err().hint.unwrap().ends_with("reach.yaml"));
    fs::write(folder.path().join("garbage.json"), [0u8, 159, 146, 150]).unwrap();
    assert!(load(folder.path()).unwrap_err().message.ends_with("garbage.json is not text"));
    let error = load(&folder.path().join("absent")).unwrap_err();
    assert!(error.message.starts_with("there is no file or folder"));
}

#[test]
fn a_file_is_recognised_by_its_ending_or_else_by_its_content() {
    let folder = tempfile::tempdir().unwrap();
    let answer = format!(r#"{{"Vpcs": [{VPC}]}}"#);
    let put = |name: &str, bytes: Vec<u8>| {
        let file = folder.path().join(name);
        fs::write(&file, bytes).unwrap();
        load(&file).map(|loaded| loaded.network.vpcs.len())
    };
    assert_eq!(put("answer", answer.clone().into_bytes()), Ok(1));
    // As PowerShell redirects.
    let wide = answer.encode_utf16().flat_map(u16::to_le_bytes);
    assert_eq!(put("wide.json", [0xff, 0xfe].into_iter().chain(wide).collect()), Ok(1));
    let marked = [0xef, 0xbb, 0xbf].into_iter().chain(answer.bytes());
    assert_eq!(put("marked.json", marked.collect()), Ok(1));
    assert_eq!(put("scenario", b"vpcs: { app: { cidr: 10.0.0.0/16 } }".to_vec()), Ok(1));
    assert_eq!(put("scenario.yml", b"{ vpcs: { app: { cidr: 10.0.0.0/16 } } }".to_vec()), Ok(1));
}

#[test]
fn a_scenario_begins_with_a_capture_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    fs::create_dir(folder.path().join("capture")).unwrap();
    put("capture/a.json", &format!(r#"{{"Vpcs": [{VPC}]}}"#));
    put("capture/notes.txt", "");
    put(
        "edit.yaml",
        "base: capture\nsubnets: { new: { vpc: vpc-1, cidr: 10.0.9.0/24, az: us-east-1a } }\n",
    );
    let loaded = load(&folder.path().join("edit.yaml")).unwrap();
    assert_eq!((loaded.network.vpcs.len(), loaded.network.subnets.len()), (1, 1));
    assert_eq!(loaded.notes, ["1 file was not recognised: notes.txt"]);
}

#[test]
fn bases_that_go_round_in_a_circle_are_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    put("a.yaml", "base: b.yaml\n");
    put("b.yaml", "base: ./a.yaml\n");
    let error = load(&folder.path().join("a.yaml")).unwrap_err();
    assert!(error.message.starts_with("the bases go round in a circle: "), "{error}");
    assert!(error.message.contains("a.yaml -> ") && error.message.contains("b.yaml -> "));
}

#[test]
fn an_answer_that_names_no_owner_is_noted_not_guessed() {
    for (key, file) in [
        ("TargetHealthDescriptions", "describe-target-health.<target-group-name>.json"),
        ("Entries", "get-managed-prefix-list-entries.<prefix-list-id>.json"),
        ("EnableDnsSupport", "describe-vpc-attribute.<vpc-id>.<attribute>.json"),
        ("HostedZoneSummaries", "list-hosted-zones-by-vpc.<vpc-id>.json"),
    ] {
        let value = if key == "EnableDnsSupport" { r#"{"Value": true}"# } else { "[]" };
        let loaded = read(&[("answer.json", &format!(r#"{{"{key}": {value}}}"#))]).unwrap();
        let note = loaded.notes.first().unwrap();
        assert!(note.contains(key) && note.ends_with(file), "{note}");
    }
}

#[test]
fn every_kind_has_a_call_and_every_call_is_read() {
    for kind in Kind::ALL {
        let call = models::call(kind.word()).unwrap_or_else(|| panic!("{kind} has no call"));
        assert!(call.command.starts_with("aws "), "{}", call.command);
    }
    for call in models::calls() {
        let value = match call.key {
            "Account" => r#""111122223333""#,
            "EnableDnsSupport" | "EnableDnsHostnames" => r#"{"Value": true}"#,
            _ => "[]",
        };
        let file = "answer.pl-1.vpc-1.json";
        let loaded = read(&[(file, &format!(r#"{{"{}": {value}}}"#, call.key))]).unwrap();
        assert!(!loaded.notes.iter().any(|note| note.contains("not recognised")), "{}", call.key);
        if models::call(call.kind) == Some(call) {
            let kind = Kind::from_word(call.kind).unwrap();
            assert!(loaded.network.coverage.covers(&Scope::default(), kind), "{}", call.key);
        }
    }
}

/// How many there are of each kind.
fn counts(network: &Network) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for (kind, ..) in network.resources() {
        *counts.entry(kind.word()).or_default() += 1;
    }
    counts
}

#[test]
fn our_captures_hold_what_was_put_into_them() {
    for (folder, region, account, routes, wanted) in [
        ("nat-per-zone", "eu-west-1", "210987654321", 9, [4, 4, 2, 1, 6, 3, 1]),
        ("isolated-with-endpoints", "eu-central-1", "345678901234", 6, [4, 4, 0, 5, 12, 4, 1]),
        ("isolated-without-dkr", "us-west-2", "456789012345", 4, [2, 3, 0, 4, 10, 4, 1]),
    ] {
        let loaded = load(&captures().join(folder)).unwrap();
        assert_eq!(loaded.notes, Vec::<String>::new());
        let network = &loaded.network;
        let counts = counts(network);
        let kinds = [
            "subnet",
            "route-table",
            "nat-gateway",
            "endpoint",
            "eni",
            "security-group",
            "service",
        ];
        let got = kinds.map(|kind| counts.get(kind).copied().unwrap_or(0));
        assert_eq!(got, wanted, "{folder}");
        let all: usize = network.route_tables.values().map(|table| table.routes.len()).sum();
        assert_eq!(all, routes, "{folder}");
        for vpc in network.vpcs.values() {
            assert_eq!(vpc.about.scope.account.as_deref(), Some(account));
            assert_eq!(vpc.about.scope.region.as_deref(), Some(region));
            assert_eq!((vpc.dns_support, vpc.dns_hostnames), (Some(true), Some(true)));
            // What Fargate services do without; and without transit gateways, their tables; and
            // firewalls.
            let other = |kind: &Kind| {
                use Kind::{CapacityProvider, Cluster, ContainerInstance, FileSystem};
                use Kind::{TransitGatewayRouteTable, TransitGatewayRoutes};
                // Nor exclusions from a block that is off.
                *kind != Kind::BlockPublicAccessExclusion
                    && ![CapacityProvider, Cluster, ContainerInstance, FileSystem].contains(kind)
                    && *kind != Kind::Firewall
                    && ![TransitGatewayRouteTable, TransitGatewayRoutes].contains(kind)
            };
            for kind in Kind::ALL.into_iter().filter(other) {
                assert!(network.coverage.covers(&vpc.about.scope, kind), "{folder}: {kind}");
            }
        }
        let rules =
            network.security_groups.values().flat_map(|it| it.ingress.iter().chain(&it.egress));
        assert!(rules.clone().count() > 0 && rules.into_iter().all(|rule| rule.rule_id.is_some()));
        for balancer in network.load_balancers.values() {
            let listener = &balancer.listeners.as_ref().unwrap()[0];
            let group = &network.target_groups[listener.target_groups().next().unwrap()];
            assert_eq!(group.targets.as_ref().unwrap().len(), 2, "{}", group.label());
        }
    }
}

#[test]
fn outside_captures_load() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    if !folder.is_dir() {
        println!("NOT RUN: there is no folder of outside captures beside the repository");
        return;
    }
    for (name, subnets, gateways) in
        [("nat-3az", 12, 3), ("isolated-endpoints", 8, 0), ("isolated-missing-dkr", 8, 0)]
    {
        let loaded = load(&folder.join(name)).unwrap();
        assert_eq!(loaded.network.subnets.len(), subnets);
        assert_eq!(loaded.network.nat_gateways.len(), gateways);
        assert_eq!(loaded.notes, ["2 files were not recognised: _errors.txt, _names.json"]);
        for vpc in loaded.network.vpcs.values() {
            assert_eq!(vpc.about.scope.region.as_deref(), Some("us-east-1"));
        }
    }
}

/// Cuts and changes of real answers end in a network or in one clear error, never in a panic.
#[test]
fn no_damage_to_an_answer_makes_the_reader_panic() {
    let mut files = Vec::new();
    for entry in fs::read_dir(captures().join("nat-per-zone")).unwrap() {
        let path = entry.unwrap().path();
        files.push((path.display().to_string(), fs::read_to_string(path).unwrap()));
    }
    files.sort();
    let mut state: u64 = 7;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        usize::try_from(state >> 33).unwrap() % below.max(1)
    };
    let (mut errors, mut cut_short) = (0, 0);
    for (file, text) in &files {
        for _ in 0..20 {
            let mut cut = next(text.trim_end().len());
            while !text.is_char_boundary(cut) {
                cut -= 1;
            }
            let error = read(&[(file, &text[..cut])]).unwrap_err();
            cut_short += usize::from(error.message.starts_with("the JSON is cut short"));
            let mut bytes = text.clone().into_bytes();
            for _ in 0..=next(3) {
                let place = next(bytes.len());
                bytes[place] = b"0\"{}[],:-az/\\\n"[next(14)];
            }
            if let Ok(text) = String::from_utf8(bytes)
                && let Err(error) = read(&[(file, &text)])
            {
                errors += 1;
                assert!(!error.message.is_empty() && error.hint.is_some());
            }
        }
    }
    assert!(cut_short > 300 && errors > 100, "{cut_short} {errors}");
    for deep in ["[".repeat(100_000), format!("{{\"Vpcs\": {}", "[".repeat(100_000))] {
        assert!(read(&[("deep.json", &deep)]).is_err());
    }
    let nested = format!(
        r#"{{"TransitGateways": [{{"TransitGatewayId": {}{}}}]}}"#,
        "[".repeat(9000),
        "]".repeat(9000)
    );
    assert!(read(&[("nested.json", &nested)]).is_err());
}
