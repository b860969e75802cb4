//! All pairs at once: which interfaces reach which, on one port.
//!
//! Hosts that no route and no ACL tells apart form a zone. Where a zone's packets come out is worked
//! out once per zone, as rows of bits; what groups and sockets add is worked out once per guard, as
//! sets of hosts. The guards are those of the graph, the same that a single flow is walked through.
//! A pair that meets more than this engine follows (appliances, undecidable rules) is
//! [`Fate::Open`]: whoever asked has it walked.

mod across;
mod admits;
mod bits;
mod cells;
mod classes;
mod compared;
mod count;
mod delta;
mod each;
mod hosts;
mod ledger;
mod matrix;
mod meant;
mod pair;
mod rectangles;
mod rerouted;
mod rows;
mod running;
mod sent;
mod standing;
mod sweep;
mod touched;
mod turned;
mod ways;
mod zones;

pub use compared::{Both, Compared, Turn};
pub use count::Tally;
pub use delta::{Delta, Shift};
pub use hosts::Host;
pub use pair::Fate;
pub use standing::Standing;

use crate::graph::{Action, Graph, Guard, GuardId};
use crate::header::{PortSet, Protocol};
use crate::threads;
use classes::Classes;
use hosts::Surroundings;
use ledger::Filters;
use matrix::Matrix;
use meant::Meant;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use sweep::{Sweeper, Sweeps, Test};
use ways::Ways;
use zones::Zones;

/// What is asked of every pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demand {
    /// The protocol.
    pub protocol: Protocol,
    /// The port of the one that is reached.
    pub port: u16,
    /// The ports that those who reach use.
    pub client_ports: PortSet,
}

/// The hosts of a network, sorted into zones.
#[derive(Clone, Debug)]
pub struct Fleet {
    hosts: Vec<Host>,
    surroundings: Surroundings,
    zones: Zones,
    meant: Meant,
    /// The surroundings in which each group is carried, by its number.
    carriers: Vec<Vec<u32>>,
}

/// All pairs of a fleet on one port.
#[derive(Clone, Debug)]
pub struct Survey<'f> {
    fleet: &'f Fleet,
    demand: Demand,
    /// What each guard does with the requests, by slot.
    forward: Arc<Sweeps>,
    /// What each guard does with the replies.
    back: Arc<Sweeps>,
    /// What each host's sockets do with the requests for its own address, by seat.
    sockets: Arc<[Test]>,
    /// Where the requests of each zone come out.
    there: Arc<Ways>,
    /// Where the replies of each zone come out.
    home: Arc<Ways>,
    /// What becomes of replies to translators, where there are any.
    behind: Option<Behind>,
    classes: Arc<Classes>,
    /// Whom the filters admit, once that is asked.
    filters: OnceLock<Arc<Filters>>,
    /// What lies between all zones, once that is asked.
    matrix: OnceLock<Arc<Matrix>>,
}

/// What becomes of replies to translators, which have ports of their own.
#[derive(Clone, Debug)]
struct Behind {
    sweeps: Arc<Sweeps>,
    ways: Arc<Ways>,
}

impl Fleet {
    /// Sorts the hosts. Those that are asked about exist.
    #[must_use]
    pub fn new(graph: &Graph, hosts: Vec<Host>) -> Self {
        Self::in_groups(graph, hosts.into_iter().map(|host| (host, 0)).collect())
    }

    /// The same with hosts of different groups kept apart, so that [`Survey::tally_by`] can count
    /// by these groups though they share subnets.
    #[must_use]
    pub fn in_groups(graph: &Graph, hosts: Vec<(Host, u32)>) -> Self {
        let mut surroundings = Surroundings::default();
        let (zones, hosts) = Zones::new(graph, hosts, &mut surroundings);
        let mut carriers = vec![Vec::new(); surroundings.group_count()];
        for (index, around) in (0..).zip(&surroundings.all) {
            for &group in surroundings.groups(around.groups) {
                carriers[group as usize].push(index);
            }
        }
        let meant = Meant::new(graph, &surroundings, &zones);
        Self { hosts, surroundings, zones, meant, carriers }
    }

    /// The surroundings in which a group is carried.
    fn carriers(&self, group: Option<u32>) -> impl Iterator<Item = u32> {
        let own = group.and_then(|group| self.carriers.get(group as usize));
        own.into_iter().flatten().copied()
    }

    /// The hosts, in the order in which pairs are asked for.
    #[must_use]
    pub fn hosts(&self) -> &[Host] {
        &self.hosts
    }

    /// How many zones there are.
    #[must_use]
    pub fn zones(&self) -> usize {
        self.zones.len()
    }

