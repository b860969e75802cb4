//! Sets of IP addresses of both families, and symbols for addresses that nobody can list.

use super::IntervalSet;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, LazyLock};

/// A name for a set of public addresses that exists but cannot be listed, such as the public
/// side of one service in one Region.
///
/// Two symbols name disjoint sets; each lies somewhere within [`public_ipv4`], or, for what a
/// service or host has of IPv6, within [`public_ipv6`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Symbol(pub Arc<str>);

impl Symbol {
    /// A symbol of that name.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(Arc::from(name))
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A family of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

impl Family {
    /// The family of an address.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        if address.is_ipv4() { Self::V4 } else { Self::V6 }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == Self::V4 { "IPv4" } else { "IPv6" })
    }
}

/// A set of IPv4 and IPv6 addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AddressSet {
    /// The IPv4 addresses, as big-endian integers.
    pub v4: IntervalSet<u32>,
    /// The IPv6 addresses, as big-endian integers.
    pub v6: IntervalSet<u128>,
}

impl AddressSet {
    /// No address.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }

    /// Every address of both families.
    #[must_use]
    pub fn all() -> Self {
        Self { v4: IntervalSet::all(), v6: IntervalSet::all() }
    }

    /// Only IPv4 addresses.
    #[must_use]
    pub fn from_v4(v4: IntervalSet<u32>) -> Self {
        Self { v4, v6: IntervalSet::empty() }
    }

    /// Only IPv6 addresses.
    #[must_use]
    pub fn from_v6(v6: IntervalSet<u128>) -> Self {
        Self { v4: IntervalSet::empty(), v6 }
    }

    /// The part of one family.
    #[must_use]
    pub fn of_family(&self, family: Family) -> Self {
        match family {
            Family::V4 => Self::from_v4(self.v4.clone()),
            Family::V6 => Self::from_v6(self.v6.clone()),
        }
    }

    /// The families of which the set holds addresses, IPv4 first.
    pub fn families(&self) -> impl Iterator<Item = Family> {
        let v4 = (!self.v4.is_empty()).then_some(Family::V4);
        v4.into_iter().chain((!self.v6.is_empty()).then_some(Family::V6))
    }

    /// The IPv6 addresses in [`nat64_prefix`] that stand for the set's IPv4 addresses (RFC 6052).
    #[must_use]
    pub fn embedded(&self) -> Self {
        let base = u128::from(NAT64.network());
        let ranges = self.v4.ranges().iter();
        Self::from_v6(IntervalSet::from_ranges(
            ranges.map(|&(low, high)| (base | u128::from(low), base | u128::from(high))),
        ))
    }

