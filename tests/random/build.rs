//! From a plan to a network that mostly works, then to the tweaked one.

use super::edges::{BlockPlan, ExclusionPlan};
use super::flow;
use super::pieces::{S3, bounds, gateway_endpoint, interface_of, open_entry, route, rule};
use super::plan::{
    End, EndPlan, FlowPlan, Leads, MiddleKind, NatFault, NatPlan, On, PeeringPlan, Plan, Spot,
    Style, Tweak, VpcPlan,
};
use super::tweaks;
use ipnet::{IpNet, Ipv4Net};
use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use vpc_reach::header::{AddressSet, IcmpMessage, IntervalSet, PortSet, Protocol, ProtocolMatch};
use vpc_reach::network::*;

/// A network in the making, with what the tweaks aim at.
pub struct Draft {
    pub net: Network,
    /// The subnets of the client and of the server; the same one where only one end is ours.
    pub source_subnet: SubnetId,
    pub target_subnet: SubnetId,
    /// The interfaces that stand for them, likewise.
    pub source: NetworkInterfaceId,
    pub target: NetworkInterfaceId,
    /// Where the client sends from and to, or one such address of several.
    pub client: Ipv4Addr,
    pub server: Ipv4Addr,
    pub protocol: Protocol,
    pub port: u16,
    taken: BTreeSet<Ipv4Addr>,
}

