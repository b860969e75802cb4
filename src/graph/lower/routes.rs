//! Route tables: which routes take which destinations.

use super::{Lowering, missing, reference};
use crate::answer::Missing;
use crate::graph::{Note, Pick, Selector, bounds_of_list};
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
    /// AWS takes one of these for the prefix, and keeps to it (RT-06, RT-19).
    Several(Vec<usize>, IpNet),
    /// None does.
    None,
    /// It cannot be told which.
    Unknown(Missing),
    /// The same, by an open point.
    Assumed(&'static str, Box<Choice>),
}

/// RT-10: never forwarded, whatever the routes say.
const NEVER_FORWARDED: [IpNet; 2] = [
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(169, 254, 168, 0), 22)),
    IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0), 32)),
];

/// One way on that a choice allows.
pub(super) struct Turn {
    /// A route, none, or what is not known.
    pub(super) choice: Choice,
    /// Which of several it is.
    pub(super) pick: Option<Pick>,
    /// The open points that it rests on.
    pub(super) assumed: Vec<&'static str>,
}

/// The ways on that a choice of a table allows.
pub(super) fn turns(table: &RouteTable, choice: &Choice) -> Vec<Turn> {
    match choice {
        Choice::Assumed(name, inner) => {
            let mut all = turns(table, inner);
            all.iter_mut().for_each(|turn| turn.assumed.push(name));
            all
        }
        Choice::Several(routes, prefix) => {
            let pick = |route: &Route| Pick {
                choice: format!("the route of {} to {}", table.id, route.target).into(),
                kept_by: Some(format!("{} {prefix}", table.id).into()),
            };
            let several = routes.iter().map(|&index| Turn {
                choice: Choice::Route(index),
                pick: table.routes.get(index).map(pick),
                assumed: Vec::new(),
            });
            several.collect()
        }
        one => vec![Turn { choice: one.clone(), pick: None, assumed: Vec::new() }],
    }
}

/// That a choice of a table rests on an open point.
pub(super) fn assumption_note(network: &Network, table: &RouteTable, name: &'static str) -> Note {
    let (what, rule) = match name {
        FILTERED => ("has a filtered route for it", "RT-11"),
        _ => ("has a Route Server's route and a propagated one for it", "RT-19"),
    };
    let note = Note::new(reference(table), what, rule, table.about.at.as_ref());
    note.assuming(name, network.assumptions.value(name), rule)
}

/// RT-11
const FILTERED: &str = "RT_FILTERED_IS_ABSENT";
/// RT-19
const OPEN_RANK: &str = "RS_VS_PROPAGATED_INDETERMINATE";

impl<'n> Lowering<'n> {
    /// RT-01: the table that lists the subnet, else the VPC's main table.
    pub(super) fn table_of(&self, subnet: &Subnet) -> Option<&'n RouteTable> {
        let table = self.kept.index.table_of(&subnet.id, &subnet.vpc)?;
        self.network.route_tables.get(table)
    }
}

/// Every destination with the route that takes it, as disjoint sets.
pub(super) fn choices(network: &Network, table: &RouteTable) -> Vec<(Choice, Selector)> {
    let is_filtered = |route: &Route| matches!(route.state, RouteState::Other(_));
    let counted = View::new(network, table, true).choices();
    if !table.routes.iter().any(is_filtered) {
        return counted;
    }
    // RT-11: a state that AWS does not document counts as absent.
    let absent = network.assumptions.holds(FILTERED);
    let ignored = View::new(network, table, false).choices();
    let mut all = Vec::new();
    for (with, with_set) in &counted {
        for (without, without_set) in &ignored {
            let set = with_set.both(without_set);
            if set.is_empty() {
                continue;
            }
            let choice = if absent { without } else { with }.clone();
            let choice = match with == without {
                true => choice,
                false => Choice::Assumed(FILTERED, Box::new(choice)),
            };
            all.push((choice, set));
        }
    }
    all
}

impl View<'_> {
    /// Every destination with the route that takes it, as disjoint sets.
    fn choices(&self) -> Vec<(Choice, Selector)> {
        let view = self;
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
}

/// A table whose routes are sorted by how their destination is known.
struct View<'n> {
    table: &'n RouteTable,
    /// RT-19: whether nothing tells a Route Server's routes from propagated ones.
    open_rank: bool,
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
    fn new(network: &'n Network, table: &'n RouteTable, filtered: bool) -> Self {
        let mut view = Self {
            table,
            open_rank: network.assumptions.holds(OPEN_RANK),
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
            if !filtered && matches!(route.state, RouteState::Other(_)) {
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
        let lengths: Vec<(IpNet, (IpNet, usize))> =
            candidates.into_iter().map(|(net, index)| (net, (net, index))).collect();
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
    fn choose(&self, longest: &[(IpNet, usize)], named: &[usize]) -> Choice {
        let prefix = longest.first().map_or_else(IpNet::default, |&(net, _)| net);
        let indices: Vec<usize> = match (named, prefix.prefix_len()) {
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
        let propagated = |index: &usize| rank(&self.table.routes[*index]) == PROPAGATED;
        let advertised = |index: &usize| {
            propagated(index) && self.table.routes[*index].origin == RouteOrigin::Advertisement
        };
        let best = indices.iter().map(|&index| rank(&self.table.routes[index])).min();
        let mut winners: Vec<usize> = Vec::new();
        for index in indices {
            let target = &self.table.routes[index].target;
            let leads = |other: &usize| self.table.routes[*other].target == *target;
            if Some(rank(&self.table.routes[index])) == best && !winners.iter().any(leads) {
                winners.push(index);
            }
        }
        // RT-19: which of the two wins is open.
        let open = winners.iter().any(advertised) && !winners.iter().all(advertised);
        if open && !self.open_rank {
            winners.retain(advertised);
        }
        let choice = match winners.as_slice() {
            [] => Choice::None,
            [one] => Choice::Route(*one),
            // RT-06: AWS picks one and keeps it; nothing tells which.
            several => Choice::Several(several.to_vec(), prefix),
        };
        if open { Choice::Assumed(OPEN_RANK, Box::new(choice)) } else { choice }
    }
}

/// The rank of what is propagated.
const PROPAGATED: u8 = 3;

/// RT-05: among routes of equal length, the least rank wins. A Route Server's rank as propagated
/// ones do (RT-19).
fn rank(route: &Route) -> u8 {
    match (&route.target, &route.destination, route.origin) {
        (RouteTarget::Local, ..) => 0,
        (_, Destination::Cidr(_), RouteOrigin::CreateRoute | RouteOrigin::CreateRouteTable) => 1,
        (_, Destination::PrefixList(_), _) => 2,
        _ => PROPAGATED,
    }
}
