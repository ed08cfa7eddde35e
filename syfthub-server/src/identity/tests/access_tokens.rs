//! Personal access tokens: what they may do, and how long.

use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Body;
use axum::extract::ConnectInfo;
use http::{Method, Request, StatusCode, header};
use serde_json::{Value, json};

use crate::testing::{PASSWORD, SignedInUser, TestHub};

const TOKENS: &str = "/api/v1/auth/tokens";
const NOW: &str = "2027-01-15T08:00:00.000000Z";

/// Makes a token and gives its number and text.
async fn made(hub: &TestHub, user: &SignedInUser, draft: Value) -> (i64, String) {
    let answer = hub.post(TOKENS, &user.access, draft).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    (answer.body["id"].as_i64().unwrap(), answer.body["token"].as_str().unwrap().to_owned())
}

async fn scoped(hub: &TestHub, user: &SignedInUser, scope: &str) -> String {
    made(hub, user, json!({"name": scope, "scopes": [scope]})).await.1
}

#[tokio::test]
async fn a_token_is_told_once_and_described_afterwards() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    let draft =
        json!({"name": "ci", "scopes": ["write", "read"], "expires_at": "2027-02-01T00:00:00"});
    let answer = hub.post(TOKENS, &ada.access, draft).await;
    let token = answer.body["token"].as_str().unwrap();
    assert_eq!((token.len(), &token[..9]), (52, "syft_pat_"));
    let mut described = answer.body.clone();
    described.as_object_mut().unwrap().remove("token");
    let expected = json!({
        "id": answer.body["id"], "name": "ci", "token_prefix": token[..16], "scopes": ["read", "write"],
        "expires_at": "2027-02-01T00:00:00.000000Z", "last_used_at": null, "last_used_ip": null,
        "is_active": true, "created_at": NOW, "updated_at": NOW,
    });
    assert_eq!(described, expected);
    let one = hub.get(&format!("{TOKENS}/{}", answer.body["id"]), &ada.access).await;
    assert_eq!((one.status, &one.body), (StatusCode::OK, &expected));
    let all = hub.get(TOKENS, &ada.access).await;
    assert_eq!(all.body, json!({"tokens": [expected], "total": 1}));
    assert_eq!(hub.get("/api/v1/auth/me", token).await.body["username"], "ada");
}

#[tokio::test]
async fn a_token_does_what_its_scope_names_and_is_told_which_one_is_missing() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    let (other, _) = made(&hub, &ada, json!({"name": "other"})).await;
    let other = format!("{TOKENS}/{other}");
    let draft = |slug: &str| json!({"name": slug, "slug": slug, "type": "model"});
    let tokens = [("read", 0), ("write", 1), ("full", 2)];
    for (scope, rank) in tokens {
        let token = scoped(&hub, &ada, scope).await;
        let minted = hub.get("/api/v1/token?aud=ada", &token).await;
        let satellite = minted.body["target_token"].clone();
        let slug = format!("notes-{scope}");
        let password = json!({"current_password": PASSWORD, "new_password": PASSWORD});
        let email = format!("ada+{scope}@acme.org");
        // The route, what it needs, and the answer to whoever has it.
        let table = [
            (Method::GET, "/api/v1/auth/me", Value::Null, 0, StatusCode::OK),
            (Method::GET, "/api/v1/endpoints", Value::Null, 0, StatusCode::OK),
            (Method::GET, "/api/v1/token?aud=ada", Value::Null, 0, StatusCode::OK),
            (Method::POST, "/api/v1/verify", json!({"token": satellite}), 0, StatusCode::OK),
            (Method::POST, "/api/v1/auth/logout", Value::Null, 0, StatusCode::NO_CONTENT),
            (Method::POST, "/api/v1/endpoints", draft(&slug), 1, StatusCode::CREATED),
            (Method::PUT, "/api/v1/users/me", json!({"full_name": scope}), 1, StatusCode::OK),
            (Method::PUT, "/api/v1/users/me", json!({"email": email}), 2, StatusCode::OK),
            (Method::GET, TOKENS, Value::Null, 2, StatusCode::OK),
            (Method::GET, other.as_str(), Value::Null, 2, StatusCode::OK),
            (Method::PATCH, other.as_str(), json!({"name": scope}), 2, StatusCode::OK),
            (Method::POST, TOKENS, json!({"name": "more"}), 2, StatusCode::CREATED),
            (Method::PUT, "/api/v1/auth/me/password", password, 2, StatusCode::NO_CONTENT),
        ];
        for (method, path, body, needed, done) in table {
            let answer = hub.call(method.clone(), path, &token, body).await;
            let expected = if rank >= needed { done } else { StatusCode::FORBIDDEN };
            assert_eq!(answer.status, expected, "{scope}: {method} {path}: {}", answer.body);
            if rank < needed {
                let said = answer.body["detail"].as_str().unwrap();
                let names = |(scope, _): &(&str, usize)| said.contains(&format!("'{scope}'"));
                assert!(tokens[rank + 1..=needed].iter().any(names), "{said}");
            }
        }
        assert_eq!(hub.get("/api/v1/auth/me", &token).await.status, StatusCode::OK, "{scope}");
    }
}

