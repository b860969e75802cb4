//! What can be wrong with gateways.

use super::build::Draft;
use super::pieces::route;
use super::plan::{End, GatewayFault, NatFault, Range, Spot};
use ipnet::{IpNet, Ipv4Net};
use vpc_reach::network::*;

impl Draft {
    pub fn gateway(&mut self, fault: GatewayFault) {
        let vpc = self.end_mut(End::Target).vpc.clone();
        let Some(id) = self.gateway_of(&vpc) else { return };
        match fault {
            GatewayFault::Absent => {}
            GatewayFault::Uncaptured => self.uncaptured(Kind::InternetGateway),
            GatewayFault::Detached | GatewayFault::Detaching => {
                if let Some(gateway) = self.net.internet_gateways.get_mut(&id) {
                    gateway.attachments = match fault {
                        GatewayFault::Detaching => vec![(vpc, "detaching".to_owned())],
                        _ => Vec::new(),
                    };
                }
                return;
            }
        }
        self.net.internet_gateways.remove(&id);
    }

    /// A capture in which the call for this kind is missing.
    pub fn uncaptured(&mut self, kind: Kind) {
        let mut coverage = Coverage::default();
        for other in Kind::ALL.into_iter().filter(|other| *other != kind) {
            coverage.add(&Scope::default(), other);
        }
        self.net.coverage = coverage;
    }

    pub fn nat_fault(&mut self, fault: NatFault) {
        let Some(id) = self.nat_of_source().map(|nat| nat.id.clone()) else { return };
        let to_nat = || RouteTarget::NatGateway(id.clone());
        let everything = || Destination::Cidr(IpNet::V4(Ipv4Net::default()));
        match fault {
            NatFault::Loop => self.put_route(Spot::Nat, route(everything(), to_nat())),
            NatFault::Inward => {
                let server = Destination::Cidr(self.range(Range::Subnet(Spot::Target)));
                self.put_route(Spot::Source, route(server, to_nat()));
            }
            NatFault::Chain => self.chain(&id),
            NatFault::Regional(bits) => self.regional(&id, bits),
            NatFault::WithClient => {
                let subnet = self.source_subnet.clone();
                let address = self.take(&subnet, 0);
                if let Some(nat) = self.net.nat_gateways.get_mut(&id) {
                    nat.subnet = Some(subnet);
                    nat.addresses.truncate(1);
                    nat.addresses[0].private = Some(address);
                    nat.addresses[0].interface = None;
                }
                let role = InterfaceRole::NatGateway;
                self.net.interfaces.retain(|_, interface| interface.role != role);
            }
            NatFault::State(_) | NatFault::AddressFailed | NatFault::Private => {
                let Some(nat) = self.net.nat_gateways.get_mut(&id) else { return };
                match fault {
                    NatFault::State(state) => nat.state = state.to_owned(),
                    NatFault::AddressFailed => nat.addresses[0].status = Some("failed".to_owned()),
                    _ => {
                        nat.connectivity = Connectivity::Private;
                        nat.addresses.iter_mut().for_each(|one| one.public = None);
                    }
                }
            }
        }
    }

    /// The NAT gateway is in no subnet any more, and has a table of its own.
    fn regional(&mut self, id: &NatGatewayId, bits: u8) {
        let Some(mut nat) = self.net.nat_gateways.remove(id) else { return };
        let own = RouteTableId::from("rt-regional");
        let zone = match bits % 8 {
            0..=5 => Some(["us-east-1a", "us-east-1b"][usize::from(bits % 2)].to_owned()),
            _ => None,
        };
        nat.subnet = None;
        nat.expands = [Some(true), Some(true), Some(false), None][usize::from(bits / 8 % 4)];
        nat.route_table = (bits != 255).then(|| own.clone());
        for address in &mut nat.addresses {
            (address.private, address.interface) = (None, None);
            address.zone = Zone { name: zone.clone(), id: None };
        }
        let block = self.net.vpcs[&nat.vpc].cidrs[0];
        let everything = Destination::Cidr(IpNet::V4(Ipv4Net::default()));
        let gateway = self.gateway_of(&nat.vpc).map(RouteTarget::InternetGateway);
        let mut routes = vec![route(Destination::Cidr(block), RouteTarget::Local)];
        routes.extend(gateway.filter(|_| bits / 32 != 0).map(|to| route(everything.clone(), to)));
        if bits / 32 == 1 {
            let hub = self.net.transit_gateways.keys().next().cloned();
            let to = hub.map(RouteTarget::TransitGateway);
            let ten = Destination::Cidr("10.0.0.0/8".parse().unwrap());
            routes.extend(to.map(|to| route(ten, to)));
        }
        if bits / 32 == 2
            && let Some(last) = routes.last_mut()
        {
            last.state = RouteState::Blackhole;
        }
        self.net.insert(RouteTable {
            id: own,
            about: About::default(),
            vpc: nat.vpc.clone(),
            main: false,
            subnets: Default::default(),
            gateways: Default::default(),
            routes,
        });
        let role = InterfaceRole::NatGateway;
        self.net.interfaces.retain(|_, interface| interface.role != role);
        self.net.insert(nat);
    }

    /// A private NAT gateway between the client and the other one, in a subnet of its own.
    fn chain(&mut self, outer: &NatGatewayId) {
        let (source, nat) = (self.source_subnet.clone(), self.spot(Spot::Nat));
        let vpc = self.net.subnets[&source].vpc.clone();
        let mut subnets = self.net.subnets.values();
        let between = subnets
            .find(|one| one.vpc == vpc && one.id != source && one.id != nat)
            .map(|one| one.id.clone());
        let Some(between) = between else { return };
        let everything = Destination::Cidr(IpNet::V4(Ipv4Net::default()));
        let address = self.take(&between, 0);
        let inner = NatGatewayId::from("nat-inner");
        self.net.insert(NatGateway {
            id: inner.clone(),
            about: About::default(),
            vpc,
            subnet: Some(between.clone()),
            route_table: None,
            expands: None,
            connectivity: Connectivity::Private,
            state: "available".into(),
            addresses: vec![NatAddress {
                private: Some(address),
                public: None,
                interface: None,
                zone: Zone::default(),
                status: None,
            }],
            undocumented: Vec::new(),
        });
        for (subnet, target) in [(source, inner), (between, outer.clone())] {
            if let Some(table) = self.own_table(&subnet) {
                table.routes.retain(|route| route.destination != everything);
                table.routes.push(route(everything.clone(), RouteTarget::NatGateway(target)));
            }
        }
    }
}
