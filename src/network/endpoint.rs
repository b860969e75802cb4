//! VPC endpoints.

use super::about::resource;
use super::{
    About, Kind, NetworkInterfaceId, RouteTableId, SecurityGroupId, SubnetId, VpcEndpointId, VpcId,
};
use std::collections::BTreeSet;

/// What a VPC endpoint is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EndpointType {
    /// Interfaces in subnets (IE-01).
    Interface,
    /// A prefix-list route (GE-01).
    Gateway,
    /// A route's target, with an appliance behind it (GL-01).
    GatewayLoadBalancer,
    /// A type that is not modelled.
    Other(String),
}

/// A VPC endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VpcEndpoint {
    /// Its id.
    pub id: VpcEndpointId,
    /// Its name, owner and origin.
    pub about: About,
    /// The VPC it is in.
    pub vpc: VpcId,
    /// What it is.
    pub endpoint_type: EndpointType,
    /// The service it leads to: `com.amazonaws.us-east-1.ecr.dkr`.
    pub service_name: String,
    /// The service's Region, when it is not the endpoint's own (IE-10).
    pub service_region: Option<String>,
    /// `State`, as AWS words it.
    pub state: String,
    /// `PrivateDnsEnabled` (IE-06).
    pub private_dns: bool,
    /// S3 only: private DNS answers only through inbound Resolver endpoints (GE-09).
    pub private_dns_only_for_inbound_resolver: bool,
    /// The service's own names that private DNS overrides, as the capture lists them; empty when
    /// the capture does not say.
    pub private_dns_names: Vec<String>,
    /// Interface and Gateway Load Balancer endpoints: the subnets that hold an interface.
    pub subnets: BTreeSet<SubnetId>,
    /// Interface endpoints: the groups on the interfaces (IE-02).
    pub groups: BTreeSet<SecurityGroupId>,
    /// Interface endpoints: the interfaces.
    pub interfaces: BTreeSet<NetworkInterfaceId>,
    /// Gateway endpoints: the route tables that hold its route.
    pub route_tables: BTreeSet<RouteTableId>,
    /// Gateway Load Balancer endpoints: whether the appliance is stated to pass everything (GL-03).
    pub appliance_passes: bool,
}
resource!(VpcEndpoint, Kind::VpcEndpoint);
