//! Interfaces: what leaves them, what arrives at them.

use super::groups::{Direction, GroupSet};
use super::kept::SubnetPlaces;
use super::{Lowering, acls, groups, missing, reference, reference_to};
use crate::answer::{Missing, ResourceRef};
use crate::graph::{
    Action, Clause, Guard, GuardId, InterfaceFacts, InterfaceIndex, Note, Order, PeerTest, Place,
    PublicOwner, RuleSet, Selector, Side, Stop, Way,
};
use crate::header::{AddressSet, IntervalSet, PortSet, Protocol, ProtocolMatch};
use crate::network::{
    InterfaceRole, Kind, NatGateway, NetworkInterface, PublicAddress, SecurityGroupId, Subnet,
    SubnetId, Vpc, VpcId,
};
use ipnet::IpNet;
use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef;
use smallvec::SmallVec;
use std::collections::{BTreeSet, HashMap};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

/// Services that every host reaches on its own link (PW-06): metadata, time, task credentials.
const LINK_LOCAL: [IpAddr; 5] = [
    IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254)),
    IpAddr::V4(Ipv4Addr::new(169, 254, 169, 123)),
    IpAddr::V4(Ipv4Addr::new(169, 254, 170, 2)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x123)),
];
/// The VPC resolver's own link-local addresses (PW-06, DN-03).
const RESOLVER: [IpAddr; 2] = [
    IpAddr::V4(Ipv4Addr::new(169, 254, 169, 253)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x253)),
];

/// The open point of PW-17.
const ANSWERS_BY_OWNER: &str = "GUEST_POLICY_ROUTING";

/// What interfaces have in common, told once.
#[derive(Default)]
pub(super) struct Shared<'n> {
    links: HashMap<(&'n SubnetId, &'n VpcId), Arc<Link>>,
    services: HashMap<&'n VpcId, Arc<Services>>,
    pub(super) groups: HashMap<&'n BTreeSet<SecurityGroupId>, GroupSet>,
    /// The guard of sockets of which nothing is known.
    pub(super) any_socket: Option<GuardId>,
    nothing: Arc<AddressSet>,
}

/// The services of a VPC's links, and the addresses that are none of theirs.
struct Services {
    all: Vec<(Arc<Selector>, GuardId)>,
    rest: AddressSet,
}

/// What surrounds the interfaces of one VPC in one subnet.
struct Link {
    services: Arc<Services>,
    local: NodeIndex,
    /// Of a subnet that is known.
    subnet: Option<Surroundings>,
}

struct Surroundings {
    places: SubnetPlaces,
    acl_in: GuardId,
    acl_out: GuardId,
    inside: Arc<Selector>,
    outside: Arc<Selector>,
}

impl<'n> Lowering<'n> {
    pub(super) fn add_interfaces(&mut self) {
        self.interfaces.reserve_exact(self.network.interfaces.len());
        for interface in self.network.interfaces.values() {
            let index =
                InterfaceIndex::try_from(self.interfaces.len()).unwrap_or(InterfaceIndex::MAX);
            let place = self.places.add_node(Place::Interface(index));
            let resource = reference(interface);
            let link = self.link(interface);
            let around = link.subnet.as_ref();
            let groups = self.groups_of(interface);
            let facts = InterfaceFacts {
                place,
                acl_in: around.map(|subnet| subnet.acl_in),
                acl_out: around.map(|subnet| subnet.acl_out),
                wire: around.map(|subnet| subnet.places.wire),
                local: link.local,
                vpc: interface.vpc.shared(),
                sockets: self.socket_guard(interface, &resource),
                answers: self.answers(interface),
                resource,
                groups: Arc::clone(&groups.ids),
                planned: interface.planned.is_some(),
                delegated: self.set(interface.delegated()),
                public: self.set(public(interface)),
                known_public: known_public(interface)
                    .into_iter()
                    .map(|(public, private)| (public, AddressSet::single(IpAddr::V4(private))))
                    .collect(),
            };
            self.interfaces.push(facts);
            self.add_departures(interface, place, &link, &groups);
            if !interface.role.is_gateway() {
                self.add_arrivals(interface, index, place, &groups);
            }
        }
    }

    fn set(&self, set: AddressSet) -> Arc<AddressSet> {
        match set.is_empty() {
            true => Arc::clone(&self.shared.nothing),
            false => Arc::new(set),
        }
    }

