//! The reference walk applies each rule of a packet as AWS does: one small network per rule.

mod entry;
mod filters;
mod gateways;
mod peerings;
mod replies;
mod routes;
mod sockets;
mod transit;
mod world;
