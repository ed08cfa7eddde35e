use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::Map;
use tokio::net::TcpListener;

use super::super::provider;
use super::*;
use crate::space::kind::read;
use syfthub_core::input::{Fields, Input, Place};

/// A server whose every answer is made by `answer` from the number of the request and its body.
async fn server<F>(answer: F) -> String
where
    F: Fn(usize, Value) -> Response + Clone + Send + Sync + 'static,
{
    let asked = Arc::new(AtomicUsize::new(0));
    let handle = move |headers: HeaderMap, body: String| {
        let n = asked.fetch_add(1, Ordering::SeqCst);
        let allowed = headers[header::AUTHORIZATION] == "Bearer sk-1";
        let body = serde_json::from_str(&body).unwrap();
        let response =
            if allowed { answer(n, body) } else { StatusCode::UNAUTHORIZED.into_response() };
        async move { response }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1/", listener.local_addr().unwrap());
    let router = Router::new().route("/v1/embeddings", post(handle));
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

/// A vector that tells which text it belongs to; the last text comes first.
fn echo(body: &Value) -> Response {
    let texts = body["input"].as_array().unwrap();
    let data: Vec<Value> = texts
        .iter()
        .enumerate()
        .rev()
        .map(|(n, text)| json!({"index": n, "embedding": [text.as_str().unwrap().len(), 1.0]}))
        .collect();
    axum::Json(json!({"object": "list", "data": data})).into_response()
}

struct Part(Option<super::super::Provider>);

impl Input for Part {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        provider(&mut Fields::of(value, place)?).map(Self)
    }
}

async fn embedder(base: &str, more: Value) -> Arc<dyn Embedder> {
    let mut embedding =
        json!({"provider": "openai", "model": "m", "base_url": base, "api_key": "sk-1"});
    embedding.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
    let configuration: Map<String, Value> =
        [("embedding".to_owned(), embedding)].into_iter().collect();
    let provider = read::<Part>(&configuration).unwrap().0.unwrap();
    provider.open().await.unwrap()
}

fn texts(count: usize) -> Vec<String> {
    (0..count).map(|n| "x".repeat(n + 1)).collect()
}

#[tokio::test]
async fn many_texts_travel_in_batches_and_come_back_in_their_order() {
    let sizes = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&sizes);
    let url = server(move |_, body| {
        seen.lock().unwrap().push(body["input"].as_array().unwrap().len());
        echo(&body)
    })
    .await;
    let vectors =
        embedder(&url, json!({})).await.embed(texts(300), Purpose::Passage).await.unwrap();
    assert_eq!(vectors.len(), 300);
    for (n, vector) in vectors.iter().enumerate() {
        let length = vector.iter().map(|x| x * x).sum::<f32>();
        assert!(
            (length - 1.0).abs() < 1e-4
                && (vector[0] / vector[1] - f32::from(u16::try_from(n + 1).unwrap())).abs() < 0.1
        );
    }
    let mut sizes = sizes.lock().unwrap().clone();
    sizes.sort_unstable();
    assert_eq!(sizes, [44, 128, 128]);
}

#[tokio::test]
async fn a_busy_or_failing_server_is_asked_again_for_passages_and_once_for_a_question() {
    let grumpy = |n, body| match n {
        0 => (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "0")]).into_response(),
        1 => (StatusCode::BAD_GATEWAY, [(header::RETRY_AFTER, "0")]).into_response(),
        _ => echo(&body),
    };
    let url = server(grumpy).await;
    let passages = embedder(&url, json!({})).await;
    assert_eq!(passages.embed(texts(1), Purpose::Passage).await.unwrap().len(), 1);
    let url = server(grumpy).await;
    let question = embedder(&url, json!({})).await;
    assert_eq!(question.embed(texts(1), Purpose::Question).await, Err(EmbedError::Busy));
}

