//! The two ports of the orchestrator: what finds documents, and what writes the answer.

use std::fmt;
use std::future::Future;

use futures_util::stream::BoxStream;
use serde_json::{Map, Value};

use crate::wire::chat::Usage;
use crate::wire::space::{Message, PolicyEntry};

/// What a data source is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Retrieval {
    /// The text to search for.
    pub query: String,
    /// The most documents that count; what comes beyond them is cut.
    pub limit: usize,
    /// The least score of a document, 0 to 1.
    pub similarity_threshold: f64,
}

/// A document as a data source gave it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Retrieved {
    /// The document's identity at its source; empty when the source gave none.
    pub document_id: String,
    /// The text.
    pub content: String,
    /// What the source says of it, such as `title` and `file_path`.
    pub metadata: Map<String, Value>,
    /// How well it fits; `None` when the source does not score.
    pub score: Option<f64>,
}

/// The most characters of a title or path; what a source says beyond them is cut.
const NAME_CHARS: usize = 300;

impl Retrieved {
    /// The key of `metadata` that says how a document came to be: [`Self::is_generated`] reads it.
    pub const SOURCE_TYPE: &str = "source_type";

    /// Whether a model of the source wrote the text, in answer to the question (contract aggregator 1.8).
    pub fn is_generated(&self) -> bool {
        let kind = self.metadata.get(Self::SOURCE_TYPE).and_then(Value::as_str);
        matches!(kind, Some("generated" | "generated_empty"))
    }

    /// The document's own title: `metadata.title`, else `metadata.document_title` (contract aggregator 1.9).
    pub fn title(&self) -> Option<&str> {
        ["title", "document_title"].into_iter().find_map(|key| self.text(key))
    }

    /// The document's path inside its dataset, else its file name, else its identity.
    pub fn path(&self) -> Option<&str> {
        let named = ["file_path", "path", "file_name"].into_iter().find_map(|key| self.text(key));
        named.or(Some(self.document_id.as_str())).filter(|text| !text.is_empty())
    }

    fn text(&self, key: &str) -> Option<&str> {
        let text = self
            .metadata
            .get(key)
            .and_then(Value::as_str)
            .filter(|text| !text.trim().is_empty())?;
        Some(text.char_indices().nth(NAME_CHARS).map_or(text, |(end, _)| &text[..end]))
    }
}

/// What a data source gave.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Found {
    /// The documents, in the source's own order, best first.
    pub documents: Vec<Retrieved>,
    /// What the source's policies did, money included.
    pub entries: Vec<PolicyEntry>,
}

impl From<Vec<Retrieved>> for Found {
    fn from(documents: Vec<Retrieved>) -> Self {
        Self { documents, entries: Vec::new() }
    }
}

/// What an endpoint said when it refused.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Refusal {
    /// Why, for people.
    pub detail: String,
    /// What its policies did, which may include a charge.
    pub entries: Vec<PolicyEntry>,
}

impl<T: Into<String>> From<T> for Refusal {
    fn from(detail: T) -> Self {
        Self { detail: detail.into(), entries: Vec::new() }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

/// Finds documents for a question.
pub trait DataSource: Send + Sync {
    /// Asks once. Dropping the future abandons the call.
    ///
    /// # Errors
    /// Why there are no documents; never stops the answer.
    fn retrieve(
        &self,
        question: &Retrieval,
    ) -> impl Future<Output = Result<Found, SourceError>> + Send;
}

/// A source whose address or credentials were already refused says so when it is asked.
impl<S: DataSource> DataSource for Result<S, SourceError> {
    async fn retrieve(&self, question: &Retrieval) -> Result<Found, SourceError> {
        match self {
            Ok(source) => source.retrieve(question).await,
            Err(refusal) => Err(refusal.clone()),
        }
    }
}

/// Why a source gave nothing. The text is the `error_message` of contract aggregator 1.8.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// The source refused the caller.
    #[error("Access denied: {0}")]
    Denied(Refusal),
    /// The source wants to be paid first.
    #[error("HTTP 402: {refusal}")]
    PaymentRequired {
        /// What the source said of it.
        refusal: Refusal,
        /// How to pay: its `WWW-Authenticate` (RFC 9110, 11.6.1).
        challenge: Option<String>,
    },
    /// The source asks for patience.
    #[error("HTTP 429: {0}")]
    RateLimited(Refusal),
    /// The source answered with another failure.
    #[error("HTTP {status}: {refusal}")]
    Http {
        /// Status code.
        status: u16,
        /// What the source said of it.
        refusal: Refusal,
    },
    /// The source did not answer within its deadline.
    #[error("Request timed out")]
    Timeout,
    /// The source could not be reached, or the connection broke.
    #[error("Network error: {0}")]
    Network(String),
    /// The source answered something that cannot be read, or failed in a way of its own.
    #[error("Unexpected error: {0}")]
    Unexpected(String),
}

impl SourceError {
    /// How this failure is classed.
    pub fn status(&self) -> SourceStatus {
        match self {
            Self::Denied(_) => SourceStatus::AccessDenied,
            Self::PaymentRequired { .. } => SourceStatus::PaymentFailed,
            Self::RateLimited(_) => SourceStatus::RateLimited,
            Self::Timeout => SourceStatus::Timeout,
            Self::Http { .. } | Self::Network(_) | Self::Unexpected(_) => SourceStatus::Error,
        }
    }

