//! ECS services and tasks.

use super::answer::Answer;
use super::definitions::operating_system;
use super::field::{Fault, List, optional, port, required};
use super::{Capture, ReadError};
use crate::network::{LaunchType, OperatingSystem, Service, ServiceTarget, Task, TaskId};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The systems of tasks, as the tasks say themselves.
#[derive(Default)]
pub(super) struct Loose {
    systems: BTreeMap<TaskId, OperatingSystem>,
}

impl Loose {
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
    #[serde(flatten)]
    running: Running,
    load_balancers: List<BalancerRow>,
    deployments: List<Deployment>,
    task_sets: List<Deployment>,
}

/// What a service, its deployments and its task sets all have.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Running {
    launch_type: Option<String>,
    capacity_provider_strategy: List<Strategy>,
    network_configuration: Option<NetworkConfiguration>,
    platform_version: Option<String>,
    task_definition: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Deployment {
    status: Option<String>,
    #[serde(flatten)]
    running: Running,
    load_balancers: List<BalancerRow>,
    service_connect_configuration: Option<ServiceConnect>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ServiceConnect {
    enabled: bool,
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
        let about = capture.about_own(answer, Some(name.clone()), &id);
        // What other deployment controllers keep is in the primary task set (LBT-15).
        let primary = |row: &Deployment| row.status.as_deref() == Some("PRIMARY");
        let sets = row.task_sets.into_iter().chain(row.deployments).filter(primary);
        let (mut running, mut balancers) = (row.running, row.load_balancers.0);
        for set in sets {
            // SVC-01
            if set.service_connect_configuration.is_some_and(|it| it.enabled) {
                capture.notes.lines.push(format!(
                    "service {name} uses Service Connect, whose own connections are not modelled"
                ));
            }
            let Running { launch_type, capacity_provider_strategy, .. } = &running;
            if launch_type.is_none() && capacity_provider_strategy.0.is_empty() {
                running.launch_type = set.running.launch_type;
                running.capacity_provider_strategy = set.running.capacity_provider_strategy;
            }
            let configuration = running.network_configuration.take();
            running.network_configuration = configuration.or(set.running.network_configuration);
            let version = running.platform_version.take();
            running.platform_version = version.or(set.running.platform_version);
            let definition = running.task_definition.take();
            running.task_definition = definition.or(set.running.task_definition);
            if balancers.is_empty() {
                balancers = set.load_balancers.0;
            }
        }
        let configuration = running.network_configuration.and_then(|it| it.awsvpc_configuration);
        let configuration = configuration.unwrap_or_default();
        let mut targets = Vec::new();
        for balancer in balancers {
            targets.extend(service_targets(capture, &name, balancer)?);
        }
        capture.network.insert(Service {
            id: id.into(),
            about,
            launch_type: launch_type(running.launch_type, &running.capacity_provider_strategy),
            subnets: configuration.subnets.into_iter().map(Into::into).collect(),
            groups: configuration.security_groups.into_iter().map(Into::into).collect(),
            // PLC-03
            assign_public_ip: configuration.assign_public_ip.as_deref() == Some("ENABLED"),
            platform_version: optional(running.platform_version),
            task_definition: optional(running.task_definition).map(Into::into),
            targets,
            observed: None,
        });
        Ok(())
    })
}

/// LBT-15: a blue/green service has two target groups.
fn service_targets(
    capture: &mut Capture,
    service: &str,
    row: BalancerRow,
) -> Result<Vec<ServiceTarget>, Fault> {
    let Some(group) = optional(row.target_group_arn) else {
        capture.notes.lines.push(format!(
            "service {service} is registered with a classic load balancer, which is not modelled"
        ));
        return Ok(Vec::new());
    };
    let port = row.container_port.map(|number| port(number, "containerPort")).transpose()?;
    let container = optional(row.container_name);
    let alternate = row.advanced_configuration.and_then(|it| it.alternate_target_group_arn);
    let groups = std::iter::once(group).chain(optional(alternate));
    let target = |group: String| ServiceTarget {
        target_group: group.into(),
        container: container.clone(),
        port,
    };
    Ok(groups.map(target).collect())
}

/// INP-01: a strategy of Fargate providers is Fargate; of what kind another provider is, only its
/// own description tells.
fn launch_type(stated: Option<String>, strategy: &List<Strategy>) -> LaunchType {
    let mut providers = strategy.0.iter().filter_map(|it| it.capacity_provider.as_deref());
    match (stated.as_deref(), providers.next()) {
        (Some("FARGATE"), _) => LaunchType::Fargate,
        (Some("EC2"), _) => LaunchType::Ec2,
        (Some("EXTERNAL"), _) => LaunchType::External,
        (Some(other), _) => LaunchType::Other(other.to_owned()),
        (None, Some("FARGATE" | "FARGATE_SPOT")) => LaunchType::Fargate,
        (None, Some(provider)) => LaunchType::Other(format!("capacity provider {provider}")),
        (None, None) => LaunchType::Other("not stated".to_owned()),
    }
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct TaskRow {
    task_arn: Option<String>,
    group: Option<String>,
    last_status: Option<String>,
    launch_type: Option<String>,
    platform_family: Option<String>,
    task_definition_arn: Option<String>,
    attachments: List<Attachment>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Attachment {
    r#type: Option<String>,
    status: Option<String>,
    details: List<Detail>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Detail {
    name: Option<String>,
    value: Option<String>,
}

pub(super) fn tasks(capture: &mut Capture, answer: &Answer<'_>) -> Result<(), ReadError> {
    answer.each(|row: TaskRow| {
        let id = required(row.task_arn, "taskArn")?;
        let about = capture.about_own(answer, None, &id);
        let id = TaskId::from(id);
        let last_status = row.last_status.unwrap_or_default();
        // PLC-07: the interface of a stopped task is gone.
        let mut interfaces = Vec::new();
        for attachment in row.attachments {
            let gone = last_status == "STOPPED" || attachment.status.as_deref() == Some("DELETED");
            // PLC-06
            if attachment.r#type.as_deref() == Some("ElasticNetworkInterface") && !gone {
                let named = |detail: &Detail| detail.name.as_deref() == Some("networkInterfaceId");
                let ids = attachment.details.into_iter().filter(named);
                interfaces.extend(ids.filter_map(|it| optional(it.value)).map(Into::into));
            }
        }
        let fargate = row.launch_type.as_deref() == Some("FARGATE");
        let system = row.platform_family.as_deref().and_then(operating_system);
        if let Some(system) = system.or(fargate.then_some(OperatingSystem::Linux)) {
            capture.tasks.systems.insert(id.clone(), system);
        }
        capture.network.insert(Task {
            id,
            about,
            group: optional(row.group),
            last_status,
            task_definition: optional(row.task_definition_arn).map(Into::into),
            interfaces,
            observed: None,
        });
        Ok(())
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
