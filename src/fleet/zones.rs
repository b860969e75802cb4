//! Zones: hosts of one subnet that no route and no ACL tells apart, and that are counted together.
//!
//! Everybody has a seat. Seats are numbered so that those of a zone follow each other, and a set of
//! addresses is a few ranges of seats.

use super::bits::Bits;
use super::hosts::{Host, Surroundings, answered_otherwise, number};
use crate::graph::{Changed, Graph, Guard, GuardId, PeerTest, Place, Selector, bounds_of_list};
use crate::header::{AddressSet, Family, IntervalSet};
use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::net::IpAddr;
use std::ops::Range;

/// An address among those of both families.
type Point = (bool, u128);

/// One zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Zone {
    /// The wire of its subnet, when that is known.
    pub(super) wire: Option<NodeIndex>,
    pub(super) router: Option<NodeIndex>,
    /// What its subnet lets out and in.
    pub(super) acl_out: Option<u32>,
    pub(super) acl_in: Option<u32>,
    pub(super) family: Family,
    pub(super) seats: Range<u32>,
    piece: u32,
    /// The group of its hosts, where those of different groups are kept apart.
    group: u32,
}

/// A host, or where a translator sends from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seat {
    pub(super) address: IpAddr,
    pub(super) around: u32,
    pub(super) zone: u32,
    /// The host's position among those that are asked about.
    pub(super) host: Option<u32>,
}

/// All zones and who sits in them.
#[derive(Clone, Debug)]
pub(super) struct Zones {
    pub(super) all: Vec<Zone>,
    pub(super) seats: Vec<Seat>,
    /// The seat of each host.
    pub(super) seat_of: Vec<u32>,
    /// The seats of hosts, zone by zone, those with the same around them together.
    pub(super) by_around: Vec<u32>,
    /// The seat of each translator that is a plain one.
    pub(super) translators: BTreeMap<u32, u32>,
    pub(super) of_wire: BTreeMap<NodeIndex, Vec<u32>>,
    /// The slots of subnets' ACLs.
    acls: BTreeSet<u32>,
    /// The zones with plain translators.
    middles: BTreeSet<usize>,
    /// The guards that tell which translators are no plain ones.
    answered: BTreeSet<GuardId>,
    /// Whether an address may be of several subnets.
    pub(super) overlapping: bool,
    cuts: Vec<Point>,
    /// The first zone of each piece that the cuts make.
    piece_starts: Vec<u32>,
}

