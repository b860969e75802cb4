//! What is told of all pairs of interfaces, held to a walk of each pair.

use fastrand::Rng;
use std::collections::BTreeMap;
use std::sync::Arc;
use vpc_reach::answer::{Flow, Outcome, Party};
use vpc_reach::audit::{By, Ports, Question, hosts};
use vpc_reach::compare::{Given, PairChanges, PairFate, pair_changes};
use vpc_reach::header::{AddressSet, Family, PortSet, Protocol};
use vpc_reach::network::{Network, NetworkInterface, Resource};
use vpc_reach::query::World;
use vpc_reach::read::scenario;
use vpc_reach::solve::solve;

/// What occurred: how many pairs turned how.
#[derive(Debug, Default)]
pub struct Seen(BTreeMap<(PairFate, PairFate), u64>);

impl Seen {
    pub fn suffice(&self) {
        use PairFate::{Absent, Blocked, Reachable, Unknown};
        for turn in
            [(Blocked, Reachable), (Reachable, Blocked), (Absent, Reachable), (Reachable, Absent)]
        {
            assert!(self.0.contains_key(&turn), "{turn:?}: {self:?}");
        }
        let unknown = self.0.keys().any(|turn| turn.0 == Unknown || turn.1 == Unknown);
        assert!(unknown, "{self:?}");
    }
}

/// Removes an interface, adds one, or changes its groups, its subnet or its address.
pub fn edit_interfaces(rng: &mut Rng, network: &mut Network) {
    let ids: Vec<_> = network.interfaces.keys().cloned().collect();
    if ids.is_empty() {
        return;
    }
    let pick = |rng: &mut Rng| ids[rng.usize(..ids.len())].clone();
    let (id, other) = (pick(rng), pick(rng));
    let model = network.interfaces[&other].clone();
    match rng.u8(..4) {
        0 => drop(network.interfaces.remove(&id)),
        1 => {
            let about = model.about.clone();
            let one = NetworkInterface { id: "eni-new".into(), about, ..model };
            let one = NetworkInterface { groups: network.interfaces[&id].groups.clone(), ..one };
            network.interfaces.remove(&other);
            network.interfaces.insert("eni-new".into(), one);
        }
        2 => {
            if let Some(one) = network.interfaces.get_mut(&id) {
                one.groups = model.groups;
            }
        }
        _ => {
            // The two change places.
            let one = network.interfaces[&id].clone();
            let place = |to: &mut NetworkInterface, of: &NetworkInterface| {
                to.vpc = of.vpc.clone();
                to.subnet = of.subnet.clone();
                to.addresses = of.addresses.clone();
            };
            place(network.interfaces.get_mut(&id).expect("it is there"), &model);
            place(network.interfaces.get_mut(&other).expect("it is there"), &one);
        }
    }
}

/// Pairs that turn, by how and from which subnet to which.
type Turns = BTreeMap<(PairFate, PairFate, String, String), u64>;

/// Holds what is told of a change to walks, on some ports.
pub fn hold(rng: &mut Rng, before: &Network, after: &Network, seen: &mut Seen) {
    let first = World::new(before.clone());
    let second = match rng.bool() {
        true => first.edited(before, after.clone()),
        false => World::new(after.clone()),
    };
    let question = Question {
        protocol: if rng.u8(..6) == 0 { Protocol::Udp } else { Protocol::Tcp },
        family: if rng.u8(..6) == 0 { Family::V6 } else { Family::V4 },
        ports: Ports::Every,
        by: By::Subnet,
        walks: u64::MAX,
    };
    let given = |network, world| Given { network, world };
    let told = pair_changes(given(before, &first), given(after, &second), &question);
    assert!(told.not_walked.is_empty() && told.not_counted.is_empty());
    let ports = [443, 53, 22, rng.u16(1..)];
    for port in ports {
        let (own, wanted) = (turns_on(&told, port), walked(&first, &second, &question, port));
        assert!(
            own == wanted,
            "{} over {} to {port}\ntold {own:#?}\nwalked {wanted:#?}\n{}\nand then\n{}",
            question.protocol,
            question.family,
            scenario::write(before),
            scenario::write(after)
        );
        for ((before, after, ..), pairs) in wanted {
            *seen.0.entry((before, after)).or_default() += pairs;
        }
    }
}

