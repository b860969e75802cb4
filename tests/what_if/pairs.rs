//! Random pairs of networks: what is told to flip is what two full checks differ in, to the last
//! verdict and cause.

use super::random;
use super::random_networks;
use std::collections::{BTreeMap, BTreeSet};
use vpc_reach::answer::{Answer, Expectation, Verdict};
use vpc_reach::check::{Check, check};
use vpc_reach::compare::{Changed, Side, Turn, changes, checked, flips};
use vpc_reach::network::Network;
use vpc_reach::query::World;
use vpc_reach::read::scenario::Overlay;

/// A verdict, and in words what it rests on.
type Told = (Option<Verdict>, BTreeSet<String>);

/// The first thing that stops each answer that fails, and what is missing for those unknown.
fn causes(answers: &[Answer]) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for answer in answers {
        match answer.verdict {
            Verdict::Reachable => {}
            Verdict::Unknown => all.extend(answer.missing.iter().map(|one| one.fact.clone())),
            _ => all.extend(answer.blockers.first().map(|one| {
                let (kind, label) = (&one.resource.kind, one.resource.label());
                format!("{} {kind}/{label} {}", one.code, one.what)
            })),
        }
    }
    all
}

/// Everything that a check says, by question; of the same question asked again, by its number.
fn told(check: &Check) -> BTreeMap<(String, usize), Told> {
    let mut all = BTreeMap::new();
    let mut put = |key: String, told: Told| {
        let number = (0..).find(|number| !all.contains_key(&(key.clone(), *number)));
        all.insert((key, number.unwrap()), told);
    };
    for service in &check.services {
        for flow in &service.flows {
            let mut causes = causes(&flow.answers);
            causes.extend(flow.missing.iter().map(|one| one.fact.clone()));
            let name = service.service.label();
            put(format!("{name} {} {}", flow.what, flow.why), (Some(flow.verdict), causes));
        }
    }
    for one in &check.expectations {
        let told = match &one.result {
            Ok(answer) => (Some(answer.verdict), causes(&answer.answers)),
            Err(error) => (None, BTreeSet::from([error.message.clone()])),
        };
        put(one.expectation.query.to_string(), told);
    }
    all
}

fn of(side: Option<&Side>) -> Option<Told> {
    let side = side?;
    let causes = side.causes.iter().map(|one| match (&one.code, &one.resource) {
        (Some(code), Some((kind, label))) => format!("{code} {kind}/{label} {}", one.what),
        _ => one.what.clone(),
    });
    Some((side.verdict, causes.collect()))
}

/// The network with a service in the subnet of its first interface.
fn with_service(network: &Network) -> Network {
    let Some(one) = network.interfaces.values().next() else { return network.clone() };
    let groups: Vec<String> = one.groups.iter().map(|id| format!("{:?}", id.as_str())).collect();
    let text = format!(
        "services: {{ app: {{ subnets: [{:?}], security_groups: [{}], task_definition: app }} }}
task_definitions: {{ app: {{ containers: {{ app: {{ image: nginx, port: 80 }} }} }} }}",
        one.subnet.as_str(),
        groups.join(", "),
    );
    let overlay = Overlay::read("service.yaml", &text).unwrap();
    overlay.apply(network).unwrap_or_else(|_| network.clone())
}

/// The first network with every other change that leads to the second.
fn half_way(one: &Network, other: &Network) -> Network {
    let mut network = one.clone();
    for change in changes(one, other).into_iter().step_by(2) {
        let Some(kind) = change.kind else { continue };
        match (change.changed, other.get(kind, &change.id)) {
            (Changed::Removed, _) => drop(network.remove(kind, &change.id)),
            (_, Some(resource)) => network.insert(resource),
            (_, None) => {}
        }
    }
    network
}

fn expectations(one: &Network, other: &Network) -> Vec<Expectation> {
    let ids = one.interfaces.keys().chain(other.interfaces.keys());
    let ids: BTreeSet<&str> = ids.map(|id| id.as_str()).collect();
    let ids: Vec<&str> = ids.into_iter().take(4).collect();
    let pairs = ids.iter().flat_map(|from| ids.iter().map(move |to| (from, to)));
    let between = pairs.filter(|(from, to)| from != to);
    let between = between.map(|(from, to)| format!("eni/{from} -> eni/{to}:443"));
    let out = ids.iter().map(|from| format!("eni/{from} -> 198.51.100.7:443"));
    let expect = |text: String| Expectation {
        query: text.parse().unwrap(),
        verdict: Verdict::Reachable,
        at: None,
    };
    between.chain(out).step_by(2).map(expect).collect()
}

