//! Network ACLs as guards.

use super::{Lowering, carried, carried_words, reference, scope_of};
use crate::graph::{Action, Clause, Guard, GuardId, Note, Order, PeerTest, RuleSet, Side, Stop};
use crate::header::AddressSet;
use crate::network::{AclAction, Kind, NetworkAcl, Subnet};
use std::sync::Arc;

/// Which of an ACL's two lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::graph) enum Direction {
    Inbound,
    Outbound,
}

impl<'n> Lowering<'n> {
    /// The guard of the ACL that filters a subnet (NA-07): one per ACL and direction.
    pub(super) fn acl_guard(&mut self, subnet: &'n Subnet, direction: Direction) -> GuardId {
        let acl = self.kept.index.acl_of(&subnet.id, &subnet.vpc);
        let Some(acl) = acl.and_then(|id| self.network.network_acls.get(id)) else {
            let fact = format!("the network ACL of subnet {}", super::reference(subnet).label());
            let missing = self.missing(fact, Kind::NetworkAcl, scope_of(subnet));
            return self.always(Action::Unknown(missing));
        };
        let key = (acl.id.clone(), direction);
        if let Some(&guard) = self.kept.acl_guards.get(&key) {
            return guard;
        }
        let guard = self.shared_guard(Guard::Rules(rules(acl, direction)));
        self.kept.acl_guards.insert(key, guard);
        guard
    }
}

pub(super) fn rules(acl: &NetworkAcl, direction: Direction) -> RuleSet {
    // NA-04: inbound entries test the source, outbound entries the destination; through a gateway
    // endpoint these are the service's public addresses (NA-11).
    let (side, entries, word) = match direction {
        Direction::Inbound => (Side::Source, &acl.ingress, "in"),
        Direction::Outbound => (Side::Destination, &acl.egress, "out"),
    };
    let preposition = if direction == Direction::Inbound { "from" } else { "to" };
    let mut ordered: Vec<_> = entries.iter().collect();
    ordered.sort_by_key(|entry| entry.number);
    let clauses = ordered.into_iter().map(|entry| {
        let ports = match entry.protocol.to_string() {
            all if entry.ports.ranges() == [(0, u16::MAX)] && entry.icmp.is_none() => all,
            protocol => format!("{protocol}{}", carried_words(&entry.ports, entry.icmp)),
        };
        let what = |verb: &str| {
            format!("rule {} {word} {verb} {ports} {preposition} {}", entry.number, entry.cidr)
        };
        // NA-03: AWS's own closing entries are the `*` of the console.
        let closing = format!("has no {word}bound rule that allows this packet");
        let at = entry.at.as_ref().or(acl.about.at.as_ref());
        let action = match entry.action {
            AclAction::Allow => {
                Action::Pass(Some(Arc::new(Note::new(reference(acl), what("allows"), "NA-02", at))))
            }
            AclAction::Deny => {
                let what = if entry.number >= 32_767 { closing } else { what("denies") };
                let note = Note::new(reference(acl), what, "NA-02", at);
                Action::Stop(Stop::dropped("SUBNET_ACL_RESTRICTION", note))
            }
        };
        let peer = PeerTest::Addresses(AddressSet::from_net(entry.cidr));
        Clause { protocol: entry.protocol, ports: carried(&entry.ports, entry.icmp), peer, action }
    });
    let what = format!("has no {word}bound rule that allows this packet");
    let note = Note::new(reference(acl), what, "NA-03", acl.about.at.as_ref());
    RuleSet {
        side,
        order: Order::First,
        requests_only: false, // PW-08, NA-06: a reply meets them anew, at the client's port.
        clauses: clauses.collect(),
        otherwise: Action::Stop(Stop::dropped("SUBNET_ACL_RESTRICTION", note)),
    }
}
