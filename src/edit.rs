//! What can be changed in a network, and changing it.
//!
//! ```
//! use vpc_reach::edit::{Edit, apply};
//! use vpc_reach::network::{Kind, Network};
//! let remove = Edit::Remove { kind: Kind::NatGateway, id: "nat-a".into() };
//! let error = apply(Network::stated(), vec![remove]).unwrap_err();
//! assert_eq!(error.to_string(), "there is no nat-gateway `nat-a` to remove");
//! ```

mod observe;
mod removal;
mod settle;
mod translate;

pub use observe::{ObserveError, observe};
pub use settle::{Unsettled, plain, settle};
pub use translate::{Ids, translate};

use crate::network::{AnyResource, Kind, Network, closest};
use thiserror::Error;

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Adds a resource, or replaces the one of the same kind and id.
    Put(AnyResource),
    /// Removes a resource, and what AWS removes with it.
    Remove {
        /// Its kind.
        kind: Kind,
        /// Its id.
        id: String,
    },
}

impl Edit {
    /// Adds a resource, or replaces the one of the same kind and id.
    pub fn put(resource: impl Into<AnyResource>) -> Self {
        Self::Put(resource.into())
    }
}

/// A change that cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EditError {
    /// What should go is not there.
    #[error("there is no {kind} `{id}` to remove")]
    Absent {
        /// The kind that was named.
        kind: Kind,
        /// The id that was named.
        id: String,
        /// An id of that kind that is close to it.
        similar: Option<String>,
    },
}

impl EditError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Absent { similar, .. } => {
                similar.as_ref().map(|meant| format!("did you mean `{meant}`?"))
            }
        }
    }
}

/// Makes the changes, in order.
///
/// # Errors
/// When something that should be removed is not there.
pub fn apply(mut network: Network, edits: Vec<Edit>) -> Result<Network, EditError> {
    for edit in edits {
        match edit {
            Edit::Put(AnyResource::VpcEndpoint(mut endpoint)) => {
                removal::leave_subnets(&mut network, &mut endpoint);
                network.insert(*endpoint);
            }
            Edit::Put(resource) => network.insert(resource),
            Edit::Remove { kind, id } => {
                if !removal::remove(&mut network, kind, &id) {
                    let same_kind = network.resources().filter(|(other, ..)| *other == kind);
                    let similar = closest(&id, same_kind.map(|(_, id, _)| id)).map(str::to_owned);
                    return Err(EditError::Absent { kind, id, similar });
                }
            }
        }
    }
    Ok(network)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{About, InternetGateway};

    fn gateway(id: &str) -> Edit {
        let gateway =
            InternetGateway { id: id.into(), about: About::default(), attachments: Vec::new() };
        Edit::put(gateway)
    }

    #[test]
    fn edits_add_replace_and_remove() {
        let remove = Edit::Remove { kind: Kind::InternetGateway, id: "a".into() };
        let edits = vec![gateway("a"), gateway("b"), gateway("b"), remove];
        let network = apply(Network::stated(), edits).unwrap();
        assert_eq!(network.internet_gateways.len(), 1);
        assert!(network.internet_gateways.contains_key("b"));
    }

    #[test]
    fn removing_what_is_not_there_says_what_may_have_been_meant() {
        let remove = Edit::Remove { kind: Kind::InternetGateway, id: "main-igv".into() };
        let error = apply(Network::stated(), vec![gateway("main-igw"), remove]).unwrap_err();
        assert_eq!(error.to_string(), "there is no internet-gateway `main-igv` to remove");
        assert_eq!(error.hint().unwrap(), "did you mean `main-igw`?");
    }
}
