//! A limit for calls that need no sign-in and cost a signature: so many a minute from one address, counted in this process.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use crate::caller::household;

/// Calls of one address within a minute: ten a second.
const MOST: u32 = 600;
const WINDOW: i64 = 60_000;
/// Addresses that are remembered. Beyond, those whose minute is over are forgotten, and if none is, all: memory stays bounded.
const ADDRESSES: usize = 20_000;

/// Counts by address.
#[derive(Default)]
pub struct Gate(Mutex<HashMap<IpAddr, (i64, u32)>>);

impl Gate {
    /// Counts a call and says whether it is still within the limit. `now` is unix milliseconds.
    pub fn admits(&self, peer: IpAddr, now: i64) -> bool {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let over = |begun: i64| !(begun..begun + WINDOW).contains(&now);
        let peer = household(peer);
        if counts.len() >= ADDRESSES && !counts.contains_key(&peer) {
            counts.retain(|_, (begun, _)| !over(*begun));
            if counts.len() >= ADDRESSES {
                counts.clear();
            }
        }
        let (begun, calls) = counts.entry(peer).or_insert((now, 0));
        if over(*begun) {
            (*begun, *calls) = (now, 0);
        }
        *calls = calls.saturating_add(1);
        *calls <= MOST
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_its_share_each_minute_and_no_more() {
        let gate = Gate::default();
        let (one, two) = ("2001:db8::1".parse().expect("good"), "2001:db8::2".parse().expect("good"));
        assert!((0..MOST).all(|_| gate.admits(one, 1000)));
        assert!(!gate.admits(one, 1001) && !gate.admits(two, 1001));
        assert!(gate.admits("192.0.2.1".parse().expect("good"), 1001));
        assert!(gate.admits(one, 1000 + WINDOW));
    }

    #[test]
    fn however_many_addresses_call_little_is_kept() {
        let gate = Gate::default();
        for n in 0..50_000_u32 {
            gate.admits(IpAddr::from(n.to_be_bytes()), i64::from(n));
        }
        assert!(gate.0.lock().expect("not poisoned").len() <= ADDRESSES);
    }
}
