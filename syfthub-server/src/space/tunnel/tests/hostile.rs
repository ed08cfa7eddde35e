//! What a space, or something that only says so, cannot do to the hub.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::response::Response;
use axum::routing::post;
use futures_util::{SinkExt as _, StreamExt as _};
use http::StatusCode;
use tokio::sync::Notify;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::{Stage, alive, detail};
use crate::config::HubConfig;

fn impatient(config: &mut HubConfig) {
    config.tunnels.tunnel_patience = Duration::from_millis(300);
    config.tunnels.tunnel_answer_timeout = Duration::from_millis(300);
    config.tunnels.tunnel_silence = Duration::from_millis(300);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_speak_the_protocol_takes_nobodys_place() {
    let stage = Stage::set(impatient).await;
    let tunnel = stage.tunnel(None, alive()).await;
    let garbage = Message::Binary(Bytes::from(vec![0xff; 100_000]));
    // A frame of HTTP/2 that announces more than it may.
    let huge = Message::Binary(Bytes::from_static(&[0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1]));
    for first in [Some(garbage), Some(Message::text("hello")), Some(huge), None] {
        let dialled = stage.dial(None).await.unwrap();
        let mut socket =
            WebSocketStream::from_raw_socket(dialled.connection, Role::Client, None).await;
        if let Some(message) = first {
            socket.send(message).await.unwrap();
        }
        // The hub hangs up, at the latest when its patience ends.
        while let Some(Ok(message)) = socket.next().await {
            if message.is_close() {
                break;
            }
        }
        let answer = stage.http.get(tunnel.url.clone()).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
    }
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn endless_headers_end_the_tunnel_they_come_through_and_nothing_else() {
    let stage = Stage::set(|_| {}).await;
    let endless = || async {
        let mut response = Response::new(Body::empty());
        for n in 0..2_000 {
            let value = "x".repeat(100).parse().unwrap();
            let name = http::HeaderName::try_from(format!("x-{n}")).unwrap();
            response.headers_mut().insert(name, value);
        }
        response
    };
    let router = alive()
        .route("/api/v1/endpoints/endless/query", post(endless))
        .route("/api/v1/endpoints/plain/query", post(|| async { "plain" }));
    let tunnel = stage.tunnel(None, router.clone()).await;
    let refused = stage.ask(&tunnel.url, "endless").await;
    assert_eq!(refused.status(), StatusCode::BAD_GATEWAY);
    let tunnel = stage.tunnel(None, router).await;
    assert_eq!(stage.ask(&tunnel.url, "plain").await.text().await.unwrap(), "plain");
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_space_that_keeps_callers_waiting_is_given_up() {
    let stage = Stage::set(impatient).await;
    let silent = || async { std::future::pending::<()>().await };
    let faltering = || async {
        let first =
            futures_util::stream::iter([Ok::<_, std::io::Error>(Bytes::from("data: 1\n\n"))]);
        Body::from_stream(first.chain(futures_util::stream::pending()))
    };
    let router = alive()
        .route("/api/v1/endpoints/silent/query", post(silent))
        .route("/api/v1/endpoints/faltering/query", post(faltering));
    let tunnel = stage.tunnel(None, router).await;
    let refused = stage.ask(&tunnel.url, "silent").await;
    assert_eq!(refused.status(), StatusCode::GATEWAY_TIMEOUT);
    assert_eq!(detail(refused).await, "The space did not begin to answer within 0.3s");
    let mut events = stage.ask(&tunnel.url, "faltering").await.bytes_stream();
    assert_eq!(events.next().await.unwrap().unwrap(), "data: 1\n\n");
    assert!(events.next().await.unwrap().is_err(), "the stream breaks off");
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_breaks_off_in_the_middle_is_told_as_such() {
    let stage = Stage::set(|_| {}).await;
    let half_is_there = Arc::new(Notify::new());
    let arrives = Arc::clone(&half_is_there);
    let broken = move || {
        let arrives = Arc::clone(&arrives);
        let pieces = async_stream::stream! {
            yield Ok(Bytes::from("half"));
            arrives.notified().await;
            yield Err(std::io::Error::other("the model died"));
        };
        async move { Body::from_stream(pieces) }
    };
    let router = alive().route("/api/v1/endpoints/broken/query", post(broken));
    let tunnel = stage.tunnel(None, router).await;
    let mut answer = stage.ask(&tunnel.url, "broken").await;
    assert_eq!(answer.chunk().await.unwrap().unwrap(), "half");
    half_is_there.notify_one();
    assert!(answer.chunk().await.is_err());
    assert_eq!(stage.http.get(tunnel.url).send().await.unwrap().status(), StatusCode::OK);
    stage.close().await;
}