    /// One address.
    #[must_use]
    pub fn single(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(v4) => Self::from_v4(IntervalSet::single(u32::from(v4))),
            IpAddr::V6(v6) => {
                Self { v4: IntervalSet::empty(), v6: IntervalSet::single(u128::from(v6)) }
            }
        }
    }

    /// Every address of a prefix.
    #[must_use]
    pub fn from_net(net: IpNet) -> Self {
        match net {
            IpNet::V4(net) => Self::from_v4(IntervalSet::from_range(
                u32::from(net.network()),
                u32::from(net.broadcast()),
            )),
            IpNet::V6(net) => Self {
                v4: IntervalSet::empty(),
                v6: IntervalSet::from_range(u128::from(net.network()), u128::from(net.broadcast())),
            },
        }
    }

    /// Every address of any of the sets.
    #[must_use]
    pub fn union_of<'a>(sets: impl IntoIterator<Item = &'a Self>) -> Self {
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for set in sets {
            v4.extend_from_slice(set.v4.ranges());
            v6.extend_from_slice(set.v6.ranges());
        }
        Self { v4: IntervalSet::from_ranges(v4), v6: IntervalSet::from_ranges(v6) }
    }

    /// Every address of any of the prefixes.
    #[must_use]
    pub fn from_nets<'a>(nets: impl IntoIterator<Item = &'a IpNet>) -> Self {
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for net in nets {
            match net {
                IpNet::V4(net) => v4.push((u32::from(net.network()), u32::from(net.broadcast()))),
                IpNet::V6(net) => v6.push((u128::from(net.network()), u128::from(net.broadcast()))),
            }
        }
        Self { v4: IntervalSet::from_ranges(v4), v6: IntervalSet::from_ranges(v6) }
    }

    /// Whether the set holds no address.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.v4.is_empty() && self.v6.is_empty()
    }

    /// Whether `address` is in the set.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(v4) => self.v4.contains(u32::from(v4)),
            IpAddr::V6(v6) => self.v6.contains(u128::from(v6)),
        }
    }

    /// The only address, when there is exactly one.
    #[must_use]
    pub fn as_single(&self) -> Option<IpAddr> {
        match (self.v4.ranges(), self.v6.ranges()) {
            (&[(low, high)], []) if low == high => Some(IpAddr::V4(low.into())),
            ([], &[(low, high)]) if low == high => Some(IpAddr::V6(low.into())),
            _ => None,
        }
    }

    /// Everything in either set.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self { v4: self.v4.union(&other.v4), v6: self.v6.union(&other.v6) }
    }

    /// Everything in both sets.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self { v4: self.v4.intersection(&other.v4), v6: self.v6.intersection(&other.v6) }
    }

    /// Everything in this set that is not in `other`.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        Self { v4: self.v4.difference(&other.v4), v6: self.v6.difference(&other.v6) }
    }

    /// Whether every address of this set is in `other`.
    #[must_use]
    pub fn is_subset(&self, other: &Self) -> bool {
        self.v4.is_subset(&other.v4) && self.v6.is_subset(&other.v6)
    }

    /// Whether some address of this set is in `other`.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        self.v4.meets(&other.v4) || self.v6.meets(&other.v6)
    }

    /// The fewest prefixes that cover exactly this set, in order.
    #[must_use]
    pub fn to_nets(&self) -> Vec<IpNet> {
        let v4 = self.v4.ranges().iter().flat_map(|&(low, high)| {
            ipnet::Ipv4Subnets::new(low.into(), high.into(), 0).map(IpNet::V4)
        });
        let v6 = self.v6.ranges().iter().flat_map(|&(low, high)| {
            ipnet::Ipv6Subnets::new(low.into(), high.into(), 0).map(IpNet::V6)
        });
        v4.chain(v6).collect()
    }
}

impl From<Ipv4Net> for AddressSet {
    fn from(net: Ipv4Net) -> Self {
        Self::from_net(net.into())
    }
}

impl From<Ipv6Net> for AddressSet {
    fn from(net: Ipv6Net) -> Self {
        Self::from_net(net.into())
    }
}

/// `10.0.1.4`, `10.0.1.0/24`, `10.0.1.4-10.0.1.9`, comma-separated; `none` when empty.
impl fmt::Display for AddressSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("none");
        }
        let mut separator = "";
        let v4 = self.v4.ranges().iter().map(|&(low, high)| {
            (IpAddr::from(Ipv4Addr::from(low)), IpAddr::from(Ipv4Addr::from(high)))
        });
        let v6 = self.v6.ranges().iter().map(|&(low, high)| {
            (IpAddr::from(Ipv6Addr::from(low)), IpAddr::from(Ipv6Addr::from(high)))
        });
        for (low, high) in v4.chain(v6) {
            f.write_str(separator)?;
            separator = ", ";
            if low == high {
                write!(f, "{low}")?;
                continue;
            }
            let mut nets = match (low, high) {
                (IpAddr::V4(low), IpAddr::V4(high)) => {
                    ipnet::IpSubnets::from(ipnet::Ipv4Subnets::new(low, high, 0))
                }
                (IpAddr::V6(low), IpAddr::V6(high)) => {
                    ipnet::IpSubnets::from(ipnet::Ipv6Subnets::new(low, high, 0))
                }
                _ => continue,
            };
            match (nets.next(), nets.next()) {
                (Some(net), None) => write!(f, "{net}")?,
                _ => write!(f, "{low}-{high}")?,
            }
        }
        Ok(())
    }
}

