//! Satellite tokens, honest and forged, and what is thought of them.

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RSA_PKCS1_SHA512, RsaEncoding, RsaKeyPair};
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use syfthub_client::Secret;
use syfthub_core::token::jwks::Jwk;
use syfthub_core::token::satellite::SigningKey;

use crate::case::{self, Case};

/// When the tokens are judged, in seconds since 1970.
const NOW: i64 = 1_800_000_000;
const HUB: &str = "https://hub.example.com";
/// The keys of these tokens. They guard nothing.
const PUBLISHED: &str = include_str!("published.pem");
const OTHER: &str = include_str!("other.pem");
const KID: &str = "key-1";

/// The verdict on a token that counts.
const COUNTS: &str = "counts";

/// The cases of satellite tokens.
pub(crate) fn file() -> String {
    let cases: Vec<Case> = [
        sound(),
        times(),
        audiences(),
        issuers(),
        claims(),
        changed(),
        forged(),
        malformed(),
        keys(),
    ]
    .concat();
    case::file("Satellite tokens, judged against published keys at a given time.", &cases)
}

fn sound() -> Vec<Case> {
    vec![
        case("a sound token", &signed(&with(&json!({}))), COUNTS),
        case("a guest", &signed(&with(&json!({"sub": "guest", "role": "guest"}))), COUNTS),
        case(
            "a subject in another script",
            &signed(&with(&json!({"sub": "七\u{2028}\u{1f600}"}))),
            COUNTS,
        ),
        case(
            "claims that nobody knows",
            &signed(&with(&json!({"email": "a@b.example", "deep": {"a": [1, 2.5]}}))),
            COUNTS,
        ),
        case(
            "a header with more in it",
            &token(
                &json!({"alg": "RS256", "kid": KID, "cty": "x", "x5t": "AA"}),
                &with(&json!({})),
            ),
            COUNTS,
        ),
        case(
            "a header without a type",
            &token(&json!({"alg": "RS256", "kid": KID}), &with(&json!({}))),
            COUNTS,
        ),
        case("a token without a role", &signed(&without("role")), COUNTS),
    ]
}

fn times() -> Vec<Case> {
    vec![
        case("in its last second", &signed(&with(&json!({"exp": NOW + 1}))), COUNTS),
        case("in the second of its expiry", &signed(&with(&json!({"exp": NOW}))), "token_expired"),
        case("expired a second ago", &signed(&with(&json!({"exp": NOW - 1}))), "token_expired"),
        case("expired since 1970", &signed(&with(&json!({"exp": 0}))), "token_expired"),
        case("expired before 1970", &signed(&with(&json!({"exp": -1}))), "token_expired"),
        case("never expiring", &signed(&without("exp")), "verification_error"),
        case(
            "an expiry in text",
            &signed(&with(&json!({"exp": "1900000000"}))),
            "verification_error",
        ),
        case(
            "an expiry beyond all integers",
            &signed(&with(&json!({"exp": 1e300}))),
            "verification_error",
        ),
        case("an expiry that is null", &signed(&with(&json!({"exp": null}))), "verification_error"),
        case("not yet", &signed(&with(&json!({"nbf": NOW + 1}))), "verification_error"),
        case("from this second on", &signed(&with(&json!({"nbf": NOW}))), COUNTS),
        case("a start in text", &signed(&with(&json!({"nbf": "now"}))), "verification_error"),
        case("issued by a clock that is ahead", &signed(&with(&json!({"iat": NOW + 5}))), COUNTS),
        case("issued at no time", &signed(&without("iat")), "verification_error"),
    ]
}

fn audiences() -> Vec<Case> {
    let of = |aud: Value| signed(&with(&json!({"aud": aud})));
    vec![
        case("for somebody else", &of(json!("bob")), "audience_mismatch"),
        case("for several, among them us", &of(json!(["bob", "ada"])), COUNTS),
        case("for several others", &of(json!(["bob", "eve"])), "audience_mismatch"),
        case("for nobody", &signed(&without("aud")), "audience_mismatch"),
        case("for a list of nobody", &of(json!([])), "audience_mismatch"),
        case("for us in capitals", &of(json!("ADA")), "audience_mismatch"),
        case("for us with a space", &of(json!("ada ")), "audience_mismatch"),
        case(
            "for us in letters that look alike",
            &of(json!("\u{430}d\u{430}")),
            "audience_mismatch",
        ),
        case("for a number", &of(json!(7)), "audience_mismatch"),
        case("for somebody with a long name", &of(json!("é".repeat(200))), "audience_mismatch"),
    ]
}

