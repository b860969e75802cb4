//! All pairs at once, held pair by pair to the solver and to the reference walk: what the fleet
//! says of a pair is what becomes of its packets, and its counts are those of the pairs.
//!
//! `REACH_FLEET_NETWORKS` sets the number of random networks.

mod random;

use ipnet::IpNet;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use random::case;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use vpc_reach::answer::{Flow, Outcome, Party};
use vpc_reach::fleet::{Demand, Fate, Fleet, Host, Tally};
use vpc_reach::generate::{Order, Plan, Shape, write_scenario};
use vpc_reach::graph::Graph;
use vpc_reach::header::{AddressSet, Dimensions, Family, HeaderSet, Packet, PortSet, Protocol};
use vpc_reach::interpret::interpret;
use vpc_reach::network::{InterfaceRole, Network};
use vpc_reach::query::World;
use vpc_reach::read::scenario;
use vpc_reach::solve::solve;

/// The existing interfaces with their first address of each family, and their ids by index.
fn hosts(network: &Network, graph: &Graph) -> (Vec<Host>, BTreeMap<u32, String>) {
    let (mut hosts, mut ids) = (Vec::new(), BTreeMap::new());
    for interface in network.interfaces.values().filter(|one| one.planned.is_none()) {
        let Some(index) = graph.interface(interface.id.as_str()) else { continue };
        for family in [Family::V4, Family::V6] {
            let addresses = interface.addresses.iter().map(|one| one.address);
            let first = addresses.filter(|one| Family::of(*one) == family).min();
            hosts.extend(first.map(|address| Host { address, interface: index }));
        }
        ids.insert(index, interface.id.to_string());
    }
    (hosts, ids)
}

fn flow(from: (&str, Host), to: (&str, Host), demand: &Demand) -> Flow {
    let party = |(id, host): (&str, Host)| Party::Interface {
        id: Arc::from(id),
        addresses: AddressSet::single(host.address),
    };
    Flow {
        source: party(from),
        destination: party(to),
        protocol: demand.protocol,
        destination_ports: PortSet::single(demand.port),
        client_ports: demand.client_ports.clone(),
    }
}

/// What the walks say of a pair; `None` where parts of it fare differently.
fn walked(graph: &Graph, network: &Network, flow: &Flow, demand: &Demand) -> Option<Fate> {
    let fate = |outcome: &Outcome| match outcome {
        Outcome::Delivered => Fate::Reachable,
        Outcome::Stopped(_) => Fate::Blocked,
        Outcome::Unknown { .. } => Fate::Unknown,
    };
    let solution = solve(graph, flow);
    let mut fates: Vec<Fate> = solution.regions.iter().map(|one| fate(&one.outcome())).collect();
    fates.sort_unstable();
    fates.dedup();
    let [one] = fates[..] else { return None };
    for region in &solution.regions {
        let packet = some_packet(network, &region.headers, demand.protocol);
        let walk = interpret(network, flow, &packet);
        assert!(
            fate(&walk.outcome) == one,
            "solver {:?}\nreference {:?}\n{packet:?}\n{}",
            region.outcome(),
            walk,
            scenario::write(network)
        );
    }
    Some(one)
}

fn walked_fate(graph: &Graph, network: &Network, flow: &Flow, demand: &Demand) -> Fate {
    walked(graph, network, flow, demand).unwrap_or(Fate::Partial)
}

