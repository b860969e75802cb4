//! Network ACLs (NA-01).

use super::answer::{Answer, Origin};
use super::field::{Fault, List, Tag, cidr, name_tag, optional, protocol, required, traffic};
use super::{Capture, ReadError};
use crate::header::{Protocol, ProtocolMatch};
use crate::network::{AclAction, AclEntry, At, NetworkAcl};
use ipnet::IpNet;
use serde::Deserialize;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct AclRow {
    network_acl_id: Option<String>,
    vpc_id: Option<String>,
    owner_id: Option<String>,
    is_default: Option<bool>,
    associations: List<Association>,
    entries: List<EntryRow>,
    tags: List<Tag>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Association {
    subnet_id: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct EntryRow {
    rule_number: Option<u32>,
    egress: Option<bool>,
    protocol: Option<String>,
    rule_action: Option<String>,
    cidr_block: Option<String>,
    ipv6_cidr_block: Option<String>,
    port_range: Option<PortRange>,
    icmp_type_code: Option<IcmpTypeCode>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct PortRange {
    from: Option<i64>,
    to: Option<i64>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct IcmpTypeCode {
    r#type: Option<i64>,
    code: Option<i64>,
}

pub(super) fn network_acls(capture: &mut Capture, answer: &Answer<'_>) -> Result<(), ReadError> {
    let at = answer.at();
    answer.each(|row: AclRow| {
        let id = required(row.network_acl_id, "NetworkAclId")?;
        let vpc = required(row.vpc_id, "VpcId")?;
        let origin = Origin { owner: row.owner_id.as_deref(), ..Origin::default() };
        let about = capture.about(answer, name_tag(&row.tags), &origin);
        let (mut ingress, mut egress) = (Vec::new(), Vec::new());
        for (index, row) in row.entries.into_iter().enumerate() {
            let outbound = row.egress.unwrap_or(false);
            let entry = entry(row, &at).map_err(|Fault(text)| {
                Fault(format!("({id}) cannot be read: its entry {index} {text}"))
            })?;
            if outbound { &mut egress } else { &mut ingress }.push(entry);
        }
        let associations = row.associations.into_iter();
        capture.insert(NetworkAcl {
            id: id.into(),
            about,
            vpc: vpc.into(),
            is_default: row.is_default.unwrap_or(false),
            subnets: associations.filter_map(|it| optional(it.subnet_id)).map(Into::into).collect(),
            ingress,
            egress,
        });
        Ok(())
    })
}

fn entry(row: EntryRow, at: &At) -> Result<AclEntry, Fault> {
    let number = row.rule_number.ok_or_else(|| Fault("has no `RuleNumber`".to_owned()))?;
    let action = match required(row.rule_action, "RuleAction")?.as_str() {
        "allow" => AclAction::Allow,
        "deny" => AclAction::Deny,
        other => return Err(Fault(format!("has `RuleAction` {other:?}, which is none"))),
    };
    let cidr = match optional(row.cidr_block) {
        Some(text) => cidr(&text, "CidrBlock")?,
        None => cidr(&required(row.ipv6_cidr_block, "CidrBlock")?, "Ipv6CidrBlock")?,
    };
    let protocol = protocol(&required(row.protocol, "Protocol")?, "Protocol")?;
    let ports = row.port_range.unwrap_or_default();
    // NA-05: protocol 58 with an IPv4 block is all of its types.
    let all_types =
        protocol == ProtocolMatch::Only(Protocol::Icmpv6) && matches!(cidr, IpNet::V4(_));
    let icmp = row.icmp_type_code.filter(|_| !all_types).unwrap_or_default();
    let traffic = traffic(protocol, (ports.from, ports.to), (icmp.r#type, icmp.code))?;
    Ok(AclEntry {
        number,
        action,
        protocol: traffic.protocol,
        cidr,
        ports: traffic.ports,
        icmp: traffic.icmp,
        at: Some(at.clone()),
    })
}
