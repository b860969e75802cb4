//! Load balancers and target groups.

use super::about::resource;
use super::{
    About, At, Families, Kind, LoadBalancerId, SecurityGroupId, SubnetId, TargetGroupId, VpcId,
};
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

/// The family of addresses that a target group holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AddressFamily {
    /// IPv4.
    #[default]
    V4,
    /// IPv6 (LBT-09).
    V6,
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
    /// `IpAddressType` (LBT-09).
    pub families: Families,
    /// Whether an internet-facing one has public IPv4 addresses: not of the type
    /// `dualstack-without-public-ipv4`.
    pub public_ipv4: bool,
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
    /// `load_balancing.cross_zone.enabled`; `None` for its type's default (LBT-11).
    pub cross_zone: Option<bool>,
    /// `idle_timeout.timeout_seconds`, where known.
    pub idle_seconds: Option<u32>,
}
resource!(LoadBalancer, Kind::LoadBalancer);

impl LoadBalancer {
    /// A load balancer of which nothing more is stated yet.
    #[must_use]
    pub fn new(
        id: LoadBalancerId,
        about: About,
        balancer_type: LoadBalancerType,
        scheme: Scheme,
        vpc: VpcId,
    ) -> Self {
        Self {
            id,
            about,
            balancer_type,
            scheme,
            families: Families::V4,
            public_ipv4: true,
            vpc,
            subnets: BTreeSet::new(),
            groups: BTreeSet::new(),
            listeners: None,
            dns_name: None,
            cross_zone: None,
            idle_seconds: None,
        }
    }
}

/// A load balancer's listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listener {
    /// The port that clients use.
    pub port: u16,
    /// `HTTP`, `TCP`, … as AWS words it.
    pub protocol: String,
    /// Its rules in the order in which they are tried; the default one last, without conditions
    /// (LBT-12).
    pub rules: Vec<ListenerRule>,
    /// Where it was stated.
    pub at: Option<At>,
}

impl Listener {
    /// Every target group that a rule forwards some requests to.
    pub fn target_groups(&self) -> impl Iterator<Item = &TargetGroupId> {
        self.rules
            .iter()
            .flat_map(|rule| match &rule.action {
                RuleAction::Forward(groups) => groups.as_slice(),
                _ => &[],
            })
            .filter(|forward| forward.weight > 0)
            .map(|forward| &forward.target_group)
    }
}

/// One rule of a listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenerRule {
    /// What a request must have, in words: `path /api/*`; empty for the default rule.
    pub conditions: Vec<String>,
    /// What becomes of the request.
    pub action: RuleAction,
}

/// What a rule does with a request, after any login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleAction {
    /// It goes to one of these groups, by weight.
    Forward(Vec<Forward>),
    /// The load balancer answers with this status.
    FixedResponse(u16),
    /// The load balancer sends the client elsewhere.
    Redirect,
    /// An action that is not modelled.
    Other(String),
}

/// One target group of a forward action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forward {
    /// The target group.
    pub target_group: TargetGroupId,
    /// Its weight; 0 gets nothing.
    pub weight: u32,
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
    /// The family of its addresses.
    pub family: AddressFamily,
    /// The port of health checks; `None` for the traffic port (LBT-02).
    pub health_check_port: Option<u16>,
    /// How targets are checked.
    pub health_check: HealthCheck,
    /// `preserve_client_ip.enabled`; `None` for the default of its type and protocol (NLB-01).
    pub preserve_client_ip: Option<bool>,
    /// `load_balancing.cross_zone.enabled`; `None` for the load balancer's (LBT-11).
    pub cross_zone: Option<bool>,
    /// The registered targets; `None` when they were not captured.
    pub targets: Option<Vec<Target>>,
    /// The load balancers that use it, as it says itself.
    pub load_balancers: BTreeSet<LoadBalancerId>,
    /// Where its health check was stated.
    pub at: Option<At>,
}
resource!(TargetGroup, Kind::TargetGroup);

impl TargetGroup {
    /// A target group of which nothing is stated yet.
    #[must_use]
    pub fn new(id: TargetGroupId, about: About, target_type: TargetType) -> Self {
        Self {
            id,
            about,
            vpc: None,
            port: None,
            protocol: None,
            target_type,
            family: AddressFamily::V4,
            health_check_port: None,
            health_check: HealthCheck::default(),
            preserve_client_ip: None,
            cross_zone: None,
            targets: None,
            load_balancers: BTreeSet::new(),
            at: None,
        }
    }
}

/// How a target group checks its targets; `None` for AWS's default (LBH-02).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HealthCheck {
    /// `HealthCheckProtocol`, as AWS words it.
    pub protocol: Option<String>,
    /// `HealthCheckPath`.
    pub path: Option<String>,
    /// `Matcher`: the HTTP or gRPC codes that are healthy.
    pub matcher: Option<String>,
    /// `HealthCheckIntervalSeconds`.
    pub interval_seconds: Option<u32>,
    /// `HealthCheckTimeoutSeconds`.
    pub timeout_seconds: Option<u32>,
    /// `HealthyThresholdCount`.
    pub healthy_threshold: Option<u32>,
    /// `UnhealthyThresholdCount`.
    pub unhealthy_threshold: Option<u32>,
}

/// One registered target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// An address or an instance id.
    pub id: String,
    /// Its port, when the registration overrides the group's.
    pub port: Option<u16>,
    /// What AWS says of it, where captured.
    pub health: Option<TargetHealth>,
}

/// One target's `TargetHealth`, as AWS words it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetHealth {
    /// `State`: `healthy`, `unhealthy`, …
    pub state: String,
    /// `Reason`: `Target.Timeout`, …
    pub reason: Option<String>,
    /// `Description`.
    pub description: Option<String>,
}
