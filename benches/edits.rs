//! Edits in place: what it takes to tell a part of a graph anew and to look again at the pairs of
//! hosts that it touches, beside lowering the whole and counting all pairs.
//!
//! `REACH_BENCH_FOLDER=DIR` takes saved AWS CLI output instead of a network made to order, and
//! `REACH_BENCH_ASSUME=NAME=VALUE` settles an open point.

mod made;

use std::time::{Duration, Instant};
use vpc_reach::audit::hosts;
use vpc_reach::complete::complete;
use vpc_reach::fleet::{Demand, Fleet, Standing};
use vpc_reach::graph::{Graph, Touched};
use vpc_reach::header::{Family, PortSet, Protocol};
use vpc_reach::network::{AclAction, Network, Route, RouteState, RouteTarget};
use vpc_reach::read::{self, describe};

/// An edit, and what it touches.
type Edit = Box<dyn FnMut(&mut Network, usize) -> Touched>;

/// The times of some edits, sorted: of telling the graph, and of that and the exact change in pairs.
/// How many were kept up, and how many pairs were opened or closed.
struct Times {
    told: Vec<Duration>,
    kept_up: Vec<Duration>,
    shifted: u64,
}

fn times(
    graph: &mut Graph,
    network: &mut Network,
    fleet: &Fleet,
    rounds: usize,
    mut edit: Edit,
) -> Times {
    let mut times = Times { told: Vec::new(), kept_up: Vec::new(), shifted: 0 };
    let mut pairs = standing(fleet, graph);
    for round in 0..rounds {
        let touched = edit(network, round);
        let begin = Instant::now();
        let changed = graph.relower(network, &touched).expect("it can be told in place");
        times.told.push(begin.elapsed());
        match pairs.update(graph, &changed) {
            Some(delta) => {
                times.kept_up.push(begin.elapsed());
                times.shifted += delta.opened() + delta.closed();
            }
            None => pairs = standing(fleet, graph),
        }
    }
    times.told.sort_unstable();
    times.kept_up.sort_unstable();
    times
}

fn standing<'f>(fleet: &'f Fleet, graph: &Graph) -> Standing<'f> {
    let client_ports = PortSet::from_range(32_768, 60_999);
    let demand = Demand { protocol: Protocol::Tcp, port: 443, client_ports };
    Standing::new(fleet.survey(graph, &demand))
}

/// Every nth of some ids.
fn at<K: Clone>(keys: &[K], round: usize) -> K {
    keys[round * 7919 % keys.len()].clone()
}

/// The rules of a group: its first one is for 443 or not, in turn.
fn group(network: &Network) -> Edit {
    let with_rules = network.security_groups.values().filter(|one| !one.ingress.is_empty());
    let ids: Vec<_> = with_rules.map(|one| one.id.clone()).collect();
    Box::new(move |network, round| {
        let id = at(&ids, round);
        if let Some(group) = network.security_groups.get_mut(&id) {
            group.ingress[0].ports = PortSet::single(if round % 2 == 0 { 443 } else { 444 });
        }
        Touched { security_groups: [id].into(), ..Touched::default() }
    })
}

/// The entries of an ACL: its first one allows and denies in turn.
fn acl(network: &Network) -> Edit {
    let ids: Vec<_> = network.network_acls.keys().cloned().collect();
    Box::new(move |network, round| {
        let id = at(&ids, round);
        if let Some(entry) = network.network_acls.get_mut(&id).and_then(|it| it.ingress.first_mut())
        {
            entry.action = match entry.action {
                AclAction::Allow => AclAction::Deny,
                AclAction::Deny => AclAction::Allow,
            };
        }
        Touched { network_acls: [id].into(), ..Touched::default() }
    })
}

/// The routes of a table: one that leads out of the VPC dies or lives.
fn route(network: &Network) -> Edit {
    let leads = |route: &Route| route.target != RouteTarget::Local;
    let led = network.route_tables.values().filter(|table| table.routes.iter().any(leads));
    let ids: Vec<_> = led.map(|table| table.id.clone()).collect();
    Box::new(move |network, round| {
        let id = at(&ids, round);
        if let Some(table) = network.route_tables.get_mut(&id) {
            let mut routes: Vec<&mut Route> =
                table.routes.iter_mut().filter(|route| leads(route)).collect();
            let index = round * 31 % routes.len();
            turn(&mut routes[index].state);
        }
        Touched { route_tables: [id].into(), ..Touched::default() }
    })
}

fn turn(state: &mut RouteState) {
    *state = match state {
        RouteState::Active => RouteState::Blackhole,
        _ => RouteState::Active,
    };
}

/// The routes of a transit gateway's table: one dies and lives.
fn hub(network: &Network) -> Edit {
    let ids: Vec<_> = network.transit_gateway_route_tables.keys().cloned().collect();
    Box::new(move |network, round| {
        let id = at(&ids, round);
        let tables = &mut network.transit_gateway_route_tables;
        let routes = tables.get_mut(&id).and_then(|table| table.routes.as_mut());
        if let Some(routes) = routes.filter(|routes| !routes.is_empty()) {
            let index = round * 31 % routes.len();
            turn(&mut routes[index].state);
        }
        Touched { transit_gateway_route_tables: [id].into(), ..Touched::default() }
    })
}

fn main() {
    let test = std::env::args().any(|argument| argument == "--test");
    let (vpcs, interfaces, rounds) = if test { (3, 20, 8) } else { (1000, 100, 100) };
    let mut read = match std::env::var("REACH_BENCH_FOLDER") {
        Ok(folder) => read::load(&folder).expect("the folder is read").network,
        Err(_) => {
            let documents = made::fleet(vpcs, interfaces, 7);
            describe::read(&documents).expect("what is made is read").network
        }
    };
    if let Ok(assumed) = std::env::var("REACH_BENCH_ASSUME") {
        let (name, value) = assumed.split_once('=').expect("NAME=VALUE");
        read.assumptions.set(name, value).expect("there is such an open point");
    }
    let begin = Instant::now();
    let mut network = complete(read);
    let completed = begin.elapsed();
    let begin = Instant::now();
    let mut graph = Graph::new(&network);
    println!(
        "{} VPCs, {} interfaces, {} places, {} passages, {} guards: completed in {completed:?}, \
         lowered in {:?}",
        network.vpcs.len(),
        network.interfaces.len(),
        graph.places.node_count(),
        graph.places.edge_count(),
        graph.guards.len(),
        begin.elapsed()
    );
    let edits: [(&str, Edit); 4] = [
        ("rules of one group", group(&network)),
        ("entries of one network ACL", acl(&network)),
        ("routes of one route table", route(&network)),
        ("routes of one transit gateway route table", hub(&network)),
    ];
    let begin = Instant::now();
    let fleet = Fleet::new(&graph, hosts(&network, &graph, Family::V4));
    let tally = standing(&fleet, &graph).tally();
    println!("all pairs counted in {:?}: {tally:?}", begin.elapsed());
    for (what, edit) in edits {
        let Times { told, kept_up, shifted } =
            times(&mut graph, &mut network, &fleet, rounds, edit);
        let (median, slow) = (told[told.len() / 2], told[told.len() * 95 / 100]);
        println!("{what}: told in {median:?}, 95 of 100 within {slow:?}");
        if let Some(median) = kept_up.get(kept_up.len() / 2) {
            let slow = kept_up[kept_up.len() * 95 / 100];
            println!(
                "  with the exact change in pairs: median {median:?}, 95 of 100 within {slow:?}; {} of \
                 {rounds} kept up, {shifted} pairs opened or closed",
                kept_up.len()
            );
        }
    }
}
