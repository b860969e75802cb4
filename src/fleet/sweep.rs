//! What a guard does with everybody at the other end, on one port.

use super::hosts::{Around, Surroundings};
use super::meant::{Meant, Whose, addresses};
use super::zones::Zones;
use crate::graph::{Action, Crossing, Graph, Guard, GuardId, Order, PeerTest, RuleSet, Side};
use crate::header::{Family, IntervalSet, PortSet, Protocol};
use crate::threads;
use std::sync::Arc;

/// From how many guards on they are swept on all threads.
pub(super) const MANY: usize = 4_096;

/// What a test says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Test {
    /// It lets the packet pass.
    Pass,
    /// It cannot be told here.
    Open,
    /// It stops the packet.
    Stop,
}

/// A guard, by what it does with the seats of those at the other end.
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
    /// The family of the addresses that it means.
    family: Family,
    /// Whether it means addresses given by the block, or all others.
    delegated: bool,
    /// The seats with the address of one who carries it there.
    members: IntervalSet<u32>,
    /// Whether nobody knows if it means a host beyond a peering connection.
    peering_open: bool,
    /// Whether it can mean a host beyond a junction.
    beyond_junctions: bool,
}

impl Reference {
    /// Whether it is for such addresses as this one's.
    pub(super) fn is_for(&self, around: &Around) -> bool {
        self.family == around.family && self.delegated == around.delegated
    }

    /// What it says of a sender who carries its group, by what the packet has crossed.
    pub(super) fn of_sender(&self, crossing: Crossing) -> Test {
        match crossing {
            Crossing::Nothing => Test::Pass,
            Crossing::Peering if self.peering_open => Test::Open,
            Crossing::Peering => Test::Pass,
            Crossing::Transit if self.beyond_junctions => Test::Pass,
            Crossing::TransitUnsure if self.beyond_junctions => Test::Open,
            Crossing::Transit | Crossing::TransitUnsure => Test::Stop,
            // Who sent it does not show any more.
            Crossing::Hidden | Crossing::Forwarded => Test::Stop,
        }
    }

    /// Whether somebody outside its VPCs has the address of one whom it means.
    pub(super) fn means_address(&self, seat: u32) -> bool {
        self.members.contains(seat)
    }

    /// The seats with the address of one who carries it.
    pub(super) fn members(&self) -> &IntervalSet<u32> {
        &self.members
    }
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

    /// Whether it lets everything pass.
    pub(super) fn passes_all(&self) -> bool {
        self.pass.ranges() == [(0, u32::MAX)]
    }

    /// What it says of a seat's address, whoever has it.
    pub(super) fn of(&self, seat: u32) -> Test {
        if self.pass.contains(seat) {
            Test::Pass
        } else if self.open.contains(seat) {
            Test::Open
        } else {
            Test::Stop
        }
    }
}

/// What is swept, and for which packets.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sweeper<'f> {
    pub(super) graph: &'f Graph,
    pub(super) zones: &'f Zones,
    pub(super) surroundings: &'f Surroundings,
    pub(super) meant: &'f Meant,
    pub(super) protocol: Protocol,
    pub(super) ports: &'f PortSet,
    pub(super) reply: bool,
}

