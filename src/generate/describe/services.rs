//! Load balancers, and the ECS services behind them.

use super::{Put, ids};
use crate::generate::plan::Plan;
use crate::generate::space::Tier;
use crate::generate::vpc::{InterfacePlan, Role, Service, VpcPlan};
use crate::generate::{REGION, account_id, zone};
use serde_json::{Value, json};
use std::io;

fn number(vpc: &VpcPlan) -> String {
    format!("{:016x}", vpc.vpc)
}

/// The load balancer as descriptions name it.
pub(super) fn balancer_name(vpc: &VpcPlan) -> String {
    format!("app/{}-front/{}", vpc.name, number(vpc))
}

fn balancer_arn(vpc: &VpcPlan, kind: &str) -> String {
    ids::arn("elasticloadbalancing", vpc.account, &format!("{kind}/{}", balancer_name(vpc)))
}

fn listener_arn(vpc: &VpcPlan, kind: &str) -> String {
    format!("{}/{}", balancer_arn(vpc, kind), number(vpc))
}

fn group_arn(vpc: &VpcPlan, service: u32) -> String {
    let name = vpc.service_name(service);
    let rest = format!("targetgroup/{name}/{:08x}{service:08x}", vpc.vpc);
    ids::arn("elasticloadbalancing", vpc.account, &rest)
}

fn cluster_arn(vpc: &VpcPlan) -> String {
    ids::arn("ecs", vpc.account, &format!("cluster/{}", vpc.name))
}

fn definition_arn(vpc: &VpcPlan, service: u32) -> String {
    let family = vpc.service_name(service);
    ids::arn("ecs", vpc.account, &format!("task-definition/{family}:1"))
}

/// The id of the attachment of a task.
pub(super) fn attachment(vpc: &VpcPlan, task: &InterfacePlan) -> String {
    format!("{:08x}-0000-4000-8000-{:012x}", vpc.vpc, task.number)
}

/// The services, where the network has any.
fn numbered<'v>(plan: &Plan, vpc: &'v VpcPlan) -> impl Iterator<Item = (u32, &'v Service)> {
    let all = if plan.has_services() { vpc.services.as_slice() } else { &[] };
    (0..).zip(all)
}

pub(super) fn load_balancers(_: &Plan, vpc: &VpcPlan, put: &mut Put<'_>) -> io::Result<()> {
    if !vpc.front {
        return Ok(());
    }
    let internet = vpc.kind.has_internet();
    let (scheme, prefix) =
        if internet { ("internet-facing", "") } else { ("internal", "internal-") };
    let nodes = vpc.in_role(Role::Front);
    let zones = nodes.map(|one| {
        let subnet = ids::subnet(vpc.vpc, one.place);
        json!({ "ZoneName": zone(one.place.zone), "SubnetId": subnet, "LoadBalancerAddresses": [] })
    });
    let groups = vpc.in_role(Role::Front).take(1).flat_map(|one| &one.groups);
    put(json!({
        "LoadBalancerArn": balancer_arn(vpc, "loadbalancer"), "LoadBalancerName": format!("{}-front", vpc.name),
        "DNSName": format!("{prefix}{}-front-{}.{REGION}.elb.amazonaws.com", vpc.name, 1_000_000_000 + vpc.vpc),
        "Type": "application", "Scheme": scheme, "IpAddressType": "ipv4", "State": { "Code": "active" },
        "VpcId": ids::vpc(vpc.vpc), "AvailabilityZones": zones.collect::<Vec<_>>(),
        "SecurityGroups": groups.map(|&group| json!(ids::group(vpc.vpc, group))).collect::<Vec<_>>(),
    }))
}

fn forward(vpc: &VpcPlan, service: u32) -> Value {
    json!([{ "Type": "forward", "TargetGroupArn": group_arn(vpc, service) }])
}

