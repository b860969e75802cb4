//! Interfaces that no rule tells apart in what they exchange with the internet: one of them is
//! walked for all.
//!
//! Alike are those that stand in the same subnet, whose packets meet the very same guards on their
//! way in and out, whose groups are the same, and whose addresses no route and no rule on the way
//! parts: between two of its bounds, an address is like every other.

use crate::fleet::Host;
use crate::graph::{
    Each, Graph, Guard, GuardId, Inspection, InterfaceFacts, PeerTest, Place, Selector, Sieve,
    bounds_of_list,
};
use crate::header::AddressSet;
use petgraph::Direction;
use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::net::IpAddr;
use std::sync::Arc;

/// An address as a number, IPv4 before IPv6.
type Point = (bool, u128);

/// What tells interfaces apart.
pub(super) struct Alike<'g> {
    graph: &'g Graph,
    /// Where what routes and rules say of addresses changes.
    cuts: Vec<Point>,
    /// The interfaces that are only planned, by the wire that leads to them.
    planned: BTreeMap<NodeIndex, Vec<(NodeIndex, &'g AddressSet)>>,
    /// The addresses that several existing interfaces on a wire have.
    doubles: BTreeSet<(NodeIndex, IpAddr)>,
}

/// What all alike have in common.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Likeness<'g> {
    local: NodeIndex,
    wire: Option<NodeIndex>,
    vpc: &'g str,
    groups: &'g BTreeSet<Arc<str>>,
    guards: [Option<GuardId>; 4],
    passages: Vec<Met>,
    addresses: Vec<Address>,
    /// One that is like no other.
    only: Option<u32>,
}

/// A passage from or to an interface: its other end, what it asks, and, of one that leaves, which
/// destinations take it.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Met {
    place: NodeIndex,
    guards: Vec<GuardId>,
    departure: usize,
    effect: usize,
    selects: usize,
}

/// What tells an address from another.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Address {
    piece: usize,
    public: bool,
    known: bool,
    delegated: bool,
    /// What is only planned and may get it, too.
    claimed: Vec<NodeIndex>,
}

impl<'g> Alike<'g> {
    pub(super) fn new(graph: &'g Graph, hosts: &[Host]) -> Self {
        let mut planned: BTreeMap<NodeIndex, Vec<(NodeIndex, &AddressSet)>> = BTreeMap::new();
        for facts in graph.interfaces.iter().filter(|facts| facts.planned) {
            for edge in graph.places.edges_directed(facts.place, Direction::Incoming) {
                let may_get = &edge.weight().selects.plain;
                planned.entry(edge.source()).or_default().push((facts.place, may_get));
            }
        }
        let (mut held, mut doubles) = (BTreeSet::new(), BTreeSet::new());
        for host in hosts {
            let wire = graph.interfaces[host.interface as usize].wire;
            if let Some(seat) = wire.map(|wire| (wire, host.address))
                && !held.insert(seat)
            {
                doubles.insert(seat);
            }
        }
        Self { graph, cuts: cuts(graph), planned, doubles }
    }

    /// What an interface has in common with those that are like it, of which some addresses are
    /// asked about. `sockets` says whether it matters what listens there.
    pub(super) fn of(
        &self,
        interface: u32,
        addresses: impl Iterator<Item = IpAddr>,
        sockets: bool,
    ) -> Likeness<'g> {
        let facts: &'g InterfaceFacts = &self.graph.interfaces[interface as usize];
        let places = &self.graph.places;
        let met = |place, passage: &crate::graph::Passage, selects: bool| Met {
            place,
            guards: passage.guards.to_vec(),
            departure: passage.departure,
            effect: Arc::as_ptr(&passage.effect) as usize,
            selects: if selects { Arc::as_ptr(&passage.selects) as usize } else { 0 },
        };
        let out = places.edges(facts.place).map(|edge| met(edge.target(), edge.weight(), true));
        let into = places.edges_directed(facts.place, Direction::Incoming);
        let into = into.map(|edge| met(edge.source(), edge.weight(), false));
        let addresses: Vec<IpAddr> = addresses.collect();
        let is_double = |address: &IpAddr| {
            facts.wire.is_none_or(|wire| self.doubles.contains(&(wire, *address)))
        };
        Likeness {
            local: facts.local,
            wire: facts.wire,
            vpc: &facts.vpc,
            groups: &facts.groups,
            guards: [
                facts.acl_in,
                facts.acl_out,
                facts.answers,
                Some(facts.sockets).filter(|_| sockets),
            ],
            passages: out.chain(into).collect(),
            only: addresses.iter().any(is_double).then_some(interface),
            addresses: addresses.into_iter().map(|one| self.address(facts, one)).collect(),
        }
    }

    fn address(&self, facts: &InterfaceFacts, address: IpAddr) -> Address {
        let planned = facts.wire.and_then(|wire| self.planned.get(&wire)).into_iter().flatten();
        let claimed = planned.filter(|(_, may_get)| may_get.contains(address));
        Address {
            piece: self.cuts.partition_point(|cut| *cut <= point(address)),
            public: facts.public.contains(address),
            known: facts.known_public.iter().any(|(_, private)| private.contains(address)),
            delegated: facts.delegated.contains(address),
            claimed: claimed.map(|(place, _)| *place).collect(),
        }
    }
}

