//! Why a question was not answered, in a body that every client can read.
//!
//! Published clients show `message`, else `error`, else the whole object; other programs read `detail`. The body has all
//! three (contract aggregator 1.6).

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::{Value, json};
use syfthub_core::Invalid;
use syfthub_core::input::{Issue, Part};
use syfthub_core::rag::{AnswerError, PlanError};
use syfthub_core::wire::billing::Billing;
use utoipa::ToSchema;

use super::admission::Full;
use crate::http::{ApiError, Json};

/// When it is worth trying again to get a place: answers take seconds.
const SOON: HeaderValue = HeaderValue::from_static("2");

/// Why a question was not answered.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The request cannot be read.
    Request(ApiError),
    /// Questions without a token are not answered here.
    Anonymous,
    /// The hub does not say who asks, and strangers are not answered here.
    HubAway,
    /// Too many answers are under way.
    Full(Full),
    /// The request exceeds a limit.
    Limit(PlanError),
    /// There is no answer; perhaps it cost something all the same.
    Answer { error: AnswerError, billing: Option<Billing> },
}

impl From<ApiError> for Refusal {
    fn from(error: ApiError) -> Self {
        Self::Request(error)
    }
}

impl From<Full> for Refusal {
    fn from(full: Full) -> Self {
        Self::Full(full)
    }
}

impl From<PlanError> for Refusal {
    fn from(error: PlanError) -> Self {
        Self::Limit(error)
    }
}

/// The body of a refusal.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RefusalBody {
    /// A sentence, or for status 422 the list of what is wrong.
    #[schema(value_type = Value)]
    detail: Value,
    /// A sentence for people.
    message: String,
    /// A word for programs.
    error: &'static str,
    /// What the answer cost all the same; absent when no endpoint said anything of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    billing: Option<Billing>,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::Request(ApiError::Plain { status, detail }) => {
                respond(status, "invalid_request", detail.into_owned())
            }
            Self::Request(ApiError::Invalid(issues)) => invalid(&issues),
            Self::Request(other) => other.into_response(),
            Self::Anonymous => {
                let text = "A hub token is needed here, as Authorization: Bearer".to_owned();
                let bearer = [(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))];
                (bearer, respond(StatusCode::UNAUTHORIZED, "unauthenticated", text)).into_response()
            }
            Self::HubAway => {
                let text = "The hub does not say whose token this is, try again later".to_owned();
                let later = [(header::RETRY_AFTER, SOON)];
                (later, respond(StatusCode::SERVICE_UNAVAILABLE, "hub_away", text)).into_response()
            }
            Self::Full(full) => {
                let (status, error) = match full {
                    Full::Caller(_) => (StatusCode::TOO_MANY_REQUESTS, "too_many_answers"),
                    Full::Everybody => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
                };
                let later = [(header::RETRY_AFTER, SOON)];
                (later, respond(status, error, full.to_string())).into_response()
            }
            Self::Limit(limit) => invalid(&[issue(limit)]),
            Self::Answer { error, billing } => {
                let (error, message) = told(&error);
                let detail = Value::String(message.clone());
                let body = RefusalBody { detail, message, error, billing };
                (StatusCode::BAD_REQUEST, Json(body)).into_response()
            }
        }
    }
}

fn respond(status: StatusCode, error: &'static str, message: String) -> Response {
    let detail = Value::String(message.clone());
    (status, Json(RefusalBody { detail, message, error, billing: None })).into_response()
}

/// Why there is no answer, as a word and as a sentence.
fn told(error: &AnswerError) -> (&'static str, String) {
    let sentence = match error {
        AnswerError::Generation(cause) | AnswerError::Stream(cause) => {
            format!("Generation failed: Model generation failed: {cause}")
        }
        other => other.to_string(),
    };
    (error.code(), sentence)
}

fn invalid(issues: &[Issue]) -> Response {
    let sentence = |issue: &Issue| {
        let place: Vec<String> = issue.loc.iter().skip(1).map(name).collect();
        if place.is_empty() {
            issue.msg.clone()
        } else {
            format!("{}: {}", place.join("."), issue.msg)
        }
    };
    let message = issues.iter().map(sentence).collect::<Vec<_>>().join("; ");
    let (detail, error) = (json!(issues), "invalid_request");
    let body = RefusalBody { detail, message, error, billing: None };
    (StatusCode::UNPROCESSABLE_ENTITY, Json(body)).into_response()
}

fn name(part: &Part) -> String {
    match part {
        Part::Field(name) => name.clone(),
        Part::Index(index) => index.to_string(),
    }
}

/// A limit as an item of the 422 list.
fn issue(limit: PlanError) -> Issue {
    let (field, invalid) = match limit {
        PlanError::TooManySources { max, given } => {
            let items = if max == 1 { "item" } else { "items" };
            let msg =
                format!("List should have at most {max} {items} after validation, not {given}");
            ("data_sources", Invalid::new("too_long", msg))
        }
        PlanError::TopKTooLarge { max } => ("top_k", Invalid::above(max)),
        PlanError::PromptTooLong { max } => ("prompt", Invalid::too_long(max)),
        PlanError::MessagesTooLong { max } => {
            let reason = format!("prior turns should have at most {max} characters together");
            ("messages", Invalid::value(&reason))
        }
    };
    let loc = ["body", field].map(|name| Part::Field(name.to_owned())).to_vec();
    Issue { kind: invalid.kind, loc, msg: invalid.message.into_owned(), input: Value::Null }
}