/// Non-public IPv4 ranges: "this network", private, shared, loopback, link-local, documentation
/// is left in, multicast and reserved. Source: IANA IPv4 Special-Purpose Address Registry.
const NOT_PUBLIC: [(Ipv4Addr, Ipv4Addr); 9] = [
    (Ipv4Addr::new(0, 0, 0, 0), Ipv4Addr::new(0, 255, 255, 255)),
    (Ipv4Addr::new(10, 0, 0, 0), Ipv4Addr::new(10, 255, 255, 255)),
    (Ipv4Addr::new(100, 64, 0, 0), Ipv4Addr::new(100, 127, 255, 255)),
    (Ipv4Addr::new(127, 0, 0, 0), Ipv4Addr::new(127, 255, 255, 255)),
    (Ipv4Addr::new(169, 254, 0, 0), Ipv4Addr::new(169, 254, 255, 255)),
    (Ipv4Addr::new(172, 16, 0, 0), Ipv4Addr::new(172, 31, 255, 255)),
    (Ipv4Addr::new(192, 168, 0, 0), Ipv4Addr::new(192, 168, 255, 255)),
    (Ipv4Addr::new(224, 0, 0, 0), Ipv4Addr::new(239, 255, 255, 255)),
    (Ipv4Addr::new(240, 0, 0, 0), Ipv4Addr::new(255, 255, 255, 255)),
];

static PUBLIC_V4: LazyLock<IntervalSet<u32>> = LazyLock::new(|| {
    IntervalSet::from_ranges(NOT_PUBLIC.map(|(low, high)| (low.into(), high.into()))).complement()
});

/// Every IPv4 address that can appear on the internet.
#[must_use]
pub fn public_ipv4() -> &'static IntervalSet<u32> {
    &PUBLIC_V4
}

/// The prefix in which IPv6 hosts address IPv4 ones through a translator (RFC 6052).
const NAT64: Ipv6Net = Ipv6Net::new_assert(Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96);

/// Unique local addresses (RFC 4193).
const UNIQUE_LOCAL: Ipv6Net = Ipv6Net::new_assert(Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7);

/// Every IPv6 address that can appear on the internet: global unicast (RFC 4291).
static PUBLIC_V6: LazyLock<IntervalSet<u128>> =
    LazyLock::new(|| IntervalSet::from_range(0x2000_u128 << 112, (0x4000_u128 << 112) - 1));

/// Every IPv6 address that can appear on the internet.
#[must_use]
pub fn public_ipv6() -> &'static IntervalSet<u128> {
    &PUBLIC_V6
}

/// The prefix in which IPv6 hosts address IPv4 ones through a translator (RFC 6052).
#[must_use]
pub fn nat64_prefix() -> Ipv6Net {
    NAT64
}

/// Unique local IPv6 addresses (RFC 4193), which nothing carries to the internet.
#[must_use]
pub fn unique_local_ipv6() -> Ipv6Net {
    UNIQUE_LOCAL
}

/// The IPv4 address that an IPv6 one stands for behind a translator (RFC 6052).
#[must_use]
pub fn embedded_ipv4(address: IpAddr) -> Option<Ipv4Addr> {
    match address {
        IpAddr::V6(v6) if NAT64.contains(&v6) => {
            let [.., a, b, c, d] = v6.octets();
            Some(Ipv4Addr::new(a, b, c, d))
        }
        _ => None,
    }
}

/// Whether an address is private (RFC 1918) or shared (RFC 6598): the ranges that an internet
/// gateway will not carry.
#[must_use]
pub fn is_private_ipv4(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    address.is_private() || (first == 100 && (64..128).contains(&second))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_print_as_people_write_them() {
        let net = |text: &str| AddressSet::from_net(text.parse().unwrap());
        assert_eq!(net("10.0.1.0/24").to_string(), "10.0.1.0/24");
        let four_to_nine = AddressSet::from_v4(IntervalSet::from_range(
            u32::from(Ipv4Addr::new(10, 0, 1, 4)),
            u32::from(Ipv4Addr::new(10, 0, 1, 9)),
        ));
        assert_eq!(four_to_nine.to_string(), "10.0.1.4-10.0.1.9");
        assert_eq!(
            net("2001:db8::1/128").union(&net("0.0.0.0/0")).to_string(),
            "0.0.0.0/0, 2001:db8::1"
        );
        assert_eq!(AddressSet::empty().to_string(), "none");
    }

    #[test]
    fn public_addresses_leave_out_private_and_shared_ranges() {
        for text in ["10.1.2.3", "100.64.0.1", "172.31.9.9", "192.168.0.1", "169.254.169.253"] {
            let address: Ipv4Addr = text.parse().unwrap();
            assert!(!public_ipv4().contains(address.into()), "{text}");
        }
        assert!(public_ipv4().contains(Ipv4Addr::new(172, 32, 0, 1).into()));
        assert!(public_ipv4().contains(Ipv4Addr::new(52, 94, 0, 1).into()));
    }
}
