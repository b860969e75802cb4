//! Security groups and network ACLs.

use super::intrinsics::is_open;
use super::places::{Made, number};
use super::rows::Rows;
use crate::network::At;
use crate::read::ReadError;
use serde_json::{Map, Value as Json, json};

/// Puts down what it knows; says whether it did.
pub(super) fn make(kind: &str, made: &Made<'_>, rows: &mut Rows) -> Result<bool, ReadError> {
    let at = &made.resource.at;
    match kind {
        "EC2::SecurityGroup" => {
            rows.add(
                "SecurityGroups",
                "GroupId",
                at,
                json!({
                    "GroupId": made.id,
                    "GroupName": made.named("GroupName"),
                    "VpcId": made.need("VpcId")?,
                }),
            );
            for rule in made.list("SecurityGroupIngress") {
                add_rule(rows, &made.id, "in", &rule, at);
            }
            for rule in made.list("SecurityGroupEgress") {
                add_rule(rows, &made.id, "out", &rule, at);
            }
        }
        "EC2::SecurityGroupIngress" | "EC2::SecurityGroupEgress" => {
            let group = made.need("GroupId")?.to_owned();
            let side = if kind.ends_with("Ingress") { "in" } else { "out" };
            add_rule(rows, &group, side, &Json::Object(made.properties.clone()), at);
        }
        "EC2::NetworkAcl" => rows.add(
            "NetworkAcls",
            "NetworkAclId",
            at,
            json!({ "NetworkAclId": made.id, "VpcId": made.need("VpcId")?, "IsDefault": false }),
        ),
        "EC2::NetworkAclEntry" => {
            let acl = made.need("NetworkAclId")?.to_owned();
            let egress = made.truth("Egress").unwrap_or(false);
            let ports = made.properties.get("PortRange");
            let port = |end: &str| number(ports.and_then(|range| range.get(end)));
            let icmp = made.properties.get("Icmp");
            let side = if egress { "out" } else { "in" };
            rows.place_part(&acl, format!("{side} {}", made.need("RuleNumber")?), at);
            let mut entry = json!({
                "Egress": egress,
                "RuleNumber": number(made.properties.get("RuleNumber")),
                "Protocol": made.need("Protocol")?,
                "RuleAction": made.need("RuleAction")?,
                "CidrBlock": made.field("CidrBlock"),
                "Ipv6CidrBlock": made.field("Ipv6CidrBlock"),
            });
            if let (Some(_), Json::Object(entry)) = (ports, &mut entry) {
                let range = json!({ "From": port("From"), "To": port("To") });
                entry.insert("PortRange".to_owned(), range);
            }
            if let (Some(icmp), Json::Object(entry)) = (icmp, &mut entry) {
                let code =
                    json!({ "Type": number(icmp.get("Type")), "Code": number(icmp.get("Code")) });
                entry.insert("IcmpTypeCode".to_owned(), code);
            }
            rows.append("NetworkAcls", "NetworkAclId", &acl, "Entries", entry);
        }
        "EC2::SubnetNetworkAclAssociation" => {
            let acl = made.need("NetworkAclId")?.to_owned();
            let association = json!({ "SubnetId": made.need("SubnetId")? });
            rows.append("NetworkAcls", "NetworkAclId", &acl, "Associations", association);
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// Adds one rule: each is a permission of its own, so that its place stays known.
fn add_rule(rows: &mut Rows, group: &str, side: &str, rule: &Json, at: &At) {
    let text = |field: &str| rule.get(field).and_then(Json::as_str);
    let mut permission = Map::new();
    // What it admits that only a deployment tells is that of a list that is not known.
    let open = ["IpProtocol", "FromPort", "ToPort"];
    let open = open.iter().filter_map(|field| text(field)).find(|text| is_open(text));
    let protocol = open.map_or(text("IpProtocol"), |_| None).unwrap_or("-1");
    permission.insert("IpProtocol".to_owned(), json!(protocol));
    for field in ["FromPort", "ToPort"].into_iter().filter(|_| open.is_none()) {
        permission.insert(field.to_owned(), number(rule.get(field)));
    }
    let peers = [
        ("CidrIp", "IpRanges", "CidrIp"),
        ("CidrIpv6", "Ipv6Ranges", "CidrIpv6"),
        ("SourcePrefixListId", "PrefixListIds", "PrefixListId"),
        ("DestinationPrefixListId", "PrefixListIds", "PrefixListId"),
        ("SourceSecurityGroupId", "UserIdGroupPairs", "GroupId"),
        ("DestinationSecurityGroupId", "UserIdGroupPairs", "GroupId"),
    ];
    for (field, list, inner) in peers {
        let Some(peer) = text(field) else { continue };
        let (list, inner, peer) = match open {
            Some(open) => ("PrefixListIds", "PrefixListId", open),
            None if field.starts_with("Cidr") && is_open(peer) => {
                ("PrefixListIds", "PrefixListId", peer)
            }
            None => (list, inner, peer),
        };
        permission.insert(list.to_owned(), json!([{ inner: peer }]));
    }
    let list = if side == "in" { "IpPermissions" } else { "IpPermissionsEgress" };
    let (rows_of, id) = ("SecurityGroups", "GroupId");
    let position = rows.append(rows_of, id, group, list, Json::Object(permission));
    rows.place_part(group, format!("{side} {position}"), at);
}