    fn link(&mut self, interface: &'n NetworkInterface) -> Arc<Link> {
        let key = (&interface.subnet, &interface.vpc);
        if let Some(known) = self.shared.links.get(&key) {
            return Arc::clone(known);
        }
        let services = self.services(interface);
        let subnet = self.network.subnets.get(&interface.subnet).map(|subnet| {
            let (own, rest) = (subnet.addresses(), &services.rest);
            Surroundings {
                places: self.kept.subnets[&subnet.id],
                acl_in: self.acl_guard(subnet, acls::Direction::Inbound),
                acl_out: self.acl_guard(subnet, acls::Direction::Outbound),
                inside: Arc::new(Selector::addresses(rest.intersection(&own))),
                outside: Arc::new(Selector::addresses(rest.difference(&own))),
            }
        });
        let link = Arc::new(Link { services, local: self.local(&interface.vpc), subnet });
        self.shared.links.insert(key, Arc::clone(&link));
        link
    }

    fn services(&mut self, interface: &'n NetworkInterface) -> Arc<Services> {
        if let Some(known) = self.shared.services.get(&interface.vpc) {
            return Arc::clone(known);
        }
        let (mut all, mut rest) = (Vec::new(), AddressSet::all());
        for (addresses, action) in self.link_local_services(interface) {
            let selects = Arc::new(Selector::addresses(addresses.intersection(&rest)));
            rest = rest.difference(&addresses);
            all.push((selects, self.of_link_local(action)));
        }
        let services = Arc::new(Services { all, rest });
        self.shared.services.insert(&interface.vpc, Arc::clone(&services));
        services
    }

    /// PW-01: what a packet passes on its way out of an interface.
    fn add_departures(
        &mut self,
        interface: &'n NetworkInterface,
        place: NodeIndex,
        link: &Link,
        groups: &GroupSet,
    ) {
        let usable: SmallVec<[GuardId; 2]> =
            [self.usable(interface)].into_iter().chain(self.opens(interface)).collect();
        let egress = self.group_guard(interface, groups, Direction::Egress);
        for (selects, guard) in &link.services.all {
            let guards = usable.iter().copied().chain([*guard]);
            self.connect(place, self.kept.link_local, Arc::clone(selects), guards, Way::OneWay);
        }

        let mut guards = usable;
        guards.extend(egress);
        guards.extend(self.not_named(interface));
        let Some(subnet) = &link.subnet else {
            let fact = format!("subnet {}", interface.subnet);
            let missing = self.missing(fact, Kind::Subnet, &interface.about.scope);
            guards.push(self.always(Action::Unknown(missing)));
            let rest = Selector::addresses(link.services.rest.clone());
            self.connect(place, self.kept.end, rest, guards, Way::End);
            return;
        };
        // PW-04: within the subnet there is neither ACL nor route table.
        let (inside, outside) = (Arc::clone(&subnet.inside), Arc::clone(&subnet.outside));
        let guards = guards.iter().copied();
        self.connect(place, subnet.places.wire, inside, guards.clone(), Way::Inside);
        self.connect(place, subnet.places.router, outside, guards, Way::Inside);
    }

    /// PW-17: what a host with several interfaces does with replies of another than the primary
    /// one. What is on the interface's own link is always answered there.
    fn answers(&mut self, interface: &NetworkInterface) -> Option<GuardId> {
        let network = self.network;
        let host = network.instances.get(interface.instance.as_ref()?)?;
        let first = host.interfaces.first().filter(|first| **first != interface.id)?;
        if interface.role != InterfaceRole::Ordinary || !host.interfaces.contains(&interface.id) {
            return None;
        }
        let value = network.assumptions.value(ANSWERS_BY_OWNER);
        let at = interface.about.at.as_ref();
        let primary = network.interfaces.get(first);
        let action = match (value, primary) {
            ("true", _) => {
                let what = "is taken to send the replies to what came to it";
                let note = Note::new(reference(interface), what, "PW-17", at);
                Action::Pass(Some(Arc::new(note.assuming(ANSWERS_BY_OWNER, value, "PW-17"))))
            }
            (_, Some(primary)) if primary.source_dest_check => {
                let own = reference(interface).label().to_owned();
                let what = format!("is taken to send the replies of {own}, whose address it lacks");
                let note = Note::new(reference(primary), what, "PW-17", at);
                let note = note.assuming(ANSWERS_BY_OWNER, value, "PW-17");
                Action::Stop(Stop::dropped("ENI_ADDRESS_RESTRICTION", note).ending())
            }
            _ => {
                let label = reference(interface).label().to_owned();
                let fact = format!(
                    "what becomes of replies of {label} that {first} sends ({ANSWERS_BY_OWNER})"
                );
                Action::Unknown(Missing { fact, command: None })
            }
        };
        let subnet = network.subnets.get(&interface.subnet);
        Some(self.guard(Guard::Rules(RuleSet {
            side: Side::Destination,
            order: Order::First,
            requests_only: false,
            clauses: vec![Clause {
                protocol: ProtocolMatch::Any,
                ports: PortSet::all(),
                peer: PeerTest::Addresses(subnet.map(Subnet::addresses).unwrap_or_default()),
                action: Action::Pass(None),
            }],
            otherwise: action,
        })))
    }

