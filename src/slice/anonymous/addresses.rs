//! Public addresses, moved into the ranges of documentation: what lay within a block still does,
//! and what lay apart still lies apart.

use crate::answer::Query;
use crate::header::{AddressSet, IntervalSet};
use crate::network::{
    Destination, NameServer, Network, Peer, PublicAddress, Record, RecordData, StatedAnswers,
};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// RFC 5737, and RFC 2544 when these are full.
const ROOM: [(Ipv4Addr, u8); 4] = [
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
];

/// Where each public block went.
pub(super) struct Addresses {
    v4: BTreeMap<Ipv4Net, Ipv4Net>,
    v6: BTreeMap<Ipv6Net, Ipv6Net>,
}

impl Addresses {
    /// A place for every public block of a network and of what is asked of it; nothing when there
    /// is not enough room.
    pub(super) fn of(network: &Network, query: &Query) -> Option<Self> {
        let mut found = BTreeSet::new();
        each(&mut network.clone(), &mut |net| {
            found.insert(*net);
        });
        for place in [&query.source, &query.destination] {
            found.extend(net_of(&place.text));
        }
        let v4: Vec<Ipv4Net> = found
            .iter()
            .filter_map(|net| match net {
                IpNet::V4(net) => Some(*net).filter(is_public),
                IpNet::V6(_) => None,
            })
            .collect();
        let mut given = BTreeMap::new();
        let roots: Vec<Node> = forest(&v4);
        let mut rooms: Vec<(u32, u32)> = ROOM
            .iter()
            .map(|(start, length)| (u32::from(*start), 1 << (32 - u32::from(*length))))
            .collect();
        let mut roots: Vec<&Node> = roots.iter().collect();
        roots.sort_by_key(|node| (std::cmp::Reverse(node.bits), node.net));
        for node in roots {
            let size = 1_u32.checked_shl(node.bits)?;
            let room = rooms.iter_mut().find(|(_, left)| *left >= size)?;
            node.place(room.0, &mut given)?;
            *room = (room.0.checked_add(size)?, room.1.checked_sub(size)?);
        }
        let v6 = found.iter().filter_map(|net| match net {
            IpNet::V6(net) => Some(*net).filter(|net| net.prefix_len() > 0 && is_global(net)),
            IpNet::V4(_) => None,
        });
        let mut sites: BTreeMap<u128, u128> = BTreeMap::new();
        let mut moved = BTreeMap::new();
        for net in v6 {
            // The site is replaced; what lies within it stays.
            let site = u128::from(net.network()) >> 80;
            let next = u128::try_from(sites.len()).ok()?.checked_add(1)?;
            let number = *sites.entry(site).or_insert(next);
            let inside = u128::from(net.network()) & ((1 << 80) - 1);
            let start = Ipv6Addr::from((0x2001_0db8_u128 << 96) | (number << 80) | inside);
            moved.insert(net, Ipv6Net::new(start, net.prefix_len().max(48)).ok()?);
        }
        Some(Self { v4: given, v6: moved })
    }

    /// Moves every public address of the network.
    pub(super) fn replace(&self, network: &mut Network) {
        each(network, &mut |net| *net = self.moved(*net));
        for planned in network.interfaces.values_mut().filter_map(|one| one.planned.as_mut()) {
            let moved = planned.v6.ranges().iter().map(|range| self.moved_range(*range));
            planned.v6 = IntervalSet::from_ranges(moved);
        }
    }

    /// A range of IPv6 addresses, moved with the block that it lies in.
    fn moved_range(&self, (low, high): (u128, u128)) -> (u128, u128) {
        let mut blocks = self.v6.iter();
        let block = blocks.find(|(net, _)| net.contains(&Ipv6Addr::from(low)));
        let shift = block.map_or(0, |(net, moved)| {
            u128::from(moved.network()).wrapping_sub(u128::from(net.network()))
        });
        (low.wrapping_add(shift), high.wrapping_add(shift))
    }

