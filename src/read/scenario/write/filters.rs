//! Security groups and network ACLs.

use super::tree::{Map, Yaml, one_or_more, text};
use super::{Extent, Writer};
use crate::header::{PortSet, ProtocolMatch};
use crate::network::{
    AclAction, AclEntry, GroupRule, Kind, NetworkAcl, Peer, Resource, SecurityGroup,
};
use ipnet::{IpNet, Ipv4Net};

impl Writer<'_> {
    pub(super) fn security_group(&self, group: &SecurityGroup) -> Option<Map> {
        let is_default = group.label() == "default";
        let open = |rules: &[GroupRule]| {
            matches!(rules, [only]
                if everything(only) && only.peer == Peer::Cidr(everywhere()))
        };
        let itself = |rules: &[GroupRule]| {
            matches!(rules, [only] if everything(only)
                && matches!(&only.peer, Peer::Group(peer)
                    if peer.group == group.id && peer.peering_status.is_none()))
        };
        let implied_id = format!("{}-default", group.vpc);
        // SG-17: the one that every VPC has.
        let implied = is_default && group.id.as_str() == implied_id;
        if self.extent == Extent::Short && implied && itself(&group.ingress) && open(&group.egress)
        {
            return None;
        }
        let mut map = Map::default();
        map.put("vpc", self.key(Kind::Vpc, &group.vpc));
        map.unless("default", is_default, false);
        map.items("ingress", group.ingress.iter().map(|rule| self.group_rule("from", rule)));
        // A new group lets everything out (SG-06).
        if self.implied() && group.egress.is_empty() {
            map.put("egress", Yaml::List(Vec::new()));
        } else if !(self.implied() && open(&group.egress)) {
            map.items("egress", group.egress.iter().map(|rule| self.group_rule("to", rule)));
        }
        Some(map)
    }

    fn group_rule(&self, word: &str, rule: &GroupRule) -> Map {
        let mut map = Map::default();
        match &rule.peer {
            Peer::Cidr(cidr) => map.put(word, text(cidr)),
            Peer::PrefixList(id) => map.put(word, self.key(Kind::PrefixList, id)),
            Peer::Group(peer) => {
                map.put(word, self.key(Kind::SecurityGroup, &peer.group));
                map.some("peering_status", peer.peering_status.as_ref());
            }
        }
        traffic(&mut map, rule.protocol, &rule.ports, rule.icmp);
        map.some("id", rule.rule_id.as_ref());
        map
    }

    pub(super) fn network_acl(&self, acl: &NetworkAcl) -> Option<Map> {
        let opened = |entries: &[AclEntry]| {
            matches!(entries, [first, last] if closes(last)
                && first.number == 100
                && first.action == AclAction::Allow
                && (first.cidr, first.protocol) == (everywhere(), ProtocolMatch::Any))
        };
        let bare = acl.subnets.is_empty() && acl.about.name.is_none() && acl.is_default;
        let implied_id = format!("{}-default", acl.vpc);
        // NA-08: the one that every VPC has.
        let open = opened(&acl.ingress) && opened(&acl.egress);
        if self.extent == Extent::Short && bare && open && acl.id.as_str() == implied_id {
            return None;
        }
        let mut map = Map::default();
        map.put("vpc", self.key(Kind::Vpc, &acl.vpc));
        map.unless("default", acl.is_default, false);
        let acls = &self.network.network_acls;
        map.items(
            "subnets",
            self.unclaimed(Kind::Subnet, acl, &acl.subnets, |subnet| {
                let mut acls = acls.values();
                acls.find(|one| one.subnets.contains(subnet)).map(|one| one.id_text())
            }),
        );
        for (key, entries) in [("ingress", &acl.ingress), ("egress", &acl.egress)] {
            if self.implied() && acl.is_default && opened(entries) {
                continue;
            }
            let mut stated: Vec<&AclEntry> = entries.iter().collect();
            stated.sort_by_key(|entry| entry.number);
            // NA-03: what nothing else matches is denied.
            stated.retain(|entry| !(self.implied() && closes(entry)));
            match stated.is_empty() && self.implied() && acl.is_default {
                true => map.put(key, Yaml::List(Vec::new())),
                false => map.items(key, stated.into_iter().map(acl_entry)),
            }
        }
        Some(map)
    }
}

fn acl_entry(entry: &AclEntry) -> Map {
    let mut map = Map::default();
    map.put("rule", text(entry.number));
    let action = match entry.action {
        AclAction::Allow => "allow",
        AclAction::Deny => "deny",
    };
    map.put(action, text(entry.cidr));
    traffic(&mut map, entry.protocol, &entry.ports, entry.icmp);
    map
}

fn closes(entry: &AclEntry) -> bool {
    entry.number == 32767
        && entry.action == AclAction::Deny
        && (entry.cidr, entry.protocol) == (everywhere(), ProtocolMatch::Any)
}

fn everything(rule: &GroupRule) -> bool {
    rule.protocol == ProtocolMatch::Any && rule.ports == PortSet::all() && rule.rule_id.is_none()
}

fn everywhere() -> IpNet {
    IpNet::V4(Ipv4Net::default())
}

/// A port alone means TCP; neither port nor protocol means everything.
fn traffic(map: &mut Map, protocol: ProtocolMatch, ports: &PortSet, icmp: Option<(i16, i16)>) {
    use crate::header::Protocol;
    let every_port = *ports == PortSet::all();
    if !every_port {
        map.put("port", port_set(ports));
    }
    match protocol {
        ProtocolMatch::Any => {}
        ProtocolMatch::Only(Protocol::Tcp) if !every_port => {}
        ProtocolMatch::Only(Protocol::Other(number)) => map.put("protocol", text(number)),
        ProtocolMatch::Only(protocol) => map.put("protocol", text(protocol)),
    }
    match icmp {
        None | Some((-1, -1)) => {}
        Some((kind, -1)) => map.put("icmp", text(kind)),
        Some((kind, code)) => map.put("icmp", text(format!("{kind}/{code}"))),
    }
}

/// Ports and ranges; all or none of them by that word.
pub(super) fn port_set(ports: &PortSet) -> Yaml {
    if ports.is_empty() || *ports == PortSet::all() {
        return text(ports);
    }
    let range = |&(low, high): &(u16, u16)| match low == high && low > 0 {
        true => text(low),
        false => text(format!("{low}-{high}")),
    };
    one_or_more(ports.ranges().iter().map(range).collect())
}
