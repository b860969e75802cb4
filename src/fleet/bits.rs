//! Rows of bits, one per zone.

use crate::threads;
use smallvec::SmallVec;
use std::borrow::Borrow;
use std::ops::Range;

/// How many columns are made by one thread at a time.
const PART: usize = 512;

/// A set of zones, as the words from the first to the last that has one: most sets are the few
/// zones of one VPC, which follow each other.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Bits {
    /// The first word's position; 0 when there is none.
    first: usize,
    /// Neither the first nor the last is zero.
    words: SmallVec<[u64; 2]>,
}

impl Bits {
    /// The zones of a range.
    pub(super) fn range(range: Range<usize>) -> Self {
        let mut bits = Self::default();
        bits.insert_range(range);
        bits
    }

    /// Takes out all.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    pub(super) fn contains(&self, zone: usize) -> bool {
        self.word(zone / 64) >> (zone % 64) & 1 == 1
    }

    pub(super) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Whether some zone is in both sets.
    pub(super) fn meets(&self, other: &Self) -> bool {
        let mut both = self.common(other);
        both.any(|index| self.word(index) & other.word(index) != 0)
    }

    pub(super) fn insert(&mut self, zone: usize) {
        self.insert_range(zone..zone + 1);
    }

    pub(super) fn insert_range(&mut self, range: Range<usize>) {
        if range.is_empty() {
            return;
        }
        self.cover(range.start / 64..(range.end - 1) / 64 + 1);
        for (index, mask) in words(range) {
            self.words[index - self.first] |= mask;
        }
    }

    /// Takes out a zone.
    pub(super) fn take(&mut self, zone: usize) {
        let word = (zone / 64).checked_sub(self.first).and_then(|index| self.words.get_mut(index));
        if let Some(word) = word {
            *word &= !(1 << (zone % 64));
            self.trim();
        }
    }

    pub(super) fn add(&mut self, other: &Self) {
        if other.is_empty() {
            return;
        }
        self.cover(other.span());
        let own = &mut self.words[other.first - self.first..];
        own.iter_mut().zip(&other.words).for_each(|(own, other)| *own |= other);
    }

    /// Adds the part of a set that is in another.
    pub(super) fn add_within(&mut self, other: &Self, zones: &Self) {
        let both = |index: &usize| other.word(*index) & zones.word(*index);
        let mut span = other.common(zones);
        let Some(start) = span.find(|index| both(index) != 0) else { return };
        let end = span.rfind(|index| both(index) != 0).unwrap_or(start) + 1;
        self.cover(start..end);
        let own = &mut self.words[start - self.first..end - self.first];
        let other = &other.words[start - other.first..end - other.first];
        let zones = &zones.words[start - zones.first..end - zones.first];
        for (own, (&other, &zone)) in own.iter_mut().zip(other.iter().zip(zones)) {
            *own |= other & zone;
        }
    }

    pub(super) fn keep(&mut self, other: &Self) {
        let common = self.common(other);
        if common.is_empty() {
            return self.clear();
        }
        self.words.truncate(common.end - self.first);
        self.words.drain(..common.start - self.first);
        self.first = common.start;
        let other = &other.words[common.start - other.first..];
        self.words.iter_mut().zip(other).for_each(|(own, other)| *own &= other);
        self.trim();
    }

    pub(super) fn remove(&mut self, other: &Self) {
        let common = self.common(other);
        if common.is_empty() {
            return;
        }
        let own = &mut self.words[common.start - self.first..common.end - self.first];
        let other = &other.words[common.start - other.first..];
        own.iter_mut().zip(other).for_each(|(own, other)| *own &= !other);
        self.trim();
    }

    /// The zones that only one of two sets has.
    pub(super) fn differing(&self, other: &Self) -> Self {
        let mut all = self.clone();
        if !other.is_empty() {
            all.cover(other.span());
            let own = &mut all.words[other.first - all.first..];
            own.iter_mut().zip(&other.words).for_each(|(own, other)| *own ^= other);
            all.trim();
        }
        all
    }

    /// The zones of a range, in order.
    pub(super) fn within(&self, range: Range<usize>) -> impl Iterator<Item = usize> + '_ {
        words(range).flat_map(|(index, mask)| Ones(self.word(index) & mask, index * 64))
    }

    /// How many zones there are.
    pub(super) fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// The zones that only one of two sets has, in order.
    pub(super) fn changes(&self, other: &Self) -> impl Iterator<Item = usize> {
        let all = match (self.is_empty(), other.is_empty()) {
            (true, _) => other.span(),
            (_, true) => self.span(),
            _ => self.first.min(other.first)..self.span().end.max(other.span().end),
        };
        all.flat_map(|index| Ones(self.word(index) ^ other.word(index), index * 64))
    }

    /// All zones, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        let words = (self.first..).zip(&self.words);
        words.flat_map(|(index, &word)| Ones(word, index * 64))
    }

    fn word(&self, index: usize) -> u64 {
        let own = index.checked_sub(self.first).and_then(|index| self.words.get(index));
        own.copied().unwrap_or_default()
    }

    /// The positions of its words.
    fn span(&self) -> Range<usize> {
        self.first..self.first + self.words.len()
    }

    /// The positions at which both have words.
    fn common(&self, other: &Self) -> Range<usize> {
        self.first.max(other.first)..self.span().end.min(other.span().end)
    }

    /// Makes room for words at positions that are about to be set.
    fn cover(&mut self, span: Range<usize>) {
        if self.is_empty() {
            self.first = span.start;
        }
        if span.start < self.first {
            self.words.insert_many(0, (span.start..self.first).map(|_| 0));
            self.first = span.start;
        }
        if span.end > self.span().end {
            self.words.resize(span.end - self.first, 0);
        }
    }

    /// Drops the words at both ends that have become zero.
    fn trim(&mut self) {
        let Some(start) = self.words.iter().position(|&word| word != 0) else {
            return self.clear();
        };
        while self.words.last() == Some(&0) {
            self.words.pop();
        }
        if start > 0 {
            self.words.drain(..start);
            self.first += start;
        }
    }

    /// Adds a word behind all others.
    fn push(&mut self, index: usize, word: u64) {
        if word != 0 {
            self.cover(index..index + 1);
            if let Some(last) = self.words.last_mut() {
                *last = word;
            }
        }
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
pub(super) fn transposed<B: Borrow<Bits> + Sync>(rows: &[B], zones: usize) -> Vec<Bits> {
    let parts: Vec<usize> = (0..zones.div_ceil(PART)).collect();
    let columns =
        threads::map(&parts, 4, |part| columns(rows, part * PART..zones.min((part + 1) * PART)));
    columns.into_iter().flatten().collect()
}

/// The columns of some zones, the first of which starts a word.
fn columns<B: Borrow<Bits>>(rows: &[B], zones: Range<usize>) -> Vec<Bits> {
    let mut columns = vec![Bits::default(); zones.len()];
    let words = zones.start / 64..zones.end.div_ceil(64);
    for (band, rows) in rows.chunks(64).enumerate() {
        let spans = rows.iter().map(Borrow::borrow).filter(|row| !row.is_empty()).map(Bits::span);
        let all = spans.reduce(|one, other| one.start.min(other.start)..one.end.max(other.end));
        let all = all.unwrap_or_default();
        for word in all.start.max(words.start)..all.end.min(words.end) {
            let mut block = [0_u64; 64];
            for (line, row) in block.iter_mut().zip(rows) {
                *line = row.borrow().word(word);
            }
            if block.iter().all(|&line| line == 0) {
                continue;
            }
            turn(&mut block);
            for (column, line) in columns[word * 64 - zones.start..].iter_mut().zip(block) {
                column.push(band, line);
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
    use std::collections::BTreeSet;

    fn set() -> impl Strategy<Value = BTreeSet<usize>> {
        let few = prop::collection::btree_set(0usize..400, 0..6);
        let many = (0usize..300, 0usize..200)
            .prop_map(|(start, length)| (start..start + length).collect());
        prop_oneof![few, many]
    }

    fn bits(set: &BTreeSet<usize>) -> Bits {
        let mut bits = Bits::default();
        set.iter().for_each(|&zone| bits.insert(zone));
        bits
    }

    proptest! {
        #[test]
        fn sets_of_zones_are_sets(one in set(), two in set(), three in set(), zone in 0usize..400) {
            let (a, b, c) = (bits(&one), bits(&two), bits(&three));
            let changed = |change: &dyn Fn(&mut Bits)| {
                let mut changed = a.clone();
                change(&mut changed);
                changed
            };
            let of = |zones: Vec<usize>| bits(&zones.into_iter().collect());
            prop_assert_eq!(a.iter().collect::<BTreeSet<_>>(), one.clone());
            prop_assert_eq!(a.contains(zone), one.contains(&zone));
            prop_assert_eq!(a.count(), one.len());
            prop_assert_eq!(a.meets(&b), !one.is_disjoint(&two));
            prop_assert_eq!(changed(&|own| own.add(&b)), of(one.union(&two).copied().collect()));
            prop_assert_eq!(changed(&|own| own.keep(&b)), of(one.intersection(&two).copied().collect()));
            prop_assert_eq!(changed(&|own| own.remove(&b)), of(one.difference(&two).copied().collect()));
            let apart = of(one.symmetric_difference(&two).copied().collect());
            prop_assert_eq!(a.differing(&b), apart.clone());
            prop_assert_eq!(a.changes(&b).collect::<Vec<_>>(), apart.iter().collect::<Vec<_>>());
            let both: BTreeSet<usize> = two.intersection(&three).copied().collect();
            prop_assert_eq!(changed(&|own| own.add_within(&b, &c)), of(one.union(&both).copied().collect()));
            let without = one.iter().copied().filter(|&own| own != zone).collect();
            prop_assert_eq!(changed(&|own| own.take(zone)), of(without));
        }

        #[test]
        fn ranges_hold_their_zones(start in 0usize..200, length in 0usize..200, asked in 0usize..200) {
            let bits = Bits::range(start..start + length);
            prop_assert_eq!(bits.contains(asked), (start..start + length).contains(&asked));
            prop_assert_eq!(bits.iter().count(), length);
            let cut: Vec<usize> = bits.within(asked..asked + 70).collect();
            let wanted: Vec<usize> = (asked..asked + 70).filter(|&one| bits.contains(one)).collect();
            prop_assert_eq!(cut, wanted);
        }

        #[test]
        fn a_column_has_the_rows_that_have_it(set in prop::collection::btree_set((0usize..150, 0usize..90), 0..400)) {
            let mut rows = vec![Bits::default(); 150];
            set.iter().for_each(|&(row, zone)| rows[row].insert(zone));
            let columns = transposed(&rows, 90);
            for (zone, column) in columns.iter().enumerate() {
                let wanted: Vec<usize> = (0..150).filter(|&row| set.contains(&(row, zone))).collect();
                prop_assert_eq!(column.iter().collect::<Vec<_>>(), wanted);
            }
        }
    }
}
