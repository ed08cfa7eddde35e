//! What goes through tunnels, for `/metrics`.

use std::time::Duration;

use metrics::{Counter, Histogram};

/// How a request for a space behind a tunnel ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The space answered, or began to.
    Answered,
    /// Another instance was asked, which has the tunnel.
    Relayed,
    /// There is no tunnel.
    Away,
    /// A quota of the tunnel was used up.
    Busy,
    /// The tunnel broke, or the space did not follow the protocol.
    Broken,
    /// The space took too long to begin.
    TimedOut,
}

impl Outcome {
    const ALL: [(Self, &'static str); 6] = [
        (Self::Answered, "answered"),
        (Self::Relayed, "relayed"),
        (Self::Away, "away"),
        (Self::Busy, "busy"),
        (Self::Broken, "broken"),
        (Self::TimedOut, "timed_out"),
    ];
}

/// The series. Their handles are kept, since making one anew costs more than counting.
pub(super) struct Traffic {
    requests: [Counter; Outcome::ALL.len()],
    seconds: Histogram,
    /// Bytes to spaces.
    pub(super) sent: Counter,
    /// Bytes from spaces.
    pub(super) received: Counter,
}

impl Traffic {
    pub(super) fn new() -> Self {
        metrics::gauge!("tunnels_open").set(0.0);
        let counter = |(_, label)| metrics::counter!("tunnel_requests_total", "outcome" => label);
        let bytes = |direction| metrics::counter!("tunnel_bytes_total", "direction" => direction);
        Self {
            requests: Outcome::ALL.map(counter),
            seconds: metrics::histogram!("tunnel_request_duration_seconds"),
            sent: bytes("to_space"),
            received: bytes("from_space"),
        }
    }

    /// Counts one request that took `elapsed` up to the beginning of its answer.
    pub(super) fn record(&self, outcome: Outcome, elapsed: Duration) {
        self.requests[outcome as usize].increment(1);
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
