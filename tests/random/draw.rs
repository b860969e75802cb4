//! How often each choice is made.

use super::plan::*;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

pub fn plan() -> impl Strategy<Value = Plan> {
    let middle = option::weighted(0.24, middle());
    let shape = (vec(vpc(), 1..=2), end(), end(), (joined(), middle), flow());
    let traffic = (
        prop::bool::weighted(0.22),
        select(vec![443, 443, 8080, 53, 1023, 1024, 32768, 65535]),
        select(vec![(32768, 60999), (32768, 60999), (49152, 65535), (1024, 65535)]),
    );
    let tweaks = [0.75, 0.4, 0.12, 0.05].map(|share| option::weighted(share, tweak()));
    let tweaks = tweaks.prop_map(|tweaks| tweaks.into_iter().flatten().collect());
    let sockets = option::weighted(0.8, (vec(socket(), 0..=2), prop::bool::weighted(0.7)));
    let ipv6 = option::weighted(0.3, ipv6());
    (shape, traffic, sockets, tweaks, ipv6, any::<u64>()).prop_map(
        |(shape, traffic, sockets, tweaks, ipv6, seed)| {
            let (vpcs, mut source, mut target, ((peering, transit), mut middle), mut flow) = shape;
            let mut transit = transit.filter(|_| vpcs.len() > 1);
            let (udp, port, client_ports) = traffic;
            let peering = peering.filter(|_| vpcs.len() > 1);
            // What middleboxes do between VPCs, and to references, is drawn more often.
            if let (Some(middle), Some(transit), true) = (&mut middle, &mut transit, seed % 4 == 0)
            {
                flow = FlowPlan::Across;
                (middle.back, middle.at_target) = (1, false);
                *transit = TransitPlan {
                    subnets: (u8::MAX, u8::MAX),
                    appliance: seed % 16 == 0,
                    ..transit.clone()
                };
            }
            if middle.is_some() && seed % 7 == 1 {
                (source.groups, target.groups) = (Style::Mesh, Style::Mesh);
            }
            Plan {
                vpcs,
                source,
                target,
                peering,
                transit,
                middle,
                flow,
                udp,
                port,
                client_ports,
                sockets,
                tweaks,
                ipv6,
                seed,
            }
        },
    )
}

fn ipv6() -> impl Strategy<Value = Ipv6Plan> {
    use Ipv6Fault::*;
    let fault = prop_oneof![
        6 => Just(None),
        4 => select(vec![ToNat, Detached, Private, Denied, Denied, TransitOff, GroupsForgotten]),
        2 => select(vec![AclsForgotten, NoGateway, EndpointIpv4]),
        2 => select(vec![TransitUnknown, ReferencesIpv4, AclUnseen]),
    ];
    (prop::bool::weighted(0.35), prop::bool::weighted(0.8), fault)
        .prop_map(|(nat64, route64, fault)| Ipv6Plan { nat64, route64, fault })
}

fn vpc() -> impl Strategy<Value = VpcPlan> {
    let subnets = (subnet(5), [0.9, 0.6, 0.4].map(|share| option::weighted(share, subnet(1))));
    let main = prop_oneof![
        4 => Just(Leads::ToNat),
        1 => Just(Leads::Nowhere),
        2 => Just(Leads::ToInternet),
    ];
    let nat = (prop::bool::weighted(0.3), prop::bool::weighted(0.15), any::<bool>()).prop_map(
        |(two_addresses, planned, with_interface)| NatPlan {
            two_addresses,
            planned,
            with_interface,
        },
    );
    let gateways = (
        prop::bool::weighted(0.95),
        option::weighted(0.9, nat),
        option::weighted(0.5, select(vec![On::MainTable, On::Every, On::Every, On::WayOut])),
    );
    (subnets, main, gateways, vec(any::<u8>(), 0..=2)).prop_map(
        |(subnets, main, gateways, others)| {
            let (internet_gateway, nat, endpoint) = gateways;
            let mut subnets: Vec<_> =
                std::iter::once(subnets.0).chain(subnets.1.into_iter().flatten()).collect();
            // A NAT gateway needs a subnet that leads to the internet; its clients need another.
            let to_internet = |one: &SubnetPlan| one.table.unwrap_or(main) == Leads::ToInternet;
            if nat.is_some() && subnets.len() > 1 && !subnets.iter().any(to_internet) {
                subnets[0].table = Some(Leads::ToInternet);
            }
            VpcPlan { subnets, main, internet_gateway, nat, endpoint, others }
        },
    )
}

