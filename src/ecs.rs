//! ECS: where a service's tasks may be placed, what they need to start, which load balancers come
//! to them, and what listens there.

mod bind;
mod concerns;
pub mod health;
mod image;
mod legs;
mod needs;
mod placement;
mod proxies;
mod runs;
mod sockets;
mod targets;

pub use bind::{Bound, Inferred, Miss, Outlook, Reason, inferred, outlook};
pub use concerns::concerns;
pub use legs::{
    Leg, Pairing, client_addresses, groups, legs, legs_of, pairing, registered_port, spreads,
    weights,
};
pub use needs::{Asked, Need, Platform, Sender, Stage, Weight, needs, platform};
pub use placement::{Placement, placements};
pub use proxies::{proxied, taken_by_proxy};
pub use runs::{
    Host, Hosts, RunsOn, groups_or_default, hosts, is_awsvpc, managed_interface_id, runs_on,
};
pub use sockets::{KnownSockets, known_sockets};
pub use targets::{HostPorts, behind, host_interface_id, host_ports, on_hosts, target_subnets};
