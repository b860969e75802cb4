//! VPC Block Public Access: the gate before internet gateways.

use super::journal::{Go, internet, named};
use super::peer::Address;
use super::route::on_link;
use super::walk::Walker;
use crate::answer::Direction;
use crate::network::{
    BlockMode, Excluded, ExclusionMode, Kind, PublicAccessExclusion, RouteTarget, Scope, Subnet,
    VpcId,
};

/// How a request meets an internet gateway.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Meets {
    /// It leaves, sent by an interface of the facing subnet.
    Leaving,
    /// It leaves, sent by a NAT gateway.
    LeavingByNat,
    /// The same, passed on by something in between.
    LeavingPassedOn,
    /// It comes in.
    Entering,
}

const CODE: &str = "VPC_BLOCK_PUBLIC_ACCESS_ENABLED";

impl Walker<'_> {
    /// BP-06: a request comes in by the gateway, for an address of the VPC.
    pub(super) fn let_in_for(&mut self, vpc: &VpcId, to: Address<'_>) -> Go {
        let (Address::Known(address) | Address::Of(_, address)) = to else { return Ok(()) };
        let mut subnets = self.network.subnets.values();
        let facing = subnets.find(|subnet| subnet.vpc == *vpc && on_link(subnet, address));
        self.let_in(vpc, facing, false)
    }

    /// The same, led to a middlebox by the gateway's own table.
    pub(super) fn let_in_by(&mut self, vpc: &VpcId, target: &RouteTarget) -> Go {
        let network = self.network;
        let (subnet, firewall) = match target {
            RouteTarget::Interface(id) => {
                (network.interfaces.get(id).map(|one| &one.subnet), false)
            }
            RouteTarget::LoadBalancerEndpoint(id) => {
                let endpoint = network.vpc_endpoints.get(id);
                (endpoint.and_then(|one| one.subnets.first()), self.firewall_at(id).is_some())
            }
            _ => (None, false),
        };
        self.let_in(vpc, subnet.and_then(|id| network.subnets.get(id)), firewall)
    }

    fn let_in(&mut self, vpc: &VpcId, facing: Option<&Subnet>, firewall: bool) -> Go {
        match (self.direction, facing) {
            (Direction::Forward, Some(subnet)) => {
                self.note(named(subnet), "is asked before groups and ACLs", "BP-06");
                self.public_access(vpc, facing, Meets::Entering, firewall)
            }
            _ => Ok(()),
        }
    }

    /// BP-02, BP-03. `facing` is the subnet at the gateway; a regional NAT gateway has none (NG-15).
    /// `firewall`: whether a Network Firewall of that subnet stands between (BP-04).
    pub(super) fn public_access(
        &mut self,
        vpc: &VpcId,
        facing: Option<&Subnet>,
        meets: Meets,
        firewall: bool,
    ) -> Go {
        let Some(owner) = self.network.vpcs.get(vpc) else { return Ok(()) };
        let scope = &owner.about.scope;
        let mut said = owner.public_access;
        if let Some(mode) = facing.and_then(|subnet| subnet.public_access) {
            said = Some(mode);
        }
        // BP-05
        if !self.network.assumptions.holds("BPA_STATE_NOT_AUTHORITATIVE")
            && let Some(mode) = said
        {
            if self.passed_on_in_doubt(mode, meets, &[], firewall) {
                return Ok(());
            }
            return match passes(mode, meets, &[]) {
                true if firewall && mode != BlockMode::Off => {
                    self.unsure(named(owner), "what passes a firewall to its gateway", "BP-04");
                    Ok(())
                }
                true => Ok(()),
                false => self.drop(CODE, named(owner), "BP-05"),
            };
        }
        let blocks = &self.network.public_access_blocks;
        let Some(block) = blocks.values().find(|one| same(&one.about.scope, scope)) else {
            return self.access_not_captured(scope, said);
        };
        let Some(mode) = block.mode else {
            self.unsure(named(block), "what it blocks, while it is changing", "BP-01");
            return Ok(());
        };
        let exclusions: Vec<ExclusionMode> = self
            .network
            .public_access_exclusions
            .values()
            .filter(|one| ["create-complete", "update-complete"].contains(&one.state.as_str()))
            .filter(|one| covers(one, vpc, facing.filter(|_| !firewall)))
            .map(|one| one.mode)
            .collect();
        if self.passed_on_in_doubt(mode, meets, &exclusions, firewall) {
            return Ok(());
        }
        if firewall && mode != BlockMode::Off && passes(mode, meets, &exclusions) {
            self.unsure(named(block), "what passes a firewall", "BP-04");
            return Ok(());
        }
        if passes(mode, meets, &exclusions) {
            self.note(named(block), "lets it pass", "BP-01");
            return Ok(());
        }
        if !self.network.coverage.covers(scope, Kind::BlockPublicAccessExclusion) {
            self.unsure(named(block), "which subnets are excluded from it", "BP-01");
            return Ok(());
        }
        self.drop(CODE, named(block), "BP-02")
    }

    /// BP-03: a NAT gateway's packets are spared where they come to the gateway from it.
    fn passed_on_in_doubt(
        &mut self,
        mode: BlockMode,
        meets: Meets,
        exclusions: &[ExclusionMode],
        firewall: bool,
    ) -> bool {
        let doubt = (mode, meets) == (BlockMode::Ingress, Meets::LeavingPassedOn)
            && !firewall
            && !exclusions.contains(&ExclusionMode::Bidirectional);
        if doubt {
            self.unsure(internet(), "whose packets an appliance hands on there", "BP-03");
        }
        doubt
    }

    /// BP-01: where nothing says that it is on, it is assumed to be off.
    fn access_not_captured(&mut self, scope: &Scope, said: Option<BlockMode>) -> Go {
        if self.network.coverage.covers(scope, Kind::BlockPublicAccess) {
            return Ok(());
        }
        let assumed = "BLOCK_PUBLIC_ACCESS_OFF_WHEN_NOT_CAPTURED";
        let on = said.is_some_and(|mode| mode != BlockMode::Off);
        if on || !self.network.assumptions.holds(assumed) {
            self.unsure(internet(), "whether public access is blocked is not captured", "BP-01");
        }
        Ok(())
    }
}

/// Whether a request gets through, given what is excluded of the facing subnet.
fn passes(mode: BlockMode, meets: Meets, exclusions: &[ExclusionMode]) -> bool {
    let bidirectional = exclusions.contains(&ExclusionMode::Bidirectional);
    match (mode, meets) {
        (BlockMode::Off, _) => true,
        (BlockMode::Bidirectional, Meets::Entering) => bidirectional,
        (BlockMode::Bidirectional, _) => !exclusions.is_empty(),
        (BlockMode::Ingress, Meets::LeavingByNat | Meets::LeavingPassedOn) => true,
        // An exclusion for egress has no effect here.
        (BlockMode::Ingress, _) => bidirectional,
    }
}

fn covers(exclusion: &PublicAccessExclusion, vpc: &VpcId, facing: Option<&Subnet>) -> bool {
    match (&exclusion.excluded, facing) {
        (Excluded::Vpc(excluded), _) => excluded == vpc,
        (Excluded::Subnet(excluded), Some(subnet)) => *excluded == subnet.id,
        (Excluded::Subnet(_), None) => false,
    }
}

/// SH-03: the options are those of the VPC's owner, in its Region.
fn same(options: &Scope, owner: &Scope) -> bool {
    let account = match (&options.account, &owner.account) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    };
    account
        && match (&options.region, &owner.region) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        }
}
