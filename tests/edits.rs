//! A network that is edited in place answers as one that is lowered anew after every edit.
//!
//! `REACH_EDIT_SEQUENCES` sets the number of networks; each is edited several times.

mod random;
#[path = "edits/standing.rs"]
mod standing;
#[path = "edits/told.rs"]
mod told;

use fastrand::Rng;
use ipnet::IpNet;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use standing::{Kept, Pairs};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::sync::Arc;
use vpc_reach::answer::{Flow, Party};
use vpc_reach::graph::{Graph, Touched, touched};
use vpc_reach::header::{AddressSet, IntervalSet, PortSet, Protocol, ProtocolMatch};
use vpc_reach::network::*;
use vpc_reach::query::World;
use vpc_reach::read::describe::{self, Document};
use vpc_reach::read::scenario;
use vpc_reach::solve::solve;
use vpc_reach::{complete::complete, generate};

/// Edits of each network, one after the other.
const EDITS: usize = 6;

fn sequences() -> usize {
    let wanted = std::env::var("REACH_EDIT_SEQUENCES").ok();
    wanted.map_or(100, |text| text.parse().expect("REACH_EDIT_SEQUENCES is a number"))
}

/// One of some.
fn one<T: Clone>(rng: &mut Rng, all: &[T]) -> Option<T> {
    (!all.is_empty()).then(|| all[rng.usize(..all.len())].clone())
}

fn keys<K: Clone, V>(shelf: &BTreeMap<K, V>) -> Vec<K> {
    shelf.keys().cloned().collect()
}

/// A block that something in the network may have, or something in it.
fn block(rng: &mut Rng, network: &Network) -> IpNet {
    let blocks: Vec<IpNet> = network.vpcs.values().flat_map(|vpc| vpc.cidrs.clone()).collect();
    let hosts = network.interfaces.values().flat_map(|one| &one.addresses);
    let hosts: Vec<IpNet> = hosts.map(|one| IpNet::from(one.address)).collect();
    let fixed = ["0.0.0.0/0", "::/0", "10.0.0.0/8", "198.51.100.0/24", "64:ff9b::/96"];
    let fixed = fixed.map(|text| text.parse().expect("a block"));
    let from = [blocks, hosts, fixed.to_vec()];
    let kind = rng.usize(..3);
    one(rng, &from[kind]).unwrap_or(fixed[0])
}

/// Everything that a route can lead to, and what is not there.
fn targets(network: &Network) -> Vec<RouteTarget> {
    let mut all = vec![RouteTarget::Local, RouteTarget::TransitGateway("tgw-none".into())];
    all.extend(keys(&network.internet_gateways).into_iter().map(RouteTarget::InternetGateway));
    all.extend(keys(&network.egress_only_gateways).into_iter().map(RouteTarget::EgressOnlyGateway));
    let zonal = network.nat_gateways.values().filter(|nat| nat.subnet.is_some());
    all.extend(zonal.map(|nat| RouteTarget::NatGateway(nat.id.clone())));
    all.extend(keys(&network.peerings).into_iter().map(RouteTarget::Peering));
    all.extend(keys(&network.transit_gateways).into_iter().map(RouteTarget::TransitGateway));
    all.extend(keys(&network.interfaces).into_iter().take(6).map(RouteTarget::Interface));
    for endpoint in network.vpc_endpoints.values() {
        all.extend(match endpoint.endpoint_type {
            EndpointType::Gateway => Some(RouteTarget::GatewayEndpoint(endpoint.id.clone())),
            EndpointType::GatewayLoadBalancer => {
                Some(RouteTarget::LoadBalancerEndpoint(endpoint.id.clone()))
            }
            _ => None,
        });
    }
    all
}

/// Changes the rules of a group.
fn edit_group(rng: &mut Rng, network: &mut Network) -> Option<Touched> {
    let id = one(rng, &keys(&network.security_groups))?;
    let other = one(rng, &keys(&network.security_groups))?;
    let peer = match rng.bool() {
        true => Peer::Group(GroupReference { group: other, peering_status: None }),
        false => Peer::Cidr(block(rng, network)),
    };
    let group = network.security_groups.get_mut(&id)?;
    let rules = if rng.bool() { &mut group.ingress } else { &mut group.egress };
    match rng.bool() && !rules.is_empty() {
        true => drop(rules.remove(rng.usize(..rules.len()))),
        false => rules.push(GroupRule {
            protocol: ProtocolMatch::Only(Protocol::Tcp),
            ports: PortSet::from_range(0, 443),
            icmp: None,
            peer,
            rule_id: None,
            at: None,
        }),
    }
    Some(Touched { security_groups: [id].into(), ..Touched::default() })
}

