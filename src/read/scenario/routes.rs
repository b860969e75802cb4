//! Route tables.

use super::draft::Draft;
use super::node::{Fields, Key, Node, Value};
use super::value::{boolean, choice, cidr};
use crate::network::{
    At, Destination, EndpointType, Kind, Route, RouteOrigin, RouteState, RouteTable, RouteTarget,
    SubnetId, VpcId,
};
use crate::read::ReadError;
use ipnet::IpNet;
use std::collections::BTreeSet;

/// Target kinds that are kept without being understood, by the word in front of the name.
pub(super) const OTHER_TARGETS: [(&str, &str); 4] = [
    ("vgw", "virtual private gateway"),
    ("lgw", "local gateway"),
    ("cagw", "carrier gateway"),
    ("core-network", "core network"),
];

/// Target kinds that are understood.
pub(super) const TARGETS: [Kind; 7] = [
    Kind::NatGateway,
    Kind::InternetGateway,
    Kind::EgressOnlyGateway,
    Kind::VpcEndpoint,
    Kind::PeeringConnection,
    Kind::TransitGateway,
    Kind::NetworkInterface,
];

pub(super) fn route_table(
    draft: &mut Draft,
    key: &Key,
    node: &Node,
    id: &str,
) -> Result<(), ReadError> {
    let known = ["vpc", "main", "subnets", "gateways", "routes"];
    let fields = Fields::of(node, format!("route table `{}`", key.text), &key.at, &known)?;
    let vpc: VpcId = draft.names.need(Kind::Vpc, fields.need("vpc")?, &fields.name("vpc"))?;
    let mut routes = Vec::new();
    if let Some(node) = fields.get("routes") {
        for (destination, value) in node.entries(&fields.name("routes"))? {
            // RT-05: a propagated route may stand beside a stated one.
            for one in value.one_or_more() {
                routes.push(route(draft, &vpc, destination, one)?);
            }
        }
    }
    let main = boolean(&fields, "main", false)?;
    if main {
        demote_main_table(draft, &vpc, id);
    }
    let mut subnets: BTreeSet<SubnetId> =
        draft.names.need_all(Kind::Subnet, fields.list("subnets")?, &fields.name("subnets"))?;
    subnets.extend(draft.base.route_tables.get(id).into_iter().flat_map(|t| t.subnets.clone()));
    let gateways: BTreeSet<String> = fields
        .list("gateways")?
        .iter()
        .map(|node| {
            let what = fields.name("gateways");
            let id: crate::network::InternetGatewayId =
                draft.names.need(Kind::InternetGateway, node, &what)?;
            Ok(id.as_str().to_owned())
        })
        .collect::<Result<_, ReadError>>()?;
    let table = RouteTable {
        id: id.into(),
        about: draft.about_named(&key.at, &key.text, id),
        main,
        subnets,
        gateways,
        routes: [local_routes(draft, &vpc, &routes, &key.at), routes].concat(),
        vpc,
    };
    draft.put.insert(table);
    Ok(())
}

/// One local route per block of the VPC (RT-09), unless the author gave that block a route.
pub(super) fn local_routes(draft: &Draft, vpc: &VpcId, stated: &[Route], at: &At) -> Vec<Route> {
    let blocks = if draft.implied { blocks(draft, vpc) } else { &[] };
    let free =
        |block: &&IpNet| stated.iter().all(|route| route.destination != Destination::Cidr(**block));
    blocks
        .iter()
        .filter(free)
        .map(|block| Route {
            destination: Destination::Cidr(*block),
            target: RouteTarget::Local,
            state: RouteState::Active,
            origin: RouteOrigin::CreateRouteTable,
            at: Some(at.clone()),
        })
        .collect()
}

fn blocks<'d>(draft: &'d Draft, vpc: &VpcId) -> &'d [IpNet] {
    let vpc = draft.put.vpcs.get(vpc).or_else(|| draft.base.vpcs.get(vpc));
    vpc.map_or(&[], |vpc| &vpc.cidrs)
}

