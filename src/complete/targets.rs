//! What stands on hosts for the tasks that have no interface of their own.

use crate::ecs::{behind, host_interface_id, host_ports, hosts, on_hosts, registered_port};
use crate::header::AddressSet;
use crate::network::{
    About, InterfaceRole, Network, NetworkInterface, NetworkInterfaceId, Resource, Service,
};
use std::net::IpAddr;

/// PLC-10, PLC-11: per service, registered port and host, the host's primary interface as the
/// service's target: its address and groups, and behind it the container. The hosts that are only
/// planned are in the network already.
pub(super) fn interfaces(network: &Network) -> Vec<NetworkInterface> {
    let services = network.services.values().filter(|service| on_hosts(network, service));
    services.flat_map(|service| of_service(network, service)).collect()
}

fn of_service(network: &Network, service: &Service) -> Vec<NetworkInterface> {
    let hosts = hosts(network, service).hosts;
    let mut planned = Vec::new();
    for target in &service.targets {
        let Some(port) = registered_port(network, service, target) else { continue };
        for host in &hosts {
            let Some(primary) = network.interfaces.get(&host.interface) else { continue };
            let Some(found) = host_ports(network, service, target, port, host) else { continue };
            let address = primary.addresses.iter().map(|one| one.address).find(IpAddr::is_ipv4);
            let (sockets, published) = behind(network, service, target, port, &found.ports);
            let name = format!("{} on {}", service.label(), host.owner.label());
            planned.push(NetworkInterface {
                id: NetworkInterfaceId::from(host_interface_id(service, port, host)),
                about: About { name: Some(name), ..primary.about.clone() },
                addresses: Vec::new(),
                planned: Some(match address {
                    Some(address) => AddressSet::single(address),
                    None => primary.private_addresses(),
                }),
                role: InterfaceRole::Ordinary,
                sockets: sockets.sockets,
                sockets_known: sockets.ports,
                sockets_at: sockets.at,
                published,
                ..primary.clone()
            });
        }
    }
    planned
}
