//! The black-box checklist of contract hub 16 against a real hub over real sockets.
//!
//! What a part proves beside its code on both engines is not repeated here; this says where each line is kept.
//!
//! | line | kept by |
//! |---|---|
//! | 1 every method of the published clients | [`sdk`](crate::sdk) |
//! | 2 organizations and the two clients | [`organizations`] |
//! | 3, 4, 6, 7, 19 registration, login, password, logout, secrets | [`accounts`], `identity/tests` |
//! | 5 ten satellite requests with an expired token | [`sdk`](crate::sdk), `identity/tests/sessions` |
//! | 8, 9, 10, 16, 20 slugs, `exists`, tags, sync, stable pages | [`catalogue`], `registry/tests` |
//! | 11 who sees what | [`organizations`], `docs/reference/authorization.md` |
//! | 12 owners of organizations | [`organizations`], `organizations/tests` |
//! | 13, 14 verification and keys | [`tokens`], `identity/tests/tokens` |
//! | 15 invocation and hostile addresses | [`calls`], `invocation/tests`, `outbound/tests` |
//! | 17 heartbeat and health reports | [`calls`], `health/tests` |
//! | 18 correlation ids, and 9 no redirects | [`wire`], `operation/tests`, `http/tests` |

mod accounts;
mod calls;
mod catalogue;
mod organizations;
mod tokens;
mod wire;

use std::path::Path;

use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::process::{Door, HubProcess, PASSWORD};

/// The name of the administrator whom [`with_admin`] makes.
const ADMIN: &str = "root-of-all";

/// That administrator's password; theirs must be harder to guess than others'.
const ADMIN_PASSWORD: &str = "0f1c9a7be2d84c6d93aa51";

/// A hub with an administrator called [`ADMIN`].
async fn with_admin(home: &Path, settings: &[(&str, &str)]) -> HubProcess {
    let admin = [
        ("SYFTHUB_BOOTSTRAP_ADMIN_USERNAME", ADMIN),
        ("SYFTHUB_BOOTSTRAP_ADMIN_EMAIL", "root@acme.org"),
        ("SYFTHUB_BOOTSTRAP_ADMIN_PASSWORD", ADMIN_PASSWORD),
    ];
    HubProcess::start(home, &[&admin, settings].concat()).await
}

/// What came back.
#[derive(Debug)]
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    /// The bytes.
    text: String,
    /// The same as JSON; null when it is something else.
    body: Value,
}

/// Sends a request with a JSON body, null for none, as the holder of `token`, empty for nobody.
async fn call(hub: &Door, method: Method, path: &str, token: &str, body: Value) -> Answer {
    let mut request = hub.http().request(method, hub.at(path));
    if !token.is_empty() {
        request = request.bearer_auth(token);
    }
    if !body.is_null() {
        request = request.json(&body);
    }
    answer(request).await
}

async fn answer(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.expect("the hub is up");
    let (status, headers) = (response.status(), response.headers().clone());
    let text = response.text().await.expect("the body arrives");
    let body = serde_json::from_str(&text).unwrap_or(Value::Null);
    Answer { status, headers, text, body }
}

async fn get(hub: &Door, path: &str, token: &str) -> Answer {
    call(hub, Method::GET, path, token, Value::Null).await
}

async fn post(hub: &Door, path: &str, token: &str, body: Value) -> Answer {
    call(hub, Method::POST, path, token, body).await
}

async fn put(hub: &Door, path: &str, token: &str, body: Value) -> Answer {
    call(hub, Method::PUT, path, token, body).await
}

async fn patch(hub: &Door, path: &str, token: &str, body: Value) -> Answer {
    call(hub, Method::PATCH, path, token, body).await
}

async fn delete(hub: &Door, path: &str, token: &str) -> Answer {
    call(hub, Method::DELETE, path, token, Value::Null).await
}

/// Sends the login form.
async fn login(hub: &Door, username: &str, password: &str) -> Answer {
    let form = [("username", username), ("password", password)];
    answer(hub.http().post(hub.at("/api/v1/auth/login")).form(&form)).await
}

/// The administrator's access token.
async fn admin(hub: &Door) -> String {
    let answer = login(hub, ADMIN, ADMIN_PASSWORD).await;
    answer.body["access_token"].as_str().expect("they are let in").to_owned()
}

/// The number of the user who holds `token`.
async fn number(hub: &Door, token: &str) -> i64 {
    hub.get("/api/v1/auth/me", token).await["id"].as_i64().expect("a number")
}

/// Publishes an endpoint and gives it back.
async fn publish(hub: &Door, token: &str, draft: Value) -> Value {
    let answer = post(hub, "/api/v1/endpoints", token, draft).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    answer.body
}

/// The names of a list's items.
fn slugs(list: &Value) -> Vec<&str> {
    list.as_array().into_iter().flatten().filter_map(|item| item["slug"].as_str()).collect()
}

/// A draft that is seen by `visibility` and called so.
fn seen_by(visibility: &str) -> Value {
    json!({"name": visibility, "slug": visibility, "type": "model", "visibility": visibility})
}
