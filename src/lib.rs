//! Proves, offline, whether a packet can get there, and if not, what exactly stops it.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod answer;
pub mod header;
pub mod interpret;
pub mod network;
