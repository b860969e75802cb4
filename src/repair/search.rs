//! The search for edits.

use super::ground::{Ground, Way};
use super::{
    Edit, Goal, Repair, answers, edges, endpoints, filters, firewalls, ipv6, routes, transit,
};
use crate::answer::{Answer, Expectation, QueryAnswer, Verdict};
use crate::check::check;
use crate::compare::{Asked, checked, flips};
use crate::network::Network;
use crate::query::World;
use crate::read::scenario::Overlay;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// How many edits a repair may have.
const EDITS: usize = 5;

/// How many networks are solved before the search gives up.
const NETWORKS: usize = 400;

/// How many repairs are looked for.
const REPAIRS: usize = 12;

/// What the search found.
#[derive(Clone, Debug)]
pub struct Repairs {
    /// The repairs: few edits first, then those that change little else.
    pub repairs: Vec<Repair>,
    /// Why the flow does not pass now; the one answer that was asked first.
    pub now: Option<Verdict>,
    /// Whether everything was tried that could be.
    pub complete: bool,
}

/// The smallest sets of edits that make the flow pass.
pub fn repairs(network: &Network, expectations: &[Expectation], goal: &Goal) -> Repairs {
    let mut search = Search::new(network, goal, NETWORKS);
    let first = search.asked(&[]);
    let now = first.as_ref().map(|(answer, _)| answer.verdict);
    if now == Some(Verdict::Reachable) {
        return Repairs { repairs: Vec::new(), now, complete: true };
    }
    let (found, complete) = search.search();
    Repairs { repairs: ranked(network, expectations, found), now, complete }
}

/// Sets of edits with what else they change: few edits first, then those that change little else.
pub(super) fn ranked(
    network: &Network,
    expectations: &[Expectation],
    found: Vec<Vec<Edit>>,
) -> Vec<Repair> {
    if found.is_empty() {
        return Vec::new();
    }
    let before = verdicts(network, expectations);
    let mut repairs: Vec<Repair> = found
        .into_iter()
        .filter_map(|edits| {
            let (overlay, edited) = joined(network, &edits)?;
            let blast = flips(&before, &verdicts(&edited, expectations));
            Some(Repair { edits, overlay, blast })
        })
        .collect();
    repairs.sort_by_key(|one| {
        let words: Vec<String> = one.edits.iter().map(|edit| edit.what.clone()).collect();
        (one.edits.len(), one.blast.flips.len(), words)
    });
    repairs
}

fn verdicts(network: &Network, expectations: &[Expectation]) -> Asked {
    checked(&check(&World::new(network.clone()), expectations))
}

/// Edits as one overlay, and the network with it; nothing where AWS would refuse it.
pub(super) fn joined(network: &Network, edits: &[Edit]) -> Option<(Overlay, Network)> {
    let mut all: Option<Overlay> = None;
    for edit in edits {
        all = Some(match all {
            None => edit.overlay.clone(),
            Some(before) => before.and(&edit.overlay).ok()?,
        });
    }
    let overlay = all?;
    let edited = overlay.apply(network).ok()?;
    Some((overlay, edited))
}

/// The same for the same edits in any order.
pub(super) fn names(edits: &[Edit]) -> Vec<String> {
    let mut names: Vec<String> = edits.iter().map(|edit| edit.overlay.to_yaml()).collect();
    names.sort();
    names
}

pub(super) struct Search<'a> {
    base: &'a Network,
    goal: &'a Goal,
    /// Whether the flow passes with a set of edits.
    known: BTreeMap<Vec<String>, bool>,
    solved: usize,
    /// How many may be.
    networks: usize,
}

impl<'a> Search<'a> {
    pub(super) fn new(base: &'a Network, goal: &'a Goal, networks: usize) -> Self {
        Self { base, goal, known: BTreeMap::new(), solved: 0, networks }
    }

