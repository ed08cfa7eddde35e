//! The tokens that owners sign in with: HS256, short, and worth nothing once the password has changed.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use syfthub_core::token::hub::HubKey;
use syfthub_core::token::space::{self as token, OwnerClaims, OwnerKind};
use syfthub_core::{Secret, Timestamp};

use crate::seal;
use crate::space::ids::AccountId;

/// Makes and judges tokens.
pub(crate) struct Sessions {
    key: HubKey,
    lifetime: Duration,
}

/// A token that is ours and has not expired. Whether its account still counts is yet to be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Session {
    pub(super) account: AccountId,
    pub(super) began_at: Timestamp,
}

impl Sessions {
    /// Tokens under a key made of the space's own `secret`.
    pub(crate) fn new(secret: &Secret, lifetime: Duration) -> Self {
        let key = seal::derive(secret, "owner sessions");
        let key = Secret::new(BASE64_URL_SAFE_NO_PAD.encode(key));
        Self { key: HubKey::new(&key), lifetime }
    }

    /// A token for `account` of the tenant called `tenant`, and the seconds it lives.
    pub(super) fn begin(&self, account: AccountId, tenant: &str, now: Timestamp) -> (Secret, u64) {
        let seconds = self.lifetime.as_secs();
        let claims = OwnerClaims {
            sub: account.to_string(),
            tenant: tenant.to_owned(),
            iat_us: now.micros(),
            iat: now.secs(),
            exp: now.after(self.lifetime).secs(),
            kind: OwnerKind::Owner,
        };
        (Secret::new(token::issue(&claims, &self.key)), seconds)
    }

    /// The session that `token` stands for at `now`.
    pub(super) fn read(&self, token: &str, now: Timestamp) -> Option<Session> {
        let claims = token::verify(token, &self.key, now).ok()?;
        Some(Session {
            account: AccountId::parse(&claims.sub)?,
            began_at: Timestamp::from_micros(claims.iat_us),
        })
    }
}
