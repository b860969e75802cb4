//! What a service's tasks must reach, and from which interface.

mod address;
mod agent;
mod application;
mod extras;
mod images;
mod list;
mod logs;
mod router;
mod secrets;
mod stage;
mod volumes;

pub use stage::{Platform, Sender, Stage, Weight};

use super::runs::{definition, is_awsvpc, runs_on};
use crate::answer::{Assumption, Missing};
use crate::models::{self, Registry};
use crate::network::{Container, LaunchType, Network, OperatingSystem, Service, TaskDefinition};
use list::{Context, List};

/// One thing that a task needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// When it is needed.
    pub stage: Stage,
    /// From which interface (§1.1 of the rules).
    pub sender: Sender,
    /// What is to be reached.
    pub asked: Asked,
    /// What states it: `image 1111….dkr.ecr.us-east-1.amazonaws.com/web:1`.
    pub why: String,
    /// What depends on it.
    pub weight: Weight,
    /// The rule that asks for it.
    pub rule: &'static str,
    /// The open points that it rests on.
    pub assumptions: Vec<Assumption>,
}

/// What is to be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// An AWS service.
    Service {
        /// The service.
        service: &'static models::Service,
        /// The Region; `None` for the task's own.
        region: Option<String>,
        /// The host name; `None` for the usual one.
        host: Option<String>,
    },
    /// A public registry, over the internet.
    Registry(Registry),
    /// Another host, by name or address.
    Host {
        /// Its name or address.
        host: String,
        /// Its port.
        port: u16,
        /// Whether over UDP.
        udp: bool,
    },
    /// An EFS file system, at the mount target of the sender's zone.
    FileSystem(String),
    /// A place as a person wrote it, as in a query.
    Place(String),
    /// Something that cannot be asked for.
    NotKnown {
        /// What it is, in a word or two.
        what: String,
        /// What would settle it.
        missing: Missing,
    },
}

/// What the tasks of `service` need, in the order in which a start fails (RUN-01, RUN-02).
#[must_use]
pub fn needs(network: &Network, service: &Service) -> Vec<Need> {
    let stated = definition(network, service);
    let platform = platform(network, service);
    let own = if is_awsvpc(network, service) { Sender::Task } else { Sender::Host };
    let context = Context { network, service, definition: stated, platform, own };
    let mut list = List::default();
    agent::needs(&mut list, &context);
    match stated {
        Some(definition) => {
            for container in &definition.containers {
                images::needs(&mut list, &context, container);
                secrets::needs(&mut list, &context, container);
                logs::needs(&mut list, &context, container);
            }
            volumes::needs(&mut list, &context, definition);
            for one in &definition.not_modelled {
                let fact =
                    format!("whether the task reaches {one}: this version does not follow it");
                list.unknown("start-up", &fact, None, "RUN-03");
            }
        }
        None => list.usual(&context),
    }
    extras::needs(&mut list, &context);
    application::needs(&mut list, &context);
    // TSK-12
    let proxied = |container: &Container| {
        let names = ["HTTP_PROXY", "HTTPS_PROXY"];
        container.environment.keys().any(|key| names.iter().any(|it| key.eq_ignore_ascii_case(it)))
    };
    if platform.is_fargate() && stated.is_some_and(|one| one.containers.iter().any(proxied)) {
        list.assume_for_platform(&context, "FARGATE_PLATFORM_IGNORES_CONTAINER_PROXY");
    }
    list.sorted(platform)
}

/// Where the tasks of `service` run, as far as their start depends on it.
#[must_use]
pub fn platform(network: &Network, service: &Service) -> Platform {
    let stated = definition(network, service);
    match runs_on(network, service).launch_type {
        Ok(LaunchType::Fargate) if old_platform(service, stated) => Platform::OldFargate,
        Ok(LaunchType::Fargate) => Platform::Fargate,
        Ok(LaunchType::ManagedInstances) => Platform::ManagedInstances,
        Ok(LaunchType::External) => Platform::External,
        Ok(LaunchType::Ec2 | LaunchType::Other(_)) | Err(_) => Platform::Ec2,
    }
}

/// TSK-02: up to 1.3.0, Linux tasks log in and fetch secrets through Fargate's own interface.
fn old_platform(service: &Service, definition: Option<&TaskDefinition>) -> bool {
    let version = service.platform_version.as_deref().unwrap_or("LATEST");
    let numbers: Vec<u32> = version.split('.').map_while(|part| part.parse().ok()).collect();
    definition.is_none_or(|one| one.operating_system != Some(OperatingSystem::Windows))
        && numbers.len() == 3
        && numbers < vec![1, 4, 0]
}
