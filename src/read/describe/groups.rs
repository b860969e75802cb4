//! Security groups.

use super::answer::{Answer, Origin};
use super::field::{
    Fault, List, Tag, Traffic, cidr, name_tag, optional, protocol, required, traffic,
};
use super::{Capture, ReadError};
use crate::network::{At, GroupReference, GroupRule, Peer, SecurityGroup, SecurityGroupId};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Rules with their ids, by group and direction (`true` is outbound): an answer of its own.
#[derive(Default)]
pub(super) struct Loose {
    rules: BTreeMap<(SecurityGroupId, bool), Vec<Known>>,
}

impl Loose {
    /// What a later part of the input holds, too.
    pub fn absorb(&mut self, later: Self) {
        for (group, rules) in later.rules {
            self.rules.entry(group).or_default().extend(rules);
        }
    }
}

/// One rule with its id.
struct Known {
    traffic: Traffic,
    peer: Peer,
    id: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct GroupRow {
    group_id: Option<String>,
    group_name: Option<String>,
    security_group_arn: Option<String>,
    owner_id: Option<String>,
    vpc_id: Option<String>,
    ip_permissions: List<Permission>,
    ip_permissions_egress: List<Permission>,
    tags: List<Tag>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Permission {
    ip_protocol: Option<String>,
    from_port: Option<i64>,
    to_port: Option<i64>,
    ip_ranges: List<Range>,
    ipv6_ranges: List<Range>,
    prefix_list_ids: List<PrefixListRow>,
    user_id_group_pairs: List<Pair>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Range {
    cidr_ip: Option<String>,
    cidr_ipv6: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct PrefixListRow {
    prefix_list_id: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Pair {
    group_id: Option<String>,
    peering_status: Option<String>,
}

pub(super) fn security_groups(capture: &mut Capture, answer: &Answer<'_>) -> Result<(), ReadError> {
    let at = answer.at();
    answer.each(|row: GroupRow| {
        let id = required(row.group_id, "GroupId")?;
        let vpc = required(row.vpc_id, "VpcId")?;
        let origin = Origin {
            owner: row.owner_id.as_deref(),
            arn: row.security_group_arn.as_deref(),
            zone: None,
        };
        let name = group_name(row.group_name, name_tag(&row.tags));
        let about = capture.about(answer, name, &origin);
        let in_group = |Fault(text)| Fault(format!("({id}) has a rule that {text}"));
        let ingress = atomic(row.ip_permissions, &at).map_err(in_group)?;
        let egress = atomic(row.ip_permissions_egress, &at).map_err(in_group)?;
        let vpc = vpc.into();
        capture.insert(SecurityGroup { id: id.into(), about, vpc, ingress, egress });
        Ok(())
    })
}

/// The tag, else AWS's name. Only a VPC's default group is called `default`, whatever its tag says
/// (SG-17).
fn group_name(own: Option<String>, tag: Option<String>) -> Option<String> {
    match own.as_deref() {
        Some("default") => own,
        _ => tag.filter(|tag| tag != "default").or(own),
    }
}

/// SG-01: one rule per source or destination.
fn atomic(permissions: List<Permission>, at: &At) -> Result<Vec<GroupRule>, Fault> {
    let mut rules = Vec::new();
    for permission in permissions {
        let range = (permission.from_port, permission.to_port);
        let protocol = protocol(&required(permission.ip_protocol, "IpProtocol")?, "IpProtocol")?;
        // SG-04: for ICMP the ports are type and code.
        let traffic = traffic(protocol, range, range)?;
        let mut peers = Vec::new();
        for range in permission.ip_ranges.into_iter().chain(permission.ipv6_ranges) {
            let text = required(optional(range.cidr_ip).or(range.cidr_ipv6), "CidrIp")?;
            peers.push(Peer::Cidr(cidr(&text, "CidrIp")?));
        }
        for list in permission.prefix_list_ids {
            peers.push(Peer::PrefixList(required(list.prefix_list_id, "PrefixListId")?.into()));
        }
        for pair in permission.user_id_group_pairs {
            let group = required(pair.group_id, "GroupId")?.into();
            let peering_status = optional(pair.peering_status);
            peers.push(Peer::Group(GroupReference { group, peering_status }));
        }
        rules.extend(peers.into_iter().map(|peer| GroupRule {
            protocol: traffic.protocol,
            ports: traffic.ports.clone(),
            icmp: traffic.icmp,
            peer,
            rule_id: None,
            at: Some(at.clone()),
        }));
    }
    Ok(rules)
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct RuleRow {
    security_group_rule_id: Option<String>,
    group_id: Option<String>,
    is_egress: Option<bool>,
    ip_protocol: Option<String>,
    from_port: Option<i64>,
    to_port: Option<i64>,
    cidr_ipv4: Option<String>,
    cidr_ipv6: Option<String>,
    prefix_list_id: Option<String>,
    referenced_group_info: Option<Pair>,
}

/// SG-18: the same rules, with ids.
pub(super) fn rules(capture: &mut Capture, answer: &Answer<'_>) -> Result<(), ReadError> {
    answer.each(|row: RuleRow| {
        let id = required(row.security_group_rule_id, "SecurityGroupRuleId")?;
        let group = required(row.group_id, "GroupId")?;
        let range = (row.from_port, row.to_port);
        let protocol = protocol(&required(row.ip_protocol, "IpProtocol")?, "IpProtocol")?;
        let traffic = traffic(protocol, range, range)?;
        let peer = if let Some(text) = optional(row.cidr_ipv4).or(optional(row.cidr_ipv6)) {
            Peer::Cidr(cidr(&text, "CidrIpv4")?)
        } else if let Some(list) = optional(row.prefix_list_id) {
            Peer::PrefixList(list.into())
        } else {
            let group = row.referenced_group_info.and_then(|info| info.group_id);
            let group = required(group, "CidrIpv4")?.into();
            Peer::Group(GroupReference { group, peering_status: None })
        };
        let key = (group.into(), row.is_egress.unwrap_or(false));
        capture.groups.rules.entry(key).or_default().push(Known { traffic, peer, id });
        Ok(())
    })
}

/// Joins the ids to the rules of equal content.
pub(super) fn finish(capture: &mut Capture) {
    let mut absent = std::collections::BTreeSet::new();
    for ((group, egress), known) in std::mem::take(&mut capture.groups.rules) {
        let Some(group) = capture.network.security_groups.get_mut(&group) else {
            absent.insert(group);
            continue;
        };
        let rules = if egress { &mut group.egress } else { &mut group.ingress };
        for rule in rules {
            let same = known.iter().find(|Known { traffic, peer, .. }| {
                traffic.protocol == rule.protocol
                    && traffic.ports == rule.ports
                    && traffic.icmp == rule.icmp
                    && same_peer(peer, &rule.peer)
            });
            rule.rule_id = same.map(|known| known.id.clone());
        }
    }
    if !absent.is_empty() {
        capture.notes.lines.push(format!(
            "`SecurityGroupRules` holds rules of {} that `SecurityGroups` does not: they are not \
             used (aws ec2 describe-security-groups)",
            match absent.len() {
                1 => "1 group".to_owned(),
                count => format!("{count} groups"),
            }
        ));
    }
}

fn same_peer(a: &Peer, b: &Peer) -> bool {
    match (a, b) {
        (Peer::Group(a), Peer::Group(b)) => a.group == b.group,
        _ => a == b,
    }
}
