//! Middleboxes around one end of a flow: hosts that forward, and appliances behind endpoints.

use super::build::Draft;
use super::pieces::{interface_of, load_balancer_endpoint, route};
use super::plan::{
    End, FirewallPlan, FlowPlan, MiddleFault, MiddleKind, MiddlePlan, Plan, SievePlan, Style,
};
use ipnet::{IpNet, Ipv4Net};
use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use vpc_reach::header::{AddressSet, Protocol};
use vpc_reach::network::*;

/// What the two boxes of a VPC are called; each stands in a subnet of its own, in a zone of its own.
const BOXES: [&str; 2] = ["box-a", "box-b"];

impl Draft {
    pub fn middleboxes(&mut self, plan: &Plan, middle: &MiddlePlan) {
        let inbound = matches!(plan.flow, FlowPlan::Inbound(_) | FlowPlan::Hairpin);
        let two = matches!(plan.flow, FlowPlan::Across | FlowPlan::Inside);
        let end = match (inbound, two && middle.at_target) {
            (true, _) | (_, true) => End::Target,
            _ => End::Source,
        };
        let near = if end == End::Target { &self.target_subnet } else { &self.source_subnet };
        let other = if end == End::Target { &self.source_subnet } else { &self.target_subnet };
        let (near, other) = (near.clone(), other.clone());
        let vpc = self.net.subnets[&near].vpc.clone();
        let everything = IpNet::V4(Ipv4Net::default());
        let far = if two { self.net.subnets[&other].cidrs[0] } else { everything };
        let index = u8::from(vpc.as_str() == "vpc-1");
        self.own_table(&near);
        if let MiddleKind::Firewall = middle.kind {
            self.firewall(&middle.firewall);
        }
        for number in 0..2 {
            self.box_subnet(&vpc, index, number, &near);
            self.middlebox(&vpc, index, number, middle);
        }
        let target = |name: &str| match middle.kind {
            MiddleKind::Host(_) => RouteTarget::Interface(name.into()),
            MiddleKind::Appliance(_) | MiddleKind::Firewall => {
                RouteTarget::LoadBalancerEndpoint(name.into())
            }
        };
        let back = match middle.back {
            0 => None,
            1 => Some(BOXES[1]),
            _ => Some(BOXES[0]),
        };
        let (out, entering) = match end {
            End::Source => (Some(BOXES[0]), back),
            End::Target => (back, Some(BOXES[0])),
        };
        let near_block = self.net.subnets[&near].cidrs[0];
        let own = RouteTableId::from(format!("rt-{near}"));
        for table in self.net.route_tables.values_mut().filter(|table| table.vpc == vpc) {
            let of_box = table.id.as_str().starts_with("rt-m-");
            let (to, name) = match table.id == own {
                true => (far, out),
                false => (near_block, entering),
            };
            if let Some(name) = name.filter(|_| !of_box) {
                table.routes.retain(|route| route.destination != Destination::Cidr(to));
                table.routes.push(route(Destination::Cidr(to), target(name)));
            }
        }
        if let (Some(gateway), Some(name)) = (self.gateway_of(&vpc), entering)
            && (inbound || middle.gate)
        {
            let block = self.net.vpcs[&vpc].cidrs[0];
            let routes = vec![
                route(Destination::Cidr(block), RouteTarget::Local),
                route(Destination::Cidr(near_block), target(name)),
            ];
            self.net.insert(RouteTable {
                id: "rt-gate".into(),
                about: About::default(),
                vpc,
                main: false,
                subnets: BTreeSet::new(),
                gateways: [gateway.as_str().to_owned()].into(),
                routes,
            });
        }
    }

    /// What a NAT gateway sends passes the first box on its way to the internet.
    pub fn box_behind_nat(&mut self, middle: &MiddlePlan) {
        let target = match middle.kind {
            MiddleKind::Host(_) => RouteTarget::Interface(BOXES[0].into()),
            _ => RouteTarget::LoadBalancerEndpoint(BOXES[0].into()),
        };
        let nat = self.nat_of_source().and_then(|nat| Some((nat.vpc.clone(), nat.subnet.clone()?)));
        let Some((vpc, subnet)) = nat else { return };
        let here = self.net.subnets.get("m-0").is_some_and(|one| one.vpc == vpc);
        let Some(gateway) = self.gateway_of(&vpc).filter(|_| here) else { return };
        let everything = Destination::Cidr(IpNet::V4(Ipv4Net::default()));
        let to_gateway = RouteTarget::InternetGateway(gateway);
        for (subnet, target) in [(subnet, target), ("m-0".into(), to_gateway)] {
            if let Some(table) = self.own_table(&subnet) {
                table.routes.retain(|route| route.destination != everything);
                table.routes.push(route(everything.clone(), target));
            }
        }
    }

