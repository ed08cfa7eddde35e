//! The trial balance: everything added up, and compared with what it must be.

use super::model::TrialBalance;
use super::store::trial;
use super::{Ledger, LedgerError};

impl Ledger {
    /// Adds everything up, on one unchanging view of the ledger. It reads every posting.
    ///
    /// # Errors
    /// When there is no ledger, or the database is away. Books that do not balance are an answer, not an error.
    pub(crate) async fn trial_balance(&self) -> Result<TrialBalance, LedgerError> {
        self.read(|tx| Box::pin(async move { Ok(trial::balance(tx).await?) })).await
    }
}
