//! Answers that stream.

use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes};
use futures_util::{StreamExt as _, stream};
use http_body_util::BodyExt as _;
use tokio::sync::mpsc;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::*;
use crate::fixture::reply;

type Pieces = mpsc::UnboundedReceiver<Result<Bytes, io::Error>>;

/// A space whose stream is what the test sends, and a token that tells when the hub has let go of it.
async fn streaming(
    adjust: impl FnOnce(&mut HubConfig),
) -> (Setting, mpsc::UnboundedSender<Result<Bytes, io::Error>>, CancellationToken) {
    let (send, pieces) = mpsc::unbounded_channel();
    let closed = CancellationToken::new();
    let body =
        std::sync::Arc::new(std::sync::Mutex::new(Some((pieces, closed.clone().drop_guard()))));
    let setting = Setting::with(adjust, move |_: Seen| {
        let (mut pieces, guard): (Pieces, DropGuard) =
            body.lock().unwrap().take().expect("one call");
        let events = stream::poll_fn(move |context| {
            let _held = &guard;
            pieces.poll_recv(context)
        });
        async move { reply(200, "text/event-stream", Body::from_stream(events)) }
    });
    (setting.await, send, closed)
}

async fn ask(setting: &Setting) -> axum::response::Response {
    let request = http::Request::post("/ada/notes").body(Body::from("{}")).unwrap();
    setting.hub.respond(request).await
}

/// Lets the space say something.
fn say(space: &mpsc::UnboundedSender<Result<Bytes, io::Error>>, text: &'static str) {
    space.send(Ok(Bytes::from_static(text.as_bytes()))).unwrap();
}

#[tokio::test]
async fn events_are_passed_on_while_they_come() {
    let (setting, space, _) = streaming(|_| {}).await;
    say(&space, "data: It\n\n");
    let response = ask(&setting).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/event-stream; charset=utf-8");
    assert_eq!(response.headers()["x-accel-buffering"], "no");
    assert!(response.headers().contains_key("x-proxy-latency-ms"));
    let mut body = response.into_body().into_data_stream();
    assert_eq!(body.next().await.unwrap().unwrap(), "data: It\n\n");
    // The space says this only after the first event has arrived.
    say(&space, "data: rains\n\n");
    assert_eq!(body.next().await.unwrap().unwrap(), "data: rains\n\n");
    drop(space);
    assert!(body.next().await.is_none());
}

#[tokio::test]
async fn a_caller_who_hangs_up_ends_the_call() {
    let (setting, space, closed) = streaming(|_| {}).await;
    say(&space, "data: It\n\n");
    let mut body = ask(&setting).await.into_body();
    body.frame().await.unwrap().unwrap();
    drop(body);
    closed.cancelled().await;
}

#[tokio::test]
async fn a_stream_that_falls_silent_or_lasts_or_grows_too_long_breaks_off() {
    let brief = Duration::from_millis(50);
    let limits: [fn(&mut HubConfig, Duration); 3] = [
        |config, brief| config.invocation.invocation_stream_silence = brief,
        |config, brief| config.invocation.invocation_stream_timeout = brief,
        |config, _| config.invocation.invocation_max_response_bytes = 10,
    ];
    for limit in limits {
        let (setting, space, closed) = streaming(|config| limit(config, brief)).await;
        say(&space, "data: It\n\n");
        let mut body = ask(&setting).await.into_body().into_data_stream();
        assert_eq!(body.next().await.unwrap().unwrap(), "data: It\n\n");
        // Only the last limit is about this one; the others are reached without it.
        let longer = setting.hub.hub.invocation.settings.invocation_max_response_bytes == 10;
        if longer {
            say(&space, "data: rains\n\n");
        }
        assert!(body.next().await.unwrap().is_err(), "the caller can tell a cut from an end");
        drop(body);
        closed.cancelled().await;
    }
}

#[tokio::test]
async fn a_stream_that_the_space_breaks_off_is_no_end() {
    let (setting, space, _) = streaming(|_| {}).await;
    say(&space, "data: It\n\n");
    let mut body = ask(&setting).await.into_body();
    body.frame().await.unwrap().unwrap();
    space.send(Err(io::Error::other("gone"))).unwrap();
    assert!(body.collect().await.is_err());
}
