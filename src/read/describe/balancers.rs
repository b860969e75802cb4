//! Load balancers, their listeners and rules, target groups and registered targets.

use super::answer::Answer;
use super::attributes;
use super::field::{Fault, List, Tag, optional, port, required};
use super::{Capture, ReadError};
use crate::network::{
    AddressFamily, Families, Forward, HealthCheck, Listener, ListenerRule, LoadBalancer,
    LoadBalancerId, LoadBalancerType, RuleAction, Scheme, Scope, Tags, Target, TargetGroup,
    TargetGroupId, TargetHealth, TargetType,
};
use serde::Deserialize;
use std::collections::BTreeMap;

/// What has to be joined with load balancers and target groups.
#[derive(Default)]
pub(super) struct Loose {
    /// Listeners by their ARN, with their load balancer.
    listeners: BTreeMap<String, (LoadBalancerId, Listener)>,
    /// The rules besides the default one, with their priority, by the ARN of their listener.
    rules: BTreeMap<String, Vec<(u32, ListenerRule)>>,
    /// The load balancers whose answer was captured, perhaps without any listener, by name.
    named: Vec<Named>,
    /// Targets, by the name of their group.
    targets: Vec<(Named, Vec<Target>)>,
    balancer_names: BTreeMap<(Scope, String), LoadBalancerId>,
    group_names: BTreeMap<(Scope, String), TargetGroupId>,
    /// The tags of load balancers, which are answers of their own.
    tags: BTreeMap<LoadBalancerId, Tags>,
}

impl Loose {
    /// What a later part of the input holds, too.
    pub fn absorb(&mut self, later: Self) {
        self.listeners.extend(later.listeners);
        for (listener, rules) in later.rules {
            self.rules.entry(listener).or_default().extend(rules);
        }
        self.named.extend(later.named);
        self.targets.extend(later.targets);
        self.balancer_names.extend(later.balancer_names);
        self.group_names.extend(later.group_names);
        self.tags.extend(later.tags);
    }
}

/// The parts of the name under which an answer came, one of which names its owner. A name means one
/// thing in one account and Region only.
pub(super) struct Named {
    folders: Scope,
    pub(super) parts: Vec<String>,
}

impl Named {
    pub(super) fn by(answer: &Answer<'_>) -> Self {
        let parts = answer.page.parts().map(str::to_owned).collect();
        Self { folders: answer.folders().clone(), parts }
    }

    pub(super) fn owner<'n, T>(&self, names: &'n BTreeMap<(Scope, String), T>) -> Option<&'n T> {
        self.parts.iter().find_map(|part| names.get(&(self.folders.clone(), part.clone())))
    }
}

