//! What the tables of transit gateways say.

use crate::graph::lower::reference;
use crate::header::{AddressSet, IntervalSet, PrefixTable};
use crate::network::{
    Destination, Network, RouteState, TransitGatewayAttachmentId, TransitGatewayRouteTable,
};
use ipnet::IpNet;
use std::collections::{BTreeMap, BTreeSet};

/// What a table of a transit gateway does with some destinations.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::graph::lower) enum Turn {
    To(TransitGatewayAttachmentId),
    Blackhole,
    None,
    Unknown(String),
}

/// Every destination with what a table does with it.
pub(super) type Turns = BTreeMap<Turn, AddressSet>;

/// TG-03: every destination with what a table does with it.
pub(super) fn turns(network: &Network, table: &TransitGatewayRouteTable) -> Turns {
    let label = reference(table).label().to_owned();
    let unknown = |fact: String| BTreeMap::from([(Turn::Unknown(fact), AddressSet::all())]);
    let Some(routes) = &table.routes else {
        return unknown(format!("the routes of transit gateway route table {label}"));
    };
    let mut prefixes: Vec<(IpNet, usize)> = Vec::new();
    for (index, route) in routes.iter().enumerate() {
        if matches!(route.state, RouteState::Other(_)) {
            continue;
        }
        match &route.destination {
            Destination::Cidr(cidr) => prefixes.push((*cidr, index)),
            Destination::PrefixList(id) => {
                let list = network.prefix_lists.get(id).and_then(|list| list.entries.as_ref());
                let Some(entries) = list else {
                    return unknown(format!("the entries of prefix list {id}"));
                };
                prefixes.extend(entries.iter().map(|&net| (net, index)));
            }
        }
    }
    let rank = |index: &usize| match (&routes[*index].destination, routes[*index].propagated) {
        (Destination::PrefixList(_), _) => 1,
        (Destination::Cidr(_), false) => 0,
        (Destination::Cidr(_), true) => 2,
    };
    let choose = |longest: &[usize]| {
        let best = longest.iter().map(rank).min();
        let of_rank = longest.iter().filter(|index| Some(rank(index)) == best);
        let winners: BTreeSet<_> =
            of_rank.map(|&index| (&routes[index].attachments, &routes[index].state)).collect();
        let mut winners = winners.into_iter();
        match (winners.next(), winners.next()) {
            (Some((_, RouteState::Blackhole)), None) => Turn::Blackhole,
            (Some((attachments, _)), None) if attachments.len() == 1 => {
                attachments.first().map_or(Turn::None, |one| Turn::To(one.clone()))
            }
            _ => Turn::Unknown(format!("which of several equal routes in {label} is used")),
        }
    };
    let flat = PrefixTable::new(&prefixes);
    let mut v4: BTreeMap<Turn, Vec<(u32, u32)>> = BTreeMap::new();
    for (low, high, longest) in flat.v4() {
        v4.entry(choose(longest)).or_default().push((*low, *high));
    }
    let mut v6: BTreeMap<Turn, Vec<(u128, u128)>> = BTreeMap::new();
    for (low, high, longest) in flat.v6() {
        v6.entry(choose(longest)).or_default().push((*low, *high));
    }
    let held = AddressSet {
        v4: IntervalSet::from_ranges(v4.values().flatten().copied()),
        v6: IntervalSet::from_ranges(v6.values().flatten().copied()),
    };
    let mut turns = Turns::new();
    for (turn, ranges) in v4 {
        turns.entry(turn).or_default().v4 = IntervalSet::from_ranges(ranges);
    }
    for (turn, ranges) in v6 {
        turns.entry(turn).or_default().v6 = IntervalSet::from_ranges(ranges);
    }
    turns.insert(Turn::None, AddressSet::all().difference(&held));
    turns
}

/// The turns that take other destinations in one of two than in the other.
pub(super) fn differing<'t>(one: &'t Turns, other: &'t Turns) -> impl Iterator<Item = &'t Turn> {
    let [one, other] = [one, other].map(|turns| turns.iter().collect::<BTreeSet<_>>());
    let turns: BTreeSet<&Turn> = one.symmetric_difference(&other).map(|(turn, _)| *turn).collect();
    turns.into_iter()
}
