//! RS256 tokens that let a service know its caller without asking the hub (contract hub 4.3).

use std::sync::Arc;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, decode, decode_header};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::hub::signature_only;
use super::jwks::{Jwk, JwkSet};
use crate::clock::Timestamp;
use crate::secret::Secret;

/// Claims of a satellite token. No e-mail and no name: the service learns those from `/verify`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SatelliteClaims {
    /// The user's number as text, or `guest`.
    pub sub: String,
    /// The hub.
    pub iss: String,
    /// The one service that may accept the token: the username of its owner.
    pub aud: String,
    /// Expiry, in seconds since 1970.
    pub exp: i64,
    /// Issue, in seconds since 1970.
    pub iat: i64,
    /// The user's role when the token was made.
    pub role: String,
}

impl SatelliteClaims {
    /// Whether the caller has not signed in: the subject is that of all guests then.
    pub fn is_guest(&self) -> bool {
        [&self.sub, &self.role].into_iter().any(|name| name == "guest")
    }
}

/// Why a satellite token does not count. [`VerifyError::code`] is the wire's `error` (contract hub 4.4).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// Not three parts of base64url JSON.
    #[error("the token is not a JWT")]
    Malformed,
    /// Its header names no key.
    #[error("the token names no key")]
    MissingKid,
    /// Its key is none of ours.
    #[error("the token's key is not known")]
    UnknownKey,
    /// Changed, or signed with another key or algorithm.
    #[error("the signature does not hold")]
    InvalidSignature,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// Its time has not come.
    #[error("the token does not count yet")]
    NotYet,
    /// It was made for another service.
    #[error("the token is for {found}, not for {expected}")]
    WrongAudience {
        /// Who was to accept it.
        expected: String,
        /// Whom the token names.
        found: String,
    },
    /// Another hub made it.
    #[error("the token is from another issuer")]
    WrongIssuer,
    /// It names nobody.
    #[error("the token has no subject")]
    MissingSubject,
    /// A claim is absent or of the wrong type.
    #[error("the token's claims are incomplete")]
    InvalidClaims,
}

impl VerifyError {
    /// The machine-readable reason of contract hub 4.4.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "invalid_token_format",
            Self::MissingKid => "missing_kid",
            Self::UnknownKey => "unknown_key",
            Self::InvalidSignature => "invalid_signature",
            Self::Expired => "token_expired",
            Self::WrongAudience { .. } => "audience_mismatch",
            Self::WrongIssuer => "invalid_issuer",
            Self::MissingSubject => "invalid_token",
            Self::NotYet | Self::InvalidClaims => "verification_error",
        }
    }
}

/// Why a private key was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an RSA private key of 2048 to 8192 bits in PEM (PKCS#8 or PKCS#1)")]
pub struct InvalidKey;

/// The private key that signs satellite tokens. Parsed once; signing takes some 0.7 ms of one core and blocks.
#[derive(Clone)]
pub struct SigningKey {
    pair: Arc<RsaKeyPair>,
    public: Jwk,
    header: Arc<str>,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({})", self.public.kid)
    }
}

impl SigningKey {
    /// Makes a new key of 2048 bits. Takes a moment; blocks.
    ///
    /// # Errors
    /// When the random source fails.
    pub fn generate() -> Result<Self, InvalidKey> {
        RsaKeyPair::generate(KeySize::Rsa2048)
            .map(|pair| Self::new(pair, None))
            .map_err(|_| InvalidKey)
    }

    /// Reads a private key; `kid` names it instead of its thumbprint.
    ///
    /// # Errors
    /// When the text is not PEM, or not an RSA private key.
    pub fn from_pem(pem: &Secret, kid: Option<String>) -> Result<Self, InvalidKey> {
        let body: String =
            pem.expose().lines().map(str::trim).filter(|line| !line.starts_with("-----")).collect();
        let der = BASE64_STANDARD.decode(body).map_err(|_| InvalidKey)?;
        let pair = RsaKeyPair::from_pkcs8(&der)
            .or_else(|_| RsaKeyPair::from_der(&der))
            .map_err(|_| InvalidKey)?;
        Ok(Self::new(pair, kid))
    }