#[tokio::test]
async fn purpose_and_dimensions_reach_the_server() {
    let bodies = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&bodies);
    let url = server(move |_, body| {
        let answer = echo(&body);
        seen.lock().unwrap().push(body);
        answer
    })
    .await;
    let more =
        json!({"dimensions": 2, "question_prefix": "query: ", "passage_prefix": "passage: "});
    let embedder = embedder(&url, more).await;
    embedder.embed(vec!["a".to_owned()], Purpose::Question).await.unwrap();
    embedder.embed(vec!["b".to_owned()], Purpose::Passage).await.unwrap();
    let bodies = bodies.lock().unwrap().clone();
    assert_eq!(bodies[0], json!({"model": "m", "input": ["query: a"], "dimensions": 2}));
    assert_eq!(bodies[1]["input"], json!(["passage: b"]));
}

#[tokio::test]
async fn failures_have_their_causes() {
    let failed = async |status: u16, body: &'static str| {
        let url =
            server(move |_, _| (StatusCode::from_u16(status).unwrap(), body).into_response()).await;
        embedder(&url, json!({})).await.embed(texts(2), Purpose::Question).await.unwrap_err()
    };
    assert_eq!(failed(401, "").await, EmbedError::Denied);
    assert_eq!(failed(500, "").await, EmbedError::Failed(500));
    let refused = failed(400, "{\"error\":{\"message\":\"too\\nlong\"}}").await;
    assert_eq!(refused, EmbedError::Refused("toolong".to_owned()));
    assert_eq!(failed(200, "garbage").await, EmbedError::Unreadable);
    let one_of_two = "{\"data\":[{\"index\":0,\"embedding\":[1,0]}]}";
    assert_eq!(failed(200, one_of_two).await, EmbedError::Unreadable);
    let no_direction =
        "{\"data\":[{\"index\":0,\"embedding\":[0,0]},{\"index\":1,\"embedding\":[1,0]}]}";
    assert_eq!(failed(200, no_direction).await, EmbedError::Unreadable);
}

#[tokio::test]
async fn a_model_that_changes_its_dimensions_is_noticed() {
    let url = server(|n, _| {
        let vector = if n == 0 { json!([1.0, 0.0]) } else { json!([1.0, 0.0, 0.0]) };
        axum::Json(json!({"data": [{"index": 0, "embedding": vector}]})).into_response()
    })
    .await;
    let embedder = embedder(&url, json!({})).await;
    embedder.embed(texts(1), Purpose::Question).await.unwrap();
    let changed = embedder.embed(texts(1), Purpose::Question).await;
    assert_eq!(changed, Err(EmbedError::Dimensions { expected: 2, found: 3 }));
}

#[tokio::test]
async fn a_server_that_is_away_is_unreachable_and_that_passes() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    drop(listener);
    let away =
        embedder(&url, json!({})).await.embed(texts(1), Purpose::Question).await.unwrap_err();
    assert_eq!(away, EmbedError::Unreachable);
    assert!(away.is_transient());
}

#[tokio::test]
async fn the_identity_is_the_model_and_not_its_machine() {
    let (here, there) = ("http://127.0.0.1:1/v1", "http://127.0.0.1:2/v1");
    let of = async |url, more| embedder(url, more).await.identity().to_owned();
    assert_eq!(of(here, json!({})).await, of(there, json!({})).await);
    assert_ne!(of(here, json!({})).await, of(here, json!({"model": "n"})).await);
    assert_ne!(of(here, json!({})).await, of(here, json!({"dimensions": 2})).await);
    assert_ne!(of(here, json!({})).await, of(here, json!({"passage_prefix": "p"})).await);
}

#[test]
fn a_batch_is_bounded_by_its_bytes_too() {
    let large = "x".repeat(MOST_BYTES / 2 + 1);
    let sizes: Vec<usize> =
        batches(vec![large.clone(), large.clone(), "y".to_owned()]).iter().map(Vec::len).collect();
    assert_eq!(sizes, [1, 2]);
    assert!(batches(Vec::new()).is_empty());
}
