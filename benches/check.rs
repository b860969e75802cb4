//! Every service of a network, checked: verdicts alone, and everything that `reach check` says.
//!
//! `cargo bench --bench check` makes its networks itself; `REACH_BENCH_FOLDER=DIR` takes saved AWS
//! CLI output instead, and `REACH_BENCH_ASSUME=NAME=VALUE` settles an open point.

mod made;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use vpc_reach::answer::Verdict;
use vpc_reach::check::{Check, CheckedService, Role, check};
use vpc_reach::ecs::{Asked, legs, needs};
use vpc_reach::fleet::{Demand, Fate, Fleet, Host};
use vpc_reach::header::{Family, PortSet, Protocol};
use vpc_reach::network::{LoadBalancer, Network, Service, Task};
use vpc_reach::query::World;
use vpc_reach::read::{self, describe};
use vpc_reach::report::{Style, check_text};
use vpc_reach::resolve::{Asks, Outside, Resolved, resolve};

/// VPCs and interfaces per VPC.
const SIZES: [(u32, u32); 3] = [(10, 100), (100, 100), (1000, 100)];

fn main() {
    let test = std::env::args().any(|argument| argument == "--test");
    if let Ok(folder) = std::env::var("REACH_BENCH_FOLDER") {
        let begin = Instant::now();
        let loaded = read::load(&folder).expect("the folder is read");
        say("read", begin.elapsed());
        measure(loaded.network);
        return;
    }
    let sizes: &[_] = if test { &[(3, 20)] } else { &SIZES };
    for &(vpcs, interfaces) in sizes {
        println!("{vpcs} VPCs, {interfaces} interfaces in each, shape fleet, seed 7");
        let documents = made::fleet(vpcs, interfaces, 7);
        measure(describe::read(&documents).expect("what is made is read").network);
    }
}

fn measure(mut network: Network) {
    if let Ok(assumed) = std::env::var("REACH_BENCH_ASSUME") {
        let (name, value) = assumed.split_once('=').expect("NAME=VALUE");
        network.assumptions.set(name, value).expect("there is such an open point");
    }
    let (time, world) = timed(|| World::new(network));
    say("complete and lower", time);
    println!(
        "  {} services, {} tasks, {} interfaces",
        world.network.services.len(),
        world.network.tasks.len(),
        world.network.interfaces.len()
    );
    verdicts(&world);
    let (time, checked) = timed(|| check(&world, &[]));
    say("check, with everything it says", time);
    counts(&world.network, &checked);
    let (time, text) = timed(|| check_text(&checked, &Style::default()));
    say("the text of it", time);
    println!("  {} lines", text.lines().count());
    if let Some(memory) = peak() {
        println!("  {memory} kB at most");
    }
}

