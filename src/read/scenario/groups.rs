//! Security groups.

use super::draft::Draft;
use super::node::{Fields, Key, Node};
use super::value::{boolean, cidr, traffic};
use crate::header::{PortSet, ProtocolMatch};
use crate::network::{At, GroupReference, GroupRule, Kind, Peer, SecurityGroup, VpcId};
use crate::read::ReadError;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};

pub(super) fn security_group(
    draft: &mut Draft,
    key: &Key,
    node: &Node,
    id: &str,
) -> Result<(), ReadError> {
    let what = format!("security group `{}`", key.text);
    let fields = Fields::of(node, what, &key.at, &["vpc", "default", "ingress", "egress"])?;
    let vpc: VpcId = draft.names.need(Kind::Vpc, fields.need("vpc")?, &fields.name("vpc"))?;
    let egress = match fields.get("egress") {
        Some(_) => rules(draft, &fields, "egress", "to")?,
        // A new group lets everything out (SG-06).
        None if draft.implied => everything(draft, &vpc, &key.at),
        None => Vec::new(),
    };
    let mut about = draft.about_named(&key.at, &key.text, id);
    if boolean(&fields, "default", false)? {
        // The name that AWS gives it, and that marks it (SG-17).
        about.name = Some("default".to_owned());
    }
    let group = SecurityGroup {
        id: id.into(),
        about,
        vpc,
        ingress: rules(draft, &fields, "ingress", "from")?,
        egress,
    };
    draft.put.insert(group);
    Ok(())
}

/// The group that every VPC has (SG-17).
pub(super) fn default_group(draft: &mut Draft, vpc: &VpcId, id: &str, at: &At) {
    let mut about = draft.about(at);
    about.name = Some("default".to_owned());
    let itself = Peer::Group(GroupReference { group: id.into(), peering_status: None });
    let group = SecurityGroup {
        id: id.into(),
        about,
        vpc: vpc.clone(),
        ingress: vec![rule(itself, at)],
        egress: everything(draft, vpc, at),
    };
    draft.put.insert(group);
}

/// What a new group lets out: all of IPv4, and of IPv6 where the VPC has it (SG-17).
fn everything(draft: &Draft, vpc: &VpcId, at: &At) -> Vec<GroupRule> {
    let v6 = draft.has_ipv6(vpc).then(everywhere_v6);
    [everywhere()].into_iter().chain(v6).map(|cidr| rule(Peer::Cidr(cidr), at)).collect()
}

/// A rule for everything.
fn rule(peer: Peer, at: &At) -> GroupRule {
    GroupRule {
        protocol: ProtocolMatch::Any,
        ports: PortSet::all(),
        icmp: None,
        peer,
        rule_id: None,
        at: Some(at.clone()),
    }
}

pub(super) fn everywhere() -> IpNet {
    IpNet::V4(Ipv4Net::default())
}

pub(super) fn everywhere_v6() -> IpNet {
    IpNet::V6(Ipv6Net::default())
}

/// The rules of one direction: one per peer and port range (SG-01).
fn rules(
    draft: &mut Draft,
    fields: &Fields<'_>,
    direction: &str,
    peer_key: &str,
) -> Result<Vec<GroupRule>, ReadError> {
    let mut rules = Vec::new();
    for (index, node) in fields.list(direction)?.iter().enumerate() {
        let what = format!("{direction} rule {} of {}", index + 1, fields.what());
        let known = [peer_key, "port", "protocol", "icmp", "peering_status", "id"];
        let rule = Fields::of(node, what, &node.at, &known)?;
        let peers = rule.need(peer_key)?.one_or_more();
        if peers.is_empty() {
            return Err(ReadError::at(&node.at, format!("{} names nobody", rule.what())).hint(
                format!("write a CIDR block, a group or a prefix list after `{peer_key}:`"),
            ));
        }
        for traffic in traffic(&rule)? {
            for node_of_peer in peers {
                rules.push(GroupRule {
                    protocol: traffic.protocol,
                    ports: traffic.ports.clone(),
                    icmp: traffic.icmp,
                    peer: peer(draft, node_of_peer, &rule, peer_key)?,
                    rule_id: rule.text("id")?.map(str::to_owned),
                    at: Some(node.at.clone()),
                });
            }
        }
    }
    Ok(rules)
}

/// A CIDR block, a group or a prefix list.
fn peer(
    draft: &mut Draft,
    node: &Node,
    rule: &Fields<'_>,
    peer_key: &str,
) -> Result<Peer, ReadError> {
    let what = &rule.name(peer_key);
    let text = node.text(what)?;
    // SG-16: a group of a peered VPC, which the file need not hold.
    if let Some(status) = rule.text("peering_status")? {
        let group = draft.names.find(Kind::SecurityGroup, text).unwrap_or(text).into();
        let peering_status = Some(status.to_owned());
        return Ok(Peer::Group(GroupReference { group, peering_status }));
    }
    if text.parse::<IpNet>().is_ok() {
        return cidr(node, what).map(Peer::Cidr);
    }
    let group = draft.names.find(Kind::SecurityGroup, text);
    let list = draft.names.find(Kind::PrefixList, text);
    if let (Some(_), Some(_)) = (group, list) {
        return Err(ReadError::at(&node.at, format!("`{text}` names a group and a prefix list"))
            .hint("give one of them another name"));
    }
    if let Some(group) = group {
        return Ok(Peer::Group(GroupReference { group: group.into(), peering_status: None }));
    }
    if let Some(service) = draft.aws_list_name(text) {
        return Ok(Peer::PrefixList(draft.aws_prefix_list(&service)));
    }
    if let Some(list) = list {
        return Ok(Peer::PrefixList(list.into()));
    }
    let like_an_address =
        text.starts_with(|c: char| c.is_ascii_digit()) || text.contains('/') || text.contains(':');
    if like_an_address {
        return cidr(node, what).map(Peer::Cidr);
    }
    if draft.names.open {
        return Ok(match text.starts_with("pl-") {
            true => Peer::PrefixList(text.into()),
            false => Peer::Group(GroupReference { group: text.into(), peering_status: None }),
        });
    }
    Err(draft.names.dangling(&[Kind::SecurityGroup, Kind::PrefixList], node, text))
}
