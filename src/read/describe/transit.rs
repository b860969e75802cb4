//! Transit gateways, their attachments and their route tables.

use super::answer::{Answer, Origin};
use super::field::{Fault, List, Tag, cidr, name_tag, optional, required, undocumented};
use super::{Capture, ReadError};
use crate::network::{
    About, Attached, Destination, RouteState, TransitGateway, TransitGatewayAttachment,
    TransitGatewayAttachmentId, TransitGatewayId, TransitGatewayRoute, TransitGatewayRouteTable,
    TransitGatewayRouteTableId,
};
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What answers say of route tables that other answers list.
#[derive(Default)]
pub(super) struct Loose {
    associations: BTreeMap<TransitGatewayRouteTableId, BTreeSet<TransitGatewayAttachmentId>>,
    routes: BTreeMap<TransitGatewayRouteTableId, Vec<TransitGatewayRoute>>,
    /// Tables of which not all routes came.
    cut: BTreeSet<TransitGatewayRouteTableId>,
}

impl Loose {
    /// What a later part of the input holds, too.
    pub fn absorb(&mut self, later: Self) {
        for (table, attachments) in later.associations {
            self.associations.entry(table).or_default().extend(attachments);
        }
        for (table, routes) in later.routes {
            self.routes.entry(table).or_default().extend(routes);
        }
        self.cut.extend(later.cut);
    }
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Options {
    appliance_mode_support: Option<String>,
    security_group_referencing_support: Option<String>,
    ipv6_support: Option<String>,
    nat_gateway_support: Option<Value>,
}

fn on(text: Option<String>) -> Option<bool> {
    optional(text).map(|text| text == "enable")
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct GatewayRow {
    transit_gateway_id: Option<String>,
    owner_id: Option<String>,
    transit_gateway_arn: Option<String>,
    options: Option<Options>,
    tags: List<Tag>,
}

pub(super) fn transit_gateways(
    capture: &mut Capture,
    answer: &Answer<'_>,
) -> Result<(), ReadError> {
    answer.each(|row: GatewayRow| {
        let id = required(row.transit_gateway_id, "TransitGatewayId")?;
        let arn = row.transit_gateway_arn.as_deref();
        let origin = Origin { owner: row.owner_id.as_deref(), arn, zone: None };
        let about = capture.about(answer, name_tag(&row.tags), &origin);
        let options = row.options.unwrap_or_default();
        capture.insert(TransitGateway {
            id: id.into(),
            about,
            group_references: on(options.security_group_referencing_support),
            undocumented: undocumented([("NatGatewaySupport", options.nat_gateway_support)]),
        });
        Ok(())
    })
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct AttachmentRow {
    transit_gateway_attachment_id: Option<String>,
    transit_gateway_id: Option<String>,
    resource_type: Option<String>,
    resource_id: Option<String>,
    resource_owner_id: Option<String>,
    state: Option<String>,
    association: Option<Association>,
    vpc_id: Option<String>,
    vpc_owner_id: Option<String>,
    subnet_ids: Option<Vec<String>>,
    options: Option<Options>,
    requester_tgw_info: Option<PeerInfo>,
    accepter_tgw_info: Option<PeerInfo>,
    tags: List<Tag>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Association {
    transit_gateway_route_table_id: Option<String>,
    state: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct PeerInfo {
    transit_gateway_id: Option<String>,
}

/// describe-transit-gateway-attachments, which tells of every kind, and the calls that tell more of
/// one kind; in either order.
pub(super) fn attachments(capture: &mut Capture, answer: &Answer<'_>) -> Result<(), ReadError> {
    answer.each(|row: AttachmentRow| {
        let id = required(row.transit_gateway_attachment_id, "TransitGatewayAttachmentId")?;
        let id = TransitGatewayAttachmentId::from(id);
        if let Some(Association { transit_gateway_route_table_id: Some(table), state }) =
            row.association
            && state.as_deref().is_none_or(|state| state == "associated")
        {
            let table = capture.transit.associations.entry(table.into()).or_default();
            table.insert(id.clone());
        }
        let owner = row.resource_owner_id.or(row.vpc_owner_id);
        let origin = Origin { owner: owner.as_deref(), ..Origin::default() };
        let about = capture.about(answer, name_tag(&row.tags), &origin);
        let peers = (row.requester_tgw_info, row.accepter_tgw_info);
        let kind = row.resource_type.as_deref();
        let (gateway, attached) = match (peers, row.vpc_id) {
            ((Some(one), Some(other)), _) => {
                let one = required(one.transit_gateway_id, "RequesterTgwInfo.TransitGatewayId")?;
                let other = required(other.transit_gateway_id, "AccepterTgwInfo.TransitGatewayId")?;
                (one, Attached::Peer(other.into()))
            }
            (_, Some(vpc)) => {
                let subnets = row.subnet_ids.map(|all| all.into_iter().map(Into::into).collect());
                let gateway = required(row.transit_gateway_id, "TransitGatewayId")?;
                (gateway, Attached::Vpc { vpc: vpc.into(), subnets })
            }
            _ => {
                let gateway = required(row.transit_gateway_id, "TransitGatewayId")?;
                let resource = required(row.resource_id, "ResourceId");
                let attached = match kind {
                    Some("vpc") => Attached::Vpc { vpc: resource?.into(), subnets: None },
                    Some("peering" | "tgw-peering") => Attached::Peer(resource?.into()),
                    other => Attached::Other(other.unwrap_or("connect").to_owned()),
                };
                (gateway, attached)
            }
        };
        let options = row.options.unwrap_or_default();
        let mut new = TransitGatewayAttachment {
            id,
            about,
            transit_gateway: gateway.into(),
            attached,
            state: required(row.state, "State")?,
            appliance_mode: on(options.appliance_mode_support),
            group_references: on(options.security_group_referencing_support),
            ipv6: on(options.ipv6_support),
        };
        if let Some(before) = capture.network.transit_gateway_attachments.get(&new.id) {
            merge(&mut new, before);
        }
        capture.network.insert(new);
        Ok(())
    })
}

/// What an earlier answer told of the same attachment, and this one does not.
pub(super) fn merge(new: &mut TransitGatewayAttachment, before: &TransitGatewayAttachment) {
    new.appliance_mode = new.appliance_mode.or(before.appliance_mode);
    new.group_references = new.group_references.or(before.group_references);
    new.ipv6 = new.ipv6.or(before.ipv6);
    new.about.name = new.about.name.take().or_else(|| before.about.name.clone());
    if let (Attached::Vpc { subnets, .. }, Attached::Vpc { subnets: known, .. }) =
        (&mut new.attached, &before.attached)
        && subnets.is_none()
    {
        subnets.clone_from(known);
    }
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct TableRow {
    transit_gateway_route_table_id: Option<String>,
    transit_gateway_id: Option<String>,
    state: Option<String>,
    tags: List<Tag>,
}

pub(super) fn route_tables(capture: &mut Capture, answer: &Answer<'_>) -> Result<(), ReadError> {
    answer.each(|row: TableRow| {
        let id = required(row.transit_gateway_route_table_id, "TransitGatewayRouteTableId")?;
        let gateway = required(row.transit_gateway_id, "TransitGatewayId")?;
        let about = capture.about(answer, name_tag(&row.tags), &Origin::default());
        if row.state.as_deref() != Some("deleted") {
            capture.network.insert(table(id.into(), about, gateway.into()));
        }
        Ok(())
    })
}

fn table(
    id: TransitGatewayRouteTableId,
    about: About,
    transit_gateway: TransitGatewayId,
) -> TransitGatewayRouteTable {
    let associations = BTreeSet::new();
    TransitGatewayRouteTable { id, about, transit_gateway, associations, routes: None }
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct AssociationRow {
    transit_gateway_attachment_id: Option<String>,
    state: Option<String>,
}

/// get-transit-gateway-route-table-associations does not say of which table; the file's name does.
pub(super) fn associations(capture: &mut Capture, answer: &Answer<'_>) -> Result<(), ReadError> {
    let Some(id) = answer.page.part("tgw-rtb-").map(TransitGatewayRouteTableId::from) else {
        let file = "get-transit-gateway-route-table-associations.<tgw-rtb-id>.json";
        capture.notes.ownerless(answer, file);
        return Ok(());
    };
    answer.each(|row: AssociationRow| {
        let attachment = required(row.transit_gateway_attachment_id, "TransitGatewayAttachmentId")?;
        let all = capture.transit.associations.entry(id.clone()).or_default();
        if row.state.as_deref().is_none_or(|state| state == "associated") {
            all.insert(attachment.into());
        }
        Ok(())
    })
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct RouteRow {
    destination_cidr_block: Option<String>,
    prefix_list_id: Option<String>,
    transit_gateway_attachments: List<AssociationRow>,
    r#type: Option<String>,
    state: Option<String>,
}

/// search-transit-gateway-routes does not say of which table; the file's name does.
pub(super) fn routes(capture: &mut Capture, answer: &Answer<'_>) -> Result<(), ReadError> {
    let Some(id) = answer.page.part("tgw-rtb-").map(TransitGatewayRouteTableId::from) else {
        let file = "search-transit-gateway-routes.<tgw-rtb-id>.json";
        capture.notes.ownerless(answer, file);
        return Ok(());
    };
    let more = answer.page.all("AdditionalRoutesAvailable").any(|raw| raw.get() == "true");
    if more {
        capture.transit.cut.insert(id.clone());
    }
    let at = answer.at();
    capture.transit.routes.entry(id.clone()).or_default();
    answer.each(|row: RouteRow| {
        let destination = match (optional(row.destination_cidr_block), row.prefix_list_id) {
            (Some(text), _) => Destination::Cidr(cidr(&text, "DestinationCidrBlock")?),
            (None, Some(list)) => Destination::PrefixList(list.into()),
            (None, None) => return Err(Fault("has no destination".to_owned())),
        };
        let attachments = row.transit_gateway_attachments.into_iter();
        let attachments = attachments
            .filter_map(|one| optional(one.transit_gateway_attachment_id))
            .map(TransitGatewayAttachmentId::from);
        let route = TransitGatewayRoute {
            destination,
            attachments: attachments.collect(),
            state: match row.state.as_deref() {
                None | Some("" | "active") => RouteState::Active,
                Some("blackhole") => RouteState::Blackhole,
                Some(other) => RouteState::Other(other.to_owned()),
            },
            propagated: row.r#type.as_deref() == Some("propagated"),
            at: Some(at.clone()),
        };
        capture.transit.routes.entry(id.clone()).or_default().push(route);
        Ok(())
    })
}

/// Gives every table what other answers say of it.
pub(super) fn finish(capture: &mut Capture) {
    let Loose { associations, mut routes, cut } = std::mem::take(&mut capture.transit);
    for (id, attachments) in associations {
        if let Some(table) = capture.network.transit_gateway_route_tables.get_mut(&id) {
            table.associations.extend(attachments);
        } else {
            // Known only by what is associated with it: its routes are another account's.
            let first = attachments.first();
            let first =
                first.and_then(|id| capture.network.transit_gateway_attachments.get(id)).cloned();
            let Some(first) = first else { continue };
            let about = About { name: None, ..first.about };
            let mut table = table(id, about, first.transit_gateway);
            table.associations = attachments;
            capture.network.insert(table);
        }
    }
    for (id, table) in &mut capture.network.transit_gateway_route_tables {
        table.routes = routes.remove(id).filter(|_| !cut.contains(id));
    }
}
