//! How often somebody may try, and who is not limited by it.

use std::time::Duration;

use axum::body::Body;
use http::{Request, StatusCode, header};
use serde_json::json;

use crate::config::HubConfig;
use crate::testing::{Answer, PASSWORD, TestHub, registration};

const ATTACKER: &str = "198.51.100.9";
const OWNER: &str = "203.0.113.7";

/// A hub behind a proxy on the same machine, so that tests can come from any address.
async fn behind_a_proxy(adjust: impl FnOnce(&mut HubConfig)) -> TestHub {
    TestHub::with(|config| {
        config.http.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
        adjust(config);
    })
    .await
}

async fn login_from(hub: &TestHub, address: &str, name: &str, password: &str) -> Answer {
    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("username", name)
        .append_pair("password", password)
        .finish();
    let request = Request::post("/api/v1/auth/login")
        .header("x-forwarded-for", address)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(form));
    hub.send(request.unwrap()).await
}

fn assert_limited(answer: &Answer, policy: &str) {
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{:?}", answer.body);
    let text = |name: &str| answer.headers[name].to_str().unwrap().to_owned();
    let seconds: u64 = text("retry-after").parse().unwrap();
    assert!(seconds > 0);
    assert_eq!(text("ratelimit-policy"), policy);
    let name = policy.split(';').next().unwrap();
    assert_eq!(text("ratelimit"), format!("{name};r=0;t={seconds}"));
    assert!(answer.body["detail"].is_string(), "{:?}", answer.body);
}

#[tokio::test]
async fn a_guesser_is_refused_and_the_owner_elsewhere_is_not() {
    let hub = behind_a_proxy(|config| config.limits.limit_login = "3/min".parse().unwrap()).await;
    hub.register("ada").await;
    for _ in 0..3 {
        let answer = login_from(&hub, ATTACKER, "ada", "wrong horse 1").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
    assert_limited(&login_from(&hub, ATTACKER, "ada", "wrong horse 2").await, "\"login\";q=3;w=60");
    assert_limited(&login_from(&hub, ATTACKER, " ADA", PASSWORD).await, "\"login\";q=3;w=60");
    assert_eq!(login_from(&hub, OWNER, "ada", PASSWORD).await.status, StatusCode::OK);
    hub.clock.advance(Duration::from_secs(20));
    assert_eq!(login_from(&hub, ATTACKER, "ada", PASSWORD).await.status, StatusCode::OK);
}

#[tokio::test]
async fn logging_in_for_every_operation_is_never_limited() {
    let hub = behind_a_proxy(|config| {
        config.limits.limit_login = "2/min".parse().unwrap();
        config.limits.limit_login_address = "2/min".parse().unwrap();
    })
    .await;
    hub.register("space").await;
    for _ in 0..20 {
        assert_eq!(login_from(&hub, OWNER, "space", PASSWORD).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn guessing_under_many_names_is_limited_by_address() {
    let limit =
        |config: &mut HubConfig| config.limits.limit_login_address = "5/min".parse().unwrap();
    let hub = behind_a_proxy(limit).await;
    for n in 0..5 {
        let answer = login_from(&hub, ATTACKER, &format!("name-{n}"), "wrong horse 1").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
    let answer = login_from(&hub, ATTACKER, "another", "wrong horse 1").await;
    assert_limited(&answer, "\"login-address\";q=5;w=60");
    let elsewhere = login_from(&hub, OWNER, "another", "wrong horse 1").await;
    assert_eq!(elsewhere.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_wrong_current_password_is_a_guess_too() {
    let hub = TestHub::with(|config| config.limits.limit_login = "2/min".parse().unwrap()).await;
    let ada = hub.register("ada").await;
    let change = json!({ "current_password": "wrong horse 1", "new_password": "better horse 1" });
    for _ in 0..2 {
        let answer = hub.put("/api/v1/auth/me/password", &ada.access, change.clone()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    }
    let answer = hub.put("/api/v1/auth/me/password", &ada.access, change).await;
    assert_limited(&answer, "\"login\";q=2;w=60");
}

#[tokio::test]
async fn registrations_are_limited_by_address() {
    let limit =
        |config: &mut HubConfig| config.limits.limit_registration = "2/hour".parse().unwrap();
    let hub = TestHub::with(limit).await;
    for name in ["ada", "bob"] {
        hub.register(name).await;
    }
    let answer = hub.post("/api/v1/auth/register", "", registration("cy-young")).await;
    assert_limited(&answer, "\"registration\";q=2;w=3600");
}

#[tokio::test]
async fn refreshing_is_limited_by_address() {
    let hub = TestHub::with(|config| config.limits.limit_refresh = "2/min".parse().unwrap()).await;
    let ada = hub.register("ada").await;
    let body = json!({ "refresh_token": ada.refresh });
    for _ in 0..2 {
        let answer = hub.post("/api/v1/auth/refresh", "", body.clone()).await;
        assert_eq!(answer.status, StatusCode::OK);
    }
    let answer = hub.post("/api/v1/auth/refresh", "", body).await;
    assert_limited(&answer, "\"refresh\";q=2;w=60");
}

#[tokio::test]
async fn tokens_are_limited_by_user_and_guest_tokens_by_address() {
    let hub = TestHub::with(|config| {
        config.limits.limit_token = "2/min".parse().unwrap();
        config.limits.limit_guest_token = "3/min".parse().unwrap();
    })
    .await;
    let (ada, bob) = (hub.register("ada").await, hub.register("bob").await);
    for _ in 0..2 {
        assert_eq!(hub.get("/api/v1/token?aud=bob", &ada.access).await.status, StatusCode::OK);
    }
    assert_limited(&hub.get("/api/v1/token?aud=bob", &ada.access).await, "\"token\";q=2;w=60");
    assert_eq!(hub.get("/api/v1/token?aud=ada", &bob.access).await.status, StatusCode::OK);
    for _ in 0..3 {
        assert_eq!(hub.get("/api/v1/token/guest?aud=bob", "").await.status, StatusCode::OK);
    }
    assert_limited(&hub.get("/api/v1/token/guest?aud=bob", "").await, "\"guest-token\";q=3;w=60");
}
