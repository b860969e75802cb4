//! What a guard does with every address of the other end, on one port.

use super::hosts::Hosts;
use crate::graph::{Action, Graph, Guard, GuardId, Order, PeerTest, RuleSet, Side, bounds_of_list};
use crate::header::{IntervalSet, PortSet, Protocol};

/// What a test says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Test {
    /// It lets the packet pass.
    Pass,
    /// It cannot be told here.
    Open,
    /// It stops the packet.
    Stop,
}

/// A guard, by what it does with addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sweep {
    pub(super) pass: IntervalSet<u32>,
    pub(super) open: IntervalSet<u32>,
    /// The rules that go by who the other end is.
    pub(super) references: Vec<Reference>,
}

/// A rule for the interfaces that carry a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reference {
    /// The group, by number; `None` when no host carries it.
    pub(super) group: Option<u32>,
    /// The VPCs in which it resolves, by number.
    pub(super) vpcs: Vec<u32>,
    /// The addresses of those who carry it there.
    pub(super) members: IntervalSet<u32>,
    /// Whether nobody knows if it means a host beyond a peering connection.
    pub(super) peering_open: bool,
    /// Whether it can mean a host beyond a junction.
    pub(super) beyond_junctions: bool,
}

impl Sweep {
    fn all(test: Test) -> Self {
        let mut sweep = Self::default();
        match test {
            Test::Pass => sweep.pass = IntervalSet::all(),
            Test::Open => sweep.open = IntervalSet::all(),
            Test::Stop => {}
        }
        sweep
    }

    /// What it says of an address, whoever has it.
    pub(super) fn of(&self, address: u32) -> Test {
        if self.pass.contains(address) {
            Test::Pass
        } else if self.open.contains(address) {
            Test::Open
        } else {
            Test::Stop
        }
    }
}

/// The guards that filter at one end, swept once each.
#[derive(Clone, Debug)]
pub(super) struct Sweeps {
    by_slot: Vec<Sweep>,
    protocol: Protocol,
    ports: PortSet,
    pub(super) reply: bool,
}

impl Sweeps {
    /// Sweeps what the hosts' groups and ACLs say of packets to these ports.
    pub(super) fn new(
        graph: &Graph,
        hosts: &Hosts,
        protocol: Protocol,
        ports: &PortSet,
        reply: bool,
    ) -> Self {
        let mut sweeps = Self { by_slot: Vec::new(), protocol, ports: ports.clone(), reply };
        sweeps.by_slot =
            hosts.slots.iter().map(|&guard| sweeps.sweep(graph, hosts, guard)).collect();
        sweeps
    }

    /// No sweeps yet, of requests to these ports.
    pub(super) fn none(protocol: Protocol, ports: &PortSet) -> Self {
        Self { by_slot: Vec::new(), protocol, ports: ports.clone(), reply: false }
    }

    /// What one of the hosts' guards says.
    pub(super) fn get(&self, slot: u32) -> &Sweep {
        &self.by_slot[slot as usize]
    }

    /// Sweeps a guard.
    pub(super) fn sweep(&self, graph: &Graph, hosts: &Hosts, guard: GuardId) -> Sweep {
        match &*graph.guards[guard as usize] {
            Guard::Always { requests_only: true, .. }
            | Guard::Rules(RuleSet { requests_only: true, .. })
                if self.reply =>
            {
                Sweep::all(Test::Pass)
            }
            Guard::Always { action, .. } => Sweep::all(test(action)),
            Guard::Rules(rules) => self.rules(hosts, rules),
            Guard::FirstVisit { .. } | Guard::NotFromOutside(_) | Guard::RepliesTo { .. } => {
                Sweep::all(Test::Pass)
            }
            Guard::Translated { .. } if self.reply => Sweep::all(Test::Pass),
            Guard::Translated { no, .. } => Sweep::all(test(no)),
            Guard::PublicAddress { .. } | Guard::Inspection(_) | Guard::Behind { .. } => {
                Sweep::all(Test::Open)
            }
        }
    }

    fn rules(&self, hosts: &Hosts, rules: &RuleSet) -> Sweep {
        let mut sweep = Sweep::default();
        let mut rest = IntervalSet::<u32>::all();
        // What a rule that nobody can evaluate may have meant.
        let mut unsure = IntervalSet::<u32>::empty();
        for clause in &rules.clauses {
            if rest.is_empty() {
                break;
            }
            let ports = clause.ports.intersection(&self.ports);
            if !clause.protocol.matches(self.protocol) || ports.is_empty() {
                continue;
            }
            let whole = ports == self.ports;
            let (meant, sure) = match &clause.peer {
                PeerTest::Any => (rest.clone(), true),
                PeerTest::Addresses(set) => (rest.intersection(&set.v4), true),
                PeerTest::List { entries: Some(entries), .. } => {
                    (rest.intersection(&entries.v4), true)
                }
                PeerTest::List { symbol: Some(list), .. } => {
                    (rest.intersection(&bounds_of_list(list).v4), false)
                }
                PeerTest::List { symbol: None, .. } => (rest.clone(), false),
                PeerTest::Group { family, .. } if *family != crate::header::Family::V4 => continue,
                PeerTest::Group { .. }
                    if !whole
                        || rules.order != Order::Any
                        || !matches!(clause.action, Action::Pass(_)) =>
                {
                    unsure = unsure.union(&rest);
                    continue;
                }
                PeerTest::Group {
                    group, vpcs, members, beyond_peering, beyond_junctions, ..
                } => {
                    sweep.references.push(Reference {
                        group: hosts.group(group),
                        vpcs: vpcs.iter().filter_map(|vpc| hosts.vpc(vpc)).collect(),
                        members: members.v4.clone(),
                        peering_open: beyond_peering.is_some(),
                        beyond_junctions: *beyond_junctions,
                    });
                    continue;
                }
            };
            match (sure && whole, rules.order) {
                (true, _) => {
                    match test(&clause.action) {
                        Test::Pass => sweep.pass = sweep.pass.union(&meant.difference(&unsure)),
                        Test::Open => sweep.open = sweep.open.union(&meant),
                        Test::Stop => {}
                    }
                    sweep.open = sweep.open.union(&meant.intersection(&unsure));
                    rest = rest.difference(&meant);
                }
                (false, _) => unsure = unsure.union(&meant),
            }
        }
        sweep.open = sweep.open.union(&rest.intersection(&unsure));
        let last = rest.difference(&unsure);
        match test(&rules.otherwise) {
            Test::Pass => sweep.pass = sweep.pass.union(&last),
            Test::Open => sweep.open = sweep.open.union(&last),
            Test::Stop => {}
        }
        sweep
    }

    /// The rules that go by who the other end is.
    pub(super) fn references(&self) -> impl Iterator<Item = &Reference> {
        self.by_slot.iter().flat_map(|sweep| &sweep.references)
    }

    /// Whose address a guard tests, when it tests one.
    pub(super) fn side(graph: &Graph, guard: GuardId) -> Option<Side> {
        match &*graph.guards[guard as usize] {
            Guard::Rules(rules) => Some(rules.side),
            _ => None,
        }
    }
}

fn test(action: &Action) -> Test {
    match action {
        Action::Pass(_) => Test::Pass,
        Action::Unknown(_) => Test::Open,
        Action::Stop(_) => Test::Stop,
    }
}