/// Changes the entries of an ACL.
fn edit_acl(rng: &mut Rng, network: &mut Network) -> Option<Touched> {
    let id = one(rng, &keys(&network.network_acls))?;
    let cidr = block(rng, network);
    let acl = network.network_acls.get_mut(&id)?;
    let entries = if rng.bool() { &mut acl.ingress } else { &mut acl.egress };
    match rng.bool() && !entries.is_empty() {
        true => drop(entries.remove(rng.usize(..entries.len()))),
        false => entries.push(AclEntry {
            number: rng.u32(1..90),
            action: if rng.bool() { AclAction::Allow } else { AclAction::Deny },
            protocol: ProtocolMatch::Only(Protocol::Tcp),
            cidr,
            ports: PortSet::from_range(0, 20_000),
            icmp: None,
            at: None,
        }),
    }
    Some(Touched { network_acls: [id].into(), ..Touched::default() })
}

/// Adds, turns or removes a route.
fn edit_routes(rng: &mut Rng, network: &mut Network) -> Option<Touched> {
    let of_gateways = network.route_tables.values().filter(|table| !table.gateways.is_empty());
    let of_gateways: Vec<_> = of_gateways.map(|table| table.id.clone()).collect();
    let id = match rng.bool() {
        true if !of_gateways.is_empty() => one(rng, &of_gateways)?,
        _ => one(rng, &keys(&network.route_tables))?,
    };
    let target = one(rng, &targets(network))?;
    let mut destination = Destination::Cidr(block(rng, network));
    if rng.u8(..8) == 0 {
        destination = Destination::PrefixList(one(rng, &keys(&network.prefix_lists))?);
    }
    let table = network.route_tables.get_mut(&id)?;
    let led = |rng: &mut Rng, table: &RouteTable| {
        (!table.routes.is_empty()).then(|| rng.usize(..table.routes.len()))
    };
    match (rng.u8(..4), led(rng, table)) {
        (0, Some(index)) => drop(table.routes.remove(index)),
        (1, Some(index)) => table.routes[index].target = target,
        (2, Some(index)) => {
            let states = [RouteState::Blackhole, RouteState::Other("filtered".to_owned())];
            table.routes[index].state = one(rng, &states)?;
        }
        _ => table.routes.push(Route {
            destination,
            target,
            state: RouteState::Active,
            origin: RouteOrigin::CreateRoute,
            at: None,
        }),
    }
    Some(Touched { route_tables: [id].into(), ..Touched::default() })
}

/// Changes the routes or the associations of a transit gateway's table.
fn edit_hub(rng: &mut Rng, network: &mut Network) -> Option<Touched> {
    let id = one(rng, &keys(&network.transit_gateway_route_tables))?;
    let attachment = one(rng, &keys(&network.transit_gateway_attachments))?;
    let destination = Destination::Cidr(block(rng, network));
    let table = network.transit_gateway_route_tables.get_mut(&id)?;
    let mut routes = table.routes.take().unwrap_or_default();
    match rng.u8(..6) {
        0 if !table.associations.remove(&attachment) => {
            table.associations.insert(attachment);
        }
        1 if !routes.is_empty() => drop(routes.remove(rng.usize(..routes.len()))),
        2 if !routes.is_empty() => {
            let index = rng.usize(..routes.len());
            routes[index].attachments = [attachment].into();
        }
        3 => routes.push(TransitGatewayRoute {
            destination,
            attachments: Default::default(),
            state: RouteState::Blackhole,
            propagated: false,
            at: None,
        }),
        _ => routes.push(TransitGatewayRoute {
            destination,
            attachments: [attachment].into(),
            state: RouteState::Active,
            propagated: rng.bool(),
            at: None,
        }),
    }
    table.routes = Some(routes).filter(|_| rng.u8(..20) > 0);
    Some(Touched { transit_gateway_route_tables: [id].into(), ..Touched::default() })
}

/// RT-02: what comes in by a gateway goes by a table.
fn let_a_table_route_a_gateway(rng: &mut Rng, network: &mut Network) -> Option<()> {
    let id = one(rng, &keys(&network.route_tables))?;
    let table = network.route_tables.get_mut(&id)?;
    let mut gateways = network.internet_gateways.values();
    let own = gateways.find(|one| one.attachments.iter().any(|(vpc, _)| *vpc == table.vpc))?;
    table.gateways.insert(own.id.as_str().to_owned());
    Some(())
}

type Edit = fn(&mut Rng, &mut Network) -> Option<Touched>;

/// The edits, by name.
const KINDS: [(&str, Edit); 4] = [
    ("group", edit_group),
    ("network ACL", edit_acl),
    ("route table", edit_routes),
    ("transit gateway route table", edit_hub),
];

