//! Events of an answer as server-sent events (contract aggregator 1.7).
//!
//! Unless the request asks for more, only the events and keys that every published client reads are sent, and nothing is
//! null: an unknown event is an error to them, and a null in `done` ends their reading.

use futures_util::{Stream, StreamExt as _, stream};
use serde::Serialize;
use syfthub_core::rag::{AnswerEvent, Cost};
use syfthub_core::wire::billing::Billing;
use syfthub_core::wire::citation::CitedSpan;

use super::bounds;
use super::done::Done;
use super::profile::Profile;
use crate::http::sse::{self, Event};

#[derive(Serialize)]
struct Started {
    sources: usize,
}

#[derive(Serialize)]
struct Source {
    path: String,
    status: &'static str,
    documents: usize,
    #[serde(flatten)]
    details: Option<Details>,
}

/// What is told of a source to those who ask for phases.
#[derive(Serialize)]
struct Details {
    source: usize,
    time_ms: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<String>,
}

#[derive(Serialize)]
struct Reranking {
    documents: usize,
}

#[derive(Serialize)]
struct Reranked {
    documents: usize,
    time_ms: i64,
}

#[derive(Serialize)]
struct Retrieved {
    total_documents: usize,
    time_ms: i64,
}

#[derive(Serialize)]
struct Nothing {}

#[derive(Serialize)]
struct Beat {
    elapsed_ms: i64,
}

#[derive(Serialize)]
struct Token {
    content: String,
}

#[derive(Serialize)]
struct Cited<'a> {
    citations: &'a [CitedSpan],
}

#[derive(Serialize)]
struct Failed {
    message: String,
    /// A word for programs, for those who ask for phases.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    billing: Option<Billing>,
}

/// The most bytes of the bill of a failure, and of its sentence.
const BILLING: usize = 48 * 1024;
const MESSAGE: usize = 4 * 1024;

/// The events that a client of `profile` reads, in frames that no line limit cuts.
pub(super) fn frames(
    events: impl Stream<Item = AnswerEvent> + Send,
    profile: Profile,
) -> impl Stream<Item = Event> + Send {
    events.flat_map(move |event| {
        let before = match &event {
            AnswerEvent::Done(answer) if profile.citations => cited(&answer.citations),
            _ => Vec::new(),
        };
        stream::iter(before.into_iter().chain(frame(event, profile)))
    })
}

fn cited(citations: &[CitedSpan]) -> Vec<Event> {
    let piece = |citations| sse::event("citations", &Cited { citations });
    bounds::pieces(citations).into_iter().map(piece).collect()
}

/// `event` as a client of `profile` reads it; none when it does not read such events.
fn frame(event: AnswerEvent, profile: Profile) -> Option<Event> {
    Some(match event {
        AnswerEvent::RetrievalStart { sources } => {
            sse::event("retrieval_start", &Started { sources })
        }
        AnswerEvent::SourceComplete {
            source,
            path,
            status,
            documents,
            time_ms,
            error_message,
            cost,
        } => {
            let details = profile.phases.then(|| details(source, time_ms, error_message, cost));
            let status = profile.status(status).as_str();
            sse::event("source_complete", &Source { path, status, documents, details })
        }
        AnswerEvent::RerankingStart { documents } if profile.rerank => {
            sse::event("reranking_start", &Reranking { documents })
        }
        AnswerEvent::RerankingComplete { documents, time_ms } if profile.rerank => {
            sse::event("reranking_complete", &Reranked { documents, time_ms })
        }
        AnswerEvent::RetrievalComplete { total_documents, time_ms } => {
            sse::event("retrieval_complete", &Retrieved { total_documents, time_ms })
        }
        AnswerEvent::GenerationStart => sse::event("generation_start", &Nothing {}),
        AnswerEvent::GenerationHeartbeat { elapsed_ms } if profile.heartbeat => {
            sse::event("generation_heartbeat", &Beat { elapsed_ms })
        }
        AnswerEvent::Token { content } => sse::event("token", &Token { content }),
        AnswerEvent::Done(answer) => sse::event("done", &Done::of(*answer, profile)),
        AnswerEvent::Error { error, billing } => {
            let message = bounds::text(error.to_string(), MESSAGE);
            let billing = billing.map(|billing| bounds::billing(billing, BILLING));
            let error = profile.phases.then(|| error.code());
            sse::event("error", &Failed { message, error, billing })
        }
        AnswerEvent::RerankingStart { .. }
        | AnswerEvent::RerankingComplete { .. }
        | AnswerEvent::GenerationHeartbeat { .. } => return None,
    })
}

fn details(
    source: usize,
    time_ms: i64,
    error_message: Option<String>,
    cost: Option<Cost>,
) -> Details {
    let (cost, currency) = cost.map(|cost| (cost.amount.to_units(), cost.currency)).unzip();
    Details { source, time_ms, error_message, cost, currency: currency.flatten() }
}

#[cfg(test)]
#[path = "frame_tests.rs"]
mod tests;