impl Zones {
    /// Seats the hosts, and what sends in their names; gives the hosts in the order of seats.
    pub(super) fn new(
        graph: &Graph,
        mut hosts: Vec<(Host, u32)>,
        surroundings: &mut Surroundings,
    ) -> (Self, Vec<Host>) {
        hosts.sort_unstable();
        hosts.dedup();
        let mut seated: Vec<(IpAddr, u32, Option<Host>, u32)> = hosts
            .into_iter()
            .map(|(host, group)| {
                (host.address, surroundings.of_host(graph, host), Some(host), group)
            })
            .collect();
        let otherwise = answered_otherwise(graph);
        // They pick from the same ports; one that does not is no plain one.
        let mut ports = None;
        for translator in 0..number(graph.translators.len()) {
            let own = &graph.translators[translator as usize].ports;
            let same = *ports.get_or_insert(own) == own;
            if !otherwise.values().any(|to| to.contains(&translator))
                && same
                && let Some((address, around)) = surroundings.of_translator(graph, translator)
            {
                seated.push((address, around, None, 0));
            }
        }
        let cuts = cuts(graph, surroundings);
        let mut order: Vec<(u32, Option<NodeIndex>, u32, usize)> = seated
            .iter()
            .enumerate()
            .map(|(index, (address, around, _, group))| {
                let piece = number(cuts.partition_point(|cut| *cut <= point(*address)));
                (piece, surroundings.all[*around as usize].wire, *group, index)
            })
            .collect();
        order.sort_by_key(|&(piece, wire, group, index)| (piece, wire, group, seated[index].0));
        let mut zones = Self {
            all: Vec::new(),
            seats: Vec::with_capacity(order.len()),
            seat_of: Vec::new(),
            by_around: Vec::new(),
            translators: BTreeMap::new(),
            of_wire: BTreeMap::new(),
            acls: BTreeSet::new(),
            middles: BTreeSet::new(),
            overlapping: overlapping(graph),
            answered: otherwise.into_keys().collect(),
            cuts,
            piece_starts: Vec::new(),
        };
        let mut ordered = Vec::new();
        for (piece, wire, group, index) in order {
            let (address, around, host, _) = seated[index];
            let seat = number(zones.seats.len());
            let facts = &surroundings.all[around as usize];
            let last = zones.all.last();
            let own = (piece, wire, group);
            if last.is_none_or(|last| (last.piece, last.wire, last.group) != own) {
                zones.all.push(Zone {
                    wire,
                    router: facts.router,
                    acl_out: facts.acl_out,
                    acl_in: facts.acl_in,
                    family: facts.family,
                    seats: seat..seat,
                    piece,
                    group,
                });
            }
            let zone = number(zones.all.len() - 1);
            if let Some(last) = zones.all.last_mut() {
                last.seats.end = seat + 1;
            }
            let host = host.map(|host| {
                zones.seat_of.push(seat);
                ordered.push(host);
                number(ordered.len() - 1)
            });
            if let Some(translator) = facts.translator {
                zones.translators.insert(translator, seat);
            }
            zones.seats.push(Seat { address, around, zone, host });
        }
        for (index, zone) in zones.all.iter().enumerate() {
            match zone.wire {
                Some(wire) => zones.of_wire.entry(wire).or_default().push(number(index)),
                // Nothing tells whose address it may be, too.
                None => zones.overlapping = true,
            }
        }
        let hosts = (0..number(zones.seats.len()))
            .filter(|&seat| zones.seats[seat as usize].host.is_some());
        zones.by_around = hosts.collect();
        let seats = &zones.seats;
        zones
            .by_around
            .sort_by_key(|&seat| (seats[seat as usize].zone, seats[seat as usize].around));
        let acls = zones.all.iter().flat_map(|zone| [zone.acl_in, zone.acl_out]);
        zones.acls = acls.flatten().collect();
        zones.middles = zones.translators.values().map(|&seat| zones.zone_of(seat)).collect();
        let pieces = 0..=number(zones.cuts.len()) + 1;
        let start = |piece| number(zones.all.partition_point(|zone| zone.piece < piece));
        zones.piece_starts = pieces.map(start).collect();
        (zones, ordered)
    }

    /// Whether a slot is that of a subnet's ACL.
    pub(super) fn is_acl(&self, slot: u32) -> bool {
        self.acls.contains(&slot)
    }

    /// Whether a plain translator sends from a zone.
    pub(super) fn is_middle(&self, zone: usize) -> bool {
        self.middles.contains(&zone)
    }

