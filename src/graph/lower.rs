//! Lowering: network → graph.

mod acls;
mod boundaries;
mod egress_only;
mod firewalls;
mod groups;
mod index;
mod interfaces;
mod internet;
mod ipv6;
mod kept;
mod leads;
mod led;
mod managed;
mod middleboxes;
mod peerings;
mod public_access;
mod record;
mod regional;
mod relower;
mod routes;
mod sockets;
mod steering;
mod transit;
mod translators;

use super::directory::Directory;
use super::{
    Action, Effect, Graph, Guard, GuardId, InterfaceFacts, Note, Passage, Place, PublicOwner,
    Selector, Stop, TranslatorFacts, Way,
};
use crate::answer::{Missing, ResourceRef};
use crate::header::{AddressSet, IcmpMessage, PortSet};
use crate::models;
use crate::network::{Kind, Network, Resource, RouteTableId, Scope, Subnet, VpcId};
pub use relower::Changed;

pub(super) use kept::Kept;
use kept::SubnetPlaces;
use petgraph::graph::{DiGraph, EdgeIndex, NodeIndex};
use record::Recording;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;

/// The graph while it grows, or while a part of it is told anew.
struct Lowering<'n> {
    network: &'n Network,
    kept: Kept,
    places: DiGraph<Place, Passage>,
    guards: Vec<Arc<Guard>>,
    interfaces: Vec<InterfaceFacts>,
    translators: Arc<Vec<TranslatorFacts>>,
    public_owners: BTreeMap<Ipv4Addr, PublicOwner>,
    entries: BTreeMap<NodeIndex, Vec<EdgeIndex>>,
    departures: BTreeMap<NodeIndex, GuardId>,
    directory: Directory,
    choices: BTreeMap<RouteTableId, Arc<leads::Choices>>,
    group_guards: groups::Interned<'n>,
    /// A guard that lets every request pass.
    passing: Option<GuardId>,
    shared: interfaces::Shared<'n>,
    /// Whether a graph that is there is told anew.
    again: bool,
    /// The guards that were made in that case.
    made: Vec<GuardId>,
    /// Whose passages out are written down as they are made, the innermost last.
    recordings: Vec<Recording>,
    /// The guards made for what is being told, the innermost last.
    owned: Vec<Vec<GuardId>>,
    /// The effect of most passages.
    nothing: Arc<Effect>,
}

impl<'n> Lowering<'n> {
    fn new(network: &'n Network, kept: Kept) -> Self {
        Self {
            network,
            kept,
            places: DiGraph::new(),
            guards: Vec::new(),
            interfaces: Vec::new(),
            translators: Arc::default(),
            public_owners: BTreeMap::new(),
            entries: BTreeMap::new(),
            departures: BTreeMap::new(),
            directory: Directory::default(),
            choices: BTreeMap::new(),
            group_guards: groups::Interned::new(),
            passing: None,
            shared: interfaces::Shared::default(),
            again: false,
            made: Vec::new(),
            recordings: Vec::new(),
            owned: Vec::new(),
            nothing: Arc::default(),
        }
    }
}

