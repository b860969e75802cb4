//! Every service, with all that is checked of it.

use super::{CheckedFlow, CheckedService, clients, legs, starts};
use crate::answer::ResourceRef;
use crate::ecs::concerns;
use crate::network::{Kind, Resource, Service};
use crate::query::World;
use crate::threads;

/// Every service, by id. Services are asked on all cores; what is said is the same for any number.
pub(super) fn checked(world: &World) -> Vec<CheckedService> {
    let services: Vec<&Service> = world.network.services.values().collect();
    threads::map(&services, 2, |service| one(world, service))
}

fn one(world: &World, service: &Service) -> CheckedService {
    let legs = legs::checked(world, service);
    let mut flows = starts::flows(world, service);
    let failing_places = starts::failing_places(world, &flows);
    flows.extend(legs.flows);
    flows.extend(clients::flows(world, service));
    let mut concerns = concerns(&world.network, service);
    concerns.extend(legs.concerns);
    CheckedService {
        service: ResourceRef::new(Kind::Service.word(), service.id_text(), Some(service.label())),
        flows,
        health: legs.health,
        failing_places,
        concerns,
    }
}

/// What has to work for one service: its needs, then its load balancers.
#[must_use]
pub fn flows(world: &World, service: &Service) -> Vec<CheckedFlow> {
    let mut flows = starts::flows(world, service);
    flows.extend(legs::checked(world, service).flows);
    flows.extend(clients::flows(world, service));
    flows
}
