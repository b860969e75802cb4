//! What AWS adds to every VPC of itself.

use super::rows::Rows;
use super::template::Place;
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};

/// The id of a VPC's default group.
pub(super) fn default_group(vpc: &str) -> String {
    format!("{vpc}-default-group")
}

/// The set of DHCP options that a new VPC has.
fn usual_options(place: &Place) -> String {
    format!("dopt-default-of-{}-{}", place.account, place.region)
}

fn text<'r>(row: &'r Map<String, Json>, field: &str) -> Option<&'r str> {
    row.get(field).and_then(Json::as_str)
}

/// A main route table (RT-01), local routes (RT-09), a default ACL (NA-07) and group (SG-17), and
/// the Amazon resolver (DN-01).
pub(super) fn add(rows: &mut Rows, place: &Place) {
    let options = usual_options(place);
    let vpcs: Vec<Map<String, Json>> = rows.list("Vpcs").to_vec();
    if !vpcs.is_empty() {
        let configuration =
            json!({ "Key": "domain-name-servers", "Values": [{ "Value": "AmazonProvidedDNS" }] });
        let row = rows.row("DhcpOptions", "DhcpOptionsId", &options);
        row.insert("DhcpConfigurations".to_owned(), json!([configuration]));
    }
    for vpc in &vpcs {
        let Some(id) = text(vpc, "VpcId") else { continue };
        let own = rows.row("Vpcs", "VpcId", id);
        own.entry("DhcpOptionsId").or_insert_with(|| json!(options));
        let main = format!("{id}-main-table");
        let row = rows.row("RouteTables", "RouteTableId", &main);
        row.insert("VpcId".to_owned(), json!(id));
        row.insert("Associations".to_owned(), json!([{ "Main": true }]));
        add_local_routes(rows, vpc, id);
        add_acl(rows, id);
        let group = default_group(id);
        let row = rows.row("SecurityGroups", "GroupId", &group);
        row.insert("GroupName".to_owned(), json!("default"));
        row.insert("VpcId".to_owned(), json!(id));
        row.entry("IpPermissions").or_insert_with(
            || json!([{ "IpProtocol": "-1", "UserIdGroupPairs": [{ "GroupId": group }] }]),
        );
    }
    // SG-17: AWS lets everything out of a group, unless a rule is stated.
    let groups: Vec<String> = rows
        .list("SecurityGroups")
        .iter()
        .filter_map(|row| text(row, "GroupId").map(str::to_owned))
        .collect();
    for group in groups {
        let row = rows.row("SecurityGroups", "GroupId", &group);
        row.entry("IpPermissionsEgress").or_insert_with(everywhere);
    }
    let subnets: Vec<(String, String)> = rows
        .list("Subnets")
        .iter()
        .filter_map(|row| Some((text(row, "SubnetId")?.to_owned(), text(row, "VpcId")?.to_owned())))
        .collect();
    let gateways: Vec<(String, String)> = rows
        .list("NatGateways")
        .iter()
        .filter_map(|row| {
            let subnet = text(row, "SubnetId")?;
            let (_, vpc) = subnets.iter().find(|(own, _)| own == subnet)?;
            Some((text(row, "NatGatewayId")?.to_owned(), vpc.clone()))
        })
        .collect();
    add_vpcs_of_balancers(rows, &subnets);
    for (gateway, vpc) in gateways {
        rows.row("NatGateways", "NatGatewayId", &gateway).insert("VpcId".to_owned(), json!(vpc));
    }
}

/// The VPC of a load balancer, and the group of an application load balancer that names none.
fn add_vpcs_of_balancers(rows: &mut Rows, subnets: &[(String, String)]) {
    let groups: BTreeMap<String, String> = rows
        .list("SecurityGroups")
        .iter()
        .filter_map(|row| Some((text(row, "GroupId")?.to_owned(), text(row, "VpcId")?.to_owned())))
        .collect();
    for balancer in rows.list("LoadBalancers").to_vec() {
        let Some(id) = text(&balancer, "LoadBalancerArn") else { continue };
        let list = |field: &str| balancer.get(field).and_then(Json::as_array).into_iter().flatten();
        let own: Vec<&str> = list("AvailabilityZones")
            .filter_map(|zone| zone.get("SubnetId").and_then(Json::as_str))
            .collect();
        let by_subnet = subnets.iter().find(|(id, _)| own.contains(&id.as_str()));
        let mut by_group = list("SecurityGroups").filter_map(Json::as_str);
        let vpc = by_subnet
            .map(|(_, vpc)| vpc.clone())
            .or_else(|| by_group.find_map(|id| groups.get(id).cloned()))
            // Neither is in a template.
            .unwrap_or_else(|| format!("vpc-of-{id}"));
        let row = rows.row("LoadBalancers", "LoadBalancerArn", id);
        if list("SecurityGroups").next().is_none() && text(&balancer, "Type") == Some("application")
        {
            row.insert("SecurityGroups".to_owned(), json!([default_group(&vpc)]));
        }
        row.insert("VpcId".to_owned(), json!(vpc));
    }
}

