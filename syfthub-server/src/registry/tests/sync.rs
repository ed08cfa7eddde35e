//! Catalogues.

use std::time::Duration;

use http::StatusCode;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::slugs;
use crate::db::testing::both_engines;
use crate::db::{Db, StoreError, params};
use crate::testing::{Answer, SignedInUser, TestHub};

const SYNC: &str = "/api/v1/endpoints/sync";

both_engines! { Hub =>
    what_stays_keeps_its_number_its_stars_and_its_dates,
    an_empty_catalogue_removes_everything_and_no_catalogue_nothing,
    of_catalogues_sent_at_once_one_is_what_remains,
}

async fn sync(hub: &TestHub, user: &SignedInUser, endpoints: Value) -> Answer {
    hub.post(SYNC, &user.access, json!({ "endpoints": endpoints })).await
}

async fn own(hub: &TestHub, user: &SignedInUser) -> Value {
    hub.get("/api/v1/endpoints?limit=100", &user.access).await.body
}

async fn what_stays_keeps_its_number_its_stars_and_its_dates(db: Db) {
    let hub = TestHub::on(db, |_| {}).await;
    let ada = hub.register("ada").await;
    let catalogue = json!([
        {"name": "Same", "type": "model", "tags": ["a", "b"]},
        {"name": "Changed", "type": "model", "slug": "changed"},
        {"name": "Gone", "type": "model"},
    ]);
    let first = sync(&hub, &ada, catalogue).await;
    assert_eq!(
        (first.status, &first.body["synced"], &first.body["deleted"]),
        (StatusCode::OK, &json!(3), &json!(0))
    );
    assert_eq!(slugs(&first.body["endpoints"]), ["same", "changed", "gone"]);
    assert_eq!(first.body["endpoints"][0]["tags"], json!(["a", "b"]));
    for endpoint in first.body["endpoints"].as_array().unwrap() {
        hub.post(&format!("/api/v1/endpoints/{}/star", endpoint["id"]), &ada.access, json!(null))
            .await;
    }
    hub.clock.advance(Duration::from_secs(9));
    let catalogue = json!([
        {"name": "New", "type": "agent"},
        {"name": "Changed", "type": "data_source", "slug": "changed", "readme": "new"},
        {"name": "Same", "type": "model", "tags": ["a", "b"]},
    ]);
    let second = sync(&hub, &ada, catalogue).await;
    assert_eq!((&second.body["synced"], &second.body["deleted"]), (&json!(3), &json!(3)));
    let mut same = first.body["endpoints"][0].clone();
    same["stars_count"] = json!(1);
    assert_eq!(second.body["endpoints"][2], same);
    let (before, after) = (&first.body["endpoints"][1], &second.body["endpoints"][1]);
    for kept in ["id", "created_at", "slug"] {
        assert_eq!(before[kept], after[kept], "{kept}");
    }
    assert_eq!(
        (&after["stars_count"], &after["type"], &after["readme"]),
        (&json!(1), &json!("data_source"), &json!("new"))
    );
    assert_eq!(after["updated_at"], "2027-01-15T08:00:09.000000Z");
    assert_eq!(slugs(&own(&hub, &ada).await), ["new", "changed", "same"]);
    assert_eq!(hub.get("/ada/gone", "").await.status, StatusCode::NOT_FOUND);
}

async fn an_empty_catalogue_removes_everything_and_no_catalogue_nothing(db: Db) {
    let hub = TestHub::on(db, |_| {}).await;
    let (ada, bob) = (hub.register("ada").await, hub.register("bob").await);
    for user in [&ada, &bob] {
        sync(
            &hub,
            user,
            json!([{"name": "One", "type": "model"}, {"name": "Two", "type": "model"}]),
        )
        .await;
    }
    for body in [json!({}), json!({"endpoints": null}), json!({"endpoint": []})] {
        let refused = hub.post(SYNC, &ada.access, body).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(refused.body["detail"][0]["loc"], json!(["body", "endpoints"]));
    }
    assert_eq!(own(&hub, &ada).await.as_array().unwrap().len(), 2);
    let wiped = sync(&hub, &ada, json!([])).await;
    assert_eq!(wiped.body, json!({"synced": 0, "deleted": 2, "endpoints": []}));
    assert_eq!(own(&hub, &ada).await, json!([]));
    assert_eq!(own(&hub, &bob).await.as_array().unwrap().len(), 2);
}

