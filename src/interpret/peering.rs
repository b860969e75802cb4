//! From one VPC to its peer.

use super::journal::{Go, absent, lost, named};
use super::peer::{Address, Match, in_cidrs};
use super::walk::{Crossed, Holder, Walker};
use crate::answer::Direction;
use crate::network::{
    Kind, Network, NetworkInterface, PeeringConnection, PeeringConnectionId, Subnet, VpcId,
};

impl<'a> Walker<'a> {
    /// A packet leaves the VPC of `from` by a peering connection, which takes it to the router of
    /// the other VPC. Between the subnets' ACLs there is no further one (PC-07).
    pub(super) fn cross_peering(
        &mut self,
        id: &PeeringConnectionId,
        from: &Subnet,
        source: Address<'_>,
        destination: Address<'_>,
    ) -> Go<&'a VpcId> {
        let Some(peering) = self.network.peerings.get(id) else {
            return absent(Kind::PeeringConnection, id);
        };
        let other = match &peering.ends {
            [one, other] if one.vpc == from.vpc => &other.vpc,
            [other, one] if one.vpc == from.vpc => &other.vpc,
            _ => return lost(format!("{id} is no peering connection of {}", from.vpc)),
        };
        self.undocumented(peering, &peering.undocumented);
        // PC-01
        if peering.state != "active" {
            return self.drop("BAD_STATE", named(peering), "PC-01");
        }
        // PC-08
        let Some(own) = self.network.vpcs.get(&from.vpc) else {
            return absent(Kind::Vpc, &from.vpc);
        };
        let Some(there) = self.network.vpcs.get(other) else { return absent(Kind::Vpc, other) };
        // PC-03, PC-06: from an address of the one VPC to an address of the other, and nothing else: no
        // NAT gateway there either (NG-08).
        for (address, vpc) in [(source, own), (destination, there)] {
            match in_cidrs(address, &vpc.cidrs) {
                Match::Yes => {}
                Match::No => {
                    return self.drop("PCX_REQUIRES_ADDRESS_IN_VPC_CIDR", named(peering), "PC-03");
                }
                Match::Maybe => {
                    return lost(format!("whether {} is in {}", address.text(), vpc.id));
                }
            }
        }
        self.note(named(peering), format!("carries it to {other}"), "PC-02");
        if self.direction == Direction::Forward {
            self.crossed = Crossed::Peering;
            if self.source.is_v6() {
                self.note(named(peering), "carries IPv6", "PC-06");
            }
            let of_nat = self.trail.last().is_some_and(|one| matches!(one.holder, Holder::Nat(_)));
            match within_region(peering) {
                // NG-09: the reply goes back to the NAT gateway, whatever the routes say. From
                // another Region that is an assumption.
                true => {
                    self.note(named(peering), "shows who sent it", "SG-13");
                    self.sent_back = of_nat;
                }
                false => {
                    self.note(named(peering), "hides who sent it", "PC-09");
                    self.sender = None;
                    let returned = "RETURN_TO_SENDER_INTER_REGION";
                    self.sent_back = of_nat && self.network.assumptions.holds(returned);
                }
            }
        }
        Ok(other)
    }
}

fn within_region(peering: &PeeringConnection) -> bool {
    let [one, other] = &peering.ends;
    one.scope.region.is_none()
        || other.scope.region.is_none()
        || one.scope.region == other.scope.region
}

/// SG-11, SG-13: whether an outbound rule of `from` may mean an interface in `vpc`: its own VPC, or
/// one that it is peered with in its Region.
pub(super) fn may_mean(network: &Network, from: &NetworkInterface, vpc: &VpcId) -> bool {
    from.vpc == *vpc
        || network.peerings.values().any(|peering| {
            let joins = |vpc: &VpcId| peering.ends.iter().any(|end| end.vpc == *vpc);
            peering.state == "active" && within_region(peering) && joins(&from.vpc) && joins(vpc)
        })
}
