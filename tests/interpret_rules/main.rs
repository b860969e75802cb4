//! The reference walk applies each rule of a packet as AWS does: one small network per rule.

mod entry;
mod filters;
mod gateways;
mod replies;
mod routes;
mod sockets;
mod world;
