use syfthub_core::token::satellite::{SatelliteClaims, SigningKey, issue};

use super::*;

/// What the hub would sign for bob to ask ada's space.
fn claims(stage: &Stage) -> SatelliteClaims {
    let now = stage.clock.now().secs();
    SatelliteClaims {
        sub: "2".to_owned(),
        iss: stage.hub.as_str().trim_end_matches('/').to_owned(),
        aud: "ada".to_owned(),
        exp: now + 60,
        iat: now,
        role: "user".to_owned(),
    }
}

async fn refusal(stage: &Stage, token: &str) -> String {
    let response = stage.ask_with(token, "permits", &question()).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(response.headers()["www-authenticate"], "Bearer");
    let body: Value = response.json().await.unwrap();
    body["detail"].as_str().expect("a 401 has a sentence").to_owned()
}

#[tokio::test]
async fn only_a_fresh_token_of_the_hub_for_this_space_counts() {
    let stage = Stage::set().await;
    stage.furnish().await;
    let good = claims(&stage);
    let issuer = decoded_issuer(&stage.token().await);
    let good = SatelliteClaims { iss: issuer, ..good };
    let accepted = stage.ask_with(&issue(&good, signing_key()), "permits", &question()).await;
    assert_eq!(accepted.status(), StatusCode::OK);

    let wrong_audience = SatelliteClaims { aud: "bob".to_owned(), ..good.clone() };
    assert!(
        refusal(&stage, &issue(&wrong_audience, signing_key()))
            .await
            .contains("is for bob, not for ada")
    );
    let expired = SatelliteClaims { exp: stage.clock.now().secs(), ..good.clone() };
    assert!(refusal(&stage, &issue(&expired, signing_key())).await.contains("expired"));
    let foreign_hub = SatelliteClaims { iss: "https://evil.example".to_owned(), ..good.clone() };
    assert!(refusal(&stage, &issue(&foreign_hub, signing_key())).await.contains("does not know"));

    let unknown = SigningKey::generate().unwrap();
    assert!(refusal(&stage, &issue(&good, &unknown)).await.contains("key is not known"));
    let kid = Some(signing_key().public().kid.clone());
    let impostor =
        SigningKey::from_pem(&SigningKey::generate().unwrap().to_pem().unwrap(), kid).unwrap();
    assert!(refusal(&stage, &issue(&good, &impostor)).await.contains("signature does not hold"));
    for garbage in ["x", "a.b.c", "eyJhbGciOiJub25lIn0.e30."] {
        refusal(&stage, garbage).await;
    }
    stage.close().await;
}

#[tokio::test]
async fn a_token_dies_with_its_minute() {
    let stage = Stage::set().await;
    stage.furnish().await;
    let token = stage.token().await;
    assert_eq!(stage.ask_with(&token, "permits", &question()).await.status(), StatusCode::OK);
    stage.clock.advance(Duration::from_mins(2));
    assert!(refusal(&stage, &token).await.contains("expired"));
    stage.close().await;
}

#[tokio::test]
async fn without_a_token_nothing_is_told() {
    let stage = Stage::set().await;
    let url = format!("http://{}/api/v1/endpoints/anything/query", stage.questions.address());
    let bare = http().post(&url).body("not even json").send().await.unwrap();
    assert_eq!(bare.status(), StatusCode::UNAUTHORIZED);
    assert!(
        bare.json::<Value>().await.unwrap()["detail"]
            .as_str()
            .unwrap()
            .contains("satellite token is required")
    );
    let basic =
        http().post(&url).basic_auth("ada", Some(PASSWORD)).json(&question()).send().await.unwrap();
    assert_eq!(basic.status(), StatusCode::UNAUTHORIZED);
    stage.close().await;
}

fn decoded_issuer(token: &str) -> String {
    use base64::Engine as _;
    let payload = token.split('.').nth(1).unwrap();
    let payload = base64::prelude::BASE64_URL_SAFE_NO_PAD.decode(payload).unwrap();
    serde_json::from_slice::<Value>(&payload).unwrap()["iss"].as_str().unwrap().to_owned()
}