pub fn build(plan: &Plan) -> Draft {
    // Now and then, and often to what answers none.
    let endpoint = plan.tweaks.iter().any(|tweak| matches!(tweak, Tweak::Endpoint(_)));
    let pings = plan.seed % 13 == 3 || endpoint && plan.seed.is_multiple_of(2);
    let mut draft = Draft {
        net: Network::stated(),
        source_subnet: "0-0".into(),
        target_subnet: "0-0".into(),
        source: "client".into(),
        target: "server".into(),
        client: Ipv4Addr::new(192, 0, 2, 77),
        server: Ipv4Addr::new(192, 0, 2, 77),
        protocol: match (pings, plan.udp) {
            (true, _) => Protocol::Icmp,
            (_, true) => Protocol::Udp,
            (_, false) => Protocol::Tcp,
        },
        port: if pings { IcmpMessage::echo(false).0.port() } else { plan.port },
        taken: BTreeSet::new(),
    };
    for (index, vpc) in plan.vpcs.iter().enumerate() {
        draft.vpc(index, vpc);
    }
    if let Some(transit) = &plan.transit {
        draft.transit(plan, transit);
    }
    if let Some(peering) = &plan.peering {
        draft.peering(peering);
    }
    draft.ends(plan);
    for (index, vpc) in plan.vpcs.iter().enumerate() {
        draft.others(index, vpc);
    }
    if plan.seed % 5 == 1 {
        for id in [draft.source.clone(), draft.target.clone()] {
            // What does not exist yet has no prefix.
            let own = &draft.net.interfaces[&id];
            if own.planned.is_some() {
                continue;
            }
            let subnet = own.subnet.clone();
            let address = draft.take(&subnet, 2);
            let own = draft.net.interfaces.get_mut(&id).expect("both ends are there");
            own.prefixes.push(IpNet::from(std::net::IpAddr::V4(address)));
        }
    }
    flow::aim(plan, &mut draft);
    if let Some(middle) = &plan.middle {
        draft.middleboxes(plan, middle);
    }
    if let Some((sockets, known)) = &plan.sockets {
        draft.sockets(sockets, *known);
    }
    for tweak in &plan.tweaks {
        tweaks::apply(&mut draft, tweak);
    }
    // Else hardly any firewall stands at a gateway that blocks (BP-04).
    let firewall = plan.middle.as_ref().is_some_and(|one| matches!(one.kind, MiddleKind::Firewall));
    if firewall && plan.seed.is_multiple_of(6) {
        let (mode, state) = (Some(BlockMode::Bidirectional), "create-complete");
        let (spot, whole_vpc) = (Spot::Source, true);
        let exclusion =
            ExclusionPlan { spot, whole_vpc, mode: ExclusionMode::Bidirectional, state };
        let exclusions = vec![exclusion];
        let block = BlockPlan { mode, exclusions, said: None, decides: false, uncaptured: false };
        tweaks::apply(&mut draft, &Tweak::BlockPublicAccess(block));
    }
    // Nor do any stand between a NAT gateway and one (BP-03).
    if let Some(middle) = plan.middle.as_ref().filter(|_| !firewall && plan.seed % 6 == 1) {
        draft.box_behind_nat(middle);
        let (mode, exclusions) = (Some(BlockMode::Ingress), Vec::new());
        let block = BlockPlan { mode, exclusions, said: None, decides: false, uncaptured: false };
        tweaks::apply(&mut draft, &Tweak::BlockPublicAccess(block));
    }
    // Nor has a host a second interface (PW-17).
    if plan.seed % 7 == 2 {
        draft.second_interface(plan.seed);
    }
    // Nor is an end of it AWS's own (IE-05, GA-01, VP-02).
    let own = match plan.seed % 151 {
        3 => Some((End::Source, InterfaceRole::Endpoint)),
        7 => Some((End::Source, InterfaceRole::Accelerator)),
        11..=13 => Some((End::Source, InterfaceRole::ClientVpn)),
        17 => Some((End::Target, InterfaceRole::ClientVpn)),
        19 => Some((End::Target, InterfaceRole::Accelerator)),
        _ => None,
    };
    if let Some((end, role)) = own {
        let interface = draft.end_mut(end);
        if interface.planned.is_none() && interface.role == InterfaceRole::Ordinary {
            interface.role = role;
        }
    }
    // Nor is a field set that nobody describes (AP-02).
    if plan.seed % 6 == 5 {
        let field = || vec!["AttachedAppliances".to_owned()];
        draft.net.nat_gateways.values_mut().for_each(|one| one.undocumented = field());
        draft.net.peerings.values_mut().for_each(|one| one.undocumented = field());
        draft.net.transit_gateways.values_mut().for_each(|one| one.undocumented = field());
    }
    // Nor is a NAT gateway often regional (NG-15).
    if plan.seed % 11 == 4 {
        let [bits, ..] = (plan.seed >> 16).to_le_bytes();
        tweaks::apply(&mut draft, &Tweak::Nat(NatFault::Regional(bits)));
    }
    // Open points, now and then the other way.
    for (bit, (name, value)) in OPEN_POINTS.into_iter().enumerate() {
        if plan.seed.rotate_right(5 * bit as u32) & 7 == 0 {
            draft.net.assumptions.set(name, value).unwrap();
        }
    }
    draft.complete();
    super::pieces::messages(&mut draft.net);
    let hairpin = ["true", "false"].get((plan.seed % 9) as usize).copied();
    if let Some(value) = hairpin.filter(|_| plan.transit.is_some()) {
        draft.net.assumptions.set("TGW_HAIRPIN", value).unwrap();
    }
    if plan.peering.is_some() && plan.seed.is_multiple_of(5) {
        draft.net.assumptions.set("RETURN_TO_SENDER_INTER_REGION", "true").unwrap();
    }
    if let Some(plan) = &plan.ipv6 {
        super::ipv6::add(&mut draft, plan);
    }
    draft
}

const OPEN_POINTS: [(&str, &str); 14] = [
    ("GE_POST_NAT_USES_ENDPOINT", "false"),
    ("NAT_IN_CLIENT_SUBNET_SKIPS_NACL", "false"),
    ("NLB_REPLY_IGNORES_ROUTE_TABLE", "false"),
    ("RS_VS_PROPAGATED_INDETERMINATE", "false"),
    ("RT_FILTERED_IS_ABSENT", "false"),
    ("SG_REF_MATCHES_DELEGATED_PREFIX", "false"),
    ("VPCE_SG_REF_OVER_PEERING", "true"),
    ("VPCE_SG_REF_OVER_PEERING", "false"),
    ("VPCE_TUNNEL_UNKNOWN", "false"),
    ("REGIONAL_NAT_HAS_NO_NACL", "false"),
    ("REGIONAL_NAT_NEEDS_VPC_EXCLUSION", "false"),
    ("CLIENT_VPN_SNAT", "false"),
    ("GUEST_POLICY_ROUTING", "false"),
    ("UNKNOWN_FIELDS_NO_EFFECT", "false"),
];

