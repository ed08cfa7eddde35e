//! Creating, changing and removing endpoints.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};

use super::{draft, seen_by};
use crate::db::{StoreError, params};
use crate::testing::TestHub;

const SWITCH_OFF: &str = "UPDATE endpoints SET is_disabled = TRUE WHERE id = $1";
const MAKE_ADMIN: &str = "UPDATE users SET role = 'admin' WHERE id = $1";
const EVENTS: &str = "SELECT action FROM audit_events WHERE subject = $1 ORDER BY id";

async fn switch_off(hub: &TestHub, endpoint: &Value) {
    hub.force(SWITCH_OFF, endpoint["id"].as_i64().unwrap()).await;
}

fn by_id(endpoint: &Value) -> String {
    format!("/api/v1/endpoints/{}", endpoint["id"])
}

#[tokio::test]
async fn a_created_endpoint_comes_back_whole() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    let sent = json!({
        "name": "Field Notes", "type": "data_source", "visibility": "internal", "description": "What grows where",
        "version": "1.2.3", "readme": "# Notes", "tags": [" Plants ", "plants", "rivers"],
        "policies": [{"type": "rate_limit", "config": {"per_minute": 5}}],
        "connect": [{"type": "https", "config": {"path": "/api/v1/endpoints/field-notes/query"}}],
        "contributors": [999, ada.id, ada.id], "stars_count": 7, "is_active": false,
    });
    let created = hub.publish(&ada.access, sent).await;
    let expected = json!({
        "id": created["id"], "user_id": ada.id, "organization_id": null, "owner_username": "ada",
        "name": "Field Notes", "slug": "field-notes", "description": "What grows where", "type": "data_source",
        "visibility": "internal", "is_active": true, "contributors": [ada.id], "version": "1.2.3", "readme": "# Notes",
        "tags": ["plants", "rivers"], "stars_count": 0,
        "policies": [{"type": "rate_limit", "version": "1.0", "enabled": true, "description": "", "config": {"per_minute": 5}}],
        "connect": [{"type": "https", "enabled": true, "description": "", "config": {"path": "/api/v1/endpoints/field-notes/query"}}],
        "created_at": "2027-01-15T08:00:00.000000Z", "updated_at": "2027-01-15T08:00:00.000000Z",
    });
    assert_eq!(created, expected);
    assert_eq!(hub.get(&by_id(&created), &ada.access).await.body, expected);
    assert_eq!(hub.get("/ada/field-notes", &ada.access).await.body, expected);
}

#[tokio::test]
async fn slugs_follow_the_name_and_count_up() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    for (name, slug) in [
        ("My Model!", "my-model"),
        ("My  model", "my-model-1"),
        ("my-model", "my-model-2"),
        ("A", "endpoint-a"),
        ("api", "api-1"),
        ("API", "api-2"),
    ] {
        assert_eq!(hub.publish(&ada.access, draft(name, "model")).await["slug"], slug, "{name}");
    }
    let nameless = hub.publish(&ada.access, draft("日本語", "model")).await;
    let slug = nameless["slug"].as_str().unwrap();
    assert!(slug.starts_with("endpoint-") && slug.len() == 15, "{slug}");
    let long = "n".repeat(80);
    assert_eq!(hub.publish(&ada.access, draft(&long[..70], "model")).await["slug"], "n".repeat(63));
    let again = hub.publish(&ada.access, draft(&long[..70], "model")).await;
    assert!(again["slug"].as_str().unwrap().starts_with(&format!("{}-", "n".repeat(50))));
}

