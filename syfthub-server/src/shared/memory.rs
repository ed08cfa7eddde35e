//! Rate windows in this process, for a bounded number of keys.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

use syfthub_core::Timestamp;

use super::rate::{Rate, Usage, Verdict};

/// Parts that are locked apart from each other.
const SHARDS: usize = 16;

/// Windows by a keyed hash of their name: nobody who does not know the key can make two names meet.
type Shard = HashMap<u64, Timestamp>;

/// The windows. A full shard first lets go of windows that have ended, then of the half that ends soonest.
pub(crate) struct Windows {
    shards: [Mutex<Shard>; SHARDS],
    hasher: RandomState,
    /// Windows that one shard holds.
    room: usize,
}

impl Windows {
    /// Room for about `keys` windows.
    pub(crate) fn new(keys: usize) -> Self {
        Self {
            shards: std::array::from_fn(|_| Mutex::default()),
            hasher: RandomState::new(),
            room: keys.div_ceil(SHARDS).max(1),
        }
    }

    /// Uses the window of `name`.
    pub(crate) fn apply(&self, rate: Rate, name: &str, now: Timestamp, usage: Usage) -> Verdict {
        let hash = self.hasher.hash_one(name);
        let mut shard = self.shard(hash);
        let end = shard.get(&hash).copied().unwrap_or(now);
        let verdict = rate.judge(end, now, usage);
        if verdict.end > now {
            if shard.len() >= self.room && !shard.contains_key(&hash) {
                make_room(&mut shard, now, self.room);
            }
            shard.insert(hash, verdict.end);
        }
        verdict
    }

    #[expect(clippy::cast_possible_truncation, reason = "any few bits of the hash will do")]
    fn shard(&self, hash: u64) -> MutexGuard<'_, Shard> {
        self.shards[hash as usize % SHARDS].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn make_room(shard: &mut Shard, now: Timestamp, room: usize) {
    shard.retain(|_, end| *end > now);
    if shard.len() < room {
        return;
    }
    let mut ends: Vec<Timestamp> = shard.values().copied().collect();
    let middle = ends.len() / 2;
    let (_, median, _) = ends.select_nth_unstable(middle);
    let median = *median;
    // Also those at the median go, or a shard of equal ends would never shrink.
    shard.retain(|_, end| *end > median);
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

    fn held(windows: &Windows) -> usize {
        windows.shards.iter().map(|shard| shard.lock().unwrap().len()).sum()
    }

    #[test]
    fn any_number_of_strangers_takes_bounded_memory() {
        let windows = Windows::new(1_000);
        let rate: Rate = "10/min".parse().unwrap();
        for n in 0..50_000 {
            assert!(windows.apply(rate, &format!("stranger-{n}"), NOW, Usage::Take).allowed);
        }
        assert!(held(&windows) <= 1_000 + SHARDS, "{}", held(&windows));
    }

    #[test]
    fn whoever_is_refused_stays_so_while_strangers_come_and_go() {
        let windows = Windows::new(1_000);
        let rate: Rate = "10/min".parse().unwrap();
        while windows.apply(rate, "busy", NOW, Usage::Take).allowed {}
        for n in 0..10_000 {
            windows.apply(rate, &format!("stranger-{n}"), NOW, Usage::Take);
        }
        assert!(!windows.apply(rate, "busy", NOW, Usage::Take).allowed);
    }

    #[test]
    fn looking_takes_no_memory_and_ended_windows_give_theirs_back() {
        let windows = Windows::new(16);
        let rate: Rate = "10/s".parse().unwrap();
        for n in 0..100 {
            windows.apply(rate, &format!("looks-{n}"), NOW, Usage::Look);
        }
        assert_eq!(held(&windows), 0);
        for n in 0..100 {
            let now = NOW.after(Duration::from_secs(n));
            windows.apply(rate, &format!("takes-{n}"), now, Usage::Take);
        }
        assert!(held(&windows) <= SHARDS);
    }
}
