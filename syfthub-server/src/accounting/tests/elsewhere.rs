//! At a service of somebody else's: registering, the profile, and the calls that are passed on.

use std::sync::Arc;
use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};

use super::{MINE, no_ledger};
use crate::accounting::testing::{FixtureLedger, Mood};
use crate::config::HubConfig;
use crate::db::testing::both_engines;
use crate::db::{Db, StoreError, params};
use crate::testing::{Answer, SignedInUser, TestHub, registration};

both_engines! { Hub => of_racing_registrations_one_gets_the_account }

const ADA: &str = "ada@acme.org";

/// Settings of a hub that opens accounts at `ledger` and may call this machine.
fn with(ledger: &FixtureLedger) -> impl FnOnce(&mut HubConfig) {
    let url = ledger.url.parse().unwrap();
    move |config| {
        config.accounting.default_accounting_url = Some(url);
        config.outbound.outbound_allow = vec!["127.0.0.0/8".parse().unwrap()];
    }
}

async fn stage() -> (TestHub, FixtureLedger) {
    let ledger = FixtureLedger::open().await;
    (TestHub::with(with(&ledger)).await, ledger)
}

async fn register(hub: &TestHub, username: &str, more: Value) -> Answer {
    let mut body = registration(username);
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    hub.post("/api/v1/auth/register", "", body).await
}

fn refused(answer: &Answer) -> (u16, &str) {
    (answer.status.as_u16(), answer.body["detail"]["code"].as_str().unwrap_or_default())
}

/// Every call that is passed on.
async fn every_call(hub: &TestHub, user: &SignedInUser) -> Vec<Answer> {
    let begin = json!({"recipient_email": "bob@acme.org", "amount": 1});
    let calls = [
        (Method::GET, "user", Value::Null),
        (Method::GET, "transactions", Value::Null),
        (Method::POST, "transactions", begin),
        (Method::GET, "transactions/t-0", Value::Null),
        (Method::POST, "transactions/t-0/confirm", Value::Null),
        (Method::POST, "transactions/t-0/cancel", Value::Null),
    ];
    let mut answers = Vec::new();
    for (method, path, body) in calls {
        let path = format!("/api/v1/accounting/{path}");
        answers.push(hub.call(method, &path, &user.access, body).await);
    }
    answers
}

async fn stored_password(hub: &TestHub, user: i64) -> Option<String> {
    let read = hub.hub.db.read(move |tx| {
        Box::pin(async move {
            let sql = "SELECT accounting_password FROM users WHERE id = $1";
            tx.query(sql, params![user]).await?[0].get(0)
        })
    });
    read.await.map_err(|error: StoreError| error).unwrap()
}

#[tokio::test]
async fn while_accounting_is_off_registration_ignores_what_it_is_told_of_it() {
    let ledger = FixtureLedger::open().await;
    let hub = TestHub::with(no_ledger).await;
    for (name, url) in [("ada", ledger.url.as_str()), ("bob", "no address"), ("eve", "")] {
        let more = json!({"accounting_service_url": url, "accounting_password": "x"});
        let answer = register(&hub, name, more).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{url}");
        assert_eq!(answer.body["user"]["accounting_service_url"], Value::Null);
        let token = answer.body["access_token"].as_str().unwrap();
        let mine = hub.get(MINE, token).await.body;
        assert_eq!(
            mine,
            json!({"url": null, "email": format!("{name}@acme.org"), "password": null})
        );
    }
    assert!(ledger.requests().is_empty());
}

#[tokio::test]
async fn a_new_user_gets_an_account_whose_password_the_database_never_shows() {
    let (hub, ledger) = stage().await;
    let user = hub.register("ada").await;
    let mine = hub.get(MINE, &user.access).await.body;
    let password = ledger.password(ADA).unwrap();
    assert_eq!(mine["url"].as_str().unwrap().trim_end_matches('/'), ledger.url);
    assert_eq!((&mine["email"], &mine["password"]), (&json!(ADA), &json!(password)));
    let stored = stored_password(&hub, user.id).await.unwrap();
    assert!(stored.starts_with("v1.") && !stored.contains(&password), "{stored}");
    let me = hub.get("/api/v1/users/me", &user.access).await.body;
    assert!(me["accounting_service_url"].is_string() && !me.to_string().contains(&password));
}

