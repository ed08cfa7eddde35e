//! At the hub's own ledger: how a user comes by an account, and how money comes in, moves and is told of.

use std::sync::Arc;

use axum::body::Body;
use http::{Method, Request, StatusCode, header};
use serde_json::{Value, json};

use super::{MINE, administrator, ask, balance, deposit, is_balanced, no_ledger, seen};
use crate::db::testing::both_engines;
use crate::db::{Db, StoreError, params};
use crate::testing::{Answer, PASSWORD, SignedInUser, TestHub};

both_engines! { Hub =>
    a_user_has_an_account_from_the_start,
    users_of_an_older_hub_get_an_account_when_it_is_first_asked_for,
    money_comes_in_is_set_aside_and_moves,
    an_account_follows_its_users_address,
    of_racing_first_uses_one_opens_the_account,
    a_request_under_a_key_has_its_effect_once,
}

const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

async fn count(hub: &TestHub, sql: &'static str) -> i64 {
    let read = hub.hub.db.read(move |tx| {
        Box::pin(async move { tx.query_opt(sql, params![]).await?.unwrap().get(0) })
    });
    read.await.map_err(|error: StoreError| error).unwrap()
}

async fn pay(hub: &TestHub, from: &SignedInUser, to: &str, amount: f64) -> Answer {
    let body = json!({"recipient_username": to, "amount": amount, "app_ep_path": "bob/notes"});
    ask(hub, from, Method::POST, "transactions", body).await
}

async fn a_user_has_an_account_from_the_start(db: Db) {
    let hub = TestHub::on(db, |_| {}).await;
    let ada = hub.register("ada").await;
    assert_eq!(count(&hub, "SELECT COUNT(*) FROM ledger_accounts WHERE NOT is_system").await, 1);
    let opened = "SELECT COUNT(*) FROM audit_events WHERE action = 'ledger.account.open'";
    assert_eq!(count(&hub, opened).await, 1);
    let mine = hub.get(MINE, &ada.access).await.body;
    assert_eq!(mine["email"], "ada@acme.org");
    assert!(mine["url"].as_str().unwrap().starts_with("http"));
    assert!(mine["password"].as_str().unwrap().len() >= 32);
    assert_eq!(hub.get(MINE, &ada.access).await.body, mine);
    assert_ne!(mine["password"], PASSWORD);
    assert_eq!(balance(&hub, &ada).await, (0.0, 0.0));
    assert_eq!(seen(&hub, &ada, "transactions").await, json!([]));
}

async fn users_of_an_older_hub_get_an_account_when_it_is_first_asked_for(db: Db) {
    let older = TestHub::on(db.clone(), no_ledger).await;
    let [ada, bob] = [older.register("ada").await, older.register("bob").await];
    let hub = TestHub::on(db, |_| {}).await;
    let root = administrator(&hub).await;
    let none = "SELECT COUNT(*) FROM ledger_accounts WHERE user_id IS NOT NULL";
    assert_eq!(count(&hub, none).await, 1);
    deposit(&hub, &root, "ada", 5.0).await;
    let made = pay(&hub, &ada, "bob", 2.0).await;
    assert_eq!(made.status, StatusCode::OK, "{:?}", made.body);
    let path = format!("transactions/{}/confirm", made.body["id"].as_str().unwrap());
    assert_eq!(ask(&hub, &bob, Method::POST, &path, Value::Null).await.status, StatusCode::OK);
    assert_eq!((balance(&hub, &ada).await.0, balance(&hub, &bob).await.0), (3.0, 2.0));
    assert!(hub.get(MINE, &bob.access).await.body["password"].is_string());
}

