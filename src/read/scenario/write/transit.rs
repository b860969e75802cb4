//! Transit gateways, their attachments and their route tables.

use super::tree::{Map, Yaml, one_or_more, text};
use super::{Extent, Writer};
use crate::network::{
    Attached, Destination, Kind, RouteState, TransitGateway, TransitGatewayAttachment,
    TransitGatewayId, TransitGatewayRoute, TransitGatewayRouteTable,
};
use ipnet::IpNet;
use std::collections::BTreeMap;

impl Writer<'_> {
    pub(super) fn transit_gateway(&self, gateway: &TransitGateway) -> Option<Map> {
        let mut map = Map::default();
        if self.implied() && self.default_table(&gateway.id).is_none() {
            map.put("default_table", "false");
        }
        self.known(&mut map, "group_references", gateway.group_references, false);
        map.items("undocumented", &gateway.undocumented);
        Some(map)
    }

    /// The table of attachments that name none.
    fn default_table(&self, gateway: &TransitGatewayId) -> Option<&TransitGatewayRouteTable> {
        let id = format!("{gateway}-default");
        self.network.transit_gateway_route_tables.get(id.as_str())
    }

    pub(super) fn transit_attachment(&self, one: &TransitGatewayAttachment) -> Option<Map> {
        let mut map = Map::default();
        let hub = &one.transit_gateway;
        map.put("transit_gateway", self.key(Kind::TransitGateway, hub));
        match &one.attached {
            Attached::Vpc { vpc, subnets } => {
                let subnets = subnets.iter().flatten();
                self.vpc_beside(&mut map, vpc, subnets.clone());
                map.items("subnets", self.key_all(Kind::Subnet, subnets));
            }
            Attached::Peer(peer) => map.put("peer", self.key(Kind::TransitGateway, peer)),
            Attached::Other(kind) => map.put("type", kind),
        }
        map.unless("state", one.state.as_str(), "available");
        self.known(&mut map, "appliance_mode", one.appliance_mode, false);
        self.known(&mut map, "group_references", one.group_references, true);
        self.known(&mut map, "ipv6", one.ipv6, false);
        if !self.implied() {
            return Some(map);
        }
        self.table_of(&mut map, "route_table", one, hub);
        if let Attached::Peer(peer) = &one.attached {
            self.table_of(&mut map, "peer_route_table", one, peer);
        }
        if let Attached::Vpc { .. } = &one.attached {
            let tables = self.network.transit_gateway_route_tables.values();
            let learn: Vec<&TransitGatewayRouteTable> =
                tables.filter(|table| self.learns(table, one)).collect();
            let default = self.default_table(hub);
            if learn.iter().map(|table| &table.id).ne(default.map(|table| &table.id)) {
                let tables = learn.into_iter().map(|table| &table.id);
                let tables = self.key_all(Kind::TransitGatewayRouteTable, tables);
                map.put("propagate_to", Yaml::List(tables));
            }
        }
        Some(map)
    }

    /// The table that routes what comes from the attachment (TG-02).
    fn table_of(
        &self,
        map: &mut Map,
        key: &str,
        one: &TransitGatewayAttachment,
        hub: &TransitGatewayId,
    ) {
        let mut tables = self.network.transit_gateway_route_tables.values();
        let own = tables
            .find(|table| table.transit_gateway == *hub && table.associations.contains(&one.id));
        let default = self.default_table(hub).map(|table| &table.id);
        if own.map(|table| &table.id) != default {
            let own = own.map(|table| self.key(Kind::TransitGatewayRouteTable, &table.id));
            map.put(key, own.unwrap_or_else(|| text("none")));
        }
    }

    /// Whether a table has exactly what the attachment propagates (TG-03).
    fn learns(&self, table: &TransitGatewayRouteTable, one: &TransitGatewayAttachment) -> bool {
        let Attached::Vpc { vpc, .. } = &one.attached else { return false };
        let Some(vpc) = self.network.vpcs.get(vpc) else { return false };
        let mut routes = table.routes.iter().flatten();
        table.transit_gateway == one.transit_gateway
            && routes.any(|route| propagated_by(route, one, &vpc.cidrs))
    }

    pub(super) fn transit_table(&self, table: &TransitGatewayRouteTable) -> Option<Map> {
        let learned = |route: &&TransitGatewayRoute| {
            self.implied()
                && self.network.transit_gateway_attachments.values().any(|one| {
                    let Attached::Vpc { vpc, .. } = &one.attached else { return false };
                    let vpc = self.network.vpcs.get(vpc);
                    table.transit_gateway == one.transit_gateway
                        && vpc.is_some_and(|vpc| propagated_by(route, one, &vpc.cidrs))
                })
        };
        let stated: Option<Vec<&TransitGatewayRoute>> = table
            .routes
            .as_ref()
            .map(|routes| routes.iter().filter(|route| !learned(route)).collect());
        let default = self.default_table(&table.transit_gateway);
        let unnamed = table.about.name.is_none() && default == Some(table);
        if self.extent == Extent::Short && unnamed && stated.as_ref().is_some_and(Vec::is_empty) {
            return None;
        }
        let mut map = Map::default();
        map.put("transit_gateway", self.key(Kind::TransitGateway, &table.transit_gateway));
        if !self.implied() {
            let associated = self.key_all(Kind::TransitGatewayAttachment, &table.associations);
            map.items("associations", associated);
        }
        if let Some(routes) = stated.filter(|routes| !routes.is_empty() || !self.implied()) {
            map.put("routes", self.transit_routes(routes));
        }
        Some(map)
    }

    fn transit_routes(&self, routes: Vec<&TransitGatewayRoute>) -> Map {
        let mut by_destination: BTreeMap<&Destination, Vec<Yaml>> = BTreeMap::new();
        for route in routes {
            by_destination.entry(&route.destination).or_default().push(self.transit_route(route));
        }
        let mut map = Map::default();
        for (destination, routes) in by_destination {
            map.put(self.destination(destination), one_or_more(routes));
        }
        map
    }

    fn transit_route(&self, route: &TransitGatewayRoute) -> Yaml {
        let mut attachments = self.key_all(Kind::TransitGatewayAttachment, &route.attachments);
        match (&route.state, attachments.len(), route.propagated) {
            (RouteState::Active, 1, false) => return attachments.remove(0),
            (RouteState::Blackhole, 0, false) => return text("blackhole"),
            _ => {}
        }
        let mut map = Map::default();
        map.items("attachments", attachments);
        match &route.state {
            RouteState::Active => {}
            RouteState::Blackhole => map.put("state", "blackhole"),
            RouteState::Other(state) => map.put("state", state),
        }
        map.unless("propagated", route.propagated, false);
        Yaml::Map(map)
    }
}

fn propagated_by(
    route: &TransitGatewayRoute,
    one: &TransitGatewayAttachment,
    blocks: &[IpNet],
) -> bool {
    let of_block = |cidr: &IpNet| route.destination == Destination::Cidr(*cidr);
    route.propagated
        && route.state == RouteState::Active
        && route.attachments.len() == 1
        && route.attachments.contains(&one.id)
        && blocks.iter().any(of_block)
}