impl Graph {
    /// Lowers a completed network.
    #[must_use]
    pub fn new(network: &Network) -> Self {
        let mut places = DiGraph::new();
        let internet = places.add_node(Place::Internet);
        let outward = places.add_node(Place::Outward);
        let link_local = places.add_node(Place::LinkLocal);
        let end = places.add_node(Place::End);
        let kept = Kept::new(network, [internet, outward, link_local, end]);
        let mut lowering = Lowering { places, ..Lowering::new(network, kept) };
        lowering.add_subnets();
        lowering.add_translators();
        lowering.add_nat_instances();
        lowering.add_interfaces();
        lowering.add_local_passages();
        lowering.add_entries();
        lowering.add_routes();
        lowering.add_regional_routes();
        lowering.add_unowned_addresses();
        let note = Note::new(
            ResourceRef::new("flow", "reply", None),
            "leaves by another way than the request came",
            "PW-10",
            None,
        );
        let (steered, steering) = lowering.steering();
        let announced = lowering.announced();
        Self {
            directory: Arc::new(Directory::new(&lowering.places)),
            kept: Arc::new(lowering.kept),
            places: Arc::new(lowering.places),
            guards: lowering.guards,
            interfaces: Arc::new(lowering.interfaces),
            translators: lowering.translators,
            internet,
            outward,
            announced: Arc::new(announced),
            entries: Arc::new(lowering.entries),
            departures: Arc::new(lowering.departures),
            asymmetric: Stop::dropped("RETURN_PATH_ASYMMETRIC", note).ending(),
            steered: Arc::new(steered),
            steering: Arc::new(steering),
            looped: Stop::dropped(
                "NEXT_HOP_LOOP",
                Note::new(
                    ResourceRef::new("flow", "packet", None),
                    "comes back to a subnet where it has been",
                    "NG-17",
                    None,
                ),
            )
            .ending(),
            other_host: Stop::dropped(
                "DELIVERED_TO_OTHER_HOST",
                Note::new(
                    ResourceRef::new("flow", "request", None),
                    "goes to another host that has the same address",
                    "PC-04",
                    None,
                ),
            )
            .ending(),
            public_owners: Arc::new(lowering.public_owners),
        }
    }
}

impl<'n> Lowering<'n> {
    fn add_subnets(&mut self) {
        for id in self.network.subnets.keys() {
            let wire = self.places.add_node(Place::Subnet);
            let router = self.places.add_node(Place::Router);
            self.kept.subnets.insert(id.clone(), SubnetPlaces { wire, router });
        }
    }

    /// The VPC's own router. VPCs that are only referred to have one, too.
    fn local(&mut self, vpc: &VpcId) -> NodeIndex {
        if let Some(&place) = self.kept.locals.get(vpc) {
            return place;
        }
        let place = self.places.add_node(Place::Local);
        self.kept.locals.insert(vpc.clone(), place);
        place
    }

    /// RT-13: the local route delivers to the subnet that holds the address; NA-09: its ACL sees
    /// the packet on its way in.
    fn add_local_passages(&mut self) {
        let network = self.network;
        let mut covered: BTreeMap<&VpcId, AddressSet> = BTreeMap::new();
        for subnet in network.subnets.values() {
            let local = self.local(&subnet.vpc);
            let acl = self.acl_guard(subnet, acls::Direction::Inbound);
            let wire = self.kept.subnets[&subnet.id].wire;
            let addresses = subnet.addresses();
            let all = covered.entry(&subnet.vpc).or_default();
            *all = all.union(&addresses);
            self.connect(local, wire, Selector::addresses(addresses), vec![acl], Way::Inside);
        }
        for (vpc, place) in self.kept.locals.clone() {
            let label = network.vpcs.get(&vpc).map_or(vpc.as_str(), Resource::label);
            let scope = network.vpcs.get(&vpc).map(|vpc| &vpc.about.scope);
            let all_known = scope.is_none_or(|scope| network.coverage.covers(scope, Kind::Subnet));
            let action = match (all_known, scope) {
                (false, Some(scope)) => {
                    let fact = format!("the subnet of vpc {label} that holds the address");
                    Action::Unknown(self.missing(fact, Kind::Subnet, scope))
                }
                _ => {
                    let vpc = ResourceRef::new(Kind::Vpc.word(), vpc.as_str(), Some(label));
                    let note = Note::new(vpc, "has no subnet with that address", "RT-13", None);
                    Action::Stop(Stop::dropped("VPC_LOCAL_ROUTE_CIDR_RESTRICTION", note))
                }
            };
            let stop = self.always(action);
            let none = AddressSet::default();
            let rest = AddressSet::all().difference(covered.get(&vpc).unwrap_or(&none));
            self.connect(place, self.kept.end, Selector::addresses(rest), vec![stop], Way::End);
        }
    }

