//! Things told once, in the order in which they first came.

use std::collections::BTreeMap;

/// Values by key, in the order in which the keys came.
pub(super) struct Ordered<K, T> {
    places: BTreeMap<K, usize>,
    all: Vec<T>,
}

impl<K: Ord, T> Ordered<K, T> {
    pub fn new() -> Self {
        Self { places: BTreeMap::new(), all: Vec::new() }
    }

    /// The value of a key, made when the key first comes.
    pub fn at(&mut self, key: K, new: impl FnOnce() -> T) -> &mut T {
        let all = &mut self.all;
        let place = *self.places.entry(key).or_insert_with(|| {
            all.push(new());
            all.len() - 1
        });
        &mut all[place]
    }

    pub fn into_values(self) -> Vec<T> {
        self.all
    }
}

/// Each once, in their order.
pub(super) fn distinct<T: Ord + Clone>(all: impl Iterator<Item = T>) -> Vec<T> {
    let mut kept = Ordered::new();
    for one in all {
        kept.at(one.clone(), || one);
    }
    kept.into_values()
}
