//! Transit gateways, their attachments and their route tables.

use super::draft::Draft;
use super::node::{Fields, Key, Node, Value};
use super::value::{boolean, cidr, switch, texts};
use crate::network::{
    About, Attached, Destination, Kind, RouteState, SubnetId, TransitGateway,
    TransitGatewayAttachment, TransitGatewayAttachmentId, TransitGatewayId, TransitGatewayRoute,
    TransitGatewayRouteTable, TransitGatewayRouteTableId, VpcId,
};
use crate::read::ReadError;
use std::collections::BTreeSet;

/// A transit gateway, with the table that AWS makes for attachments that name none.
pub(super) fn transit_gateway(
    draft: &mut Draft,
    key: &Key,
    node: &Node,
    id: &str,
) -> Result<(), ReadError> {
    let what = format!("transit gateway `{}`", key.text);
    let fields =
        Fields::of(node, what, &key.at, &["default_table", "group_references", "undocumented"])?;
    let about = draft.about_named(&key.at, &key.text, id);
    let name = default_table(id);
    if boolean(&fields, "default_table", draft.implied)?
        && draft.names.find(Kind::TransitGatewayRouteTable, &name).is_none()
    {
        draft.put.insert(TransitGatewayRouteTable {
            id: name.into(),
            about: About { name: None, ..about.clone() },
            transit_gateway: id.into(),
            associations: BTreeSet::new(),
            routes: Some(Vec::new()),
        });
    }
    let group_references = draft.or_implied(switch(&fields, "group_references")?, false);
    let undocumented = texts(&fields, "undocumented")?;
    draft.put.insert(TransitGateway { id: id.into(), about, group_references, undocumented });
    Ok(())
}

fn default_table(gateway: &str) -> String {
    format!("{gateway}-default")
}

pub(super) fn route_table(
    draft: &mut Draft,
    key: &Key,
    node: &Node,
    id: &str,
) -> Result<(), ReadError> {
    let what = format!("transit gateway route table `{}`", key.text);
    let fields = Fields::of(node, what, &key.at, &["transit_gateway", "associations", "routes"])?;
    let mut routes = Vec::new();
    if let Some(node) = fields.get("routes") {
        for (destination, target) in node.entries(&fields.name("routes"))? {
            for one in target.one_or_more() {
                routes.push(route(draft, destination, one)?);
            }
        }
    }
    let stated = fields.get("routes").map(|_| std::mem::take(&mut routes));
    let associations = draft.names.need_all(
        Kind::TransitGatewayAttachment,
        fields.list("associations")?,
        &fields.name("associations"),
    )?;
    let table = TransitGatewayRouteTable {
        id: id.into(),
        about: draft.about_named(&key.at, &key.text, id),
        transit_gateway: gateway(draft, &fields)?,
        associations,
        routes: draft.or_implied(stated, Vec::new()),
    };
    draft.put.insert(table);
    Ok(())
}

fn gateway(draft: &Draft, fields: &Fields<'_>) -> Result<TransitGatewayId, ReadError> {
    let (key, kind) = ("transit_gateway", Kind::TransitGateway);
    draft.names.need(kind, fields.need(key)?, &fields.name(key))
}

/// A block or a prefix list, and the attachment that it leads to.
fn route(draft: &Draft, key: &Key, target: &Node) -> Result<TransitGatewayRoute, ReadError> {
    let node = Node { at: key.at.clone(), value: Value::Scalar(key.text.clone()) };
    let destination = match draft.names.find(Kind::PrefixList, &key.text) {
        Some(list) => Destination::PrefixList(list.into()),
        None if draft.names.open && key.text.starts_with("pl-") => {
            Destination::PrefixList(key.text.as_str().into())
        }
        None => Destination::Cidr(cidr(&node, "the destination")?),
    };
    let at = Some(key.at.clone());
    if let Value::Mapping(_) = &target.value {
        let what = format!("the route for {}", key.text);
        let known = ["attachments", "state", "propagated"];
        let fields = Fields::of(target, what, &target.at, &known)?;
        let attachments = draft.names.need_all(
            Kind::TransitGatewayAttachment,
            fields.list("attachments")?,
            &fields.name("attachments"),
        )?;
        let state = match fields.text("state")? {
            None | Some("active") => RouteState::Active,
            Some("blackhole") => RouteState::Blackhole,
            Some(other) => RouteState::Other(other.to_owned()),
        };
        let propagated = boolean(&fields, "propagated", false)?;
        return Ok(TransitGatewayRoute { destination, attachments, state, propagated, at });
    }
    let (attachments, state) = match target.text("a route's attachment")? {
        "blackhole" => (BTreeSet::new(), RouteState::Blackhole),
        _ => {
            let what = format!("the route for {}", key.text);
            let id = draft.names.need(Kind::TransitGatewayAttachment, target, &what)?;
            (BTreeSet::from([id]), RouteState::Active)
        }
    };
    Ok(TransitGatewayRoute { destination, attachments, state, propagated: false, at })
}

