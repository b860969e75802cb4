//! Endpoints, and listeners, that AWS refuses beside others.

use super::super::{EndpointType, Network, Resource, Zone};
use super::Problem;
use std::collections::BTreeMap;

/// Endpoints that are on their way out, or never came to be.
const GONE: [&str; 5] = ["deleted", "deleting", "failed", "rejected", "expired"];

pub(super) fn check(network: &Network, problems: &mut Vec<Problem>) {
    private_names(network, problems);
    zones(network, problems);
    gateway_routes(network, problems);
    listeners(network, problems);
}

/// IE-06: within one VPC, the names of a service belong to one endpoint.
fn private_names(network: &Network, problems: &mut Vec<Problem>) {
    let mut owners: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    for endpoint in network.vpc_endpoints.values() {
        let counts = endpoint.endpoint_type == EndpointType::Interface && endpoint.private_dns;
        if !counts || GONE.contains(&endpoint.state.to_ascii_lowercase().as_str()) {
            continue;
        }
        let key = (endpoint.vpc.as_str(), endpoint.service_name.as_str());
        if let Some(first) = owners.insert(key, endpoint.label()) {
            problems.push(Problem::new(
                endpoint.about.at.as_ref(),
                format!(
                    "endpoints `{first}` and `{}` both have private DNS for {} in VPC `{}`",
                    endpoint.label(),
                    endpoint.service_name,
                    endpoint.vpc
                ),
                "of the endpoints of one service in a VPC, one can have private DNS",
            ));
        }
    }
}

/// IE-01: an endpoint has one subnet per zone.
fn zones(network: &Network, problems: &mut Vec<Problem>) {
    for endpoint in network.vpc_endpoints.values() {
        let mut seen: BTreeMap<&Zone, &str> = BTreeMap::new();
        for subnet in endpoint.subnets.iter().filter_map(|id| network.subnets.get(id)) {
            if let Some(first) = seen.insert(&subnet.zone, subnet.label()) {
                problems.push(Problem::new(
                    endpoint.about.at.as_ref(),
                    format!(
                        "endpoint `{}` is in subnets `{first}` and `{}`, both in zone {}",
                        endpoint.label(),
                        subnet.label(),
                        subnet.zone
                    ),
                    "an endpoint takes one subnet per zone",
                ));
            }
        }
    }
}

/// GE-01: a table has one gateway endpoint of a service.
fn gateway_routes(network: &Network, problems: &mut Vec<Problem>) {
    let mut owners: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    for endpoint in network.vpc_endpoints.values() {
        let gateway = endpoint.endpoint_type == EndpointType::Gateway;
        if !gateway || GONE.contains(&endpoint.state.to_ascii_lowercase().as_str()) {
            continue;
        }
        for table in &endpoint.route_tables {
            let key = (table.as_str(), endpoint.service_name.as_str());
            if let Some(first) = owners.insert(key, endpoint.label()) {
                problems.push(Problem::new(
                    endpoint.about.at.as_ref(),
                    format!(
                        "endpoints `{first}` and `{}` both lead from route table `{table}` to {}",
                        endpoint.label(),
                        endpoint.service_name
                    ),
                    "a route table has one gateway endpoint of a service",
                ));
            }
        }
    }
}

/// A load balancer listens once on a port, but for TCP beside UDP.
fn listeners(network: &Network, problems: &mut Vec<Problem>) {
    for balancer in network.load_balancers.values() {
        let mut seen: BTreeMap<(u16, bool), ()> = BTreeMap::new();
        for listener in balancer.listeners.iter().flatten() {
            let udp = listener.protocol == "UDP";
            if seen.insert((listener.port, udp), ()).is_some() {
                problems.push(Problem::new(
                    listener.at.as_ref(),
                    format!(
                        "load balancer `{}` has two listeners on port {}",
                        balancer.label(),
                        listener.port
                    ),
                    "a load balancer has one listener per port",
                ));
            }
        }
    }
}
