//! What is sent, what is sent again, and what failures become.

use std::time::Duration;

use axum::body::Body;
use axum::http::Response;
use futures_util::TryStreamExt as _;
use serde_json::json;
use syfthub_client::wire::endpoint::EndpointDraft;
use syfthub_client::{Client, EndpointId, EndpointType, ErrorKind};

use crate::support::{FixtureHub, endpoint, refusal, reply, tokens, typed, user};

fn busy(seconds: &str) -> Response<Body> {
    let mut response = refusal(503, "busy");
    response.headers_mut().insert("retry-after", seconds.parse().unwrap());
    response
}

#[tokio::test]
async fn a_request_without_effect_is_repeated_as_the_same_request() {
    let hub = FixtureHub::start(|_| busy("0")).await;
    let client = hub.client().tokens(tokens("t")).retries(3).build().unwrap();
    let error = client.auth().me().await.unwrap_err();
    assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Server, "busy"));
    let asked = hub.all();
    assert_eq!(asked.len(), 4);
    assert!(asked.iter().all(|one| one.correlation_id == asked[0].correlation_id));
}

#[tokio::test]
async fn a_request_with_an_effect_is_never_repeated_once_it_was_sent() {
    let hub = FixtureHub::start(|_| busy("0")).await;
    let client = hub.client().tokens(tokens("t")).retries(3).build().unwrap();
    let draft = EndpointDraft::new("Notes", EndpointType::Model);
    assert_eq!(client.endpoints().create(&draft).await.unwrap_err().status(), Some(503));
    assert_eq!(client.endpoints().delete(EndpointId(1)).await.unwrap_err().status(), Some(503));
    assert_eq!(hub.all().len(), 2);
}

#[tokio::test]
async fn a_refusal_is_not_repeated() {
    let hub = FixtureHub::start(|_| refusal(403, "no")).await;
    let client = hub.client().tokens(tokens("t")).build().unwrap();
    assert_eq!(client.auth().me().await.unwrap_err().kind(), ErrorKind::Forbidden);
    assert_eq!(hub.all().len(), 1);
}

#[tokio::test]
async fn a_wait_that_does_not_fit_the_deadline_is_not_begun() {
    let hub = FixtureHub::start(|_| busy("3600")).await;
    let client = hub.client().tokens(tokens("t")).build().unwrap();
    assert_eq!(client.auth().me().await.unwrap_err().status(), Some(503));
    assert_eq!(hub.all().len(), 1);
}

#[tokio::test]
async fn a_failure_carries_status_code_detail_and_the_hubs_correlation_id() {
    let hub = FixtureHub::start(|_| {
        let detail = json!({"code": "CONFLICT", "message": "taken", "field": "username"});
        let mut response = reply(409, &json!({ "detail": detail }));
        response.headers_mut().insert("x-correlation-id", "theirs".parse().unwrap());
        response
    })
    .await;
    let error = hub.client().build().unwrap().auth().login("ada", "x").await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Conflict, Some(409)));
    assert_eq!((error.code(), error.to_string().as_str()), (Some("CONFLICT"), "taken"));
    assert_eq!(error.detail().unwrap()["field"], "username");
    assert_eq!(error.correlation_id(), Some("theirs"));
}

#[tokio::test]
async fn a_hub_that_does_not_answer_is_a_time_out_with_our_correlation_id() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let client = Client::builder(url).timeout(Duration::from_millis(50)).build().unwrap();
    let error = client.tokens().jwks().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.correlation_id().is_some());
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_unreachable() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let client = Client::builder(&url).retries(1).build().unwrap();
    let error = client.auth().login("ada", "x").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unreachable);
    assert!(error.to_string().contains(&url), "{error}");
}

#[tokio::test]
async fn what_is_not_a_hub_is_said_to_be_none() {
    let hub = FixtureHub::start(|asked| match asked.route.as_str() {
        "GET /.well-known/jwks.json" => typed(200, "text/html", "<!doctype html>"),
        "POST /api/v1/auth/login" => typed(404, "text/html", "<h1>Not Found</h1>"),
        _ => typed(200, "application/json", "[{"),
    })
    .await;
    let client = hub.client().build().unwrap();
    for error in [
        client.tokens().jwks().await.unwrap_err(),
        client.auth().login("ada", "x").await.unwrap_err(),
        client.endpoints().public().send().await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Protocol, "{error}");
    }
}

#[tokio::test]
async fn a_redirect_is_reported_and_not_followed() {
    let hub = FixtureHub::start(|_| {
        let mut response = typed(301, "text/plain", "");
        response.headers_mut().insert("location", "https://elsewhere/".parse().unwrap());
        response
    })
    .await;
    let client = hub.client().tokens(tokens("t")).build().unwrap();
    let error = client.auth().me().await.unwrap_err();
    assert!(error.to_string().ends_with("redirects to https://elsewhere/: use that address"));
    assert_eq!(hub.all().len(), 1);
}

#[tokio::test]
async fn a_list_is_fetched_page_after_page_with_its_filters() {
    let hub = FixtureHub::start(|asked| {
        let skip = asked.query.split('&').find_map(|pair| pair.strip_prefix("skip="));
        let skip: usize = skip.unwrap().parse().unwrap();
        let page: Vec<_> = (skip..5)
            .take(2)
            .map(|n| endpoint(&format!("item-{n}"), "model", "https://space"))
            .collect();
        reply(200, &json!(page))
    })
    .await;
    let client = hub.client().tokens(tokens("t")).build().unwrap();
    let models = client.endpoints().public().kind(EndpointType::Model).limit(2).stream();
    let models: Vec<_> = models.try_collect().await.unwrap();
    assert_eq!(models.len(), 5);
    assert_eq!(models[4].slug, "item-4");
    let asked = hub.all();
    assert_eq!(asked[1].query, "endpoint_type=model&skip=2&limit=2");
    assert!(asked.iter().all(|one| one.bearer.is_none()), "public lists are asked as nobody");
}

#[tokio::test]
async fn satellite_tokens_are_minted_once_per_audience_until_somebody_else_signs_in() {
    let hub = FixtureHub::start(|asked| {
        if asked.route == "GET /api/v1/token" {
            return reply(200, &json!({"target_token": "s", "expires_in": 60}));
        }
        let mut body = json!(tokens("t"));
        body["user"] = user();
        reply(200, &body)
    })
    .await;
    let client = hub.client().tokens(tokens("t")).build().unwrap();
    let ada = "ada".parse().unwrap();
    for _ in 0..3 {
        assert_eq!(client.tokens().satellite(&ada).await.unwrap().expose(), "s");
    }
    assert_eq!(hub.asked("GET /api/v1/token").len(), 1);
    client.auth().login("bob", "x").await.unwrap();
    client.tokens().satellite(&ada).await.unwrap();
    assert_eq!(hub.asked("GET /api/v1/token").len(), 2);
}