/// One of the packets of a region.
fn some_packet(network: &Network, headers: &HeaderSet, protocol: Protocol) -> Packet {
    let first = |set: &AddressSet| match (set.v4.first(), set.v6.first()) {
        (Some(v4), _) => IpAddr::V4(v4.into()),
        (None, Some(v6)) => IpAddr::V6(v6.into()),
        (None, None) => panic!("a region has headers"),
    };
    // What translates has an address that nobody else has, or its own.
    let held: Vec<IpAddr> = network
        .interfaces
        .values()
        .filter(|one| one.role != InterfaceRole::NatGateway && one.forwards.is_none())
        .flat_map(|one| one.addresses.iter().map(|own| own.address))
        .collect();
    let others = AddressSet::from_nets(&held.into_iter().map(IpNet::from).collect::<Vec<_>>());
    let free = |set: &AddressSet| {
        let free = set.difference(&others);
        first(if free.is_empty() { set } else { &free })
    };
    let Dimensions { source, destination, source_port, destination_port, translations, picks } =
        &headers.0;
    Packet {
        source: first(source),
        destination: first(destination),
        far_side: None,
        protocol,
        source_port: source_port.first().unwrap(),
        destination_port: destination_port.first().unwrap(),
        translations: translations
            .iter()
            .map(|(addresses, ports)| (free(addresses), ports.first().unwrap()))
            .collect(),
        picks: picks.clone(),
    }
}

fn demands() -> Vec<Demand> {
    let demand = |protocol, port| Demand {
        protocol,
        port,
        client_ports: PortSet::from_range(32_768, 60_999),
    };
    vec![
        demand(Protocol::Tcp, 443),
        demand(Protocol::Tcp, 8080),
        demand(Protocol::Tcp, 5432),
        demand(Protocol::Udp, 53),
    ]
}

/// What occurred.
#[derive(Default)]
struct Seen {
    fates: BTreeMap<Fate, usize>,
    pairs: usize,
}

fn hold(network: &Network, seen: &mut Seen) {
    let graph = Graph::new(network);
    let (hosts, ids) = hosts(network, &graph);
    let fleet = Fleet::new(&graph, hosts);
    hold_fleet(network, &graph, &fleet, &ids, seen);
    hold_apart(network, &graph, &fleet);
}

/// Kept apart by the groups that they carry, hosts fare as they do together, and are counted so.
fn hold_apart(network: &Network, graph: &Graph, together: &Fleet) {
    let groups = |host: &Host| graph.interfaces[host.interface as usize].groups.clone();
    let mut sets: Vec<_> = together.hosts().iter().map(groups).collect();
    sets.sort_unstable();
    sets.dedup();
    let number = |host: &Host| sets.binary_search(&groups(host)).unwrap() as u32;
    let numbered = together.hosts().iter().map(|host| (*host, number(host))).collect();
    let apart = Fleet::in_groups(graph, numbered);
    let place = |host: &Host| together.hosts().iter().position(|one| one == host).unwrap();
    let places: Vec<usize> = apart.hosts().iter().map(place).collect();
    let group: Vec<u32> = apart.hosts().iter().map(number).collect();
    for demand in demands() {
        let survey = apart.survey(graph, &demand);
        let known = together.survey(graph, &demand);
        let mut each: BTreeMap<(u32, u32), Tally> = BTreeMap::new();
        for from in 0..group.len() {
            for to in (0..group.len()).filter(|&to| to != from) {
                let fate = survey.fate(from, to);
                assert_eq!(
                    fate,
                    known.fate(places[from], places[to]),
                    "{}",
                    scenario::write(network)
                );
                if fate != Fate::Blocked {
                    each.entry((group[from], group[to])).or_default().add(fate, 1);
                }
            }
        }
        let counted = survey.tally_by(&group, &mut |_, _| Fate::Open);
        assert_eq!(counted, each, "{}", scenario::write(network));
    }
}

