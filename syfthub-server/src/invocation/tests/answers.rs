//! What becomes of the space's answer.

use std::future::pending;
use std::time::Duration;

use axum::body::Body;
use futures_util::stream;

use super::*;
use crate::fixture::reply;

/// Answers as the question says: a status, a media type and a body.
async fn as_told(seen: Seen) -> Response {
    let told: Value = serde_json::from_slice(&seen.body).unwrap();
    let text = |key: &str| told[key].as_str().unwrap_or_default().to_owned();
    let status = told["status"].as_u64().and_then(|status| status.try_into().ok()).unwrap_or(200);
    let mut response = reply(status, &text("type"), text("body"));
    for (name, value) in told["headers"].as_object().into_iter().flatten() {
        let name: http::HeaderName = name.parse().unwrap();
        response.headers_mut().insert(name, value.as_str().unwrap().parse().unwrap());
    }
    response
}

async fn told(setting: &Setting, status: u16, media_type: &str, body: &str) -> Answer {
    let question = json!({"status": status, "type": media_type, "body": body});
    setting.hub.post("/ada/notes", "", question).await
}

#[tokio::test]
async fn every_success_is_a_200_with_the_answer_and_how_long_it_took() {
    let setting = Setting::answering(as_told).await;
    for (status, media_type, body, expected) in [
        (200, "application/json", r#"{"a":1}"#, json!({"a": 1})),
        (201, "application/json", "[]", json!([])),
        (202, "text/plain", "7", json!(7)),
        (200, "text/plain", "It rains.", json!({"raw_response": "It rains."})),
        (200, "text/html", "<p>", json!({"raw_response": "<p>"})),
        (204, "text/plain", "", json!({"raw_response": ""})),
        (200, "application/json", "{", json!({"raw_response": "{"})),
    ] {
        let answer = told(&setting, status, media_type, body).await;
        assert_eq!((answer.status.as_u16(), &answer.body), (200, &expected), "{status} {body}");
        assert_eq!(answer.headers["content-type"], "application/json");
        let latency = answer.headers["x-proxy-latency-ms"].to_str().unwrap();
        assert!(latency.parse::<u64>().is_ok(), "{latency}");
    }
}

#[tokio::test]
async fn a_refusal_keeps_its_status_unless_clients_would_take_it_for_the_hubs() {
    let setting = Setting::answering(as_told).await;
    let json = "application/json";
    let mut lines = Vec::new();
    for (status, media_type, body) in [
        (401, json, r#"{"detail":"token expired"}"#),
        (403, json, r#"{"detail":"members only"}"#),
        (404, json, r#"{"detail":"no such endpoint"}"#),
        (402, json, r#"{"price":3}"#),
        (422, json, r#"{"detail":[{"loc":["body","limit"],"msg":"too big"}]}"#),
        (418, "text/plain", "I am a\nteapot"),
        (500, "text/html", "<html><script>alert(1)</script></html>"),
        (503, json, ""),
        (307, "text/plain", ""),
        (304, "text/plain", ""),
    ] {
        let answer = told(&setting, status, media_type, body).await;
        assert!(!answer.headers.contains_key("x-proxy-latency-ms"));
        assert!(!answer.headers.contains_key("www-authenticate"));
        lines.push(format!(
            "{status} -> {} {}",
            answer.status.as_u16(),
            answer.body["detail"].as_str().unwrap()
        ));
    }
    insta::assert_snapshot!(lines.join("\n"), @r#"
    401 -> 502 Target endpoint did not accept the credentials (HTTP 401): token expired
    403 -> 403 Target endpoint denied access: members only
    404 -> 404 Target endpoint error: no such endpoint
    402 -> 402 Target endpoint error: {"price":3}
    422 -> 422 Target endpoint error: limit: too big
    418 -> 418 Target endpoint error: I am a teapot
    500 -> 500 Target endpoint error: HTTP 500
    503 -> 503 Target endpoint error: HTTP 503
    307 -> 502 Target endpoint error: HTTP 307, which is not followed
    304 -> 502 Target endpoint error: HTTP 304, which is not followed
    "#);
}

#[tokio::test]
async fn what_a_refusal_tells_is_short_and_says_how_long_to_wait() {
    let setting = Setting::answering(as_told).await;
    let long = format!(r#"{{"detail":"{}"}}"#, "x".repeat(1000));
    let question = json!({"status": 429, "type": "application/json", "body": long, "headers": {"retry-after": "7"}});
    let answer = setting.hub.post("/ada/notes", "", question).await;
    assert_eq!(
        (answer.status.as_u16(), answer.headers["retry-after"].to_str().unwrap()),
        (429, "7")
    );
    assert_eq!(
        answer.body["detail"].as_str().unwrap().len(),
        "Target endpoint error: ".len() + 200
    );
}

#[tokio::test]
async fn a_space_that_takes_too_long_is_a_504() {
    let short = |config: &mut HubConfig| {
        config.invocation.invocation_retrieval_timeout = Duration::from_millis(50);
    };
    let never = |_: Seen| async { pending::<Response>().await };
    let slowly = |_: Seen| async {
        let body = stream::once(async { pending::<Result<&str, std::io::Error>>().await });
        reply(200, "application/json", Body::from_stream(body))
    };
    for setting in [Setting::with(short, never).await, Setting::with(short, slowly).await] {
        let answer = setting.ask("").await;
        assert_eq!(answer.status, 504);
        assert_eq!(answer.body["detail"], "Request to target endpoint timed out after 0.05s");
    }
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_a_502_whether_or_not_it_was_announced() {
    let small = |config: &mut HubConfig| config.invocation.invocation_max_response_bytes = 1000;
    let announced = |_: Seen| async { reply(200, "text/plain", "x".repeat(1001)) };
    let endless = |_: Seen| async {
        let pieces = stream::repeat_with(|| Ok::<_, std::io::Error>("x".repeat(100)));
        reply(200, "application/json", Body::from_stream(pieces))
    };
    let fitting = |_: Seen| async { reply(200, "text/plain", "x".repeat(1000)) };
    assert_eq!(Setting::with(small, fitting).await.ask("").await.status, 200);
    for setting in [Setting::with(small, announced).await, Setting::with(small, endless).await] {
        let answer = setting.ask("").await;
        assert_eq!(answer.status, 502);
        assert_eq!(answer.body["detail"], "Target endpoint answered more than 1000 bytes");
    }
}

#[tokio::test]
async fn a_space_that_is_away_or_hangs_up_is_a_502_that_tells_nothing_of_the_network() {
    let breaks = |_: Seen| async {
        let body = stream::iter([Ok("{"), Err(std::io::Error::other("gone"))]);
        reply(200, "application/json", Body::from_stream(body))
    };
    let setting = Setting::answering(breaks).await;
    let answer = setting.ask("").await;
    assert_eq!(answer.status, 502);
    assert_eq!(answer.body["detail"], "The connection to target endpoint broke off");
    let dead = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    serve_from(&setting.hub, &setting.ada, &format!("http://{dead}")).await;
    let answer = setting.ask("").await;
    assert_eq!(answer.status, 502);
    assert_eq!(answer.body["detail"], "Could not connect to target endpoint");
}
