//! Reserving, settling and releasing money, so that whatever breaks, a question is charged once if it was answered and never
//! if it was not.
//!
//! ```text
//! reserving -> reserved -> settling -> settled | lost
//!     \           \
//!      +-----------+--> releasing -> released
//! ```
//!
//! Every arrow is on disk before anything outside happens that depends on it. A charge whose question is being answered is
//! held in memory by its [`Reservation`]; any open one that nobody holds (its question failed or was abandoned, the service was
//! away, the process was killed) is brought to its end by the rounds of [`Space::charge_rounds`]: `settling` moves the money,
//! everything else leaves it. Nothing else ends a charge but [`Reservation::settle`].

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use syfthub_core::{Money, Secret};
use tokio::sync::Notify;

use super::charge_store::{self as store, ChargeRow, ChargeState};
use super::service::{CallError, Dialect, Order, Service, Verb};
use crate::db::StoreError;
use crate::space::hub::{NoPayee, Payee};
use crate::space::ids::{ChargeId, MarketplaceId, TenantId};
use crate::space::node::Space;

/// How soon a round is made again after one that left something open; it doubles up to the longest.
const SOON: Duration = Duration::from_secs(1);
const LATEST: Duration = Duration::from_mins(5);

/// A charge that could not be decided for this long is given up: services cancel what stays pending.
const GIVEN_UP: Duration = Duration::from_hours(24 * 30);

/// A reservation that the service does not know of counts as never made once it is this old: a request that was on its way
/// has arrived by then.
const IN_FLIGHT: Duration = Duration::from_mins(1);

/// What a space has in memory of its charges.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// Those whose question is being answered.
    held: Mutex<HashSet<ChargeId>>,
    /// Somebody left a charge for the next round.
    left: Notify,
}

impl Ledger {
    fn hold(&self, id: ChargeId) {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
    }

    fn let_go(&self, id: ChargeId) {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
        self.left.notify_one();
    }

    fn holds(&self, id: ChargeId) -> bool {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).contains(&id)
    }
}

/// What a question is to cost.
#[derive(Debug, Clone)]
pub(super) struct Bill {
    pub(super) tenant: TenantId,
    pub(super) endpoint_slug: String,
    pub(super) marketplace: MarketplaceId,
    pub(super) correlation_id: String,
    pub(super) payer: String,
    pub(super) amount: Money,
}

/// Why nothing is reserved or charged.
#[derive(Debug, thiserror::Error)]
pub(super) enum ChargeError {
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

/// Money that is reserved. Dropping it leaves it to the next round, which gives it back.
pub(super) struct Reservation {
    row: ChargeRow,
    transaction: (String, Dialect),
    held: Held,
}

impl Reservation {
    pub(super) fn amount(&self) -> Money {
        self.row.amount
    }

    /// The transaction at the service.
    pub(super) fn transaction(&self) -> &str {
        &self.transaction.0
    }

    /// Moves the money. From here on the charge is due: when the service is away it is tried again until that is decided.
    /// Tells whether the money has moved already.
    pub(super) async fn settle(self) -> Result<bool, ChargeError> {
        let Self { row, transaction, held } = self;
        let space = &held.space;
        let now = space.clock.now();
        store::advance(&space.db, row.id, ChargeState::Settling, None, now).await?;
        match space.resolve(&row, &transaction, Verb::Confirm).await? {
            Some(ChargeState::Settled) => Ok(true),
            Some(_) => {
                Err(ChargeError::Refused("the reserved amount could not be charged".to_owned()))
            }
            None => Ok(false),
        }
    }
}

/// Keeps the rounds away from a charge.
struct Held {
    space: Space,
    id: ChargeId,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.space.policies.ledger.let_go(self.id);
    }
}

impl Space {
    /// Reserves what the bill says, with the payer's transaction token. It is written down before the service is asked, and
    /// once more before this returns.
    pub(super) async fn reserve(
        &self,
        bill: Bill,
        token: Secret,
    ) -> Result<Reservation, ChargeError> {
        let payee = self.payee(bill.marketplace).await?;
        let row = ChargeRow {
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
            created_at: self.clock.now(),
        };
        // Held before it is written: no round may take it for forgotten.
        self.policies.ledger.hold(row.id);
        let held = Held { space: self.clone(), id: row.id };
        store::insert(&self.db, row.clone()).await?;
        let order = Order {
            id: row.id,
            payer: &row.payer,
            amount: row.amount,
            endpoint: &row.endpoint_slug,
            token: &token,
        };
        let created = self.service(&payee).create(&order).await;
        let now = self.clock.now();
        match created {
            Ok(created) if created.status == "pending" => {
                let transaction = (created.id.clone(), created.dialect);
                store::note_transaction(&self.db, row.id, created, ChargeState::Reserved, now)
                    .await?;
                Ok(Reservation { row, transaction, held })
            }
            Ok(created) => {
                Err(ChargeError::Away(format!("a new transaction is {}", created.status)))
            }
            Err(error @ CallError::Refused { .. }) => {
                let state = ChargeState::Released;
                store::advance(&self.db, row.id, state, Some(error.to_string()), now).await?;
                Err(ChargeError::Refused(error.to_string()))
            }
            Err(error) => {
                if error == CallError::Rejected {
                    self.forget_payee(row.marketplace);
                }
                // What the service did is not known: a round finds out.
                store::note_failure(&self.db, row.id, error.to_string(), now).await?;
                Err(ChargeError::Away(error.to_string()))
            }
        }
    }

    fn service<'a>(&'a self, payee: &'a Payee) -> Service<'a> {
        Service::new(&self.policies.http, payee, self.config.policies.accounting_timeout)
    }

