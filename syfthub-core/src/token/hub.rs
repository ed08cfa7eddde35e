//! HS256 tokens of a session at the hub (contract hub 4.1). Clients treat them as opaque.

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::ids::UserId;
use crate::model::Role;
use crate::secret::Secret;

/// The secret that signs a hub's own tokens.
#[derive(Clone)]
pub struct HubKey {
    encoding: EncodingKey,
    decoding: DecodingKey,
}

impl std::fmt::Debug for HubKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HubKey([redacted])")
    }
}

impl HubKey {
    /// The key made of `secret`'s bytes. Whether it is long enough is checked where settings are read.
    pub fn new(secret: &Secret) -> Self {
        let bytes = secret.expose().as_bytes();
        Self {
            encoding: EncodingKey::from_secret(bytes),
            decoding: DecodingKey::from_secret(bytes),
        }
    }
}

/// Claims of an access token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessClaims {
    /// The user's number, as text.
    #[serde(with = "decimal")]
    pub sub: UserId,
    /// The user's name when the token was made; the hub reads its own records instead.
    pub username: String,
    /// The user's role when the token was made; the hub reads its own records instead.
    pub role: Role,
    /// The session.
    pub sid: String,
    /// Unique, so that two tokens of the same second differ.
    pub jti: String,
    /// Issue, in seconds since 1970.
    pub iat: i64,
    /// Expiry, in seconds since 1970.
    pub exp: i64,
    /// Always `access`.
    #[serde(rename = "type")]
    pub kind: AccessKind,
}

/// Claims of a refresh token. Equal claims give the equal token, so that a grace window can hand out the same successor
/// twice (contract hub 4.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshClaims {
    /// The user's number, as text.
    #[serde(with = "decimal")]
    pub sub: UserId,
    /// The user's name when the session began.
    pub username: String,
    /// The session.
    pub sid: String,
    /// How often the session was refreshed before this token was made.
    pub rotation: i64,
    /// Issue, in seconds since 1970.
    pub iat: i64,
    /// Expiry, in seconds since 1970.
    pub exp: i64,
    /// Always `refresh`.
    #[serde(rename = "type")]
    pub kind: RefreshKind,
}

/// Marks an access token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AccessKind {
    /// The only value.
    #[serde(rename = "access")]
    Access,
}

/// Marks a refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RefreshKind {
    /// The only value.
    #[serde(rename = "refresh")]
    Refresh,
}

/// Why a hub token does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RefusedToken {
    /// Not ours, changed, or of the other kind.
    #[error("the token is not valid")]
    Invalid,
    /// Ours, but its time is over.
    #[error("the token has expired")]
    Expired,
}

/// Signs an access token.
pub fn issue_access(claims: &AccessClaims, key: &HubKey) -> String {
    sign(claims, key)
}

/// Signs a refresh token.
pub fn issue_refresh(claims: &RefreshClaims, key: &HubKey) -> String {
    sign(claims, key)
}

/// Judges an access token at `now`, without leeway.
///
/// # Errors
/// When it is not an access token of this key, or has expired.
pub fn verify_access(
    token: &str,
    key: &HubKey,
    now: Timestamp,
) -> Result<AccessClaims, RefusedToken> {
    let claims: AccessClaims = signed(token, key)?;
    if claims.exp <= now.secs() { Err(RefusedToken::Expired) } else { Ok(claims) }
}

/// Judges a refresh token at `now`, without leeway.
///
/// # Errors
/// When it is not a refresh token of this key, or has expired.
pub fn verify_refresh(
    token: &str,
    key: &HubKey,
    now: Timestamp,
) -> Result<RefreshClaims, RefusedToken> {
    let claims: RefreshClaims = signed(token, key)?;
    if claims.exp <= now.secs() { Err(RefusedToken::Expired) } else { Ok(claims) }
}

pub(super) fn sign<C: Serialize>(claims: &C, key: &HubKey) -> String {
    encode(&Header::new(Algorithm::HS256), claims, &key.encoding)
        .expect("plain claims are JSON and HMAC cannot fail")
}