impl Draft {
    fn vpc(&mut self, index: usize, plan: &VpcPlan) {
        let block = Ipv4Net::new_assert(Ipv4Addr::new(10, index as u8, 0, 0), 24);
        let id = VpcId::from(format!("vpc-{index}"));
        self.net.insert(Vpc {
            id: id.clone(),
            about: About::default(),
            cidrs: vec![block.into()],
            private_v6: Vec::new(),
            dns_support: Some(true),
            dns_hostnames: Some(true),
            dhcp_options: None,
            public_access: None,
            encryption_enforced: false,
        });
        if plan.internet_gateway {
            self.net.insert(InternetGateway {
                id: format!("igw-{index}").into(),
                about: About::default(),
                attachments: vec![(id.clone(), "available".into())],
            });
        }
        self.net.insert(NetworkAcl {
            id: format!("acl-{index}").into(),
            about: About::default(),
            vpc: id.clone(),
            is_default: true,
            subnets: BTreeSet::new(),
            ingress: vec![open_entry()],
            egress: vec![open_entry()],
        });
        let mut inner = Vec::new();
        for (number, subnet) in plan.subnets.iter().enumerate() {
            let first = Ipv4Addr::new(10, index as u8, 0, 64 * number as u8);
            let subnet_id = SubnetId::from(format!("{index}-{number}"));
            self.net.insert(Subnet {
                id: subnet_id.clone(),
                about: About::default(),
                vpc: id.clone(),
                cidrs: vec![Ipv4Net::new_assert(first, subnet.prefix).into()],
                zone: Zone {
                    name: Some(["us-east-1a", "us-east-1b"][number % 2].into()),
                    id: None,
                },
                map_public_ip: false,
                dns64: false,
                available_addresses: None,
                public_access: None,
            });
            inner.push((subnet_id, subnet.table));
        }
        // The NAT gateway stands where the way to the internet is, if anywhere.
        if let Some(nat) = &plan.nat {
            let to_internet =
                |leads: Option<Leads>| leads.unwrap_or(plan.main) == Leads::ToInternet;
            let place = inner.iter().find(|(_, table)| to_internet(*table)).or(inner.first());
            if let Some((subnet, _)) = place {
                let subnet = subnet.clone();
                self.nat(index, &id, &subnet, nat);
            }
        }
        let mut tables = vec![(format!("main-{index}"), None, plan.main)];
        tables.extend(inner.iter().filter_map(|(subnet, table)| {
            Some((format!("rt-{subnet}"), Some(subnet.clone()), (*table)?))
        }));
        let mut with_endpoint = BTreeSet::new();
        for (table, subnet, leads) in tables {
            let endpoint = match plan.endpoint {
                None => false,
                Some(On::MainTable) => subnet.is_none(),
                Some(On::Every) => true,
                Some(On::WayOut) => leads == Leads::ToInternet,
            };
            let mut routes = vec![Route {
                origin: RouteOrigin::CreateRouteTable,
                ..route(Destination::Cidr(block.into()), RouteTarget::Local)
            }];
            let target = match leads {
                Leads::ToNat if plan.nat.is_some() => {
                    Some(RouteTarget::NatGateway(format!("nat-{index}").into()))
                }
                Leads::ToInternet if plan.internet_gateway => {
                    Some(RouteTarget::InternetGateway(format!("igw-{index}").into()))
                }
                _ => None,
            };
            let everything = Destination::Cidr(IpNet::V4(Ipv4Net::default()));
            routes.extend(target.map(|target| route(everything, target)));
            if endpoint {
                let target = RouteTarget::GatewayEndpoint(format!("s3-{index}").into());
                routes.push(route(Destination::PrefixList("pl-s3".into()), target));
                with_endpoint.insert(RouteTableId::from(table.clone()));
            }
            self.net.insert(RouteTable {
                id: table.into(),
                about: About::default(),
                vpc: id.clone(),
                main: subnet.is_none(),
                subnets: subnet.into_iter().collect(),
                gateways: BTreeSet::new(),
                routes,
            });
        }
        if plan.endpoint.is_some() {
            self.s3_list(true);
            self.net.insert(gateway_endpoint(index, &id, with_endpoint));
        }
    }

