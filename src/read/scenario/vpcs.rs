//! VPCs and their subnets.

use super::draft::Draft;
use super::node::{Fields, Key, Node};
use super::value::{boolean, cidr, cidrs, count, switch};
use crate::network::{Kind, NetworkAclId, RouteTableId, Subnet, SubnetId, Vpc, Zone};
use crate::read::ReadError;
use ipnet::IpNet;

pub(super) fn vpc(draft: &mut Draft, key: &Key, node: &Node, id: &str) -> Result<(), ReadError> {
    let known = [
        "cidr",
        "cidrs",
        "ipv6_cidr",
        "ipv6_private",
        "enable_dns_support",
        "enable_dns_hostnames",
        "dhcp_options",
        "public_access",
        "encryption_enforced",
        "tags",
    ];
    let fields = Fields::of(node, format!("VPC `{}`", key.text), &key.at, &known)?;
    let dhcp_options = fields
        .get("dhcp_options")
        .map(|node| draft.names.need(Kind::DhcpOptions, node, &fields.name("dhcp_options")));
    let cidrs = cidrs(&fields)?;
    let is_v6 = |block: &IpNet| matches!(block, IpNet::V6(_));
    let vpc = Vpc {
        id: id.into(),
        about: draft.about_named(&key.at, &key.text, id),
        private_v6: match fields
            .get("ipv6_private")
            .map(|node| node.text("`ipv6_private`").unwrap_or("a list"))
        {
            None | Some("false") => Vec::new(),
            Some("true") => cidrs.iter().copied().filter(is_v6).collect(),
            Some(_) => {
                let what = fields.name("ipv6_private");
                let blocks = fields.get("ipv6_private").map_or(&[][..], Node::one_or_more).iter();
                blocks.map(|block| cidr(block, &what)).collect::<Result<_, _>>()?
            }
        },
        cidrs,
        dns_support: draft.or_implied(switch(&fields, "enable_dns_support")?, true),
        // Off when made by the API, on when made by the console's "VPC and more"; on is what
        // people mean.
        dns_hostnames: draft.or_implied(switch(&fields, "enable_dns_hostnames")?, true),
        dhcp_options: dhcp_options.transpose()?,
        public_access: super::public_access::said(&fields)?,
        encryption_enforced: boolean(&fields, "encryption_enforced", false)?,
    };
    draft.put.insert(vpc);
    Ok(())
}

pub(super) fn subnet(draft: &mut Draft, key: &Key, node: &Node, id: &str) -> Result<(), ReadError> {
    let known = [
        "vpc",
        "cidr",
        "cidrs",
        "ipv6_cidr",
        "dns64",
        "az",
        "az_id",
        "route_table",
        "network_acl",
        "map_public_ip",
        "available_addresses",
        "public_access",
        "tags",
    ];
    let fields = Fields::of(node, format!("subnet `{}`", key.text), &key.at, &known)?;
    let vpc = draft.names.need(Kind::Vpc, fields.need("vpc")?, &fields.name("vpc"))?;
    let about = draft.about_named(&key.at, &key.text, id);
    let region = about.scope.region.as_deref().unwrap_or(&draft.region);
    let subnet = Subnet {
        id: id.into(),
        zone: zone(draft, &fields, region)?,
        about,
        vpc,
        cidrs: cidrs(&fields)?,
        map_public_ip: boolean(&fields, "map_public_ip", false)?,
        dns64: boolean(&fields, "dns64", false)?,
        available_addresses: count(&fields, "available_addresses")?,
        public_access: super::public_access::said(&fields)?,
    };
    let id = subnet.id.clone();
    draft.put.insert(subnet);
    let table = fields
        .get("route_table")
        .map(|node| draft.names.need(Kind::RouteTable, node, &fields.name("route_table")));
    associate_table(draft, &id, table.transpose()?);
    let acl = fields
        .get("network_acl")
        .map(|node| draft.names.need(Kind::NetworkAcl, node, &fields.name("network_acl")));
    if let Some(acl) = acl.transpose()? {
        associate_acl(draft, &id, &acl);
    }
    Ok(())
}

/// Gives a subnet its route table, and takes it from every other one of the base. A subnet without
/// one follows the VPC's main table (RT-01).
fn associate_table(draft: &mut Draft, subnet: &SubnetId, chosen: Option<RouteTableId>) {
    let tables = draft.base.route_tables.values().filter(|table| table.subnets.contains(subnet));
    let former: Vec<RouteTableId> = tables.map(|table| table.id.clone()).collect();
    for id in former {
        if let Some(table) = draft.route_table(&id) {
            table.subnets.remove(subnet);
        }
    }
    if let Some(table) = chosen.and_then(|id| draft.route_table(&id)) {
        table.subnets.insert(subnet.clone());
    }
}

/// Gives a subnet its network ACL, and takes it from every other one of the base (NA-07).
pub(super) fn associate_acl(draft: &mut Draft, subnet: &SubnetId, chosen: &NetworkAclId) {
    let acls = draft.base.network_acls.values().filter(|acl| acl.subnets.contains(subnet));
    let former: Vec<NetworkAclId> = acls.map(|acl| acl.id.clone()).collect();
    for id in former {
        // One that the file states itself says on its own which subnets it has.
        if !draft.put.network_acls.contains_key(&id)
            && let Some(acl) = draft.network_acl(&id)
        {
            acl.subnets.remove(subnet);
        }
    }
    if let Some(acl) = draft.network_acl(chosen) {
        acl.subnets.insert(subnet.clone());
    }
}

/// A zone's name or id; the Region's first one when left out.
fn zone(draft: &Draft, fields: &Fields<'_>, region: &str) -> Result<Zone, ReadError> {
    let id = fields.text("az_id")?.map(str::to_owned);
    let Some(node) = fields.get("az") else {
        let first = draft.implied && id.is_none();
        return Ok(Zone { name: first.then(|| format!("{region}a")), id });
    };
    let text = node.text(&fields.name("az"))?;
    if is_zone_id(text) {
        return Ok(Zone { name: None, id: Some(text.to_owned()) });
    }
    match text.strip_prefix(region) {
        Some(rest) if !rest.is_empty() => Ok(Zone { name: Some(text.to_owned()), id }),
        _ if !draft.implied => Ok(Zone { name: Some(text.to_owned()), id }),
        _ => Err(ReadError::at(&node.at, format!("`{text}` is no zone of {region}"))
            .hint(format!("a zone is called {region}a, or by its id, like use1-az1"))),
    }
}

/// `use1-az1`
pub(super) fn is_zone_id(text: &str) -> bool {
    let number = text.rsplit_once("-az").map(|(_, number)| number);
    number.is_some_and(|number| !number.is_empty() && number.parse::<u8>().is_ok())
}
