//! Putting what was seen to listen into a network.

use crate::header::{AddressSet, IntervalSet, PortSet, Protocol};
use crate::network::{
    Container, Kind, KnownPorts, Listening, Network, NetworkMode, Resource, SelectError, Selected,
    Service, Socket, Task, TaskDefinition, TaskDefinitionId, closest,
};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use thiserror::Error;

/// Something seen that has no place in the network.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct ObserveError {
    /// What is wrong, in one line.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// Puts what was seen to listen behind `place`: a service, a task or a network interface, or a
/// container of one, as `service/container`. Says what a person should know about it.
///
/// The containers of an `awsvpc` task share one network namespace, so what was seen in one of them
/// holds for all (CTR-01, EVD-02); a container's name is only checked. What was seen wins over what
/// is stated, port by port, and a contradiction is told (EVD-01). What was seen in several looks
/// adds up.
///
/// # Errors
/// When nothing, or too much, is called that, or when its tasks have no namespace of their own.
pub fn observe(
    network: &mut Network,
    place: &str,
    seen: Listening,
) -> Result<Vec<String>, ObserveError> {
    let (Selected { kind, id, label }, container) = find(network, place)?;
    let is_meant = |task: &&Task| match kind {
        Kind::Task => task.id.as_str() == id,
        Kind::NetworkInterface => task.interfaces.iter().any(|one| one.as_str() == id),
        _ => false,
    };
    if let Some(task) = network.tasks.values().find(is_meant) {
        let definition = definition_of(network, task.task_definition.as_ref());
        check(definition, &label, container)?;
        let mut notes = definition.map(|it| contradictions(it, &seen)).unwrap_or_default();
        let id = task.id.clone();
        if let Some(task) = network.tasks.get_mut(&id) {
            task.observed = Some(together(task.observed.take(), seen, &mut notes));
        }
        return Ok(notes);
    }
    if let Some(service) = network.services.get(id.as_str()).filter(|_| kind == Kind::Service) {
        let definition = definition_of(network, service.task_definition.as_ref());
        check(definition, &label, container)?;
        let mut notes = definition.map(|it| contradictions(it, &seen)).unwrap_or_default();
        let seen = everywhere(network, service, seen, &mut notes);
        if let Some(service) = network.services.get_mut(id.as_str()) {
            service.observed = Some(together(service.observed.take(), seen, &mut notes));
        }
        return Ok(notes);
    }
    check(None, &label, container)?;
    let mut notes = Vec::new();
    if let Some(interface) = network.interfaces.get_mut(id.as_str()) {
        let stated = std::mem::take(&mut interface.sockets);
        let known = interface.sockets_known.clone();
        notes = differences(
            &stated,
            &known,
            &seen,
            &format!("network interface `{label}` is stated to listen on"),
        );
        let kept = stated.into_iter().filter_map(|socket| socket.beside(&seen.ports)).collect();
        let ports = known.without(&seen.ports);
        let kept = Listening { sockets: kept, ports, ..Listening::default() };
        let both = kept.and(seen);
        interface.sockets = both.sockets;
        interface.sockets_known = both.ports;
        interface.sockets_at = both.at;
    }
    Ok(notes)
}

/// What `place` names, and the container behind it.
fn find<'p>(
    network: &Network,
    place: &'p str,
) -> Result<(Selected, Option<&'p str>), ObserveError> {
    let kinds = [Kind::Service, Kind::Task, Kind::NetworkInterface];
    let whole = network.select(place, &kinds);
    match (whole, place.rsplit_once('/')) {
        (Ok(found), _) => Ok((found, None)),
        (Err(_), Some((front, container))) if Kind::from_word(front).is_none() => {
            Ok((network.select(front, &kinds)?, Some(container)))
        }
        (Err(error), _) => Err(error.into()),
    }
}

impl From<SelectError> for ObserveError {
    fn from(error: SelectError) -> Self {
        let hint = match &error {
            SelectError::Nothing { similar, .. } if similar.is_empty() => {
                "name the ECS service, the task or the network interface that it was taken in"
                    .to_owned()
            }
            SelectError::Nothing { similar, .. } => {
                format!("did you mean {}?", similar.join(" or "))
            }
            SelectError::Ambiguous { candidates, .. } => {
                format!("say which one you mean: {}", candidates.join(", "))
            }
        };
        Self { message: error.to_string(), hint: Some(hint) }
    }
}

fn definition_of<'n>(
    network: &'n Network,
    id: Option<&TaskDefinitionId>,
) -> Option<&'n TaskDefinition> {
    id.and_then(|id| network.task_definitions.get(id))
}

/// CTR-01: only `awsvpc` tasks have a namespace that is theirs. A named container must exist.
fn check(
    definition: Option<&TaskDefinition>,
    label: &str,
    container: Option<&str>,
) -> Result<(), ObserveError> {
    let mode = definition.map(|it| &it.network_mode);
    if let Some(mode) = mode.filter(|mode| **mode != NetworkMode::Awsvpc) {
        return Err(ObserveError {
            message: format!("`{label}` runs in network mode `{mode}`"),
            hint: Some("what listens is followed in `awsvpc` tasks only".to_owned()),
        });
    }
    let Some(name) = container else { return Ok(()) };
    let containers = definition.map(|it| it.containers.as_slice()).unwrap_or_default();
    let names: Vec<&str> = containers.iter().map(|one| one.name.as_str()).collect();
    if names.contains(&name) {
        return Ok(());
    }
    let hint = match (closest(name, names.iter().copied()), names.as_slice()) {
        (Some(meant), _) => format!("did you mean `{meant}`?"),
        (None, []) => format!("no containers are known of it: name `{label}` alone"),
        (None, names) => format!("it has {}", names.join(", ")),
    };
    Err(ObserveError { message: format!("`{label}` has no container `{name}`"), hint: Some(hint) })
}

