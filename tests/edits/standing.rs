//! All pairs kept up while a network is edited are those of the edited network.

use std::collections::BTreeMap;
use vpc_reach::fleet::{Demand, Fate, Fleet, Host, Standing, Tally};
use vpc_reach::graph::{Changed, Graph};
use vpc_reach::header::{Family, PortSet, Protocol};
use vpc_reach::network::Network;
use vpc_reach::read::scenario;

/// What became of edits.
#[derive(Debug, Default)]
pub struct Kept {
    pub edits: usize,
    pub kept_up: usize,
    pub shifts: usize,
    pub opened: u64,
    pub closed: u64,
}

/// All pairs of a network, kept up.
pub struct Pairs {
    fleet: &'static Fleet,
    standing: Standing<'static>,
}

impl Pairs {
    pub fn new(network: &Network, graph: &Graph, port: u16) -> Self {
        // A test is short, and its fleets are small.
        let fleet: &'static Fleet = Box::leak(Box::new(Fleet::new(graph, hosts(network, graph))));
        let demand = Demand {
            protocol: Protocol::Tcp,
            port,
            client_ports: PortSet::from_range(32_768, 60_999),
        };
        Self { fleet, standing: Standing::new(fleet.survey(graph, &demand)) }
    }

    /// The fate of every pair.
    fn fates(&self) -> BTreeMap<(Host, Host), Fate> {
        let hosts = self.fleet.hosts();
        let pairs = (0..hosts.len()).flat_map(|from| (0..hosts.len()).map(move |to| (from, to)));
        let others = pairs.filter(|(from, to)| from != to);
        let fate = |(from, to): (usize, usize)| {
            ((hosts[from], hosts[to]), self.standing.survey().fate(from, to))
        };
        others.map(fate).collect()
    }

    /// Follows an edit, and compares with what is sorted and counted anew.
    pub fn hold(
        &mut self,
        graph: &Graph,
        changed: Option<&Changed>,
        network: &Network,
        anew: &Graph,
        kept: &mut Kept,
    ) {
        let port = self.standing.survey().demand().port;
        let before = self.fates();
        let fresh = Pairs::new(network, anew, port);
        kept.edits += 1;
        let delta = changed.and_then(|changed| self.standing.update(graph, changed));
        let Some(delta) = delta else {
            *self = Pairs::new(network, graph, port);
            return;
        };
        kept.kept_up += 1;
        let text = || scenario::write(network);
        let (after, wanted) = (self.fates(), fresh.fates());
        for (pair, fate) in &wanted {
            assert_eq!(after[pair], *fate, "{pair:?}\n{}", text());
        }
        let mut counted = Tally::default();
        wanted.values().for_each(|fate| counted.add(*fate, 1));
        assert_eq!(fresh.standing.tally(), counted, "{}", text());
        assert_eq!(self.standing.tally(), counted, "{}", text());
        let reached = |fates: &BTreeMap<(Host, Host), Fate>, pair| fates[pair] == Fate::Reachable;
        let count = |from: &BTreeMap<(Host, Host), Fate>, to: &BTreeMap<(Host, Host), Fate>| {
            after.keys().filter(|pair| !reached(from, pair) && reached(to, pair)).count() as u64
        };
        assert_eq!(delta.opened(), count(&before, &after), "{}", text());
        assert_eq!(delta.closed(), count(&after, &before), "{}", text());
        kept.shifts += delta.shifts.len();
        kept.opened += delta.opened();
        kept.closed += delta.closed();
    }
}

fn hosts(network: &Network, graph: &Graph) -> Vec<Host> {
    let families = [Family::V4, Family::V6];
    families.into_iter().flat_map(|one| vpc_reach::audit::hosts(network, graph, one)).collect()
}
