//! Satellite tokens, judged without the hub.

use serde::Serialize;
use syfthub_core::clock::Timestamp;
use syfthub_core::token::jwks::JwkSet;
use syfthub_core::token::satellite::{KeySet, SatelliteClaims, verify};

use crate::operation::operations;

/// What is thought of a token.
#[derive(Serialize)]
#[serde(untagged)]
enum Verdict {
    Counts { valid: bool, claims: SatelliteClaims },
    Refused { valid: bool, error: &'static str, message: String },
}

operations! {
    /// Satellite tokens, judged without the hub.
    OPERATIONS on ();

    /// Whether a token of `issuer` counts for `audience` at `now`, in seconds since 1970, and what it says or why not.
    call "token.verify" [], (token: String, jwks: JwkSet, issuer: String, audience: String, now: i64) |_offline| {
        let now = Timestamp::from_secs(now);
        Ok(match verify(&token, &KeySet::new(&jwks), &audience, &issuer, now) {
            Ok(claims) => Verdict::Counts { valid: true, claims },
            Err(error) => {
                Verdict::Refused { valid: false, error: error.code(), message: error.to_string() }
            }
        })
    }
}
