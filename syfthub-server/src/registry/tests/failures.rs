//! A database that fails is told as such: never as an empty list, a missing endpoint, or a name that is free.

use http::StatusCode;
use serde_json::json;

use super::draft;
use crate::db::{StoreError, params};
use crate::testing::{Answer, SignedInUser, TestHub};

async fn answers(hub: &TestHub, ada: &SignedInUser) -> Vec<(&'static str, Answer)> {
    let mut answers = Vec::new();
    for path in [
        "/api/v1/endpoints/public",
        "/api/v1/endpoints/public?search=notes",
        "/api/v1/endpoints/trending",
        "/api/v1/endpoints/guest-accessible",
        "/api/v1/endpoints/public/owners",
        "/api/v1/endpoints/public/grouped",
        "/api/v1/endpoints/public/by-owner/ada",
        "/api/v1/endpoints/public/ada/notes",
        "/ada",
        "/ada/notes",
    ] {
        answers.push((path, hub.get(path, "").await));
    }
    for path in
        ["/api/v1/endpoints", "/api/v1/endpoints/1", "/api/v1/endpoints/notes/exists", "/ada/notes"]
    {
        answers.push((path, hub.get(path, &ada.access).await));
    }
    let search = "/api/v1/endpoints/search";
    answers.push((search, hub.post(search, "", json!({"query": "notes"})).await));
    answers
}

#[tokio::test]
async fn a_broken_database_is_no_empty_list() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    hub.publish(&ada.access, draft("Notes", "model")).await;
    let broken = "ALTER TABLE endpoints RENAME COLUMN visibility TO gone";
    let write =
        hub.hub.db.write(move |tx| Box::pin(async move { tx.execute(broken, params![]).await }));
    write.await.map_err(|error: StoreError| error).unwrap();
    hub.hub.registry.forget_pages();
    for (path, answer) in answers(&hub, &ada).await {
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{path}");
        assert_eq!(answer.body["detail"], "Internal server error", "{path}");
    }
}

#[tokio::test]
async fn a_database_that_is_away_is_said_to_be_away() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    hub.publish(&ada.access, draft("Notes", "model")).await;
    hub.hub.db.close().await;
    for (path, answer) in answers(&hub, &ada).await {
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
        assert!(answer.headers.contains_key(http::header::RETRY_AFTER), "{path}");
    }
}
