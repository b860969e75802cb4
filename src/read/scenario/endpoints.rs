//! VPC endpoints and prefix lists.

use super::draft::{Draft, aws_prefix_list_id};
use super::firewalls::stands_behind;
use super::node::{Fields, Key, Node};
use super::value::{boolean, choice, cidr, families, texts};
use crate::models;
use crate::network::{
    About, At, Destination, EndpointType, Families, Kind, PrefixList, Resource, Route, RouteOrigin,
    RouteState, RouteTableId, RouteTarget, SubnetId, VpcEndpoint, VpcId, closest,
};
use crate::read::ReadError;
use std::collections::BTreeSet;

/// Types as AWS words them that are kept, for no service of AWS's: the way behind them is not known.
const NOT_FOLLOWED: [&str; 3] = ["Resource", "ServiceNetwork", "Tunnel"];
/// The type of endpoint that routes lead to, with an appliance behind it.
pub(super) const TO_APPLIANCES: &str = "gateway_load_balancer";

/// An AWS list goes by the name of its service; any other name is a list of the author's own.
pub(super) fn prefix_list(
    draft: &mut Draft,
    key: &Key,
    node: &Node,
    id: &str,
) -> Result<(), ReadError> {
    let fields = Fields::of(node, format!("prefix list `{}`", key.text), &key.at, &["entries"])?;
    let entries = match fields.get("entries") {
        // SG-08: nobody knows them.
        None if !draft.implied => None,
        _ => {
            let nodes = fields.need("entries")?.list(&fields.name("entries"))?.iter();
            let entries = nodes.map(|one| cidr(one, &fields.name("entries")));
            Some(entries.collect::<Result<Vec<_>, _>>()?)
        }
    };
    let (id, about) = match draft.aws_list_name(&key.text) {
        Some(name) => {
            let mut lists = draft.base.prefix_lists.values();
            let in_base = lists.find(|list| list.label() == name).map(|list| list.id.clone());
            let usual = || in_base.unwrap_or_else(|| aws_prefix_list_id(&name));
            let id = if id == key.text { usual() } else { id.into() };
            (id, About { name: Some(name), ..draft.about(&key.at) })
        }
        None => (id.into(), draft.about_named(&key.at, &key.text, id)),
    };
    draft.put.insert(PrefixList { id, about, entries });
    Ok(())
}

pub(super) fn endpoint(
    draft: &mut Draft,
    key: &Key,
    node: &Node,
    id: &str,
) -> Result<(), ReadError> {
    let known = [
        "vpc",
        "service",
        "type",
        "subnets",
        "security_groups",
        "route_tables",
        "private_dns",
        "private_dns_only_for_inbound_resolver",
        "private_dns_names",
        "interfaces",
        "service_region",
        "state",
        "appliance",
        "ip_address_type",
        "dns_ip_type",
        "policy",
        "firewall",
    ];
    let fields = Fields::of(node, format!("endpoint `{}`", key.text), &key.at, &known)?;
    if fields.text("type")? == Some(TO_APPLIANCES) {
        return appliance_endpoint(draft, key, &fields, id);
    }
    let other = fields
        .text("type")?
        .filter(|word| draft.names.open || NOT_FOLLOWED.contains(word))
        .filter(|word| !matches!(*word, "interface" | "gateway"));
    let service_name = match fields.get("service") {
        None if other.is_some() => String::new(),
        _ => service_name(fields.need("service")?, &fields, &draft.region)?,
    };
    let service = models::service(&service_name);
    let gateway_by_default = service.is_some_and(|service| service.has_gateway_endpoint)
        && fields.get("subnets").is_none();
    let default = if gateway_by_default { EndpointType::Gateway } else { EndpointType::Interface };
    let mut words = vec![
        ("interface", EndpointType::Interface),
        ("gateway", EndpointType::Gateway),
        (TO_APPLIANCES, EndpointType::GatewayLoadBalancer),
    ];
    if let Some(word) = other {
        words.push((word, EndpointType::Other(word.to_owned())));
    }
    let endpoint_type = choice(&fields, "type", &words, default)?;
    let gateway = endpoint_type == EndpointType::Gateway;
    let dns = [
        ("ipv4", Some(Families::V4)),
        ("ipv6", Some(Families::V6)),
        ("dualstack", Some(Families::Both)),
        ("service-defined", None),
    ];
    refuse_keys_of_the_other_type(&fields, gateway)?;

    let subnets: BTreeSet<SubnetId> =
        draft.names.need_all(Kind::Subnet, fields.list("subnets")?, &fields.name("subnets"))?;
    let route_tables: BTreeSet<RouteTableId> = draft.names.need_all(
        Kind::RouteTable,
        fields.list("route_tables")?,
        &fields.name("route_tables"),
    )?;
    let of_subnets = subnets.iter().find_map(|id| draft.subnet(id)).map(|subnet| &subnet.vpc);
    let tables = route_tables.iter().filter_map(|id| {
        draft.put.route_tables.get(id).or_else(|| draft.base.route_tables.get(id))
    });
    let implied = of_subnets.or(tables.map(|table| &table.vpc).next());
    let vpc: VpcId = match (fields.get("vpc"), implied) {
        (None, Some(vpc)) => vpc.clone(),
        _ => draft.names.need(Kind::Vpc, fields.need("vpc")?, &fields.name("vpc"))?,
    };
    let groups = if gateway { BTreeSet::new() } else { draft.groups(&fields, &vpc)? };
    // DynamoDB has no private DNS; of a service that is not known, its owner decides.
    let has_names =
        service.is_none_or(|service| service.private_dns_names(&draft.region).next().is_some());
    let private_dns = boolean(&fields, "private_dns", !gateway && has_names)?;
    let endpoint = VpcEndpoint {
        id: id.into(),
        about: draft.about_named(&key.at, &key.text, id),
        vpc,
        endpoint_type,
        service_region: fields.text("service_region")?.map(str::to_owned),
        state: fields.text("state")?.unwrap_or("available").to_owned(),
        families: families(&fields)?,
        dns_records: choice(&fields, "dns_ip_type", &dns, Some(families(&fields)?))?,
        private_dns,
        private_dns_only_for_inbound_resolver: boolean(
            &fields,
            "private_dns_only_for_inbound_resolver",
            false,
        )?,
        private_dns_names: texts(&fields, "private_dns_names")?,
        subnets,
        groups,
        // They go by their ids: they need not be stated.
        interfaces: texts(&fields, "interfaces")?.into_iter().map(Into::into).collect(),
        route_tables,
        policy: policy(&fields)?,
        appliance_passes: false,
        service_name,
    };
    if gateway && draft.implied {
        remove_former_routes(draft, &endpoint);
        add_routes(draft, &endpoint, &key.at);
    }
    if draft.implied && fields.get("private_dns_only_for_inbound_resolver").is_none() {
        draft.inbound_resolver_unstated.push(endpoint.id.clone());
    }
    draft.put.insert(endpoint);
    Ok(())
}

