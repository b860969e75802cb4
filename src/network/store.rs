//! The network itself.

use super::{
    About, Assumptions, CapacityProvider, CapacityProviderId, Cluster, ClusterId,
    ContainerInstance, ContainerInstanceId, Coverage, DhcpOptions, DhcpOptionsId,
    EgressOnlyGateway, EgressOnlyGatewayId, FileSystem, FileSystemId, Firewall, FirewallId, Gap,
    HostedZone, HostedZoneId, Instance, InstanceId, InternetGateway, InternetGatewayId, Kind,
    LoadBalancer, LoadBalancerId, NatGateway, NatGatewayId, NetworkAcl, NetworkAclId,
    NetworkInterface, NetworkInterfaceId, Other, PeeringConnection, PeeringConnectionId,
    PrefixList, PrefixListId, PublicAccessBlock, PublicAccessBlockId, PublicAccessExclusion,
    PublicAccessExclusionId, ResolverRule, ResolverRuleId, Resource, RouteTable, RouteTableId,
    SecurityGroup, SecurityGroupId, Service, ServiceId, Shelf, Subnet, SubnetId, TargetGroup,
    TargetGroupId, Task, TaskDefinition, TaskDefinitionId, TaskId, TransitGateway,
    TransitGatewayAttachment, TransitGatewayAttachmentId, TransitGatewayId,
    TransitGatewayRouteTable, TransitGatewayRouteTableId, VirtualPrivateGateway,
    VirtualPrivateGatewayId, Vpc, VpcEndpoint, VpcEndpointId, VpcId,
};

