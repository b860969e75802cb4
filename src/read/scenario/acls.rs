//! Network ACLs.

use super::draft::Draft;
use super::groups::{everywhere, everywhere_v6};
use super::node::{Fields, Key, Node};
use super::value::{Traffic, boolean, cidr, traffic};
use super::vpcs::associate_acl;
use crate::header::{PortSet, ProtocolMatch};
use crate::network::{AclAction, AclEntry, At, Kind, NetworkAcl, SubnetId, VpcId};
use crate::read::ReadError;
use std::collections::BTreeSet;

/// The number of AWS's closing denial (NA-03); the author's end before it.
const CLOSING: u32 = 32767;

pub(super) fn network_acl(
    draft: &mut Draft,
    key: &Key,
    node: &Node,
    id: &str,
) -> Result<(), ReadError> {
    let known = ["vpc", "default", "subnets", "ingress", "egress"];
    let fields = Fields::of(node, format!("network ACL `{}`", key.text), &key.at, &known)?;
    let is_default = boolean(&fields, "default", false)?;
    let vpc: VpcId = draft.names.need(Kind::Vpc, fields.need("vpc")?, &fields.name("vpc"))?;
    let v6 = draft.has_ipv6(&vpc);
    let entries = |direction| match fields.get(direction) {
        None if is_default && draft.implied => Ok(open(&key.at, v6)),
        _ => entries(&fields, direction, draft.implied),
    };
    let acl = NetworkAcl {
        id: id.into(),
        about: draft.about_named(&key.at, &key.text, id),
        vpc,
        is_default,
        subnets: BTreeSet::new(),
        ingress: entries("ingress")?,
        egress: entries("egress")?,
    };
    let acl_id = acl.id.clone();
    draft.put.insert(acl);
    let subnets: BTreeSet<SubnetId> = match (fields.get("subnets"), draft.base.network_acls.get(id))
    {
        (None, Some(former)) => former.subnets.clone(),
        _ => {
            draft.names.need_all(Kind::Subnet, fields.list("subnets")?, &fields.name("subnets"))?
        }
    };
    for subnet in &subnets {
        associate_acl(draft, subnet, &acl_id);
    }
    Ok(())
}

/// The ACL that every VPC has (NA-08).
pub(super) fn default_acl(draft: &mut Draft, vpc: &VpcId, id: &str, at: &At) {
    let acl = NetworkAcl {
        id: id.into(),
        about: draft.about(at),
        vpc: vpc.clone(),
        is_default: true,
        subnets: BTreeSet::new(),
        ingress: open(at, draft.has_ipv6(vpc)),
        egress: open(at, draft.has_ipv6(vpc)),
    };
    draft.put.insert(acl);
}

/// The entries of a default ACL as AWS makes it.
fn open(at: &At, v6: bool) -> Vec<AclEntry> {
    let everything = || Traffic { protocol: ProtocolMatch::Any, ports: PortSet::all(), icmp: None };
    let mut entries = vec![entry(100, AclAction::Allow, everywhere(), everything(), at)];
    // NA-08
    entries.extend(v6.then(|| entry(101, AclAction::Allow, everywhere_v6(), everything(), at)));
    entries.push(closing(at));
    entries
}

fn closing(at: &At) -> AclEntry {
    let everything = Traffic { protocol: ProtocolMatch::Any, ports: PortSet::all(), icmp: None };
    entry(CLOSING, AclAction::Deny, everywhere(), everything, at)
}

fn entry(
    number: u32,
    action: AclAction,
    cidr: ipnet::IpNet,
    traffic: Traffic,
    at: &At,
) -> AclEntry {
    let Traffic { protocol, ports, icmp } = traffic;
    AclEntry { number, action, protocol, cidr, ports, icmp, at: Some(at.clone()) }
}

fn entries(
    fields: &Fields<'_>,
    direction: &str,
    implied: bool,
) -> Result<Vec<AclEntry>, ReadError> {
    let mut entries = Vec::new();
    for (index, node) in fields.list(direction)?.iter().enumerate() {
        let what = format!("{direction} entry {} of {}", index + 1, fields.what());
        let known = ["rule", "allow", "deny", "port", "protocol", "icmp"];
        let fields = Fields::of(node, what, &node.at, &known)?;
        let (action, block) = match (fields.get("allow"), fields.get("deny")) {
            (Some(block), None) => (AclAction::Allow, block),
            (None, Some(block)) => (AclAction::Deny, block),
            _ => {
                return Err(ReadError::at(
                    &node.at,
                    format!("{} needs one of `allow` and `deny`", fields.what()),
                )
                .hint("write `allow: 10.0.0.0/16` or `deny: 0.0.0.0/0`"));
            }
        };
        let number = number(&fields, implied)?;
        let block = cidr(block, fields.what())?;
        let mut traffic = traffic(&fields)?.into_iter();
        match (traffic.next(), traffic.next()) {
            (Some(only), None) => entries.push(entry(number, action, block, only, &node.at)),
            _ => {
                return Err(ReadError::at(
                    &node.at,
                    format!("{} needs exactly one range of ports", fields.what()),
                )
                .hint("give each range an entry with a number of its own"));
            }
        }
    }
    if implied {
        entries.push(closing(fields.at()));
    }
    Ok(entries)
}

/// NA-03: 1 to 32766; where the closing denials are stated too, they have the next two numbers.
fn number(fields: &Fields<'_>, implied: bool) -> Result<u32, ReadError> {
    let node = fields.need("rule")?;
    let text = node.text(&fields.name("rule"))?;
    let last = if implied { CLOSING - 1 } else { CLOSING + 1 };
    let number = text.parse().ok().filter(|number| (1..=last).contains(number));
    number.ok_or_else(|| {
        ReadError::at(&node.at, format!("`{text}` is no rule number"))
            .hint("a rule number is from 1 to 32766; the lowest that matches decides")
    })
}
