//! Whatever is sent to whichever route: a mistake of the caller is answered as one, in the contract's shape.

use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::Value;

use crate::process::HubProcess;

/// The routes of the hub's own OpenAPI document: method, path with its parameters filled in, whether it takes a body.
async fn routes(hub: &HubProcess) -> Vec<(Method, String, bool)> {
    let document = hub.http().get(hub.at("/openapi.json")).send().await.expect("the hub is up");
    let document: Value = document.json().await.expect("a JSON document");
    let mut routes = Vec::new();
    for (path, item) in document["paths"].as_object().expect("an OpenAPI document") {
        let filled: Vec<&str> =
            path.split('/').map(|part| if part.starts_with('{') { "1" } else { part }).collect();
        for (method, operation) in item.as_object().expect("a path item") {
            if let Ok(method) = method.to_uppercase().parse::<Method>() {
                routes.push((method, filled.join("/"), operation.get("requestBody").is_some()));
            }
        }
    }
    assert!(routes.iter().any(|(_, _, body)| *body), "{routes:?}");
    let all = routes.len();
    routes.retain(|(_, path, _)| !ELSEWHERE.contains(&path.as_str()));
    assert_eq!(all - routes.len(), ELSEWHERE.len());
    routes
}

/// Bodies that no route can accept, with their content types.
fn bodies() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    vec![
        ("broken JSON", "application/json", b"{\"username\": ".to_vec()),
        ("a list", "application/json", b"[1, 2]".to_vec()),
        ("nothing", "application/json", Vec::new()),
        ("null", "application/json", b"null".to_vec()),
        ("no UTF-8", "application/json", b"{\"name\": \"\xff\xfe\"}".to_vec()),
        ("deep nesting", "application/json", [b"[".repeat(20_000), b"]".repeat(20_000)].concat()),
        (
            "wrong types",
            "application/json",
            br#"{"username": {"$ne": null}, "password": 7, "name": [], "prompt": {}, "token": 1}"#
                .to_vec(),
        ),
        ("an unknown type", "application/x-unknown", b"{}".to_vec()),
        ("broken form", "application/x-www-form-urlencoded", b"username=%ff%fe&password".to_vec()),
        (
            "too much",
            "application/json",
            [b"{\"name\": \"", &*b"a".repeat(3_000_000), b"\"}"].concat(),
        ),
    ]
}

/// Routes of brokers, which this hub does without, and of spaces behind tunnels, of which it has none here: it says so
/// before it reads anything (contract hub C25, S12).
const ELSEWHERE: [&str; 8] = [
    "/api/v1/nats/credentials",
    "/api/v1/nats/guest-peer-token",
    "/api/v1/peer-token",
    "/api/v1/users/me/tunnel-credentials",
    "/s/1",
    "/s/1/api/v1/endpoints/1/query",
    "/s/1/health",
    "/s/1/t/1/api/v1/endpoints/1/query",
];

async fn answer(request: RequestBuilder) -> (StatusCode, String) {
    let answer = request.send().await.expect("an answer, not a closed connection");
    (answer.status(), answer.text().await.expect("a text"))
}

fn assert_refusal(status: StatusCode, body: &str, what: &str) {
    assert!(status.is_client_error(), "{what}: {status}: {body}");
    let body: Value = serde_json::from_str(body)
        .unwrap_or_else(|_| panic!("{what}: {status}, but no JSON: {body}"));
    assert!(!body["detail"].is_null(), "{what}: {status}: {body}");
}

#[tokio::test]
async fn a_body_that_cannot_be_right_is_refused_by_every_route_that_takes_one() {
    let home = tempfile::tempdir().unwrap();
    let hub = HubProcess::start(home.path(), &[]).await;
    let token = hub.register("ann").await.unwrap();
    for (method, path, takes_body) in routes(&hub).await {
        for (name, kind, body) in bodies() {
            let what = format!("{method} {path} with {name}");
            let request = hub
                .http()
                .request(method.clone(), hub.at(&path))
                .bearer_auth(&token)
                .header(CONTENT_TYPE, kind);
            let (status, body) = answer(request.body(body)).await;
            if takes_body {
                assert_refusal(status, &body, &what);
            } else {
                assert!(!status.is_server_error(), "{what}: {status}: {body}");
            }
        }
    }
}

#[tokio::test]
async fn no_parameter_and_no_token_makes_the_hub_fail() {
    const QUERIES: [&str; 6] = [
        "skip=-1&limit=0",
        "limit=abc",
        "skip=99999999999999999999",
        "limit=",
        "aud=%00",
        "visibility=%F0%9F%92%A9&limit=1&limit=2",
    ];
    const TOKENS: [&str; 5] =
        ["", "Bearer", "Bearer a.b.c", "Basic YTpi", "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0."];
    let home = tempfile::tempdir().unwrap();
    let hub = HubProcess::start(home.path(), &[]).await;
    for (method, path, _) in routes(&hub).await {
        for query in QUERIES {
            let what = format!("{method} {path}?{query}");
            let (status, body) =
                answer(hub.http().request(method.clone(), hub.at(&format!("{path}?{query}"))))
                    .await;
            assert!(!status.is_server_error(), "{what}: {status}: {body}");
        }
        for token in TOKENS {
            let request =
                hub.http().request(method.clone(), hub.at(&path)).header("authorization", token);
            let (status, body) = answer(request).await;
            assert!(!status.is_server_error(), "{method} {path} with {token:?}: {status}: {body}");
        }
    }
}
