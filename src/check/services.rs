//! Every service, with all that is checked of it.

use super::{CheckedFlow, CheckedService, clients, legs, starts};
use crate::answer::ResourceRef;
use crate::ecs::concerns;
use crate::network::{Kind, Resource, Service};
use crate::query::World;
use crate::read::threads;
use std::convert::Infallible;

/// Every service, by id. Services are asked on all cores; what is said is the same for any number.
pub(super) fn checked(world: &World) -> Vec<CheckedService> {
    let services: Vec<&Service> = world.network.services.values().collect();
    let of = |number: usize| -> Result<Option<CheckedService>, Infallible> {
        Ok(services.get(number).map(|service| one(world, service)))
    };
    match threads::each(0..services.len(), threads::available(), of) {
        Ok(checked) => checked.into_iter().flatten().collect(),
        Err(never) => match never {},
    }
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