async fn money_comes_in_is_set_aside_and_moves(db: Db) {
    let hub = TestHub::on(db, |_| {}).await;
    let root = administrator(&hub).await;
    let [ada, bob, eve] =
        [hub.register("ada").await, hub.register("bob").await, hub.register("eve").await];
    deposit(&hub, &root, "ada", 10.0).await;
    let made = pay(&hub, &ada, "bob", 2.5).await.body;
    let told = |key: &str| made[key].as_str().unwrap_or_default();
    assert_eq!(
        (told("sender_email"), told("recipient_email"), told("status"), told("created_by")),
        ("ada@acme.org", "bob@acme.org", "pending", "sender")
    );
    assert_eq!((&made["amount"], &made["app_ep_path"]), (&json!(2.5), &json!("bob/notes")));
    assert_eq!(balance(&hub, &ada).await, (7.5, 2.5));
    let path = format!("transactions/{}", told("id"));
    assert_eq!(seen(&hub, &bob, &path).await, made);
    let hidden = ask(&hub, &eve, Method::GET, &path, Value::Null).await;
    assert_eq!(hidden.status, StatusCode::NOT_FOUND);
    let confirm = format!("{path}/confirm");
    let stranger = ask(&hub, &eve, Method::POST, &confirm, Value::Null).await;
    assert_eq!(stranger.status, StatusCode::NOT_FOUND);
    let done = ask(&hub, &bob, Method::POST, &confirm, Value::Null).await.body;
    assert_eq!((&done["status"], &done["resolved_by"]), (&json!("completed"), &json!("recipient")));
    let again = ask(&hub, &ada, Method::POST, &format!("{path}/cancel"), Value::Null).await;
    assert_eq!(
        (again.status, &again.body["detail"]["code"]),
        (UNPROCESSABLE, &json!("NOT_PENDING"))
    );
    assert_eq!((balance(&hub, &ada).await, balance(&hub, &bob).await), ((7.5, 0.0), (2.5, 0.0)));
    let entries = seen(&hub, &ada, "entries").await;
    let kinds: Vec<(&str, f64)> = entries
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (entry["kind"].as_str().unwrap(), entry["amount"].as_f64().unwrap()))
        .collect();
    assert_eq!(kinds[0], ("settle", -2.5));
    assert_eq!(*kinds.last().unwrap(), ("deposit", 10.0));
    assert!(is_balanced(&hub, &root).await);
    let noted = "SELECT COUNT(*) FROM audit_events WHERE action LIKE 'ledger.%'";
    assert!(count(&hub, noted).await >= 7);
}

#[tokio::test]
async fn what_the_ledger_refuses_says_why() {
    let hub = TestHub::start().await;
    let root = administrator(&hub).await;
    let [ada, _bob] = [hub.register("ada").await, hub.register("bob").await];
    deposit(&hub, &root, "ada", 1.0).await;
    let refused = async |body: Value, status: u16| {
        let answer = ask(&hub, &ada, Method::POST, "transactions", body.clone()).await;
        assert_eq!(answer.status.as_u16(), status, "{body}: {:?}", answer.body);
    };
    refused(json!({"recipient_username": "bob", "amount": 1.000_001}), 422).await;
    refused(json!({"recipient_username": "bob", "amount": 0.000_000_1}), 422).await;
    refused(json!({"recipient_username": "bob", "amount": -1}), 422).await;
    refused(json!({"recipient_username": "ada", "amount": 1}), 422).await;
    refused(json!({"recipient_username": "nobody", "amount": 1}), 404).await;
    refused(json!({"recipient_email": "nobody@acme.org", "amount": 1}), 404).await;
    refused(json!({"amount": 1}), 422).await;
    for (who, status) in [(&ada, 403), (&root, 404)] {
        let body = json!({"recipient_email": "nobody@acme.org", "amount": 1});
        let answer = ask(&hub, who, Method::POST, "deposits", body).await;
        assert_eq!(answer.status.as_u16(), status);
    }
    let answer = ask(&hub, &ada, Method::GET, "trial-balance", Value::Null).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(balance(&hub, &ada).await, (1.0, 0.0));
    assert!(is_balanced(&hub, &root).await);
}

async fn under_key(
    hub: &TestHub,
    user: &SignedInUser,
    path: &str,
    key: &str,
    body: &Value,
) -> Answer {
    let request = Request::post(format!("/api/v1/accounting/{path}"))
        .header(header::AUTHORIZATION, format!("Bearer {}", user.access))
        .header(header::CONTENT_TYPE, "application/json")
        .header("idempotency-key", key)
        .body(Body::from(body.to_string()));
    hub.send(request.unwrap()).await
}

