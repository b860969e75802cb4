//! Values that are not AWS's: numbers, texts, collections, addresses.

use super::bytes::{Broken, Reader, Stored, Writer};
use crate::header::{AddressSet, IntervalSet, Point, Protocol, ProtocolMatch};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

/// The most elements that room is made for before they are read.
const ROOM: usize = 1024;

impl Stored for bool {
    fn put(&self, to: &mut Writer) {
        to.byte(u8::from(*self));
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Broken> {
        match from.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Broken),
        }
    }
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl Stored for $number {
            fn put(&self, to: &mut Writer) {
                to.number(u64::from(*self));
            }

            fn take(from: &mut Reader<'_>) -> Result<Self, Broken> {
                from.number()?.try_into().map_err(|_| Broken)
            }
        }
    )*};
}
numbers!(u8, u16, u32, u64);

macro_rules! as_they_are {
    ($($number:ty),*) => {$(
        impl Stored for $number {
            fn put(&self, to: &mut Writer) {
                to.bytes.extend_from_slice(&self.to_le_bytes());
            }

            fn take(from: &mut Reader<'_>) -> Result<Self, Broken> {
                from.array().map(Self::from_le_bytes)
            }
        }
    )*};
}
as_they_are!(i16, i32, u128);

impl Stored for String {
    fn put(&self, to: &mut Writer) {
        to.text(self);
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Broken> {
        from.text().map(str::to_owned)
    }
}

impl Stored for Arc<str> {
    fn put(&self, to: &mut Writer) {
        to.shared(self);
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Broken> {
        from.shared()
    }
}

impl<T: Stored> Stored for Option<T> {
    fn put(&self, to: &mut Writer) {
        self.is_some().put(to);
        if let Some(value) = self {
            value.put(to);
        }
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Broken> {
        match bool::take(from)? {
            true => T::take(from).map(Some),
            false => Ok(None),
        }
    }
}

impl<T: Stored> Stored for Vec<T> {
    fn put(&self, to: &mut Writer) {
        to.count(self.len());
        for one in self {
            one.put(to);
        }
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Broken> {
        let count = from.count()?;
        let mut all = Self::with_capacity(count.min(ROOM));
        for _ in 0..count {
            all.push(T::take(from)?);
        }
        Ok(all)
    }
}

impl<T: Stored + Ord> Stored for BTreeSet<T> {
    fn put(&self, to: &mut Writer) {
        to.count(self.len());
        for one in self {
            one.put(to);
        }
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Broken> {
        let count = from.count()?;
        (0..count).map(|_| T::take(from)).collect()
    }
}

impl<K: Stored + Ord, V: Stored> Stored for BTreeMap<K, V> {
    fn put(&self, to: &mut Writer) {
        to.count(self.len());
        for (key, value) in self {
            key.put(to);
            value.put(to);
        }
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Broken> {
        let count = from.count()?;
        (0..count).map(|_| Stored::take(from)).collect()
    }
}

impl<A: Stored, B: Stored> Stored for (A, B) {
    fn put(&self, to: &mut Writer) {
        self.0.put(to);
        self.1.put(to);
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Broken> {
        Ok((A::take(from)?, B::take(from)?))
    }
}

impl<T: Stored> Stored for [T; 2] {
    fn put(&self, to: &mut Writer) {
        let [first, second] = self;
        first.put(to);
        second.put(to);
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Broken> {
        Ok([T::take(from)?, T::take(from)?])
    }
}

impl Stored for Ipv4Addr {
    fn put(&self, to: &mut Writer) {
        to.bytes.extend_from_slice(&self.octets());
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Broken> {
        from.array::<4>().map(Self::from)
    }
}

impl Stored for Ipv6Addr {
    fn put(&self, to: &mut Writer) {
        to.bytes.extend_from_slice(&self.octets());
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Broken> {
        from.array::<16>().map(Self::from)
    }
}

impl Stored for IpAddr {
    fn put(&self, to: &mut Writer) {
        match self {
            Self::V4(address) => (4u8, *address).put(to),
            Self::V6(address) => (6u8, *address).put(to),
        }
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Broken> {
        match from.byte()? {
            4 => Stored::take(from).map(Self::V4),
            6 => Stored::take(from).map(Self::V6),
            _ => Err(Broken),
        }
    }
}

impl Stored for IpNet {
    fn put(&self, to: &mut Writer) {
        self.addr().put(to);
        to.byte(self.prefix_len());
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Broken> {
        let (address, length) = (IpAddr::take(from)?, from.byte()?);
        let net = match address {
            IpAddr::V4(address) => Ipv4Net::new(address, length).map(Self::V4),
            IpAddr::V6(address) => Ipv6Net::new(address, length).map(Self::V6),
        };
        net.map_err(|_| Broken)
    }
}

impl<T: Stored + Point> Stored for IntervalSet<T> {
    fn put(&self, to: &mut Writer) {
        to.count(self.ranges().len());
        for range in self.ranges() {
            range.put(to);
        }
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Broken> {
        // One range, as nearly all have, needs no list.
        match from.count()? {
            0 => Ok(Self::empty()),
            1 => <(T, T)>::take(from).map(|(low, high)| Self::from_range(low, high)),
            count => {
                let ranges: Result<Vec<(T, T)>, Broken> =
                    (0..count).map(|_| Stored::take(from)).collect();
                ranges.map(Self::from_ranges)
            }
        }
    }
}

impl Stored for AddressSet {
    fn put(&self, to: &mut Writer) {
        let Self { v4, v6 } = self;
        v4.put(to);
        v6.put(to);
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Broken> {
        Ok(Self { v4: Stored::take(from)?, v6: Stored::take(from)? })
    }
}

impl Stored for Protocol {
    fn put(&self, to: &mut Writer) {
        to.byte(self.number());
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Broken> {
        from.byte().map(Self::from_number)
    }
}

impl Stored for ProtocolMatch {
    fn put(&self, to: &mut Writer) {
        match self {
            Self::Any => None,
            Self::Only(protocol) => Some(*protocol),
        }
        .put(to);
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Broken> {
        let only: Option<Protocol> = Stored::take(from)?;
        Ok(only.map_or(Self::Any, Self::Only))
    }
}