    /// Whether an edit leaves the plain translators what they are.
    pub(super) fn hold_for(&self, graph: &Graph, changed: &Changed) -> bool {
        let tells = |guard: &GuardId| {
            let now = graph.guards.get(*guard as usize).map(|guard| &**guard);
            self.answered.contains(guard) || matches!(now, Some(Guard::RepliesTo { .. }))
        };
        !changed.guards.iter().any(tells)
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// The seats whose addresses are in a set; everything, where all are.
    pub(super) fn seats_in(&self, set: &AddressSet) -> IntervalSet<u32> {
        let mut found: Vec<(u32, u32)> = Vec::new();
        for &(low, high) in set.v4.ranges() {
            self.add_seats(v4(low), v4(high), &mut found);
        }
        for &(low, high) in set.v6.ranges() {
            self.add_seats((true, low), (true, high), &mut found);
        }
        let found = IntervalSet::from_ranges(found);
        match found.ranges() {
            [(0, last)] if *last as usize + 1 == self.seats.len() => IntervalSet::all(),
            _ => found,
        }
    }

    fn add_seats(&self, low: Point, high: Point, found: &mut Vec<(u32, u32)>) {
        let piece = |point: Point| self.cuts.partition_point(|cut| *cut <= point);
        let (first, last) = (piece(low), piece(high));
        let starts = first > 0 && self.cuts[first - 1] == low;
        let ends = match self.cuts.get(last) {
            Some(next) => Some(*next) == after(high),
            None => high == (true, u128::MAX),
        };
        let mut add = |range: Range<u32>| {
            if !range.is_empty() {
                found.push((range.start, range.end - 1));
            }
        };
        // The pieces that are not cut.
        let whole = (first + usize::from(!starts))..(last + usize::from(ends));
        if !whole.is_empty() {
            let zones = self.piece_starts[whole.start]..self.piece_starts[whole.end];
            add(self.seats_of(zones));
        }
        let mut cut = |piece: usize| {
            for zone in self.piece_starts[piece]..self.piece_starts[piece + 1] {
                let seats = self.all[zone as usize].seats.clone();
                let within = &self.seats[seats.start as usize..seats.end as usize];
                let from = within.partition_point(|seat| point(seat.address) < low);
                let to = within.partition_point(|seat| point(seat.address) <= high);
                add(seats.start + number(from)..seats.start + number(to));
            }
        };
        if !starts {
            cut(first);
        }
        if !ends && (starts || last != first) {
            cut(last);
        }
    }

    fn seats_of(&self, zones: Range<u32>) -> Range<u32> {
        let start = |zone: u32| match self.all.get(zone as usize) {
            Some(zone) => zone.seats.start,
            None => number(self.seats.len()),
        };
        start(zones.start)..start(zones.end)
    }

    /// The zones of which all seats are in a set, and the others that it meets, with the seats.
    pub(super) fn cover(&self, set: &IntervalSet<u32>) -> Cover {
        let mut cover = Cover::default();
        for &(low, high) in set.ranges() {
            if low as usize >= self.seats.len() {
                break;
            }
            let end = high.min(number(self.seats.len() - 1)) + 1;
            let (first, last) = (self.seats[low as usize].zone, self.seats[end as usize - 1].zone);
            let starts = self.all[first as usize].seats.start == low;
            let ends = self.all[last as usize].seats.end == end;
            let whole = first + u32::from(!starts)..last + u32::from(ends);
            let mut part = |zone: u32| {
                let own = &self.all[zone as usize].seats;
                cover.partial.push((zone, low.max(own.start)..end.min(own.end)));
            };
            if first == last {
                if !(starts && ends) {
                    part(first);
                }
            } else {
                if !starts {
                    part(first);
                }
                if !ends {
                    part(last);
                }
            }
            if whole.start < whole.end {
                cover.full.push(whole.start as usize..whole.end as usize);
            }
        }
        cover
    }

    /// The zones in a set that cuts none, as bits.
    pub(super) fn bits(&self, set: &IntervalSet<u32>) -> Bits {
        self.cover(set).whole()
    }

    /// The zone of a host's seat.
    pub(super) fn zone_of(&self, seat: u32) -> usize {
        self.seats[seat as usize].zone as usize
    }
}

/// What a set of seats is of zones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Cover {
    /// The zones that it holds.
    pub(super) full: Vec<Range<usize>>,
    /// The zones that it cuts, each with seats that it holds; a zone may be here several times.
    pub(super) partial: Vec<(u32, Range<u32>)>,
}

impl Cover {
    /// The zones that it holds.
    pub(super) fn whole(&self) -> Bits {
        let mut bits = Bits::default();
        self.full.iter().for_each(|range| bits.insert_range(range.clone()));
        bits
    }

