//! IPv6, which nothing translates on its way out or in.

use super::filter::Way;
use super::gateway::is_attached;
use super::journal::{Go, absent, lost, named};
use super::peer::{Address, Match, in_cidrs};
use super::public_access::Meets;
use super::walk::{Arrival, Walker};
use crate::answer::ResourceRef;
use crate::header::public_ipv6;
use crate::network::{EgressOnlyGatewayId, Kind, Subnet, TransitGatewayAttachment, VpcId};
use std::net::{IpAddr, Ipv6Addr};

impl<'a> Walker<'a> {
    /// SG-09: open, SG_REF_MATCHES_IPV6.
    pub(super) fn references_mean_v6(&self) -> bool {
        self.network.assumptions.holds("SG_REF_MATCHES_IPV6")
    }

    /// IG-10: whether an address is one that no gateway of any VPC carries.
    fn stays_inside(&self, address: IpAddr) -> bool {
        let IpAddr::V6(v6) = address else { return false };
        let mut private = self.network.vpcs.values().flat_map(|vpc| &vpc.private_v6);
        !public_ipv6().contains(v6.into()) || private.any(|block| block.contains(&address))
    }

    /// IG-06, IG-09, IG-10: a gateway carries packets of its own VPC between public addresses.
    pub(super) fn carried_out(
        &mut self,
        gateway: ResourceRef,
        from: &Subnet,
        to: Ipv6Addr,
        meets: Meets,
    ) -> Go {
        let own = !self.inbound && self.trail.last().is_some_and(|one| one.subnet.vpc == from.vpc);
        let code = "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS";
        if !own {
            return self.drop(code, gateway, "IG-02");
        }
        let (Address::Known(source) | Address::Of(_, source)) = self.source else {
            return lost("the IPv6 address that the packet comes from");
        };
        if self.stays_inside(source) {
            return self.drop("IPV6_ADDRESS_NOT_PUBLIC", gateway, "IG-10");
        }
        let blocks = self.network.vpcs.get(&from.vpc).map(|vpc| vpc.cidrs.as_slice());
        if in_cidrs(self.source, blocks.unwrap_or_default()) != Match::Yes {
            return self.drop(code, gateway, "IG-02");
        }
        if self.stays_inside(to.into()) {
            return self.drop("IPV6_ADDRESS_NOT_PUBLIC", gateway, "IG-10");
        }
        self.public_access(&from.vpc, Some(from), meets, false)?;
        self.note(gateway, "carries it out as it is", "IG-06");
        Ok(())
    }

    /// A request leaves by an egress-only internet gateway (IG-09).
    pub(super) fn leave_by_egress_only(
        &mut self,
        id: &EgressOnlyGatewayId,
        from: &Subnet,
        to: IpAddr,
    ) -> Go<Arrival<'a>> {
        let Some(gateway) = self.network.egress_only_gateways.get(id) else {
            return absent(Kind::EgressOnlyGateway, id);
        };
        let IpAddr::V6(to) = to else { return lost(format!("what {id} does with IPv4")) };
        if self.trail.last().is_none_or(|one| one.subnet.vpc != from.vpc) {
            return lost(format!("whether {id} carries what comes from another VPC"));
        }
        let states = gateway.attachments.iter();
        let mut states =
            states.filter(|(vpc, _)| *vpc == from.vpc).map(|(_, state)| state.as_str());
        if !states.any(|state| state == "attached" || state == "available") {
            return self.drop("BAD_STATE_ATTACHMENT", named(gateway), "IG-09");
        }
        // BP-03: as what a NAT gateway sends.
        self.carried_out(named(gateway), from, to, Meets::LeavingByNat)?;
        self.outside_unchanged(to)
    }

    /// A request is on the internet with the addresses that it had inside: it may be for another
    /// VPC of the network.
    pub(super) fn outside_unchanged(&mut self, to: Ipv6Addr) -> Go<Arrival<'a>> {
        self.sender = None;
        if let Address::Of(..) = self.request_destination() {
            return Ok(self.at_host());
        }
        let to_ip = IpAddr::V6(to);
        let mut vpcs = self.network.vpcs.values();
        match vpcs.find(|vpc| vpc.cidrs.iter().any(|block| block.contains(&to_ip))) {
            Some(vpc) => self.enter_unchanged(&vpc.id, to),
            None => Ok(self.at_host()),
        }
    }

    /// A request comes in from the internet for an IPv6 address of a VPC (IG-06).
    pub(super) fn enter_unchanged(&mut self, vpc: &'a VpcId, to: Ipv6Addr) -> Go<Arrival<'a>> {
        let Some(found) = self.network.vpcs.get(vpc) else { return absent(Kind::Vpc, vpc) };
        let mut gateways = self.network.internet_gateways.values();
        let gateway = gateways.find(|gateway| is_attached(gateway, vpc));
        if gateway.is_none() {
            if self.network.coverage.covers(&found.about.scope, Kind::InternetGateway) {
                return self.drop("BAD_STATE_ATTACHMENT", named(found), "IG-01");
            }
            let fact = format!("the internet gateway of {vpc} is not in the input");
            self.unsure(named(found), fact, "IG-01");
        }
        let to = IpAddr::V6(to);
        if self.stays_inside(to) {
            return self.drop("IPV6_ADDRESS_NOT_PUBLIC", named(found), "IG-10");
        }
        self.inbound = true;
        self.exits.clear();
        self.passed.clear();
        if !self.trail.is_empty() {
            self.legs.push(Vec::new());
        }
        if let Some(gateway) = gateway {
            let known = (Address::Known(to), self.packet.destination_port);
            if let Some(subnet) = self.gate(gateway, vpc, self.source, known)? {
                return self.route_request(subnet, known.0);
            }
        } else {
            self.let_in_for(vpc, Address::Known(to))?;
        }
        let holds = |subnet: &&Subnet| {
            subnet.vpc == *vpc && subnet.cidrs.iter().any(|block| block.contains(&to))
        };
        let Some(subnet) = self.network.subnets.values().find(holds) else {
            if !self.network.coverage.covers(&found.about.scope, Kind::Subnet) {
                return lost(format!("the subnets of {vpc} are not in the input"));
            }
            return self.drop("VPC_LOCAL_ROUTE_CIDR_RESTRICTION", named(found), "RT-13");
        };
        self.acl(subnet, Way::In, self.source, self.packet.destination_port)?;
        self.arrive(subnet, to)
    }

    /// TG-07
    pub(super) fn takes_family(&mut self, attachment: &TransitGatewayAttachment) -> Go {
        if !self.request_destination().is_v6() {
            return Ok(());
        }
        match attachment.ipv6 {
            Some(true) => Ok(()),
            Some(false) => self.drop("TGW_ATTACHMENT_WITHOUT_IPV6", named(attachment), "TG-07"),
            None => {
                let fact = format!("whether {} supports IPv6 is not known", attachment.id);
                self.unsure(named(attachment), fact, "TG-07");
                Ok(())
            }
        }
    }
}
