//! Nodes whose endpoints are named after what they do.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// Text with everything that some client takes for the end of a line.
pub(super) const ODD: &str = "a\u{2028}b\u{85}c\u{2029}d \u{1f600} \"quoted\" back\\slash\nnext é";

/// What an endpoint was asked.
#[derive(Debug, Clone)]
pub(super) struct Question {
    pub(super) slug: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Value,
}

/// A node that answers, and what it was asked.
pub(super) struct Nodes {
    pub(super) url: String,
    asked: Arc<Mutex<Vec<Question>>>,
}

impl Nodes {
    pub(super) async fn start() -> Self {
        let asked = Arc::<Mutex<Vec<Question>>>::default();
        let app = Router::new()
            .route("/api/v1/endpoints/{slug}/query", post(query))
            .with_state(Arc::clone(&asked));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, asked }
    }

    pub(super) fn asked(&self) -> Vec<Question> {
        self.asked.lock().expect("nobody panics with it").clone()
    }
}

async fn query(
    State(asked): State<Arc<Mutex<Vec<Question>>>>,
    Path(slug): Path<String>,
    headers: HeaderMap,
    axum::Json(body): axum::Json<Value>,
) -> Response {
    let streams = body["stream"] == true;
    let question = Question { slug: slug.clone(), headers, body };
    asked.lock().expect("nobody panics with it").push(question);
    match slug.as_str() {
        "notes" => documents("Granite", "The lighthouse is made of granite."),
        "odd-notes" => documents("Odd", ODD),
        "wide" => {
            let document = |n: usize| json!({"content": format!("{n} {}", "\u{2028}\"".repeat(5_000)), "metadata": {"title": "\"".repeat(250)}, "similarity_score": 0.9});
            let documents: Vec<Value> = (0..20).map(document).collect();
            axum::Json(json!({"references": {"documents": documents}})).into_response()
        }
        "empty" => axum::Json(json!({"references": {"documents": []}})).into_response(),
        "denied" => failure(403, "members only"),
        "paid" => {
            let challenge = r#"Payment realm="space", amount="0.5", currency="USD""#;
            ([("www-authenticate", challenge)], failure(402, "pay first")).into_response()
        }
        "broken" => failure(500, "out of order"),
        "hangs" => std::future::pending().await,
        "garbage" => {
            ([("content-type", "application/json")], "{\"references\": [7,").into_response()
        }
        "null" => axum::Json(json!({"summary": {"message": {"content": null}}})).into_response(),
        "odd" => said(streams, ODD),
        "long" => said(streams, &"The lighthouse is made of granite [cite:1]. ".repeat(5_000)),
        "slow" => {
            tokio::time::sleep(Duration::from_millis(1500)).await;
            said(streams, "Granite, in the end.")
        }
        _ => said(streams, "Granite, says the model."),
    }
}

fn documents(title: &str, text: &str) -> Response {
    let document = json!({"document_id": "d1", "content": text, "metadata": {"title": title}, "similarity_score": 0.9});
    axum::Json(json!({"summary": null, "references": {"documents": [document]}})).into_response()
}

fn failure(status: u16, detail: &str) -> Response {
    let status = axum::http::StatusCode::from_u16(status).expect("a status");
    (status, axum::Json(json!({"detail": detail}))).into_response()
}

/// A model's answer, in two pieces when it is streamed.
fn said(streams: bool, text: &str) -> Response {
    if !streams {
        let usage = json!({"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7});
        let summary = json!({"message": {"role": "assistant", "content": text}, "usage": usage});
        return axum::Json(json!({"summary": summary, "references": null})).into_response();
    }
    let (first, rest) = text.split_at(text.char_indices().nth(3).map_or(0, |(at, _)| at));
    let frames = [first, rest].map(|text| format!("data: {}\n\n", json!({"content": text})));
    let frames = frames.into_iter().chain(["data: [DONE]\n\n".to_owned()]);
    let stream = futures_util::stream::iter(
        frames.map(|frame| Ok::<_, std::io::Error>(Bytes::from(frame))).collect::<Vec<_>>(),
    );
    ([("content-type", "text/event-stream")], Body::from_stream(stream)).into_response()
}

/// What happens at a [`Silent`] node.
#[derive(Debug, PartialEq)]
pub(super) enum Sign {
    /// A question has arrived.
    Asked,
    /// Whoever asked has closed the connection.
    Left,
}

/// A node that begins an answer, or does not even do that, and waits until whoever asked is gone.
pub(super) struct Silent {
    pub(super) url: String,
    signs: mpsc::UnboundedReceiver<Sign>,
}

impl Silent {
    /// A node that sends `beginning` to everybody.
    pub(super) async fn start(beginning: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let (tell, signs) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(attend(stream, beginning, tell.clone()));
            }
        });
        Self { url, signs }
    }

    /// The next sign, which must come within `patience`.
    pub(super) async fn next(&mut self, patience: Duration) -> Sign {
        let sign = tokio::time::timeout(patience, self.signs.recv()).await;
        sign.expect("in time").expect("the node goes on")
    }
}

async fn attend(mut stream: TcpStream, beginning: &str, tell: mpsc::UnboundedSender<Sign>) {
    let mut bytes = [0; 16 * 1024];
    let first = stream.read(&mut bytes).await.unwrap_or_default();
    if first == 0 {
        return;
    }
    stream.write_all(beginning.as_bytes()).await.ok();
    // The test may be over already.
    tell.send(Sign::Asked).ok();
    while stream.read(&mut bytes).await.is_ok_and(|read| read > 0) {}
    tell.send(Sign::Left).ok();
}
