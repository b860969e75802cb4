//! Proves, offline, whether a packet can get there, and if not, what exactly stops it.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod answer;
pub mod audit;
#[cfg(feature = "aws")]
pub mod aws;
pub mod check;
#[cfg(feature = "cli")]
pub mod cli;
pub mod compare;
pub mod complete;
pub mod diagnose;
pub mod doctor;
pub mod ecs;
pub mod edit;
pub mod fleet;
pub mod generate;
pub mod graph;
pub mod header;
pub mod interpret;
pub mod models;
pub mod network;
pub mod query;
pub mod read;
pub mod repair;
pub mod report;
pub mod resolve;
pub mod slice;
pub mod solve;
mod threads;
