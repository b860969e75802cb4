//! Ports that no guard tells apart.

use super::{Graph, Guard, Inspection, RuleSet};
use crate::header::{PortSet, Protocol};
use std::collections::BTreeSet;

impl Graph {
    /// All destination ports but 0, as ranges within which no guard tells one from another: first
    /// and last of each, in order.
    #[must_use]
    pub fn port_ranges(&self, protocol: Protocol) -> Vec<(u16, u16)> {
        let mut starts = BTreeSet::from([1]);
        for guard in &self.guards {
            add_starts(guard, protocol, &mut starts);
        }
        starts.remove(&0);
        let ends = starts.iter().skip(1).map(|next| next - 1).chain([u16::MAX]);
        starts.iter().copied().zip(ends).collect()
    }
}

fn add_starts(guard: &Guard, protocol: Protocol, starts: &mut BTreeSet<u16>) {
    let mut add = |ports: &PortSet| {
        for &(low, high) in ports.ranges() {
            starts.insert(low);
            starts.extend(high.checked_add(1));
        }
    };
    match guard {
        Guard::Rules(RuleSet { clauses, .. }) => {
            let own = clauses.iter().filter(|clause| clause.protocol.matches(protocol));
            own.for_each(|clause| add(&clause.ports));
        }
        Guard::Inspection(inspection) => {
            let Inspection { each, connections, defaults, .. } = &**inspection;
            let ports = each.iter().map(|one| (&one.source_ports, &one.destination_ports));
            let connections = connections.iter().chain(defaults);
            let others = connections.map(|one| (&one.source_ports, &one.destination_ports));
            for (source, destination) in ports.chain(others) {
                add(source);
                add(destination);
            }
        }
        Guard::Behind { yes, no, .. } => {
            add_starts(yes, protocol, starts);
            add_starts(no, protocol, starts);
        }
        Guard::Always { .. }
        | Guard::PublicAddress { .. }
        | Guard::Translated { .. }
        | Guard::RepliesTo { .. }
        | Guard::NotFromOutside(_)
        | Guard::FirstVisit { .. } => {}
    }
}