#[tokio::test]
async fn a_taken_slug_is_400_and_free_again_after_its_removal() {
    let hub = TestHub::start().await;
    let (ada, bob) = (hub.register("ada").await, hub.register("bob").await);
    let body = json!({"name": "Notes", "type": "model", "slug": "notes"});
    let first = hub.publish(&ada.access, body.clone()).await;
    let second = hub.post("/api/v1/endpoints", &ada.access, body.clone()).await;
    assert_eq!(second.status, StatusCode::BAD_REQUEST);
    assert!(second.body["detail"].is_string());
    hub.publish(&bob.access, body.clone()).await;
    switch_off(&hub, &first).await;
    let update = hub.patch("/api/v1/endpoints/slug/NOTES", &ada.access, body.clone()).await;
    assert_eq!((update.status, &update.body["id"]), (StatusCode::OK, &first["id"]));
    assert_eq!(
        hub.delete("/api/v1/endpoints/slug/notes", &ada.access).await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(
        hub.delete("/api/v1/endpoints/slug/notes", &ada.access).await.status,
        StatusCode::NOT_FOUND
    );
    assert_ne!(hub.publish(&ada.access, body).await["id"], first["id"]);
}

#[tokio::test]
async fn an_organization_can_be_published_for_by_its_members_only() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    let plain = draft("Notes", "model");
    let mut named = plain.clone();
    named["organization_id"] = json!(5);
    for (path, body) in
        [("/api/v1/endpoints?organization_id=5", &plain), ("/api/v1/endpoints", &named)]
    {
        let answer = hub.post(path, &ada.access, body.clone()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
    }
    let own = hub.post("/api/v1/endpoints?organization_id=0", &ada.access, named).await;
    assert_eq!(own.status, StatusCode::CREATED, "the query wins over the body");
}

#[tokio::test]
async fn a_patch_changes_what_it_names_and_moves_the_date_only_then() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    let created =
        hub.publish(&ada.access, json!({"name": "Notes", "type": "model", "tags": ["a-b"]})).await;
    hub.clock.advance(Duration::from_secs(5));
    let path = by_id(&created);
    let nothing = json!({"name": null, "description": "", "slug": "other", "type": "agent", "tags": ["A-b"], "stars_count": 9});
    assert_eq!(hub.patch(&path, &ada.access, nothing).await.body, created);
    let change = json!({"description": "new", "tags": ["x"], "visibility": "private"});
    let changed = hub.patch(&path, &ada.access, change).await;
    let mut expected = created.clone();
    expected["description"] = json!("new");
    expected["tags"] = json!(["x"]);
    expected["visibility"] = json!("private");
    expected["updated_at"] = json!("2027-01-15T08:00:05.000000Z");
    assert_eq!((changed.status, changed.body), (StatusCode::OK, expected.clone()));
    assert_eq!(hub.get(&path, &ada.access).await.body, expected);
}

#[tokio::test]
async fn contributors_are_active_users_and_always_the_owner() {
    let hub = TestHub::start().await;
    let (ada, bob) = (hub.register("ada").await, hub.register("bob").await);
    let created = hub
        .publish(
            &ada.access,
            json!({"name": "n1", "type": "model", "contributors": [bob.id, 999, bob.id]}),
        )
        .await;
    assert_eq!(created["contributors"], json!([bob.id, ada.id]));
    let changed = hub.patch(&by_id(&created), &ada.access, json!({"contributors": []})).await;
    assert_eq!(changed.body["contributors"], json!([ada.id]));
}

#[tokio::test]
async fn who_may_not_write_is_told_so_only_where_they_may_read() {
    let hub = TestHub::start().await;
    let (ada, eve, root) =
        (hub.register("ada").await, hub.register("eve").await, hub.register("root-1").await);
    hub.force(MAKE_ADMIN, root.id).await;
    for (visibility, read, write) in [
        ("public", StatusCode::OK, StatusCode::FORBIDDEN),
        ("internal", StatusCode::OK, StatusCode::FORBIDDEN),
        ("private", StatusCode::NOT_FOUND, StatusCode::NOT_FOUND),
    ] {
        let endpoint = hub.publish(&ada.access, seen_by(visibility, visibility)).await;
        let path = by_id(&endpoint);
        let seen = hub.get(&path, &eve.access).await;
        assert_eq!(seen.status, read, "{visibility}");
        assert!(seen.status != StatusCode::OK || seen.body["contributors"] == json!([]));
        assert_eq!(hub.patch(&path, &eve.access, json!({"name": "x"})).await.status, write);
        assert_eq!(hub.delete(&path, &eve.access).await.status, write);
        assert_eq!(hub.get(&path, "").await.status, StatusCode::UNAUTHORIZED);
        let own = format!("/api/v1/endpoints/slug/{visibility}");
        assert_eq!(
            hub.patch(&own, &eve.access, json!({"name": "x"})).await.status,
            StatusCode::NOT_FOUND
        );
        assert_eq!(hub.delete(&own, &eve.access).await.status, StatusCode::NOT_FOUND);
        assert_eq!(
            hub.patch(&path, &root.access, json!({"name": "x"})).await.status,
            StatusCode::OK
        );
        assert_eq!(hub.delete(&path, &root.access).await.status, StatusCode::NO_CONTENT);
    }
    let missing = hub.get("/api/v1/endpoints/999", &eve.access).await;
    let hidden = hub.publish(&ada.access, seen_by("hidden", "private")).await;
    assert_eq!(
        hub.get(&by_id(&hidden), &eve.access).await.body,
        missing.body,
        "existence does not leak"
    );
}