    /// What is answered with some edits, and of which network; nothing where it cannot be asked.
    fn asked(&mut self, edits: &[Edit]) -> Option<(QueryAnswer, World)> {
        let network = match edits {
            [] => self.base.clone(),
            some => joined(self.base, some)?.1,
        };
        self.solved += 1;
        let world = World::new(network);
        let answer = self.goal.ask(&world)?;
        self.known.insert(names(edits), answer.verdict == Verdict::Reachable);
        Some((answer, world))
    }

    fn passes(&mut self, edits: &[Edit]) -> bool {
        if let Some(known) = self.known.get(&names(edits)) {
            return *known;
        }
        let passes =
            self.asked(edits).is_some_and(|(answer, _)| answer.verdict == Verdict::Reachable);
        self.known.insert(names(edits), passes);
        passes
    }

    /// Breadth first: fewer edits before more. What is found is made minimal.
    pub(super) fn search(&mut self) -> (Vec<Vec<Edit>>, bool) {
        let mut found: Vec<Vec<Edit>> = Vec::new();
        let mut seen: BTreeSet<Vec<String>> = BTreeSet::new();
        let mut queue: VecDeque<Vec<Edit>> = VecDeque::from([Vec::new()]);
        let mut complete = true;
        while let Some(edits) = queue.pop_front() {
            let own: BTreeSet<String> = names(&edits).into_iter().collect();
            // What holds a repair needs no more edits.
            let holds = |one: &Vec<Edit>| names(one).iter().all(|name| own.contains(name));
            if found.iter().any(|one| !one.is_empty() && holds(one)) {
                continue;
            }
            if self.solved >= self.networks || found.len() >= REPAIRS {
                complete = false;
                break;
            }
            let Some((answer, world)) = self.asked(&edits) else { continue };
            if answer.verdict == Verdict::Reachable {
                let smallest = self.minimal(edits);
                let key = names(&smallest);
                if !found.iter().any(|one| names(one) == key) {
                    found.push(smallest);
                }
                continue;
            }
            for way in self.ways(&answer, &world) {
                let mut next = edits.clone();
                let new = way.into_iter().filter(|edit| !own.contains(&edit.overlay.to_yaml()));
                next.extend(new);
                if next.len() == edits.len() {
                    continue;
                }
                if next.len() > EDITS {
                    complete = false;
                    continue;
                }
                if seen.insert(names(&next)) {
                    queue.push_back(next);
                }
            }
            // Ways of several edits wait for those of fewer.
            queue.make_contiguous().sort_by_key(Vec::len);
        }
        (found, complete)
    }

    /// The edits without those that are not needed.
    fn minimal(&mut self, mut edits: Vec<Edit>) -> Vec<Edit> {
        let mut at = 0;
        while at < edits.len() {
            let mut without = edits.clone();
            without.remove(at);
            match !without.is_empty() && self.passes(&without) {
                // An earlier one may have been needed for this one only.
                true => (edits, at) = (without, 0),
                false => at += 1,
            }
        }
        edits
    }

    /// Ways to go on from what stops the flow first; of several answers that the same stops, each
    /// alone and all together.
    fn ways(&self, answer: &QueryAnswer, world: &World) -> Vec<Way> {
        let failing: Vec<&Answer> =
            answer.answers.iter().filter(|one| !one.blockers.is_empty()).collect();
        let Some(first) = failing.first() else { return Vec::new() };
        let mut ways = self.ways_of(first, &failing, world);
        let code = first.blockers.first().map(|blocker| &blocker.code);
        let alike = failing.iter().skip(1).filter(|one| {
            one.blockers.first().map(|blocker| &blocker.code) == code
                && one.blockers.first().map(|it| &it.resource)
                    != first.blockers.first().map(|it| &it.resource)
        });
        let others: Vec<Vec<Way>> = alike.map(|one| self.ways_of(one, &failing, world)).collect();
        if !others.is_empty() {
            let together: Vec<Way> = ways
                .iter()
                .enumerate()
                .map(|(index, way)| {
                    let rest = others.iter().filter_map(|ways| ways.get(index)).flatten();
                    let mut all: Way = Vec::new();
                    for edit in way.iter().chain(rest) {
                        let text = edit.overlay.to_yaml();
                        if !all.iter().any(|known| known.overlay.to_yaml() == text) {
                            all.push(edit.clone());
                        }
                    }
                    all
                })
                .collect();
            ways.extend(together);
        }
        ways
    }

