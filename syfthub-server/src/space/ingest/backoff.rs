//! How long to wait before something that failed is tried again.

use std::time::Duration;

use rand::Rng as _;

const LONGEST: Duration = Duration::from_mins(5);

/// The wait before try number `attempt` (from 1): it doubles from `first` to five minutes, and is up to a fifth shorter by
/// chance, so that what failed together is not tried together.
pub(super) fn wait(first: Duration, attempt: u32) -> Duration {
    let doubled = 2_u32.saturating_pow(attempt.saturating_sub(1));
    first.saturating_mul(doubled).min(LONGEST).mul_f64(rand::rng().random_range(0.8..=1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_five_minutes() {
        for (attempt, seconds) in [(1, 1.0), (2, 2.0), (4, 8.0), (12, 300.0), (u32::MAX, 300.0)] {
            let waited = wait(Duration::from_secs(1), attempt).as_secs_f64();
            assert!((0.8 * seconds..=seconds).contains(&waited), "{attempt}: {waited}");
        }
    }
}
