//! EC2 instances.

use super::about::resource;
use super::{About, InstanceId, Kind, NetworkInterfaceId};

/// An EC2 instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// Its id.
    pub id: InstanceId,
    /// Its name, owner and origin.
    pub about: About,
    /// `State.Name`, as AWS words it (PW-13: only `running` answers).
    pub state: String,
    /// Its interfaces, the primary first.
    pub interfaces: Vec<NetworkInterfaceId>,
}
resource!(Instance, Kind::Instance);
