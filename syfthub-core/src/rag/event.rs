//! What happens while an answer is made.

use super::port::{GenerateError, SourceStatus};
use crate::wire::chat::{RetrievalInfo, Sources, Timings, Usage};

/// One step of an answer. A stream of them is
/// `RetrievalStart SourceComplete* RetrievalComplete (GenerationStart Token*)? (Done | Error)`;
/// it ends early only with `Error`.
#[derive(Debug, Clone, PartialEq)]
pub enum AnswerEvent {
    /// The sources are being asked.
    RetrievalStart {
        /// How many.
        sources: usize,
    },
    /// One source is finished, in the order of completion.
    SourceComplete {
        /// Its path: `owner/slug`.
        path: String,
        /// How it did.
        status: SourceStatus,
        /// How many documents it gave.
        documents: usize,
    },
    /// All sources are finished.
    RetrievalComplete {
        /// How many documents go into the answer.
        total_documents: usize,
        /// Whole milliseconds since the start.
        time_ms: i64,
    },
    /// The generator is being asked.
    GenerationStart,
    /// The next text of the answer.
    Token {
        /// The text; never empty, and at most 16 KiB.
        content: String,
    },
    /// The answer is complete; nothing follows.
    Done(Box<Answer>),
    /// There is no complete answer; nothing follows.
    Error(AnswerError),
}

impl AnswerEvent {
    /// Whether nothing follows.
    pub fn is_terminal(&self) -> bool {
        matches!(self, Self::Done(_) | Self::Error(_))
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
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// The generation failed before its first text.
    #[error("Model generation failed: {0}")]
    Generation(GenerateError),
    /// The generation broke off in the middle.
    #[error("Model stream failed: {0}")]
    Stream(GenerateError),
}

impl AnswerError {
    /// What the generator reported.
    pub fn cause(&self) -> &GenerateError {
        match self {
            Self::Generation(cause) | Self::Stream(cause) => cause,
        }
    }
}
