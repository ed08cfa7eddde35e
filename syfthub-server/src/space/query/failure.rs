//! What a caller hears when a part of the endpoint fails.

use std::time::Duration;

use http::StatusCode;

use crate::http::ApiError;
use crate::space::models::ModelError;

/// A model's failure as an answer. The space is a gateway to it.
pub(super) fn of_model(error: &ModelError) -> ApiError {
    let status = match error {
        ModelError::Unreachable => StatusCode::SERVICE_UNAVAILABLE,
        ModelError::TimedOut => StatusCode::GATEWAY_TIMEOUT,
        ModelError::Busy { .. } => StatusCode::TOO_MANY_REQUESTS,
        ModelError::Refused(_) => StatusCode::BAD_REQUEST,
        ModelError::Denied | ModelError::Failed(_) | ModelError::Unreadable => {
            StatusCode::BAD_GATEWAY
        }
    };
    match error {
        // With the patience that the model's server asked for.
        ModelError::Busy { retry_after: Some(seconds) } => {
            ApiError::later(status, sentence(error), Duration::from_secs(*seconds))
        }
        _ => ApiError::plain(status, sentence(error)),
    }
}

/// The failure for people, which begins in upper case as all details do.
pub(super) fn sentence(error: &ModelError) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// The failure in a word, for traces.
pub(super) fn word(error: &ModelError) -> &'static str {
    match error {
        ModelError::Unreachable => "unreachable",
        ModelError::TimedOut => "timed_out",
        ModelError::Busy { .. } => "busy",
        ModelError::Refused(_) => "refused",
        ModelError::Denied => "denied",
        ModelError::Failed(_) => "failed",
        ModelError::Unreadable => "unreadable",
    }
}
