//! What goes along with a resource that is removed.

use crate::network::{
    EndpointType, Kind, Network, NetworkInterfaceId, RouteState, RouteTarget, VpcEndpoint,
};
use std::collections::BTreeSet;

/// Removes a resource, and does to the rest what AWS does then. Says whether there was one.
pub(super) fn remove(network: &mut Network, kind: Kind, id: &str) -> bool {
    let interfaces = interfaces(network, kind, id);
    if !network.remove(kind, id) {
        return false;
    }
    network.interfaces.retain(|id, _| !interfaces.contains(id));
    let leads_there = |target: &RouteTarget| match (kind, target) {
        (Kind::InternetGateway, RouteTarget::InternetGateway(to)) => to.as_str() == id,
        (Kind::NatGateway, RouteTarget::NatGateway(to)) => to.as_str() == id,
        (Kind::PeeringConnection, RouteTarget::Peering(to)) => to.as_str() == id,
        (Kind::TransitGateway, RouteTarget::TransitGateway(to)) => to.as_str() == id,
        (Kind::VpcEndpoint, RouteTarget::LoadBalancerEndpoint(to)) => to.as_str() == id,
        (_, RouteTarget::Interface(to)) => interfaces.contains(to),
        _ => false,
    };
    for table in network.route_tables.values_mut() {
        // RT-11: the route stays, and leads nowhere.
        for route in table.routes.iter_mut().filter(|route| leads_there(&route.target)) {
            route.state = RouteState::Blackhole;
            route.target =
                RouteTarget::Other { kind: "deleted".to_owned(), id: "target".to_owned() };
        }
        match kind {
            // GE-01: AWS takes its own routes away.
            Kind::VpcEndpoint => table.routes.retain(
                |route| !matches!(&route.target, RouteTarget::GatewayEndpoint(to) if to.as_str() == id),
            ),
            Kind::Subnet => table.subnets.retain(|subnet| subnet.as_str() != id),
            Kind::InternetGateway => table.gateways.retain(|gateway| gateway != id),
            _ => {}
        }
    }
    match kind {
        Kind::Subnet => {
            for acl in network.network_acls.values_mut() {
                acl.subnets.retain(|subnet| subnet.as_str() != id);
            }
        }
        Kind::RouteTable => {
            for endpoint in network.vpc_endpoints.values_mut() {
                endpoint.route_tables.retain(|table| table.as_str() != id);
            }
        }
        Kind::TransitGatewayAttachment => detach(network, id),
        Kind::LoadBalancer => {
            for group in network.target_groups.values_mut() {
                group.load_balancers.retain(|balancer| balancer.as_str() != id);
            }
        }
        _ => {}
    }
    true
}

/// The interfaces that AWS makes and removes together with a resource.
fn interfaces(network: &Network, kind: Kind, id: &str) -> BTreeSet<NetworkInterfaceId> {
    match kind {
        Kind::VpcEndpoint => {
            let endpoint = network.vpc_endpoints.get(id);
            endpoint.into_iter().flat_map(|one| one.interfaces.iter().cloned()).collect()
        }
        Kind::NatGateway => {
            let gateway = network.nat_gateways.get(id);
            let addresses = gateway.into_iter().flat_map(|one| &one.addresses);
            addresses.filter_map(|address| address.interface.clone()).collect()
        }
        Kind::Instance => {
            let instance = network.instances.get(id);
            instance.into_iter().flat_map(|one| one.interfaces.iter().cloned()).collect()
        }
        Kind::Task => {
            let task = network.tasks.get(id);
            task.into_iter().flat_map(|one| one.interfaces.iter().cloned()).collect()
        }
        _ => BTreeSet::new(),
    }
}

/// TG-05, TG-06: an attachment takes its associations and propagated routes with it; static routes
/// to it stay, and lead nowhere.
fn detach(network: &mut Network, id: &str) {
    for table in network.transit_gateway_route_tables.values_mut() {
        table.associations.retain(|one| one.as_str() != id);
        for routes in table.routes.iter_mut() {
            for route in routes.iter_mut() {
                route.attachments.retain(|one| one.as_str() != id);
                if route.attachments.is_empty() {
                    route.state = RouteState::Blackhole;
                }
            }
            routes.retain(|route| !(route.propagated && route.attachments.is_empty()));
        }
    }
}

/// An interface endpoint that is replaced loses its interfaces in the subnets that it leaves.
pub(super) fn leave_subnets(network: &mut Network, endpoint: &mut VpcEndpoint) {
    let Some(former) = network.vpc_endpoints.get(&endpoint.id) else { return };
    if endpoint.endpoint_type != EndpointType::Interface || former.subnets == endpoint.subnets {
        return;
    }
    let left: BTreeSet<_> = former.subnets.difference(&endpoint.subnets).cloned().collect();
    let gone: Vec<NetworkInterfaceId> = endpoint
        .interfaces
        .iter()
        .filter(|id| network.interfaces.get(*id).is_some_and(|one| left.contains(&one.subnet)))
        .cloned()
        .collect();
    for id in gone {
        endpoint.interfaces.remove(&id);
        network.interfaces.remove(&id);
    }
}
