//! Virtual private gateways.

use super::about::resource;
use super::{About, Kind, VirtualPrivateGatewayId, VpcId};

/// A virtual private gateway: one end of VPNs and of Direct Connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VirtualPrivateGateway {
    /// Its id.
    pub id: VirtualPrivateGatewayId,
    /// Its name, owner and origin.
    pub about: About,
    /// The VPCs it is attached to, each with the attachment's state (VP-01: `attached`).
    pub attachments: Vec<(VpcId, String)>,
}
resource!(VirtualPrivateGateway, Kind::VirtualPrivateGateway);

impl VirtualPrivateGateway {
    /// What routes call it.
    pub const WORDS: &str = "virtual private gateway";
}
