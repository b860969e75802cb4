//! Changes to a network that works.

use super::build::Draft;
use super::pieces::{open_entry, route, rule};
use super::plan::{
    AclPlan, End, EntryPlan, GroupsPlan, List, PeerPlan, Ports, Range, RoutePlan, RouteTo,
    RulePlan, SocketPlan, Spot, StatePlan, Target, Tweak,
};
use ipnet::{IpNet, Ipv4Net};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use vpc_reach::header::{IntervalSet, PortSet, Protocol, ProtocolMatch};
use vpc_reach::network::*;

pub fn apply(draft: &mut Draft, tweak: &Tweak) {
    match tweak {
        Tweak::Unusable(end) => draft.end_mut(*end).usable = false,
        Tweak::Dns(support) => {
            let vpc = draft.end_mut(End::Source).vpc.clone();
            if let Some(vpc) = draft.net.vpcs.get_mut(&vpc) {
                vpc.dns_support = *support;
            }
        }
        Tweak::Groups(end, plan) => draft.groups(*end, plan),
        Tweak::Acl(spot, plan) => draft.acl(*spot, plan),
        Tweak::NoAcl => {
            let vpc = draft.end_mut(End::Source).vpc.clone();
            draft.net.network_acls.retain(|_, acl| !acl.is_default || acl.vpc != vpc);
        }
        Tweak::Route(spot, plan) => draft.route(*spot, plan),
        Tweak::Dead(spot, dead) => draft.dead(*spot, *dead),
        Tweak::Cut(spot) => {
            if let Some(table) = draft.table(*spot) {
                table.routes.retain(|route| route.target == RouteTarget::Local);
            }
        }
        Tweak::NoTable(spot) => {
            let subnet = draft.spot(*spot);
            let vpc = draft.net.subnets[&subnet].vpc.clone();
            draft.net.route_tables.retain(|_, table| {
                !(table.subnets.contains(&subnet) || table.main && table.vpc == vpc)
            });
        }
        Tweak::PeerByNat => draft.peer_by_nat(),
        Tweak::Twin(end) => draft.twin(*end),
        Tweak::Tie(spot, one, two) => draft.tie(*spot, [*one, *two]),
        Tweak::Gateway(fault) => draft.gateway(*fault),
        Tweak::Nat(fault) => draft.nat_fault(*fault),
        Tweak::EndpointState(state) => {
            for endpoint in draft.net.vpc_endpoints.values_mut() {
                endpoint.state = (*state).to_owned();
            }
        }
        Tweak::Public(end, public) => {
            let known = PublicAddress::Known(Ipv4Addr::new(203, 0, 113, 100 + *end as u8));
            let interface = draft.end_mut(*end);
            interface.planned_public = interface.planned.is_some() && public.is_some();
            if let Some(first) = interface.addresses.first_mut() {
                first.public = public.map(|is| if is { known } else { PublicAddress::Some });
            }
        }
        Tweak::SecondAddress(end) => {
            let subnet = draft.end_mut(*end).subnet.clone();
            if draft.end_mut(*end).planned.is_none() {
                let address = draft.take(&subnet, 1).into();
                let second = PrivateAddress { address, public: None };
                draft.end_mut(*end).addresses.insert(0, second);
            }
        }
        Tweak::Balancer(end) => draft.end_mut(*end).role = InterfaceRole::LoadBalancer,
        Tweak::Endpoint(end) => draft.end_mut(*end).role = InterfaceRole::Endpoint,
        Tweak::EdgeTable => {
            let vpc = draft.end_mut(End::Target).vpc.clone();
            let gateway = draft.gateway_of(&vpc);
            let mut tables = draft.net.route_tables.values_mut();
            if let (Some(gateway), Some(table)) = (gateway, tables.find(|table| table.vpc == vpc)) {
                table.gateways.insert(gateway.as_str().to_owned());
            }
        }
        Tweak::EndpointOf(plan) => draft.endpoint(plan),
        Tweak::BlockPublicAccess(plan) => draft.block_public_access(plan),
        Tweak::Captured => draft.uncaptured(Kind::NetworkInterface),
        Tweak::ListUnknown => {
            draft.s3_list(false);
        }
    }
}

impl Draft {
    pub fn end_mut(&mut self, end: End) -> &mut NetworkInterface {
        let id = if end == End::Source { &self.source } else { &self.target };
        self.net.interfaces.get_mut(id).expect("both ends are there")
    }

    /// The subnet of a spot; the client's where there is no NAT gateway.
    pub fn spot(&self, spot: Spot) -> SubnetId {
        let nat = self.nat_of_source().and_then(|nat| nat.subnet.clone());
        match spot {
            Spot::Source => self.source_subnet.clone(),
            Spot::Target => self.target_subnet.clone(),
            Spot::Nat => nat.unwrap_or_else(|| self.source_subnet.clone()),
        }
    }

