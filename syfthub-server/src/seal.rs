//! Secrets at rest: AES-256-GCM under keys that can be replaced.
//!
//! The text form is `v1.KEY-ID.BASE64URL(nonce ‖ ciphertext ‖ tag)`. A vault seals with its newest key and opens with
//! every key it was given, found by the id. What a secret is for is authenticated with it, so that a sealed text moved to
//! another place does not open.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::hkdf;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use syfthub_core::Secret;

/// Bytes of a key.
pub(crate) const KEY_BYTES: usize = 32;

/// Seals and opens.
pub(crate) struct Vault {
    newest: Key,
    older: Vec<Key>,
}

struct Key {
    cipher: RandomizedNonceKey,
    id: String,
}

/// A sealed text does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unsealable {
    #[error("a stored secret was sealed with a key that is not there any more")]
    OtherKey,
    #[error("a stored secret was changed")]
    Changed,
}

impl Key {
    fn new(key: &[u8; KEY_BYTES]) -> Self {
        let digest = Sha256::digest(key);
        let id = BASE64_URL_SAFE_NO_PAD.encode(&digest[..6]);
        let cipher =
            RandomizedNonceKey::new(&AES_256_GCM, key).expect("the key has the cipher's length");
        Self { cipher, id }
    }
}

impl Vault {
    /// A vault with this key.
    pub(crate) fn new(key: &[u8; KEY_BYTES]) -> Self {
        Self { newest: Key::new(key), older: Vec::new() }
    }

    /// The same vault, which also opens what was sealed with `key`.
    #[must_use]
    pub(crate) fn opening(mut self, key: &[u8; KEY_BYTES]) -> Self {
        self.older.push(Key::new(key));
        self
    }

    /// Seals `secret` for `purpose`.
    pub(crate) fn seal(&self, purpose: &str, secret: &Secret) -> String {
        let mut bytes = secret.expose().as_bytes().to_vec();
        let nonce = self
            .newest
            .cipher
            .seal_in_place_append_tag(Aad::from(purpose.as_bytes()), &mut bytes)
            .expect("a text is short enough for the cipher");
        let mut whole = nonce.as_ref().to_vec();
        whole.append(&mut bytes);
        format!("v1.{}.{}", self.newest.id, BASE64_URL_SAFE_NO_PAD.encode(whole))
    }

    /// Opens what was sealed for `purpose`.
    pub(crate) fn open(&self, purpose: &str, sealed: &str) -> Result<Secret, Unsealable> {
        let (id, body) = sealed
            .strip_prefix("v1.")
            .and_then(|rest| rest.split_once('.'))
            .ok_or(Unsealable::Changed)?;
        let keys = std::iter::once(&self.newest).chain(&self.older);
        let key = keys.into_iter().find(|key| key.id == id).ok_or(Unsealable::OtherKey)?;
        let mut bytes = BASE64_URL_SAFE_NO_PAD.decode(body).map_err(|_| Unsealable::Changed)?;
        let (nonce, body) = bytes.split_at_mut_checked(NONCE_LEN).ok_or(Unsealable::Changed)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Unsealable::Changed)?;
        let opened = key
            .cipher
            .open_in_place(nonce, Aad::from(purpose.as_bytes()), body)
            .map_err(|_| Unsealable::Changed)?;
        let text = std::str::from_utf8(opened).map_err(|_| Unsealable::Changed)?;
        Ok(Secret::new(text))
    }
}

/// A key for one purpose alone, made of a secret that serves several (HKDF-SHA256, RFC 5869). The secret cannot be
/// computed from it, nor the key for any other purpose.
pub(crate) fn derive(secret: &Secret, purpose: &str) -> [u8; KEY_BYTES] {
    let mut key = [0; KEY_BYTES];
    let extracted =
        hkdf::Salt::new(hkdf::HKDF_SHA256, b"syfthub").extract(secret.expose().as_bytes());
    extracted
        .expand(&[purpose.as_bytes()], hkdf::HKDF_SHA256)
        .and_then(|expanded| expanded.fill(&mut key))
        .expect("32 bytes are within what HKDF gives");
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_for_its_purpose_alone() {
        let vault = Vault::new(&[7; KEY_BYTES]);
        let sealed = vault.seal("model:1:api_key", &Secret::new("sk-secret"));
        assert!(!sealed.contains("secret"));
        assert_ne!(sealed, vault.seal("model:1:api_key", &Secret::new("sk-secret")));
        assert_eq!(vault.open("model:1:api_key", &sealed).unwrap().expose(), "sk-secret");
        assert_eq!(vault.open("model:2:api_key", &sealed).unwrap_err(), Unsealable::Changed);
    }

    #[test]
    fn another_key_and_a_changed_text_do_not_open() {
        let vault = Vault::new(&[7; KEY_BYTES]);
        let sealed = vault.seal("x", &Secret::new("s"));
        assert_eq!(
            Vault::new(&[8; KEY_BYTES]).open("x", &sealed).unwrap_err(),
            Unsealable::OtherKey
        );
        for damaged in [&sealed[..sealed.len() - 1], "", "v1.", "v1.a.b", "v2.x.y"] {
            assert!(vault.open("x", damaged).is_err(), "{damaged}");
        }
    }

    #[test]
    fn after_a_rotation_the_newest_key_seals_and_every_key_opens() {
        let [first, second] = [[1; KEY_BYTES], [2; KEY_BYTES]];
        let before = Vault::new(&first).seal("x", &Secret::new("s"));
        let rotated = Vault::new(&second).opening(&first);
        assert_eq!(rotated.open("x", &before).unwrap().expose(), "s");
        let after = rotated.seal("x", &Secret::new("s"));
        assert_eq!(Vault::new(&second).open("x", &after).unwrap().expose(), "s");
        assert_eq!(Vault::new(&first).open("x", &after).unwrap_err(), Unsealable::OtherKey);
    }

    #[test]
    fn a_derived_key_serves_one_purpose_alone() {
        let secret = Secret::new("9f86d081884c7d659a2feaa0c55ad015");
        assert_eq!(derive(&secret, "codes"), derive(&secret, "codes"));
        assert_ne!(derive(&secret, "codes"), derive(&secret, "vault"));
        assert_ne!(derive(&secret, "codes"), derive(&Secret::new("another"), "codes"));
    }
}
