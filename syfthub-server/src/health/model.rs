//! What a sign of life, or its absence, means for an endpoint.

use std::time::Duration;

use syfthub_core::Timestamp;
use syfthub_core::model::HealthStatus;

/// Who found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// The space, about this endpoint.
    Report,
    /// The space or the hub, about everything that the owner serves.
    Node,
}

/// What was found out, and until when it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Check {
    pub(super) status: HealthStatus,
    pub(super) source: Source,
    pub(super) at: Timestamp,
    pub(super) expires_at: Timestamp,
}

/// What is known of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Known {
    /// How it is; nothing while nobody knows.
    pub(super) status: Option<HealthStatus>,
    /// Failures in a row.
    pub(super) misses: i64,
    /// Whether it is off the lists for it.
    pub(super) is_down: bool,
    pub(super) expires_at: Timestamp,
    pub(super) source: Source,
}

impl Known {
    /// What is known after `check`; nothing new when a report that still counts says more than it. The endpoint is down
    /// from `tolerance` failures in a row on.
    pub(super) fn after(self, check: &Check, tolerance: i64) -> Option<Self> {
        let is_reported = self.source == Source::Report && self.expires_at > check.at;
        if is_reported && check.source == Source::Node {
            return None;
        }
        let misses = match check.status {
            HealthStatus::Healthy => 0,
            HealthStatus::Unhealthy => self.misses.saturating_add(1),
        };
        Some(Self {
            status: Some(check.status),
            misses,
            is_down: misses >= tolerance,
            expires_at: check.expires_at,
            source: check.source,
        })
    }

    /// What is known when no check came in time: nothing.
    pub(super) fn forgotten(self) -> Self {
        Self { status: None, misses: 0, is_down: false, ..self }
    }
}

/// How long until a node is probed again that failed `misses` times in a row: a dead one costs less and less.
pub(super) fn until_next_probe(interval: Duration, misses: i64, tolerance: i64) -> Duration {
    const LONGEST: Duration = Duration::from_mins(10);
    let doublings = u32::try_from(misses.saturating_sub(tolerance)).unwrap_or(0).min(16);
    interval.saturating_mul(1 << doublings).min(LONGEST.max(interval))
}

#[cfg(test)]
mod tests {
    use HealthStatus::{Healthy, Unhealthy};
    use proptest::prelude::*;

    use super::*;

    const NEW: Known = Known {
        status: None,
        misses: 0,
        is_down: false,
        expires_at: Timestamp::from_secs(0),
        source: Source::Node,
    };

    fn check(status: HealthStatus, source: Source, at: i64, ttl: i64) -> Check {
        let [at, expires_at] = [at, at + ttl].map(Timestamp::from_secs);
        Check { status, source, at, expires_at }
    }

    fn after(checks: &[Check]) -> Known {
        checks.iter().fold(NEW, |known, check| known.after(check, 3).unwrap_or(known))
    }

    #[test]
    fn three_failures_in_a_row_take_an_endpoint_down_and_one_success_brings_it_up() {
        let failed = |at| check(Unhealthy, Source::Node, at, 90);
        let two = after(&[failed(0), failed(30)]);
        assert_eq!((two.status, two.is_down), (Some(Unhealthy), false));
        assert!(after(&[failed(0), failed(30), failed(60)]).is_down);
        let fine = check(Healthy, Source::Node, 45, 90);
        assert!(!after(&[failed(0), failed(30), fine, failed(60), failed(90)]).is_down);
        let up = after(&[failed(0), failed(30), failed(60), check(Healthy, Source::Node, 90, 90)]);
        assert_eq!((up.status, up.misses, up.is_down), (Some(Healthy), 0, false));
    }

    #[test]
    fn a_report_that_counts_says_more_than_a_heartbeat_or_a_probe() {
        let report = check(Unhealthy, Source::Report, 0, 90);
        let known = NEW.after(&report, 3).unwrap();
        assert_eq!(known.after(&check(Healthy, Source::Node, 89, 300), 3), None);
        assert!(known.after(&check(Healthy, Source::Node, 90, 300), 3).is_some());
        assert!(known.after(&check(Healthy, Source::Report, 30, 90), 3).is_some());
    }

    #[test]
    fn what_nobody_knows_is_held_against_nobody() {
        let down = after(&[0, 30, 60].map(|at| check(Unhealthy, Source::Report, at, 90)));
        let forgotten = down.forgotten();
        assert_eq!((forgotten.status, forgotten.misses, forgotten.is_down), (None, 0, false));
    }

    #[test]
    fn a_dead_node_is_probed_less_and_less_often() {
        let next = |misses| until_next_probe(Duration::from_secs(30), misses, 3).as_secs();
        assert_eq!([0, 3, 4, 5, 6, 7, 8, 100].map(next), [30, 30, 60, 120, 240, 480, 600, 600]);
        let slow = Duration::from_hours(1);
        assert_eq!(until_next_probe(slow, 100, 3), slow);
    }

    proptest! {
        #[test]
        fn an_endpoint_is_down_exactly_after_enough_failures_at_the_end(
            outcomes in prop::collection::vec(any::<bool>(), 0..20),
            tolerance in 1..5_i64,
        ) {
            let mut known = NEW;
            for (n, healthy) in outcomes.iter().enumerate() {
                let status = if *healthy { Healthy } else { Unhealthy };
                let check = check(status, Source::Node, i64::try_from(n).unwrap() * 30, 30);
                known = known.after(&check, tolerance).unwrap();
            }
            let tail = outcomes.iter().rev().take_while(|healthy| !**healthy).count();
            prop_assert_eq!(known.misses, i64::try_from(tail).unwrap());
            prop_assert_eq!(known.is_down, known.misses >= tolerance);
        }
    }
}
