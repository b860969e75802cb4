//! Security groups as guards.

use super::index::Index;
use super::kept::GroupGuard;
use super::peerings::in_reach;
use super::{Lowering, carried, carried_words, missing, reference};
use crate::answer::{Missing, ResourceRef};
use crate::graph::{Action, Clause, Guard, GuardId, Note, Order, PeerTest, RuleSet, Side, Stop};
use crate::header::{AddressSet, Family, PortSet, ProtocolMatch, Symbol};
use crate::network::{
    GroupReference, GroupRule, InterfaceRole, Kind, Network, NetworkInterface, Peer, PrefixList,
    PrefixListId, Resource, Scope, SecurityGroup, SecurityGroupId, VpcId,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Which of a group's two lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::graph) enum Direction {
    Ingress,
    Egress,
}

/// One guard per VPC, set of groups (by its number) and direction, and for endpoints apart (IE-02):
/// interfaces that share them share it, and the first of them stands for all. Only asked, never
/// listed.
pub(super) type Interned<'n> = HashMap<(&'n VpcId, u32, Direction, bool), GuardId>;

/// A set of groups that interfaces carry.
#[derive(Clone)]
pub(super) struct GroupSet {
    number: u32,
    pub(super) ids: Arc<BTreeSet<Arc<str>>>,
}

type Sharing<'n> = (&'n VpcId, &'n BTreeSet<SecurityGroupId>, Direction, bool);

fn sharing(interface: &NetworkInterface, direction: Direction) -> Sharing<'_> {
    let endpoint = interface.role == InterfaceRole::Endpoint;
    (&interface.vpc, &interface.groups, direction, endpoint)
}

impl<'n> Lowering<'n> {
    /// The groups on an interface, told once for all that carry the same.
    pub(super) fn groups_of(&mut self, interface: &'n NetworkInterface) -> GroupSet {
        let number = u32::try_from(self.shared.groups.len()).unwrap_or(u32::MAX);
        let new = || {
            let ids = interface.groups.iter().map(SecurityGroupId::shared).collect();
            GroupSet { number, ids: Arc::new(ids) }
        };
        self.shared.groups.entry(&interface.groups).or_insert_with(new).clone()
    }

    /// The guard of all the groups on an interface (SG-05); none when there are none, as on a
    /// network load balancer made without (NLB-02).
    pub(super) fn group_guard(
        &mut self,
        interface: &'n NetworkInterface,
        groups: &GroupSet,
        direction: Direction,
    ) -> Option<GuardId> {
        let first = interface.groups.first()?;
        let sharing = sharing(interface, direction);
        let key = (sharing.0, groups.number, direction, sharing.3);
        if let Some(&guard) = self.group_guards.get(&key) {
            return Some(guard);
        }
        if let Some(guard) = self.told_before(first, &sharing) {
            return Some(guard);
        }
        let rules = rules(self.network, &self.kept.index, interface, direction);
        let guard = self.shared_guard(Guard::Rules(rules));
        self.group_guards.insert(key, guard);
        for group in &interface.groups {
            let told = GroupGuard { guard, interface: interface.id.clone(), direction };
            match self.kept.group_guards.get_mut(group) {
                Some(all) => all.push(told),
                None => _ = self.kept.group_guards.insert(group.clone(), vec![told]),
            }
        }
        Some(guard)
    }

    /// The guard that was made for the same groups when the graph was made.
    fn told_before(&self, first: &SecurityGroupId, key: &Sharing<'_>) -> Option<GuardId> {
        let all = self.kept.group_guards.get(first).filter(|_| self.again)?;
        let same = all.iter().find(|told| {
            let carrier = self.network.interfaces.get(&told.interface);
            carrier.is_some_and(|carrier| sharing(carrier, told.direction) == *key)
        });
        same.map(|told| told.guard)
    }
}

/// The open point of SG-09.
pub(super) const DELEGATED: &str = "SG_REF_MATCHES_DELEGATED_PREFIX";

