//! HS256 tokens with which a recipient may charge a sender at the ledger (contract accounting 4.2 and 4.7). Clients treat
//! them as opaque.

use serde::{Deserialize, Serialize};

use super::hub::{HubKey, RefusedToken, sign, signed};
use crate::clock::Timestamp;

/// Claims of a delegation token. Its key is a [`HubKey`] for this alone. What the token is worth is written at its grant,
/// which is found by `jti`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DelegationClaims {
    /// The token's id.
    pub id: String,
    /// Who pays, when the token was made.
    #[serde(rename = "senderEmail")]
    pub sender_email: String,
    /// Who may charge, when the token was made.
    #[serde(rename = "recipientEmail")]
    pub recipient_email: String,
    /// Issue, in seconds since 1970.
    pub iat: i64,
    /// Expiry, in seconds since 1970.
    pub exp: i64,
    /// The grant.
    pub jti: String,
}

/// Signs a delegation token.
pub fn issue(claims: &DelegationClaims, key: &HubKey) -> String {
    sign(claims, key)
}

/// Reads a delegation token of this key, whether or not its time is over: an expired one still finds what was done with
/// it before.
///
/// # Errors
/// When it is not a delegation token of this key.
pub fn read(token: &str, key: &HubKey) -> Result<DelegationClaims, RefusedToken> {
    signed(token, key)
}

/// Judges a delegation token at `now`, without leeway.
///
/// # Errors
/// When it is not a delegation token of this key, or has expired.
pub fn verify(token: &str, key: &HubKey, now: Timestamp) -> Result<DelegationClaims, RefusedToken> {
    let claims = read(token, key)?;
    if claims.exp <= now.secs() { Err(RefusedToken::Expired) } else { Ok(claims) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Secret;

    #[test]
    fn a_token_counts_until_its_second_and_for_its_own_key() {
        let key = |text: &str| HubKey::new(&Secret::new(text));
        let claims = DelegationClaims {
            id: "1".to_owned(),
            sender_email: "ada@acme.org".to_owned(),
            recipient_email: "bob@acme.org".to_owned(),
            iat: 1000,
            exp: 1060,
            jti: "1".to_owned(),
        };
        let token = issue(&claims, &key("one"));
        assert_eq!(verify(&token, &key("one"), Timestamp::from_secs(1059)), Ok(claims.clone()));
        let late = verify(&token, &key("one"), Timestamp::from_secs(1060));
        assert_eq!(late, Err(RefusedToken::Expired));
        assert_eq!(read(&token, &key("one")), Ok(claims));
        assert_eq!(read(&token, &key("two")), Err(RefusedToken::Invalid));
    }
}
