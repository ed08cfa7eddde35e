//! Trending, guest-accessible endpoints, and the public views of owners.

use std::time::Duration;

use http::{StatusCode, header};
use serde_json::{Value, json};

use super::{draft, seen_by, slugs};
use crate::config::PublicTypes;
use crate::db::Db;
use crate::db::testing::both_engines;
use crate::testing::{SignedInUser, TestHub};

const TRENDING: &str = "/api/v1/endpoints/trending";
const OPEN: &str = "/api/v1/endpoints/guest-accessible";

both_engines! { Hub =>
    trending_goes_by_stars_then_by_the_latest_edit,
    guests_are_shown_what_has_no_policies,
    owners_are_listed_with_what_they_publish,
    organizations_are_found_wherever_users_are,
    public_pages_stand_still_while_stars_and_health_change,
}

/// Has `count` users star it.
async fn star(hub: &TestHub, users: &[SignedInUser], endpoint: &Value, count: usize) {
    for user in &users[..count] {
        hub.post(&format!("/api/v1/endpoints/{}/star", endpoint["id"]), &user.access, json!(null))
            .await;
    }
}

async fn users(hub: &TestHub) -> Vec<SignedInUser> {
    vec![hub.register("ada").await, hub.register("bob").await, hub.register("eve").await]
}

async fn trending_goes_by_stars_then_by_the_latest_edit(db: Db) {
    let hub = TestHub::on(db, |_| {}).await;
    let users = users(&hub).await;
    for (name, kind, stars) in [
        ("one", "model", 1),
        ("none", "agent", 0),
        ("two", "model", 2),
        ("one-too", "data_source", 1),
    ] {
        let endpoint = hub.publish(&users[0].access, draft(name, kind)).await;
        star(&hub, &users, &endpoint, stars).await;
        hub.clock.advance(Duration::from_secs(1));
    }
    let hidden = hub.publish(&users[0].access, seen_by("hidden", "internal")).await;
    star(&hub, &users, &hidden, 3).await;
    for (query, expected) in [
        ("", vec!["two", "one-too", "one", "none"]),
        ("?min_stars=1", vec!["two", "one-too", "one"]),
        ("?min_stars=1&endpoint_type=model", vec!["two", "one"]),
        ("?min_stars=3", vec![]),
        ("?skip=1&limit=2", vec!["one-too", "one"]),
    ] {
        let list = hub.get(&format!("{TRENDING}{query}"), "").await;
        assert_eq!((list.status, slugs(&list.body)), (StatusCode::OK, expected), "{query}");
    }
    for query in ["min_stars=-1", "limit=101", "endpoint_type=robot"] {
        let refused = hub.get(&format!("{TRENDING}?{query}"), "").await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
    }
}

async fn guests_are_shown_what_has_no_policies(db: Db) {
    let hub = TestHub::on(db, |_| {}).await;
    let ada = hub.register("ada").await;
    hub.publish(&ada.access, draft("Open", "model")).await;
    hub.publish(&ada.access, json!({"name": "Guarded", "type": "model", "policies": [{"type": "access", "enabled": false}]})).await;
    hub.publish(&ada.access, seen_by("Internal", "internal")).await;
    assert_eq!(slugs(&hub.get(OPEN, "").await.body), ["open"]);
    assert_eq!(hub.get(&format!("{OPEN}?endpoint_type=agent"), "").await.body, json!([]));
    hub.patch("/api/v1/endpoints/slug/guarded", &ada.access, json!({"policies": []})).await;
    assert_eq!(slugs(&hub.get(OPEN, "").await.body).len(), 2);
}

async fn owners_are_listed_with_what_they_publish(db: Db) {
    let hub = TestHub::on(db, |_| {}).await;
    let users = users(&hub).await;
    for kind in ["model", "data_source", "model_data_source"] {
        let endpoint = hub.publish(&users[1].access, draft(kind, kind)).await;
        star(&hub, &users, &endpoint, 2).await;
        hub.clock.advance(Duration::from_secs(1));
    }
    hub.publish(&users[0].access, draft("Only", "agent")).await;
    hub.publish(&users[0].access, seen_by("Mine", "private")).await;
    hub.publish(&users[2].access, seen_by("Hers", "internal")).await;
    let owners = hub.get("/api/v1/endpoints/public/owners", "").await;
    let expected = json!([
        {"username": "bob", "endpoint_count": 3, "model_count": 2, "data_source_count": 2, "stars_count": 6},
        {"username": "ada", "endpoint_count": 1, "model_count": 1, "data_source_count": 0, "stars_count": 0},
    ]);
    assert_eq!((owners.status, owners.body), (StatusCode::OK, expected));
    assert_eq!(
        hub.get("/api/v1/endpoints/public/owners?skip=1&limit=1", "").await.body[0]["username"],
        "ada"
    );
    let grouped = hub.get("/api/v1/endpoints/public/grouped?max_per_owner=2", "").await.body;
    let brief: Vec<(&Value, &Value, &Value, Vec<&str>)> = grouped
        .as_array()
        .unwrap()
        .iter()
        .map(|group| {
            (
                &group["owner_username"],
                &group["total_count"],
                &group["has_more"],
                slugs(&group["endpoints"]),
            )
        })
        .collect();
    assert_eq!(
        brief,
        [
            (&json!("bob"), &json!(3), &json!(true), vec!["model-data-source", "data-source"]),
            (&json!("ada"), &json!(1), &json!(false), vec!["only"]),
        ]
    );
}

