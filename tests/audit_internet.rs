//! What an audit says of each interface and the internet is what a walk of that interface alone
//! says, though one is walked for all that no rule tells apart.

#[expect(dead_code, reason = "shared with other tests")]
mod random;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use vpc_reach::answer::{Flow, Outcome, Party};
use vpc_reach::audit::{By, Ports, Question, audit, hosts};
use vpc_reach::generate::{Order, Plan, Shape, write_scenario};
use vpc_reach::graph::Graph;
use vpc_reach::header::{AddressSet, Family, PortSet, Protocol, Symbol, public_ipv4, public_ipv6};
use vpc_reach::network::{Network, NetworkInterfaceId, PublicAddress};
use vpc_reach::query::World;
use vpc_reach::read::scenario;
use vpc_reach::solve::{Region, solve};

const PORTS: [u16; 3] = [443, 8080, 5432];

/// How a walk fares: whether some gets through or may, and whether surely all of it does.
fn fares(regions: &[&Region]) -> Option<bool> {
    let fate = |region: &&Region| match region.outcome() {
        Outcome::Delivered => 0,
        Outcome::Stopped(_) => 1,
        Outcome::Unknown { .. } => 2,
    };
    let mut fates: Vec<u8> = regions.iter().map(fate).collect();
    fates.sort_unstable();
    fates.dedup();
    match fates[..] {
        [] | [1] => None,
        [0] => Some(true),
        _ => Some(false),
    }
}

/// Where the requests of a region come out, of what stands at the edge of a network.
fn edge(region: &Region) -> Option<&str> {
    let edges = ["nat-gateway", "internet-gateway", "egress-only-internet-gateway", "endpoint"];
    let mut kinds = region.hops.iter().map(|hop| &*hop.resource.kind);
    kinds.rfind(|kind| edges.contains(kind))
}

fn outside(family: Family) -> AddressSet {
    match family {
        Family::V4 => AddressSet::from_v4(public_ipv4().clone()),
        Family::V6 => AddressSet::from_v6(public_ipv6().clone()),
    }
}

/// Each interface walked for itself: into it, out of it.
fn walked(
    network: &Network,
    graph: &Graph,
    (family, port): (Family, u16),
) -> [BTreeMap<String, bool>; 2] {
    let own = AddressSet::from_nets(network.vpcs.values().flat_map(|vpc| &vpc.cidrs));
    let (mut into, mut out) = (BTreeMap::new(), BTreeMap::new());
    for host in hosts(network, graph, family) {
        let facts = &graph.interfaces[host.interface as usize];
        let id = facts.resource.id.to_string();
        let internet =
            |addresses| Party::Elsewhere { addresses, symbol: Some(Symbol::new("internet")) };
        let party = |addresses| Party::Interface { id: Arc::from(id.as_str()), addresses };
        let flow = |source, destination, client| Flow {
            source,
            destination,
            protocol: Protocol::Tcp,
            destination_ports: PortSet::single(port),
            client_ports: client,
        };
        let asked = match family {
            Family::V4 => AddressSet::clone(&facts.public),
            Family::V6 => AddressSet::single(host.address),
        };
        if !asked.is_empty() {
            let any = PortSet::from_range(1_024, 65_535);
            let solution = solve(graph, &flow(internet(outside(family)), party(asked), any));
            let fate = fares(&solution.regions.iter().collect::<Vec<_>>());
            into.extend(fate.map(|sure| (id.clone(), sure)));
        }
        let beyond = match family {
            Family::V4 => outside(family),
            Family::V6 => outside(family).difference(&own),
        };
        let linux = PortSet::from_range(32_768, 60_999);
        let source = party(AddressSet::single(host.address));
        let solution = solve(graph, &flow(source, internet(beyond), linux));
        let answered = |region: &&Region| {
            region.outcome() != Outcome::Delivered || edge(region) != Some("endpoint")
        };
        let fate = fares(&solution.regions.iter().filter(answered).collect::<Vec<_>>());
        out.extend(fate.map(|sure| (id.clone(), sure)));
    }
    [into, out]
}

