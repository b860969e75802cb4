//! Packets of a flow, drawn from the edges that the network states.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use vpc_reach::answer::{Flow, Outcome, Party};
use vpc_reach::header::{AddressSet, Packet, PortSet, embedded_ipv4};
use vpc_reach::interpret::interpret;
use vpc_reach::network::*;

/// How many are tried; equal ones are drawn once.
const TRIES: usize = 36;

/// Splitmix64: small, seeded, and good enough to choose with.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for index in (1..items.len()).rev() {
            items.swap(index, self.below(index + 1));
        }
    }
}

/// Both ends of everything that the network states, and their neighbours.
struct Edges {
    addresses: Vec<IpAddr>,
    ports: Vec<u16>,
}

pub fn packets(network: &Network, flow: &Flow, seed: u64) -> Vec<Packet> {
    let mut random = Random(seed);
    let mut edges = edges(network);
    for _ in 0..12 {
        let any = Ipv4Addr::from(random.next() as u32);
        edges.addresses.extend([IpAddr::V4(any), IpAddr::V6(super::ipv6::twin(any))]);
        let any = (0x2_u128 << 124) | (u128::from(random.next()) << 57);
        edges.addresses.push(IpAddr::V6(any.into()));
        edges.ports.push(random.next() as u16);
    }
    let far_side = flow.source.symbol().or(flow.destination.symbol()).cloned();
    let sources = addresses_of(network, &flow.source, &edges, &mut random);
    let destinations = addresses_of(network, &flow.destination, &edges, &mut random);
    let mut ports = within(&flow.client_ports, &edges.ports);
    random.shuffle(&mut ports);
    let mut server_ports = within(&flow.destination_ports, &edges.ports);
    random.shuffle(&mut server_ports);
    // What has no ports keeps the message that answers.
    let translated: Vec<u16> = match flow.protocol.has_ports() {
        true => {
            let all = edges.ports.iter().copied().chain([1024, 65535]);
            all.filter(|port| *port >= 1024).collect()
        }
        false => ports.clone(),
    };
    let mut drawn = BTreeSet::new();
    let mut packets = Vec::new();
    for number in 0..TRIES {
        // Each value once, then any.
        let mut pick = |length: usize| {
            if number < length { number } else { random.below(length) }
        };
        let (source, destination) =
            (sources[pick(sources.len())], destinations[pick(destinations.len())]);
        let source_port = ports[pick(ports.len())];
        let destination_port = server_ports[pick(server_ports.len())];
        if source == destination || source.is_ipv4() != destination.is_ipv4() {
            continue;
        }
        let mut packet = Packet {
            source,
            destination,
            far_side: far_side.clone(),
            protocol: flow.protocol,
            source_port,
            destination_port,
            translations: Vec::new(),
            picks: Vec::new(),
        };
        translate(network, flow, &mut packet, |id| {
            let addresses = match network.nat_gateways.get(id) {
                Some(nat) => choices(network, nat, &edges),
                None => own(network.interfaces.get(id)?),
            };
            let address = *addresses.get(random.below(addresses.len().max(1)))?;
            Some((IpAddr::V4(address.into()), translated[random.below(translated.len())]))
        });
        if drawn.insert((
            source,
            destination,
            source_port,
            destination_port,
            packet.translations.clone(),
            packet.picks.clone(),
        )) {
            packets.push(packet);
        }
    }
    packets
}

