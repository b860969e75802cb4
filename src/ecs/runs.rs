//! Where the tasks of a service run, and on which hosts.

use crate::answer::{Assumption, Missing, ResourceRef, RuleId};
use crate::models;
use crate::network::{
    CapacityProvider, CapacitySource, Cluster, ContainerInstance, Coverage, Kind, LaunchType,
    Network, NetworkInterfaceId, NetworkMode, Resource, SecurityGroupId, Service, Subnet,
    TaskDefinition,
};
use std::collections::BTreeSet;

/// Where a service's tasks run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunsOn {
    /// One that is modelled, or what would tell.
    pub launch_type: Result<LaunchType, Missing>,
    /// The open points that this rests on.
    pub assumptions: Vec<Assumption>,
}

/// INP-01: the launch type; where a capacity provider stands for it, what that provider is.
#[must_use]
pub fn runs_on(network: &Network, service: &Service) -> RunsOn {
    let mut assumptions = Vec::new();
    let launch_type = match (&service.launch_type, &service.capacity_provider) {
        (LaunchType::Other(_), Some(name)) => of_provider(network, service, name),
        (LaunchType::Other(text), None) if text == "not stated" => {
            of_cluster(network, service, &mut assumptions)
        }
        (LaunchType::Other(text), None) => {
            let fact = format!("what launch type {text} of service {} is", service.label());
            Err(Missing { fact, command: None })
        }
        (known, _) => Ok(known.clone()),
    };
    RunsOn { launch_type, assumptions }
}

/// Whether a service's tasks run on Fargate, as far as is known.
pub(super) fn on_fargate(network: &Network, service: &Service) -> bool {
    runs_on(network, service).launch_type == Ok(LaunchType::Fargate)
}

fn of_provider(network: &Network, service: &Service, name: &str) -> Result<LaunchType, Missing> {
    if matches!(name, "FARGATE" | "FARGATE_SPOT") {
        return Ok(LaunchType::Fargate);
    }
    match provider(network, name).map(|one| &one.source) {
        Some(CapacitySource::AutoScalingGroup) => Ok(LaunchType::Ec2),
        Some(CapacitySource::ManagedInstances { .. }) => Ok(LaunchType::ManagedInstances),
        None => {
            let fact = format!(
                "capacity provider {name}, which says where the tasks of service {} run",
                service.label()
            );
            Err(missing(network, fact, Kind::CapacityProvider))
        }
    }
}

fn of_cluster(
    network: &Network,
    service: &Service,
    assumptions: &mut Vec<Assumption>,
) -> Result<LaunchType, Missing> {
    let cluster = cluster(network, service);
    if cluster.is_none() && network.coverage != Coverage::Stated {
        let fact = format!(
            "the cluster of service {}, whose default capacity providers say where its tasks run",
            service.label()
        );
        return Err(missing(network, fact, Kind::Cluster));
    }
    match cluster.and_then(|one| one.default_providers.first()) {
        Some(name) => of_provider(network, service, name),
        None => {
            let name = "LAUNCH_TYPE_ABSENT_IS_EC2";
            let value = network.assumptions.value(name);
            let rule = RuleId::new("INP-01");
            assumptions.push(Assumption { name: name.into(), value: value.into(), rule });
            if value == "true" {
                return Ok(LaunchType::Ec2);
            }
            let fact = format!("the launch type of service {} ({name})", service.label());
            Err(Missing { fact, command: None })
        }
    }
}

/// The cluster of a service.
pub(super) fn cluster<'n>(network: &'n Network, service: &Service) -> Option<&'n Cluster> {
    let name = service.cluster.as_deref()?;
    network.clusters.values().find(|one| one.id.as_str() == name || one.label() == name)
}

fn provider<'n>(network: &'n Network, name: &str) -> Option<&'n CapacityProvider> {
    let tail = |id: &str| id.rsplit('/').next() == Some(name);
    network.capacity_providers.values().find(|one| one.label() == name || tail(one.id.as_str()))
}

