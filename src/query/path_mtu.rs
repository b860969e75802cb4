//! Whether hosts hear that their packets are too large for the way (PW-15): where they do not,
//! connections are made and large transfers stall.

use super::tracking::{family, host, is_for, is_untracked, rules};
use crate::answer::{Answer, Code, Finding, Flow, Hop, Verdict};
use crate::header::{AddressSet, Family, IcmpMessage, Protocol};
use crate::models;
use crate::network::{AclAction, Kind, Network, NetworkAcl, Resource, Subnet};

/// The message that says so, and what it is called.
type Message = (Protocol, u16, &'static str);

fn message(family: Family) -> Message {
    match family {
        Family::V4 => {
            let message = IcmpMessage { kind: 3, code: 4 };
            (Protocol::Icmp, message.port(), "ICMP `fragmentation needed` (type 3 code 4)")
        }
        Family::V6 => {
            let message = IcmpMessage { kind: 2, code: 0 };
            (Protocol::Icmpv6, message.port(), "ICMPv6 `packet too big` (type 2)")
        }
    }
}

/// PW-15: tells of ACLs and groups that keep the message from a host whose packets have to be
/// smaller than it may send them.
pub(super) fn add_findings(network: &Network, flow: &Flow, answer: &mut Answer) {
    if answer.verdict == Verdict::Blocked || flow.protocol != Protocol::Tcp {
        return;
    }
    let Some((limit, narrow)) = narrowest(network, &answer.hops) else { return };
    let Some(family) = family(flow) else { return };
    let message = message(family);
    let ends = [flow.source.interface(), flow.destination.interface()];
    let hosts: Vec<_> = ends.into_iter().filter_map(|id| host(network, id)).collect();
    let nats = answer.hops.iter().filter(|hop| hop.resource.kind == Kind::NatGateway.word());
    let nats = nats.filter_map(|hop| network.nat_gateways.get(hop.resource.id.as_str()));
    let subnets =
        hosts.iter().map(|one| &one.subnet).chain(nats.filter_map(|nat| nat.subnet.as_ref()));
    let mut reasons: Vec<String> = Vec::new();
    for subnet in subnets.filter_map(|id| network.subnets.get(id)) {
        reasons.extend(kept_out(network, subnet, family, message));
    }
    for one in hosts {
        let (inbound, _) = rules(network, one);
        let heard = inbound
            .iter()
            .any(|rule| is_for((rule.protocol, &rule.ports, rule.icmp), (message.0, message.1)));
        if !heard && is_untracked(network, one, flow, answer) {
            let (label, words) = (one.label(), message.2);
            reasons.push(format!(
                "the groups of {label} do not track the connection, being open to everybody both \
                 ways, and have no inbound rule for {words}"
            ));
        }
    }
    let mut told: Vec<String> = Vec::new();
    for reason in reasons {
        let text = format!(
            "{reason}: {narrow} carries packets of {limit} bytes at most, and a host that does \
             not hear so goes on sending larger ones: large transfers may stall (PW-15)"
        );
        if !told.contains(&text) {
            let code = Code::new("PATH_MTU_DISCOVERY_BLOCKED");
            answer.findings.push(Finding { code, text: text.clone() });
            told.push(text);
        }
    }
}

/// What on the way carries the smallest packets, and how large they may be.
fn narrowest(network: &Network, hops: &[Hop]) -> Option<(u64, String)> {
    let limits = hops.iter().filter_map(|hop| {
        let (kind, id) = (&*hop.resource.kind, hop.resource.id.as_str());
        if kind == Kind::PeeringConnection.word() {
            // PC-09
            let [one, other] = &network.peerings.get(id)?.ends;
            if one.scope.region.is_none() || one.scope.region == other.scope.region {
                return None;
            }
        }
        let limit = models::path_limit(&format!("packet of {kind}"))?;
        Some((limit, format!("{kind} {}", hop.resource.label())))
    });
    limits.min_by_key(|(limit, _)| *limit)
}

/// How the subnet's ACL keeps the message out, where it does.
fn kept_out(
    network: &Network,
    subnet: &Subnet,
    family: Family,
    (protocol, message, words): Message,
) -> Option<String> {
    let acl = network.network_acls.referring_to(subnet.id.as_str()).next().or_else(|| {
        network.network_acls.values().find(|acl| acl.is_default && acl.vpc == subnet.vpc)
    })?;
    let everybody = AddressSet::all().of_family(family);
    let admitted = admitted(acl, protocol, message).of_family(family);
    if everybody.is_subset(&admitted) {
        return None;
    }
    let how = if admitted.is_empty() { "lets no" } else { "does not let from everywhere" };
    let (acl, subnet) = (acl.label(), subnet.label());
    Some(format!("network ACL {acl} of subnet {subnet} {how} {words} in"))
}

/// Whom an ACL lets send a message in (NA-02, NA-03).
fn admitted(acl: &NetworkAcl, protocol: Protocol, message: u16) -> AddressSet {
    let mut entries: Vec<_> = acl.ingress.iter().collect();
    entries.sort_by_key(|entry| entry.number);
    let (mut admitted, mut rest) = (AddressSet::empty(), AddressSet::all());
    for entry in entries {
        if is_for((entry.protocol, &entry.ports, entry.icmp), (protocol, message)) {
            let meant = AddressSet::from_net(entry.cidr).intersection(&rest);
            if entry.action == AclAction::Allow {
                admitted = admitted.union(&meant);
            }
            rest = rest.difference(&meant);
        }
    }
    admitted
}
