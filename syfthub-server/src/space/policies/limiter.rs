//! The rate windows of all policies: exact, each policy's by itself, and kept over restarts.
//!
//! A question takes its place in every window that applies to it, or in none: what one limit refuses is not counted by
//! another. Windows live in memory; those that moved are written to the tables about once a second and at shutdown, so that
//! a restart forgets nothing and a crash at most the last moment.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use syfthub_core::Timestamp;

use crate::shared::{Rate, Usage};
use crate::space::ids::PolicyId;

/// The most windows in memory. When there are more, those that have ended go, then those that end soonest: strangers in any
/// number take bounded memory, and whoever has used up a long window stays refused.
const MOST_WINDOWS: usize = 200_000;

/// A window's name: the policy, and what shares it, which is a caller or nothing in particular.
pub(super) type Name = (PolicyId, Box<str>);

/// A place that a question took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) name: Name,
    pub(super) rate: Rate,
}

/// The window that had no room, by its place in the request, and when it has again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Full {
    pub(super) at: usize,
    pub(super) wait: Duration,
}

/// The windows.
#[derive(Debug, Default)]
pub(super) struct Limiter(Mutex<Windows>);

#[derive(Debug, Default)]
struct Windows {
    ends: HashMap<Name, Timestamp>,
    /// Those that moved since they were written.
    moved: HashSet<Name>,
}

impl Limiter {
    /// Takes all places or none. Of several full windows the one that stays full longest is told.
    pub(super) fn take(&self, places: &[Place], now: Timestamp) -> Result<(), Full> {
        let mut windows = self.windows();
        let end = |windows: &Windows, place: &Place| {
            windows.ends.get(&place.name).copied().unwrap_or(now)
        };
        let full = places.iter().enumerate().filter_map(|(at, place)| {
            let end = end(&windows, place);
            let verdict = place.rate.judge(end, now, Usage::Look);
            (!verdict.allowed).then(|| Full { at, wait: place.rate.wait(end, now) })
        });
        if let Some(full) = full.max_by_key(|full| full.wait) {
            return Err(full);
        }
        for place in places {
            let end = place.rate.judge(end(&windows, place), now, Usage::Take).end;
            windows.set(place.name.clone(), end, now);
        }
        Ok(())
    }

    /// Gives places back, as though the question had never been asked.
    pub(super) fn give_back(&self, places: &[Place], now: Timestamp) {
        let mut windows = self.windows();
        for place in places {
            let interval = place.rate.window() / place.rate.count();
            if let Some(end) = windows.ends.get(&place.name).copied() {
                windows.set(place.name.clone(), end.before(interval).max(now), now);
            }
        }
    }

    /// Takes over what was written before a restart.
    pub(super) fn fill(&self, stored: impl IntoIterator<Item = (Name, Timestamp)>) {
        self.windows().ends.extend(stored);
    }

    /// What moved since the last call, to be written. Windows that have ended are forgotten.
    pub(super) fn moved(&self, now: Timestamp) -> Vec<(Name, Timestamp)> {
        let mut windows = self.windows();
        let moved = std::mem::take(&mut windows.moved);
        let ends = moved.into_iter().map(|name| {
            let end = windows.ends.get(&name).copied().unwrap_or(now);
            (name, end)
        });
        let ends = ends.collect();
        windows.ends.retain(|_, end| *end > now);
        ends
    }

    fn windows(&self) -> MutexGuard<'_, Windows> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Windows {
    fn set(&mut self, name: Name, end: Timestamp, now: Timestamp) {
        if self.ends.len() >= MOST_WINDOWS && !self.ends.contains_key(&name) {
            self.make_room(now);
        }
        self.moved.insert(name.clone());
        self.ends.insert(name, end);
    }