/// The bounds of everything that routes and rules say of addresses, but for what is asked at an
/// interface itself: there, the other end is the internet.
fn cuts(graph: &Graph) -> Vec<Point> {
    let mut cuts = Cuts::default();
    let mut selectors = HashSet::new();
    let mut guards: BTreeSet<GuardId> = BTreeSet::new();
    for edge in graph.places.edge_references() {
        let ends = [edge.source(), edge.target()].map(|place| graph.places[place]);
        let at_interface = ends.iter().any(|place| matches!(place, Place::Interface(_)));
        // What a subnet hands over goes by who has the address.
        if at_interface || ends[0] == Place::Subnet {
            continue;
        }
        if selectors.insert(Arc::as_ptr(&edge.weight().selects)) {
            cuts.selector(&edge.weight().selects);
        }
        guards.extend(&edge.weight().guards);
    }
    guards.extend(graph.departures.values());
    for (selector, own) in graph.steering.values().flatten() {
        cuts.selector(selector);
        guards.extend(own);
    }
    graph.announced.iter().for_each(|(set, _)| cuts.set(set));
    guards.into_iter().for_each(|guard| cuts.guard(&graph.guards[guard as usize]));
    cuts.0.into_iter().collect()
}

#[derive(Default)]
struct Cuts(BTreeSet<Point>);

impl Cuts {
    fn set(&mut self, set: &AddressSet) {
        for &(low, high) in set.v4.ranges() {
            self.range((false, low.into()), (false, high.into()));
        }
        for &(low, high) in set.v6.ranges() {
            self.range((true, low), (true, high));
        }
    }

    fn range(&mut self, low: Point, high: Point) {
        self.0.insert(low);
        self.0.extend(high.1.checked_add(1).map(|after| (high.0, after)));
    }

    fn selector(&mut self, selector: &Selector) {
        self.set(&selector.plain);
        self.set(&selector.symbolic);
        selector.named.values().for_each(|set| self.set(set));
    }

    fn guard(&mut self, guard: &Guard) {
        match guard {
            Guard::Rules(rules) => {
                rules.clauses.iter().for_each(|clause| self.peer(&clause.peer));
            }
            Guard::Inspection(inspection) => self.inspection(inspection),
            Guard::Behind { yes, no, .. } => [yes, no].into_iter().for_each(|one| self.guard(one)),
            // These ask who it is, not for the address.
            Guard::Always { .. }
            | Guard::PublicAddress { .. }
            | Guard::Translated { .. }
            | Guard::RepliesTo { .. }
            | Guard::NotFromOutside(_)
            | Guard::FirstVisit { .. } => {}
        }
    }

    fn peer(&mut self, peer: &PeerTest) {
        match peer {
            PeerTest::Any => {}
            PeerTest::Addresses(set) => self.set(set),
            PeerTest::List { symbol, entries, .. } => {
                entries.iter().for_each(|set| self.set(set));
                symbol.iter().for_each(|list| self.set(&bounds_of_list(list)));
            }
            PeerTest::Group { members, .. } => self.set(members),
        }
    }

    fn inspection(&mut self, inspection: &Inspection) {
        let Inspection { each, connections, defaults, half: _, against: _ } = inspection;
        each.iter().for_each(|one: &Sieve<Each>| self.sieve(one));
        connections.iter().chain(defaults).for_each(|one| self.sieve(one));
    }

    fn sieve<A>(&mut self, sieve: &Sieve<A>) {
        self.set(&sieve.source);
        self.set(&sieve.destination);
    }
}

fn point(address: IpAddr) -> Point {
    match address {
        IpAddr::V4(address) => (false, u32::from(address).into()),
        IpAddr::V6(address) => (true, address.into()),
    }
}
