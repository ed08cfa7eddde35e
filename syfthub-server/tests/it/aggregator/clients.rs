//! The published Python clients ask the aggregator of a hub, and one by itself.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::nodes::{Nodes, Question};
use super::{Alone, LOCAL};
use crate::process::{Door, HubProcess};
use crate::sdk::{ours, run};
use crate::third_party;

/// What the program shows, in this order.
const SHOWN: [&str; 11] = [
    "an answer with its source",
    "an answer without sources",
    "a failing source",
    "a source that refuses",
    "a source that takes too long",
    "a model that refuses",
    "a model that answers no JSON",
    "a model that says nothing",
    "text with every kind of line end",
    "a model that takes its time",
    "tenants and owners",
];

/// Sources are soon given up, and silence is soon broken.
const SETTINGS: [(&str, &str); 3] =
    [LOCAL, ("AGGREGATOR_RETRIEVAL_TIMEOUT", "1"), ("AGGREGATOR_KEEPALIVE_INTERVAL", "0.2")];

async fn asks_both(python: &Path) {
    let home = tempfile::tempdir().expect("a folder for the test");
    let hub = HubProcess::start(home.path(), &SETTINGS).await;
    for name in ["ada", "bob"] {
        hub.register(name).await.expect("the name is free");
    }
    let alone = Alone::start(home.path(), &SETTINGS).await;
    for aggregator in [hub.at("/aggregator/api/v1"), alone.at("/api/v1")] {
        asks(python, &hub, &aggregator).await;
    }
}

async fn asks(python: &Path, hub: &Door, aggregator: &str) {
    let node = Nodes::start().await;
    let told = run(python, "aggregator.py", &[&hub.at(""), aggregator, &node.url]).await;
    let expected = SHOWN.map(|what| format!("ok {what}"));
    assert_eq!(told.lines().collect::<Vec<_>>(), expected, "at {aggregator}");
    node.asked().iter().for_each(has_the_agreed_form);
}

/// The keys, headers and token of contract aggregator 2.1 to 2.3.
fn has_the_agreed_form(question: &Question) {
    let keys: BTreeSet<&str> =
        question.body.as_object().expect("an object").keys().map(String::as_str).collect();
    let agreed: &[&str] = if question.body["messages"].is_string() {
        &["include_metadata", "limit", "messages", "similarity_threshold"]
    } else {
        &["max_tokens", "messages", "stop_sequences", "stream", "temperature"]
    };
    let besides: Vec<&&str> =
        keys.iter().filter(|key| !agreed.contains(key) && **key != "transaction_token").collect();
    assert!(besides.is_empty() && agreed.iter().all(|key| keys.contains(key)), "{question:?}");
    let header = |name: &str| question.headers.get(name).and_then(|value| value.to_str().ok());
    assert!(header("x-correlation-id").is_some_and(|id| !id.is_empty()), "{question:?}");
    assert_eq!(header("content-type"), Some("application/json"));
    let streams = question.body["stream"] == true;
    assert_eq!(header("accept") == Some("text/event-stream"), streams);
    let tenant = (question.slug == "of-tenant").then_some("acme");
    assert_eq!(header("x-tenant-name"), tenant);
    let bearer = header("authorization").map(|value| audience(value.trim_start_matches("Bearer ")));
    let owner = (question.slug != "of-nobody").then(|| "ada".to_owned());
    assert_eq!(bearer, owner, "{question:?}");
}

/// The `aud` of a token.
fn audience(token: &str) -> String {
    use base64::Engine as _;
    let payload = token.split('.').nth(1).expect("a JWT");
    let payload = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload);
    let claims: Value = serde_json::from_slice(&payload.expect("Base64")).expect("JSON");
    claims["aud"].as_str().expect("an audience").to_owned()
}

#[tokio::test]
async fn version_0_1_0_is_answered_as_it_expects() {
    let Some(python) = third_party::path("SYFTHUB_TEST_SDK0_PYTHON") else { return };
    asks_both(&python).await;
}

#[tokio::test]
async fn version_0_1_1_is_answered_as_it_expects() {
    let Some(python) = third_party::path("SYFTHUB_TEST_SDK_PYTHON") else { return };
    asks_both(&python).await;
}

#[tokio::test]
async fn version_0_2_1_is_answered_as_it_expects() {
    let Some(python) = third_party::path("SYFTHUB_TEST_SDK2_PYTHON") else { return };
    asks_both(&python).await;
}

#[tokio::test]
async fn version_0_3_1_is_answered_as_it_expects() {
    let Some(python) = third_party::path("SYFTHUB_TEST_SDK3_PYTHON") else { return };
    asks_both(&python).await;
}

#[tokio::test]
async fn our_own_package_is_answered_as_its_programs_expect() {
    let Some(python) = third_party::path(ours::PYTHON) else { return };
    asks_both(&python).await;
}
