//! What the internet reaches, and what reaches the internet: one walk for all that no rule tells
//! apart, and for all ports.

use super::alike::{Alike, Likeness};
use super::{ANY_CLIENT_PORTS, CLIENT_PORTS, Exposed, Leaving, Question, fate_of};
use crate::answer::{Flow, Outcome, Party};
use crate::fleet::{Fate, Fleet};
use crate::graph::Graph;
use crate::header::{AddressSet, Family, PortSet, Symbol, public_ipv4, public_ipv6};
use crate::network::{Kind, Network, NetworkInterface, Resource};
use crate::solve::{Region, Solution, solve};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

/// The interfaces of an audit and the internet, both ways.
pub(super) struct Internet<'a> {
    /// What comes in, by class, and the class of each interface that it may come to.
    into: Classes<'a>,
    /// What goes out, likewise.
    out: Classes<'a>,
}

/// Walks by class.
struct Classes<'a> {
    numbers: BTreeMap<Likeness<'a>, usize>,
    walks: Vec<Solution>,
    /// The class of each host.
    of_host: Vec<Option<usize>>,
}

impl<'a> Classes<'a> {
    fn new(hosts: usize) -> Self {
        let of_host = Vec::with_capacity(hosts);
        Self { numbers: BTreeMap::new(), walks: Vec::new(), of_host }
    }

    /// The next host, of which the first of its likeness is walked.
    fn add(&mut self, likeness: Likeness<'a>, walk: impl FnOnce() -> Solution) {
        let next = self.walks.len();
        let class = *self.numbers.entry(likeness).or_insert(next);
        if class == next {
            self.walks.push(walk());
        }
        self.of_host.push(Some(class));
    }

    /// The next host, of which nothing is asked.
    fn pass(&mut self) {
        self.of_host.push(None);
    }
}

impl<'a> Internet<'a> {
    /// Walks to and from the hosts of a fleet, on all of some ports.
    pub(super) fn new(
        network: &Network,
        graph: &'a Graph,
        question: &Question,
        fleet: &Fleet,
        ports: impl Iterator<Item = u16>,
    ) -> Self {
        let ports = ports.fold(PortSet::empty(), |all, one| all.union(&PortSet::single(one)));
        let alike = Alike::new(graph, fleet.hosts());
        let internet =
            |addresses| Party::Elsewhere { addresses, symbol: Some(Symbol::new("internet")) };
        let outside = match question.family {
            Family::V4 => AddressSet::from_v4(public_ipv4().clone()),
            Family::V6 => AddressSet::from_v6(public_ipv6().clone()),
        };
        // What is here is not on the internet.
        let own = AddressSet::from_nets(network.vpcs.values().flat_map(|vpc| &vpc.cidrs));
        let beyond = match question.family {
            Family::V4 => outside.clone(),
            Family::V6 => outside.difference(&own),
        };
        let flow = |source, destination, client: (u16, u16)| Flow {
            source,
            destination,
            protocol: question.protocol,
            destination_ports: ports.clone(),
            client_ports: PortSet::from_range(client.0, client.1),
        };
        let hosts = fleet.hosts();
        let (mut into, mut out) = (Classes::new(hosts.len()), Classes::new(hosts.len()));
        for host in hosts {
            let facts = &graph.interfaces[host.interface as usize];
            let party = |addresses| Party::Interface {
                id: Arc::from(facts.resource.id.as_str()),
                addresses,
            };
            let asked = match question.family {
                Family::V4 => AddressSet::clone(&facts.public),
                Family::V6 => AddressSet::single(host.address),
            };
            match asked.is_empty() {
                true => into.pass(),
                false => into.add(alike.of(host.interface, each(&asked), true), || {
                    let flow = flow(internet(outside.clone()), party(asked), ANY_CLIENT_PORTS);
                    solve(graph, &flow)
                }),
            }
            let first = std::iter::once(host.address);
            out.add(alike.of(host.interface, first, false), || {
                let source = party(AddressSet::single(host.address));
                solve(graph, &flow(source, internet(beyond.clone()), CLIENT_PORTS))
            });
        }
        Self { into, out }
    }