fn subnet(public: u32) -> impl Strategy<Value = SubnetPlan> {
    let leads = prop_oneof![
        public => Just(Leads::ToInternet),
        4 => Just(Leads::ToNat),
        1 => Just(Leads::Nowhere),
    ];
    (26..=28u8, option::weighted(0.7, leads))
        .prop_map(|(prefix, table)| SubnetPlan { prefix, table })
}

fn joined() -> impl Strategy<Value = (Option<PeeringPlan>, Option<TransitPlan>)> {
    prop_oneof![
        1 => Just((None, None)),
        5 => peering().prop_map(|one| (Some(one), None)),
        7 => transit().prop_map(|one| (None, Some(one))),
        1 => (peering(), transit()).prop_map(|(one, other)| (Some(one), Some(other))),
    ]
}

fn transit() -> impl Strategy<Value = TransitPlan> {
    use TransitFault::*;
    let fault = prop_oneof![
        10 => Just(None),
        7 => select(vec![NoAssociation, Blackhole, NoRoute, Pending, Hairpin, Peer, Peer]),
        1 => select(vec![RoutesUnknown, Boundary, SubnetsUnknown, ModeUnknown]),
    ];
    let support = || select(vec![Some(true), Some(true), Some(true), Some(false), Option::None]);
    let back = (prop::bool::weighted(0.85), prop::bool::weighted(0.9));
    (any::<(u8, u8)>(), any::<bool>(), back, any::<bool>(), (support(), support()), fault).prop_map(
        |(subnets, egress, back, appliance, references, fault)| TransitPlan {
            subnets,
            egress,
            back,
            appliance,
            references,
            fault,
        },
    )
}

fn middle() -> impl Strategy<Value = MiddlePlan> {
    use vpc_reach::network::Forwarding::{Nat, Stateful, Unchanged};
    let host = select(vec![None, Some(Nat), Some(Stateful), Some(Unchanged), Some(Stateful)]);
    let kind = prop_oneof![
        5 => host.prop_map(MiddleKind::Host),
        4 => prop::bool::weighted(0.93).prop_map(MiddleKind::Appliance),
        6 => Just(MiddleKind::Firewall),
    ];
    let fault = prop_oneof![
        8 => Just(MiddleFault::None),
        4 => select(vec![
            MiddleFault::Check,
            MiddleFault::Check,
            MiddleFault::Unusable,
            MiddleFault::Groups,
            MiddleFault::Other,
        ]),
    ];
    let back = select(vec![0, 1, 1, 2, 2, 2, 2]);
    let public = prop::bool::weighted(0.6);
    let kind = (kind, firewall());
    (kind, any::<bool>(), back, any::<bool>(), public, fault).prop_map(
        |((kind, firewall), at_target, back, gate, public, fault)| MiddlePlan {
            kind,
            firewall,
            at_target,
            back,
            gate,
            public,
            fault,
        },
    )
}

fn firewall() -> impl Strategy<Value = FirewallPlan> {
    let stateless = option::weighted(0.96, vec((0..4u8, 0..3u8, sieve()), 0..=2));
    // Forwarded, most of the time.
    let default = select(vec![2, 2, 2, 2, 2, 0, 1]);
    let stateful = vec((0..4u8, select(vec![0, 0, 1, 2]), sieve()), 0..=3);
    let rest = (select(vec![0, 1, 1, 2]), prop::bool::weighted(0.97));
    (stateless, default, any::<bool>(), stateful, rest).prop_map(
        |(stateless, stateless_default, strict, stateful, (stateful_default, ready))| {
            FirewallPlan { stateless, stateless_default, strict, stateful, stateful_default, ready }
        },
    )
}