/// The rules that let everything out.
fn everywhere() -> Json {
    json!([
        { "IpProtocol": "-1", "IpRanges": [{ "CidrIp": "0.0.0.0/0" }] },
        { "IpProtocol": "-1", "Ipv6Ranges": [{ "CidrIpv6": "::/0" }] },
    ])
}

fn add_local_routes(rows: &mut Rows, vpc: &Map<String, Json>, id: &str) {
    let mut blocks: Vec<(&str, String)> = Vec::new();
    blocks.extend(text(vpc, "CidrBlock").map(|it| ("DestinationCidrBlock", it.to_owned())));
    let more = vpc.get("CidrBlockAssociationSet").and_then(Json::as_array);
    for block in more.into_iter().flatten() {
        for (field, destination) in
            [("CidrBlock", "DestinationCidrBlock"), ("Ipv6CidrBlock", "DestinationIpv6CidrBlock")]
        {
            let own = block.get(field).and_then(Json::as_str);
            blocks.extend(own.map(|it| (destination, it.to_owned())));
        }
    }
    let tables: Vec<String> = rows
        .list("RouteTables")
        .iter()
        .filter(|row| text(row, "VpcId") == Some(id))
        .filter_map(|row| text(row, "RouteTableId").map(str::to_owned))
        .collect();
    for table in tables {
        let row = rows.row("RouteTables", "RouteTableId", &table);
        let stated = row.get("Routes").and_then(Json::as_array).cloned().unwrap_or_default();
        for (field, block) in &blocks {
            // A template may send a block elsewhere than to its own VPC.
            let taken = |route: &Json| route.get(*field).and_then(Json::as_str) == Some(block);
            if stated.iter().any(taken) {
                continue;
            }
            let mut route = Map::new();
            route.insert((*field).to_owned(), json!(block));
            route.insert("GatewayId".to_owned(), json!("local"));
            route.insert("Origin".to_owned(), json!("CreateRouteTable"));
            route.insert("State".to_owned(), json!("active"));
            rows.append("RouteTables", "RouteTableId", &table, "Routes", Json::Object(route));
        }
    }
}

/// NA-07: subnets that no other ACL has are the default one's, which allows everything.
fn add_acl(rows: &mut Rows, vpc: &str) {
    let taken: BTreeSet<String> = rows
        .list("NetworkAcls")
        .iter()
        .filter_map(|row| row.get("Associations").and_then(Json::as_array))
        .flatten()
        .filter_map(|one| one.get("SubnetId").and_then(Json::as_str).map(str::to_owned))
        .collect();
    let free: Vec<Json> = rows
        .list("Subnets")
        .iter()
        .filter(|row| text(row, "VpcId") == Some(vpc))
        .filter_map(|row| text(row, "SubnetId"))
        .filter(|subnet| !taken.contains(*subnet))
        .map(|subnet| json!({ "SubnetId": subnet }))
        .collect();
    let entry = |egress: bool, field: &str, block: &str, number: u32| {
        let mut entry = Map::new();
        entry.insert("Egress".to_owned(), json!(egress));
        entry.insert("Protocol".to_owned(), json!("-1"));
        entry.insert("RuleAction".to_owned(), json!("allow"));
        entry.insert("RuleNumber".to_owned(), json!(number));
        entry.insert(field.to_owned(), json!(block));
        Json::Object(entry)
    };
    let both = [false, true];
    let entries: Vec<Json> = both
        .iter()
        .flat_map(|&egress| {
            [
                entry(egress, "CidrBlock", "0.0.0.0/0", 100),
                entry(egress, "Ipv6CidrBlock", "::/0", 101),
            ]
        })
        .collect();
    let acl = format!("{vpc}-default-acl");
    let row = rows.row("NetworkAcls", "NetworkAclId", &acl);
    row.insert("VpcId".to_owned(), json!(vpc));
    row.insert("IsDefault".to_owned(), json!(true));
    row.insert("Associations".to_owned(), Json::Array(free));
    row.entry("Entries").or_insert_with(|| Json::Array(entries));
}
