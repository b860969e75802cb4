//! Who can reach whom: all pairs of a network, by VPC, account or subnet, and what the internet
//! reaches, and what reaches the internet.

mod alike;
mod internet;

use crate::answer::{Flow, Outcome, Party};
use crate::fleet::{Demand, Fate, Fleet, Host, Survey, Tally};
use crate::graph::Graph;
use crate::header::{AddressSet, Family, PortSet, Protocol};
use crate::network::{Network, NetworkInterface, Resource, SecurityGroupId, SubnetId};
use crate::solve::{Region, solve};
use internet::Internet;
use serde::{Serialize, Serializer};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

/// What the ends of pairs are grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// Their VPC.
    Vpc,
    /// Their account.
    Account,
    /// Their subnet.
    Subnet,
    /// Their subnet and the set of groups that they carry.
    Class,
}

/// Which ports are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ports {
    /// These, each on its own.
    These(Vec<u16>),
    /// Every port: each range within which no rule tells one from another.
    Every,
}

/// What is asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// The protocol.
    pub protocol: Protocol,
    /// Over which family of addresses.
    pub family: Family,
    /// The ports.
    pub ports: Ports,
    /// What the ends are grouped by.
    pub by: By,
    /// How many pairs are walked, at most, for which counting does not suffice.
    pub walks: u64,
}

/// Who can reach whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Audit {
    /// How many interfaces there are with an address of the family.
    pub interfaces: u64,
    /// The same by port, in the order asked.
    pub ports: Vec<PortAudit>,
}

/// Who can reach whom on one port, or on each of some.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PortAudit {
    /// The port.
    pub port: u16,
    /// The last of the ports on which all fares as on the first; that one itself where it was asked
    /// for alone.
    pub last_port: u16,
    /// All ordered pairs of different interfaces.
    pub pairs: Pairs,
    /// How many of those that reach each other do so through a NAT gateway, by counting alone.
    pub through_nat: u64,
    /// The pairs by the groups of their ends, the most reachable first; groups between which
    /// everything is blocked are left out.
    pub between: Vec<Between>,
    /// The groups whose interfaces are reached from other groups, by the most pairs first.
    pub reached: Vec<Reached>,
    /// The interfaces that the internet reaches, by id.
    pub from_internet: Vec<Exposed>,
    /// The interfaces that reach the internet, by id.
    pub to_internet: Vec<Leaving>,
}

/// A group whose interfaces are reached from other groups.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reached {
    /// The group.
    pub group: String,
    /// From how many other groups.
    pub from_groups: u64,
    /// Pairs with clients of other groups that reach it.
    pub pairs: u64,
}

/// Counts of pairs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Pairs {
    /// Those that reach each other.
    pub reachable: u64,
    /// Those of whose packets only some get through.
    pub intermittent: u64,
    /// Those that do not.
    pub blocked: u64,
    /// Those of which a fact is missing, or which were too many to walk.
    pub unknown: u64,
}

/// The pairs from one group to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Between {
    /// The group that the clients are in.
    pub from: String,
    /// The group that the servers are in.
    pub to: String,
    /// How they fare.
    pub pairs: Pairs,
}

/// An interface that the internet reaches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Exposed {
    /// Its id.
    pub interface: String,
    /// Its name, or else its id.
    pub name: String,
    /// Its private address, or its IPv6 address.
    pub address: IpAddr,
    /// Its group.
    pub group: String,
    /// Whether that is sure; where it is not, something is missing to know, or only some packets
    /// get through.
    pub sure: bool,
}

/// An interface that reaches the internet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Leaving {
    /// Its id.
    pub interface: String,
    /// Its name, or else its id.
    pub name: String,
    /// The address that it sends from.
    pub address: IpAddr,
    /// Its group.
    pub group: String,
    /// Through what its requests go out, in order, as kinds of resources; a NAT gateway stands for
    /// the internet gateway behind it.
    #[serde(serialize_with = "in_order")]
    pub way: Arc<[&'static str]>,
    /// Whether it surely reaches all of the internet; where it does not, something is missing to
    /// know, or only some addresses are reached.
    pub sure: bool,
}

