//! How callers are known: by a number without asking anybody, by an address that a hub is asked for once.

use reqwest::Method;
use syfthub_core::token::satellite::{SatelliteClaims, SigningKey, issue};

use super::*;

/// What the hub signs for bob, or for whoever has the number `sub`, to ask ada's space.
fn claims(stage: &Stage, sub: &str) -> SatelliteClaims {
    let now = stage.clock.now().secs();
    SatelliteClaims {
        sub: sub.to_owned(),
        iss: stage.hub.as_str().trim_end_matches('/').to_owned(),
        aud: "ada".to_owned(),
        exp: now + 60,
        iat: now,
        role: "user".to_owned(),
    }
}

impl Stage {
    /// The status of the answer to somebody who holds a token of their own.
    async fn status_for(&self, claims: &SatelliteClaims) -> u16 {
        let token = issue(claims, signing_key());
        self.ask_with(&token, "permits", &question()).await.status().as_u16()
    }

    async fn bobs_number(&self) -> String {
        self.bob.auth().me().await.unwrap().id.to_string()
    }

    async fn without_a_hub(&mut self) {
        self.stop_hub.cancel();
        self.hub_server.take().unwrap().stopped().await;
    }
}

#[tokio::test]
async fn a_token_that_does_not_count_has_no_effect_on_any_policy() {
    let stage = Stage::set().await;
    stage.furnish().await;
    stage.guard("permits", "rate_limit", json!({"limit": "1/d", "scope": "global"})).await;
    stage.guard("permits", "rate_limit", json!({"limit": "1/d"})).await;
    let good = claims(&stage, &stage.bobs_number().await);
    let unknown_key = SigningKey::generate().unwrap();
    let wrong_audience = SatelliteClaims { aud: "bob".to_owned(), ..good.clone() };
    let expired = SatelliteClaims { exp: stage.clock.now().secs(), ..good.clone() };
    let other_hub = SatelliteClaims { iss: "https://hub.example.org".to_owned(), ..good.clone() };
    let kid = Some(signing_key().public().kid.clone());
    let forger = SigningKey::from_pem(&unknown_key.to_pem().unwrap(), kid).unwrap();
    for token in [
        issue(&wrong_audience, signing_key()),
        issue(&expired, signing_key()),
        issue(&other_hub, signing_key()),
        issue(&good, &unknown_key),
        issue(&good, &forger),
        "a.b.c".to_owned(),
    ] {
        let response = stage.ask_with(&token, "permits", &question()).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    }
    // What old clients send names nobody.
    let url = format!("http://{}/api/v1/endpoints/permits/query", stage.questions.address());
    let named = json!({"messages": "x", "user_email": "bob@example.org"});
    assert_eq!(http().post(url).json(&named).send().await.unwrap().status(), 401);
    assert!(stage.get("decisions").await.as_array().unwrap().is_empty());
    assert_eq!(stage.status_for(&good).await, 200);
    assert_eq!(stage.status_for(&good).await, 429);
    stage.close().await;
}

#[tokio::test]
async fn a_hub_that_is_away_closes_nothing_to_those_it_vouched_for() {
    let mut stage = Stage::set().await;
    stage.furnish().await;
    stage.guard("permits", "access", json!({"allowed_users": ["*@example.org"]})).await;
    let bob = stage.bobs_number().await;
    assert_eq!(stage.status_for(&claims(&stage, &bob)).await, 200);
    stage.without_a_hub().await;
    // Another token of the same caller: nobody is asked for some minutes.
    stage.clock.advance(Duration::from_mins(4));
    assert_eq!(stage.status_for(&claims(&stage, &bob)).await, 200);
    // Then the hub would be asked; what it said last goes on for a while.
    stage.clock.advance(Duration::from_mins(30));
    assert_eq!(stage.status_for(&claims(&stage, &bob)).await, 200);
    // Somebody it never vouched for is not let in.
    assert_eq!(stage.status_for(&claims(&stage, "4711")).await, 503);
    stage.clock.advance(Duration::from_mins(31));
    assert_eq!(stage.status_for(&claims(&stage, &bob)).await, 503);
    // An endpoint that asks for no address goes on, whoever calls.
    let token = issue(&claims(&stage, "4711"), signing_key());
    assert_eq!(stage.ask_with(&token, "words", &question()).await.status(), 200);
    stage.close().await;
}