pub(super) fn attachment(
    draft: &mut Draft,
    key: &Key,
    node: &Node,
    id: &str,
) -> Result<(), ReadError> {
    let known = [
        "transit_gateway",
        "vpc",
        "subnets",
        "peer",
        "type",
        "state",
        "appliance_mode",
        "group_references",
        "ipv6",
        "route_table",
        "peer_route_table",
        "propagate_to",
    ];
    let what = format!("transit gateway attachment `{}`", key.text);
    let fields = Fields::of(node, what, &key.at, &known)?;
    let hub = gateway(draft, &fields)?;
    let attached = attached(draft, &fields)?;
    let id = TransitGatewayAttachmentId::from(id);
    associate(draft, &fields, "route_table", &hub, &id)?;
    if let Attached::Peer(peer) = &attached {
        associate(draft, &fields, "peer_route_table", peer, &id)?;
    }
    if let Attached::Vpc { vpc, .. } = &attached {
        propagate(draft, &fields, &hub, &id, vpc)?;
    }
    let attachment = TransitGatewayAttachment {
        id: id.clone(),
        about: draft.about_named(&key.at, &key.text, id.as_str()),
        transit_gateway: hub,
        attached,
        state: fields.text("state")?.unwrap_or("available").to_owned(),
        appliance_mode: draft.or_implied(switch(&fields, "appliance_mode")?, false),
        group_references: draft.or_implied(switch(&fields, "group_references")?, true),
        ipv6: draft.or_implied(switch(&fields, "ipv6")?, false),
    };
    draft.put.insert(attachment);
    Ok(())
}

fn attached(draft: &Draft, fields: &Fields<'_>) -> Result<Attached, ReadError> {
    let stated = (fields.get("subnets"), fields.get("peer"), fields.text("type")?);
    if let ((None, None, None), Some(vpc)) = (stated, draft.stated_vpc(fields)?) {
        return Ok(Attached::Vpc { vpc, subnets: None });
    }
    match stated {
        (Some(_), None, None) => {
            let (subnets, vpc) = draft.need_subnets(fields)?;
            let subnets: BTreeSet<SubnetId> = subnets.into_iter().collect();
            Ok(Attached::Vpc { vpc, subnets: Some(subnets) })
        }
        (None, Some(node), None) => {
            let peer = draft.names.need(Kind::TransitGateway, node, &fields.name("peer"))?;
            Ok(Attached::Peer(peer))
        }
        (None, None, Some(kind)) => Ok(Attached::Other(kind.to_owned())),
        _ => Err(ReadError::at(
            fields.at(),
            format!("{} does not say what it attaches", fields.what()),
        )
        .hint("a VPC has `subnets`, one per zone; another transit gateway is `peer`; else `type: vpn`")),
    }
}

/// The table that routes what comes from the attachment: the default one unless another is named.
fn associate(
    draft: &mut Draft,
    fields: &Fields<'_>,
    key: &str,
    hub: &TransitGatewayId,
    id: &TransitGatewayAttachmentId,
) -> Result<(), ReadError> {
    let table: TransitGatewayRouteTableId = match fields.get(key) {
        Some(node) if node.text(&fields.name(key))? == "none" => return Ok(()),
        Some(node) => draft.names.need(Kind::TransitGatewayRouteTable, node, &fields.name(key))?,
        None if !draft.implied => return Ok(()),
        None => default_table(hub.as_str()).into(),
    };
    if let Some(table) = table_of(draft, &table) {
        table.associations.insert(id.clone());
    }
    Ok(())
}

/// The tables that learn the blocks of a VPC: the default one unless others are named.
fn propagate(
    draft: &mut Draft,
    fields: &Fields<'_>,
    hub: &TransitGatewayId,
    id: &TransitGatewayAttachmentId,
    vpc: &VpcId,
) -> Result<(), ReadError> {
    let tables: Vec<TransitGatewayRouteTableId> = match fields.get("propagate_to") {
        Some(node) => {
            let what = fields.name("propagate_to");
            draft.names.need_all(Kind::TransitGatewayRouteTable, node.list(&what)?, &what)?
        }
        None if !draft.implied => Vec::new(),
        None => vec![default_table(hub.as_str()).into()],
    };
    let found = draft.put.vpcs.get(vpc).or_else(|| draft.base.vpcs.get(vpc));
    let cidrs = found.map(|vpc| vpc.cidrs.clone()).unwrap_or_default();
    let at = Some(fields.at().clone());
    for table in tables {
        let Some(table) = table_of(draft, &table) else { continue };
        let routes = table.routes.get_or_insert_default();
        for &cidr in &cidrs {
            // TG-08: what overlaps with an earlier attachment's is not propagated.
            let overlaps = |one: &TransitGatewayRoute| match one.destination {
                Destination::Cidr(other) => {
                    one.propagated && (other.contains(&cidr) || cidr.contains(&other))
                }
                Destination::PrefixList(_) => false,
            };
            if !routes.iter().any(overlaps) {
                routes.push(TransitGatewayRoute {
                    destination: Destination::Cidr(cidr),
                    attachments: BTreeSet::from([id.clone()]),
                    state: RouteState::Active,
                    propagated: true,
                    at: at.clone(),
                });
            }
        }
    }
    Ok(())
}

/// A table that the file states, or one of the base to be changed.
fn table_of<'d>(
    draft: &'d mut Draft,
    id: &TransitGatewayRouteTableId,
) -> Option<&'d mut TransitGatewayRouteTable> {
    if !draft.put.transit_gateway_route_tables.contains_key(id)
        && let Some(table) = draft.base.transit_gateway_route_tables.get(id)
    {
        draft.put.insert(table.clone());
    }
    draft.put.transit_gateway_route_tables.get_mut(id)
}
