//! What one space's tunnel may carry, and what callers are told beyond that.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::routing::post;
use http::StatusCode;
use tokio::sync::Semaphore;

use super::{Stage, alive, detail, query};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_tunnel_refuses_for_a_moment() {
    let stage = Stage::set(|config| config.tunnels.tunnel_streams = 2).await;
    let (begun, go) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let (begins, goes) = (Arc::clone(&begun), Arc::clone(&go));
    let answer = move || {
        let (begins, goes) = (Arc::clone(&begins), Arc::clone(&goes));
        async move {
            begins.add_permits(1);
            goes.acquire().await.unwrap().forget();
            "done"
        }
    };
    let router = alive().route("/api/v1/endpoints/slow/query", post(answer));
    let tunnel = stage.tunnel(None, router).await;
    let ask = || tokio::spawn(stage.http.post(query(&tunnel.url, "slow")).body("{}").send());
    let asked = [ask(), ask()];
    begun.acquire_many(2).await.unwrap().forget();
    let refused = stage.ask(&tunnel.url, "slow").await;
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.headers()["retry-after"], "1");
    assert!(detail(refused).await.contains("as many requests as its tunnel may carry"));
    go.add_permits(3);
    for answer in asked {
        assert_eq!(answer.await.unwrap().unwrap().text().await.unwrap(), "done");
    }
    assert_eq!(stage.ask(&tunnel.url, "slow").await.status(), StatusCode::OK);
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_beyond_the_rate_are_told_when_to_come_back() {
    let stage = Stage::set(|config| {
        config.limits.limit_tunnel = "3/hour".parse().unwrap();
    })
    .await;
    let router = alive().route("/api/v1/endpoints/quick/query", post(|| async { "done" }));
    // Its first sign of life counts.
    let tunnel = stage.tunnel(None, router).await;
    for _ in 0..2 {
        assert_eq!(stage.ask(&tunnel.url, "quick").await.status(), StatusCode::OK);
    }
    let refused = stage.ask(&tunnel.url, "quick").await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    let wait: u64 = refused.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=1200).contains(&wait), "{wait}");
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bytes_beyond_the_rate_are_told_when_to_come_back() {
    let stage = Stage::set(|config| config.tunnels.tunnel_bytes = 100_000).await;
    let large = || async { Bytes::from(vec![b'x'; 150_000]) };
    let router = alive().route("/api/v1/endpoints/large/query", post(large));
    let tunnel = stage.tunnel(None, router).await;
    let mut answer = stage.ask(&tunnel.url, "large").await;
    assert_eq!(answer.status(), StatusCode::OK);
    let mut got = 0;
    while got < 120_000 {
        let piece = tokio::time::timeout(Duration::from_secs(30), answer.chunk()).await;
        got += piece.unwrap().unwrap().unwrap().len();
    }
    let refused = stage.ask(&tunnel.url, "large").await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    let wait: u64 = refused.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_without_room_takes_no_further_tunnel() {
    let stage = Stage::set(|config| config.tunnels.tunnels = 1).await;
    let tunnel = stage.tunnel(None, alive()).await;
    let refused = stage.dial(None).await.err().unwrap();
    assert!(refused.to_string().contains("no room for another tunnel"), "{refused}");
    assert_eq!(stage.http.get(tunnel.url).send().await.unwrap().status(), StatusCode::OK);
    stage.close().await;
}
