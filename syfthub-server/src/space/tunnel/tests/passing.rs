//! What goes through: questions, answers, streams, and going away.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use futures_util::StreamExt as _;
use http::StatusCode;
use sha2::{Digest as _, Sha256};
use tokio::sync::{Barrier, Notify, mpsc};

use super::{Stage, alive, query};

fn at(slug: &str, answer: axum::routing::MethodRouter) -> Router {
    alive().route(&format!("/api/v1/endpoints/{slug}/query"), answer)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_and_its_answer_pass_without_what_is_nobody_elses_business() {
    let stage = Stage::set(|_| {}).await;
    let echo = |request: Request| async move {
        let mut lines: Vec<String> = request
            .headers()
            .iter()
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect();
        lines.sort();
        let body = axum::body::to_bytes(request.into_body(), 1 << 20).await.unwrap();
        let mut response = (StatusCode::IM_A_TEAPOT, lines.join("\n")).into_response();
        let headers = response.headers_mut();
        headers.insert("set-cookie", "session=evil".parse().unwrap());
        headers.insert("access-control-allow-origin", "*".parse().unwrap());
        headers.insert("retry-after", "7".parse().unwrap());
        headers.insert("x-length", body.len().to_string().parse().unwrap());
        response
    };
    let tunnel = stage.tunnel(None, at("echo", post(echo))).await;
    assert_eq!(tunnel.url.as_str(), format!("{}s/ada", stage.hub));
    let answer = stage
        .http
        .post(query(&tunnel.url, "echo"))
        .header("authorization", "Bearer satellite")
        .header("cookie", "hub=secret")
        .header("x-forwarded-for", "6.6.6.6")
        .header("x-correlation-id", "job-7")
        .header("x-tenant-name", "law")
        .body("{}")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::IM_A_TEAPOT);
    assert_eq!(answer.headers()["retry-after"], "7");
    assert_eq!(answer.headers()["x-correlation-id"], "job-7");
    for absent in ["set-cookie", "access-control-allow-origin", "x-length"] {
        assert!(!answer.headers().contains_key(absent), "{absent}");
    }
    let seen = answer.text().await.unwrap();
    for line in [
        "authorization: Bearer satellite",
        "x-forwarded-for: 127.0.0.1",
        "x-correlation-id: job-7",
        "x-tenant-name: law",
    ] {
        assert!(seen.lines().any(|seen| seen == line), "{line} in {seen}");
    }
    assert!(!seen.contains("secret") && !seen.contains("6.6.6.6"), "{seen}");
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_but_questions_and_signs_of_life_passes() {
    let stage = Stage::set(|_| {}).await;
    let everything = alive().fallback(|| async { "the admin API" });
    let tunnel = stage.tunnel(None, everything).await;
    for path in ["/", "/health"] {
        let answer = stage.http.get(format!("{}{path}", tunnel.url)).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
    }
    for path in [
        "/metrics",
        "/readyz",
        "/api/v1/datasets/",
        "/api/v1/endpoints/x/query",
        "/%2e%2e/api/v1/users/me",
    ] {
        let answer = stage.http.get(format!("{}{path}", tunnel.url)).send().await.unwrap();
        let status = answer.status();
        assert!(status == 404 || status == 405, "{path}: {status}");
        assert!(!answer.text().await.unwrap().contains("admin API"), "{path}");
    }
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_arrive_one_by_one_as_the_space_sends_them() {
    let stage = Stage::set(|_| {}).await;
    let (send, receive) = mpsc::channel::<Result<Bytes, std::io::Error>>(1);
    let receive = Arc::new(std::sync::Mutex::new(Some(receive)));
    let events = move || {
        let mut receive = receive.lock().unwrap().take().unwrap();
        let stream = futures_util::stream::poll_fn(move |context| receive.poll_recv(context));
        async move {
            Response::builder()
                .header("content-type", "text/event-stream")
                .body(Body::from_stream(stream))
                .unwrap()
        }
    };
    let tunnel = stage.tunnel(None, at("events", post(events))).await;
    let answer = stage.ask(&tunnel.url, "events").await;
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    assert_eq!(answer.headers()["x-accel-buffering"], "no");
    let mut events = answer.bytes_stream();
    for n in 0..3 {
        // The next one is sent only after this one has arrived.
        let event = format!("data: {n}\n\n");
        send.send(Ok(event.clone().into())).await.unwrap();
        assert_eq!(events.next().await.unwrap().unwrap(), event);
    }
    drop(send);
    assert!(events.next().await.is_none());
    stage.close().await;
}

/// Says so when it is dropped.
struct Dropped(Arc<Notify>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_who_goes_away_ends_the_spaces_work() {
    let stage = Stage::set(|_| {}).await;
    let (begun, ended) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (begins, ends) = (Arc::clone(&begun), Arc::clone(&ended));
    let thinking = move || {
        let guard = Dropped(Arc::clone(&ends));
        begins.notify_one();
        async move {
            let _guard = guard;
            std::future::pending::<()>().await;
        }
    };
    let (begins, ends) = (Arc::clone(&begun), Arc::clone(&ended));
    let telling = move || {
        let guard = Dropped(Arc::clone(&ends));
        begins.notify_one();
        let endless = futures_util::stream::unfold(guard, |guard| async move {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
            Some((Ok::<_, std::io::Error>(Bytes::from_static(b"data: x\n\n")), guard))
        });
        async move { Body::from_stream(endless) }
    };
    let router = at("thinking", post(thinking))
        .merge(Router::new().route("/api/v1/endpoints/telling/query", post(telling)));
    let tunnel = stage.tunnel(None, router).await;
    let asking = tokio::spawn(stage.http.post(query(&tunnel.url, "thinking")).body("{}").send());
    begun.notified().await;
    asking.abort();
    ended.notified().await;
    let mut events = stage.ask(&tunnel.url, "telling").await.bytes_stream();
    begun.notified().await;
    events.next().await.unwrap().unwrap();
    drop(events);
    ended.notified().await;
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_bodies_pass_unchanged() {
    const PIECE: usize = 64 * 1024;
    const PIECES: usize = 512;
    let stage = Stage::set(|_| {}).await;
    let answer = |body: Bytes| async move {
        let digest = Sha256::digest(&body);
        let pieces = futures_util::stream::iter(0..PIECES).map(move |n| {
            let byte = digest[n % digest.len()];
            Ok::<_, std::io::Error>(Bytes::from(vec![byte; PIECE]))
        });
        Body::from_stream(pieces)
    };
    let tunnel = stage.tunnel(None, at("large", post(answer))).await;
    let sent: Vec<u8> = (0..2_000_000_u32).map(|n| n.to_le_bytes()[n as usize % 3]).collect();
    let digest = Sha256::digest(&sent);
    let answer = stage.http.post(query(&tunnel.url, "large")).body(sent).send().await.unwrap();
    let got = answer.bytes().await.unwrap();
    assert_eq!(got.len(), PIECE * PIECES);
    let is_right =
        |(n, piece): (usize, &[u8])| piece.iter().all(|byte| *byte == digest[n % digest.len()]);
    assert!(got.chunks(PIECE).enumerate().all(is_right));
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_questions_are_answered_at_the_same_time() {
    const QUESTIONS: usize = 500;
    let stage = Stage::set(|_| {}).await;
    let all_here = Arc::new(Barrier::new(QUESTIONS));
    let answer = move || {
        let all_here = Arc::clone(&all_here);
        async move {
            // Nobody is answered before everybody has asked.
            all_here.wait().await;
            "together"
        }
    };
    let tunnel = stage.tunnel(None, at("together", post(answer))).await;
    let clients: Vec<_> = (0..5)
        .map(|_| reqwest::Client::builder().http2_prior_knowledge().build().unwrap())
        .collect();
    let asks = (0..QUESTIONS).map(|n| {
        let asked = clients[n % clients.len()].post(query(&tunnel.url, "together")).body("{}");
        async move { asked.send().await.unwrap().text().await.unwrap() }
    });
    let answers = futures_util::future::join_all(asks).await;
    assert!(answers.iter().all(|answer| answer == "together"));
    stage.close().await;
}
