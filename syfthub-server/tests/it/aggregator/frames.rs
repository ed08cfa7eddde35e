//! What is streamed stays readable for clients whose lines have 64 KiB (contract aggregator 1.7.1).

use serde_json::{Value, json};

use super::nodes::Nodes;
use super::{Alone, LOCAL, question};

#[tokio::test]
async fn no_line_is_longer_than_64_kib_whatever_sources_and_model_say() {
    let home = tempfile::tempdir().unwrap();
    let (alone, node) = (Alone::start(home.path(), &[LOCAL]).await, Nodes::start().await);
    let mut asked = question(&node.url, "long", &["wide", "wide", "wide", "notes"]);
    asked["top_k"] = json!(20);
    asked["stream_events"] = json!(["all"]);
    let request = alone.http().post(alone.at("/api/v1/chat/stream")).json(&asked);
    let text = request.send().await.unwrap().text().await.unwrap();
    let longest = text.lines().map(str::len).max().unwrap();
    assert!(longest <= 64 * 1024, "{longest}");
    let mut said = String::new();
    for data in text.lines().filter_map(|line| line.strip_prefix("data: ")) {
        let data: Value = serde_json::from_str(data).expect("JSON on one line");
        said.push_str(data["content"].as_str().unwrap_or_default());
    }
    assert_eq!(said.len(), 5_000 * "The lighthouse is made of granite [cite:1]. ".len());
    assert!(text.trim_end().lines().rev().nth(1).is_some_and(|line| line == "event: done"));
}
