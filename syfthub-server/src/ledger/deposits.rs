//! Money that comes in: the only way by which there is any.

use serde_json::json;
use syfthub_core::Timestamp;
use syfthub_core::ledger::{AccountId, Movement};

use super::creation::fingerprint;
use super::model::{Account, Deposit, Trace};
use super::store::keys::{self, Claim};
use super::store::{accounts, postings};
use super::{Ledger, LedgerError, OUTSIDE, trace};
use crate::db::Tx;

impl Ledger {
    /// Brings money in; the account afterwards. Whoever calls this has made sure that `by` may.
    ///
    /// # Errors
    /// When nobody has an account of the address, or the key was used for something else.
    pub(crate) async fn deposit(
        &self,
        deposit: Deposit,
        by: &Trace,
    ) -> Result<Account, LedgerError> {
        if deposit.amount.is_zero() {
            return Err(LedgerError::NoAmount);
        }
        let (id, now, by) = (self.new_id(), self.0.clock.now(), by.clone());
        self.write(move |tx| Box::pin(async move { bring(tx, &deposit, &id, now, &by).await }))
            .await
    }
}

async fn bring(
    tx: &mut Tx,
    deposit: &Deposit,
    id: &str,
    now: Timestamp,
    by: &Trace,
) -> Result<Account, LedgerError> {
    let unknown = || LedgerError::Unknown(deposit.to.clone());
    let account = accounts::by_email(tx, &deposit.to).await?.ok_or_else(unknown)?;
    if let Some(key) = &deposit.key {
        let fingerprint =
            fingerprint(&json!(["deposit", account.id.as_str(), deposit.amount.micros()]));
        let claim = Claim { scope: "deposit".to_owned(), key: key.clone(), fingerprint };
        match keys::claim(tx, &claim, id, now).await? {
            Some(known) if known.fingerprint != claim.fingerprint => {
                return Err(LedgerError::KeyReused);
            }
            Some(_) => return Ok(account),
            None => {}
        }
    }
    let movement = Movement::deposit(&AccountId::new(OUTSIDE), &account.id, deposit.amount);
    postings::apply(tx, &movement, id, now).await?.ok_or(LedgerError::TooMuch)?;
    let detail = json!({
        "account": account.id.as_str(),
        "amount": deposit.amount.to_string(),
        "note": deposit.note,
    });
    trace(tx, by, "ledger.deposit", format!("ledger-deposit:{id}"), detail, now).await?;
    let after = accounts::find(tx, &account.id).await?;
    after.ok_or_else(unknown)
}
