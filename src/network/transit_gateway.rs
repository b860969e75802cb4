//! Transit gateways, what is attached to them, and their route tables.

use super::about::resource;
use super::{
    About, At, Destination, Kind, RouteState, SubnetId, TransitGatewayAttachmentId,
    TransitGatewayId, TransitGatewayRouteTableId, VpcId,
};
use std::collections::BTreeSet;

/// A transit gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransitGateway {
    /// Its id.
    pub id: TransitGatewayId,
    /// Its name, owner and origin.
    pub about: About,
    /// `SecurityGroupReferencingSupport` (SG-14); `None` when the input does not say.
    pub group_references: Option<bool>,
    /// Fields that AWS does not describe and that the input shows as set (AP-02).
    pub undocumented: Vec<String>,
}
resource!(TransitGateway, Kind::TransitGateway);

/// Something attached to a transit gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransitGatewayAttachment {
    /// Its id.
    pub id: TransitGatewayAttachmentId,
    /// Its name, owner and origin.
    pub about: About,
    /// The transit gateway; of a peering, the one that asked for it.
    pub transit_gateway: TransitGatewayId,
    /// What is attached.
    pub attached: Attached,
    /// `State`, as AWS words it (TG-01: `available`).
    pub state: String,
    /// `ApplianceModeSupport` (TG-05); `None` when the input does not say.
    pub appliance_mode: Option<bool>,
    /// `SecurityGroupReferencingSupport` (SG-14); `None` when the input does not say.
    pub group_references: Option<bool>,
    /// `Ipv6Support` (TG-07); `None` when the input does not say.
    pub ipv6: Option<bool>,
}
resource!(TransitGatewayAttachment, Kind::TransitGatewayAttachment);

/// What an attachment joins to its transit gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attached {
    /// A VPC.
    Vpc {
        /// The VPC.
        vpc: VpcId,
        /// The subnets that hold the attachment's interfaces, one per zone; `None` when the input
        /// does not say.
        subnets: Option<BTreeSet<SubnetId>>,
    },
    /// Another transit gateway (TG-09).
    Peer(TransitGatewayId),
    /// Something where the path leaves the modelled network (TG-11), in AWS's word: `vpn`.
    Other(String),
}

/// A transit gateway's route table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransitGatewayRouteTable {
    /// Its id.
    pub id: TransitGatewayRouteTableId,
    /// Its name, owner and origin.
    pub about: About,
    /// Its transit gateway.
    pub transit_gateway: TransitGatewayId,
    /// The attachments whose packets it routes (TG-02).
    pub associations: BTreeSet<TransitGatewayAttachmentId>,
    /// Its routes, the propagated ones too; `None` when the input does not hold them.
    pub routes: Option<Vec<TransitGatewayRoute>>,
}
resource!(TransitGatewayRouteTable, Kind::TransitGatewayRouteTable);

/// A route of a transit gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransitGatewayRoute {
    /// What it is for.
    pub destination: Destination,
    /// The attachments that it leads to: none for a blackhole, several of equal cost.
    pub attachments: BTreeSet<TransitGatewayAttachmentId>,
    /// Whether it can be used.
    pub state: RouteState,
    /// Whether it was propagated by its attachment, not stated (TG-03).
    pub propagated: bool,
    /// Where it was stated.
    pub at: Option<At>,
}
