//! The reference: one concrete packet and its reply, walked hop by hop over the network as stated.
//!
//! Slow and obvious on purpose. Every lookup scans the resources themselves and says which rule it
//! applies; nothing that decides is shared with any other evaluator. A check passes, stops the
//! packet or is unknown; the first stop ends the walk, and after an unknown check the walk goes on
//! as if the check had passed, for what lies behind it may stop the packet anyway.

mod boundary;
mod filter;
mod firewall;
mod gateway;
mod ipv6;
mod journal;
mod managed;
mod middlebox;
mod peer;
mod peering;
mod public_access;
mod regional;
mod reply;
mod route;
mod socket;
mod transit;
mod walk;

use crate::answer::{Direction, Flow, Outcome, ResourceRef, RuleId};
use crate::header::Packet;
use crate::network::Network;

/// What became of a packet, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Walk {
    /// Its fate.
    pub outcome: Outcome,
    /// Everything it passed, and at the end what stopped it.
    pub steps: Vec<Step>,
}

/// One check or decision on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Which way the packet was going.
    pub direction: Direction,
    /// The resource that decided.
    pub resource: ResourceRef,
    /// What it did, in words.
    pub what: String,
    /// The rule of AWS that applies.
    pub rule: RuleId,
}

/// Walks `packet`, the first one of `flow`, and its reply.
///
/// The network is complete: interfaces that are only planned are among its interfaces. Every NAT
/// gateway on the way takes the next of the packet's `translations`.
#[must_use]
pub fn interpret(network: &Network, flow: &Flow, packet: &Packet) -> Walk {
    walk::Walker::new(network, flow, packet).run()
}
