//! Codes that are mailed: verifying an address, resetting a password, and what guessing gets.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};

use crate::config::LimitSettings;
use crate::db::testing::both_engines;
use crate::db::{Db, StoreError, params};
use crate::mail::testing::Postbox;
use crate::testing::{Answer, PASSWORD, TestHub, registration};

both_engines! { Hub =>
    of_many_who_send_the_right_code_one_is_let_in,
    wrong_tries_at_once_are_not_more_than_five,
    expired_codes_are_forgotten_in_batches,
}

const ADA: &str = "ada@acme.org";
const NOBODY: &str = "nobody@acme.org";
const NEW_PASSWORD: &str = "better horse 2";

/// A hub that wants verified addresses, and where its mail goes.
async fn strict() -> (TestHub, Postbox) {
    let postbox = Postbox::open().await;
    let settings = postbox.settings();
    let hub = TestHub::with(|config| {
        config.mail = settings;
        config.codes.require_email_verification = true;
    });
    (hub.await, postbox)
}

/// A lenient hub that counts as any hub does.
async fn limited() -> (TestHub, Postbox) {
    let postbox = Postbox::open().await;
    let settings = postbox.settings();
    let hub = TestHub::with(|config| {
        config.mail = settings;
        config.limits = LimitSettings::default();
    });
    (hub.await, postbox)
}

/// A hub that lets everybody in and can send mail.
async fn lenient() -> (TestHub, Postbox) {
    let postbox = Postbox::open().await;
    let settings = postbox.settings();
    (TestHub::with(|config| config.mail = settings).await, postbox)
}

async fn verify(hub: &TestHub, email: &str, code: &str) -> Answer {
    hub.post("/api/v1/auth/register/verify-otp", "", json!({"email": email, "code": code})).await
}

async fn resend(hub: &TestHub, email: &str) -> Answer {
    hub.post("/api/v1/auth/register/resend-otp", "", json!({ "email": email })).await
}

async fn ask_for_reset(hub: &TestHub, email: &str) -> Answer {
    hub.post("/api/v1/auth/password-reset/request", "", json!({ "email": email })).await
}

async fn reset(hub: &TestHub, email: &str, code: &str) -> Answer {
    let body = json!({"email": email, "code": code, "new_password": NEW_PASSWORD});
    hub.post("/api/v1/auth/password-reset/confirm", "", body).await
}

/// Some code that is not `code`.
fn other_than(code: &str) -> &'static str {
    if code == "000000" { "000001" } else { "000000" }
}

fn said(answer: &Answer) -> (StatusCode, Value) {
    (answer.status, answer.body.clone())
}

fn refused(answer: &Answer) -> (u16, &str) {
    (answer.status.as_u16(), answer.body["detail"]["code"].as_str().unwrap_or_default())
}

#[tokio::test]
async fn where_addresses_must_be_verified_nobody_gets_in_before() {
    let (hub, mut postbox) = strict().await;
    let answer = hub.post("/api/v1/auth/register", "", registration("ada")).await;
    assert_eq!(answer.status, StatusCode::CREATED);
    let tokens = [&answer.body["access_token"], &answer.body["refresh_token"]];
    assert_eq!(tokens, [&Value::Null, &Value::Null]);
    assert_eq!(answer.body["requires_email_verification"], true);
    assert_eq!(answer.body["user"]["is_email_verified"], false);

    assert_eq!(refused(&hub.login("ada", PASSWORD).await), (403, "EMAIL_NOT_VERIFIED"));
    assert_eq!(hub.login("ada", "wrong horse 1").await.status, StatusCode::UNAUTHORIZED);

    let letter = postbox.next().await;
    assert_eq!(letter.to, [ADA]);
    let verified = verify(&hub, ADA, &letter.code()).await;
    assert_eq!(verified.status, StatusCode::OK, "{:?}", verified.body);
    assert_eq!(verified.body["user"]["is_email_verified"], true);
    let token = verified.body["access_token"].as_str().unwrap();
    assert_eq!(hub.get("/api/v1/auth/me", token).await.body["is_email_verified"], true);
    assert_eq!(hub.login("ada", PASSWORD).await.status, StatusCode::OK);
    assert_eq!(refused(&verify(&hub, ADA, &letter.code()).await), (400, "INVALID_OTP"));
}

#[tokio::test]
async fn without_mail_nothing_must_be_verified_and_nothing_can_be_reset() {
    let hub = TestHub::with(|config| config.codes.require_email_verification = true).await;
    let config = hub.get("/api/v1/auth/config", "").await.body;
    assert_eq!(
        config,
        json!({"require_email_verification": false, "smtp_configured": false, "password_reset_enabled": false})
    );
    let answer = hub.post("/api/v1/auth/register", "", registration("ada")).await;
    assert!(answer.body["access_token"].is_string());
    assert_eq!(answer.body["requires_email_verification"], false);
    assert_eq!(answer.status, StatusCode::CREATED);
    for asked in [ask_for_reset(&hub, ADA).await, resend(&hub, ADA).await] {
        assert_eq!(asked.status, StatusCode::OK);
    }
    assert_eq!(refused(&reset(&hub, ADA, "123456").await), (400, "INVALID_OTP"));
}