async fn a_request_under_a_key_has_its_effect_once(db: Db) {
    let hub = TestHub::on(db, |_| {}).await;
    let root = administrator(&hub).await;
    let [ada, _bob] = [hub.register("ada").await, hub.register("bob").await];
    let body = json!({"recipient_username": "ada", "amount": 10});
    for _ in 0..2 {
        let answer = under_key(&hub, &root, "deposits", "invoice-7", &body).await;
        assert_eq!((answer.status, &answer.body["balance"]), (StatusCode::CREATED, &json!(10.0)));
    }
    let order = json!({"recipient_username": "bob", "amount": 4});
    let first = under_key(&hub, &ada, "transactions", "order-1", &order).await;
    assert_eq!(first.status, StatusCode::OK, "{:?}", first.body);
    let second = under_key(&hub, &ada, "transactions", "order-1", &order).await;
    assert_eq!(second.body["id"], first.body["id"]);
    let other = json!({"recipient_username": "bob", "amount": 5});
    let refused = under_key(&hub, &ada, "transactions", "order-1", &other).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    let confirm = format!("transactions/{}/confirm", first.body["id"].as_str().unwrap());
    for _ in 0..2 {
        let done = under_key(&hub, &ada, &confirm, "order-1-done", &Value::Null).await;
        assert_eq!(done.body["status"], "completed", "{:?}", done.body);
    }
    assert_eq!(balance(&hub, &ada).await, (6.0, 0.0));
    for key in ["", &"k".repeat(256)] {
        let refused = under_key(&hub, &ada, "transactions", key, &order).await;
        assert_eq!(refused.status, UNPROCESSABLE, "{key}");
    }
    assert!(is_balanced(&hub, &root).await);
}

async fn an_account_follows_its_users_address(db: Db) {
    let hub = TestHub::on(db, |_| {}).await;
    let root = administrator(&hub).await;
    let ada = hub.register("ada").await;
    deposit(&hub, &root, "ada", 3.0).await;
    let before = hub.get(MINE, &ada.access).await.body;
    let change = json!({"email": "ada@elsewhere.org"});
    assert_eq!(hub.put("/api/v1/users/me", &ada.access, change).await.status, StatusCode::OK);
    let after = hub.get(MINE, &ada.access).await.body;
    assert_eq!(
        (&after["email"], &after["password"]),
        (&json!("ada@elsewhere.org"), &before["password"])
    );
    assert_eq!(balance(&hub, &ada).await, (3.0, 0.0));
    let mut newcomer = crate::testing::registration("adam");
    newcomer["email"] = "ada@acme.org".into();
    let registered = hub.post("/api/v1/auth/register", "", newcomer).await;
    let adam = SignedInUser {
        access: registered.body["access_token"].as_str().unwrap().to_owned(),
        ..ada
    };
    assert_eq!(balance(&hub, &adam).await, (0.0, 0.0));
}

async fn of_racing_first_uses_one_opens_the_account(db: Db) {
    let older = TestHub::on(db.clone(), no_ledger).await;
    let ada = older.register("ada").await;
    let hub = Arc::new(TestHub::on(db, |_| {}).await);
    let uses = (0..8).map(|_| {
        let (hub, access) = (Arc::clone(&hub), ada.access.clone());
        tokio::spawn(async move { hub.get(MINE, &access).await.body })
    });
    let mut told = Vec::new();
    for usage in uses.collect::<Vec<_>>() {
        told.push(usage.await.unwrap());
    }
    assert!(told.iter().all(|mine| mine["password"].is_string() && *mine == told[0]), "{told:?}");
    assert_eq!(count(&hub, "SELECT COUNT(*) FROM ledger_accounts WHERE NOT is_system").await, 1);
}

#[tokio::test]
async fn a_profile_that_names_the_hub_itself_means_the_hubs_ledger() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    let url = hub.get(MINE, &ada.access).await.body["url"].clone();
    let change = json!({"accounting_service_url": url, "accounting_password": "x"});
    assert_eq!(hub.put("/api/v1/users/me", &ada.access, change).await.status, StatusCode::OK);
    assert_eq!(balance(&hub, &ada).await, (0.0, 0.0));
    assert!(hub.get(MINE, &ada.access).await.body["password"].as_str().unwrap().len() >= 32);
}

#[tokio::test]
async fn nobody_has_an_address_of_an_organizations_account() {
    let hub = TestHub::start().await;
    let address = "organization-1@organizations.syfthub.org";
    let mut body = crate::testing::registration("ada");
    body["email"] = address.into();
    let refused = hub.post("/api/v1/auth/register", "", body).await;
    assert_eq!(
        (refused.status, &refused.body["detail"][0]["loc"][1]),
        (UNPROCESSABLE, &json!("email"))
    );
    let ada = hub.register("ada").await;
    let refused = hub.put("/api/v1/users/me", &ada.access, json!({"email": address})).await;
    assert_eq!(refused.status, UNPROCESSABLE);
}