    /// Joins the first two VPCs.
    fn peering(&mut self, plan: &PeeringPlan) {
        let region = |name: &str| plan.far.then(|| name.into());
        let end = |index: usize, region| PeeringEnd {
            vpc: format!("vpc-{index}").into(),
            scope: Scope { account: None, region },
        };
        self.net.insert(PeeringConnection {
            id: "pcx".into(),
            about: About::default(),
            ends: [end(0, region("us-east-1")), end(1, region("eu-west-1"))],
            state: plan.state.into(),
            undocumented: Vec::new(),
        });
        for (own, there, wanted) in [(0, 1, plan.routes.0), (1, 0, plan.routes.1)] {
            let block = Ipv4Net::new_assert(Ipv4Addr::new(10, there, 0, 0), 24);
            let own = VpcId::from(format!("vpc-{own}"));
            let tables = self.net.route_tables.values_mut().filter(|table| table.vpc == own);
            for table in tables.filter(|_| wanted) {
                let target = RouteTarget::Peering("pcx".into());
                table.routes.push(route(Destination::Cidr(block.into()), target));
            }
        }
    }

    /// The list of S3, once.
    pub fn s3_list(&mut self, known: bool) -> PrefixListId {
        let id = PrefixListId::from("pl-s3");
        if !known || !self.net.prefix_lists.contains_key(&id) {
            let entries = ["52.216.0.0/15", "3.5.0.0/19"].map(|text| text.parse().unwrap());
            let about = About { name: Some(S3.into()), ..About::default() };
            let entries = known.then(|| entries.to_vec());
            self.net.insert(PrefixList { id: id.clone(), about, entries });
        }
        id
    }

    fn nat(&mut self, index: usize, vpc: &VpcId, subnet: &SubnetId, plan: &NatPlan) {
        let mut addresses = Vec::new();
        for number in 0..=u8::from(plan.two_addresses) {
            let private = (!plan.planned).then(|| self.take(subnet, number));
            let public = Ipv4Addr::new(198, 51, 100, 10 * index as u8 + number);
            let interface = NetworkInterfaceId::from(format!("eni-nat-{index}-{number}"));
            if let Some(private) = private.filter(|_| plan.with_interface) {
                let known = Some(PublicAddress::Known(public));
                let role = InterfaceRole::NatGateway;
                let own = NetworkInterface { role, ..interface_of(&interface, vpc, subnet) };
                let addresses = vec![PrivateAddress { address: private.into(), public: known }];
                self.net.insert(NetworkInterface { addresses, ..own });
            }
            addresses.push(NatAddress {
                private,
                public: Some(public),
                interface: plan.with_interface.then_some(interface),
                zone: Zone::default(),
                status: Some("succeeded".into()),
            });
        }
        self.net.insert(NatGateway {
            id: format!("nat-{index}").into(),
            about: About::default(),
            vpc: vpc.clone(),
            subnet: Some(subnet.clone()),
            route_table: None,
            expands: None,
            connectivity: Connectivity::Public,
            state: "available".into(),
            addresses,
            undocumented: Vec::new(),
        });
    }

