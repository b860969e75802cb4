//! Target groups, their health checks and their targets.

use super::draft::Draft;
use super::node::{Fields, Key, Node, Value};
use super::value::{boolean, choice, number, port};
use crate::network::{
    AddressFamily, HealthCheck, Kind, Target, TargetGroup, TargetHealth, TargetType,
};
use crate::read::ReadError;
use std::net::IpAddr;

/// The protocols of listeners and target groups.
pub(super) const PROTOCOLS: [(&str, &str); 6] = [
    ("HTTP", "HTTP"),
    ("HTTPS", "HTTPS"),
    ("TCP", "TCP"),
    ("TLS", "TLS"),
    ("UDP", "UDP"),
    ("TCP_UDP", "TCP_UDP"),
];

/// What `type: alb` makes of a group: its target is another load balancer (LBC-03).
const BALANCERS: &str = "alb";

pub(super) fn target_group(
    draft: &mut Draft,
    key: &Key,
    node: &Node,
    id: &str,
) -> Result<(), ReadError> {
    let known = [
        "vpc",
        "port",
        "protocol",
        "type",
        "ip_address_type",
        "health_check",
        "targets",
        "cross_zone",
        "preserve_client_ip",
    ];
    let fields = Fields::of(node, format!("target group `{}`", key.text), &key.at, &known)?;
    // What a Fargate service needs (LBT-07).
    let types = [
        ("ip", TargetType::Ip),
        ("instance", TargetType::Instance),
        (BALANCERS, TargetType::Other(BALANCERS.to_owned())),
    ];
    let target_type = choice(&fields, "type", &types, TargetType::Ip)?;
    let families = [("ipv4", AddressFamily::V4), ("ipv6", AddressFamily::V6)];
    let (health_check, health_check_port) = match fields.get("health_check") {
        Some(node) => health_check(&fields, node)?,
        None => (HealthCheck::default(), None),
    };
    let nodes = fields.list("targets")?.iter();
    let targets = nodes.map(|node| target(draft, node, &target_type, &fields.name("targets")));
    let targets = targets.collect::<Result<_, _>>()?;
    let group = TargetGroup {
        vpc: Some(draft.names.need(Kind::Vpc, fields.need("vpc")?, &fields.name("vpc"))?),
        port: fields.get("port").map(|node| port(node, &fields.name("port"))).transpose()?,
        // Where it is left out, the load balancer that uses it decides.
        protocol: match fields.get("protocol") {
            Some(_) => Some(choice(&fields, "protocol", &PROTOCOLS, "HTTP")?.to_owned()),
            None => None,
        },
        family: choice(&fields, "ip_address_type", &families, AddressFamily::V4)?,
        health_check,
        health_check_port,
        cross_zone: switch(&fields, "cross_zone")?,
        preserve_client_ip: switch(&fields, "preserve_client_ip")?,
        targets: Some(targets),
        load_balancers: draft
            .base
            .target_groups
            .get(id)
            .map(|former| former.load_balancers.clone())
            .unwrap_or_default(),
        at: Some(key.at.clone()),
        ..TargetGroup::new(id.into(), draft.about_named(&key.at, &key.text, id), target_type)
    };
    draft.put.insert(group);
    Ok(())
}

/// `true` or `false`; nothing where it is left out, for AWS's default.
pub(super) fn switch(fields: &Fields<'_>, key: &str) -> Result<Option<bool>, ReadError> {
    fields.get(key).map(|_| boolean(fields, key, false)).transpose()
}

/// How targets are checked, and on which port of their own (LBT-02).
fn health_check(group: &Fields<'_>, node: &Node) -> Result<(HealthCheck, Option<u16>), ReadError> {
    let what = format!("the health check of {}", group.what());
    let known = [
        "path",
        "port",
        "protocol",
        "matcher",
        "interval",
        "timeout",
        "healthy_threshold",
        "unhealthy_threshold",
    ];
    let fields = Fields::of(node, what, &node.at, &known)?;
    let own = match fields.get("port") {
        Some(node) if fields.text("port")? != Some("traffic-port") => {
            Some(port(node, &fields.name("port"))?)
        }
        _ => None,
    };
    let protocols = [("HTTP", "HTTP"), ("HTTPS", "HTTPS"), ("TCP", "TCP")];
    let protocol = match fields.get("protocol") {
        Some(_) => Some(choice(&fields, "protocol", &protocols, "HTTP")?.to_owned()),
        None => None,
    };
    let check = HealthCheck {
        protocol,
        path: fields.text("path")?.map(str::to_owned),
        matcher: fields.text("matcher")?.map(str::to_owned),
        interval_seconds: number(&fields, "interval")?,
        timeout_seconds: number(&fields, "timeout")?,
        healthy_threshold: number(&fields, "healthy_threshold")?,
        unhealthy_threshold: number(&fields, "unhealthy_threshold")?,
    };
    Ok((check, own))
}

/// `10.0.1.5:8080`, or `{ target: 10.0.1.5:8080, state: unhealthy, reason: Target.Timeout }` with
/// what AWS says of it.
fn target(
    draft: &Draft,
    node: &Node,
    target_type: &TargetType,
    what: &str,
) -> Result<Target, ReadError> {
    if !matches!(node.value, Value::Mapping(_)) {
        return named(draft, node, target_type, what);
    }
    let known = ["target", "state", "reason", "description"];
    let fields = Fields::of(node, format!("an item of {what}"), &node.at, &known)?;
    let target = named(draft, fields.need("target")?, target_type, what)?;
    let state = fields.text("state")?.map(str::to_owned);
    let text = |key| fields.text(key).map(|text| text.map(str::to_owned));
    let (reason, description) = (text("reason")?, text("description")?);
    let health = state.map(|state| TargetHealth { state, reason, description });
    Ok(Target { health, ..target })
}

/// `10.0.1.5`, `10.0.1.5:8080`, `web-1`, `web-1:8080`; in a group of type alb, a load balancer.
fn named(
    draft: &Draft,
    node: &Node,
    target_type: &TargetType,
    what: &str,
) -> Result<Target, ReadError> {
    let text = node.text(what)?;
    let (name, stated) = match text.rsplit_once(':') {
        Some((name, number)) => {
            let number = Node { at: node.at.clone(), value: Value::Scalar(number.to_owned()) };
            (name, Some(port(&number, what)?))
        }
        None => (text, None),
    };
    let found = |kind: Kind| match draft.names.find(kind, name) {
        Some(id) => Ok(id.to_owned()),
        None => Err(draft.names.dangling(&[kind], node, name)),
    };
    let id = match target_type {
        TargetType::Instance => found(Kind::Instance)?,
        TargetType::Other(_) => found(Kind::LoadBalancer)?,
        TargetType::Ip => match name.parse::<IpAddr>() {
            Ok(address) => address.to_string(),
            Err(_) => {
                return Err(ReadError::at(&node.at, format!("`{name}` is no address"))
                    .hint("targets of type ip are addresses; for instances say `type: instance`"));
            }
        },
    };
    Ok(Target { id, port: stated, health: None })
}
