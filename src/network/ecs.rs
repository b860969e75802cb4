//! ECS services, tasks and task definitions.

use super::about::resource;
use super::{
    About, At, Kind, Listening, NetworkInterfaceId, SecurityGroupId, ServiceId, Socket, SubnetId,
    TargetGroupId, TaskDefinitionId, TaskId,
};
use std::collections::BTreeSet;

/// Where ECS runs a task.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LaunchType {
    /// AWS Fargate.
    Fargate,
    /// EC2 instances.
    Ec2,
    /// Hosts outside AWS (ECS Anywhere).
    External,
    /// Not stated, or stated in a way that is not modelled (`MANAGED_INSTANCES`).
    Other(String),
}

/// A task definition's `networkMode`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NetworkMode {
    /// The task has an interface of its own.
    Awsvpc,
    /// Any other mode: the instance's interfaces.
    Other(String),
}

/// The operating system of a task or host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OperatingSystem {
    /// Linux.
    Linux,
    /// Windows Server 2008 and later.
    Windows,
}

/// An ECS service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its ARN.
    pub id: ServiceId,
    /// Its name, owner and origin.
    pub about: About,
    /// Where its tasks run.
    pub launch_type: LaunchType,
    /// The subnets a task may be placed in (PLC-01).
    pub subnets: Vec<SubnetId>,
    /// The groups on every task; empty means the VPC's default group (PLC-02).
    pub groups: BTreeSet<SecurityGroupId>,
    /// `assignPublicIp` is `ENABLED` (PLC-03: absent is not).
    pub assign_public_ip: bool,
    /// `platformVersion`, as AWS words it; `None` for the latest.
    pub platform_version: Option<String>,
    /// The task definition it runs.
    pub task_definition: Option<TaskDefinitionId>,
    /// The target groups its tasks are registered with.
    pub targets: Vec<ServiceTarget>,
    /// What was seen to listen in one of its tasks.
    pub observed: Option<Listening>,
}
resource!(Service, Kind::Service);

/// One of a service's `loadBalancers`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceTarget {
    /// The target group.
    pub target_group: TargetGroupId,
    /// The container whose port is registered.
    pub container: Option<String>,
    /// The container's port (LBT-05).
    pub port: Option<u16>,
}

/// An ECS task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// Its ARN.
    pub id: TaskId,
    /// Its name, owner and origin.
    pub about: About,
    /// `group`: `service:web` for a service's task.
    pub group: Option<String>,
    /// `lastStatus`, as AWS words it.
    pub last_status: String,
    /// The task definition it was started from.
    pub task_definition: Option<TaskDefinitionId>,
    /// The interfaces attached to it (PLC-06).
    pub interfaces: Vec<NetworkInterfaceId>,
    /// What was seen to listen in it.
    pub observed: Option<Listening>,
}
resource!(Task, Kind::Task);

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
    /// Its containers.
    pub containers: Vec<Container>,
    /// What its tasks need to start that is not modelled, in words: `EFS file system fs-0a1b`.
    pub not_modelled: Vec<String>,
}
resource!(TaskDefinition, Kind::TaskDefinition);

/// A container of a task definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Container {
    /// Its name.
    pub name: String,
    /// Its image reference.
    pub image: Option<String>,
    /// The ports of its `portMappings`.
    pub ports: Vec<u16>,
    /// What it listens on; `None` when nothing states it.
    pub listens: Option<Vec<Socket>>,
    /// The `valueFrom` of its secrets and of its log driver's: ARNs, or names of SSM parameters.
    pub secrets: Vec<String>,
    /// The secret that its private registry asks for: an ARN, or a name in Secrets Manager.
    pub repository_credentials: Option<String>,
    /// The ARNs of its environment files in S3.
    pub environment_files: Vec<String>,
    /// Its log driver, where one is stated.
    pub log_driver: Option<String>,
    /// `awslogs-region`; `None` for the task's own.
    pub log_region: Option<String>,
    /// Where it was stated.
    pub at: Option<At>,
}
