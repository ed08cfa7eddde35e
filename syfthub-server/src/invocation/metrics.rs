//! How calls went, for `/metrics`.

use std::time::Duration;

use metrics::{Counter, Histogram};

/// How a call went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The endpoint answered.
    Answered,
    /// The endpoint began to stream its answer.
    Streamed,
    /// The endpoint answered that it will not, or cannot.
    Declined,
    /// The guard kept the hub from calling.
    Blocked,
    /// The endpoint could not be reached, or the connection broke.
    Unreachable,
    /// The endpoint took too long.
    TimedOut,
    /// The endpoint's answer was too large.
    TooLarge,
}

impl Outcome {
    const ALL: [(Self, &'static str); 7] = [
        (Self::Answered, "answered"),
        (Self::Streamed, "streamed"),
        (Self::Declined, "declined"),
        (Self::Blocked, "blocked"),
        (Self::Unreachable, "unreachable"),
        (Self::TimedOut, "timed_out"),
        (Self::TooLarge, "too_large"),
    ];
}

/// The series. Their handles are kept, since making one anew costs more than counting.
pub(super) struct Calls {
    counts: [Counter; Outcome::ALL.len()],
    seconds: Histogram,
}

impl Calls {
    pub(super) fn new() -> Self {
        let counter = |(_, label)| metrics::counter!("invocations_total", "outcome" => label);
        Self {
            counts: Outcome::ALL.map(counter),
            seconds: metrics::histogram!("invocation_duration_seconds"),
        }
    }

    /// Counts one call that took `elapsed` up to its answer, or to the beginning of a stream.
    pub(super) fn record(&self, outcome: Outcome, elapsed: Duration) {
        self.counts[outcome as usize].increment(1);
        self.seconds.record(elapsed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_counts_under_its_own_label() {
        for (place, (outcome, _)) in Outcome::ALL.iter().enumerate() {
            assert_eq!(*outcome as usize, place);
        }
    }
}