async fn organizations_are_found_wherever_users_are(db: Db) {
    let hub = TestHub::on(db, |_| {}).await;
    let (ada, eve) = (hub.register("ada").await, hub.register("eve").await);
    let acme =
        hub.post("/api/v1/organizations", &ada.access, json!({"name": "Acme Labs"})).await.body;
    let path = format!("/api/v1/endpoints?organization_id={}", acme["id"]);
    let endpoint = hub.post(&path, &ada.access, draft("Notes", "model")).await;
    assert_eq!(endpoint.status, StatusCode::CREATED);
    let starred =
        hub.post("/api/v1/endpoints/by-path/acme-labs/notes/star", &eve.access, json!(null)).await;
    assert_eq!(starred.status, StatusCode::CREATED);
    let list = hub.get("/api/v1/endpoints/public", "").await.body;
    assert_eq!(
        (&list[0]["owner_username"], &list[0]["stars_count"]),
        (&json!("acme-labs"), &json!(1))
    );
    for view in [
        TRENDING,
        OPEN,
        "/api/v1/endpoints/public/by-owner/acme-labs",
        "/api/v1/endpoints/public?search=acme",
        "/acme-labs",
    ] {
        assert_eq!(hub.get(view, "").await.body, list, "{view}");
    }
    assert_eq!(
        hub.get("/api/v1/endpoints/public/owners", "").await.body[0]["username"],
        "acme-labs"
    );
    assert_eq!(hub.get("/api/v1/endpoints/public/grouped", "").await.body[0]["endpoints"], list);
    for query in ["notes", "acme-labs", "acme", "acme notes"] {
        let found = hub.post("/api/v1/endpoints/search", "", json!({ "query": query })).await.body;
        assert_eq!(found["results"][0]["owner_username"], "acme-labs", "{query}");
    }
    let own = hub.post("/api/v1/endpoints/sync", &ada.access, json!({"endpoints": []})).await.body;
    assert_eq!(own["deleted"], 0, "a catalogue is the user's own");
    assert_eq!(hub.get("/api/v1/endpoints/public", "").await.body, list);
    hub.delete(&format!("/api/v1/organizations/{}", acme["id"]), &ada.access).await;
    assert_eq!(hub.get("/api/v1/endpoints/public", "").await.body, json!([]));
    let gone = hub.post("/api/v1/endpoints/search", "", json!({"query": "notes"})).await.body;
    assert_eq!(gone["results"], json!([]));
}

async fn public_pages_stand_still_while_stars_and_health_change(db: Db) {
    let hub = TestHub::on(db, |_| {}).await;
    let users = users(&hub).await;
    let mut published = Vec::new();
    for n in 0..6 {
        published.push(hub.publish(&users[0].access, draft(&format!("e{n}x"), "model")).await);
        hub.clock.advance(Duration::from_secs(1));
    }
    let pages = || async {
        let mut all = Vec::new();
        for skip in [0, 2, 4] {
            let path = format!("/api/v1/endpoints/public?skip={skip}&limit=2");
            all.extend(slugs(&hub.get(&path, "").await.body).into_iter().map(str::to_owned));
        }
        all
    };
    let before = pages().await;
    assert_eq!(before.len(), 6);
    star(&hub, &users, &published[2], 3).await;
    for sql in [
        "UPDATE endpoints SET is_down = TRUE WHERE id = $1",
        "UPDATE endpoints SET is_down = FALSE WHERE id = $1",
    ] {
        hub.force(sql, published[3]["id"].as_i64().unwrap()).await;
        hub.hub.registry.forget_pages();
    }
    assert_eq!(pages().await, before);
}

