//! Requests that race, on both engines: nobody's change is lost, and nothing exists twice.

use std::collections::HashSet;
use std::sync::Arc;

use http::StatusCode;
use serde_json::json;

use super::draft;
use crate::db::Db;
use crate::db::testing::both_engines;
use crate::testing::{TestHub, registration};

both_engines! { Hub =>
    of_many_who_want_one_slug_one_gets_it,
    patches_of_different_fields_are_all_kept,
    profile_changes_of_different_fields_are_all_kept,
    of_many_who_want_one_username_one_gets_it,
}

async fn of_many_who_want_one_slug_one_gets_it(db: Db) {
    let hub = Arc::new(TestHub::on(db, |_| {}).await);
    let ada = hub.register("ada").await;
    let tries = (0..16).map(|n| {
        let (hub, token) = (Arc::clone(&hub), ada.access.clone());
        let mut body = draft("Notes", "model");
        if n % 2 == 0 {
            body["slug"] = json!("wanted");
        }
        tokio::spawn(async move { hub.post("/api/v1/endpoints", &token, body).await })
    });
    let (mut slugs, mut refused) = (HashSet::new(), 0);
    for attempt in tries.collect::<Vec<_>>() {
        let answer = attempt.await.unwrap();
        match answer.status {
            StatusCode::CREATED => assert!(slugs.insert(answer.body["slug"].to_string())),
            status => {
                assert_eq!(status, StatusCode::BAD_REQUEST);
                refused += 1;
            }
        }
    }
    assert_eq!((slugs.len(), refused), (9, 7));
}

async fn patches_of_different_fields_are_all_kept(db: Db) {
    let hub = Arc::new(TestHub::on(db, |_| {}).await);
    let ada = hub.register("ada").await;
    let created = hub.publish(&ada.access, draft("Notes", "model")).await;
    let changes = [
        json!({"description": "d"}),
        json!({"readme": "r"}),
        json!({"version": "9.9.9"}),
        json!({"tags": ["t"]}),
        json!({"name": "N"}),
    ];
    let tries = changes.map(|change| {
        let (hub, token, path) =
            (Arc::clone(&hub), ada.access.clone(), format!("/api/v1/endpoints/{}", created["id"]));
        tokio::spawn(async move { hub.patch(&path, &token, change).await.status })
    });
    for attempt in tries {
        assert_eq!(attempt.await.unwrap(), StatusCode::OK);
    }
    let kept = hub.get(&format!("/api/v1/endpoints/{}", created["id"]), &ada.access).await.body;
    let read =
        ["description", "readme", "version", "name"].map(|field| kept[field].as_str().unwrap());
    assert_eq!((read, &kept["tags"]), (["d", "r", "9.9.9", "N"], &json!(["t"])));
}

async fn profile_changes_of_different_fields_are_all_kept(db: Db) {
    let hub = Arc::new(TestHub::on(db, |_| {}).await);
    let ada = hub.register("ada").await;
    let changes = [
        json!({"full_name": "Ada L."}),
        json!({"domain": "node.acme.org"}),
        json!({"avatar_url": "https://acme.org/a.png"}),
        json!({"username": "countess"}),
        json!({"email": "countess@acme.org"}),
    ];
    let tries = changes.clone().map(|change| {
        let (hub, token) = (Arc::clone(&hub), ada.access.clone());
        tokio::spawn(async move { hub.put("/api/v1/users/me", &token, change).await.status })
    });
    for attempt in tries {
        assert_eq!(attempt.await.unwrap(), StatusCode::OK);
    }
    let kept = hub.get("/api/v1/users/me", &ada.access).await.body;
    for change in changes {
        let (field, value) = change.as_object().unwrap().iter().next().unwrap();
        assert_eq!(&kept[field], value);
    }
}

async fn of_many_who_want_one_username_one_gets_it(db: Db) {
    let hub = Arc::new(TestHub::on(db, |_| {}).await);
    let bob = hub.register("bob").await;
    let tries = (0..8).map(|n| {
        let (hub, bob) = (Arc::clone(&hub), bob.access.clone());
        tokio::spawn(async move {
            if n == 0 {
                return hub.put("/api/v1/users/me", &bob, json!({"username": "ada"})).await.status;
            }
            let mut body = registration("ada");
            body["email"] = json!(format!("ada{n}@acme.org"));
            hub.post("/api/v1/auth/register", "", body).await.status
        })
    });
    let mut winners = 0;
    for attempt in tries.collect::<Vec<_>>() {
        match attempt.await.unwrap() {
            StatusCode::OK | StatusCode::CREATED => winners += 1,
            status => assert_eq!(status, StatusCode::CONFLICT),
        }
    }
    assert_eq!(winners, 1);
}