impl Sweeper<'_> {
    /// Sweeps a guard.
    pub(super) fn sweep(&self, guard: GuardId) -> Sweep {
        match &*self.graph.guards[guard as usize] {
            Guard::Always { requests_only: true, .. }
            | Guard::Rules(RuleSet { requests_only: true, .. })
                if self.reply =>
            {
                Sweep::all(Test::Pass)
            }
            Guard::Always { action, .. } => Sweep::all(test(action)),
            Guard::Rules(rules) => {
                self.rules(rules, self.meant.of(self.graph, self.surroundings, guard))
            }
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

    /// Whether a guard may tell packets for these ports from those for others.
    pub(super) fn tells_from(&self, others: &PortSet, guard: GuardId) -> bool {
        let Guard::Rules(rules) = &*self.graph.guards[guard as usize] else { return false };
        let mut clauses = rules.clauses.iter().filter(|one| one.protocol.matches(self.protocol));
        !(rules.requests_only && self.reply)
            && clauses.any(|clause| {
                let all = |asked: &PortSet| asked.is_subset(&clause.ports);
                let none = |asked: &PortSet| !asked.meets(&clause.ports);
                !(all(self.ports) && all(others) || none(self.ports) && none(others))
            })
    }

    /// Whether a guard has more than one answer, by who translated the packet.
    pub(super) fn by_translator(&self, guard: GuardId) -> bool {
        match &*self.graph.guards[guard as usize] {
            Guard::Translated { yes, no, .. } => !self.reply && test(yes) != test(no),
            _ => false,
        }
    }

    /// Whose address a guard tests, when it tests one.
    pub(super) fn side(&self, guard: GuardId) -> Option<Side> {
        match &*self.graph.guards[guard as usize] {
            Guard::Rules(rules) => Some(rules.side),
            _ => None,
        }
    }

    /// What rules say of packets to the ports: what they say on each range that they do not tell
    /// apart, and where that differs, it is open.
    fn rules(&self, rules: &RuleSet, meant: &[Option<IntervalSet<u32>>]) -> Sweep {
        let mut ranges = self.port_ranges(rules).into_iter();
        let mut all = match ranges.next() {
            Some(first) => self.rules_on(rules, meant, &first),
            None => self.rules_on(rules, meant, self.ports),
        };
        for range in ranges {
            let own = self.rules_on(rules, meant, &range);
            if own == all {
                continue;
            }
            let stops = |one: &Sweep| one.pass.union(&one.open).complement();
            let pass = all.pass.intersection(&own.pass);
            let decided = pass.union(&stops(&all).intersection(&stops(&own)));
            let same = all.references == own.references;
            all = Sweep {
                // Whom a rule names on some ports only may be anybody.
                open: if same { decided.complement() } else { pass.complement() },
                pass,
                references: if same { own.references } else { Vec::new() },
            };
        }
        all
    }

    /// The ports, parted where rules tell them apart.
    fn port_ranges(&self, rules: &RuleSet) -> Vec<PortSet> {
        let clauses = rules.clauses.iter().filter(|one| one.protocol.matches(self.protocol));
        let mut parts = vec![self.ports.clone()];
        for clause in clauses {
            if parts.iter().all(|part| part.is_subset(&clause.ports) || !part.meets(&clause.ports))
            {
                continue;
            }
            let cut =
                |part: PortSet| [part.intersection(&clause.ports), part.difference(&clause.ports)];
            parts = parts.into_iter().flat_map(cut).filter(|part| !part.is_empty()).collect();
        }
        parts
    }

    fn rules_on(
        &self,
        rules: &RuleSet,
        meant: &[Option<IntervalSet<u32>>],
        asked: &PortSet,
    ) -> Sweep {
        let mut sweep = Sweep::default();
        let mut rest = IntervalSet::<u32>::all();
        // What a rule that nobody can evaluate may have meant.
        let mut unsure = IntervalSet::<u32>::empty();
        for (index, clause) in rules.clauses.iter().enumerate() {
            if rest.is_empty() {
                break;
            }
            // The ports are all in its set, or none is.
            if !clause.protocol.matches(self.protocol) || !asked.is_subset(&clause.ports) {
                continue;
            }
            let seats = || match meant.get(index) {
                Some(Some(seats)) => seats.clone(),
                _ => self.meant_by(&clause.peer),
            };
            let (meant, sure) = match &clause.peer {
                PeerTest::Any => (rest.clone(), true),
                PeerTest::Addresses(_) | PeerTest::List { entries: Some(_), .. } => {
                    (rest.intersection(&seats()), true)
                }
                PeerTest::List { symbol: Some(_), .. } => (rest.intersection(&seats()), false),
                PeerTest::List { symbol: None, .. } => (rest.clone(), false),
                PeerTest::Group { family, delegated, .. }
                    if self.nobody_is(*family, *delegated) =>
                {
                    continue;
                }
                PeerTest::Group { .. }
                    if rules.order != Order::Any || !matches!(clause.action, Action::Pass(_)) =>
                {
                    unsure = unsure.union(&rest);
                    continue;
                }
                PeerTest::Group {
                    family,
                    delegated,
                    group,
                    vpcs,
                    members,
                    beyond_peering,
                    beyond_junctions,
                    ..
                } => {
                    let number = |vpc| self.surroundings.vpc(vpc);
                    sweep.references.push(Reference {
                        group: self.surroundings.group(group),
                        vpcs: vpcs.iter().filter_map(number).collect(),
                        family: *family,
                        delegated: *delegated,
                        members: match self.zones.overlapping {
                            true => self.zones.seats_in(members),
                            false => IntervalSet::empty(),
                        },
                        peering_open: beyond_peering.is_some(),
                        beyond_junctions: *beyond_junctions,
                    });
                    continue;
                }
            };
            match sure {
                true => {
                    match test(&clause.action) {
                        Test::Pass => sweep.pass = sweep.pass.union(&meant.difference(&unsure)),
                        Test::Open => sweep.open = sweep.open.union(&meant),
                        Test::Stop => {}
                    }
                    sweep.open = sweep.open.union(&meant.intersection(&unsure));
                    rest = rest.difference(&meant);
                }
                false => unsure = unsure.union(&meant),
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

    /// The seats with the addresses that a rule goes by.
    fn meant_by(&self, peer: &PeerTest) -> IntervalSet<u32> {
        match addresses(peer) {
            Some(Whose::Stated(set)) => self.zones.seats_in(set),
            Some(Whose::Bounds(set)) => self.zones.seats_in(&set),
            None => IntervalSet::empty(),
        }
    }

    /// Whether a rule for addresses of that kind means nobody.
    fn nobody_is(&self, family: Family, delegated: bool) -> bool {
        !self.surroundings.kinds.contains(&(family, delegated))
    }
}

/// The guards that filter at one end, swept once each.
#[derive(Clone, Debug)]
pub(super) struct Sweeps(pub(super) Vec<Arc<Sweep>>);

impl Sweeps {
    /// Sweeps what the hosts' groups and ACLs say; what was swept for other ports of the same
    /// protocol, and is the same for these, is shared.
    pub(super) fn new(sweeper: &Sweeper<'_>, before: Option<(&Self, &PortSet)>) -> Self {
        let slots: Vec<(usize, GuardId)> =
            sweeper.surroundings.slots.iter().copied().enumerate().collect();
        Self(threads::map(&slots, MANY, |&(slot, guard)| match before {
            Some((sweeps, ports)) if !sweeper.tells_from(ports, guard) => {
                Arc::clone(&sweeps.0[slot])
            }
            _ => Arc::new(sweeper.sweep(guard)),
        }))
    }

    /// What one of the hosts' guards says.
    pub(super) fn get(&self, slot: u32) -> &Arc<Sweep> {
        &self.0[slot as usize]
    }

    /// The rules that go by who the other end is.
    pub(super) fn references(&self) -> impl Iterator<Item = &Reference> {
        self.0.iter().flat_map(|sweep| &sweep.references)
    }
}

fn test(action: &Action) -> Test {
    match action {
        Action::Pass(_) => Test::Pass,
        Action::Unknown(_) => Test::Open,
        Action::Stop(_) => Test::Stop,
    }
}