/// A VPC has one main table: the base's gives way.
fn demote_main_table(draft: &mut Draft, vpc: &VpcId, new: &str) {
    let tables = draft.base.route_tables.values();
    let former: Vec<_> = tables
        .filter(|table| table.main && table.vpc == *vpc && table.id.as_str() != new)
        .map(|table| table.id.clone())
        .collect();
    for id in former {
        if !draft.put.route_tables.contains_key(&id)
            && let Some(table) = draft.route_table(&id)
        {
            table.main = false;
        }
    }
}

fn route(draft: &mut Draft, vpc: &VpcId, key: &Key, node: &Node) -> Result<Route, ReadError> {
    let destination = destination(draft, key)?;
    let of_vpc = |one: &IpNet| destination == Destination::Cidr(*one);
    let made_with_table = !draft.implied && blocks(draft, vpc).iter().any(of_vpc);
    let (target, state, origin) = match &node.value {
        Value::Mapping(_) => {
            let what = format!("the route for {}", key.text);
            let fields = Fields::of(node, what, &key.at, &["target", "state", "origin"])?;
            let mut states = vec![
                ("active", RouteState::Active),
                ("blackhole", RouteState::Blackhole),
                ("filtered", RouteState::Other("filtered".to_owned())),
            ];
            // A capture keeps what AWS says.
            if let Some(word) = fields.text("state")?.filter(|_| draft.names.open) {
                states.push((word, RouteState::Other(word.to_owned())));
            }
            let origins = [
                ("table", RouteOrigin::CreateRouteTable),
                ("stated", RouteOrigin::CreateRoute),
                ("propagated", RouteOrigin::EnableVgwRoutePropagation),
                ("advertised", RouteOrigin::Advertisement),
            ];
            let state = choice(&fields, "state", &states, RouteState::Active)?;
            let origin = choice(&fields, "origin", &origins, RouteOrigin::CreateRoute)?;
            (target(draft, fields.need("target")?)?, state, origin)
        }
        // RT-11: what it led to is gone.
        Value::Scalar(text) if text == "blackhole" => {
            let target = RouteTarget::Other { kind: "deleted".to_owned(), id: "target".to_owned() };
            (target, RouteState::Blackhole, RouteOrigin::CreateRoute)
        }
        _ => {
            let target = target(draft, node)?;
            let origin = match target {
                RouteTarget::Local if made_with_table => RouteOrigin::CreateRouteTable,
                _ => RouteOrigin::CreateRoute,
            };
            (target, RouteState::Active, origin)
        }
    };
    Ok(Route { destination, target, state, origin, at: Some(key.at.clone()) })
}

/// A CIDR block or the name of a prefix list.
fn destination(draft: &mut Draft, key: &Key) -> Result<Destination, ReadError> {
    let node = Node { at: key.at.clone(), value: Value::Scalar(key.text.clone()) };
    let looks_like_address = key.text.starts_with(|c: char| c.is_ascii_digit() || c == ':')
        || (key.text.contains(':') && key.text.contains('/'));
    if looks_like_address {
        return cidr(&node, "the destination").map(Destination::Cidr);
    }
    if let Some(id) = draft.names.find(Kind::PrefixList, &key.text)
        && draft.aws_list_name(&key.text).is_none()
    {
        return Ok(Destination::PrefixList(id.into()));
    }
    if let Some(service) = draft.aws_list_name(&key.text) {
        return Ok(Destination::PrefixList(draft.aws_prefix_list(&service)));
    }
    if draft.names.open {
        return Ok(Destination::PrefixList(key.text.as_str().into()));
    }
    let error = draft.names.dangling(&[Kind::PrefixList], &node, &key.text);
    Err(ReadError::at(&key.at, format!("`{}` is no destination", key.text)).hint(format!(
        "a destination is a block like 0.0.0.0/0, or the name of a prefix list; {}",
        error.hint.unwrap_or_default()
    )))
}