/// Notes what a file may call the owner of an ARN: its name or the last part of the ARN,
/// `targetgroup/web/0123456789abcdef`.
fn name<T: Clone>(
    names: &mut BTreeMap<(Scope, String), T>,
    answer: &Answer<'_>,
    arn: &str,
    id: &T,
) {
    for part in arn.rsplit('/').take(2) {
        names.insert((answer.folders().clone(), part.to_owned()), id.clone());
    }
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct BalancerRow {
    load_balancer_arn: Option<String>,
    load_balancer_name: Option<String>,
    #[serde(rename = "DNSName")]
    dns_name: Option<String>,
    scheme: Option<String>,
    vpc_id: Option<String>,
    r#type: Option<String>,
    ip_address_type: Option<String>,
    availability_zones: List<ZoneRow>,
    security_groups: List<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct ZoneRow {
    subnet_id: Option<String>,
}

pub(super) fn load_balancers(capture: &mut Capture, answer: &Answer<'_>) -> Result<(), ReadError> {
    answer.each(|row: BalancerRow| {
        let arn = required(row.load_balancer_arn, "LoadBalancerArn")?;
        let vpc = required(row.vpc_id, "VpcId")?;
        let about = capture.about_own(answer, optional(row.load_balancer_name), &arn);
        let id = LoadBalancerId::from(arn.as_str());
        name(&mut capture.balancers.balancer_names, answer, &arn, &id);
        let zones = row.availability_zones.into_iter();
        let balancer_type = match row.r#type.as_deref() {
            Some("application") => LoadBalancerType::Application,
            Some("network") => LoadBalancerType::Network,
            other => LoadBalancerType::Other(other.unwrap_or("not stated").to_owned()),
        };
        let scheme = match row.scheme.as_deref() {
            Some("internet-facing") => Scheme::InternetFacing,
            Some("internal") => Scheme::Internal,
            other => return Err(unknown("Scheme", other)),
        };
        capture.network.insert(LoadBalancer {
            subnets: zones.filter_map(|zone| optional(zone.subnet_id)).map(Into::into).collect(),
            groups: row.security_groups.into_iter().map(Into::into).collect(),
            families: Families::from_word(row.ip_address_type.as_deref()),
            public_ipv4: row.ip_address_type.as_deref() != Some("dualstack-without-public-ipv4"),
            dns_name: optional(row.dns_name),
            ..LoadBalancer::new(id, about, balancer_type, scheme, vpc.into())
        });
        Ok(())
    })
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct TagsRow {
    resource_arn: Option<String>,
    tags: List<Tag>,
}

/// The tags of load balancers; what else the call tells of has no interfaces.
pub(super) fn tags(capture: &mut Capture, answer: &Answer<'_>) -> Result<(), ReadError> {
    answer.each(|row: TagsRow| {
        let arn = required(row.resource_arn, "ResourceArn")?;
        let tags = capture.tags_if_told(Some(&row.tags));
        capture.balancers.tags.insert(arn.into(), tags);
        Ok(())
    })
}

fn unknown(field: &str, value: Option<&str>) -> Fault {
    match value {
        Some(value) => Fault(format!("has `{field}` {value:?}, which is none")),
        None => Fault(format!("has no `{field}`")),
    }
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct ListenerRow {
    listener_arn: Option<String>,
    load_balancer_arn: Option<String>,
    port: Option<i64>,
    protocol: Option<String>,
    default_actions: List<ActionRow>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct ActionRow {
    r#type: Option<String>,
    order: Option<u32>,
    target_group_arn: Option<String>,
    forward_config: Option<ForwardConfig>,
    fixed_response_config: Option<FixedResponse>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct FixedResponse {
    status_code: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct ForwardConfig {
    target_groups: List<Weighted>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Weighted {
    target_group_arn: Option<String>,
    weight: Option<u32>,
}

/// What becomes of a request: of several actions, the last one decides; those before it log in.
fn action(actions: List<ActionRow>) -> Result<RuleAction, Fault> {
    let last = actions.into_iter().max_by_key(|one| one.order);
    let Some(row) = last else { return Ok(RuleAction::Other("no action".to_owned())) };
    let kind = row.r#type.unwrap_or_else(|| "forward".to_owned());
    Ok(match kind.as_str() {
        "forward" => {
            let weighted = row.forward_config.unwrap_or_default().target_groups.into_iter();
            let mut forwards: Vec<Forward> = weighted
                .filter_map(|one| Some((optional(one.target_group_arn)?, one.weight)))
                .map(|(group, weight)| Forward {
                    target_group: group.into(),
                    weight: weight.unwrap_or(1),
                })
                .collect();
            // The one group may stand apart, and again in the configuration.
            if let (true, Some(group)) = (forwards.is_empty(), optional(row.target_group_arn)) {
                forwards.push(Forward { target_group: group.into(), weight: 1 });
            }
            RuleAction::Forward(forwards)
        }
        "redirect" => RuleAction::Redirect,
        "fixed-response" => {
            let code = row.fixed_response_config.and_then(|it| it.status_code);
            let number = code.as_deref().and_then(|text| text.parse().ok());
            RuleAction::FixedResponse(number.ok_or_else(|| unknown("StatusCode", code.as_deref()))?)
        }
        _ => RuleAction::Other(kind),
    })
}

pub(super) fn listeners(capture: &mut Capture, answer: &Answer<'_>) -> Result<(), ReadError> {
    capture.balancers.named.push(Named::by(answer));
    let at = answer.at();
    answer.each(|row: ListenerRow| {
        let id = required(row.listener_arn, "ListenerArn")?;
        let balancer = required(row.load_balancer_arn, "LoadBalancerArn")?;
        // Only a gateway load balancer, which is not modelled, listens on every port.
        let Some(number) = row.port else { return Ok(()) };
        let listener = Listener {
            port: port(number, "Port")?,
            protocol: row.protocol.unwrap_or_default(),
            rules: vec![ListenerRule {
                conditions: Vec::new(),
                action: action(row.default_actions)?,
            }],
            at: Some(at.clone()),
        };
        capture.balancers.listeners.insert(id, (balancer.into(), listener));
        Ok(())
    })
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct RuleRow {
    rule_arn: Option<String>,
    priority: Option<String>,
    conditions: List<ConditionRow>,
    actions: List<ActionRow>,
    is_default: bool,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct ConditionRow {
    field: Option<String>,
    values: List<String>,
    #[serde(flatten)]
    configs: BTreeMap<String, serde_json::Value>,
}

/// `path-pattern /api/*, /v1/*`
fn condition(row: ConditionRow) -> String {
    let mut values = row.values.0;
    if values.is_empty() {
        let lists = row.configs.values().filter_map(|config| config.get("Values"));
        let texts = lists.filter_map(serde_json::Value::as_array).flatten();
        values.extend(texts.filter_map(|one| one.as_str().map(str::to_owned)));
    }
    format!("{} {}", row.field.unwrap_or_default(), values.join(", ")).trim().to_owned()
}

pub(super) fn rules(capture: &mut Capture, answer: &Answer<'_>) -> Result<(), ReadError> {
    answer.each(|row: RuleRow| {
        let id = required(row.rule_arn, "RuleArn")?;
        // `…:listener-rule/app/front/LB/LISTENER/RULE` is a rule of
        // `…:listener/app/front/LB/LISTENER`.
        let listener = id.replacen(":listener-rule/", ":listener/", 1);
        let listener = listener.rsplit_once('/').map(|(listener, _)| listener.to_owned());
        let listener = listener.ok_or_else(|| unknown("RuleArn", Some(&id)))?;
        // describe-rules lists the default rule too, which the listener has shown itself.
        let priority = match row.priority.as_deref() {
            _ if row.is_default => return Ok(()),
            Some("default") => return Ok(()),
            Some(text) => text.parse().map_err(|_| unknown("Priority", Some(text)))?,
            None => u32::MAX,
        };
        let conditions = row.conditions.into_iter().map(condition).collect();
        let rule = ListenerRule { conditions, action: action(row.actions)? };
        capture.balancers.rules.entry(listener).or_default().push((priority, rule));
        Ok(())
    })
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct GroupRow {
    target_group_arn: Option<String>,
    target_group_name: Option<String>,
    vpc_id: Option<String>,
    port: Option<i64>,
    protocol: Option<String>,
    target_type: Option<String>,
    ip_address_type: Option<String>,
    health_check_port: Option<String>,
    health_check_protocol: Option<String>,
    health_check_path: Option<String>,
    health_check_interval_seconds: Option<u32>,
    health_check_timeout_seconds: Option<u32>,
    healthy_threshold_count: Option<u32>,
    unhealthy_threshold_count: Option<u32>,
    matcher: Option<MatcherRow>,
    load_balancer_arns: List<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct MatcherRow {
    http_code: Option<String>,
    grpc_code: Option<String>,
}

pub(super) fn target_groups(capture: &mut Capture, answer: &Answer<'_>) -> Result<(), ReadError> {
    answer.each(|row: GroupRow| {
        let arn = required(row.target_group_arn, "TargetGroupArn")?;
        let about = capture.about_own(answer, optional(row.target_group_name), &arn);
        let id = TargetGroupId::from(arn.as_str());
        name(&mut capture.balancers.group_names, answer, &arn, &id);
        // LBT-02: `traffic-port` or a number.
        let health = optional(row.health_check_port).filter(|text| text != "traffic-port");
        let health =
            health.map(|text| text.parse().map_err(|_| unknown("HealthCheckPort", Some(&text))));
        let target_type = match row.target_type.as_deref() {
            Some("ip") => TargetType::Ip,
            Some("instance") => TargetType::Instance,
            other => TargetType::Other(other.unwrap_or("not stated").to_owned()),
        };
        capture.network.insert(TargetGroup {
            vpc: optional(row.vpc_id).map(Into::into),
            port: row.port.map(|number| port(number, "Port")).transpose()?,
            protocol: optional(row.protocol),
            family: match row.ip_address_type.as_deref() {
                Some("ipv6") => AddressFamily::V6,
                _ => AddressFamily::V4,
            },
            health_check_port: health.transpose()?,
            health_check: HealthCheck {
                protocol: optional(row.health_check_protocol),
                path: optional(row.health_check_path),
                matcher: row.matcher.and_then(|it| optional(it.http_code).or(it.grpc_code)),
                interval_seconds: row.health_check_interval_seconds,
                timeout_seconds: row.health_check_timeout_seconds,
                healthy_threshold: row.healthy_threshold_count,
                unhealthy_threshold: row.unhealthy_threshold_count,
            },
            load_balancers: row.load_balancer_arns.into_iter().map(Into::into).collect(),
            ..TargetGroup::new(id, about, target_type)
        });
        Ok(())
    })
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct HealthRow {
    target: Option<TargetRow>,
    target_health: Option<TargetHealthRow>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct TargetHealthRow {
    state: Option<String>,
    reason: Option<String>,
    description: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct TargetRow {
    id: Option<String>,
    port: Option<i64>,
}

/// describe-target-health does not say of which group; the file's name does.
pub(super) fn target_health(capture: &mut Capture, answer: &Answer<'_>) -> Result<(), ReadError> {
    let mut targets = Vec::new();
    answer.each(|row: HealthRow| {
        let target = row.target.unwrap_or_default();
        targets.push(Target {
            id: required(target.id, "Target.Id")?,
            port: target.port.map(|number| port(number, "Target.Port")).transpose()?,
            health: row.target_health.and_then(|it| {
                Some(TargetHealth {
                    state: optional(it.state)?,
                    reason: optional(it.reason),
                    description: optional(it.description),
                })
            }),
        });
        Ok(())
    })?;
    let named = Named::by(answer);
    match named.parts.is_empty() {
        true => capture.notes.ownerless(answer, "describe-target-health.<target-group-name>.json"),
        false => capture.balancers.targets.push((named, targets)),
    }
    Ok(())
}

pub(super) fn finish(capture: &mut Capture) {
    let Loose { listeners, mut rules, named, targets, balancer_names, group_names, tags } =
        std::mem::take(&mut capture.balancers);
    for id in named.iter().filter_map(|named| named.owner(&balancer_names)) {
        if let Some(balancer) = capture.network.load_balancers.get_mut(id) {
            balancer.listeners = Some(Vec::new());
        }
    }
    for (id, (balancer, mut listener)) in listeners {
        let mut conditional = rules.remove(&id).unwrap_or_default();
        conditional.sort_by_key(|(priority, _)| *priority);
        // LBT-12: the default rule is tried last.
        listener.rules.splice(0..0, conditional.into_iter().map(|(_, rule)| rule));
        if let Some(balancer) = capture.network.load_balancers.get_mut(&balancer) {
            balancer.listeners.get_or_insert_default().push(listener);
        }
    }
    for (id, tags) in tags {
        if let Some(balancer) = capture.network.load_balancers.get_mut(&id) {
            balancer.about.tags = tags;
        }
    }
    for balancer in capture.network.load_balancers.values_mut() {
        if let Some(listeners) = &mut balancer.listeners {
            listeners.sort_by_key(|listener| listener.port);
        }
    }
    let attributes = std::mem::take(&mut capture.attributes);
    attributes::join(&mut capture.network, attributes, &balancer_names, &group_names);
    let mut strange = Vec::new();
    for (named, found) in targets {
        let id = named.owner(&group_names);
        match id.and_then(|id| capture.network.target_groups.get_mut(id)) {
            Some(group) => group.targets.get_or_insert_default().extend(found),
            None => strange.push(named.parts.join(".")),
        }
    }
    if !strange.is_empty() {
        capture.notes.lines.push(format!(
            "target health is there of target groups that are not: {}",
            strange.join(", ")
        ));
    }
}
