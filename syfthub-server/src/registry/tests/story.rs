//! The whole way through identity and registry, on both engines.

use http::StatusCode;
use serde_json::json;

use super::slugs;
use crate::db::Db;
use crate::db::testing::both_engines;
use crate::testing::{PASSWORD, TestHub};

both_engines! { Hub =>
    a_user_publishes_and_another_one_calls,
    a_session_is_refreshed_and_ended,
}

async fn a_user_publishes_and_another_one_calls(db: Db) {
    let hub = TestHub::on(db, |_| {}).await;
    let (ada, bob) = (hub.register("ada").await, hub.register("bob").await);
    let profile = json!({"domain": "https://node.acme.org", "username": "countess"});
    let profile = hub.put("/api/v1/users/me", &ada.access, profile).await;
    assert_eq!(profile.status, StatusCode::OK);
    let draft = json!({"name": "Notes", "type": "data_source", "visibility": "internal",
        "connect": [{"type": "https", "config": {"url": "/q"}}]});
    let endpoint = hub.publish(&ada.access, draft.clone()).await;
    assert_eq!(hub.publish(&ada.access, draft).await["slug"], "notes-1");
    let own = hub.get("/api/v1/endpoints?search=NOTE&visibility=internal", &ada.access).await;
    assert_eq!(slugs(&own.body), ["notes-1", "notes"]);
    assert_eq!(slugs(&hub.get("/countess?limit=1", &bob.access).await.body), ["notes-1"]);
    let seen = hub.get("/countess/notes", &bob.access).await;
    assert_eq!(seen.body["connect"][0]["config"]["url"], "https://node.acme.org/q");
    let path = format!("/api/v1/endpoints/{}", endpoint["id"]);
    let refused = hub.patch(&path, &bob.access, json!({"name": "x"})).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let public = hub.patch(&path, &ada.access, json!({"visibility": "public"})).await;
    assert_eq!(public.status, StatusCode::OK);
    let list = hub.get("/api/v1/endpoints/public?endpoint_type=data_source", "").await;
    assert_eq!(slugs(&list.body), ["notes"]);
    let minted = hub.get("/api/v1/token?aud=countess", &bob.access).await;
    let token = json!({"token": minted.body["target_token"]});
    let judged = hub.post("/api/v1/verify", &ada.access, token).await;
    assert_eq!((&judged.body["valid"], &judged.body["username"]), (&json!(true), &json!("bob")));
    let gone = hub.delete("/api/v1/endpoints/slug/notes", &ada.access).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    assert_eq!(hub.get("/api/v1/endpoints/notes/exists", &ada.access).await.body, json!(false));
}

async fn a_session_is_refreshed_and_ended(db: Db) {
    let hub = TestHub::on(db, |_| {}).await;
    let first = hub.register("ada").await;
    let other = hub.sign_in("ADA@acme.org").await;
    let next = hub.post("/api/v1/auth/refresh", "", json!({"refresh_token": first.refresh})).await;
    let again = hub.post("/api/v1/auth/refresh", "", json!({"refresh_token": first.refresh})).await;
    assert_eq!(next.body["refresh_token"], again.body["refresh_token"]);
    let access = next.body["access_token"].as_str().unwrap();
    let change = json!({"current_password": PASSWORD, "new_password": "better horse 2"});
    let changed = hub.put("/api/v1/auth/me/password", access, change).await;
    assert_eq!(changed.status, StatusCode::NO_CONTENT);
    let ended = hub.get("/api/v1/auth/me", &other.access).await;
    assert_eq!(ended.status, StatusCode::UNAUTHORIZED);
    let out = hub.post("/api/v1/auth/logout", access, json!(null)).await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    assert_eq!(hub.get("/api/v1/auth/me", access).await.status, StatusCode::UNAUTHORIZED);
}