#[tokio::test]
async fn the_configuration_says_what_a_client_may_offer() {
    let (hub, _postbox) = strict().await;
    let config = hub.get("/api/v1/auth/config", "").await.body;
    assert_eq!(
        config,
        json!({"require_email_verification": true, "smtp_configured": true, "password_reset_enabled": true})
    );
}

#[tokio::test]
async fn a_reset_password_ends_sessions_and_access_tokens_and_verifies_the_address() {
    let (hub, mut postbox) = lenient().await;
    let user = hub.register("ada").await;
    let minted = hub.post("/api/v1/auth/tokens", &user.access, json!({"name": "ci"})).await;
    let minted = minted.body["token"].as_str().unwrap().to_owned();
    assert_eq!(hub.get("/api/v1/auth/me", &minted).await.status, StatusCode::OK);
    assert_eq!(ask_for_reset(&hub, "Ada@ACME.org").await.status, StatusCode::OK);
    let code = postbox.next().await.code();
    assert_eq!(refused(&reset(&hub, ADA, other_than(&code)).await), (400, "INVALID_OTP"));
    assert_eq!(reset(&hub, ADA, &code).await.status, StatusCode::OK);

    assert!(postbox.next().await.text.contains("Subject: Your password was reset"));
    for token in [&user.access, &minted] {
        assert_eq!(hub.get("/api/v1/auth/me", token).await.status, StatusCode::UNAUTHORIZED);
    }
    let body = json!({"refresh_token": user.refresh});
    let refreshed = hub.post("/api/v1/auth/refresh", "", body).await;
    assert_eq!(refreshed.status, StatusCode::UNAUTHORIZED);
    assert_eq!(hub.login("ada", PASSWORD).await.status, StatusCode::UNAUTHORIZED);
    let signed_in = hub.login("ada", NEW_PASSWORD).await;
    assert_eq!(signed_in.status, StatusCode::OK);
    assert_eq!(signed_in.body["user"]["is_email_verified"], true);
    assert_eq!(refused(&reset(&hub, ADA, &code).await), (400, "INVALID_OTP"));
}

#[tokio::test]
async fn a_code_is_good_for_ten_minutes() {
    let (hub, mut postbox) = lenient().await;
    hub.register("ada").await;
    ask_for_reset(&hub, ADA).await;
    let code = postbox.next().await.code();
    hub.clock.advance(Duration::from_mins(10));
    assert_eq!(refused(&reset(&hub, ADA, &code).await), (400, "INVALID_OTP"));
    ask_for_reset(&hub, ADA).await;
    let code = postbox.next().await.code();
    hub.clock.advance(Duration::from_secs(599));
    assert_eq!(reset(&hub, ADA, &code).await.status, StatusCode::OK);
}

