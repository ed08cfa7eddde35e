//! What a client can read (contract aggregator 1.7.4).

use syfthub_core::rag::SourceStatus;
use syfthub_core::wire::chat::ChatRequest;

/// What one client can read, by its request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a word of its own in the request")]
pub(super) struct Profile {
    /// Whether it knows more words for how a source did than `success`, `error` and `timeout`, at which older clients
    /// fail.
    wide: bool,
    /// Whether it reads `reranking_start` and `reranking_complete`.
    pub(super) rerank: bool,
    /// Whether it reads `generation_heartbeat`.
    pub(super) heartbeat: bool,
    /// Whether it reads `citations`.
    pub(super) citations: bool,
    /// Whether it reads all that is known of each source as it finishes.
    pub(super) phases: bool,
}

impl Profile {
    /// Fields that only newer clients send prove the words; the events are for those who ask for them by name.
    pub(super) fn of(request: &ChatRequest) -> Self {
        let asks =
            |word: &str| request.stream_events.iter().any(|said| said == word || said == "all");
        Self {
            wide: request.user_token.is_some() || request.retrieval_only || asks("phases"),
            rerank: asks("rerank"),
            heartbeat: asks("heartbeat"),
            citations: asks("citations"),
            phases: asks("phases"),
        }
    }

    /// How a source did, in words of this profile.
    pub(super) fn status(self, status: SourceStatus) -> SourceStatus {
        if self.wide { status } else { status.collapsed() }
    }
}
