//! Accounts, edits and removals through the admin API.

use reqwest::Method;

use super::*;

const OWNER_PASSWORD: &str = "correct horse 1";

impl Stage {
    /// The admin API with any token.
    async fn as_bearer(
        &self,
        method: Method,
        path: &str,
        token: &str,
        body: Value,
    ) -> (u16, Value) {
        let request = http().request(method, self.admin.join(path).unwrap()).bearer_auth(token);
        let request = if body.is_null() { request } else { request.json(&body) };
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }

    async fn stranger(&self, path: &str, body: Value) -> (u16, Value) {
        let answer = http().post(self.admin.join(path).unwrap()).json(&body).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }
}

fn account(email: &str, setup_token: Option<&str>) -> Value {
    json!({"email": email, "password": OWNER_PASSWORD, "setup_token": setup_token})
}

#[tokio::test]
async fn the_setup_token_lets_the_first_owner_in_and_nobody_after_them() {
    let stage = Stage::set().await;
    let file = stage.folder.path().join("space/setup.token");
    let token = std::fs::read_to_string(&file).unwrap();
    let token = token.trim();
    assert_eq!(stage.stranger("auth/register", account("eve@example.org", None)).await.0, 403);
    let wrong = account("eve@example.org", Some("0123456789"));
    assert_eq!(stage.stranger("auth/register", wrong).await.0, 403);
    let first = account("ada@example.org", Some(token));
    let (status, made) = stage.stranger("auth/register", first).await;
    assert_eq!((status, &made["tenant_name"]), (201, &json!("root")), "{made}");
    assert!(!file.exists());
    let second = account("eve@example.org", Some(token));
    assert_eq!(stage.stranger("auth/register", second).await.0, 403, "it counts once");
    let credentials = json!({"email": "Ada@Example.org", "password": OWNER_PASSWORD});
    let (status, session) = stage.stranger("auth/login", credentials).await;
    assert_eq!((status, &session["expires_in"]), (200, &json!(3600)), "{session}");
    let session = session["access_token"].as_str().unwrap();
    let colleague = account("ben@example.org", None);
    let made = stage.as_bearer(Method::POST, "auth/register", session, colleague.clone()).await;
    assert_eq!(made.0, 201);
    let again = stage.as_bearer(Method::POST, "auth/register", session, colleague).await;
    assert_eq!(again.0, 409);
    let (_, trace) = stage.as_bearer(Method::GET, "audit?limit=5", session, Value::Null).await;
    let actions: Vec<&str> =
        trace.as_array().unwrap().iter().map(|event| event["action"].as_str().unwrap()).collect();
    assert_eq!(actions[..2], ["account.create", "account.create"]);
    assert!(trace[0]["actor"].as_str().unwrap().starts_with("account:"), "{trace}");
    assert!(!trace.to_string().contains(OWNER_PASSWORD));
    stage.close().await;
}

#[tokio::test]
async fn guesses_are_counted_and_a_password_that_changes_ends_every_session() {
    let stage = Stage::set().await;
    let key = stage.space.admin_key.expose().to_owned();
    let made =
        stage.as_bearer(Method::POST, "auth/register", &key, account("ada@example.org", None));
    assert_eq!(made.await.0, 201);
    let sign_in = async |password: &str| {
        let credentials = json!({"email": "ada@example.org", "password": password});
        stage.stranger("auth/login", credentials).await
    };
    let (_, session) = sign_in(OWNER_PASSWORD).await;
    let session = session["access_token"].as_str().unwrap().to_owned();
    stage.clock.advance(Duration::from_secs(1));
    let change = json!({"current_password": OWNER_PASSWORD, "new_password": "another horse 2"});
    let (status, next) = stage.as_bearer(Method::PUT, "auth/password", &session, change).await;
    assert_eq!(status, 200, "{next}");
    let next = next["access_token"].as_str().unwrap();
    assert_eq!(stage.as_bearer(Method::GET, "datasets", &session, Value::Null).await.0, 401);
    assert_eq!(stage.as_bearer(Method::GET, "datasets", next, Value::Null).await.0, 200);
    for _ in 0..10 {
        assert_eq!(sign_in("wrong guess 1").await.0, 401);
    }
    assert_eq!(sign_in("another horse 2").await.0, 429, "even the right one has to wait now");
    stage.close().await;
}

#[tokio::test]
async fn a_configuration_is_edited_and_its_secrets_stay_unless_they_are_named() {
    let stage = Stage::set().await;
    let key = stage.space.admin_key.expose().to_owned();
    let manage = async |method: Method, path: &str, body: Value| {
        stage.as_bearer(method, path, &key, body).await
    };
    let model = json!({"name": "gpt", "dtype": "openai",
        "configuration": {"model": "m", "api_key": "sk-first", "base_url": "http://127.0.0.1:9/v1"}});
    assert_eq!(manage(Method::POST, "models", model).await.0, 201);
    let (_, shown) = manage(Method::GET, "models/gpt", Value::Null).await;
    let mut sent_back = shown["configuration"].clone();
    sent_back["model"] = json!("n");
    let edit = json!({"name": "gpt-2", "configuration": sent_back});
    let (status, edited) = manage(Method::PATCH, "models/gpt", edit).await;
    assert_eq!((status, &edited["configuration"]["model"]), (200, &json!("n")), "{edited}");
    assert_eq!(edited["configuration"]["api_key"], "********");
    assert_eq!(manage(Method::GET, "models/gpt", Value::Null).await.0, 404);
    assert_eq!(manage(Method::PATCH, "models/gpt-2", json!({})).await.0, 422);
    let fresh =
        json!({"name": "other", "dtype": "openai", "configuration": edited["configuration"]});
    let (status, refused) = manage(Method::POST, "models", fresh).await;
    assert_eq!(status, 400, "a mask is no secret");
    assert!(refused["detail"].as_str().unwrap().contains("api_key"), "{refused}");
    stage.close().await;
}

#[tokio::test]
async fn what_endpoints_use_goes_with_them_when_that_is_asked_for() {
    let stage = Stage::set().await;
    let key = stage.space.admin_key.expose().to_owned();
    let manage = async |method: Method, path: &str, body: Value| {
        stage.as_bearer(method, path, &key, body).await
    };
    let model = json!({"name": "words", "dtype": "extractive", "configuration": {}});
    let (_, model) = manage(Method::POST, "models", model).await;
    let endpoint = json!({"name": "Desk", "slug": "desk", "model_id": model["id"]});
    assert_eq!(manage(Method::POST, "endpoints", endpoint).await.0, 201);
    let (status, refused) = manage(Method::DELETE, "models/words", Value::Null).await;
    assert_eq!(status, 409);
    assert!(refused["detail"].as_str().unwrap().contains("desk"), "{refused}");
    assert_eq!(manage(Method::POST, "endpoints/desk/archive", Value::Null).await.0, 200);
    let (_, shown) = manage(Method::GET, "endpoints/desk", Value::Null).await;
    assert_eq!((&shown["is_archived"], &shown["model"]["name"]), (&json!(true), &json!("words")));
    assert_eq!(manage(Method::DELETE, "models/words?force=true", Value::Null).await.0, 200);
    assert_eq!(manage(Method::GET, "endpoints/desk", Value::Null).await.0, 404);
    stage.close().await;
}
