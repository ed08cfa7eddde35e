//! A source that is dead, slow, broken or talks nonsense costs its own documents and nothing else.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::process::HubProcess;

/// The sources asked, in this order, and the status that each must be reported with.
const SOURCES: [(&str, &str); 7] = [
    ("good", "success"),
    ("empty", "success"),
    ("slow", "timeout"),
    ("garbage", "error"),
    ("page", "error"),
    ("broken", "error"),
    ("dead", "error"),
];

const SETTINGS: [(&str, &str); 2] =
    [("AGGREGATOR_RETRIEVAL_TIMEOUT", "1"), ("SYFTHUB_OUTBOUND_ALLOW", "127.0.0.0/8")];

#[tokio::test]
async fn failing_sources_cost_their_own_documents_and_are_reported() {
    let home = tempfile::tempdir().unwrap();
    let hub = HubProcess::start(home.path(), &SETTINGS).await;
    let (nodes, dead) = (nodes().await, dead_address().await);

    let answer =
        hub.http().post(hub.at("/aggregator/api/v1/chat")).json(&question(nodes.addr, dead)).send();
    let answer = answer.await.unwrap().error_for_status().unwrap().json::<Value>().await.unwrap();
    assert_eq!(answer["response"], "Granite, says the model.");
    assert_eq!(
        reports(&answer["retrieval_info"]),
        SOURCES.map(|(slug, status)| (format!("ann/{slug}"), status.to_owned()))
    );
    for info in answer["retrieval_info"].as_array().unwrap() {
        let told = info["error_message"].as_str().is_some_and(|text| !text.is_empty());
        assert_eq!(
            told,
            info["status"] != "success",
            "a failure says why, a success has nothing to say: {info}"
        );
    }
    let cited: Vec<_> =
        answer["sources"].as_object().unwrap().values().map(|source| &source["slug"]).collect();
    assert_eq!(cited, ["ann/good"]);
}

#[tokio::test]
async fn a_stream_goes_on_past_failing_sources_and_ends_with_exactly_one_terminal_event() {
    let home = tempfile::tempdir().unwrap();
    let hub = HubProcess::start(home.path(), &SETTINGS).await;
    let (nodes, dead) = (nodes().await, dead_address().await);

    let request =
        hub.http().post(hub.at("/aggregator/api/v1/chat/stream")).json(&question(nodes.addr, dead));
    let text = request.send().await.unwrap().error_for_status().unwrap().text().await.unwrap();
    let events: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("event: ")).collect();
    assert_eq!(events.iter().filter(|event| **event == "source_complete").count(), SOURCES.len());
    assert_eq!(events.iter().filter(|event| ["done", "error"].contains(event)).count(), 1);
    assert_eq!(events.last(), Some(&"done"));
    let done = text.lines().rev().find_map(|line| line.strip_prefix("data: ")).unwrap();
    let done: Value = serde_json::from_str(done).unwrap();
    let mut seen = reports(&done["retrieval_info"]);
    let mut expected =
        SOURCES.map(|(slug, status)| (format!("ann/{slug}"), status.to_owned())).to_vec();
    seen.sort();
    expected.sort();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_caller_who_hangs_up_stops_the_sources_that_still_work() {
    let home = tempfile::tempdir().unwrap();
    let hub =
        HubProcess::start(home.path(), &[("AGGREGATOR_RETRIEVAL_TIMEOUT", "60"), SETTINGS[1]])
            .await;
    let nodes = nodes().await;

    let body = json!({"prompt": "What is it made of?", "model": node(nodes.addr, "model"), "data_sources": [node(nodes.addr, "slow")]});
    let mut answer =
        hub.http().post(hub.at("/aggregator/api/v1/chat/stream")).json(&body).send().await.unwrap();
    assert!(answer.chunk().await.unwrap().is_some());
    nodes.slow_began.notified().await;
    drop(answer);
    tokio::time::timeout(Duration::from_secs(20), nodes.slow_ended.notified())
        .await
        .expect("the source was let go");
}

fn question(nodes: SocketAddr, dead: SocketAddr) -> Value {
    let sources = SOURCES.map(|(slug, _)| node(if slug == "dead" { dead } else { nodes }, slug));
    json!({"prompt": "What is the lighthouse made of?", "model": node(nodes, "model"), "data_sources": sources})
}

fn node(addr: SocketAddr, slug: &str) -> Value {
    json!({"url": format!("http://{addr}"), "slug": slug, "name": slug, "tenant_name": null, "owner_username": "ann"})
}

fn reports(info: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    info.as_array()
        .into_iter()
        .flatten()
        .map(|info| (text(&info["path"]), text(&info["status"])))
        .collect()
}

/// Nodes of every temper behind one listener.
struct Nodes {
    addr: SocketAddr,
    /// Rings when the slow source was asked, and when whoever asked it has gone.
    slow_began: Arc<Notify>,
    slow_ended: Arc<Notify>,
}

async fn nodes() -> Nodes {
    let (slow_began, slow_ended) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (began, ended) = (slow_began.clone(), slow_ended.clone());
    let slow = move || {
        let (began, gone) = (began.clone(), Gone(ended.clone()));
        async move {
            began.notify_one();
            let _gone = gone;
            std::future::pending::<Response>().await
        }
    };
    let path = |slug: &str| format!("/api/v1/endpoints/{slug}/query");
    let app = Router::new()
        .route(&path("good"), post(|| async { documents(&["The lighthouse is made of granite."]) }))
        .route(&path("empty"), post(|| async { documents(&[]) }))
        .route(&path("slow"), post(slow))
        .route(
            &path("garbage"),
            post(|| async { ([("content-type", "application/json")], "{\"references\": [7,") }),
        )
        .route(&path("page"), post(|| async { Html("<html><body>It works!</body></html>") }))
        .route(
            &path("broken"),
            post(|| async {
                (StatusCode::INTERNAL_SERVER_ERROR, Json(json!({"detail": "out of order"})))
            }),
        )
        .route(&path("model"), post(model));
    let listener =
        tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
    let addr = listener.local_addr().expect("it is bound");
    tokio::spawn(async move { axum::serve(listener, app).await });
    Nodes { addr, slow_began, slow_ended }
}

/// Rings when a handler is dropped.
struct Gone(Arc<Notify>);

impl Drop for Gone {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

fn documents(texts: &[&str]) -> Json<Value> {
    let documents: Vec<Value> = texts
        .iter()
        .map(|text| json!({"document_id": "d1", "content": text, "metadata": {"title": "Granite"}, "similarity_score": 0.9}))
        .collect();
    Json(json!({"summary": null, "references": {"documents": documents}}))
}

async fn model(Json(body): Json<Value>) -> Response {
    if body["stream"] == true {
        let frames = ["Granite, ", "says the model."].map(|text| {
            Ok::<_, std::io::Error>(Bytes::from(format!("data: {}\n\n", json!({"content": text}))))
        });
        let frames = futures_util::stream::iter(
            frames.into_iter().chain([Ok(Bytes::from_static(b"data: [DONE]\n\n"))]),
        );
        return ([("content-type", "text/event-stream")], Body::from_stream(frames))
            .into_response();
    }
    let message = json!({"role": "assistant", "content": "Granite, says the model."});
    Json(json!({"summary": {"id": "1", "model": "m", "message": message, "finish_reason": "stop"}, "references": null})).into_response()
}

/// An address where nobody listens.
async fn dead_address() -> SocketAddr {
    let listener =
        tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
    listener.local_addr().expect("it is bound")
}