    fn make_room(&mut self, now: Timestamp) {
        self.ends.retain(|_, end| *end > now);
        if self.ends.len() < MOST_WINDOWS {
            return;
        }
        let mut ends: Vec<Timestamp> = self.ends.values().copied().collect();
        let middle = ends.len() / 2;
        let median = *ends.select_nth_unstable(middle).1;
        self.ends.retain(|_, end| *end > median);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

    fn place(policy: PolicyId, holder: &str, rate: &str) -> Place {
        Place { name: (policy, holder.into()), rate: rate.parse().unwrap() }
    }

    #[test]
    fn two_limits_on_one_endpoint_hold_side_by_side() {
        let limiter = Limiter::default();
        let both = [place(PolicyId::new(), "ada", "2/s"), place(PolicyId::new(), "ada", "100/h")];
        assert!(limiter.take(&both, NOW).is_ok() && limiter.take(&both, NOW).is_ok());
        assert_eq!(limiter.take(&both, NOW), Err(Full { at: 0, wait: Duration::from_millis(500) }));
        // The refused call took no place in the hour: at the short limit's own pace, exactly 98 calls are left of the first 100.
        let mut passed = 2;
        for n in 1..=120 {
            let now = NOW.after(Duration::from_millis(500) * n);
            passed += u32::from(limiter.take(&both, now).is_ok());
        }
        // One place of the hour is forgiven every 36 seconds, and a minute has gone by.
        assert_eq!(passed, 101);
    }

    #[test]
    fn callers_do_not_share_a_window_and_policies_neither() {
        let limiter = Limiter::default();
        let (one, other) = (PolicyId::new(), PolicyId::new());
        for place in
            [place(one, "ada", "1/m"), place(one, "bob", "1/m"), place(other, "ada", "1/m")]
        {
            assert!(limiter.take(std::slice::from_ref(&place), NOW).is_ok());
            assert!(limiter.take(std::slice::from_ref(&place), NOW).is_err());
        }
    }

    #[test]
    fn a_place_that_is_given_back_can_be_taken_again() {
        let limiter = Limiter::default();
        let places = [place(PolicyId::new(), "ada", "1/h")];
        limiter.take(&places, NOW).unwrap();
        limiter.give_back(&places, NOW);
        assert!(limiter.take(&places, NOW).is_ok() && limiter.take(&places, NOW).is_err());
    }

    #[test]
    fn what_moved_is_told_once_and_holds_in_another_limiter() {
        let (limiter, later) = (Limiter::default(), Limiter::default());
        let places = [place(PolicyId::new(), "ada", "1/h")];
        limiter.take(&places, NOW).unwrap();
        let moved = limiter.moved(NOW);
        assert_eq!((moved.len(), limiter.moved(NOW).len()), (1, 0));
        later.fill(moved);
        assert!(later.take(&places, NOW).is_err());
        assert!(later.take(&places, NOW.after(Duration::from_hours(1))).is_ok());
    }

    #[test]
    fn strangers_in_any_number_take_bounded_memory() {
        let limiter = Limiter::default();
        let policy = PolicyId::new();
        let busy = [place(policy, "busy", "1/d")];
        limiter.take(&busy, NOW).unwrap();
        for n in 0..MOST_WINDOWS + 10 {
            limiter.take(&[place(policy, &n.to_string(), "1/s")], NOW).unwrap();
        }
        assert!(limiter.windows().ends.len() <= MOST_WINDOWS);
        assert!(limiter.take(&busy, NOW).is_err());
    }

    proptest! {
        /// Never more than the burst and what the rate has forgiven since, whatever the rhythm.
        #[test]
        fn no_rhythm_passes_more_than_the_rate(gaps in prop::collection::vec(0..2_000_u64, 1..200), count in 1..8_u32) {
            let limiter = Limiter::default();
            let places = [place(PolicyId::new(), "ada", &format!("{count}/s"))];
            let (mut now, mut passed) = (NOW, 0_u32);
            for gap in gaps {
                now = now.after(Duration::from_millis(gap));
                passed += u32::from(limiter.take(&places, now).is_ok());
            }
            let forgiven = now.since(NOW).as_secs_f64() * f64::from(count);
            prop_assert!(f64::from(passed) <= f64::from(count) + forgiven + 1e-6);
        }
    }
}
