//! Whoever carries a tag: `tag/env=prod`, or `tag/env` whatever its value.

use super::scope::Scope;
use super::{AskError, World};
use crate::answer::Missing;
use crate::complete::node_id;
use crate::ecs::{hosts, is_awsvpc, placements};
use crate::models;
use crate::network::{
    Coverage, InterfaceRole, Kind, LoadBalancer, NAME, NetworkInterface, NetworkInterfaceId,
    Resource, Service, Subnet, Tags, Task, Vpc, closest,
};
use std::collections::{BTreeMap, BTreeSet};

/// How many tags an error lists.
const LISTED: usize = 12;

impl World {
    /// The interfaces of everything that carries the tag that a text names. Tags are not inherited,
    /// so whatever an interface is part of is asked for them.
    pub(super) fn tagged(&self, text: &str) -> Result<Option<Scope>, AskError> {
        let Some(wanted) = text.strip_prefix("tag/") else { return Ok(None) };
        if !self.network.abouts().any(|about| about.tags.carry(wanted)) {
            return Err(self.carried_by_nothing(wanted));
        }
        let members = self.carriers(wanted);
        if members.is_empty() {
            return Err(AskError::new(
                format!("nothing that carries the tag `{wanted}` has an interface here"),
                "a tag means the interfaces of VPCs, subnets, instances, ECS services and tasks, and load balancers",
            ));
        }
        Ok(Some(Scope::Interfaces(members)))
    }

    fn carried_by_nothing(&self, wanted: &str) -> AskError {
        let mut known: BTreeSet<String> = BTreeSet::new();
        for (key, value) in self.network.abouts().flat_map(|about| about.tags.iter()) {
            known.insert(format!("{key}={value}"));
        }
        let key = wanted.split_once('=').map_or(wanted, |(key, _)| key);
        let hint = match closest(wanted, known.iter().map(String::as_str)) {
            Some(meant) => format!("did you mean tag/{meant}?"),
            None if key == NAME => {
                format!("the tag `{NAME}` is what a thing is called: name the thing itself")
            }
            None if known.is_empty() => {
                "nothing here has tags: a scenario states them as `tags: { env: prod }`".to_owned()
            }
            None => "write a tag as tag/KEY=VALUE, or as tag/KEY for any value".to_owned(),
        };
        // Those of the same key, where it has some.
        let begin = format!("{key}=");
        let same = known.iter().any(|tag| tag.starts_with(&begin));
        let listed = known.iter().filter(|tag| !same || tag.starts_with(&begin)).take(LISTED);
        AskError {
            message: format!("nothing here carries the tag `{wanted}`"),
            hint: Some(hint),
            candidates: listed.map(|tag| format!("tag/{tag}")).collect(),
        }
    }

