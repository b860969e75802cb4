//! Peering connections.

use super::index::Index;
use super::leads::Lead;
use super::{Lowering, reference};
use crate::answer::Missing;
use crate::graph::{
    Action, Clause, Crossing, Effect, Guard, GuardId, Note, Order, PeerTest, RuleSet, Side, Stop,
    Way,
};
use crate::header::{AddressSet, PortSet, ProtocolMatch};
use crate::network::{
    Kind, PeeringConnection, PeeringConnectionId, RouteTable, Subnet, Vpc, VpcId,
};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Whether replies come back to a NAT gateway from another Region, too.
const INTER_REGION: &str = "RETURN_TO_SENDER_INTER_REGION";

impl Lowering<'_> {
    /// PC-01, PC-03, PC-06, NG-09. It leads to the peer's local routes (RT-17), to the ACLs there and past
    /// none of its own (PC-07); from another Region no group is seen (PC-09).
    pub(super) fn lead_to_peer(
        &mut self,
        subnet: &Subnet,
        table: &RouteTable,
        id: &PeeringConnectionId,
    ) -> Lead {
        let Some(peering) = self.network.peerings.get(id) else {
            return self.not_found(
                "peering connection",
                id.as_str(),
                Kind::PeeringConnection,
                Way::Inside,
                table,
            );
        };
        let at = peering.about.at.as_ref();
        let Some(other) = other_end(peering, &subnet.vpc) else {
            let fact = format!("where peering connection {id} leads from vpc {}", subnet.vpc);
            let lead = self.dead_end(Action::Unknown(Missing { fact, command: None }));
            return Lead { way: Way::Inside, ..lead };
        };
        let mut guards = Vec::from_iter(self.undocumented(peering, &peering.undocumented));
        if peering.state != "active" {
            let note = Note::new(reference(peering), format!("is {}", peering.state), "PC-01", at);
            guards.push(self.always(Action::Stop(Stop::dropped("BAD_STATE", note))));
        }
        let vpcs = [&subnet.vpc, other].map(|vpc| (vpc, self.network.vpcs.get(vpc)));
        let [(_, Some(own)), (_, Some(there))] = vpcs else {
            // PC-08
            let absent = vpcs.iter().find(|(_, found)| found.is_none());
            let fact = format!("vpc {}", absent.map_or(id.as_str(), |(vpc, _)| vpc.as_str()));
            let scope = peering.ends.iter().find(|end| end.vpc == *other).map(|end| &end.scope);
            let missing = self.missing(fact, Kind::Vpc, scope.unwrap_or(&table.about.scope));
            guards.push(self.always(Action::Unknown(missing)));
            return Lead::new(self.kept.end, guards, Way::Inside);
        };
        guards.push(self.address_in(peering, own, Side::Source));
        guards.push(self.address_in(peering, there, Side::Destination));
        let note = Note::new(
            reference(peering),
            format!("carries it to vpc {}", reference(there).label()),
            "PC-02",
            at,
        );
        guards.push(self.always(Action::Pass(Some(Arc::new(note)))));
        let near = within_region(peering);
        let sent_back = near || self.network.assumptions.holds(INTER_REGION);
        if !near {
            let value = self.network.assumptions.value(INTER_REGION);
            let what = match sent_back {
                true => "leads to another Region, from which replies find the NAT gateway",
                false => {
                    "leads to another Region, in which replies need a route to the NAT gateway"
                }
            };
            let note = Note::new(reference(peering), what, "NG-09", at);
            let note = note.assuming(INTER_REGION, value, "NG-09");
            let guard = Guard::Translated {
                by: self.nat_translators(),
                yes: Action::Pass(Some(Arc::new(note))),
                no: Action::Pass(None),
            };
            guards.push(self.guard(guard));
        }
        let effect = Effect {
            // SG-13
            crossing: if near { Crossing::Peering } else { Crossing::Hidden },
            returns: sent_back.then(|| self.local(&subnet.vpc)),
            pick: None,
            through: None,
        };
        Lead { effect, ..Lead::new(self.local(other), guards, Way::Inside) }
    }

    /// PC-03: a packet goes from an address of one VPC to an address of the other, and so to no NAT
    /// gateway there (NG-08).
    fn address_in(&mut self, peering: &PeeringConnection, vpc: &Vpc, side: Side) -> GuardId {
        let label = reference(vpc).label().to_owned();
        let what = match side {
            Side::Source => format!("carries only what comes from vpc {label} itself"),
            Side::Destination => format!("carries only what goes to vpc {label} itself"),
        };
        let note = Note::new(reference(peering), what, "PC-03", peering.about.at.as_ref());
        let stop = Stop::dropped("PCX_REQUIRES_ADDRESS_IN_VPC_CIDR", note).ending();
        self.guard(Guard::Rules(RuleSet {
            side,
            order: Order::First,
            requests_only: false,
            clauses: vec![Clause {
                protocol: ProtocolMatch::Any,
                ports: PortSet::all(),
                peer: PeerTest::Addresses(AddressSet::from_nets(&vpc.cidrs)),
                action: Action::Pass(None),
            }],
            otherwise: Action::Stop(stop),
        }))
    }
}

fn other_end<'n>(peering: &'n PeeringConnection, vpc: &VpcId) -> Option<&'n VpcId> {
    match &peering.ends {
        [one, other] if one.vpc == *vpc => Some(&other.vpc),
        [other, one] if one.vpc == *vpc => Some(&other.vpc),
        _ => None,
    }
}

pub(super) fn within_region(peering: &PeeringConnection) -> bool {
    let [one, other] = peering.ends.each_ref().map(|end| end.scope.region.as_deref());
    one.is_none() || other.is_none() || one == other
}

/// SG-11, SG-13: the VPCs in which a reference of a group's outbound rule may resolve.
pub(super) fn in_reach<'n>(index: &'n Index, vpc: &'n VpcId) -> BTreeSet<&'n VpcId> {
    index.peers.get(vpc).into_iter().flatten().chain([vpc]).collect()
}
