//! What listens in a task, as far as its definition states it or a dump shows it.

use crate::header::IntervalSet;
use crate::network::{Assumptions, At, KnownPorts, Listening, Socket, TaskDefinition};

/// The sockets of a task's network namespace, and the ports of which they say everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownSockets {
    /// The sockets.
    pub sockets: Vec<Socket>,
    /// A port of this set that no socket holds is closed.
    pub ports: KnownPorts,
    /// Where they were seen, when they were.
    pub at: Option<At>,
}

/// EVD-01: what was seen decides for the ports it shows; for the others, what a person states, and
/// then what commands and variables tell.
#[must_use]
pub fn known_sockets(
    assumptions: &Assumptions,
    definition: Option<&TaskDefinition>,
    observed: Option<&Listening>,
) -> KnownSockets {
    let mut known = definition.map_or_else(nothing, stated);
    if let Some(definition) = definition {
        infer(&mut known, assumptions, definition);
    }
    if let Some(observed) = observed {
        let stated = std::mem::take(&mut known.sockets);
        known.sockets = stated.into_iter().filter_map(|it| it.beside(&observed.ports)).collect();
        // What is only likely says nothing of a port that is stated.
        let seen = observed.sockets.iter().cloned();
        let stated = known.ports.without(&observed.ports);
        let counts = |it: Socket| if it.likely { it.beside(&stated) } else { Some(it) };
        known.sockets.extend(seen.filter_map(counts));
        known.ports = known.ports.union(&observed.ports);
        known.at.clone_from(&observed.at);
    }
    known
}

/// What commands and variables tell, of the ports that nobody states.
fn infer(known: &mut KnownSockets, assumptions: &Assumptions, definition: &TaskDefinition) {
    let (sockets, closed) = super::bind::sockets(assumptions, definition);
    known.sockets.extend(sockets.into_iter().filter_map(|it| it.beside(&known.ports)));
    known.ports = known.ports.union(&closed);
}

fn nothing() -> KnownSockets {
    KnownSockets { sockets: Vec::new(), ports: KnownPorts::default(), at: None }
}

/// CTR-01: the containers of an `awsvpc` task share one namespace, so their sockets add up. Where
/// every container is stated, a port without a socket is closed; else only the ports of the
/// containers that are stated are known.
fn stated(definition: &TaskDefinition) -> KnownSockets {
    let mut known = nothing();
    let all_stated = definition.containers.iter().all(|container| container.listens.is_some());
    for container in &definition.containers {
        let Some(sockets) = &container.listens else { continue };
        known.sockets.extend(sockets.iter().cloned());
        let mapped = IntervalSet::from_ranges(container.ports().map(|port| (port, port)));
        known.ports = known.ports.union(&KnownPorts::both(mapped));
    }
    if all_stated && !definition.containers.is_empty() {
        known.ports = KnownPorts::all();
    }
    known
}
