//! Starring, by number and by address.

use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{draft, seen_by, slugs};
use crate::db::testing::both_engines;
use crate::db::{Db, StoreError, params};
use crate::testing::TestHub;

both_engines! { Hub =>
    a_star_counts_once_and_moves_no_date,
    stars_of_a_user_who_leaves_are_taken_off_the_counters,
    what_is_removed_takes_its_stars_along,
}

fn star(endpoint: &Value) -> String {
    format!("/api/v1/endpoints/{}/star", endpoint["id"])
}

async fn run(hub: &TestHub, sql: &'static str) {
    let write =
        hub.hub.db.write(move |tx| Box::pin(async move { tx.execute(sql, params![]).await }));
    write.await.map_err(|error: StoreError| error).unwrap();
}

async fn a_star_counts_once_and_moves_no_date(db: Db) {
    let hub = TestHub::on(db, |_| {}).await;
    let (ada, bob) = (hub.register("ada").await, hub.register("bob").await);
    let endpoint = hub.publish(&ada.access, draft("Notes", "model")).await;
    hub.clock.advance(Duration::from_secs(5));
    for (user, expected) in [(&bob, true), (&bob, false), (&ada, true)] {
        let answer = hub.post(&star(&endpoint), &user.access, json!(null)).await;
        assert_eq!(
            (answer.status, answer.body),
            (StatusCode::CREATED, json!({"starred": expected}))
        );
    }
    let shown = hub.get("/ada/notes", "").await.body;
    assert_eq!((&shown["stars_count"], &shown["updated_at"]), (&json!(2), &endpoint["updated_at"]));
    for _ in 0..2 {
        let answer = hub.delete(&star(&endpoint), &bob.access).await;
        assert_eq!((answer.status, answer.body), (StatusCode::NO_CONTENT, json!(null)));
    }
    assert_eq!(hub.get("/ada/notes", "").await.body["stars_count"], 1);
    let starred = format!("/api/v1/endpoints/{}/starred", endpoint["id"]);
    assert_eq!(hub.get(&starred, &ada.access).await.body, json!({"starred": true}));
    assert_eq!(hub.get(&starred, &bob.access).await.body, json!({"starred": false}));
}

async fn stars_of_a_user_who_leaves_are_taken_off_the_counters(db: Db) {
    let hub = TestHub::on(db, |_| {}).await;
    let (ada, bob) = (hub.register("ada").await, hub.register("bob").await);
    let endpoint = hub.publish(&ada.access, draft("Notes", "model")).await;
    hub.post(&star(&endpoint), &bob.access, json!(null)).await;
    hub.post(&star(&endpoint), &ada.access, json!(null)).await;
    hub.force("DELETE FROM users WHERE id = $1", bob.id).await;
    let path = format!("/api/v1/endpoints/{}", endpoint["id"]);
    assert_eq!(hub.get(&path, &ada.access).await.body["stars_count"], 1);
}

async fn what_is_removed_takes_its_stars_along(db: Db) {
    let hub = TestHub::on(db, |_| {}).await;
    let ada = hub.register("ada").await;
    let first = hub.publish(&ada.access, draft("Notes", "model")).await;
    hub.post(&star(&first), &ada.access, json!(null)).await;
    assert_eq!(
        hub.delete("/api/v1/endpoints/slug/notes", &ada.access).await.status,
        StatusCode::NO_CONTENT
    );
    let again = hub.publish(&ada.access, draft("Notes", "model")).await;
    assert_eq!((&again["slug"], &again["stars_count"]), (&json!("notes"), &json!(0)));
    // Every row points to an endpoint that is there, so this changes nothing.
    run(&hub, "UPDATE stars SET created_at = created_at").await;
    assert_eq!(hub.get("/ada/notes", "").await.body["stars_count"], 0);
}

