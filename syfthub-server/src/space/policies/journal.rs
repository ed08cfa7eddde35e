//! The journal of charges: what keeps a question from being charged twice, or charged without its answer.
//!
//! ```text
//! reserving -> reserved -> settling -> settled | lost
//!     \           \
//!      +-----------+--> releasing -> released
//! ```
//!
//! Every arrow is on disk before anything outside happens that depends on it. The states say what is known for certain:
//!
//! | state | what is certain |
//! |---|---|
//! | `reserving` | the service may have been asked; whether it reserved anything is not known |
//! | `reserved` | the service holds the payer's money; the question is being answered |
//! | `settling` | the answer was delivered: the caller's connection took all of it; the money is due |
//! | `releasing` | nothing was delivered; the money goes back |
//! | `settled`, `released` | the service said so: the money moved, or it stayed |
//! | `lost` | the answer was delivered, but the service will not move the money any more |
//!
//! A charge whose question is being answered is held in memory by its [`Reservation`]. Any open one that nobody holds (its
//! question failed or was abandoned, the service was away, the process was killed) is brought to its end by the rounds of
//! [`recovery`](super::recovery): `settling` moves the money, everything else leaves it. Nothing else ends a charge but
//! [`Reservation::delivered`]. A process that dies leaves, by the last step it did:
//!
//! | last step | on disk | at the service | what the restart does |
//! |---|---|---|---|
//! | wrote the charge down | `reserving` | nothing | asks for a transaction that carries the charge's id; none after a minute: `released` |
//! | asked for a reservation | `reserving` | perhaps pending | finds it by the charge's id, notes it, cancels it |
//! | was told of the reservation | `reserving` | pending | the same |
//! | noted the reservation | `reserved` | pending | cancels it |
//! | gave a part of the answer | `reserved` | pending | cancels it: what is not whole is not paid for |
//! | gave all of the answer | `reserved` | pending | cancels it: a delivery that was not noted is the owner's loss, never the payer's |
//! | noted the delivery | `settling` | pending | confirms it |
//! | asked to confirm | `settling` | pending or completed | confirms it again; "not pending any more" is looked up: completed is `settled` |
//! | was told that it is confirmed | `settling` | completed | the same |
//! | asked to cancel | `reserved`, `releasing` | pending or cancelled | cancels it again; "not pending any more" is looked up |
//!
//! Each call carries the charge's id as `Idempotency-Key`, so that a service which knows one does nothing twice; for any
//! other, the status of the transaction decides. A payer who cancels a pending transaction, or a service that lets it
//! expire, between delivery and confirmation makes the charge `lost`.

use std::collections::HashSet;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use syfthub_core::{Clock, Money, Secret};
use tokio::sync::Notify;

use super::charge_store::{self as store, ChargeRow, ChargeState};
use super::exchange::Exchange;
use super::service::{CallError, Dialect, Order, Service, Verb};
use crate::db::{Db, StoreError};
use crate::space::hub::{NoPayee, Payee};
use crate::space::ids::{ChargeId, MarketplaceId, TenantId};

/// Where the owner is paid, by the hub that a question came through.
pub(crate) trait Payees: Sync {
    /// The owner's account.
    fn payee(&self, hub: MarketplaceId) -> impl Future<Output = Result<Payee, NoPayee>> + Send;

    /// The service did not take the account: next time the hub is asked anew.
    fn forget_payee(&self, hub: MarketplaceId);
}

/// The journal of one space; clones share it.
#[derive(Clone)]
pub(crate) struct Journal(pub(super) Arc<Inside>);

pub(super) struct Inside {
    pub(super) db: Db,
    pub(super) clock: Arc<dyn Clock>,
    exchange: Arc<dyn Exchange>,
    /// Charges whose question is being answered.
    held: Mutex<HashSet<ChargeId>>,
    /// Somebody left a charge for the next round.
    pub(super) left: Notify,
}

/// What a question is to cost.
#[derive(Debug, Clone)]
pub(crate) struct Bill {
    pub(crate) tenant: TenantId,
    pub(crate) endpoint_slug: String,
    pub(crate) marketplace: MarketplaceId,
    pub(crate) correlation_id: String,
    pub(crate) payer: String,
    pub(crate) amount: Money,
}

