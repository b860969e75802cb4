//! What is different about IPv6: nothing translates it on its way out, and it may be private.

use super::leads::Lead;
use super::routes::Choice;
use super::{Lowering, reference};
use crate::answer::{Missing, ResourceRef};
use crate::graph::{
    Action, Clause, Guard, GuardId, Note, Order, PeerTest, RuleSet, Selector, Side, Stop, Way,
};
use crate::header::{
    AddressSet, Family, PortSet, Protocol, ProtocolMatch, nat64_prefix, public_ipv6,
};
use crate::network::{
    At, NatGateway, NetworkInterface, RouteTarget, TransitGatewayAttachment, VpcId,
};
use petgraph::graph::NodeIndex;
use std::sync::Arc;

/// The open point of NG-13: which family the ACL of a NAT gateway's subnet sees.
pub(super) const ACL_SEES_V6: &str = "NAT64_MEETS_ACL_AS_IPV6";

impl Lowering<'_> {
    /// IG-06, IG-10: the addresses that are the same on the internet as in a VPC.
    pub(super) fn announced(&self) -> Vec<(AddressSet, NodeIndex)> {
        let vpcs = self.network.vpcs.values();
        let blocks = vpcs.filter_map(|vpc| {
            let v6 = AddressSet::from_nets(&vpc.cidrs).of_family(Family::V6);
            Some((v6, *self.kept.locals.get(&vpc.id)?))
        });
        blocks.filter(|(v6, _)| !v6.is_empty()).collect()
    }

    /// IG-10: what no gateway carries: unique local addresses, blocks that AWS does not announce,
    /// and whatever else is no address of the internet.
    fn not_announced(&self) -> AddressSet {
        let private = &self.kept.index.private_v6;
        AddressSet::from_v6(public_ipv6().complement()).union(private)
    }

    /// IG-06, IG-09, IG-10: whose packets a gateway of a VPC carries out, and where to.
    pub(super) fn carried_out(
        &mut self,
        vpc: &VpcId,
        gateway: ResourceRef,
        at: Option<&At>,
    ) -> [GuardId; 2] {
        let found = self.network.vpcs.get(vpc);
        let own = found.map(|vpc| AddressSet::from_nets(&vpc.cidrs)).unwrap_or_default();
        let note = |what: &str, rule| Note::new(gateway.clone(), what, rule, at);
        let private = self.not_announced();
        let not_public = |what: &str| {
            let stop = Stop::dropped("IPV6_ADDRESS_NOT_PUBLIC", note(what, "IG-10"));
            clause(private.clone(), Action::Stop(stop))
        };
        let passes = note("carries IPv6 as it is", "IG-06");
        let from = vec![
            not_public("does not carry packets from that IPv6 address, which is private"),
            clause(own, Action::Pass(Some(Arc::new(passes)))),
        ];
        let to = vec![not_public("does not carry packets to that IPv6 address")];
        let stranger = note("carries only what comes from its own VPC", "IG-02");
        let stranger = Stop::dropped("IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS", stranger).ending();
        [
            self.ordered(Side::Source, from, Action::Stop(stranger), false),
            self.ordered(Side::Destination, to, Action::Pass(None), false),
        ]
    }

    /// IG-06, IG-10: which addresses the internet reaches by a gateway, or would.
    pub(super) fn carried_in(&mut self, gateway: &ResourceRef) -> GuardId {
        let note = |what: &str, rule| Note::new(gateway.clone(), what, rule, None);
        let what = "does not carry packets to that IPv6 address, which is private";
        let stop = Stop::dropped("IPV6_ADDRESS_NOT_PUBLIC", note(what, "IG-10"));
        let clauses = vec![clause(self.not_announced(), Action::Stop(stop))];
        let passes = Action::Pass(Some(Arc::new(note("carries IPv6 as it is", "IG-06"))));
        self.ordered(Side::Destination, clauses, passes, true)
    }

    /// IG-06: `DenyAllIgwTraffic`.
    pub(super) fn denied_from_outside(&mut self, interface: &NetworkInterface) -> Option<GuardId> {
        let what = "takes nothing from the internet (DenyAllIgwTraffic)";
        let note = Note::new(reference(interface), what, "IG-06", interface.about.at.as_ref());
        let stop = Stop::dropped("IGW_TRAFFIC_DENIED", note);
        interface.deny_igw.then(|| self.guard(Guard::NotFromOutside(stop)))
    }

    /// NG-13: a NAT gateway translates the IPv6 destinations that stand for IPv4 ones.
    pub(super) fn only_embedded(&mut self, nat: &NatGateway) -> GuardId {
        let prefix = nat64_prefix();
        let at = nat.about.at.as_ref();
        let passes = Note::new(reference(nat), format!("takes {prefix} for IPv4"), "NG-13", at);
        let what = format!("translates no IPv6 but to {prefix}");
        let stop = Stop::dropped(
            "NAT_TRANSLATES_NO_OTHER_IPV6",
            Note::new(reference(nat), what, "NG-13", at),
        );
        let embedded = AddressSet::from(prefix);
        let clauses = vec![clause(embedded, Action::Pass(Some(Arc::new(passes))))];
        // What comes back has been translated already.
        self.ordered(Side::Destination, clauses, Action::Stop(stop.ending()), true)
    }

    /// NG-05, NG-13: what becomes of ICMP on its way from IPv6 to IPv4 is not described.
    pub(super) fn no_icmp_between(&mut self, nat: &NatGateway) -> GuardId {
        let fact = format!("how {} translates ICMPv6 to ICMP", reference(nat).label());
        let unknown = Action::Unknown(Missing { fact, command: None });
        let icmp = Clause {
            protocol: ProtocolMatch::Only(Protocol::Icmpv6),
            ports: PortSet::all(),
            peer: PeerTest::Any,
            action: unknown,
        };
        self.ordered(Side::Destination, vec![icmp], Action::Pass(None), true)
    }

    /// GL-02: how appliances carry IPv6 is not followed.
    pub(super) fn ipv6_through(&mut self, target: &RouteTarget) -> Lead {
        let fact = format!("how endpoint {target} carries IPv6: this version follows IPv4 there");
        let lead = self.dead_end(Action::Unknown(Missing { fact, command: None }));
        Lead { way: Way::Through, ..lead }
    }

    /// TG-07
    pub(super) fn takes_ipv6(&mut self, attachment: &TransitGatewayAttachment) -> Option<GuardId> {
        let label = reference(attachment).label().to_owned();
        let action = match attachment.ipv6 {
            Some(true) => return None,
            Some(false) => {
                let at = attachment.about.at.as_ref();
                let what = "has Ipv6Support off";
                let note = Note::new(reference(attachment), what, "TG-07", at);
                Action::Stop(Stop::dropped("TGW_ATTACHMENT_WITHOUT_IPV6", note))
            }
            None => {
                let fact = format!("whether attachment {label} supports IPv6");
                let command = "aws ec2 describe-transit-gateway-vpc-attachments".to_owned();
                Action::Unknown(Missing { fact, command: Some(command) })
            }
        };
        let v6 = AddressSet::all().of_family(Family::V6);
        let clauses = vec![clause(v6, action)];
        Some(self.ordered(Side::Destination, clauses, Action::Pass(None), false))
    }

    fn ordered(
        &mut self,
        side: Side,
        clauses: Vec<Clause>,
        otherwise: Action,
        requests_only: bool,
    ) -> GuardId {
        let order = Order::First;
        self.guard(Guard::Rules(RuleSet { side, order, requests_only, clauses, otherwise }))
    }
}

fn clause(addresses: AddressSet, action: Action) -> Clause {
    Clause {
        protocol: ProtocolMatch::Any,
        ports: PortSet::all(),
        peer: PeerTest::Addresses(addresses),
        action,
    }
}

/// PW-14: gateways treat the families apart, so that what leads to one is parted.
pub(super) fn by_family((choice, selector): (Choice, Selector)) -> Vec<(Choice, Family, Selector)> {
    match choice {
        Choice::None | Choice::Unknown(_) => vec![(choice, Family::V4, selector)],
        Choice::Route(_) | Choice::Several(..) | Choice::Assumed(..) => [Family::V4, Family::V6]
            .into_iter()
            .map(|family| (choice.clone(), family, selector.of_family(family)))
            .filter(|(.., selector)| !selector.is_empty())
            .collect(),
    }
}