#[tokio::test]
async fn what_cannot_be_seen_cannot_be_starred() {
    let hub = TestHub::start().await;
    let (ada, eve) = (hub.register("ada").await, hub.register("eve").await);
    for (visibility, expected) in [
        ("public", StatusCode::CREATED),
        ("internal", StatusCode::CREATED),
        ("private", StatusCode::NOT_FOUND),
    ] {
        let endpoint = hub.publish(&ada.access, seen_by(visibility, visibility)).await;
        let by_path = format!("/api/v1/endpoints/by-path/ADA/{visibility}/star");
        for path in [star(&endpoint), by_path] {
            assert_eq!(hub.post(&path, &eve.access, json!(null)).await.status, expected, "{path}");
            assert_eq!(hub.post(&path, "", json!(null)).await.status, StatusCode::UNAUTHORIZED);
        }
    }
    let missing = hub.post("/api/v1/endpoints/999/star", &eve.access, json!(null)).await;
    let hidden =
        hub.post("/api/v1/endpoints/by-path/ada/private/star", &eve.access, json!(null)).await;
    assert_eq!(
        (missing.status, missing.body),
        (hidden.status, hidden.body),
        "existence does not leak"
    );
    let unknown = hub.delete("/api/v1/endpoints/999/star", &eve.access).await;
    assert_eq!(unknown.status, StatusCode::NO_CONTENT);
    assert_eq!(
        hub.get("/api/v1/endpoints/999/starred", &eve.access).await.body,
        json!({"starred": false})
    );
    assert_eq!(
        hub.post("/api/v1/endpoints/x/star", &eve.access, json!(null)).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
}

#[tokio::test]
async fn a_star_can_be_taken_back_from_what_was_hidden_since() {
    let hub = TestHub::start().await;
    let (ada, eve) = (hub.register("ada").await, hub.register("eve").await);
    let endpoint = hub.publish(&ada.access, seen_by("Notes", "public")).await;
    hub.post(&star(&endpoint), &eve.access, json!(null)).await;
    hub.patch("/api/v1/endpoints/slug/notes", &ada.access, json!({"visibility": "private"})).await;
    hub.delete("/api/v1/endpoints/by-path/ada/notes/star", &eve.access).await;
    assert_eq!(hub.get("/ada/notes", &ada.access).await.body["stars_count"], 0);
}

#[tokio::test]
async fn the_oldest_clients_star_by_patch() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    let endpoint = hub.publish(&ada.access, draft("Notes", "model")).await;
    let patch = |verb: &str| {
        let (path, hub, token) =
            (format!("/api/v1/endpoints/{}/{verb}", endpoint["id"]), &hub, ada.access.clone());
        async move { hub.call(Method::PATCH, &path, &token, json!(null)).await }
    };
    let starred = patch("star").await;
    assert_eq!((starred.status, starred.body), (StatusCode::OK, json!({"starred": true})));
    assert_eq!(hub.get("/ada/notes", "").await.body["stars_count"], 1);
    assert_eq!(patch("unstar").await.status, StatusCode::NO_CONTENT);
    assert_eq!(hub.get("/ada/notes", "").await.body["stars_count"], 0);
}

#[tokio::test]
async fn addresses_are_starred_in_any_case_of_letters() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    hub.publish(&ada.access, draft("Notes", "model")).await;
    let at = |last: &str| format!("/api/v1/endpoints/by-path/Ada/NOTES/{last}");
    assert_eq!(
        hub.post(&at("star"), &ada.access, json!(null)).await.body,
        json!({"starred": true})
    );
    assert_eq!(hub.get(&at("starred"), &ada.access).await.body, json!({"starred": true}));
    assert_eq!(hub.delete(&at("star"), &ada.access).await.status, StatusCode::NO_CONTENT);
    assert_eq!(hub.get(&at("starred"), &ada.access).await.body, json!({"starred": false}));
    assert_eq!(slugs(&hub.get("/ada", "").await.body), ["notes"]);
}
