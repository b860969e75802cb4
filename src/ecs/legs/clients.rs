//! Whose address a target sees.

use super::Leg;
use crate::header::{AddressSet, IntervalSet, Symbol, public_ipv4};
use crate::network::{LoadBalancer, LoadBalancerType, Scheme, TargetType};

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

/// The addresses that a load balancer's clients may have (LBC-01): of an internet-facing one any
/// public address, of an internal one any private address, as nothing states which.
#[must_use]
pub fn client_addresses(balancer: &LoadBalancer) -> (AddressSet, Option<Symbol>) {
    match balancer.scheme {
        Scheme::InternetFacing => {
            let public = AddressSet::from_v4(public_ipv4().clone());
            (public, Some(Symbol::new("internet")))
        }
        Scheme::Internal => {
            let ranges = PRIVATE.iter().map(|&(low, high)| (low, high));
            (AddressSet::from_v4(IntervalSet::from_ranges(ranges)), None)
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
