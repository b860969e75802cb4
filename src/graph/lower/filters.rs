//! Rules of groups and entries of ACLs, told anew in a graph that stays as it is otherwise.

use super::index::Index;
use super::{Lowering, acls, groups};
use crate::graph::{Graph, Guard, GuardId};
use crate::network::{
    About, Network, NetworkAcl, NetworkAclId, NetworkInterface, NetworkInterfaceId, SecurityGroup,
    Shelf,
};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Where a guard has its rules from.
#[derive(Clone, Debug)]
pub(in crate::graph) enum Filter {
    /// From the groups of an interface, which stands for all that share them.
    Groups { guard: GuardId, interface: NetworkInterfaceId, direction: groups::Direction },
    /// From an ACL.
    Acl { guard: GuardId, acl: NetworkAclId, direction: acls::Direction },
}

impl Lowering<'_> {
    pub(super) fn filters(&self) -> Vec<Filter> {
        let groups = self.group_guards.iter().map(|((_, _, direction, _), (guard, interface))| {
            let (guard, direction) = (*guard, *direction);
            Filter::Groups { guard, interface: interface.id.clone(), direction }
        });
        let acls = self.acl_guards.iter().map(|((acl, direction), guard)| {
            let (guard, direction) = (*guard, *direction);
            Filter::Acl { guard, acl: NetworkAclId::from(*acl), direction }
        });
        groups.chain(acls).collect()
    }
}

impl Graph {
    /// The graph of a completed network that differs from this one's in nothing but rules of
    /// security groups and entries of network ACLs; nothing where it differs in more.
    #[must_use]
    pub fn with_other_rules(&self, before: &Network, after: &Network) -> Option<Self> {
        let mut rest = after.clone();
        rest.security_groups = before.security_groups.clone();
        rest.network_acls = before.network_acls.clone();
        if rest != *before {
            return None;
        }
        let others = changed(&before.security_groups, &after.security_groups, |one| {
            let about = About { at: None, ..one.about.clone() };
            SecurityGroup { about, ingress: Vec::new(), egress: Vec::new(), ..one.clone() }
        })?;
        let acls = changed(&before.network_acls, &after.network_acls, |one| {
            let about = About { at: None, ..one.about.clone() };
            NetworkAcl { about, ingress: Vec::new(), egress: Vec::new(), ..one.clone() }
        })?;
        let mut graph = self.clone();
        let sorted = (!others.is_empty()).then(|| {
            let beside = |one: &&NetworkInterface| !one.groups.is_disjoint(&others);
            let around = after.interfaces.values().filter(beside).flat_map(|one| &one.groups);
            let named: BTreeSet<_> = around.flat_map(|id| groups::named(after, id)).collect();
            (Index::new(after), groups::members(after, |group| named.contains(group)))
        });
        for filter in self.filters.iter() {
            let (guard, rules) = match (filter, &sorted) {
                (Filter::Groups { guard, interface, direction }, Some((index, members))) => {
                    let interface = after.interfaces.get(interface)?;
                    if interface.groups.is_disjoint(&others) {
                        continue;
                    }
                    (guard, groups::rules(after, index, members, interface, *direction))
                }
                (Filter::Acl { guard, acl, direction }, _) if acls.contains(acl) => {
                    (guard, acls::rules(after.network_acls.get(acl)?, *direction))
                }
                _ => continue,
            };
            *graph.guards.get_mut(*guard as usize)? = Arc::new(Guard::Rules(rules));
        }
        Some(graph)
    }
}

/// What differs, where that is told by its rules alone.
fn changed<K: Ord + Clone, V: Clone + PartialEq>(
    before: &Shelf<K, V>,
    after: &Shelf<K, V>,
    without_rules: impl Fn(&V) -> V,
) -> Option<BTreeSet<K>> {
    if before.len() != after.len() {
        return None;
    }
    let mut found = BTreeSet::new();
    for ((id, old), (other, new)) in before.iter().zip(after.iter()) {
        if id != other || old != new && without_rules(old) != without_rules(new) {
            return None;
        }
        if old != new {
            found.insert(id.clone());
        }
    }
    Some(found)
}