/// A Gateway Load Balancer endpoint (GL-01).
fn appliance_endpoint(
    draft: &mut Draft,
    key: &Key,
    fields: &Fields<'_>,
    id: &str,
) -> Result<(), ReadError> {
    let mut foreign = vec!["security_groups", "route_tables", "private_dns", "dns_ip_type"];
    // Only a capture knows the service behind it.
    foreign.extend((!draft.names.open).then_some("service"));
    if let Some((key, node)) = foreign.iter().find_map(|key| Some((key, fields.get(key)?))) {
        let message = format!("{} is of type {TO_APPLIANCES}, and has `{key}`", fields.what());
        return Err(ReadError::at(&node.at, message)
            .hint("it has `subnets`, one, and is reached by routes that name it"));
    }
    let (subnets, vpc) = draft.need_subnets(fields)?;
    if subnets.len() > 1 {
        let message = format!("{} has {} subnets", fields.what(), subnets.len());
        return Err(ReadError::at(fields.at(), message)
            .hint("a Gateway Load Balancer endpoint stands in one: state one per zone"));
    }
    let endpoint = VpcEndpoint {
        id: id.into(),
        about: draft.about_named(&key.at, &key.text, id),
        vpc,
        endpoint_type: EndpointType::GatewayLoadBalancer,
        service_name: fields.text("service")?.unwrap_or_default().to_owned(),
        service_region: fields.text("service_region")?.map(str::to_owned),
        state: fields.text("state")?.unwrap_or("available").to_owned(),
        families: families(fields)?,
        dns_records: None,
        private_dns: false,
        private_dns_only_for_inbound_resolver: false,
        private_dns_names: Vec::new(),
        subnets: subnets.into_iter().collect(),
        groups: BTreeSet::new(),
        interfaces: texts(fields, "interfaces")?.into_iter().map(Into::into).collect(),
        route_tables: BTreeSet::new(),
        policy: None,
        // GL-03
        appliance_passes: choice(
            fields,
            "appliance",
            &[("passes", true), ("unknown", false)],
            false,
        )?,
    };
    if let Some(node) = fields.get("firewall") {
        let (what, subnet) = (fields.name("firewall"), endpoint.subnets.first().cloned());
        stands_behind(draft, node, &what, &endpoint.id, subnet)?;
    }
    draft.put.insert(endpoint);
    Ok(())
}

/// IE-08: a policy in AWS's own JSON.
fn policy(fields: &Fields<'_>) -> Result<Option<String>, ReadError> {
    let Some(text) = fields.text("policy")? else { return Ok(None) };
    let document: Option<serde_json::Value> = serde_json::from_str(text).ok();
    if document.is_none_or(|document| document.get("Statement").is_none()) {
        let node = fields.need("policy")?;
        let message = format!("{} is not a policy", fields.name("policy"));
        return Err(ReadError::at(&node.at, message)
            .hint("its JSON has a `Statement`, in quotes as one text"));
    }
    Ok(Some(text.to_owned()))
}

