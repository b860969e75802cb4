//! ECS clusters, their capacity providers and their container instances.

use super::about::resource;
use super::{
    About, CapacityProviderId, ClusterId, ContainerInstanceId, InstanceId, Kind, SecurityGroupId,
    SubnetId,
};
use std::collections::BTreeSet;

/// An ECS cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// Its ARN.
    pub id: ClusterId,
    /// Its name, owner and origin.
    pub about: About,
    /// The names of the providers of `defaultCapacityProviderStrategy` (INP-01).
    pub default_providers: Vec<String>,
    /// Whether its Exec sessions are encrypted with a key of KMS (EXE-01).
    pub execute_key: bool,
    /// Whether its Exec sessions are logged to CloudWatch Logs.
    pub execute_logs: bool,
    /// Whether its Exec sessions are logged to S3.
    pub execute_bucket: bool,
}
resource!(Cluster, Kind::Cluster);

/// An ECS capacity provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CapacityProvider {
    /// Its ARN.
    pub id: CapacityProviderId,
    /// Its name, owner and origin.
    pub about: About,
    /// What provides the capacity.
    pub source: CapacitySource,
}
resource!(CapacityProvider, Kind::CapacityProvider);

/// What provides the capacity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CapacitySource {
    /// An Auto Scaling group of EC2 instances.
    AutoScalingGroup,
    /// Instances that ECS manages: where they run (TSK-06).
    ManagedInstances {
        /// The subnets of the instances.
        subnets: Vec<SubnetId>,
        /// The groups of the instances; empty means the VPC's default group.
        groups: BTreeSet<SecurityGroupId>,
    },
}

/// An instance that is registered with a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerInstance {
    /// Its ARN.
    pub id: ContainerInstanceId,
    /// Its name, owner and origin.
    pub about: About,
    /// The name of its cluster, where known.
    pub cluster: Option<String>,
    /// The EC2 instance; `None` for a host outside AWS (ECS Anywhere).
    pub instance: Option<InstanceId>,
    /// The name of the capacity provider that it belongs to, where it does.
    pub capacity_provider: Option<String>,
    /// `agentConnected`, where captured.
    pub agent_connected: Option<bool>,
    /// The port range of `ECS_DYNAMIC_HOST_PORT_RANGE` or of the kernel, where stated (PLC-11).
    pub dynamic_ports: Option<(u16, u16)>,
}
resource!(ContainerInstance, Kind::ContainerInstance);
