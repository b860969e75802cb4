//! What `reach doctor` says is missing, with the command that supplies it.

use assert_cmd::Command;
use serde_json::Value;
use std::fs;
use tempfile::TempDir;

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

/// Exit code and stdout of `reach doctor` on a folder.
fn doctor(folder: &TempDir, file: &str, format: &str) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_reach"));
    command.current_dir(folder.path()).env_remove("REACH_FILE");
    let output = command.args(["-f", file, "--format", format, "doctor"]).output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
}

/// What is missing, as (gap, what, command).
fn missing(folder: &TempDir) -> Vec<(String, String, String)> {
    let (code, out) = doctor(folder, ".", "json");
    let document: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &document["schema"]), (3, &Value::from("reach/doctor/1")), "{out}");
    assert_eq!(document["complete"], false);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let all = document["missing"].as_array().unwrap().iter();
    all.map(|one| (text(&one["gap"]), text(&one["what"]), text(&one["command"]))).collect()
}

const VPCS: (&str, &str) = (
    "describe-vpcs.json",
    r#"{"Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16", "DhcpOptionsId": "dopt-9", "OwnerId": "111122223333"}]}"#,
);
const SUBNETS: (&str, &str) = (
    "describe-subnets.json",
    r#"{"Subnets": [{"SubnetId": "subnet-1", "VpcId": "vpc-1", "CidrBlock": "10.0.1.0/24", "AvailabilityZone": "us-east-1a", "OwnerId": "111122223333"}]}"#,
);

fn held<'m>(
    missing: &'m [(String, String, String)],
    gap: &str,
    what: &str,
) -> &'m (String, String, String) {
    missing
        .iter()
        .find(|one| one.0 == gap && one.1.contains(what))
        .unwrap_or_else(|| panic!("no {gap} {what}: {missing:#?}"))
}

#[test]
fn a_scenario_lacks_nothing_since_it_states_everything() {
    let folder = folder(&[("reach.yaml", "vpcs: { app: { cidr: 10.0.0.0/16 } }\n")]);
    let (code, out) = doctor(&folder, "reach.yaml", "text");
    assert_eq!((code, out.as_str()), (0, "complete  nothing is missing for full answers\n"));
}

// DN-01
#[test]
fn a_name_server_whose_answers_nobody_states_is_a_lack_of_a_scenario_too() {
    let text = "
dhcp_options: { own: { name_servers: [10.0.0.53] } }
vpcs: { app: { cidr: 10.0.0.0/16, dhcp_options: own } }
";
    let folder = folder(&[("reach.yaml", text)]);
    let (code, out) = doctor(&folder, "reach.yaml", "text");
    assert_eq!(code, 3, "{out}");
    assert!(out.contains("what the name servers 10.0.0.53 of DHCP option set own answer"), "{out}");
}

#[test]
fn a_kind_that_no_answer_lists_is_named_with_its_command_and_region() {
    let folder = folder(&[VPCS, SUBNETS]);
    let missing = missing(&folder);
    let tables = held(&missing, "not-captured", "route tables");
    assert_eq!(tables.2, "aws ec2 describe-route-tables --region us-east-1");
    assert!(!missing.iter().any(|one| one.0 == "not-captured" && one.1 == "subnets"));
    let zones = held(&missing, "not-captured", "private hosted zones of vpc vpc-1");
    assert_eq!(
        zones.2,
        "aws route53 list-hosted-zones-by-vpc --vpc-id vpc-1 --vpc-region us-east-1"
    );
    let (code, text) = doctor(&folder, ".", "text");
    assert_eq!(code, 3);
    assert!(text.contains("account 111122223333, us-east-1"), "{text}");
    assert!(text.contains("aws ec2 describe-route-tables --region us-east-1"), "{text}");
}

// DN-02
#[test]
fn a_missing_attribute_is_named_with_its_own_command() {
    let support = (
        "describe-vpc-attribute.vpc-1.enableDnsSupport.json",
        r#"{"VpcId": "vpc-1", "EnableDnsSupport": {"Value": true}}"#,
    );
    let missing = missing(&folder(&[VPCS, SUBNETS, support]));
    assert_eq!(
        held(&missing, "incomplete", "enableDnsHostnames").2,
        "aws ec2 describe-vpc-attribute --vpc-id vpc-1 --attribute enableDnsHostnames --region us-east-1"
    );
    assert!(!missing.iter().any(|one| one.1.contains("enableDnsSupport")), "{missing:#?}");
}

