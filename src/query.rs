//! From a question to its answer: who is meant, which flows that makes, what becomes of them.

mod client;
mod error;
mod merge;
mod server;
mod world;

pub use error::AskError;
pub use world::World;
