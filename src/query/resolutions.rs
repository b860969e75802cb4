//! What names lead to, worked out once for every VPC that asks.

use crate::network::{Network, Vpc, VpcId};
use crate::resolve::{Asks, Outside, Resolution, resolve};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// Everything that an answer depends on, on one network: who asks, for what, and of which families.
type Asked = (VpcId, String, (String, String), [bool; 3]);

/// The answers that were given on one network.
#[derive(Default)]
pub(super) struct Resolutions(Mutex<BTreeMap<Asked, Arc<[Resolution]>>>);

/// A copy may go its own ways: it starts without any.
impl Clone for Resolutions {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl fmt::Debug for Resolutions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Resolutions")
    }
}

impl Resolutions {
    /// What [`resolve`] says, which is asked once.
    pub(super) fn of(
        &self,
        network: &Network,
        vpc: &Vpc,
        host: &str,
        outside: Outside<'_>,
        asks: Asks,
    ) -> Arc<[Resolution]> {
        let meant = match outside {
            Outside::Service(service, region) => (service.name.to_owned(), region.to_owned()),
            Outside::Set(name) => (String::new(), name.to_owned()),
            Outside::Anyone => (String::new(), String::new()),
        };
        let asked = (vpc.id.clone(), host.to_owned(), meant, [asks.ipv4, asks.ipv6, asks.dns64]);
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known().get(&asked).cloned();
        found.unwrap_or_else(|| {
            let found: Arc<[Resolution]> = resolve(network, vpc, host, outside, asks).into();
            known().insert(asked, Arc::clone(&found));
            found
        })
    }
}
