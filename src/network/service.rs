//! ECS services.

use super::about::resource;
use super::{
    About, At, Kind, Listening, Network, Resource, SecurityGroupId, ServiceId, SubnetId,
    TargetGroupId, Task, TaskDefinitionId,
};
use std::collections::BTreeSet;

/// Where ECS runs a task.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LaunchType {
    /// AWS Fargate.
    Fargate,
    /// EC2 instances.
    Ec2,
    /// Instances that ECS manages.
    ManagedInstances,
    /// Hosts outside AWS (ECS Anywhere).
    External,
    /// Not stated, or stated in a way that is not modelled.
    Other(String),
}

/// An ECS service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its ARN.
    pub id: ServiceId,
    /// Its name, owner and origin.
    pub about: About,
    /// The name of its cluster, where known.
    pub cluster: Option<String>,
    /// Where its tasks run.
    pub launch_type: LaunchType,
    /// The name of the capacity provider that its tasks run on, where its strategy names one.
    pub capacity_provider: Option<String>,
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
    /// `desiredCount`, where known.
    pub desired_count: Option<u32>,
    /// `deploymentConfiguration.maximumPercent`, where known.
    pub maximum_percent: Option<u32>,
    /// `healthCheckGracePeriodSeconds`, where known.
    pub grace_seconds: Option<u32>,
    /// `enableExecuteCommand` (EXE-01).
    pub execute_command: bool,
    /// Its part in Service Connect, where it has one (SVC-01).
    pub service_connect: Option<ServiceConnect>,
    /// What its application needs, as a person stated it.
    pub needs: Vec<StatedNeed>,
    /// What was seen to listen in one of its tasks.
    pub observed: Option<Listening>,
}
resource!(Service, Kind::Service);

impl Service {
    /// A service of which nothing is stated yet.
    #[must_use]
    pub fn new(id: ServiceId, about: About, launch_type: LaunchType) -> Self {
        Self {
            id,
            about,
            cluster: None,
            launch_type,
            capacity_provider: None,
            subnets: Vec::new(),
            groups: BTreeSet::new(),
            assign_public_ip: false,
            platform_version: None,
            task_definition: None,
            targets: Vec::new(),
            desired_count: None,
            maximum_percent: None,
            grace_seconds: None,
            execute_command: false,
            service_connect: None,
            needs: Vec::new(),
            observed: None,
        }
    }

    /// The `group` of its tasks.
    #[must_use]
    pub fn task_group(&self) -> String {
        format!("service:{}", self.label())
    }

    /// Whether it started a task: `group` names a service of the task's own cluster, and clusters of
    /// other accounts and Regions may have one of the same name.
    #[must_use]
    pub fn started(&self, task: &Task) -> bool {
        fn alike(one: Option<&str>, other: Option<&str>) -> bool {
            one.zip(other).is_none_or(|(one, other)| one == other)
        }
        let (own, its) = (&self.about.scope, &task.about.scope);
        task.group.as_deref() == Some(self.task_group().as_str())
            && alike(self.cluster.as_deref(), task.cluster.as_deref())
            && alike(own.account.as_deref(), its.account.as_deref())
            && alike(own.region.as_deref(), its.region.as_deref())
    }
}

impl Network {
    /// The tasks that a service started, in the order of their ids.
    pub fn tasks_of<'n>(&'n self, service: &Service) -> impl Iterator<Item = &'n Task> {
        self.tasks.referring_to(&service.task_group()).filter(|task| service.started(task))
    }

    /// The service that started a task.
    #[must_use]
    pub fn service_of(&self, task: &Task) -> Option<&Service> {
        let mut called = self.services.referring_to(task.group.as_deref()?);
        called.find(|service| service.started(task))
    }
}

/// One of a service's `loadBalancers`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceTarget {
    /// The target group.
    pub target_group: TargetGroupId,
    /// The container whose port is registered.
    pub container: Option<String>,
    /// The container's port (LBT-05).
    pub port: Option<u16>,
    /// The group that a deployment swaps it with, which may be idle (LBT-15).
    pub alternate: Option<TargetGroupId>,
}

/// A service's `serviceConnectConfiguration`, enabled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceConnect {
    /// What it offers to others; a service that offers nothing is a client only.
    pub services: Vec<ServiceConnectService>,
}

/// One of the `services` of a `serviceConnectConfiguration`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceConnectService {
    /// `portName`: the name of a port mapping.
    pub port_name: String,
    /// `ingressPortOverride`: the proxy listens there, and the container's own port is not
    /// redirected (CTR-12).
    pub ingress_port: Option<u16>,
}

/// A need that a person stated: `db:5432`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatedNeed {
    /// The place, as a query's destination.
    pub place: String,
    /// Where it was stated.
    pub at: Option<At>,
}
