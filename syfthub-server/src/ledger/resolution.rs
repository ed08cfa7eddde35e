//! The one end of a transaction: the money moves, or comes back.

use serde_json::json;
use syfthub_core::Timestamp;
use syfthub_core::ledger::{NotPending, Side, Status, TransactionId, Verdict};

use super::creation::{fingerprint, told};
use super::metrics::Outcome;
use super::model::{Party, Trace, Transfer, Who};
use super::store::keys::{self, Claim};
use super::store::{grants, postings, transactions};
use super::{Ledger, LedgerError, own_account, trace};
use crate::db::Tx;

impl Ledger {
    /// Confirms a pending transaction of who asks: the money moves. The same request under the same key is answered with
    /// the transaction as it is.
    ///
    /// # Errors
    /// When there is none of theirs, or it is not pending any more.
    pub(crate) async fn confirm(
        &self,
        party: &Party,
        id: &TransactionId,
        key: Option<String>,
    ) -> Result<Transfer, LedgerError> {
        self.resolve(party, id, Verdict::Confirm, key).await
    }

    /// Cancels a pending transaction of who asks: the money comes back, also to the grant.
    ///
    /// # Errors
    /// As [`Ledger::confirm`].
    pub(crate) async fn cancel(
        &self,
        party: &Party,
        id: &TransactionId,
        key: Option<String>,
    ) -> Result<Transfer, LedgerError> {
        self.resolve(party, id, Verdict::Cancel, key).await
    }

    async fn resolve(
        &self,
        party: &Party,
        id: &TransactionId,
        verdict: Verdict,
        key: Option<String>,
    ) -> Result<Transfer, LedgerError> {
        let ending =
            Ending { id: id.clone(), verdict, now: self.0.clock.now(), trace: party.trace.clone() };
        let who = party.who.clone();
        let ended = self
            .write(move |tx| Box::pin(async move { ending.by_party(tx, &who, key).await }))
            .await;
        self.0.outcomes.count(match (&ended, verdict) {
            (Err(_), _) => Outcome::Refused,
            (Ok(Ended { is_replay: true, .. }), _) => Outcome::Replayed,
            (Ok(_), Verdict::Confirm) => Outcome::Completed,
            (Ok(_), Verdict::Cancel) => Outcome::Cancelled,
        });
        ended.map(|ended| ended.transfer)
    }

    /// Cancels a transaction that has expired.
    ///
    /// # Errors
    /// When it has not, or somebody ended it meanwhile.
    pub(super) async fn expire(
        &self,
        id: TransactionId,
        now: Timestamp,
        by: Trace,
    ) -> Result<(), LedgerError> {
        let ending = Ending { id, verdict: Verdict::Cancel, now, trace: by };
        self.write(move |tx| Box::pin(async move { ending.by_system(tx).await })).await
    }
}

struct Ended {
    transfer: Transfer,
    is_replay: bool,
}

/// A transaction to be ended.
struct Ending {
    id: TransactionId,
    verdict: Verdict,
    now: Timestamp,
    trace: Trace,
}

impl Ending {
    async fn by_party(
        self,
        tx: &mut Tx,
        who: &Who,
        key: Option<String>,
    ) -> Result<Ended, LedgerError> {
        let account = own_account(tx, who).await?;
        if let Some(key) = key {
            let fingerprint =
                fingerprint(&json!([self.id.as_str(), self.verdict == Verdict::Confirm]));
            let claim = Claim { scope: format!("resolve:{account}"), key, fingerprint };
            match keys::claim(tx, &claim, self.id.as_str(), self.now).await? {
                Some(known) if known.fingerprint != claim.fingerprint => {
                    return Err(LedgerError::KeyReused);
                }
                Some(_) => return Ok(Ended { transfer: self.found(tx).await?, is_replay: true }),
                None => {}
            }
        }
        let transfer = self.found(tx).await?;
        let side = transfer.transaction.side_of(&account);
        let side = side.ok_or(LedgerError::NotFound("transaction"))?;
        let transfer = self.end(tx, transfer, side).await?;
        Ok(Ended { transfer, is_replay: false })
    }

    async fn by_system(self, tx: &mut Tx) -> Result<(), LedgerError> {
        let transfer = self.found(tx).await?;
        self.end(tx, transfer, Side::System).await.map(drop)
    }

    async fn found(&self, tx: &mut Tx) -> Result<Transfer, LedgerError> {
        let found = transactions::find(tx, &self.id).await?;
        found.ok_or(LedgerError::NotFound("transaction"))
    }

    async fn end(
        &self,
        tx: &mut Tx,
        mut transfer: Transfer,
        side: Side,
    ) -> Result<Transfer, LedgerError> {
        let resolution = transfer.transaction.resolve(side, self.verdict, self.now)?;
        if !transactions::end(tx, &self.id, &resolution, self.now).await? {
            // Somebody else was faster.
            let status = self.found(tx).await?.transaction.status;
            return Err(NotPending::Ended(status).into());
        }
        let transaction = &mut transfer.transaction;
        if let (Status::Cancelled, Some(grant)) = (resolution.status, &transaction.grant) {
            grants::give_back(tx, grant, transaction.amount).await?;
        }
        let moved = postings::apply(tx, &resolution.movement, self.id.as_str(), self.now).await?;
        moved.ok_or(LedgerError::TooMuch)?;
        transaction.status = resolution.status;
        transaction.resolved_by = Some(resolution.by);
        transaction.resolved_at = Some(self.now);
        let action = match (resolution.status, side) {
            (Status::Completed, _) => "ledger.confirm",
            (_, Side::System) => "ledger.expire",
            _ => "ledger.cancel",
        };
        let subject = format!("ledger-transaction:{}", self.id);
        trace(tx, &self.trace, action, subject, told(transaction), self.now).await?;
        Ok(transfer)
    }
}
