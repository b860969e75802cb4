//! Rules of groups and ACLs, and what they say of protocol and ports.

use super::{Entry, Stating, nowhere, sequence, text};
use crate::header::{PortSet, Protocol, ProtocolMatch};
use crate::network::{
    AclAction, AclEntry, Destination, GroupRule, Kind, NetworkAcl, Peer, Resource, RouteOrigin,
    RouteState, RouteTable, RouteTarget, SecurityGroup,
};
use crate::read::scenario::node::Node;

/// The number of AWS's closing denials (NA-03).
const CLOSING: u32 = 32767;

impl Stating<'_> {
    pub(super) fn security_group(&self, group: &SecurityGroup) -> Node {
        let rules = |rules: &[GroupRule], key: &str| {
            // What one item of a file states became several rules (SG-01).
            let of_one_item = |a: &GroupRule, b: &GroupRule| {
                a.at == b.at && a.at.as_ref().is_some_and(|at| at.line.is_some())
            };
            let items = rules.chunk_by(of_one_item).flat_map(|rules| match self.rule(rules, key) {
                Some(node) => vec![node],
                None => rules
                    .iter()
                    .filter_map(|rule| self.rule(std::slice::from_ref(rule), key))
                    .collect(),
            });
            sequence(items.collect())
        };
        let entry = Entry::new().text("vpc", &group.vpc);
        let entry = if group.label() == "default" { entry.text("default", true) } else { entry };
        entry
            .node("ingress", rules(&group.ingress, "from"))
            .node("egress", rules(&group.egress, "to"))
            .done()
    }

    /// One item for rules that say the same of every peer.
    fn rule(&self, rules: &[GroupRule], key: &str) -> Option<Node> {
        let first = rules.first()?;
        let mut peers: Vec<&Peer> = Vec::new();
        let mut ports: Vec<&PortSet> = Vec::new();
        for rule in rules {
            if !peers.contains(&&rule.peer) {
                peers.push(&rule.peer);
            }
            if !ports.contains(&&rule.ports) {
                ports.push(&rule.ports);
            }
        }
        let each = ports.iter().flat_map(|&ports| peers.iter().map(move |&peer| (peer, ports)));
        let like_first =
            |rule: &GroupRule| (rule.protocol, rule.icmp) == (first.protocol, first.icmp);
        if !rules.iter().map(|rule| (&rule.peer, &rule.ports)).eq(each)
            || !rules.iter().all(like_first)
        {
            return None;
        }
        let names: Vec<String> = peers.iter().map(|peer| self.peer(peer)).collect::<Option<_>>()?;
        let entry = Entry::at(first.at.clone().unwrap_or_else(nowhere));
        let entry = match names.as_slice() {
            [only] => entry.text(key, only),
            several => entry.list(key, several),
        };
        traffic(entry, first.protocol, &ports, first.icmp).map(Entry::done)
    }

    fn peer(&self, peer: &Peer) -> Option<String> {
        match peer {
            Peer::Cidr(cidr) => Some(cidr.to_string()),
            Peer::Group(reference) => {
                let known = self.known(Kind::SecurityGroup, [reference.group.as_str()]);
                known.first().map(ToString::to_string)
            }
            Peer::PrefixList(id) => self.prefix_list_name(id),
        }
    }

    pub(super) fn network_acl(&self, acl: &NetworkAcl) -> Node {
        let entries = |all: &[AclEntry]| {
            let stated = all.iter().filter(|entry| entry.number < CLOSING);
            sequence(stated.filter_map(acl_entry).collect())
        };
        let entry = Entry::new().text("vpc", &acl.vpc);
        let entry = if acl.is_default { entry.text("default", true) } else { entry };
        entry
            .list("subnets", self.known(Kind::Subnet, acl.subnets.iter().map(|id| id.as_str())))
            .node("ingress", entries(&acl.ingress))
            .node("egress", entries(&acl.egress))
            .done()
    }

    pub(super) fn route_table(&self, table: &RouteTable) -> Node {
        let mut routes = Entry::new();
        for route in &table.routes {
            let Some(target) = self.target(&route.target) else { continue };
            let destination = match &route.destination {
                Destination::Cidr(cidr) => cidr.to_string(),
                Destination::PrefixList(id) => match self.prefix_list_name(id) {
                    Some(name) => name,
                    None => continue,
                },
            };
            let at = route.at.clone().unwrap_or_else(nowhere);
            let node = match (&route.state, route.origin) {
                (RouteState::Blackhole, RouteOrigin::CreateRoute) if target == DELETED => {
                    text(&at, "blackhole")
                }
                // Every table has the VPC's local routes (RT-09).
                (_, RouteOrigin::CreateRouteTable) => continue,
                (RouteState::Other(_), _) => continue,
                _ if target == DELETED => continue,
                (state, origin) => {
                    let entry = Entry::at(at).text("target", target);
                    let entry = match state {
                        RouteState::Blackhole => entry.text("state", "blackhole"),
                        _ => entry,
                    };
                    let entry = match origin {
                        RouteOrigin::EnableVgwRoutePropagation => {
                            entry.text("origin", "propagated")
                        }
                        RouteOrigin::Advertisement => entry.text("origin", "advertised"),
                        _ => entry,
                    };
                    entry.done()
                }
            };
            routes = routes.node(destination, node);
        }
        let entry = Entry::new().text("vpc", &table.vpc);
        let entry = if table.main { entry.text("main", true) } else { entry };
        let gateways = table.gateways.iter().map(String::as_str);
        entry
            .list("gateways", self.known(Kind::InternetGateway, gateways))
            .node("routes", routes.done())
            .done()
    }

    fn target(&self, target: &RouteTarget) -> Option<String> {
        let named = |kind: Kind, id: &str| {
            self.network.has(kind, id).then(|| format!("{}/{id}", kind.short()))
        };
        match target {
            RouteTarget::Local => Some("local".to_owned()),
            RouteTarget::InternetGateway(id) => named(Kind::InternetGateway, id.as_str()),
            RouteTarget::EgressOnlyGateway(id) => named(Kind::EgressOnlyGateway, id.as_str()),
            RouteTarget::NatGateway(id) => named(Kind::NatGateway, id.as_str()),
            RouteTarget::GatewayEndpoint(id) => named(Kind::VpcEndpoint, id.as_str()),
            RouteTarget::Peering(id) => named(Kind::PeeringConnection, id.as_str()),
            RouteTarget::Interface(id) => named(Kind::NetworkInterface, id.as_str()),
            RouteTarget::LoadBalancerEndpoint(id) => named(Kind::VpcEndpoint, id.as_str()),
            RouteTarget::TransitGateway(id) => named(Kind::TransitGateway, id.as_str()),
            RouteTarget::Other { kind, id } if kind == "deleted" && id == "target" => {
                Some(DELETED.to_owned())
            }
            RouteTarget::Other { kind, id } => {
                let words = super::super::routes::OTHER_TARGETS;
                let (word, _) = words.iter().find(|(_, other)| other == kind)?;
                Some(format!("{word}/{id}"))
            }
        }
    }
}

