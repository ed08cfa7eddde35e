//! `/aggregator/...` (contract aggregator 1.1).

use axum::extract::{FromRef, State};
use axum::response::Response;
use futures_util::StreamExt as _;
use serde::Serialize;
use serde_json::Value;
use syfthub_core::input::{Input, Place};
use syfthub_core::rag::{Answer, AnswerEvent};
use syfthub_core::wire::chat::{ChatRequest, ChatResponse};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Aggregator;
use super::frames;
use super::profile::Profile;
use super::refusal::{Refusal, RefusalBody};
use crate::http::{ApiError, CorrelationId, Json, sse};

/// The aggregator's routes, for a server that has an [`Aggregator`].
pub(crate) fn routes<S>() -> OpenApiRouter<S>
where
    Aggregator: FromRef<S>,
    S: Clone + Send + Sync + 'static,
{
    OpenApiRouter::new()
        .routes(routes!(chat))
        .routes(routes!(chat_stream))
        .routes(routes!(health))
        .routes(routes!(ready))
}

/// A question, and whether it says how many documents it wants.
struct Question {
    request: ChatRequest,
    says_top_k: bool,
}

impl Input for Question {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let request = ChatRequest::read(value, place)?;
        Some(Self { request, says_top_k: value.get("top_k").is_some() })
    }
}

impl Question {
    /// The request, with what it leaves to the aggregator filled in.
    fn settled(self, aggregator: &Aggregator, stream: bool) -> ChatRequest {
        let mut request = self.request;
        if !self.says_top_k {
            let top_k = aggregator.default_top_k.min(aggregator.limits.max_top_k);
            request.top_k = i64::try_from(top_k).unwrap_or(i64::MAX);
        }
        request.stream = stream && aggregator.model_streaming;
        request
    }
}

/// Answers a question from the documents of several spaces.
#[utoipa::path(post, path = "/aggregator/api/v1/chat", tag = "aggregator", request_body = ChatRequest, responses(
    (status = 200, body = ChatResponse),
    (status = 400, description = "The model gave no answer, or a source refused and the caller wants none then", body = RefusalBody),
    (status = 422, description = "The request cannot be read or exceeds a limit", body = RefusalBody),
))]
async fn chat(
    State(aggregator): State<Aggregator>,
    correlation: CorrelationId,
    question: Result<Json<Question>, ApiError>,
) -> Result<Json<ChatResponse>, Refusal> {
    let Json(question) = question?;
    let request = question.settled(&aggregator, false);
    let profile = Profile::of(&request);
    let mut events = std::pin::pin!(aggregator.answer(&request, &correlation)?);
    loop {
        match events.next().await.expect("an answer ends with a terminal event") {
            AnswerEvent::Done(answer) => return Ok(Json(whole(*answer, profile))),
            AnswerEvent::Error { error, billing } => {
                return Err(Refusal::Answer { error, billing });
            }
            _ => {}
        }
    }
}

fn whole(answer: Answer, profile: Profile) -> ChatResponse {
    let info = answer
        .retrieval_info
        .iter()
        .map(|report| report.to_wire(profile.status(report.status)))
        .collect();
    ChatResponse {
        response: answer.response,
        sources: answer.sources,
        retrieval_info: info,
        metadata: answer.timings,
        usage: answer.usage,
        citations: answer.citations,
        annotated: answer.annotated,
        profit_share: answer.profit_share,
        billing: answer.billing,
    }
}

/// Answers a question from the documents of several spaces, as server-sent events while the answer is made.
#[utoipa::path(post, path = "/aggregator/api/v1/chat/stream", tag = "aggregator", request_body = ChatRequest, responses(
    (status = 200, content_type = "text/event-stream", body = String,
        description = "retrieval_start, source_complete*, retrieval_complete, generation_start, token*, then done or error; more by stream_events"),
    (status = 422, description = "The request cannot be read or exceeds a limit", body = RefusalBody),
))]
async fn chat_stream(
    State(aggregator): State<Aggregator>,
    correlation: CorrelationId,
    question: Result<Json<Question>, ApiError>,
) -> Result<Response, Refusal> {
    let Json(question) = question?;
    let request = question.settled(&aggregator, true);
    let profile = Profile::of(&request);
    let events = aggregator.answer(&request, &correlation)?;
    Ok(sse::answer(frames::frames(events, profile)))
}

#[derive(Serialize, ToSchema)]
struct AggregatorHealth {
    status: &'static str,
    service: &'static str,
}

#[derive(Serialize, ToSchema)]
struct AggregatorReady {
    status: &'static str,
    checks: Checks,
}

/// The aggregator depends on nothing, so there is nothing to check.
#[derive(Serialize, ToSchema)]
struct Checks {}

/// Says that the aggregator answers.
#[utoipa::path(get, path = "/aggregator/health", tag = "aggregator", responses((status = 200, body = AggregatorHealth)))]
async fn health() -> Json<AggregatorHealth> {
    Json(AggregatorHealth { status: "healthy", service: "syfthub-aggregator" })
}

/// Says that the aggregator can do its work.
#[utoipa::path(get, path = "/aggregator/ready", tag = "aggregator", responses((status = 200, body = AggregatorReady)))]
async fn ready() -> Json<AggregatorReady> {
    Json(AggregatorReady { status: "ready", checks: Checks {} })
}
