//! How long to wait before a tunnel is tried again.

use std::time::Duration;

use rand::Rng as _;

use crate::tunnel::Farewell;

/// The first wait after a tunnel that worked, and the longest.
const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_mins(1);

/// How long a tunnel has to have worked for the next wait to be a first one.
const STEADY: Duration = Duration::from_secs(20);

/// The least wait after the hub said that another space of the account has taken over, or that the account may not: both
/// need a person, and two spaces must not take the tunnel from each other in turns.
const UNWANTED: Duration = Duration::from_mins(2);

/// Waits that double, with jitter, so that the spaces of a hub that restarts do not all come back at once.
#[derive(Debug)]
pub(super) struct Waits {
    next: Duration,
}

impl Default for Waits {
    fn default() -> Self {
        Self { next: FIRST }
    }
}

/// How an attempt at a tunnel ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ended {
    /// How long it was open.
    pub(super) open: Duration,
    /// What the hub said at its end.
    pub(super) farewell: Option<Farewell>,
    /// When the hub said to come back.
    pub(super) retry_after: Option<Duration>,
}

impl Waits {
    /// The wait after an attempt that ended so.
    pub(super) fn after(&mut self, ended: Ended) -> Duration {
        if ended.open >= STEADY {
            self.next = FIRST;
        }
        let base = self.next;
        self.next = (base * 2).min(LONGEST);
        let least = match ended.farewell {
            Some(Farewell::Replaced | Farewell::Revoked) => UNWANTED,
            _ => Duration::ZERO,
        };
        let wait = base.mul_f64(rand::rng().random_range(0.5..1.5));
        wait.max(least).max(ended.retry_after.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BROKEN: Ended = Ended { open: Duration::ZERO, farewell: None, retry_after: None };

    #[test]
    fn waits_grow_to_a_bound_and_begin_anew_after_a_tunnel_that_worked() {
        let mut waits = Waits::default();
        let mut longest = Duration::ZERO;
        for _ in 0..20 {
            longest = longest.max(waits.after(BROKEN));
        }
        assert!(longest >= LONGEST / 2 && longest <= LONGEST.mul_f64(1.5), "{longest:?}");
        let steady = Ended { open: STEADY, ..BROKEN };
        assert!(waits.after(steady) <= FIRST.mul_f64(1.5));
        let short = Ended { open: Duration::from_secs(1), ..BROKEN };
        assert!(waits.after(short) >= FIRST);
    }

    #[test]
    fn two_spaces_of_one_account_do_not_take_the_tunnel_from_each_other_in_turns() {
        let replaced = Ended { farewell: Some(Farewell::Replaced), ..BROKEN };
        assert!(Waits::default().after(replaced) >= UNWANTED);
        let told = Ended { retry_after: Some(Duration::from_mins(7)), ..BROKEN };
        assert_eq!(Waits::default().after(told), Duration::from_mins(7));
    }
}
