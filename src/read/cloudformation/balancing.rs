//! Load balancers, listeners, rules and target groups.

use super::places::{Made, number};
use super::rows::Rows;
use crate::read::ReadError;
use serde_json::{Map, Value as Json, json};

/// Puts down what it knows; says whether it did.
pub(super) fn make(kind: &str, made: &Made<'_>, rows: &mut Rows) -> Result<bool, ReadError> {
    let at = &made.resource.at;
    match kind {
        "ElasticLoadBalancingV2::LoadBalancer" => balancer(made, rows)?,
        "ElasticLoadBalancingV2::Listener" => {
            let balancer = made.need("LoadBalancerArn")?.to_owned();
            rows.place_part(&balancer, made.need("Port")?.to_owned(), at);
            rows.add(
                "Listeners",
                "ListenerArn",
                at,
                json!({
                    "ListenerArn": made.id,
                    "LoadBalancerArn": balancer,
                    "Port": number(made.properties.get("Port")),
                    "Protocol": made.field("Protocol"),
                    "DefaultActions": actions(&made.list("DefaultActions")),
                }),
            );
        }
        "ElasticLoadBalancingV2::ListenerRule" => {
            // As in AWS's own ARNs, a rule's begins with its listener's.
            let listener = made.need("ListenerArn")?.to_owned();
            rows.add(
                "Rules",
                "RuleArn",
                at,
                json!({
                    "RuleArn": format!("{listener}/{}", made.resource.logical),
                    "Priority": made.field("Priority"),
                    "Conditions": made.list("Conditions"),
                    "Actions": actions(&made.list("Actions")),
                }),
            );
        }
        "ElasticLoadBalancingV2::TargetGroup" => {
            let mut row = Map::new();
            for field in [
                "VpcId",
                "Protocol",
                "HealthCheckPort",
                "HealthCheckProtocol",
                "HealthCheckPath",
                "Matcher",
                "IpAddressType",
            ] {
                row.insert(field.to_owned(), made.field(field));
            }
            for field in [
                "Port",
                "HealthCheckIntervalSeconds",
                "HealthCheckTimeoutSeconds",
                "HealthyThresholdCount",
                "UnhealthyThresholdCount",
            ] {
                row.insert(field.to_owned(), number(made.properties.get(field)));
            }
            row.insert("TargetGroupArn".to_owned(), json!(made.id));
            row.insert("TargetGroupName".to_owned(), made.named("Name"));
            // LBT-07: instances, unless another type is stated.
            let target_type = made.text("TargetType").unwrap_or("instance");
            row.insert("TargetType".to_owned(), json!(target_type));
            rows.attributes(&made.id, &made.list("TargetGroupAttributes"));
            rows.add("TargetGroups", "TargetGroupArn", at, Json::Object(row));
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// Its VPC is that of its subnets, which may come later ([`super::implied`]).
fn balancer(made: &Made<'_>, rows: &mut Rows) -> Result<(), ReadError> {
    let at = &made.resource.at;
    let mapped = made.list("SubnetMappings");
    let mapped = mapped.iter().filter_map(|one| one.get("SubnetId").cloned());
    let subnets: Vec<Json> = made.list("Subnets").into_iter().chain(mapped).collect();
    if subnets.is_empty() {
        let message = format!("load balancer `{}` has no subnets", made.resource.logical);
        return Err(ReadError::at(at, message));
    }
    let balancer_type = made.text("Type").unwrap_or("application");
    rows.attributes(&made.id, &made.list("LoadBalancerAttributes"));
    let tags = made.tags();
    if !tags.is_empty() {
        let row = rows.row("TagDescriptions", "ResourceArn", &made.id);
        row.insert("Tags".to_owned(), json!(tags));
    }
    rows.add(
        "LoadBalancers",
        "LoadBalancerArn",
        at,
        json!({
            "LoadBalancerArn": made.id,
            "LoadBalancerName": made.named("Name"),
            "DNSName": made.dns_name,
            "Scheme": made.text("Scheme").unwrap_or("internet-facing"),
            "Type": balancer_type,
            "SecurityGroups": made.list("SecurityGroups"),
            "AvailabilityZones": subnets.iter().map(|id| json!({ "SubnetId": id })).collect::<Vec<_>>(),
        }),
    );
    Ok(())
}

/// Actions with their numbers as numbers.
fn actions(actions: &[Json]) -> Vec<Json> {
    let mut actions = actions.to_vec();
    for action in actions.iter_mut().filter_map(Json::as_object_mut) {
        let order = number(action.get("Order"));
        action.insert("Order".to_owned(), order);
        let forward = action.get_mut("ForwardConfig").and_then(|it| it.get_mut("TargetGroups"));
        let groups = forward.and_then(Json::as_array_mut).into_iter().flatten();
        for group in groups.filter_map(Json::as_object_mut) {
            let weight = number(group.get("Weight"));
            group.insert("Weight".to_owned(), weight);
        }
    }
    actions
}
