//! Both dialects, as their clients speak them.

use axum::body::Body;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::{Method, Request, StatusCode, header};
use serde_json::{Value, json};

use crate::config::HubConfig;
use crate::testing::{Answer, TestHub};

const ADMIN: &str = "0123456789abcdef0123456789abcdef";

/// A hub's ledger, and the passwords of its accounts.
struct Stage {
    hub: TestHub,
}

impl Stage {
    async fn with(adjust: impl FnOnce(&mut HubConfig)) -> Self {
        let hub = TestHub::with(|config| {
            config.ledger.ledger_admin_key = Some(ADMIN.into());
            adjust(config);
        });
        Self { hub: hub.await }
    }

    async fn open() -> Self {
        Self::with(|_| {}).await
    }

    /// Sends a request with an `Authorization` and an `Idempotency-Key`, either of them empty for none.
    async fn send(
        &self,
        method: Method,
        path: &str,
        authority: &str,
        key: &str,
        body: Value,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in [("authorization", authority), ("idempotency-key", key)] {
            if !value.is_empty() {
                request = request.header(name, value);
            }
        }
        let body = match body {
            Value::Null => Body::empty(),
            body => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(body.to_string())
            }
        };
        self.hub.send(request.body(body).unwrap()).await
    }

    async fn get(&self, path: &str, authority: &str) -> Answer {
        self.send(Method::GET, path, authority, "", Value::Null).await
    }

    async fn post(&self, path: &str, authority: &str, body: Value) -> Answer {
        self.send(Method::POST, path, authority, "", body).await
    }

    /// Opens an account with so many units; how its holder signs in.
    async fn account(&self, name: &str, units: f64) -> String {
        let email = format!("{name}@acme.org");
        let admin = format!("Bearer {ADMIN}");
        let opened = self.post("/user/create", &admin, json!({"email": email})).await;
        assert_eq!(opened.status, StatusCode::CREATED, "{:?}", opened.body);
        if units > 0.0 {
            let body = json!({"recipientEmail": email, "amount": units});
            let deposit = self.post("/user/add-balance", &admin, body).await;
            assert_eq!(deposit.status, StatusCode::OK, "{:?}", deposit.body);
        }
        basic(&email, opened.body["password"].as_str().unwrap())
    }

    async fn balance(&self, authority: &str) -> f64 {
        self.get("/user", authority).await.body["balance"].as_f64().unwrap()
    }
}

fn basic(email: &str, password: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(format!("{email}:{password}")))
}

/// The status and the code of a refusal, which says the same thing in both places.
#[track_caller]
fn refused(answer: &Answer) -> (u16, &str) {
    let body = &answer.body;
    assert!(body["detail"].is_string() && body["detail"] == body["message"], "{body}");
    if answer.status == StatusCode::UNAUTHORIZED {
        let asked = answer.headers[header::WWW_AUTHENTICATE].to_str().unwrap();
        assert!(asked.starts_with("Basic "), "{asked}");
    }
    (answer.status.as_u16(), body["code"].as_str().unwrap())
}

