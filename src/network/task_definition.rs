//! ECS task definitions and their containers.

use super::about::resource;
use super::{About, At, Kind, Socket, TaskDefinitionId};
use std::collections::BTreeMap;
use std::fmt;

/// A task definition's `networkMode`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NetworkMode {
    /// The task has an interface of its own.
    Awsvpc,
    /// Docker's bridge, or on Windows its NAT (`default`): ports are published on the instance.
    Bridge,
    /// The instance's own network.
    Host,
    /// No network at all.
    None,
    /// A mode that is not modelled.
    Other(String),
}

impl fmt::Display for NetworkMode {
    /// As AWS words it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Awsvpc => "awsvpc",
            Self::Bridge => "bridge",
            Self::Host => "host",
            Self::None => "none",
            Self::Other(mode) => mode,
        })
    }
}

/// The operating system of a task or host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OperatingSystem {
    /// Linux.
    Linux,
    /// Windows Server 2008 and later.
    Windows,
}

/// An ECS task definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskDefinition {
    /// Its ARN.
    pub id: TaskDefinitionId,
    /// Its name, owner and origin.
    pub about: About,
    /// How its containers are connected.
    pub network_mode: NetworkMode,
    /// The operating system it asks for.
    pub operating_system: Option<OperatingSystem>,
    /// `runtimePlatform.cpuArchitecture`, as AWS words it.
    pub cpu_architecture: Option<String>,
    /// `cpu` in units of 1/1024 of a vCPU, where stated.
    pub cpu: Option<u32>,
    /// `memory` in MiB, where stated.
    pub memory: Option<u32>,
    /// `executionRoleArn`, where it has one (TSK-14).
    pub execution_role: Option<String>,
    /// `taskRoleArn`, where it has one.
    pub task_role: Option<String>,
    /// Its containers.
    pub containers: Vec<Container>,
    /// Its volumes that need a network.
    pub volumes: Vec<Volume>,
    /// Its App Mesh proxy, where it has one (CTR-13).
    pub proxy: Option<Proxy>,
    /// What its tasks need to start that is not modelled, in words.
    pub not_modelled: Vec<String>,
}
resource!(TaskDefinition, Kind::TaskDefinition);

impl TaskDefinition {
    /// A task definition of which nothing is stated yet.
    #[must_use]
    pub fn new(id: TaskDefinitionId, about: About, network_mode: NetworkMode) -> Self {
        Self {
            id,
            about,
            network_mode,
            operating_system: None,
            cpu_architecture: None,
            cpu: None,
            memory: None,
            execution_role: None,
            task_role: None,
            containers: Vec::new(),
            volumes: Vec::new(),
            proxy: None,
            not_modelled: Vec::new(),
        }
    }
}

/// A container of a task definition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Container {
    /// Its name.
    pub name: String,
    /// Its image reference.
    pub image: Option<String>,
    /// `essential` is `false`: the task lives on without it.
    pub optional: bool,
    /// Its `portMappings`.
    pub port_mappings: Vec<PortMapping>,
    /// What it listens on; `None` when nothing states it.
    pub listens: Option<Vec<Socket>>,
    /// `command`, which replaces the image's; `None` when the image's own runs.
    pub command: Option<Vec<String>>,
    /// `entryPoint`, which replaces the image's and discards the image's command (EVD-10).
    pub entry_point: Option<Vec<String>>,
    /// `environment` and the names of `secrets`; `None` for a value that is not known.
    pub environment: BTreeMap<String, Option<String>>,
    /// `user`, as AWS words it (CTR-18).
    pub user: Option<String>,
    /// Its container health check, where the task definition has one (CTR-15).
    pub health_check: Option<ContainerHealthCheck>,
    /// The containers that it waits for, with the condition: `HEALTHY` (CTR-20).
    pub depends_on: Vec<(String, String)>,
    /// The `valueFrom` of its secrets and of its log driver's: ARNs, or names of SSM parameters.
    pub secrets: Vec<String>,
    /// The secret that its private registry asks for: an ARN, or a name in Secrets Manager.
    pub repository_credentials: Option<String>,
    /// The ARNs of its environment files in S3.
    pub environment_files: Vec<String>,
    /// Its `logConfiguration`, where one is stated.
    pub log: Option<LogConfiguration>,
    /// Its `firelensConfiguration`: it routes the logs of the others (LOG-07).
    pub firelens: Option<Firelens>,
    /// Where it was stated.
    pub at: Option<At>,
}

impl Container {
    /// The container ports of its mappings; of a range, every one.
    pub fn ports(&self) -> impl Iterator<Item = u16> + '_ {
        self.port_mappings.iter().flat_map(|one| one.container_port..=one.last_port)
    }
}

/// One of a container's `portMappings`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortMapping {
    /// Its name, which Service Connect refers to.
    pub name: Option<String>,
    /// The container's port, or the first of its range.
    pub container_port: u16,
    /// The last of a `containerPortRange`; else the port itself (PLC-17).
    pub last_port: u16,
    /// `hostPort`; 0 and `None` are an automatic one where the mode publishes ports (PLC-11).
    pub host_port: Option<u16>,
    /// Whether it is UDP.
    pub udp: bool,
}

impl PortMapping {
    /// A TCP port without a host port of its own.
    #[must_use]
    pub fn tcp(port: u16) -> Self {
        Self { name: None, container_port: port, last_port: port, host_port: None, udp: false }
    }
}

/// A container's `healthCheck`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContainerHealthCheck {
    /// Its command, as AWS words it: `CMD-SHELL`, then the words.
    pub command: Vec<String>,
    /// `startPeriod` in seconds, where stated.
    pub start_period: Option<u32>,
}

/// A container's `logConfiguration`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogConfiguration {
    /// `logDriver`, as AWS words it.
    pub driver: String,
    /// Its options: `awslogs-region`, `mode`, `splunk-url`, …
    pub options: BTreeMap<String, String>,
}

/// A container's `firelensConfiguration`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Firelens {
    /// `options`: `config-file-type`, `config-file-value`.
    pub options: BTreeMap<String, String>,
}

/// A task definition's volume that needs a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Volume {
    /// Its name.
    pub name: String,
    /// What it is.
    pub source: VolumeSource,
}

/// What a volume is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VolumeSource {
    /// `efsVolumeConfiguration` (VOL-01).
    Efs {
        /// `fs-…`
        file_system: String,
    },
    /// `fsxWindowsFileServerVolumeConfiguration` (VOL-02).
    FsxWindows {
        /// `fs-…`
        file_system: String,
        /// The secret or parameter with its credentials, where stated.
        credentials: Option<String>,
    },
    /// `dockerVolumeConfiguration` with a driver that may need a network (TSK-04).
    Docker {
        /// Its driver.
        driver: String,
        /// Its driver's options.
        options: BTreeMap<String, String>,
    },
}

/// A task definition's `proxyConfiguration`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxy {
    /// Its type, as AWS words it: `APPMESH`.
    pub proxy_type: String,
    /// `containerName`.
    pub container: String,
    /// `AppPorts`: connections to them go to the proxy (CTR-13).
    pub app_ports: Vec<u16>,
    /// `ProxyIngressPort`.
    pub ingress_port: Option<u16>,
}