fn sieve() -> impl Strategy<Value = SievePlan> {
    let reversed = prop::bool::weighted(0.15);
    let both_ways = prop::bool::weighted(0.15);
    let certain = prop::bool::weighted(0.9);
    let ports = (prop_oneof![4 => Just(Ports::All), 1 => ports()], ports());
    (protocol(), (range(), range()), ports, reversed, both_ways, certain).prop_map(
        |(protocol, ends, ports, reversed, both_ways, certain)| SievePlan {
            protocol,
            ends,
            ports,
            reversed,
            both_ways,
            certain,
        },
    )
}

fn peering() -> impl Strategy<Value = PeeringPlan> {
    let state = select(vec!["active", "active", "active", "active", "active", "active", "deleted"]);
    let routes = (prop::bool::weighted(0.95), prop::bool::weighted(0.7));
    (state, prop::bool::weighted(0.2), routes).prop_map(|(state, far, routes)| PeeringPlan {
        state,
        far,
        routes,
    })
}

fn end() -> impl Strategy<Value = EndPlan> {
    let groups =
        prop_oneof![5 => Just(Style::Open), 3 => Just(Style::Service), 1 => Just(Style::Mesh)];
    let public = prop::bool::weighted(0.88);
    let planned = prop::bool::weighted(0.3);
    (0..4u8, public, planned, groups, 0..3u8).prop_map(
        |(subnet, public, planned, groups, place)| EndPlan {
            subnet,
            public,
            planned,
            groups,
            place,
        },
    )
}

fn flow() -> impl Strategy<Value = FlowPlan> {
    prop_oneof![
        30 => Just(FlowPlan::Inside),
        14 => Just(FlowPlan::Across),
        30 => (0..3u8).prop_map(FlowPlan::Symbol),
        10 => Just(FlowPlan::Hairpin),
        16 => address().prop_map(FlowPlan::Address),
        14 => any::<bool>().prop_map(FlowPlan::Inbound),
        7 => (0..8u8).prop_map(FlowPlan::LinkLocal),
    ]
}

fn address() -> impl Strategy<Value = Place> {
    prop_oneof![
        2 => Just(Place::NobodyInSubnet),
        1 => Just(Place::NoSubnet),
        3 => Just(Place::Rfc1918),
        4 => Just(Place::Rfc6598),
        2 => Just(Place::Public),
        2 => Just(Place::PublicRange),
        1 => Just(Place::NatPrivate),
        2 => Just(Place::NatPublic),
        1 => Just(Place::Reserved),
    ]
}

fn which_end() -> impl Strategy<Value = End> {
    select(vec![End::Source, End::Target])
}

pub fn spot() -> impl Strategy<Value = Spot> {
    select(vec![Spot::Source, Spot::Source, Spot::Target, Spot::Target, Spot::Nat, Spot::Nat])
}

