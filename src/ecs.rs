//! ECS: where a service's tasks may be placed, and what listens there.

mod placement;
mod sockets;

pub use placement::{Placement, placements};
pub use sockets::{KnownSockets, known_sockets};