async fn of_catalogues_sent_at_once_one_is_what_remains(db: Db) {
    let hub = std::sync::Arc::new(TestHub::on(db, |_| {}).await);
    let ada = hub.register("ada").await;
    let tries = (0..6).map(|n| {
        let (hub, ada) = (std::sync::Arc::clone(&hub), ada.clone());
        tokio::spawn(async move {
            let catalogue: Vec<Value> = (0..5)
                .map(|m| json!({"name": format!("shared {m}"), "type": "model", "description": format!("by {n}")}))
                .chain([json!({"name": format!("only {n}"), "type": "model"})])
                .collect();
            sync(&hub, &ada, json!(catalogue)).await.status
        })
    });
    for attempt in tries.collect::<Vec<_>>() {
        assert_eq!(attempt.await.unwrap(), StatusCode::OK);
    }
    let left = own(&hub, &ada).await;
    let left = left.as_array().unwrap();
    assert_eq!(left.len(), 6);
    let last =
        left.iter().find_map(|one| one["slug"].as_str().unwrap().strip_prefix("only-")).unwrap();
    let shared = left.iter().filter(|one| one["slug"].as_str().unwrap().starts_with("shared"));
    assert!(shared.into_iter().all(|one| one["description"] == format!("by {last}")));
}

#[tokio::test]
async fn mistakes_are_listed_with_their_places_and_nothing_is_published() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    sync(&hub, &ada, json!([{"name": "Kept", "type": "model"}])).await;
    let twice = json!([
        {"name": "a", "type": "model", "slug": "notes"},
        {"name": "b", "type": "model"},
        {"name": "c", "type": "model", "slug": "notes"},
        {"name": "d", "type": "model", "connect": [{"type": "http", "config": {"url": "http://evil.org/"}}]},
    ]);
    let refused = sync(&hub, &ada, twice).await;
    assert_eq!(
        (refused.status, &refused.body["detail"]["code"]),
        (StatusCode::BAD_REQUEST, &json!("VALIDATION_ERROR"))
    );
    let errors = refused.body["detail"]["errors"].as_array().unwrap();
    let places: Vec<(&Value, &Value)> =
        errors.iter().map(|one| (&one["index"], &one["field"])).collect();
    assert_eq!(places, [(&json!(2), &json!("slug")), (&json!(3), &json!("connect"))]);
    assert!(
        errors.iter().all(|one| one["error"].is_string())
            && refused.body["detail"]["message"].is_string()
    );
    let malformed = sync(
        &hub,
        &ada,
        json!([{"name": "a", "type": "model"}, {"name": "b", "type": "model", "slug": "x"}]),
    )
    .await;
    assert_eq!(malformed.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(malformed.body["detail"][0]["loc"], json!(["body", "endpoints", 1, "slug"]));
    assert_eq!(slugs(&own(&hub, &ada).await), ["kept"]);
}

#[tokio::test]
async fn three_hundred_endpoints_are_one_catalogue_and_more_are_none() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    let many = |count: usize| json!(vec![json!({"name": "Same Name", "type": "model"}); count]);
    let accepted = sync(&hub, &ada, many(300)).await;
    assert_eq!((accepted.status, &accepted.body["synced"]), (StatusCode::OK, &json!(300)));
    let distinct: std::collections::HashSet<&str> =
        slugs(&accepted.body["endpoints"]).into_iter().collect();
    assert_eq!(distinct.len(), 300);
    let refused = sync(&hub, &ada, many(301)).await;
    assert_eq!(
        (refused.status, &refused.body["detail"][0]["type"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("too_long"))
    );
}