/// Every running task to what its start needs where that is an endpoint, and every node of a load
/// balancer to every running target of a service behind it: the verdict alone. What is public is
/// only counted.
fn verdicts(world: &World) {
    let World { network, graph, .. } = world;
    let mut public = 0;
    let (time, (fleet, questions)) = timed(|| {
        let mut questions = by_port(network);
        public = to_endpoints(network, questions.entry(443).or_default());
        let ids = questions.values().flatten().flat_map(|(from, to)| [*from, *to]);
        let mut hosts: BTreeMap<&str, Host> = BTreeMap::new();
        for id in ids {
            let Some(index) = graph.interface(id) else { continue };
            let own = network.interfaces.get(id).map(|one| one.addresses.as_slice());
            let own = own.unwrap_or_default().iter().map(|own| own.address);
            let Some(address) = own.into_iter().find(|one| Family::of(*one) == Family::V4) else {
                continue;
            };
            hosts.insert(id, Host { interface: index, address });
        }
        let own: BTreeMap<&str, u32> = hosts.iter().map(|(id, one)| (*id, one.interface)).collect();
        let fleet = Fleet::new(graph, hosts.into_values().collect());
        let sorted = fleet.hosts().iter().enumerate();
        let sorted: BTreeMap<u32, usize> =
            sorted.map(|(place, one)| (one.interface, place)).collect();
        let places: BTreeMap<&str, usize> =
            own.iter().filter_map(|(id, one)| Some((*id, *sorted.get(one)?))).collect();
        let placed = questions.iter().map(|(port, pairs)| {
            let pairs = pairs.iter().filter_map(|(from, to)| {
                Some((places.get(from).copied()?, places.get(to).copied()?))
            });
            (*port, pairs.collect::<Vec<_>>())
        });
        let placed: Vec<(u16, Vec<(usize, usize)>)> = placed.collect();
        (fleet, placed)
    });
    say("private pairs: list and sort", time);
    let (time, fates) = timed(|| {
        let mut fates = [0; 5];
        let mut survey = None;
        for (port, pairs) in &questions {
            let client_ports = PortSet::from_range(1_024, 65_535);
            let demand = Demand { protocol: Protocol::Tcp, port: *port, client_ports };
            let turned = match &survey {
                None => fleet.survey(graph, &demand),
                Some(other) => {
                    let other: &vpc_reach::fleet::Survey<'_> = other;
                    other.turned_to(graph, &demand)
                }
            };
            for &(from, to) in pairs {
                let column = match turned.fate(from, to) {
                    Fate::Reachable => 0,
                    Fate::Partial => 1,
                    Fate::Blocked => 2,
                    Fate::Unknown => 3,
                    Fate::Open => 4,
                };
                fates[column] += 1;
            }
            survey = Some(turned);
        }
        fates
    });
    say("private pairs: verdicts", time);
    let all: usize = questions.iter().map(|(_, pairs)| pairs.len()).sum();
    println!("  [reachable, partial, blocked, unknown, to be walked] {fates:?} of {all}");
    println!("  {public} to public addresses, not told here");
}

/// Adds the pairs of running tasks and interfaces of the endpoints that their start needs, as names
/// lead there in their VPC; says how many names lead to public addresses, task by task.
fn to_endpoints<'n>(network: &'n Network, pairs: &mut Vec<(&'n str, &'n str)>) -> usize {
    let mut public = 0;
    let mut known: BTreeMap<(&str, String), Option<Vec<&str>>> = BTreeMap::new();
    for service in network.services.values() {
        let needs = needs(network, service);
        let tasks: Vec<_> = running(network, service)
            .flat_map(|task| &task.interfaces)
            .filter_map(|id| network.interfaces.get(id))
            .collect();
        let Some(vpc) = tasks.first().and_then(|one| network.vpcs.get(&one.vpc)) else { continue };
        let scope = &vpc.about.scope;
        for need in needs {
            let Asked::Service { service, region, host } = &need.asked else { continue };
            let Some(region) = region.as_deref().or(scope.region.as_deref()) else { continue };
            let usual = || service.host(region, scope.account.as_deref());
            let host = host.clone().unwrap_or_else(usual);
            let found = known.entry((vpc.id.as_str(), host.clone())).or_insert_with(|| {
                let asks = Asks { ipv4: true, ipv6: false, dns64: false };
                let found = resolve(network, vpc, &host, Outside::Service(service, region), asks);
                let ids = found.iter().find_map(|one| match &one.resolved {
                    Resolved::Interfaces(ids) => Some(ids.clone()),
                    _ => None,
                })?;
                let ids = ids.iter().filter_map(|id| network.interfaces.get(id));
                Some(ids.map(|one| one.id.as_str()).collect())
            });
            match found {
                Some(ids) => {
                    let each = |task| ids.iter().map(move |id| (task, *id));
                    pairs.extend(tasks.iter().flat_map(|task| each(task.id.as_str())));
                }
                None => public += tasks.len(),
            }
        }
    }
    public
}

