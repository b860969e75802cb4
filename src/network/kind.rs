//! The kinds of resources.

use std::fmt;

/// A kind of resource that the network stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A VPC.
    Vpc,
    /// A VPC's DNS attributes, which AWS answers in a call of their own.
    VpcAttribute,
    /// A subnet.
    Subnet,
    /// A route table.
    RouteTable,
    /// An internet gateway.
    InternetGateway,
    /// An egress-only internet gateway.
    EgressOnlyGateway,
    /// A NAT gateway.
    NatGateway,
    /// A VPC endpoint of any type.
    VpcEndpoint,
    /// A VPC peering connection.
    PeeringConnection,
    /// A virtual private gateway.
    VirtualPrivateGateway,
    /// A transit gateway.
    TransitGateway,
    /// A transit gateway attachment.
    TransitGatewayAttachment,
    /// A transit gateway route table, with its associations.
    TransitGatewayRouteTable,
    /// The routes of a transit gateway route table, which AWS answers in a call of their own.
    TransitGatewayRoutes,
    /// A Network Firewall, with its policy and the rules of that.
    Firewall,
    /// A security group.
    SecurityGroup,
    /// A network ACL.
    NetworkAcl,
    /// A prefix list.
    PrefixList,
    /// A prefix list's entries, which AWS answers in a call of their own.
    PrefixListEntries,
    /// An elastic network interface.
    NetworkInterface,
    /// An EC2 instance.
    Instance,
    /// A load balancer.
    LoadBalancer,
    /// A load balancer's listeners.
    Listener,
    /// A target group.
    TargetGroup,
    /// A target group's registered targets.
    TargetHealth,
    /// An ECS service.
    Service,
    /// An ECS task.
    Task,
    /// An ECS task definition.
    TaskDefinition,
    /// An ECS cluster.
    Cluster,
    /// An ECS capacity provider.
    CapacityProvider,
    /// An ECS container instance.
    ContainerInstance,
    /// An EFS file system, with its mount targets.
    FileSystem,
    /// A DHCP option set.
    DhcpOptions,
    /// A Route 53 hosted zone.
    HostedZone,
    /// A Route 53 Resolver rule.
    ResolverRule,
    /// VPC Block Public Access options.
    BlockPublicAccess,
    /// An exclusion from VPC Block Public Access.
    BlockPublicAccessExclusion,
}

impl Kind {
    /// Every kind, in the order of the enumeration.
    pub const ALL: [Self; 37] = [
        Self::Vpc,
        Self::VpcAttribute,
        Self::Subnet,
        Self::RouteTable,
        Self::InternetGateway,
        Self::EgressOnlyGateway,
        Self::NatGateway,
        Self::VpcEndpoint,
        Self::PeeringConnection,
        Self::VirtualPrivateGateway,
        Self::TransitGateway,
        Self::TransitGatewayAttachment,
        Self::TransitGatewayRouteTable,
        Self::TransitGatewayRoutes,
        Self::Firewall,
        Self::SecurityGroup,
        Self::NetworkAcl,
        Self::PrefixList,
        Self::PrefixListEntries,
        Self::NetworkInterface,
        Self::Instance,
        Self::LoadBalancer,
        Self::Listener,
        Self::TargetGroup,
        Self::TargetHealth,
        Self::Service,
        Self::Task,
        Self::TaskDefinition,
        Self::Cluster,
        Self::CapacityProvider,
        Self::ContainerInstance,
        Self::FileSystem,
        Self::DhcpOptions,
        Self::HostedZone,
        Self::ResolverRule,
        Self::BlockPublicAccess,
        Self::BlockPublicAccessExclusion,
    ];

    /// The word that names the kind in a query and in JSON: `security-group`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Vpc => "vpc",
            Self::VpcAttribute => "vpc-attribute",
            Self::Subnet => "subnet",
            Self::RouteTable => "route-table",
            Self::InternetGateway => "internet-gateway",
            Self::EgressOnlyGateway => "egress-only-internet-gateway",
            Self::NatGateway => "nat-gateway",
            Self::VpcEndpoint => "endpoint",
            Self::PeeringConnection => "peering",
            Self::VirtualPrivateGateway => "virtual-private-gateway",
            Self::TransitGateway => "transit-gateway",
            Self::TransitGatewayAttachment => "transit-gateway-attachment",
            Self::TransitGatewayRouteTable => "transit-gateway-route-table",
            Self::TransitGatewayRoutes => "transit-gateway-routes",
            Self::Firewall => "firewall",
            Self::SecurityGroup => "security-group",
            Self::NetworkAcl => "network-acl",
            Self::PrefixList => "prefix-list",
            Self::PrefixListEntries => "prefix-list-entries",
            Self::NetworkInterface => "eni",
            Self::Instance => "instance",
            Self::LoadBalancer => "load-balancer",
            Self::Listener => "listener",
            Self::TargetGroup => "target-group",
            Self::TargetHealth => "target-health",
            Self::Service => "service",
            Self::Task => "task",
            Self::TaskDefinition => "task-definition",
            Self::Cluster => "cluster",
            Self::CapacityProvider => "capacity-provider",
            Self::ContainerInstance => "container-instance",
            Self::FileSystem => "file-system",
            Self::DhcpOptions => "dhcp-options",
            Self::HostedZone => "hosted-zone",
            Self::ResolverRule => "resolver-rule",
            Self::BlockPublicAccess => "block-public-access",
            Self::BlockPublicAccessExclusion => "block-public-access-exclusion",
        }
    }

    /// The short word used in front of a name in prose: `sg task`, `rtb private`.
    #[must_use]
    pub fn short(self) -> &'static str {
        match self {
            Self::RouteTable => "rtb",
            Self::InternetGateway => "igw",
            Self::EgressOnlyGateway => "eigw",
            Self::NatGateway => "nat",
            Self::PeeringConnection => "pcx",
            Self::VirtualPrivateGateway => "vgw",
            Self::TransitGateway => "tgw",
            Self::TransitGatewayAttachment => "tgw-attach",
            Self::TransitGatewayRouteTable => "tgw-rtb",
            Self::SecurityGroup => "sg",
            Self::NetworkAcl => "acl",
            Self::PrefixList => "pl",
            Self::LoadBalancer => "lb",
            other => other.word(),
        }
    }

    /// The kind that a query's `kind/` prefix names; long and short words are understood.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        let word = match word {
            "interface" => "eni",
            "vpce" | "vpc-endpoint" => "endpoint",
            "alb" | "nlb" => "lb",
            other => other,
        };
        Self::ALL.into_iter().find(|kind| kind.word() == word || kind.short() == word)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
