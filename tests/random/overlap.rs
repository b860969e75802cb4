//! What only several VPCs can have: traffic to a peer by way of a NAT gateway, and addresses that
//! two hosts have.

use super::build::Draft;
use super::pieces::route;
use super::plan::{End, Spot};
use vpc_reach::network::*;

impl Draft {
    /// NG-09: the NAT gateway sends to the peer; its own subnet keeps the route to it.
    pub fn peer_by_nat(&mut self) {
        let Some(nat) = self.nat_of_source().map(|nat| nat.id.clone()) else { return };
        let subnet = self.spot(Spot::Source);
        let to_peer = |one: &Route| matches!(one.target, RouteTarget::Peering(_));
        if subnet == self.spot(Spot::Nat) {
            return;
        }
        let Some(table) = self.own_table(&subnet) else { return };
        for route in table.routes.iter_mut().filter(|one| to_peer(one)) {
            route.target = RouteTarget::NatGateway(nat.clone());
        }
    }

    /// PC-04: beside the other end stands a host with this end's address.
    pub fn twin(&mut self, end: End) {
        let other = if end == End::Source { End::Target } else { End::Source };
        let vpc = self.end_mut(other).vpc.clone();
        let mut twin = self.end_mut(end).clone();
        if twin.vpc == vpc {
            return;
        }
        let mut subnet = self.net.subnets[&twin.subnet].clone();
        let blocks = subnet.cidrs.clone();
        (subnet.id, subnet.vpc) = ("twin".into(), vpc.clone());
        (twin.id, twin.vpc, twin.subnet) = ("twin".into(), vpc.clone(), "twin".into());
        // A public address is nobody else's.
        twin.planned_public = false;
        for address in &mut twin.addresses {
            address.public = None;
        }
        self.net.insert(subnet);
        self.net.insert(twin);
        if let Some(vpc) = self.net.vpcs.get_mut(&vpc) {
            vpc.cidrs.extend(&blocks);
        }
        for table in self.net.route_tables.values_mut().filter(|one| one.vpc == vpc) {
            let local = |block: &ipnet::IpNet| route(Destination::Cidr(*block), RouteTarget::Local);
            table.routes.extend(blocks.iter().map(local));
        }
    }
}
