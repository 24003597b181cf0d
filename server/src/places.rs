//! A bound on how many things of one kind somebody may hold at once.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

/// Who holds how many. Only those who hold any are remembered.
#[derive(Debug)]
pub struct Places<K: Hash + Eq + Clone> {
    most: usize,
    held: Mutex<HashMap<K, usize>>,
}

/// One of them, until it is dropped.
#[derive(Debug)]
pub struct Place<K: Hash + Eq + Clone> {
    places: Arc<Places<K>>,
    holder: K,
}

impl<K: Hash + Eq + Clone> Places<K> {
    /// At most so many for each.
    pub fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { most, held: Mutex::default() })
    }

    /// One more; none where `holder` has all it may have.
    pub fn take(self: &Arc<Self>, holder: K) -> Option<Place<K>> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let count = held.entry(holder.clone()).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Place { places: self.clone(), holder })
    }
}

impl<K: Hash + Eq + Clone> Drop for Place<K> {
    fn drop(&mut self) {
        let mut held = self.places.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = held.get_mut(&self.holder) {
            *count -= 1;
            if *count == 0 {
                held.remove(&self.holder);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_its_share_and_gives_it_back() {
        let places = Places::new(2);
        let one = places.take("li").expect("the first");
        let two = places.take("li").expect("the second");
        assert!(places.take("li").is_none() && places.take("wang").is_some());
        drop(one);
        assert!(places.take("li").is_some());
        drop(two);
        assert!(places.held.lock().expect("not poisoned").is_empty());
    }
}
