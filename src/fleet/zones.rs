//! Zones: hosts of one subnet that no rule about addresses tells apart.

use super::hosts::Hosts;
use crate::graph::{Graph, Guard, PeerTest, Place, bounds_of_list};
use crate::header::{AddressSet, IntervalSet};
use petgraph::graph::NodeIndex;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// One zone.
#[derive(Clone, Debug)]
pub(super) struct Zone {
    pub(super) wire: NodeIndex,
    pub(super) router: Option<NodeIndex>,
    /// The least of its hosts' addresses, which stands for all.
    pub(super) address: u32,
    /// Its hosts.
    pub(super) hosts: Vec<u32>,
}

/// All zones, by address, so that an interval of addresses is an interval of zones.
#[derive(Clone, Debug)]
pub(super) struct Zones {
    pub(super) all: Vec<Zone>,
    /// The zone of each host; `None` of one whose subnet is not known.
    pub(super) of_host: Vec<Option<u32>>,
    pub(super) of_wire: BTreeMap<NodeIndex, Vec<u32>>,
}

impl Zones {
    pub(super) fn new(graph: &Graph, hosts: &Hosts) -> Self {
        let cuts = cuts(graph, hosts);
        let mut zones: BTreeMap<(usize, NodeIndex), Zone> = BTreeMap::new();
        for index in 0..hosts.all.len() {
            let (around, address) = (hosts.around(index), hosts.address(index));
            let Some(wire) = around.wire else { continue };
            let piece = cuts.partition_point(|&cut| cut <= address);
            let new = || Zone { wire, router: around.router, address, hosts: Vec::new() };
            zones.entry((piece, wire)).or_insert_with(new).hosts.push(super::hosts::number(index));
        }
        let mut all: Vec<Zone> = zones.into_values().collect();
        all.sort_by_key(|zone| (zone.address, zone.wire));
        let mut of_host = vec![None; hosts.all.len()];
        let mut of_wire: BTreeMap<NodeIndex, Vec<u32>> = BTreeMap::new();
        for (index, zone) in all.iter().enumerate() {
            let number = super::hosts::number(index);
            of_wire.entry(zone.wire).or_default().push(number);
            for &host in &zone.hosts {
                of_host[host as usize] = Some(number);
            }
        }
        Self { all, of_host, of_wire }
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// The zones whose addresses are in a set that cuts none.
    pub(super) fn within(&self, set: &IntervalSet<u32>) -> Vec<Range<usize>> {
        let ranges = set.ranges().iter().map(|&(low, high)| {
            let start = self.all.partition_point(|zone| zone.address < low);
            start..self.all.partition_point(|zone| zone.address <= high)
        });
        ranges.filter(|range| !range.is_empty()).collect()
    }
}

/// Where the graph's rules begin and end, in addresses.
fn cuts(graph: &Graph, hosts: &Hosts) -> Vec<u32> {
    let mut cuts = BTreeSet::new();
    let mut cut = |set: &AddressSet| {
        for &(low, high) in set.v4.ranges() {
            cuts.insert(low);
            cuts.extend(high.checked_add(1));
        }
    };
    for place in graph.places.node_indices() {
        let routes = matches!(
            graph.places[place],
            Place::Router | Place::Junction | Place::Exit | Place::Local | Place::Translator(_)
        );
        if routes {
            for edge in graph.places.edges(place) {
                cut(&edge.weight().selects.plain);
            }
        }
    }
    hosts.inside.values().for_each(&mut cut);
    let sockets: BTreeSet<u32> = graph.interfaces.iter().map(|facts| facts.sockets).collect();
    for (index, guard) in graph.guards.iter().enumerate() {
        let Guard::Rules(rules) = guard.as_ref() else { continue };
        if sockets.contains(&super::hosts::number(index)) {
            continue;
        }
        for clause in &rules.clauses {
            match &clause.peer {
                PeerTest::Addresses(set) => cut(set),
                PeerTest::List { entries: Some(entries), .. } => cut(entries),
                PeerTest::List { symbol: Some(list), .. } => cut(&bounds_of_list(list)),
                PeerTest::Any | PeerTest::List { .. } | PeerTest::Group { .. } => {}
            }
        }
    }
    cuts.into_iter().collect()
}