fn in_order<S: Serializer>(way: &Arc<[&'static str]>, to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(way.iter())
}

/// The client ports of Linux (NA-06), which most hosts are.
pub(crate) const CLIENT_PORTS: (u16, u16) = (32_768, 60_999);
/// Those that hosts on the internet may use.
const ANY_CLIENT_PORTS: (u16, u16) = (1_024, 65_535);

/// Audits a completed network: its existing interfaces, each by its least address of the family.
/// What is only planned has no address yet and is not counted; nor are gateways' own interfaces, from which
/// nothing comes and which answer nothing.
#[must_use]
pub fn audit(network: &Network, graph: &Graph, question: &Question) -> Audit {
    let interfaces = counted(network, graph, question.family);
    let hosts = interfaces.iter().map(|(&interface, &(_, address))| Host { address, interface });
    let fleet = match question.by {
        By::Class => Fleet::in_groups(graph, by_class(&interfaces)),
        By::Vpc | By::Account | By::Subnet => Fleet::new(graph, hosts.collect()),
    };
    let own: Vec<&NetworkInterface> =
        fleet.hosts().iter().map(|host| interfaces[&host.interface].0).collect();
    let groups: Vec<String> =
        own.iter().map(|interface| group_of(network, interface, question.by)).collect();
    let mut names: Vec<&String> = groups.iter().collect();
    names.sort_unstable();
    names.dedup();
    let numbers: BTreeMap<&String, u32> = names.iter().copied().zip(0..).collect();
    let by_host: Vec<u32> = groups.iter().map(|group| numbers[group]).collect();
    let auditor = Auditor { graph, fleet: &fleet, own: &own };
    let mut walks = question.walks;
    let ranges: Vec<(u16, u16)> = match &question.ports {
        Ports::These(ports) => ports.iter().map(|&port| (port, port)).collect(),
        Ports::Every => graph.port_ranges(question.protocol),
    };
    let first_ports = ranges.iter().map(|&(port, _)| port);
    let internet = Internet::new(network, graph, question, &fleet, first_ports);
    let mut last: Option<Survey<'_>> = None;
    let ports = ranges.into_iter().map(|(port, last_port)| {
        let demand = Demand {
            protocol: question.protocol,
            port,
            client_ports: PortSet::from_range(CLIENT_PORTS.0, CLIENT_PORTS.1),
        };
        // What does not go by the port is worked out once.
        let survey = match &last {
            Some(last) => last.turned_to(graph, &demand),
            None => fleet.survey(graph, &demand),
        };
        let between = auditor.between(&survey, &demand, &by_host, &names, &mut walks);
        let count = own.len() as u64;
        let mut pairs = Pairs::default();
        for one in &between {
            pairs.reachable += one.pairs.reachable;
            pairs.intermittent += one.pairs.intermittent;
            pairs.unknown += one.pairs.unknown;
        }
        let open = pairs.reachable + pairs.intermittent + pairs.unknown;
        pairs.blocked = (count * count.saturating_sub(1)).saturating_sub(open);
        let through_nat = survey.through_translators();
        last = Some(survey);
        let from_internet = internet.exposed(&fleet, &own, &groups, port);
        let to_internet = internet.leaving(&fleet, &own, &groups, port);
        let reached = reached(&between);
        PortAudit {
            port,
            last_port,
            pairs,
            through_nat,
            between,
            reached,
            from_internet,
            to_internet,
        }
    });
    Audit { interfaces: own.len() as u64, ports: ports.collect() }
}

/// The groups that others reach, by the most pairs first.
fn reached(between: &[Between]) -> Vec<Reached> {
    let mut all: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for one in between.iter().filter(|one| one.from != one.to && one.pairs.reachable > 0) {
        let (from_groups, pairs) = all.entry(&one.to).or_default();
        *from_groups += 1;
        *pairs += one.pairs.reachable;
    }
    let reached = all.into_iter().map(|(group, (from_groups, pairs))| {
        let group = group.to_owned();
        Reached { group, from_groups, pairs }
    });
    let mut reached: Vec<Reached> = reached.collect();
    reached.sort_by_key(|one| std::cmp::Reverse(one.pairs));
    reached
}

/// The interfaces that are counted, by index, each with the address that it is counted by.
fn counted<'n>(
    network: &'n Network,
    graph: &Graph,
    family: Family,
) -> BTreeMap<u32, (&'n NetworkInterface, IpAddr)> {
    let existing = network.interfaces.values();
    let existing = existing.filter(|one| one.planned.is_none() && !one.role.is_gateway());
    let found = existing.filter_map(|one| {
        Some((graph.interface(one.id.as_str())?, (one, first_address(one, family)?)))
    });
    found.collect()
}

/// The hosts, each with the number of its class.
fn by_class(interfaces: &BTreeMap<u32, (&NetworkInterface, IpAddr)>) -> Vec<(Host, u32)> {
    let mut numbers: BTreeMap<(&SubnetId, &BTreeSet<SecurityGroupId>), u32> = BTreeMap::new();
    let classes = interfaces.iter().map(|(&interface, &(own, address))| {
        let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
        let class = *numbers.entry((&own.subnet, &own.groups)).or_insert(next);
        (Host { address, interface }, class)
    });
    classes.collect()
}

