//! The hosts that pairs are made of, and what stands around each.

use super::sweep::Test;
use crate::graph::{
    Action, Changed, Graph, Guard, GuardId, InterfaceIndex, Place, TranslatorIndex,
};
use crate::header::{AddressSet, Family};
use petgraph::Direction;
use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::Arc;

/// One address of one interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Host {
    /// Its address.
    pub address: IpAddr,
    /// The interface, by its index in the graph.
    pub interface: InterfaceIndex,
}

/// What stands around a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    /// Which sockets would accept requests; nothing listens at a translator.
    pub(super) sockets: Option<GuardId>,
    /// The family of its address.
    pub(super) family: Family,
    /// Whether its address was given it by the block.
    pub(super) delegated: bool,
    /// The set of groups that it carries, by number.
    pub(super) groups: u32,
    /// Its VPC, by number.
    pub(super) vpc: u32,
    /// What sends from here in the name of others.
    pub(super) translator: Option<TranslatorIndex>,
}

/// What stands around hosts, each distinct surrounding once.
#[derive(Clone, Debug, Default)]
pub(super) struct Surroundings {
    pub(super) all: Vec<Around>,
    known: HashMap<Around, u32>,
    /// The guards that filter at hosts, by slot.
    pub(super) slots: Vec<GuardId>,
    slot_of: HashMap<GuardId, u32>,
    /// By slot: the surroundings in which it lets out, and in which it lets in.
    of_slot: Vec<[Vec<u32>; 2]>,
    groups: BTreeMap<Arc<str>, u32>,
    group_sets: Vec<Vec<u32>>,
    known_sets: HashMap<Vec<u32>, u32>,
    vpcs: BTreeMap<Arc<str>, u32>,
    /// The kinds of addresses that there are: of which family, and whether given by the block.
    pub(super) kinds: Vec<(Family, bool)>,
    /// The guards at hosts whose kind decided what stands around them.
    read: HashSet<GuardId>,
    /// The addresses that each wire's hosts reach without a router.
    pub(super) inside: BTreeMap<NodeIndex, AddressSet>,
}