/// Fills in what the NAT gateways on the way pick. Which ones these are, the walk itself says: it
/// cannot go on without.
fn translate(
    network: &Network,
    flow: &Flow,
    packet: &mut Packet,
    mut choose: impl FnMut(&str) -> Option<(IpAddr, u16)>,
) {
    for _ in 0..10 {
        let walk = interpret(network, flow, packet);
        let told = |rules: &[&str], what: &str| -> Vec<(String, String)> {
            let steps = walk.steps.iter().filter(|step| rules.contains(&&*step.rule.0));
            let steps = steps.filter(|step| step.what.starts_with(what));
            steps.map(|step| (step.resource.id.to_string(), step.what.clone())).collect()
        };
        let steps = |rules: &[&str], what: &str| -> Vec<String> {
            told(rules, what).into_iter().map(|(id, _)| id).collect()
        };
        let Outcome::Unknown { .. } = walk.outcome else { return };
        if let Some((id, what)) = told(&["TG-04", "RT-06"], "picks").get(packet.picks.len()) {
            if let Some(targets) = what.strip_prefix("picks the route to ") {
                let targets: Vec<&str> = targets.split(" or ").collect();
                let target = targets[usize::from(packet.source_port) % targets.len()];
                packet.picks.push(format!("the route of {id} to {target}").into());
                continue;
            }
            let attachment = &network.transit_gateway_attachments[id.as_str()];
            let Attached::Vpc { subnets: Some(subnets), .. } = &attachment.attached else { return };
            let pick = subnets.iter().nth(usize::from(packet.source_port) % subnets.len());
            packet.picks.extend(pick.map(|id| format!("subnet {id}").into()));
            continue;
        }
        let passed = steps(&["NG-03", "NG-15", "NG-16"], "puts its own address");
        let next = passed.get(packet.translations.len());
        let Some(choice) = next.and_then(|id| choose(id)) else { return };
        packet.translations.push(choice);
    }
}

/// The private addresses of a NAT instance, or the first that it may get.
fn own(host: &NetworkInterface) -> Vec<u32> {
    let set = host.own_addresses();
    set.v4.ranges().iter().map(|&(low, _)| low).collect()
}

/// The private addresses that a NAT gateway may put in the source's place.
fn choices(network: &Network, nat: &NatGateway, edges: &Edges) -> Vec<u32> {
    let works = |one: &&NatAddress| one.status.as_deref().is_none_or(|is| is == "succeeded");
    let mut addresses = Vec::new();
    if nat.subnet.is_none() {
        let public = nat.addresses.iter().filter(works).filter_map(|one| one.public);
        return public.map(u32::from).collect();
    }
    for one in nat.addresses.iter().filter(works) {
        let subnet = nat.subnet.as_ref().and_then(|id| network.subnets.get(id));
        match (one.private, subnet) {
            (Some(private), _) => addresses.push(private.into()),
            (None, Some(subnet)) => {
                let (low, high) = super::pieces::bounds(subnet);
                let interfaces = network.interfaces.values();
                let prefixes = network.interfaces.values().flat_map(|one| &one.prefixes);
                let held: Vec<IpAddr> = interfaces
                    .flat_map(|one| &one.addresses)
                    .map(|one| one.address)
                    .chain(prefixes.map(ipnet::IpNet::addr))
                    .collect();
                let free = |one: &u32| {
                    (low..=high).contains(one) && !held.contains(&IpAddr::V4((*one).into()))
                };
                let v4 = edges.addresses.iter().filter_map(|one| match one {
                    IpAddr::V4(one) => Some(u32::from(*one)),
                    IpAddr::V6(_) => None,
                });
                addresses.extend(v4.filter(free));
                addresses.extend((low..=high).find(free));
            }
            (None, None) => {}
        }
    }
    addresses
}

/// Addresses of one end, in random order, at least one.
fn addresses_of(
    network: &Network,
    party: &Party,
    edges: &Edges,
    random: &mut Random,
) -> Vec<IpAddr> {
    let set = party.addresses();
    // An interface's IPv6 addresses are drawn where the flow is one of IPv6.
    let AddressSet { v4, v6 } = set;
    let embedded = edges.addresses.iter().filter_map(|one| match one {
        IpAddr::V4(one) => AddressSet::single(IpAddr::V4(*one)).embedded().as_single(),
        IpAddr::V6(_) => None,
    });
    let mut found: Vec<IpAddr> =
        edges.addresses.iter().copied().chain(embedded).filter(|one| set.contains(*one)).collect();
    found.extend(
        v4.ranges()
            .iter()
            .flat_map(|&(low, high)| [IpAddr::V4(low.into()), IpAddr::V4(high.into())]),
    );
    found.extend(
        v6.ranges()
            .iter()
            .flat_map(|&(low, high)| [IpAddr::V6(low.into()), IpAddr::V6(high.into())]),
    );
    // A symbol stands for hosts that are none of the network's.
    if party.symbol().is_some() {
        let own = own_public(network);
        found.retain(|one| match embedded_ipv4(*one).map_or(*one, IpAddr::V4) {
            IpAddr::V4(one) => !own.contains(&u32::from(one)),
            IpAddr::V6(_) => true,
        });
    }
    found.sort_unstable();
    found.dedup();
    random.shuffle(&mut found);
    found
}

