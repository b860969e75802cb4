//! Parts of one input as one: what stands in several of them is settled as if one had followed the
//! other.

use super::scope::Scopes;
use super::{Capture, transit};
use crate::network::{Assumptions, Coverage, FileSystem, Network, PrefixList, Resource, Shelf};
use crate::threads;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Mutex;

/// Captures of parts of one input, in the order of the input.
pub(super) fn joined(mut parts: Vec<Capture>, threads: usize) -> Capture {
    if parts.len() < 2 {
        return parts.pop().unwrap_or_default();
    }
    let mut whole = Capture::default();
    let mut networks = Vec::new();
    for part in parts {
        let Capture {
            network,
            scopes,
            notes,
            vpcs,
            groups,
            prefix_lists,
            transit,
            firewalls,
            interfaces,
            balancers,
            attributes,
            tasks,
            zones,
        } = part;
        networks.push(network);
        whole.scopes.absorb(scopes);
        whole.notes.absorb(notes);
        whole.vpcs.absorb(vpcs);
        whole.groups.absorb(groups);
        whole.prefix_lists.absorb(prefix_lists);
        whole.transit.absorb(transit);
        whole.firewalls.absorb(firewalls);
        whole.interfaces.absorb(interfaces);
        whole.balancers.absorb(balancers);
        whole.attributes.extend(attributes);
        whole.tasks.absorb(tasks);
        whole.zones.absorb(zones);
    }
    whole.network = resources(networks, &whole.scopes, threads);
    whole
}

/// The resources of all of them; each kind is work of its own.
fn resources(networks: Vec<Network>, scopes: &Scopes, threads: usize) -> Network {
    type Join = fn(&Mutex<Vec<Network>>, &Scopes) -> Network;
    let networks = Mutex::new(networks);
    macro_rules! join {
        ($($field:ident: $rule:expr,)*) => {{
            let kinds: &[Join] = &[$(|networks, scopes| {
                let shelves: Vec<_> = threads::locked(networks)
                    .iter_mut()
                    .map(|one| std::mem::take(&mut one.$field))
                    .collect();
                let rule: fn(&Scopes, &mut _, _) = $rule;
                let $field = shelf(shelves, |old, new| rule(scopes, old, new));
                Network { $field, ..Network::default() }
            }),*];
            let joined = threads::each(0..kinds.len(), threads, |number| {
                Ok::<_, Infallible>(kinds.get(number).map(|join| join(&networks, scopes)))
            });
            let mut joined = joined.into_iter().flatten().flatten();
            Network {
                $($field: joined.next().map(|one| one.$field).unwrap_or_default(),)*
                // The rest is known only when everything is read.
                coverage: Coverage::default(),
                assumptions: Assumptions::default(),
                gaps: Vec::new(),
                planned: false,
            }
        }};
    }
    join! {
        vpcs: owners,
        subnets: owners,
        route_tables: owners,
        internet_gateways: owners,
        egress_only_gateways: last,
        nat_gateways: owners,
        vpc_endpoints: owners,
        peerings: owners,
        virtual_private_gateways: last,
        transit_gateways: owners,
        transit_gateway_attachments: |_, old, mut new| {
            transit::merge(&mut new, old);
            *old = new;
        },
        transit_gateway_route_tables: last,
        firewalls: last,
        security_groups: owners,
        network_acls: owners,
        prefix_lists: |scopes, old: &mut PrefixList, mut new: PrefixList| {
            // Of two calls that tell of a list, one tells its entries.
            new.entries = new.entries.or_else(|| old.entries.clone());
            owners(scopes, old, new);
        },
        interfaces: owners,
        instances: owners,
        load_balancers: last,
        target_groups: last,
        services: last,
        tasks: last,
        task_definitions: last,
        clusters: last,
        capacity_providers: last,
        container_instances: last,
        file_systems: mounted,
        dhcp_options: owners,
        hosted_zones: last,
        resolver_rules: owners,
        public_access_blocks: last,
        public_access_exclusions: owners,
        others: last,
    }
}

/// What stands on shelves, in the order of the parts; `join` settles what stands there twice.
fn shelf<K: Ord + Clone, V: Clone>(
    shelves: Vec<Shelf<K, V>>,
    join: impl Fn(&mut V, V),
) -> Shelf<K, V> {
    let mut shelves: Vec<_> = shelves.into_iter().filter(|shelf| !shelf.is_empty()).collect();
    if shelves.len() < 2 {
        return shelves.pop().unwrap_or_default();
    }
    // Rows are large: only their numbers are sorted. Those of one key stay in the order of the parts.
    let (mut keys, mut rows) = (Vec::new(), Vec::new());
    for (key, row) in shelves.into_iter().flatten() {
        keys.push((key, rows.len()));
        rows.push(Some(row));
    }
    keys.sort();
    let mut settled: Vec<(K, V)> = Vec::with_capacity(rows.len());
    for (key, number) in keys {
        let Some(row) = rows.get_mut(number).and_then(Option::take) else { continue };
        match settled.last_mut() {
            Some((known, before)) if *known == key => join(before, row),
            _ => settled.push((key, row)),
        }
    }
    Shelf::from(settled.into_iter().collect::<BTreeMap<K, V>>())
}

/// What is told last stands.
fn last<V>(_: &Scopes, old: &mut V, new: V) {
    *old = new;
}

/// The owner's view stands (SH-02).
fn owners<V: Resource>(scopes: &Scopes, old: &mut V, new: V) {
    if scopes.replaces(new.about(), Some(old.about())) {
        *old = new;
    }
}

/// VOL-01: a file system and its mount targets are two answers.
fn mounted(_: &Scopes, old: &mut FileSystem, new: FileSystem) {
    let FileSystem { id: _, about, mount_targets } = new;
    if about.name.is_some() {
        old.about = about;
    }
    for target in mount_targets {
        if !old.mount_targets.contains(&target) {
            old.mount_targets.push(target);
        }
    }
}
