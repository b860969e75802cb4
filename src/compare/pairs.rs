//! Which pairs of interfaces fare otherwise: all of them, on every port that the change can touch.

use crate::answer::{Flow, Party};
use crate::audit::{CLIENT_PORTS, Ports, Question, fate, group_of, hosts};
use crate::fleet::{Both, Compared, Demand, Fate, Fleet, Host, Survey, Turn};
use crate::graph::{Graph, touched};
use crate::header::{AddressSet, PortSet, Protocol};
use crate::network::{
    GroupRule, Network, NetworkInterface, Resource, RouteTarget, SecurityGroupId,
};
use crate::query::World;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How many pairs of classes of interfaces are looked at, at most.
pub const LOOKS: u64 = 50_000_000;

/// Which pairs of interfaces fare otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PairChanges {
    /// How many interfaces are counted before, and after.
    pub interfaces: (u64, u64),
    /// Those that only the second network has.
    pub new: Vec<Counted>,
    /// Those that only the first network has.
    pub gone: Vec<Counted>,
    /// What turns, by the ports on which it does.
    pub turns: Vec<PairTurn>,
    /// Pairs of which only walks would tell, and which were too many to walk.
    pub not_walked: Vec<NotWalked>,
    /// The ports on which pairs were not counted, because [`LOOKS`] were not enough.
    pub not_counted: Vec<(u16, u16)>,
}

/// An interface that is counted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
pub struct Counted {
    /// Its id.
    pub interface: String,
    /// Its name, or else its id.
    pub name: String,
    /// The group that it is counted in.
    pub group: String,
}

/// How a pair of interfaces fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
pub enum PairFate {
    /// The one reaches the other, and is answered.
    Reachable,
    /// It does not.
    Blocked,
    /// Some of its packets get through, and some do not.
    Intermittent,
    /// A fact is missing to know.
    Unknown,
    /// One of the two interfaces is not there.
    Absent,
}

/// Pairs that turn, on some ports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairTurn {
    /// The first and the last port of each range, in order.
    pub ports: Vec<(u16, u16)>,
    /// How they fared.
    pub before: PairFate,
    /// How they fare.
    pub after: PairFate,
    /// How many, on each of the ports.
    pub pairs: u64,
    /// The same by the groups of their ends, the most first.
    pub between: Vec<PairsBetween>,
}

/// How many pairs turn from one group to another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
pub struct PairsBetween {
    /// The group that the clients are in.
    pub from: String,
    /// The group that the servers are in.
    pub to: String,
    /// How many pairs.
    pub pairs: u64,
}

/// Pairs that were not walked, on some ports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotWalked {
    /// The first and the last port of each range, in order.
    pub ports: Vec<(u16, u16)>,
    /// How many, on each of the ports.
    pub pairs: u64,
}

/// A network as it was given, and as it is asked.
#[derive(Clone, Copy, Debug)]
pub struct Given<'a> {
    /// As it was given.
    pub network: &'a Network,
    /// Completed and lowered.
    pub world: &'a World,
}

