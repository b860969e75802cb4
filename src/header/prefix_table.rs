//! Longest-prefix match, flattened to disjoint intervals.

use super::{IntervalSet, Point};
use ipnet::IpNet;

/// For every address of one family: what the longest prefix that holds it says.
///
/// Built once from prefixes, then read as sorted intervals. When several prefixes of one length
/// hold an address, all their values are kept, in the order given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrefixTable<V> {
    v4: Vec<(u32, u32, Vec<V>)>,
    v6: Vec<(u128, u128, Vec<V>)>,
}

impl<V: Clone + PartialEq> PrefixTable<V> {
    /// Flattens prefixes. Each interval carries the values of the longest prefix over it.
    #[must_use]
    pub fn new(prefixes: &[(IpNet, V)]) -> Self {
        let v4: Vec<_> = prefixes
            .iter()
            .filter_map(|(net, value)| match net {
                IpNet::V4(net) => Some((
                    u32::from(net.network()),
                    u32::from(net.broadcast()),
                    net.prefix_len(),
                    value,
                )),
                IpNet::V6(_) => None,
            })
            .collect();
        let v6: Vec<_> = prefixes
            .iter()
            .filter_map(|(net, value)| match net {
                IpNet::V6(net) => Some((
                    u128::from(net.network()),
                    u128::from(net.broadcast()),
                    net.prefix_len(),
                    value,
                )),
                IpNet::V4(_) => None,
            })
            .collect();
        Self { v4: flatten(v4), v6: flatten(v6) }
    }

    /// The IPv4 intervals that some prefix covers, sorted and disjoint.
    #[must_use]
    pub fn v4(&self) -> &[(u32, u32, Vec<V>)] {
        &self.v4
    }

    /// The IPv6 intervals that some prefix covers, sorted and disjoint.
    #[must_use]
    pub fn v6(&self) -> &[(u128, u128, Vec<V>)] {
        &self.v6
    }
}

/// Lays prefixes over each other from the shortest to the longest.
fn flatten<T: Point, V: Clone + PartialEq>(
    mut prefixes: Vec<(T, T, u8, &V)>,
) -> Vec<(T, T, Vec<V>)> {
    prefixes.sort_by(|a, b| b.2.cmp(&a.2).then(a.0.cmp(&b.0)));
    let mut taken = IntervalSet::empty();
    let mut table = Vec::new();
    let mut rest = prefixes.as_slice();
    while let Some(&(.., length, _)) = rest.first() {
        let (mut of_length, after) = rest.split_at(rest.partition_point(|p| p.2 == length));
        rest = after;
        let wholes = of_length.iter().map(|&(low, high, ..)| (low, high));
        let all = IntervalSet::from_ranges(wholes);
        while let Some(&(low, high, ..)) = of_length.first() {
            // Prefixes of equal length either coincide or are disjoint.
            let same = of_length.iter().take_while(|p| p.0 == low).count();
            let values: Vec<V> = of_length[..same].iter().map(|p| p.3.clone()).collect();
            for &(from, to) in IntervalSet::from_range(low, high).difference(&taken).ranges() {
                table.push((from, to, values.clone()));
            }
            of_length = &of_length[same..];
        }
        taken = taken.union(&all);
    }
    table.sort_by_key(|&(low, ..)| low);
    let mut merged: Vec<(T, T, Vec<V>)> = Vec::with_capacity(table.len());
    for (low, high, values) in table {
        match merged.last_mut() {
            Some((_, end, same)) if end.next() == Some(low) && *same == values => *end = high,
            _ => merged.push((low, high, values)),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;
    use ipnet::Ipv4Net;
    use proptest::prelude::*;

    proptest! {
        // RT-04: the longest prefix wins; RT-06: ties keep every candidate.
        #[test]
        fn every_address_gets_its_longest_prefixes(
            nets in prop::collection::vec((any::<u32>(), 0u8..=32), 0..12),
            probe in any::<u32>(),
        ) {
            let nets: Vec<(IpNet, usize)> = nets.iter().enumerate()
                .map(|(i, &(base, len))| (IpNet::V4(Ipv4Net::new((base & 0xC100_0003).into(), len).unwrap().trunc()), i))
                .collect();
            let probe = probe & 0xC100_0003;
            let holding = |(net, _): &&(IpNet, usize)| net.contains(&std::net::IpAddr::V4(probe.into()));
            let longest = nets.iter().filter(holding).map(|(net, _)| net.prefix_len()).max();
            let expected: Vec<usize> = nets.iter().filter(holding)
                .filter(|(net, _)| Some(net.prefix_len()) == longest).map(|&(_, i)| i).collect();
            let table = PrefixTable::new(&nets);
            let found = table.v4().iter().find(|(low, high, _)| (*low..=*high).contains(&probe));
            prop_assert_eq!(found.map(|(_, _, values)| values.clone()).unwrap_or_default(), expected);
            prop_assert!(table.v4().windows(2).all(|pair| pair[0].1 < pair[1].0));
        }
    }
}
