//! A space without an address of its own, reached through its hub by everybody who reaches spaces.

use std::fmt::Write as _;
use std::time::Duration;

use futures_util::StreamExt as _;
use reqwest::StatusCode;
use serde_json::{Value, json};
use syfthub_core::EndpointPath;

use super::super::{Actor, TenantId};
use super::{Stage, http, question};
use crate::config::TunnelMode;

/// A space that nobody connects to, its endpoints published.
async fn stage() -> Stage {
    let stage = Stage::with(|config| config.tunnel.tunnel = TunnelMode::Auto).await;
    stage.furnish().await;
    stage
}

fn path(slug: &str) -> EndpointPath {
    format!("ada/{slug}").parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_space_without_a_public_url_is_published_at_the_hubs_origin() {
    let stage = stage().await;
    let entry = stage.bob.endpoints().get_path(&path("permits")).await.unwrap().unwrap();
    let expected = format!("{}s/ada", stage.hub);
    assert_eq!(entry.connect[0].config["url"], expected.as_str());
    let alive = http().get(&expected).send().await.unwrap();
    assert_eq!(alive.status(), StatusCode::OK);
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_to_the_published_address_is_answered_as_a_direct_one() {
    let stage = stage().await;
    let direct = stage.ask("permits", question()).await;
    let url = format!("{}s/ada/api/v1/endpoints/permits/query", stage.hub);
    let token = stage.token().await;
    let ask = |url: String| http().post(url).bearer_auth(&token).json(&question()).send();
    let tunnelled: Value = ask(url.clone()).await.unwrap().json().await.unwrap();
    let documents = |answer: &Value| answer["references"]["documents"].clone();
    assert!(!documents(&direct).as_array().unwrap().is_empty());
    assert_eq!(documents(&tunnelled), documents(&direct));
    let nobody = http().post(&url).json(&question()).send().await.unwrap();
    assert_eq!(nobody.status(), StatusCode::UNAUTHORIZED);
    let absent = ask(url.replace("permits", "absent")).await.unwrap();
    assert_eq!(absent.status(), StatusCode::NOT_FOUND);
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_hub_and_the_aggregator_reach_a_tunnelled_space() {
    let stage = stage().await;
    let token = stage.bob.auth().tokens().unwrap().access_token;
    let invoked = http()
        .post(format!("{}ada/permits", stage.hub))
        .bearer_auth(&token)
        .json(&question())
        .send()
        .await
        .unwrap();
    assert_eq!(invoked.status(), StatusCode::OK);
    let invoked: Value = invoked.json().await.unwrap();
    assert!(!invoked["references"]["documents"].as_array().unwrap().is_empty());
    let answer = stage
        .bob
        .chat(path("words"), "Which permit covers night work?")
        .source(path("permits"))
        .send()
        .await
        .unwrap();
    assert!(answer.response.contains("N-4"), "{}", answer.response);
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_aggregator_streams_past_policies_and_does_without_a_source_that_refuses() {
    let stage = stage().await;
    stage.guard("permit-desk", "access", json!({"denied_users": ["bob@*"]})).await;
    stage.guard("permits", "rate_limit", json!({"limit": "1/h"})).await;
    let chat = || {
        stage
            .bob
            .chat(path("words"), "Which permit covers night work?")
            .source(path("permits"))
            .source(path("permit-desk"))
    };
    let mut events = std::pin::pin!(chat().stream().await.unwrap());
    let mut text = String::new();
    while let Some(event) = events.next().await {
        write!(text, "{:?}", event.unwrap()).unwrap();
    }
    assert!(text.contains("N-4"), "{text}");
    let outcome = async |slug: &str| {
        let found = stage.get(&format!("decisions?endpoint={slug}&limit=1")).await;
        (found[0]["outcome"].clone(), found[0]["email"].clone())
    };
    assert_eq!(outcome("permits").await.0, "success");
    assert_eq!(outcome("words").await.0, "success");
    assert_eq!(outcome("permit-desk").await, (json!("access_denied"), json!("bob@example.org")));
    chat().send().await.unwrap();
    assert_eq!(outcome("permits").await.0, "rate_limited");
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_streamed_answer_comes_through_the_tunnel() {
    let stage = stage().await;
    let url = format!("{}s/ada/api/v1/endpoints/permit-desk/query", stage.hub);
    let mut body = question();
    body["stream"] = json!(true);
    let answer =
        http().post(url).bearer_auth(stage.token().await).json(&body).send().await.unwrap();
    let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
    assert!(kind.starts_with("text/event-stream"), "{kind}");
    let text = answer.text().await.unwrap();
    assert!(text.trim_end().ends_with("data: [DONE]"), "{text}");
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_public_url_set_by_hand_takes_the_place_of_the_tunnel() {
    let stage = stage().await;
    let status = stage.space.proxy(TenantId::ROOT).await;
    assert!(status.connected, "{status:?}");
    let own = format!("http://{}", stage.questions.address());
    stage.space.set_public_url(&Actor::program(), own.parse().unwrap()).await.unwrap();
    let until = tokio::time::Instant::now() + Duration::from_secs(20);
    while stage.space.proxy(TenantId::ROOT).await.connected {
        assert!(tokio::time::Instant::now() < until, "the tunnel ends");
        tokio::task::yield_now().await;
    }
    let entry = stage.bob.endpoints().get_path(&path("permits")).await.unwrap().unwrap();
    assert_eq!(entry.connect[0].config["url"], own.as_str());
    stage.close().await;
}