#[tokio::test]
async fn what_is_switched_off_is_there_for_its_owner_only() {
    let hub = TestHub::start().await;
    let (ada, eve) = (hub.register("ada").await, hub.register("eve").await);
    let endpoint = hub.publish(&ada.access, draft("Notes", "model")).await;
    switch_off(&hub, &endpoint).await;
    assert_eq!(hub.get(&by_id(&endpoint), &eve.access).await.status, StatusCode::NOT_FOUND);
    assert_eq!(hub.get(&by_id(&endpoint), &ada.access).await.body["is_active"], false);
    assert_eq!(hub.get("/api/v1/endpoints/notes/exists", &ada.access).await.body, json!(true));
    assert_eq!(hub.get("/ada/notes", "").await.status, StatusCode::NOT_FOUND);
    assert_eq!(hub.get("/ada/notes", &ada.access).await.status, StatusCode::OK);
}

#[tokio::test]
async fn exists_is_a_bare_truth_value_about_ones_own() {
    let hub = TestHub::start().await;
    let (ada, eve) = (hub.register("ada").await, hub.register("eve").await);
    hub.publish(&ada.access, draft("Notes", "model")).await;
    assert_eq!(hub.get("/api/v1/endpoints/NOTES/exists", &ada.access).await.body, json!(true));
    assert_eq!(hub.get("/api/v1/endpoints/notes/exists", &eve.access).await.body, json!(false));
    assert_eq!(
        hub.get("/api/v1/endpoints/notes/exists", "").await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn an_id_that_is_no_number_is_refused_and_literal_paths_win() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    let answer = hub.get("/api/v1/endpoints/x", &ada.access).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(answer.body["detail"][0]["loc"], json!(["path", "endpoint_id"]));
    assert_eq!(hub.get("/api/v1/endpoints/public", "").await.status, StatusCode::OK);
}

#[tokio::test]
async fn connections_lie_on_the_owners_domain_and_follow_it() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    let connect =
        |url: &str| json!([{"type": "http", "config": {"url": url}}, {"type": "ws", "config": {}}]);
    let body = |url: &str| json!({"name": "Notes", "type": "model", "connect": connect(url)});
    let refused = hub.post("/api/v1/endpoints", &ada.access, body("http://evil.org/x")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.body["detail"][0]["loc"], json!(["body", "connect", 0, "config", "url"]));
    let endpoint = hub.publish(&ada.access, body("/chat")).await;
    assert_eq!(endpoint["connect"][0]["config"]["url"], "/chat");
    for (domain, first, second) in [
        ("http://a.org:81", "http://a.org:81/chat", "ws://a.org:81"),
        ("b.org/base/", "https://b.org/base/chat", "ws://b.org/base"),
        ("tunneling:ada", "tunneling:ada", "tunneling:ada"),
    ] {
        assert_eq!(
            hub.put("/api/v1/users/me", &ada.access, json!({"domain": domain})).await.status,
            StatusCode::OK
        );
        let urls =
            |endpoint: &Value| [0, 1].map(|n| endpoint["connect"][n]["config"]["url"].clone());
        for path in [by_id(&endpoint), "/ada/notes".to_owned()] {
            assert_eq!(urls(&hub.get(&path, &ada.access).await.body), [first, second], "{domain}");
        }
        let public = hub.get("/api/v1/endpoints/public", "").await.body;
        assert_eq!(urls(&public[0]), [first, second], "{domain}");
    }
    hub.put("/api/v1/users/me", &ada.access, json!({"domain": "https://c.org"})).await;
    let moved = hub
        .patch(&by_id(&endpoint), &ada.access, json!({"connect": connect("https://c.org/v2")}))
        .await;
    assert_eq!(moved.body["connect"][0]["config"]["url"], "https://c.org/v2");
    let elsewhere = hub
        .patch(&by_id(&endpoint), &ada.access, json!({"connect": connect("https://d.org/v2")}))
        .await;
    assert_eq!(elsewhere.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn every_change_leaves_its_event() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    let endpoint = hub.publish(&ada.access, draft("Notes", "model")).await;
    let path = by_id(&endpoint);
    hub.patch(&path, &ada.access, json!({"name": "N"})).await;
    hub.patch(&path, &ada.access, json!({"name": "N"})).await;
    hub.delete(&path, &ada.access).await;
    let events = |subject: String| {
        let read = hub.hub.db.read(move |tx| {
            Box::pin(async move {
                let rows = tx.query(EVENTS, params![subject]).await?;
                rows.iter().map(|row| row.get(0)).collect::<Result<Vec<String>, StoreError>>()
            })
        });
        async { read.await.unwrap() }
    };
    let about = |kind: &str, id: &Value| events(format!("{kind}:{id}"));
    assert_eq!(
        about("endpoint", &endpoint["id"]).await,
        ["endpoint.create", "endpoint.update", "endpoint.delete"]
    );
    assert_eq!(about("user", &json!(ada.id)).await, ["user.register"]);
}