    fn moved(&self, net: IpNet) -> IpNet {
        match net {
            IpNet::V4(v4) => self.v4.get(&v4).map_or(net, |moved| IpNet::V4(*moved)),
            IpNet::V6(v6) => self.v6.get(&v6).map_or(net, |moved| IpNet::V6(*moved)),
        }
    }

    /// An address or a block as a query writes it, moved.
    pub(super) fn text(&self, text: &str) -> Option<String> {
        let net = net_of(text)?;
        let moved = self.moved(net);
        Some(if text.contains('/') { moved.to_string() } else { moved.addr().to_string() })
    }
}

fn net_of(text: &str) -> Option<IpNet> {
    let text = text.strip_prefix("host/").unwrap_or(text);
    text.parse::<IpAddr>().map(IpNet::from).or_else(|_| text.parse::<IpNet>()).ok()
}

/// A block with those that lie within it.
struct Node {
    net: Ipv4Net,
    inside: Vec<Node>,
    /// How many bits its place needs.
    bits: u32,
}

impl Node {
    fn place(&self, start: u32, given: &mut BTreeMap<Ipv4Net, Ipv4Net>) -> Option<()> {
        let length = u8::try_from(32_u32.checked_sub(self.bits)?).ok()?;
        given.insert(self.net, Ipv4Net::new(start.into(), length).ok()?);
        let mut inside: Vec<&Self> = self.inside.iter().collect();
        inside.sort_by_key(|node| (std::cmp::Reverse(node.bits), node.net));
        let mut next = start;
        for node in inside {
            node.place(next, given)?;
            next = next.checked_add(1_u32.checked_shl(node.bits)?)?;
        }
        Some(())
    }
}

/// Blocks lie apart or within each other. They come in order: the wide one before what it holds.
fn forest(nets: &[Ipv4Net]) -> Vec<Node> {
    let mut nodes = Vec::new();
    let mut left = nets;
    while let [first, rest @ ..] = left {
        let count = rest.iter().take_while(|net| first.contains(*net)).count();
        let (within, after) = rest.split_at_checked(count).unwrap_or((rest, &[]));
        let inside = forest(within);
        let held: u64 = inside.iter().map(|node| 1_u64 << node.bits).sum();
        let bits = match (first.prefix_len(), held) {
            (32, _) => 0,
            // A block has more than one address, and more than what is known to be in it.
            (_, 0) => 2,
            (_, held) => (held + 1).next_power_of_two().trailing_zeros().max(2),
        };
        nodes.push(Node { net: *first, inside, bits });
        left = after;
    }
    nodes
}

/// Whether a block lies wholly in public space, and in no range of documentation.
fn is_public(net: &Ipv4Net) -> bool {
    const OTHERS: [(Ipv4Addr, u8); 10] = [
        (Ipv4Addr::new(0, 0, 0, 0), 8),
        (Ipv4Addr::new(10, 0, 0, 0), 8),
        (Ipv4Addr::new(100, 64, 0, 0), 10),
        (Ipv4Addr::new(127, 0, 0, 0), 8),
        (Ipv4Addr::new(169, 254, 0, 0), 16),
        (Ipv4Addr::new(172, 16, 0, 0), 12),
        (Ipv4Addr::new(192, 168, 0, 0), 16),
        (Ipv4Addr::new(224, 0, 0, 0), 3),
        (Ipv4Addr::new(198, 18, 0, 0), 15),
        (Ipv4Addr::new(192, 0, 0, 0), 24),
    ];
    OTHERS.iter().all(|&(start, length)| {
        Ipv4Net::new(start, length).is_ok_and(|other| !other.contains(net) && !net.contains(&other))
    })
}

fn is_global(net: &Ipv6Net) -> bool {
    let first = u128::from(net.network()) >> 96;
    first >> 29 == 1 && first != 0x2001_0db8
}

