//! ECS task definitions.

use super::answer::Answer;
use super::field::{Fault, List, optional, port, required};
use super::{Capture, ReadError};
use crate::network::{
    Container, ContainerHealthCheck, Firelens, LogConfiguration, NetworkMode, OperatingSystem,
    PortMapping, Proxy, TaskDefinition, Volume, VolumeSource,
};
use serde::Deserialize;
use std::collections::BTreeMap;

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
    cpu: Option<String>,
    memory: Option<String>,
    execution_role_arn: Option<String>,
    task_role_arn: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct RuntimePlatform {
    operating_system_family: Option<String>,
    cpu_architecture: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ContainerRow {
    name: Option<String>,
    image: Option<String>,
    essential: Option<bool>,
    command: Option<Vec<String>>,
    entry_point: Option<Vec<String>>,
    environment: List<NamedValue>,
    user: Option<String>,
    health_check: Option<HealthCheckRow>,
    depends_on: List<DependencyRow>,
    firelens_configuration: Option<FirelensRow>,
    port_mappings: List<PortMappingRow>,
    secrets: List<SecretRow>,
    repository_credentials: Option<RepositoryCredentials>,
    environment_files: List<EnvironmentFile>,
    log_configuration: Option<LogRow>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct NamedValue {
    name: Option<String>,
    value: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct HealthCheckRow {
    command: List<String>,
    start_period: Option<u32>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct DependencyRow {
    container_name: Option<String>,
    condition: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct FirelensRow {
    options: Option<BTreeMap<String, String>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct SecretRow {
    name: Option<String>,
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
struct LogRow {
    log_driver: Option<String>,
    options: Option<BTreeMap<String, String>>,
    secret_options: List<SecretRow>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct VolumeRow {
    name: Option<String>,
    efs_volume_configuration: Option<EfsVolume>,
    fsx_windows_file_server_volume_configuration: Option<FsxVolume>,
    docker_volume_configuration: Option<DockerVolume>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct FsxVolume {
    file_system_id: Option<String>,
    authorization_config: Option<FsxAuthorization>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct FsxAuthorization {
    credentials_parameter: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct DockerVolume {
    driver: Option<String>,
    driver_opts: Option<BTreeMap<String, String>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct EfsVolume {
    file_system_id: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ProxyConfiguration {
    r#type: Option<String>,
    container_name: Option<String>,
    properties: List<NamedValue>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct PortMappingRow {
    name: Option<String>,
    container_port: Option<i64>,
    container_port_range: Option<String>,
    host_port: Option<i64>,
    protocol: Option<String>,
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
            None | Some("bridge" | "default") => NetworkMode::Bridge,
            Some("host") => NetworkMode::Host,
            Some("none") => NetworkMode::None,
            Some(other) => NetworkMode::Other(other.to_owned()),
        };
        let platform = row.runtime_platform.unwrap_or_default();
        let containers = row.container_definitions.into_iter();
        let containers = containers
            .map(|row| Ok(Container { at: Some(at.clone()), ..container(row)? }))
            .collect::<Result<Vec<_>, Fault>>()?;
        let volumes = row.volumes.into_iter().map(volume);
        // CTR-13
        let proxy = row.proxy_configuration.map(proxy).transpose()?;
        capture.network.insert(TaskDefinition {
            operating_system: platform
                .operating_system_family
                .as_deref()
                .and_then(operating_system),
            cpu_architecture: optional(platform.cpu_architecture),
            // AWS answers in units and MiB, however they were written.
            cpu: row.cpu.and_then(|text| text.trim().parse().ok()),
            memory: row.memory.and_then(|text| text.trim().parse().ok()),
            execution_role: optional(row.execution_role_arn),
            task_role: optional(row.task_role_arn),
            containers,
            volumes: volumes.collect::<Result<Vec<_>, Fault>>()?.into_iter().flatten().collect(),
            proxy,
            ..TaskDefinition::new(id.into(), about, network_mode)
        });
        Ok(())
    })
}

fn container(row: ContainerRow) -> Result<Container, Fault> {
    let log = row.log_configuration.unwrap_or_default();
    let log_secrets = log.secret_options.into_iter();
    let mut environment: BTreeMap<String, Option<String>> = BTreeMap::new();
    for one in row.environment {
        environment.extend(optional(one.name).map(|name| (name, one.value)));
    }
    let mut secrets = Vec::new();
    for secret in row.secrets {
        environment.extend(optional(secret.name).map(|name| (name, None)));
        secrets.extend(optional(secret.value_from));
    }
    secrets.extend(log_secrets.filter_map(|secret| optional(secret.value_from)));
    let credentials = row.repository_credentials.and_then(|it| it.credentials_parameter);
    let files = row.environment_files.into_iter();
    let dependencies = row.depends_on.into_iter();
    Ok(Container {
        name: required(row.name, "containerDefinitions[].name")?,
        image: optional(row.image),
        optional: row.essential == Some(false),
        port_mappings: row
            .port_mappings
            .into_iter()
            .map(port_mapping)
            .collect::<Result<Vec<_>, Fault>>()?
            .into_iter()
            .flatten()
            .collect(),
        listens: None,
        command: row.command,
        entry_point: row.entry_point,
        environment,
        user: optional(row.user),
        health_check: row.health_check.map(|check| ContainerHealthCheck {
            command: check.command.0,
            start_period: check.start_period,
        }),
        depends_on: dependencies
            .filter_map(|it| Some((it.container_name?, it.condition.unwrap_or_default())))
            .collect(),
        secrets,
        repository_credentials: optional(credentials),
        environment_files: files.filter_map(|file| optional(file.value)).collect(),
        log: optional(log.log_driver)
            .map(|driver| LogConfiguration { driver, options: log.options.unwrap_or_default() }),
        firelens: row
            .firelens_configuration
            .map(|it| Firelens { options: it.options.unwrap_or_default() }),
        at: None,
    })
}

/// PLC-17: a port, or a range of them.
fn port_mapping(row: PortMappingRow) -> Result<Vec<PortMapping>, Fault> {
    let of = |first: u16, last: u16, host_port: Option<u16>| PortMapping {
        name: optional(row.name.clone()),
        container_port: first,
        last_port: last,
        host_port,
        udp: row.protocol.as_deref() == Some("udp"),
    };
    let mut mappings = Vec::new();
    if let Some(number) = row.container_port {
        let number = port(number, "containerPort")?;
        let host = row.host_port.map(|it| port(it, "hostPort")).transpose()?;
        mappings.push(of(number, number, host));
    }
    if let Some(text) = &row.container_port_range {
        let range = text.split_once('-');
        let range = range.and_then(|(low, high)| Some((low.parse().ok()?, high.parse().ok()?)));
        let (low, high): (u16, u16) = range.filter(|(low, high)| low <= high).ok_or_else(|| {
            Fault(format!("has `containerPortRange` {text:?}, which is no range of ports"))
        })?;
        mappings.push(of(low, high, None));
    }
    Ok(mappings)
}

fn volume(row: VolumeRow) -> Result<Option<Volume>, Fault> {
    let source = if let Some(efs) = row.efs_volume_configuration {
        let file_system = required(efs.file_system_id, "efsVolumeConfiguration.fileSystemId")?;
        VolumeSource::Efs { file_system }
    } else if let Some(fsx) = row.fsx_windows_file_server_volume_configuration {
        let field = "fsxWindowsFileServerVolumeConfiguration.fileSystemId";
        let authorization = fsx.authorization_config.unwrap_or_default();
        VolumeSource::FsxWindows {
            file_system: required(fsx.file_system_id, field)?,
            credentials: optional(authorization.credentials_parameter),
        }
    } else if let Some(docker) = row.docker_volume_configuration {
        VolumeSource::Docker {
            driver: docker.driver.unwrap_or_else(|| "local".to_owned()),
            options: docker.driver_opts.unwrap_or_default(),
        }
    } else {
        return Ok(None);
    };
    Ok(Some(Volume { name: row.name.unwrap_or_default(), source }))
}

fn proxy(row: ProxyConfiguration) -> Result<Proxy, Fault> {
    let mut properties: BTreeMap<String, String> = BTreeMap::new();
    for one in row.properties {
        properties.extend(one.name.zip(one.value));
    }
    let number = |name: &str, text: &str| {
        let number = text.trim().parse();
        number.map_err(|_| Fault(format!("has `{name}` {text:?}, which is no port")))
    };
    let ports = properties.get("AppPorts").map(String::as_str).unwrap_or_default();
    let ports = ports.split(',').filter(|text| !text.trim().is_empty());
    let ingress = properties.get("ProxyIngressPort").filter(|text| !text.is_empty());
    Ok(Proxy {
        proxy_type: row.r#type.unwrap_or_else(|| "APPMESH".to_owned()),
        container: row.container_name.unwrap_or_default(),
        app_ports: ports.map(|text| number("AppPorts", text)).collect::<Result<_, _>>()?,
        ingress_port: ingress.map(|text| number("ProxyIngressPort", text)).transpose()?,
    })
}
