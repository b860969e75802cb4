//! Whose address a target sees.

use super::Leg;
use crate::header::{
    AddressSet, Family, IntervalSet, Symbol, public_ipv4, public_ipv6, unique_local_ipv6,
};
use crate::network::{LoadBalancer, LoadBalancerType, Network, Scheme, TargetType};

impl Leg<'_> {
    /// NLB-01: whether targets see the addresses of the clients instead of the nodes'.
    #[must_use]
    pub fn keeps_client_addresses(&self) -> bool {
        if self.balancer.balancer_type != LoadBalancerType::Network {
            return false;
        }
        // None are kept on the way to another VPC.
        if self.group.vpc.as_ref().is_some_and(|vpc| *vpc != self.balancer.vpc) {
            return false;
        }
        match (self.group.protocol.as_deref(), &self.group.target_type) {
            (Some("UDP" | "TCP_UDP" | "QUIC" | "TCP_QUIC"), _) => true,
            (_, TargetType::Ip) => self.group.preserve_client_ip.unwrap_or(false),
            (_, _) => self.group.preserve_client_ip.unwrap_or(true),
        }
    }
}

/// The addresses of a family that a load balancer's clients may have (LBC-01): of an
/// internet-facing one any public address, of an internal one any private address and those of the
/// network's own blocks, as nothing states which.
#[must_use]
pub fn client_addresses(
    network: &Network,
    balancer: &LoadBalancer,
    family: Family,
) -> (AddressSet, Option<Symbol>) {
    let own = AddressSet::from_nets(network.vpcs.values().flat_map(|vpc| &vpc.cidrs));
    let internet = || Some(Symbol::new("internet"));
    match (balancer.scheme, family) {
        (Scheme::InternetFacing, Family::V4) => {
            (AddressSet::from_v4(public_ipv4().clone()), internet())
        }
        (Scheme::InternetFacing, Family::V6) => {
            (AddressSet::from_v6(public_ipv6().clone()).difference(&own), internet())
        }
        (Scheme::Internal, Family::V4) => {
            let ranges = PRIVATE.iter().map(|&(low, high)| (low, high));
            (AddressSet::from_v4(IntervalSet::from_ranges(ranges)), None)
        }
        (Scheme::Internal, Family::V6) => {
            let local = AddressSet::from(unique_local_ipv6());
            (local.union(&own.of_family(Family::V6)), None)
        }
    }
}

/// RFC 1918 and 100.64.0.0/10.
const PRIVATE: [(u32, u32); 4] = [
    (0x0a00_0000, 0x0aff_ffff),
    (0x6440_0000, 0x647f_ffff),
    (0xac10_0000, 0xac1f_ffff),
    (0xc0a8_0000, 0xc0a8_ffff),
];