/// What the groups of an interface admit, by the destination port (SG-03) and the family of the
/// address (SG-07). Replies are spared, of whatever protocol (CT-03) and from endpoints, too (CT-07). Whoever a translation or a load balancer stands before is not seen (SG-12,
/// NG-10); what a network load balancer forwards carries its groups (SG-15).
pub(super) fn rules<'n>(
    network: &'n Network,
    index: &'n Index,
    interface: &'n NetworkInterface,
    direction: Direction,
) -> RuleSet {
    let (mut clauses, mut undecidable) = (Vec::new(), Vec::new());
    let vpcs = in_reach(index, &interface.vpc);
    let endpoint = interface.role == InterfaceRole::Endpoint && direction == Direction::Ingress;
    let mut references = Vec::new();
    for id in &interface.groups {
        let Some(group) = network.security_groups.get(id) else {
            let fact = format!("the rules of security group {id}");
            let missing = missing(network, fact, Kind::SecurityGroup, &interface.about.scope);
            undecidable.push(Clause {
                protocol: ProtocolMatch::Any,
                ports: PortSet::all(),
                peer: PeerTest::Any,
                action: Action::Unknown(missing),
            });
            references
                .push((ResourceRef::new(Kind::SecurityGroup.word(), id.as_str(), None), None));
            continue;
        };
        references.push((reference(group), group.about.at.clone()));
        let rules = if direction == Direction::Ingress { &group.ingress } else { &group.egress };
        // SG-11, SG-19: groups that share a VPC may name each other, wherever their interfaces are.
        let own = associated(index, group);
        let meant = |peer: &GroupReference| -> BTreeSet<&VpcId> {
            let named = network.security_groups.get(&peer.group);
            let theirs = named.map(|named| associated(index, named)).unwrap_or_default();
            let shared = theirs.iter().any(|vpc| own.contains(vpc));
            vpcs.iter().copied().chain(theirs.into_iter().filter(|_| shared)).collect()
        };
        let each = rules
            .iter()
            .flat_map(|rule| meanings(network, index, rule).map(move |(f, d)| (rule, f, d)));
        clauses.extend(each.map(|(rule, family, delegated)| {
            Clause {
                protocol: rule.protocol,
                ports: carried(&rule.ports, rule.icmp),
                peer: match &rule.peer {
                    Peer::Cidr(cidr) => PeerTest::Addresses(AddressSet::from_net(*cidr)),
                    Peer::PrefixList(id) => list_test(network, id, &group.about.scope),
                    Peer::Group(peer) => PeerTest::Group {
                        family,
                        delegated,
                        group: Arc::from(peer.group.as_str()),
                        vpcs: meant(peer).iter().map(|vpc| Arc::from(vpc.as_str())).collect(),
                        members: members(index, peer, &meant(peer), delegated),
                        beyond_peering: endpoint.then(|| {
                            let passes = pass_note(network, group, rule, direction);
                            Box::new(over_peering(network, group, passes))
                        }),
                        // SG-14, IE-04
                        beyond_junctions: interface.role != InterfaceRole::Endpoint,
                        unseen: Box::new(unseen(group, rule, &peer.group)),
                    },
                },
                action: {
                    let note = pass_note(network, group, rule, direction);
                    let open = family == Family::V6 && matches!(rule.peer, Peer::Group(_));
                    Action::Pass(Some(Arc::new(match (delegated, open) {
                        (true, _) => note.assuming(DELEGATED, "true", "SG-09"),
                        (false, true) => note.assuming("SG_REF_MATCHES_IPV6", "true", "SG-09"),
                        (false, false) => note,
                    })))
                },
            }
        }));
    }
    let word = if direction == Direction::Ingress { "inbound" } else { "outbound" };
    let (resource, at) = match references.as_slice() {
        [(one, at)] => (one.clone(), at.clone()),
        several => {
            let labels: Vec<_> = several.iter().map(|(group, _)| group.label()).collect();
            let ids: Vec<_> = several.iter().map(|(group, _)| group.id.as_str()).collect();
            let kind = Kind::SecurityGroup.word();
            (ResourceRef::new(kind, &ids.join(","), Some(&labels.join(", "))), None)
        }
    };
    let none = clauses.is_empty();
    let (code, what) = match none {
        true => ("SG_HAS_NO_RULES", format!("has no {word} rules, so nothing may pass")),
        false => ("ENI_SG_RULES_MISMATCH", format!("has no {word} rule that allows this packet")),
    };
    // SG-06
    let stop = Stop::dropped(code, Note::new(resource, what, "SG-06", at.as_ref()));
    clauses.extend(undecidable);
    RuleSet {
        side: if direction == Direction::Ingress { Side::Source } else { Side::Destination },
        order: Order::Any,
        requests_only: true, // CT-01: replies of a tracked connection pass.
        clauses,
        otherwise: Action::Stop(stop),
    }
}

/// SG-19: the VPCs that a group is associated with: its own, and those of interfaces that carry it.
fn associated<'n>(index: &'n Index, group: &'n SecurityGroup) -> BTreeSet<&'n VpcId> {
    let carriers = index.carriers.get(&group.id).into_iter().flat_map(BTreeMap::keys);
    carriers.chain([&group.vpc]).collect()
}