pub(super) fn listeners(plan: &Plan, vpc: &VpcPlan, put: &mut Put<'_>) -> io::Result<()> {
    if !vpc.front {
        return Ok(());
    }
    let nobody = json!([{
        "Type": "fixed-response",
        "FixedResponseConfig": { "StatusCode": "404", "ContentType": "text/plain" },
    }]);
    let default = if plan.has_services() { forward(vpc, 0) } else { nobody };
    put(json!({
        "ListenerArn": listener_arn(vpc, "listener"), "LoadBalancerArn": balancer_arn(vpc, "loadbalancer"),
        "Port": 443, "Protocol": "HTTPS", "DefaultActions": default,
    }))
}

/// The first service is the listener's default, the others have a path each.
pub(super) fn rules(plan: &Plan, vpc: &VpcPlan, put: &mut Put<'_>) -> io::Result<()> {
    for (service, _) in numbered(plan, vpc).filter(|_| vpc.front) {
        let path = json!([format!("/app-{service}/*")]);
        let condition = json!({
            "Field": "path-pattern", "Values": path, "PathPatternConfig": { "Values": path },
        });
        let default = service == 0;
        put(json!({
            "RuleArn": format!("{}/{service:016x}", listener_arn(vpc, "listener-rule")),
            "Priority": if default { "default".to_owned() } else { service.to_string() },
            "IsDefault": default, "Actions": forward(vpc, service),
            "Conditions": if default { json!([]) } else { json!([condition]) },
        }))?;
    }
    Ok(())
}

pub(super) fn target_groups(plan: &Plan, vpc: &VpcPlan, put: &mut Put<'_>) -> io::Result<()> {
    for (number, service) in numbered(plan, vpc).filter(|_| vpc.front) {
        put(json!({
            "TargetGroupArn": group_arn(vpc, number), "TargetGroupName": vpc.service_name(number),
            "VpcId": ids::vpc(vpc.vpc), "TargetType": "ip", "Protocol": "HTTP", "ProtocolVersion": "HTTP1",
            "Port": service.port, "IpAddressType": "ipv4", "HealthCheckEnabled": true,
            "HealthCheckProtocol": "HTTP", "HealthCheckPort": "traffic-port", "HealthCheckPath": "/",
            "HealthCheckIntervalSeconds": 30, "HealthCheckTimeoutSeconds": 5,
            "HealthyThresholdCount": 5, "UnhealthyThresholdCount": 2, "Matcher": { "HttpCode": "200" },
            "LoadBalancerArns": [balancer_arn(vpc, "loadbalancer")],
        }))?;
    }
    Ok(())
}

pub(super) fn clusters(_: &Plan, vpc: &VpcPlan, put: &mut Put<'_>) -> io::Result<()> {
    put(json!({
        "clusterArn": cluster_arn(vpc), "clusterName": vpc.name, "status": "ACTIVE",
        "registeredContainerInstancesCount": 0, "capacityProviders": ["FARGATE"],
        "defaultCapacityProviderStrategy": [],
    }))
}

pub(super) fn services(plan: &Plan, vpc: &VpcPlan, put: &mut Put<'_>) -> io::Result<()> {
    for (number, service) in numbered(plan, vpc) {
        let name = vpc.service_name(number);
        let count = vpc.in_role(Role::Task(number)).count();
        let balancers = json!([{
            "targetGroupArn": group_arn(vpc, number), "containerName": "app", "containerPort": service.port,
        }]);
        let places = vpc.places().filter(|place| place.tier == Tier::Work);
        let groups = service.groups.iter().map(|&group| json!(ids::group(vpc.vpc, group)));
        put(json!({
            "serviceArn": ids::arn("ecs", vpc.account, &format!("service/{}/{name}", vpc.name)),
            "serviceName": name, "clusterArn": cluster_arn(vpc), "status": "ACTIVE",
            "taskDefinition": definition_arn(vpc, number), "launchType": "FARGATE", "platformVersion": "1.4.0",
            "desiredCount": count, "runningCount": count, "pendingCount": 0, "schedulingStrategy": "REPLICA",
            "loadBalancers": if vpc.front { balancers } else { json!([]) },
            "networkConfiguration": { "awsvpcConfiguration": {
                "subnets": places.map(|place| json!(ids::subnet(vpc.vpc, place))).collect::<Vec<_>>(),
                "securityGroups": groups.collect::<Vec<_>>(),
                "assignPublicIp": if service.public { "ENABLED" } else { "DISABLED" },
            } },
            "deploymentConfiguration": { "maximumPercent": 200, "minimumHealthyPercent": 100 },
            "enableExecuteCommand": false,
        }))?;
    }
    Ok(())
}