/// Interfaces as those that there are, at other addresses of their subnets.
fn with_twins(network: &Network) -> Network {
    let mut all = network.clone();
    let mut taken: Vec<IpAddr> = network
        .interfaces
        .values()
        .flat_map(|one| one.addresses.iter().map(|own| own.address))
        .collect();
    for one in network.interfaces.values().filter(|one| one.planned.is_none()) {
        let Some(subnet) = network.subnets.get(&one.subnet) else { continue };
        let free = subnet.assignable();
        let Some(&(low, high)) = free.v4.ranges().first() else { continue };
        let (middle, quarter) = (low + (high - low) / 2, low + (high - low) / 4);
        for (number, at) in [low, quarter, middle, middle + 1, high].into_iter().enumerate() {
            let address = IpAddr::V4(at.into());
            let Some(first) = one.addresses.first() else { continue };
            if taken.contains(&address) || one.addresses.len() > 1 || first.address.is_ipv6() {
                continue;
            }
            taken.push(address);
            let mut twin = one.clone();
            twin.id = NetworkInterfaceId::from(format!("{}-twin-{number}", one.id));
            twin.addresses[0].address = address;
            twin.addresses[0].public = first.public.map(|_| PublicAddress::Some);
            twin.prefixes.clear();
            // Some are not quite alike.
            match number {
                3 => twin.usable = !one.usable,
                4 => {
                    let others = network.interfaces.values().filter(|other| other.vpc == one.vpc);
                    let other = others.map(|other| &other.groups).find(|own| **own != one.groups);
                    twin.groups = other.unwrap_or(&one.groups).clone();
                }
                _ => {}
            }
            all.insert(twin);
        }
    }
    all
}

/// Holds an audit to the walks; gives how many interfaces are in either list.
fn hold(network: &Network) -> [usize; 2] {
    let graph = Graph::new(network);
    let mut found = [0, 0];
    for family in [Family::V4, Family::V6] {
        let question = Question {
            protocol: Protocol::Tcp,
            family,
            ports: Ports::These(PORTS.to_vec()),
            by: By::Vpc,
            walks: 0,
        };
        for port in audit(network, &graph, &question).ports {
            let told: [BTreeMap<String, bool>; 2] = [
                port.from_internet.iter().map(|one| (one.interface.clone(), one.sure)).collect(),
                port.to_internet.iter().map(|one| (one.interface.clone(), one.sure)).collect(),
            ];
            let walked = walked(network, &graph, (family, port.port));
            assert_eq!(told, walked, "port {}\n{}", port.port, scenario::write(network));
            found = [found[0] + told[0].len(), found[1] + told[1].len()];
        }
    }
    found
}

#[test]
fn on_random_networks_each_interface_fares_as_it_is_walked_alone() {
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let mut found = [0, 0];
    for _ in 0..150 {
        let case = random::case().new_tree(&mut runner).unwrap().current();
        let [into, out] = hold(&with_twins(&case.network));
        found = [found[0] + into, found[1] + out];
    }
    assert!(found.iter().all(|&count| count > 100), "{found:?}");
}

#[test]
fn on_generated_networks_each_interface_fares_as_it_is_walked_alone() {
    for shape in [Shape::Fleet, Shape::NoReuse, Shape::Ipv6, Shape::Overlap, Shape::Deep] {
        let plan = Plan::new(Order { shape, vpcs: 6, interfaces: 12, seed: 5 }).unwrap();
        let mut text = Vec::new();
        write_scenario(&plan, &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        let read = scenario::read("net.yaml", &text, &mut |_| panic!("it has no base"));
        let [_, out] = hold(&World::new(read.unwrap().network).network);
        assert!(out > 0, "{shape}");
    }
}