    fn ends(&mut self, plan: &Plan) {
        let first = &plan.vpcs[0];
        let last = plan.vpcs.len() - 1;
        let far = match plan.flow {
            FlowPlan::Across => last,
            FlowPlan::Hairpin if plan.seed.is_multiple_of(2) => last,
            _ => 0,
        };
        let from_internet = matches!(plan.flow, FlowPlan::Hairpin | FlowPlan::Inbound(_));
        let number = |vpc: &VpcPlan, end: &EndPlan, wanted: bool| {
            let all: Vec<usize> = (0..vpc.subnets.len()).collect();
            let leads = |number: &usize| vpc.subnets[*number].table.unwrap_or(vpc.main);
            let fit: Vec<usize> =
                all.iter().copied().filter(|n| leads(n) == Leads::ToInternet).collect();
            let pick = if wanted && !fit.is_empty() { fit } else { all };
            pick[usize::from(end.subnet).min(pick.len() - 1)]
        };
        let source = (0, number(first, &plan.source, false));
        let target = (far, number(&plan.vpcs[far], &plan.target, from_internet));
        let has_way = |(vpc, subnet): (usize, usize)| {
            let vpc = &plan.vpcs[vpc];
            vpc.subnets[subnet].table.unwrap_or(vpc.main) == Leads::ToInternet
        };
        self.client = self.end("client", source, &plan.source, has_way(source));
        // The public address of a planned interface is not known.
        let planned = plan.target.planned && !matches!(plan.flow, FlowPlan::Hairpin);
        let server = EndPlan { planned, ..plan.target.clone() };
        self.server = self.end("server", target, &server, has_way(target));
        self.source_subnet = format!("{}-{}", source.0, source.1).into();
        self.target_subnet = format!("{}-{}", target.0, target.1).into();
    }

    fn end(
        &mut self,
        id: &str,
        (vpc, number): (usize, usize),
        plan: &EndPlan,
        way_out: bool,
    ) -> Ipv4Addr {
        let subnet = SubnetId::from(format!("{vpc}-{number}"));
        let vpc_id = VpcId::from(format!("vpc-{vpc}"));
        let mut interface = interface_of(&id.into(), &vpc_id, &subnet);
        interface.groups = self.groups_of(vpc, plan.groups);
        interface.role = if plan.planned { InterfaceRole::Task } else { InterfaceRole::Ordinary };
        let public = plan.public && way_out;
        let address = self.take(&subnet, plan.place);
        if plan.planned {
            self.taken.remove(&address);
            interface.planned = Some(AddressSet::empty());
            interface.planned_public = public;
        } else {
            let known = PublicAddress::Known(Ipv4Addr::new(203, 0, 113, id.len() as u8));
            let public = public.then_some(known);
            interface.addresses.push(PrivateAddress { address: address.into(), public });
            if id == "server"
                && let Some(public) = &mut interface.addresses[0].public
            {
                *public = PublicAddress::Known(Ipv4Addr::new(203, 0, 113, 200));
            }
        }
        self.net.insert(interface);
        address
    }

    /// Makes the server the second interface of an instance.
    fn second_interface(&mut self, seed: u64) {
        let server = self.net.interfaces[&self.target].clone();
        if server.planned.is_some() || server.role != InterfaceRole::Ordinary {
            return;
        }
        let subnet = match seed.is_multiple_of(2) {
            true => server.subnet.clone(),
            false => self.source_subnet.clone(),
        };
        let (first, host) = (NetworkInterfaceId::from("first"), InstanceId::from("host"));
        let vpc = self.net.subnets[&subnet].vpc.clone();
        let mut primary = interface_of(&first, &vpc, &subnet);
        let address = self.take(&subnet, 1).into();
        primary.addresses.push(PrivateAddress { address, public: None });
        primary.groups = server.groups.clone();
        primary.source_dest_check = !seed.is_multiple_of(3);
        primary.instance = Some(host.clone());
        let interfaces = vec![first, server.id.clone()];
        let (about, state) = (About::default(), "running".into());
        self.net.insert(Instance { id: host.clone(), about, state, interfaces });
        self.net.insert(primary);
        self.end_mut(End::Target).instance = Some(host);
    }