fn turns_on(told: &PairChanges, port: u16) -> Turns {
    let mut turns = Turns::new();
    let on = |&(first, last): &(u16, u16)| first <= port && port <= last;
    for turn in told.turns.iter().filter(|turn| turn.ports.iter().any(on)) {
        assert_eq!(turn.pairs, turn.between.iter().map(|one| one.pairs).sum::<u64>());
        for one in &turn.between {
            let key = (turn.before, turn.after, one.from.clone(), one.to.clone());
            assert!(turns.insert(key, one.pairs).is_none(), "{told:?}");
        }
    }
    turns
}

/// Every interface with its address and its subnet.
fn members(world: &World, family: Family) -> BTreeMap<String, (Party, String)> {
    let all = hosts(&world.network, &world.graph, family);
    let member = |host: &vpc_reach::fleet::Host| {
        let id = world.graph.interfaces[host.interface as usize].resource.id.to_string();
        let interface = &world.network.interfaces[id.as_str()];
        let vpc = world.network.vpcs.get(&interface.vpc);
        let subnet = world.network.subnets.get(&interface.subnet);
        let group = format!(
            "{}/{}",
            vpc.map_or(interface.vpc.as_str(), |vpc| vpc.label()),
            subnet.map_or(interface.subnet.as_str(), |subnet| subnet.label())
        );
        let addresses = AddressSet::single(host.address);
        (id.clone(), (Party::Interface { id: Arc::from(id), addresses }, group))
    };
    all.iter().map(member).collect()
}

fn walked(before: &World, after: &World, question: &Question, port: u16) -> Turns {
    let (one, other) = (members(before, question.family), members(after, question.family));
    let fate = |world: &World, from: Option<&(Party, String)>, to: Option<&(Party, String)>| {
        let (Some((from, _)), Some((to, _))) = (from, to) else { return PairFate::Absent };
        fate(world, from, to, question.protocol, port)
    };
    let ids: std::collections::BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    let group = |id: &String| other.get(id).or(one.get(id)).expect("it is in one").1.clone();
    let mut turns = Turns::new();
    for &from in &ids {
        for &to in ids.iter().filter(|&&to| to != from) {
            let was = fate(before, one.get(from), one.get(to));
            let is = fate(after, other.get(from), other.get(to));
            let nothing = |fate| matches!(fate, PairFate::Blocked | PairFate::Absent);
            if was != is && !(nothing(was) && nothing(is)) {
                *turns.entry((was, is, group(from), group(to))).or_default() += 1;
            }
        }
    }
    turns
}

fn fate(world: &World, from: &Party, to: &Party, protocol: Protocol, port: u16) -> PairFate {
    let flow = Flow {
        source: from.clone(),
        destination: to.clone(),
        protocol,
        destination_ports: PortSet::single(port),
        client_ports: PortSet::from_range(32_768, 60_999),
    };
    let solution = solve(&world.graph, &flow);
    let fates = solution.regions.iter().map(|region| match region.outcome() {
        Outcome::Delivered => PairFate::Reachable,
        Outcome::Stopped(_) => PairFate::Blocked,
        Outcome::Unknown { .. } => PairFate::Unknown,
    });
    let mut fates: Vec<PairFate> = fates.collect();
    fates.sort_unstable();
    fates.dedup();
    match fates[..] {
        [one] => one,
        [PairFate::Reachable, ..] => PairFate::Intermittent,
        _ => PairFate::Unknown,
    }
}