/// The task definition of a service, where it is here.
pub(super) fn definition<'n>(
    network: &'n Network,
    service: &Service,
) -> Option<&'n TaskDefinition> {
    service.task_definition.as_ref().and_then(|id| network.task_definitions.get(id))
}

/// Whether the tasks have interfaces of their own.
#[must_use]
pub fn is_awsvpc(network: &Network, service: &Service) -> bool {
    match definition(network, service) {
        Some(definition) => definition.network_mode == NetworkMode::Awsvpc,
        None => !service.subnets.is_empty() || on_fargate(network, service),
    }
}

/// One host that tasks run on, by the interface it sends from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// The instance, or the capacity provider that will start it.
    pub owner: ResourceRef,
    /// Its primary interface.
    pub interface: NetworkInterfaceId,
    /// Whether it is not what its capacity provider asks for.
    pub drifted: bool,
}

/// The hosts of a service's tasks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hosts {
    /// Those that are known.
    pub hosts: Vec<Host>,
    /// What is missing to know them, or all of them.
    pub missing: Vec<Missing>,
    /// The open points that this rests on.
    pub assumptions: Vec<Assumption>,
}

/// The id of the planned interface that stands for a provider's instances in a subnet.
#[must_use]
pub fn managed_interface_id(provider: &CapacityProvider, subnet: &Subnet) -> String {
    format!("planned/{}@{}", provider.id, subnet.id)
}

/// The groups that were named; where none was, the default one of the subnet's VPC (PLC-02).
#[must_use]
pub fn groups_or_default(
    network: &Network,
    groups: &BTreeSet<SecurityGroupId>,
    subnet: &Subnet,
) -> BTreeSet<SecurityGroupId> {
    if groups.is_empty() { default_group(network, subnet) } else { groups.clone() }
}

/// The VPC's default group. A capture that lacks it leaves an id that nothing has, so that what
/// depends on it is unknown.
fn default_group(network: &Network, subnet: &Subnet) -> BTreeSet<SecurityGroupId> {
    let mut groups = network.security_groups.values().filter(|group| group.vpc == subnet.vpc);
    let found = groups.find(|group| group.about.name.as_deref() == Some("default"));
    let id = found.map(|group| group.id.clone());
    let missing = || {
        let vpc = network.vpcs.get(&subnet.vpc).map_or(subnet.vpc.as_str(), Resource::label);
        SecurityGroupId::from(format!("default (of vpc {vpc})"))
    };
    BTreeSet::from([id.unwrap_or_else(missing)])
}

/// TSK-03, TSK-06, PLC-10: the hosts through which images, secrets and logs of a service's tasks
/// go, and all of their traffic where tasks have no interface of their own. Fargate has none.
#[must_use]
pub fn hosts(network: &Network, service: &Service) -> Hosts {
    let RunsOn { launch_type, assumptions } = runs_on(network, service);
    let mut found = Hosts { assumptions, ..Hosts::default() };
    match launch_type {
        Err(missing) => found.missing.push(missing),
        Ok(LaunchType::Ec2) => instances(network, service, &mut found),
        Ok(LaunchType::ManagedInstances) => managed(network, service, &mut found),
        Ok(LaunchType::External) => {
            // TSK-09
            let fact = format!(
                "what the hosts of service {} reach: they are outside AWS (ECS Anywhere), and their network is not part of the input",
                service.label()
            );
            found.missing.push(Missing { fact, command: None });
        }
        Ok(LaunchType::Fargate | LaunchType::Other(_)) => {}
    }
    found
}

/// The container instances that a service's tasks may be placed on.
pub(super) fn container_instances<'n>(
    network: &'n Network,
    service: &'n Service,
) -> impl Iterator<Item = &'n ContainerInstance> {
    let agrees = |own: &Option<String>, other: &Option<String>| match (own, other) {
        (Some(own), Some(other)) => own == other,
        _ => true,
    };
    network.container_instances.values().filter(move |one| {
        agrees(&service.cluster, &one.cluster)
            && (service.capacity_provider.is_none()
                || one.capacity_provider == service.capacity_provider)
    })
}

