//! Route tables: which routes take which destinations.

use super::{Lowering, missing, reference};
use crate::answer::Missing;
use crate::graph::{Selector, bounds_of_list};
use crate::header::{AddressSet, IntervalSet, PrefixTable, Symbol};
use crate::network::{
    Destination, Kind, Network, Resource, Route, RouteOrigin, RouteState, RouteTable, RouteTarget,
    Subnet,
};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, Ipv6Addr};

/// What a table says of a destination. Routes are indices into the table's list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Choice {
    /// This route takes it.
    Route(usize),
    /// None does.
    None,
    /// It cannot be told which.
    Unknown(Missing),
}

/// RT-10: never forwarded, whatever the routes say.
const NEVER_FORWARDED: [IpNet; 2] = [
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(169, 254, 168, 0), 22)),
    IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0), 32)),
];

impl<'n> Lowering<'n> {
    /// RT-01: the table that lists the subnet, else the VPC's main table.
    pub(super) fn table_of(&self, subnet: &Subnet) -> Option<&'n RouteTable> {
        let tables = &self.network.route_tables;
        let explicit = tables.values().find(|table| table.subnets.contains(&subnet.id));
        explicit.or_else(|| tables.values().find(|table| table.main && table.vpc == subnet.vpc))
    }
}

/// Every destination with the route that takes it, as disjoint sets.
pub(super) fn choices(network: &Network, table: &RouteTable) -> Vec<(Choice, Selector)> {
    let view = View::new(network, table);
    let mut selectors: BTreeMap<Choice, Selector> = BTreeMap::new();
    for (addresses, choice) in view.decide(None) {
        selectors.entry(choice).or_default().plain = addresses;
    }
    for (addresses, choice) in view.decide(Some(None)) {
        selectors.entry(choice).or_default().symbolic = addresses;
    }
    for symbol in &view.symbols {
        for (addresses, choice) in view.decide(Some(Some(symbol))) {
            selectors.entry(choice).or_default().named.insert(symbol.clone(), addresses);
        }
    }
    // A choice that a symbol never takes must not fall back to what other symbols do.
    for selector in selectors.values_mut() {
        for symbol in &view.symbols {
            selector.named.entry(symbol.clone()).or_default();
        }
    }
    selectors.into_iter().collect()
}

/// A table whose routes are sorted by how their destination is known.
struct View<'n> {
    table: &'n RouteTable,
    /// Routes for a stated prefix.
    prefixes: Vec<(IpNet, usize)>,
    /// Routes for the entries of a customer's list.
    customer: Vec<(IpNet, usize)>,
    /// Routes for the entries of a service's list.
    service: Vec<(IpNet, usize)>,
    /// Routes for a service's list, by its symbol.
    by_symbol: Vec<(Symbol, usize)>,
    /// Addresses that a list without entries may or may not hold, and what would settle it: for
    /// listed addresses, and for symbols.
    open: Vec<(AddressSet, Missing)>,
    open_for_symbols: Vec<Missing>,
    symbols: BTreeSet<Symbol>,
}

impl<'n> View<'n> {
    fn new(network: &'n Network, table: &'n RouteTable) -> Self {
        let mut view = Self {
            table,
            prefixes: Vec::new(),
            customer: Vec::new(),
            service: Vec::new(),
            by_symbol: Vec::new(),
            open: Vec::new(),
            open_for_symbols: Vec::new(),
            symbols: BTreeSet::new(),
        };
        let vpc = network.vpcs.get(&table.vpc);
        let own = AddressSet::from_nets(vpc.map(|vpc| vpc.cidrs.as_slice()).unwrap_or_default());
        for (index, route) in table.routes.iter().enumerate() {
            // RT-08: a static route within the VPC is as good as any.
            // RT-11: a state that AWS does not document counts as absent.
            if matches!(route.state, RouteState::Other(_)) {
                continue;
            }
            match &route.destination {
                Destination::Cidr(cidr) => {
                    // RT-07: a propagated route never beats local, even when more specific.
                    let propagated = route.origin == RouteOrigin::EnableVgwRoutePropagation;
                    if !(propagated && AddressSet::from_net(*cidr).is_subset(&own)) {
                        view.prefixes.push((*cidr, index));
                    }
                }
                Destination::PrefixList(id) => {
                    let list = network.prefix_lists.get(id);
                    let symbol = list.and_then(super::groups::service_symbol);
                    let label = list.map_or(id.as_str(), Resource::label);
                    let kind =
                        if list.is_some() { Kind::PrefixListEntries } else { Kind::PrefixList };
                    let fact = format!("the entries of prefix list {label}");
                    let scope = &table.about.scope;
                    let open = || missing(network, fact.clone(), kind, scope);
                    let entries = list.and_then(|list| list.entries.as_ref());
                    match (entries, &symbol) {
                        (Some(entries), Some(_)) => {
                            view.service.extend(entries.iter().map(|&net| (net, index)));
                        }
                        (Some(entries), None) => {
                            view.customer.extend(entries.iter().map(|&net| (net, index)));
                        }
                        // AWS lists hold public addresses only.
                        (None, Some(list)) => {
                            view.open.push((bounds_of_list(list), open()));
                        }
                        (None, None) => {
                            view.open.push((AddressSet::all(), open()));
                            view.open_for_symbols.push(open());
                        }
                    }
                    if let Some(symbol) = symbol {
                        view.symbols.insert(symbol.clone());
                        view.by_symbol.push((symbol, index));
                    }
                }
            }
        }
        view
    }

