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
        let Self::Captured(scopes) = self else { return true };
        let holds = |scope: &Scope| scopes.get(scope).is_some_and(|kinds| kinds.contains(&kind));
        if let (Some(_), Some(_)) = (&scope.account, &scope.region) {
            // Only these agree with a whole scope.
            let without_region = Scope { region: None, ..scope.clone() };
            let without_account = Scope { account: None, ..scope.clone() };
            return holds(scope)
                || holds(&without_region)
                || holds(&without_account)
                || holds(&Scope::default());
        }
        let agrees = |a: &Option<_>, b: &Option<_>| a.is_none() || b.is_none() || a == b;
        scopes.iter().any(|(captured, kinds)| {
            kinds.contains(&kind)
                && agrees(&captured.account, &scope.account)
                && agrees(&captured.region, &scope.region)
        })
    }
}