#[tokio::test]
async fn an_owner_s_public_endpoints_are_seen_by_everybody_in_the_same_way() {
    let hub = TestHub::start().await;
    let users = users(&hub).await;
    for visibility in ["public", "internal", "private"] {
        hub.publish(&users[0].access, seen_by(visibility, visibility)).await;
    }
    for token in ["", users[0].access.as_str(), "nonsense"] {
        let list = hub.get("/api/v1/endpoints/public/by-owner/ADA", token).await;
        assert_eq!((list.status, slugs(&list.body)), (StatusCode::OK, vec!["public"]));
        let one = hub.get("/api/v1/endpoints/public/Ada/PUBLIC", token).await;
        assert_eq!((one.status, &one.body), (StatusCode::OK, &list.body[0]));
        assert!(one.body.get("user_id").is_none());
        for missing in
            ["ada/private", "ada/internal", "ada/nothing", "nobody/public", "by-owner/nobody"]
        {
            let answer = hub.get(&format!("/api/v1/endpoints/public/{missing}"), token).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{missing}");
        }
    }
}

#[tokio::test]
async fn public_views_follow_every_change_at_once() {
    let hub = TestHub::start().await;
    let users = users(&hub).await;
    let endpoint = hub.publish(&users[0].access, draft("Notes", "model")).await;
    let paths = [TRENDING, OPEN, "/api/v1/endpoints/public/by-owner/ada", "/ada"];
    let counts = || async {
        let mut counts = Vec::new();
        for path in paths {
            counts.push(hub.get(path, "").await.body[0]["stars_count"].clone());
        }
        counts.push(hub.get("/ada/notes", "").await.body["stars_count"].clone());
        counts
    };
    assert_eq!(counts().await, [json!(0), json!(0), json!(0), json!(0), json!(0)]);
    star(&hub, &users, &endpoint, 1).await;
    assert_eq!(counts().await, [json!(1), json!(1), json!(1), json!(1), json!(1)]);
    hub.delete("/api/v1/endpoints/slug/notes", &users[0].access).await;
    assert_eq!(counts().await, [json!(null), json!(null), json!(null), json!(null), json!(null)]);
    assert_eq!(hub.get("/ada/notes", "").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_address_answers_strangers_from_memory_and_the_signed_in_by_who_they_are() {
    let hub = TestHub::start().await;
    let users = users(&hub).await;
    hub.publish(&users[0].access, seen_by("Notes", "public")).await;
    for _ in 0..2 {
        let stranger = hub.get("/ada/notes", "").await;
        assert_eq!(stranger.headers[header::VARY], "Accept, Authorization");
        assert!(stranger.body.get("contributors").is_none());
        assert!(hub.get("/ada/notes", &users[0].access).await.body["contributors"].is_array());
    }
    hub.patch("/api/v1/endpoints/slug/notes", &users[0].access, json!({"visibility": "private"}))
        .await;
    assert_eq!(hub.get("/ada/notes", "").await.status, StatusCode::NOT_FOUND);
    assert_eq!(hub.get("/ada/notes", &users[0].access).await.status, StatusCode::OK);
}

#[tokio::test]
async fn legacy_types_are_kept_in_every_public_view() {
    let hub = TestHub::with(|config| config.registry.public_types = PublicTypes::Legacy).await;
    let ada = hub.register("ada").await;
    for kind in ["agent", "model_data_source"] {
        hub.publish(
            &ada.access,
            json!({"name": format!("Notes {kind}"), "type": kind, "slug": kind.replace('_', "-")}),
        )
        .await;
    }
    for path in [
        TRENDING,
        OPEN,
        "/api/v1/endpoints/public?search=notes",
        "/api/v1/endpoints/public/by-owner/ada",
        "/ada",
    ] {
        let list = hub.get(path, "").await.body;
        assert_eq!(slugs(&list), ["model-data-source"], "{path}");
        assert_eq!(list[0]["type"], "model", "{path}");
    }
    let found = hub.post("/api/v1/endpoints/search", "", json!({"query": "notes"})).await.body;
    assert_eq!((&found["total"], &found["results"][0]["type"]), (&json!(1), &json!("model")));
    let agents = hub
        .post("/api/v1/endpoints/search", "", json!({"query": "notes", "type": "agent"}))
        .await
        .body;
    assert_eq!(agents["results"], json!([]));
    assert_eq!(hub.get("/api/v1/endpoints/public/owners", "").await.body[0]["endpoint_count"], 1);
}

#[tokio::test]
async fn searching_is_limited_by_address_and_looking_through_the_list_is_not() {
    let hub = TestHub::with(|config| config.limits.limit_search = "2/min".parse().unwrap()).await;
    let search = || hub.post("/api/v1/endpoints/search", "", json!({ "query": "weather" }));
    assert_eq!(search().await.status, StatusCode::OK);
    assert_eq!(hub.get("/api/v1/endpoints/public?search=a", "").await.status, StatusCode::OK);
    for answer in [search().await, hub.get("/api/v1/endpoints/public?search=a", "").await] {
        assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
        assert!(answer.headers.contains_key("retry-after"));
    }
    assert_eq!(hub.get("/api/v1/endpoints/public", "").await.status, StatusCode::OK);
}
