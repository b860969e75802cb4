//! Route tables and prefix lists.

use super::tree::{Map, Yaml, one_or_more, text};
use super::{Extent, Writer};
use crate::network::{
    Destination, EndpointType, Kind, PrefixList, Resource, Route, RouteOrigin, RouteState,
    RouteTable, RouteTarget,
};
use crate::read::scenario::draft::stands_for_list;
use crate::read::scenario::routes::{OTHER_TARGETS, TARGETS};
use std::collections::BTreeMap;

impl Writer<'_> {
    pub(super) fn route_table(&self, table: &RouteTable) -> Option<Map> {
        let routes: Vec<&Route> =
            table.routes.iter().filter(|route| !self.goes_without_saying(table, route)).collect();
        let implied_id = format!("{}-main", table.vpc);
        let bare = table.subnets.is_empty() && table.gateways.is_empty() && routes.is_empty();
        // RT-01: the one that every VPC has.
        let unnamed = table.main && table.about.name.is_none() && table.id.as_str() == implied_id;
        if self.extent == Extent::Short && bare && unnamed {
            return None;
        }
        let mut map = Map::default();
        map.put("vpc", self.key(Kind::Vpc, &table.vpc));
        map.unless("main", table.main, false);
        let tables = &self.network.route_tables;
        map.items(
            "subnets",
            self.unclaimed(Kind::Subnet, table, &table.subnets, |subnet| {
                let mut tables = tables.values();
                tables.find(|one| one.subnets.contains(subnet)).map(|one| one.id_text())
            }),
        );
        let gateways = table.gateways.iter();
        map.items("gateways", gateways.map(|id| text(self.keys.key(Kind::InternetGateway, id))));
        if !routes.is_empty() {
            map.put("routes", self.routes(table, routes));
        }
        Some(map)
    }

    /// What the reader adds: local routes (RT-09), and those of gateway endpoints (GE-01, GE-06).
    fn goes_without_saying(&self, table: &RouteTable, route: &Route) -> bool {
        if !self.implied() || route.state != RouteState::Active {
            return false;
        }
        match (&route.target, &route.destination) {
            (RouteTarget::Local, _) => route.origin == RouteOrigin::CreateRouteTable,
            (RouteTarget::GatewayEndpoint(id), Destination::PrefixList(list)) => {
                let list = self.network.prefix_lists.get(list).map(Resource::label);
                self.network.vpc_endpoints.get(id).is_some_and(|endpoint| {
                    endpoint.endpoint_type == EndpointType::Gateway
                        && endpoint.route_tables.contains(&table.id)
                        && endpoint.list_names().any(|name| list == Some(name.as_str()))
                }) && route.origin == RouteOrigin::CreateRoute
            }
            _ => false,
        }
    }

    /// By destination; several for one are a list.
    fn routes(&self, table: &RouteTable, routes: Vec<&Route>) -> Map {
        let mut by_destination: BTreeMap<(bool, &Destination), Vec<Yaml>> = BTreeMap::new();
        for route in routes {
            let far = route.target != RouteTarget::Local;
            by_destination
                .entry((far, &route.destination))
                .or_default()
                .push(self.route(table, route));
        }
        // A block may have a local route and another one.
        let mut joined: Vec<(&Destination, Vec<Yaml>)> = Vec::new();
        for ((_, destination), routes) in by_destination {
            match joined.iter_mut().find(|(one, _)| *one == destination) {
                Some((_, all)) => all.extend(routes),
                None => joined.push((destination, routes)),
            }
        }
        let mut map = Map::default();
        for (destination, routes) in joined {
            map.put(self.destination(destination), one_or_more(routes));
        }
        map
    }

    pub(super) fn destination(&self, destination: &Destination) -> String {
        match destination {
            Destination::Cidr(cidr) => cidr.to_string(),
            Destination::PrefixList(id) => self.keys.key(Kind::PrefixList, id.as_str()).to_owned(),
        }
    }

    fn route(&self, table: &RouteTable, route: &Route) -> Yaml {
        let Route { target, state, origin, destination, .. } = route;
        let gone = RouteTarget::Other { kind: "deleted".to_owned(), id: "target".to_owned() };
        if *target == gone && *state == RouteState::Blackhole && *origin == RouteOrigin::CreateRoute
        {
            return text("blackhole");
        }
        let vpc = self.network.vpcs.get(&table.vpc);
        let of_vpc = vpc.is_some_and(|vpc| {
            vpc.cidrs.iter().any(|cidr| *destination == Destination::Cidr(*cidr))
        });
        let short = matches!(self.target(target), Yaml::Text(_));
        let usual = match target {
            RouteTarget::Local if of_vpc && !self.implied() => RouteOrigin::CreateRouteTable,
            _ => RouteOrigin::CreateRoute,
        };
        if *state == RouteState::Active && *origin == usual && short {
            return self.target(target);
        }
        let mut map = Map::default();
        map.put("target", self.target(target));
        match state {
            RouteState::Active => {}
            RouteState::Blackhole => map.put("state", "blackhole"),
            RouteState::Other(state) => map.put("state", state),
        }
        match origin {
            RouteOrigin::CreateRoute => {}
            RouteOrigin::CreateRouteTable => map.put("origin", "table"),
            RouteOrigin::EnableVgwRoutePropagation => map.put("origin", "propagated"),
            RouteOrigin::Advertisement => map.put("origin", "advertised"),
        }
        Yaml::Map(map)
    }

    fn target(&self, target: &RouteTarget) -> Yaml {
        let (kind, id) = match target {
            RouteTarget::Local => return text("local"),
            RouteTarget::InternetGateway(id) => (Kind::InternetGateway, id.as_str()),
            RouteTarget::EgressOnlyGateway(id) => (Kind::EgressOnlyGateway, id.as_str()),
            RouteTarget::NatGateway(id) => (Kind::NatGateway, id.as_str()),
            RouteTarget::GatewayEndpoint(id) => (Kind::VpcEndpoint, id.as_str()),
            RouteTarget::Peering(id) => (Kind::PeeringConnection, id.as_str()),
            RouteTarget::TransitGateway(id) => (Kind::TransitGateway, id.as_str()),
            RouteTarget::Interface(id) => (Kind::NetworkInterface, id.as_str()),
            RouteTarget::LoadBalancerEndpoint(id) => {
                let known = self.network.vpc_endpoints.get(id);
                let kind = known.map(|one| &one.endpoint_type);
                if kind != Some(&EndpointType::GatewayLoadBalancer) {
                    return text(format!(
                        "gwlbe/{}",
                        self.keys.key(Kind::VpcEndpoint, id.as_str())
                    ));
                }
                (Kind::VpcEndpoint, id.as_str())
            }
            RouteTarget::Other { kind, id } => {
                return match OTHER_TARGETS.iter().find(|(_, known)| known == kind) {
                    Some((word, _)) if !id.is_empty() => text(format!("{word}/{id}")),
                    _ => {
                        let mut map = Map::default();
                        map.put("kind", kind);
                        map.put("id", id);
                        Yaml::Map(map)
                    }
                };
            }
        };
        let key = self.keys.key(kind, id);
        // One name may mean a thing of each kind.
        let meanings = TARGETS.iter().filter(|kind| self.keys.id(**kind, key).is_some()).count();
        match meanings == 1 && self.keys.id(kind, key).is_some() && !key.contains('/') {
            true => text(key),
            false => text(format!("{}/{key}", kind.short())),
        }
    }

    pub(super) fn prefix_list(&self, list: &PrefixList) -> Option<Map> {
        let key = self.keys.key(Kind::PrefixList, list.id.as_str());
        // AWS's own, whose entries nobody knows, is there when it is named.
        let known = list.entries.is_some();
        let own = list.about.name.as_deref().is_some_and(|name| name.contains("com.amazonaws."));
        if self.implied() && !known && own && stands_for_list(key, list.id.as_str()) {
            return None;
        }
        let mut map = Map::default();
        if let Some(entries) = &list.entries {
            map.put("entries", entries.iter().map(text).collect::<Vec<_>>());
        }
        Some(map)
    }
}
