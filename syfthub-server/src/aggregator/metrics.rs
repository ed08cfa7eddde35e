//! How answers go, for `/metrics`.

use std::time::Duration;

use metrics::{Counter, Histogram};
use syfthub_core::rag::SourceStatus;

/// How an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// The model answered.
    Answered,
    /// The documents were all that was asked for.
    Retrieved,
    /// The model did not answer.
    Failed,
    /// A source refused, and the caller wanted no answer without it.
    Denied,
    /// The caller went away.
    Cancelled,
}

impl Ending {
    const ALL: [Self; 5] =
        [Self::Answered, Self::Retrieved, Self::Failed, Self::Denied, Self::Cancelled];

    /// The word in metrics and traces.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Retrieved => "retrieved",
            Self::Failed => "failed",
            Self::Denied => "denied",
            Self::Cancelled => "cancelled",
        }
    }
}

/// A part of an answer's time.
#[derive(Debug, Clone, Copy)]
pub(super) enum Phase {
    /// Up to the last source.
    Retrieval,
    /// Putting the documents in order.
    Rerank,
    /// The model's part.
    Generation,
    /// All of it.
    Total,
}

impl Phase {
    const ALL: [&'static str; 4] = ["retrieval", "rerank", "generation", "total"];
}

const STATUSES: [SourceStatus; 6] = [
    SourceStatus::Success,
    SourceStatus::Error,
    SourceStatus::Timeout,
    SourceStatus::AccessDenied,
    SourceStatus::PaymentFailed,
    SourceStatus::RateLimited,
];

/// The series. Their handles are kept, since making one anew costs more than counting.
#[derive(Debug)]
pub(super) struct Answers {
    endings: [Counter; Ending::ALL.len()],
    phases: [Histogram; Phase::ALL.len()],
    sources: [(Counter, Histogram); STATUSES.len()],
    tokens: Counter,
    first_token: Histogram,
}

impl Answers {
    pub(super) fn new() -> Self {
        let ending =
            |ending: Ending| metrics::counter!("answers_total", "outcome" => ending.label());
        let phase = |phase| metrics::histogram!("answer_phase_seconds", "phase" => phase);
        let source = |status: SourceStatus| {
            let count = metrics::counter!("answer_sources_total", "status" => status.as_str());
            let time = metrics::histogram!("answer_source_seconds", "status" => status.as_str());
            (count, time)
        };
        Self {
            endings: Ending::ALL.map(ending),
            phases: Phase::ALL.map(phase),
            sources: STATUSES.map(source),
            tokens: metrics::counter!("answer_tokens_total"),
            first_token: metrics::histogram!("answer_first_token_seconds"),
        }
    }

    /// A source ended after so many milliseconds.
    pub(super) fn source(&self, status: SourceStatus, time_ms: i64) {
        let place = STATUSES.iter().position(|known| *known == status);
        if let Some((count, time)) = place.and_then(|place| self.sources.get(place)) {
            count.increment(1);
            time.record(span(time_ms));
        }
    }

    /// A phase took so many milliseconds.
    pub(super) fn phase(&self, phase: Phase, time_ms: i64) {
        self.phases[phase as usize].record(span(time_ms));
    }

    /// The model took so long, whether or not it succeeded.
    pub(super) fn generated(&self, elapsed: Duration) {
        self.phases[Phase::Generation as usize].record(elapsed);
    }

    /// A piece of the answer was passed on.
    pub(super) fn token(&self) {
        self.tokens.increment(1);
    }

    /// The first of them came after so long.
    pub(super) fn first_token(&self, elapsed: Duration) {
        self.first_token.record(elapsed);
    }

    /// The answer ended.
    pub(super) fn ended(&self, ending: Ending, elapsed: Duration) {
        self.endings[ending as usize].increment(1);
        self.phases[Phase::Total as usize].record(elapsed);
    }
}

fn span(time_ms: i64) -> Duration {
    Duration::from_millis(u64::try_from(time_ms).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ending_counts_under_its_own_label() {
        for (place, ending) in Ending::ALL.iter().enumerate() {
            assert_eq!(*ending as usize, place);
        }
    }
}
