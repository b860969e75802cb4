//! VPCs, their DNS attributes, and subnets.

use super::answer::{Answer, Origin};
use super::field::{Fault, List, Tag, cidr, name_tag, optional, required};
use super::{Capture, ReadError};
use crate::network::{About, BlockMode, Subnet, Vpc, VpcId, Zone};
use ipnet::IpNet;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// The DNS attributes, which are answers of their own.
#[derive(Default)]
pub(super) struct Loose {
    attributes: BTreeMap<VpcId, Attributes>,
    /// EC-01: those that enforce encryption.
    enforcing: BTreeSet<VpcId>,
}

impl Loose {
    /// What a later part of the input holds, too.
    pub fn absorb(&mut self, later: Self) {
        for (id, later) in later.attributes {
            let known = self.attributes.entry(id).or_default();
            known.support = later.support.or(known.support);
            known.hostnames = later.hostnames.or(known.hostnames);
        }
        self.enforcing.extend(later.enforcing);
    }
}

#[derive(Clone, Copy, Default)]
struct Attributes {
    support: Option<bool>,
    hostnames: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct State {
    state: Option<String>,
}

/// RT-09: only what is associated counts.
fn is_associated(state: Option<&State>) -> bool {
    state.and_then(|state| state.state.as_deref()).is_none_or(|state| state == "associated")
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Block {
    cidr_block: Option<String>,
    cidr_block_state: Option<State>,
    ipv6_cidr_block: Option<String>,
    ipv6_cidr_block_state: Option<State>,
    ipv6_address_attribute: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct BlockPublicAccess {
    internet_gateway_block_mode: Option<String>,
}

impl BlockPublicAccess {
    fn mode(self) -> Option<BlockMode> {
        super::public_access::mode(self.internet_gateway_block_mode.as_deref())
    }
}

/// EC-01
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Encryption {
    vpc_id: Option<String>,
    mode: Option<String>,
    state: Option<String>,
}

impl Encryption {
    fn enforces(&self) -> bool {
        self.mode.as_deref() == Some("enforce") && self.state.as_deref() != Some("deleted")
    }
}

pub(super) fn encryption_controls(
    capture: &mut Capture,
    answer: &Answer<'_>,
) -> Result<(), ReadError> {
    answer.each(|row: Encryption| {
        let enforces = row.enforces();
        let vpc = VpcId::from(required(row.vpc_id, "VpcId")?);
        if enforces {
            capture.vpcs.enforcing.insert(vpc);
        }
        Ok(())
    })
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct VpcRow {
    vpc_id: Option<String>,
    owner_id: Option<String>,
    cidr_block: Option<String>,
    cidr_block_association_set: List<Block>,
    ipv6_cidr_block_association_set: List<Block>,
    dhcp_options_id: Option<String>,
    block_public_access_states: Option<BlockPublicAccess>,
    encryption_control: Option<Encryption>,
    tags: List<Tag>,
}

pub(super) fn vpcs(capture: &mut Capture, answer: &Answer<'_>) -> Result<(), ReadError> {
    answer.each(|row: VpcRow| {
        let id = VpcId::from(required(row.vpc_id, "VpcId")?);
        let origin = Origin { owner: row.owner_id.as_deref(), ..Origin::default() };
        let tags = capture.tags(&row.tags);
        let about = About { tags, ..capture.about(answer, name_tag(&row.tags), &origin) };
        let mut cidrs: Vec<IpNet> = Vec::new();
        let private_v6 = private_blocks(&row.ipv6_cidr_block_association_set)?;
        if let Some(primary) = optional(row.cidr_block) {
            cidrs.push(cidr(&primary, "CidrBlock")?);
        }
        blocks(row.cidr_block_association_set, &mut cidrs)?;
        blocks(row.ipv6_cidr_block_association_set, &mut cidrs)?;
        if cidrs.is_empty() {
            return Err(Fault(format!("({id}) has no `CidrBlock`")));
        }
        let dhcp_options = optional(row.dhcp_options_id).filter(|id| id != "default");
        capture.insert(Vpc {
            id,
            about,
            cidrs,
            private_v6,
            dns_support: None,
            dns_hostnames: None,
            dhcp_options: dhcp_options.map(Into::into),
            public_access: row.block_public_access_states.and_then(BlockPublicAccess::mode),
            encryption_enforced: row.encryption_control.is_some_and(|one| one.enforces()),
        });
        Ok(())
    })
}

/// IG-10: the IPv6 blocks that AWS does not announce.
fn private_blocks(rows: &List<Block>) -> Result<Vec<IpNet>, Fault> {
    let private =
        rows.0.iter().filter(|row| row.ipv6_address_attribute.as_deref() == Some("private"));
    let texts = private.filter_map(|row| row.ipv6_cidr_block.as_deref());
    texts.filter(|text| !text.is_empty()).map(|text| cidr(text, "Ipv6CidrBlock")).collect()
}

/// The associated blocks that are not there yet.
fn blocks(rows: List<Block>, cidrs: &mut Vec<IpNet>) -> Result<(), Fault> {
    for row in rows {
        let v4 = row.cidr_block.filter(|_| is_associated(row.cidr_block_state.as_ref()));
        let v6 = row.ipv6_cidr_block.filter(|_| is_associated(row.ipv6_cidr_block_state.as_ref()));
        for (text, field) in [(v4, "CidrBlock"), (v6, "Ipv6CidrBlock")] {
            let Some(text) = optional(text) else { continue };
            let block = cidr(&text, field)?;
            if !cidrs.contains(&block) {
                cidrs.push(block);
            }
        }
    }
    Ok(())
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Value {
    value: Option<bool>,
}

pub(super) fn dns_support(capture: &mut Capture, answer: &Answer<'_>) -> Result<(), ReadError> {
    let value = answer.value::<Value>()?.value;
    attribute(capture, answer, |attributes| attributes.support = value);
    Ok(())
}

pub(super) fn dns_hostnames(capture: &mut Capture, answer: &Answer<'_>) -> Result<(), ReadError> {
    let value = answer.value::<Value>()?.value;
    attribute(capture, answer, |attributes| attributes.hostnames = value);
    Ok(())
}

/// The answer names its VPC, or else the file does.
fn attribute(capture: &mut Capture, answer: &Answer<'_>, set: impl FnOnce(&mut Attributes)) {
    let vpc = answer.page.text("VpcId").or_else(|| answer.page.part("vpc-").map(str::to_owned));
    match vpc {
        Some(vpc) => set(capture.vpcs.attributes.entry(vpc.into()).or_default()),
        None => capture.notes.ownerless(answer, "describe-vpc-attribute.<vpc-id>.<attribute>.json"),
    }
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct SubnetRow {
    subnet_id: Option<String>,
    subnet_arn: Option<String>,
    owner_id: Option<String>,
    vpc_id: Option<String>,
    cidr_block: Option<String>,
    ipv6_cidr_block_association_set: List<Block>,
    availability_zone: Option<String>,
    availability_zone_id: Option<String>,
    map_public_ip_on_launch: Option<bool>,
    enable_dns64: Option<bool>,
    available_ip_address_count: Option<u32>,
    block_public_access_states: Option<BlockPublicAccess>,
    tags: List<Tag>,
}

pub(super) fn subnets(capture: &mut Capture, answer: &Answer<'_>) -> Result<(), ReadError> {
    answer.each(|row: SubnetRow| {
        let id = required(row.subnet_id, "SubnetId")?;
        let vpc = required(row.vpc_id, "VpcId")?;
        let mut cidrs = Vec::new();
        if let Some(block) = optional(row.cidr_block) {
            cidrs.push(cidr(&block, "CidrBlock")?);
        }
        blocks(row.ipv6_cidr_block_association_set, &mut cidrs)?;
        if cidrs.is_empty() {
            return Err(Fault(format!("({id}) has no `CidrBlock`")));
        }
        let origin = Origin {
            owner: row.owner_id.as_deref(),
            arn: row.subnet_arn.as_deref(),
            zone: row.availability_zone.as_deref(),
        };
        let tags = capture.tags(&row.tags);
        let about = About { tags, ..capture.about(answer, name_tag(&row.tags), &origin) };
        let zone =
            Zone { name: optional(row.availability_zone), id: optional(row.availability_zone_id) };
        capture.insert(Subnet {
            id: id.into(),
            about,
            vpc: vpc.into(),
            cidrs,
            zone,
            map_public_ip: row.map_public_ip_on_launch.unwrap_or(false),
            dns64: row.enable_dns64.unwrap_or(false),
            available_addresses: row.available_ip_address_count,
            public_access: row.block_public_access_states.and_then(BlockPublicAccess::mode),
        });
        Ok(())
    })
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct ZoneRow {
    region_name: Option<String>,
}

/// The zones tell the Region of a capture that holds nothing else that does.
pub(super) fn zones(capture: &mut Capture, answer: &Answer<'_>) -> Result<(), ReadError> {
    answer.each(|row: ZoneRow| {
        if let Some(region) = row.region_name {
            capture.scopes.region(answer.folders(), &region);
        }
        Ok(())
    })
}

pub(super) fn finish(capture: &mut Capture) {
    for id in &capture.vpcs.enforcing {
        if let Some(vpc) = capture.network.vpcs.get_mut(id) {
            vpc.encryption_enforced = true;
        }
    }
    for (id, attributes) in &capture.vpcs.attributes {
        if let Some(vpc) = capture.network.vpcs.get_mut(id) {
            vpc.dns_support = attributes.support;
            vpc.dns_hostnames = attributes.hostnames;
        }
    }
}
