//! Edits in place: what it takes to tell a part of a graph anew, beside lowering the whole.

mod made;

use std::hint::black_box;
use std::time::{Duration, Instant};
use vpc_reach::complete::complete;
use vpc_reach::graph::{Graph, Touched};
use vpc_reach::header::PortSet;
use vpc_reach::network::{AclAction, Destination, Network, RouteState};
use vpc_reach::read::describe;

/// An edit, and what it touches.
type Edit = Box<dyn FnMut(&mut Network, usize) -> Touched>;

/// The time of each of some edits, sorted.
fn times(graph: &mut Graph, network: &mut Network, rounds: usize, mut edit: Edit) -> Vec<Duration> {
    let one = |round| {
        let touched = edit(network, round);
        let begin = Instant::now();
        let changed = graph.relower(network, &touched).expect("it can be told in place");
        let time = begin.elapsed();
        black_box(changed);
        time
    };
    let mut times: Vec<Duration> = (0..rounds).map(one).collect();
    times.sort();
    times
}

/// Every nth of some ids.
fn at<K: Clone>(keys: &[K], round: usize) -> K {
    keys[round * 7919 % keys.len()].clone()
}

/// The rules of a group: its first one is for another port each time.
fn group(network: &Network) -> Edit {
    let with_rules = network.security_groups.values().filter(|one| !one.ingress.is_empty());
    let ids: Vec<_> = with_rules.map(|one| one.id.clone()).collect();
    Box::new(move |network, round| {
        let id = at(&ids, round);
        if let Some(group) = network.security_groups.get_mut(&id) {
            group.ingress[0].ports = PortSet::single(20_000 + round as u16);
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

/// The routes of a table: the last one comes and goes, towards another block.
fn route(network: &Network) -> Edit {
    let ids: Vec<_> = network.route_tables.keys().cloned().collect();
    Box::new(move |network, round| {
        let id = at(&ids, round);
        if let Some(table) = network.route_tables.get_mut(&id)
            && let Some(last) = table.routes.last().cloned()
        {
            let block = "198.51.100.0/24".parse().expect("a block");
            let destination = Destination::Cidr(block);
            match last.destination == destination {
                true => drop(table.routes.pop()),
                false => table.routes.push(vpc_reach::network::Route { destination, ..last }),
            }
        }
        Touched { route_tables: [id].into(), ..Touched::default() }
    })
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
            routes[index].state = match routes[index].state {
                RouteState::Active => RouteState::Blackhole,
                _ => RouteState::Active,
            };
        }
        Touched { transit_gateway_route_tables: [id].into(), ..Touched::default() }
    })
}

fn main() {
    let test = std::env::args().any(|argument| argument == "--test");
    let (vpcs, interfaces, rounds) = if test { (3, 20, 8) } else { (1000, 100, 400) };
    let read = describe::read(&made::fleet(vpcs, interfaces, 7)).expect("what is made is read");
    let begin = Instant::now();
    let mut network = complete(read.network);
    let completed = begin.elapsed();
    let begin = Instant::now();
    let mut graph = Graph::new(&network);
    println!(
        "{vpcs} VPCs, {} interfaces, {} places, {} passages, {} guards: completed in {completed:?}, \
         lowered in {:?}",
        vpcs * interfaces,
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
    for (what, edit) in edits {
        let times = times(&mut graph, &mut network, rounds, edit);
        let (median, slow) = (times[times.len() / 2], times[times.len() * 95 / 100]);
        println!("{what}: median {median:?}, 95 of 100 within {slow:?}");
    }
}
