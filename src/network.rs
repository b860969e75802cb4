//! What exists: one plain value per AWS resource, and the [`Network`] that holds them.
//!
//! Storage, lookup by id or name, and validation of shape. No packet rule lives here: which table
//! routes a subnet, or whether a rule matches, is for the evaluators to say.

mod about;
mod assumptions;
mod closest;
mod cluster;
mod coverage;
mod dns;
mod endpoint;
mod file_system;
mod firewall;
mod gap;
mod gateway;
mod id;
mod instance;
mod interface;
mod kind;
mod left_open;
mod listening;
mod load_balancer;
mod network_acl;
mod other;
mod peering;
mod prefix_list;
mod public_access;
mod referring;
mod route_table;
mod security_group;
mod select;
mod service;
mod shelf;
mod store;
mod subnet;
mod tags;
mod task;
mod task_definition;
mod transit_gateway;
mod validate;
mod virtual_private_gateway;
mod vpc;

pub use about::{About, At, Resource, Scope};
pub use assumptions::{AssumptionError, Assumptions};
pub use closest::closest;
pub use cluster::{CapacityProvider, CapacitySource, Cluster, ContainerInstance};
pub use coverage::Coverage;
pub use dns::{
    AliasTarget, DhcpOptions, HostedZone, NameServer, Record, RecordData, ResolverRule,
    StatedAnswers,
};
pub use endpoint::{EndpointType, Families, VpcEndpoint};
pub use file_system::{FileSystem, MountTarget};
pub use firewall::{
    Firewall, FirewallEndpoint, FirewallPolicy, StatefulAction, StatefulDefault, StatefulRule,
    StatelessAction, StatelessRule, Tuple,
};
pub use gap::Gap;
pub use gateway::{Connectivity, EgressOnlyGateway, InternetGateway, NatAddress, NatGateway};
pub use id::*;
pub use instance::Instance;
pub use interface::{
    Forwarding, InterfaceRole, NetworkInterface, PrivateAddress, PublicAddress, Published,
};
pub use kind::Kind;
pub use left_open::left_open;
pub use listening::{KnownPorts, Listening, Mesh, Proxied, Socket};
pub use load_balancer::{
    AddressFamily, Forward, HealthCheck, Listener, ListenerRule, LoadBalancer, LoadBalancerType,
    RuleAction, Scheme, Target, TargetGroup, TargetHealth, TargetType,
};
pub use network_acl::{AclAction, AclEntry, NetworkAcl};
pub use other::Other;
pub use peering::{PeeringConnection, PeeringEnd};
pub use prefix_list::PrefixList;
pub use public_access::{
    BlockMode, Excluded, ExclusionMode, PublicAccessBlock, PublicAccessExclusion,
};
pub use referring::DELEGATED;
pub use route_table::{Destination, Route, RouteOrigin, RouteState, RouteTable, RouteTarget};
pub use security_group::{GroupReference, GroupRule, Peer, SecurityGroup};
pub use select::{SelectError, Selected};
pub use service::{
    LaunchType, Service, ServiceConnect, ServiceConnectService, ServiceTarget, StatedNeed,
};
pub use shelf::{Referring, Shelf};
pub use store::{AnyResource, Network};
pub use subnet::{Subnet, Zone};
pub use tags::{NAME, TAGGED, Tags};
pub use task::{NetworkBinding, Task, TaskContainer};
pub use task_definition::{
    Container, ContainerHealthCheck, Firelens, LogConfiguration, NetworkMode, OperatingSystem,
    PortMapping, Proxy, TaskDefinition, Volume, VolumeSource,
};
pub use transit_gateway::{
    Attached, TransitGateway, TransitGatewayAttachment, TransitGatewayRoute,
    TransitGatewayRouteTable,
};
pub use validate::{Dangling, Problem};
pub use virtual_private_gateway::VirtualPrivateGateway;
pub use vpc::Vpc;