    /// The interfaces that the internet reaches on a port, by id.
    pub(super) fn exposed(
        &self,
        fleet: &Fleet,
        own: &[&NetworkInterface],
        groups: &[String],
        port: u16,
    ) -> Vec<Exposed> {
        let fates: Vec<Fate> =
            self.into.walks.iter().map(|walk| fate_of(&on(walk, port))).collect();
        let mut exposed = Vec::new();
        for (host, interface) in own.iter().enumerate() {
            let fate = self.into.of_host[host].map_or(Fate::Blocked, |class| fates[class]);
            if fate != Fate::Blocked {
                exposed.push(Exposed {
                    interface: interface.id.to_string(),
                    name: interface.label().to_owned(),
                    address: fleet.hosts()[host].address,
                    group: groups[host].clone(),
                    sure: fate == Fate::Reachable,
                });
            }
        }
        exposed.sort_by(|one, other| one.interface.cmp(&other.interface));
        exposed
    }

    /// The interfaces that reach the internet on a port, by id.
    pub(super) fn leaving(
        &self,
        fleet: &Fleet,
        own: &[&NetworkInterface],
        groups: &[String],
        port: u16,
    ) -> Vec<Leaving> {
        let told: Vec<(Fate, Arc<[&str]>)> = self
            .out
            .walks
            .iter()
            .map(|walk| {
                let mut regions = on(walk, port);
                // What an endpoint answers is not on the internet.
                regions.retain(|region| !ends_here(region));
                let first = regions.iter().find(|region| region.outcome() == Outcome::Delivered);
                let way = first.map(|region| way(region)).unwrap_or_default();
                // Nothing goes out where all of it is answered here.
                let fate = if regions.is_empty() { Fate::Blocked } else { fate_of(&regions) };
                (fate, way.into())
            })
            .collect();
        let mut leaving = Vec::new();
        for (host, interface) in own.iter().enumerate() {
            let Some((fate, way)) = self.out.of_host[host].map(|class| &told[class]) else {
                continue;
            };
            if *fate != Fate::Blocked {
                leaving.push(Leaving {
                    interface: interface.id.to_string(),
                    name: interface.label().to_owned(),
                    address: fleet.hosts()[host].address,
                    group: groups[host].clone(),
                    way: Arc::clone(way),
                    sure: *fate == Fate::Reachable,
                });
            }
        }
        leaving.sort_by(|one, other| one.interface.cmp(&other.interface));
        leaving
    }
}

/// The addresses of a set that holds single ones.
fn each(set: &AddressSet) -> impl Iterator<Item = IpAddr> + '_ {
    let v4 = set.v4.ranges().iter().flat_map(|&(low, high)| low..=high);
    let v6 = set.v6.ranges().iter().flat_map(|&(low, high)| low..=high);
    v4.map(|one| IpAddr::V4(one.into())).chain(v6.map(|one| IpAddr::V6(one.into())))
}

/// The regions with a port of the one that is reached.
fn on(walk: &Solution, port: u16) -> Vec<&Region> {
    let has = |region: &&Region| region.headers.0.destination_port.contains(port);
    walk.regions.iter().filter(has).collect()
}

/// Whether requests come out at a service of AWS, without having left for the internet.
fn ends_here(region: &Region) -> bool {
    region.outcome() == Outcome::Delivered && passed(region).last() == Some(Kind::VpcEndpoint)
}

/// Through what requests go out, in order: a NAT gateway stands for the internet gateway behind it.
fn way(region: &Region) -> Vec<&'static str> {
    let mut way: Vec<&'static str> = Vec::new();
    for kind in passed(region) {
        let behind_nat = kind == Kind::InternetGateway && way.contains(&Kind::NatGateway.word());
        if way.last() != Some(&kind.word()) && !behind_nat {
            way.push(kind.word());
        }
    }
    way
}

/// What requests pass that leads on, in order.
fn passed(region: &Region) -> impl Iterator<Item = Kind> + '_ {
    // An assumption is no step of the way.
    let hops = region.hops.iter().filter(|hop| hop.assumption.is_none());
    hops.filter_map(|hop| match Kind::from_word(&hop.resource.kind)? {
        Kind::TransitGateway | Kind::TransitGatewayAttachment | Kind::TransitGatewayRouteTable => {
            Some(Kind::TransitGateway)
        }
        kind @ (Kind::NatGateway
        | Kind::InternetGateway
        | Kind::EgressOnlyGateway
        | Kind::PeeringConnection
        | Kind::VpcEndpoint
        | Kind::Firewall
        | Kind::NetworkInterface) => Some(kind),
        _ => None,
    })
}
