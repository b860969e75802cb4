//! VPCs.

use super::about::resource;
use super::{About, BlockMode, DhcpOptionsId, Kind, VpcId};
use ipnet::IpNet;

/// A virtual private cloud.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vpc {
    /// Its id.
    pub id: VpcId,
    /// Its name, owner and origin.
    pub about: About,
    /// Its associated CIDR blocks of both families, the primary first (RT-09).
    pub cidrs: Vec<IpNet>,
    /// Those of its IPv6 blocks that are private (IG-10).
    pub private_v6: Vec<IpNet>,
    /// The attribute `enableDnsSupport`; `None` when it was not captured.
    pub dns_support: Option<bool>,
    /// The attribute `enableDnsHostnames`; `None` when it was not captured.
    pub dns_hostnames: Option<bool>,
    /// Its DHCP option set; `None` stands for the default one (DN-01).
    pub dhcp_options: Option<DhcpOptionsId>,
    /// What it says itself of VPC Block Public Access, where captured (BP-05).
    pub public_access: Option<BlockMode>,
    /// Whether its encryption controls enforce encryption (EC-01).
    pub encryption_enforced: bool,
}
resource!(Vpc, Kind::Vpc);