    fn connect(
        &mut self,
        from: NodeIndex,
        to: NodeIndex,
        selects: impl Into<Arc<Selector>>,
        guards: impl IntoIterator<Item = GuardId>,
        way: Way,
    ) -> EdgeIndex {
        let (selects, guards) = (selects.into(), guards.into_iter().collect());
        let effect = Arc::clone(&self.nothing);
        self.add_passage(from, to, Passage { selects, guards, departure: 0, way, effect })
    }

    /// A guard that treats every packet alike.
    fn always(&mut self, action: Action) -> GuardId {
        self.guard(Guard::Always { action, requests_only: false })
    }

    /// A guard that treats every request alike and lets replies pass.
    fn always_for_requests(&mut self, action: Action) -> GuardId {
        self.guard(Guard::Always { action, requests_only: true })
    }

    /// AP-02: what a resource does with requests by fields that AWS does not describe.
    fn undocumented<R: Resource>(&mut self, resource: &R, fields: &[String]) -> Option<GuardId> {
        const NO_EFFECT: &str = "UNKNOWN_FIELDS_NO_EFFECT";
        if fields.is_empty() {
            return None;
        }
        let value = self.network.assumptions.value(NO_EFFECT);
        let fields = fields.join(", ");
        let action = match value {
            "true" => {
                let what = format!("has {fields} set, which is taken to change nothing");
                let note = Note::new(reference(resource), what, "AP-02", None);
                Action::Pass(Some(Arc::new(note.assuming(NO_EFFECT, value, "AP-02"))))
            }
            _ => {
                let label = reference(resource).label().to_owned();
                let fact = format!(
                    "what {label} does with {fields}, which AWS does not describe ({NO_EFFECT})"
                );
                Action::Unknown(Missing { fact, command: None })
            }
        };
        Some(self.always_for_requests(action))
    }

    /// What is missing when a resource of that kind cannot be found.
    fn missing(&self, fact: impl Into<String>, kind: Kind, scope: &Scope) -> Missing {
        missing(self.network, fact, kind, scope)
    }
}

/// What is missing when a resource of that kind cannot be found: the call that lists the kind is
/// named unless it was made.
fn missing(network: &Network, fact: impl Into<String>, kind: Kind, scope: &Scope) -> Missing {
    let covered = network.coverage.covers(scope, kind);
    let command = models::call(kind.word()).map(|call| call.command.to_owned());
    Missing { fact: fact.into(), command: command.filter(|_| !covered) }
}

/// The ports of a rule; of one for ICMP, the messages in their place (SG-04, NA-05).
fn carried(ports: &PortSet, icmp: Option<(i16, i16)>) -> PortSet {
    icmp.map_or_else(|| ports.clone(), |(kind, code)| IcmpMessage::ports(kind, code))
}

/// ` 443`, or of a rule for some messages only ` type 8` or ` type 3 code 4`.
fn carried_words(ports: &PortSet, icmp: Option<(i16, i16)>) -> String {
    match icmp {
        Some((kind, code)) if kind >= 0 && code >= 0 => format!(" type {kind} code {code}"),
        Some((kind, _)) if kind >= 0 => format!(" type {kind}"),
        Some(_) => String::new(),
        None => format!(" {ports}"),
    }
}

/// A reference to a resource, by its name.
fn reference<R: Resource>(resource: &R) -> ResourceRef {
    ResourceRef::new(R::KIND.word(), resource.id_text(), Some(resource.label()))
}

/// A reference to a resource that may not be in the network.
fn reference_to<R: Resource>(found: Option<&R>, id: &str) -> ResourceRef {
    found.map_or_else(|| ResourceRef::new(R::KIND.word(), id, None), reference)
}

/// The scope to look in for what a subnet needs.
fn scope_of(subnet: &Subnet) -> &Scope {
    &subnet.about.scope
}
