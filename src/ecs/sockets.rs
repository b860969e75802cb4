//! What listens in a task, as far as its definition states it.

use crate::header::{IntervalSet, PortSet};
use crate::network::{Socket, TaskDefinition};

/// The sockets of a task's network namespace, and the ports of which they say everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownSockets {
    /// The sockets.
    pub sockets: Vec<Socket>,
    /// A port of this set that no socket holds is closed.
    pub ports: PortSet,
}

/// CTR-01: the containers of an `awsvpc` task share one namespace, so their sockets add up. Where
/// every container is stated, a port without a socket is closed; else only the ports of the
/// containers that are stated are known.
#[must_use]
pub fn known_sockets(definition: &TaskDefinition) -> KnownSockets {
    let mut known = KnownSockets::default();
    let all_stated = definition.containers.iter().all(|container| container.listens.is_some());
    for container in &definition.containers {
        let Some(sockets) = &container.listens else { continue };
        known.sockets.extend(sockets.iter().cloned());
        let mapped = IntervalSet::from_ranges(container.ports.iter().map(|&port| (port, port)));
        known.ports = known.ports.union(&mapped);
    }
    if all_stated && !definition.containers.is_empty() {
        known.ports = PortSet::all();
    }
    known
}
