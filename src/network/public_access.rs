//! VPC Block Public Access: what an account closes to internet gateways in a Region, and what it
//! leaves open (BP-01).

use super::about::resource;
use super::{About, Kind, PublicAccessBlockId, PublicAccessExclusionId, SubnetId, VpcId};

/// What internet gateways may not carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BlockMode {
    /// Nothing is blocked.
    Off,
    /// Neither way (BP-02).
    Bidirectional,
    /// What comes in, and what leaves without a NAT gateway (BP-03).
    Ingress,
}

/// The options of one account in one Region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicAccessBlock {
    /// Account and Region.
    pub id: PublicAccessBlockId,
    /// Whose they are.
    pub about: About,
    /// What is blocked; `None` while it is being changed, or where the word means nothing here.
    pub mode: Option<BlockMode>,
}
resource!(PublicAccessBlock, Kind::BlockPublicAccess);

/// What an exclusion is for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Excluded {
    /// A VPC with all its subnets.
    Vpc(VpcId),
    /// One subnet.
    Subnet(SubnetId),
}

/// What an exclusion leaves open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ExclusionMode {
    /// Both ways.
    Bidirectional,
    /// What is opened from inside.
    Egress,
}

/// An exclusion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicAccessExclusion {
    /// Its id.
    pub id: PublicAccessExclusionId,
    /// Its name, owner and origin.
    pub about: About,
    /// What it is for.
    pub excluded: Excluded,
    /// What it leaves open.
    pub mode: ExclusionMode,
    /// `State`, as AWS words it: it counts once it is `create-complete` or `update-complete`.
    pub state: String,
}
resource!(PublicAccessExclusion, Kind::BlockPublicAccessExclusion);