macro_rules! store {
    ($($(#[$doc:meta])* $field:ident: $id:ident => $variant:ident),* $(,)?) => {
        /// Everything that is known to exist, by kind and id.
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct Network {
            $($(#[$doc])* pub $field: Shelf<$id, $variant>,)*
            /// Resources of kinds that are not modelled, by kind and id.
            pub others: Shelf<(String, String), Other>,
            /// What silence means.
            pub coverage: Coverage,
            /// What is assumed where AWS's rules leave it open.
            pub assumptions: Assumptions,
            /// What a capture could not see.
            pub gaps: Vec<Gap>,
            /// Whether it is yet to be deployed, as a template says: no call to AWS tells more.
            pub planned: bool,
        }

        /// One resource of any modelled kind.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum AnyResource {
            $(#[doc = concat!("See [`", stringify!($variant), "`].")] $variant(Box<$variant>),)*
            /// See [`Other`].
            Other(Box<Other>),
        }

        impl AnyResource {
            /// Its kind, where that is modelled.
            #[must_use]
            pub fn kind(&self) -> Option<Kind> {
                match self {
                    $(Self::$variant(_) => Some(<$variant as Resource>::KIND),)*
                    Self::Other(_) => None,
                }
            }

            /// Its id.
            #[must_use]
            pub fn id(&self) -> &str {
                match self {
                    $(Self::$variant(resource) => resource.id_text(),)*
                    Self::Other(resource) => &resource.id,
                }
            }

            /// Its name where it has one, else its id.
            #[must_use]
            pub fn label(&self) -> &str {
                match self {
                    $(Self::$variant(resource) => resource.label(),)*
                    Self::Other(resource) => &resource.id,
                }
            }
        }

        $(impl From<$variant> for AnyResource {
            fn from(resource: $variant) -> Self {
                Self::$variant(Box::new(resource))
            }
        })*

        impl From<Other> for AnyResource {
            fn from(resource: Other) -> Self {
                Self::Other(Box::new(resource))
            }
        }

        impl Network {
            /// Adds a resource, or replaces the one of the same kind and id.
            pub fn insert(&mut self, resource: impl Into<AnyResource>) {
                match resource.into() {
                    $(AnyResource::$variant(resource) => {
                        self.$field.insert(resource.id.clone(), *resource);
                    })*
                    AnyResource::Other(resource) => {
                        self.others.insert((resource.kind.clone(), resource.id.clone()), *resource);
                    }
                }
            }

            /// Removes a resource; says whether there was one.
            pub fn remove(&mut self, kind: Kind, id: &str) -> bool {
                $(if kind == <$variant as Resource>::KIND {
                    return self.$field.remove(id).is_some();
                })*
                false
            }

            /// Whether there is a resource of that kind and id.
            #[must_use]
            pub fn has(&self, kind: Kind, id: &str) -> bool {
                $(if kind == <$variant as Resource>::KIND {
                    return self.$field.contains_key(id);
                })*
                false
            }

            /// The resource of that kind and id.
            #[must_use]
            pub fn get(&self, kind: Kind, id: &str) -> Option<AnyResource> {
                $(if kind == <$variant as Resource>::KIND {
                    return self.$field.get(id).cloned().map(AnyResource::from);
                })*
                None
            }

            /// What the resource of that kind and id carries, where there is one.
            #[must_use]
            pub fn about(&self, kind: Kind, id: &str) -> Option<&About> {
                $(if kind == <$variant as Resource>::KIND {
                    return self.$field.get(id).map(|resource| &resource.about);
                })*
                None
            }

            /// Every resource, by kind and id.
            pub fn into_resources(self) -> impl Iterator<Item = AnyResource> {
                let all = self.others.into_values().map(AnyResource::from);
                $(let all = self.$field.into_values().map(AnyResource::from).chain(all);)*
                all
            }

            /// Hands every resource's id and what it carries to `change`.
            pub fn each_about_mut(&mut self, mut change: impl FnMut(&str, &mut About)) {
                $(for resource in self.$field.values_mut() {
                    change(resource.id.as_str(), &mut resource.about);
                })*
                for other in self.others.values_mut() {
                    change(&other.id, &mut other.about);
                }
            }

            /// What every resource carries, by kind and id.
            pub fn abouts(&self) -> impl Iterator<Item = &About> {
                let all = self.others.values().map(|other| &other.about);
                $(let all = self.$field.values().map(|resource| &resource.about).chain(all);)*
                all
            }

            /// Every modelled resource as (kind, id, label), by kind and id.
            pub fn resources(&self) -> impl Iterator<Item = (Kind, &str, &str)> {
                let all = std::iter::empty();
                $(let all = all.chain(self.$field.values().map(|resource| {
                    (<$variant as Resource>::KIND, resource.id_text(), resource.label())
                }));)*
                all
            }
        }
    };
}

store! {
    /// VPCs.
    vpcs: VpcId => Vpc,
    /// Subnets.
    subnets: SubnetId => Subnet,
    /// Route tables.
    route_tables: RouteTableId => RouteTable,
    /// Internet gateways.
    internet_gateways: InternetGatewayId => InternetGateway,
    /// Egress-only internet gateways.
    egress_only_gateways: EgressOnlyGatewayId => EgressOnlyGateway,
    /// NAT gateways.
    nat_gateways: NatGatewayId => NatGateway,
    /// VPC endpoints.
    vpc_endpoints: VpcEndpointId => VpcEndpoint,
    /// VPC peering connections.
    peerings: PeeringConnectionId => PeeringConnection,
    /// Virtual private gateways.
    virtual_private_gateways: VirtualPrivateGatewayId => VirtualPrivateGateway,
    /// Transit gateways.
    transit_gateways: TransitGatewayId => TransitGateway,
    /// Attachments of transit gateways.
    transit_gateway_attachments: TransitGatewayAttachmentId => TransitGatewayAttachment,
    /// Route tables of transit gateways.
    transit_gateway_route_tables: TransitGatewayRouteTableId => TransitGatewayRouteTable,
    /// Network Firewalls.
    firewalls: FirewallId => Firewall,
    /// Security groups.
    security_groups: SecurityGroupId => SecurityGroup,
    /// Network ACLs.
    network_acls: NetworkAclId => NetworkAcl,
    /// Prefix lists.
    prefix_lists: PrefixListId => PrefixList,
    /// Network interfaces.
    interfaces: NetworkInterfaceId => NetworkInterface,
    /// EC2 instances.
    instances: InstanceId => Instance,
    /// Load balancers.
    load_balancers: LoadBalancerId => LoadBalancer,
    /// Target groups.
    target_groups: TargetGroupId => TargetGroup,
    /// ECS services.
    services: ServiceId => Service,
    /// ECS tasks.
    tasks: TaskId => Task,
    /// ECS task definitions.
    task_definitions: TaskDefinitionId => TaskDefinition,
    /// ECS clusters.
    clusters: ClusterId => Cluster,
    /// ECS capacity providers.
    capacity_providers: CapacityProviderId => CapacityProvider,
    /// ECS container instances.
    container_instances: ContainerInstanceId => ContainerInstance,
    /// EFS file systems.
    file_systems: FileSystemId => FileSystem,
    /// DHCP option sets.
    dhcp_options: DhcpOptionsId => DhcpOptions,
    /// Route 53 hosted zones.
    hosted_zones: HostedZoneId => HostedZone,
    /// Route 53 Resolver rules.
    resolver_rules: ResolverRuleId => ResolverRule,
    /// What accounts block by VPC Block Public Access.
    public_access_blocks: PublicAccessBlockId => PublicAccessBlock,
    /// What they leave open.
    public_access_exclusions: PublicAccessExclusionId => PublicAccessExclusion,
}

impl Network {
    /// A network where nothing exists and silence means absence.
    #[must_use]
    pub fn stated() -> Self {
        Self { coverage: Coverage::Stated, ..Self::default() }
    }

    /// How many resources there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.resources().count() + self.others.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
