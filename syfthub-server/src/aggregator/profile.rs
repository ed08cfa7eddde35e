//! What a client can read (contract aggregator 1.7.4).

use syfthub_core::rag::SourceStatus;
use syfthub_core::wire::chat::ChatRequest;

/// Which words a client knows for how a source did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Profile {
    /// `success`, `error` and `timeout`; any other word makes such a client fail.
    Narrow,
    /// Also `access_denied`, `payment_failed` and `rate_limited`.
    Wide,
}

impl Profile {
    /// Fields that only newer clients send prove one; all others are taken for older ones.
    pub(super) fn of(request: &ChatRequest) -> Self {
        if request.user_token.is_some() || request.retrieval_only {
            Self::Wide
        } else {
            Self::Narrow
        }
    }

    /// How a source did, in words of this profile.
    pub(super) fn status(self, status: SourceStatus) -> SourceStatus {
        match self {
            Self::Narrow => status.collapsed(),
            Self::Wide => status,
        }
    }
}
