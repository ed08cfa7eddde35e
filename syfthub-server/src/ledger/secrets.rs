//! The ledger's keys, and the secrets that it makes for accounts.
//!
//! A secret is 256 random bits, of which a keyed hash is compared in constant time: nothing slower is needed to keep it
//! from being guessed. The hub seals it besides, because it must tell a user's programs theirs (contract accounting 4.7).

use std::sync::Arc;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use rand::RngCore as _;
use subtle::ConstantTimeEq as _;
use syfthub_core::Secret;
use syfthub_core::ledger::AccountId;
use syfthub_core::token::hub::HubKey;

use crate::seal::{self, Unsealable, Vault};

/// Bytes of a secret, before they are text.
const SECRET_BYTES: usize = 32;

/// The keys.
pub(crate) struct Secrets {
    vault: Arc<Vault>,
    digests: hmac::Key,
    tokens: HubKey,
}

/// A secret that was just made, and what is stored of it.
pub(super) struct Made {
    pub(super) secret: Secret,
    pub(super) digest: String,
}

impl Secrets {
    /// Keys made of the hub's own.
    pub(crate) fn new(secret_key: &Secret, vault: Arc<Vault>) -> Self {
        let digests = seal::derive(secret_key, "ledger secrets");
        let tokens = seal::derive(secret_key, "ledger delegation tokens");
        Self {
            vault,
            digests: hmac::Key::new(hmac::HMAC_SHA256, &digests),
            tokens: HubKey::new(&Secret::new(BASE64_URL_SAFE_NO_PAD.encode(tokens))),
        }
    }

    /// Signs delegation tokens.
    pub(super) fn token_key(&self) -> HubKey {
        self.tokens.clone()
    }

    /// A new secret.
    pub(super) fn make(&self) -> Made {
        let mut bytes = [0; SECRET_BYTES];
        rand::rng().fill_bytes(&mut bytes);
        let secret = Secret::new(BASE64_URL_SAFE_NO_PAD.encode(bytes));
        let digest = self.digest(&secret);
        Made { secret, digest }
    }

    fn digest(&self, secret: &Secret) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(hmac::sign(&self.digests, secret.expose().as_bytes()))
    }

    /// Whether `digest` is of `secret`, in time that depends on neither.
    pub(super) fn matches(&self, secret: &Secret, digest: &str) -> bool {
        self.digest(secret).as_bytes().ct_eq(digest.as_bytes()).into()
    }

    /// Seals the secret of an account.
    pub(super) fn seal(&self, account: &AccountId, secret: &Secret) -> String {
        self.vault.seal(&purpose(account), secret)
    }

    /// Opens the secret of an account.
    pub(super) fn open(&self, account: &AccountId, sealed: &str) -> Result<Secret, Unsealable> {
        self.vault.open(&purpose(account), sealed)
    }
}

fn purpose(account: &AccountId) -> String {
    format!("ledger:{account}:secret")
}
