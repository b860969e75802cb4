//! ECS services and tasks.

use super::answer::Answer;
use super::definitions::operating_system;
use super::field::{Fault, List, Tag, Text, optional, port, required};
use super::{Capture, ReadError};
use crate::network::{
    About, LaunchType, NetworkBinding, NetworkInterfaceId, OperatingSystem, Service,
    ServiceConnect, ServiceConnectService, ServiceTarget, Task, TaskContainer, TaskId,
};
use serde::Deserialize;
use std::collections::HashMap;

/// The systems of tasks, as the tasks say themselves. Only asked, never listed.
#[derive(Default)]
pub(super) struct Loose {
    systems: HashMap<TaskId, OperatingSystem>,
}

impl Loose {
    /// What a later part of the input holds, too.
    pub fn absorb(&mut self, later: Self) {
        self.systems.extend(later.systems);
    }

    pub fn system(&self, task: &TaskId) -> Option<OperatingSystem> {
        self.systems.get(task).copied()
    }
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ServiceRow {
    service_arn: Option<String>,
    service_name: Option<String>,
    status: Option<String>,
    cluster_arn: Option<String>,
    launch_type: Option<String>,
    capacity_provider_strategy: List<Strategy>,
    network_configuration: Option<NetworkConfiguration>,
    platform_version: Option<String>,
    task_definition: Option<String>,
    load_balancers: List<BalancerRow>,
    desired_count: Option<u32>,
    deployment_configuration: Option<DeploymentConfiguration>,
    health_check_grace_period_seconds: Option<u32>,
    enable_execute_command: bool,
    deployments: List<Deployment>,
    task_sets: List<Deployment>,
    tags: Option<List<Tag>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Deployment {
    status: Option<String>,
    launch_type: Option<String>,
    capacity_provider_strategy: List<Strategy>,
    network_configuration: Option<NetworkConfiguration>,
    platform_version: Option<String>,
    task_definition: Option<String>,
    load_balancers: List<BalancerRow>,
    service_connect_configuration: Option<ServiceConnectRow>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct DeploymentConfiguration {
    maximum_percent: Option<u32>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ServiceConnectRow {
    enabled: bool,
    services: List<ServiceConnectServiceRow>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ServiceConnectServiceRow {
    port_name: Option<String>,
    ingress_port_override: Option<i64>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Strategy {
    capacity_provider: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct NetworkConfiguration {
    awsvpc_configuration: Option<AwsvpcConfiguration>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct AwsvpcConfiguration {
    subnets: List<String>,
    security_groups: List<String>,
    assign_public_ip: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct BalancerRow {
    target_group_arn: Option<String>,
    container_name: Option<String>,
    container_port: Option<i64>,
    advanced_configuration: Option<AdvancedConfiguration>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct AdvancedConfiguration {
    alternate_target_group_arn: Option<String>,
}

pub(super) fn services(capture: &mut Capture, answer: &Answer<'_>) -> Result<(), ReadError> {
    answer.each(|row: ServiceRow| {
        let id = required(row.service_arn, "serviceArn")?;
        let name = required(row.service_name, "serviceName")?;
        if row.status.as_deref() == Some("INACTIVE") {
            capture.notes.lines.push(format!("service {name} is left out: it is INACTIVE"));
            return Ok(());
        }
        let tags = capture.tags_if_told(row.tags.as_ref());
        let about = About { tags, ..capture.about_own(answer, Some(name.clone()), &id) };
        // What other deployment controllers keep is in the primary task set (LBT-15).
        let primary = |row: &Deployment| row.status.as_deref() == Some("PRIMARY");
        let sets = row.task_sets.into_iter().chain(row.deployments).filter(primary);
        let mut balancers = row.load_balancers.0;
        let (mut launch, mut strategy) = (row.launch_type, row.capacity_provider_strategy.0);
        let mut configuration = row.network_configuration;
        let mut platform_version = row.platform_version;
        let mut definition = row.task_definition;
        let mut connect = None;
        for set in sets {
            // SVC-01
            if let Some(row) = set.service_connect_configuration.filter(|row| row.enabled) {
                connect = Some(service_connect(row)?);
            }
            if launch.is_none() && strategy.is_empty() {
                (launch, strategy) = (set.launch_type, set.capacity_provider_strategy.0);
            }
            configuration = configuration.or(set.network_configuration);
            platform_version = platform_version.or(set.platform_version);
            definition = definition.or(set.task_definition);
            if balancers.is_empty() {
                balancers = set.load_balancers.0;
            }
        }
        let configuration = configuration.and_then(|it| it.awsvpc_configuration);
        let configuration = configuration.unwrap_or_default();
        let mut targets = Vec::new();
        for balancer in balancers {
            targets.extend(service_targets(capture, &name, balancer)?);
        }
        let providers = strategy.into_iter();
        let provider = providers.filter_map(|it| optional(it.capacity_provider)).next();
        let launch_type = launch_type(launch.as_deref(), provider.as_deref());
        capture.network.insert(Service {
            cluster: optional(row.cluster_arn).map(|arn| last_part(&arn)),
            capacity_provider: provider,
            subnets: configuration.subnets.into_iter().map(Into::into).collect(),
            groups: configuration.security_groups.into_iter().map(Into::into).collect(),
            // PLC-03
            assign_public_ip: configuration.assign_public_ip.as_deref() == Some("ENABLED"),
            platform_version: optional(platform_version),
            task_definition: optional(definition).map(Into::into),
            targets,
            desired_count: row.desired_count,
            maximum_percent: row.deployment_configuration.and_then(|it| it.maximum_percent),
            grace_seconds: row.health_check_grace_period_seconds,
            execute_command: row.enable_execute_command,
            service_connect: connect,
            ..Service::new(id.into(), about, launch_type)
        });
        Ok(())
    })
}

/// LBT-15: a blue/green service has two target groups.
fn service_targets(
    capture: &mut Capture,
    service: &str,
    row: BalancerRow,
) -> Result<Option<ServiceTarget>, Fault> {
    let Some(group) = optional(row.target_group_arn) else {
        capture.notes.lines.push(format!(
            "service {service} is registered with a classic load balancer, which is not modelled"
        ));
        return Ok(None);
    };
    let port = row.container_port.map(|number| port(number, "containerPort")).transpose()?;
    let alternate = row.advanced_configuration.and_then(|it| it.alternate_target_group_arn);
    Ok(Some(ServiceTarget {
        target_group: group.into(),
        container: optional(row.container_name),
        port,
        alternate: optional(alternate).map(Into::into),
    }))
}

fn service_connect(row: ServiceConnectRow) -> Result<ServiceConnect, Fault> {
    let service = |row: ServiceConnectServiceRow| {
        let ingress = row.ingress_port_override.filter(|&number| number != 0);
        Ok(ServiceConnectService {
            port_name: required(row.port_name, "serviceConnectConfiguration.services[].portName")?,
            ingress_port: ingress.map(|it| port(it, "ingressPortOverride")).transpose()?,
        })
    };
    let services = row.services.into_iter().map(service).collect::<Result<_, _>>()?;
    Ok(ServiceConnect { services })
}

/// `app` of `arn:aws:ecs:us-east-1:111122223333:cluster/app`.
pub(super) fn last_part(arn: &str) -> String {
    let last = arn.rsplit('/').next().filter(|_| arn.starts_with("arn:"));
    last.unwrap_or(arn).to_owned()
}

/// INP-01: a strategy of Fargate providers is Fargate; of what kind another provider is, only its
/// own description tells.
fn launch_type(stated: Option<&str>, provider: Option<&str>) -> LaunchType {
    match (stated, provider) {
        (Some(stated), _) => stated_launch_type(stated),
        (None, Some("FARGATE" | "FARGATE_SPOT")) => LaunchType::Fargate,
        (None, Some(provider)) => LaunchType::Other(format!("capacity provider {provider}")),
        (None, None) => LaunchType::Other("not stated".to_owned()),
    }
}

fn stated_launch_type(text: &str) -> LaunchType {
    match text {
        "FARGATE" => LaunchType::Fargate,
        "EC2" => LaunchType::Ec2,
        "EXTERNAL" => LaunchType::External,
        "MANAGED_INSTANCES" => LaunchType::ManagedInstances,
        other => LaunchType::Other(other.to_owned()),
    }
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct TaskRow<'d> {
    #[serde(borrow)]
    task_arn: Option<Text<'d>>,
    group: Option<String>,
    #[serde(borrow)]
    cluster_arn: Option<Text<'d>>,
    #[serde(borrow)]
    container_instance_arn: Option<Text<'d>>,
    last_status: Option<String>,
    #[serde(borrow)]
    launch_type: Option<Text<'d>>,
    #[serde(borrow)]
    platform_family: Option<Text<'d>>,
    #[serde(borrow)]
    task_definition_arn: Option<Text<'d>>,
    #[serde(borrow)]
    attachments: List<Attachment<'d>>,
    stop_code: Option<String>,
    stopped_reason: Option<String>,
    containers: List<ContainerRow>,
    tags: Option<List<Tag>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ContainerRow {
    name: Option<String>,
    exit_code: Option<i32>,
    reason: Option<String>,
    health_status: Option<String>,
    network_bindings: List<BindingRow>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct BindingRow {
    container_port: Option<i64>,
    host_port: Option<i64>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Attachment<'d> {
    #[serde(borrow)]
    r#type: Option<Text<'d>>,
    #[serde(borrow)]
    status: Option<Text<'d>>,
    #[serde(borrow)]
    details: List<Detail<'d>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Detail<'d> {
    #[serde(borrow)]
    name: Option<Text<'d>>,
    #[serde(borrow)]
    value: Option<Text<'d>>,
}

pub(super) fn tasks(capture: &mut Capture, answer: &Answer<'_>) -> Result<(), ReadError> {
    answer.each::<TaskRow<'_>>(|row| {
        let id = required(row.task_arn, "taskArn")?;
        let tags = capture.tags_if_told(row.tags.as_ref());
        let about = About { tags, ..capture.about_own(answer, None, &id) };
        let id = TaskId::from(&*id);
        let last_status = row.last_status.unwrap_or_default();
        // PLC-07: the interface of a stopped task is gone.
        let (mut interfaces, mut subnet) = (Vec::new(), None);
        for attachment in row.attachments {
            let gone = last_status == "STOPPED" || attachment.status.as_deref() == Some("DELETED");
            // PLC-06
            if attachment.r#type.as_deref() != Some("ElasticNetworkInterface") {
                continue;
            }
            for detail in attachment.details {
                match (detail.name.as_deref(), optional(detail.value)) {
                    (Some("networkInterfaceId"), Some(id)) if !gone => {
                        interfaces.push(NetworkInterfaceId::from(&*id));
                    }
                    (Some("subnetId"), Some(id)) => {
                        subnet = Some(capture.scopes.word(&id).into());
                    }
                    _ => {}
                }
            }
        }
        let containers = row.containers.into_iter().map(container).collect::<Result<_, _>>()?;
        let fargate = row.launch_type.as_deref() == Some("FARGATE");
        let system = row.platform_family.as_deref().and_then(operating_system);
        if let Some(system) = system.or(fargate.then_some(OperatingSystem::Linux)) {
            capture.tasks.systems.insert(id.clone(), system);
        }
        let definition = optional(row.task_definition_arn);
        let definition = definition.map(|arn| capture.scopes.word(&arn).into());
        let host = optional(row.container_instance_arn);
        let host = host.map(|arn| capture.scopes.word(&arn).into());
        capture.network.insert(Task {
            group: optional(row.group),
            last_status,
            task_definition: definition,
            cluster: optional(row.cluster_arn).map(|arn| last_part(&arn)),
            launch_type: row.launch_type.as_deref().map(stated_launch_type),
            interfaces,
            subnet,
            container_instance: host,
            stop_code: optional(row.stop_code),
            stopped_reason: optional(row.stopped_reason),
            containers,
            ..Task::new(id, about)
        });
        Ok(())
    })
}

fn container(row: ContainerRow) -> Result<TaskContainer, Fault> {
    let mut bindings = Vec::new();
    for binding in row.network_bindings {
        // PLC-17: a range has no ports of its own here.
        let (Some(container), Some(host)) = (binding.container_port, binding.host_port) else {
            continue;
        };
        bindings.push(NetworkBinding {
            container_port: port(container, "containerPort")?,
            host_port: port(host, "hostPort")?,
        });
    }
    Ok(TaskContainer {
        name: row.name.unwrap_or_default(),
        exit_code: row.exit_code,
        reason: optional(row.reason),
        health_status: optional(row.health_status),
        bindings,
    })
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct FailureRow {
    arn: Option<String>,
    reason: Option<String>,
}

/// What ECS was asked for and did not describe.
pub(super) fn failures(capture: &mut Capture, answer: &Answer<'_>) -> Result<(), ReadError> {
    answer.each(|row: FailureRow| {
        capture.notes.lines.push(format!(
            "ECS did not describe {}: {}",
            row.arn.as_deref().unwrap_or("something"),
            row.reason.as_deref().unwrap_or("it gives no reason")
        ));
        Ok(())
    })
}
