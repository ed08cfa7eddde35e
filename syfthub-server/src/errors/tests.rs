//! Error reports: who may send them, what is kept, and who reads them.

use axum::body::Body;
use http::{Request, StatusCode, header};
use serde_json::{Value, json};
use std::time::Duration;

use crate::config::{HubConfig, SecretKey};
use crate::db::testing::both_engines;
use crate::db::{Db, StoreError, params};
use crate::testing::{Answer, SignedInUser, TestHub};

both_engines! { Hub =>
    reports_are_listed_newest_first_and_by_what_they_are,
    old_reports_and_too_many_are_removed,
}

const INTERNAL: &str = "internal-0123456789abcdef-ghijklmnop";
const LIST: &str = "/api/v1/admin/errors";

fn frontend() -> Value {
    json!({
        "message": "it broke with token=hunter22", "error": {"type": "TypeError", "message": "x is undefined",
        "stack_trace": "at f (app.js:1)"}, "timestamp": "2026-01-20T00:00:00Z",
        "context": {"url": "https://hub.example.org/p?code=hunter22", "app_state": {"password": "hunter22"}},
    })
}

async fn report(hub: &TestHub, token: &str, body: Value) -> Answer {
    hub.post("/api/v1/errors/report", token, body).await
}

async fn service_report(hub: &TestHub, token: &str) -> Answer {
    let body = json!({
        "service": "aggregator", "event": "chat.failed", "message": "no model answered", "level": "warning",
        "endpoint": "/chat?q=hunter22", "method": "POST", "request_data": {"user_token": "hunter22", "top_k": 5},
    });
    hub.post("/api/v1/errors/service-report", token, body).await
}

/// An administrator, whom no route makes.
async fn administrator(hub: &TestHub) -> SignedInUser {
    let user = hub.register("root-of-all").await;
    hub.force("UPDATE users SET role = 'admin' WHERE id = $1", user.id).await;
    user
}

/// What is kept, newest first. Nothing is kept after that.
async fn kept(hub: &TestHub) -> Vec<Value> {
    hub.hub.errors.close().await;
    let admin = administrator(hub).await;
    let listed = hub.get(&format!("{LIST}?limit=100"), &admin.access).await;
    assert_eq!(listed.status, StatusCode::OK, "{:?}", listed.body);
    listed.body["errors"].as_array().unwrap().clone()
}

fn with_token(config: &mut HubConfig) {
    config.errors.internal_token = Some(SecretKey::parse(INTERNAL).unwrap());
}

#[tokio::test]
async fn a_report_is_kept_without_its_secrets_and_with_its_reporter() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    let answer = report(&hub, &ada.access, frontend()).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    let id = answer.headers["x-correlation-id"].to_str().unwrap();
    assert_eq!(answer.body, json!({"received": true, "correlation_id": id}));
    let kept = &kept(&hub).await[0];
    assert!(!kept.to_string().contains("hunter22"), "{kept}");
    assert_eq!(
        [&kept["service"], &kept["event"], &kept["error_type"], &kept["correlation_id"]],
        ["frontend", "frontend.error.unhandled", "TypeError", id]
    );
    assert_eq!((&kept["user_id"], &kept["level"]), (&json!(ada.id), &json!("error")));
    assert_eq!(kept["context"]["url"], "https://hub.example.org/p");
}

#[tokio::test]
async fn strangers_and_holders_of_dead_tokens_may_report() {
    let hub = TestHub::start().await;
    for token in ["", "nonsense"] {
        assert_eq!(report(&hub, token, frontend()).await.status, StatusCode::ACCEPTED);
    }
    assert!(kept(&hub).await.iter().all(|kept| kept["user_id"].is_null()));
}

