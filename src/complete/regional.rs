//! The tables that AWS makes for regional NAT gateways.

use crate::network::{
    About, Coverage, Destination, Network, Resource, Route, RouteOrigin, RouteState, RouteTable,
    RouteTableId, RouteTarget, VpcId,
};
use ipnet::{IpNet, Ipv4Net};

/// NG-15: one that a file says no table of has the one that AWS fills: the VPC's blocks, and the way
/// to its internet gateway. A capture would name it.
pub(super) fn tables(network: &mut Network) {
    if network.coverage != Coverage::Stated {
        return;
    }
    let mut tables = Vec::new();
    for nat in network.nat_gateways.values() {
        if nat.subnet.is_none() && nat.route_table.is_none() {
            let id = RouteTableId::from(format!("{}/table", nat.id));
            let name = format!("{} (its own)", nat.label());
            let about = About { name: Some(name), ..nat.about.clone() };
            tables.push((nat.id.clone(), id, about, nat.vpc.clone()));
        }
    }
    for (nat, id, about, vpc) in tables {
        if let Some(nat) = network.nat_gateways.get_mut(&nat) {
            nat.route_table = Some(id.clone());
        }
        let routes = routes(network, &vpc);
        let (main, subnets, gateways) = (false, Default::default(), Default::default());
        network.insert(RouteTable { id, about, vpc, main, subnets, gateways, routes });
    }
}

fn routes(network: &Network, vpc: &VpcId) -> Vec<Route> {
    let route = |block: IpNet, target, origin| Route {
        destination: Destination::Cidr(block),
        target,
        state: RouteState::Active,
        origin,
        at: None,
    };
    let blocks = network.vpcs.get(vpc).into_iter().flat_map(|vpc| &vpc.cidrs);
    let local =
        blocks.map(|&block| route(block, RouteTarget::Local, RouteOrigin::CreateRouteTable));
    let mut gateways = network.internet_gateways.values();
    let gateway = gateways.find(|one| one.attachments.iter().any(|(to, _)| to == vpc));
    let out = gateway.map(|one| {
        let target = RouteTarget::InternetGateway(one.id.clone());
        route(IpNet::V4(Ipv4Net::default()), target, RouteOrigin::CreateRoute)
    });
    local.chain(out).collect()
}
