//! Who is who: users, their passwords and sessions, and the tokens that vouch for them elsewhere.
//!
//! Reading order: `registration`, `accounts` (sign in, change), `sessions` (what a sign-in opens), `recovery` (verifying an
//! address and resetting a password) with its `codes`, `caller` (who sends a request) with `scopes` and `access_tokens`,
//! `satellites` (tokens for services), then `password`, `keys`, `signer` and `domain`, and `store` below them.

mod access_tokens;
mod accounts;
mod administration;
mod aggregators;
mod attempts;
mod bootstrap;
mod caller;
mod codes;
pub(crate) mod domain;
mod export;
mod keys;
mod origin;
mod password;
mod profiles;
mod recovery;
mod refusal;
mod registration;
mod routes;
pub(crate) mod satellites;
mod scopes;
mod sessions;
mod signer;
mod standing;
mod store;
#[cfg(test)]
mod tests;
mod uses;
mod workers;

pub(crate) use bootstrap::ensure_administrator;
pub(crate) use caller::{Administrator, Caller, MaybeCaller, Presented, Signed};
pub(crate) use origin::Origin;
pub(crate) use recovery::forget_expired as forget_expired_codes;
pub(crate) use refusal::Refusal;
pub(crate) use routes::routes;
pub(crate) use scopes::{FullCaller, Reading};
pub(crate) use sessions::forget_expired as forget_expired_sessions;
pub(crate) use store::users;

use std::sync::Arc;
use std::time::Duration;

use syfthub_core::Timestamp;
use url::Url;

use crate::config::{HubConfig, KeySettings};
use crate::db::{Company, Db, Known};
use crate::running::StartError;
use codes::Codes;
use keys::KeyRing;
pub(crate) use keys::{
    Rotation, State, keep_fresh as keep_keys_fresh, rotate_by_age as rotate_keys,
};
pub(crate) use password::Passwords;
use sessions::{Lifetimes, Sessions};
use signer::Signer;
use uses::Uses;
pub(crate) use workers::Busy;

/// Sessions whose users are kept in memory.
const CALLERS: u64 = 10_000;

/// Audiences of satellite tokens that are kept in memory.
const AUDIENCES: u64 = 10_000;

/// The part of the hub that knows users.
pub(crate) struct Identity {
    passwords: Arc<Passwords>,
    sessions: Sessions,
    codes: Codes,
    keys: KeyRing,
    key_settings: KeySettings,
    signer: Signer,
    /// The `iss` of satellite tokens.
    issuer: String,
    satellite_life: Duration,
    shortest_password: usize,
    /// Personal access tokens that one user may have at a time.
    most_access_tokens: i64,
    /// Aggregators that one user may keep.
    most_aggregators: usize,
    /// Whether tokens are made for people without an account.
    serves_guests: bool,
    uses: Uses,
    /// Who has which session open.
    callers: Known<String, Caller>,
    /// Whether who goes by a name is switched on.
    audiences: Known<String, bool>,
}

impl Identity {
    /// The threads that hash passwords, for whoever else has some to check.
    pub(crate) fn passwords(&self) -> Arc<Passwords> {
        Arc::clone(&self.passwords)
    }

    /// Reads the keys, or makes the first one, at `now`.
    pub(crate) async fn start(
        config: &HubConfig,
        public_url: &Url,
        db: &Db,
        company: Company,
        now: Timestamp,
    ) -> Result<Self, StartError> {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let vault = config.encryption.vault(&config.secret_key);
        let keys = KeyRing::open(&config.keys, vault, db, now).await?;
        let issuer = config.keys.issuer_url.as_ref().unwrap_or(public_url);
        let lifetimes = Lifetimes {
            access: config.identity.access_token_lifetime,
            refresh: config.identity.refresh_token_lifetime,
        };
        Ok(Self {
            passwords: Arc::new(Passwords::new(cores, config.identity.password_queue)),
            codes: Codes::new(config.secret_key.secret(), &config.codes),
            sessions: Sessions::new(config.secret_key.secret(), lifetimes),
            signer: Signer::new(cores),
            keys,
            key_settings: config.keys.clone(),
            issuer: issuer.as_str().trim_end_matches('/').to_owned(),
            satellite_life: config.keys.satellite_token_lifetime,
            shortest_password: config.identity.password_min_length,
            most_access_tokens: i64::from(config.identity.max_access_tokens),
            most_aggregators: config.identity.max_aggregators,
            serves_guests: config.keys.guest_tokens,
            uses: Uses::start(db.clone()),
            callers: Known::new(db, &["sessions", "users"], CALLERS, company),
            audiences: Known::new(db, &["users", "organizations"], AUDIENCES, company),
        })
    }
}
