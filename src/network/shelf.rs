//! What a network holds of one kind.

use std::collections::BTreeMap;
use std::collections::btree_map;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, OnceLock};

/// What holds words by which it is looked for, besides its own id.
pub trait Referring {
    /// Hands the words to `tell`: ids of what it refers to, as many as are of use.
    fn words(&self, tell: &mut dyn FnMut(&str));
}

/// The keys of those that hold a word, in their order.
type Words<K> = BTreeMap<Box<str>, Vec<K>>;

/// A map that its copies share until one of them is changed: an edited network costs what is
/// different in it.
pub struct Shelf<K, V> {
    all: Arc<BTreeMap<K, V>>,
    /// Made when it is first asked for, and again after a change.
    words: OnceLock<Arc<Words<K>>>,
}

impl<K, V> Clone for Shelf<K, V> {
    fn clone(&self) -> Self {
        Self { all: Arc::clone(&self.all), words: self.words.clone() }
    }
}

impl<K, V> Default for Shelf<K, V> {
    fn default() -> Self {
        Self::from(BTreeMap::new())
    }
}

impl<K: Eq, V: Eq> PartialEq for Shelf<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.all == other.all
    }
}

impl<K: Eq, V: Eq> Eq for Shelf<K, V> {}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for Shelf<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.all.fmt(f)
    }
}

impl<K, V> Deref for Shelf<K, V> {
    type Target = BTreeMap<K, V>;

    fn deref(&self) -> &Self::Target {
        &self.all
    }
}

impl<K: Clone, V: Clone> DerefMut for Shelf<K, V> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        // What is changed may hold other words.
        self.words.take();
        Arc::make_mut(&mut self.all)
    }
}

impl<K: Clone, V: Clone> Shelf<K, V> {
    /// Its values, in the order of their keys.
    pub fn into_values(self) -> btree_map::IntoValues<K, V> {
        Arc::unwrap_or_clone(self.all).into_values()
    }
}

impl<K: Ord + Clone, V: Referring> Shelf<K, V> {
    /// Those that hold a word, in the order of their keys: what a search through all of them for
    /// what refers to something would find.
    pub fn referring_to<'s>(&'s self, word: &str) -> impl Iterator<Item = &'s V> + use<'s, K, V> {
        let words = self.words.get_or_init(|| Arc::new(words(&self.all)));
        let keys = words.get(word).map(Vec::as_slice).unwrap_or_default();
        keys.iter().filter_map(|key| self.all.get(key))
    }
}

fn words<K: Clone + Eq, V: Referring>(all: &BTreeMap<K, V>) -> Words<K> {
    let mut words: Words<K> = BTreeMap::new();
    for (key, one) in all {
        one.words(&mut |word| match words.get_mut(word) {
            Some(keys) if keys.last() == Some(key) => {}
            Some(keys) => keys.push(key.clone()),
            None => {
                words.insert(word.into(), vec![key.clone()]);
            }
        });
    }
    words
}

impl<K, V> From<BTreeMap<K, V>> for Shelf<K, V> {
    fn from(map: BTreeMap<K, V>) -> Self {
        Self { all: Arc::new(map), words: OnceLock::new() }
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for Shelf<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        Self::from(BTreeMap::from_iter(entries))
    }
}

impl<K: Clone, V: Clone> IntoIterator for Shelf<K, V> {
    type Item = (K, V);
    type IntoIter = btree_map::IntoIter<K, V>;

    fn into_iter(self) -> Self::IntoIter {
        Arc::unwrap_or_clone(self.all).into_iter()
    }
}

impl<'a, K, V> IntoIterator for &'a Shelf<K, V> {
    type Item = (&'a K, &'a V);
    type IntoIter = btree_map::Iter<'a, K, V>;

    fn into_iter(self) -> Self::IntoIter {
        self.all.iter()
    }
}

impl<'a, K: Clone, V: Clone> IntoIterator for &'a mut Shelf<K, V> {
    type Item = (&'a K, &'a mut V);
    type IntoIter = btree_map::IterMut<'a, K, V>;

    fn into_iter(self) -> Self::IntoIter {
        self.deref_mut().iter_mut()
    }
}

#[cfg(test)]
mod tests {
    use super::{Referring, Shelf};

    #[derive(Clone, Debug, PartialEq, Eq)]
    struct Names(Vec<&'static str>);

    impl Referring for Names {
        fn words(&self, tell: &mut dyn FnMut(&str)) {
            self.0.iter().for_each(|word| tell(word));
        }
    }

    #[test]
    fn what_is_changed_is_found_by_its_new_words() {
        let mut shelf: Shelf<u8, Names> =
            [(2, Names(vec!["a", "b", "a"])), (1, Names(vec!["a"]))].into_iter().collect();
        let found = |shelf: &Shelf<u8, Names>, word: &str| -> Vec<Names> {
            shelf.referring_to(word).cloned().collect()
        };
        assert_eq!(found(&shelf, "a"), [Names(vec!["a"]), Names(vec!["a", "b", "a"])]);
        let before = shelf.clone();
        shelf.insert(1, Names(vec!["c"]));
        assert_eq!(found(&shelf, "a"), [Names(vec!["a", "b", "a"])]);
        assert_eq!(found(&shelf, "c"), [Names(vec!["c"])]);
        assert_eq!(found(&before, "c"), []);
    }
}
