//! The public keys a hub publishes (RFC 7517), and their names (RFC 7638).

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// An RSA public key that verifies RS256 signatures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Jwk {
    /// Always `RSA`.
    pub kty: String,
    /// The key's name; tokens carry it in their header.
    pub kid: String,
    /// Always `sig`.
    #[serde(rename = "use", default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<String>,
    /// Always `RS256`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alg: Option<String>,
    /// Modulus, base64url without padding.
    pub n: String,
    /// Exponent, base64url without padding.
    pub e: String,
}

impl Jwk {
    /// The key with this modulus and exponent (big-endian bytes), named `kid` or, without one, by its thumbprint.
    pub fn rsa(modulus: &[u8], exponent: &[u8], kid: Option<String>) -> Self {
        let n = BASE64_URL_SAFE_NO_PAD.encode(modulus);
        let e = BASE64_URL_SAFE_NO_PAD.encode(exponent);
        let kid = kid.unwrap_or_else(|| thumbprint(&n, &e));
        Self {
            kty: "RSA".to_owned(),
            kid,
            usage: Some("sig".to_owned()),
            alg: Some("RS256".to_owned()),
            n,
            e,
        }
    }
}

/// The RFC 7638 thumbprint of an RSA key: SHA-256 over its required members in alphabetical order.
fn thumbprint(n: &str, e: &str) -> String {
    let members = format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#);
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(members.as_bytes()))
}

/// Answer of `GET /.well-known/jwks.json`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JwkSet {
    /// Every key whose tokens may still be alive.
    #[serde(deserialize_with = "known")]
    pub keys: Vec<Jwk>,
}

/// The keys of the one form that counts here. Others may stand beside them and are passed over (RFC 7517, section 5).
fn known<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Jwk>, D::Error> {
    let published = Vec::<Value>::deserialize(deserializer)?;
    Ok(published.into_iter().filter_map(|key| serde_json::from_value(key).ok()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_named_by_the_thumbprint_of_rfc_7638() {
        // The example key and its thumbprint stand in RFC 7638, section 3.1.
        let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
        assert_eq!(thumbprint(n, "AQAB"), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    }

    #[test]
    fn keys_of_other_kinds_may_stand_beside_those_that_count() {
        let set = r#"{"keys": [{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "kid": "e"}, 7,
            {"kty": "RSA", "kid": "r", "n": "AQ", "e": "AQAB", "x5t": "AA"}]}"#;
        let set: JwkSet = serde_json::from_str(set).unwrap();
        assert_eq!(set.keys.iter().map(|key| key.kid.as_str()).collect::<Vec<_>>(), ["r"]);
        assert!(serde_json::from_str::<JwkSet>(r#"{"keys": 7}"#).is_err());
    }
}