fn instances(network: &Network, service: &Service, found: &mut Hosts) {
    for one in container_instances(network, service) {
        // A host outside AWS takes no task of launch type EC2.
        let Some(id) = &one.instance else { continue };
        let primary = network.instances.get(id).and_then(|instance| {
            let primary = instance.interfaces.first()?;
            let owner =
                ResourceRef::new(Kind::Instance.word(), id.as_str(), Some(instance.label()));
            Some((owner, network.interfaces.get(primary)?.id.clone()))
        });
        match primary {
            Some((owner, interface)) => {
                found.hosts.push(Host { owner, interface, drifted: false });
            }
            None => {
                let kind = match network.instances.contains_key(id) {
                    true => Kind::NetworkInterface,
                    false => Kind::Instance,
                };
                let fact = format!("the primary interface of container instance {id}");
                found.missing.push(missing(network, fact, kind));
            }
        }
    }
    if found.hosts.is_empty() && found.missing.is_empty() {
        let fact = format!(
            "the container instances that run the tasks of service {}: their interfaces fetch images, secrets and logs",
            service.label()
        );
        found.missing.push(missing(network, fact, Kind::ContainerInstance));
    }
}

fn managed(network: &Network, service: &Service, found: &mut Hosts) {
    let named = service.capacity_provider.as_deref().or_else(|| {
        cluster(network, service).and_then(|one| Some(one.default_providers.first()?.as_str()))
    });
    let mut all = network
        .capacity_providers
        .values()
        .filter(|one| matches!(one.source, CapacitySource::ManagedInstances { .. }));
    let provider = match named {
        Some(name) => provider(network, name),
        // The only one there is.
        None => all.next().filter(|_| all.next().is_none()),
    };
    let source = provider.map(|provider| (provider, &provider.source));
    let Some((provider, CapacitySource::ManagedInstances { subnets, groups })) = source else {
        let fact = format!(
            "the capacity provider of service {}, which says in which subnets and groups its instances are",
            service.label()
        );
        found.missing.push(missing(network, fact, Kind::CapacityProvider));
        return;
    };
    let mut planned = BTreeSet::new();
    for id in subnets {
        let Some(subnet) = network.subnets.get(id) else {
            let fact = format!("subnet {id} of capacity provider {}", provider.label());
            found.missing.push(missing(network, fact, Kind::Subnet));
            continue;
        };
        let own = groups_or_default(network, groups, subnet);
        planned.insert((subnet.id.clone(), own));
        found.hosts.push(Host {
            owner: ResourceRef::new(
                Kind::CapacityProvider.word(),
                provider.id.as_str(),
                Some(provider.label()),
            ),
            interface: managed_interface_id(provider, subnet).into(),
            drifted: false,
        });
    }
    // Instances that run already, where they differ from what new ones will be.
    let name = provider.label();
    let running = network
        .container_instances
        .values()
        .filter(|one| one.capacity_provider.as_deref() == Some(name));
    for id in running.filter_map(|one| one.instance.as_ref()) {
        let Some(instance) = network.instances.get(id) else { continue };
        let interface = instance.interfaces.first().and_then(|id| network.interfaces.get(id));
        let Some(interface) = interface else { continue };
        if !planned.contains(&(interface.subnet.clone(), interface.groups.clone())) {
            let owner =
                ResourceRef::new(Kind::Instance.word(), id.as_str(), Some(instance.label()));
            found.hosts.push(Host { owner, interface: interface.id.clone(), drifted: true });
        }
    }
}

/// A missing fact, with the call that supplies it. In a scenario nobody runs a command.
pub(super) fn missing(network: &Network, fact: String, kind: Kind) -> Missing {
    let captured = network.coverage != Coverage::Stated;
    let call = models::call(kind.word()).filter(|_| captured);
    Missing { fact, command: call.map(|call| call.command.to_owned()) }
}
