//! Requests that race, on both engines: nobody's change is lost, and nothing exists twice.

use std::collections::HashSet;
use std::sync::Arc;

use http::StatusCode;
use serde_json::{Value, json};

use super::draft;
use crate::db::Db;
use crate::db::testing::both_engines;
use crate::testing::{TestHub, registration};

both_engines! { Hub =>
    of_many_who_want_one_slug_one_gets_it,
    patches_of_different_fields_are_all_kept,
    stars_given_at_once_count_once_each,
    publishing_during_a_sync_makes_no_second_endpoint,
    stars_and_removals_at_once_leave_nothing_behind,
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

async fn stars_given_at_once_count_once_each(db: Db) {
    let hub = Arc::new(TestHub::on(db, |_| {}).await);
    let mut users = Vec::new();
    for name in ["ada", "bob", "eve"] {
        users.push(hub.register(name).await);
    }
    let created = hub.publish(&users[0].access, draft("Notes", "model")).await;
    let path = format!("/api/v1/endpoints/{}", created["id"]);
    let tries = (0..24).map(|n| {
        let (hub, token, path) =
            (Arc::clone(&hub), users[n % 3].access.clone(), format!("{path}/star"));
        tokio::spawn(async move { hub.post(&path, &token, json!(null)).await })
    });
    let mut new = 0;
    for attempt in tries.collect::<Vec<_>>() {
        let answer = attempt.await.unwrap();
        assert_eq!(answer.status, StatusCode::CREATED);
        new += usize::from(answer.body["starred"] == true);
    }
    let shown = hub.get(&path, &users[0].access).await.body;
    assert_eq!((new, &shown["stars_count"]), (3, &json!(3)));
    assert_eq!(shown["updated_at"], created["updated_at"]);
}

async fn publishing_during_a_sync_makes_no_second_endpoint(db: Db) {
    let hub = Arc::new(TestHub::on(db, |_| {}).await);
    let ada = hub.register("ada").await;
    let catalogue: Vec<Value> = (0..6)
        .map(|n| json!({"name": "n", "type": "model", "slug": format!("slug-{n}")}))
        .collect();
    let tries = (0..18).map(|n| {
        let (hub, token, catalogue) = (Arc::clone(&hub), ada.access.clone(), catalogue.clone());
        tokio::spawn(async move {
            match n % 3 {
                0 => {
                    let body = json!({ "endpoints": catalogue });
                    let synced = hub.post("/api/v1/endpoints/sync", &token, body).await;
                    assert_eq!(synced.status, StatusCode::OK, "{:?}", synced.body);
                }
                1 => {
                    let made =
                        hub.post("/api/v1/endpoints", &token, catalogue[n % 6].clone()).await;
                    assert!(matches!(made.status, StatusCode::CREATED | StatusCode::BAD_REQUEST));
                }
                _ => {
                    let path = format!("/api/v1/endpoints/slug/slug-{}", n % 6);
                    let edited = hub.patch(&path, &token, json!({"readme": "r"})).await;
                    assert!(matches!(edited.status, StatusCode::OK | StatusCode::NOT_FOUND));
                }
            }
        })
    });
    for attempt in tries.collect::<Vec<_>>() {
        attempt.await.unwrap();
    }
    let left = hub.get("/api/v1/endpoints?limit=100", &ada.access).await.body;
    let slugs: HashSet<&str> = super::slugs(&left).into_iter().collect();
    assert_eq!((slugs.len(), left.as_array().unwrap().len()), (6, 6));
}

async fn stars_and_removals_at_once_leave_nothing_behind(db: Db) {
    let hub = Arc::new(TestHub::on(db, |_| {}).await);
    let (ada, bob) = (hub.register("ada").await, hub.register("bob").await);
    for _ in 0..8 {
        let created = hub.publish(&ada.access, draft("Notes", "model")).await;
        let path = format!("/api/v1/endpoints/{}", created["id"]);
        let star = {
            let (hub, token, path) = (Arc::clone(&hub), bob.access.clone(), format!("{path}/star"));
            tokio::spawn(async move { hub.post(&path, &token, json!(null)).await.status })
        };
        assert_eq!(hub.delete(&path, &ada.access).await.status, StatusCode::NO_CONTENT);
        let starred = star.await.unwrap();
        assert!(matches!(starred, StatusCode::CREATED | StatusCode::NOT_FOUND), "{starred}");
        assert_eq!(hub.get(&path, &ada.access).await.status, StatusCode::NOT_FOUND);
    }
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
