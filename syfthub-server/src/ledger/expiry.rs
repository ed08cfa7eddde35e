//! What time does: transactions that nobody confirmed are cancelled, and old idempotency keys forgotten.

use futures_util::{StreamExt as _, stream};
use syfthub_core::{Money, Timestamp};

use super::metrics::Outcome;
use super::model::Trace;
use super::store::{keys, transactions, trial};
use super::{Ledger, LedgerError};
use crate::hub::Hub;

/// Transactions looked up at once.
const BATCH: i64 = 200;

/// Transactions cancelled at once, each in a transaction of its own, so that none waits for a lock that another holds.
const TOGETHER: usize = 16;

/// Keys forgotten at once.
const KEYS: i64 = 1000;

/// The job of the hub: cancels what has expired, forgets old keys, and says how much is pending.
pub(crate) async fn sweep(hub: Hub) -> Result<(), LedgerError> {
    let ledger = &hub.ledger;
    if !ledger.is_enabled() {
        return Ok(());
    }
    ledger.expire_due(hub.clock.now()).await?;
    ledger.forget_keys().await?;
    ledger.measure().await
}

impl Ledger {
    /// Cancels what has expired at `now`, in batches; how many. Any number of instances may do this at once: each
    /// transaction ends once, whoever ends it.
    ///
    /// # Errors
    /// When the database is away. What was cancelled before that stays so.
    pub(crate) async fn expire_due(&self, now: Timestamp) -> Result<u64, LedgerError> {
        let trace = Trace::own();
        let mut expired = 0;
        loop {
            let due = self
                .read(move |tx| {
                    Box::pin(async move { Ok(transactions::due(tx, now, BATCH).await?) })
                })
                .await?;
            let found = due.len();
            let endings = due.into_iter().map(|id| self.expire(id, now, trace.clone()));
            let outcomes: Vec<Result<(), LedgerError>> =
                stream::iter(endings).buffer_unordered(TOGETHER).collect().await;
            let mut done = 0;
            for outcome in outcomes {
                match outcome {
                    Ok(()) => {
                        self.0.outcomes.count(Outcome::Expired);
                        done += 1;
                    }
                    // Somebody else ended it since it was looked up.
                    Err(LedgerError::NotPending(_)) => {}
                    Err(error) => return Err(error),
                }
            }
            expired += done;
            // What others ended meanwhile is not found again, so that this comes to an end.
            if found < usize::try_from(BATCH).unwrap_or(usize::MAX) {
                return Ok(expired);
            }
        }
    }

    /// Forgets idempotency keys that are older than the setting says.
    pub(super) async fn forget_keys(&self) -> Result<(), LedgerError> {
        let before = self.0.clock.now().before(self.0.settings.ledger_key_ttl);
        loop {
            let forgotten = self
                .write(move |tx| Box::pin(async move { Ok(keys::prune(tx, before, KEYS).await?) }))
                .await?;
            if forgotten < KEYS.unsigned_abs() {
                return Ok(());
            }
        }
    }

    /// Tells `/metrics` how much is pending.
    async fn measure(&self) -> Result<(), LedgerError> {
        let (count, micros) =
            self.read(|tx| Box::pin(async move { Ok(trial::pending(tx).await?) })).await?;
        self.0.outcomes.pending(count, Money::from_micros(micros.max(0)).to_units());
        Ok(())
    }
}