/// From the nodes of load balancers to the tasks behind them, by the port of the traffic.
fn by_port(network: &Network) -> BTreeMap<u16, Vec<(&str, &str)>> {
    let mut questions: BTreeMap<u16, Vec<(&str, &str)>> = BTreeMap::new();
    let mut nodes: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for service in network.services.values() {
        let targets: Vec<&str> = running(network, service)
            .flat_map(|task| &task.interfaces)
            .map(|id| id.as_str())
            .collect();
        for leg in legs(network, service) {
            let Some(port) = leg.port else { continue };
            let own = nodes
                .entry(leg.balancer.id.as_str())
                .or_insert_with(|| own_interfaces(network, leg.balancer));
            for from in own.iter() {
                questions.entry(port).or_default().extend(targets.iter().map(|to| (*from, *to)));
            }
        }
    }
    questions
}

/// The interfaces that AWS made for a load balancer.
fn own_interfaces<'n>(network: &'n Network, balancer: &LoadBalancer) -> Vec<&'n str> {
    let short = balancer.id.as_str().split("loadbalancer/").nth(1).unwrap_or_default();
    let own = network.interfaces.values().filter(|one| {
        one.planned.is_none() && one.about.name.as_deref().is_some_and(|name| name.ends_with(short))
    });
    own.map(|one| one.id.as_str()).collect()
}

fn running<'n>(network: &'n Network, service: &Service) -> impl Iterator<Item = &'n Task> {
    network.tasks_of(service)
}

/// What came out, by what is reached, for every running task of each service and place.
fn counts(network: &Network, checked: &Check) {
    let mut starts: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    let mut reached = [0; 3];
    for service in &checked.services {
        let tasks = tasks_by_subnet(network, service);
        let of = |subnet: Option<&str>| subnet.and_then(|id| tasks.get(id)).copied().unwrap_or(0);
        for flow in &service.flows {
            // A task has an answer for every group of addresses that fare alike.
            let mut from: BTreeMap<Option<&str>, Vec<Verdict>> = BTreeMap::new();
            for answer in &flow.answers {
                let [source, destination] = [&answer.source, &answer.destination]
                    .map(|end| end.subnet.as_ref().map(|one| one.id.as_str()));
                match flow.role {
                    Role::Start(..) => from.entry(source).or_default().push(answer.verdict),
                    Role::Leg => reached[column(answer.verdict)] += of(destination),
                    Role::Clients => {}
                }
            }
            for (source, verdicts) in from {
                let column = column(Verdict::of_all(verdicts));
                starts.entry(&flow.what).or_default()[column] += of(source);
            }
        }
    }
    println!("  running tasks: [reachable, intermittent, neither]");
    for (what, counts) in starts {
        println!("    {what:<16} {counts:?}");
    }
    println!("    legs from nodes  {reached:?}");
}

fn column(verdict: Verdict) -> usize {
    match verdict {
        Verdict::Reachable => 0,
        Verdict::Intermittent => 1,
        Verdict::Blocked | Verdict::Unknown => 2,
    }
}

fn tasks_by_subnet<'n>(network: &'n Network, service: &CheckedService) -> BTreeMap<&'n str, usize> {
    let mut tasks: BTreeMap<&str, usize> = BTreeMap::new();
    let Some(service) = network.services.get(service.service.id.as_str()) else { return tasks };
    for id in running(network, service).flat_map(|task| &task.interfaces) {
        let Some(interface) = network.interfaces.get(id) else { continue };
        *tasks.entry(interface.subnet.as_str()).or_default() += 1;
    }
    tasks
}

fn timed<T>(run: impl FnOnce() -> T) -> (Duration, T) {
    let begin = Instant::now();
    let found = run();
    (begin.elapsed(), found)
}

fn say(what: &str, time: Duration) {
    println!("  {what:<32}{time:>12.2?}");
}

/// The most memory that this process ever held, where the system says.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse().ok()
}