/// What was seen in one task, as it is in each task of the service: an address of the service's
/// subnets is that task's own, and another task binds its own instead (CTR-06).
fn everywhere(
    network: &Network,
    service: &Service,
    mut seen: Listening,
    notes: &mut Vec<String>,
) -> Listening {
    let subnets = service.subnets.iter().filter_map(|id| network.subnets.get(id));
    let own = subnets.fold(AddressSet::empty(), |all, one| all.union(&one.addresses()));
    for socket in &mut seen.sockets {
        if !own.contains(socket.address) {
            continue;
        }
        notes.push(format!(
            "{}{} is that task's own address: each task of {} is taken to listen on its own",
            place(socket),
            bound(socket),
            service.label()
        ));
        (socket.address, socket.v6_only) = match socket.address {
            IpAddr::V4(_) => (IpAddr::V4(Ipv4Addr::UNSPECIFIED), None),
            IpAddr::V6(_) => (IpAddr::V6(Ipv6Addr::UNSPECIFIED), Some(true)),
        };
    }
    seen
}

/// What was seen earlier and what is seen now. EVD-01: of a port that a dump shows, a log changes
/// nothing.
fn together(earlier: Option<Listening>, seen: Listening, notes: &mut Vec<String>) -> Listening {
    let Some(earlier) = earlier else { return seen };
    for (log, dump) in [(&earlier, &seen), (&seen, &earlier)] {
        let ports = log.logged.without(&dump.logged);
        notes.extend(differences(&log.sockets, &ports, dump, "the log says that it listens on"));
    }
    earlier.and(seen)
}

fn contradictions(definition: &TaskDefinition, seen: &Listening) -> Vec<String> {
    let one = |container: &Container| {
        let sockets = container.listens.as_ref()?;
        let ports = container.ports().chain(sockets.iter().map(|socket| socket.port));
        let ports = IntervalSet::from_ranges(ports.map(|port| (port, port)));
        let who = format!("container `{}` is stated to listen on", container.name);
        Some(differences(sockets, &KnownPorts::both(ports), seen, &who))
    };
    definition.containers.iter().filter_map(one).flatten().collect()
}

/// EVD-01: for each of `ports`, what is stated, or what a log `says`, and what was seen, where they
/// differ.
fn differences(stated: &[Socket], ports: &KnownPorts, seen: &Listening, says: &str) -> Vec<String> {
    let tcp = ports.tcp.intersection(&seen.ports.tcp);
    let udp = ports.udp.intersection(&seen.ports.udp);
    let mut notes = Vec::new();
    for (protocol, ports) in [(Protocol::Tcp, tcp), (Protocol::Udp, udp)] {
        let of = |sockets: &[Socket]| -> Vec<Socket> {
            let of = sockets.iter().filter(|one| one.protocol.matches(protocol) && !one.likely);
            of.cloned().collect()
        };
        let (stated, seen) = (of(stated), of(&seen.sockets));
        notes.extend(differences_of_protocol(&stated, &ports, &seen, says));
    }
    notes.dedup();
    notes
}

fn differences_of_protocol(
    stated: &[Socket],
    ports: &PortSet,
    seen: &[Socket],
    says: &str,
) -> Vec<String> {
    let shown = stated.iter().chain(seen).map(|socket| (socket.port, socket.port));
    let ports = ports.intersection(&IntervalSet::from_ranges(shown));
    let all = ports.ranges().iter().flat_map(|&(low, high)| low..=high);
    all.filter_map(|port| {
        let on = |sockets: &[Socket]| -> Vec<Socket> {
            sockets.iter().filter(|socket| socket.port == port).cloned().collect()
        };
        let (stated, seen) = (on(stated), on(seen));
        let covers = |all: &[Socket], one: &Socket| all.iter().any(|other| alike(one, other));
        if stated.iter().all(|one| covers(&seen, one))
            && seen.iter().all(|one| covers(&stated, one))
        {
            return None;
        }
        let stated_at = stated.first().map(place).unwrap_or_default();
        let says = match stated.as_slice() {
            [] => format!("{says} nothing on port {port}"),
            some => format!("{says} {}", list(some)),
        };
        let shows = match seen.first() {
            None => format!("nothing was seen on port {port}"),
            Some(first) => format!("{}{} was seen", place(first), list(&seen)),
        };
        Some(format!("{stated_at}{says}, but {shows}: what was seen counts"))
    })
    .collect()
}

/// Whether two sockets may be the same.
fn alike(one: &Socket, other: &Socket) -> bool {
    let same_families =
        one.v6_only.is_none() || other.v6_only.is_none() || one.v6_only == other.v6_only;
    one.address.to_canonical() == other.address.to_canonical() && same_families
}

fn place(socket: &Socket) -> String {
    socket.at.as_ref().map(|at| format!("{at}: ")).unwrap_or_default()
}

fn list(sockets: &[Socket]) -> String {
    sockets.iter().map(bound).collect::<Vec<_>>().join(" and ")
}

fn bound(socket: &Socket) -> String {
    let families = match socket.v6_only {
        Some(true) => " (IPv6 only)",
        Some(false) => " (IPv6 and IPv4)",
        None => "",
    };
    format!("{}{families}", SocketAddr::new(socket.address, socket.port))
}
