//! Prefix lists.

use super::about::resource;
use super::{About, Kind, PrefixListId};
use ipnet::IpNet;

/// A managed prefix list, AWS's or a customer's. AWS's are named after their service
/// (`com.amazonaws.us-east-1.s3`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrefixList {
    /// Its id.
    pub id: PrefixListId,
    /// Its name, owner and origin.
    pub about: About,
    /// Its entries; `None` when they were not captured (SG-08: unknown, not allowed).
    pub entries: Option<Vec<IpNet>>,
}
resource!(PrefixList, Kind::PrefixList);
