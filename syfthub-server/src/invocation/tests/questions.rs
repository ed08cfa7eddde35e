//! What reaches the space.

use std::time::Duration;

use axum::body::Body;
use http::Request;
use serde_json::json;
use syfthub_core::token::jwks::JwkSet;
use syfthub_core::token::satellite::{self, KeySet, SatelliteClaims};

use super::*;
use crate::fixture::reply;

async fn fine(_: Seen) -> Response {
    reply(200, "application/json", r#"{"answer":42}"#)
}

/// What the hub says about the caller, judged as the space of ada would.
async fn judged(setting: &Setting, token: &str) -> SatelliteClaims {
    let keys = setting.hub.get("/.well-known/jwks.json", "").await.body;
    let keys: JwkSet = serde_json::from_value(keys).unwrap();
    let now = setting.hub.hub.clock.now();
    satellite::verify(token, &KeySet::new(&keys), "ada", "https://hub.example.org", now).unwrap()
}

#[tokio::test]
async fn a_question_reaches_the_space_byte_for_byte_and_says_who_asks() {
    let setting = Setting::answering(fine).await;
    let bob = setting.hub.register("bob").await;
    let body = r#" {"n": 1.0e5, "big": 123456789012345678901234567890, "n": 2} "#;
    let request = Request::post("/Ada/NOTES?x=1")
        .header("authorization", format!("Bearer {}", bob.access))
        .header("content-type", "text/plain")
        .header("x-correlation-id", "call-7")
        .header("x-tenant-name", "acme")
        .header("x-secret", "stays here")
        .header("cookie", "stays=here")
        .body(Body::from(body));
    let answer = setting.hub.send(request.unwrap()).await;
    assert_eq!((answer.status.as_u16(), &answer.body), (200, &json!({"answer": 42})));
    let seen = setting.space.last();
    assert_eq!(seen.uri, "/api/v1/endpoints/notes/query");
    assert_eq!((seen.method.as_str(), &seen.body[..]), ("POST", body.as_bytes()));
    assert_eq!(seen.header("content-type"), "application/json");
    assert_eq!((seen.header("x-correlation-id"), seen.header("x-tenant-name")), ("call-7", "acme"));
    let claims = judged(&setting, seen.bearer()).await;
    assert_eq!((claims.sub, claims.role.as_str()), (bob.id.to_string(), "user"));
    let mut names: Vec<&str> = seen.headers.keys().map(http::HeaderName::as_str).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "accept",
            "accept-encoding",
            "authorization",
            "content-length",
            "content-type",
            "host",
            "user-agent",
            "x-correlation-id",
            "x-tenant-name"
        ]
    );
}

#[tokio::test]
async fn the_hubs_own_tokens_never_leave_it() {
    let setting = Setting::answering(fine).await;
    for token in [setting.ada.access.as_str(), "made-up", ""] {
        assert_eq!(setting.ask(token).await.status, 200);
        let seen = setting.space.last();
        let text = format!("{:?} {:?}", seen.headers, seen.body);
        assert!(token.is_empty() || !text.contains(token), "{text}");
    }
}

#[tokio::test]
async fn nobody_is_vouched_for_as_a_guest() {
    let setting = Setting::answering(fine).await;
    assert_eq!(setting.ask("").await.status, 200);
    let claims = judged(&setting, setting.space.last().bearer()).await;
    assert_eq!((claims.sub.as_str(), claims.role.as_str()), ("guest", "guest"));
}

#[tokio::test]
async fn a_hub_without_guests_vouches_for_nobody() {
    let setting = Setting::with(|config| config.keys.guest_tokens = false, fine).await;
    assert_eq!(setting.ask("").await.status, 200);
    assert_eq!(setting.space.last().header("authorization"), "");
}

#[tokio::test]
async fn a_token_serves_for_half_of_its_life_and_one_caller() {
    let setting = Setting::answering(fine).await;
    let bob = setting.hub.register("bob").await;
    let mut tokens = Vec::new();
    for (token, wait) in [(&setting.ada, 0), (&setting.ada, 29), (&bob, 0), (&setting.ada, 1)] {
        setting.hub.clock.advance(Duration::from_secs(wait));
        setting.ask(&token.access).await;
        tokens.push(setting.space.last().bearer().to_owned());
    }
    assert_eq!(tokens[0], tokens[1]);
    assert_ne!(tokens[1], tokens[2]);
    assert_ne!(tokens[1], tokens[3]);
    judged(&setting, &tokens[3]).await;
}

#[tokio::test]
async fn an_organizations_endpoint_is_called_on_its_own_domain_with_a_token_for_it() {
    let setting = Setting::answering(fine).await;
    let hub = &setting.hub;
    let wish = json!({"name": "Acme", "domain": setting.space.origin()});
    let team = hub.post("/api/v1/organizations", &setting.ada.access, wish).await.body;
    let mut shared = draft("shared", &json!([{"type": "https"}]));
    shared["organization_id"] = team["id"].clone();
    hub.publish(&setting.ada.access, shared).await;
    let bob = hub.register("bob").await;
    assert_eq!(hub.post("/acme/shared", &bob.access, json!({})).await.status, 200);
    let seen = setting.space.last();
    assert_eq!(seen.uri, "/api/v1/endpoints/shared/query");
    let keys = hub.get("/.well-known/jwks.json", "").await.body;
    let keys: JwkSet = serde_json::from_value(keys).unwrap();
    let (now, issuer) = (hub.hub.clock.now(), "https://hub.example.org");
    let claims = satellite::verify(seen.bearer(), &KeySet::new(&keys), "acme", issuer, now);
    assert_eq!(claims.unwrap().sub, bob.id.to_string());
}

#[tokio::test]
async fn a_connection_as_spaces_publish_it_leads_to_the_address_it_names() {
    let setting = Setting::answering(fine).await;
    let path = "/api/v1/endpoints/notes-on-my-node/query";
    let connect = json!([{"type": "https", "enabled": true, "config": {"path": path}}]);
    setting.hub.publish(&setting.ada.access, draft("node-style", &connect)).await;
    let answer = setting.hub.post("/ada/node-style", "", json!({})).await;
    assert_eq!((answer.status.as_u16(), setting.space.last().uri.path()), (200, path));
}

#[tokio::test]
async fn calls_share_their_connections() {
    let peers = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let setting = Setting::answering(fine).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    serve_from(&setting.hub, &setting.ada, &format!("http://{}", listener.local_addr().unwrap()))
        .await;
    let log = std::sync::Arc::clone(&peers);
    let router = axum::Router::new().fallback(
        move |axum::extract::ConnectInfo(peer): axum::extract::ConnectInfo<
            std::net::SocketAddr,
        >| async move {
            log.lock().unwrap().push(peer);
            "{}"
        },
    );
    let service = router.into_make_service_with_connect_info::<std::net::SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    for _ in 0..5 {
        assert_eq!(setting.ask("").await.status, 200);
    }
    let mut peers = peers.lock().unwrap().clone();
    assert_eq!(peers.len(), 5);
    peers.dedup();
    assert_eq!(peers.len(), 1);
}
