//! Which connections a host's groups keep track of (CT-02, CT-04).

use crate::answer::{Answer, Flow};
use crate::header::{Family, PortSet, Protocol, ProtocolMatch};
use crate::network::{GroupRule, InterfaceRole, Kind, Network, NetworkInterface, Peer};

/// The interface of that id, where a host is behind it that somebody runs.
pub(super) fn host<'n>(network: &'n Network, id: Option<&str>) -> Option<&'n NetworkInterface> {
    let interface = network.interfaces.get(id?)?;
    let own = matches!(interface.role, InterfaceRole::Ordinary | InterfaceRole::Task);
    own.then_some(interface)
}

/// The family of a flow's packets.
pub(super) fn family(flow: &Flow) -> Option<Family> {
    let mut there = flow.destination.addresses().families();
    there.find(|one| flow.source.addresses().families().any(|own| own == *one))
}

/// The rules of all groups of an interface: inbound, and outbound.
pub(super) fn rules<'n>(
    network: &'n Network,
    interface: &NetworkInterface,
) -> (Vec<&'n GroupRule>, Vec<&'n GroupRule>) {
    let groups = interface.groups.iter().filter_map(|id| network.security_groups.get(id));
    let (inbound, outbound): (Vec<_>, Vec<_>) =
        groups.map(|group| (&group.ingress, &group.egress)).unzip();
    (inbound.into_iter().flatten().collect(), outbound.into_iter().flatten().collect())
}

/// Whether the groups of a host at one end of a flow do not track it: a rule that is open to
/// everybody lets it in, or out, and another is open to everybody and every port the other way.
pub(super) fn is_untracked(
    network: &Network,
    interface: &NetworkInterface,
    flow: &Flow,
    answer: &Answer,
) -> bool {
    let Some(family) = family(flow).filter(|_| flow.protocol.has_ports()) else { return false };
    // CT-04
    let always = [
        Kind::NatGateway,
        Kind::EgressOnlyGateway,
        Kind::VpcEndpoint,
        Kind::Firewall,
        Kind::LoadBalancer,
    ];
    let tracks = |kind: &str| always.iter().any(|one| one.word() == kind);
    let ends = [&answer.source.resource, &answer.destination.resource];
    if answer.hops.iter().map(|hop| &hop.resource).chain(ends).any(|one| tracks(&one.kind)) {
        return false;
    }
    let (inbound, outbound) = rules(network, interface);
    let serves = flow.destination.interface() == Some(interface.id.as_str());
    let (matched, opposite) = if serves { (inbound, outbound) } else { (outbound, inbound) };
    let open = |rule: &&GroupRule, ports: &PortSet| {
        let everybody = |peer: &Peer| match peer {
            Peer::Cidr(cidr) => cidr.prefix_len() == 0 && Family::of(cidr.addr()) == family,
            Peer::PrefixList(_) | Peer::Group(_) => false,
        };
        rule.protocol.matches(flow.protocol)
            && ports.is_subset(&rule.ports)
            && everybody(&rule.peer)
    };
    matched.iter().any(|rule| open(rule, &flow.destination_ports))
        && opposite.iter().any(|rule| open(rule, &PortSet::all()))
}

/// Whether a rule is for some ICMP message, whoever sends it.
pub(super) fn is_for(
    (protocol, ports, icmp): (ProtocolMatch, &PortSet, Option<(i16, i16)>),
    (wanted, message): (Protocol, u16),
) -> bool {
    let carried = |(kind, code)| crate::header::IcmpMessage::ports(kind, code).contains(message);
    protocol.matches(wanted) && icmp.map_or_else(|| ports.contains(message), carried)
}
