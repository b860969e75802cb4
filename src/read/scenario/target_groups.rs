//! Target groups, their health checks and their targets.

use super::draft::Draft;
use super::node::{Fields, Key, Node, Value};
use super::value::{choice, number, port, switch};
use crate::network::{
    AddressFamily, HealthCheck, Kind, LoadBalancerId, Target, TargetGroup, TargetHealth, TargetType,
};
use crate::read::ReadError;
use std::collections::BTreeSet;
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
        "load_balancers",
    ];
    let fields = Fields::of(node, format!("target group `{}`", key.text), &key.at, &known)?;
    // What a Fargate service needs (LBT-07).
    let mut types = vec![
        ("ip", TargetType::Ip),
        ("instance", TargetType::Instance),
        (BALANCERS, TargetType::Other(BALANCERS.to_owned())),
    ];
    // A capture keeps what AWS says.
    if let Some(word) = fields.text("type")?.filter(|_| draft.names.open) {
        types.push((word, TargetType::Other(word.to_owned())));
    }
    let target_type = choice(&fields, "type", &types, TargetType::Ip)?;
    let families = [("ipv4", AddressFamily::V4), ("ipv6", AddressFamily::V6)];
    let (health_check, health_check_port) = match fields.get("health_check") {
        Some(node) => health_check(draft, &fields, node)?,
        None => (HealthCheck::default(), None),
    };
    let nodes = fields.list("targets")?.iter();
    let targets = nodes.map(|node| target(draft, node, &target_type, &fields.name("targets")));
    let targets = targets.collect::<Result<Vec<_>, _>>()?;
    let targets = fields.get("targets").map(|_| targets);
    // Who names them himself, names all of them.
    let balancers: BTreeSet<LoadBalancerId> = draft.names.need_all(
        Kind::LoadBalancer,
        fields.list("load_balancers")?,
        &fields.name("load_balancers"),
    )?;
    let vpc = match draft.stated_vpc(&fields)? {
        None if draft.implied => return Err(missing_vpc(&fields)),
        stated => stated,
    };
    let group = TargetGroup {
        vpc,
        port: fields.get("port").map(|node| port(node, &fields.name("port"))).transpose()?,
        // Where it is left out, the load balancer that uses it decides.
        protocol: match fields.get("protocol") {
            Some(_) => Some(word(draft, &fields, "protocol", &PROTOCOLS)?),
            None => None,
        },
        family: choice(&fields, "ip_address_type", &families, AddressFamily::V4)?,
        health_check,
        health_check_port,
        cross_zone: switch(&fields, "cross_zone")?,
        preserve_client_ip: switch(&fields, "preserve_client_ip")?,
        targets: draft.or_implied(targets, Vec::new()),
        load_balancers: match draft.base.target_groups.get(id) {
            Some(former) if fields.get("load_balancers").is_none() => former.load_balancers.clone(),
            _ => balancers,
        },
        at: Some(key.at.clone()),
        ..TargetGroup::new(id.into(), draft.about_named(&key.at, &key.text, id), target_type)
    };
    draft.put.insert(group);
    Ok(())
}

fn missing_vpc(fields: &Fields<'_>) -> ReadError {
    ReadError::at(fields.at(), format!("{} has no `vpc`", fields.what())).hint("add `vpc: …`")
}

/// One of AWS's words; a capture keeps any.
pub(super) fn word(
    draft: &Draft,
    fields: &Fields<'_>,
    key: &str,
    words: &[(&str, &str)],
) -> Result<String, ReadError> {
    match fields.text(key)? {
        Some(text) if draft.names.open => Ok(text.to_owned()),
        _ => choice(fields, key, words, "HTTP").map(str::to_owned),
    }
}

/// How targets are checked, and on which port of their own (LBT-02).
fn health_check(
    draft: &Draft,
    group: &Fields<'_>,
    node: &Node,
) -> Result<(HealthCheck, Option<u16>), ReadError> {
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
        Some(_) => Some(word(draft, &fields, "protocol", &protocols)?),
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
    let known = ["target", "port", "state", "reason", "description"];
    let fields = Fields::of(node, format!("an item of {what}"), &node.at, &known)?;
    let target = match fields.get("port") {
        Some(number) => {
            let name = fields.need("target")?;
            let id = target_id(draft, name, name.text(what)?, target_type)?;
            Target { id, port: Some(port(number, &fields.name("port"))?), health: None }
        }
        None => named(draft, fields.need("target")?, target_type, what)?,
    };
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
    let whole = text.parse::<IpAddr>().is_ok() || text.starts_with("arn:");
    let (name, stated) = match text.rsplit_once(':') {
        Some((name, number)) if !whole => {
            let number = Node { at: node.at.clone(), value: Value::Scalar(number.to_owned()) };
            (name.trim_matches(['[', ']']), Some(port(&number, what)?))
        }
        _ => (text, None),
    };
    Ok(Target { id: target_id(draft, node, name, target_type)?, port: stated, health: None })
}

fn target_id(
    draft: &Draft,
    node: &Node,
    name: &str,
    target_type: &TargetType,
) -> Result<String, ReadError> {
    let found = |kind: Kind| match draft.names.find(kind, name) {
        Some(id) => Ok(id.to_owned()),
        None if draft.names.open => Ok(name.to_owned()),
        None => Err(draft.names.dangling(&[kind], node, name)),
    };
    match target_type {
        TargetType::Instance => found(Kind::Instance),
        TargetType::Other(_) => found(Kind::LoadBalancer),
        TargetType::Ip => match name.parse::<IpAddr>() {
            Ok(address) => Ok(address.to_string()),
            Err(_) if draft.names.open => Ok(name.to_owned()),
            Err(_) => Err(ReadError::at(&node.at, format!("`{name}` is no address"))
                .hint("targets of type ip are addresses; for instances say `type: instance`")),
        },
    }
}
