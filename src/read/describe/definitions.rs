//! ECS task definitions.

use super::answer::Answer;
use super::field::{Fault, List, optional, port, required};
use super::{Capture, ReadError};
use crate::network::{Container, NetworkMode, OperatingSystem, TaskDefinition};
use serde::Deserialize;

/// `LINUX`, `Linux`, `WINDOWS_SERVER_2022_CORE`, `Windows Server 2022 Core`.
pub(super) fn operating_system(family: &str) -> Option<OperatingSystem> {
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