#[tokio::test]
async fn somebody_whom_their_hub_does_not_know_is_a_stranger() {
    let stage = Stage::set().await;
    stage.furnish().await;
    stage.guard("permits", "access", json!({"denied_users": ["eve@*"]})).await;
    assert_eq!(stage.status_for(&claims(&stage, "4711")).await, 401);
    stage.close().await;
}

#[tokio::test]
async fn every_connected_hub_vouches_for_its_own_callers() {
    let stage = Stage::set().await;
    stage.furnish().await;
    stage.guard("permits", "access", json!({"allowed_users": ["cyd@example.org"]})).await;
    let (other, server) = a_hub(&stage.folder, "other.db", stage.shutdown.clone()).await;
    user(&other, "ada").await;
    // Gives cyd the number that bob has at the first hub.
    let cyd = user(&other, "cyd").await;
    let owner = Actor::program();
    stage
        .space
        .connect_marketplace(&owner, &other, "ada", &Secret::new(PASSWORD), None)
        .await
        .unwrap();
    let token = cyd.tokens().satellite(&"ada".parse().unwrap()).await.unwrap();
    assert_eq!(stage.ask_with(token.expose(), "permits", &question()).await.status(), 200);
    // The same number at another hub is somebody else.
    assert_eq!(stage.told("permits").await.0, 403);
    let decisions = stage.get("decisions?limit=2").await;
    assert_eq!(decisions[0]["subject"], decisions[1]["subject"]);
    assert_ne!(decisions[0]["issuer"], decisions[1]["issuer"]);
    stage.shutdown.cancel();
    server.stopped().await;
    stage.close().await;
}

#[tokio::test]
async fn one_tenants_policies_and_decisions_are_nothing_to_another() {
    let stage = Stage::with(|config| config.access.multi_tenancy = true).await;
    let key = std::fs::read_to_string(stage.folder.path().join("space/admin.key")).unwrap();
    let call = async |tenant: &str, method: Method, path: &str, body: Option<Value>| {
        let mut request =
            http().request(method, stage.admin.join(path).unwrap()).bearer_auth(key.trim());
        request = request.header("x-tenant-name", tenant);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json::<Value>().await.unwrap())
    };
    let new = json!({"name": "other", "display_name": "Other"});
    assert_eq!(call("root", Method::POST, "tenants", Some(new)).await.0, 201);
    let model = json!({"name": "words", "dtype": "extractive", "configuration": {}});
    let (_, model) = call("root", Method::POST, "models", Some(model)).await;
    let endpoint = json!({"name": "Words", "slug": "words", "model_id": model["id"]});
    let (_, endpoint) = call("root", Method::POST, "endpoints", Some(endpoint)).await;
    let policy = json!({
        "name": "x", "policy_type": "rate_limit", "configuration": {"limit": "1/s"}, "endpoint_id": endpoint["id"],
    });
    assert_eq!(call("other", Method::POST, "policies", Some(policy.clone())).await.0, 404);
    let (status, policy) = call("root", Method::POST, "policies", Some(policy)).await;
    assert_eq!(status, 201, "{policy}");
    let path = format!("policies/{}", policy["id"].as_str().unwrap());
    assert_eq!(call("other", Method::GET, &path, None).await.0, 404);
    assert_eq!(call("other", Method::PATCH, &path, Some(json!({"name": "y"}))).await.0, 404);
    assert_eq!(call("other", Method::DELETE, &path, None).await.0, 404);
    assert_eq!(call("other", Method::GET, "policies", None).await.1, json!([]));
    assert_eq!(
        call("other", Method::GET, "policies/check?endpoint=words&email=a@b.c", None).await.0,
        404
    );
    assert_eq!(call("root", Method::GET, &path, None).await.0, 200);
    stage.close().await;
}