/// Flows between interfaces, and out and in.
fn flows(rng: &mut Rng, network: &Network, count: usize) -> Vec<Flow> {
    let interfaces: Vec<&NetworkInterface> = network.interfaces.values().collect();
    let party = |interface: &NetworkInterface| Party::Interface {
        id: Arc::from(interface.id.as_str()),
        addresses: interface.private_addresses(),
    };
    let outside = || Party::Elsewhere {
        addresses: AddressSet::single("198.51.100.7".parse().expect("an address")),
        symbol: None,
    };
    let flow = |rng: &mut Rng| {
        let (from, to) = (one(rng, &interfaces)?, one(rng, &interfaces)?);
        let (source, destination) = match rng.u8(..7) {
            0 => (party(from), outside()),
            1 => (outside(), party(to)),
            // What a network load balancer's node forwards with its client's address.
            2 => {
                let addresses = match one(rng, &interfaces).filter(|_| rng.bool()) {
                    Some(client) => client.private_addresses(),
                    None => outside().addresses().clone(),
                };
                let id = Arc::from(from.id.as_str());
                (Party::Forwarder { id, addresses, symbol: None }, party(to))
            }
            _ => (party(from), party(to)),
        };
        Some(Flow {
            source,
            destination,
            protocol: Protocol::Tcp,
            destination_ports: PortSet::single(443),
            client_ports: IntervalSet::from_range(1024, u16::MAX),
        })
    };
    (0..count).filter_map(|_| flow(rng)).collect()
}

/// What became of edits of a kind: how many, and how many were told in place.
#[derive(Debug, Default)]
struct Count {
    edits: usize,
    in_place: usize,
    changed: usize,
    /// The codes that flows were stopped with.
    codes: BTreeSet<&'static str>,
    /// What became of all pairs.
    pairs: Kept,
}

type Counts = BTreeMap<&'static str, Count>;

fn hold(rng: &mut Rng, network: &mut Network, own: &[Flow], counts: &mut Counts) {
    let mut graph = Graph::new(network);
    let mut pairs = Pairs::new(network, &graph, 443);
    for _ in 0..EDITS {
        let (kind, edit) = KINDS[rng.usize(..KINDS.len())];
        let before = network.clone();
        let Some(told) = edit(rng, network) else { continue };
        assert!(!touched(&before, network).everything, "{kind}");
        let count = counts.entry(kind).or_default();
        count.edits += 1;
        let anew = Graph::new(network);
        let changed = graph.relower(network, &told);
        match &changed {
            Some(changed) => {
                count.in_place += 1;
                count.changed += usize::from(!changed.guards.is_empty());
            }
            None => graph = anew.clone(),
        }
        pairs.hold(&graph, changed.as_ref(), network, &anew, &mut count.pairs);
        let more = flows(rng, network, 8);
        for flow in own.iter().chain(&more) {
            let [quick, whole] = [&graph, &anew].map(|graph| format!("{:?}", solve(graph, flow)));
            let codes = random::CODES.iter().chain(&random::RARE).copied();
            count.codes.extend(codes.filter(|code| whole.contains(code)));
            assert!(
                quick == whole,
                "{kind} {told:?}\n{flow:?}\nin place\n{quick}\nanew\n{whole}\n{}",
                scenario::write(network)
            );
        }
    }
}

#[test]
fn random_networks_edited_in_place_answer_as_lowered_anew() {
    let config = TestRng::from_seed(RngAlgorithm::ChaCha, &[83; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), config);
    let cases = random::case();
    let (mut rng, mut counts) = (Rng::with_seed(5), BTreeMap::new());
    for _ in 0..sequences() {
        let random::Case { mut network, flow, .. } =
            cases.new_tree(&mut runner).expect("a case").current();
        if rng.u8(..4) == 0 {
            let_a_table_route_a_gateway(&mut rng, &mut network);
        }
        if rng.u8(..3) == 0 {
            let open = network.assumptions.set("NLB_REPLY_IGNORES_ROUTE_TABLE", "false");
            open.expect("there is such an assumption");
        }
        hold(&mut rng, &mut network, &[flow], &mut counts);
    }
    println!("{counts:#?}");
    for (kind, _) in KINDS {
        let Count { edits, in_place, changed, codes, pairs } = &counts[kind];
        assert!(*edits > sequences() / 5, "{kind}: {counts:?}");
        assert!(in_place * 20 >= edits * 19, "{kind}: {counts:?}");
        assert!(changed * 3 > *edits, "{kind}: {counts:?}");
        assert!(codes.len() > 20, "{kind}: {counts:?}");
        assert!(pairs.kept_up * 2 > pairs.edits, "{kind}: {counts:?}");
        assert!(pairs.shifts > 0, "{kind}: {counts:?}");
    }
}