    /// Takes out what the source's policies did.
    pub fn take_entries(&mut self) -> Vec<PolicyEntry> {
        match self {
            Self::Denied(refusal)
            | Self::PaymentRequired { refusal, .. }
            | Self::RateLimited(refusal)
            | Self::Http { refusal, .. } => std::mem::take(&mut refusal.entries),
            Self::Timeout | Self::Network(_) | Self::Unexpected(_) => Vec::new(),
        }
    }
}

/// How a source did, in the words of contract aggregator 1.5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SourceStatus {
    /// It answered, perhaps with no documents.
    Success,
    /// It failed.
    Error,
    /// It was too slow.
    Timeout,
    /// It refused the caller.
    AccessDenied,
    /// It wants to be paid.
    PaymentFailed,
    /// It asks for patience.
    RateLimited,
}

impl SourceStatus {
    /// The word on the wire, as clients of the wider set know it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Error => "error",
            Self::Timeout => "timeout",
            Self::AccessDenied => "access_denied",
            Self::PaymentFailed => "payment_failed",
            Self::RateLimited => "rate_limited",
        }
    }

    /// The same in the three words that every client knows (contract aggregator 1.7.4).
    #[must_use]
    pub fn collapsed(self) -> Self {
        match self {
            Self::Success | Self::Timeout => self,
            Self::Error | Self::AccessDenied | Self::PaymentFailed | Self::RateLimited => {
                Self::Error
            }
        }
    }
}

/// What a generator is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Prompt {
    /// The conversation, ending with the user's turn.
    pub messages: Vec<Message>,
    /// The most tokens of the answer.
    pub max_tokens: i64,
    /// 0 to 2.
    pub temperature: f64,
    /// Whether the caller reads the answer as it is written.
    pub stream: bool,
}

/// A piece of a generation.
#[derive(Debug, Clone, PartialEq)]
pub enum Chunk {
    /// The next text of the answer.
    Text(String),
    /// What the model counted; the last one holds.
    Usage(Usage),
    /// What the policies of the model's endpoint did, money included.
    Entries(Vec<PolicyEntry>),
}

/// The pieces of a generation as they are written. Dropping it abandons the call.
pub type GenerationStream = BoxStream<'static, Result<Chunk, GenerateError>>;

/// Writes the answer.
pub trait Generator: Send + Sync {
    /// Starts one generation.
    ///
    /// # Errors
    /// Why there is no answer; it ends the request.
    fn generate(
        &self,
        prompt: Prompt,
    ) -> impl Future<Output = Result<GenerationStream, GenerateError>> + Send;
}

/// A generator whose address or credentials were already refused says so when it is asked.
impl<G: Generator> Generator for Result<G, GenerateError> {
    async fn generate(&self, prompt: Prompt) -> Result<GenerationStream, GenerateError> {
        match self {
            Ok(generator) => generator.generate(prompt).await,
            Err(refusal) => Err(refusal.clone()),
        }
    }
}

/// Why there is no answer. The text is the `<cause>` of contract aggregator 1.6.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum GenerateError {
    /// The model's endpoint refused the caller.
    #[error("Model access denied: {0}")]
    Denied(Refusal),
    /// The model's endpoint answered with another failure.
    #[error("Model request failed: HTTP {status} - {refusal}")]
    Http {
        /// Status code.
        status: u16,
        /// What the endpoint said of it.
        refusal: Refusal,
    },
    /// The model did not finish within its deadline.
    #[error("Model request timed out")]
    Timeout,
    /// The model's endpoint could not be reached, or the connection broke.
    #[error("Network error: {0}")]
    Network(String),
    /// The model's endpoint answered something that cannot be read.
    #[error("{0}")]
    Unreadable(String),
    /// The model reported a failure in the middle of its answer.
    #[error("{0}")]
    Reported(Refusal),
}

impl GenerateError {
    /// Takes out what the policies of the model's endpoint did.
    pub fn take_entries(&mut self) -> Vec<PolicyEntry> {
        match self {
            Self::Denied(refusal) | Self::Http { refusal, .. } | Self::Reported(refusal) => {
                std::mem::take(&mut refusal.entries)
            }
            Self::Timeout | Self::Network(_) | Self::Unreadable(_) => Vec::new(),
        }
    }
}
