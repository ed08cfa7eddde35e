//! Satellite tokens and the keys that verify them.

use std::time::Duration;

use axum::body::Body;
use http::{Request, StatusCode, header};
use serde_json::{Value, json};
use syfthub_core::Timestamp;
use syfthub_core::token::jwks::JwkSet;
use syfthub_core::token::satellite::{self, KeySet, SatelliteClaims, SigningKey};

use crate::testing::{TestHub, signing_key};

const ISSUER: &str = "https://hub.example.org";
const NOW: i64 = 1_800_000_000;

async fn mint(hub: &TestHub, token: &str, audience: &str) -> String {
    let answer = hub.get(&format!("/api/v1/token?aud={audience}"), token).await;
    assert_eq!((answer.status, &answer.body["expires_in"]), (StatusCode::OK, &json!(60)));
    answer.body["target_token"].as_str().unwrap().to_owned()
}

async fn judged(hub: &TestHub, service: &str, token: &str) -> Value {
    let body = json!({"token": token, "satellite_id": "ignored"});
    let answer = hub.post("/api/v1/verify", service, body).await;
    assert_eq!(answer.status, StatusCode::OK);
    answer.body
}

fn claims(sub: &str, aud: &str) -> SatelliteClaims {
    let (sub, aud, role) = (sub.to_owned(), aud.to_owned(), "user".to_owned());
    SatelliteClaims { sub, aud, role, iss: ISSUER.to_owned(), exp: NOW + 60, iat: NOW }
}