    pub fn nat_of_source(&self) -> Option<&NatGateway> {
        let vpc = &self.net.subnets[&self.source_subnet].vpc;
        self.net.nat_gateways.values().find(|nat| nat.vpc == *vpc)
    }

    pub fn gateway_of(&self, vpc: &VpcId) -> Option<InternetGatewayId> {
        let mut gateways = self.net.internet_gateways.values();
        let found = gateways.find(|one| one.attachments.iter().any(|(to, _)| to == vpc));
        found.map(|gateway| gateway.id.clone())
    }

    /// The table that routes a spot.
    fn table(&mut self, spot: Spot) -> Option<&mut RouteTable> {
        let subnet = self.spot(spot);
        self.table_of(&subnet)
    }

    fn table_of(&mut self, subnet: &SubnetId) -> Option<&mut RouteTable> {
        let vpc = self.net.subnets[subnet].vpc.clone();
        let mut own = self.net.route_tables.values().filter(|one| one.subnets.contains(subnet));
        let own = own.next().map(|table| table.id.clone());
        let mut tables = self.net.route_tables.values_mut();
        tables.find(|table| match &own {
            Some(own) => table.id == *own,
            None => table.main && table.vpc == vpc,
        })
    }

    /// A table for this subnet alone.
    pub fn own_table(&mut self, subnet: &SubnetId) -> Option<&mut RouteTable> {
        let table = self.table_of(subnet)?.clone();
        let id = RouteTableId::from(format!("rt-{subnet}"));
        let (main, subnets) = (false, [subnet.clone()].into());
        self.net.insert(RouteTable { id: id.clone(), main, subnets, ..table });
        self.net.route_tables.get_mut(&id)
    }

    pub fn range(&self, range: Range) -> IpNet {
        let around = |address, length| IpNet::V4(Ipv4Net::new_assert(address, length).trunc());
        let subnet = |id: &SubnetId| self.net.subnets[id].cidrs[0];
        match range {
            Range::Everything => IpNet::V4(Ipv4Net::default()),
            Range::LowHalf => around(Ipv4Addr::new(0, 0, 0, 0), 1),
            Range::Vpc => around(Ipv4Addr::new(10, 0, 0, 0), 24),
            Range::Subnet(spot) => subnet(&self.spot(spot)),
            Range::Client(length) => around(self.client, length),
            Range::Server(length) => around(self.server, length),
            Range::BesideServer(length) => {
                let flipped = u32::from(self.server) ^ (1 << (32 - u32::from(length)));
                around(flipped.into(), length)
            }
            Range::OwnPublic(true) => around(Ipv4Addr::new(203, 0, 113, 0), 24),
            Range::OwnPublic(false) => around(Ipv4Addr::new(198, 51, 100, 0), 24),
        }
    }

    pub fn port_set(&self, ports: Ports) -> PortSet {
        const EPHEMERAL: [(u16, u16); 6] = [
            (1024, 65535),
            (32768, 61000),
            (32768, 60999),
            (49152, 65535),
            (1024, 32767),
            (32768, 49151),
        ];
        let (low, high) = match ports {
            Ports::All => (0, u16::MAX),
            Ports::Service => (self.port, self.port),
            Ports::Below => (0, self.port - 1),
            Ports::Above => (self.port, u16::MAX),
            Ports::Ephemeral(which) => EPHEMERAL[usize::from(which)],
            Ports::Some(low, high) => (low, high),
        };
        IntervalSet::from_range(low, high)
    }

    fn traffic(&self, own: Option<bool>, ports: Ports) -> (ProtocolMatch, PortSet) {
        let other = if self.protocol == Protocol::Tcp { Protocol::Udp } else { Protocol::Tcp };
        match own {
            None => (ProtocolMatch::Any, PortSet::all()),
            Some(true) => (ProtocolMatch::Only(self.protocol), self.port_set(ports)),
            Some(false) => (ProtocolMatch::Only(other), self.port_set(ports)),
        }
    }

    fn list(&mut self, list: List) -> PrefixListId {
        let (id, entries) = match list {
            List::S3 => return self.s3_list(true),
            List::Gone => return "pl-gone".into(),
            List::Hidden => ("pl-hidden", None),
            List::Offices => {
                let own = [self.range(Range::Server(24)), self.range(Range::Client(27))];
                ("pl-offices", Some(own.to_vec()))
            }
        };
        let about = About { name: Some(id.replacen("pl-", "", 1)), ..About::default() };
        self.net.insert(PrefixList { id: id.into(), about, entries });
        id.into()
    }

