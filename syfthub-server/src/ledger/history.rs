//! What has happened: transactions, and the postings behind them.

use syfthub_core::ledger::TransactionId;

use super::model::{Account, Line, Party, Transfer};
use super::store::{accounts, postings, transactions};
use super::{Ledger, LedgerError, own_account};

impl Ledger {
    /// A transaction of who asks.
    ///
    /// # Errors
    /// When there is none of theirs.
    pub(crate) async fn find(
        &self,
        party: &Party,
        id: &TransactionId,
    ) -> Result<Transfer, LedgerError> {
        let (who, id) = (party.who.clone(), id.clone());
        self.read(move |tx| {
            Box::pin(async move {
                let account = own_account(tx, &who).await?;
                let found = transactions::find(tx, &id).await?;
                let own = found.filter(|found| found.transaction.side_of(&account).is_some());
                own.ok_or(LedgerError::NotFound("transaction"))
            })
        })
        .await
    }

    /// A page of the transactions of who asks, newest first.
    ///
    /// # Errors
    /// When they have no account.
    pub(crate) async fn history(
        &self,
        party: &Party,
        skip: i64,
        limit: i64,
    ) -> Result<Vec<Transfer>, LedgerError> {
        let who = party.who.clone();
        self.read(move |tx| {
            Box::pin(async move {
                let account = own_account(tx, &who).await?;
                Ok(transactions::history(tx, &account, limit, skip).await?)
            })
        })
        .await
    }

    /// A page of the postings of who asks, newest first.
    ///
    /// # Errors
    /// When they have no account.
    pub(crate) async fn postings(
        &self,
        party: &Party,
        skip: i64,
        limit: i64,
    ) -> Result<Vec<Line>, LedgerError> {
        let who = party.who.clone();
        self.read(move |tx| {
            Box::pin(async move {
                let account = own_account(tx, &who).await?;
                Ok(postings::list(tx, &account, limit, skip).await?)
            })
        })
        .await
    }

    /// The first accounts, as many as the setting says, for whoever administers the ledger.
    ///
    /// # Errors
    /// When there is no ledger.
    pub(crate) async fn accounts(&self) -> Result<Vec<Account>, LedgerError> {
        let limit = i64::from(self.0.settings.ledger_list_max);
        self.read(move |tx| Box::pin(async move { Ok(accounts::list(tx, limit).await?) })).await
    }
}
