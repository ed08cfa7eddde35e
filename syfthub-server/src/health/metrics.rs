//! How probes went, for `/metrics`.

use std::time::Duration;

use metrics::{Counter, Histogram};

use super::probe::Finding;

/// The series. Their handles are kept, since making one anew costs more than counting.
pub(super) struct Probes {
    counts: [Counter; Finding::ALL.len()],
    seconds: Histogram,
}

impl Probes {
    pub(super) fn new() -> Self {
        let counter = |(_, label)| metrics::counter!("health_probes_total", "finding" => label);
        Self {
            counts: Finding::ALL.map(counter),
            seconds: metrics::histogram!("health_probe_duration_seconds"),
        }
    }

    pub(super) fn record(&self, finding: Finding, elapsed: Duration) {
        self.counts[finding as usize].increment(1);
        self.seconds.record(elapsed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_finding_counts_under_its_own_label() {
        for (place, (finding, _)) in Finding::ALL.iter().enumerate() {
            assert_eq!(*finding as usize, place);
        }
    }
}
