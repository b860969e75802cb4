//! A resource of the network as a scenario file would state it, as far as a file can: what an
//! overlay is merged into. What cannot be stated is left out, and stays as it is.

mod balancing;
mod ecs;
mod names;
mod network;
mod rules;

use super::node::{Key, Node, Value};
use super::write::{self, firewall_entry};
use crate::network::{At, Kind, Network};
use std::sync::Arc;

/// The entry of a resource; nothing where it is not there, or a file could not state it.
pub(super) fn entry(network: &Network, kind: Kind, id: &str) -> Option<Node> {
    let mut node = fields(network, kind, id)?;
    let tags = network.about(kind, id).map(|about| &about.tags);
    if let (Some(tags), Value::Mapping(fields)) = (tags, &mut node.value)
        && tags.told()
    {
        let tags = tags.iter().fold(Entry::new(), |tags, (key, value)| tags.text(key, value));
        fields.extend(Entry::new().node("tags", tags.done()).fields);
    }
    Some(node)
}

fn fields(network: &Network, kind: Kind, id: &str) -> Option<Node> {
    let it = Stating { network };
    match kind {
        Kind::PrefixList => it.prefix_list(network.prefix_lists.get(id)?),
        Kind::DhcpOptions => it.dhcp_options(network.dhcp_options.get(id)?),
        Kind::Vpc => Some(it.vpc(network.vpcs.get(id)?)),
        Kind::RouteTable => Some(it.route_table(network.route_tables.get(id)?)),
        Kind::NetworkAcl => Some(it.network_acl(network.network_acls.get(id)?)),
        Kind::SecurityGroup => Some(it.security_group(network.security_groups.get(id)?)),
        Kind::Subnet => Some(it.subnet(network.subnets.get(id)?)),
        Kind::InternetGateway => Some(it.internet_gateway(network.internet_gateways.get(id)?)),
        Kind::NatGateway => it.nat_gateway(network.nat_gateways.get(id)?),
        Kind::VpcEndpoint => it.endpoint(network.vpc_endpoints.get(id)?),
        Kind::PeeringConnection => Some(it.peering(network.peerings.get(id)?)),
        Kind::TransitGatewayRouteTable => {
            it.transit_route_table(network.transit_gateway_route_tables.get(id)?)
        }
        Kind::TransitGatewayAttachment => {
            it.attachment(network.transit_gateway_attachments.get(id)?)
        }
        Kind::NetworkInterface => it.interface(network.interfaces.get(id)?),
        Kind::Instance => it.instance(network.instances.get(id)?),
        Kind::TargetGroup => it.target_group(network.target_groups.get(id)?),
        Kind::LoadBalancer => it.load_balancer(network.load_balancers.get(id)?),
        Kind::HostedZone => it.hosted_zone(network.hosted_zones.get(id)?),
        Kind::ResolverRule => it.resolver_rule(network.resolver_rules.get(id)?),
        Kind::TaskDefinition => it.task_definition(network.task_definitions.get(id)?),
        Kind::Service => it.service(network.services.get(id)?),
        Kind::Firewall => Some(firewall_entry(network.firewalls.get(id)?, &nowhere())),
        // What else there is has no lists whose order counts, and no names to keep apart.
        _ => write::entry(network, kind, id),
    }
}

/// Where a resource that nobody wrote down is said to stand.
pub(super) fn nowhere() -> At {
    At { file: Arc::from("the network"), line: None, column: None }
}

struct Stating<'n> {
    network: &'n Network,
}

impl Stating<'_> {
    /// The ids that the network has: others could not be named.
    fn known<'i>(&self, kind: Kind, ids: impl IntoIterator<Item = &'i str>) -> Vec<&'i str> {
        ids.into_iter().filter(|id| self.network.has(kind, id)).collect()
    }
}

/// An entry as it grows.
struct Entry {
    at: At,
    fields: Vec<(Key, Node)>,
}

impl Entry {
    fn new() -> Self {
        Self::at(nowhere())
    }

    fn at(at: At) -> Self {
        Self { at, fields: Vec::new() }
    }

    fn node(mut self, key: impl ToString, node: Node) -> Self {
        self.fields.push((Key { text: key.to_string(), at: node.at.clone() }, node));
        self
    }

    fn text(self, key: &str, value: impl ToString) -> Self {
        let node = text(&self.at, value);
        self.node(key, node)
    }

    fn some(self, key: &str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.text(key, value),
            None => self,
        }
    }

    fn list<T: ToString>(self, key: &str, items: impl IntoIterator<Item = T>) -> Self {
        let items = items.into_iter().map(|item| text(&self.at, item)).collect();
        let node = Node { at: self.at.clone(), value: Value::Sequence(items) };
        self.node(key, node)
    }

    fn done(self) -> Node {
        Node { at: self.at, value: Value::Mapping(self.fields) }
    }
}

fn text(at: &At, value: impl ToString) -> Node {
    Node { at: at.clone(), value: Value::Scalar(value.to_string()) }
}

fn sequence(items: Vec<Node>) -> Node {
    Node { at: nowhere(), value: Value::Sequence(items) }
}