#[test]
fn flips_of_random_pairs_are_the_difference_of_two_full_checks() {
    let wanted = std::env::var("REACH_PAIR_CASES").ok().and_then(|text| text.parse().ok());
    let networks = random_networks(wanted.unwrap_or(200) + 1, 29);
    let (mut turned, mut stayed) = (BTreeMap::<&str, usize>::new(), 0);
    for (index, pair) in networks.windows(2).enumerate() {
        let [one, other] = pair else { continue };
        let one = with_service(&one.network);
        let other = match index % 2 {
            0 => half_way(&one, &other.network),
            _ => with_service(&other.network),
        };
        let expectations = expectations(&one, &other);
        let checks = [&one, &other].map(|it| check(&World::new(it.clone()), &expectations));
        let [before, after] = checks.each_ref().map(told);
        let keys: BTreeSet<_> = before.keys().chain(after.keys()).collect();
        let differ = keys.iter().map(|key| (before.get(*key), after.get(*key)));
        let mut differ: Vec<(Option<Told>, Option<Told>)> = differ
            .filter(|(before, after)| before != after)
            .map(|(before, after)| (before.cloned(), after.cloned()))
            .collect();
        let found = flips(&checked(&checks[0]), &checked(&checks[1]));
        let sides = found.flips.iter().map(|it| (of(it.before.as_ref()), of(it.after.as_ref())));
        let mut sides: Vec<(Option<Told>, Option<Told>)> = sides.collect();
        differ.sort();
        sides.sort();
        assert_eq!(sides, differ, "pair {index}");
        assert_eq!(found.same + found.flips.len(), keys.len(), "pair {index}");
        stayed += found.same;
        for flip in &found.flips {
            let verdict = |side: &Option<Side>| side.as_ref().and_then(|it| it.verdict);
            let (was, is) = (verdict(&flip.before), verdict(&flip.after));
            let reachable = Some(Verdict::Reachable);
            assert_eq!(
                flip.turn == Turn::Opened,
                flip.before.is_some() && was != reachable && is == reachable,
                "{flip:?}"
            );
            let fails = [Some(Verdict::Blocked), Some(Verdict::Intermittent)];
            assert_eq!(
                flip.turn == Turn::Closed,
                was == reachable && fails.contains(&is),
                "{flip:?}"
            );
            *turned.entry(flip.turn.word()).or_default() += 1;
        }
    }
    let codes = random::CODES.len() + random::RARE.len();
    for turn in [Turn::Opened, Turn::Closed, Turn::Cause] {
        let count = turned.get(turn.word()).copied().unwrap_or(0);
        assert!(count > 10, "{turned:?}, of {codes} codes");
    }
    assert!(stayed > 100, "{stayed} stay as they are");
}

/// The network with the other's rules in the groups and ACLs that both have.
fn with_rules_of(one: &Network, other: &Network) -> Network {
    let mut network = one.clone();
    for group in network.security_groups.values_mut() {
        if let Some(theirs) = other.security_groups.get(&group.id) {
            group.ingress.clone_from(&theirs.ingress);
            group.egress.clone_from(&theirs.egress);
        }
    }
    for acl in network.network_acls.values_mut() {
        if let Some(theirs) = other.network_acls.get(&acl.id) {
            acl.ingress.clone_from(&theirs.ingress);
            acl.egress.clone_from(&theirs.egress);
        }
    }
    network
}

/// Where only rules differ, the graph is not made anew: it is the same to the last note.
#[test]
fn an_edited_world_is_the_world_of_the_edited_network() {
    let mut differ = 0;
    for pair in random_networks(61, 31).windows(2) {
        let [one, other] = pair else { continue };
        let world = World::new(one.network.clone());
        let rules = with_rules_of(&one.network, &other.network);
        differ += usize::from(rules != one.network);
        let (quick, whole) = (world.edited(&one.network, rules.clone()), World::new(rules));
        assert_eq!(format!("{quick:?}"), format!("{whole:?}"));
    }
    assert!(differ > 20, "{differ}");
}
