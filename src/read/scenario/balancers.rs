//! Load balancers, their listeners and rules.

use super::draft::Draft;
use super::node::{Fields, Key, Node, Value};
use super::target_groups::{PROTOCOLS, word};
use super::value::{choice, number, port, switch, texts};
use crate::network::{
    Families, Forward, Kind, Listener, ListenerRule, LoadBalancer, LoadBalancerType, RuleAction,
    Scheme, TargetGroupId,
};
use crate::read::ReadError;
use std::collections::BTreeSet;

/// The address type of load balancers whose IPv4 addresses are private, as AWS words it.
pub(super) const WITHOUT_PUBLIC_IPV4: &str = "dualstack-without-public-ipv4";

/// What a request may have to match (LBT-12).
pub(super) const CONDITIONS: [&str; 6] = ["path", "host", "header", "method", "query", "source_ip"];

/// What may become of a request.
const ACTIONS: [&str; 4] = ["target_group", "fixed_response", "redirect", "other_action"];

pub(super) fn load_balancer(
    draft: &mut Draft,
    key: &Key,
    node: &Node,
    id: &str,
) -> Result<(), ReadError> {
    let known = [
        "type",
        "scheme",
        "vpc",
        "subnets",
        "security_groups",
        "listeners",
        "cross_zone",
        "idle_timeout",
        "dns_name",
        "ip_address_type",
        "tags",
    ];
    let fields = Fields::of(node, format!("load balancer `{}`", key.text), &key.at, &known)?;
    let mut types = vec![
        ("application", LoadBalancerType::Application),
        ("network", LoadBalancerType::Network),
    ];
    // A capture keeps what AWS says.
    if let Some(word) = fields.text("type")?.filter(|_| draft.names.open) {
        types.push((word, LoadBalancerType::Other(word.to_owned())));
    }
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
    let listeners = fields.get("listeners").map(|_| listeners);
    let scheme = choice(&fields, "scheme", &schemes, Scheme::InternetFacing)?;
    let about = draft.about_named(&key.at, &key.text, id);
    // LBT-09
    let types = [
        ("ipv4", (Families::V4, true)),
        ("dualstack", (Families::Both, true)),
        (WITHOUT_PUBLIC_IPV4, (Families::Both, false)),
    ];
    let (families, public_ipv4) = choice(&fields, "ip_address_type", &types, (Families::V4, true))?;
    let balancer = LoadBalancer {
        subnets: subnets.into_iter().collect(),
        groups,
        listeners: draft.or_implied(listeners, Vec::new()),
        dns_name: fields.text("dns_name")?.map(str::to_owned),
        cross_zone: switch(&fields, "cross_zone")?,
        families,
        public_ipv4,
        idle_seconds: number(&fields, "idle_timeout")?,
        ..LoadBalancer::new(id.into(), about, balancer_type, scheme, vpc)
    };
    let used = balancer.listeners.iter().flatten().flat_map(Listener::target_groups);
    let usual = if application { "HTTP" } else { "TCP" };
    for group in used {
        if !draft.put.target_groups.contains_key(group)
            && let Some(former) = draft.base.target_groups.get(group)
        {
            draft.put.insert(former.clone());
        }
        if !draft.implied {
            continue;
        }
        if let Some(group) = draft.put.target_groups.get_mut(group) {
            group.load_balancers.insert(balancer.id.clone());
            group.protocol.get_or_insert_with(|| usual.to_owned());
        }
    }
    draft.put.insert(balancer);
    Ok(())
}

/// `443: web`, `443: [blue, green]`, `443: { target_group: web, protocol: HTTPS, rules: […] }`
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
    let (rules, protocol) = match &node.value {
        Value::Mapping(_) => {
            let known = [&["protocol", "rules"][..], &ACTIONS].concat();
            let fields = Fields::of(node, &what, &key.at, &known)?;
            let mut rules: Vec<ListenerRule> = fields
                .list("rules")?
                .iter()
                .map(|node| rule(draft, node, &what))
                .collect::<Result<_, _>>()?;
            // The default one is tried last.
            rules.push(ListenerRule { conditions: Vec::new(), action: action(draft, &fields)? });
            let protocol = match fields.text("protocol")? {
                Some(_) => word(draft, &fields, "protocol", &PROTOCOLS)?,
                None => default.to_owned(),
            };
            (rules, protocol)
        }
        _ => {
            let action = RuleAction::Forward(forwards(draft, node, &what)?);
            (vec![ListenerRule { conditions: Vec::new(), action }], default.to_owned())
        }
    };
    Ok(Listener { port: number, protocol, rules, at: Some(key.at.clone()) })
}

