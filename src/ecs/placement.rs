//! Placements: the interfaces a service's tasks may get.

use super::runs::{groups_or_default, on_fargate};
use crate::network::{
    Families, Network, OperatingSystem, SecurityGroupId, Service, ServiceId, Subnet,
};
use std::collections::BTreeSet;

/// One subnet, with the groups and the choice of public address that a task gets there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placement<'n> {
    /// The service.
    pub service: &'n Service,
    /// The subnet.
    pub subnet: &'n Subnet,
    /// The groups, the VPC's default one where the service names none (PLC-02).
    pub groups: BTreeSet<SecurityGroupId>,
    /// Whether the task gets a public IPv4 address (PLC-03, PLC-04, PLC-05).
    pub public: bool,
    /// Of which families the task gets addresses where the subnet has them (PLC-18).
    pub families: Families,
    /// The operating system, which decides the client ports (NA-06).
    pub operating_system: Option<OperatingSystem>,
}

impl Placement<'_> {
    /// The id of the planned interface that stands for it.
    #[must_use]
    pub fn interface_id(&self) -> String {
        interface_id(&self.service.id, self.subnet)
    }
}

fn interface_id(service: &ServiceId, subnet: &Subnet) -> String {
    format!("planned/{service}@{}", subnet.id)
}

/// PLC-01: ECS may use any of the service's subnets for any of its tasks. Subnets that are not in
/// the network are left out.
#[must_use]
pub fn placements<'n>(network: &'n Network, service: &'n Service) -> Vec<Placement<'n>> {
    let definition =
        service.task_definition.as_ref().and_then(|id| network.task_definitions.get(id));
    let fargate = on_fargate(network, service);
    let stated = definition.and_then(|definition| definition.operating_system);
    let subnets = service.subnets.iter().filter_map(|id| network.subnets.get(id));
    subnets
        .map(|subnet| Placement {
            service,
            subnet,
            groups: groups_or_default(network, &service.groups, subnet),
            // TSK-07: only Fargate gives task interfaces public addresses.
            public: fargate && (service.assign_public_ip || by_subnet(network, subnet)),
            families: match fargate || !network.assumptions.holds("EC2_TASK_IPV6_NEEDS_SETTING") {
                true => Families::Both,
                false => Families::V4,
            },
            operating_system: stated.or(fargate.then_some(OperatingSystem::Linux)),
        })
        .collect()
}

/// PLC-04, open: whether a subnet gives Fargate's tasks public addresses.
fn by_subnet(network: &Network, subnet: &Subnet) -> bool {
    subnet.map_public_ip && !network.assumptions.holds("FARGATE_IGNORES_MAP_PUBLIC_IP")
}
