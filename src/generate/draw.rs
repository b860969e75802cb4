//! Choices by chance.

use fastrand::Rng;

/// True so many times in a hundred.
pub(super) fn chance(random: &mut Rng, percent: u32) -> bool {
    random.u32(0..100) < percent
}

/// One of several, each so many times in a hundred; what is left of the hundred is `usual`.
pub(super) fn by_percent<T: Clone>(random: &mut Rng, usual: T, others: &[(u32, T)]) -> T {
    let mut roll = random.u32(0..100);
    for (percent, one) in others {
        if roll < *percent {
            return one.clone();
        }
        roll -= percent;
    }
    usual
}

/// A number below `bound`, or 0 where there is none.
pub(super) fn below(random: &mut Rng, bound: u32) -> u32 {
    random.u32(0..bound.max(1))
}
