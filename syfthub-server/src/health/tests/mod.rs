//! What health promises over HTTP, on both engines where the database has a part in it.

mod heartbeats;
mod history;
mod probes;
mod reports;

use std::time::Duration;

use serde_json::{Value, json};

use crate::testing::{SignedInUser, TestHub};

/// The time between two looks of the hub.
const INTERVAL: Duration = Duration::from_secs(30);

const PATH: &str = "/api/v1/endpoints/public?limit=100";

/// Publishes an endpoint with a connection; answers its number.
async fn publish(hub: &TestHub, owner: &SignedInUser, slug: &str) -> i64 {
    let draft =
        json!({"name": slug, "slug": slug, "type": "model", "connect": [{"type": "https"}]});
    hub.publish(&owner.access, draft).await["id"].as_i64().unwrap()
}

/// The slugs of the public list.
async fn listed(hub: &TestHub) -> Vec<String> {
    let list = hub.get(PATH, "").await.body;
    let mut slugs: Vec<String> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["slug"].as_str().unwrap().to_owned())
        .collect();
    slugs.sort_unstable();
    slugs
}

async fn heartbeat(hub: &TestHub, owner: &SignedInUser, url: &str, ttl: i64) {
    let body = json!({"url": url, "ttl_seconds": ttl});
    let answer = hub.post("/api/v1/users/me/heartbeat", &owner.access, body).await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
}

/// A report of the same status for each slug.
fn report_of(slugs: &[&str], status: &str) -> Value {
    let item =
        |slug: &&str| json!({"slug": slug, "status": status, "checked_at": "2001-01-01T00:00:00Z"});
    let endpoints: Vec<Value> = slugs.iter().map(item).collect();
    json!({"endpoints": endpoints, "ttl_seconds": 90, "url": "https://node.acme.org"})
}

async fn report(hub: &TestHub, token: &str, slugs: &[&str], status: &str) -> Value {
    let answer = hub.post("/api/v1/endpoints/health", token, report_of(slugs, status)).await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    answer.body
}

/// Lets the hub look once, and an interval pass.
async fn look(hub: &TestHub) {
    super::watch(hub.hub.clone()).await.unwrap();
    hub.clock.advance(INTERVAL);
}