/// The addresses of a group's interfaces in some VPCs.
fn members(
    index: &Index,
    peer: &GroupReference,
    vpcs: &BTreeSet<&VpcId>,
    delegated: bool,
) -> AddressSet {
    let Some(carriers) = index.carriers.get(&peer.group) else { return AddressSet::empty() };
    let of = |vpc: &&VpcId| {
        let members = carriers.get(*vpc)?;
        Some(if delegated { &members.delegated } else { &members.own })
    };
    AddressSet::union_of(vpcs.iter().filter_map(of))
}

/// IE-02: whether an endpoint's rule for a group admits its members in a peered VPC is open.
fn over_peering(network: &Network, group: &SecurityGroup, passes: Note) -> Action {
    let name = "VPCE_SG_REF_OVER_PEERING";
    let value = network.assumptions.value(name);
    match value {
        "true" => Action::Pass(Some(Arc::new(passes.assuming(name, value, "IE-02")))),
        "false" => {
            let what =
                "has no inbound rule that allows this packet: a rule for a group means no peer";
            let note = Note::new(reference(group), what, "IE-02", group.about.at.as_ref());
            Action::Stop(Stop::dropped(
                "ENI_SG_RULES_MISMATCH",
                note.assuming(name, value, "IE-02"),
            ))
        }
        _ => Action::Unknown(Missing {
            fact: format!(
                "whether an endpoint's rule for a security group admits its members in a peered VPC \
                 ({name}): allow their addresses instead"
            ),
            command: None,
        }),
    }
}

/// SG-12
fn unseen(group: &SecurityGroup, rule: &GroupRule, named: &SecurityGroupId) -> Stop {
    let at = rule.at.as_ref().or(group.about.at.as_ref());
    let what = format!("names group {named}, which does not show behind what passed the packet on");
    Stop::dropped("SG_REFERENCES_NOT_PRESERVED", Note::new(reference(group), what, "SG-12", at))
}

/// The families that a rule is for, and whether for addresses of delegated prefixes: a reference is
/// for all of them, and whether for IPv6 and for those is assumed (SG-09); what else a rule names says
/// so itself.
fn meanings(
    network: &Network,
    index: &Index,
    rule: &GroupRule,
) -> impl Iterator<Item = (Family, bool)> + use<> {
    let of_group = matches!(rule.peer, Peer::Group(_));
    let v6 = of_group && network.assumptions.holds("SG_REF_MATCHES_IPV6") && index.has_ipv6;
    let delegated = of_group && network.assumptions.holds(DELEGATED) && index.has_prefixes;
    let families = std::iter::once(Family::V4).chain(v6.then_some(Family::V6));
    families.flat_map(move |family| {
        std::iter::once((family, false)).chain(delegated.then_some((family, true)))
    })
}

fn pass_note(
    network: &Network,
    group: &SecurityGroup,
    rule: &GroupRule,
    direction: Direction,
) -> Note {
    let ports = match rule.protocol {
        ProtocolMatch::Any => "all traffic".to_owned(),
        ProtocolMatch::Only(protocol) => {
            format!("{protocol}{}", carried_words(&rule.ports, rule.icmp))
        }
    };
    let peer = match &rule.peer {
        Peer::Cidr(cidr) => cidr.to_string(),
        Peer::PrefixList(id) => {
            format!("pl {}", network.prefix_lists.get(id).map_or(id.as_str(), Resource::label))
        }
        Peer::Group(peer) => {
            let found = network.security_groups.get(&peer.group);
            format!("sg {}", found.map_or(peer.group.as_str(), Resource::label))
        }
    };
    let preposition = if direction == Direction::Ingress { "from" } else { "to" };
    let at = rule.at.as_ref().or(group.about.at.as_ref());
    Note::new(reference(group), format!("allows {ports} {preposition} {peer}"), "SG-05", at)
}

/// SG-08: a list that cannot be expanded settles nothing.
pub(super) fn list_test(network: &Network, id: &PrefixListId, scope: &Scope) -> PeerTest {
    let list = network.prefix_lists.get(id);
    let kind = if list.is_some() { Kind::PrefixListEntries } else { Kind::PrefixList };
    let label = list.map_or(id.as_str(), Resource::label);
    PeerTest::List {
        symbol: list.and_then(service_symbol),
        entries: list.and_then(|list| list.entries.as_ref()).map(AddressSet::from_nets),
        missing: missing(network, format!("the entries of prefix list {label}"), kind, scope),
    }
}

/// The symbol of the service whose addresses AWS lists under that name, in its Region only (GE-02).
pub(super) fn service_symbol(list: &PrefixList) -> Option<Symbol> {
    let name = list.about.name.as_deref()?;
    let of_aws = name.starts_with("com.amazonaws.") || name.starts_with("cn.com.amazonaws.");
    of_aws.then(|| Symbol::new(name))
}
