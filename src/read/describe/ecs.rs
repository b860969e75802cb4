//! ECS services, tasks and task definitions.

use super::answer::Answer;
use super::field::{Fault, List, optional, port, required};
use super::{Capture, ReadError};
use crate::network::{
    Container, LaunchType, NetworkMode, OperatingSystem, Service, ServiceTarget, Task,
    TaskDefinition, TaskId,
};
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

/// `LINUX`, `Linux`, `WINDOWS_SERVER_2022_CORE`, `Windows Server 2022 Core`.
fn operating_system(family: &str) -> Option<OperatingSystem> {
    let family = family.to_ascii_lowercase();
    if family.starts_with("windows") {
        return Some(OperatingSystem::Windows);
    }
    (family == "linux").then_some(OperatingSystem::Linux)
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct DefinitionRow {
    task_definition_arn: Option<String>,
    family: Option<String>,
    revision: Option<u64>,
    network_mode: Option<String>,
    requires_compatibilities: List<String>,
    runtime_platform: Option<RuntimePlatform>,
    container_definitions: List<ContainerRow>,
    volumes: List<VolumeRow>,
    proxy_configuration: Option<ProxyConfiguration>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct RuntimePlatform {
    operating_system_family: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ContainerRow {
    name: Option<String>,
    image: Option<String>,
    port_mappings: List<PortMapping>,
    secrets: List<SecretRow>,
    repository_credentials: Option<RepositoryCredentials>,
    environment_files: List<EnvironmentFile>,
    log_configuration: Option<LogConfiguration>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct SecretRow {
    value_from: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct RepositoryCredentials {
    credentials_parameter: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct EnvironmentFile {
    value: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct LogConfiguration {
    log_driver: Option<String>,
    options: Option<LogOptions>,
    secret_options: List<SecretRow>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct LogOptions {
    awslogs_region: Option<String>,
    awslogs_endpoint: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct VolumeRow {
    efs_volume_configuration: Option<EfsVolume>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct EfsVolume {
    file_system_id: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ProxyConfiguration {
    r#type: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct PortMapping {
    container_port: Option<i64>,
    container_port_range: Option<String>,
}

pub(super) fn task_definitions(
    capture: &mut Capture,
    answer: &Answer<'_>,
) -> Result<(), ReadError> {
    let at = answer.at();
    answer.each(|row: DefinitionRow| {
        let id = required(row.task_definition_arn, "taskDefinitionArn")?;
        let tail = id.rsplit('/').next().map(str::to_owned);
        let name =
            row.family.zip(row.revision).map(|(family, revision)| format!("{family}:{revision}"));
        let about = capture.about_own(answer, name.or(tail), &id);
        let fargate = row.requires_compatibilities.0.iter().any(|it| it == "FARGATE");
        let network_mode = match optional(row.network_mode).as_deref() {
            Some("awsvpc") => NetworkMode::Awsvpc,
            None if fargate => NetworkMode::Awsvpc,
            other => NetworkMode::Other(other.unwrap_or("bridge").to_owned()),
        };
        let platform = row.runtime_platform.and_then(|it| it.operating_system_family);
        let mut containers = Vec::new();
        for container in row.container_definitions {
            let mut ports = Vec::new();
            for mapping in container.port_mappings {
                ports.extend(mapped_ports(&mapping)?);
            }
            let log = container.log_configuration.unwrap_or_default();
            let options = log.options.unwrap_or_default();
            let driver = optional(log.log_driver);
            let secrets = container.secrets.into_iter().chain(log.secret_options);
            let files = container.environment_files.into_iter();
            let credentials = container.repository_credentials;
            containers.push(Container {
                name: required(container.name, "containerDefinitions[].name")?,
                image: optional(container.image),
                ports,
                listens: None,
                secrets: secrets.filter_map(|secret| optional(secret.value_from)).collect(),
                repository_credentials: optional(
                    credentials.and_then(|it| it.credentials_parameter),
                ),
                environment_files: files.filter_map(|file| optional(file.value)).collect(),
                // LOG-01: an endpoint of its own is another host.
                log_driver: match (driver, optional(options.awslogs_endpoint)) {
                    (Some(driver), Some(endpoint)) => Some(format!("{driver} to {endpoint}")),
                    (driver, _) => driver,
                },
                log_region: optional(options.awslogs_region),
                at: Some(at.clone()),
            });
        }
        let efs = row.volumes.into_iter().filter_map(|volume| volume.efs_volume_configuration);
        let efs = efs.map(|it| match it.file_system_id {
            Some(id) => format!("EFS file system {id}"),
            None => "an EFS file system".to_owned(),
        });
        let proxy = row.proxy_configuration.map(|proxy| {
            format!("the {} proxy", proxy.r#type.unwrap_or_else(|| "APPMESH".to_owned()))
        });
        capture.network.insert(TaskDefinition {
            id: id.into(),
            about,
            network_mode,
            operating_system: platform.as_deref().and_then(operating_system),
            containers,
            not_modelled: efs.chain(proxy).collect(),
        });
        Ok(())
    })
}

/// PLC-17: a port, or a range of them.
fn mapped_ports(mapping: &PortMapping) -> Result<Vec<u16>, Fault> {
    let mut ports = Vec::new();
    if let Some(number) = mapping.container_port {
        ports.push(port(number, "containerPort")?);
    }
    if let Some(text) = &mapping.container_port_range {
        let range = text.split_once('-');
        let range = range.and_then(|(low, high)| Some((low.parse().ok()?, high.parse().ok()?)));
        let (low, high): (u16, u16) = range.ok_or_else(|| {
            Fault(format!("has `containerPortRange` {text:?}, which is no range of ports"))
        })?;
        ports.extend(low..=high);
    }
    Ok(ports)
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
