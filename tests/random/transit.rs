//! A transit gateway between two VPCs.

use super::build::Draft;
use super::pieces::route;
use super::plan::{Plan, TransitFault, TransitPlan};
use ipnet::{IpNet, Ipv4Net};
use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use vpc_reach::network::*;

impl Draft {
    pub fn transit(&mut self, plan: &Plan, transit: &TransitPlan) {
        let TransitPlan { subnets, fault, references, .. } = transit;
        let fault = *fault;
        let hub = |id: &str| TransitGateway {
            id: id.into(),
            about: About::default(),
            group_references: references.0,
            undocumented: Vec::new(),
        };
        self.net.insert(hub("tgw"));
        let far: &str = if fault == TransitFault::Peer { "tgw-far" } else { "tgw" };
        self.net.insert(hub(far));
        for (index, bits, hub) in [(0, subnets.0, "tgw"), (1, subnets.1, far)] {
            let all: Vec<usize> = (0..plan.vpcs[index].subnets.len()).collect();
            let mut own: BTreeSet<SubnetId> = all
                .iter()
                .filter(|number| bits >> **number & 1 == 1)
                .map(|number| format!("{index}-{number}").into())
                .collect();
            if own.is_empty() {
                own.insert(format!("{index}-0").into());
            }
            let second = index == 1;
            let known = !(second && fault == TransitFault::SubnetsUnknown);
            let mode = !(second && fault == TransitFault::ModeUnknown);
            let pending = second && fault == TransitFault::Pending;
            self.net.insert(TransitGatewayAttachment {
                id: format!("att-{index}").into(),
                about: About::default(),
                transit_gateway: hub.into(),
                attached: Attached::Vpc {
                    vpc: format!("vpc-{index}").into(),
                    subnets: known.then_some(own),
                },
                state: if pending { "pending" } else { "available" }.into(),
                appliance_mode: mode.then_some(transit.appliance),
                group_references: if second { references.1 } else { Some(true) },
                ipv6: Some(true),
            });
        }
        self.hub_tables(transit, far);
        self.vpc_routes(transit);
    }

    fn hub_tables(&mut self, transit: &TransitPlan, far: &str) {
        let TransitPlan { fault, back, .. } = transit;
        let mut there = vec![entry(block(1), "att-1"), entry(everything(), "att-1")];
        match fault {
            TransitFault::Blackhole => there[0] = dead(block(1)),
            TransitFault::NoRoute => there.clear(),
            TransitFault::Boundary => {
                self.attachment("att-vpn", Attached::Other("vpn".into()));
                there[1] = entry(everything(), "att-vpn");
            }
            _ => {}
        }
        let home: Vec<_> = back.1.then(|| entry(block(0), "att-0")).into_iter().collect();
        let table = |id: &str, hub: &str, own: &[&str], routes| TransitGatewayRouteTable {
            id: id.into(),
            about: About::default(),
            transit_gateway: hub.into(),
            associations: own.iter().map(|one| (*one).into()).collect(),
            routes: Some(routes),
        };
        if *fault == TransitFault::Peer {
            self.attachment("att-peer", Attached::Peer(far.into()));
            let over = |route: &TransitGatewayRoute| TransitGatewayRoute {
                attachments: ["att-peer".into()].into(),
                ..route.clone()
            };
            let near: Vec<_> = there.iter().map(over).chain(home.iter().cloned()).collect();
            let beyond: Vec<_> = home.iter().map(over).chain(there).collect();
            self.net.insert(table("near", "tgw", &["att-0", "att-peer"], near));
            self.net.insert(table("beyond", far, &["att-1", "att-peer"], beyond));
            return;
        }
        let own: &[&str] = match fault {
            TransitFault::NoAssociation => &["att-1"],
            _ => &["att-0", "att-1"],
        };
        let mut one = table("near", "tgw", own, [there, home].concat());
        if *fault == TransitFault::RoutesUnknown {
            one.routes = None;
        }
        self.net.insert(one);
    }

    fn attachment(&mut self, id: &str, attached: Attached) {
        self.net.insert(TransitGatewayAttachment {
            id: id.into(),
            about: About::default(),
            transit_gateway: "tgw".into(),
            attached,
            state: "available".into(),
            appliance_mode: None,
            group_references: None,
            ipv6: None,
        });
    }

    /// The routes of the two VPCs to the transit gateway.
    fn vpc_routes(&mut self, transit: &TransitPlan) {
        let far = match transit.fault {
            TransitFault::Peer => "tgw-far",
            _ => "tgw",
        };
        for table in self.net.route_tables.values_mut() {
            let first = table.vpc.as_str() == "vpc-0";
            let own = if first { "tgw" } else { far };
            let to = match (first, transit.egress) {
                (true, true) => everything(),
                (true, false) => block(1),
                (false, _) => block(0),
            };
            let hairpin = !first && transit.fault == TransitFault::Hairpin;
            if !first && !transit.back.0 && !hairpin {
                continue;
            }
            let to = if hairpin { everything() } else { to };
            table.routes.retain(|route| route.destination != Destination::Cidr(to));
            let target = RouteTarget::TransitGateway(own.into());
            table.routes.push(route(Destination::Cidr(to), target));
        }
    }
}

fn everything() -> IpNet {
    IpNet::V4(Ipv4Net::default())
}

fn block(vpc: u8) -> IpNet {
    Ipv4Net::new_assert(Ipv4Addr::new(10, vpc, 0, 0), 24).into()
}

fn entry(to: IpNet, attachment: &str) -> TransitGatewayRoute {
    TransitGatewayRoute {
        destination: Destination::Cidr(to),
        attachments: [attachment.into()].into(),
        state: RouteState::Active,
        propagated: false,
        at: None,
    }
}

fn dead(to: IpNet) -> TransitGatewayRoute {
    let state = RouteState::Blackhole;
    TransitGatewayRoute { attachments: BTreeSet::new(), state, ..entry(to, "none") }
}