    /// A subnet in a second block of the VPC, routed as its neighbour is.
    fn box_subnet(&mut self, vpc: &VpcId, index: u8, number: u8, near: &SubnetId) {
        let block = IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(10, 8 + index, 0, 0), 27));
        let own = self.net.vpcs.get_mut(vpc).expect("the VPC is there");
        if !own.cidrs.contains(&block) {
            own.cidrs.push(block);
            for table in self.net.route_tables.values_mut().filter(|table| table.vpc == *vpc) {
                let origin = RouteOrigin::CreateRouteTable;
                let local = route(Destination::Cidr(block), RouteTarget::Local);
                table.routes.push(Route { origin, ..local });
            }
        }
        let id = SubnetId::from(format!("m-{number}"));
        let first = Ipv4Addr::new(10, 8 + index, 0, 16 * number);
        let zone = Some(["us-east-1a", "us-east-1b"][usize::from(number)].into());
        self.net.insert(Subnet {
            id: id.clone(),
            about: About::default(),
            vpc: vpc.clone(),
            cidrs: vec![Ipv4Net::new_assert(first, 28).into()],
            zone: Zone { name: zone, id: None },
            map_public_ip: false,
            dns64: false,
            available_addresses: None,
            public_access: None,
        });
        let table = self.net.route_tables[format!("rt-{near}").as_str()].clone();
        let (main, subnets) = (false, BTreeSet::from([id]));
        let id = format!("rt-m-{number}").into();
        self.net.insert(RouteTable { id, main, subnets, ..table });
    }

    fn middlebox(&mut self, vpc: &VpcId, index: u8, number: u8, plan: &MiddlePlan) {
        let (name, subnet) = (BOXES[usize::from(number)], format!("m-{number}").into());
        let faulty = |fault| plan.fault == fault && number == 0;
        let forwards = match plan.kind {
            MiddleKind::Host(forwards) => forwards,
            MiddleKind::Appliance(_) | MiddleKind::Firewall => {
                let passes = matches!(plan.kind, MiddleKind::Appliance(true));
                let state = if faulty(MiddleFault::Unusable) { "pending" } else { "available" };
                let passes = passes && !faulty(MiddleFault::Other);
                let endpoint = load_balancer_endpoint(name, vpc, &subnet);
                self.net.insert(VpcEndpoint {
                    state: state.into(),
                    policy: None,
                    appliance_passes: passes,
                    ..endpoint
                });
                return;
            }
        };
        let mut host = interface_of(&name.into(), vpc, &subnet);
        host.forwards = forwards;
        host.source_dest_check = faulty(MiddleFault::Check);
        host.usable = !faulty(MiddleFault::Unusable);
        let style = if faulty(MiddleFault::Groups) { Style::Mesh } else { Style::Open };
        host.groups = self.groups_of(usize::from(index), style);
        let known = PublicAddress::Known(Ipv4Addr::new(203, 0, 113, 60 + number));
        let public = plan.public.then_some(known);
        if faulty(MiddleFault::Other) {
            host.planned = Some(Default::default());
            host.planned_public = plan.public;
        } else {
            let address = self.take(&subnet, 0).into();
            host.addresses.push(PrivateAddress { address, public });
        }
        self.net.insert(host);
    }

    /// One firewall with both boxes for endpoints.
    fn firewall(&mut self, plan: &FirewallPlan) {
        let state =
            |number: usize| if number == 0 && !plan.ready { "PROVISIONING" } else { "READY" };
        let endpoints = BOXES.iter().enumerate().map(|(number, name)| {
            let state = state(number).to_owned();
            ((*name).into(), FirewallEndpoint { subnet: None, state })
        });
        let each = |action: u8| match action {
            0 => StatelessAction::Pass,
            1 => StatelessAction::Drop,
            _ => StatelessAction::Forward,
        };
        let policy = plan.stateless.as_ref().map(|stateless| FirewallPolicy {
            stateless: stateless
                .iter()
                .enumerate()
                .map(|(number, (priority, action, sieve))| StatelessRule {
                    priority: (u32::from(*priority), u32::try_from(number).unwrap()),
                    name: format!("stateless {number}"),
                    tuple: self.tuple(sieve),
                    action: each(*action),
                    certain: sieve.certain,
                    at: None,
                })
                .collect(),
            stateless_default: each(plan.stateless_default),
            strict: plan.strict,
            stateful: plan
                .stateful
                .iter()
                .enumerate()
                .map(|(number, (priority, action, sieve))| StatefulRule {
                    priority: (u32::from(*priority), u32::try_from(number).unwrap()),
                    name: format!("stateful {number}"),
                    tuple: self.tuple(sieve),
                    both_ways: sieve.both_ways,
                    action: match action {
                        0 => StatefulAction::Pass,
                        1 => StatefulAction::Drop,
                        _ => StatefulAction::Reject,
                    },
                    certain: sieve.certain,
                    at: None,
                })
                .collect(),
            stateful_default: match plan.stateful_default {
                // Only strict order has another.
                _ if !plan.strict => StatefulDefault::Pass,
                0 => StatefulDefault::Pass,
                1 => StatefulDefault::Drop,
                _ => StatefulDefault::DropEstablished,
            },
        });
        let endpoints = endpoints.collect();
        let (id, about) = ("firewall".into(), About::default());
        self.net.insert(Firewall { id, about, endpoints, policy });
    }

    fn tuple(&self, plan: &SievePlan) -> Tuple {
        let other = if self.protocol == Protocol::Tcp { Protocol::Udp } else { Protocol::Tcp };
        let set = |range| AddressSet::from_net(self.range(range));
        let (from, to) = plan.ends;
        let tuple = Tuple {
            protocols: match plan.protocol {
                None => BTreeSet::new(),
                Some(own) => BTreeSet::from([if own { self.protocol } else { other }]),
            },
            source: set(from),
            source_ports: self.port_set(plan.ports.0),
            destination: set(to),
            destination_ports: self.port_set(plan.ports.1),
        };
        match plan.reversed {
            true => Tuple {
                source: tuple.destination,
                source_ports: tuple.destination_ports,
                destination: tuple.source,
                destination_ports: tuple.source_ports,
                ..tuple
            },
            false => tuple,
        }
    }
}
