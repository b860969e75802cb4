//! Which parts of the world the network was told about.

use super::{Kind, Scope};
use std::collections::{BTreeMap, BTreeSet};

/// What silence means: in a scenario, that a thing does not exist; in a capture, that it does not
/// exist only where the call that would list it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// Everything is stated: what is not there does not exist.
    Stated,
    /// The kinds that were captured, per account and Region.
    Captured(BTreeMap<Scope, BTreeSet<Kind>>),
}

impl Default for Coverage {
    fn default() -> Self {
        Self::Captured(BTreeMap::new())
    }
}

impl Coverage {
    /// Notes that `kind` was captured in `scope`. A statement already covers everything.
    pub fn add(&mut self, scope: &Scope, kind: Kind) {
        if let Self::Captured(scopes) = self {
            scopes.entry(scope.clone()).or_default().insert(kind);
        }
    }

    /// Whether silence about `kind` in `scope` means absence. An unstated account or Region, on
    /// either side, matches any.
    #[must_use]
    pub fn covers(&self, scope: &Scope, kind: Kind) -> bool {
        let agrees = |a: &Option<_>, b: &Option<_>| a.is_none() || b.is_none() || a == b;
        match self {
            Self::Stated => true,
            Self::Captured(scopes) => scopes.iter().any(|(captured, kinds)| {
                kinds.contains(&kind)
                    && agrees(&captured.account, &scope.account)
                    && agrees(&captured.region, &scope.region)
            }),
        }
    }
}