    /// SG-09: that no reference to its groups means what it sends from delegated prefixes.
    fn not_named(&mut self, interface: &NetworkInterface) -> Option<GuardId> {
        let value = self.network.assumptions.value(groups::DELEGATED);
        let delegated = interface.delegated();
        if value == "true" || delegated.is_empty() || interface.groups.is_empty() {
            return None;
        }
        let what = "sends from a delegated prefix, which no rule for its groups means";
        let note = Note::new(reference(interface), what, "SG-09", interface.about.at.as_ref());
        let note = Arc::new(note.assuming(groups::DELEGATED, value, "SG-09"));
        Some(self.guard(Guard::Rules(RuleSet {
            side: Side::Source,
            order: Order::First,
            requests_only: true,
            clauses: vec![Clause {
                protocol: ProtocolMatch::Any,
                ports: PortSet::all(),
                peer: PeerTest::Addresses(delegated),
                action: Action::Pass(Some(note)),
            }],
            otherwise: Action::Pass(None),
        })))
    }

    /// PW-02: what a packet passes on its way from the subnet's wire into an interface.
    fn add_arrivals(
        &mut self,
        interface: &'n NetworkInterface,
        index: InterfaceIndex,
        place: NodeIndex,
        groups: &GroupSet,
    ) {
        // IG-08: on the internet, too, they are these interfaces'.
        for &(public, private) in &known_public(interface) {
            self.public_owners.insert(public, PublicOwner::Interface { interface: index, private });
        }
        let Some(subnet) = self.kept.subnets.get(&interface.subnet).copied() else { return };
        let mut guards = vec![self.usable(interface)];
        guards.extend(self.denied_from_outside(interface));
        guards.extend(self.takes(interface));
        guards.extend(self.group_guard(interface, groups, Direction::Ingress));
        let selector = Selector::addresses(interface.private_addresses());
        self.connect(subnet.wire, place, selector, guards, Way::Inside);
    }

    /// PW-13
    fn usable(&mut self, interface: &NetworkInterface) -> GuardId {
        let at = interface.about.at.as_ref();
        if !interface.usable {
            let what = "is not in use: detached, or its instance is not running";
            let note = Note::new(reference(interface), what, "PW-13", at);
            return self.always_for_requests(Action::Stop(Stop::dropped("BAD_STATE", note)));
        }
        if let Some(passing) = self.passing {
            return passing;
        }
        let action = Action::Pass(None);
        let passing = self.shared_guard(Guard::Always { action, requests_only: true });
        *self.passing.insert(passing)
    }

    /// What the services of the link do with a packet: whether they answer pings is not described.
    fn of_link_local(&mut self, action: Action) -> GuardId {
        let pings = [Protocol::Icmp, Protocol::Icmpv6].map(|protocol| {
            let fact = "whether the services of the link answer pings".to_owned();
            Clause {
                protocol: ProtocolMatch::Only(protocol),
                ports: PortSet::all(),
                peer: PeerTest::Any,
                action: Action::Unknown(Missing { fact, command: None }),
            }
        });
        self.guard(Guard::Rules(RuleSet {
            side: Side::Destination,
            order: Order::First,
            requests_only: true,
            clauses: pings.to_vec(),
            otherwise: action,
        }))
    }

    /// PW-06: destinations that no group, ACL or route filters.
    fn link_local_services(&self, interface: &NetworkInterface) -> Vec<(AddressSet, Action)> {
        let set = |addresses: &[IpAddr]| {
            let all = addresses.iter().map(|&address| IpNet::from(address));
            AddressSet::from_nets(&all.collect::<Vec<_>>())
        };
        let mut services = vec![(set(&LINK_LOCAL), Action::Pass(None))];
        let Some(vpc) = self.network.vpcs.get(&interface.vpc) else { return services };
        let mut resolver = RESOLVER.to_vec();
        resolver.extend(resolver_address(vpc).map(IpAddr::V4));
        let action = match vpc.dns_support {
            Some(true) => {
                let what = "answers on every interface, whatever groups, ACLs and routes say";
                let note = Note::new(
                    ResourceRef::new("resolver", vpc.id.as_str(), Some("VPC resolver")),
                    what,
                    "PW-06",
                    None,
                );
                Action::Pass(Some(Arc::new(note)))
            }
            Some(false) => {
                let what = "has enableDnsSupport off, so its resolver does not answer";
                let note = Note::new(reference(vpc), what, "DN-02", vpc.about.at.as_ref());
                Action::Stop(Stop::dropped("VPC_DNS_SUPPORT_OFF", note))
            }
            None => {
                let fact =
                    format!("the attribute enableDnsSupport of vpc {}", reference(vpc).label());
                Action::Unknown(missing(self.network, fact, Kind::VpcAttribute, &vpc.about.scope))
            }
        };
        services.push((set(&resolver), action));
        services
    }