#[tokio::test]
async fn after_five_wrong_tries_only_a_new_code_helps() {
    let (hub, mut postbox) = lenient().await;
    hub.register("ada").await;
    ask_for_reset(&hub, ADA).await;
    let code = postbox.next().await.code();
    for _ in 0..5 {
        assert_eq!(refused(&reset(&hub, ADA, other_than(&code)).await), (400, "INVALID_OTP"));
    }
    assert_eq!(refused(&reset(&hub, ADA, &code).await), (429, "OTP_MAX_ATTEMPTS"));
    ask_for_reset(&hub, ADA).await;
    let code = postbox.next().await.code();
    assert_eq!(reset(&hub, ADA, &code).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_code_serves_its_own_purpose_and_its_own_address() {
    let (hub, mut postbox) = lenient().await;
    hub.register("ada").await;
    hub.register("bob").await;
    ask_for_reset(&hub, ADA).await;
    let code = postbox.next().await.code();
    assert_eq!(refused(&verify(&hub, ADA, &code).await), (400, "INVALID_OTP"));
    assert_eq!(refused(&reset(&hub, "bob@acme.org", &code).await), (400, "INVALID_OTP"));
    assert_eq!(reset(&hub, ADA, &code).await.status, StatusCode::OK);
}

#[tokio::test]
async fn nothing_tells_whether_an_address_belongs_to_somebody() {
    let (hub, mut postbox) = lenient().await;
    hub.register("ada").await;
    let off = hub.register("eve").await;
    hub.deactivate(off.id).await;
    let mut stories = Vec::new();
    for email in [ADA, NOBODY, "eve@acme.org"] {
        let mut story =
            vec![said(&ask_for_reset(&hub, email).await), said(&resend(&hub, email).await)];
        for _ in 0..7 {
            story.push(said(&reset(&hub, email, "not-it").await));
            story.push(said(&verify(&hub, email, "not-it").await));
        }
        story.push(said(&ask_for_reset(&hub, email).await));
        story.push(said(&reset(&hub, email, "not-it").await));
        stories.push(story);
    }
    assert_eq!(stories[0], stories[1]);
    assert_eq!(stories[0], stories[2]);
    let rows =
        "SELECT email, purpose, tries, length(digest) FROM one_time_codes ORDER BY email, purpose";
    let rows = hub.hub.db.read(move |tx| Box::pin(async move { tx.query(rows, params![]).await }));
    let rows = rows.await.map_err(|error: StoreError| error).unwrap();
    let shapes: Vec<(String, i64, i64)> = rows
        .iter()
        .map(|row| (row.get(1).unwrap(), row.get(2).unwrap(), row.get(3).unwrap()))
        .collect();
    assert_eq!((&shapes[0..2], &shapes[0..2]), (&shapes[2..4], &shapes[4..6]));
    // And yet only who has an account, and one that is switched on, gets mail.
    for _ in 0..3 {
        assert_eq!(postbox.next().await.to, [ADA]);
    }
    hub.hub.mail.close().await;
    assert!(postbox.is_empty());
}

#[tokio::test]
async fn guessing_before_a_code_was_asked_for_looks_the_same_for_everybody() {
    let (hub, _postbox) = lenient().await;
    hub.register("ada").await;
    let mut stories = Vec::new();
    for email in [ADA, NOBODY] {
        let mut story = Vec::new();
        for _ in 0..6 {
            story.push(said(&reset(&hub, email, "123456").await));
        }
        stories.push(story);
    }
    assert_eq!(stories[0], stories[1]);
    assert_eq!(stories[0][5].0, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn codes_for_one_address_are_limited_whoever_has_it() {
    let (hub, _postbox) = limited().await;
    hub.register("ada").await;
    for email in [ADA, NOBODY] {
        for _ in 0..3 {
            assert_eq!(ask_for_reset(&hub, email).await.status, StatusCode::OK);
        }
        for refusal in [ask_for_reset(&hub, email).await, resend(&hub, email).await] {
            assert_eq!(refused(&refusal), (429, "OTP_RATE_LIMITED"));
            assert!(refusal.headers.contains_key("retry-after"));
        }
    }
    hub.clock.advance(Duration::from_mins(10));
    assert_eq!(ask_for_reset(&hub, ADA).await.status, StatusCode::OK);
}

#[tokio::test]
async fn codes_asked_for_from_one_address_are_limited() {
    let (hub, _postbox) = limited().await;
    for n in 0..10 {
        let answer = ask_for_reset(&hub, &format!("nobody{n}@acme.org")).await;
        assert_eq!(answer.status, StatusCode::OK);
    }
    assert_eq!(refused(&resend(&hub, NOBODY).await), (429, "OTP_RATE_LIMITED"));
}

#[tokio::test]
async fn wrong_codes_count_as_failed_logins_of_their_address() {
    let postbox = Postbox::open().await;
    let settings = postbox.settings();
    let hub = TestHub::with(|config| {
        config.mail = settings;
        config.limits.limit_login_address = "3/5min".parse().unwrap();
    });
    let hub = hub.await;
    for n in 0..3 {
        let answer = verify(&hub, &format!("nobody{n}@acme.org"), "123456").await;
        assert_eq!(refused(&answer), (400, "INVALID_OTP"));
    }
    assert_eq!(verify(&hub, NOBODY, "123456").await.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(hub.login("ada", PASSWORD).await.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn the_database_never_holds_a_code() {
    let (hub, mut postbox) = lenient().await;
    hub.register("ada").await;
    ask_for_reset(&hub, ADA).await;
    let code = postbox.next().await.code();
    let find = hub.hub.db.read(|tx| {
        Box::pin(async move { tx.query("SELECT digest FROM one_time_codes", params![]).await })
    });
    let rows = find.await.map_err(|error: StoreError| error).unwrap();
    let digest: String = rows[0].get(0).unwrap();
    assert!(digest.len() == 43 && !digest.contains(&code), "{digest}");
}

#[tokio::test]
async fn a_changed_address_is_unverified_until_its_code_and_the_former_one_is_told() {
    let (hub, mut postbox) = strict().await;
    hub.post("/api/v1/auth/register", "", registration("ada")).await;
    let verified = verify(&hub, ADA, &postbox.next().await.code()).await;
    let token = verified.body["access_token"].as_str().unwrap();
    let change = json!({"email": "countess@acme.org"});
    let changed = hub.put("/api/v1/users/me", token, change).await;
    assert_eq!(changed.body["is_email_verified"], false);

    let (mut notice, mut code) = (postbox.next().await, postbox.next().await);
    if notice.to != [ADA] {
        (notice, code) = (code, notice);
    }
    assert!(notice.to == [ADA] && !notice.text.contains("countess"), "{notice:?}");
    assert_eq!(code.to, ["countess@acme.org"]);
    assert_eq!(hub.get("/api/v1/auth/me", token).await.status, StatusCode::OK);
    assert_eq!(refused(&hub.login("ada", PASSWORD).await), (403, "EMAIL_NOT_VERIFIED"));
    assert_eq!(refused(&verify(&hub, ADA, &code.code()).await), (400, "INVALID_OTP"));
    assert_eq!(verify(&hub, "countess@acme.org", &code.code()).await.status, StatusCode::OK);
    assert_eq!(hub.login("ada", PASSWORD).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_address_as_it_was_stays_verified_whatever_else_changes() {
    let (hub, mut postbox) = strict().await;
    hub.post("/api/v1/auth/register", "", registration("ada")).await;
    let verified = verify(&hub, ADA, &postbox.next().await.code()).await;
    let token = verified.body["access_token"].as_str().unwrap();
    let change = json!({"email": "ADA@acme.org", "full_name": "Ada L."});
    let changed = hub.put("/api/v1/users/me", token, change).await;
    assert_eq!(changed.body["is_email_verified"], true);
}

#[tokio::test]
async fn a_refused_reset_never_shows_the_password() {
    let (hub, _postbox) = lenient().await;
    let body = json!({"email": "no address", "code": "1", "new_password": "hunter!"});
    let answer = hub.post("/api/v1/auth/password-reset/confirm", "", body).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let fields: Vec<&Value> =
        answer.body["detail"].as_array().unwrap().iter().map(|issue| &issue["loc"][1]).collect();
    assert_eq!(fields, ["email", "code", "new_password"]);
    assert!(!answer.body.to_string().contains("hunter!"));
}

/// A hub on `db` that sends mail, and a user who waits to be verified with the code that was mailed.
async fn waiting(db: Db) -> (Arc<TestHub>, String) {
    let mut postbox = Postbox::open().await;
    let settings = postbox.settings();
    let hub = TestHub::on(db, |config| {
        config.mail = settings;
        config.codes.require_email_verification = true;
    });
    let hub = hub.await;
    hub.post("/api/v1/auth/register", "", registration("ada")).await;
    (Arc::new(hub), postbox.next().await.code())
}

/// Sends `code` so many times at once; the statuses that came back, in order.
async fn at_once(hub: &Arc<TestHub>, code: &str, times: usize) -> Vec<u16> {
    let tries = (0..times).map(|_| {
        let (hub, code) = (Arc::clone(hub), code.to_owned());
        tokio::spawn(async move { verify(&hub, ADA, &code).await.status.as_u16() })
    });
    let mut statuses = Vec::new();
    for attempt in tries.collect::<Vec<_>>() {
        statuses.push(attempt.await.unwrap());
    }
    statuses.sort_unstable();
    statuses
}

async fn of_many_who_send_the_right_code_one_is_let_in(db: Db) {
    let (hub, code) = waiting(db).await;
    let statuses = at_once(&hub, &code, 5).await;
    assert_eq!(statuses, [200, 400, 400, 400, 400]);
}

async fn wrong_tries_at_once_are_not_more_than_five(db: Db) {
    let (hub, code) = waiting(db).await;
    let statuses = at_once(&hub, other_than(&code), 16).await;
    assert_eq!(statuses, [[400; 5].as_slice(), &[429; 11]].concat());
    assert_eq!(refused(&verify(&hub, ADA, &code).await), (429, "OTP_MAX_ATTEMPTS"));
}

async fn expired_codes_are_forgotten_in_batches(db: Db) {
    let (hub, _) = waiting(db).await;
    for n in 0..5 {
        verify(&hub, &format!("nobody{n}@acme.org"), "123456").await;
    }
    let count = || {
        let read = hub.hub.db.read(|tx| {
            Box::pin(async move {
                let rows = tx.query("SELECT COUNT(*) FROM one_time_codes", params![]).await?;
                rows[0].get::<i64>(0)
            })
        });
        async move { read.await.map_err(|error: StoreError| error).unwrap() }
    };
    crate::identity::forget_expired_codes(hub.hub.clone()).await.unwrap();
    assert_eq!(count().await, 6);
    hub.clock.advance(Duration::from_mins(10));
    crate::identity::forget_expired_codes(hub.hub.clone()).await.unwrap();
    assert_eq!(count().await, 0);
}
