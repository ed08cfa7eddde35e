//! How many bytes may pass in a minute.
//!
//! A whole minute's bytes may come at once; what comes after has to wait until the rate has made room. So a stream that is
//! running slows down, and a request that would begin meanwhile is told when to come back.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// The span that the bytes are counted over.
const WINDOW: Duration = Duration::from_mins(1);

/// Bytes that may pass in a minute, and those that have.
#[derive(Debug)]
pub(super) struct Pace {
    born: Instant,
    /// Bytes a minute.
    bytes: u128,
    /// When everything that has passed is paid off, in nanoseconds since `born`.
    paid: AtomicU64,
}

impl Pace {
    /// So many bytes a minute.
    pub(super) fn new(bytes: usize) -> Self {
        Self { born: Instant::now(), bytes: bytes.max(1) as u128, paid: AtomicU64::new(0) }
    }

    /// Counts `bytes` that have passed; how long the next ones have to wait.
    pub(super) fn spend(&self, bytes: usize) -> Option<Duration> {
        let cost = nanos(WINDOW) * bytes as u128 / self.bytes;
        let cost = u64::try_from(cost).unwrap_or(u64::MAX);
        let now = self.now();
        let later = |paid: u64| paid.max(now).saturating_add(cost);
        let add = |paid| Some(later(paid));
        let before = self.paid.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
        Self::wait(later(before.unwrap_or_default()), now)
    }

    /// How long somebody who wants to begin has to wait.
    pub(super) fn refusal(&self) -> Option<Duration> {
        Self::wait(self.paid.load(Ordering::Relaxed), self.now())
    }

    fn wait(paid: u64, now: u64) -> Option<Duration> {
        let over = u128::from(paid.saturating_sub(now)).saturating_sub(nanos(WINDOW));
        (over > 0).then(|| Duration::from_nanos(u64::try_from(over).unwrap_or(u64::MAX)))
    }

    fn now(&self) -> u64 {
        u64::try_from(nanos(self.born.elapsed())).unwrap_or(u64::MAX)
    }
}

const fn nanos(span: Duration) -> u128 {
    span.as_nanos()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_minutes_bytes_pass_at_once_and_further_ones_at_the_rate() {
        let pace = Pace::new(60 * 1024);
        assert_eq!(pace.spend(60 * 1024), None);
        assert_eq!(pace.refusal(), None);
        let wait = pace.spend(10 * 1024).unwrap();
        assert!((9..=11).contains(&wait.as_secs()), "{wait:?}");
        assert!(pace.refusal().is_some());
        tokio::time::advance(wait).await;
        assert_eq!(pace.refusal(), None);
        tokio::time::advance(Duration::from_mins(2)).await;
        assert_eq!(pace.spend(60 * 1024), None);
    }

    #[tokio::test(start_paused = true)]
    async fn the_slowest_and_the_fastest_rates_are_counted_too() {
        assert_eq!(Pace::new(1).spend(2).map(|wait| wait.as_secs()), Some(60));
        assert_eq!(Pace::new(usize::MAX).spend(usize::MAX / 2), None);
    }
}
