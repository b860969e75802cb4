//! From a question to its answer: who is meant, which flows that makes, what becomes of them.

mod balancer;
mod client;
mod elsewhere;
mod error;
mod families;
mod forwarding;
mod gaps;
mod hosts;
mod merge;
mod named;
mod names;
mod policy;
mod scope;
mod server;
mod socket;
mod tasks;
mod world;

pub use error::AskError;
pub use world::World;