#[tokio::test]
async fn dialect_a_wraps_its_bodies_and_writes_upper_case() {
    let stage = Stage::open().await;
    let (ada, bob) = (stage.account("ada", 10.0).await, stage.account("bob", 0.0).await);
    let info = stage.get("/user/my-info", &ada).await.body;
    assert_eq!(
        (&info["user"]["email"], &info["user"]["balance"]),
        (&json!("ada@acme.org"), &json!(10.0))
    );
    let token = stage.post("/token/create", &ada, json!({"recipientEmail": "bob@acme.org"})).await;
    let charge = json!({
        "senderEmail": "ada@acme.org", "recipientEmail": "bob@acme.org", "amount": 2.5,
        "appName": "space", "appEpPath": "weather", "token": token.body["token"],
    });
    let made = stage.post("/transaction/create", &bob, charge).await;
    assert_eq!(made.status, StatusCode::OK, "{:?}", made.body);
    let transaction = &made.body["transaction"];
    assert_eq!(transaction["status"], "PENDING");
    assert_eq!(
        (&transaction["createdBy"], &transaction["resolvedBy"]),
        (&json!("RECIPIENT"), &Value::Null)
    );
    let id = json!({"transactionId": transaction["id"]});
    let done = stage.post("/transaction/confirm", &bob, id.clone()).await.body;
    assert_eq!(
        (&done["transaction"]["status"], &done["transaction"]["resolvedBy"]),
        (&json!("COMPLETED"), &json!("RECIPIENT"))
    );
    assert_eq!(refused(&stage.post("/transaction/cancel", &ada, id).await), (422, "NOT_PENDING"));
    let direct =
        json!({"senderEmail": "ada@acme.org", "recipientEmail": "bob@acme.org", "amount": 1});
    let made = stage.post("/transaction/create", &ada, direct).await.body;
    let gone = stage
        .post("/transaction/cancel", &ada, json!({"transactionId": made["transaction"]["id"]}))
        .await
        .body;
    assert_eq!(
        (&gone["transaction"]["status"], &gone["transaction"]["createdBy"]),
        (&json!("CANCELLED"), &json!("SENDER"))
    );
    let list = stage.get("/transactions", &bob).await.body;
    let statuses: Vec<_> =
        list["transactions"].as_array().unwrap().iter().map(|one| &one["status"]).collect();
    assert_eq!(statuses, ["CANCELLED", "COMPLETED"]);
    assert_eq!((stage.balance(&ada).await, stage.balance(&bob).await), (7.5, 2.5));
}