/// GE-09: where S3 has an interface endpoint with private DNS and a gateway endpoint, the names go
/// to the interface endpoint only for inbound resolvers, unless the author says otherwise.
pub(super) fn settle_inbound_resolver(draft: &mut Draft) {
    for id in std::mem::take(&mut draft.inbound_resolver_unstated) {
        let beside = |endpoint: &VpcEndpoint, other: &VpcEndpoint| {
            endpoint.private_dns
                && endpoint.service_name.ends_with(".s3")
                && other.endpoint_type == EndpointType::Gateway
                && (&other.vpc, &other.service_name) == (&endpoint.vpc, &endpoint.service_name)
        };
        let all = draft.put.vpc_endpoints.values().chain(draft.base.vpc_endpoints.values());
        let endpoint = draft.put.vpc_endpoints.get(&id);
        let has_gateway =
            endpoint.is_some_and(|one| all.into_iter().any(|other| beside(one, other)));
        if let Some(endpoint) = draft.put.vpc_endpoints.get_mut(&id) {
            endpoint.private_dns_only_for_inbound_resolver = has_gateway;
        }
    }
}

/// A gateway endpoint of the base that is stated anew leaves the tables it does not name.
fn remove_former_routes(draft: &mut Draft, endpoint: &VpcEndpoint) {
    let target = RouteTarget::GatewayEndpoint(endpoint.id.clone());
    let former: Vec<_> = draft
        .base
        .route_tables
        .keys()
        .filter(|id| !endpoint.route_tables.contains(*id))
        .filter(|id| !draft.put.route_tables.contains_key(*id))
        .filter(|id| {
            let table = draft.base.route_tables.get(*id);
            table.is_some_and(|table| table.routes.iter().any(|route| route.target == target))
        })
        .cloned()
        .collect();
    for id in former {
        if let Some(table) = draft.route_table(&id) {
            table.routes.retain(|route| route.target != target);
        }
    }
}

/// An endpoint's service by its short or its full name.
fn service_name(node: &Node, fields: &Fields<'_>, region: &str) -> Result<String, ReadError> {
    let text = node.text(&fields.name("service"))?;
    if ["com.amazonaws.", "cn.com.amazonaws.", "aws."].iter().any(|start| text.starts_with(start)) {
        return Ok(text.to_owned());
    }
    if let Some(service) = models::service(text) {
        return Ok(service.endpoint_name(region));
    }
    let names = models::services().iter().map(|service| service.name);
    let hint = match closest(text, names) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => {
            format!("for a service that reach does not know, write com.amazonaws.{region}.{text}")
        }
    };
    Err(ReadError::at(&node.at, format!("`{text}` is no known service")).hint(hint))
}

/// IE-01, GE-01: an interface endpoint stands in subnets, a gateway endpoint in route tables.
fn refuse_keys_of_the_other_type(fields: &Fields<'_>, gateway: bool) -> Result<(), ReadError> {
    let (wrong, this, other): (&[&str], _, _) = match gateway {
        true => (
            &["subnets", "security_groups", "private_dns", "appliance", "firewall"],
            "gateway",
            "interface",
        ),
        false => (&["route_tables", "appliance", "firewall"], "interface", "gateway"),
    };
    for key in wrong {
        if let Some(node) = fields.get(key) {
            return Err(ReadError::at(
                &node.at,
                format!("{} is of type {this}, and has `{key}`", fields.what()),
            )
            .hint(format!("remove `{key}`, or say `type: {other}`")));
        }
    }
    Ok(())
}

/// The routes that AWS adds to each table of a gateway endpoint (GE-01, GE-06).
fn add_routes(draft: &mut Draft, endpoint: &VpcEndpoint, at: &At) {
    let lists: Vec<_> = endpoint.list_names().map(|name| draft.aws_prefix_list(&name)).collect();
    for id in &endpoint.route_tables {
        let Some(table) = draft.route_table(id) else { continue };
        for list in &lists {
            let destination = Destination::PrefixList(list.clone());
            let target = RouteTarget::GatewayEndpoint(endpoint.id.clone());
            // The author may have written it out.
            let there =
                |route: &Route| (&route.target, &route.destination) == (&target, &destination);
            if !table.routes.iter().any(there) {
                table.routes.push(Route {
                    destination,
                    target,
                    state: RouteState::Active,
                    origin: RouteOrigin::CreateRoute,
                    at: Some(at.clone()),
                });
            }
        }
    }
}

/// The routes of the base's gateway endpoints, in the tables that the file states anew.
pub(super) fn restore_routes(draft: &mut Draft) {
    let restated: Vec<VpcEndpoint> = draft
        .base
        .vpc_endpoints
        .values()
        .filter(|endpoint| {
            endpoint.endpoint_type == EndpointType::Gateway
                && !draft.put.vpc_endpoints.contains_key(&endpoint.id)
                && endpoint.route_tables.iter().any(|id| draft.put.route_tables.contains_key(id))
        })
        .cloned()
        .collect();
    for mut endpoint in restated {
        endpoint.route_tables.retain(|id| draft.put.route_tables.contains_key(id));
        if let Some(at) = endpoint.about.at.clone() {
            add_routes(draft, &endpoint, &at);
        }
    }
}