fn hold_fleet(
    network: &Network,
    graph: &Graph,
    fleet: &Fleet,
    ids: &BTreeMap<u32, String>,
    seen: &mut Seen,
) {
    for demand in demands() {
        let survey = fleet.survey(graph, &demand);
        // As the fleet says, and with what it leaves open walked.
        let (mut counted, mut all_walked) = (Tally::default(), Tally::default());
        let all = fleet.hosts();
        for (from, client) in all.iter().enumerate() {
            for (to, server) in all.iter().enumerate().filter(|&(to, _)| to != from) {
                let fate = survey.fate(from, to);
                // No packet has an address of each family.
                if client.address.is_ipv4() != server.address.is_ipv4() {
                    assert_eq!(fate, Fate::Blocked);
                    counted.add(fate, 1);
                    all_walked.add(fate, 1);
                    continue;
                }
                let ends = [client, server].map(|host| (ids[&host.interface].as_str(), *host));
                let flow = flow(ends[0], ends[1], &demand);
                let walked = walked(graph, network, &flow, &demand);
                assert!(
                    fate == Fate::Open || Some(fate) == walked,
                    "the fleet says {fate:?}, the walk {walked:?}: {flow:?}\n{}",
                    scenario::write(network)
                );
                seen.pairs += 1;
                *seen.fates.entry(fate).or_default() += 1;
                counted.add(fate, 1);
                all_walked.add(walked.unwrap_or(Fate::Partial), 1);
            }
        }
        let text = || scenario::write(network);
        assert_eq!(survey.tally(&mut |_, _| Fate::Open), counted, "{}", text());
        let mut walk = |from: usize, to: usize| {
            let ends = [all[from], all[to]].map(|host| (ids[&host.interface].as_str(), host));
            let flow = flow(ends[0], ends[1], &demand);
            walked_fate(graph, network, &flow, &demand)
        };
        assert_eq!(survey.tally(&mut walk), all_walked, "{}", text());
    }
}

fn networks() -> u32 {
    match std::env::var("REACH_FLEET_NETWORKS") {
        Ok(text) => text.parse().expect("REACH_FLEET_NETWORKS is a number"),
        Err(_) => 300,
    }
}

#[test]
fn every_pair_of_random_networks_fares_as_it_is_walked() {
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let mut seen = Seen::default();
    for _ in 0..networks() {
        let case = case().new_tree(&mut runner).unwrap().current();
        hold(&case.network, &mut seen);
    }
    let codes = random::CODES.len() + random::RARE.len();
    println!("{} pairs in {} networks that may show {codes} codes", seen.pairs, networks());
    for (fate, count) in &seen.fates {
        println!("  {count:>8}  {fate:?}");
    }
    let count = |fate| seen.fates.get(&fate).copied().unwrap_or_default();
    for fate in [Fate::Reachable, Fate::Blocked, Fate::Unknown, Fate::Open] {
        assert!(count(fate) > 0, "no pair is {fate:?}");
    }
    // What is left to walk is the exception.
    assert!(count(Fate::Open) * 2 < seen.pairs, "{} of {} are open", count(Fate::Open), seen.pairs);
}

/// Larger than the random ones, and wired as real ones are: peerings, a hub, chains of transit
/// gateways, ACLs that forget replies, groups of one interface.
#[test]
fn every_pair_of_generated_networks_fares_as_it_is_walked() {
    for shape in [Shape::Fleet, Shape::NoReuse, Shape::Ipv6, Shape::Overlap, Shape::Deep] {
        let plan = Plan::new(Order { shape, vpcs: 9, interfaces: 4, seed: 3 }).unwrap();
        let mut text = Vec::new();
        write_scenario(&plan, &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        let read = scenario::read("net.yaml", &text, &mut |_| panic!("it has no base"));
        let mut seen = Seen::default();
        hold(&World::new(read.unwrap().network).network, &mut seen);
        match shape {
            // Each family has its own.
            Shape::Ipv6 => assert!(seen.pairs > 36 * 35 * 4, "{shape}"),
            _ => assert_eq!(seen.pairs, 36 * 35 * 4, "{shape}"),
        }
        for fate in [Fate::Reachable, Fate::Blocked] {
            assert!(seen.fates.contains_key(&fate), "{shape}: no pair is {fate:?}");
        }
        // What is left to walk is the exception.
        let open = seen.fates.get(&Fate::Open).copied().unwrap_or_default();
        assert!(open * 4 < seen.pairs, "{shape}: {:?}", seen.fates);
        assert!(!seen.fates.contains_key(&Fate::Unknown), "{shape}: {:?}", seen.fates);
    }
}