    fn groups(&mut self, end: End, plan: &GroupsPlan) {
        let other = if end == End::Source { End::Target } else { End::Source };
        let others = self.end_mut(other).groups.first().cloned();
        let vpc = self.end_mut(end).vpc.clone();
        let name = |number| SecurityGroupId::from(format!("{end:?}-{number}").to_lowercase());
        let mut ids = std::collections::BTreeSet::new();
        for (number, (ingress, egress)) in plan.groups.iter().enumerate() {
            let mut rules = |plans: &[RulePlan]| {
                let rules = plans.iter().map(|plan| {
                    let (protocol, ports) = self.traffic(plan.protocol, plan.ports);
                    let member = |group: Option<SecurityGroupId>| {
                        let group = group.unwrap_or_else(|| name(0));
                        Peer::Group(GroupReference { group, peering_status: None })
                    };
                    let peer = match plan.peer {
                        PeerPlan::Range(range) => Peer::Cidr(self.range(range)),
                        PeerPlan::OtherEndsGroup => member(others.clone()),
                        PeerPlan::OwnGroup => member(None),
                        PeerPlan::List(list) => Peer::PrefixList(self.list(list)),
                        PeerPlan::Ipv6 => Peer::Cidr(IpNet::V6(Default::default())),
                    };
                    rule(protocol, ports, peer)
                });
                rules.collect::<Vec<_>>()
            };
            let (ingress, egress) = (rules(ingress), rules(egress));
            let (id, about, vpc) = (name(number), About::default(), vpc.clone());
            ids.insert(id.clone());
            self.net.insert(SecurityGroup { id, about, vpc, ingress, egress });
        }
        if plan.missing {
            ids.insert("sg-gone".into());
        }
        self.end_mut(end).groups = ids;
    }

    fn acl(&mut self, spot: Spot, plan: &AclPlan) {
        let subnet = self.spot(spot);
        let entries = |plans: &[EntryPlan], rest: bool| {
            let mut entries: Vec<AclEntry> = Vec::new();
            for plan in plans {
                let (protocol, ports) = self.traffic(plan.protocol, plan.ports);
                let action = if plan.allow { AclAction::Allow } else { AclAction::Deny };
                let (number, cidr) = (u32::from(plan.number) * 10, self.range(plan.range));
                if entries.iter().all(|entry| entry.number != number) {
                    let (icmp, at) = (None, None);
                    entries.push(AclEntry { number, action, protocol, cidr, ports, icmp, at });
                }
            }
            let action = AclAction::Deny;
            entries.extend(rest.then(open_entry));
            // As AWS answers them, and as a file leaves them out (NA-03).
            if entries.len() != 1 {
                entries.push(AclEntry { number: 32767, action, ..open_entry() });
            }
            entries
        };
        let (ingress, egress) =
            (entries(&plan.ingress, plan.rest.0), entries(&plan.egress, plan.rest.1));
        self.net.insert(NetworkAcl {
            id: format!("acl-{subnet}").into(),
            about: About::default(),
            vpc: self.net.subnets[&subnet].vpc.clone(),
            is_default: false,
            subnets: [subnet].into(),
            ingress,
            egress,
        });
    }

    /// The target in the spot's VPC; `None` when the VPC has no such thing.
    fn target_at(&mut self, spot: Spot, target: Target) -> Option<RouteTarget> {
        let vpc = &self.net.subnets[&self.spot(spot)].vpc;
        match target {
            Target::Nat => {
                let mut gateways = self.net.nat_gateways.values();
                let nat = gateways.find(|nat| nat.vpc == *vpc)?;
                Some(RouteTarget::NatGateway(nat.id.clone()))
            }
            Target::Internet => self.gateway_of(vpc).map(RouteTarget::InternetGateway),
            Target::Endpoint => {
                let mut endpoints = self.net.vpc_endpoints.values();
                let endpoint = endpoints.find(|endpoint| endpoint.vpc == *vpc)?;
                Some(RouteTarget::GatewayEndpoint(endpoint.id.clone()))
            }
            Target::Peering => {
                let mut peerings = self.net.peerings.values();
                let joins = |one: &&PeeringConnection| one.ends.iter().any(|end| end.vpc == *vpc);
                peerings.find(joins).map(|one| RouteTarget::Peering(one.id.clone()))
            }
            Target::MissingPeering => Some(RouteTarget::Peering("pcx-gone".into())),
            Target::Other => {
                let (vpc, attached) = (vpc.clone(), !self.port.is_multiple_of(3));
                Some(self.virtual_private_gateway(&vpc, attached))
            }
            Target::MissingNat => Some(RouteTarget::NatGateway("nat-gone".into())),
            Target::MissingGateway => Some(RouteTarget::InternetGateway("igw-gone".into())),
            Target::MissingEndpoint => Some(RouteTarget::GatewayEndpoint("vpce-gone".into())),
        }
    }

