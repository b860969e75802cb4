//! Inspections: guards on both ends and both ports, which remember connections.

use super::Action;
use crate::answer::Missing;
use crate::header::{AddressSet, PortSet, Protocol};
use std::collections::BTreeSet;

/// What an inspection asks of packets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// Tests on each packet for itself, requests and replies: the first that matches decides.
    pub each: Vec<Sieve<Each>>,
    /// Tests on connections, by their request: the first that matches decides, and where none
    /// does, they pass.
    pub connections: Vec<Sieve<Action>>,
    /// The same for connections that none of those matches.
    pub defaults: Vec<Sieve<Action>>,
    /// What is missing where only one way of a connection is remembered.
    pub half: Missing,
    /// What is missing where a test for the other direction matches the reply.
    pub against: Missing,
}

/// A test of a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sieve<A> {
    /// The protocols; empty for every one.
    pub protocols: BTreeSet<Protocol>,
    /// Where it comes from.
    pub source: AddressSet,
    /// The port it comes from.
    pub source_ports: PortSet,
    /// Where it goes.
    pub destination: AddressSet,
    /// The port it goes to.
    pub destination_ports: PortSet,
    /// Whether it matches the other way round, too.
    pub both_ways: bool,
    /// What happens when it matches.
    pub action: A,
}

/// What a test on each packet decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Each {
    /// At once.
    Decided(Action),
    /// That the connection decides.
    Connection,
}
