use std::sync::LazyLock;

use syfthub_core::FixedClock;
use syfthub_core::token::satellite::{SigningKey, issue};

use super::*;

static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::generate().unwrap());
const HUB: &str = "https://hub.example.org";

fn token(audience: &str, exp: i64) -> String {
    let claims = SatelliteClaims {
        sub: "7".to_owned(),
        iss: HUB.to_owned(),
        aud: audience.to_owned(),
        exp,
        iat: exp - 60,
        role: "user".to_owned(),
    };
    issue(&claims, &KEY)
}

fn verifier() -> VerifierBuilder {
    let keys = JwkSet { keys: vec![KEY.public().clone()] };
    let clock = FixedClock::at(Timestamp::from_secs(1000));
    Verifier::builder("https://hub.example.org/", "ada").keys(&keys).clock(Arc::new(clock))
}

#[tokio::test]
async fn a_token_for_this_service_counts_while_it_lives() {
    let verifier = verifier().build().unwrap();
    let claims = verifier.verify(&token("ada", 1001)).await.unwrap();
    assert_eq!((claims.sub.as_str(), claims.is_guest()), ("7", false));
    let over = verifier.verify(&token("ada", 1000)).await.unwrap_err();
    assert_eq!((over.kind(), over.code()), (ErrorKind::NotSignedIn, Some("token_expired")));
    let then = Timestamp::from_secs(999);
    assert!(verifier.verify_at(&token("ada", 1000), then).await.is_ok());
}

#[tokio::test]
async fn what_is_for_others_or_no_token_at_all_is_refused_with_its_reason() {
    let verifier = verifier().build().unwrap();
    for (token, reason) in [
        (token("bob", 1001), "audience_mismatch"),
        ("a.b.c".to_owned(), "invalid_token_format"),
        (String::new(), "invalid_token_format"),
    ] {
        let refused = verifier.verify(&token).await.unwrap_err();
        assert_eq!((refused.kind(), refused.code()), (ErrorKind::NotSignedIn, Some(reason)));
    }
}

#[tokio::test]
async fn a_hub_that_is_called_otherwise_than_it_is_reached_is_told_by_its_name() {
    let verifier = verifier().issuer("https://other.example.org").build().unwrap();
    let refused = verifier.verify(&token("ada", 1001)).await.unwrap_err();
    assert_eq!(refused.code(), Some("invalid_issuer"));
}

#[tokio::test]
async fn without_keys_nobody_is_refused_and_nobody_let_in() {
    let verifier = Verifier::builder("http://127.0.0.1:1", "ada").build().unwrap();
    let away = verifier.verify(&token("ada", i64::MAX)).await.unwrap_err();
    assert_eq!(away.kind(), ErrorKind::Unreachable);
    let malformed = verifier.verify("x").await.unwrap_err();
    assert_eq!(malformed.kind(), ErrorKind::NotSignedIn, "which needs no keys");
}
