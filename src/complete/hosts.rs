//! Hosts that ECS will start, and mount targets that the input names without their interfaces.

use super::{Taken, about, free, planned};
use crate::ecs::{groups_or_default, managed_interface_id};
use crate::network::{
    CapacitySource, Coverage, Families, Network, NetworkInterface, NetworkInterfaceId,
    OperatingSystem, SecurityGroup, SecurityGroupId, Subnet,
};
use std::collections::BTreeSet;

/// TSK-06: the instances that ECS manages, one per subnet of their capacity provider. Whether they
/// get public addresses, the subnet decides.
pub(super) fn managed_instances(network: &Network, taken: &Taken) -> Vec<NetworkInterface> {
    let mut interfaces = Vec::new();
    for provider in network.capacity_providers.values() {
        let CapacitySource::ManagedInstances { subnets, groups } = &provider.source else {
            continue;
        };
        for subnet in subnets.iter().filter_map(|id| network.subnets.get(id)) {
            let free = free(subnet, taken, &BTreeSet::new(), Families::V4);
            let id = managed_interface_id(provider, subnet);
            interfaces.push(NetworkInterface {
                planned_public: subnet.map_public_ip,
                groups: groups_or_default(network, groups, subnet),
                operating_system: Some(OperatingSystem::Linux),
                ..planned(id, about(provider, subnet), subnet, free)
            });
        }
    }
    interfaces
}

/// VOL-01: a mount target whose interface is not here gets a planned one.
pub(super) fn mount_targets(network: &mut Network, taken: &Taken) -> Vec<NetworkInterface> {
    let mut interfaces = Vec::new();
    let mut systems = network.file_systems.clone();
    for system in systems.values_mut() {
        let owner = system.clone();
        for target in &mut system.mount_targets {
            let known = target.interface.as_ref();
            if known.is_some_and(|id| network.interfaces.contains_key(id)) {
                continue;
            }
            let Some(subnet) = network.subnets.get(&target.subnet) else { continue };
            let id = format!("planned/{}@{}", owner.id, subnet.id);
            let groups = match target.groups.is_empty() {
                true => groups_of(network, subnet, owner.id.as_str()),
                false => target.groups.clone(),
            };
            target.interface = Some(NetworkInterfaceId::from(id.as_str()));
            let free = free(subnet, taken, &BTreeSet::new(), Families::V4);
            interfaces.push(NetworkInterface {
                groups,
                ..planned(id, about(&owner, subnet), subnet, free)
            });
        }
    }
    network.file_systems = systems;
    interfaces
}

/// Where groups are left out, a scenario means the VPC's default one. A capture does not list them
/// with the mount target: an id that nothing has leaves open what depends on it.
fn groups_of(network: &Network, subnet: &Subnet, system: &str) -> BTreeSet<SecurityGroupId> {
    let default = |one: &&SecurityGroup| {
        one.vpc == subnet.vpc && one.about.name.as_deref() == Some("default")
    };
    let found = network.security_groups.values().find(default);
    match found.filter(|_| network.coverage == Coverage::Stated) {
        Some(group) => BTreeSet::from([group.id.clone()]),
        None => BTreeSet::from([SecurityGroupId::from(format!(
            "groups of the mount target of {system}"
        ))]),
    }
}