    /// The private key as PKCS#8 PEM, to be kept where only the hub reads.
    ///
    /// # Errors
    /// When the key cannot be encoded.
    pub fn to_pem(&self) -> Result<Secret, InvalidKey> {
        let der: Pkcs8V1Der<'_> = self.pair.as_der().map_err(|_| InvalidKey)?;
        let body = BASE64_STANDARD.encode(der.as_ref());
        let lines = body
            .as_bytes()
            .chunks(64)
            .map(|line| std::str::from_utf8(line).expect("base64 is ASCII"));
        let body = lines.collect::<Vec<_>>().join("\n");
        Ok(Secret::new(format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n")))
    }

    fn new(pair: RsaKeyPair, kid: Option<String>) -> Self {
        let public = pair.public_key();
        let modulus = public.modulus().big_endian_without_leading_zero().to_vec();
        let exponent = public.exponent().big_endian_without_leading_zero().to_vec();
        let public = Jwk::rsa(&modulus, &exponent, kid);
        let header =
            serde_json::json!({"alg": "RS256", "kid": public.kid, "typ": "JWT"}).to_string();
        Self { pair: Arc::new(pair), header: BASE64_URL_SAFE_NO_PAD.encode(header).into(), public }
    }

    /// The public half, as it is published.
    pub fn public(&self) -> &Jwk {
        &self.public
    }
}

/// Signs a token. Blocks for the length of one RSA operation.
pub fn issue(claims: &SatelliteClaims, key: &SigningKey) -> String {
    let payload = serde_json::to_vec(claims).expect("plain claims are JSON");
    let message = format!("{}.{}", key.header, BASE64_URL_SAFE_NO_PAD.encode(payload));
    let mut signature = vec![0; key.pair.public_modulus_len()];
    key.pair
        .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature)
        .expect("the buffer has the modulus's length, and the key was checked when it was read");
    format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
}

/// The public keys that count.
#[derive(Clone, Default)]
pub struct KeySet(Vec<(String, DecodingKey)>);

impl std::fmt::Debug for KeySet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(kid, _)| kid)).finish()
    }
}

impl KeySet {
    /// The usable keys of `published`: RSA keys for signatures. Others are passed over (RFC 7517, section 5).
    pub fn new(published: &JwkSet) -> Self {
        let usable = published
            .keys
            .iter()
            .filter(|key| key.kty == "RSA" && key.usage.as_deref().unwrap_or("sig") == "sig");
        let keys = usable.filter_map(|key| {
            DecodingKey::from_rsa_components(&key.n, &key.e)
                .ok()
                .map(|decoding| (key.kid.clone(), decoding))
        });
        Self(keys.collect())
    }

    /// Whether a key of this name is among them.
    pub fn knows(&self, kid: &str) -> bool {
        self.find(kid).is_some()
    }

    fn find(&self, kid: &str) -> Option<&DecodingKey> {
        self.0.iter().find(|(name, _)| name == kid).map(|(_, key)| key)
    }
}

/// The name of the key that a token claims to be signed with.
///
/// # Errors
/// When the token has no readable header, or its header names no key.
pub fn kid(token: &str) -> Result<String, VerifyError> {
    let header = decode_header(token).map_err(|_| VerifyError::Malformed)?;
    header.kid.ok_or(VerifyError::MissingKid)
}

