//! Route tables.

use super::answer::{Answer, Origin};
use super::field::{Fault, List, Tag, cidr, name_tag, optional, required};
use super::{Capture, ReadError};
use crate::network::{At, Destination, Route, RouteOrigin, RouteState, RouteTable, RouteTarget};
use serde::Deserialize;
use std::collections::BTreeSet;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct TableRow {
    route_table_id: Option<String>,
    vpc_id: Option<String>,
    owner_id: Option<String>,
    associations: List<Association>,
    routes: List<RouteRow>,
    tags: List<Tag>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Association {
    main: Option<bool>,
    subnet_id: Option<String>,
    gateway_id: Option<String>,
    association_state: Option<AssociationState>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct AssociationState {
    state: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct RouteRow {
    destination_cidr_block: Option<String>,
    destination_ipv6_cidr_block: Option<String>,
    destination_prefix_list_id: Option<String>,
    gateway_id: Option<String>,
    nat_gateway_id: Option<String>,
    egress_only_internet_gateway_id: Option<String>,
    vpc_peering_connection_id: Option<String>,
    transit_gateway_id: Option<String>,
    network_interface_id: Option<String>,
    instance_id: Option<String>,
    carrier_gateway_id: Option<String>,
    local_gateway_id: Option<String>,
    core_network_arn: Option<String>,
    odb_network_arn: Option<String>,
    ip_address: Option<String>,
    state: Option<String>,
    origin: Option<String>,
}

pub(super) fn route_tables(capture: &mut Capture, answer: &Answer<'_>) -> Result<(), ReadError> {
    let at = answer.at();
    answer.each(|row: TableRow| {
        let id = required(row.route_table_id, "RouteTableId")?;
        let vpc = required(row.vpc_id, "VpcId")?;
        let origin = Origin { owner: row.owner_id.as_deref(), ..Origin::default() };
        let about = capture.about(answer, name_tag(&row.tags), &origin);
        let (mut main, mut subnets, mut gateways) = (false, BTreeSet::new(), BTreeSet::new());
        for association in row.associations {
            // RT-01: one table may be the main one and be associated with subnets too.
            let state = association.association_state.and_then(|it| it.state);
            if state.is_some_and(|state| state != "associated") {
                continue;
            }
            main |= association.main.unwrap_or(false);
            subnets.extend(optional(association.subnet_id).map(Into::into));
            gateways.extend(optional(association.gateway_id));
        }
        let routes: Result<Vec<Route>, Fault> = row
            .routes
            .into_iter()
            .enumerate()
            .map(|(index, row)| {
                route(row, &at).map_err(|Fault(text)| {
                    Fault(format!("({id}) cannot be read: its route {index} {text}"))
                })
            })
            .collect();
        capture.insert(RouteTable {
            routes: routes?,
            id: id.into(),
            about,
            vpc: vpc.into(),
            main,
            subnets,
            gateways,
        });
        Ok(())
    })
}

fn route(mut row: RouteRow, at: &At) -> Result<Route, Fault> {
    let state = match row.state.take().as_deref() {
        None | Some("" | "active") => RouteState::Active,
        Some("blackhole") => RouteState::Blackhole,
        Some(other) => RouteState::Other(other.to_owned()),
    };
    let origin = row.origin.take();
    let destination = destination(&row)?;
    let mut target = target(row, &destination);
    let origin = match origin.as_deref() {
        Some("CreateRoute") => RouteOrigin::CreateRoute,
        Some("CreateRouteTable") => RouteOrigin::CreateRouteTable,
        Some("EnableVgwRoutePropagation") => RouteOrigin::EnableVgwRoutePropagation,
        Some("Advertisement") => RouteOrigin::Advertisement,
        None | Some("") if target == RouteTarget::Local => RouteOrigin::CreateRouteTable,
        None | Some("") => RouteOrigin::CreateRoute,
        // How such a route ranks is not known, so what depends on it is not either.
        Some(other) => {
            target = RouteTarget::Other {
                kind: format!("route of origin {other}"),
                id: target.to_string(),
            };
            RouteOrigin::CreateRoute
        }
    };
    Ok(Route { destination, target, state, origin, at: Some(at.clone()) })
}

fn destination(row: &RouteRow) -> Result<Destination, Fault> {
    let present = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    if let Some(list) = present(&row.destination_prefix_list_id) {
        return Ok(Destination::PrefixList(list.into()));
    }
    let (v4, v6) = (&row.destination_cidr_block, &row.destination_ipv6_cidr_block);
    for (text, field) in [(v4, "DestinationCidrBlock"), (v6, "DestinationIpv6CidrBlock")] {
        if let Some(text) = present(text) {
            return Ok(Destination::Cidr(cidr(&text, field)?));
        }
    }
    Err(Fault("has no destination".to_owned()))
}

/// RT-03: exactly one target is set; an instance comes with its interface.
fn target(row: RouteRow, destination: &Destination) -> RouteTarget {
    let other = |kind: &str, id: String| RouteTarget::Other { kind: kind.to_owned(), id };
    if let Some(id) = optional(row.gateway_id) {
        let by_list = matches!(destination, Destination::PrefixList(_));
        return match id.split('-').next().unwrap_or_default() {
            "local" => RouteTarget::Local,
            "igw" => RouteTarget::InternetGateway(id.into()),
            "vpce" if by_list => RouteTarget::GatewayEndpoint(id.into()),
            "vpce" => RouteTarget::LoadBalancerEndpoint(id.into()),
            "vgw" => other("virtual private gateway", id),
            // LA-03
            "VpcLattice" => other("vpc lattice", id),
            _ => other("gateway", id),
        };
    }
    if let Some(id) = optional(row.egress_only_internet_gateway_id) {
        return RouteTarget::EgressOnlyGateway(id.into());
    }
    if let Some(id) = optional(row.nat_gateway_id) {
        return RouteTarget::NatGateway(id.into());
    }
    if let Some(id) = optional(row.vpc_peering_connection_id) {
        return RouteTarget::Peering(id.into());
    }
    if let Some(id) = optional(row.transit_gateway_id) {
        return RouteTarget::TransitGateway(id.into());
    }
    if let Some(id) = optional(row.network_interface_id) {
        return RouteTarget::Interface(id.into());
    }
    let others = [
        ("instance", row.instance_id),
        ("carrier gateway", row.carrier_gateway_id),
        ("local gateway", row.local_gateway_id),
        ("core network", row.core_network_arn),
        ("odb network", row.odb_network_arn),
        ("route server next hop", row.ip_address),
    ];
    let set = others.into_iter().find_map(|(kind, id)| Some((kind, optional(id)?)));
    match set {
        Some((kind, id)) => other(kind, id),
        // AP-02: a target that this version does not know is not taken for none.
        None => other("target that is not named", String::new()),
    }
}
