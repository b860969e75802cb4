//! Route tables.

use super::about::resource;
use super::{
    About, At, EgressOnlyGatewayId, InternetGatewayId, Kind, NatGatewayId, NetworkInterfaceId,
    PeeringConnectionId, PrefixListId, RouteTableId, SubnetId, TransitGatewayId, VpcEndpointId,
    VpcId,
};
use ipnet::IpNet;
use std::collections::BTreeSet;
use std::fmt;

/// A route table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteTable {
    /// Its id.
    pub id: RouteTableId,
    /// Its name, owner and origin.
    pub about: About,
    /// The VPC it belongs to.
    pub vpc: VpcId,
    /// Whether it is the VPC's main table (RT-01).
    pub main: bool,
    /// The subnets explicitly associated with it.
    pub subnets: BTreeSet<SubnetId>,
    /// The gateways whose arriving packets it routes (RT-02), by id.
    pub gateways: BTreeSet<String>,
    /// Its routes, the local ones too, in the order stated.
    pub routes: Vec<Route>,
}
resource!(RouteTable, Kind::RouteTable);

/// One route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// What it is for.
    pub destination: Destination,
    /// Where it leads.
    pub target: RouteTarget,
    /// Whether it can be used.
    pub state: RouteState,
    /// How it came to be.
    pub origin: RouteOrigin,
    /// Where it was stated.
    pub at: Option<At>,
}

/// What a route is for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Destination {
    /// A prefix of either family.
    Cidr(IpNet),
    /// Every entry of a prefix list, each with its own length (RT-04).
    PrefixList(PrefixListId),
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cidr(cidr) => cidr.fmt(f),
            Self::PrefixList(list) => list.fmt(f),
        }
    }
}

/// Where a route leads (RT-03).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RouteTarget {
    /// The VPC's own router.
    Local,
    /// An internet gateway.
    InternetGateway(InternetGatewayId),
    /// An egress-only internet gateway.
    EgressOnlyGateway(EgressOnlyGatewayId),
    /// A NAT gateway.
    NatGateway(NatGatewayId),
    /// A gateway endpoint.
    GatewayEndpoint(VpcEndpointId),
    /// A VPC peering connection.
    Peering(PeeringConnectionId),
    /// A transit gateway.
    TransitGateway(TransitGatewayId),
    /// An interface whose host forwards: an appliance or a NAT instance.
    Interface(NetworkInterfaceId),
    /// A Gateway Load Balancer endpoint.
    LoadBalancerEndpoint(VpcEndpointId),
    /// A kind of target that is not modelled: what depends on it is unknown.
    Other {
        /// What it is, in words: `transit gateway`.
        kind: String,
        /// Its id.
        id: String,
    },
}

impl fmt::Display for RouteTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local => f.write_str("local"),
            Self::InternetGateway(id) => id.fmt(f),
            Self::EgressOnlyGateway(id) => id.fmt(f),
            Self::NatGateway(id) => id.fmt(f),
            Self::GatewayEndpoint(id) => id.fmt(f),
            Self::Peering(id) => id.fmt(f),
            Self::TransitGateway(id) => id.fmt(f),
            Self::Interface(id) => id.fmt(f),
            Self::LoadBalancerEndpoint(id) => id.fmt(f),
            Self::Other { kind, id } => write!(f, "{kind} {id}"),
        }
    }
}

/// A route's `State` (RT-11).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RouteState {
    /// Usable.
    Active,
    /// The target is gone, detached or not active.
    Blackhole,
    /// A state that AWS does not document (`filtered`).
    Other(String),
}

/// A route's `Origin`, which settles ties (RT-05).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RouteOrigin {
    /// Made with the table: the local routes.
    CreateRouteTable,
    /// Stated by a person.
    CreateRoute,
    /// Propagated by a virtual private gateway.
    EnableVgwRoutePropagation,
    /// Advertised by a VPC Route Server.
    Advertisement,
}
