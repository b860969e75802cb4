//! A large network and all its pairs: what each step takes, by size.
//!
//! `cargo bench --bench fleet` makes its networks itself; `REACH_BENCH_FOLDER=DIR` takes saved AWS
//! CLI output instead, and `REACH_BENCH_ASSUME=NAME=VALUE` settles an open point.

mod made;

use fastrand::Rng;
use std::collections::HashMap;
use std::hint::black_box;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use vpc_reach::answer::{Flow, Party};
use vpc_reach::audit::hosts;
use vpc_reach::fleet::{Demand, Fate, Fleet};
use vpc_reach::generate::{Order, Shape};
use vpc_reach::graph::Graph;
use vpc_reach::header::{AddressSet, Family, PortSet, Protocol};
use vpc_reach::network::Network;
use vpc_reach::query::World;
use vpc_reach::read::{self, describe};
use vpc_reach::solve::solve;

/// VPCs and interfaces per VPC.
const SIZES: [(u32, u32); 3] = [(10, 100), (100, 100), (1000, 100)];

fn main() {
    let test = std::env::args().any(|argument| argument == "--test");
    if let Ok(folder) = std::env::var("REACH_BENCH_FOLDER") {
        let begin = Instant::now();
        let loaded = read::load(&folder).expect("the folder is read");
        say("read", begin.elapsed());
        measure(loaded.network, 5);
        return;
    }
    let sizes: &[_] = if test { &[(3, 20)] } else { &SIZES };
    for &(vpcs, interfaces) in sizes {
        println!("{vpcs} VPCs, {interfaces} interfaces in each, shape fleet, seed 7");
        let documents = made::fleet(vpcs, interfaces, 7);
        measure(describe::read(&documents).expect("what is made is read").network, 5);
    }
    // The worst case: each interface has a group of its own, for single addresses.
    let (vpcs, interfaces) = sizes[sizes.len() - 1];
    let order = Order { shape: Shape::NoReuse, vpcs, interfaces, seed: 7 };
    println!("{vpcs} VPCs, {interfaces} interfaces in each, shape {}, seed 7", order.shape);
    let documents = made::network(order);
    measure(describe::read(&documents).expect("what is made is read").network, 5);
}

fn measure(mut network: Network, rounds: usize) {
    if let Ok(assumed) = std::env::var("REACH_BENCH_ASSUME") {
        let (name, value) = assumed.split_once('=').expect("NAME=VALUE");
        network.assumptions.set(name, value).expect("there is such an open point");
    }
    let begin = Instant::now();
    let World { network, graph, .. } = World::new(network);
    say("complete and lower", begin.elapsed());
    let own = hosts(&network, &graph, Family::V4);
    let begin = Instant::now();
    let fleet = Fleet::new(&graph, own);
    say("sort hosts into zones", begin.elapsed());
    println!("  {} interfaces, {} zones", fleet.hosts().len(), fleet.zones());
    let demand = demand(443);
    let first = fleet.survey(&graph, &demand);
    let times = (0..rounds).map(|_| timed(|| fleet.survey(&graph, &demand)).0);
    say("one port, from the graph on", median(times.collect()));
    let mut walks = 0_u64;
    let (times, tallies): (Vec<_>, Vec<_>) = (0..rounds)
        .map(|_| {
            walks = 0;
            let survey = fleet.survey(&graph, &demand);
            timed(|| {
                survey.tally(&mut |_, _| {
                    walks += 1;
                    Fate::Open
                })
            })
        })
        .unzip();
    say("its pairs, counted", median(times));
    let translated = first.through_translators();
    println!("  {:?}; {translated} of them through NAT gateways, {walks} to be walked", tallies[0]);
    let ranges = graph.port_ranges(Protocol::Tcp);
    let (mut last, mut times) = (first, Vec::new());
    for &(port, _) in &ranges {
        let (time, survey) = timed(|| {
            let survey = last.turned_to(&graph, &self::demand(port));
            black_box(survey.tally(&mut |_, _| Fate::Open));
            survey
        });
        times.push(time);
        last = survey;
    }
    let all = times.iter().sum();
    say("one port after another", median(times));
    say(&format!("{} port ranges", ranges.len()), all);
    questions(&graph, &fleet, &network);
    if let Some(memory) = peak() {
        println!("  {memory} kB at most");
    }
}

/// One warm question: the verdict, and the walk with its hops.
fn questions(graph: &Graph, fleet: &Fleet, network: &Network) {
    const COUNT: usize = 2_000;
    let survey = fleet.survey(graph, &demand(443));
    let mut rng = Rng::with_seed(7);
    let count = fleet.hosts().len();
    let pairs: Vec<(usize, usize)> =
        (0..COUNT).map(|_| (rng.usize(..count), rng.usize(..count))).collect();
    let (time, _) = timed(|| {
        for _ in 0..50 {
            for &(from, to) in &pairs {
                black_box(survey.fate(from, to));
            }
        }
    });
    say("one warm verdict, mean", time / (50 * COUNT as u32));
    let ids = network.interfaces.keys().map(|id| id.as_str());
    let named: HashMap<u32, &str> = ids.filter_map(|id| Some((graph.interface(id)?, id))).collect();
    let flows: Vec<Flow> = pairs
        .iter()
        .take(200)
        .filter_map(|&(from, to)| {
            let party = |host: usize| {
                let host = fleet.hosts()[host];
                let address: IpAddr = host.address;
                let id = Arc::from(*named.get(&host.interface)?);
                Some(Party::Interface { id, addresses: AddressSet::single(address) })
            };
            Some(Flow {
                source: party(from)?,
                destination: party(to)?,
                protocol: Protocol::Tcp,
                destination_ports: PortSet::single(443),
                client_ports: demand(443).client_ports,
            })
        })
        .collect();
    let walks = || flows.iter().map(|flow| timed(|| black_box(solve(graph, flow))).0);
    say("one walk with its hops, at first", median(walks().collect()));
    let again: Vec<Duration> = (0..20).flat_map(|_| walks()).collect();
    say("one walk with its hops, again", median(again));
}

fn demand(port: u16) -> Demand {
    let client_ports = PortSet::from_range(32_768, 60_999);
    Demand { protocol: Protocol::Tcp, port, client_ports }
}

fn timed<T>(run: impl FnOnce() -> T) -> (Duration, T) {
    let begin = Instant::now();
    let found = run();
    (begin.elapsed(), found)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn say(what: &str, time: Duration) {
    println!("  {what:<32}{time:>12.2?}");
}

/// The most memory that this process has had, in kB, where the system tells.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}
