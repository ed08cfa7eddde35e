//! A question and who asks it, in the order in which a request is judged: the caller, their place, then the body.

use axum::extract::{FromRef, FromRequest, FromRequestParts, Request};
use http::request::Parts;
use serde_json::Value;
use syfthub_core::input::{Input, Place as Field};
use syfthub_core::wire::chat::ChatRequest;

use super::Aggregator;
use super::admission::{Asker, Place};
use super::hub_side::{Known, Silent};
use super::refusal::Refusal;
use crate::http::{ClientAddress, Json};

/// A question that may be answered now.
pub(super) struct Asked {
    pub(super) question: Question,
    /// What the hub knows of the caller.
    pub(super) known: Known,
    /// Held for as long as the answer is made.
    pub(super) place: Place,
}

impl<S> FromRequest<S> for Asked
where
    Aggregator: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let largest = Aggregator::from_ref(state).settings.limits.max_body_bytes;
        let (mut parts, body) = request.into_parts();
        let Admitted { known, place } = Admitted::from_request_parts(&mut parts, state).await?;
        let request = Request::from_parts(parts, body);
        let Json(question) = Json::read_within(request, largest).await?;
        Ok(Self { question, known, place })
    }
}

/// Somebody for whom an answer may be made now.
pub(super) struct Admitted {
    /// What the hub knows of the caller.
    pub(super) known: Known,
    /// Held for as long as the answer is made.
    place: Place,
}

impl<S> FromRequestParts<S> for Admitted
where
    Aggregator: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let aggregator = Aggregator::from_ref(state);
        let known = aggregator.hub.known(parts).await;
        let anonymous = aggregator.settings.limits.anonymous;
        let asker = match known.user {
            Ok(Some(user)) => Asker::User(user),
            Ok(None) if !anonymous => return Err(Refusal::Anonymous),
            Err(Silent) if !anonymous => return Err(Refusal::HubAway),
            Ok(None) | Err(Silent) => {
                let Ok(address) = ClientAddress::from_request_parts(parts, state).await;
                Asker::Network(address.network())
            }
        };
        let place = aggregator.admission.admit(asker)?;
        Ok(Self { known, place })
    }
}

/// A question, and whether it says how many documents it wants.
pub(super) struct Question {
    request: ChatRequest,
    says_top_k: bool,
}

impl Input for Question {
    fn read(value: &Value, place: &mut Field<'_>) -> Option<Self> {
        let request = ChatRequest::read(value, place)?;
        Some(Self { request, says_top_k: value.get("top_k").is_some() })
    }
}

impl Question {
    /// The request, with what it leaves to the aggregator filled in.
    pub(super) fn settled(self, aggregator: &Aggregator, stream: bool) -> ChatRequest {
        let mut request = self.request;
        if !self.says_top_k {
            let top_k = aggregator.settings.default_top_k.min(aggregator.limits.max_top_k);
            request.top_k = i64::try_from(top_k).unwrap_or(i64::MAX);
        }
        request.stream = stream && aggregator.settings.model_streaming;
        request
    }
}