fn tweak() -> impl Strategy<Value = Tweak> {
    let filters = prop_oneof![
        2 => which_end().prop_map(Tweak::Unusable),
        5 => select(vec![Some(false), None]).prop_map(Tweak::Dns),
        16 => (which_end(), groups()).prop_map(|(end, plan)| Tweak::Groups(end, plan)),
        20 => (spot(), acl()).prop_map(|(spot, plan)| Tweak::Acl(spot, plan)),
        1 => Just(Tweak::NoAcl),
        4 => Just(Tweak::PeerByNat),
        6 => select(vec![End::Source, End::Target]).prop_map(Tweak::Twin),
        2 => (which_end(), option::of(any::<bool>()))
            .prop_map(|(end, known)| Tweak::Public(end, known)),
        1 => which_end().prop_map(Tweak::SecondAddress),
        1 => which_end().prop_map(Tweak::Balancer),
        2 => which_end().prop_map(Tweak::Endpoint),
    ];
    let paths = prop_oneof![
        18 => (spot(), route()).prop_map(|(spot, plan)| Tweak::Route(spot, plan)),
        13 => back().prop_map(|plan| Tweak::Route(Spot::Target, plan)),
        10 => beyond().prop_map(|(spot, plan)| Tweak::Route(spot, plan)),
        3 => (spot(), prop::bool::weighted(0.8)).prop_map(|(spot, dead)| Tweak::Dead(spot, dead)),
        2 => spot().prop_map(Tweak::Cut),
        1 => spot().prop_map(Tweak::NoTable),
        1 => (spot(), target(), target()).prop_map(|(spot, one, two)| Tweak::Tie(spot, one, two)),
        4 => gateway_fault().prop_map(Tweak::Gateway),
        9 => nat_fault().prop_map(Tweak::Nat),
        1 => select(vec!["pending", "Available", "failed"]).prop_map(Tweak::EndpointState),
        1 => Just(Tweak::EdgeTable),
        9 => super::edges::block().prop_map(Tweak::BlockPublicAccess),
        4 => super::edges::endpoint().prop_map(Tweak::EndpointOf),
        1 => Just(Tweak::Captured),
        1 => Just(Tweak::ListUnknown),
    ];
    prop_oneof![3 => filters, 2 => paths]
}

fn groups() -> impl Strategy<Value = GroupsPlan> {
    let side = || prop_oneof![1 => Just(Vec::new()), 4 => vec(rule(), 1..=3)];
    (vec((side(), side()), 1..=2), prop::bool::weighted(0.05))
        .prop_map(|(groups, missing)| GroupsPlan { groups, missing })
}

fn rule() -> impl Strategy<Value = RulePlan> {
    let peer = prop_oneof![
        6 => range().prop_map(PeerPlan::Range),
        2 => Just(PeerPlan::OtherEndsGroup),
        1 => Just(PeerPlan::OwnGroup),
        2 => list().prop_map(PeerPlan::List),
        1 => Just(PeerPlan::Ipv6),
    ];
    (protocol(), ports(), peer).prop_map(|(protocol, ports, peer)| RulePlan {
        protocol,
        ports,
        peer,
    })
}

/// Any, the flow's own, or the other one.
fn protocol() -> impl Strategy<Value = Option<bool>> {
    prop_oneof![3 => Just(None), 5 => Just(Some(true)), 1 => Just(Some(false))]
}

fn acl() -> impl Strategy<Value = AclPlan> {
    let rest = || prop::bool::weighted(0.5);
    (vec(entry(), 0..=3), vec(entry(), 0..=3), (rest(), rest()))
        .prop_map(|(ingress, egress, rest)| AclPlan { ingress, egress, rest })
}

fn entry() -> impl Strategy<Value = EntryPlan> {
    (1..=9u8, prop::bool::weighted(0.75), protocol(), range(), ports()).prop_map(
        |(number, allow, protocol, range, ports)| EntryPlan {
            number,
            allow,
            protocol,
            range,
            ports,
        },
    )
}

fn ports() -> impl Strategy<Value = Ports> {
    prop_oneof![
        4 => Just(Ports::All),
        3 => Just(Ports::Service),
        1 => Just(Ports::Below),
        1 => Just(Ports::Above),
        4 => (0..6u8).prop_map(Ports::Ephemeral),
        1 => any::<(u16, u16)>().prop_map(|(one, two)| Ports::Some(one.min(two), one.max(two))),
    ]
}

fn range() -> impl Strategy<Value = Range> {
    prop_oneof![
        6 => Just(Range::Everything),
        1 => Just(Range::LowHalf),
        2 => Just(Range::Vpc),
        2 => spot().prop_map(Range::Subnet),
        2 => (20..=32u8).prop_map(Range::Client),
        3 => (12..=32u8).prop_map(Range::Server),
        1 => (20..=32u8).prop_map(Range::BesideServer),
        1 => any::<bool>().prop_map(Range::OwnPublic),
    ]
}