    fn route(&mut self, spot: Spot, plan: &RoutePlan) {
        let Some(target) = self.target_at(spot, plan.target) else { return };
        let destination = match plan.to {
            RouteTo::Range(range) => Destination::Cidr(self.range(range)),
            RouteTo::List(list) => Destination::PrefixList(self.list(list)),
        };
        // Lists are never propagated.
        let origin = match (plan.dynamic, &destination) {
            (Some(true), Destination::Cidr(_)) => RouteOrigin::EnableVgwRoutePropagation,
            (Some(false), Destination::Cidr(_)) => RouteOrigin::Advertisement,
            _ => RouteOrigin::CreateRoute,
        };
        let state = match (plan.state, &destination, origin) {
            (StatePlan::Dead, Destination::Cidr(_), RouteOrigin::CreateRoute) => {
                RouteState::Blackhole
            }
            (StatePlan::Filtered, ..) => RouteState::Other("filtered".to_owned()),
            _ => RouteState::Active,
        };
        self.put_route(spot, Route { state, origin, ..route(destination, target) });
    }

    /// A table holds one route of each origin for a destination; the local ones stay.
    pub fn put_route(&mut self, spot: Spot, mut new: Route) {
        let Some(table) = self.table(spot) else { return };
        // A state is the target's: routes that may tie and lead the same way share it.
        let of_list = |route: &Route| matches!(route.destination, Destination::PrefixList(_));
        let mut others = table.routes.iter().filter(|route| of_list(route));
        if of_list(&new)
            && let Some(twin) = others.find(|route| route.target == new.target)
        {
            new.state = twin.state.clone();
        }
        table.routes.retain(|route| {
            route.target == RouteTarget::Local
                || route.destination != new.destination
                || route.origin != new.origin
        });
        table.routes.push(new);
    }

    fn dead(&mut self, spot: Spot, dead: bool) {
        let state =
            if dead { RouteState::Blackhole } else { RouteState::Other("filtered".to_owned()) };
        let Some(table) = self.table(spot) else { return };
        let last = table.routes.iter().rfind(|route| route.target != RouteTarget::Local);
        let Some(target) = last.map(|route| route.target.clone()) else { return };
        for route in table.routes.iter_mut().filter(|route| route.target == target) {
            route.state = state.clone();
        }
    }

    fn tie(&mut self, spot: Spot, targets: [Target; 2]) {
        let entries = Some(vec![self.range(Range::Server(24))]);
        for (target, id) in targets.into_iter().zip(["pl-one", "pl-two"]) {
            let Some(target) = self.target_at(spot, target) else { continue };
            let about = About { name: Some(id.replacen("pl-", "", 1)), ..About::default() };
            let destination = Destination::PrefixList(id.into());
            self.net.insert(PrefixList { id: id.into(), about, entries: entries.clone() });
            self.put_route(spot, route(destination, target));
        }
    }

    pub fn sockets(&mut self, plans: &[SocketPlan], known: bool) {
        let (server, port) = (self.server, self.port);
        let interface = self.end_mut(End::Target);
        let own = interface.addresses.first().map_or(IpAddr::V4(server), |one| one.address);
        interface.sockets = plans
            .iter()
            .map(|plan| {
                let (address, v6_only) = match plan.on {
                    0 => (Ipv4Addr::UNSPECIFIED.into(), None),
                    1 => (Ipv4Addr::LOCALHOST.into(), None),
                    2 => (own, None),
                    3 => (Ipv4Addr::new(10, 200, 0, 9).into(), None),
                    4 => (Ipv6Addr::UNSPECIFIED.into(), Some(true)),
                    5 => (Ipv6Addr::UNSPECIFIED.into(), Some(false)),
                    6 => (Ipv6Addr::UNSPECIFIED.into(), None),
                    _ => (Ipv6Addr::LOCALHOST.into(), None),
                };
                let port = if plan.service_port { port } else { port ^ 1 };
                let protocol = match plan.protocol {
                    // As a dump shows it.
                    0 => ProtocolMatch::Only(Protocol::Udp),
                    1 | 2 => ProtocolMatch::Only(Protocol::Tcp),
                    _ => ProtocolMatch::Any,
                };
                let likely = plan.likely;
                let proxied = plan.proxied.map(|found| Proxied { by: Mesh::ServiceConnect, found });
                Socket { protocol, v6_only, likely, proxied, ..Socket::new(address, port) }
            })
            .collect();
        if known {
            interface.sockets_known.tcp = IntervalSet::single(port);
            // A dump may show TCP only.
            if plans.len() != 1 {
                interface.sockets_known.udp = IntervalSet::single(port);
            }
        }
    }
}
