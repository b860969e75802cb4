//! Load balancers and target groups.

use super::draft::Draft;
use super::node::{Fields, Key, Node, Value};
use super::value::{choice, port};
use crate::network::{
    Forward, Kind, Listener, ListenerRule, LoadBalancer, LoadBalancerType, RuleAction, Scheme,
    Target, TargetGroup, TargetGroupId, TargetType,
};
use crate::read::ReadError;
use std::collections::BTreeSet;
use std::net::IpAddr;

const PROTOCOLS: [(&str, &str); 6] = [
    ("HTTP", "HTTP"),
    ("HTTPS", "HTTPS"),
    ("TCP", "TCP"),
    ("TLS", "TLS"),
    ("UDP", "UDP"),
    ("TCP_UDP", "TCP_UDP"),
];

pub(super) fn target_group(
    draft: &mut Draft,
    key: &Key,
    node: &Node,
    id: &str,
) -> Result<(), ReadError> {
    let known = ["vpc", "port", "protocol", "type", "health_check", "targets"];
    let fields = Fields::of(node, format!("target group `{}`", key.text), &key.at, &known)?;
    // What a Fargate service needs (LBT-07).
    let types = [("ip", TargetType::Ip), ("instance", TargetType::Instance)];
    let target_type = choice(&fields, "type", &types, TargetType::Ip)?;
    let health_check_port = match fields.get("health_check") {
        Some(node) => {
            let what = format!("the health check of {}", fields.what());
            let check = Fields::of(node, what, &node.at, &["path", "port"])?;
            check.text("path")?;
            match check.get("port") {
                // LBT-02
                Some(node) if check.text("port")? != Some("traffic-port") => {
                    Some(port(node, &check.name("port"))?)
                }
                _ => None,
            }
        }
        None => None,
    };
    let nodes = fields.list("targets")?.iter();
    let targets = nodes.map(|node| target(draft, node, &target_type, &fields.name("targets")));
    let targets = targets.collect::<Result<_, _>>()?;
    let group = TargetGroup {
        vpc: Some(draft.names.need(Kind::Vpc, fields.need("vpc")?, &fields.name("vpc"))?),
        port: fields.get("port").map(|node| port(node, &fields.name("port"))).transpose()?,
        protocol: Some(choice(&fields, "protocol", &PROTOCOLS, "HTTP")?.to_owned()),
        health_check_port,
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

/// `10.0.1.5`, `10.0.1.5:8080`, `web-1`, `web-1:8080`
fn target(
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
    let id = match target_type {
        TargetType::Instance => match draft.names.find(Kind::Instance, name) {
            Some(id) => id.to_owned(),
            None => return Err(draft.names.dangling(&[Kind::Instance], node, name)),
        },
        _ => match name.parse::<IpAddr>() {
            Ok(address) => address.to_string(),
            Err(_) => {
                return Err(ReadError::at(&node.at, format!("`{name}` is no address"))
                    .hint("targets of type ip are addresses; for instances say `type: instance`"));
            }
        },
    };
    Ok(Target { id, port: stated, health: None })
}

pub(super) fn load_balancer(
    draft: &mut Draft,
    key: &Key,
    node: &Node,
    id: &str,
) -> Result<(), ReadError> {
    let known = ["type", "scheme", "subnets", "security_groups", "listeners"];
    let fields = Fields::of(node, format!("load balancer `{}`", key.text), &key.at, &known)?;
    let types =
        [("application", LoadBalancerType::Application), ("network", LoadBalancerType::Network)];
    let balancer_type = choice(&fields, "type", &types, LoadBalancerType::Application)?;
    let application = balancer_type == LoadBalancerType::Application;
    let schemes = [("internet-facing", Scheme::InternetFacing), ("internal", Scheme::Internal)];
    let (subnets, vpc) = draft.need_subnets(&fields)?;
    // A network load balancer may do without groups; an application load balancer gets one.
    let groups = match application {
        true => draft.groups(&fields, &vpc)?,
        false => draft.stated_groups(&fields)?,
    };
    let mut listeners = Vec::new();
    if let Some(node) = fields.get("listeners") {
        for (port, value) in node.entries(&fields.name("listeners"))? {
            listeners.push(listener(draft, port, value, application)?);
        }
    }
    let scheme = choice(&fields, "scheme", &schemes, Scheme::InternetFacing)?;
    let about = draft.about_named(&key.at, &key.text, id);
    let balancer = LoadBalancer {
        subnets: subnets.into_iter().collect(),
        groups,
        listeners: Some(listeners),
        ..LoadBalancer::new(id.into(), about, balancer_type, scheme, vpc)
    };
    let used = balancer.listeners.iter().flatten().flat_map(Listener::target_groups);
    for group in used {
        if !draft.put.target_groups.contains_key(group)
            && let Some(former) = draft.base.target_groups.get(group)
        {
            draft.put.insert(former.clone());
        }
        if let Some(group) = draft.put.target_groups.get_mut(group) {
            group.load_balancers.insert(balancer.id.clone());
        }
    }
    draft.put.insert(balancer);
    Ok(())
}

/// `443: web`, `443: [blue, green]`, `443: { target_group: web, protocol: HTTPS }`
fn listener(
    draft: &Draft,
    key: &Key,
    node: &Node,
    application: bool,
) -> Result<Listener, ReadError> {
    let number = Node { at: key.at.clone(), value: Value::Scalar(key.text.clone()) };
    let number = port(&number, "a listener")?;
    let default = match (application, number) {
        (true, 443) => "HTTPS",
        (true, _) => "HTTP",
        (false, _) => "TCP",
    };
    let what = format!("listener {number}");
    let (groups, protocol) = match &node.value {
        Value::Mapping(_) => {
            let fields = Fields::of(node, &what, &key.at, &["target_group", "protocol"])?;
            let protocol = choice(&fields, "protocol", &PROTOCOLS, default)?;
            (fields.need("target_group")?.one_or_more(), protocol)
        }
        _ => (node.one_or_more(), default),
    };
    let target_groups: BTreeSet<TargetGroupId> =
        draft.names.need_all(Kind::TargetGroup, groups, &what)?;
    Ok(Listener {
        port: number,
        protocol: protocol.to_owned(),
        rules: vec![ListenerRule {
            conditions: Vec::new(),
            action: RuleAction::Forward(
                target_groups
                    .into_iter()
                    .map(|target_group| Forward { target_group, weight: 1 })
                    .collect(),
            ),
        }],
        at: Some(key.at.clone()),
    })
}
