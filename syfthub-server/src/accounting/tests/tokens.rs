//! Who may charge a user: transaction tokens, and grants.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{ask, no_ledger, seen};
use crate::db::Db;
use crate::db::testing::both_engines;
use crate::testing::TestHub;

both_engines! { Hub =>
    tokens_are_made_for_users_and_organizations,
    grants_are_given_listed_and_taken_back,
}

async fn tokens_are_made_for_users_and_organizations(db: Db) {
    let hub = TestHub::on(db, |_| {}).await;
    let [ada, bob] = [hub.register("ada").await, hub.register("bob").await];
    let [eve, dan] = [hub.register("eve").await, hub.register("dan").await];
    hub.deactivate(eve.id).await;
    let elsewhere =
        json!({"accounting_service_url": "https://ledger.example.org", "accounting_password": "x"});
    hub.put("/api/v1/users/me", &dan.access, elsewhere).await;
    let team = hub.post("/api/v1/organizations", &bob.access, json!({"name": "Acme"})).await;
    assert_eq!(team.status, StatusCode::CREATED);
    let owners =
        json!({"owner_usernames": ["bob", "BOB", "bob", "acme", "ada", "eve", "dan", "nobody"]});
    let answer = ask(&hub, &ada, Method::POST, "transaction-tokens", owners).await;
    assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
    let names = |key: &str| -> Vec<String> {
        answer.body[key].as_object().unwrap().keys().cloned().collect()
    };
    assert_eq!(names("tokens"), ["BOB", "acme", "bob"]);
    assert_eq!(names("errors"), ["ada", "dan", "eve", "nobody"]);
    assert_eq!(answer.body["errors"]["nobody"], "no user has this name");
    let token = answer.body["tokens"]["bob"].as_str().unwrap();
    assert_eq!(token.split('.').count(), 3);
    // One grant serves both names of one owner, and the next question.
    let owners = json!({"owner_usernames": ["bob"]});
    let again = ask(&hub, &ada, Method::POST, "transaction-tokens", owners).await;
    assert_eq!(again.body["tokens"]["bob"], token);
}

#[tokio::test]
async fn one_to_twenty_owners_are_asked_for_at_a_time() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    for owners in [vec![], vec!["bob"; 21]] {
        let body = json!({ "owner_usernames": owners });
        let refused = ask(&hub, &ada, Method::POST, "transaction-tokens", body).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
}

async fn grants_are_given_listed_and_taken_back(db: Db) {
    let hub = TestHub::on(db, |_| {}).await;
    let [ada, bob] = [hub.register("ada").await, hub.register("bob").await];
    let draft = json!({"recipient_username": "bob", "cap": 2.5, "expires_in": 60});
    let made = ask(&hub, &ada, Method::POST, "grants", draft).await;
    assert_eq!(made.status, StatusCode::CREATED, "{:?}", made.body);
    let (id, token) = (made.body["id"].as_str().unwrap(), made.body["token"].as_str().unwrap());
    let listed = seen(&hub, &ada, "grants").await;
    let listed = listed.as_array().unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!((&listed[0]["cap"], &listed[0]["is_active"]), (&json!(2.5), &json!(true)));
    assert!(!listed[0].to_string().contains(token));
    assert_eq!(seen(&hub, &bob, "grants").await, json!([]));
    let path = format!("grants/{id}");
    let stranger = ask(&hub, &bob, Method::DELETE, &path, Value::Null).await;
    assert_eq!(stranger.status, StatusCode::NOT_FOUND);
    for _ in 0..2 {
        let gone = ask(&hub, &ada, Method::DELETE, &path, Value::Null).await;
        assert_eq!(gone.status, StatusCode::NO_CONTENT);
    }
    let listed = seen(&hub, &ada, "grants").await;
    assert_eq!(
        (&listed[0]["is_active"], listed[0]["revoked_at"].is_string()),
        (&json!(false), true)
    );
    for (body, status) in [
        (json!({"recipient_username": "bob", "cap": 0}), 422),
        (json!({"recipient_username": "bob", "expires_in": 0}), 422),
        (json!({"recipient_username": "ada"}), 422),
        (json!({"recipient_username": "nobody"}), 404),
        (json!({}), 422),
    ] {
        let refused = ask(&hub, &ada, Method::POST, "grants", body.clone()).await;
        assert_eq!(refused.status.as_u16(), status, "{body}");
    }
}

#[tokio::test]
async fn a_token_for_scripts_gives_no_leave_unless_it_may_do_everything() {
    let hub = TestHub::start().await;
    let [ada, _bob] = [hub.register("ada").await, hub.register("bob").await];
    for (scope, status) in [("read", 403), ("write", 403), ("full", 201)] {
        let body = json!({"name": scope, "scopes": [scope]});
        let minted = hub.post("/api/v1/auth/tokens", &ada.access, body).await;
        let token = minted.body["token"].as_str().unwrap().to_owned();
        let draft = json!({"recipient_username": "bob"});
        let answer = hub.post("/api/v1/accounting/grants", &token, draft).await;
        assert_eq!(answer.status.as_u16(), status, "{scope}");
    }
}

#[tokio::test]
async fn who_has_their_money_elsewhere_has_no_grants_here() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    let elsewhere =
        json!({"accounting_service_url": "https://ledger.example.org", "accounting_password": "x"});
    hub.put("/api/v1/users/me", &ada.access, elsewhere).await;
    for (method, path) in [
        (Method::GET, "grants"),
        (Method::POST, "grants"),
        (Method::DELETE, "grants/g-1"),
        (Method::GET, "entries"),
    ] {
        let body =
            if method == Method::POST { json!({"recipient_username": "bob"}) } else { Value::Null };
        let refused = ask(&hub, &ada, method, path, body).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{path}");
    }
    let off = TestHub::with(no_ledger).await;
    let bob = off.register("bob").await;
    let refused = ask(&off, &bob, Method::GET, "entries", Value::Null).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
}