fn issuers() -> Vec<Case> {
    let of = |iss: Value| signed(&with(&json!({"iss": iss})));
    vec![
        case("from another hub", &of(json!("https://hub.example.org")), "invalid_issuer"),
        case("from our hub with a slash", &of(json!("https://hub.example.com/")), "invalid_issuer"),
        case("from our hub without TLS", &of(json!("http://hub.example.com")), "invalid_issuer"),
        case("from several hubs", &of(json!([HUB])), "invalid_issuer"),
        case("from nowhere", &signed(&without("iss")), "invalid_issuer"),
    ]
}

fn claims() -> Vec<Case> {
    vec![
        case("of nobody", &signed(&without("sub")), "invalid_token"),
        case("of an empty name", &signed(&with(&json!({"sub": ""}))), "invalid_token"),
        case("of a number that is no text", &signed(&with(&json!({"sub": 7}))), "invalid_token"),
        case("claims that are a list", &signed(&json!([1])), "invalid_signature"),
    ]
}

/// Tokens of which something was changed after they were signed.
fn changed() -> Vec<Case> {
    let good = signed(&with(&json!({})));
    let parts: Vec<&str> = good.split('.').collect();
    let elevated = encode(&with(&json!({"role": "admin"})));
    let of = |name: &str, payload: &str, signature: &str| {
        let token = format!("{}.{payload}.{signature}", parts[0]);
        case(name, &token, "invalid_signature")
    };
    vec![
        of("a payload that was changed", &elevated, parts[2]),
        of("a signature that was changed", parts[1], &flip(parts[2])),
        of("a signature that was cut", parts[1], &parts[2][..100]),
        of("no signature", parts[1], ""),
    ]
}

/// Tokens that were signed with what is not our key, or in another way.
fn forged() -> Vec<Case> {
    let payload = with(&json!({}));
    let named = encode(&header("ES256"));
    let unsigned =
        |alg: &str| format!("{}.{}.", encode(&json!({"alg": alg, "kid": KID})), encode(&payload));
    let of = |name: &str, token: &str| case(name, token, "invalid_signature");
    let unreadable = |name: &str, alg: &str| case(name, &unsigned(alg), "invalid_token_format");
    let bringing = json!({"alg": "RS256", "kid": KID, "jwk": jwk(OTHER)});
    let by_other = |header: &Value| token_by(OTHER, &RSA_PKCS1_SHA256, header, &payload);
    let rehashed = token_by(PUBLISHED, &RSA_PKCS1_SHA512, &header("RS512"), &payload);
    let modulus = public().n;
    vec![
        of("a signature of another key under our name", &by_other(&header("RS256"))),
        of("a key in the header", &by_other(&bringing)),
        of("our key with another hash", &rehashed),
        of("our public key as a shared secret", &confused("HS256", modulus.as_bytes())),
        of(
            "our key set as a shared secret",
            &confused("HS256", published().to_string().as_bytes()),
        ),
        of("an RS256 that is an HMAC", &confused("RS256", modulus.as_bytes())),
        of("an algorithm of a curve", &format!("{named}.{}.AAAA", encode(&payload))),
        unreadable("an algorithm that is none", "none"),
        unreadable("an algorithm that is None", "None"),
        unreadable("an algorithm that is empty", ""),
    ]
}

fn malformed() -> Vec<Case> {
    let good = signed(&with(&json!({})));
    let parts: Vec<&str> = good.split('.').collect();
    let bad = "invalid_token_format";
    vec![
        case("no token", "", bad),
        case("words", "not a token", bad),
        case("two parts", &parts[..2].join("."), bad),
        case("four parts", &format!("{good}.x"), bad),
        case("a scheme before it", &format!("Bearer {good}"), bad),
        case("a space before it", &format!(" {good}"), bad),
        case("dots alone", "....", bad),
        case(
            "a header that is no JSON",
            &format!("{}.{}.{}", BASE64_URL_SAFE_NO_PAD.encode("alg"), parts[1], parts[2]),
            bad,
        ),
        case(
            "a header that is a list",
            &format!("{}.{}.{}", encode(&json!([])), parts[1], parts[2]),
            bad,
        ),
        case("letters of another script", "é.é.é", bad),
        case("a header with padding", &format!("{}==.{}.{}", parts[0], parts[1], parts[2]), bad),
        case(
            "a personal access token",
            "syft_pat_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            bad,
        ),
    ]
}