/// Why nothing is reserved.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChargeError {
    /// The payer cannot or will not pay.
    #[error("{0}")]
    Refused(String),
    /// The payee has nowhere to be paid, or the service is away.
    #[error("{0}")]
    Away(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<NoPayee> for ChargeError {
    fn from(error: NoPayee) -> Self {
        Self::Away(error.to_string())
    }
}

/// What became of the price of a delivered answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// The money moved.
    Moved,
    /// The service is away; it is asked until it decides.
    Due,
    /// The service will not move it.
    Lost,
}

/// Money that is reserved. Dropping it leaves it to the next round, which gives it back.
pub(crate) struct Reservation {
    row: ChargeRow,
    transaction: (String, Dialect),
    held: Held,
}

impl Reservation {
    pub(crate) fn amount(&self) -> Money {
        self.row.amount
    }

    /// The transaction at the service.
    pub(crate) fn transaction(&self) -> &str {
        &self.transaction.0
    }

    /// The caller's connection took all of the answer: the money is due, and moves as soon as the service can be asked.
    pub(crate) async fn delivered(self, payees: &impl Payees) -> Result<Fate, StoreError> {
        let Self { mut row, transaction, held } = self;
        let journal = &held.journal;
        let now = journal.0.clock.now();
        store::advance(&journal.0.db, row.id, ChargeState::Settling, None, now).await?;
        row.state = ChargeState::Settling;
        Ok(match journal.resolve(payees, &row, &transaction, Verb::Confirm).await? {
            Some(ChargeState::Settled) => Fate::Moved,
            Some(_) => Fate::Lost,
            None => Fate::Due,
        })
    }
}

/// Keeps the rounds away from a charge.
struct Held {
    journal: Journal,
    id: ChargeId,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.journal.held().remove(&self.id);
        self.journal.0.left.notify_one();
    }
}

impl Journal {
    /// The journal in `db`; services are called through `exchange`.
    pub(crate) fn new(db: Db, clock: Arc<dyn Clock>, exchange: Arc<dyn Exchange>) -> Self {
        let (held, left) = (Mutex::default(), Notify::new());
        Self(Arc::new(Inside { db, clock, exchange, held, left }))
    }

    fn held(&self) -> std::sync::MutexGuard<'_, HashSet<ChargeId>> {
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the question of this charge is being answered.
    pub(super) fn holds(&self, id: ChargeId) -> bool {
        self.held().contains(&id)
    }

    /// Whether a question is being answered that has to be paid for.
    #[cfg(test)]
    pub(crate) fn holds_any(&self) -> bool {
        !self.held().is_empty()
    }

    /// Reserves what the bill says, with the payer's transaction token. It is written down before the service is asked, and
    /// once more before this returns.
    pub(crate) async fn reserve(
        &self,
        payees: &impl Payees,
        bill: Bill,
        token: Secret,
    ) -> Result<Reservation, ChargeError> {
        let payee = payees.payee(bill.marketplace).await?;
        let row = self.row(bill, &payee);
        // Held before it is written: no round may take it for forgotten.
        self.held().insert(row.id);
        let held = Held { journal: self.clone(), id: row.id };
        store::insert(&self.0.db, row.clone()).await?;
        let order = Order {
            id: row.id,
            payer: &row.payer,
            amount: row.amount,
            endpoint: &row.endpoint_slug,
            token: &token,
        };
        let created = self.service(&payee).create(&order).await;
        let (db, now) = (&self.0.db, self.0.clock.now());
        match created {
            Ok(created) if created.status == "pending" => {
                let transaction = (created.id.clone(), created.dialect);
                store::note_transaction(db, row.id, created, ChargeState::Reserved, now).await?;
                Ok(Reservation { row, transaction, held })
            }
            Ok(created) => {
                Err(ChargeError::Away(format!("a new transaction is {}", created.status)))
            }
            Err(error @ CallError::Refused { .. }) => {
                let state = ChargeState::Released;
                store::advance(db, row.id, state, Some(error.to_string()), now).await?;
                Err(ChargeError::Refused(error.to_string()))
            }
            Err(error) => {
                if error == CallError::Rejected {
                    payees.forget_payee(row.marketplace);
                }
                // What the service did is not known: a round finds out.
                store::note_failure(db, row.id, error.to_string(), now).await?;
                Err(ChargeError::Away(error.to_string()))
            }
        }
    }