    /// Confirms or cancels a transaction and writes down what that came to; nothing when it has to be tried again.
    async fn resolve(
        &self,
        row: &ChargeRow,
        transaction: &(String, Dialect),
        verb: Verb,
    ) -> Result<Option<ChargeState>, ChargeError> {
        let now = self.clock.now();
        match self.ask_to(verb, row, transaction).await {
            Ok(Some(state)) => {
                store::advance(&self.db, row.id, state, None, now).await?;
                if state == ChargeState::Lost {
                    tracing::error!(charge = %row.id, "an answer was given, but its price cannot be charged");
                }
                Ok(Some(state))
            }
            Ok(None) => Ok(None),
            Err(error) => {
                tracing::warn!(charge = %row.id, %error, "a charge is left for later");
                store::note_failure(&self.db, row.id, error.to_string(), now).await?;
                Ok(None)
            }
        }
    }

    /// The state that a charge has after the service was asked to move or leave the money; nothing while that is open.
    async fn ask_to(
        &self,
        verb: Verb,
        row: &ChargeRow,
        (transaction, dialect): &(String, Dialect),
    ) -> Result<Option<ChargeState>, CallError> {
        let wanted =
            if verb == Verb::Confirm { ChargeState::Settled } else { ChargeState::Released };
        let payee = self.payee(row.marketplace).await;
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
                let told = service.find(row.id, Some((transaction, *dialect))).await?;
                let status = told.as_ref().map(|told| told.status.as_str());
                Ok((status != Some("pending")).then(|| decided(status, wanted)))
            }
            Err(error) => {
                if error == CallError::Rejected {
                    self.forget_payee(row.marketplace);
                }
                Err(error)
            }
        }
    }

    /// Whether a question is being answered that has to be paid for.
    #[cfg(test)]
    pub(crate) fn holds_charges(&self) -> bool {
        !self.policies.ledger.held.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Brings every open charge that nobody holds to its end, as far as the services can be asked; tells how many are left.
    pub(crate) async fn charge_round(&self) -> Result<usize, StoreError> {
        let mut left = 0;
        for id in store::open(&self.db).await? {
            if self.policies.ledger.holds(id) {
                continue;
            }
            // Read only now: whoever held it may have moved it on.
            let Some(row) = store::find_open(&self.db, id).await? else { continue };
            let now = self.clock.now();
            if now.since(row.created_at) >= GIVEN_UP {
                let state = decided(None, wanted(row.state));
                let error = Some("the accounting service could not be asked in time".to_owned());
                store::advance(&self.db, id, state, error, now).await?;
                continue;
            }
            let finished = match self.finish(&row).await {
                Ok(finished) => finished,
                Err(ChargeError::Store(error)) => return Err(error),
                Err(_) => false,
            };
            left += usize::from(!finished);
        }
        Ok(left)
    }

    /// Brings one open charge to its end, if the service can be asked.
    async fn finish(&self, row: &ChargeRow) -> Result<bool, ChargeError> {
        let verb =
            if wanted(row.state) == ChargeState::Settled { Verb::Confirm } else { Verb::Cancel };
        let known = match &row.transaction {
            Some(known) => known.clone(),
            None => match self.look_up(row).await? {
                Some(known) => known,
                None => return Ok(false),
            },
        };
        Ok(self.resolve(row, &known, verb).await?.is_some())
    }

    /// The transaction of a charge whose answer was lost. When there is none, the charge is over.
    async fn look_up(&self, row: &ChargeRow) -> Result<Option<(String, Dialect)>, ChargeError> {
        let payee = self.payee(row.marketplace).await?;
        let found = self.service(&payee).find(row.id, None).await;
        let found = found.map_err(|error| ChargeError::Away(error.to_string()))?;
        let now = self.clock.now();
        let Some(found) = found else {
            if now.since(row.created_at) >= IN_FLIGHT {
                store::advance(&self.db, row.id, ChargeState::Released, None, now).await?;
            }
            return Ok(None);
        };
        let known = (found.id.clone(), found.dialect);
        store::note_transaction(&self.db, row.id, found, ChargeState::Releasing, now).await?;
        Ok(Some(known))
    }

    /// Makes rounds until the space shuts down: at once, when somebody leaves a charge, and after failures ever more slowly.
    pub(super) async fn charge_rounds(self) {
        let mut pause = SOON;
        loop {
            let left = match self.charge_round().await {
                Ok(left) => left,
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "open charges cannot be read"
                    );
                    1
                }
            };
            metrics::gauge!("space_open_charges").set(u32::try_from(left).unwrap_or(u32::MAX));
            pause = if left == 0 { SOON } else { (pause * 2).min(LATEST) };
            let again = async {
                if left == 0 {
                    std::future::pending::<()>().await;
                } else {
                    tokio::time::sleep(pause).await;
                }
            };
            tokio::select! {
                () = self.policies.ledger.left.notified() => {}
                () = again => {}
                () = self.around.shutdown.cancelled() => return,
            }
        }
    }
}

/// What an open charge of this state is to become.
fn wanted(state: ChargeState) -> ChargeState {
    if state == ChargeState::Settling { ChargeState::Settled } else { ChargeState::Released }
}

/// The state of a charge that was decided before it could be moved to `wanted`, by what the service says of its transaction.
/// One that is cancelled, expired or unknown moved no money, whatever was wanted.
fn decided(told: Option<&str>, wanted: ChargeState) -> ChargeState {
    match (told, wanted) {
        (Some("completed"), _) => ChargeState::Settled,
        (_, ChargeState::Released) => ChargeState::Released,
        _ => ChargeState::Lost,
    }
}
