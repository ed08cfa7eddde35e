//! The money of users: their accounts at the hub's own ledger, or at an accounting service of somebody else's, and calls
//! on the user's behalf (contract hub 3.6 and 8, contract accounting 4.6 and 4.7).
//!
//! The service's address is chosen by users, so every call goes through the hub's one way out, within a time and a size.
//! What the service says of its own credentials never becomes a 401 of ours: clients would take it for the end of their
//! session (contract hub 4.2). The hub's own ledger is asked without HTTP; a user gets an account there when they register,
//! or when it is first asked for.
//!
//! Reading order: `proxy` (what the routes ask for) and `desk` (where a user's money is); `own`, `told` and
//! `organizations` (the hub's ledger); `elsewhere`, `service` (one call), `link` (the account a user has) and `opening` (how
//! a new user gets one); `payee`, `refusal`, `store`.

mod desk;
mod elsewhere;
mod link;
mod opening;
mod organizations;
mod own;
mod payee;
mod proxy;
mod refusal;
mod routes;
mod service;
mod store;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod told;
mod wire;

pub(crate) use link::{after_change, link, sealed, store_password};
pub(crate) use opening::{Wanted, open_account};
pub(crate) use organizations::{replace_secret, replace_secrets_known_to};
pub(crate) use refusal::Refusal;
pub(crate) use routes::routes;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use syfthub_core::{Secret, UserId};
use url::Url;

use crate::config::AccountingSettings;
use crate::seal;

/// The part of the hub that knows where users' money is.
pub(crate) struct Accounting {
    settings: AccountingSettings,
    stubs: hmac::Key,
    /// Where clients reach the hub, and with it the hub's own ledger.
    url: Url,
}

impl Accounting {
    pub(crate) fn new(settings: &AccountingSettings, secret_key: &Secret, url: &Url) -> Self {
        let key = seal::derive(secret_key, "accounting stub passwords");
        let stubs = hmac::Key::new(hmac::HMAC_SHA256, &key);
        Self { settings: settings.clone(), stubs, url: url.clone() }
    }

    /// Where the hub's own ledger is, without a slash at the end: some clients write theirs behind it.
    fn address(&self) -> String {
        self.url.as_str().trim_end_matches('/').to_owned()
    }

    /// A password for a user who has no account: the same each time, and good for nothing.
    fn stub_password(&self, user: UserId) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(hmac::sign(&self.stubs, &user.0.to_be_bytes()))
    }
}