/// Hands every address and block that may be public to `change`. AWS's own prefix lists are
/// nobody's.
fn each(network: &mut Network, change: &mut dyn FnMut(&mut IpNet)) {
    for group in network.security_groups.values_mut() {
        for rule in group.ingress.iter_mut().chain(&mut group.egress) {
            if let Peer::Cidr(net) = &mut rule.peer {
                change(net);
            }
        }
    }
    for acl in network.network_acls.values_mut() {
        let entries = acl.ingress.iter_mut().chain(&mut acl.egress);
        entries.for_each(|entry| change(&mut entry.cidr));
    }
    let routes = network.route_tables.values_mut().flat_map(|table| &mut table.routes);
    let destinations = routes.map(|route| &mut route.destination);
    let tables = network.transit_gateway_route_tables.values_mut();
    let routes = tables.flat_map(|table| table.routes.iter_mut().flatten());
    for destination in destinations.chain(routes.map(|route| &mut route.destination)) {
        if let Destination::Cidr(net) = destination {
            change(net);
        }
    }
    for list in network.prefix_lists.values_mut() {
        let own = list.about.name.as_deref().is_some_and(|name| name.contains("com.amazonaws."));
        list.entries.iter_mut().flatten().filter(|_| !own).for_each(&mut *change);
    }
    let blocks = network.vpcs.values_mut().flat_map(|vpc| &mut vpc.cidrs);
    blocks
        .chain(network.subnets.values_mut().flat_map(|one| &mut one.cidrs))
        .for_each(&mut *change);
    let policies = network.firewalls.values_mut().filter_map(|one| one.policy.as_mut());
    for policy in policies {
        let each = policy.stateless.iter_mut().map(|rule| &mut rule.tuple);
        for tuple in each.chain(policy.stateful.iter_mut().map(|rule| &mut rule.tuple)) {
            for set in [&mut tuple.source, &mut tuple.destination] {
                let mut nets = set.to_nets();
                nets.iter_mut().for_each(&mut *change);
                *set = AddressSet::from_nets(&nets);
            }
        }
    }
    let prefixes = network.interfaces.values_mut().flat_map(|one| &mut one.prefixes);
    prefixes.for_each(&mut *change);
    let mut host = |address: &mut IpAddr| {
        let mut net = IpNet::from(*address);
        change(&mut net);
        *address = net.addr();
    };
    let mut v4 = |address: &mut Ipv4Addr| {
        let mut any = IpAddr::V4(*address);
        host(&mut any);
        if let IpAddr::V4(moved) = any {
            *address = moved;
        }
    };
    for address in network.nat_gateways.values_mut().flat_map(|nat| &mut nat.addresses) {
        address.public.iter_mut().for_each(&mut v4);
    }
    for address in network.interfaces.values_mut().flat_map(|one| &mut one.addresses) {
        if let Some(PublicAddress::Known(public)) = &mut address.public {
            v4(public);
        }
    }
    for address in network.interfaces.values_mut().flat_map(|one| &mut one.addresses) {
        host(&mut address.address);
    }
    for options in network.dhcp_options.values_mut() {
        for server in &mut options.name_servers {
            if let NameServer::Address(address) = server {
                host(address);
            }
        }
        answers(&mut options.answers, &mut host);
    }
    for rule in network.resolver_rules.values_mut() {
        rule.targets.iter_mut().for_each(&mut host);
        answers(&mut rule.answers, &mut host);
    }
    for zone in network.hosted_zones.values_mut() {
        records(zone.records.iter_mut().flatten(), &mut host);
    }
    for target in
        network.target_groups.values_mut().flat_map(|one| one.targets.iter_mut().flatten())
    {
        if let Ok(mut address) = target.id.parse::<IpAddr>() {
            host(&mut address);
            target.id = address.to_string();
        }
    }
}

fn answers(answers: &mut Option<StatedAnswers>, host: &mut dyn FnMut(&mut IpAddr)) {
    if let Some(StatedAnswers::Records(all)) = answers {
        records(all.iter_mut(), host);
    }
}

fn records<'a>(all: impl Iterator<Item = &'a mut Record>, host: &mut dyn FnMut(&mut IpAddr)) {
    for record in all {
        if let RecordData::Addresses(addresses) = &mut record.data {
            addresses.iter_mut().for_each(&mut *host);
        }
    }
}
