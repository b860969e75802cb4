//! What AWS lets nobody write into a gateway's route table, or lead to an appliance.

use super::super::{Destination, Network, Resource, RouteState, RouteTarget};
use super::Problem;

/// RT-15, RT-18
pub(super) fn check(network: &Network, problems: &mut Vec<Problem>) {
    for table in network.route_tables.values() {
        let edge = !table.gateways.is_empty();
        for route in &table.routes {
            let at = route.at.as_ref();
            let to_endpoint = matches!(route.target, RouteTarget::LoadBalancerEndpoint(_));
            let allowed = to_endpoint
                || matches!(route.target, RouteTarget::Local | RouteTarget::Interface(_))
                || route.state == RouteState::Blackhole;
            let label = table.label();
            let what = match &route.destination {
                Destination::PrefixList(list) if edge || to_endpoint => {
                    (format!("a route for prefix list `{list}`"), "write the blocks themselves")
                }
                Destination::Cidr(cidr) if edge && !is_whole(network, table.vpc.as_str(), cidr) => {
                    (
                        format!(
                            "a route for {cidr}, which is no whole block of its VPC or a subnet"
                        ),
                        "a gateway's table routes whole blocks only",
                    )
                }
                destination if edge && !allowed => (
                    format!("a route for {destination} to {}", route.target),
                    "a gateway's table leads to local, an interface or a Gateway Load Balancer endpoint",
                ),
                _ => continue,
            };
            let message = format!("route table `{label}` cannot have {}", what.0);
            problems.push(Problem::new(at, message, what.1));
        }
    }
}

fn is_whole(network: &Network, vpc: &str, cidr: &ipnet::IpNet) -> bool {
    let blocks = network.vpcs.get(vpc).into_iter().flat_map(|vpc| &vpc.cidrs);
    let subnets = network.subnets.values().filter(|subnet| subnet.vpc.as_str() == vpc);
    blocks.chain(subnets.flat_map(|subnet| &subnet.cidrs)).any(|block| block == cidr)
}
