//! For whom a satellite token is meant.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// Whether `token` is a JWT whose `aud` names `owner`.
///
/// The signature is the space's business. This is about not handing a token to anyone it was not made for
/// (contract aggregator 1.21).
pub(super) fn is_for(token: &str, owner: &str) -> bool {
    let names = |claim: &Value| claim.as_str().is_some_and(|name| name.eq_ignore_ascii_case(owner));
    match claims(token).as_ref().map(|claims| &claims["aud"]) {
        Some(Value::Array(audiences)) => audiences.iter().any(names),
        Some(audience) => names(audience),
        None => false,
    }
}

fn claims(token: &str) -> Option<Value> {
    let mut parts = token.split('.');
    let (_header, payload, _signature) = (parts.next()?, parts.next()?, parts.next()?);
    let payload = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    serde_json::from_slice(&payload).ok().filter(|_| parts.next().is_none())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn token(claims: &Value) -> String {
        format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims.to_string()))
    }

    #[test]
    fn a_token_is_for_its_audience_only() {
        assert!(is_for(&token(&json!({"aud": "ada"})), "ada"));
        assert!(is_for(&token(&json!({"aud": "ada"})), "Ada"));
        assert!(is_for(&token(&json!({"aud": ["bob", "ada"]})), "ada"));
        for claims in [
            json!({"aud": "bob"}),
            json!({"sub": "ada"}),
            json!({"aud": ["bob"]}),
            json!({"aud": 7}),
            json!([]),
        ] {
            assert!(!is_for(&token(&claims), "ada"), "{claims}");
        }
    }

    #[test]
    fn what_is_no_token_is_for_nobody() {
        for text in [
            "",
            "ada",
            "a.b",
            "a.b.c",
            "a.b.c.d",
            "e30.e30.",
            &format!("{}.x", token(&json!({"aud": "ada"}))),
        ] {
            assert!(!is_for(text, "ada"), "{text}");
        }
    }
}