#[tokio::test]
async fn an_odd_correlation_id_is_replaced_and_never_kept() {
    let hub = TestHub::start().await;
    for (sent, is_kept) in [("job_7:retry.2", true), ("an id\r\nwith lines", false)] {
        let mut body = frontend();
        body["correlation_id"] = json!(sent);
        let answer = report(&hub, "", body).await;
        assert_eq!(answer.body["correlation_id"] == sent, is_kept, "{sent}");
    }
    let mut long = frontend();
    long["correlation_id"] = json!("a".repeat(5000));
    assert_eq!(report(&hub, "", long).await.status, StatusCode::ACCEPTED);
    assert!(
        kept(&hub).await.iter().all(|kept| kept["correlation_id"].as_str().unwrap().len() <= 64)
    );
}

#[tokio::test]
async fn a_report_has_a_largest_size_and_nothing_in_it_is_without_end() {
    let hub = TestHub::start().await;
    let mut large = frontend();
    large["message"] = json!("a".repeat(60_000));
    assert_eq!(report(&hub, "", large.clone()).await.status, StatusCode::ACCEPTED);
    large["context"] = json!({"more": "b".repeat(10_000)});
    assert_eq!(report(&hub, "", large.clone()).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    // Without a length that is announced, too.
    let pieces = futures_util::stream::iter([Ok::<_, std::io::Error>(large.to_string())]);
    let request = Request::post("/api/v1/errors/report")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from_stream(pieces));
    assert_eq!(hub.send(request.unwrap()).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(kept(&hub).await[0]["message"].as_str().unwrap().chars().count() <= 2001);
}

#[tokio::test]
async fn a_malformed_report_is_refused_and_never_fails() {
    let hub = TestHub::start().await;
    for body in [
        json!({}),
        json!({"message": "m"}),
        json!({"message": "m", "error": {}}),
        json!({"message": "m", "error": {"type": "T"}, "timestamp": "yesterday"}),
        json!({"message": "m", "error": {"type": "T"}, "event": ""}),
        json!({"message": 7, "error": "T"}),
        json!([]),
    ] {
        let answer = report(&hub, "", body.clone()).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
    }
    let request = Request::post("/api/v1/errors/report")
        .header(header::CONTENT_TYPE, "text/plain")
        .body(Body::from("it broke"));
    assert_eq!(hub.send(request.unwrap()).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn reports_from_one_address_are_limited() {
    let hub = TestHub::with(|config| config.limits.limit_report = "2/min".parse().unwrap()).await;
    for _ in 0..2 {
        assert_eq!(report(&hub, "", frontend()).await.status, StatusCode::ACCEPTED);
    }
    let refused = report(&hub, "", frontend()).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.headers.contains_key("retry-after"));
}

#[tokio::test]
async fn a_service_reports_with_the_internal_token_alone() {
    let off = TestHub::start().await;
    assert_eq!(service_report(&off, INTERNAL).await.status, StatusCode::NOT_FOUND);
    let hub = TestHub::with(with_token).await;
    let ada = hub.register("ada").await;
    for token in ["", "nonsense", &ada.access, &INTERNAL[1..]] {
        assert_eq!(service_report(&hub, token).await.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(service_report(&hub, INTERNAL).await.status, StatusCode::ACCEPTED);
    let kept = &kept(&hub).await[0];
    assert!(!kept.to_string().contains("hunter22"), "{kept}");
    assert_eq!(
        [&kept["service"], &kept["level"], &kept["path"]],
        ["aggregator", "warning", "/chat"]
    );
    assert_eq!(kept["context"]["request"], json!({"user_token": "[REDACTED]", "top_k": 5}));
}

#[tokio::test]
async fn a_request_that_the_hub_failed_to_answer_is_kept_with_its_causes() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    let broken = hub.hub.db.write(|tx| {
        Box::pin(async move { tx.execute("ALTER TABLE endpoints RENAME TO gone", params![]).await })
    });
    broken.await.map_err(|error: StoreError| error).unwrap();
    let failed = hub.get("/api/v1/endpoints", &ada.access).await;
    assert_eq!(failed.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(!failed.body.to_string().contains("endpoints"), "{}", failed.body);
    let kept = &kept(&hub).await[0];
    assert_eq!(kept["correlation_id"], failed.body["correlation_id"]);
    assert_eq!(
        [&kept["service"], &kept["method"], &kept["path"]],
        ["hub", "GET", "/api/v1/endpoints"]
    );
    assert_eq!(kept["status"], 500);
    assert!(kept["message"].as_str().unwrap().contains("no such table"), "{kept}");
}

#[tokio::test]
async fn a_full_queue_never_holds_up_an_answer() {
    let hub = TestHub::with(|config| config.errors.error_report_queue = 1).await;
    let mut refused = 0;
    for _ in 0..50 {
        let answer = report(&hub, "", frontend()).await;
        match answer.status {
            StatusCode::ACCEPTED => {}
            status => {
                assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
                refused += 1;
            }
        }
    }
    hub.hub.errors.close().await;
    assert_eq!(report(&hub, "", frontend()).await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(refused < 50);
}

#[tokio::test]
async fn only_administrators_read_reports() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    assert_eq!(hub.get(LIST, "").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(hub.get(LIST, &ada.access).await.status, StatusCode::FORBIDDEN);
    let admin = administrator(&hub).await;
    assert_eq!(hub.get(LIST, &admin.access).await.status, StatusCode::OK);
    for wrong in ["limit=0", "limit=101", "skip=-1", "level=loud", "since=yesterday"] {
        let answer = hub.get(&format!("{LIST}?{wrong}"), &admin.access).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
}

async fn reports_are_listed_newest_first_and_by_what_they_are(db: Db) {
    let hub = TestHub::on(db, with_token).await;
    for n in 0..3 {
        let mut body = frontend();
        body["event"] = json!(format!("event-{n}"));
        body["correlation_id"] = json!(format!("id-{n}"));
        report(&hub, "", body).await;
        hub.clock.advance(Duration::from_mins(1));
    }
    service_report(&hub, INTERNAL).await;
    hub.hub.errors.close().await;
    let admin = administrator(&hub).await;
    for (query, events) in [
        ("", vec!["chat.failed", "event-2", "event-1", "event-0"]),
        ("?skip=1&limit=2", vec!["event-2", "event-1"]),
        ("?service=frontend&level=error&event=event-1", vec!["event-1"]),
        ("?correlation_id=id-0", vec!["event-0"]),
        ("?level=warning", vec!["chat.failed"]),
        ("?since=2027-01-15T08:01:00Z&until=2027-01-15T08:02:00Z", vec!["event-1"]),
        ("?service=nobody", vec![]),
    ] {
        let listed = hub.get(&format!("{LIST}{query}"), &admin.access).await;
        let found: Vec<&str> = listed.body["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|error| error["event"].as_str().unwrap())
            .collect();
        assert_eq!(found, events, "{query}: {:?}", listed.body);
        let total = if query.contains("skip") { 4 } else { events.len() };
        assert_eq!(listed.body["total"], total);
    }
}

async fn old_reports_and_too_many_are_removed(db: Db) {
    let hub = TestHub::on(db, |config| config.errors.error_reports_kept = 3).await;
    for n in 0..5 {
        let mut body = frontend();
        body["event"] = json!(format!("event-{n}"));
        report(&hub, "", body).await;
        hub.clock.advance(Duration::from_hours(24));
    }
    hub.hub.errors.close().await;
    administrator(&hub).await;
    let left = || async {
        super::remove_old(hub.hub.clone()).await.unwrap();
        let admin = hub.sign_in("root-of-all").await;
        hub.get(LIST, &admin.access).await.body["total"].as_i64().unwrap()
    };
    assert_eq!(left().await, 3);
    hub.clock.advance(Duration::from_hours(24 * 29));
    assert_eq!(left().await, 1);
}
