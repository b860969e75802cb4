//! VPCs, subnets, gateways, endpoints, peerings, transit gateways, interfaces.

use super::{Entry, Stating, text};
use crate::network::{
    Attached, Connectivity, Destination, EndpointType, Instance, InternetGateway, Kind, NatGateway,
    NetworkInterface, PeeringConnection, PrefixList, PrefixListId, PublicAddress, RouteState,
    Subnet, TransitGatewayAttachment, TransitGatewayId, TransitGatewayRouteTable, Vpc, VpcEndpoint,
};
use crate::read::scenario::node::{Node, Value};

impl Stating<'_> {
    pub(super) fn prefix_list_name(&self, id: &PrefixListId) -> Option<String> {
        self.network.prefix_lists.contains_key(id).then(|| id.to_string())
    }

    pub(super) fn prefix_list(&self, list: &PrefixList) -> Option<Node> {
        Some(Entry::new().list("entries", list.entries.as_ref()?).done())
    }

    pub(super) fn vpc(&self, vpc: &Vpc) -> Node {
        let options = vpc.dhcp_options.iter().map(|id| id.as_str());
        Entry::new()
            .list("cidrs", &vpc.cidrs)
            .some("enable_dns_support", vpc.dns_support)
            .some("enable_dns_hostnames", vpc.dns_hostnames)
            .some("dhcp_options", self.known(Kind::DhcpOptions, options).first())
            .done()
    }

    pub(super) fn subnet(&self, subnet: &Subnet) -> Node {
        let tables = self.network.route_tables.values();
        let table =
            tables.filter(|table| table.subnets.contains(&subnet.id)).map(|it| &it.id).next();
        let acls = self.network.network_acls.values();
        let acl = acls.filter(|acl| acl.subnets.contains(&subnet.id)).map(|acl| &acl.id).next();
        Entry::new()
            .text("vpc", &subnet.vpc)
            .list("cidrs", &subnet.cidrs)
            .some("az", subnet.zone.name.as_ref().or(subnet.zone.id.as_ref()))
            .some("route_table", table)
            .some("network_acl", acl)
            .text("map_public_ip", subnet.map_public_ip)
            .some("available_addresses", subnet.available_addresses)
            .done()
    }

    pub(super) fn internet_gateway(&self, gateway: &InternetGateway) -> Node {
        let vpcs = gateway.attachments.iter().map(|(vpc, _)| vpc.as_str());
        Entry::new().some("vpc", self.known(Kind::Vpc, vpcs).first()).done()
    }

    pub(super) fn nat_gateway(&self, nat: &NatGateway) -> Option<Node> {
        let connectivity = match nat.connectivity {
            Connectivity::Public => "public",
            Connectivity::Private => "private",
        };
        let first = nat.addresses.first();
        Some(
            Entry::new()
                .text("subnet", nat.subnet.as_ref()?)
                .text("connectivity", connectivity)
                .text("state", &nat.state)
                .some("private_ip", first.and_then(|address| address.private))
                .some("public_ip", first.and_then(|address| address.public))
                .done(),
        )
    }

    pub(super) fn endpoint(&self, endpoint: &VpcEndpoint) -> Option<Node> {
        let entry = Entry::new()
            .text("vpc", &endpoint.vpc)
            .text("service", &endpoint.service_name)
            .text("state", &endpoint.state);
        match &endpoint.endpoint_type {
            EndpointType::Gateway => {
                let tables = endpoint.route_tables.iter().map(|id| id.as_str());
                let tables = self.known(Kind::RouteTable, tables);
                Some(entry.text("type", "gateway").list("route_tables", tables).done())
            }
            EndpointType::Interface => {
                let subnets = endpoint.subnets.iter().map(|id| id.as_str());
                let groups = endpoint.groups.iter().map(|id| id.as_str());
                Some(
                    entry
                        .text("type", "interface")
                        .list("subnets", self.known(Kind::Subnet, subnets))
                        .list("security_groups", self.known(Kind::SecurityGroup, groups))
                        .text("private_dns", endpoint.private_dns)
                        .text(
                            "private_dns_only_for_inbound_resolver",
                            endpoint.private_dns_only_for_inbound_resolver,
                        )
                        .done(),
                )
            }
            EndpointType::GatewayLoadBalancer | EndpointType::Other(_) => None,
        }
    }

    pub(super) fn peering(&self, peering: &PeeringConnection) -> Node {
        let vpcs = peering.ends.iter().map(|end| &end.vpc);
        Entry::new().list("vpcs", vpcs).text("state", &peering.state).done()
    }

    pub(super) fn transit_route_table(&self, table: &TransitGatewayRouteTable) -> Option<Node> {
        let mut routes = Entry::new();
        for route in table.routes.as_ref()?.iter().filter(|route| !route.propagated) {
            let attachments: Vec<_> = route.attachments.iter().collect();
            let target = match (attachments.as_slice(), &route.state) {
                ([], RouteState::Blackhole) => "blackhole".to_owned(),
                ([only], RouteState::Active) => only.to_string(),
                _ => continue,
            };
            let destination = match &route.destination {
                Destination::Cidr(cidr) => cidr.to_string(),
                Destination::PrefixList(id) => match self.prefix_list_name(id) {
                    Some(name) => name,
                    None => continue,
                },
            };
            let at = route.at.clone().unwrap_or_else(super::nowhere);
            routes = routes.node(destination, text(&at, target));
        }
        let gateway = &table.transit_gateway;
        Some(Entry::new().text("transit_gateway", gateway).node("routes", routes.done()).done())
    }

    pub(super) fn attachment(&self, attachment: &TransitGatewayAttachment) -> Option<Node> {
        let hub = &attachment.transit_gateway;
        let tables = || self.network.transit_gateway_route_tables.values();
        let of = |hub: &TransitGatewayId| {
            let with = tables().filter(|table| table.transit_gateway == *hub);
            let found = with.into_iter().find(|table| table.associations.contains(&attachment.id));
            found.map_or_else(|| "none".to_owned(), |table| table.id.to_string())
        };
        let entry = Entry::new()
            .text("transit_gateway", hub)
            .text("state", &attachment.state)
            .some("appliance_mode", attachment.appliance_mode)
            .some("group_references", attachment.group_references)
            .text("route_table", of(hub));
        Some(match &attachment.attached {
            Attached::Vpc { subnets, .. } => {
                let subnets = subnets.as_ref()?.iter().map(|id| id.as_str());
                let learned = tables().filter(|table| {
                    let mut routes = table.routes.iter().flatten();
                    routes
                        .any(|route| route.propagated && route.attachments.contains(&attachment.id))
                });
                entry
                    .list("subnets", self.known(Kind::Subnet, subnets))
                    .list("propagate_to", learned.map(|table| &table.id))
                    .done()
            }
            Attached::Peer(peer) => {
                entry.text("peer", peer).text("peer_route_table", of(peer)).done()
            }
            Attached::Other(kind) => entry.text("type", kind).done(),
        })
    }

    /// An interface of one address, or of any.
    pub(super) fn interface(&self, interface: &NetworkInterface) -> Option<Node> {
        let groups = interface.groups.iter().map(|id| id.as_str());
        let entry = Entry::new()
            .text("subnet", &interface.subnet)
            .list("security_groups", self.known(Kind::SecurityGroup, groups))
            .text("source_dest_check", interface.source_dest_check)
            .some("operating_system", interface.operating_system.map(super::ecs::system_word));
        let entry = match interface.addresses.as_slice() {
            [] => match interface.planned_public {
                true => entry.text("public_ip", true),
                false => entry,
            },
            [only] => {
                let entry = entry.text("address", only.address);
                match only.public {
                    Some(PublicAddress::Known(address)) => entry.text("public_ip", address),
                    Some(PublicAddress::Some) => entry.text("public_ip", true),
                    None => entry,
                }
            }
            _ => return None,
        };
        let known = interface.sockets_known == crate::network::KnownPorts::all();
        let entry = match (known, super::ecs::sockets(&interface.sockets)) {
            (true, Some(listens)) => entry.node("listens", listens),
            _ => entry,
        };
        Some(entry.done())
    }

    /// An instance of one interface.
    pub(super) fn instance(&self, instance: &Instance) -> Option<Node> {
        let [only] = instance.interfaces.as_slice() else { return None };
        let mut node = self.interface(self.network.interfaces.get(only)?)?;
        if let Value::Mapping(fields) = &mut node.value {
            if !fields.iter().any(|(key, _)| key.text == "public_ip") {
                let none = Entry::new().text("public_ip", false).done();
                if let Value::Mapping(none) = none.value {
                    fields.extend(none);
                }
            }
            let state = Entry::new().text("state", &instance.state).done();
            if let Value::Mapping(state) = state.value {
                fields.extend(state);
            }
        }
        Some(node)
    }
}
