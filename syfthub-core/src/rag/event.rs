//! What happens while an answer is made.

use std::collections::BTreeMap;
use std::time::Duration;

use super::billing::Cost;
use super::port::{GenerateError, SourceStatus};
use crate::wire::billing::Billing;
use crate::wire::chat::{RetrievalInfo, Sources, Timings, Usage};
use crate::wire::citation::CitedSpan;

/// One step of an answer. A stream of them is
/// `RetrievalStart SourceComplete* (RerankingStart RerankingComplete)? RetrievalComplete
/// (GenerationStart GenerationHeartbeat* Token*)? (Done | Error)`; it ends early only with `Error`.
#[derive(Debug, Clone, PartialEq)]
pub enum AnswerEvent {
    /// The sources are being asked.
    RetrievalStart {
        /// How many.
        sources: usize,
    },
    /// One source is finished, in the order of completion.
    SourceComplete {
        /// Its place in the request, from 0.
        source: usize,
        /// Its path: `owner/slug`.
        path: String,
        /// How it did.
        status: SourceStatus,
        /// How many documents it gave.
        documents: usize,
        /// Whole milliseconds since it was asked.
        time_ms: i64,
        /// Why it failed.
        error_message: Option<String>,
        /// What it charged, when it did.
        cost: Option<Cost>,
    },
    /// The documents of all sources are being put in one order; only when there are any.
    RerankingStart {
        /// How many.
        documents: usize,
    },
    /// The documents are in order.
    RerankingComplete {
        /// How many count.
        documents: usize,
        /// Whole milliseconds that the ordering took.
        time_ms: i64,
    },
    /// All sources are finished.
    RetrievalComplete {
        /// How many documents go into the answer.
        total_documents: usize,
        /// Whole milliseconds from the start to the last source.
        time_ms: i64,
    },
    /// The generator is being asked.
    GenerationStart,
    /// The generator has not written anything yet; every three seconds until it does.
    GenerationHeartbeat {
        /// Whole milliseconds since it was asked.
        elapsed_ms: i64,
    },
    /// The next text of the answer.
    Token {
        /// The text; never empty, and at most 10 KiB.
        content: String,
    },
    /// The answer is complete; nothing follows.
    Done(Box<Answer>),
    /// There is no complete answer; nothing follows.
    Error {
        /// Why.
        error: AnswerError,
        /// What it cost all the same.
        billing: Option<Billing>,
    },
}

impl AnswerEvent {
    /// Whether nothing follows.
    pub fn is_terminal(&self) -> bool {
        matches!(self, Self::Done(_) | Self::Error { .. })
    }
}

/// A complete answer.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Answer {
    /// The whole text: all tokens in order. Empty after retrieval alone.
    pub response: String,
    /// The documents behind it, best first, in the order of their numbers in the prompt.
    pub sources: Sources,
    /// How each source did, in the order of the request.
    pub retrieval_info: Vec<SourceReport>,
    /// How long it took.
    pub timings: Timings,
    /// What the model counted, when it said so.
    pub usage: Option<Usage>,
    /// The claims that the model marked, in the order of the text, and the documents they rest on.
    pub citations: Vec<CitedSpan>,
    /// The text with every marker as `[cite:N-start:end]` (contract aggregator 1.12); none when nothing is cited.
    pub annotated: Option<String>,
    /// Path of each cited source to its share of the answer, which add up to 1; none when nothing is cited.
    pub profit_share: Option<BTreeMap<String, f64>>,
    /// What the answer cost; none when no endpoint said anything of it.
    pub billing: Option<Billing>,
}

/// How one source did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceReport {
    /// Its path: `owner/slug`.
    pub path: String,
    /// How many documents it gave.
    pub documents: usize,
    /// How it did.
    pub status: SourceStatus,
    /// Why it failed.
    pub error_message: Option<String>,
}

impl SourceReport {
    /// The entry of `retrieval_info`, with `status` in the words the client knows.
    pub fn to_wire(&self, status: SourceStatus) -> RetrievalInfo {
        RetrievalInfo {
            path: self.path.clone(),
            documents_retrieved: i64::try_from(self.documents).unwrap_or(i64::MAX),
            status: status.as_str().to_owned(),
            error_message: self.error_message.clone(),
        }
    }
}

/// Why there is no complete answer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// These sources refused the caller, who wants no answer without them.
    #[error("Access denied by {}", .0.join(", "))]
    Denied(Vec<String>),
    /// The generation failed before its first text.
    #[error("Model generation failed: {0}")]
    Generation(GenerateError),
    /// The generation broke off in the middle.
    #[error("Model stream failed: {0}")]
    Stream(GenerateError),
}

impl AnswerError {
    /// A word for programs: `access_denied` or `generation_failed`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Denied(_) => "access_denied",
            Self::Generation(_) | Self::Stream(_) => "generation_failed",
        }
    }
}

/// `span` in whole milliseconds.
pub(super) fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}
