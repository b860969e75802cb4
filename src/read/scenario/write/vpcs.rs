//! VPCs and their subnets.

use super::Writer;
use super::public_access::mode;
use super::tree::{Map, Yaml, one_or_more, text};
use crate::network::{Kind, Resource, Subnet, Vpc};
use ipnet::IpNet;

impl Writer<'_> {
    pub(super) fn vpc(&self, vpc: &Vpc) -> Option<Map> {
        let mut map = Map::default();
        blocks(&mut map, &vpc.cidrs);
        if !vpc.private_v6.is_empty() {
            map.put("ipv6_private", one_or_more(vpc.private_v6.iter().map(text).collect()));
        }
        self.known(&mut map, "enable_dns_support", vpc.dns_support, true);
        self.known(&mut map, "enable_dns_hostnames", vpc.dns_hostnames, true);
        let options = vpc.dhcp_options.as_ref();
        map.some("dhcp_options", options.map(|id| self.key(Kind::DhcpOptions, id)));
        map.some("public_access", vpc.public_access.map(mode));
        map.unless("encryption_enforced", vpc.encryption_enforced, false);
        Some(map)
    }

    pub(super) fn subnet(&self, subnet: &Subnet) -> Option<Map> {
        let mut map = Map::default();
        map.put("vpc", self.key(Kind::Vpc, &subnet.vpc));
        blocks(&mut map, &subnet.cidrs);
        match (&subnet.zone.name, &subnet.zone.id) {
            (None, Some(id)) if id.contains("-az") => map.put("az", id),
            (name, id) => {
                map.some("az", name.as_ref());
                map.some("az_id", id.as_ref());
            }
        }
        let mut tables = self.network.route_tables.values();
        let table = tables.find(|table| table.subnets.contains(&subnet.id));
        map.some("route_table", table.map(|table| self.key(Kind::RouteTable, &table.id)));
        let mut acls = self.network.network_acls.values();
        let acl = acls.find(|acl| acl.subnets.contains(&subnet.id));
        map.some("network_acl", acl.map(|acl| self.key(Kind::NetworkAcl, &acl.id)));
        map.unless("map_public_ip", subnet.map_public_ip, false);
        map.unless("dns64", subnet.dns64, false);
        map.some("available_addresses", subnet.available_addresses.map(text));
        map.some("public_access", subnet.public_access.map(mode));
        Some(map)
    }

    /// Those that the subnets do not name themselves, having another or not being there.
    pub(super) fn unclaimed<'s, R: Resource>(
        &self,
        kind: Kind,
        own: &R,
        subnets: impl IntoIterator<Item = &'s crate::network::SubnetId>,
        first: impl Fn(&crate::network::SubnetId) -> Option<&'s str>,
    ) -> Vec<Yaml> {
        let claims = |id: &&crate::network::SubnetId| {
            !self.network.subnets.contains_key(*id) || first(id) != Some(own.id_text())
        };
        subnets.into_iter().filter(claims).map(|id| self.key(kind, id)).collect()
    }
}

fn blocks(map: &mut Map, cidrs: &[IpNet]) {
    let key = if cidrs.len() == 1 { "cidr" } else { "cidrs" };
    map.put(key, one_or_more(cidrs.iter().map(text).collect()));
}
