//! All pairs of a network on one port, beside what else could answer it: walks over a petgraph
//! graph of the same network, and the same reachability as Datalog (ascent). All have to find the
//! same number of pairs.
//!
//! `cargo bench --bench all_pairs` prints size, time and ratio; with `--test`, small networks only.

mod made;
mod peers;

use peers::{Facts, datalog, walks};
use std::hint::black_box;
use std::time::{Duration, Instant};
use vpc_reach::audit::hosts;
use vpc_reach::fleet::{Demand, Fate, Fleet, Host, Tally};
use vpc_reach::graph::Graph;
use vpc_reach::header::{Family, PortSet, Protocol};
use vpc_reach::query::World;
use vpc_reach::read::describe;

/// The port that everybody asks about.
const PORT: u16 = 443;

/// VPCs and interfaces per VPC.
const SIZES: [(u32, u32); 2] = [(10, 100), (40, 100)];

fn main() {
    let test = std::env::args().any(|argument| argument == "--test");
    let sizes: &[_] = if test { &[(3, 20)] } else { &SIZES };
    println!("all pairs on tcp {PORT}, shape fleet, seed 7");
    for &(vpcs, interfaces) in sizes {
        compare(vpcs, interfaces);
    }
}

fn compare(vpcs: u32, interfaces: u32) {
    let documents = made::fleet(vpcs, interfaces, 7);
    let read = describe::read(&documents).expect("what is generated is read");
    let facts = Facts::new(&read.network, PORT);
    let world = World::new(read.network);
    let hosts = hosts(&world.network, &world.graph, Family::V4);
    let count = hosts.len();
    let (time, pairs) = least(5, || counted(&world.graph, hosts.clone()));
    assert_eq!((pairs.unknown, pairs.partial, pairs.open), (0, 0, 0), "the peers know none");
    println!("{vpcs} VPCs, {count} interfaces: {} pairs reachable", pairs.reachable);
    println!("  reach           {time:>12.2?}");
    for (name, peer) in
        [("petgraph walks", walks as fn(&Facts) -> u64), ("ascent Datalog", datalog)]
    {
        let (own, found) = least(1, || peer(&facts));
        assert_eq!(found, pairs.reachable, "{name} finds as many");
        let ratio = own.as_secs_f64() / time.as_secs_f64();
        println!("  {name}  {own:>12.2?}  {ratio:>8.0} times");
    }
}

/// All pairs, from the graph on.
fn counted(graph: &Graph, hosts: Vec<Host>) -> Tally {
    let client_ports = PortSet::from_range(32_768, 60_999);
    let demand = Demand { protocol: Protocol::Tcp, port: PORT, client_ports };
    Fleet::new(graph, hosts).survey(graph, &demand).tally(&mut |_, _| Fate::Open)
}

/// The shortest of a few runs, and what came of it.
fn least<T>(runs: u32, mut run: impl FnMut() -> T) -> (Duration, T) {
    let mut once = || {
        let start = Instant::now();
        let found = black_box(run());
        (start.elapsed(), found)
    };
    let mut best = once();
    for _ in 1..runs {
        let next = once();
        best = if next.0 < best.0 { next } else { best };
    }
    best
}