    /// Whether it holds all of a zone.
    pub(super) fn holds(&self, zone: usize) -> bool {
        let after = self.full.partition_point(|range| range.start <= zone);
        after > 0 && self.full[after - 1].contains(&zone)
    }

    /// The seats of a zone that it cuts.
    pub(super) fn parts(&self, zone: u32) -> impl Iterator<Item = &Range<u32>> {
        let start = self.partial.partition_point(|(own, _)| *own < zone);
        self.partial[start..].iter().take_while(move |(own, _)| *own == zone).map(|(_, part)| part)
    }
}

fn v4(address: u32) -> Point {
    (false, address.into())
}

fn point(address: IpAddr) -> Point {
    match address {
        IpAddr::V4(address) => v4(address.into()),
        IpAddr::V6(address) => (true, address.into()),
    }
}

/// The address behind another; the first of IPv6 is behind the last of IPv4.
fn after(point: Point) -> Option<Point> {
    match point {
        (false, address) if address == u128::from(u32::MAX) => Some((true, 0)),
        (v6, address) => Some((v6, address.checked_add(1)?)),
    }
}

/// Where the rules of routes and ACLs begin and end.
fn cuts(graph: &Graph, surroundings: &Surroundings) -> Vec<Point> {
    let mut cuts = vec![v4(0), (true, 0)];
    let mut cut = |set: &AddressSet| {
        for &(low, high) in set.v4.ranges() {
            cuts.push(v4(low));
            cuts.extend(after(v4(high)));
        }
        for &(low, high) in set.v6.ranges() {
            cuts.push((true, low));
            cuts.extend(after((true, high)));
        }
    };
    let mut selectors: HashSet<*const Selector> = HashSet::new();
    let mut guards: HashSet<u32> = surroundings
        .all
        .iter()
        .flat_map(|around| [around.acl_in, around.acl_out])
        .flatten()
        .map(|slot| surroundings.slots[slot as usize])
        .collect();
    for place in graph.places.node_indices() {
        let routes = matches!(
            graph.places[place],
            Place::Router | Place::Junction | Place::Exit | Place::Local | Place::Translator(_)
        );
        if !routes {
            continue;
        }
        for edge in graph.places.edges(place) {
            if selectors.insert(std::sync::Arc::as_ptr(&edge.weight().selects)) {
                cut(&edge.weight().selects.plain);
            }
            guards.extend(&edge.weight().guards);
        }
    }
    surroundings.inside.values().for_each(&mut cut);
    for guard in guards {
        let Guard::Rules(rules) = &*graph.guards[guard as usize] else { continue };
        for clause in &rules.clauses {
            match &clause.peer {
                PeerTest::Addresses(set) => cut(set),
                PeerTest::List { entries: Some(entries), .. } => cut(entries),
                PeerTest::List { symbol: Some(list), .. } => cut(&bounds_of_list(list)),
                PeerTest::Any | PeerTest::List { .. } | PeerTest::Group { .. } => {}
            }
        }
    }
    cuts.sort_unstable();
    cuts.dedup();
    cuts
}

/// Whether addresses of one subnet are another's, too.
fn overlapping(graph: &Graph) -> bool {
    let mut ranges: Vec<(Point, Point)> = Vec::new();
    for place in graph.places.node_indices() {
        if !matches!(graph.places[place], Place::Local) {
            continue;
        }
        for edge in graph.places.edges(place) {
            if !matches!(graph.places[edge.target()], Place::Subnet) {
                continue;
            }
            let set = &edge.weight().selects.plain;
            ranges.extend(set.v4.ranges().iter().map(|&(low, high)| (v4(low), v4(high))));
            ranges.extend(set.v6.ranges().iter().map(|&(low, high)| ((true, low), (true, high))));
        }
    }
    ranges.sort_unstable();
    ranges.windows(2).any(|pair| pair[1].0 <= pair[0].1)
}
