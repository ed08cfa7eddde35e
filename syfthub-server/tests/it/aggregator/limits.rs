//! How much one caller, and all of them, may ask at once.

use std::time::Duration;

use reqwest::Response;
use serde_json::{Value, json};

use super::nodes::{Nodes, Sign, Silent};
use super::{Alone, LOCAL, chat, question, reference};
use crate::process::{Door, HubProcess};

const PATIENCE: Duration = Duration::from_secs(30);

/// Asks something that takes for ever, and waits until the node was asked.
async fn endless(door: &Door, path: &str, node: &mut Silent) -> tokio::task::JoinHandle<()> {
    let body = json!({"prompt": "Why?", "model": reference(&node.url, "model")});
    let request = door.http().post(door.at(path)).json(&body);
    let caller = tokio::spawn(async move {
        let answer = request.send().await;
        drop(answer.expect("it is up").text().await);
    });
    assert_eq!(node.next(PATIENCE).await, Sign::Asked);
    caller
}

/// Asks something simple from another address, as a trusted proxy says, or with a token.
async fn ask(door: &Door, path: &str, node: &Nodes, header: Option<(&str, &str)>) -> Response {
    let mut request = door.http().post(door.at(path)).json(&question(&node.url, "model", &[]));
    if let Some((name, value)) = header {
        request = request.header(name, value);
    }
    request.send().await.expect("it is up")
}

/// A refusal in the body that every client can read, with the time after which to ask again.
async fn refused(answer: Response, status: u16, error: &str) {
    assert_eq!(answer.status(), status);
    let wait = answer.headers()["retry-after"].to_str().expect("a number").to_owned();
    assert!(wait.parse::<u64>().is_ok_and(|wait| (1..60).contains(&wait)), "{wait}");
    let body: Value = answer.json().await.expect("a JSON body");
    assert_eq!(body["error"], error, "{body}");
    assert!(body["detail"].is_string() && body["detail"] == body["message"], "{body}");
}

/// Waits until the caller may ask again.
async fn until_admitted(door: &Door, path: &str, node: &Nodes) {
    let admitted = async {
        while ask(door, path, node, None).await.status() != 200 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, admitted).await.expect("a place is free again");
}

const ONE_EACH: [(&str, &str); 3] =
    [LOCAL, ("AGGREGATOR_MAX_ANSWERS_PER_CALLER", "1"), ("SYFTHUB_TRUSTED_PROXIES", "127.0.0.1")];

#[tokio::test]
async fn a_caller_has_so_many_answers_under_way_on_both_routes_together() {
    let home = tempfile::tempdir().unwrap();
    let alone = Alone::start(home.path(), &ONE_EACH).await;
    let (node, mut silent) = (Nodes::start().await, Silent::start("").await);
    for path in ["/api/v1/chat", "/api/v1/chat/stream"] {
        let first = endless(&alone, path, &mut silent).await;
        for again in ["/api/v1/chat", "/aggregator/api/v1/chat/stream"] {
            refused(ask(&alone, again, &node, None).await, 429, "too_many_answers").await;
        }
        let elsewhere = ask(&alone, path, &node, Some(("x-forwarded-for", "198.51.100.7"))).await;
        assert_eq!(elsewhere.status(), 200, "another address is another caller");
        first.abort();
        until_admitted(&alone, path, &node).await;
        assert_eq!(silent.next(PATIENCE).await, Sign::Left);
    }
}

#[tokio::test]
async fn users_of_a_hub_are_counted_by_who_they_are_wherever_they_ask() {
    let home = tempfile::tempdir().unwrap();
    let hub = HubProcess::start(home.path(), &ONE_EACH).await;
    let bob = hub.register("bob").await.unwrap();
    let eve = hub.register("eve").await.unwrap();
    let url = hub.at("");
    let settings = [ONE_EACH[0], ONE_EACH[1], ("AGGREGATOR_SYFTHUB_URL", &*url)];
    let alone = Alone::start(home.path(), &settings).await;
    let (node, mut silent) = (Nodes::start().await, Silent::start("").await);
    let doors: [(&Door, &str); 2] = [(&hub, "/aggregator/api/v1/chat"), (&alone, "/api/v1/chat")];
    for (door, path) in doors {
        let body = json!({"prompt": "Why?", "model": reference(&silent.url, "model")});
        let request = door.http().post(door.at(path)).bearer_auth(&bob).json(&body);
        let first = tokio::spawn(async move { request.send().await.map(drop) });
        assert_eq!(silent.next(PATIENCE).await, Sign::Asked);
        let bearer = |token: &str| format!("Bearer {token}");
        let again = ask(door, path, &node, Some(("authorization", &bearer(&bob)))).await;
        refused(again, 429, "too_many_answers").await;
        let other = ask(door, path, &node, Some(("authorization", &bearer(&eve)))).await;
        assert_eq!(other.status(), 200);
        assert_eq!(ask(door, path, &node, None).await.status(), 200, "an address is not a user");
        let forged = ask(door, path, &node, Some(("authorization", "Bearer forged"))).await;
        assert_eq!(forged.status(), 200, "a token that does not count is no token");
        first.abort();
        assert_eq!(silent.next(PATIENCE).await, Sign::Left);
    }
}

#[tokio::test]
async fn all_callers_together_have_so_many_answers_under_way() {
    let home = tempfile::tempdir().unwrap();
    let alone = Alone::start(home.path(), &[LOCAL, ("AGGREGATOR_MAX_ANSWERS", "1")]).await;
    let (node, mut silent) = (Nodes::start().await, Silent::start("").await);
    let first = endless(&alone, "/api/v1/chat", &mut silent).await;
    refused(ask(&alone, "/api/v1/chat", &node, None).await, 503, "busy").await;
    let ready = alone.http().get(alone.at("/ready")).send().await.unwrap();
    assert_eq!(ready.status(), 503, "whoever shares the load asks another one");
    first.abort();
    until_admitted(&alone, "/api/v1/chat", &node).await;
}

#[tokio::test]
async fn what_is_too_much_is_refused_by_its_place() {
    let home = tempfile::tempdir().unwrap();
    let settings = [
        LOCAL,
        ("AGGREGATOR_MAX_DATA_SOURCES", "2"),
        ("AGGREGATOR_MAX_TOP_K", "3"),
        ("AGGREGATOR_MAX_PROMPT_CHARS", "20"),
        ("AGGREGATOR_MAX_BODY_BYTES", "5000"),
    ];
    let (alone, node) = (Alone::start(home.path(), &settings).await, Nodes::start().await);
    let fine = question(&node.url, "model", &["notes", "notes"]);
    assert_eq!(chat(&alone, "/api/v1/chat", &fine).await.0, 200);
    for (field, value) in [
        ("data_sources", json!(vec![reference(&node.url, "notes"); 3])),
        ("top_k", json!(4)),
        ("prompt", json!("x".repeat(21))),
        ("messages", json!([{"role": "user", "content": "x".repeat(21)}])),
    ] {
        let mut much = fine.clone();
        much[field] = value;
        let (status, body) = chat(&alone, "/api/v1/chat", &much).await;
        assert_eq!((status, &body["detail"][0]["loc"]), (422, &json!(["body", field])), "{body}");
        assert!(body["message"].as_str().unwrap().starts_with(field), "{body}");
    }
    let mut large = fine;
    large["unknown"] = "x".repeat(5000).into();
    let (status, body) = chat(&alone, "/api/v1/chat/stream", &large).await;
    assert_eq!((status, &body["error"]), (413, &json!("invalid_request")), "{body}");
    assert!(body["detail"].is_string() && body["message"].is_string());
}