/// Judges a token at `now`, without leeway: RS256 only, whatever its header says; one of `keys`; for `audience`; from
/// `issuer`. An `aud` that is a list counts when it names the audience; an `nbf`, which our hub does not write, is kept.
///
/// # Errors
/// The first thing that is wrong, in the order key, signature, expiry, start, audience, issuer, subject.
pub fn verify(
    token: &str,
    keys: &KeySet,
    audience: &str,
    issuer: &str,
    now: Timestamp,
) -> Result<SatelliteClaims, VerifyError> {
    let key = keys.find(&kid(token)?).ok_or(VerifyError::UnknownKey)?;
    let claims: Value = decode(token, key, &signature_only(Algorithm::RS256))
        .map_err(|_| VerifyError::InvalidSignature)?
        .claims;
    let exp = claims["exp"].as_i64().ok_or(VerifyError::InvalidClaims)?;
    if exp <= now.secs() {
        return Err(VerifyError::Expired);
    }
    if let Some(start) = claims.get("nbf")
        && start.as_i64().ok_or(VerifyError::InvalidClaims)? > now.secs()
    {
        return Err(VerifyError::NotYet);
    }
    check_audience(&claims["aud"], audience)?;
    if claims["iss"].as_str() != Some(issuer) {
        return Err(VerifyError::WrongIssuer);
    }
    let text =
        |name: &str| claims[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    Ok(SatelliteClaims {
        sub: text("sub").ok_or(VerifyError::MissingSubject)?,
        iss: issuer.to_owned(),
        aud: audience.to_owned(),
        exp,
        iat: claims["iat"].as_i64().ok_or(VerifyError::InvalidClaims)?,
        role: text("role").unwrap_or_default(),
    })
}

fn check_audience(claim: &Value, expected: &str) -> Result<(), VerifyError> {
    let named = match claim {
        Value::String(one) => one == expected,
        Value::Array(several) => several.iter().any(|one| one.as_str() == Some(expected)),
        _ => false,
    };
    if named {
        return Ok(());
    }
    let found = claim.as_str().unwrap_or("nobody").chars().take(64).collect();
    Err(VerifyError::WrongAudience { expected: expected.to_owned(), found })
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;

    static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::generate().unwrap());
    const HUB: &str = "https://hub.example.com";

    fn claims() -> SatelliteClaims {
        SatelliteClaims {
            sub: "7".to_owned(),
            iss: HUB.to_owned(),
            aud: "ada".to_owned(),
            exp: 1060,
            iat: 1000,
            role: "user".to_owned(),
        }
    }

    fn keys() -> KeySet {
        KeySet::new(&JwkSet { keys: vec![KEY.public().clone()] })
    }

    fn judge(token: &str, secs: i64) -> Result<SatelliteClaims, VerifyError> {
        verify(token, &keys(), "ada", HUB, Timestamp::from_secs(secs))
    }

    #[test]
    fn a_token_expires_on_its_second() {
        let token = issue(&claims(), &KEY);
        assert_eq!(judge(&token, 1059), Ok(claims()));
        assert_eq!(judge(&token, 1060), Err(VerifyError::Expired));
    }

    #[test]
    fn a_token_for_another_service_or_from_another_hub_does_not_count() {
        let elsewhere = issue(&SatelliteClaims { aud: "bob".to_owned(), ..claims() }, &KEY);
        assert_eq!(judge(&elsewhere, 1001).unwrap_err().code(), "audience_mismatch");
        let foreign = issue(&SatelliteClaims { iss: "https://other".to_owned(), ..claims() }, &KEY);
        assert_eq!(judge(&foreign, 1001), Err(VerifyError::WrongIssuer));
    }

    #[test]
    fn a_key_that_was_not_published_does_not_count() {
        let token = issue(&claims(), &SigningKey::generate().unwrap());
        assert_eq!(judge(&token, 1001), Err(VerifyError::UnknownKey));
    }

    #[test]
    fn a_public_key_used_as_an_hmac_secret_does_not_count() {
        let mut header = jsonwebtoken::Header::new(Algorithm::HS256);
        header.kid = Some(KEY.public().kid.clone());
        let secret = jsonwebtoken::EncodingKey::from_secret(KEY.public().n.as_bytes());
        let token = jsonwebtoken::encode(&header, &claims(), &secret).unwrap();
        assert_eq!(judge(&token, 1001), Err(VerifyError::InvalidSignature));
    }

    #[test]
    fn a_private_key_survives_its_pem() {
        let read = SigningKey::from_pem(&KEY.to_pem().unwrap(), None).unwrap();
        assert_eq!(read.public(), KEY.public());
        assert!(
            SigningKey::from_pem(&Secret::new("-----BEGIN PRIVATE KEY-----\nAAAA"), None).is_err()
        );
    }

    #[test]
    fn what_is_no_token_is_malformed() {
        for text in ["", "a", "a.b", "a.b.c", "....", "é.é.é"] {
            assert_eq!(judge(text, 1001), Err(VerifyError::Malformed), "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_token_with_another_payload_never_counts(payload in "[A-Za-z0-9_-]{1,80}") {
            let token = issue(&claims(), &KEY);
            let mut parts: Vec<&str> = token.split('.').collect();
            prop_assume!(parts[1] != payload);
            parts[1] = &payload;
            prop_assert!(judge(&parts.join("."), 1001).is_err());
        }
    }
}
