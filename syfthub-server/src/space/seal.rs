//! Secrets at rest: AES-256-GCM under a key that stays in the state directory.
//!
//! The text form is `v1.KEY-ID.BASE64URL(nonce ‖ ciphertext ‖ tag)`. The key's id lets a later key replace it; what a secret
//! is for is authenticated with it, so that a sealed text moved to another place does not open.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use syfthub_core::Secret;

/// Bytes of the key.
pub(crate) const KEY_BYTES: usize = 32;

/// Seals and opens.
pub(crate) struct Vault {
    key: RandomizedNonceKey,
    id: String,
}

/// A sealed text does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unsealable {
    #[error("a stored secret was sealed with another key; was the key file replaced?")]
    OtherKey,
    #[error("a stored secret was changed")]
    Changed,
}

impl Vault {
    /// A vault with this key.
    pub(crate) fn new(key: &[u8; KEY_BYTES]) -> Self {
        let digest = Sha256::digest(key);
        let id = BASE64_URL_SAFE_NO_PAD.encode(&digest[..6]);
        let key =
            RandomizedNonceKey::new(&AES_256_GCM, key).expect("the key has the cipher's length");
        Self { key, id }
    }

    /// Seals `secret` for `purpose`.
    pub(crate) fn seal(&self, purpose: &str, secret: &Secret) -> String {
        let mut bytes = secret.expose().as_bytes().to_vec();
        let nonce = self
            .key
            .seal_in_place_append_tag(Aad::from(purpose.as_bytes()), &mut bytes)
            .expect("a text is short enough for the cipher");
        let mut whole = nonce.as_ref().to_vec();
        whole.append(&mut bytes);
        format!("v1.{}.{}", self.id, BASE64_URL_SAFE_NO_PAD.encode(whole))
    }

    /// Opens what was sealed for `purpose`.
    pub(crate) fn open(&self, purpose: &str, sealed: &str) -> Result<Secret, Unsealable> {
        let (id, body) = sealed
            .strip_prefix("v1.")
            .and_then(|rest| rest.split_once('.'))
            .ok_or(Unsealable::Changed)?;
        if id != self.id {
            return Err(Unsealable::OtherKey);
        }
        let mut bytes = BASE64_URL_SAFE_NO_PAD.decode(body).map_err(|_| Unsealable::Changed)?;
        let (nonce, body) = bytes.split_at_mut_checked(NONCE_LEN).ok_or(Unsealable::Changed)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Unsealable::Changed)?;
        let opened = self
            .key
            .open_in_place(nonce, Aad::from(purpose.as_bytes()), body)
            .map_err(|_| Unsealable::Changed)?;
        let text = std::str::from_utf8(opened).map_err(|_| Unsealable::Changed)?;
        Ok(Secret::new(text))
    }
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
}
