//! A network with every id translated: ids that become nothing take with them what cannot be
//! without them, and are left out of what can.

use crate::network::{
    AliasTarget, Attached, CapacitySource, Destination, Excluded, Forward, HostedZone, Kind,
    LoadBalancer, NatAddress, Network, Peer, Record, RecordData, RouteTarget, RuleAction,
    ServiceTarget, StatedAnswers, Target, TargetGroup, TargetType, VirtualPrivateGateway, Volume,
    VolumeSource,
};

/// What becomes of an id.
pub trait Ids {
    /// The id that stands for this one; nothing where it is gone.
    fn translate(&mut self, kind: Kind, id: &str) -> Option<String>;
}

/// The network with its ids translated.
pub fn translate(network: &Network, ids: &mut dyn Ids) -> Network {
    let mut new = Network {
        others: network.others.clone(),
        coverage: network.coverage.clone(),
        assumptions: network.assumptions.clone(),
        gaps: network.gaps.clone(),
        planned: network.planned,
        ..Network::default()
    };
    let mut walk = Walk { ids };
    walk.places(network, &mut new);
    walk.ways(network, &mut new);
    walk.hosts(network, &mut new);
    walk.balancing(network, &mut new);
    walk.ecs(network, &mut new);
    walk.names(network, &mut new);
    new
}

struct Walk<'w> {
    ids: &'w mut dyn Ids,
}

/// Puts a resource whose own id, and each id that it cannot be without, is still there.
macro_rules! put {
    ($new:ident, $one:ident, $id:expr $(, $field:ident: $value:expr)*) => {
        if let Some(id) = $id {
            let mut one = $one.clone();
            one.id = id;
            $(match $value {
                Some(value) => one.$field = value,
                None => continue,
            })*
            $new.insert(one);
        }
    };
}

