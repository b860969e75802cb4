//! Load balancers and target groups.

use super::about::resource;
use super::{About, At, Kind, LoadBalancerId, SecurityGroupId, SubnetId, TargetGroupId, VpcId};
use std::collections::BTreeSet;

/// What a load balancer is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LoadBalancerType {
    /// HTTP and HTTPS.
    Application,
    /// TCP, UDP and TLS.
    Network,
    /// A type that is not modelled (`gateway`).
    Other(String),
}

/// A load balancer's `Scheme`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Its nodes have public addresses.
    InternetFacing,
    /// They have none.
    Internal,
}

/// A load balancer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadBalancer {
    /// Its ARN.
    pub id: LoadBalancerId,
    /// Its name, owner and origin.
    pub about: About,
    /// What it is.
    pub balancer_type: LoadBalancerType,
    /// Public or internal.
    pub scheme: Scheme,
    /// Its VPC.
    pub vpc: VpcId,
    /// The subnets that hold its nodes.
    pub subnets: BTreeSet<SubnetId>,
    /// The groups on its nodes.
    pub groups: BTreeSet<SecurityGroupId>,
    /// Its listeners; `None` when they were not captured.
    pub listeners: Option<Vec<Listener>>,
    /// Its DNS name, where captured.
    pub dns_name: Option<String>,
}
resource!(LoadBalancer, Kind::LoadBalancer);

/// A load balancer's listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listener {
    /// The port that clients use.
    pub port: u16,
    /// `HTTP`, `TCP`, … as AWS words it.
    pub protocol: String,
    /// The target groups that its default action and its rules forward to.
    pub target_groups: BTreeSet<TargetGroupId>,
    /// Where it was stated.
    pub at: Option<At>,
}

/// A target group's `TargetType`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TargetType {
    /// Addresses: Fargate and every `awsvpc` task.
    Ip,
    /// Instances.
    Instance,
    /// A type that is not a task's (`lambda`, `alb`).
    Other(String),
}

/// A target group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetGroup {
    /// Its ARN.
    pub id: TargetGroupId,
    /// Its name, owner and origin.
    pub about: About,
    /// Its VPC.
    pub vpc: Option<VpcId>,
    /// The default port of a registration (LBT-05).
    pub port: Option<u16>,
    /// `HTTP`, `TCP`, … as AWS words it.
    pub protocol: Option<String>,
    /// What its targets are.
    pub target_type: TargetType,
    /// The port of health checks; `None` for the traffic port (LBT-02).
    pub health_check_port: Option<u16>,
    /// The registered targets; `None` when they were not captured.
    pub targets: Option<Vec<Target>>,
    /// The load balancers that use it, as it says itself.
    pub load_balancers: BTreeSet<LoadBalancerId>,
}
resource!(TargetGroup, Kind::TargetGroup);

/// One registered target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// An address or an instance id.
    pub id: String,
    /// Its port, when the registration overrides the group's.
    pub port: Option<u16>,
}