/// The target of a route whose target is gone.
const DELETED: &str = "blackhole";

fn acl_entry(entry: &AclEntry) -> Option<Node> {
    let action = match entry.action {
        AclAction::Allow => "allow",
        AclAction::Deny => "deny",
    };
    let at = entry.at.clone().unwrap_or_else(nowhere);
    let stated = Entry::at(at).text("rule", entry.number).text(action, entry.cidr);
    traffic(stated, entry.protocol, &[&entry.ports], entry.icmp).map(Entry::done)
}

/// Protocol and ports, where ranges say it all.
fn traffic(
    entry: Entry,
    protocol: ProtocolMatch,
    ports: &[&PortSet],
    icmp: Option<(i16, i16)>,
) -> Option<Entry> {
    if icmp.is_some_and(|both| both != (-1, -1)) {
        return None;
    }
    let entry = match protocol {
        ProtocolMatch::Any => entry,
        ProtocolMatch::Only(Protocol::Tcp) => entry.text("protocol", "tcp"),
        ProtocolMatch::Only(Protocol::Udp) => entry.text("protocol", "udp"),
        ProtocolMatch::Only(Protocol::Icmp) => entry.text("protocol", "icmp"),
        ProtocolMatch::Only(Protocol::Icmpv6) => entry.text("protocol", "icmpv6"),
        ProtocolMatch::Only(other) => entry.text("protocol", other.number()),
    };
    let words: Vec<String> = ports.iter().map(|ports| range(ports)).collect::<Option<_>>()?;
    match words.as_slice() {
        [all] if all == "all" => Some(entry),
        [only] => Some(entry.text("port", only)),
        several => Some(entry.list("port", several)),
    }
}

fn range(ports: &PortSet) -> Option<String> {
    match ports.ranges() {
        _ if *ports == PortSet::all() => Some("all".to_owned()),
        [(low, high)] if low == high => Some(low.to_string()),
        [(low, high)] => Some(format!("{low}-{high}")),
        _ => None,
    }
}