    /// Works out all pairs on one port, in the graph whose hosts these are.
    #[must_use]
    pub fn survey(&self, graph: &Graph, demand: &Demand) -> Survey<'_> {
        self.surveyed(graph, demand, None)
    }

    fn surveyed<'f>(
        &'f self,
        graph: &Graph,
        demand: &Demand,
        before: Option<&Survey<'f>>,
    ) -> Survey<'f> {
        let kinds = Kinds::new(self, graph, demand);
        let sweepers = kinds.sweepers(self, graph, demand);
        let Sweepers { requests, replies, behind } = &sweepers;
        let before = before.filter(|one| one.demand.protocol == demand.protocol);
        let ways = |sweeper: &Sweeper<'_>, known: Option<&Arc<Ways>>| match known {
            Some(known) if known.hold_for(sweeper) => Arc::clone(known),
            _ => Arc::new(Ways::new(sweeper)),
        };
        let (there, home) = threads::both(
            self.zones.len() >= 512,
            || ways(requests, before.map(|one| &one.there)),
            || ways(replies, before.map(|one| &one.home)),
        );
        // Replies fare alike, whatever the port of the server.
        let replied = before.filter(|one| one.demand.client_ports == demand.client_ports);
        let sweeps = |sweeper: &Sweeper<'_>, known: Option<&Arc<Sweeps>>| match known {
            Some(known) => Arc::clone(known),
            None => Arc::new(Sweeps::new(sweeper, None)),
        };
        let back = sweeps(replies, replied.map(|one| &one.back));
        let behind = behind.as_ref().map(|sweeper| {
            let known = before.and_then(|one| one.behind.as_ref()).map(|one| &one.ways);
            let ways = ways(sweeper, known.or(Some(&home)));
            let known = replied.and_then(|one| one.behind.as_ref()).map(|one| &one.sweeps);
            Behind { sweeps: sweeps(sweeper, known), ways }
        });
        let port = before.map(|one| PortSet::single(one.demand.port));
        let known = before.map(|one| &*one.forward).zip(port.as_ref());
        let mut survey = Survey {
            fleet: self,
            demand: demand.clone(),
            forward: Arc::new(Sweeps::new(requests, known)),
            back,
            sockets: self.sockets(graph, requests),
            there,
            home,
            behind,
            classes: Arc::default(),
            filters: OnceLock::new(),
            matrix: OnceLock::new(),
        };
        survey.classes = Arc::new(Classes::new(&survey));
        if let Some(before) = before {
            survey.share(before);
        }
        survey
    }

    /// What each host's sockets do with requests for its own address, by seat.
    fn sockets(&self, graph: &Graph, requests: &Sweeper<'_>) -> Arc<[Test]> {
        let mut swept: HashMap<GuardId, sweep::Sweep> = HashMap::new();
        let mut test = |seat: u32, guard: GuardId| match &*graph.guards[guard as usize] {
            Guard::Rules(rules) if rules.clauses.is_empty() => match rules.otherwise {
                Action::Pass(_) => Test::Pass,
                _ => Test::Open,
            },
            _ => swept.entry(guard).or_insert_with(|| requests.sweep(guard)).of(seat),
        };
        let each = (0..).zip(&self.zones.seats).map(|(index, seat)| {
            let sockets = self.surroundings.all[seat.around as usize].sockets;
            sockets.map_or(Test::Open, |guard| test(index, guard))
        });
        each.collect()
    }
}

/// The ports of each kind of packet.
struct Kinds {
    requests: PortSet,
    /// Those that translators send from.
    translated: Option<PortSet>,
}

/// What is swept, for each kind of packet.
struct Sweepers<'f> {
    requests: Sweeper<'f>,
    replies: Sweeper<'f>,
    behind: Option<Sweeper<'f>>,
}

impl Kinds {
    fn new(fleet: &Fleet, graph: &Graph, demand: &Demand) -> Self {
        // All plain translators pick from the same ports.
        let first = fleet.zones.translators.keys().next();
        let translated = first.map(|&first| match demand.protocol.has_ports() {
            true => graph.translators[first as usize].ports.clone(),
            false => demand.client_ports.clone(),
        });
        Self { requests: PortSet::single(demand.port), translated }
    }

    fn sweepers<'f>(
        &'f self,
        fleet: &'f Fleet,
        graph: &'f Graph,
        demand: &'f Demand,
    ) -> Sweepers<'f> {
        let Fleet { zones, surroundings, meant, .. } = fleet;
        let sweeper = |ports, reply| {
            let protocol = demand.protocol;
            Sweeper { graph, zones, surroundings, meant, protocol, ports, reply }
        };
        Sweepers {
            requests: sweeper(&self.requests, false),
            replies: sweeper(&demand.client_ports, true),
            behind: self.translated.as_ref().map(|ports| sweeper(ports, true)),
        }
    }
}

impl<'f> Survey<'f> {
    /// The same hosts of the same graph on another port, for less than from nothing where the ways
    /// are the same.
    #[must_use]
    pub fn turned_to(&self, graph: &Graph, demand: &Demand) -> Survey<'f> {
        self.fleet.surveyed(graph, demand, Some(self))
    }

    /// Takes what another survey of the same graph has worked out, where that is the same here.
    fn share(&mut self, before: &Self) {
        if let Some(filters) = before.filters.get() {
            self.filters = OnceLock::from(Arc::new(filters.turned(self, before)));
        }
        if let Some(matrix) = before.matrix.get()
            && Matrix::same(self, before)
        {
            self.matrix = OnceLock::from(Arc::clone(matrix));
        }
    }

    /// Whom the filters admit.
    fn filters(&self) -> &Arc<Filters> {
        self.filters.get_or_init(|| Arc::new(Filters::new(self)))
    }

    /// What lies between all zones, as far as routes and ACLs say.
    fn matrix(&self) -> &Arc<Matrix> {
        self.matrix.get_or_init(|| Arc::new(Matrix::new(self)))
    }

    /// What is asked of every pair.
    #[must_use]
    pub fn demand(&self) -> &Demand {
        &self.demand
    }
}