fn own_public(network: &Network) -> BTreeSet<u32> {
    let interfaces = network.interfaces.values().flat_map(|one| &one.addresses);
    let known = interfaces.filter_map(|one| match one.public {
        Some(PublicAddress::Known(address)) => Some(u32::from(address)),
        _ => None,
    });
    let gateways = network.nat_gateways.values().flat_map(|nat| &nat.addresses);
    known.chain(gateways.filter_map(|one| one.public).map(u32::from)).collect()
}

fn within(ports: &PortSet, edges: &[u16]) -> Vec<u16> {
    let ends = ports.ranges().iter().flat_map(|&(low, high)| [low, high]);
    let mut found: Vec<u16> = edges.iter().copied().filter(|port| ports.contains(*port)).collect();
    found.extend(ends);
    found.sort_unstable();
    found.dedup();
    found
}

fn edges(network: &Network) -> Edges {
    let (mut nets, mut ports): (Vec<&ipnet::IpNet>, Vec<&PortSet>) = (Vec::new(), Vec::new());
    nets.extend(network.vpcs.values().flat_map(|vpc| &vpc.cidrs));
    nets.extend(network.subnets.values().flat_map(|subnet| &subnet.cidrs));
    nets.extend(network.prefix_lists.values().filter_map(|list| list.entries.as_ref()).flatten());
    for route in network.route_tables.values().flat_map(|table| &table.routes) {
        if let Destination::Cidr(cidr) = &route.destination {
            nets.push(cidr);
        }
    }
    for acl in network.network_acls.values() {
        for entry in acl.ingress.iter().chain(&acl.egress) {
            nets.push(&entry.cidr);
            ports.push(&entry.ports);
        }
    }
    for group in network.security_groups.values() {
        for rule in group.ingress.iter().chain(&group.egress) {
            ports.push(&rule.ports);
            if let Peer::Cidr(cidr) = &rule.peer {
                nets.push(cidr);
            }
        }
    }
    let policies = network.firewalls.values().filter_map(|firewall| firewall.policy.as_ref());
    let tuples: Vec<&Tuple> = policies
        .flat_map(|policy| {
            let stateless = policy.stateless.iter().map(|rule| &rule.tuple);
            stateless.chain(policy.stateful.iter().map(|rule| &rule.tuple))
        })
        .collect();
    let of_rules: Vec<ipnet::IpNet> = tuples
        .iter()
        .flat_map(|tuple| [tuple.source.to_nets(), tuple.destination.to_nets()].concat())
        .collect();
    nets.extend(&of_rules);
    ports.extend(tuples.iter().flat_map(|one| [&one.source_ports, &one.destination_ports]));
    let mut addresses: Vec<IpAddr> = Vec::new();
    for net in nets {
        if let ipnet::IpNet::V6(net) = net {
            let (low, high) = (u128::from(net.network()), u128::from(net.broadcast()));
            let ends = [low.wrapping_sub(1), low, low.wrapping_add(1)];
            addresses.extend(ends.map(|one| IpAddr::V6(one.into())));
            let ends = [high.wrapping_sub(1), high, high.wrapping_add(1)];
            addresses.extend(ends.map(|one| IpAddr::V6(one.into())));
        }
        if let ipnet::IpNet::V4(net) = net {
            let (low, high) = (u32::from(net.network()), u32::from(net.broadcast()));
            let ends = [low.wrapping_sub(1), low, low.wrapping_add(1)];
            addresses.extend(ends.map(|one| IpAddr::V4(one.into())));
            let ends = [high.wrapping_sub(1), high, high.wrapping_add(1)];
            addresses.extend(ends.map(|one| IpAddr::V4(one.into())));
        }
    }
    let ends = ports.into_iter().flat_map(|set| set.ranges());
    let mut ports: Vec<u16> = ends
        .flat_map(|&(low, high)| [low, high])
        .flat_map(|end| [end.wrapping_sub(1), end, end.wrapping_add(1)])
        .collect();
    addresses.sort_unstable();
    addresses.dedup();
    ports.sort_unstable();
    ports.dedup();
    Edges { addresses, ports }
}
