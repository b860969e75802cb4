//! The hosts that pairs are made of, and what stands around each.

use super::sweep::{Sweeps, Test};
use crate::graph::{Action, Graph, Guard, GuardId, InterfaceIndex, Place};
use crate::header::{AddressSet, PortSet, Protocol};
use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

/// One address of one interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Host {
    /// Its address.
    pub address: Ipv4Addr,
    /// The interface, by its index in the graph.
    pub interface: InterfaceIndex,
}

/// What stands around a host.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Around {
    /// The wire of its subnet.
    pub(super) wire: Option<NodeIndex>,
    /// The router of its subnet.
    pub(super) router: Option<NodeIndex>,
    /// What its groups let out, as a slot; nothing filters when there is none.
    pub(super) egress: Option<u32>,
    /// What its groups let in.
    pub(super) ingress: Option<u32>,
    /// What its subnet lets out and in.
    pub(super) acl_out: Option<u32>,
    pub(super) acl_in: Option<u32>,
    /// Whether requests leave it.
    pub(super) sends: Test,
    /// Whether requests enter it.
    pub(super) takes: Test,
    /// Whether it has a public address, too.
    public: bool,
    /// The groups that it carries, by number.
    pub(super) groups: Vec<u32>,
    /// Its VPC, by number.
    pub(super) vpc: u32,
}

/// All hosts, by address.
#[derive(Clone, Debug)]
pub(super) struct Hosts {
    pub(super) all: Vec<Host>,
    /// What stands around each, by host, as an index into `arounds`.
    pub(super) around: Vec<u32>,
    /// Each distinct surrounding once.
    pub(super) arounds: Vec<Around>,
    /// The addresses that each wire's hosts reach without a router.
    pub(super) inside: BTreeMap<NodeIndex, AddressSet>,
    /// The guards that filter at hosts, by slot.
    pub(super) slots: Vec<GuardId>,
    slot_of: BTreeMap<GuardId, u32>,
    groups: BTreeMap<Arc<str>, u32>,
    vpcs: BTreeMap<Arc<str>, u32>,
}

impl Hosts {
    pub(super) fn new(graph: &Graph, mut all: Vec<Host>) -> Self {
        all.sort_unstable();
        all.dedup();
        let mut hosts = Self {
            all: Vec::new(),
            around: Vec::new(),
            arounds: Vec::new(),
            inside: BTreeMap::new(),
            slots: Vec::new(),
            slot_of: BTreeMap::new(),
            groups: BTreeMap::new(),
            vpcs: BTreeMap::new(),
        };
        let mut known: BTreeMap<Around, u32> = BTreeMap::new();
        for host in &all {
            let around = hosts.look_around(graph, *host);
            let next = number(hosts.arounds.len());
            let index = *known.entry(around.clone()).or_insert(next);
            if index == next {
                hosts.arounds.push(around);
            }
            hosts.around.push(index);
        }
        hosts.all = all;
        hosts
    }

    /// What stands around a host, as the graph has it.
    fn look_around(&mut self, graph: &Graph, host: Host) -> Around {
        let facts = &graph.interfaces[host.interface as usize];
        let vpc = intern(&mut self.vpcs, &facts.vpc);
        let groups = facts.groups.iter().map(|group| intern(&mut self.groups, group)).collect();
        let mut around = Around {
            wire: facts.wire,
            router: None,
            egress: None,
            ingress: None,
            acl_out: self.slot(facts.acl_out),
            acl_in: self.slot(facts.acl_in),
            sends: Test::Pass,
            takes: Test::Pass,
            public: facts.public.contains(IpAddr::V4(host.address)),
            groups,
            vpc,
        };
        let address = IpAddr::V4(host.address);
        let mut own_subnet = false;
        for edge in graph.places.edges(facts.place) {
            let passage = edge.weight();
            match graph.places[edge.target()] {
                Place::Router => around.router = Some(edge.target()),
                Place::Subnet => {
                    own_subnet = passage.selects.plain.contains(address);
                    let inside = || passage.selects.plain.clone();
                    self.inside.entry(edge.target()).or_insert_with(inside);
                }
                // What a host reaches on its own link is no other host's address.
                _ if !passage.selects.plain.contains(address) => continue,
                _ => around.sends = Test::Open,
            }
            let (egress, sends) = ends(graph, &passage.guards);
            around.egress = self.slot(egress);
            around.sends = around.sends.max(sends);
        }
        let arrival = facts.wire.and_then(|wire| graph.places.find_edge(wire, facts.place));
        match arrival {
            Some(edge) if own_subnet => {
                let (ingress, takes) = ends(graph, &graph.places[edge].guards);
                (around.ingress, around.takes) = (self.slot(ingress), takes);
            }
            // An interface that nothing is delivered to, or whose address is no subnet's.
            _ => (around.sends, around.takes) = (Test::Open, Test::Open),
        }
        let answers = facts.answers.map(|guard| &*graph.guards[guard as usize]);
        let freely = |guard: &Guard| matches!(guard, Guard::Rules(rules) if matches!(rules.otherwise, Action::Pass(_)));
        if around.router.is_none() || answers.is_some_and(|guard| !freely(guard)) {
            (around.sends, around.takes) = (Test::Open, Test::Open);
        }
        around
    }