#[tokio::test]
async fn a_catalogue_leaves_one_event_and_a_failure_leaves_none() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    sync(&hub, &ada, json!([{"name": "One", "type": "model"}])).await;
    let drop = "DROP TABLE name_words";
    let write =
        hub.hub.db.write(move |tx| Box::pin(async move { tx.execute(drop, params![]).await }));
    write.await.map_err(|error: StoreError| error).unwrap();
    let failed = sync(&hub, &ada, json!([{"name": "Another", "type": "model"}])).await;
    assert_eq!(
        (failed.status, &failed.body["detail"]["code"]),
        (StatusCode::INTERNAL_SERVER_ERROR, &json!("SYNC_FAILED"))
    );
    assert_eq!(slugs(&own(&hub, &ada).await), ["one"]);
    let events = "SELECT COUNT(*) FROM audit_events WHERE action = 'endpoint.sync'";
    let read = hub.hub.db.read(move |tx| {
        Box::pin(async move { tx.query_opt(events, params![]).await?.unwrap().get::<i64>(0) })
    });
    assert_eq!(read.await.map_err(|error: StoreError| error).unwrap(), 1);
}

#[tokio::test]
async fn what_an_administrator_switched_off_stays_off() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    let first = sync(&hub, &ada, json!([{"name": "Notes", "type": "model"}])).await;
    let id = first.body["endpoints"][0]["id"].as_i64().unwrap();
    hub.force("UPDATE endpoints SET is_disabled = TRUE WHERE id = $1", id).await;
    let again =
        sync(&hub, &ada, json!([{"name": "Notes", "type": "model", "readme": "new"}])).await;
    assert_eq!(
        (&again.body["endpoints"][0]["id"], &again.body["endpoints"][0]["is_active"]),
        (&json!(id), &json!(false))
    );
}

/// Whatever is published before, afterwards the caller's endpoints are those of the catalogue, in number and content.
#[test]
fn a_sync_leaves_the_catalogue_it_was_given() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let hub = runtime.block_on(TestHub::start());
    let ada = runtime.block_on(hub.register("ada"));
    let name = prop_oneof!["[a-c]{3}", "[A-Za-z ]{1,12}", "日本語|api|API"];
    let slug = proptest::option::of("[a-c]{3}(-[1-2])?");
    let kind = prop_oneof![Just("model"), Just("data_source"), Just("agent")];
    let seen = prop_oneof![Just("public"), Just("private")];
    let item = (name, slug, kind, seen, "[a-z ]{0,10}");
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(32));
    let outcome = runner.run(&proptest::collection::vec(item, 0..8), |items| {
        let catalogue: Vec<Value> = items
            .into_iter()
            .map(|(name, slug, kind, seen, description)| {
                json!({"name": name, "slug": slug, "type": kind, "visibility": seen, "description": description})
            })
            .collect();
        let answer = runtime.block_on(sync(&hub, &ada, json!(catalogue)));
        let wanted: Vec<&Value> = catalogue.iter().map(|one| &one["slug"]).filter(|slug| !slug.is_null()).collect();
        let distinct = wanted.iter().all(|slug| wanted.iter().filter(|other| other == &slug).count() == 1);
        prop_assert_eq!(answer.status == StatusCode::OK, distinct);
        if !distinct {
            return Ok(());
        }
        let published = answer.body["endpoints"].as_array().unwrap();
        prop_assert_eq!(published.len(), catalogue.len());
        for (sent, got) in catalogue.iter().zip(published) {
            for field in ["name", "type", "visibility", "description"] {
                prop_assert_eq!(&sent[field], &got[field]);
            }
            prop_assert!(sent["slug"].is_null() || sent["slug"] == got["slug"]);
        }
        let mut stored = runtime.block_on(own(&hub, &ada)).as_array().unwrap().clone();
        let mut told = published.clone();
        for list in [&mut stored, &mut told] {
            list.sort_by_key(|one| one["id"].as_i64());
        }
        prop_assert_eq!(stored, told);
        Ok(())
    });
    outcome.unwrap();
}
