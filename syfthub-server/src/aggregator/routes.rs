//! The aggregator's routes, as they follow an aggregator's address (contract aggregator 1.1).

use axum::extract::{FromRef, State};
use axum::response::Response;
use futures_util::StreamExt as _;
use syfthub_core::rag::{Answer, AnswerEvent};
use syfthub_core::wire::chat::{ChatRequest, ChatResponse};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::asked::Asked;
use super::profile::Profile;
use super::refusal::{Refusal, RefusalBody};
use super::{Aggregator, agent, frames, health, link};
use crate::http::{CorrelationId, Json, sse};
use crate::telemetry::TraceParent;

/// The aggregator's routes, for a server that has an [`Aggregator`].
pub(crate) fn routes<S>() -> OpenApiRouter<S>
where
    Aggregator: FromRef<S>,
    S: Clone + Send + Sync + 'static,
{
    OpenApiRouter::new()
        .routes(routes!(chat))
        .routes(routes!(chat_stream))
        .routes(routes!(link::follow, link::confirm))
        .routes(routes!(agent::open))
        .routes(routes!(health::health))
        .routes(routes!(health::ready))
}

/// Answers a question from the documents of several spaces.
#[utoipa::path(post, path = "/api/v1/chat", tag = "aggregator", request_body = ChatRequest, responses(
    (status = 200, body = ChatResponse),
    (status = 400, description = "The model gave no answer, or a source refused and the caller wants none then", body = RefusalBody),
    (status = 401, description = "Questions without a hub token are not answered here", body = RefusalBody),
    (status = 413, description = "The question is too large", body = RefusalBody),
    (status = 415, description = "The question is not JSON", body = RefusalBody),
    (status = 422, description = "The request cannot be read or exceeds a limit", body = RefusalBody),
    (status = 429, description = "Too many answers for this caller are under way", body = RefusalBody),
    (status = 503, description = "Too many answers are under way, or the hub that knows callers is away", body = RefusalBody),
))]
async fn chat(
    State(aggregator): State<Aggregator>,
    correlation: CorrelationId,
    parent: TraceParent,
    asked: Asked,
) -> Result<Json<ChatResponse>, Refusal> {
    let Asked { question, known, place: _held } = asked;
    let request = question.settled(&aggregator, false);
    let profile = Profile::of(&request);
    let mut events =
        std::pin::pin!(aggregator.answer(&request, &known, &correlation, &parent).await?);
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
#[utoipa::path(post, path = "/api/v1/chat/stream", tag = "aggregator", request_body = ChatRequest, responses(
    (status = 200, content_type = "text/event-stream", body = String,
        description = "retrieval_start, source_complete*, retrieval_complete, generation_start, token*, then done or error; more by stream_events"),
    (status = 401, description = "Questions without a hub token are not answered here", body = RefusalBody),
    (status = 413, description = "The question is too large", body = RefusalBody),
    (status = 415, description = "The question is not JSON", body = RefusalBody),
    (status = 422, description = "The request cannot be read or exceeds a limit", body = RefusalBody),
    (status = 429, description = "Too many answers for this caller are under way", body = RefusalBody),
    (status = 503, description = "Too many answers are under way, or the hub that knows callers is away", body = RefusalBody),
))]
async fn chat_stream(
    State(aggregator): State<Aggregator>,
    correlation: CorrelationId,
    parent: TraceParent,
    asked: Asked,
) -> Result<Response, Refusal> {
    let Asked { question, known, place } = asked;
    let request = question.settled(&aggregator, true);
    let profile = Profile::of(&request);
    let events = aggregator.answer(&request, &known, &correlation, &parent).await?;
    let frames = frames::frames(events, profile).map(move |frame| {
        let _held = &place;
        frame
    });
    Ok(sse::answer_with(frames, aggregator.settings.keepalive_interval))
}
