//! Subnets.

use super::about::resource;
use super::{About, BlockMode, Kind, SubnetId, VpcId};
use crate::header::{AddressSet, IntervalSet};
use ipnet::IpNet;
use std::fmt;

/// An availability zone, by the account's own name for it, by its id, or both.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Zone {
    /// `us-east-1a`: may name different zones in different accounts (SH-01).
    pub name: Option<String>,
    /// `use1-az6`: the same zone in every account.
    pub id: Option<String>,
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name.as_deref().or(self.id.as_deref()).unwrap_or("unknown zone"))
    }
}

/// A subnet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subnet {
    /// Its id.
    pub id: SubnetId,
    /// Its name, owner and origin.
    pub about: About,
    /// The VPC it is part of.
    pub vpc: VpcId,
    /// Its CIDR blocks of both families.
    pub cidrs: Vec<IpNet>,
    /// Its zone.
    pub zone: Zone,
    /// `MapPublicIpOnLaunch`: what instances get, not what Fargate tasks get (PLC-04).
    pub map_public_ip: bool,
    /// `EnableDns64` (NG-13).
    pub dns64: bool,
    /// `AvailableIpAddressCount`, where known (PLC-09).
    pub available_addresses: Option<u32>,
    /// What it says itself of VPC Block Public Access, where captured (BP-05).
    pub public_access: Option<BlockMode>,
}
resource!(Subnet, Kind::Subnet);

impl Subnet {
    /// The IPv4 addresses that an interface can have: all but the first four and the last (PW-07).
    #[must_use]
    pub fn assignable(&self) -> AddressSet {
        let ranges = self.cidrs.iter().filter_map(|cidr| match cidr {
            IpNet::V4(net) => {
                let (low, high) = (u32::from(net.network()), u32::from(net.broadcast()));
                Some((low.saturating_add(4), high.saturating_sub(1)))
            }
            IpNet::V6(_) => None,
        });
        AddressSet::from_v4(IntervalSet::from_ranges(ranges))
    }

    /// The IPv6 addresses that an interface can have, likewise.
    #[must_use]
    pub fn assignable_v6(&self) -> AddressSet {
        let ranges = self.cidrs.iter().filter_map(|cidr| match cidr {
            IpNet::V6(net) => {
                let (low, high) = (u128::from(net.network()), u128::from(net.broadcast()));
                Some((low.saturating_add(4), high.saturating_sub(1)))
            }
            IpNet::V4(_) => None,
        });
        AddressSet::from_v6(IntervalSet::from_ranges(ranges))
    }

    /// Whether it has no IPv4 (`Ipv6Native`).
    #[must_use]
    pub fn is_ipv6_only(&self) -> bool {
        self.cidrs.iter().all(|cidr| matches!(cidr, IpNet::V6(_)))
    }

    /// Whether it has an IPv6 block.
    #[must_use]
    pub fn has_ipv6(&self) -> bool {
        self.cidrs.iter().any(|cidr| matches!(cidr, IpNet::V6(_)))
    }

    /// Every address of its CIDR blocks, of both families.
    #[must_use]
    pub fn addresses(&self) -> AddressSet {
        AddressSet::from_nets(&self.cidrs)
    }
}
