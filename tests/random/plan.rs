//! The choices behind a random case, as small as they can be so that they shrink well.

use super::edges::{BlockPlan, EndpointPlan};

#[derive(Clone, Debug)]
pub struct Plan {
    pub vpcs: Vec<VpcPlan>,
    pub source: EndPlan,
    pub target: EndPlan,
    /// How the first VPC and the second are joined.
    pub peering: Option<PeeringPlan>,
    pub transit: Option<TransitPlan>,
    /// What stands before one end.
    pub middle: Option<MiddlePlan>,
    pub flow: FlowPlan,
    pub udp: bool,
    pub port: u16,
    pub client_ports: (u16, u16),
    /// What listens on the server, and whether that is all.
    pub sockets: Option<(Vec<SocketPlan>, bool)>,
    pub tweaks: Vec<Tweak>,
    /// Whether the flow is one of IPv6.
    pub ipv6: Option<Ipv6Plan>,
    pub seed: u64,
}

#[derive(Clone, Debug)]
pub struct Ipv6Plan {
    /// Whether the flow is for an address that stands for an IPv4 one.
    pub nat64: bool,
    /// Whether the first VPC's tables lead such addresses to its NAT gateway.
    pub route64: bool,
    pub fault: Ipv6Fault,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ipv6Fault {
    None,
    /// Routes lead IPv6 to the NAT gateway.
    ToNat,
    Detached,
    NoGateway,
    GroupsForgotten,
    AclsForgotten,
    /// The target's VPC has a private block.
    Private,
    /// Nothing from the internet gets to the target.
    Denied,
    EndpointIpv4,
    TransitOff,
    TransitUnknown,
    /// Assumptions are flipped.
    ReferencesIpv4,
    AclUnseen,
}

#[derive(Clone, Debug)]
pub struct PeeringPlan {
    pub state: &'static str,
    /// Whether the VPCs are in two Regions.
    pub far: bool,
    /// Whether the first one, and the second one, has routes to the other.
    pub routes: (bool, bool),
}

/// A transit gateway between the first VPC and the second.
#[derive(Clone, Debug)]
pub struct TransitPlan {
    /// Which subnets of each VPC its attachments have, by bits.
    pub subnets: (u8, u8),
    /// Whether the first VPC sends everything to it, or only what is for the second.
    pub egress: bool,
    /// Whether the second one, and the transit gateway, has a route back.
    pub back: (bool, bool),
    pub appliance: bool,
    /// What the transit gateway and the second attachment say of references to groups.
    pub references: (Option<bool>, Option<bool>),
    pub fault: TransitFault,
}

/// Two boxes of a kind before one end of the flow.
#[derive(Clone, Debug)]
pub struct MiddlePlan {
    pub kind: MiddleKind,
    pub firewall: FirewallPlan,
    /// Whether before the server, where both ends are ours.
    pub at_target: bool,
    /// Whether the other way goes past the boxes (0), through the other one (1), or the same.
    pub back: u8,
    /// Whether the internet gateway has a table of its own, too.
    pub gate: bool,
    /// Whether hosts have public addresses.
    pub public: bool,
    pub fault: MiddleFault,
}

#[derive(Clone, Copy, Debug)]
pub enum MiddleKind {
    Host(Option<vpc_reach::network::Forwarding>),
    /// Whether the appliance is stated to pass everything.
    Appliance(bool),
    Firewall,
}

#[derive(Clone, Debug)]
pub struct FirewallPlan {
    /// By priority; none when the policy is not known.
    pub stateless: Option<Vec<(u8, u8, SievePlan)>>,
    pub stateless_default: u8,
    pub strict: bool,
    pub stateful: Vec<(u8, u8, SievePlan)>,
    pub stateful_default: u8,
    pub ready: bool,
}

#[derive(Clone, Debug)]
pub struct SievePlan {
    pub protocol: Option<bool>,
    pub ends: (Range, Range),
    pub ports: (Ports, Ports),
    /// Whether the other way round.
    pub reversed: bool,
    pub both_ways: bool,
    pub certain: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MiddleFault {
    None,
    Check,
    Unusable,
    Groups,
    /// A host is only planned; an appliance is not known.
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransitFault {
    None,
    Pending,
    NoAssociation,
    Blackhole,
    NoRoute,
    RoutesUnknown,
    /// Its default route leads where nobody follows.
    Boundary,
    /// Another transit gateway lies between.
    Peer,
    /// The subnets where it comes out send everything back to it.
    Hairpin,
    /// The second attachment's subnets, or its mode, are not known.
    SubnetsUnknown,
    ModeUnknown,
}

#[derive(Clone, Debug)]
pub struct VpcPlan {
    pub subnets: Vec<SubnetPlan>,
    /// What the main table leads to.
    pub main: Leads,
    pub internet_gateway: bool,
    pub nat: Option<NatPlan>,
    /// A gateway endpoint for S3, and the tables that it is on.
    pub endpoint: Option<On>,
    /// More interfaces, by subnet.
    pub others: Vec<u8>,
}

#[derive(Clone, Debug)]
pub struct SubnetPlan {
    pub prefix: u8,
    /// What its own table leads to; `None` when it has none.
    pub table: Option<Leads>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    MainTable,
    Every,
    /// Those that lead to the internet.
    WayOut,
}

/// Where a table's default route leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leads {
    Nowhere,
    ToNat,
    ToInternet,
}

#[derive(Clone, Debug)]
pub struct NatPlan {
    pub two_addresses: bool,
    pub planned: bool,
    pub with_interface: bool,
}

#[derive(Clone, Debug)]
pub struct EndPlan {
    pub subnet: u8,
    pub public: bool,
    pub planned: bool,
    pub groups: Style,
    /// Where in the subnet: low, high or between.
    pub place: u8,
}

#[derive(Clone, Copy, Debug)]
pub enum Style {
    Open,
    /// In on the service's port only.
    Service,
    /// In from its own members only.
    Mesh,
}

#[derive(Clone, Copy, Debug)]
pub enum FlowPlan {
    Inside,
    Across,
    Symbol(u8),
    /// To the target's public address.
    Hairpin,
    Address(Place),
    /// From the internet; as a symbol, or one address.
    Inbound(bool),
    LinkLocal(u8),
}

/// Addresses that a person may name.
#[derive(Clone, Copy, Debug)]
pub enum Place {
    NobodyInSubnet,
    NoSubnet,
    Rfc1918,
    Rfc6598,
    Public,
    PublicRange,
    NatPrivate,
    NatPublic,
    Reserved,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Source,
    Target,
}

/// A subnet that matters to the flow.
#[derive(Clone, Copy, Debug)]
pub enum Spot {
    Source,
    Target,
    Nat,
}

/// A change to a network that works: a fault, or only something else to get right.
#[derive(Clone, Debug)]
pub enum Tweak {
    Unusable(End),
    Dns(Option<bool>),
    Groups(End, GroupsPlan),
    Acl(Spot, AclPlan),
    NoAcl,
    Route(Spot, RoutePlan),
    /// The best route to the server is dead, or is in no known state.
    Dead(Spot, bool),
    /// No routes but the local ones.
    Cut(Spot),
    NoTable(Spot),
    /// The client's table sends what is for a peer by the NAT gateway.
    PeerByNat,
    /// A host of the other VPC has the same address, in a subnet of the same block.
    Twin(End),
    /// Two lists hold the same prefix.
    Tie(Spot, Target, Target),
    Gateway(GatewayFault),
    Nat(NatFault),
    EndpointState(&'static str),
    Public(End, Option<bool>),
    SecondAddress(End),
    Balancer(End),
    Endpoint(End),
    EdgeTable,
    BlockPublicAccess(BlockPlan),
    EndpointOf(EndpointPlan),
    /// The capture lacks the interfaces.
    Captured,
    ListUnknown,
}

#[derive(Clone, Debug)]
pub struct GroupsPlan {
    /// Inbound and outbound rules of each group.
    pub groups: Vec<(Vec<RulePlan>, Vec<RulePlan>)>,
    /// One more group, which the network does not hold.
    pub missing: bool,
}

#[derive(Clone, Debug)]
pub struct RulePlan {
    pub protocol: Option<bool>,
    pub ports: Ports,
    pub peer: PeerPlan,
}

#[derive(Clone, Debug)]
pub enum PeerPlan {
    Range(Range),
    OtherEndsGroup,
    OwnGroup,
    List(List),
    Ipv6,
}

#[derive(Clone, Debug)]
pub struct AclPlan {
    pub ingress: Vec<EntryPlan>,
    pub egress: Vec<EntryPlan>,
    /// Everything else is let in, and out.
    pub rest: (bool, bool),
}

#[derive(Clone, Debug)]
pub struct EntryPlan {
    pub number: u8,
    pub allow: bool,
    pub protocol: Option<bool>,
    pub range: Range,
    pub ports: Ports,
}

#[derive(Clone, Debug)]
pub struct RoutePlan {
    pub to: RouteTo,
    pub target: Target,
    /// Propagated or advertised instead of stated.
    pub dynamic: Option<bool>,
    pub state: StatePlan,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatePlan {
    Active,
    Dead,
    Filtered,
}

#[derive(Clone, Debug)]
pub enum RouteTo {
    Range(Range),
    List(List),
}

#[derive(Clone, Copy, Debug)]
pub enum Target {
    Nat,
    Internet,
    Endpoint,
    Peering,
    Other,
    MissingNat,
    MissingGateway,
    MissingEndpoint,
    MissingPeering,
}

/// Prefixes that cut where it matters.
#[derive(Clone, Copy, Debug)]
pub enum Range {
    Everything,
    LowHalf,
    Vpc,
    Subnet(Spot),
    /// Around the client's, or the server's address, this long.
    Client(u8),
    Server(u8),
    /// The one beside it.
    BesideServer(u8),
    /// The public addresses of the network: of interfaces, or of NAT gateways.
    OwnPublic(bool),
}

#[derive(Clone, Copy, Debug)]
pub enum Ports {
    All,
    Service,
    Below,
    Above,
    Ephemeral(u8),
    Some(u16, u16),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    S3,
    /// A customer's, around the server's and the client's addresses.
    Offices,
    /// A customer's, whose entries are not known.
    Hidden,
    /// None that the network holds.
    Gone,
}

#[derive(Clone, Copy, Debug)]
pub enum GatewayFault {
    Detached,
    Detaching,
    Absent,
    Uncaptured,
}

#[derive(Clone, Copy, Debug)]
pub enum NatFault {
    State(&'static str),
    AddressFailed,
    Private,
    /// It is regional; the bits say which zone it serves, and what its own table holds.
    Regional(u8),
    /// The subnet's default route leads back to it.
    Loop,
    /// It stands in the client's subnet.
    WithClient,
    /// A second, private one stands between it and its clients.
    Chain,
    /// Traffic for the server's subnet goes through it.
    Inward,
}

#[derive(Clone, Copy, Debug)]
pub struct SocketPlan {
    pub on: u8,
    pub service_port: bool,
    pub protocol: u8,
    pub likely: bool,
    pub proxied: Option<bool>,
}
