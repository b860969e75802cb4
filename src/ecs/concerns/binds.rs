//! Where a service's containers listen, and what of that is likely to fail.

use super::concern;
use crate::answer::{Concern, Severity};
use crate::ecs::bind::{Bound, Inferred, Miss, Outlook, outlook, trusted};
use crate::ecs::{registered_port, taken_by_proxy};
use crate::header::Family;
use crate::network::{Container, Network, NetworkMode, Service, TaskDefinition};
use std::collections::BTreeSet;

pub(super) fn concerns(network: &Network, service: &Service) -> Vec<Concern> {
    let definition = service.task_definition.as_ref();
    let Some(definition) = definition.and_then(|id| network.task_definitions.get(id)) else {
        return Vec::new();
    };
    let all: Vec<(&Container, Inferred)> = definition
        .containers
        .iter()
        .filter(|container| container.listens.is_none())
        .map(|container| (container, trusted(&network.assumptions, container)))
        .collect();
    let bounds: Vec<(&Container, &Bound)> = all
        .iter()
        .flat_map(|(container, it)| {
            it.main.iter().chain(&it.beside).map(move |bound| (*container, bound))
        })
        .collect();
    let mut found = unlikely(network, service, definition);
    for &(container, bound) in &bounds {
        found.extend(own_address(definition, container, bound));
        found.extend(health_check_name(definition, container, bound));
        found.extend(protected(definition, container, bound));
    }
    if definition.network_mode == NetworkMode::Awsvpc {
        found.extend(taken(definition, &bounds));
    }
    found
}

/// The ports at which somebody is expected to come: those registered, else those mapped.
fn asked(network: &Network, service: &Service, definition: &TaskDefinition) -> BTreeSet<u16> {
    let registered = service.targets.iter().flat_map(|target| {
        let group = network.target_groups.get(&target.target_group);
        let checks = group.and_then(|group| group.health_check_port);
        registered_port(network, service, target).into_iter().chain(checks)
    });
    let registered: BTreeSet<u16> = registered.collect();
    if !registered.is_empty() {
        return registered;
    }
    let mapped = definition.containers.iter().flat_map(|it| &it.port_mappings);
    mapped.filter(|one| !one.udp).map(|one| one.container_port).collect()
}

/// CTR-03, CTR-08: where connections are likely refused.
fn unlikely(network: &Network, service: &Service, definition: &TaskDefinition) -> Vec<Concern> {
    if service.observed.is_some() {
        return Vec::new();
    }
    let one = |port| {
        // CTR-12, CTR-13: behind a proxy, loopback is right.
        if taken_by_proxy(definition, Some(service), port) {
            return None;
        }
        let outlook = outlook(&network.assumptions, definition, port, Family::V4);
        let Some(Outlook::Unlikely(reason, miss)) = outlook else {
            return None;
        };
        let (code, rule) = match miss {
            Miss::Address => ("LISTENER_LIKELY_ON_LOOPBACK", "CTR-03"),
            Miss::Port => ("LISTENER_LIKELY_ON_OTHER_PORT", "CTR-08"),
        };
        let remedy = reason.remedy.as_ref().map(|it| format!("; write `{it}`"));
        let container = definition.containers.iter().find(|it| it.name == reason.container);
        // CTR-05
        let inside = container.filter(|it| miss == Miss::Address && asks_loopback(it).is_some());
        let inside = inside.map(|_| "; its health check asks loopback and passes all the same");
        let what = format!(
            "is asked on port {port}, and its container {} {}{}{}",
            reason.container,
            reason.text,
            remedy.unwrap_or_default(),
            inside.unwrap_or_default()
        );
        Some(concern(definition, Severity::Warning, code, what, rule))
    };
    asked(network, service, definition).into_iter().filter_map(one).collect()
}

