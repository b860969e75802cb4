//! Internet gateways, egress-only internet gateways and NAT gateways.

use super::about::resource;
use super::{
    About, EgressOnlyGatewayId, InternetGatewayId, Kind, NatGatewayId, NetworkInterfaceId,
    RouteTableId, SubnetId, VpcId, Zone,
};
use std::net::Ipv4Addr;

/// An internet gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InternetGateway {
    /// Its id.
    pub id: InternetGatewayId,
    /// Its name, owner and origin.
    pub about: About,
    /// The VPCs it is attached to, each with the attachment's state (IG-01: `available`).
    pub attachments: Vec<(VpcId, String)>,
}
resource!(InternetGateway, Kind::InternetGateway);

/// An egress-only internet gateway: IPv6 out, and replies in (IG-09).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EgressOnlyGateway {
    /// Its id.
    pub id: EgressOnlyGatewayId,
    /// Its name, owner and origin.
    pub about: About,
    /// The VPCs it is attached to, each with the attachment's state.
    pub attachments: Vec<(VpcId, String)>,
}
resource!(EgressOnlyGateway, Kind::EgressOnlyGateway);

/// A NAT gateway's `ConnectivityType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connectivity {
    /// Has an Elastic IP.
    Public,
    /// Has none (NG-04).
    Private,
}

/// A NAT gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NatGateway {
    /// Its id.
    pub id: NatGatewayId,
    /// Its name, owner and origin.
    pub about: About,
    /// The VPC it serves.
    pub vpc: VpcId,
    /// Its subnet; `None` for a regional NAT gateway (NG-15).
    pub subnet: Option<SubnetId>,
    /// A regional one's own table, where the input says which.
    pub route_table: Option<RouteTableId>,
    /// `AutoProvisionZones`: whether a regional one expands to further zones by itself; `None` when
    /// the input does not say.
    pub expands: Option<bool>,
    /// Public or private.
    pub connectivity: Connectivity,
    /// `State`, as AWS words it (NG-02).
    pub state: String,
    /// Its addresses.
    pub addresses: Vec<NatAddress>,
    /// Fields that AWS does not describe and that the input shows as set (AP-02).
    pub undocumented: Vec<String>,
}
resource!(NatGateway, Kind::NatGateway);

/// One of a NAT gateway's addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NatAddress {
    /// Its address in its subnet; `None` when the gateway is only planned.
    pub private: Option<Ipv4Addr>,
    /// The Elastic IP behind it.
    pub public: Option<Ipv4Addr>,
    /// Its interface.
    pub interface: Option<NetworkInterfaceId>,
    /// Of a regional NAT gateway: the zone that it serves.
    pub zone: Zone,
    /// `Status`, as AWS words it: only `succeeded` works. `None` when the capture leaves it out.
    pub status: Option<String>,
}
