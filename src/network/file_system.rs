//! EFS file systems.

use super::about::resource;
use super::{About, FileSystemId, Kind, NetworkInterfaceId, SecurityGroupId, SubnetId};
use std::collections::BTreeSet;

/// An EFS file system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileSystem {
    /// `fs-…`
    pub id: FileSystemId,
    /// Its name, owner and origin.
    pub about: About,
    /// Its mount targets, at most one per zone (VOL-01).
    pub mount_targets: Vec<MountTarget>,
}
resource!(FileSystem, Kind::FileSystem);

/// Where a file system is mounted from, in one zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MountTarget {
    /// Its subnet.
    pub subnet: SubnetId,
    /// Its interface, where it exists.
    pub interface: Option<NetworkInterfaceId>,
    /// Its groups, where they are stated apart from the interface.
    pub groups: BTreeSet<SecurityGroupId>,
    /// `LifeCycleState`, as AWS words it.
    pub state: String,
}
