//! The answer as it is written, in the frames that every known client reads (contract aggregator 2.7).
//!
//! Each text comes as `content` and again as OpenAI's delta: clients take the first form they know. The last frame before
//! `[DONE]` carries the rest of the answer and none of the keys that would be taken for text.

use std::pin::pin;
use std::sync::Arc;
use std::time::Instant;

use async_stream::stream;
use axum::response::Response;
use futures_util::{Stream, StreamExt as _};
use serde_json::{Value, json};
use syfthub_core::wire::space::{QueryRequest, QueryResponse, References, Summary};

use super::answer::{bill, counted, milliseconds, references, summary, working};
use super::entry::Entry;
use super::{failure, prompt};
use crate::http::ApiError;
use crate::http::sse::{self, Event};
use crate::space::models::{Model, Piece, Pieces, Reply};
use crate::space::node::Space;
use crate::space::policies::{Due, Receipt};
use crate::space::store::endpoints::EndpointRow;
use crate::telemetry::{Span, Trace};

const DONE: &str = "[DONE]";

impl Space {
    /// Answers as the model writes. A caller who goes away drops the stream, and with it what the question holds; the one
    /// whose connection takes the frame that completes the answer has it.
    pub(super) async fn stream(
        &self,
        endpoint: EndpointRow,
        request: QueryRequest,
        entry: Entry,
    ) -> Response {
        let started = match self.begin(endpoint, request, &entry.trace()).await {
            Ok(started) => started,
            Err(error) => return entry.fail(error).await,
        };
        let Started { found, writing } = started;
        let Some(Writing { model, mut pieces, since, mut span }) = writing else {
            let (receipt, due) = entry.answered().await;
            return sse::answer(complete(last(found, None, receipt), delivered(due)));
        };
        sse::answer(stream! {
            let mut is_first = true;
            let mut reply = Reply { finish_reason: "stop".to_owned(), ..Reply::default() };
            while let Some(piece) = pieces.next().await {
                match piece {
                    Ok(Piece::Text(text)) => {
                        if std::mem::take(&mut is_first) {
                            span.event("first_token");
                        }
                        yield sse::data(&delta(&text));
                    }
                    Ok(Piece::Finish(reason)) => reply.finish_reason = reason,
                    Ok(Piece::Usage(usage)) => reply.usage = Some(usage),
                    Err(error) => {
                        span.fail(failure::word(&error));
                        let message = failure::sentence(&error);
                        entry.fail(failure::of_model(&error)).await;
                        yield sse::data(&json!({"error": {"message": message}, "detail": message}));
                        return;
                    }
                }
            }
            counted(&mut span, reply.usage);
            drop(span);
            let summary = summary(&*model, reply, milliseconds(since));
            let (receipt, due) = entry.answered().await;
            let mut end = pin!(complete(last(found, Some(summary), receipt), delivered(due)));
            while let Some(frame) = end.next().await {
                yield frame;
            }
        })
    }

    /// Searches, and has the model begin.
    async fn begin(
        &self,
        endpoint: EndpointRow,
        request: QueryRequest,
        trace: &Trace,
    ) -> Result<Started, ApiError> {
        let retrieved = self.retrieve(&endpoint, &request, trace).await?;
        let include_metadata = request.include_metadata;
        let Some(model) = self.answering(&endpoint)? else {
            let found = retrieved.map(|found| references(found, include_metadata));
            return Ok(Started { found, writing: None });
        };
        let documents = retrieved.as_ref().map(|found| found.documents.as_slice());
        let chat = prompt::chat(&endpoint, request, documents, self.config.query.context_tokens);
        let found = retrieved.map(|found| references(found, include_metadata));
        let since = Instant::now();
        let mut span = working(&*model, trace);
        let pieces = model.stream(chat).await.map_err(|error| {
            span.fail(failure::word(&error));
            failure::of_model(&error)
        })?;
        Ok(Started { found, writing: Some(Writing { model, pieces, since, span }) })
    }
}

/// What is known when an answer begins to stream.
struct Started {
    found: Option<References>,
    writing: Option<Writing>,
}

/// A model at work.
struct Writing {
    model: Arc<dyn Model>,
    pieces: Pieces,
    since: Instant,
    span: Span,
}

/// The frames that complete an answer. `delivered` runs when the connection takes the first of them, which carries all that is
/// left; the second only says that nothing follows.
pub(crate) fn complete<F>(last: Value, delivered: Option<F>) -> impl Stream<Item = Event> + Send
where
    F: FnOnce() + Send,
{
    stream! {
        let frame = sse::data(&last);
        // Nothing is waited for between here and the frame's leaving.
        if let Some(delivered) = delivered {
            delivered();
        }
        yield frame;
        yield sse::text(DONE);
    }
}

fn delivered(due: Option<Due>) -> Option<impl FnOnce() + Send> {
    due.map(|due| || due.delivered())
}

fn delta(text: &str) -> Value {
    json!({"content": text, "choices": [{"index": 0, "delta": {"content": text}}]})
}

/// The rest of the answer, with none of the keys that would be taken for text.
fn last(references: Option<References>, summary: Option<Summary>, receipt: Receipt) -> Value {
    let mut whole = QueryResponse { references, summary, ..QueryResponse::default() };
    bill(&mut whole, receipt);
    let summary = whole.summary.map_or(Value::Null, without_text);
    let mut last = json!({
        "done": true, "references": whole.references, "usage": summary["usage"], "summary": summary, "cost": whole.cost,
    });
    if let Some(metadata) = whole.policy_metadata {
        last["policy_metadata"] = json!(metadata);
    }
    last
}

/// The summary without its text, which was streamed already.
fn without_text(summary: Summary) -> Value {
    let mut value = serde_json::to_value(summary).expect("a plain struct is JSON");
    if let Some(message) = value["message"].as_object_mut() {
        message.remove("content");
    }
    value
}
