//! Rows of bits, one per zone.

use std::ops::Range;

/// A set of zones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    /// No zone out of so many.
    pub(super) fn none(zones: usize) -> Self {
        Self(vec![0; zones.div_ceil(64)])
    }

    pub(super) fn contains(&self, zone: usize) -> bool {
        self.0.get(zone / 64).is_some_and(|word| word >> (zone % 64) & 1 == 1)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(|&word| word == 0)
    }

    pub(super) fn insert(&mut self, zone: usize) {
        self.insert_range(zone..zone + 1);
    }

    pub(super) fn insert_range(&mut self, range: Range<usize>) {
        for (index, mask) in words(range) {
            self.0[index] |= mask;
        }
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.combine(other, |own, other| own | other);
    }

    pub(super) fn keep(&mut self, other: &Self) {
        self.combine(other, |own, other| own & other);
    }

    pub(super) fn remove(&mut self, other: &Self) {
        self.combine(other, |own, other| own & !other);
    }

    /// The zones that only one of two sets has.
    pub(super) fn differing(&self, other: &Self) -> Self {
        let mut all = self.clone();
        all.combine(other, |own, other| own ^ other);
        all
    }

    fn combine(&mut self, other: &Self, with: impl Fn(u64, u64) -> u64) {
        for (own, &other) in self.0.iter_mut().zip(&other.0) {
            *own = with(*own, other);
        }
    }

    /// All zones, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().enumerate().flat_map(|(index, &word)| Ones(word, index * 64))
    }
}

/// The set bits of a word that starts at some zone.
struct Ones(u64, usize);

impl Iterator for Ones {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        if self.0 == 0 {
            return None;
        }
        let bit = self.0.trailing_zeros() as usize;
        self.0 &= self.0 - 1;
        Some(self.1 + bit)
    }
}

/// The words that a range touches, each with the part that it touches.
fn words(range: Range<usize>) -> impl Iterator<Item = (usize, u64)> {
    let Range { start, end } = range;
    let last = end.saturating_sub(1) / 64;
    let all = if start < end { start / 64..last + 1 } else { 0..0 };
    all.map(move |index| {
        let low = if index == start / 64 { u64::MAX << (start % 64) } else { u64::MAX };
        let high = if index == last { u64::MAX >> (63 - (end - 1) % 64) } else { u64::MAX };
        (index, low & high)
    })
}

#[cfg(test)]
mod tests {
    use super::Bits;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ranges_hold_their_zones(start in 0usize..200, length in 0usize..200, asked in 0usize..200) {
            let mut bits = Bits::none(400);
            bits.insert_range(start..start + length);
            prop_assert_eq!(bits.contains(asked), (start..start + length).contains(&asked));
            prop_assert_eq!(bits.iter().count(), length);
        }
    }
}