#[derive(Default)]
struct Memory(Vec<(String, Vec<u8>)>);

impl generate::Folder for Memory {
    fn file(&mut self, path: &str) -> io::Result<Box<dyn Write + '_>> {
        self.0.push((path.to_owned(), Vec::new()));
        let (_, file) = self.0.last_mut().expect("it was just added");
        Ok(Box::new(file))
    }
}

fn generated(shape: generate::Shape, seed: u64) -> Network {
    let order = generate::Order { shape, vpcs: 6, interfaces: 8, seed };
    let plan = generate::Plan::new(order).expect("there are networks of any size");
    let mut memory = Memory::default();
    generate::write_describe(&plan, &mut memory).expect("memory takes all");
    let document = |(path, bytes): (String, Vec<u8>)| {
        let mut document = Document::new(&path, &String::from_utf8(bytes).expect("JSON is UTF-8"));
        let mut folders = path.split('/').map(Into::into);
        (document.scope.account, document.scope.region) = (folders.next(), folders.next());
        document
    };
    let documents: Vec<Document> = memory.0.into_iter().map(document).collect();
    complete(describe::read(&documents).expect("what is generated is read").network)
}

#[test]
fn generated_networks_edited_in_place_answer_as_lowered_anew() {
    use generate::Shape;
    let shapes = [Shape::Fleet, Shape::NoReuse, Shape::Ipv6, Shape::Overlap, Shape::Deep];
    let (mut rng, mut counts) = (Rng::with_seed(7), BTreeMap::new());
    for round in 0..(sequences() / 10) as u64 {
        let mut network = generated(shapes[round as usize % shapes.len()], round);
        hold(&mut rng, &mut network, &[], &mut counts);
    }
    println!("{counts:#?}");
    for (kind, count) in &counts {
        assert_eq!(count.in_place, count.edits, "{kind}: {counts:?}");
    }
}

/// What is edited beyond rules and routes is lowered anew, and answers the same.
#[test]
fn an_edited_world_answers_as_the_world_of_the_edited_network() {
    let mut rng = Rng::with_seed(11);
    let base = generated(generate::Shape::Fleet, 3);
    let world = World::new(base.clone());
    for round in 0..12 {
        let mut edited = base.clone();
        for (_, edit) in KINDS {
            edit(&mut rng, &mut edited);
        }
        if round % 3 == 0 {
            let gone = keys(&edited.interfaces).pop().expect("there are interfaces");
            edited.interfaces.remove(&gone);
        }
        assert_eq!(touched(&base, &edited).everything, round % 3 == 0);
        let (quick, whole) = (world.edited(&base, edited.clone()), World::new(edited));
        assert_eq!(quick.network, whole.network);
        for flow in flows(&mut rng, &whole.network, 20) {
            let [quick, whole] = [&quick, &whole].map(|world| solve(&world.graph, &flow));
            assert_eq!(format!("{quick:?}"), format!("{whole:?}"), "{flow:?}");
        }
    }
}

/// What is told of all pairs of interfaces is what walks of each pair say before and after.
#[test]
fn the_pairs_that_a_change_is_told_to_turn_are_those_that_walk_otherwise() {
    let config = TestRng::from_seed(RngAlgorithm::ChaCha, &[97; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), config);
    let cases = random::case();
    let (mut rng, mut seen) = (Rng::with_seed(13), told::Seen::default());
    for round in 0..sequences() * 2 / 5 {
        let base = match round % 3 {
            0 => {
                let shapes = [generate::Shape::Ipv6, generate::Shape::Overlap];
                generated(shapes[round % 2], round as u64)
            }
            _ => cases.new_tree(&mut runner).expect("a case").current().network,
        };
        let mut edited = base.clone();
        // Of groups alone, it is told on the ports of their rules, and of others than their own only
        // where routes lead to one who carries them.
        let only_groups = rng.u8(..4) == 0;
        for _ in 0..=rng.usize(..3) {
            match rng.usize(..KINDS.len() * 2) {
                _ if only_groups => drop(edit_group(&mut rng, &mut edited)),
                kind if kind < KINDS.len() => drop(KINDS[kind].1(&mut rng, &mut edited)),
                _ => told::edit_interfaces(&mut rng, &mut edited),
            }
        }
        match rng.bool() {
            true => told::hold(&mut rng, &base, &edited, &mut seen),
            false => told::hold(&mut rng, &edited, &base, &mut seen),
        }
    }
    println!("{seen:?}");
    seen.suffice();
}
