//! Rows of bits, one per zone.

use std::ops::Range;

/// A set of zones.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    /// No zone out of so many.
    pub(super) fn none(zones: usize) -> Self {
        Self(vec![0; zones.div_ceil(64)])
    }

    /// No zone out of as many as another set's.
    pub(super) fn like(&self) -> Self {
        Self(vec![0; self.0.len()])
    }

    /// Takes out all.
    pub(super) fn clear(&mut self) {
        self.0.fill(0);
    }

    pub(super) fn contains(&self, zone: usize) -> bool {
        self.0.get(zone / 64).is_some_and(|word| word >> (zone % 64) & 1 == 1)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(|&word| word == 0)
    }

    /// Whether some zone is in both sets.
    pub(super) fn meets(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).any(|(own, other)| own & other != 0)
    }

    pub(super) fn insert(&mut self, zone: usize) {
        self.insert_range(zone..zone + 1);
    }

    pub(super) fn insert_range(&mut self, range: Range<usize>) {
        for (index, mask) in words(range) {
            self.0[index] |= mask;
        }
    }

    /// Takes out a zone.
    pub(super) fn take(&mut self, zone: usize) {
        if let Some(word) = self.0.get_mut(zone / 64) {
            *word &= !(1 << (zone % 64));
        }
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.combine(other, |own, other| own | other);
    }

    /// Adds the part of a set that is in another.
    pub(super) fn add_within(&mut self, other: &Self, zones: &Self) {
        for (own, (&other, &zone)) in self.0.iter_mut().zip(other.0.iter().zip(&zones.0)) {
            *own |= other & zone;
        }
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

    /// The zones of a range, in order.
    pub(super) fn within(&self, range: Range<usize>) -> impl Iterator<Item = usize> + '_ {
        words(range).flat_map(|(index, mask)| Ones(self.0[index] & mask, index * 64))
    }

    /// How many zones there are.
    pub(super) fn count(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// The zones that only one of two sets has, in order.
    pub(super) fn changes(&self, other: &Self) -> impl Iterator<Item = usize> {
        let words = self.0.iter().zip(&other.0).enumerate();
        words.flat_map(|(index, (own, other))| Ones(own ^ other, index * 64))
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

/// Rows as columns: for each of so many zones, the rows that have it.
pub(super) fn transposed(rows: &[Bits], zones: usize) -> Vec<Bits> {
    let mut columns = vec![Bits::none(rows.len()); zones];
    for band in 0..rows.len().div_ceil(64) {
        let height = (rows.len() - band * 64).min(64);
        for word in 0..zones.div_ceil(64) {
            let mut block = [0_u64; 64];
            for (line, row) in block.iter_mut().zip(&rows[band * 64..band * 64 + height]) {
                *line = row.0[word];
            }
            if block.iter().all(|&line| line == 0) {
                continue;
            }
            turn(&mut block);
            let width = (zones - word * 64).min(64);
            for (column, line) in columns[word * 64..word * 64 + width].iter_mut().zip(block) {
                column.0[band] = line;
            }
        }
    }
    columns
}

/// Transposes a square of bits by swapping ever smaller squares within it.
fn turn(block: &mut [u64; 64]) {
    let (mut size, mut mask) = (32, 0xFFFF_FFFF_u64);
    while size > 0 {
        for line in (0..64).filter(|line| line & size == 0) {
            let swapped = ((block[line] >> size) ^ block[line + size]) & mask;
            block[line] ^= swapped << size;
            block[line + size] ^= swapped;
        }
        size /= 2;
        mask ^= mask << size;
    }
}

#[cfg(test)]
mod tests {
    use super::{Bits, transposed};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ranges_hold_their_zones(start in 0usize..200, length in 0usize..200, asked in 0usize..200) {
            let mut bits = Bits::none(400);
            bits.insert_range(start..start + length);
            prop_assert_eq!(bits.contains(asked), (start..start + length).contains(&asked));
            prop_assert_eq!(bits.iter().count(), length);
            let cut: Vec<usize> = bits.within(asked..asked + 70).collect();
            let wanted: Vec<usize> = (asked..asked + 70).filter(|&one| bits.contains(one)).collect();
            prop_assert_eq!(cut, wanted);
        }

        #[test]
        fn a_column_has_the_rows_that_have_it(set in prop::collection::btree_set((0usize..150, 0usize..90), 0..400)) {
            let mut rows = vec![Bits::none(90); 150];
            set.iter().for_each(|&(row, zone)| rows[row].insert(zone));
            let columns = transposed(&rows, 90);
            for (zone, column) in columns.iter().enumerate() {
                let wanted: Vec<usize> = (0..150).filter(|&row| set.contains(&(row, zone))).collect();
                prop_assert_eq!(column.iter().collect::<Vec<_>>(), wanted);
            }
        }
    }
}