// DN-05
#[test]
fn a_zone_without_records_is_named_with_its_command() {
    let zones = (
        "list-hosted-zones-by-vpc.vpc-1.json",
        r#"{"HostedZoneSummaries": [{"HostedZoneId": "Z1", "Name": "corp.internal.", "Owner": {"OwningAccount": "111122223333"}}]}"#,
    );
    let missing = missing(&folder(&[VPCS, SUBNETS, zones]));
    assert_eq!(
        held(&missing, "incomplete", "the records of private hosted zone corp.internal").2,
        "aws route53 list-resource-record-sets --hosted-zone-id Z1"
    );
}

#[test]
fn an_id_that_is_named_and_not_there_says_who_names_it() {
    let missing = missing(&folder(&[VPCS, SUBNETS]));
    let options = held(&missing, "absent", "dopt-9");
    assert!(options.1.contains("VPC `vpc-1`"), "{}", options.1);
    assert!(options.2.starts_with("aws ec2 describe-dhcp-options"), "{}", options.2);
}

#[test]
fn a_thing_that_is_not_followed_is_named_without_a_command() {
    let vpns = (
        "describe-vpn-connections.json",
        r#"{"VpnConnections": [{"VpnConnectionId": "vpn-7", "State": "available"}]}"#,
    );
    let missing = missing(&folder(&[VPCS, SUBNETS, vpns]));
    assert_eq!(held(&missing, "not-followed", "vpn-7").2, "");
}

#[test]
fn what_nothing_refers_to_is_not_asked_for() {
    let missing = missing(&folder(&[VPCS, SUBNETS]));
    let asked: Vec<&str> = missing.iter().map(|one| one.1.as_str()).collect();
    for kind in ["transit gateway", "peering", "NAT gateways", "virtual private", "prefix list"] {
        assert!(!asked.iter().any(|what| what.contains(kind)), "{kind}: {asked:?}");
    }
    assert!(asked.contains(&"VPC endpoints") && asked.contains(&"ECS services"), "{asked:?}");
}

// TG-01, TG-03
#[test]
fn a_route_to_a_transit_gateway_asks_for_it_and_its_tables_for_their_routes() {
    let tables = (
        "describe-route-tables.json",
        r#"{"RouteTables": [{"RouteTableId": "rtb-1", "VpcId": "vpc-1", "OwnerId": "111122223333", "Associations": [],
            "Routes": [{"DestinationCidrBlock": "10.0.0.0/8", "TransitGatewayId": "tgw-1", "State": "active"}]}]}"#,
    );
    let all = missing(&folder(&[VPCS, SUBNETS, tables]));
    let command = "aws ec2 describe-transit-gateways --region us-east-1";
    assert_eq!(held(&all, "not-captured", "transit gateways").2, command);
    let command = "aws ec2 describe-transit-gateway-route-tables --region us-east-1";
    assert_eq!(held(&all, "not-captured", "transit gateway route tables").2, command);
    assert!(!all.iter().any(|one| one.1.contains("routess")), "{all:#?}");

    let hubs = (
        "describe-transit-gateway-route-tables.json",
        r#"{"TransitGatewayRouteTables": [{"TransitGatewayRouteTableId": "tgw-rtb-7", "TransitGatewayId": "tgw-1", "State": "available"}]}"#,
    );
    let attached = (
        "describe-transit-gateway-attachments.json",
        r#"{"TransitGatewayAttachments": [{"TransitGatewayAttachmentId": "tgw-attach-3", "TransitGatewayId": "tgw-1",
            "ResourceType": "vpc", "ResourceId": "vpc-1", "State": "available"}]}"#,
    );
    let all = missing(&folder(&[VPCS, SUBNETS, tables, hubs, attached]));
    let (_, what, command) = held(&all, "incomplete", "tgw-rtb-7");
    assert_eq!(what, "the routes of transit gateway route table tgw-rtb-7");
    assert!(
        command.starts_with(
            "aws ec2 search-transit-gateway-routes --transit-gateway-route-table-id tgw-rtb-7 "
        ),
        "{command}"
    );
    let (_, what, command) = held(&all, "incomplete", "tgw-attach-3");
    assert_eq!(what, "the subnets of transit gateway attachment tgw-attach-3");
    assert!(command.starts_with("aws ec2 describe-transit-gateway-vpc-attachments"), "{command}");
}
