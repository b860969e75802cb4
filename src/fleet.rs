//! All pairs at once: which interfaces reach which, on one port.
//!
//! Hosts that no route tells apart form a zone. Where a zone's packets come out is worked out once
//! per zone, as rows of bits; what groups, ACLs and sockets add is worked out once per guard. The
//! guards are those of the graph, the same that a single flow is walked through. A pair that
//! meets more than this engine follows (translators, appliances, undecidable rules) is
//! [`Fate::Open`]: whoever asked has it walked.

mod bits;
mod count;
mod hosts;
mod pair;
mod rows;
mod sweep;
mod ways;
mod zones;

pub use count::Tally;
pub use hosts::Host;
pub use pair::Fate;

use crate::graph::Graph;
use crate::header::{PortSet, Protocol};
use hosts::Hosts;
use rows::Rows;
use zones::Zones;

/// What is asked of every pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demand {
    /// The protocol.
    pub protocol: Protocol,
    /// The port of the one that is reached.
    pub port: u16,
    /// The ports that those who reach use.
    pub client_ports: PortSet,
}

/// The hosts of a network, sorted into zones.
#[derive(Clone, Debug)]
pub struct Fleet<'g> {
    graph: &'g Graph,
    hosts: Hosts,
    zones: Zones,
}

/// All pairs of a fleet on one port.
#[derive(Clone, Debug)]
pub struct Survey<'f> {
    fleet: &'f Fleet<'f>,
    /// What each guard does with the requests, by guard.
    forward: sweep::Sweeps,
    /// What each guard does with the replies.
    back: sweep::Sweeps,
    /// What each host's sockets do with the requests for its own address.
    sockets: Vec<sweep::Test>,
    /// The hosts whose address is also that of one whom a rule means in another VPC.
    doubles: Vec<bool>,
    /// Where the requests of each zone come out.
    there: Rows,
    /// Where the replies of each zone come out.
    return_rows: Rows,
}

impl<'g> Fleet<'g> {
    /// Sorts the hosts. Those that are asked about are at most one address of each interface, and
    /// exist.
    #[must_use]
    pub fn new(graph: &'g Graph, hosts: Vec<Host>) -> Self {
        let hosts = Hosts::new(graph, hosts);
        let zones = Zones::new(graph, &hosts);
        Self { graph, hosts, zones }
    }

    /// The hosts, by address; pairs are asked for by position here.
    #[must_use]
    pub fn hosts(&self) -> &[Host] {
        &self.hosts.all
    }

    /// How many zones there are.
    #[must_use]
    pub fn zones(&self) -> usize {
        self.zones.len()
    }

    /// Works out all pairs on one port.
    #[must_use]
    pub fn survey(&self, demand: &Demand) -> Survey<'_> {
        let port = PortSet::single(demand.port);
        let forward = sweep::Sweeps::new(self.graph, &self.hosts, demand.protocol, &port, false);
        let back = sweep::Sweeps::new(
            self.graph,
            &self.hosts,
            demand.protocol,
            &demand.client_ports,
            true,
        );
        let sockets = self.hosts.sockets(self.graph, demand.protocol, &port);
        let doubles = self.hosts.doubles(&forward);
        let there = ways::rows(self, &forward);
        let return_rows = ways::rows(self, &back);
        Survey { fleet: self, forward, back, sockets, doubles, there, return_rows }
    }
}
