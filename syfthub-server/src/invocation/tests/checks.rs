//! What is decided before a space is called.

use serde_json::json;

use super::*;
use crate::fixture::reply;

async fn fine(_: Seen) -> Response {
    reply(200, "application/json", "{}")
}

fn plain() -> Value {
    json!([{"type": "https"}])
}

#[tokio::test]
async fn who_may_not_see_an_endpoint_does_not_learn_that_it_is_there() {
    let setting = Setting::answering(fine).await;
    let hub = &setting.hub;
    let bob = hub.register("bob").await;
    for (slug, visibility) in [("inner", "internal"), ("secret", "private")] {
        let mut draft = draft(slug, &plain());
        draft["visibility"] = json!(visibility);
        hub.publish(&setting.ada.access, draft).await;
    }
    let status = async |path: &str, token: &str| hub.post(path, token, json!({})).await.status;
    let ada = setting.ada.access.as_str();
    for (path, anonymous, stale, stranger) in [
        ("/ada/notes", 200, 200, 200),
        ("/ada/inner", 404, 401, 200),
        ("/ada/secret", 404, 401, 404),
        ("/ada/nothing", 404, 401, 404),
        ("/nobody/notes", 404, 401, 404),
    ] {
        assert_eq!(status(path, "").await, anonymous, "{path} for nobody");
        assert_eq!(status(path, "stale").await, stale, "{path} with a stale token");
        assert_eq!(status(path, &bob.access).await, stranger, "{path} for a stranger");
    }
    assert_eq!(status("/ada/secret", ada).await, 200);
    hub.deactivate(bob.id).await;
    assert_eq!(status("/ada/inner", &bob.access).await, 401);
}

#[tokio::test]
async fn an_endpoint_that_is_off_or_whose_owner_is_gone_is_called_by_nobody() {
    let setting = Setting::answering(fine).await;
    let hub = &setting.hub;
    let id = hub.publish(&setting.ada.access, draft("off", &plain())).await["id"].as_i64().unwrap();
    hub.force("UPDATE endpoints SET is_disabled = TRUE WHERE id = $1", id).await;
    for token in ["", setting.ada.access.as_str()] {
        assert_eq!(hub.post("/ada/off", token, json!({})).await.status, 404);
    }
    hub.deactivate(setting.ada.id).await;
    assert_eq!(hub.post("/ada/notes", "", json!({})).await.status, 404);
    assert!(setting.space.seen().is_empty());
}

#[tokio::test]
async fn what_has_no_address_is_a_400_that_names_the_endpoint() {
    let setting = Setting::answering(fine).await;
    let hub = &setting.hub;
    hub.publish(&setting.ada.access, draft("bare", &json!([]))).await;
    let bob = hub.register("bob").await;
    hub.publish(&bob.access, draft("homeless", &plain())).await;
    let detail = async |path: &str| {
        let answer = hub.post(path, "", json!({})).await;
        assert_eq!(answer.status, 400, "{path}");
        answer.body["detail"].as_str().unwrap().to_owned()
    };
    assert_eq!(detail("/ada/bare").await, "Endpoint 'ada/bare' has no connections configured");
    assert_eq!(
        detail("/bob/homeless").await,
        "Owner of endpoint 'bob/homeless' has no domain configured"
    );
    serve_from(hub, &bob, "tunneling:bob").await;
    assert!(detail("/bob/homeless").await.contains("tunnel"));
}

#[tokio::test]
async fn a_body_that_is_no_json_is_a_400_and_reaches_no_space() {
    let setting = Setting::answering(fine).await;
    for body in ["", "{", "no", "{}{}", "\u{feff}{}"] {
        let request = http::Request::post("/ada/notes").body(body.into()).unwrap();
        let answer = setting.hub.send(request).await;
        assert_eq!(answer.status, 400, "{body:?}");
        assert_eq!(answer.body["detail"], "Request body must be valid JSON");
    }
    assert!(setting.space.seen().is_empty());
    for body in ["null", "7", "\"text\"", "[]"] {
        let request = http::Request::post("/ada/notes").body(body.into()).unwrap();
        assert_eq!(setting.hub.send(request).await.status, 200, "{body}");
    }
}

#[tokio::test]
async fn an_address_inside_is_a_403_before_the_body_is_looked_at() {
    let setting = Setting::with(|config| config.outbound.outbound_allow.clear(), fine).await;
    let request = http::Request::post("/ada/notes").body("no json".into()).unwrap();
    let answer = setting.hub.send(request).await;
    assert_eq!(answer.status, 403);
    assert_eq!(
        answer.body["detail"],
        "Endpoint 'ada/notes' must not be called: the address is not public"
    );
    assert!(setting.space.seen().is_empty());
}

#[tokio::test]
async fn who_calls_too_often_is_told_when_to_come_back() {
    let few = |config: &mut HubConfig| {
        config.limits.limit_invocation = "2/min".parse().unwrap();
        config.limits.limit_invocation_address = "1/min".parse().unwrap();
    };
    let setting = Setting::with(few, fine).await;
    for (token, times) in [("", 1), (setting.ada.access.as_str(), 2)] {
        for _ in 0..times {
            assert_eq!(setting.ask(token).await.status, 200);
        }
        let answer = setting.ask(token).await;
        assert_eq!(answer.status, 429);
        assert!(answer.headers.contains_key("retry-after"));
    }
    assert_eq!(setting.space.seen().len(), 3);
}

#[tokio::test]
async fn a_personal_access_token_that_may_only_read_may_call() {
    let setting = Setting::answering(fine).await;
    let body = json!({"name": "script", "scopes": ["read"]});
    let made = setting.hub.post("/api/v1/auth/tokens", &setting.ada.access, body).await;
    assert_eq!(setting.ask(made.body["token"].as_str().unwrap()).await.status, 200);
}

#[tokio::test]
async fn a_name_without_an_address_is_a_400_that_names_it() {
    let setting = Setting::answering(fine).await;
    serve_from(&setting.hub, &setting.ada, "https://space.invalid:8443/base").await;
    let answer = setting.ask("").await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.body["detail"], "Could not resolve domain: space.invalid");
}