    /// The interfaces that carry a tag, or are part of what does.
    fn carriers(&self, wanted: &str) -> BTreeSet<NetworkInterfaceId> {
        let network = &self.network;
        fn with<'n, R: Resource + 'n>(
            all: impl Iterator<Item = &'n R>,
            wanted: &str,
        ) -> impl Iterator<Item = &'n R> {
            all.filter(move |one| one.about().tags.carry(wanted))
        }
        let vpcs: BTreeSet<&str> = with(network.vpcs.values(), wanted).map(Vpc::id_text).collect();
        let subnets: BTreeSet<&str> =
            with(network.subnets.values(), wanted).map(Subnet::id_text).collect();
        let mut members: BTreeSet<NetworkInterfaceId> = BTreeSet::new();
        for service in with(network.services.values(), wanted) {
            members.extend(self.of_service(service));
        }
        for task in with(network.tasks.values(), wanted) {
            members.extend(self.of_task(task));
        }
        for instance in with(network.instances.values(), wanted) {
            members.extend(instance.interfaces.iter().cloned());
        }
        let nodes = self.nodes_by_name();
        for balancer in with(network.load_balancers.values(), wanted) {
            members.extend(self.of_balancer(balancer, &nodes));
        }
        for one in network.interfaces.values() {
            let instance = one.instance.as_ref().and_then(|id| network.instances.get(id));
            if one.about.tags.carry(wanted)
                || vpcs.contains(one.vpc.as_str())
                || subnets.contains(one.subnet.as_str())
                || instance.is_some_and(|instance| instance.about.tags.carry(wanted))
            {
                members.insert(one.id.clone());
            }
        }
        let talks = |id: &NetworkInterfaceId| {
            network.interfaces.get(id).is_some_and(|one| !one.role.is_gateway())
        };
        members.retain(talks);
        members
    }

    /// A service's placements and running tasks; their hosts, where those have the interface
    /// (PLC-10).
    fn of_service(&self, service: &Service) -> Vec<NetworkInterfaceId> {
        let network = &self.network;
        if !is_awsvpc(network, service) {
            let hosts = hosts(network, service).hosts;
            return hosts.iter().map(|host| host.interface.as_str().into()).collect();
        }
        let planned = placements(network, service).into_iter();
        let planned = planned.map(|placement| placement.interface_id().as_str().into());
        planned.chain(network.tasks_of(service).flat_map(|task| self.of_task(task))).collect()
    }

    fn of_task(&self, task: &Task) -> Vec<NetworkInterfaceId> {
        if !task.interfaces.is_empty() {
            return task.interfaces.clone();
        }
        let host = task.container_instance.as_ref();
        let host = host.and_then(|id| self.network.container_instances.get(id));
        let instance = host.and_then(|host| self.network.instances.get(host.instance.as_ref()?));
        instance.map(|instance| instance.interfaces.clone()).unwrap_or_default()
    }

    /// A load balancer's nodes, planned and existing.
    fn of_balancer(
        &self,
        balancer: &LoadBalancer,
        nodes: &BTreeMap<&str, Vec<&NetworkInterface>>,
    ) -> Vec<NetworkInterfaceId> {
        let planned = balancer.subnets.iter().map(|subnet| node_id(balancer, subnet).into());
        let existing = short(balancer).and_then(|name| nodes.get(name));
        let existing = existing.into_iter().flatten().map(|one| one.id.clone());
        planned.chain(existing).collect()
    }

    /// The existing interfaces of load balancers, by what AWS calls them: `app/web/0a1b…`.
    fn nodes_by_name(&self) -> BTreeMap<&str, Vec<&NetworkInterface>> {
        let mut nodes: BTreeMap<&str, Vec<&NetworkInterface>> = BTreeMap::new();
        for one in self.network.interfaces.values() {
            if let (InterfaceRole::LoadBalancer, None, Some(name)) =
                (&one.role, &one.planned, one.about.name.as_deref())
            {
                nodes.entry(name).or_default().push(one);
            }
        }
        nodes
    }

    /// What is missing to know everybody who carries the tag that a text names.
    pub(super) fn tags_not_told(&self, text: &str) -> Option<Missing> {
        let wanted = text.strip_prefix("tag/")?;
        let members = self.carriers(wanted);
        self.left_open(wanted, &members).or_else(|| match self.network.coverage {
            Coverage::Stated => None,
            Coverage::Captured(_) if self.network.planned => None,
            Coverage::Captured(_) => {
                self.not_asked_for(&members).or_else(|| self.owner_not_there(&members))
            }
        })
    }

    /// Tags whose values only a deployment tells.
    fn left_open(&self, wanted: &str, members: &BTreeSet<NetworkInterfaceId>) -> Option<Missing> {
        let open = |tags: &Tags| {
            tags.iter().any(|(key, value)| {
                let asked = wanted.strip_prefix(key).is_some_and(|rest| rest.starts_with('='));
                key.contains("${") || asked && value.contains("${")
            })
        };
        let network = &self.network;
        let nodes = self.nodes_by_name();
        let services = network.services.values().filter(|one| open(&one.about.tags));
        let services = services.map(|one| (one.label(), Kind::Service, self.of_service(one)));
        let balancers = network.load_balancers.values().filter(|one| open(&one.about.tags));
        let balancers =
            balancers.map(|one| (one.label(), Kind::LoadBalancer, self.of_balancer(one, &nodes)));
        let within = |ours: &dyn Fn(&NetworkInterface) -> bool| {
            let all = network.interfaces.values().filter(|one| ours(one) && !one.role.is_gateway());
            all.map(|one| one.id.clone()).collect::<Vec<_>>()
        };
        let subnets = network.subnets.values().filter(|one| open(&one.about.tags));
        let subnets =
            subnets.map(|one| (one.label(), Kind::Subnet, within(&|own| own.subnet == one.id)));
        let vpcs = network.vpcs.values().filter(|one| open(&one.about.tags));
        let vpcs = vpcs.map(|one| (one.label(), Kind::Vpc, within(&|own| own.vpc == one.id)));
        let mut all = services.chain(balancers).chain(subnets).chain(vpcs);
        let (label, kind, _) = all.find(|(.., own)| own.iter().any(|id| !members.contains(id)))?;
        let kind = kind.word().replace('-', " ");
        let fact = format!("the tags of {kind} {label}, of which a deployment tells a value");
        Some(Missing { fact, command: None })
    }

    /// Tags that AWS tells only to whom asks for them.
    fn not_asked_for(&self, members: &BTreeSet<NetworkInterfaceId>) -> Option<Missing> {
        let network = &self.network;
        let outside = |own: Vec<NetworkInterfaceId>| own.iter().any(|id| !members.contains(id));
        let nodes = self.nodes_by_name();
        let mut balancers = network
            .load_balancers
            .values()
            .filter(|one| !one.about.tags.told() && outside(self.of_balancer(one, &nodes)));
        if let Some(first) = balancers.next() {
            // As many as one call takes.
            let arns: Vec<&str> = std::iter::once(first)
                .chain(balancers.take(19))
                .map(|one| one.id.as_str())
                .collect();
            let label = first.label();
            let fact = match arns.len() {
                1 => format!("the tags of load balancer {label}"),
                more => format!("the tags of load balancer {label} and {} more", more - 1),
            };
            let command = format!("aws elbv2 describe-tags --resource-arns {}", arns.join(" "));
            return Some(Missing { fact, command: Some(command) });
        }
        let mut services = network.services.values();
        let service = services.find(|one| !one.about.tags.told() && outside(self.of_service(one)));
        if let Some(service) = service {
            let (label, cluster) = (service.label(), service.cluster.as_deref());
            let command = format!(
                "aws ecs describe-services --cluster {} --services {label} --include TAGS",
                cluster.unwrap_or("default")
            );
            let fact = format!("the tags of service {label}");
            return Some(Missing { fact, command: Some(command) });
        }
        let mut tasks = network.tasks.values();
        let task = tasks.find(|one| !one.about.tags.told() && outside(self.of_task(one)))?;
        let cluster = task.cluster.as_deref().unwrap_or("default");
        let id = task.id.as_str();
        let command =
            format!("aws ecs describe-tasks --cluster {cluster} --tasks {id} --include TAGS");
        Some(Missing { fact: format!("the tags of task {id}"), command: Some(command) })
    }

    /// What an interface is part of, and is not here, may carry the tag.
    fn owner_not_there(&self, members: &BTreeSet<NetworkInterfaceId>) -> Option<Missing> {
        let network = &self.network;
        let balancers: BTreeSet<&str> = network.load_balancers.values().filter_map(short).collect();
        let mut others = network.interfaces.values().filter(|one| {
            !members.contains(&one.id) && !one.role.is_gateway() && one.planned.is_none()
        });
        let (kind, what) = others.find_map(|one| {
            // SH-02: the owner of a shared VPC tells its tags, and whom it is shared with does not.
            let vpc = network.vpcs.get(&one.vpc);
            let told = |scope, kind| network.coverage.covers(scope, kind);
            if !vpc.is_some_and(|vpc| told(&vpc.about.scope, Kind::Vpc)) {
                return Some((Kind::Vpc, format!("the tags of vpc {}", one.vpc)));
            }
            let subnet = network.subnets.get(&one.subnet);
            if !subnet.is_some_and(|subnet| told(&subnet.about.scope, Kind::Subnet)) {
                return Some((Kind::Subnet, format!("the tags of subnet {}", one.subnet)));
            }
            if let Some(instance) =
                one.instance.as_ref().filter(|id| !network.instances.contains_key(*id))
            {
                return Some((Kind::Instance, format!("the tags of instance {instance}")));
            }
            match one.role {
                InterfaceRole::Task => {
                    let listed = |task: &Task| task.interfaces.contains(&one.id);
                    let mut tasks = network.tasks.referring_to(one.id.as_str());
                    let Some(task) = tasks.find(|task| listed(task)) else {
                        return Some((Kind::Task, format!("the task of interface {}", one.id)));
                    };
                    let group = task.group.as_deref();
                    let service = group.and_then(|group| group.strip_prefix("service:"))?;
                    let absent = network.service_of(task).is_none();
                    absent.then(|| (Kind::Service, format!("the tags of service {service}")))
                }
                InterfaceRole::LoadBalancer => {
                    let name = one.about.name.as_deref();
                    let known = name.is_some_and(|name| balancers.contains(name));
                    let fact = || format!("the load balancer of interface {}", one.id);
                    (!known).then(|| (Kind::LoadBalancer, fact()))
                }
                _ => None,
            }
        })?;
        let command = models::call(kind.word()).map(|call| call.command.to_owned());
        Some(Missing { fact: what, command })
    }
}

/// What AWS calls a load balancer in the description of its interfaces: `app/web/0a1b…`.
fn short(balancer: &LoadBalancer) -> Option<&str> {
    balancer.id.as_str().split("loadbalancer/").nth(1)
}