/// `{ path: /api/*, target_group: api }`
fn rule(draft: &Draft, node: &Node, listener: &str) -> Result<ListenerRule, ReadError> {
    let known = [&CONDITIONS[..], &ACTIONS, &["conditions"]].concat();
    let fields = Fields::of(node, format!("a rule of {listener}"), &node.at, &known)?;
    // As AWS words them.
    let mut conditions = texts(&fields, "conditions")?;
    for name in CONDITIONS {
        let Some(node) = fields.get(name) else { continue };
        let what = fields.name(name);
        let values: Vec<&str> =
            node.one_or_more().iter().map(|one| one.text(&what)).collect::<Result<_, _>>()?;
        conditions.push(format!("{name} {}", values.join(", ")));
    }
    if conditions.is_empty() && fields.get("conditions").is_none() {
        return Err(ReadError::at(&node.at, format!("{} has no condition", fields.what())).hint(
            format!(
                "add one of {}; what matches no rule, the listener's own keys say",
                CONDITIONS.join(", ")
            ),
        ));
    }
    Ok(ListenerRule { conditions, action: action(draft, &fields)? })
}

fn action(draft: &Draft, fields: &Fields<'_>) -> Result<RuleAction, ReadError> {
    let stated: Vec<&str> = ACTIONS.into_iter().filter(|key| fields.get(key).is_some()).collect();
    match stated.as_slice() {
        ["target_group"] => {
            let node = fields.need("target_group")?;
            Ok(RuleAction::Forward(forwards(draft, node, fields.what())?))
        }
        ["fixed_response"] => {
            let node = fields.need("fixed_response")?;
            let code = port(node, &fields.name("fixed_response")).ok();
            code.filter(|code| (200..600).contains(code)).map(RuleAction::FixedResponse).ok_or_else(
                || {
                    ReadError::at(
                        &node.at,
                        format!("{} is no HTTP status", fields.name("fixed_response")),
                    )
                    .hint("a status is a number from 200 to 599, such as 503")
                },
            )
        }
        ["redirect"] => fields.text("redirect").map(|_| RuleAction::Redirect),
        ["other_action"] => {
            let action = fields.need("other_action")?.text(&fields.name("other_action"))?;
            Ok(RuleAction::Other(action.to_owned()))
        }
        [] => Err(ReadError::at(
            fields.at(),
            format!("{} does not say what becomes of requests", fields.what()),
        )
        .hint(format!("add one of {}", ACTIONS.join(", ")))),
        [.., second] => {
            let at = fields.get(second).map_or(fields.at(), |node| &node.at);
            Err(ReadError::at(at, format!("{} has {}", fields.what(), stated.join(" and ")))
                .hint("a request has one fate: keep one"))
        }
    }
}

/// `web`, `[blue, green]`, `{ blue: 90, green: 10 }` with weights.
fn forwards(draft: &Draft, node: &Node, what: &str) -> Result<Vec<Forward>, ReadError> {
    if let Value::Mapping(entries) = &node.value {
        let one = |(key, node): &(Key, Node)| {
            let name = Node { at: key.at.clone(), value: Value::Scalar(key.text.clone()) };
            let target_group = draft.names.need(Kind::TargetGroup, &name, what)?;
            let text = node.text(what)?;
            let weight = text.parse().ok().filter(|weight| *weight <= 999).ok_or_else(|| {
                ReadError::at(&node.at, format!("`{text}` is no weight"))
                    .hint("a weight is a number from 0 to 999; 0 gets no requests")
            })?;
            Ok(Forward { target_group, weight })
        };
        return entries.iter().map(one).collect();
    }
    let groups: BTreeSet<TargetGroupId> =
        draft.names.need_all(Kind::TargetGroup, node.one_or_more(), what)?;
    Ok(groups.into_iter().map(|target_group| Forward { target_group, weight: 1 }).collect())
}