#[tokio::test]
async fn an_account_that_exists_is_linked_by_its_password() {
    let (hub, ledger) = stage().await;
    ledger.know(ADA, "known to ada");
    let refusal = register(&hub, "ada", json!({})).await;
    assert_eq!(refused(&refusal), (424, "ACCOUNTING_ACCOUNT_EXISTS"));
    assert_eq!(refusal.body["detail"]["requires_accounting_password"], true);
    let refusal = register(&hub, "ada", json!({"accounting_password": "a guess"})).await;
    assert_eq!(refused(&refusal), (401, "INVALID_ACCOUNTING_PASSWORD"));
    // Neither left a user, or a name, behind.
    let linked = register(&hub, "ada", json!({"accounting_password": "known to ada"})).await;
    assert_eq!(linked.status, StatusCode::CREATED, "{:?}", linked.body);
    let mine = hub.get(MINE, linked.body["access_token"].as_str().unwrap()).await.body;
    assert_eq!(mine["password"], "known to ada");
}

#[tokio::test]
async fn a_service_that_is_away_leaves_no_half_registered_user() {
    let (hub, ledger) = stage().await;
    for mood in [Mood::Failing, Mood::Page, Mood::Endless, Mood::Redirecting] {
        ledger.be(mood);
        let refusal = register(&hub, "ada", json!({})).await;
        assert_eq!(refused(&refusal), (503, "ACCOUNTING_SERVICE_UNAVAILABLE"), "{mood:?}");
        assert!(refusal.headers.contains_key("retry-after"));
        let free = hub.get("/api/v1/users/check-username/ada", "").await.body;
        assert_eq!(free["available"], true);
    }
    ledger.be(Mood::Well);
    assert_eq!(register(&hub, "ada", json!({})).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn a_service_of_the_users_own_must_have_a_web_address() {
    let (hub, ledger) = stage().await;
    let other = FixtureLedger::open().await;
    for url in ["ftp://ledger.acme.org", "ledger.acme.org", "javascript:alert(1)"] {
        let refusal = register(&hub, "ada", json!({"accounting_service_url": url})).await;
        assert_eq!(refusal.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(refusal.body["detail"][0]["loc"], json!(["body", "accounting_service_url"]));
    }
    let own = register(&hub, "ada", json!({"accounting_service_url": other.url})).await;
    assert_eq!(own.status, StatusCode::CREATED);
    assert!(other.password(ADA).is_some() && ledger.requests().is_empty());
}

#[tokio::test]
async fn calls_are_passed_on_in_the_words_of_the_hub() {
    let (hub, ledger) = stage().await;
    let user = hub.register("ada").await;
    let account = hub.get("/api/v1/accounting/user", &user.access).await;
    assert_eq!(
        account.body,
        json!({"id": "id-of-ada@acme.org", "email": ADA, "balance": 12.5, "organization": null})
    );
    let new = json!({"recipientEmail": "bob@acme.org", "amount": 2.5, "appName": "chat", "app_ep_path": "bob/notes"});
    let begun = hub.post("/api/v1/accounting/transactions", &user.access, new).await;
    assert_eq!(begun.status, StatusCode::OK);
    let expected = json!({
        "id": "t-0", "sender_email": ADA, "recipient_email": "bob@acme.org", "amount": 2.5, "status": "pending",
        "created_by": "sender", "resolved_by": null, "created_at": "2026-01-20T00:00:00Z", "resolved_at": null,
        "app_name": "chat", "app_ep_path": "bob/notes",
    });
    assert_eq!(begun.body, expected);
    let found = hub.get("/api/v1/accounting/transactions/t-0", &user.access).await;
    assert_eq!(found.body, expected);
    let listed = hub.get("/api/v1/accounting/transactions?skip=0&limit=5", &user.access).await;
    assert_eq!(listed.body, json!([expected]));
    for (verb, status) in [("confirm", "completed"), ("cancel", "cancelled")] {
        let path = format!("/api/v1/accounting/transactions/t-0/{verb}");
        let ended = hub.post(&path, &user.access, Value::Null).await;
        assert_eq!(
            (&ended.body["status"], &ended.body["resolved_by"]),
            (&json!(status), &json!("sender"))
        );
    }
    hub.get("/api/v1/accounting/transactions", &user.access).await;
    let requests = ledger.requests();
    assert_eq!(requests.last().unwrap().0, "/transactions?skip=0&limit=20");
    assert!(requests.iter().all(|(_, id)| !id.is_empty()), "{requests:?}");
}

#[tokio::test]
async fn what_the_service_refuses_is_refused_alike_and_in_one_line() {
    let (hub, _ledger) = stage().await;
    let user = hub.register("ada").await;
    let new = json!({"recipient_email": "bob@acme.org", "amount": 100});
    let refusal = hub.post("/api/v1/accounting/transactions", &user.access, new).await;
    assert_eq!(refusal.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refusal.body, json!({"detail": "insufficientbalance"}));
    let path = "/api/v1/accounting/transactions/t-9/confirm";
    let refusal = hub.post(path, &user.access, Value::Null).await;
    assert_eq!(refusal.status, StatusCode::NOT_FOUND);
    assert_eq!(refusal.body, json!({"detail": "no such transaction"}));
    for id in ["..", "a%2Fb", "a%3Fb", "%2e%2e%2fuser"] {
        let path = format!("/api/v1/accounting/transactions/{id}/confirm");
        let refusal = hub.post(&path, &user.access, Value::Null).await;
        assert!(matches!(refusal.status.as_u16(), 404 | 422), "{id}: {}", refusal.status);
    }
}

#[tokio::test]
async fn wrong_credentials_of_the_service_never_look_like_the_end_of_the_session() {
    let (hub, ledger) = stage().await;
    let user = hub.register("ada").await;
    ledger.know(ADA, "changed elsewhere");
    for answer in every_call(&hub, &user).await {
        assert_eq!(refused(&answer), (424, "INVALID_ACCOUNTING_PASSWORD"));
        assert!(!answer.headers.contains_key("www-authenticate"));
    }
}

#[tokio::test]
async fn a_service_that_fails_is_told_apart_from_one_that_is_away() {
    let ledger = FixtureLedger::open().await;
    let hub = TestHub::with(|config| {
        with(&ledger)(config);
        config.accounting.accounting_timeout = Duration::from_millis(200);
        config.accounting.accounting_max_bytes = 100_000;
    });
    let hub = hub.await;
    let user = hub.register("ada").await;
    for mood in [Mood::Failing, Mood::Page, Mood::Endless, Mood::Redirecting] {
        ledger.be(mood);
        for answer in every_call(&hub, &user).await {
            assert_eq!(answer.status, StatusCode::BAD_GATEWAY, "{mood:?}");
            assert!(!answer.body.to_string().contains("stack trace"));
        }
    }
    ledger.be(Mood::Silent);
    let slow = hub.get("/api/v1/accounting/user", &user.access).await;
    assert_eq!(refused(&slow), (503, "ACCOUNTING_SERVICE_UNAVAILABLE"));
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let change =
        json!({"accounting_service_url": format!("http://{closed}"), "accounting_password": "x"});
    hub.put("/api/v1/users/me", &user.access, change).await;
    let gone = hub.get("/api/v1/accounting/user", &user.access).await;
    assert_eq!(refused(&gone), (503, "ACCOUNTING_SERVICE_UNAVAILABLE"));
}

#[tokio::test]
async fn an_address_inside_is_never_called_with_anybodys_password() {
    let canary = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let inside = canary.local_addr().unwrap();
    let hub = TestHub::with(|config| {
        config.accounting.default_accounting_url =
            Some("https://ledger.example.org".parse().unwrap());
    });
    let hub = hub.await;
    for host in ["127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]"] {
        let url = format!("http://{host}:{}", inside.port());
        let refusal = register(&hub, "ada", json!({"accounting_service_url": url})).await;
        assert_eq!(refused(&refusal), (503, "ACCOUNTING_SERVICE_UNAVAILABLE"), "{url}");
    }
    let off = TestHub::start().await;
    let user = off.register("ada").await;
    for host in ["127.0.0.1", "localhost", "0x7f.1", "user@127.0.0.1"] {
        let url = format!("http://{host}:{}", inside.port());
        let change = json!({"accounting_service_url": url, "accounting_password": "x"});
        off.put("/api/v1/users/me", &user.access, change).await;
        for answer in every_call(&off, &user).await {
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{url}");
        }
    }
    // The first connection that the canary sees is this one.
    let probe = TcpStream::connect(inside).await.unwrap();
    let (_, peer) = canary.accept().await.unwrap();
    assert_eq!(peer, probe.local_addr().unwrap());
}

#[tokio::test]
async fn without_an_account_every_call_says_so() {
    let hub = TestHub::with(no_ledger).await;
    let user = hub.register("ada").await;
    let mut answers = every_call(&hub, &user).await;
    let owners = json!({"owner_usernames": ["ada"]});
    answers.push(hub.post("/api/v1/accounting/transaction-tokens", &user.access, owners).await);
    for answer in answers {
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert!(answer.body["detail"].is_string());
    }
}

#[tokio::test]
async fn tokens_are_made_for_every_owner_that_can_have_one() {
    let (hub, ledger) = stage().await;
    let ada = hub.register("ada").await;
    hub.register("bob").await;
    let eve = hub.register("eve").await;
    hub.deactivate(eve.id).await;
    let stranger = json!({"email": "dan@elsewhere.org"});
    register(&hub, "dan", stranger).await;
    ledger.know("dan@elsewhere.org", "x");
    let no_account = hub.register("zoe").await;
    hub.put("/api/v1/users/me", &no_account.access, json!({"email": "zoe@elsewhere.org"})).await;
    let owners = json!({"owner_usernames": ["bob", "Bob", "bob", "eve", "nobody", "zoe", "dan"]});
    let answer = hub.post("/api/v1/accounting/transaction-tokens", &ada.access, owners).await;
    assert_eq!(answer.status, StatusCode::OK);
    let pays = |email: &str| json!(format!("ada@acme.org pays {email}"));
    assert_eq!(
        answer.body,
        json!({
            "tokens": {"Bob": pays("bob@acme.org"), "bob": pays("bob@acme.org"), "dan": pays("dan@elsewhere.org")},
            "errors": {
                "eve": "no user has this name", "nobody": "no user has this name",
                "zoe": "the recipient has no account",
            },
        })
    );
    ledger.be(Mood::Failing);
    let owners = json!({"owner_usernames": ["bob"]});
    let answer = hub.post("/api/v1/accounting/transaction-tokens", &ada.access, owners).await;
    assert_eq!((answer.status, &answer.body["tokens"]), (StatusCode::OK, &json!({})));
}

#[tokio::test]
async fn an_older_space_is_given_a_stub_that_is_the_users_own() {
    let stub = "https://ledger.example.org/";
    let hub = TestHub::with(|config| {
        no_ledger(config);
        config.accounting.accounting_stub_url = Some(stub.parse().unwrap());
    });
    let hub = hub.await;
    let [ada, bob] = [hub.register("ada").await, hub.register("bob").await];
    let mine = hub.get(MINE, &ada.access).await.body;
    assert_eq!((&mine["url"], &mine["email"]), (&json!(stub), &json!(ADA)));
    assert!(mine["password"].as_str().unwrap().len() >= 32);
    assert_eq!(hub.get(MINE, &ada.access).await.body, mine);
    assert_ne!(hub.get(MINE, &bob.access).await.body["password"], mine["password"]);
    let refusal = hub.get("/api/v1/accounting/user", &ada.access).await;
    assert_eq!(refusal.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_profile_links_and_unlinks_an_account() {
    let hub = TestHub::with(no_ledger).await;
    let user = hub.register("ada").await;
    let change = |body: Value| {
        let (hub, token) = (&hub, user.access.clone());
        async move {
            let answer = hub.put("/api/v1/users/me", &token, body).await;
            assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
            let mine = hub.get(MINE, &token).await.body;
            (mine["url"].clone(), mine["password"].clone())
        }
    };
    let url = json!("https://ledger.acme.org");
    let linked =
        change(json!({"accounting_service_url": url, "accounting_password": "s3cret"})).await;
    assert_eq!(linked, (url.clone(), json!("s3cret")));
    assert!(stored_password(&hub, user.id).await.unwrap().starts_with("v1."));
    assert_eq!(change(json!({"full_name": "Ada L."})).await, (url.clone(), json!("s3cret")));
    let deeper = json!("https://ledger.acme.org/v2");
    let moved = change(json!({"accounting_service_url": deeper})).await;
    assert_eq!(moved, (deeper.clone(), json!("s3cret")));
    assert_eq!(change(json!({"accounting_password": null})).await, (deeper, Value::Null));
    change(json!({"accounting_password": "s3cret"})).await;
    let elsewhere = json!("https://thief.example.org");
    let moved = change(json!({"accounting_service_url": elsewhere})).await;
    assert_eq!(moved, (elsewhere, Value::Null));
    assert_eq!(change(json!({"accounting_service_url": null})).await, (Value::Null, Value::Null));
    assert_eq!(stored_password(&hub, user.id).await, None);
}

#[tokio::test]
async fn a_token_that_may_only_read_does_not_read_the_password() {
    let (hub, _ledger) = stage().await;
    let user = hub.register("ada").await;
    for (scope, status) in [("read", 403), ("write", 403), ("full", 200)] {
        let body = json!({"name": scope, "scopes": [scope]});
        let minted = hub.post("/api/v1/auth/tokens", &user.access, body).await;
        let token = minted.body["token"].as_str().unwrap().to_owned();
        assert_eq!(hub.get(MINE, &token).await.status.as_u16(), status, "{scope}");
    }
}

async fn of_racing_registrations_one_gets_the_account(db: Db) {
    let ledger = FixtureLedger::open().await;
    let hub = Arc::new(TestHub::on(db, with(&ledger)).await);
    let tries = (0..6).map(|_| {
        let hub = Arc::clone(&hub);
        tokio::spawn(async move { register(&hub, "ada", json!({})).await })
    });
    let mut won = Vec::new();
    for attempt in tries.collect::<Vec<_>>() {
        let answer = attempt.await.unwrap();
        match answer.status {
            StatusCode::CREATED => {
                won.push(answer.body["access_token"].as_str().unwrap().to_owned());
            }
            status => assert_eq!(status, StatusCode::CONFLICT),
        }
    }
    assert_eq!(won.len(), 1);
    let mine = hub.get(MINE, &won[0]).await.body;
    assert_eq!(mine["password"].as_str().map(str::to_owned), ledger.password(ADA));
}
