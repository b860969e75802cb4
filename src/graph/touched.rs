//! What an edit touched.

use crate::network::{
    About, Network, NetworkAcl, NetworkAclId, RouteTable, RouteTableId, SecurityGroup,
    SecurityGroupId, Shelf, TransitGatewayRouteTable, TransitGatewayRouteTableId,
};
use std::collections::BTreeSet;

/// What an edit touched, by the resources that it left in place and of which it changed only what is
/// said here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    /// Security groups with other rules.
    pub security_groups: BTreeSet<SecurityGroupId>,
    /// Network ACLs with other entries.
    pub network_acls: BTreeSet<NetworkAclId>,
    /// Route tables with other routes.
    pub route_tables: BTreeSet<RouteTableId>,
    /// Route tables of transit gateways with other routes or associations.
    pub transit_gateway_route_tables: BTreeSet<TransitGatewayRouteTableId>,
    /// Whether there is more.
    pub everything: bool,
}

impl Touched {
    /// Whether nothing was touched.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// What tells two networks apart.
#[must_use]
pub fn touched(before: &Network, after: &Network) -> Touched {
    let mut rest = after.clone();
    rest.security_groups = before.security_groups.clone();
    rest.network_acls = before.network_acls.clone();
    rest.route_tables = before.route_tables.clone();
    rest.transit_gateway_route_tables = before.transit_gateway_route_tables.clone();
    let mut touched = Touched { everything: rest != *before, ..Touched::default() };
    let Touched { everything, .. } = &mut touched;
    let plain = |about: &About| About { at: None, ..about.clone() };
    let groups = changed(&before.security_groups, &after.security_groups, |one| {
        let about = plain(&one.about);
        SecurityGroup { about, ingress: Vec::new(), egress: Vec::new(), ..one.clone() }
    });
    let acls = changed(&before.network_acls, &after.network_acls, |one| {
        let about = plain(&one.about);
        NetworkAcl { about, ingress: Vec::new(), egress: Vec::new(), ..one.clone() }
    });
    let tables = changed(&before.route_tables, &after.route_tables, |one| {
        let about = plain(&one.about);
        RouteTable { about, routes: Vec::new(), ..one.clone() }
    });
    let hubs = &after.transit_gateway_route_tables;
    let hubs = changed(&before.transit_gateway_route_tables, hubs, |one| {
        let about = plain(&one.about);
        let associations = BTreeSet::new();
        TransitGatewayRouteTable { about, routes: None, associations, ..one.clone() }
    });
    *everything |= groups.is_none() || acls.is_none() || tables.is_none() || hubs.is_none();
    touched.security_groups = groups.unwrap_or_default();
    touched.network_acls = acls.unwrap_or_default();
    touched.route_tables = tables.unwrap_or_default();
    touched.transit_gateway_route_tables = hubs.unwrap_or_default();
    touched
}

/// What differs, where nothing differs but what `plain` leaves out.
fn changed<K: Ord + Clone, V: Clone + PartialEq + Eq>(
    before: &Shelf<K, V>,
    after: &Shelf<K, V>,
    plain: impl Fn(&V) -> V,
) -> Option<BTreeSet<K>> {
    if before == after {
        return Some(BTreeSet::new());
    }
    if before.len() != after.len() {
        return None;
    }
    let mut found = BTreeSet::new();
    for ((id, old), (other, new)) in before.iter().zip(after.iter()) {
        if id != other {
            return None;
        }
        if old != new {
            if plain(old) != plain(new) {
                return None;
            }
            found.insert(id.clone());
        }
    }
    Some(found)
}