#[tokio::test]
async fn a_minted_token_verifies_with_the_published_keys() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    hub.register("bob").await;
    let token = mint(&hub, &ada.access, "%20BOB").await;
    let published: JwkSet =
        serde_json::from_value(hub.get("/.well-known/jwks.json", "").await.body).unwrap();
    let now = Timestamp::from_secs(NOW + 59);
    let claims = satellite::verify(&token, &KeySet::new(&published), "bob", ISSUER, now).unwrap();
    let expected = SatelliteClaims { exp: NOW + 60, ..self::claims(&ada.id.to_string(), "bob") };
    assert_eq!(claims, expected);
    assert_eq!(satellite::kid(&token).unwrap(), published.keys[0].kid);
    assert_eq!(hub.get("/api/v1/auth/me", &token).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_keys_may_be_cached_and_asked_for_conditionally() {
    let hub = TestHub::start().await;
    let answer = hub.get("/.well-known/jwks.json", "").await;
    assert_eq!(answer.headers[header::CACHE_CONTROL], "public, max-age=3600");
    let tag = answer.headers[header::ETAG].clone();
    let again = Request::get("/.well-known/jwks.json").header(header::IF_NONE_MATCH, &tag);
    let again = hub.send(again.body(Body::empty()).unwrap()).await;
    assert_eq!((again.status, &again.headers[header::ETAG]), (StatusCode::NOT_MODIFIED, &tag));
    let other = Request::get("/.well-known/jwks.json").header(header::IF_NONE_MATCH, "\"x\"");
    assert_eq!(hub.send(other.body(Body::empty()).unwrap()).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_audience_must_be_an_active_user() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    let bob = hub.register("bob").await;
    hub.deactivate(bob.id).await;
    for path in ["/api/v1/token", "/api/v1/token/guest"] {
        for (aud, error) in [
            ("bob", "audience_inactive"),
            ("eve", "audience_not_found"),
            ("%20", "missing_audience"),
        ] {
            let answer = hub.get(&format!("{path}?aud={aud}"), &ada.access).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST);
            let detail = &answer.body["detail"];
            assert_eq!(
                (&detail["error"], &detail["code"]),
                (&json!(error), &json!(error.to_uppercase()))
            );
            assert!(detail["message"].is_string() && detail["audience"].is_string());
        }
        assert_eq!(hub.get(path, &ada.access).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(hub.get("/api/v1/token?aud=ada", "").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_signed_out_session_mints_nothing() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    hub.post("/api/v1/auth/logout", &ada.access, Value::Null).await;
    assert_eq!(
        hub.get("/api/v1/token?aud=ada", &ada.access).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn the_audience_learns_who_holds_a_token() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    let bob = hub.register("bob").await;
    let token = mint(&hub, &ada.access, "bob").await;
    let id = ada.id.to_string();
    let expected = json!({"valid": true, "sub": id, "email": "ada@acme.org", "username": "ada", "role": "user",
        "aud": "bob", "exp": NOW + 60, "iat": NOW});
    assert_eq!(judged(&hub, &bob.access, &token).await, expected);
    let elsewhere = judged(&hub, &ada.access, &token).await;
    assert_eq!(
        (&elsewhere["valid"], &elsewhere["error"]),
        (&json!(false), &json!("audience_mismatch"))
    );
    assert!(elsewhere["message"].as_str().unwrap().contains("bob"));
    assert_eq!(
        hub.post("/api/v1/verify", "", json!({"token": token})).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn a_guest_is_a_guest() {
    let hub = TestHub::start().await;
    let bob = hub.register("bob").await;
    let answer = hub.get("/api/v1/token/guest?aud=bob", "").await;
    let token = answer.body["target_token"].as_str().unwrap();
    let who = judged(&hub, &bob.access, token).await;
    assert_eq!(
        (&who["sub"], &who["username"], &who["role"]),
        (&json!("guest"), &json!("guest"), &json!("guest"))
    );
    assert_eq!(who["email"], "guest@syfthub.org");
}

#[tokio::test]
async fn every_reason_against_a_token_has_its_code() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    let gone = hub.register("gone").await;
    hub.deactivate(gone.id).await;
    let id = ada.id.to_string();
    let ours = |claims: SatelliteClaims| satellite::issue(&claims, signing_key());
    let stranger = SigningKey::generate().unwrap();
    let mut forged = ours(claims(&id, "ada"));
    let end = forged.len() - 20;
    forged.replace_range(end..end + 4, "AAAA");
    for (token, error) in [
        ("nonsense".to_owned(), "invalid_token_format"),
        (ada.access.clone(), "missing_kid"),
        (satellite::issue(&claims(&id, "ada"), &stranger), "unknown_key"),
        (forged, "invalid_signature"),
        (ours(SatelliteClaims { exp: NOW, ..claims(&id, "ada") }), "token_expired"),
        (ours(claims(&id, "bob")), "audience_mismatch"),
        (
            ours(SatelliteClaims { iss: "https://other.org".to_owned(), ..claims(&id, "ada") }),
            "invalid_issuer",
        ),
        (ours(claims("", "ada")), "invalid_token"),
        (ours(claims("seven", "ada")), "invalid_user_id"),
        (ours(claims("999", "ada")), "user_not_found"),
        (ours(claims(&gone.id.to_string(), "ada")), "user_inactive"),
        (ours(SatelliteClaims { iat: NOW + 5, ..claims(&id, "ada") }), "verification_error"),
    ] {
        let answer = judged(&hub, &ada.access, &token).await;
        assert_eq!((&answer["valid"], &answer["error"]), (&json!(false), &json!(error)));
        assert!(answer["message"].is_string());
    }
}

#[tokio::test]
async fn an_audience_that_is_a_list_counts_when_it_names_the_caller() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    let mut header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::RS256);
    header.kid = Some(signing_key().public().kid.clone());
    let pem = signing_key().to_pem().unwrap();
    let key = jsonwebtoken::EncodingKey::from_rsa_pem(pem.expose().as_bytes()).unwrap();
    let signed = |aud: Value, exp: Value| {
        let claims = json!({"sub": ada.id.to_string(), "iss": ISSUER, "aud": aud, "exp": exp, "iat": NOW, "role": "user"});
        jsonwebtoken::encode(&header, &claims, &key).unwrap()
    };
    let named = judged(&hub, &ada.access, &signed(json!(["bob", "ada"]), json!(NOW + 60))).await;
    assert_eq!((&named["valid"], &named["aud"]), (&json!(true), &json!("ada")));
    let unnamed = judged(&hub, &ada.access, &signed(json!(["bob"]), json!(NOW + 60))).await;
    assert_eq!(unnamed["error"], "audience_mismatch");
    let endless = judged(&hub, &ada.access, &signed(json!("ada"), Value::Null)).await;
    assert_eq!(endless["error"], "verification_error");
}

#[tokio::test]
async fn the_life_of_satellite_tokens_is_a_setting() {
    let hub =
        TestHub::with(|config| config.keys.satellite_token_lifetime = Duration::from_secs(5)).await;
    let ada = hub.register("ada").await;
    let answer = hub.get("/api/v1/token?aud=ada", &ada.access).await;
    assert_eq!(answer.body["expires_in"], 5);
}

#[tokio::test]
async fn audiences_are_one_s_own_name_and_those_who_publish() {
    let hub = TestHub::start().await;
    let (ada, bob) = (hub.register("ada").await, hub.register("bob").await);
    hub.register("quiet-eve").await;
    hub.publish(&bob.access, json!({"name": "Notes", "type": "model"})).await;
    hub.post("/api/v1/organizations", &ada.access, json!({"name": "Bee Team"})).await;
    let told = async |query: &str| {
        let answer = hub.get(&format!("/api/v1/token/audiences{query}"), &ada.access).await;
        assert_eq!(answer.body["idp_configured"], true);
        answer.body["allowed_audiences"].clone()
    };
    assert_eq!(told("").await, json!(["ada", "bee-team", "bob"]));
    assert_eq!(told("?search=B&skip=1").await, json!(["bob"]));
    assert_eq!(told("?search=eve").await, json!([]));
    // Whoever knows the name gets the token all the same.
    mint(&hub, &ada.access, "quiet-eve").await;
    assert_eq!(hub.get("/api/v1/token/audiences", "").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn tokens_for_guests_can_be_switched_off() {
    let hub = TestHub::with(|config| config.keys.guest_tokens = false).await;
    hub.register("bob").await;
    let answer = hub.get("/api/v1/token/guest?aud=bob", "").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.body["detail"].is_string());
}
