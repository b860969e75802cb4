//! Peerings and transit gateways.

use super::Edit;
use super::ground::{Ground, Way, edit, quoted};
use super::routes::{reply_tables, route};
use crate::answer::End;
use crate::network::{
    Attached, Resource, RouteTable, TransitGateway, TransitGatewayAttachment,
    TransitGatewayRouteTable, VpcId,
};
use std::collections::BTreeSet;

/// Routes to the VPC of an end, by every peering and transit gateway that joins it.
pub(super) fn routes(it: &Ground<'_>, table: &RouteTable, far: &End) -> Vec<Way> {
    let Some(there) = it.subnet(far).map(|subnet| &subnet.vpc) else { return Vec::new() };
    let mut targets: Vec<(String, String, String)> = Vec::new();
    for peering in it.network.peerings.values() {
        let joins = |vpc: &VpcId| peering.ends.iter().any(|end| end.vpc == *vpc);
        if table.vpc != *there && joins(&table.vpc) && joins(there) {
            let option = format!("--vpc-peering-connection-id {}", peering.id);
            targets.push((
                format!("pcx/{}", peering.id),
                option,
                format!("pcx {}", peering.label()),
            ));
        }
    }
    for hub in hubs_of(it, &table.vpc) {
        if table.vpc != *there {
            let option = format!("--transit-gateway-id {}", hub.id);
            targets.push((format!("tgw/{}", hub.id), option, format!("tgw {}", hub.label())));
        }
    }
    let mut ways: Vec<Way> = Vec::new();
    for (target, option, label) in &targets {
        // A VPC of several blocks needs the one that the end is in.
        let block = block_of(it, far);
        let edit = block.and_then(|block| route(table, &block, target, option, label));
        ways.extend(edit.map(|one| vec![one]));
    }
    ways
}

/// The transit gateways that a VPC is attached to.
pub(super) fn hubs_of<'n>(
    it: &Ground<'n>,
    vpc: &'n VpcId,
) -> impl Iterator<Item = &'n TransitGateway> {
    let network = it.network;
    network.transit_gateways.values().filter(move |hub| {
        let mut all = network.transit_gateway_attachments.values();
        all.any(|one| one.transit_gateway == hub.id && is_of(one, vpc))
    })
}

/// The block of the VPC that holds an end's subnet.
fn block_of(it: &Ground<'_>, far: &End) -> Option<String> {
    let own = it.blocks(far);
    let own = own.first()?;
    let blocks = it.vpc_blocks(far);
    blocks.iter().find(|block| block.contains(own)).map(ToString::to_string)
}

/// A reply that leaves by another way than the request came: a route back in each table that may
/// have sent it.
pub(super) fn way_back(it: &Ground<'_>) -> Vec<Way> {
    let tables = reply_tables(it);
    tables.into_iter().flat_map(|table| routes(it, table, it.source())).collect()
}

/// A subnet of the attachment in the zone that has none (TG-01, TG-04).
pub(super) fn zones(it: &Ground<'_>) -> Vec<Way> {
    stopping(it).into_iter().flat_map(|one| zones_of(it, one)).collect()
}

/// The attachments that stop the packet.
fn stopping<'n>(it: &Ground<'n>) -> Vec<&'n TransitGatewayAttachment> {
    let all = &it.network.transit_gateway_attachments;
    it.stopping().iter().filter_map(|id| all.get(id.as_str())).collect()
}

fn zones_of(it: &Ground<'_>, one: &TransitGatewayAttachment) -> Vec<Way> {
    let Attached::Vpc { vpc, subnets: Some(subnets) } = &one.attached else { return Vec::new() };
    let mut ways: Vec<Way> = Vec::new();
    let ends = [it.source(), it.destination()];
    for subnet in ends.into_iter().filter_map(|end| it.subnet(end)) {
        let zones = subnets.iter().filter_map(|id| it.network.subnets.get(id));
        let has = zones.into_iter().any(|other| other.zone == subnet.zone);
        if subnet.vpc != *vpc || has {
            continue;
        }
        let yaml = format!(
            "transit_gateway_attachments: {{ {}: {{ subnets: {{ +: {} }} }} }}",
            quoted(&one.id),
            quoted(&subnet.id)
        );
        let what = format!("attach subnet {} by {}", subnet.label(), one.label());
        let command = format!(
            "aws ec2 modify-transit-gateway-vpc-attachment --transit-gateway-attachment-id {} \
             --add-subnet-ids {}",
            one.id, subnet.id
        );
        ways.extend(edit(what, &yaml, vec![command]).map(|one| vec![one]));
    }
    ways
}

/// A route of the transit gateway to the attachment of the VPC that the packet is for.
pub(super) fn hub_routes(it: &Ground<'_>) -> Vec<Way> {
    let far = match it.blocker.direction {
        crate::answer::Direction::Forward => it.destination(),
        crate::answer::Direction::Return => it.source(),
    };
    let Some(there) = it.subnet(far).map(|subnet| &subnet.vpc) else { return Vec::new() };
    let Some(block) = block_of(it, far) else { return Vec::new() };
    let mut ways: Vec<Way> = Vec::new();
    for id in it.stopping() {
        let Some(table) = it.network.transit_gateway_route_tables.get(id.as_str()) else {
            continue;
        };
        let hub = &table.transit_gateway;
        for one in attachments(it).filter(|one| one.transit_gateway == *hub && is_of(one, there)) {
            ways.extend(hub_route(table, &block, one).map(|one| vec![one]));
        }
    }
    ways
}

