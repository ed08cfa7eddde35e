use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex as StdMutex};

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response as AxumResponse};
use axum::routing::get;
use syfthub_core::token::jwks::Jwk;
use syfthub_core::token::satellite::SigningKey;
use tokio::net::TcpListener;

use super::*;

static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::generate().unwrap());

/// A hub that publishes what the test says, and counts how often it is asked.
#[derive(Clone, Default)]
struct Publisher(Arc<(StdMutex<Option<JwkSet>>, AtomicUsize)>);

impl Publisher {
    async fn start(keys: Option<JwkSet>) -> (Self, Keys) {
        let publisher = Self::default();
        publisher.publish(keys);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new()
            .route("/.well-known/jwks.json", get(answer))
            .with_state(publisher.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let url = Url::parse(&url).unwrap().join("/.well-known/jwks.json").unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        (publisher, Keys::at(url, http.into(), Patience::default()))
    }

    fn publish(&self, keys: Option<JwkSet>) {
        *self.0.0.lock().unwrap() = keys;
    }

    fn asked(&self) -> usize {
        self.0.1.load(Ordering::SeqCst)
    }
}

async fn answer(State(publisher): State<Publisher>, headers: HeaderMap) -> AxumResponse {
    publisher.0.1.fetch_add(1, Ordering::SeqCst);
    let keys = publisher.0.0.lock().unwrap().clone();
    let Some(keys) = keys else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let tag = format!("\"{}\"", keys.keys[0].kid);
    let caching = [(CACHE_CONTROL, "public, max-age=3600"), (ETAG, tag.as_str())];
    if headers.get(IF_NONE_MATCH).is_some_and(|sent| sent == tag.as_str()) {
        return (StatusCode::NOT_MODIFIED, caching).into_response();
    }
    (caching, serde_json::to_string(&keys).unwrap()).into_response()
}

fn named(kid: &str) -> JwkSet {
    JwkSet { keys: vec![Jwk { kid: kid.to_owned(), ..KEY.public().clone() }] }
}

#[tokio::test]
async fn known_keys_are_fetched_once_and_unknown_ones_asked_for_at_a_measured_pace() {
    let (publisher, keys) = Publisher::start(Some(named("a"))).await;
    for _ in 0..3 {
        assert!(keys.that_know("a").await.unwrap().knows("a"));
    }
    assert_eq!(publisher.asked(), 1);
    for _ in 0..20 {
        assert!(!keys.that_know("made-up").await.unwrap().knows("made-up"));
    }
    assert_eq!(publisher.asked(), 2);
}

#[tokio::test]
async fn a_new_key_is_found_at_once() {
    let (publisher, keys) = Publisher::start(Some(named("old"))).await;
    assert!(keys.that_know("old").await.unwrap().knows("old"));
    publisher.publish(Some(named("new")));
    assert!(keys.that_know("new").await.unwrap().knows("new"));
}

#[tokio::test]
async fn many_callers_at_once_ask_the_hub_once() {
    let (publisher, keys) = Publisher::start(Some(named("a"))).await;
    let calls = (0..50).map(|_| keys.that_know("a"));
    assert!(futures_util::future::join_all(calls).await.iter().all(Result::is_ok));
    assert_eq!(publisher.asked(), 1);
}

#[tokio::test]
async fn a_hub_that_is_away_is_not_pressed_and_known_keys_go_on() {
    let (publisher, keys) = Publisher::start(None).await;
    for _ in 0..5 {
        assert!(keys.that_know("a").await.is_err());
    }
    assert_eq!(publisher.asked(), 1);
    let (publisher, keys) = Publisher::start(Some(named("a"))).await;
    keys.that_know("a").await.unwrap();
    publisher.publish(None);
    assert!(keys.that_know("other").await.unwrap().knows("a"));
    assert!(keys.that_know("a").await.unwrap().knows("a"));
}

/// Ends the time for which the keys are kept.
fn outlive(keys: &Keys) {
    keys.cached.write().unwrap().as_mut().unwrap().fresh_until = Instant::now();
}

#[tokio::test]
async fn keys_that_have_not_changed_are_kept_on() {
    let (publisher, keys) = Publisher::start(Some(named("a"))).await;
    keys.that_know("a").await.unwrap();
    outlive(&keys);
    assert!(keys.that_know("a").await.unwrap().knows("a"));
    assert_eq!(publisher.asked(), 2);
    assert!(keys.cached().unwrap().is_fresh(), "the answer without keys says how long they go on");
    keys.that_know("a").await.unwrap();
    assert_eq!(publisher.asked(), 2);
}

#[tokio::test]
async fn a_key_that_is_taken_back_counts_until_its_time_and_no_longer() {
    let (publisher, keys) = Publisher::start(Some(named("old"))).await;
    keys.that_know("old").await.unwrap();
    publisher.publish(Some(named("new")));
    assert!(keys.that_know("old").await.unwrap().knows("old"));
    outlive(&keys);
    assert!(!keys.that_know("old").await.unwrap().knows("old"));
}

#[tokio::test]
async fn while_one_asks_whether_keys_still_count_the_others_go_on_with_them() {
    let (publisher, keys) = Publisher::start(Some(named("a"))).await;
    keys.that_know("a").await.unwrap();
    outlive(&keys);
    let asking = keys.extra.lock().await;
    assert!(keys.that_know("a").await.unwrap().knows("a"));
    drop(asking);
    assert_eq!(publisher.asked(), 1);
}

#[test]
fn cache_control_decides_how_long_keys_are_kept() {
    assert_eq!(max_age("public, max-age=3600"), Duration::from_hours(1));
    assert_eq!(max_age("max-age=60, no-store"), Duration::ZERO);
    assert_eq!(max_age("garbage"), Duration::ZERO);
}