/// Which pairs of interfaces fare otherwise in the second network than in the first. Interfaces are
/// the same by their ids. What is only planned is not counted, as in an audit.
#[must_use]
pub fn pair_changes(before: Given<'_>, after: Given<'_>, question: &Question) -> PairChanges {
    let given = [before, after];
    let fleets = given.map(|one| {
        let World { network, graph, .. } = one.world;
        Fleet::new(graph, hosts(network, graph, question.family))
    });
    let roll = Roll::new(given, &fleets, question);
    let mut changes = PairChanges {
        interfaces: (fleets[0].hosts().len() as u64, fleets[1].hosts().len() as u64),
        new: roll.only(1, given, &fleets),
        gone: roll.only(0, given, &fleets),
        ..PairChanges::default()
    };
    let touch = Touch::new(given, question.protocol);
    let ranges = ranges(given, question, &touch.ports);
    if ranges.is_empty() || roll.hosts.is_empty() {
        return changes;
    }
    let graphs = given.map(|one| &one.world.graph);
    let mut compared = Compared::new((&fleets[0], graphs[0]), (&fleets[1], graphs[1]), &roll.hosts);
    let mut walker = Walker { graphs, fleets: &fleets, roll: &roll, walks: question.walks };
    let (mut found, mut not_walked) = (BTreeMap::new(), BTreeMap::new());
    let (mut looks, mut last): (u64, Option<[Survey<'_>; 2]>) = (LOOKS, None);
    let mut counted = true;
    for (port, last_port) in ranges {
        if !counted {
            add_range(&mut changes.not_counted, (port, last_port));
            continue;
        }
        let demand = Demand {
            protocol: question.protocol,
            port,
            client_ports: PortSet::from_range(CLIENT_PORTS.0, CLIENT_PORTS.1),
        };
        let survey = |side: usize| match &last {
            // What does not go by the port is worked out once.
            Some(last) => last[side].turned_to(graphs[side], &demand),
            None => fleets[side].survey(graphs[side], &demand),
        };
        let surveys = [survey(0), survey(1)];
        let (mut told, mut pairs) = (Told::new(), 0);
        let [before, after] = &surveys;
        let mut each = |turn| walker.tell(&turn, &demand, &mut told, &mut pairs);
        counted = compared.turns(before, after, touch.beyond, &mut looks, &mut each);
        if counted {
            for ((before, after), between) in told {
                let key = (before, after, roll.between(between));
                add_range(found.entry(key).or_default(), (port, last_port));
            }
            if pairs > 0 {
                add_range(not_walked.entry(pairs).or_default(), (port, last_port));
            }
        } else {
            add_range(&mut changes.not_counted, (port, last_port));
        }
        last = Some(surveys);
    }
    let turn = |((before, after, between), ports): ((_, _, Vec<PairsBetween>), _)| {
        let pairs = between.iter().map(|one| one.pairs).sum();
        PairTurn { ports, before, after, pairs, between }
    };
    changes.turns = found.into_iter().map(turn).collect();
    changes.turns.sort_by_key(|turn| (turn.ports.first().copied(), turn.after, turn.before));
    let not_walked = not_walked.into_iter().map(|(pairs, ports)| NotWalked { ports, pairs });
    changes.not_walked = not_walked.collect();
    changes.not_walked.sort_by_key(|one| one.ports.first().copied());
    changes
}

/// Adds the next range of ports to those that come before it.
fn add_range(ranges: &mut Vec<(u16, u16)>, (first, last): (u16, u16)) {
    match ranges.last_mut() {
        Some((_, end)) if end.checked_add(1) == Some(first) => *end = last,
        _ => ranges.push((first, last)),
    }
}

/// Pairs by how they fared and fare, and by their groups.
type Told = BTreeMap<(PairFate, PairFate), BTreeMap<(u32, u32), u64>>;

/// Who is who in both networks.
struct Roll {
    hosts: Vec<Both>,
    /// The groups that there are, by number.
    groups: Vec<String>,
}

impl Roll {
    fn new(given: [Given<'_>; 2], fleets: &[Fleet; 2], question: &Question) -> Self {
        let mut all: BTreeMap<&str, [Option<usize>; 2]> = BTreeMap::new();
        for side in [0, 1] {
            for (at, host) in fleets[side].hosts().iter().enumerate() {
                all.entry(id(&given[side].world.graph, host)).or_default()[side] = Some(at);
            }
        }
        let labels = all.iter().map(|(id, at)| {
            let network = &given[usize::from(at[1].is_some())].world.network;
            let interface = network.interfaces.get(*id);
            interface.map_or_else(String::new, |one| group_of(network, one, question.by))
        });
        let labels: Vec<String> = labels.collect();
        let groups: BTreeSet<&String> = labels.iter().collect();
        let groups: Vec<String> = groups.into_iter().cloned().collect();
        let numbers: BTreeMap<&String, u32> = groups.iter().zip(0..).collect();
        let hosts = all.values().zip(&labels).map(|(at, label)| Both {
            before: at[0],
            after: at[1],
            group: numbers.get(label).copied().unwrap_or_default(),
        });
        Self { hosts: hosts.collect(), groups }
    }

    /// The interfaces that only one of the networks has.
    fn only(&self, side: usize, given: [Given<'_>; 2], fleets: &[Fleet; 2]) -> Vec<Counted> {
        let World { network, graph, .. } = given[side].world;
        let own = self.hosts.iter().filter_map(|host| match (side, host.before, host.after) {
            (0, Some(at), None) | (1, None, Some(at)) => {
                let id = id(graph, &fleets[side].hosts()[at]);
                Some((network.interfaces.get(id)?, host.group))
            }
            _ => None,
        });
        let counted = |(interface, group): (&NetworkInterface, u32)| Counted {
            interface: interface.id.to_string(),
            name: interface.label().to_owned(),
            group: self.groups[group as usize].clone(),
        };
        own.map(counted).collect()
    }

    /// The groups by name, those with the most pairs first.
    fn between(&self, pairs: BTreeMap<(u32, u32), u64>) -> Vec<PairsBetween> {
        let name = |group: u32| self.groups[group as usize].clone();
        let named = pairs.into_iter().map(|((from, to), pairs)| PairsBetween {
            from: name(from),
            to: name(to),
            pairs,
        });
        let mut named: Vec<PairsBetween> = named.collect();
        named.sort_by_key(|one| std::cmp::Reverse(one.pairs));
        named
    }
}

fn id<'g>(graph: &'g Graph, host: &Host) -> &'g str {
    &graph.interfaces[host.interface as usize].resource.id
}

/// Settles pairs for which counting does not suffice.
struct Walker<'a> {
    graphs: [&'a Graph; 2],
    fleets: &'a [Fleet; 2],
    roll: &'a Roll,
    walks: u64,
}

impl Walker<'_> {
    /// Adds pairs to what turns, or to those that nobody walked.
    fn tell(&mut self, turn: &Turn, demand: &Demand, told: &mut Told, not_walked: &mut u64) {
        let fates = [turn.before, turn.after];
        let [Some(before), Some(after)] =
            [0, 1].map(|side: usize| self.settled(fates[side], turn, side, demand))
        else {
            *not_walked += turn.pairs;
            return;
        };
        let nothing = |fate| matches!(fate, PairFate::Blocked | PairFate::Absent);
        if before == after || nothing(before) && nothing(after) {
            return;
        }
        let ends = [turn.from, turn.to].map(|end| self.roll.hosts[end].group);
        let between = told.entry((before, after)).or_default();
        *between.entry((ends[0], ends[1])).or_default() += turn.pairs;
    }

    /// How a pair fares on one side; nothing where that would be a walk too many.
    fn settled(
        &mut self,
        fate: Option<Fate>,
        turn: &Turn,
        side: usize,
        demand: &Demand,
    ) -> Option<PairFate> {
        let fate = match fate {
            Some(Fate::Open) => {
                self.walks = self.walks.checked_sub(1)?;
                self.walked(turn, side, demand)?
            }
            Some(fate) => fate,
            None => return Some(PairFate::Absent),
        };
        Some(match fate {
            Fate::Reachable => PairFate::Reachable,
            Fate::Blocked => PairFate::Blocked,
            Fate::Partial => PairFate::Intermittent,
            Fate::Unknown | Fate::Open => PairFate::Unknown,
        })
    }

    fn walked(&self, turn: &Turn, side: usize, demand: &Demand) -> Option<Fate> {
        let party = |end: usize| {
            let Both { before, after, .. } = self.roll.hosts[end];
            let host = &self.fleets[side].hosts()[if side == 0 { before? } else { after? }];
            let id = Arc::from(id(self.graphs[side], host));
            Some(Party::Interface { id, addresses: AddressSet::single(host.address) })
        };
        let flow = Flow {
            source: party(turn.from)?,
            destination: party(turn.to)?,
            protocol: demand.protocol,
            destination_ports: PortSet::single(demand.port),
            client_ports: demand.client_ports.clone(),
        };
        Some(fate(self.graphs[side], &flow))
    }
}

/// The ports that are asked about and that the change can touch: ranges within which no rule of
/// either network tells one port from another.
fn ranges(given: [Given<'_>; 2], question: &Question, touched: &PortSet) -> Vec<(u16, u16)> {
    let ranges: Vec<(u16, u16)> = match &question.ports {
        Ports::These(ports) => ports.iter().map(|&port| (port, port)).collect(),
        Ports::Every => {
            let all = given.map(|one| one.world.graph.port_ranges(question.protocol));
            let starts: BTreeSet<u16> = all.iter().flatten().map(|&(first, _)| first).collect();
            let ends = starts.iter().skip(1).map(|next| next - 1).chain([u16::MAX]);
            starts.iter().copied().zip(ends).collect()
        }
    };
    let meets = |&(first, last): &(u16, u16)| touched.meets(&PortSet::from_range(first, last));
    ranges.into_iter().filter(meets).collect()
}

/// What a change can touch.
struct Touch {
    /// On which ports.
    ports: PortSet,
    /// Whether anything but what the groups of a pair's own ends let pass.
    beyond: bool,
}

impl Touch {
    /// Of rules of groups, the ports of those that come or go; of all else, every one.
    fn new(given: [Given<'_>; 2], protocol: Protocol) -> Self {
        let networks = given.map(|one| one.network);
        let mut touched = touched(networks[0], networks[1]);
        let groups = std::mem::take(&mut touched.security_groups);
        if !touched.is_nothing() {
            return Self { ports: PortSet::all(), beyond: true };
        }
        let mut ports = PortSet::empty();
        for id in &groups {
            let rules = networks.map(|network| network.security_groups.get(id));
            let [Some(before), Some(after)] = rules else { continue };
            let ways = [(&before.ingress, &after.ingress), (&before.egress, &after.egress)];
            for (one, other) in ways {
                ports = ports.union(&ports_of_others(one, other, protocol));
                ports = ports.union(&ports_of_others(other, one, protocol));
            }
        }
        let passes_on = |one: Given<'_>| passes_on(&one.world.network, &groups);
        Self { ports, beyond: given.into_iter().any(passes_on) }
    }
}

/// The ports of the rules that others lack.
fn ports_of_others(rules: &[GroupRule], others: &[GroupRule], protocol: Protocol) -> PortSet {
    let plain = |one: &GroupRule| GroupRule { rule_id: None, at: None, ..one.clone() };
    let others: Vec<GroupRule> = others.iter().map(plain).collect();
    let rules = rules.iter().filter(|one| one.protocol.matches(protocol));
    let lacking = rules.filter(|one| !others.contains(&plain(one)));
    lacking.fold(PortSet::empty(), |all, one| all.union(&one.ports))
}

/// Whether one who carries any of some groups passes on what others send: routes lead there (RT-14).
fn passes_on(network: &Network, groups: &BTreeSet<SecurityGroupId>) -> bool {
    let routes = network.route_tables.values().flat_map(|table| &table.routes);
    let mut targets = routes.filter_map(|route| match &route.target {
        RouteTarget::Interface(id) => network.interfaces.get(id),
        _ => None,
    });
    targets.any(|one| one.groups.iter().any(|group| groups.contains(group)))
}
