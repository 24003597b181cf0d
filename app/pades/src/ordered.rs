//! Sets and maps filled one by one. The standard library's `collect` and `from` sort first, and each sort is five kilobytes of the module
//! that browsers load.

use std::collections::{BTreeMap, BTreeSet};

/// The set of these.
pub(crate) fn set<T: Ord>(items: impl IntoIterator<Item = T>) -> BTreeSet<T> {
    let mut set = BTreeSet::new();
    set.extend(items);
    set
}

/// The map of these; of equal keys the last one counts.
pub(crate) fn map<K: Ord, V>(items: impl IntoIterator<Item = (K, V)>) -> BTreeMap<K, V> {
    let mut map = BTreeMap::new();
    map.extend(items);
    map
}
