//! Nodes of a federation whose speed is known: data sources that take 20 ms, a model that speaks 50 tokens.
//! They note when they worked, so that the time the aggregator adds can be told from the time it waited.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::Context;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::routing::post;
use axum::serve::ListenerExt as _;
use axum::{Json, Router};
use serde_json::{Value, json};

/// Time a source takes to answer.
const SOURCE: Duration = Duration::from_millis(20);
/// Tokens of an answer, and the time between two.
const TOKENS: usize = 50;
const GAP: Duration = Duration::from_millis(1);

/// When the nodes worked on one question.
#[derive(Clone, Copy, Default)]
pub(crate) struct Work {
    /// The longest that a source took.
    pub(crate) slowest_source: Duration,
    /// From the model's request to its last byte.
    pub(crate) model: Duration,
    /// When the model let go of its first token.
    pub(crate) first_token: Option<Instant>,
}

/// The nodes' notes, by question.
#[derive(Clone, Default)]
pub(crate) struct Notes(Arc<Mutex<HashMap<String, Work>>>);

impl Notes {
    /// What the nodes did for the question that carries `mark`.
    pub(crate) fn take(&self, mark: &str) -> anyhow::Result<Work> {
        self.0.lock().expect("no holder panics").remove(mark).context("no node was asked")
    }

    /// Adds to it.
    pub(crate) fn note(&self, mark: &str, change: impl FnOnce(&mut Work)) {
        change(self.0.lock().expect("no holder panics").entry(mark.to_owned()).or_default());
    }
}

/// Starts one listener that plays every node.
pub(crate) async fn start(notes: Notes) -> anyhow::Result<SocketAddr> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let addr = listener.local_addr()?;
    let app = Router::new()
        .route("/api/v1/endpoints/model/query", post(model))
        .route("/api/v1/endpoints/{source}/query", post(source))
        .with_state(notes);
    let listener = listener.tap_io(|stream| {
        // A token must not wait for the acknowledgement of the one before.
        stream.set_nodelay(true).ok();
    });
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok(addr)
}

/// The `q-N` that marks a question, wherever it stands in the body.
pub(crate) fn mark(body: &Value) -> String {
    let text = body["messages"].to_string();
    let start = text.rfind("q-").unwrap_or_default();
    text[start..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect()
}

async fn source(
    State(notes): State<Notes>,
    Path(source): Path<String>,
    Json(body): Json<Value>,
) -> Json<Value> {
    let start = Instant::now();
    tokio::time::sleep(SOURCE).await;
    let documents: Vec<Value> = (0..5)
        .map(|n| {
            // Each is another text: of the same text, only one counts.
            let content = format!("Page {n} of {source}. {}", "A passage of plain text. ".repeat(19));
            json!({"document_id": format!("d{n}"), "content": content, "metadata": {"title": format!("Page {n}")}, "similarity_score": 0.9})
        })
        .collect();
    let took = start.elapsed();
    notes.note(&mark(&body), |work| work.slowest_source = work.slowest_source.max(took));
    Json(json!({"summary": null, "references": {"documents": documents}}))
}

async fn model(
    State(notes): State<Notes>,
    Json(body): Json<Value>,
) -> ([(&'static str, &'static str); 1], Body) {
    let (start, mark) = (Instant::now(), mark(&body));
    let frames = async_stream::stream! {
        for n in 0..TOKENS {
            if n == 0 {
                notes.note(&mark, |work| work.first_token = Some(Instant::now()));
            } else {
                tokio::time::sleep(GAP).await;
            }
            yield Ok::<_, std::io::Error>(Bytes::from(format!("data: {{\"content\":\"word{n} \"}}\n\n")));
        }
        notes.note(&mark, |work| work.model = start.elapsed());
        yield Ok(Bytes::from_static(b"data: [DONE]\n\n"));
    };
    ([("content-type", "text/event-stream")], Body::from_stream(frames))
}
