//! Sets of integers as sorted, disjoint, non-adjacent closed ranges.

use smallvec::{SmallVec, smallvec};
use std::fmt::Debug;

/// An integer type whose values can be the ends of a range.
pub trait Point: Copy + Ord + Debug {
    /// The least value.
    const MIN: Self;
    /// The greatest value.
    const MAX: Self;
    /// The value after this one, if there is one.
    fn next(self) -> Option<Self>;
    /// The value before this one, if there is one.
    fn previous(self) -> Option<Self>;
}

macro_rules! point {
    ($($int:ty),*) => {$(
        impl Point for $int {
            const MIN: Self = <$int>::MIN;
            const MAX: Self = <$int>::MAX;
            fn next(self) -> Option<Self> {
                self.checked_add(1)
            }
            fn previous(self) -> Option<Self> {
                self.checked_sub(1)
            }
        }
    )*};
}
point!(u8, u16, u32, u128);

/// A set of integers.
///
/// ```
/// use vpc_reach::header::IntervalSet;
/// let web = IntervalSet::from_range(80u16, 80).union(&IntervalSet::from_range(443, 443));
/// assert!(web.contains(443));
/// assert_eq!(web.complement().union(&web), IntervalSet::all());
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IntervalSet<T> {
    /// Most sets are one range, which needs no allocation.
    ranges: SmallVec<[(T, T); 1]>,
}

impl<T> Default for IntervalSet<T> {
    fn default() -> Self {
        Self { ranges: SmallVec::new() }
    }
}

impl<T: Point> IntervalSet<T> {
    /// The set of nothing.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }

    /// The set of everything.
    #[must_use]
    pub fn all() -> Self {
        Self::from_range(T::MIN, T::MAX)
    }

    /// One value.
    #[must_use]
    pub fn single(value: T) -> Self {
        Self::from_range(value, value)
    }

    /// Every value from `low` to `high`, both included; empty when `low > high`.
    #[must_use]
    pub fn from_range(low: T, high: T) -> Self {
        Self { ranges: if low <= high { smallvec![(low, high)] } else { SmallVec::new() } }
    }

    /// The union of ranges in any order; ranges with `low > high` count as empty.
    #[must_use]
    pub fn from_ranges(ranges: impl IntoIterator<Item = (T, T)>) -> Self {
        let mut sorted: SmallVec<[_; 4]> =
            ranges.into_iter().filter(|(low, high)| low <= high).collect();
        sorted.sort_unstable();
        let mut merged: SmallVec<[(T, T); 1]> = SmallVec::new();
        for (low, high) in sorted {
            match merged.last_mut() {
                Some((_, end)) if low <= *end || end.next() == Some(low) => *end = (*end).max(high),
                _ => merged.push((low, high)),
            }
        }
        Self { ranges: merged }
    }

    /// The ranges, sorted, disjoint and never adjacent.
    #[must_use]
    pub fn ranges(&self) -> &[(T, T)] {
        &self.ranges
    }

    /// Whether the set holds nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// The least value in the set.
    #[must_use]
    pub fn first(&self) -> Option<T> {
        self.ranges.first().map(|&(low, _)| low)
    }

    /// Whether `value` is in the set.
    #[must_use]
    pub fn contains(&self, value: T) -> bool {
        let after = self.ranges.partition_point(|&(low, _)| low <= value);
        after > 0 && value <= self.ranges[after - 1].1
    }

    /// Everything in either set.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self::from_ranges(self.ranges.iter().chain(&other.ranges).copied())
    }

    /// Everything in both sets.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let (mut ours, mut theirs) = (self.beside(other), other.beside(self));
        let mut ranges = SmallVec::new();
        while let (Some(&(a, b)), Some(&(c, d))) = (ours.first(), theirs.first()) {
            if a.max(c) <= b.min(d) {
                ranges.push((a.max(c), b.min(d)));
            }
            match b < d {
                true => ours = &ours[1..],
                false => theirs = &theirs[1..],
            }
        }
        Self { ranges }
    }

    /// The ranges from the first that may meet one of the other set's.
    fn beside(&self, other: &Self) -> &[(T, T)] {
        let Some(first) = other.first() else { return &[] };
        &self.ranges[self.ranges.partition_point(|&(_, high)| high < first)..]
    }

    /// Everything that is not in the set.
    #[must_use]
    pub fn complement(&self) -> Self {
        let mut ranges = SmallVec::new();
        let mut low = Some(T::MIN);
        for &(start, end) in &self.ranges {
            if let (Some(low), Some(high)) = (low, start.previous())
                && low <= high
            {
                ranges.push((low, high));
            }
            low = end.next();
        }
        if let Some(low) = low {
            ranges.push((low, T::MAX));
        }
        Self { ranges }
    }

    /// Everything in this set that is not in `other`.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        if self.is_empty() || other.is_empty() {
            return self.clone();
        }
        let mut ranges = SmallVec::new();
        let mut cuts = other.beside(self);
        for &(start, end) in &self.ranges {
            cuts = &cuts[cuts.partition_point(|&(_, high)| high < start)..];
            let mut low = Some(start);
            for &(from, to) in cuts.iter().take_while(|&&(from, _)| from <= end) {
                if let (Some(low), Some(before)) = (low, from.previous())
                    && low <= before
                {
                    ranges.push((low, before));
                }
                low = to.next();
            }
            if let Some(low) = low.filter(|&low| low <= end) {
                ranges.push((low, end));
            }
        }
        Self { ranges }
    }

    /// Whether every value of this set is in `other`.
    #[must_use]
    pub fn is_subset(&self, other: &Self) -> bool {
        self.ranges.iter().all(|&(low, high)| {
            let after = other.ranges.partition_point(|&(start, _)| start <= low);
            after > 0 && high <= other.ranges[after - 1].1
        })
    }

    /// Whether some value of this set is in `other`.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        let (few, many) = match self.ranges.len() <= other.ranges.len() {
            true => (self, other),
            false => (other, self),
        };
        few.ranges.iter().any(|&(low, high)| {
            let next = many.ranges.partition_point(|&(_, end)| end < low);
            many.ranges.get(next).is_some_and(|&(start, _)| start <= high)
        })
    }
}

impl<T: Point> Debug for IntervalSet<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.ranges.iter().map(|(low, high)| (low, high))).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::IntervalSet;
    use proptest::prelude::*;

    fn sets() -> impl Strategy<Value = IntervalSet<u8>> {
        prop::collection::vec(any::<(u8, u8)>(), 0..6).prop_map(IntervalSet::from_ranges)
    }

    proptest! {
        #[test]
        fn operations_agree_with_membership(a in sets(), b in sets(), x in any::<u8>()) {
            prop_assert_eq!(a.union(&b).contains(x), a.contains(x) || b.contains(x));
            prop_assert_eq!(a.intersection(&b).contains(x), a.contains(x) && b.contains(x));
            prop_assert_eq!(a.complement().contains(x), !a.contains(x));
            prop_assert_eq!(a.difference(&b).contains(x), a.contains(x) && !b.contains(x));
            prop_assert_eq!(a.is_subset(&b), (0..=255).all(|y| !a.contains(y) || b.contains(y)));
            prop_assert_eq!(a.meets(&b), (0..=255).any(|y| a.contains(y) && b.contains(y)));
        }

        #[test]
        fn equal_sets_have_equal_ranges(a in sets()) {
            let rebuilt = IntervalSet::from_ranges((0..=255).filter(|&x| a.contains(x)).map(|x| (x, x)));
            prop_assert_eq!(rebuilt, a);
        }
    }
}