    /// RT-13: addresses that nothing owns; NG-07: addresses that let nobody in.
    pub(super) fn add_unowned_addresses(&mut self) {
        let network = self.network;
        let mut nats: HashMap<&SubnetId, Vec<&NatGateway>> = HashMap::new();
        for nat in network.nat_gateways.values() {
            if let Some(subnet) = &nat.subnet {
                nats.entry(subnet).or_default().push(nat);
            }
        }
        for subnet in network.subnets.values() {
            let wire = self.kept.subnets[&subnet.id].wire;
            let (mut v4, mut v6) = (Vec::new(), Vec::new());
            for passage in self.places.edges(wire).filter(|one| self.existing(one.target())) {
                let owned = &passage.weight().selects.plain;
                v4.extend_from_slice(owned.v4.ranges());
                v6.extend_from_slice(owned.v6.ranges());
            }
            let owned =
                AddressSet { v4: IntervalSet::from_ranges(v4), v6: IntervalSet::from_ranges(v6) };
            let mut rest = AddressSet::all().difference(&owned);
            for nat in nats.get(&subnet.id).into_iter().flatten() {
                let private = nat.addresses.iter().filter_map(|address| address.private);
                let addresses = private.fold(AddressSet::empty(), |all, one| {
                    all.union(&AddressSet::single(IpAddr::V4(one)))
                });
                let stop = Self::no_inbound(nat);
                let guard = self.always(Action::Stop(stop));
                let selects = Selector::addresses(addresses.intersection(&rest));
                rest = rest.difference(&addresses);
                self.connect(wire, self.kept.end, selects, [guard], Way::End);
            }
            let scope = &subnet.about.scope;
            let action = match network.coverage.covers(scope, Kind::NetworkInterface) {
                true => {
                    let what = "has no interface with that address";
                    let resource = reference_to(Some(subnet), subnet.id.as_str());
                    let note = Note::new(resource, what, "RT-13", None);
                    Action::Stop(Stop::dropped("VPC_LOCAL_ROUTE_CIDR_RESTRICTION", note))
                }
                false => {
                    let fact =
                        format!("who owns the address in subnet {}", reference(subnet).label());
                    Action::Unknown(self.missing(fact, Kind::NetworkInterface, scope))
                }
            };
            let guard = self.always(action);
            self.connect(wire, self.kept.end, Selector::addresses(rest), vec![guard], Way::End);
        }
    }

    /// Whether the place is an interface that exists.
    fn existing(&self, place: NodeIndex) -> bool {
        match self.places[place] {
            Place::Interface(index) => {
                self.interfaces.get(index as usize).is_some_and(|facts| !facts.planned)
            }
            _ => false,
        }
    }
}

/// The resolver's address in the VPC: the base of the primary CIDR block plus two.
fn resolver_address(vpc: &Vpc) -> Option<Ipv4Addr> {
    let primary = vpc.cidrs.iter().find_map(|cidr| match cidr {
        IpNet::V4(net) => Some(net.network()),
        IpNet::V6(_) => None,
    })?;
    u32::from(primary).checked_add(2).map(Ipv4Addr::from)
}

/// The private IPv4 addresses that have a public one (IG-02).
pub(super) fn public(interface: &NetworkInterface) -> AddressSet {
    let planned = interface.planned.as_ref().filter(|_| interface.planned_public);
    let planned = planned.map(|free| AddressSet::from_v4(free.v4.clone()));
    interface
        .addresses
        .iter()
        .filter(|address| address.public.is_some())
        .fold(planned.unwrap_or_default(), |all, one| all.union(&AddressSet::single(one.address)))
}

pub(super) fn known_public(interface: &NetworkInterface) -> Vec<(Ipv4Addr, Ipv4Addr)> {
    let known =
        interface.addresses.iter().filter_map(|address| match (address.address, address.public) {
            (IpAddr::V4(private), Some(PublicAddress::Known(public))) => Some((public, private)),
            _ => None,
        });
    known.collect()
}
