//! The address space: every VPC has a block, cut alike into subnets.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

/// A block of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cidr {
    V4(u32, u8),
    V6(u128, u8),
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::V4(base, length) => write!(f, "{}/{length}", Ipv4Addr::from(base)),
            Self::V6(base, length) => write!(f, "{}/{length}", Ipv6Addr::from(base)),
        }
    }
}

/// The same place in both families.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) v4: Cidr,
    pub(super) v6: Cidr,
}

/// Everybody.
pub(super) const ANYWHERE: Span = Span { v4: Cidr::V4(0, 0), v6: Cidr::V6(0, 0) };

/// Where all VPCs have their blocks; the IPv6 one is announced, as AWS's own are.
pub(super) const PRIVATE: Span = Span { v4: Cidr::V4(10 << 24, 8), v6: Cidr::V6(V6, 32) };

const V6: u128 = 0x2600_1f00 << 96;

/// Where public IPv4 addresses are taken from.
const PUBLIC: u32 = 54 << 24;

/// What a subnet is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tier {
    /// Tasks, databases and endpoints.
    Work,
    /// Load balancers and NAT gateways.
    Edge,
    /// The interfaces of a transit gateway.
    Transit,
}

impl Tier {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Work => "work",
            Self::Edge => "edge",
            Self::Transit => "transit",
        }
    }

    /// How many bits longer its subnets' prefixes are than the VPC's, and which of the VPC's parts
    /// of that size its first one is.
    fn cut(self) -> (u8, u32) {
        match self {
            Self::Work => (2, 0),
            Self::Edge => (4, 12),
            Self::Transit => (6, 60),
        }
    }
}

/// A subnet within its VPC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) tier: Tier,
    pub(super) zone: u8,
}

impl Place {
    /// Its number within the VPC.
    pub(super) fn number(self) -> u8 {
        let tier = match self.tier {
            Tier::Work => 0,
            Tier::Edge => 4,
            Tier::Transit => 8,
        };
        tier + self.zone
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letter = char::from(b'a' + self.zone);
        write!(f, "{}-{letter}", self.tier.word())
    }
}

/// The blocks of one size that all VPCs have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Space {
    /// The length of a VPC's prefix, 16 to 22.
    length: u8,
}

/// What is not for interfaces in a subnet: the five addresses that AWS keeps, and those of gateways.
const KEPT: u32 = 8;

impl Space {
    /// The smallest blocks in which so many interfaces have room in two zones.
    pub(super) fn of(interfaces: u32) -> Option<Self> {
        let room = |length: u8| Self { length }.room();
        (16..=22).rev().find(|&length| interfaces <= room(length)).map(|length| Self { length })
    }

    /// How many interfaces the largest block has room for.
    pub(super) fn most_interfaces() -> u32 {
        Self { length: 16 }.room()
    }

    /// How many blocks there are.
    pub(super) fn blocks(self) -> u32 {
        1 << (self.length - 8)
    }

    fn room(self) -> u32 {
        let (longer, _) = Tier::Work.cut();
        2 * ((1 << (32 - self.length - longer)) - KEPT)
    }

    fn base(self, block: u32) -> u32 {
        (10 << 24) + (block << (32 - self.length))
    }

    /// A VPC's blocks. Those of IPv6 are its own, whoever else has the IPv4 one.
    pub(super) fn vpc(self, block: u32, vpc: u32) -> Span {
        let v4 = Cidr::V4(self.base(block), self.length);
        Span { v4, v6: Cidr::V6(V6 | (u128::from(vpc) << 72), 56) }
    }

    /// The blocks of a subnet.
    pub(super) fn subnet(self, block: u32, vpc: u32, place: Place) -> Span {
        let (longer, first) = place.tier.cut();
        let length = self.length + longer;
        let base = self.base(block) + ((first + u32::from(place.zone)) << (32 - length));
        let v6 = V6 | (u128::from(vpc) << 72) | (u128::from(place.number()) << 64);
        Span { v4: Cidr::V4(base, length), v6: Cidr::V6(v6, 64) }
    }

    /// The address of a host in a subnet.
    pub(super) fn host(self, block: u32, place: Place, host: u32) -> Ipv4Addr {
        match self.subnet(block, 0, place).v4 {
            Cidr::V4(base, _) => Ipv4Addr::from(base + host),
            Cidr::V6(..) => Ipv4Addr::UNSPECIFIED,
        }
    }

    /// Its IPv6 address.
    pub(super) fn host_v6(self, vpc: u32, place: Place, host: u32) -> Ipv6Addr {
        match self.subnet(0, vpc, place).v6 {
            Cidr::V6(base, _) => Ipv6Addr::from(base | u128::from(host)),
            Cidr::V4(..) => Ipv6Addr::UNSPECIFIED,
        }
    }

    /// Its public address: no other host of any VPC has it.
    pub(super) fn public(self, vpc: u32, place: Place, host: u32) -> Ipv4Addr {
        let own = u32::from(self.host(0, place, host)) - (10 << 24);
        Ipv4Addr::from(PUBLIC + (vpc << (32 - self.length)) + own)
    }

    /// The last address of a subnet that an interface may have.
    pub(super) fn last(self, place: Place) -> u32 {
        let (longer, _) = place.tier.cut();
        (1 << (32 - self.length - longer)) - 2
    }

    /// How many addresses of a subnet AWS lets interfaces have.
    pub(super) fn assignable(self, place: Place) -> u32 {
        self.last(place) - 3
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subnets_lie_apart_within_their_vpc() {
        let space = Space::of(1000).unwrap();
        let mut spans: Vec<(u32, u32)> = Vec::new();
        for tier in [Tier::Work, Tier::Edge, Tier::Transit] {
            for zone in 0..3 {
                let Cidr::V4(base, length) = space.subnet(3, 3, Place { tier, zone }).v4 else {
                    panic!("a subnet has an IPv4 block");
                };
                spans.push((base, base + (1 << (32 - length)) - 1));
                assert!((16..=28).contains(&length), "AWS has no /{length}");
            }
        }
        spans.sort_unstable();
        assert!(spans.windows(2).all(|pair| pair[0].1 < pair[1].0), "{spans:?}");
        let Cidr::V4(base, length) = space.vpc(3, 3).v4 else { panic!("a VPC has an IPv4 block") };
        assert!(spans[0].0 >= base && spans[8].1 < base + (1 << (32 - length)));
    }

    #[test]
    fn blocks_are_as_large_as_they_need_to_be() {
        assert_eq!(Space::of(1).unwrap().blocks(), 1 << 14);
        assert_eq!(Space::of(1000).unwrap().blocks(), 1 << 13);
        assert_eq!(Space::of(Space::most_interfaces()).unwrap().blocks(), 1 << 8);
        assert_eq!(Space::of(Space::most_interfaces() + 1), None);
    }
}
