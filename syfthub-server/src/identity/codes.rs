//! Codes of six digits that prove who reads a mailbox.
//!
//! For each address and purpose one code counts, for a few minutes and a few tries. The database has a keyed hash of it, so
//! that neither a copy of the table nor trying out all million codes against it gives one away. An address that nobody has
//! is treated alike: its row holds the hash of something that is no code, so that asking, guessing, and running out of
//! tries look and last the same for every address.

use std::time::Duration;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use rand::Rng as _;
use syfthub_core::{Email, Secret, Timestamp};
use uuid::Uuid;

use super::store::codes as store;
use crate::config::CodeSettings;
use crate::db::{StoreError, Tx};
use crate::seal;

/// What a code is for. One for the one never serves the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To verify the address.
    Verification,
    /// To set a new password.
    PasswordReset,
}

impl Purpose {
    /// The purpose as the table has it.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Verification => "verification",
            Self::PasswordReset => "password_reset",
        }
    }
}

/// What became of a code that somebody sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Checked {
    /// It was the one, and counts no more.
    Right,
    /// It is not the one, or no longer.
    Wrong,
    /// There were too many tries; only a new code helps.
    Exhausted,
}

/// Draws codes and judges those that come back.
pub(crate) struct Codes {
    key: hmac::Key,
    lifetime: Duration,
    tries: i64,
    /// Whether only verified addresses sign in, where mail can be sent.
    is_required: bool,
}

impl Codes {
    pub(super) fn new(secret_key: &Secret, settings: &CodeSettings) -> Self {
        let key = seal::derive(secret_key, "one-time codes");
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, &key),
            lifetime: settings.code_lifetime,
            tries: i64::try_from(settings.code_tries).unwrap_or(i64::MAX),
            is_required: settings.require_email_verification,
        }
    }

    /// How long a code is good for.
    pub(super) fn lifetime(&self) -> Duration {
        self.lifetime
    }

    /// Whether the setting asks for verified addresses.
    pub(super) fn is_required(&self) -> bool {
        self.is_required
    }

    /// Replaces the code of `email`. Without `is_wanted` the new one is none that anybody could send, after the same work.
    pub(super) async fn replace(
        &self,
        tx: &mut Tx,
        purpose: Purpose,
        email: &Email,
        is_wanted: bool,
        now: Timestamp,
    ) -> Result<Option<Secret>, StoreError> {
        let code = Secret::new(format!("{:06}", rand::rng().random_range(0..1_000_000)));
        let digest =
            if is_wanted { self.digest(purpose, email, &code) } else { self.decoy(purpose, email) };
        store::put(tx, purpose, email, &digest, now.after(self.lifetime)).await?;
        Ok(is_wanted.then_some(code))
    }

    /// Judges a code. The transaction must be kept whatever the answer is: it holds the count of the tries.
    pub(super) async fn check(
        &self,
        tx: &mut Tx,
        purpose: Purpose,
        email: &Email,
        code: &Secret,
        now: Timestamp,
    ) -> Result<Checked, StoreError> {
        let decoy = self.decoy(purpose, email);
        let expiry = now.after(self.lifetime);
        let tried = store::try_once(tx, purpose, email, &decoy, now, expiry).await?;
        if tried.tries > self.tries {
            return Ok(Checked::Exhausted);
        }
        if !Secret::new(self.digest(purpose, email, code)).matches(&tried.digest) {
            return Ok(Checked::Wrong);
        }
        store::delete(tx, purpose, email).await?;
        Ok(Checked::Right)
    }

    fn digest(&self, purpose: Purpose, email: &Email, code: &Secret) -> String {
        let text = [purpose.as_str(), email.as_str(), code.expose()].join("\0");
        BASE64_URL_SAFE_NO_PAD.encode(hmac::sign(&self.key, text.as_bytes()))
    }

    /// The hash of something longer than any code.
    fn decoy(&self, purpose: Purpose, email: &Email) -> String {
        self.digest(purpose, email, &Secret::new(Uuid::new_v4().simple().to_string()))
    }
}