/// CTR-06: Docker sets `HOSTNAME`, and what binds it is not on loopback.
fn own_address(
    definition: &TaskDefinition,
    container: &Container,
    bound: &Bound,
) -> Option<Concern> {
    let port = bound.own.first()?;
    let (severity, check) = match asks_loopback(container) {
        Some(_) => (Severity::Warning, ", so that its health check on loopback is refused"),
        None => (Severity::Note, ", and not on loopback"),
    };
    let what = format!(
        "has container {}, whose {} likely listens on port {port} of the task's own address only{check}",
        container.name, bound.program
    );
    Some(concern(definition, severity, "LISTENER_ON_OWN_ADDRESS", what, "CTR-06"))
}

/// CTR-07: `localhost` may be ::1 first, and not every client goes on to 127.0.0.1.
fn health_check_name(
    definition: &TaskDefinition,
    container: &Container,
    bound: &Bound,
) -> Option<Concern> {
    let on_v6 = bound.sockets.iter().any(|socket| socket.address.is_ipv6());
    let named = asks_loopback(container)? == "localhost";
    if !named || on_v6 || bound.sockets.is_empty() || !uses(container, "wget") {
        return None;
    }
    let what = format!(
        "has container {}, which listens on IPv4 only, and whose health check asks localhost with wget: some versions ask ::1 and no other",
        container.name
    );
    Some(concern(definition, Severity::Note, "HEALTH_CHECK_BY_NAME", what, "CTR-07"))
}

fn uses(container: &Container, program: &str) -> bool {
    let words = container.health_check.iter().flat_map(|check| &check.command);
    words.flat_map(|word| word.split_whitespace()).any(|word| word == program)
}

/// How a container's health check names loopback, if it does.
fn asks_loopback(container: &Container) -> Option<&'static str> {
    let check = container.health_check.as_ref()?;
    let named = |name: &str| check.command.iter().any(|word| word.contains(name));
    ["localhost", "127.0.0.1", "[::1]"].into_iter().find(|name| named(name))
}

/// EVD-14
fn protected(definition: &TaskDefinition, container: &Container, bound: &Bound) -> Option<Concern> {
    let what = format!(
        "has container {}, whose {} likely runs in protected mode: other hosts connect, and their commands are refused",
        container.name, bound.program
    );
    bound
        .protected
        .then(|| concern(definition, Severity::Warning, "PROTECTED_MODE", what, "EVD-14"))
}

/// CTR-18: one namespace has each port once.
fn taken(definition: &TaskDefinition, bounds: &[(&Container, &Bound)]) -> Vec<Concern> {
    let mut found = Vec::new();
    for (index, (one, own)) in bounds.iter().enumerate() {
        for (other, its) in bounds.iter().skip(index + 1) {
            let Some(port) = clash(own, its).filter(|_| one.name != other.name) else { continue };
            let sure = own.certain && its.certain;
            let essential = !one.optional && !other.optional;
            let severity = match sure && essential {
                true => Severity::Stops,
                false => Severity::Warning,
            };
            let likely = if sure { "" } else { "likely " };
            let what = format!(
                "has containers {} and {}, which {likely}both listen on port {port} of the one task",
                one.name, other.name
            );
            found.push(concern(definition, severity, "PORT_TAKEN_IN_TASK", what, "CTR-18"));
        }
    }
    found
}

/// A port that both take at the same address, or one of them at every address.
fn clash(one: &Bound, other: &Bound) -> Option<u16> {
    let pairs = one.sockets.iter().flat_map(|own| other.sockets.iter().map(move |its| (own, its)));
    let mut clashing = pairs.filter(|(own, its)| {
        let (a, b) = (own.address.to_canonical(), its.address.to_canonical());
        let family =
            a.is_ipv4() == b.is_ipv4() || own.v6_only == Some(false) || its.v6_only == Some(false);
        own.port == its.port && family && (a == b || a.is_unspecified() || b.is_unspecified())
    });
    // A port that is often another clashes with nobody for sure.
    let often = one.port_often_other || other.port_often_other;
    clashing.next().map(|(own, _)| own.port).filter(|_| !often)
}