    /// The choice for every destination: listed addresses (`None`), addresses of a symbol that no
    /// route names (`Some(None)`), or of one that a route names.
    fn decide(&self, symbol: Option<Option<&Symbol>>) -> Vec<(AddressSet, Choice)> {
        let mut candidates = self.prefixes.clone();
        candidates.extend(&self.customer);
        if symbol.is_none() {
            candidates.extend(&self.service);
        }
        let named: Vec<usize> = match symbol {
            Some(Some(symbol)) => {
                self.by_symbol.iter().filter(|(name, _)| name == symbol).map(|&(_, i)| i).collect()
            }
            _ => Vec::new(),
        };
        let lengths: Vec<(IpNet, (u8, usize))> =
            candidates.into_iter().map(|(net, index)| (net, (net.prefix_len(), index))).collect();
        let flat = PrefixTable::new(&lengths);
        let mut sets: BTreeMap<Choice, AddressSet> = BTreeMap::new();
        let mut covered = AddressSet::empty();
        let v4 = flat.v4().iter().map(|(low, high, longest)| {
            (AddressSet::from_v4(IntervalSet::from_range(*low, *high)), longest)
        });
        let v6 = flat.v6().iter().map(|(low, high, longest)| {
            let v6 = IntervalSet::from_range(*low, *high);
            (AddressSet { v4: IntervalSet::empty(), v6 }, longest)
        });
        for (range, longest) in v4.chain(v6) {
            covered = covered.union(&range);
            let set = sets.entry(self.choose(longest, &named)).or_default();
            *set = set.union(&range);
        }
        let rest = AddressSet::all().difference(&covered);
        let none = sets.entry(self.choose(&[], &named)).or_default();
        *none = none.union(&rest);
        let open: Vec<(AddressSet, Missing)> = match symbol {
            None => self.open.clone(),
            Some(_) => {
                self.open_for_symbols.iter().map(|m| (AddressSet::all(), m.clone())).collect()
            }
        };
        for (addresses, missing) in open {
            for set in sets.values_mut() {
                *set = set.difference(&addresses);
            }
            let unknown = sets.entry(Choice::Unknown(missing)).or_default();
            *unknown = unknown.union(&addresses);
        }
        let never = AddressSet::from_nets(&NEVER_FORWARDED);
        for set in sets.values_mut() {
            *set = set.difference(&never);
        }
        let none = sets.entry(Choice::None).or_default();
        *none = none.union(&never);
        sets.into_iter().filter(|(_, set)| !set.is_empty()).map(|(c, set)| (set, c)).collect()
    }

    /// The winner among the longest prefixes that hold an address, and the lists named for it. One
    /// within the VPC that is longer than local is no exception (RT-08).
    fn choose(&self, longest: &[(u8, usize)], named: &[usize]) -> Choice {
        let length = longest.first().map_or(0, |&(length, _)| length);
        let indices: Vec<usize> = match (named, length) {
            ([], _) => longest.iter().map(|&(_, index)| index).collect(),
            // An unlisted set is longer than `0.0.0.0/0`, and nobody knows how much longer.
            (named, 0) => named.to_vec(),
            (_, length) => {
                let fact = format!(
                    "which addresses the service uses: rtb {} has a /{length} route among public addresses",
                    reference(self.table).label()
                );
                return Choice::Unknown(Missing { fact, command: None });
            }
        };
        let best = indices.iter().map(|&index| rank(&self.table.routes[index])).min();
        let winners: Vec<usize> = indices
            .into_iter()
            .filter(|&index| Some(rank(&self.table.routes[index])) == best)
            .collect();
        let Some(&first) = winners.first() else { return Choice::None };
        let target = &self.table.routes[first].target;
        match winners.iter().all(|&index| self.table.routes[index].target == *target) {
            true => Choice::Route(first),
            // RT-06: AWS picks one and keeps it; nothing tells which.
            false => Choice::Unknown(Missing {
                fact: format!(
                    "which of several equal routes in rtb {} AWS picked",
                    reference(self.table).label()
                ),
                command: None,
            }),
        }
    }
}

/// RT-05: among routes of equal length, the least rank wins. A Route Server's rank as propagated
/// ones do (RT-19).
fn rank(route: &Route) -> u8 {
    match (&route.target, &route.destination, route.origin) {
        (RouteTarget::Local, ..) => 0,
        (_, Destination::Cidr(_), RouteOrigin::CreateRoute | RouteOrigin::CreateRouteTable) => 1,
        (_, Destination::PrefixList(_), _) => 2,
        _ => 3,
    }
}
