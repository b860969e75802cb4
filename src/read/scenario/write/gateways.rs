//! Internet gateways, NAT gateways, endpoints, peering connections.

use super::Writer;
use super::tree::{Map, Yaml, text};
use crate::models;
use crate::network::{
    Connectivity, EgressOnlyGateway, EndpointType, Families, InternetGateway, Kind, NatAddress,
    NatGateway, PeeringConnection, PeeringEnd, VirtualPrivateGateway, VpcEndpoint,
};
use crate::read::scenario::endpoints::TO_APPLIANCES;

impl Writer<'_> {
    pub(super) fn internet_gateway(&self, gateway: &InternetGateway) -> Option<Map> {
        let mut map = Map::default();
        if let Some((vpc, state)) = gateway.attachments.first() {
            map.put("vpc", self.key(Kind::Vpc, vpc));
            map.unless("state", state.as_str(), "available");
        }
        Some(map)
    }

    pub(super) fn virtual_private_gateway(&self, gateway: &VirtualPrivateGateway) -> Option<Map> {
        let mut map = Map::default();
        // One that was detached is listed with its former VPC, too.
        let attached = |(_, state): &&(_, String)| state == "attached";
        let attachments = &gateway.attachments;
        let one = attachments.iter().find(attached).or(attachments.first());
        if let Some((vpc, state)) = one {
            map.put("vpc", self.key(Kind::Vpc, vpc));
            map.unless("state", state.as_str(), "attached");
        }
        Some(map)
    }

    pub(super) fn egress_only_gateway(&self, gateway: &EgressOnlyGateway) -> Option<Map> {
        let mut map = Map::default();
        if let Some((vpc, state)) = gateway.attachments.first() {
            map.put("vpc", self.key(Kind::Vpc, vpc));
            map.unless("state", state.as_str(), "attached");
        }
        Some(map)
    }

    pub(super) fn nat_gateway(&self, nat: &NatGateway) -> Option<Map> {
        let mut map = Map::default();
        match &nat.subnet {
            Some(subnet) => {
                self.vpc_beside(&mut map, &nat.vpc, [subnet]);
                map.put("subnet", self.key(Kind::Subnet, subnet));
            }
            None => {
                map.put("vpc", self.key(Kind::Vpc, &nat.vpc));
                let table = nat.route_table.as_ref();
                map.some("route_table", table.map(|id| self.key(Kind::RouteTable, id)));
                let expands = nat.expands.map_or("unknown".to_owned(), |one| one.to_string());
                let usual = if self.implied() { "true" } else { "unknown" };
                map.unless("expands", expands.as_str(), usual);
            }
        }
        let public = nat.connectivity == Connectivity::Public;
        if !public {
            map.put("connectivity", "private");
        }
        map.unless("state", nat.state.as_str(), "available");
        match nat.addresses.as_slice() {
            // A public one that states no public address gets one.
            [only] if only.public.is_some() == public || !self.implied() => {
                map.0.extend(address(only).0);
            }
            several => map.put(
                "addresses",
                several.iter().map(|one| address(one).into()).collect::<Vec<Yaml>>(),
            ),
        }
        map.items("undocumented", &nat.undocumented);
        Some(map)
    }

    pub(super) fn endpoint(&self, endpoint: &VpcEndpoint) -> Option<Map> {
        let VpcEndpoint { vpc, service_name, subnets, route_tables, .. } = endpoint;
        let region = self.scope.region.as_deref().unwrap_or_default();
        let service = models::service(service_name);
        let gateway = endpoint.endpoint_type == EndpointType::Gateway;
        let mut map = Map::default();
        let in_subnet = subnets.iter().find_map(|id| self.network.subnets.get(id));
        let in_table = route_tables.iter().find_map(|id| self.network.route_tables.get(id));
        let told = in_subnet.map(|subnet| &subnet.vpc).or(in_table.map(|table| &table.vpc));
        if told != Some(vpc) {
            map.put("vpc", self.key(Kind::Vpc, vpc));
        }
        let short = service.filter(|service| service.endpoint_name(region) == *service_name);
        if !service_name.is_empty() {
            map.put("service", short.map_or(service_name.as_str(), |service| service.name));
        }
        let usual = match service.is_some_and(|one| one.has_gateway_endpoint) && subnets.is_empty()
        {
            true => EndpointType::Gateway,
            false => EndpointType::Interface,
        };
        if endpoint.endpoint_type != usual {
            map.put(
                "type",
                match &endpoint.endpoint_type {
                    EndpointType::Interface => "interface",
                    EndpointType::Gateway => "gateway",
                    EndpointType::GatewayLoadBalancer => TO_APPLIANCES,
                    EndpointType::Other(other) => other,
                },
            );
        }
        map.unless("state", endpoint.state.as_str(), "available");
        map.unless("ip_address_type", endpoint.families.word(), Families::V4.word());
        if endpoint.endpoint_type != EndpointType::GatewayLoadBalancer {
            let records = match (endpoint.dns_records, endpoint.families) {
                (Some(records), _) => records.word(),
                (None, Families::V4) => Families::V4.word(),
                (None, _) => "service-defined",
            };
            map.unless("dns_ip_type", records, endpoint.families.word());
        }
        map.some("service_region", endpoint.service_region.as_ref());
        map.items("subnets", self.key_all(Kind::Subnet, subnets));
        map.items("route_tables", self.key_all(Kind::RouteTable, route_tables));
        let to_appliances = endpoint.endpoint_type == EndpointType::GatewayLoadBalancer;
        if to_appliances {
            let appliance = if endpoint.appliance_passes { "passes" } else { "unknown" };
            map.unless("appliance", appliance, "unknown");
        } else if !gateway {
            self.groups(&mut map, &endpoint.groups, Some(vpc));
        }
        let has_names =
            service.is_none_or(|service| service.private_dns_names(region).next().is_some());
        let usual = !gateway && !to_appliances && has_names;
        map.unless("private_dns", endpoint.private_dns, usual);
        // GE-09
        let beside = self.implied() && endpoint.private_dns && service_name.ends_with(".s3");
        let beside = beside
            && self.network.vpc_endpoints.values().any(|other| {
                other.endpoint_type == EndpointType::Gateway
                    && (&other.vpc, &other.service_name) == (vpc, service_name)
            });
        let key = "private_dns_only_for_inbound_resolver";
        map.unless(key, endpoint.private_dns_only_for_inbound_resolver, beside);
        map.items("private_dns_names", &endpoint.private_dns_names);
        map.some("policy", endpoint.policy.as_ref());
        map.items("interfaces", endpoint.interfaces.iter().map(text));
        Some(map)
    }

    pub(super) fn peering(&self, peering: &PeeringConnection) -> Option<Map> {
        let end = |end: &PeeringEnd| {
            let vpc = self.key(Kind::Vpc, &end.vpc);
            let there = self.network.vpcs.get(&end.vpc).map(|vpc| &vpc.about.scope);
            let home = there.unwrap_or(&peering.about.scope);
            if *home == end.scope {
                return vpc;
            }
            let mut map = Map::default();
            map.put("vpc", vpc);
            map.put("account", text(end.scope.account.as_deref().unwrap_or("unknown")));
            map.put("region", text(end.scope.region.as_deref().unwrap_or("unknown")));
            Yaml::Map(map)
        };
        let mut map = Map::default();
        map.put("vpcs", peering.ends.iter().map(end).collect::<Vec<_>>());
        map.unless("state", peering.state.as_str(), "active");
        map.items("undocumented", &peering.undocumented);
        Some(map)
    }
}

fn address(address: &NatAddress) -> Map {
    let mut map = Map::default();
    map.some("private_ip", address.private.map(text));
    map.some("public_ip", address.public.map(text));
    map.some("az", address.zone.name.as_ref());
    map.some("az_id", address.zone.id.as_ref());
    map.some("interface", address.interface.as_ref().map(text));
    map.some("status", address.status.as_ref());
    map
}