pub(super) fn signed<C: DeserializeOwned>(token: &str, key: &HubKey) -> Result<C, RefusedToken> {
    decode(token, &key.decoding, &signature_only(Algorithm::HS256))
        .map(|data| data.claims)
        .map_err(|_| RefusedToken::Invalid)
}

/// Checks the algorithm and the signature and leaves the claims to the caller, who knows the time.
pub(super) fn signature_only(algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    validation
}

mod decimal {
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::ids::UserId;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
    pub(super) fn serialize<S: Serializer>(id: &UserId, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(id)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<UserId, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(UserId).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key() -> HubKey {
        HubKey::new(&Secret::new("a secret of thirty-two characters"))
    }

    fn claims() -> AccessClaims {
        AccessClaims {
            sub: UserId(7),
            username: "ada".to_owned(),
            role: Role::User,
            sid: "s".to_owned(),
            jti: "j".to_owned(),
            iat: 1000,
            exp: 1060,
            kind: AccessKind::Access,
        }
    }

    fn refresh_claims() -> RefreshClaims {
        RefreshClaims {
            sub: UserId(7),
            username: "ada".to_owned(),
            sid: "s".to_owned(),
            rotation: 0,
            iat: 1000,
            exp: 1060,
            kind: RefreshKind::Refresh,
        }
    }

    #[test]
    fn a_token_counts_until_its_second() {
        let token = issue_access(&claims(), &key());
        assert_eq!(verify_access(&token, &key(), Timestamp::from_secs(1059)), Ok(claims()));
        assert_eq!(
            verify_access(&token, &key(), Timestamp::from_secs(1060)),
            Err(RefusedToken::Expired)
        );
    }

    #[test]
    fn one_kind_never_passes_for_the_other() {
        let now = Timestamp::from_secs(1001);
        let access = issue_access(&claims(), &key());
        let refresh = issue_refresh(&refresh_claims(), &key());
        assert_eq!(verify_refresh(&access, &key(), now), Err(RefusedToken::Invalid));
        assert_eq!(verify_access(&refresh, &key(), now), Err(RefusedToken::Invalid));
    }

    #[test]
    fn equal_refresh_claims_give_the_equal_token() {
        assert_eq!(
            issue_refresh(&refresh_claims(), &key()),
            issue_refresh(&refresh_claims(), &key())
        );
    }

    #[test]
    fn a_token_of_another_key_does_not_count() {
        let other = HubKey::new(&Secret::new("another secret of thirty-two chars"));
        let token = issue_access(&claims(), &other);
        assert_eq!(
            verify_access(&token, &key(), Timestamp::from_secs(1001)),
            Err(RefusedToken::Invalid)
        );
    }

    proptest! {
        #[test]
        fn a_token_with_any_character_changed_does_not_count(at in 0usize..200, with in "[A-Za-z0-9_.-]") {
            let token = issue_access(&claims(), &key());
            let at = at % token.len();
            let mut changed = token.clone();
            changed.replace_range(at..=at, &with);
            // The last character of a part may carry unused bits; only another value counts as a change.
            let same_value = verify_access(&changed, &key(), Timestamp::from_secs(1001)) == Ok(claims());
            prop_assert!(changed == token || !same_value || decodes_alike(&changed, &token));
        }
    }

    fn decodes_alike(one: &str, other: &str) -> bool {
        use base64::Engine as _;
        let lenient = base64::engine::GeneralPurpose::new(
            &base64::alphabet::URL_SAFE,
            base64::engine::GeneralPurposeConfig::new()
                .with_decode_allow_trailing_bits(true)
                .with_decode_padding_mode(base64::engine::DecodePaddingMode::Indifferent),
        );
        let bytes =
            |text: &str| text.split('.').map(|part| lenient.decode(part).ok()).collect::<Vec<_>>();
        bytes(one) == bytes(other)
    }
}
