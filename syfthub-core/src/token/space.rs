//! HS256 tokens of the people who administer a space (contract space 1.6: one hour, `bearer`).

use serde::{Deserialize, Serialize};

use super::hub::{HubKey, RefusedToken, sign, signed};
use crate::clock::Timestamp;

/// Claims of an owner's token. Its key is a [`HubKey`], made of a secret that the space keeps for this alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnerClaims {
    /// The account.
    pub sub: String,
    /// The name of the account's tenant when the token was made; the space reads its own records instead.
    pub tenant: String,
    /// Issue, in microseconds since 1970, so that a session that began right before a change of password is told apart.
    pub iat_us: i64,
    /// Issue, in seconds since 1970.
    pub iat: i64,
    /// Expiry, in seconds since 1970.
    pub exp: i64,
    /// Always `owner`.
    #[serde(rename = "type")]
    pub kind: OwnerKind,
}

/// Marks an owner's token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum OwnerKind {
    /// The only value.
    #[serde(rename = "owner")]
    Owner,
}

/// Signs an owner's token.
pub fn issue(claims: &OwnerClaims, key: &HubKey) -> String {
    sign(claims, key)
}

/// Judges an owner's token at `now`, without leeway.
///
/// # Errors
/// When it is not an owner's token of this key, or has expired.
pub fn verify(token: &str, key: &HubKey, now: Timestamp) -> Result<OwnerClaims, RefusedToken> {
    let claims: OwnerClaims = signed(token, key)?;
    if claims.exp <= now.secs() { Err(RefusedToken::Expired) } else { Ok(claims) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Secret;

    #[test]
    fn a_token_counts_until_its_second_and_for_its_own_key() {
        let key = |text: &str| HubKey::new(&Secret::new(text));
        let claims = OwnerClaims {
            sub: "a".to_owned(),
            tenant: "root".to_owned(),
            iat_us: 1_000_000_000,
            iat: 1000,
            exp: 1060,
            kind: OwnerKind::Owner,
        };
        let token = issue(&claims, &key("one"));
        assert_eq!(verify(&token, &key("one"), Timestamp::from_secs(1059)), Ok(claims));
        let late = verify(&token, &key("one"), Timestamp::from_secs(1060));
        assert_eq!(late, Err(RefusedToken::Expired));
        let other = verify(&token, &key("two"), Timestamp::from_secs(1000));
        assert_eq!(other, Err(RefusedToken::Invalid));
    }
}