impl Walk<'_> {
    fn id<I: AsRef<str> + From<String>>(&mut self, kind: Kind, id: &I) -> Option<I> {
        self.ids.translate(kind, id.as_ref()).map(I::from)
    }

    /// Of several, those that are still there.
    fn all<'i, I, A>(&mut self, kind: Kind, ids: impl IntoIterator<Item = &'i I>) -> A
    where
        I: AsRef<str> + From<String> + 'i,
        A: FromIterator<I>,
    {
        ids.into_iter().filter_map(|id| self.id(kind, id)).collect()
    }

    /// One that need not be there.
    fn maybe<I: AsRef<str> + From<String>>(&mut self, kind: Kind, id: Option<&I>) -> Option<I> {
        id.and_then(|id| self.id(kind, id))
    }

    /// One that must be there where there was one.
    fn whole<I: AsRef<str> + From<String>>(
        &mut self,
        kind: Kind,
        id: Option<&I>,
    ) -> Option<Option<I>> {
        match id {
            None => Some(None),
            Some(id) => self.id(kind, id).map(Some),
        }
    }

    fn places(&mut self, old: &Network, new: &mut Network) {
        for one in old.vpcs.values() {
            let options = self.maybe(Kind::DhcpOptions, one.dhcp_options.as_ref());
            put!(new, one, self.id(Kind::Vpc, &one.id), dhcp_options: Some(options));
        }
        for one in old.subnets.values() {
            put!(new, one, self.id(Kind::Subnet, &one.id), vpc: self.id(Kind::Vpc, &one.vpc));
        }
        for one in old.security_groups.values() {
            let mut rules = |rules: &[crate::network::GroupRule]| {
                let translated = rules.iter().filter_map(|rule| {
                    let peer = match &rule.peer {
                        Peer::Cidr(_) => rule.peer.clone(),
                        Peer::PrefixList(id) => Peer::PrefixList(self.id(Kind::PrefixList, id)?),
                        Peer::Group(peer) => {
                            let mut peer = peer.clone();
                            peer.group = self.id(Kind::SecurityGroup, &peer.group)?;
                            Peer::Group(peer)
                        }
                    };
                    Some(crate::network::GroupRule { peer, ..rule.clone() })
                });
                translated.collect::<Vec<_>>()
            };
            let (ingress, egress) = (rules(&one.ingress), rules(&one.egress));
            put!(new, one, self.id(Kind::SecurityGroup, &one.id),
                vpc: self.id(Kind::Vpc, &one.vpc), ingress: Some(ingress), egress: Some(egress));
        }
        for one in old.network_acls.values() {
            put!(new, one, self.id(Kind::NetworkAcl, &one.id),
                vpc: self.id(Kind::Vpc, &one.vpc),
                subnets: Some(self.all(Kind::Subnet, &one.subnets)));
        }
        for one in old.public_access_blocks.values() {
            put!(new, one, self.id(Kind::BlockPublicAccess, &one.id));
        }
        for one in old.public_access_exclusions.values() {
            let excluded = match &one.excluded {
                Excluded::Vpc(id) => self.id(Kind::Vpc, id).map(Excluded::Vpc),
                Excluded::Subnet(id) => self.id(Kind::Subnet, id).map(Excluded::Subnet),
            };
            put!(new, one, self.id(Kind::BlockPublicAccessExclusion, &one.id), excluded: excluded);
        }
        for one in old.prefix_lists.values() {
            put!(new, one, self.id(Kind::PrefixList, &one.id));
        }
        for one in old.route_tables.values() {
            let mut routes = Vec::new();
            for route in &one.routes {
                let destination = self.destination(&route.destination);
                let target = self.target(&route.target);
                if let (Some(destination), Some(target)) = (destination, target) {
                    routes.push(crate::network::Route { destination, target, ..route.clone() });
                }
            }
            let gateways = one
                .gateways
                .iter()
                .filter_map(|id| self.ids.translate(Kind::InternetGateway, id))
                .collect();
            put!(new, one, self.id(Kind::RouteTable, &one.id),
                vpc: self.id(Kind::Vpc, &one.vpc),
                subnets: Some(self.all(Kind::Subnet, &one.subnets)),
                gateways: Some(gateways), routes: Some(routes));
        }
    }

    fn destination(&mut self, destination: &Destination) -> Option<Destination> {
        match destination {
            Destination::Cidr(_) => Some(destination.clone()),
            Destination::PrefixList(id) => {
                self.id(Kind::PrefixList, id).map(Destination::PrefixList)
            }
        }
    }

    fn target(&mut self, target: &RouteTarget) -> Option<RouteTarget> {
        Some(match target {
            RouteTarget::Other { kind, id } if kind == VirtualPrivateGateway::WORDS => {
                let there = self.ids.translate(Kind::VirtualPrivateGateway, id);
                let id = there.unwrap_or_else(|| id.clone());
                RouteTarget::Other { kind: kind.clone(), id }
            }
            RouteTarget::Local | RouteTarget::Other { .. } => target.clone(),
            RouteTarget::InternetGateway(id) => {
                RouteTarget::InternetGateway(self.id(Kind::InternetGateway, id)?)
            }
            RouteTarget::EgressOnlyGateway(id) => {
                RouteTarget::EgressOnlyGateway(self.id(Kind::EgressOnlyGateway, id)?)
            }
            RouteTarget::NatGateway(id) => RouteTarget::NatGateway(self.id(Kind::NatGateway, id)?),
            RouteTarget::GatewayEndpoint(id) => {
                RouteTarget::GatewayEndpoint(self.id(Kind::VpcEndpoint, id)?)
            }
            RouteTarget::Peering(id) => RouteTarget::Peering(self.id(Kind::PeeringConnection, id)?),
            RouteTarget::Interface(id) => {
                RouteTarget::Interface(self.id(Kind::NetworkInterface, id)?)
            }
            RouteTarget::LoadBalancerEndpoint(id) => {
                RouteTarget::LoadBalancerEndpoint(self.id(Kind::VpcEndpoint, id)?)
            }
            RouteTarget::TransitGateway(id) => {
                RouteTarget::TransitGateway(self.id(Kind::TransitGateway, id)?)
            }
        })
    }

    fn ways(&mut self, old: &Network, new: &mut Network) {
        for one in old.internet_gateways.values() {
            let attachments = one.attachments.iter();
            let attachments = attachments
                .filter_map(|(vpc, state)| Some((self.id(Kind::Vpc, vpc)?, state.clone())))
                .collect();
            put!(new, one, self.id(Kind::InternetGateway, &one.id), attachments: Some(attachments));
        }
        for one in old.egress_only_gateways.values() {
            let attachments = one.attachments.iter();
            let attachments = attachments
                .filter_map(|(vpc, state)| Some((self.id(Kind::Vpc, vpc)?, state.clone())))
                .collect();
            put!(new, one, self.id(Kind::EgressOnlyGateway, &one.id), attachments: Some(attachments));
        }
        for one in old.virtual_private_gateways.values() {
            let attachments = one.attachments.iter();
            let attachments = attachments
                .filter_map(|(vpc, state)| Some((self.id(Kind::Vpc, vpc)?, state.clone())))
                .collect();
            put!(new, one, self.id(Kind::VirtualPrivateGateway, &one.id), attachments: Some(attachments));
        }
        for one in old.nat_gateways.values() {
            let mut addresses = one.addresses.clone();
            for NatAddress { interface, .. } in &mut addresses {
                *interface = self.maybe(Kind::NetworkInterface, interface.as_ref());
            }
            put!(new, one, self.id(Kind::NatGateway, &one.id),
                vpc: self.id(Kind::Vpc, &one.vpc),
                subnet: self.whole(Kind::Subnet, one.subnet.as_ref()),
                route_table: Some(self.maybe(Kind::RouteTable, one.route_table.as_ref())),
                addresses: Some(addresses));
        }
        for one in old.vpc_endpoints.values() {
            put!(new, one, self.id(Kind::VpcEndpoint, &one.id),
                vpc: self.id(Kind::Vpc, &one.vpc),
                subnets: Some(self.all(Kind::Subnet, &one.subnets)),
                groups: Some(self.all(Kind::SecurityGroup, &one.groups)),
                interfaces: Some(self.all(Kind::NetworkInterface, &one.interfaces)),
                route_tables: Some(self.all(Kind::RouteTable, &one.route_tables)),
                // It names accounts and roles.
                policy: Some(None));
        }
        for one in old.firewalls.values() {
            let mut endpoints = std::collections::BTreeMap::new();
            for (id, endpoint) in &one.endpoints {
                let mut endpoint = endpoint.clone();
                endpoint.subnet = self.maybe(Kind::Subnet, endpoint.subnet.as_ref());
                endpoints.extend(self.id(Kind::VpcEndpoint, id).map(|id| (id, endpoint)));
            }
            put!(new, one, self.id(Kind::Firewall, &one.id), endpoints: Some(endpoints));
        }
        for one in old.peerings.values() {
            let [mut first, mut second] = one.ends.clone();
            let ends = match (self.id(Kind::Vpc, &first.vpc), self.id(Kind::Vpc, &second.vpc)) {
                (Some(one), Some(other)) => {
                    (first.vpc, second.vpc) = (one, other);
                    Some([first, second])
                }
                _ => None,
            };
            put!(new, one, self.id(Kind::PeeringConnection, &one.id), ends: ends);
        }
        for one in old.transit_gateways.values() {
            put!(new, one, self.id(Kind::TransitGateway, &one.id));
        }
        for one in old.transit_gateway_attachments.values() {
            let attached = match &one.attached {
                Attached::Vpc { vpc, subnets } => self.id(Kind::Vpc, vpc).map(|vpc| {
                    let subnets = subnets.as_ref().map(|all| self.all(Kind::Subnet, all));
                    Attached::Vpc { vpc, subnets }
                }),
                Attached::Peer(peer) => self.id(Kind::TransitGateway, peer).map(Attached::Peer),
                Attached::Other(_) => Some(one.attached.clone()),
            };
            put!(new, one, self.id(Kind::TransitGatewayAttachment, &one.id),
                transit_gateway: self.id(Kind::TransitGateway, &one.transit_gateway),
                attached: attached);
        }
        for one in old.transit_gateway_route_tables.values() {
            let routes = one.routes.as_ref().map(|routes| {
                let mut kept = Vec::new();
                for route in routes {
                    let Some(destination) = self.destination(&route.destination) else { continue };
                    let mut route = route.clone();
                    let had = !route.attachments.is_empty();
                    route.attachments =
                        self.all(Kind::TransitGatewayAttachment, &route.attachments);
                    route.destination = destination;
                    if had != route.attachments.is_empty() {
                        kept.push(route);
                    }
                }
                kept
            });
            let associations = self.all(Kind::TransitGatewayAttachment, &one.associations);
            put!(new, one, self.id(Kind::TransitGatewayRouteTable, &one.id),
                transit_gateway: self.id(Kind::TransitGateway, &one.transit_gateway),
                associations: Some(associations), routes: Some(routes));
        }
    }

    fn hosts(&mut self, old: &Network, new: &mut Network) {
        for one in old.interfaces.values() {
            put!(new, one, self.id(Kind::NetworkInterface, &one.id),
                subnet: self.id(Kind::Subnet, &one.subnet),
                vpc: self.id(Kind::Vpc, &one.vpc),
                groups: Some(self.all(Kind::SecurityGroup, &one.groups)),
                instance: Some(self.maybe(Kind::Instance, one.instance.as_ref())));
        }
        for one in old.instances.values() {
            put!(new, one, self.id(Kind::Instance, &one.id),
                interfaces: Some(self.all(Kind::NetworkInterface, &one.interfaces)));
        }
    }

    fn balancing(&mut self, old: &Network, new: &mut Network) {
        for one in old.load_balancers.values() {
            let listeners = self.listeners(one);
            put!(new, one, self.id(Kind::LoadBalancer, &one.id),
                vpc: self.id(Kind::Vpc, &one.vpc),
                subnets: Some(self.all(Kind::Subnet, &one.subnets)),
                groups: Some(self.all(Kind::SecurityGroup, &one.groups)),
                listeners: Some(listeners));
        }
        for one in old.target_groups.values() {
            let targets = self.targets(one);
            put!(new, one, self.id(Kind::TargetGroup, &one.id),
                vpc: self.whole(Kind::Vpc, one.vpc.as_ref()),
                targets: Some(targets),
                load_balancers: Some(self.all(Kind::LoadBalancer, &one.load_balancers)));
        }
    }

    fn listeners(&mut self, balancer: &LoadBalancer) -> Option<Vec<crate::network::Listener>> {
        let mut listeners = balancer.listeners.clone()?;
        let rules = listeners.iter_mut().flat_map(|listener| &mut listener.rules);
        for rule in rules {
            if let RuleAction::Forward(groups) = &mut rule.action {
                let left = groups.iter().filter_map(|one| {
                    let target_group = self.id(Kind::TargetGroup, &one.target_group)?;
                    Some(Forward { target_group, weight: one.weight })
                });
                *groups = left.collect();
            }
        }
        Some(listeners)
    }

    fn targets(&mut self, group: &TargetGroup) -> Option<Vec<Target>> {
        let kind = match &group.target_type {
            TargetType::Ip => None,
            TargetType::Instance => Some(Kind::Instance),
            TargetType::Other(_) => Some(Kind::LoadBalancer),
        };
        let left = group.targets.as_ref()?.iter().filter_map(|target| {
            let id = match kind {
                Some(kind) => self.ids.translate(kind, &target.id)?,
                None => target.id.clone(),
            };
            Some(Target { id, ..target.clone() })
        });
        Some(left.collect())
    }

    fn ecs(&mut self, old: &Network, new: &mut Network) {
        for one in old.services.values() {
            let mut targets = Vec::new();
            for target in &one.targets {
                let Some(target_group) = self.id(Kind::TargetGroup, &target.target_group) else {
                    continue;
                };
                let alternate = self.maybe(Kind::TargetGroup, target.alternate.as_ref());
                targets.push(ServiceTarget { target_group, alternate, ..target.clone() });
            }
            put!(new, one, self.id(Kind::Service, &one.id),
                subnets: Some(self.all(Kind::Subnet, &one.subnets)),
                groups: Some(self.all(Kind::SecurityGroup, &one.groups)),
                task_definition:
                    Some(self.maybe(Kind::TaskDefinition, one.task_definition.as_ref())),
                targets: Some(targets));
        }
        for one in old.task_definitions.values() {
            let mut volumes = Vec::new();
            for volume in &one.volumes {
                let source = match &volume.source {
                    VolumeSource::Efs { file_system } => {
                        let id = self.ids.translate(Kind::FileSystem, file_system);
                        id.map(|file_system| VolumeSource::Efs { file_system })
                    }
                    other => Some(other.clone()),
                };
                volumes.extend(source.map(|source| Volume { source, ..volume.clone() }));
            }
            put!(new, one, self.id(Kind::TaskDefinition, &one.id), volumes: Some(volumes));
        }
        for one in old.tasks.values() {
            let instance = one.container_instance.as_ref();
            put!(new, one, self.id(Kind::Task, &one.id),
                task_definition:
                    Some(self.maybe(Kind::TaskDefinition, one.task_definition.as_ref())),
                interfaces: Some(self.all(Kind::NetworkInterface, &one.interfaces)),
                subnet: Some(self.maybe(Kind::Subnet, one.subnet.as_ref())),
                container_instance: Some(self.maybe(Kind::ContainerInstance, instance)));
        }
        for one in old.clusters.values() {
            put!(new, one, self.id(Kind::Cluster, &one.id));
        }
        for one in old.capacity_providers.values() {
            let source = match &one.source {
                CapacitySource::AutoScalingGroup => CapacitySource::AutoScalingGroup,
                CapacitySource::ManagedInstances { subnets, groups } => {
                    CapacitySource::ManagedInstances {
                        subnets: self.all(Kind::Subnet, subnets),
                        groups: self.all(Kind::SecurityGroup, groups),
                    }
                }
            };
            put!(new, one, self.id(Kind::CapacityProvider, &one.id), source: Some(source));
        }
        for one in old.container_instances.values() {
            put!(new, one, self.id(Kind::ContainerInstance, &one.id),
                instance: self.whole(Kind::Instance, one.instance.as_ref()));
        }
        for one in old.file_systems.values() {
            let mut targets = one.mount_targets.clone();
            targets.retain_mut(|target| {
                target.interface = self.maybe(Kind::NetworkInterface, target.interface.as_ref());
                target.groups = self.all(Kind::SecurityGroup, &target.groups);
                let subnet = self.id(Kind::Subnet, &target.subnet);
                subnet.map(|subnet| target.subnet = subnet).is_some()
            });
            put!(new, one, self.id(Kind::FileSystem, &one.id), mount_targets: Some(targets));
        }
    }

    fn names(&mut self, old: &Network, new: &mut Network) {
        for one in old.dhcp_options.values() {
            let answers = self.answers(one.answers.as_ref());
            put!(new, one, self.id(Kind::DhcpOptions, &one.id), answers: Some(answers));
        }
        for one in old.hosted_zones.values() {
            let HostedZone { vpcs, records, .. } = one;
            let vpcs = vpcs.as_ref().map(|vpcs| self.all(Kind::Vpc, vpcs));
            let records = records.as_ref().map(|records| self.records(records));
            put!(new, one, self.id(Kind::HostedZone, &one.id),
                vpcs: Some(vpcs), records: Some(records));
        }
        for one in old.resolver_rules.values() {
            let vpcs = one.vpcs.as_ref().map(|vpcs| self.all(Kind::Vpc, vpcs));
            let answers = self.answers(one.answers.as_ref());
            put!(new, one, self.id(Kind::ResolverRule, &one.id),
                vpcs: Some(vpcs), answers: Some(answers));
        }
    }

    fn answers(&mut self, answers: Option<&StatedAnswers>) -> Option<StatedAnswers> {
        Some(match answers? {
            StatedAnswers::VpcResolver => StatedAnswers::VpcResolver,
            StatedAnswers::Records(records) => StatedAnswers::Records(self.records(records)),
        })
    }

    fn records(&mut self, records: &[Record]) -> Vec<Record> {
        let left = records.iter().filter_map(|record| {
            let mut record = record.clone();
            if let RecordData::Alias { target, .. } = &mut record.data {
                match target {
                    AliasTarget::Name(_) => {}
                    AliasTarget::Endpoint(id) => *id = self.id(Kind::VpcEndpoint, id)?,
                    AliasTarget::LoadBalancer(id) => *id = self.id(Kind::LoadBalancer, id)?,
                }
            }
            Some(record)
        });
        left.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::scenario;

    struct Same;

    impl Ids for Same {
        fn translate(&mut self, _: Kind, id: &str) -> Option<String> {
            Some(id.to_owned())
        }
    }

    /// What no field is forgotten of: the two files have every key that a scenario has.
    #[test]
    fn nothing_is_lost_where_every_id_stays() {
        let stated = include_str!("../../tests/written/stated.yaml");
        let captured = include_str!("../../tests/written/captured.yaml");
        for text in [stated, captured] {
            let read = scenario::read("all.yaml", text, &mut |_| Ok(Network::stated()));
            let network = read.unwrap().network;
            assert!(translate(&network, &mut Same) == network);
        }
        let read = scenario::read("all.yaml", stated, &mut |_| Ok(Network::stated())).unwrap();
        let kinds: std::collections::BTreeSet<Kind> =
            read.network.resources().map(|(kind, ..)| kind).collect();
        // Kinds of calls, which no resource has.
        let calls = [
            Kind::VpcAttribute,
            Kind::TransitGatewayRoutes,
            Kind::PrefixListEntries,
            Kind::Listener,
            Kind::TargetHealth,
        ];
        let of_resources = Kind::ALL.into_iter().filter(|kind| !calls.contains(kind));
        assert_eq!(kinds.into_iter().collect::<Vec<_>>(), of_resources.collect::<Vec<_>>());
    }
}