impl Surroundings {
    /// What stands around a host, as the graph has it.
    pub(super) fn of_host(&mut self, graph: &Graph, host: Host) -> u32 {
        let facts = &graph.interfaces[host.interface as usize];
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
            sockets: Some(facts.sockets),
            family: Family::of(host.address),
            delegated: facts.delegated.contains(host.address),
            groups: self.group_set(groups),
            vpc: intern(&mut self.vpcs, &facts.vpc),
            translator: None,
        };
        let mut own_subnet = false;
        for edge in graph.places.edges(facts.place) {
            let passage = edge.weight();
            match graph.places[edge.target()] {
                Place::Router => around.router = Some(edge.target()),
                Place::Subnet => {
                    own_subnet = passage.selects.plain.contains(host.address);
                    let inside = || passage.selects.plain.clone();
                    self.inside.entry(edge.target()).or_insert_with(inside);
                }
                // What a host reaches on its own link is no other host's address.
                _ if !passage.selects.plain.contains(host.address) => continue,
                _ => around.sends = Test::Open,
            }
            self.read.extend(&passage.guards);
            let (egress, sends) = ends(graph, &passage.guards);
            around.egress = self.slot(egress);
            around.sends = around.sends.max(sends);
        }
        let arrival = facts.wire.and_then(|wire| graph.places.find_edge(wire, facts.place));
        match arrival {
            Some(edge) if own_subnet => {
                self.read.extend(&graph.places[edge].guards);
                let (ingress, takes) = ends(graph, &graph.places[edge].guards);
                (around.ingress, around.takes) = (self.slot(ingress), takes);
            }
            // An interface that nothing is delivered to, or whose address is no subnet's.
            _ => (around.sends, around.takes) = (Test::Open, Test::Open),
        }
        self.read.extend(facts.answers);
        let answers = facts.answers.map(|guard| &*graph.guards[guard as usize]);
        let freely = |guard: &Guard| matches!(guard, Guard::Rules(rules) if matches!(rules.otherwise, Action::Pass(_)));
        if around.router.is_none() || answers.is_some_and(|guard| !freely(guard)) {
            (around.sends, around.takes) = (Test::Open, Test::Open);
        }
        // Without its ACLs, nothing tells what its subnet does.
        if around.acl_in.is_none() || around.acl_out.is_none() {
            (around.sends, around.takes) = (Test::Open, Test::Open);
        }
        self.number(around)
    }

    /// What stands around a translator and where it sends from, when it is a plain one: one
    /// address, in one subnet, with nothing else in the way.
    pub(super) fn of_translator(
        &mut self,
        graph: &Graph,
        translator: TranslatorIndex,
    ) -> Option<(IpAddr, u32)> {
        let facts = &graph.translators[translator as usize];
        let address = facts.private.as_single().filter(IpAddr::is_ipv4)?;
        let mut router = None;
        for edge in graph.places.edges(facts.place) {
            let plain = edge.weight().guards.is_empty() && edge.weight().effect.through.is_none();
            match graph.places[edge.target()] {
                Place::Router if plain && router.is_none() => router = Some(edge.target()),
                Place::Subnet if plain && edge.target() == facts.wire => {}
                _ => return None,
            }
        }
        let router = router.filter(|_| facts.returned_to)?;
        let inward = graph.places.edges_directed(facts.wire, Direction::Incoming);
        let mut locals = inward.filter(|edge| edge.source() == facts.local);
        let (local, others) = (locals.next()?, locals.next());
        let &[acl_in] = &local.weight().guards[..] else { return None };
        if others.is_some() || !local.weight().selects.plain.contains(address) {
            return None;
        }
        let acl_out = *graph.departures.get(&router)?;
        self.inside.entry(facts.wire).or_insert_with(|| local.weight().selects.plain.clone());
        let around = Around {
            wire: Some(facts.wire),
            router: Some(router),
            egress: None,
            ingress: None,
            acl_out: self.slot(Some(acl_out)),
            acl_in: self.slot(Some(acl_in)),
            sends: Test::Pass,
            takes: Test::Open,
            sockets: None,
            family: Family::V4,
            delegated: false,
            groups: self.group_set(Vec::new()),
            // No rule means it by its group.
            vpc: u32::MAX,
            translator: Some(translator),
        };
        Some((address, self.number(around)))
    }

    /// Whether an edit leaves what stands around hosts what it is: rules may be others, in guards
    /// that are still of the kind that filters.
    pub(super) fn hold_for(&self, graph: &Graph, changed: &Changed) -> bool {
        changed.guards.iter().filter(|guard| self.read.contains(guard)).all(|guard| {
            let filters = match graph.guards.get(*guard as usize).map(|guard| &**guard) {
                Some(Guard::Rules(rules)) => rules.requests_only,
                Some(Guard::Always { action, requests_only: true }) => {
                    !matches!(action, Action::Unknown(_))
                }
                _ => false,
            };
            filters && self.slot_of.contains_key(guard)
        })
    }

    fn number(&mut self, around: Around) -> u32 {
        let next = number(self.all.len());
        let index = *self.known.entry(around).or_insert(next);
        if index == next {
            for (slot, which) in [(around.egress, 0), (around.ingress, 1)] {
                if let Some(slot) = slot {
                    self.of_slot[slot as usize][which].push(index);
                }
            }
            self.all.push(around);
            let kind = (around.family, around.delegated);
            if !self.kinds.contains(&kind) {
                self.kinds.push(kind);
            }
        }
        index
    }

    /// The number of a group, when somebody carries it.
    pub(super) fn group(&self, name: &Arc<str>) -> Option<u32> {
        self.groups.get(name).copied()
    }

    pub(super) fn vpc(&self, name: &Arc<str>) -> Option<u32> {
        self.vpcs.get(name).copied()
    }

    /// The groups of a set.
    pub(super) fn groups(&self, set: u32) -> &[u32] {
        &self.group_sets[set as usize]
    }

    /// How many groups are carried.
    pub(super) fn group_count(&self) -> usize {
        self.groups.len()
    }

    /// The surroundings in which a slot is what groups let out.
    pub(super) fn letting_out(&self, slot: u32) -> &[u32] {
        &self.of_slot[slot as usize][0]
    }

    /// The surroundings in which a slot is what groups let in.
    pub(super) fn letting_in(&self, slot: u32) -> &[u32] {
        &self.of_slot[slot as usize][1]
    }

    /// The slot that a guard has.
    pub(super) fn slot_of(&self, guard: GuardId) -> Option<u32> {
        self.slot_of.get(&guard).copied()
    }

    fn group_set(&mut self, groups: Vec<u32>) -> u32 {
        let next = number(self.group_sets.len());
        match self.known_sets.get(&groups) {
            Some(&known) => known,
            None => {
                self.group_sets.push(groups.clone());
                self.known_sets.insert(groups, next);
                next
            }
        }
    }

    /// The slot of a guard.
    fn slot(&mut self, guard: Option<GuardId>) -> Option<u32> {
        let guard = guard?;
        let next = number(self.slots.len());
        let slot = *self.slot_of.entry(guard).or_insert(next);
        if slot == next {
            self.slots.push(guard);
            self.of_slot.push(Default::default());
        }
        Some(slot)
    }
}

/// The guards by which replies to translators may meet something else, each with whose.
pub(super) fn answered_otherwise(graph: &Graph) -> BTreeMap<GuardId, BTreeSet<TranslatorIndex>> {
    let named = (0..).zip(&graph.guards).filter_map(|(id, guard)| match &**guard {
        Guard::RepliesTo { to, .. } => Some((id, to.clone())),
        _ => None,
    });
    named.collect()
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

fn intern<K: Clone + Ord + Hash>(numbers: &mut BTreeMap<K, u32>, name: &K) -> u32 {
    if let Some(&number) = numbers.get(name) {
        return number;
    }
    let next = number(numbers.len());
    numbers.insert(name.clone(), next);
    next
}

pub(super) fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
