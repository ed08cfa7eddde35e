//! The hub's own ledger: double entry, in millionths, append-only (contract accounting 4).
//!
//! Every balance is what the postings of its account add up to, and every movement of money is a set of postings that sum to
//! zero (`syfthub_core::ledger`). A change, its postings, its idempotency key and its event in the trace are one transaction
//! of the database: all of it is on disk before the answer leaves, or nothing is.
//!
//! Reading order: [`Ledger`] here; `model` (what is asked and told) and `error`; then what it does: `accounts`, `deposits`,
//! `creation`, `resolution`, `grants`, `history`, `expiry`, `trial`; `secrets` and `doors` (what opens an account); `wire`, its
//! routes; and `store`, all its SQL.

mod accounts;
mod creation;
mod deposits;
mod doors;
mod error;
mod expiry;
mod grants;
mod history;
mod metrics;
mod model;
mod organizations;
mod resolution;
mod secrets;
mod store;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod trial;
mod wire;

pub(crate) use doors::Doors;
pub(crate) use error::LedgerError;
pub(crate) use expiry::sweep;
pub(crate) use model::{
    Account, Delegation, Deposit, Granted, Line, Order, Party, Trace, Transfer, TrialBalance,
};
pub(crate) use secrets::Secrets;
pub(crate) use wire::{Key, routes};

use std::sync::{Arc, Mutex};

use futures_util::future::BoxFuture;
use syfthub_core::Clock;
use syfthub_core::ledger::AccountId;
use syfthub_core::token::hub::HubKey;
use uuid::{ContextV7, Uuid};

use crate::config::LedgerSettings;
use crate::db::{Db, StoreError, Tx};
use metrics::Outcomes;
use model::Who;
use store::accounts as stored_accounts;

/// The account that deposits come from.
const OUTSIDE: &str = "00000000-0000-0000-0000-000000000000";

/// The ledger; clones share it.
#[derive(Clone)]
pub(crate) struct Ledger(Arc<Parts>);

struct Parts {
    db: Db,
    clock: Arc<dyn Clock>,
    settings: LedgerSettings,
    /// Signs delegation tokens.
    tokens: HubKey,
    secrets: Secrets,
    doors: Doors,
    /// Makes ids of one instance sort in the order in which they were made.
    order: Mutex<ContextV7>,
    outcomes: Outcomes,
}

impl Ledger {
    /// The ledger in `db`.
    pub(crate) fn new(
        db: Db,
        clock: Arc<dyn Clock>,
        settings: &LedgerSettings,
        secrets: Secrets,
        doors: Doors,
    ) -> Self {
        Self(Arc::new(Parts {
            db,
            clock,
            settings: settings.clone(),
            tokens: secrets.token_key(),
            secrets,
            doors,
            order: Mutex::new(ContextV7::new()),
            outcomes: Outcomes::new(),
        }))
    }

    /// Whether there is one; everything answers [`LedgerError::Disabled`] otherwise.
    pub(crate) fn is_enabled(&self) -> bool {
        self.0.settings.ledger_enabled
    }

    /// What it is set to.
    pub(crate) fn settings(&self) -> &LedgerSettings {
        &self.0.settings
    }

    /// An id that sorts after those that this instance made before.
    fn new_id(&self) -> String {
        let now = self.0.clock.now();
        let seconds = u64::try_from(now.secs()).unwrap_or_default();
        let nanos = u32::try_from(now.micros().rem_euclid(1_000_000) * 1000).unwrap_or_default();
        Uuid::new_v7(uuid::Timestamp::from_unix(&self.0.order, seconds, nanos)).to_string()
    }

    /// Runs `work` in a transaction of its own, unless there is no ledger.
    async fn write<T, F>(&self, work: F) -> Result<T, LedgerError>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, LedgerError>> + Send + 'static,
        T: Send + 'static,
    {
        if !self.is_enabled() {
            return Err(LedgerError::Disabled);
        }
        self.0.db.write(work).await
    }

    /// Runs `work` on one view of the data, unless there is no ledger.
    async fn read<T, F>(&self, work: F) -> Result<T, LedgerError>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, LedgerError>> + Send + 'static,
        T: Send + 'static,
    {
        if !self.is_enabled() {
            return Err(LedgerError::Disabled);
        }
        self.0.db.read(work).await
    }
}

impl std::fmt::Debug for Ledger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ledger")
    }
}

/// The account of who asks.
async fn own_account(tx: &mut Tx, who: &Who) -> Result<AccountId, LedgerError> {
    match who {
        Who::Account(id) => Ok(id.clone()),
        Who::User(user) => {
            let account = stored_accounts::by_user(tx, *user).await?;
            account.map(|account| account.id).ok_or(LedgerError::NoAccount)
        }
        Who::Holder => Err(LedgerError::NoAccount),
    }
}

/// Appends what was done to the trace of changes.
async fn trace(
    tx: &mut Tx,
    trace: &Trace,
    action: &'static str,
    subject: String,
    detail: serde_json::Value,
    at: syfthub_core::Timestamp,
) -> Result<(), StoreError> {
    let Trace { actor, correlation_id } = trace.clone();
    let event = crate::audit::Event { actor, action, subject, detail, correlation_id, at };
    crate::audit::append(tx, &event).await
}
