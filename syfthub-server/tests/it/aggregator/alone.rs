//! An aggregator by itself: its routes, whether it is ready, and how it stops.

use std::time::Duration;

use serde_json::{Value, json};

use super::nodes::Nodes;
use super::{Alone, LOCAL, chat, events, question};
use crate::process::{Door, HubProcess};

async fn get(door: &Door, path: &str) -> (u16, String) {
    let answer = door.http().get(door.at(path)).send().await.expect("it is up");
    (answer.status().as_u16(), answer.text().await.expect("text"))
}

#[tokio::test]
async fn it_answers_at_its_own_paths_and_at_those_of_a_hub() {
    let home = tempfile::tempdir().unwrap();
    let (alone, node) = (Alone::start(home.path(), &[LOCAL]).await, Nodes::start().await);
    let asked = question(&node.url, "model", &["notes"]);
    for prefix in ["", "/aggregator"] {
        let (status, answer) = chat(&alone, &format!("{prefix}/api/v1/chat"), &asked).await;
        assert_eq!((status, &answer["response"]), (200, &json!("Granite, says the model.")));
        let told = events(&alone, &format!("{prefix}/api/v1/chat/stream"), &asked).await;
        assert_eq!(told.last().unwrap().0, "done");
        let (status, body) = get(&alone, &format!("{prefix}/health")).await;
        assert_eq!(
            (status, &*body),
            (200, r#"{"status":"healthy","service":"syfthub-aggregator"}"#)
        );
        let (status, body) = get(&alone, &format!("{prefix}/ready")).await;
        assert_eq!((status, &*body), (200, r#"{"status":"ready","checks":{"answers":"ok"}}"#));
        assert_eq!(get(&alone, &format!("{prefix}/api/v1/chat")).await.0, 405);
        assert_eq!(
            get(&alone, &format!("{prefix}/api/v1/none")).await,
            (404, r#"{"detail":"Not Found"}"#.to_owned())
        );
    }
}

#[tokio::test]
async fn it_describes_itself_and_counts() {
    let home = tempfile::tempdir().unwrap();
    let alone = Alone::start(home.path(), &[]).await;
    let (status, document) = get(&alone, "/openapi.json").await;
    let document: Value = serde_json::from_str(&document).unwrap();
    let paths: Vec<&String> = document["paths"].as_object().unwrap().keys().collect();
    assert_eq!(status, 200);
    for path in ["/api/v1/chat", "/api/v1/chat/stream", "/health", "/ready", "/metrics"] {
        assert!(paths.iter().any(|one| *one == path), "{paths:?}");
    }
    assert!(get(&alone, "/docs").await.1.contains("swagger-ui"));
    let (_, numbers) = get(&alone, "/metrics").await;
    assert!(numbers.contains("\naggregator_open_answers 0\n"), "{numbers}");
    assert!(numbers.contains("aggregator_refused_total{limit=\"caller\"} 0"), "{numbers}");
}

#[tokio::test]
async fn a_page_of_a_listed_origin_may_ask_it() {
    let home = tempfile::tempdir().unwrap();
    let settings = [("CORS_ORIGINS", r#"["https://app.acme.org"]"#)];
    let alone = Alone::start(home.path(), &settings).await;
    for (origin, allowed) in [("https://app.acme.org", true), ("https://evil.org", false)] {
        let asked = alone.http().request(reqwest::Method::OPTIONS, alone.at("/api/v1/chat"));
        let asked = asked.header("origin", origin).header("access-control-request-method", "POST");
        let answer = asked.send().await.unwrap();
        assert_eq!(answer.headers().contains_key("access-control-allow-origin"), allowed);
    }
}

/// What it answers to a question with this token.
async fn with_token(alone: &Alone, question: &Value, token: &str) -> u16 {
    let request = alone.http().post(alone.at("/api/v1/chat")).json(question);
    request.bearer_auth(token).send().await.expect("it is up").status().as_u16()
}

#[tokio::test]
async fn where_only_users_may_ask_its_hub_says_who_is_one() {
    let home = tempfile::tempdir().unwrap();
    let hub = HubProcess::start(home.path(), &[]).await;
    let token = hub.register("bob").await.unwrap();
    let (url, node) = (hub.at(""), Nodes::start().await);
    let settings = [LOCAL, ("AGGREGATOR_ANONYMOUS", "false"), ("AGGREGATOR_SYFTHUB_URL", &*url)];
    let alone = Alone::start(home.path(), &settings).await;
    let asked = question(&node.url, "model", &[]);
    let ready = r#"{"status":"ready","checks":{"answers":"ok","hub":"ok"}}"#;
    assert_eq!(get(&alone, "/ready").await, (200, ready.to_owned()));
    let (status, refused) = chat(&alone, "/api/v1/chat", &asked).await;
    assert_eq!((status, &refused["error"]), (401, &json!("unauthenticated")), "{refused}");
    assert_eq!(with_token(&alone, &asked, "not-a-token").await, 401);
    assert_eq!(with_token(&alone, &asked, &token).await, 200);
    let told: Vec<_> = node.asked();
    assert!(told.iter().all(|one| !one.headers.contains_key("authorization")), "{told:?}");
}

#[tokio::test]
async fn it_is_not_ready_without_the_hub_that_it_needs() {
    let home = tempfile::tempdir().unwrap();
    let gone = "http://127.0.0.1:9";
    let needs = [("AGGREGATOR_ANONYMOUS", "false"), ("AGGREGATOR_SYFTHUB_URL", gone)];
    let alone = Alone::start(home.path(), &needs).await;
    let told = r#"{"status":"not_ready","checks":{"answers":"ok","hub":"away"}}"#;
    assert_eq!(get(&alone, "/ready").await, (503, told.to_owned()));
    assert_eq!(get(&alone, "/health").await.0, 200);
    let asked = question("http://127.0.0.1:9", "model", &[]);
    assert_eq!(with_token(&alone, &asked, "whoever").await, 503, "who that is, nobody says");
    assert_eq!(chat(&alone, "/api/v1/chat", &asked).await.0, 401);

    let node = Nodes::start().await;
    let alone = Alone::start(home.path(), &[LOCAL, needs[1]]).await;
    let told = r#"{"status":"ready","checks":{"answers":"ok","hub":"away"}}"#;
    assert_eq!(get(&alone, "/ready").await, (200, told.to_owned()));
    let asked = question(&node.url, "model", &[]);
    assert_eq!(with_token(&alone, &asked, "whoever").await, 200, "it answers strangers");
}

#[tokio::test]
async fn it_does_not_start_with_half_of_its_settings() {
    let home = tempfile::tempdir().unwrap();
    for setting in [("AGGREGATOR_ANONYMOUS", "false"), ("AGGREGATOR_STRICT_OWNER_URL", "true")] {
        let said = Alone::refused(home.path(), &[setting]).await;
        assert!(said.contains("AGGREGATOR_SYFTHUB_URL: is required"), "{said}");
    }
    let said = Alone::refused(home.path(), &[("AGGREGATOR_HOST", "localhost")]).await;
    assert!(said.contains("AGGREGATOR_HOST") && said.contains("expected an IP address"), "{said}");
}

#[tokio::test]
async fn answers_that_are_under_way_are_finished_when_it_is_asked_to_stop() {
    let home = tempfile::tempdir().unwrap();
    let (alone, node) = (Alone::start(home.path(), &[LOCAL]).await, Nodes::start().await);
    let asked = question(&node.url, "slow", &[]);
    let request = alone.http().post(alone.at("/api/v1/chat/stream")).json(&asked);
    let mut answer = request.send().await.unwrap();
    let mut told = answer.chunk().await.unwrap().unwrap().to_vec();
    let stopped = tokio::spawn(alone.stop());
    while let Some(piece) = answer.chunk().await.unwrap() {
        told.extend_from_slice(&piece);
    }
    let told = String::from_utf8(told).unwrap();
    assert!(told.contains("event: done\n"), "{told}");
    let stopped = tokio::time::timeout(Duration::from_secs(30), stopped).await;
    assert!(stopped.unwrap().unwrap().success());
}

#[tokio::test]
async fn no_token_is_logged_or_handed_to_anybody_but_its_owners_space() {
    let home = tempfile::tempdir().unwrap();
    let hub = HubProcess::start(home.path(), &[]).await;
    let (hub_url, node) = (hub.at(""), Nodes::start().await);
    let settings = [LOCAL, ("AGGREGATOR_SYFTHUB_URL", &*hub_url), ("LOG_LEVEL", "trace")];
    let alone = Alone::start(home.path(), &settings).await;
    let mut asked = question(&node.url, "model", &["notes", "denied", "broken"]);
    asked["user_token"] = json!("the-whole-hub");
    asked["endpoint_tokens"] = json!({"ada": "not-made-for-her", "eve": "made-for-eve"});
    asked["transaction_tokens"] = json!({"eve": "pays-eve"});
    asked["peer_token"] = json!("a-peer");
    assert_eq!(with_token(&alone, &asked, "at-the-door").await, 200);
    let seen = format!("{:?}", node.asked());
    assert!(alone.stop().await.success());
    let log = std::fs::read_to_string(home.path().join("aggregator.log")).unwrap();
    assert!(!log.is_empty());
    for secret in
        ["the-whole-hub", "not-made-for-her", "made-for-eve", "pays-eve", "a-peer", "at-the-door"]
    {
        assert!(!seen.contains(secret), "a node was told {secret}");
        assert!(!log.contains(secret), "the log holds {secret}");
    }
    assert!(!log.contains("What is it made of?"), "the log holds the question");
}

#[tokio::test]
async fn an_endpoint_that_wants_money_is_asked_once_and_told_with_the_amount() {
    let home = tempfile::tempdir().unwrap();
    let (alone, node) = (Alone::start(home.path(), &[LOCAL]).await, Nodes::start().await);
    let mut asked = question(&node.url, "model", &["paid"]);
    for (token, status) in [(Value::Null, "error"), (json!("a hub token"), "payment_failed")] {
        asked["user_token"] = token;
        let (_, answer) = chat(&alone, "/api/v1/chat", &asked).await;
        let info = &answer["retrieval_info"][0];
        assert_eq!(info["status"], status);
        assert_eq!(info["error_message"], "HTTP 402: pay first (needs 0.5 USD)");
    }
    let (status, refused) = chat(&alone, "/api/v1/chat", &question(&node.url, "paid", &[])).await;
    assert_eq!((status, &refused["error"]), (400, &json!("generation_failed")));
    assert!(refused["message"].as_str().unwrap().ends_with("pay first (needs 0.5 USD)"));
    assert_eq!(node.asked().iter().filter(|one| one.slug == "paid").count(), 3);
}

#[tokio::test]
async fn tokens_go_only_where_the_hub_publishes_their_owner_when_that_is_strict() {
    let home = tempfile::tempdir().unwrap();
    let hub = HubProcess::start(home.path(), &[]).await;
    let ada = hub.register("ada").await.unwrap();
    let (published, other) = (Nodes::start().await, Nodes::start().await);
    let profile = hub.http().put(hub.at("/api/v1/users/me")).bearer_auth(&ada);
    let profile = profile.json(&json!({"domain": published.url})).send().await.unwrap();
    profile.error_for_status().unwrap();
    let draft = json!({
        "name": "Notes", "slug": "notes", "type": "data_source", "visibility": "public", "description": "Notes", "version": "1.0.0",
        "connect": [{"type": "http", "enabled": true, "description": "", "config": {"url": "/"}}],
    });
    let draft = hub.http().post(hub.at("/api/v1/endpoints")).bearer_auth(&ada).json(&draft);
    draft.send().await.unwrap().error_for_status().unwrap();
    let token = hub.get("/api/v1/token?aud=ada", &ada).await["target_token"].clone();

    let hub_url = hub.at("");
    let settings =
        [LOCAL, ("AGGREGATOR_STRICT_OWNER_URL", "true"), ("AGGREGATOR_SYFTHUB_URL", &*hub_url)];
    let alone = Alone::start(home.path(), &settings).await;
    for node in [&published, &other] {
        let mut asked = question(&node.url, "model", &["notes"]);
        asked["endpoint_tokens"] = json!({"ada": token});
        asked["transaction_tokens"] = json!({"ada": "pays"});
        assert_eq!(chat(&alone, "/api/v1/chat", &asked).await.0, 200);
    }
    let got = |node: &Nodes, slug: &str| {
        let asked = node.asked().into_iter().find(|one| one.slug == slug).expect("it was asked");
        (asked.headers.contains_key("authorization"), asked.body["transaction_token"] == "pays")
    };
    assert_eq!(got(&published, "notes"), (true, true));
    assert_eq!(got(&published, "model"), (false, false), "nobody publishes a model there");
    assert_eq!(got(&other, "notes"), (false, false));
}