fn list() -> impl Strategy<Value = List> {
    prop_oneof![
        4 => Just(List::S3),
        4 => Just(List::Offices),
        1 => Just(List::Hidden),
        1 => Just(List::Gone),
    ]
}

fn route() -> impl Strategy<Value = RoutePlan> {
    let to = prop_oneof![
        4 => range().prop_map(RouteTo::Range),
        1 => list().prop_map(RouteTo::List),
    ];
    let dynamic = prop_oneof![4 => Just(None), 1 => any::<bool>().prop_map(Some)];
    (to, target(), dynamic, state()).prop_map(|(to, target, dynamic, state)| RoutePlan {
        to,
        target,
        dynamic,
        state,
    })
}

/// A route of the server's that a reply may take.
fn back() -> impl Strategy<Value = RoutePlan> {
    let range = prop_oneof![
        2 => (25..=32u8).prop_map(Range::Client),
        2 => Just(Range::Subnet(Spot::Source)),
        1 => any::<bool>().prop_map(Range::OwnPublic),
        2 => Just(Range::Everything),
    ];
    let target =
        select(vec![Target::Nat, Target::Nat, Target::Internet, Target::Endpoint, Target::Peering]);
    (range, target, state()).prop_map(|(range, target, state)| RoutePlan {
        to: RouteTo::Range(range),
        target,
        dynamic: None,
        state,
    })
}

/// Everything to the peer, which takes only what is for itself.
fn beyond() -> impl Strategy<Value = (Spot, RoutePlan)> {
    let spot = select(vec![Spot::Source, Spot::Source, Spot::Nat]);
    spot.prop_map(|spot| {
        let (to, target) = (RouteTo::Range(Range::Everything), Target::Peering);
        (spot, RoutePlan { to, target, dynamic: None, state: StatePlan::Active })
    })
}

fn state() -> impl Strategy<Value = StatePlan> {
    prop_oneof![
        6 => Just(StatePlan::Active),
        2 => Just(StatePlan::Dead),
        1 => Just(StatePlan::Filtered),
    ]
}

fn target() -> impl Strategy<Value = Target> {
    prop_oneof![
        8 => Just(Target::Nat),
        8 => Just(Target::Internet),
        3 => Just(Target::Endpoint),
        4 => Just(Target::Peering),
        3 => Just(Target::Other),
        1 => select(vec![
            Target::MissingNat,
            Target::MissingGateway,
            Target::MissingEndpoint,
            Target::MissingPeering,
        ]),
    ]
}

fn gateway_fault() -> impl Strategy<Value = GatewayFault> {
    select(vec![
        GatewayFault::Detached,
        GatewayFault::Detached,
        GatewayFault::Detaching,
        GatewayFault::Absent,
        GatewayFault::Uncaptured,
    ])
}

fn nat_fault() -> impl Strategy<Value = NatFault> {
    prop_oneof![
        2 => select(vec!["failed", "pending", "deleting"]).prop_map(NatFault::State),
        1 => Just(NatFault::AddressFailed),
        2 => Just(NatFault::Private),
        4 => any::<u8>().prop_map(NatFault::Regional),
        3 => Just(NatFault::Loop),
        2 => Just(NatFault::WithClient),
        6 => Just(NatFault::Chain),
        5 => Just(NatFault::Inward),
    ]
}

fn socket() -> impl Strategy<Value = SocketPlan> {
    let proxied = option::weighted(0.13, prop::bool::weighted(0.2));
    let (service, likely) = (prop::bool::weighted(0.9), prop::bool::weighted(0.04));
    (0..8u8, service, 0..10u8, likely, proxied).prop_map(
        |(on, service_port, protocol, likely, proxied)| SocketPlan {
            on,
            service_port,
            protocol,
            likely,
            proxied,
        },
    )
}
