//! ECS tasks.

use super::about::resource;
use super::{
    About, ContainerInstanceId, Kind, LaunchType, Listening, NetworkInterfaceId, SubnetId,
    TaskDefinitionId, TaskId,
};

/// An ECS task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// Its ARN.
    pub id: TaskId,
    /// Its name, owner and origin.
    pub about: About,
    /// `group`: `service:web` for a service's task.
    pub group: Option<String>,
    /// The name of its cluster, where known.
    pub cluster: Option<String>,
    /// Where it runs, where known.
    pub launch_type: Option<LaunchType>,
    /// `lastStatus`, as AWS words it.
    pub last_status: String,
    /// The task definition it was started from.
    pub task_definition: Option<TaskDefinitionId>,
    /// The interfaces attached to it (PLC-06).
    pub interfaces: Vec<NetworkInterfaceId>,
    /// The subnet that its attachment names; of a stopped task, the only trace (PLC-07).
    pub subnet: Option<SubnetId>,
    /// The container instance it runs on (PLC-10).
    pub container_instance: Option<ContainerInstanceId>,
    /// `stopCode`, as AWS words it.
    pub stop_code: Option<String>,
    /// `stoppedReason`, as AWS words it.
    pub stopped_reason: Option<String>,
    /// Its containers, as they run.
    pub containers: Vec<TaskContainer>,
    /// What was seen to listen in it.
    pub observed: Option<Listening>,
}
resource!(Task, Kind::Task);

impl Task {
    /// A task of which nothing is stated yet.
    #[must_use]
    pub fn new(id: TaskId, about: About) -> Self {
        Self {
            id,
            about,
            group: None,
            cluster: None,
            launch_type: None,
            last_status: String::new(),
            task_definition: None,
            interfaces: Vec::new(),
            subnet: None,
            container_instance: None,
            stop_code: None,
            stopped_reason: None,
            containers: Vec::new(),
            observed: None,
        }
    }
}

/// One of a task's `containers`, as it runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskContainer {
    /// Its name.
    pub name: String,
    /// `exitCode`; `None` while it runs, and when it never started.
    pub exit_code: Option<i32>,
    /// `reason`, as AWS words it.
    pub reason: Option<String>,
    /// `healthStatus`, as AWS words it: `HEALTHY`, `UNHEALTHY`, `UNKNOWN`.
    pub health_status: Option<String>,
    /// `networkBindings`: where its ports are published on the instance (PLC-11).
    pub bindings: Vec<NetworkBinding>,
}

/// One of a container's `networkBindings`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NetworkBinding {
    /// The container's port.
    pub container_port: u16,
    /// The instance's port.
    pub host_port: u16,
}