    pub(super) fn around(&self, host: usize) -> &Around {
        &self.arounds[self.around[host] as usize]
    }

    /// An address as a number.
    pub(super) fn address(&self, host: usize) -> u32 {
        self.all[host].address.into()
    }

    pub(super) fn group(&self, name: &Arc<str>) -> Option<u32> {
        self.groups.get(name).copied()
    }

    pub(super) fn vpc(&self, name: &Arc<str>) -> Option<u32> {
        self.vpcs.get(name).copied()
    }

    /// The slot of a guard.
    fn slot(&mut self, guard: Option<GuardId>) -> Option<u32> {
        let guard = guard?;
        let next = number(self.slots.len());
        let slot = *self.slot_of.entry(guard).or_insert(next);
        if slot == next {
            self.slots.push(guard);
        }
        Some(slot)
    }

    /// Which hosts have an address that a rule means as somebody else's, in a VPC that is not theirs.
    pub(super) fn doubles(&self, sweeps: &Sweeps) -> Vec<bool> {
        let mut doubles = vec![false; self.all.len()];
        for rule in sweeps.references() {
            for &(low, high) in rule.members.ranges() {
                let start = self.all.partition_point(|host| u32::from(host.address) < low);
                let end = self.all.partition_point(|host| u32::from(host.address) <= high);
                for (double, host) in doubles[start..end].iter_mut().zip(start..) {
                    *double |= !rule.vpcs.contains(&self.around(host).vpc);
                }
            }
        }
        doubles
    }

    /// What each host's sockets do with requests for its own address.
    pub(super) fn sockets(&self, graph: &Graph, protocol: Protocol, port: &PortSet) -> Vec<Test> {
        let none = Sweeps::none(protocol, port);
        let each = self.all.iter().map(|host| {
            let guard = graph.interfaces[host.interface as usize].sockets;
            match &*graph.guards[guard as usize] {
                Guard::Rules(rules) if rules.clauses.is_empty() => match rules.otherwise {
                    Action::Pass(_) => Test::Pass,
                    _ => Test::Open,
                },
                _ => none.sweep(graph, self, guard).of(host.address.into()),
            }
        });
        each.collect()
    }
}

/// The one guard that goes by the other end, and what the others say of every request.
fn ends(graph: &Graph, guards: &[GuardId]) -> (Option<GuardId>, Test) {
    let (mut filter, mut test) = (None, Test::Pass);
    for &guard in guards {
        let one = match &*graph.guards[guard as usize] {
            Guard::Always { action: Action::Pass(_), .. } | Guard::NotFromOutside(_) => Test::Pass,
            Guard::Always { action: Action::Stop(_), requests_only: true } => Test::Stop,
            Guard::Rules(rules) if rules.requests_only && filter.is_none() => {
                filter = Some(guard);
                Test::Pass
            }
            _ => Test::Open,
        };
        test = test.max(one);
    }
    (filter, test)
}

fn intern(numbers: &mut BTreeMap<Arc<str>, u32>, name: &Arc<str>) -> u32 {
    let next = number(numbers.len());
    *numbers.entry(Arc::clone(name)).or_insert(next)
}

pub(super) fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