fn hub_route(
    table: &TransitGatewayRouteTable,
    block: &str,
    to: &TransitGatewayAttachment,
) -> Option<Edit> {
    let yaml = format!(
        "transit_gateway_route_tables: {{ {}: {{ routes: {{ {}: {} }} }} }}",
        quoted(&table.id),
        quoted(block),
        quoted(&to.id)
    );
    let what = format!("route {block} in tgw-rtb {} to {}", table.label(), to.label());
    let command = format!(
        "aws ec2 create-transit-gateway-route --transit-gateway-route-table-id {} \
         --destination-cidr-block {block} --transit-gateway-attachment-id {}",
        table.id, to.id
    );
    edit(what, &yaml, vec![command])
}

/// A route table for an attachment that has none (TG-02).
pub(super) fn associations(it: &Ground<'_>) -> Vec<Way> {
    stopping(it).into_iter().flat_map(|one| associations_of(it, one)).collect()
}

fn associations_of(it: &Ground<'_>, one: &TransitGatewayAttachment) -> Vec<Way> {
    let tables = it.network.transit_gateway_route_tables.values();
    let others = tables.filter(|table| {
        table.transit_gateway == one.transit_gateway && !table.associations.contains(&one.id)
    });
    let edits = others.map(|table| {
        let yaml = format!(
            "transit_gateway_attachments: {{ {}: {{ route_table: {} }} }}",
            quoted(&one.id),
            quoted(&table.id)
        );
        let what = format!("associate {} with tgw-rtb {}", one.label(), table.label());
        let command = format!(
            "aws ec2 associate-transit-gateway-route-table --transit-gateway-route-table-id {} \
             --transit-gateway-attachment-id {}",
            table.id, one.id
        );
        edit(what, &yaml, vec![command])
    });
    edits.flatten().map(|one| vec![one]).collect()
}

/// Every other table and mode of the attachments of the ends' VPCs, and every way their transit
/// gateways could lead what is for either end.
pub(super) fn reroutes(it: &Ground<'_>) -> Vec<Way> {
    let ends = [it.source(), it.destination()];
    let vpcs: BTreeSet<_> = ends.iter().filter_map(|end| Some(&it.subnet(end)?.vpc)).collect();
    let hubs: BTreeSet<_> =
        vpcs.iter().flat_map(|vpc| hubs_of(it, vpc)).map(|one| &one.id).collect();
    let own = attachments(it).filter(|one| hubs.contains(&one.transit_gateway));
    let own: Vec<&TransitGatewayAttachment> = own.collect();
    let mut ways: Vec<Way> = Vec::new();
    for one in &own {
        ways.extend(associations_of(it, one));
        ways.extend(zones_of(it, one));
        ways.extend(appliance_mode_of(one).map(|one| vec![one]));
    }
    let mut blocks: BTreeSet<String> = ends.iter().filter_map(|end| block_of(it, end)).collect();
    if ends.iter().any(|end| it.is_public(end)) && !it.is_ipv6() {
        blocks.insert("0.0.0.0/0".to_owned());
    }
    let tables = it.network.transit_gateway_route_tables.values();
    for table in tables.filter(|one| hubs.contains(&one.transit_gateway)) {
        for one in own.iter().filter(|one| one.transit_gateway == table.transit_gateway) {
            let edits = blocks.iter().filter_map(|block| hub_route(table, block, one));
            ways.extend(edits.map(|one| vec![one]));
        }
    }
    ways
}

fn attachments<'n>(it: &Ground<'n>) -> impl Iterator<Item = &'n TransitGatewayAttachment> {
    it.network.transit_gateway_attachments.values()
}

fn is_of(attachment: &TransitGatewayAttachment, of: &VpcId) -> bool {
    matches!(&attachment.attached, Attached::Vpc { vpc, .. } if vpc == of)
}

/// Both directions through one zone's appliance (TG-05).
pub(super) fn appliance_mode(it: &Ground<'_>) -> Vec<Way> {
    let mut ways = zones(it);
    ways.extend(stopping(it).into_iter().filter_map(appliance_mode_of).map(|one| vec![one]));
    ways
}

fn appliance_mode_of(one: &TransitGatewayAttachment) -> Option<Edit> {
    if one.appliance_mode == Some(true) || !matches!(one.attached, Attached::Vpc { .. }) {
        return None;
    }
    let yaml = format!(
        "transit_gateway_attachments: {{ {}: {{ appliance_mode: true }} }}",
        quoted(&one.id)
    );
    let what = format!("switch on the appliance mode of {}", one.label());
    let command = format!(
        "aws ec2 modify-transit-gateway-vpc-attachment --transit-gateway-attachment-id {} \
         --options ApplianceModeSupport=enable",
        one.id
    );
    edit(what, &yaml, vec![command])
}