fn target(draft: &Draft, node: &Node) -> Result<RouteTarget, ReadError> {
    if let Value::Mapping(_) = &node.value {
        let fields = Fields::of(node, "a route's target", &node.at, &["kind", "id"])?;
        let text = |key| fields.need(key)?.text(&fields.name(key)).map(str::to_owned);
        return Ok(RouteTarget::Other { kind: text("kind")?, id: text("id")? });
    }
    let text = node.text("a route's target")?;
    if text == "local" {
        return Ok(RouteTarget::Local);
    }
    if let Some((word, name)) = text.split_once('/') {
        if let Some((_, kind)) = OTHER_TARGETS.iter().find(|(prefix, _)| *prefix == word) {
            return Ok(RouteTarget::Other { kind: (*kind).to_owned(), id: name.to_owned() });
        }
        // An instance's interface goes by its name.
        if word == "instance"
            && let Some(instance) = draft.names.find(Kind::Instance, name)
        {
            let stated = draft.base.instances.get(instance);
            let interface = stated.and_then(|instance| instance.interfaces.first());
            let id = interface.map_or(instance, |interface| interface.as_str());
            return Ok(target_of(Kind::NetworkInterface, id));
        }
        if word == "gwlbe" && draft.names.open {
            let id = draft.names.find(Kind::VpcEndpoint, name).unwrap_or(name);
            return Ok(RouteTarget::LoadBalancerEndpoint(id.into()));
        }
        let word = if word == "gwlbe" { "endpoint" } else { word };
        if let Some(kind) = Kind::from_word(word).filter(|kind| TARGETS.contains(kind)) {
            return match draft.names.find(kind, name) {
                Some(id) => Ok(target_of(kind, id)),
                None if draft.names.open => Ok(target_of(kind, name)),
                None => Err(draft.names.dangling(&[kind], node, name)),
            };
        }
        let words: Vec<_> = OTHER_TARGETS.iter().map(|(word, _)| format!("{word}/")).collect();
        return Err(ReadError::at(&node.at, format!("`{word}/` is no kind of target")).hint(
            format!(
                "in front of a name can stand nat/, igw/, eigw/, endpoint/, pcx/, tgw/, eni/, instance/, {}",
                words.join(", ")
            ),
        ));
    }
    let found: Vec<(Kind, &str)> = TARGETS
        .iter()
        .filter_map(|&kind| draft.names.find(kind, text).map(|id| (kind, id)))
        .collect();
    match found.as_slice() {
        [(kind, id)] => Ok(target_of(*kind, id)),
        [] => {
            let error = draft.names.dangling(&TARGETS, node, text);
            Err(ReadError::at(&node.at, format!("there is no route target `{text}`"))
                .maybe_hint(error.hint))
        }
        several => {
            let choices: Vec<_> =
                several.iter().map(|(kind, _)| format!("{}/{text}", kind.short())).collect();
            Err(ReadError::at(&node.at, format!("`{text}` names {} things", several.len()))
                .hint(format!("write {}", choices.join(" or "))))
        }
    }
}

fn target_of(kind: Kind, id: &str) -> RouteTarget {
    match kind {
        Kind::NatGateway => RouteTarget::NatGateway(id.into()),
        Kind::InternetGateway => RouteTarget::InternetGateway(id.into()),
        Kind::EgressOnlyGateway => RouteTarget::EgressOnlyGateway(id.into()),
        Kind::PeeringConnection => RouteTarget::Peering(id.into()),
        Kind::TransitGateway => RouteTarget::TransitGateway(id.into()),
        Kind::NetworkInterface => RouteTarget::Interface(id.into()),
        _ => RouteTarget::GatewayEndpoint(id.into()),
    }
}

/// Routes that name an endpoint: an interface endpoint has none (GE-01), and one with appliances
/// behind it is known as such only now.
pub(super) fn settle_endpoint_targets(draft: &mut Draft) -> Result<(), ReadError> {
    let Draft { put, base, names, .. } = draft;
    for table in put.route_tables.values_mut() {
        for route in &mut table.routes {
            let RouteTarget::GatewayEndpoint(id) = &route.target else { continue };
            let endpoint = put.vpc_endpoints.get(id).or_else(|| base.vpc_endpoints.get(id));
            match (endpoint.map(|endpoint| &endpoint.endpoint_type), &route.at) {
                (Some(EndpointType::Interface), Some(at)) if !names.open => {
                    return Err(ReadError::at(at, format!("no route leads to interface endpoint `{id}`"))
                        .hint("an interface endpoint is reached by its addresses; only a gateway endpoint has a route"));
                }
                (Some(EndpointType::GatewayLoadBalancer), _) => {
                    route.target = RouteTarget::LoadBalancerEndpoint(id.clone());
                }
                _ => {}
            }
        }
    }
    Ok(())
}