fn keys() -> Vec<Case> {
    let good = signed(&with(&json!({})));
    let named =
        |kid: &Value| token(&json!({"alg": "RS256", "typ": "JWT", "kid": kid}), &with(&json!({})));
    let nameless = token(&json!({"alg": "RS256", "typ": "JWT"}), &with(&json!({})));
    let foreign = json!([{"kty": "EC", "kid": KID, "crv": "P-256", "x": "AA", "y": "AA"}, {"kty": "oct", "kid": "o", "k": "AA"}, 7]);
    let mut beside = foreign.as_array().cloned().unwrap_or_default();
    beside.push(json!(public()));
    let mut encrypting = json!(public());
    encrypting["use"] = "enc".into();
    let broken = json!({"kty": "RSA", "kid": KID, "n": "!", "e": "AQAB"});
    let under = |name: &str, keys: Value, verdict: &str| {
        judged(name, &good, &json!({"keys": keys}), verdict)
    };
    vec![
        case("a key that nobody published", &named(&json!("key-9")), "unknown_key"),
        case("a key whose name is empty", &named(&json!("")), "unknown_key"),
        case("a key in another script", &named(&json!("鍵")), "unknown_key"),
        case("a key without a name", &nameless, "missing_kid"),
        case("a key whose name is a number", &named(&json!(1)), "invalid_token_format"),
        under("no keys", json!([]), "unknown_key"),
        under("keys of other kinds alone", foreign.clone(), "unknown_key"),
        under("keys of other kinds beside ours", json!(beside), COUNTS),
        under("a key that is for something else", json!([encrypting]), "unknown_key"),
        under("a key that cannot be read", json!([broken]), "unknown_key"),
        under("another key under the name of ours", json!([jwk(OTHER)]), "invalid_signature"),
    ]
}

fn with(changes: &Value) -> Value {
    let mut claims =
        json!({"sub": "7", "iss": HUB, "aud": "ada", "exp": NOW + 60, "iat": NOW, "role": "user"});
    for (name, value) in changes.as_object().into_iter().flatten() {
        claims[name] = value.clone();
    }
    claims
}

fn without(claim: &str) -> Value {
    let mut claims = with(&json!({}));
    claims.as_object_mut().and_then(|claims| claims.remove(claim));
    claims
}

fn header(alg: &str) -> Value {
    json!({"alg": alg, "typ": "JWT", "kid": KID})
}

fn signed(claims: &Value) -> String {
    token(&header("RS256"), claims)
}

fn token(header: &Value, claims: &Value) -> String {
    token_by(PUBLISHED, &RSA_PKCS1_SHA256, header, claims)
}

fn token_by(key: &str, way: &'static dyn RsaEncoding, header: &Value, claims: &Value) -> String {
    let body: String = key.lines().filter(|line| !line.starts_with("-----")).collect();
    let der = BASE64_STANDARD.decode(body).expect("the key is PEM");
    let pair = RsaKeyPair::from_pkcs8(&der).expect("the key is an RSA key");
    let message = format!("{}.{}", encode(header), encode(claims));
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(way, &SystemRandom::new(), message.as_bytes(), &mut signature)
        .expect("the buffer has the modulus's length");
    format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
}

/// A token that was signed with what everybody knows.
fn confused(alg: &str, secret: &[u8]) -> String {
    let message = format!("{}.{}", encode(&header(alg)), encode(&with(&json!({}))));
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message.as_bytes());
    format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(tag))
}

fn encode(part: &Value) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(part.to_string())
}

/// The signature with another first letter.
fn flip(signature: &str) -> String {
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    format!("{first}{}", &signature[1..])
}

fn jwk(key: &str) -> Jwk {
    let key = SigningKey::from_pem(&Secret::new(key), Some(KID.to_owned()));
    key.expect("the key is an RSA key").public().clone()
}

fn public() -> Jwk {
    jwk(PUBLISHED)
}

fn published() -> Value {
    json!({"keys": [public()]})
}

fn case(name: &str, token: &str, verdict: &str) -> Case {
    judged(name, token, &published(), verdict)
}

fn judged(name: &str, token: &str, jwks: &Value, verdict: &str) -> Case {
    let arguments =
        json!({"token": token, "jwks": jwks, "issuer": HUB, "audience": "ada", "now": NOW});
    let case = Case::new(name, "token.verify", &arguments);
    let answer = case.answer();
    assert_eq!(answer["error"].as_str().unwrap_or(COUNTS), verdict, "{name}: {answer}");
    assert_eq!(answer["valid"], verdict == COUNTS, "{name}");
    case
}