/// The groups by which pairs would be counted.
#[must_use]
pub fn groups(network: &Network, graph: &Graph, question: &Question) -> BTreeSet<String> {
    let counted = counted(network, graph, question.family);
    counted.into_values().map(|(own, _)| group_of(network, own, question.by)).collect()
}

/// The hosts that are counted: see [`audit`].
#[must_use]
pub fn hosts(network: &Network, graph: &Graph, family: Family) -> Vec<Host> {
    let counted = counted(network, graph, family);
    counted.into_iter().map(|(interface, (_, address))| Host { address, interface }).collect()
}

/// An audit under way.
struct Auditor<'a> {
    graph: &'a Graph,
    fleet: &'a Fleet,
    own: &'a [&'a NetworkInterface],
}

impl Auditor<'_> {
    fn between(
        &self,
        survey: &Survey<'_>,
        demand: &Demand,
        by_host: &[u32],
        names: &[&String],
        walks: &mut u64,
    ) -> Vec<Between> {
        let mut walk = |from: usize, to: usize| match walks.checked_sub(1) {
            Some(left) => {
                *walks = left;
                fate(self.graph, &self.flow(from, to, demand))
            }
            None => Fate::Open,
        };
        let tallies = survey.tally_by(by_host, &mut walk);
        let mut sizes: BTreeMap<u32, u64> = BTreeMap::new();
        for &group in by_host {
            *sizes.entry(group).or_default() += 1;
        }
        let mut between: Vec<Between> = tallies
            .into_iter()
            .map(|((from, to), tally)| {
                let servers = sizes[&to] - u64::from(from == to);
                let pairs = pairs(&tally, sizes[&from] * servers);
                let name = |group: u32| names[group as usize].clone();
                Between { from: name(from), to: name(to), pairs }
            })
            .collect();
        between.sort_by_key(|one| std::cmp::Reverse((one.pairs.reachable, one.pairs.unknown)));
        between
    }

    fn flow(&self, from: usize, to: usize, demand: &Demand) -> Flow {
        let party = |host: usize| Party::Interface {
            id: Arc::from(self.own[host].id.as_str()),
            addresses: AddressSet::single(self.fleet.hosts()[host].address),
        };
        Flow {
            source: party(from),
            destination: party(to),
            protocol: demand.protocol,
            destination_ports: PortSet::single(demand.port),
            client_ports: demand.client_ports.clone(),
        }
    }
}

/// What a walk says of a pair.
pub(crate) fn fate(graph: &Graph, flow: &Flow) -> Fate {
    fate_of(&solve(graph, flow).regions.iter().collect::<Vec<_>>())
}

/// How parts fare together.
fn fate_of(regions: &[&Region]) -> Fate {
    let fates = regions.iter().map(|region| match region.outcome() {
        Outcome::Delivered => Fate::Reachable,
        Outcome::Stopped(_) => Fate::Blocked,
        Outcome::Unknown { .. } => Fate::Unknown,
    });
    let mut fates: Vec<Fate> = fates.collect();
    fates.sort_unstable();
    fates.dedup();
    match fates[..] {
        [one] => one,
        [Fate::Reachable, ..] => Fate::Partial,
        _ => Fate::Unknown,
    }
}

fn pairs(tally: &Tally, all: u64) -> Pairs {
    let unknown = tally.unknown + tally.open;
    let open = tally.reachable + tally.partial + unknown;
    Pairs {
        reachable: tally.reachable,
        intermittent: tally.partial,
        blocked: all.saturating_sub(open),
        unknown,
    }
}

fn first_address(interface: &NetworkInterface, family: Family) -> Option<IpAddr> {
    let addresses = interface.addresses.iter().map(|one| one.address);
    addresses.filter(|address| Family::of(*address) == family).min()
}

pub(crate) fn group_of(network: &Network, interface: &NetworkInterface, by: By) -> String {
    let vpc = network.vpcs.get(&interface.vpc);
    let vpc = || vpc.map_or(interface.vpc.as_str(), Resource::label).to_owned();
    let subnet = || {
        let subnet = network.subnets.get(&interface.subnet);
        let label = subnet.map_or(interface.subnet.as_str(), Resource::label);
        format!("{}/{label}", vpc())
    };
    match by {
        By::Vpc => vpc(),
        By::Account => {
            let account = interface.about.scope.account.as_deref();
            account.unwrap_or("account not known").to_owned()
        }
        By::Subnet => subnet(),
        // As answers write it: `sg web, db in app/private-a`.
        By::Class => {
            let label = |id: &SecurityGroupId| {
                let group = network.security_groups.get(id);
                group.map_or(id.as_str(), Resource::label).to_owned()
            };
            let mut names: Vec<String> = interface.groups.iter().map(label).collect();
            names.sort_unstable();
            let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
            format!("sg {names} in {}", subnet())
        }
    }
}
