//! Whoever hangs up ends all that was done for them.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use super::nodes::{Sign, Silent};
use super::{Alone, LOCAL, reference};
use crate::process::{Door, HubProcess};

/// How soon nodes must be let go.
const SOON: Duration = Duration::from_secs(1);

/// How long anything else may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// The beginning of an answer that is being streamed.
const FIRST_WORDS: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: {\"content\":\"It\"}\n\n";

/// Asks, waits until the node was asked so often, hangs up, and waits until all of that is over.
async fn hang_up(
    client: &reqwest::Client,
    path: &str,
    node: &mut Silent,
    question: &Value,
    calls: usize,
) {
    let request = client.post(path).json(question);
    let caller = tokio::spawn(async move { request.send().await.expect("it is up").text().await });
    for _ in 0..calls {
        assert_eq!(node.next(PATIENCE).await, Sign::Asked, "{path}");
    }
    caller.abort();
    for _ in 0..calls {
        assert_eq!(node.next(SOON).await, Sign::Left, "{path}: {question}");
    }
}

async fn every_route_lets_go(client: &reqwest::Client, door: &Door, prefix: &str) {
    for route in ["chat", "chat/stream"] {
        let path = door.at(&format!("{prefix}/{route}"));
        for beginning in ["", "HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{", FIRST_WORDS] {
            let mut node = Silent::start(beginning).await;
            let model = reference(&node.url, "model");
            let writing = json!({"prompt": "Why?", "model": model});
            hang_up(client, &path, &mut node, &writing, 1).await;
            if beginning != FIRST_WORDS {
                let sources = ["a", "b", "c"].map(|slug| reference(&node.url, slug));
                let searching = json!({"prompt": "Why?", "model": model, "data_sources": sources});
                hang_up(client, &path, &mut node, &searching, 3).await;
            }
        }
    }
}

/// The answers that are under way, as the server counts them.
async fn until_nothing_is_open(door: &Door) {
    let nothing = async {
        loop {
            let numbers = door.http().get(door.at("/metrics")).send().await.expect("it is up");
            if numbers.text().await.expect("text").contains("\naggregator_open_answers 0\n") {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, nothing).await.expect("every place is free again");
}

fn home() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder for the test")
}

async fn hub(home: &Path) -> HubProcess {
    HubProcess::start(home, &[LOCAL]).await
}

#[tokio::test]
async fn a_caller_of_a_hub_who_hangs_up_closes_every_connection_within_a_second() {
    let home = home();
    let hub = hub(home.path()).await;
    every_route_lets_go(hub.http(), &hub, "/aggregator/api/v1").await;
    until_nothing_is_open(&hub).await;
}

#[tokio::test]
async fn a_caller_of_an_aggregator_who_hangs_up_closes_every_connection_within_a_second() {
    let home = home();
    let alone = Alone::start(home.path(), &[LOCAL]).await;
    every_route_lets_go(alone.http(), &alone, "/api/v1").await;
    until_nothing_is_open(&alone).await;
}

#[tokio::test]
async fn a_caller_who_gives_up_one_of_many_streams_on_a_connection_closes_what_was_done_for_it() {
    let home = home();
    let alone = Alone::start(home.path(), &[LOCAL]).await;
    let client = reqwest::Client::builder().no_proxy().http2_prior_knowledge().build();
    let client = client.expect("a client without special wishes");
    every_route_lets_go(&client, &alone, "/api/v1").await;
    until_nothing_is_open(&alone).await;
}
