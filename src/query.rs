//! From a question to its answer: who is meant, which flows that makes, what becomes of them.

mod balancer;
mod client;
mod elsewhere;
mod error;
mod families;
mod forwarding;
mod gaps;
mod hosts;
mod limits;
mod meant;
mod merge;
mod named;
mod names;
mod path_mtu;
mod policy;
mod resolutions;
mod scope;
mod server;
mod socket;
mod tagged;
mod tasks;
mod tracking;
mod unplaced;
mod world;
mod wrong_endpoint;

pub use error::AskError;
pub use world::World;
pub(crate) use world::show;
