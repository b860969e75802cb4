//! Rules, routes, records and the like that an answer does not need.

use super::Part;
use crate::network::{AclEntry, Container, Network, Route, RouteTarget, TaskDefinition};

/// Takes the detail of that number away; says whether there was one.
type Take = fn(&mut Network, usize) -> bool;

const TAKES: [Take; 14] = [
    |network, at| {
        let groups = network.security_groups.values_mut();
        nth(groups.flat_map(|one| [&mut one.ingress, &mut one.egress]), at, |_| true)
    },
    |network, at| {
        let tables = network.route_tables.values_mut();
        // AWS has the local ones in every table (RT-09).
        let free = |route: &Route| route.target != RouteTarget::Local;
        nth(tables.map(|one| &mut one.routes), at, free)
    },
    |network, at| {
        let acls = network.network_acls.values_mut();
        // AWS closes every list (NA-03).
        let free = |entry: &AclEntry| entry.number < 32767;
        nth(acls.flat_map(|one| [&mut one.ingress, &mut one.egress]), at, free)
    },
    |network, at| {
        let tables = network.transit_gateway_route_tables.values_mut();
        nth(tables.filter_map(|one| one.routes.as_mut()), at, |_| true)
    },
    |network, at| {
        let policies = network.firewalls.values_mut().filter_map(|one| one.policy.as_mut());
        nth(policies.map(|policy| &mut policy.stateless), at, |_| true)
    },
    |network, at| {
        let policies = network.firewalls.values_mut().filter_map(|one| one.policy.as_mut());
        nth(policies.map(|policy| &mut policy.stateful), at, |_| true)
    },
    |network, at| {
        let zones = network.hosted_zones.values_mut();
        nth(zones.filter_map(|one| one.records.as_mut()), at, |_| true)
    },
    |network, at| {
        let groups = network.target_groups.values_mut();
        nth(groups.filter_map(|one| one.targets.as_mut()), at, |_| true)
    },
    |network, at| {
        let balancers = network.load_balancers.values_mut();
        nth(balancers.filter_map(|one| one.listeners.as_mut()), at, |_| true)
    },
    |network, at| {
        let definitions = network.task_definitions.values_mut();
        nth(definitions.map(|one| &mut one.containers), at, |_| true)
    },
    |network, at| {
        let services = network.services.values_mut();
        nth(services.map(|one| &mut one.needs), at, |_| true)
    },
    |network, at| nth(std::iter::once(&mut network.gaps), at, |_| true),
    |network, at| {
        let name = network.assumptions.changed().nth(at).map(|(name, _)| name);
        name.is_some_and(|name| network.assumptions.reset(name))
    },
    |network, at| {
        let key = network.others.keys().nth(at).cloned();
        key.is_some_and(|key| network.others.remove(&key).is_some())
    },
];

/// What a container may not need to have stated.
const CONTAINER: [fn(&mut Container); 9] = [
    |one| *one = Container { name: one.name.clone(), ..Container::default() },
    |one| one.command = None,
    |one| one.entry_point = None,
    |one| one.environment.clear(),
    |one| one.secrets.clear(),
    |one| {
        one.log = None;
        one.firelens = None;
    },
    |one| one.health_check = None,
    |one| {
        one.image = None;
        one.repository_credentials = None;
        one.environment_files.clear();
    },
    |one| one.depends_on.clear(),
];

/// What a task definition may not need to have stated.
const DEFINITION: [fn(&mut TaskDefinition); 3] = [
    |one| one.volumes.clear(),
    |one| {
        one.execution_role = None;
        one.task_role = None;
        one.not_modelled.clear();
    },
    |one| {
        one.cpu = None;
        one.memory = None;
        one.cpu_architecture = None;
    },
];

/// Takes away, one by one, what the part answers the same without.
pub(super) fn trim(part: &mut Part, holds: impl Fn(Network) -> Option<Part>) {
    for take in TAKES {
        let mut at = 0;
        loop {
            let mut less = part.network.clone();
            if !take(&mut less, at) {
                break;
            }
            match holds(less) {
                Some(smaller) => *part = smaller,
                None => at += 1,
            }
        }
    }
    let definitions: Vec<_> = part.network.task_definitions.keys().cloned().collect();
    for id in definitions {
        for change in DEFINITION {
            let mut less = part.network.clone();
            less.task_definitions.get_mut(&id).into_iter().for_each(change);
            unless_same(part, less, &holds);
        }
        let count = part.network.task_definitions.get(&id).map_or(0, |one| one.containers.len());
        for (number, change) in (0..count).flat_map(|number| CONTAINER.map(|one| (number, one))) {
            let mut less = part.network.clone();
            let definition = less.task_definitions.get_mut(&id);
            definition.and_then(|one| one.containers.get_mut(number)).into_iter().for_each(change);
            unless_same(part, less, &holds);
        }
    }
}

fn unless_same(part: &mut Part, less: Network, holds: &impl Fn(Network) -> Option<Part>) {
    if less != part.network
        && let Some(smaller) = holds(less)
    {
        *part = smaller;
    }
}

/// Removes the item of that number, counted over all lists, among those that may go.
fn nth<'a, T: 'a>(
    lists: impl Iterator<Item = &'a mut Vec<T>>,
    at: usize,
    free: fn(&T) -> bool,
) -> bool {
    let mut left = at;
    for list in lists {
        for place in 0..list.len() {
            if !list.get(place).is_some_and(free) {
                continue;
            }
            if left == 0 {
                list.remove(place);
                return true;
            }
            left -= 1;
        }
    }
    false
}
