//! VPC endpoints.

use super::about::resource;
use super::{
    About, Kind, NetworkInterfaceId, RouteTableId, SecurityGroupId, SubnetId, VpcEndpointId, VpcId,
};
use crate::header::Family;
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

/// An `IpAddressType`: which families something has addresses of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Families {
    /// `ipv4`.
    #[default]
    V4,
    /// `ipv6`.
    V6,
    /// `dualstack`.
    Both,
}

impl Families {
    /// Whether a family is among them.
    #[must_use]
    pub fn has(self, family: Family) -> bool {
        match self {
            Self::V4 => family == Family::V4,
            Self::V6 => family == Family::V6,
            Self::Both => true,
        }
    }

    /// AWS's word for them.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::V4 => "ipv4",
            Self::V6 => "ipv6",
            Self::Both => "dualstack",
        }
    }

    /// The families that AWS's word means; `ipv4` where there is none.
    #[must_use]
    pub fn from_word(word: Option<&str>) -> Self {
        match word.unwrap_or_default().to_ascii_lowercase().as_str() {
            "ipv6" => Self::V6,
            "dualstack" | "dualstack-without-public-ipv4" => Self::Both,
            _ => Self::V4,
        }
    }
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
    /// `IpAddressType` (IE-09, GE-06).
    pub families: Families,
    /// `DnsRecordIpType`: the families of its private DNS; `None` where the service defines them, or
    /// the input does not say (IE-09).
    pub dns_records: Option<Families>,
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
    /// `PolicyDocument`, as AWS or the author states it: `None` when it is not stated (IE-08).
    pub policy: Option<String>,
    /// Gateway Load Balancer endpoints: whether the appliance is stated to pass everything (GL-03).
    pub appliance_passes: bool,
}
resource!(VpcEndpoint, Kind::VpcEndpoint);

impl VpcEndpoint {
    /// Gateway endpoints: the names of AWS's lists that their routes are for, one per family (GE-06).
    pub fn list_names(&self) -> impl Iterator<Item = String> {
        let name = &self.service_name;
        let v6 = match name.rsplit_once('.') {
            Some((region, service)) => format!("{region}.ipv6.{service}"),
            None => format!("ipv6.{name}"),
        };
        let lists = [(Family::V4, name.clone()), (Family::V6, v6)];
        lists.into_iter().filter(|(family, _)| self.families.has(*family)).map(|(_, list)| list)
    }
}
