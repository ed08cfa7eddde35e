//! The way to an accounting service of somebody else's: the account a user has there, and calls on the user's behalf
//! (contract hub 3.6 and 8).
//!
//! The service's address is chosen by users, so every call goes through the hub's one way out, within a time and a size.
//! What the service says of its own credentials never becomes a 401 of ours: clients would take it for the end of their
//! session (contract hub 4.2).
//!
//! Reading order: `link` (the account a user has) and `opening` (how a new user gets one), `service` (one call), `proxy`
//! (what the routes ask for), `refusal`, `store`.

mod link;
mod opening;
mod proxy;
mod refusal;
mod routes;
mod service;
mod store;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod wire;

pub(crate) use link::{after_change, link, sealed, store_password};
pub(crate) use opening::{Wanted, open_account};
pub(crate) use refusal::Refusal;
pub(crate) use routes::routes;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use syfthub_core::{Secret, UserId};

use crate::config::AccountingSettings;
use crate::seal;

/// The part of the hub that knows accounting services.
pub(crate) struct Accounting {
    settings: AccountingSettings,
    stubs: hmac::Key,
}

impl Accounting {
    pub(crate) fn new(settings: &AccountingSettings, secret_key: &Secret) -> Self {
        let key = seal::derive(secret_key, "accounting stub passwords");
        Self { settings: settings.clone(), stubs: hmac::Key::new(hmac::HMAC_SHA256, &key) }
    }

    /// A password for a user who has no account: the same each time, and good for nothing.
    fn stub_password(&self, user: UserId) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(hmac::sign(&self.stubs, &user.0.to_be_bytes()))
    }
}
