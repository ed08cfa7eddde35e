use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};

use super::*;

async fn judged(hub: &Door, token: &str, judge: &str) -> Value {
    let answer = post(hub, "/api/v1/verify", judge, json!({"token": token})).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.body
}

async fn minted(hub: &Door, path: &str, token: &str) -> String {
    let answer = get(hub, path, token).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.body["target_token"].as_str().expect("a token").to_owned()
}

#[tokio::test]
async fn only_the_audience_learns_who_holds_a_token() {
    let home = tempfile::tempdir().unwrap();
    let hub = HubProcess::start(home.path(), &[]).await;
    let (ada, eve) = (hub.register("ada").await.unwrap(), hub.register("eve").await.unwrap());
    let token = minted(&hub, "/api/v1/token?aud=ADA", &eve).await;
    let known = judged(&hub, &token, &ada).await;
    assert_eq!((&known["valid"], &known["username"]), (&json!(true), &json!("eve")));
    assert_eq!((&known["email"], &known["aud"]), (&json!("eve@example.org"), &json!("ada")));
    assert!(known["exp"].is_i64() && known["iat"].is_i64());
    assert_eq!(judged(&hub, &token, &eve).await["error"], "audience_mismatch");

    let guest = minted(&hub, "/api/v1/token/guest?aud=ada", "").await;
    let known = judged(&hub, &guest, &ada).await;
    assert_eq!((&known["sub"], &known["role"]), (&json!("guest"), &json!("guest")));
    assert_eq!(known["email"], "guest@syfthub.org");

    let (head, rest) = token.split_once('.').expect("three parts");
    let signature = rest.split_once('.').expect("three parts").1;
    let other_key = "eyJhbGciOiJSUzI1NiIsImtpZCI6IngifQ";
    let no_key = "eyJhbGciOiJSUzI1NiJ9";
    for (token, error) in [
        ("nonsense".to_owned(), "invalid_token_format"),
        (format!("{no_key}.{rest}"), "missing_kid"),
        (format!("{other_key}.{rest}"), "unknown_key"),
        (format!("{head}.eyJzdWIiOiIxIn0.{signature}"), "invalid_signature"),
    ] {
        assert_eq!(judged(&hub, &token, &ada).await["error"], error, "{token}");
    }
    assert_eq!(get(&hub, "/api/v1/auth/me", &token).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_token_past_its_time_is_told_so() {
    let home = tempfile::tempdir().unwrap();
    let hub = HubProcess::start(home.path(), &[("SATELLITE_TOKEN_EXPIRE_SECONDS", "1")]).await;
    let ada = hub.register("ada").await.unwrap();
    let token = minted(&hub, "/api/v1/token?aud=ada", &ada).await;
    let expired = async {
        while judged(&hub, &token, &ada).await["error"] != "token_expired" {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), expired).await.expect("it expires");
}

#[tokio::test]
async fn the_published_keys_check_a_token_with_any_jwt_library() {
    let home = tempfile::tempdir().unwrap();
    let hub = HubProcess::start(home.path(), &[]).await;
    let ada = hub.register("ada").await.unwrap();
    let token = minted(&hub, "/api/v1/token?aud=ada", &ada).await;
    let published = get(&hub, "/.well-known/jwks.json", "").await;
    assert_eq!(published.headers["cache-control"], "public, max-age=3600");
    let keys: JwkSet = serde_json::from_value(published.body).unwrap();
    let kid = jsonwebtoken::decode_header(&token).unwrap().kid.expect("it names its key");
    let key = DecodingKey::from_jwk(keys.find(&kid).expect("the key is published")).unwrap();
    let mut rules = Validation::new(Algorithm::RS256);
    rules.set_audience(&["ada"]);
    let claims = jsonwebtoken::decode::<Value>(&token, &key, &rules).unwrap().claims;
    assert_eq!(claims["sub"], number(&hub, &ada).await.to_string());
    assert!(claims.get("email").is_none(), "services learn it by asking");
}
