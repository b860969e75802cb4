//! VPC peering connections.

use super::about::resource;
use super::{About, Kind, PeeringConnectionId, Scope, VpcId};

/// A peering connection between two VPCs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeeringConnection {
    /// Its id.
    pub id: PeeringConnectionId,
    /// Its name, owner and origin.
    pub about: About,
    /// The VPC that asked for it, and the one that accepted it.
    pub ends: [PeeringEnd; 2],
    /// `Status.Code`, as AWS words it (PC-01: `active`).
    pub state: String,
    /// Fields that AWS does not describe and that the input shows as set (AP-02).
    pub undocumented: Vec<String>,
}
resource!(PeeringConnection, Kind::PeeringConnection);

/// One of the two VPCs of a peering connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeeringEnd {
    /// The VPC, which may be one that the input does not hold.
    pub vpc: VpcId,
    /// Its account and Region.
    pub scope: Scope,
}