    fn ways_of(&self, answer: &Answer, failing: &[&Answer], world: &World) -> Vec<Way> {
        let mut ways = Vec::new();
        // What stops the question for the name comes before what stops the flow itself.
        let count = match answer.blockers.first().map(|one| one.code.0.as_ref()) {
            Some("NAME_SERVER_UNREACHABLE") => 2,
            _ => 1,
        };
        for blocker in answer.blockers.iter().take(count) {
            let network = &world.network;
            let protocol = self.goal.protocol();
            let it = Ground { network, failing, answer, blocker, protocol };
            ways.extend(match blocker.code.0.as_ref() {
                "ENI_SG_RULES_MISMATCH" | "SG_HAS_NO_RULES" => filters::groups(&it),
                "SUBNET_ACL_RESTRICTION" => filters::acls(&it),
                "FIREWALL_RULES_RESTRICTION" => firewalls::rules(&it),
                "NO_ROUTE_TO_DESTINATION" => [endpoints::ways(&it), routes::no_route(&it)].concat(),
                "BAD_STATE_ROUTE" | "BAD_STATE" => {
                    [endpoints::ways(&it), routes::no_route(&it), routes::around(&it)].concat()
                }
                "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS" => {
                    [routes::no_public_address(&it), endpoints::ways(&it)].concat()
                }
                "NAME_WITHOUT_IPV6" => ipv6::dns64(&it).into_iter().collect(),
                "IPV6_ADDRESS_NOT_PUBLIC" => ipv6::astray(&it),
                "RETURN_PATH_ASYMMETRIC" => [transit::way_back(&it), routes::around(&it)].concat(),
                "TGW_ROUTE_AZ_RESTRICTION" => transit::zones(&it),
                "TGW_ATTACH_VPC_AZ_RESTRICTION" => transit::appliance_mode(&it),
                "ENI_SOURCE_DEST_CHECK_RESTRICTION" => routes::forwarding(&it),
                "TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT" | "TGW_RTB_BAD_STATE_ROUTE" => {
                    transit::hub_routes(&it)
                }
                "TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION" => transit::associations(&it),
                "LISTENER_ON_LOOPBACK"
                | "LISTENER_ON_OTHER_ADDRESS"
                | "LISTENER_OTHER_FAMILY"
                | "NOTHING_LISTENS" => answers::listeners(&it),
                "LB_NO_LISTENER" => edges::listeners(&it),
                "VPC_BLOCK_PUBLIC_ACCESS_ENABLED" => edges::exclusions(&it),
                "BAD_STATE_ATTACHMENT" => {
                    [edges::attachments(&it), routes::no_public_address(&it)].concat()
                }
                "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS" => {
                    routes::public_address(it.destination())
                }
                "NEXT_HOP_LOOP"
                | "INGRESS_RTB_NO_PUBLIC_IP"
                | "INGRESS_RTB_TRAFFIC_REDIRECTION"
                | "GATEWAY_ENDPOINT_SOURCE_OUTSIDE_VPC"
                | "PCX_REQUIRES_ADDRESS_IN_VPC_CIDR"
                | "VPC_LOCAL_ROUTE_CIDR_RESTRICTION" => routes::around(&it),
                "SG_REFERENCES_NOT_PRESERVED" => filters::groups(&it),
                "VPC_DNS_SUPPORT_OFF" => answers::dns_support(&it),
                "PHZ_NO_SUCH_NAME" | "PHZ_NO_ADDRESS" => {
                    [answers::zones(&it), endpoints::ways(&it)].concat()
                }
                _ => Vec::new(),
            });
        }
        ways
    }
}
