//! A model that streams in the form of OpenAI's API, which both spaces and gateways understand.
//!
//! Every token is a chunk of its own, as servers of models send them; the server writes those together that the reader
//! takes together.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::serve::ListenerExt as _;
use axum::{Json, Router};
use futures_util::stream::{self, StreamExt as _};
use serde_json::{Value, json};

use crate::fixtures::{Notes, mark};

/// Tokens of the answer that comes as fast as it is taken.
pub(super) const BURST: usize = 5000;
/// The same for a gateway that takes its time.
pub(super) const SHORT_BURST: usize = 500;
/// Tokens of the answer that comes at the pace of a fast model.
pub(super) const PACED: usize = 50;
/// Time between two of them.
const PACE: Duration = Duration::from_millis(1);
/// Tokens of the answer that keeps a stream open, and the time between two of them.
pub(super) const HELD: usize = 30;
const SLOWNESS: Duration = Duration::from_secs(1);

/// What the model says, as it goes over the wire.
struct Words {
    frames: Vec<Bytes>,
    notes: Notes,
}

/// Starts it; where it listens.
pub(super) async fn start(notes: Notes) -> anyhow::Result<SocketAddr> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let words = Arc::new(Words { frames: (0..BURST).map(frame).collect(), notes });
    let app = Router::new()
        .route("/api/v1/endpoints/{model}/query", post(as_space))
        .route("/v1/chat/completions", post(as_openai))
        .with_state(words);
    let listener = listener.tap_io(|stream| {
        // A token must not wait for the acknowledgement of the one before.
        stream.set_nodelay(true).ok();
    });
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok(address)
}

/// The text of the n-th token.
pub(super) fn word(n: usize) -> String {
    format!("w{n} ")
}

fn frame(n: usize) -> Bytes {
    let choice = json!({"index": 0, "delta": {"content": word(n)}, "finish_reason": null});
    let chunk = json!({"id": "chatcmpl-bench", "object": "chat.completion.chunk", "created": 1_700_000_000, "model": "bench", "choices": [choice]});
    format!("data: {chunk}\n\n").into()
}

async fn as_space(
    State(words): State<Arc<Words>>,
    Path(model): Path<String>,
    Json(body): Json<Value>,
) -> Response {
    answer(words, &model, &body)
}

async fn as_openai(State(words): State<Arc<Words>>, Json(body): Json<Value>) -> Response {
    let model = body["model"].as_str().unwrap_or_default().to_owned();
    answer(words, &model, &body)
}

fn answer(words: Arc<Words>, model: &str, body: &Value) -> Response {
    let frames = match model {
        "burst" => Body::from_stream(at_once(words, BURST)),
        "short-burst" => Body::from_stream(at_once(words, SHORT_BURST)),
        "paced" => Body::from_stream(paced(words, PACED, PACE, Some(mark(body)))),
        _ => Body::from_stream(paced(words, HELD, SLOWNESS, None)),
    };
    ([("content-type", "text/event-stream")], frames).into_response()
}

type Frame = Result<Bytes, std::convert::Infallible>;

const END: Bytes = Bytes::from_static(b"data: [DONE]\n\n");

fn at_once(words: Arc<Words>, count: usize) -> impl stream::Stream<Item = Frame> {
    let tokens = (0..count).map(move |n| Ok(words.frames[n].clone()));
    stream::iter(tokens.chain([Ok(END)]))
}

fn paced(
    words: Arc<Words>,
    count: usize,
    pace: Duration,
    mark: Option<String>,
) -> impl stream::Stream<Item = Frame> {
    let begun = Instant::now();
    stream::iter(0..=count).then(move |n| {
        let (words, mark) = (Arc::clone(&words), mark.clone());
        async move {
            if (1..count).contains(&n) {
                tokio::time::sleep(pace).await;
            }
            if let Some(mark) = &mark {
                words.notes.note(mark, |work| match n {
                    0 => work.first_token = Some(Instant::now()),
                    _ if n == count => work.model = begun.elapsed(),
                    _ => {}
                });
            }
            Ok(if n == count { END } else { words.frames[n].clone() })
        }
    })
}

/// What the model is asked, with `mark` in it.
pub(super) fn messages(mark: &str) -> Value {
    json!({"messages": [{"role": "user", "content": format!("What is {mark}")}], "stream": true, "max_tokens": 1024})
}
