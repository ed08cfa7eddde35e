//! A request and the limits it must keep become a plan.

use std::time::Duration;

use super::port::Retrieval;
use crate::wire::chat::{ChatRequest, EndpointRef, OnDenied};
use crate::wire::space::Message;

/// What one answer may cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The most data sources of a request.
    pub max_sources: usize,
    /// The most documents asked of one source.
    pub max_top_k: usize,
    /// The most characters of the question, and of all prior turns together.
    pub max_prompt_chars: usize,
    /// The most documents of an answer, whatever the sources give.
    pub max_documents: usize,
    /// The most characters of document text in the prompt.
    pub document_chars: usize,
    /// How long one source may take.
    pub retrieval: Duration,
    /// How long the generation may take, from its start to its last token.
    pub generation: Duration,
    /// How long everything may take.
    pub total: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_sources: 10,
            max_top_k: 20,
            max_prompt_chars: 100_000,
            max_documents: 100,
            document_chars: 48_000,
            retrieval: Duration::from_secs(30),
            generation: Duration::from_mins(2),
            total: Duration::from_mins(3),
        }
    }
}

/// A request that exceeds a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Too many data sources.
    #[error("at most {max} data sources, not {given}")]
    TooManySources {
        /// The limit.
        max: usize,
        /// What was asked.
        given: usize,
    },
    /// Too many documents per source.
    #[error("at most {max} documents of each source")]
    TopKTooLarge {
        /// The limit.
        max: usize,
    },
    /// The question is too long.
    #[error("a prompt of at most {max} characters")]
    PromptTooLong {
        /// The limit.
        max: usize,
    },
    /// The prior turns are too long.
    #[error("prior messages of at most {max} characters together")]
    MessagesTooLong {
        /// The limit.
        max: usize,
    },
}

/// One source and what it is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedSource {
    /// `owner/slug`: how the source is named in events and in the answer.
    pub path: String,
    /// The question to it.
    pub retrieval: Retrieval,
}

impl PlannedSource {
    fn new(reference: &EndpointRef, request: &ChatRequest, limit: usize) -> Self {
        let own = reference.query_override.as_deref().filter(|query| !query.trim().is_empty());
        let query = own.unwrap_or(&request.prompt).to_owned();
        let retrieval =
            Retrieval { query, limit, similarity_threshold: request.similarity_threshold };
        Self { path: reference.path(), retrieval }
    }
}

/// Everything about an answer that is known before the first call.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The user's question.
    pub question: String,
    /// Replaces the system message.
    pub system: Option<String>,
    /// The turns before the question.
    pub history: Vec<Message>,
    /// The sources, in the order of the request.
    pub sources: Vec<PlannedSource>,
    /// Path of the endpoint that answers, `owner/slug`: how the bill names it.
    pub model: String,
    /// The least score of a document, 0 to 1.
    pub similarity_threshold: f64,
    /// The most tokens of the answer.
    pub max_tokens: i64,
    /// 0 to 2.
    pub temperature: f64,
    /// Whether to stop after retrieval.
    pub retrieval_only: bool,
    /// Whether the generator is asked to stream.
    pub stream: bool,
    /// Whether a source that refuses the caller ends the answer.
    pub on_denied: OnDenied,
    /// What the answer may cost.
    pub limits: Limits,
}

impl Plan {
    /// Plans the answer to `request`.
    ///
    /// # Errors
    /// The first limit that the request exceeds.
    pub fn new(request: &ChatRequest, limits: Limits) -> Result<Self, PlanError> {
        let top_k = within(request, &limits)?;
        let sources = request
            .data_sources
            .iter()
            .map(|source| PlannedSource::new(source, request, top_k))
            .collect();
        Ok(Self {
            question: request.prompt.clone(),
            system: request.custom_system_prompt.clone(),
            history: request.messages.clone(),
            sources,
            model: request.model.path(),
            similarity_threshold: request.similarity_threshold,
            max_tokens: request.max_tokens,
            temperature: request.temperature,
            retrieval_only: request.retrieval_only,
            stream: request.stream,
            on_denied: request.on_denied,
            limits,
        })
    }

    /// The most documents of the answer: every source's share, up to the limit.
    pub fn cap(&self) -> usize {
        let asked: usize = self.sources.iter().map(|source| source.retrieval.limit).sum();
        asked.min(self.limits.max_documents)
    }
}

fn within(request: &ChatRequest, limits: &Limits) -> Result<usize, PlanError> {
    let given = request.data_sources.len();
    if given > limits.max_sources {
        return Err(PlanError::TooManySources { max: limits.max_sources, given });
    }
    if request.prompt.chars().count() > limits.max_prompt_chars {
        return Err(PlanError::PromptTooLong { max: limits.max_prompt_chars });
    }
    let system = request.custom_system_prompt.as_deref().unwrap_or_default();
    let turns = request.messages.iter().map(|turn| turn.content.as_str());
    if turns.chain([system]).map(|text| text.chars().count()).sum::<usize>()
        > limits.max_prompt_chars
    {
        return Err(PlanError::MessagesTooLong { max: limits.max_prompt_chars });
    }
    match usize::try_from(request.top_k) {
        Ok(top_k) if top_k <= limits.max_top_k => Ok(top_k),
        _ => Err(PlanError::TopKTooLarge { max: limits.max_top_k }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(sources: usize) -> ChatRequest {
        let mut request = ChatRequest::new("why?", EndpointRef::default());
        let source = |n| EndpointRef {
            slug: format!("s{n}"),
            owner_username: Some("ada".into()),
            ..Default::default()
        };
        request.data_sources = (0..sources).map(source).collect();
        request
    }

    #[test]
    fn every_source_is_asked_the_prompt_or_its_own_query() {
        let mut request = request(2);
        request.data_sources[1].query_override = Some("where?".into());
        let plan = Plan::new(&request, Limits::default()).unwrap();
        let asked: Vec<_> =
            plan.sources.iter().map(|s| (s.path.as_str(), s.retrieval.query.as_str())).collect();
        assert_eq!(asked, [("ada/s0", "why?"), ("ada/s1", "where?")]);
        assert_eq!(plan.cap(), 10);
    }

    #[test]
    fn a_request_beyond_a_limit_is_refused() {
        let limits =
            Limits { max_sources: 1, max_top_k: 4, max_prompt_chars: 4, ..Limits::default() };
        let refusal = |request: &ChatRequest| Plan::new(request, limits.clone()).unwrap_err();
        assert_eq!(refusal(&request(2)), PlanError::TooManySources { max: 1, given: 2 });
        assert_eq!(refusal(&request(1)), PlanError::TopKTooLarge { max: 4 });
        let mut long = request(1);
        long.prompt = "why not?".into();
        assert_eq!(refusal(&long), PlanError::PromptTooLong { max: 4 });
        let mut chatty = request(1);
        chatty.messages = vec![Message::new("user", "abc"), Message::new("assistant", "de")];
        assert_eq!(refusal(&chatty), PlanError::MessagesTooLong { max: 4 });
    }
}