    /// Bystanders.
    fn others(&mut self, index: usize, plan: &VpcPlan) {
        for (number, other) in plan.others.iter().enumerate() {
            let subnet = usize::from(*other) % plan.subnets.len();
            let subnet = SubnetId::from(format!("{index}-{subnet}"));
            let vpc = VpcId::from(format!("vpc-{index}"));
            let id = NetworkInterfaceId::from(format!("other-{index}-{number}"));
            let mut interface = interface_of(&id, &vpc, &subnet);
            interface.groups = self.groups_of(index, Style::Open);
            let address = self.take(&subnet, other / 64).into();
            interface.addresses.push(PrivateAddress { address, public: None });
            self.net.insert(interface);
        }
    }

    pub fn groups_of(&mut self, vpc: usize, style: Style) -> BTreeSet<SecurityGroupId> {
        let (protocol, ports) =
            (ProtocolMatch::Only(self.protocol), IntervalSet::single(self.port));
        let all = || Peer::Cidr(IpNet::V4(Ipv4Net::default()));
        let (names, ingress): (&[&str], _) = match style {
            Style::Open => (&["open"], rule(ProtocolMatch::Any, PortSet::all(), all())),
            Style::Service => (&["service"], rule(protocol, ports, all())),
            Style::Mesh => {
                let group = format!("mesh-{vpc}").into();
                let peer = Peer::Group(GroupReference { group, peering_status: None });
                (&["mesh", "idle"], rule(ProtocolMatch::Any, PortSet::all(), peer))
            }
        };
        let egress = rule(ProtocolMatch::Any, PortSet::all(), all());
        names
            .iter()
            .map(|name| {
                let id = SecurityGroupId::from(format!("{name}-{vpc}"));
                let (ingress, egress) = match *name {
                    "idle" => (Vec::new(), Vec::new()),
                    _ => (vec![ingress.clone()], vec![egress.clone()]),
                };
                let vpc = format!("vpc-{vpc}").into();
                let about = About::default();
                self.net.insert(SecurityGroup { id: id.clone(), about, vpc, ingress, egress });
                id
            })
            .collect()
    }

    /// A free address of a subnet: its lowest, its highest, or one between.
    pub fn take(&mut self, subnet: &SubnetId, place: u8) -> Ipv4Addr {
        let (low, high) = bounds(&self.net.subnets[subnet]);
        let mut order: Vec<u32> = (low..=high).collect();
        let length = order.len();
        match place % 3 {
            0 => {}
            1 => order.reverse(),
            _ => order.rotate_left(length / 2),
        }
        let free = order.into_iter().map(Ipv4Addr::from).find(|one| !self.taken.contains(one));
        let address = free.unwrap_or(low.into());
        self.taken.insert(address);
        address
    }

    /// Gives planned interfaces the addresses that nothing else has.
    fn complete(&mut self) {
        let interfaces = self.net.interfaces.values().flat_map(|one| &one.addresses);
        let gateways = self.net.nat_gateways.values().flat_map(|nat| &nat.addresses);
        let prefixes = self.net.interfaces.values().flat_map(|one| &one.prefixes);
        let held = interfaces
            .map(|one| one.address)
            .chain(prefixes.map(IpNet::addr))
            .filter_map(|address| match address {
                std::net::IpAddr::V4(address) => Some(address),
                std::net::IpAddr::V6(_) => None,
            })
            .chain(gateways.filter_map(|one| one.private));
        let held = IntervalSet::from_ranges(held.map(|one| (u32::from(one), u32::from(one))));
        let subnets = &self.net.subnets;
        for interface in self.net.interfaces.values_mut() {
            if let Some(free) = &mut interface.planned {
                let (low, high) = bounds(&subnets[&interface.subnet]);
                *free = AddressSet::from_v4(IntervalSet::from_range(low, high).difference(&held));
            }
        }
    }
}