#[tokio::test]
async fn dialect_b_is_bare_and_writes_lower_case() {
    let stage = Stage::open().await;
    let (ada, bob) = (stage.account("ada", 10.0).await, stage.account("bob", 0.0).await);
    let made = stage
        .post("/transactions", &ada, json!({"recipientEmail": "bob@acme.org", "amount": 1.25}))
        .await;
    assert_eq!(made.status, StatusCode::CREATED, "{:?}", made.body);
    assert_eq!(
        (&made.body["status"], &made.body["createdBy"]),
        (&json!("pending"), &json!("sender"))
    );
    let path = format!("/transactions/{}", made.body["id"].as_str().unwrap());
    assert_eq!(stage.get(&path, &bob).await.body, made.body);
    let done = stage.post(&format!("{path}/confirm"), &bob, Value::Null).await;
    assert_eq!((done.status, &done.body["status"]), (StatusCode::OK, &json!("completed")));
    assert_eq!(
        refused(&stage.post(&format!("{path}/cancel"), &ada, Value::Null).await),
        (422, "NOT_PENDING")
    );
    let token = stage.post("/token/create", &ada, json!({"recipientEmail": "bob@acme.org"})).await;
    let bearer = format!("Bearer {}", token.body["token"].as_str().unwrap());
    let charge = json!({"senderEmail": "ada@acme.org", "amount": 2});
    let made = stage.post("/transactions", &bearer, charge.clone()).await;
    assert_eq!((made.status, &made.body["createdBy"]), (StatusCode::CREATED, &json!("recipient")));
    assert_eq!(made.body["recipientEmail"], "bob@acme.org");
    let without = stage.post("/transactions", &bob, charge).await;
    assert_eq!(
        without.status,
        StatusCode::CREATED,
        "a client that lost the token: {:?}",
        without.body
    );
    let path = format!("/transactions/{}/cancel", without.body["id"].as_str().unwrap());
    assert_eq!(stage.post(&path, &bob, Value::Null).await.body["status"], "cancelled");
    let page = stage.get("/transactions?skip=1&limit=1", &ada).await.body;
    assert_eq!((page.as_array().unwrap().len(), &page[0]["id"]), (1, &made.body["id"]));
    assert_eq!(stage.get("/transactions?limit=100", &ada).await.body.as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_charge_without_the_token_is_refused_where_the_ledger_is_set_so() {
    let stage = Stage::with(|config| config.ledger.ledger_basic_delegation = false).await;
    let (ada, bob) = (stage.account("ada", 10.0).await, stage.account("bob", 0.0).await);
    stage.post("/token/create", &ada, json!({"recipientEmail": "bob@acme.org"})).await;
    let charge = json!({"senderEmail": "ada@acme.org", "amount": 2});
    assert_eq!(refused(&stage.post("/transactions", &bob, charge).await), (403, "TOKEN_REQUIRED"));
}

#[expect(clippy::too_many_lines, reason = "one table of refusals after the other")]
#[tokio::test]
async fn every_refusal_is_json_with_its_words_and_its_code() {
    let stage = Stage::open().await;
    let (ada, eve) = (stage.account("ada", 1.0).await, stage.account("eve", 1.0).await);
    for path in [
        "/user",
        "/user/my-info",
        "/transactions",
        "/transactions?limit=1",
        "/users",
        "/user/a@acme.org",
        "/transactions/1",
    ] {
        assert_eq!(refused(&stage.get(path, "").await), (401, "UNAUTHORIZED"), "{path}");
    }
    for authority in [
        "Bearer x",
        "Basic",
        "Basic !!",
        "Digest x",
        &basic("ada@acme.org", "x"),
        &basic("nobody@acme.org", "x"),
        &basic("ada", ""),
    ] {
        assert_eq!(
            refused(&stage.get("/user", authority).await),
            (401, "UNAUTHORIZED"),
            "{authority}"
        );
    }
    for path in [
        "/transaction",
        "/transaction/lend",
        "/transaction/a/b/c",
        "/transactions/1/lend",
        "/token",
        "/token/x",
        "/users/1",
        "/user/a/b",
    ] {
        assert_eq!(refused(&stage.get(path, &ada).await), (404, "NOT_FOUND"), "{path}");
        assert_eq!(refused(&stage.post(path, &ada, json!({})).await), (404, "NOT_FOUND"), "{path}");
    }
    for (path, allowed) in [
        ("/transactions", "GET,HEAD,POST"),
        ("/transaction/create", "POST"),
        ("/user", "GET,HEAD"),
        ("/users", "GET,HEAD"),
    ] {
        let answer = stage.send(Method::DELETE, path, &ada, "", Value::Null).await;
        assert_eq!(refused(&answer), (405, "METHOD_NOT_ALLOWED"), "{path}");
        assert_eq!(answer.headers[header::ALLOW], allowed, "{path}");
    }
    let to = |email: &str, amount: Value| json!({"recipientEmail": email, "amount": amount});
    for amount in [
        json!(0),
        json!(-1),
        json!("NaN"),
        json!(null),
        json!(0.000_000_1),
        json!(1e12),
        json!([1]),
        json!("Infinity"),
    ] {
        let answer = stage.post("/transactions", &ada, to("eve@acme.org", amount.clone())).await;
        assert_eq!(refused(&answer), (422, "INVALID"), "{amount}");
    }
    for (body, status, code) in [
        (to("eve@acme.org", json!(1.000_001)), 422, "INSUFFICIENT_BALANCE"),
        (to("ada@acme.org", json!(1)), 422, "SAME_ACCOUNT"),
        (to("nobody@acme.org", json!(1)), 404, "UNKNOWN_ACCOUNT"),
        (to("no address", json!(1)), 422, "INVALID"),
        (json!({"amount": 1}), 422, "INVALID"),
        (json!({"senderEmail": "eve@acme.org", "amount": 1}), 403, "NO_GRANT"),
    ] {
        assert_eq!(refused(&stage.post("/transactions", &ada, body).await), (status, code));
    }
    let made = stage.post("/transactions", &eve, to("ada@acme.org", json!(1))).await.body;
    let bob = stage.account("bob", 0.0).await;
    let path = format!("/transactions/{}", made["id"].as_str().unwrap());
    assert_eq!(refused(&stage.get(&path, &bob).await), (404, "NOT_FOUND"));
    assert_eq!(
        refused(&stage.post(&format!("{path}/confirm"), &bob, Value::Null).await),
        (404, "NOT_FOUND")
    );
    let text =
        Request::post("/transactions").header("authorization", &ada).body(Body::from("{")).unwrap();
    assert_eq!(refused(&stage.hub.send(text).await), (422, "INVALID"));
    let forged = stage
        .post("/transactions", "Bearer a.b.c", json!({"senderEmail": "ada@acme.org", "amount": 1}))
        .await;
    assert_eq!(refused(&forged), (403, "INVALID_TOKEN"));
}

#[tokio::test]
async fn a_repeated_key_is_answered_with_the_same_transaction() {
    let stage = Stage::open().await;
    let ada = stage.account("ada", 10.0).await;
    stage.account("bob", 0.0).await;
    let body = json!({"recipientEmail": "bob@acme.org", "amount": 1});
    let create = |body: Value| stage.send(Method::POST, "/transactions", &ada, "order-7", body);
    let (first, second) = (create(body.clone()).await, create(body).await);
    assert_eq!((first.status, first.body), (second.status, second.body));
    assert!((stage.balance(&ada).await - 9.0).abs() < f64::EPSILON);
    let other = create(json!({"recipientEmail": "bob@acme.org", "amount": 2})).await;
    assert_eq!(refused(&other), (409, "IDEMPOTENCY_KEY_REUSED"));
    let long = "k".repeat(256);
    let answer = stage.send(Method::POST, "/transactions", &ada, &long, Value::Null).await;
    assert_eq!(refused(&answer), (422, "INVALID"));
}

#[tokio::test]
async fn a_changed_password_counts_at_once_and_the_one_before_no_more() {
    let stage = Stage::open().await;
    let ada = stage.account("ada", 0.0).await;
    let old = BASE64_STANDARD.decode(ada.strip_prefix("Basic ").unwrap()).unwrap();
    let old = String::from_utf8(old).unwrap().split_once(':').unwrap().1.to_owned();
    let put = |path: &'static str, authority: String, body: Value| {
        let stage = &stage;
        async move { stage.send(Method::PUT, path, &authority, "", body).await }
    };
    let wrong = json!({"oldPassword": "another horse", "newPassword": "correct horse 2"});
    assert_eq!(refused(&put("/user/password", ada.clone(), wrong).await), (400, "WRONG_PASSWORD"));
    let short = json!({"oldPassword": old, "newPassword": "short"});
    assert_eq!(refused(&put("/user/password", ada.clone(), short).await), (422, "INVALID"));
    let right = json!({"oldPassword": old, "newPassword": "correct horse 2"});
    let changed = put("/user/update-password", ada.clone(), right).await;
    assert_eq!(changed.body["user"]["email"], "ada@acme.org");
    assert_eq!(refused(&stage.get("/user", &ada).await), (401, "UNAUTHORIZED"));
    let ada = basic("Ada@acme.org", "correct horse 2");
    assert_eq!(stage.get("/user", &ada).await.status, StatusCode::OK);
    let named = put("/user/organization", ada.clone(), json!({"organization": "Acme"})).await;
    assert_eq!(named.body["organization"], "Acme");
    let cleared = put("/user/update-organization", ada, json!({"organization": null})).await;
    assert_eq!(cleared.body["user"]["organization"], Value::Null);
}

#[tokio::test]
async fn accounts_are_opened_by_whoever_may() {
    let closed = Stage::open().await;
    let body =
        |name: &str| json!({"email": format!("{name}@acme.org"), "password": "correct horse 1"});
    assert_eq!(
        refused(&closed.post("/user/create", "", body("ada")).await),
        (403, "ACCOUNTS_NOT_OPEN")
    );
    closed.hub.register("sam").await;
    let admin = format!("Bearer {ADMIN}");
    assert_eq!(
        refused(&closed.post("/user/create", &admin, body("sam")).await),
        (409, "ACCOUNT_EXISTS")
    );
    let made = closed.post("/user/create", &admin, body("ada")).await;
    assert_eq!((made.status, made.body.get("password")), (StatusCode::CREATED, None));
    assert_eq!(
        refused(&closed.post("/user/create", &admin, body("ada")).await),
        (409, "ACCOUNT_EXISTS")
    );
    let users = closed.get("/users", &admin).await.body["users"].clone();
    assert!(users.as_array().unwrap().iter().any(|user| user["email"] == "ada@acme.org"));
    assert_eq!(closed.get("/user/ada@acme.org", &admin).await.body["user"]["balance"], 0.0);
    assert_eq!(refused(&closed.get("/user/eve@acme.org", &admin).await), (404, "UNKNOWN_ACCOUNT"));
    let open = Stage::with(|config| {
        config.ledger.ledger_open_accounts = true;
        config.limits.limit_ledger_account = "2/hour".parse().unwrap();
        config.limits.limit_keys = 100;
    });
    let open = open.await;
    for name in ["ada", "bob"] {
        assert_eq!(open.post("/user/create", "", body(name)).await.status, StatusCode::CREATED);
    }
    let third = open.post("/user/create", "", body("eve")).await;
    assert_eq!(refused(&third), (429, "TOO_MANY_REQUESTS"));
    assert!(third.headers.contains_key(header::RETRY_AFTER));
}

#[tokio::test]
async fn guessing_a_password_comes_to_an_end() {
    let stage = Stage::with(|config| {
        config.limits.limit_ledger_password = "3/hour".parse().unwrap();
        config.limits.limit_keys = 100;
    });
    let stage = stage.await;
    let (ada, bob) = (stage.account("ada", 0.0).await, stage.account("bob", 0.0).await);
    for guess in ["1", "2", "3"] {
        assert_eq!(refused(&stage.get("/user", &basic("ada@acme.org", guess)).await).0, 401);
    }
    let guess = basic("ada@acme.org", "4");
    assert_eq!(refused(&stage.get("/user", &guess).await), (429, "TOO_MANY_REQUESTS"));
    assert_eq!(
        refused(&stage.get("/user", &ada).await).0,
        429,
        "whoever guesses right now learns nothing"
    );
    assert_eq!(stage.get("/user", &bob).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_account_of_a_user_who_was_switched_off_opens_no_more() {
    let stage = Stage::open().await;
    let sam = stage.hub.register("sam").await;
    let user = syfthub_core::UserId(sam.id);
    let email = super::super::testing::email("sam");
    let ledger = &stage.hub.hub.ledger;
    ledger.open(&email, user, &crate::ledger::Trace::own()).await.unwrap();
    let (_, secret) = ledger.credentials(user).await.unwrap();
    let authority = basic("sam@acme.org", secret.expose());
    assert_eq!(stage.get("/user", &authority).await.status, StatusCode::OK);
    stage.hub.deactivate(sam.id).await;
    assert_eq!(refused(&stage.get("/user", &authority).await).0, 401);
}

#[tokio::test]
async fn a_hub_without_a_ledger_has_none_of_its_paths() {
    let stage = Stage::with(|config| config.ledger.ledger_enabled = false).await;
    for path in ["/user", "/transactions", "/user/my-info"] {
        assert_eq!(
            refused(&stage.get(path, &basic("ada@acme.org", "x")).await),
            (404, "NO_LEDGER")
        );
        assert_eq!(refused(&stage.get(path, "").await), (404, "NO_LEDGER"));
    }
}

#[tokio::test]
async fn nobody_is_called_like_a_path_of_the_ledger() {
    let stage = Stage::open().await;
    for name in ["transaction", "transactions", "token", "user", "users", "ledger"] {
        let body = crate::testing::registration(name);
        let answer = stage.hub.post("/api/v1/auth/register", "", body).await;
        assert!(answer.status.is_client_error(), "{name}: {:?}", answer.body);
    }
}