pub(super) fn tasks(plan: &Plan, vpc: &VpcPlan, put: &mut Put<'_>) -> io::Result<()> {
    let cluster = cluster_arn(vpc);
    for one in vpc.interfaces.iter().filter(|_| plan.has_services()) {
        let Role::Task(service) = one.role else { continue };
        let task = format!("task/{}/{:08x}{:024x}", vpc.name, vpc.vpc, one.number);
        let address = plan.host(vpc.vpc, one.place, one.host).to_string();
        let detail = |name: &str, value: String| json!({ "name": name, "value": value });
        put(json!({
            "taskArn": ids::arn("ecs", vpc.account, &task), "clusterArn": cluster,
            "taskDefinitionArn": definition_arn(vpc, service),
            "group": format!("service:{}", vpc.service_name(service)), "launchType": "FARGATE",
            "platformVersion": "1.4.0", "platformFamily": "Linux", "availabilityZone": zone(one.place.zone),
            "lastStatus": "RUNNING", "desiredStatus": "RUNNING", "containers": [],
            "attachments": [{
                "id": attachment(vpc, one), "type": "ElasticNetworkInterface", "status": "ATTACHED",
                "details": [
                    detail("subnetId", ids::subnet(vpc.vpc, one.place)),
                    detail("networkInterfaceId", ids::interface(vpc.vpc, one.number)),
                    detail("privateIPv4Address", address),
                ],
            }],
        }))?;
    }
    Ok(())
}

/// The answers about one thing each: task definitions and the health of targets.
pub(super) fn parts(plan: &Plan, vpc: &VpcPlan) -> impl Iterator<Item = (String, Value)> {
    numbered(plan, vpc).flat_map(move |(number, service)| {
        let name = vpc.service_name(number);
        let definition = definition(vpc, number, service);
        let targets = vpc.in_role(Role::Task(number)).map(|one| {
            json!({
                "Target": {
                    "Id": plan.host(vpc.vpc, one.place, one.host), "Port": service.port,
                    "AvailabilityZone": zone(one.place.zone),
                },
                "HealthCheckPort": service.port.to_string(),
                // Nobody has looked yet.
                "TargetHealth": { "State": "initial", "Reason": "Elb.InitialHealthChecking" },
            })
        });
        let health = json!({ "TargetHealthDescriptions": targets.collect::<Vec<_>>() });
        let health = vpc.front.then(|| (format!("describe-target-health.{name}"), health));
        let definition = (format!("describe-task-definition.{name}"), definition);
        std::iter::once(definition).chain(health)
    })
}

fn definition(vpc: &VpcPlan, number: u32, service: &Service) -> Value {
    let family = vpc.service_name(number);
    let owner = account_id(vpc.account);
    let secret = ids::arn("secretsmanager", vpc.account, &format!("secret:{family}-AbCdEf"));
    json!({ "taskDefinition": {
        "taskDefinitionArn": definition_arn(vpc, number), "family": family, "revision": 1,
        "status": "ACTIVE", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"],
        "cpu": "256", "memory": "512", "executionRoleArn": format!("arn:aws:iam::{owner}:role/start"),
        "runtimePlatform": { "cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX" },
        "volumes": [],
        "containerDefinitions": [{
            "name": "app", "essential": true, "image": format!("{owner}.dkr.ecr.{REGION}.amazonaws.com/{family}:1"),
            "portMappings": [{ "containerPort": service.port, "hostPort": service.port, "protocol": "tcp" }],
            "logConfiguration": { "logDriver": "awslogs", "options": {
                "awslogs-group": format!("/ecs/{family}"), "awslogs-region": REGION, "awslogs-stream-prefix": "app",
            } },
            "secrets": [{ "name": "DATABASE", "valueFrom": secret }],
        }],
    } })
}