    fn row(&self, bill: Bill, payee: &Payee) -> ChargeRow {
        ChargeRow {
            id: ChargeId::new(),
            tenant: bill.tenant,
            endpoint_slug: bill.endpoint_slug,
            marketplace: bill.marketplace,
            correlation_id: bill.correlation_id,
            payer: bill.payer,
            amount: bill.amount,
            service: payee.url.to_string(),
            transaction: None,
            state: ChargeState::Reserving,
            created_at: self.0.clock.now(),
        }
    }

    pub(super) fn service<'a>(&'a self, payee: &'a Payee) -> Service<'a> {
        Service::new(&*self.0.exchange, payee)
    }

    /// Confirms or cancels a transaction and writes down what that came to; nothing when it has to be tried again.
    pub(super) async fn resolve(
        &self,
        payees: &impl Payees,
        row: &ChargeRow,
        transaction: &(String, Dialect),
        verb: Verb,
    ) -> Result<Option<ChargeState>, StoreError> {
        match self.ask_to(payees, verb, row, transaction).await {
            Ok(Some(state)) => {
                self.close(row, state, None).await?;
                Ok(Some(state))
            }
            Ok(None) => Ok(None),
            Err(error) => {
                tracing::warn!(charge = %row.id, %error, "a charge is left for later");
                let now = self.0.clock.now();
                store::note_failure(&self.0.db, row.id, error.to_string(), now).await?;
                Ok(None)
            }
        }
    }

    /// Ends a charge; `error` says why, where that is not plain.
    pub(super) async fn close(
        &self,
        row: &ChargeRow,
        state: ChargeState,
        error: Option<String>,
    ) -> Result<(), StoreError> {
        store::advance(&self.0.db, row.id, state, error, self.0.clock.now()).await?;
        if state == ChargeState::Lost {
            metrics::counter!("space_charges_lost_total").increment(1);
            tracing::error!(charge = %row.id, "an answer was given, but its price cannot be charged");
        }
        Ok(())
    }

    /// The state that a charge has after the service was asked to move or leave the money; nothing while that is open.
    async fn ask_to(
        &self,
        payees: &impl Payees,
        verb: Verb,
        row: &ChargeRow,
        (transaction, dialect): &(String, Dialect),
    ) -> Result<Option<ChargeState>, CallError> {
        let wanted =
            if verb == Verb::Confirm { ChargeState::Settled } else { ChargeState::Released };
        let payee = payees.payee(row.marketplace).await;
        let payee = payee.map_err(|error| CallError::Away(error.to_string()))?;
        if payee.url.as_str() != row.service {
            // The owner is paid elsewhere now, and the credentials of there are nothing for here.
            return Ok(Some(decided(None, wanted)));
        }
        let service = self.service(&payee);
        match service.resolve(transaction, *dialect, verb, row.id).await {
            Ok(()) => Ok(Some(wanted)),
            // It was decided before, perhaps by a call whose answer was lost: it is as the service says.
            Err(CallError::Refused { .. }) => {
                let told = service.find(row.id, Some(transaction)).await?;
                let status = told.as_ref().map(|told| told.status.as_str());
                Ok((status != Some("pending")).then(|| decided(status, wanted)))
            }
            Err(error) => {
                if error == CallError::Rejected {
                    payees.forget_payee(row.marketplace);
                }
                Err(error)
            }
        }
    }
}

/// The state of a charge that was decided before it could be moved to `wanted`, by what the service says of its transaction.
/// One that is cancelled, expired or unknown moved no money, whatever was wanted.
pub(super) fn decided(told: Option<&str>, wanted: ChargeState) -> ChargeState {
    match (told, wanted) {
        (Some("completed"), _) => ChargeState::Settled,
        (_, ChargeState::Released) => ChargeState::Released,
        _ => ChargeState::Lost,
    }
}
