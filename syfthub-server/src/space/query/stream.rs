//! The answer as it is written, in the frames that every known client reads (contract aggregator 2.7).
//!
//! Each text comes as `content` and again as OpenAI's delta: clients take the first form they know. The last frame before
//! `[DONE]` carries the rest of the answer and none of the keys that would be taken for text.

use std::time::Instant;

use async_stream::stream;
use axum::response::Response;
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use syfthub_core::wire::space::{QueryRequest, References};

use super::answer::{milliseconds, references, summary};
use super::{failure, prompt};
use crate::http::{ApiError, sse};
use crate::space::models::{Piece, Reply};
use crate::space::node::Space;
use crate::space::store::endpoints::EndpointRow;

const DONE: &str = "[DONE]";

impl Space {
    pub(super) async fn stream(
        &self,
        endpoint: EndpointRow,
        request: QueryRequest,
    ) -> Result<Response, ApiError> {
        let retrieved = self.retrieve(&endpoint, &request).await?;
        let include_metadata = request.include_metadata;
        let Some(model) = self.answering(&endpoint)? else {
            let found = retrieved.map(|found| references(found, include_metadata));
            let last = sse::data(&last(found.as_ref(), &Value::Null));
            return Ok(sse::answer(futures_util::stream::iter([last, sse::text(DONE)])));
        };
        let documents = retrieved.as_ref().map(|found| found.documents.as_slice());
        let chat = prompt::chat(endpoint.slug.as_str(), request, documents);
        let found = retrieved.map(|found| references(found, include_metadata));
        let started = Instant::now();
        let mut pieces = match model.stream(chat).await {
            Ok(pieces) => pieces,
            Err(error) => return Ok(failure::response(&error)),
        };
        Ok(sse::answer(stream! {
            let mut reply = Reply { finish_reason: "stop".to_owned(), ..Reply::default() };
            while let Some(piece) = pieces.next().await {
                match piece {
                    Ok(Piece::Text(text)) => yield sse::data(&delta(&text)),
                    Ok(Piece::Finish(reason)) => reply.finish_reason = reason,
                    Ok(Piece::Usage(usage)) => reply.usage = Some(usage),
                    Err(error) => {
                        let message = failure::sentence(&error);
                        yield sse::data(&json!({"error": {"message": message}, "detail": message}));
                        return;
                    }
                }
            }
            yield sse::data(&last(found.as_ref(), &without_text(summary(&*model, reply, milliseconds(started)))));
            yield sse::text(DONE);
        }))
    }
}

fn delta(text: &str) -> Value {
    json!({"content": text, "choices": [{"index": 0, "delta": {"content": text}}]})
}

fn last(references: Option<&References>, summary: &Value) -> Value {
    json!({"done": true, "references": references, "summary": summary, "usage": summary["usage"]})
}

/// The summary without its text, which was streamed already.
fn without_text(summary: syfthub_core::wire::space::Summary) -> Value {
    let mut value = serde_json::to_value(summary).expect("a plain struct is JSON");
    if let Some(message) = value["message"].as_object_mut() {
        message.remove("content");
    }
    value
}