#[tokio::test]
async fn a_token_ends_when_it_is_revoked_or_expires_or_its_user_is_switched_off() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    let (id, revoked) = made(&hub, &ada, json!({"name": "a"})).await;
    let (_, short) =
        made(&hub, &ada, json!({"name": "b", "expires_at": "2027-01-15T08:10:00Z"})).await;
    let (_, lasting) = made(&hub, &ada, json!({"name": "c"})).await;
    let status = async |token: &str| hub.get("/api/v1/auth/me", token).await.status;
    assert_eq!(status(&revoked).await, StatusCode::OK);
    let path = format!("{TOKENS}/{id}");
    for _ in 0..2 {
        assert_eq!(hub.delete(&path, &ada.access).await.status, StatusCode::NO_CONTENT);
        assert_eq!(status(&revoked).await, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(hub.get(&path, &ada.access).await.body["is_active"], false);
    hub.clock.advance(Duration::from_secs(599));
    assert_eq!(status(&short).await, StatusCode::OK);
    hub.clock.advance(Duration::from_secs(1));
    assert_eq!(status(&short).await, StatusCode::UNAUTHORIZED);
    let all = hub.get(&format!("{TOKENS}?include_inactive=true&limit=2"), &ada.access).await;
    assert_eq!((&all.body["total"], &all.body["tokens"][1]["name"]), (&json!(3), &json!("b")));
    assert_eq!(hub.get(TOKENS, &ada.access).await.body["total"], 1);
    hub.deactivate(ada.id).await;
    assert_eq!(status(&lasting).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn what_begins_like_a_token_is_read_as_nothing_else() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    let (_, token) = made(&hub, &ada, json!({"name": "ci"})).await;
    let mut changed = token.clone();
    changed.replace_range(51.., if token.ends_with('A') { "B" } else { "A" });
    for wrong in ["syft_", "syft_pat_", "syft_pat_é", &token[..20], &format!("{token}A"), &changed]
    {
        let answer = hub.get("/api/v1/auth/me", wrong).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{wrong}");
    }
}

#[tokio::test]
async fn nobody_sees_or_ends_the_tokens_of_others() {
    let hub = TestHub::start().await;
    let (ada, bob) = (hub.register("ada").await, hub.register("bob").await);
    let (id, _) = made(&hub, &ada, json!({"name": "ci"})).await;
    let path = format!("{TOKENS}/{id}");
    for answer in [
        hub.get(&path, &bob.access).await,
        hub.patch(&path, &bob.access, json!({"name": "mine"})).await,
        hub.delete(&path, &bob.access).await,
    ] {
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(hub.get(&path, &ada.access).await.body["name"], "ci");
}

#[tokio::test]
async fn a_user_has_as_many_tokens_as_the_setting_allows() {
    let hub = TestHub::with(|config| config.identity.max_access_tokens = 2).await;
    let ada = hub.register("ada").await;
    let (id, _) = made(&hub, &ada, json!({"name": "a"})).await;
    made(&hub, &ada, json!({"name": "b"})).await;
    let refused = hub.post(TOKENS, &ada.access, json!({"name": "c"})).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(refused.body["detail"].is_string());
    hub.delete(&format!("{TOKENS}/{id}"), &ada.access).await;
    made(&hub, &ada, json!({"name": "c"})).await;
}

#[tokio::test]
async fn a_draft_that_breaks_a_rule_is_refused() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    for (draft, field) in [
        (json!({"name": ""}), "name"),
        (json!({"name": "n".repeat(101)}), "name"),
        (json!({"name": "a", "scopes": []}), "scopes"),
        (json!({"name": "a", "scopes": ["admin"]}), "scopes"),
        (json!({"name": "a", "expires_at": NOW}), "expires_at"),
        (json!({"name": "a", "expires_at": "tomorrow"}), "expires_at"),
    ] {
        let answer = hub.post(TOKENS, &ada.access, draft).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(answer.body["detail"][0]["loc"][1], field);
    }
}

#[tokio::test]
async fn a_use_is_noted_at_most_once_a_minute() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    let (id, token) = made(&hub, &ada, json!({"name": "ci"})).await;
    let path = format!("{TOKENS}/{id}");
    let used_from = async |address: &str| {
        let peer: SocketAddr = format!("{address}:4000").parse().unwrap();
        let request = Request::get("/api/v1/auth/me")
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .extension(ConnectInfo(peer));
        let answer = hub.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::OK);
    };
    // The note is written beside the requests; it arrives within a few of them.
    let noted = async |address: &str| {
        for _ in 0..10_000 {
            let seen = hub.get(&path, &ada.access).await.body;
            if seen["last_used_ip"] == address {
                return seen["last_used_at"].clone();
            }
            tokio::task::yield_now().await;
        }
        panic!("the use from {address} was never noted");
    };
    used_from("192.0.2.1").await;
    assert_eq!(noted("192.0.2.1").await, NOW);
    hub.clock.advance(Duration::from_secs(59));
    used_from("192.0.2.2").await;
    hub.clock.advance(Duration::from_secs(1));
    used_from("192.0.2.3").await;
    assert_eq!(noted("192.0.2.3").await, "2027-01-15T08:01:00.000000Z");
}

#[tokio::test]
async fn a_password_changed_with_a_token_ends_every_session_and_keeps_the_token() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    let token = scoped(&hub, &ada, "full").await;
    let change = json!({"current_password": PASSWORD, "new_password": "battery staple 2"});
    let answer = hub.put("/api/v1/auth/me/password", &token, change).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert_eq!(hub.get("/api/v1/auth/me", &ada.access).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(hub.get("/api/v1/auth/me", &token).await.status, StatusCode::OK);
}
