//! Accounts of the hub's organizations. They are found by an address that the hub makes of the organization's number and
//! that nobody else may have; they belong to no user.

use serde_json::json;
use syfthub_core::ledger::AccountId;
use syfthub_core::{Email, Secret};

use super::model::{Account, Trace};
use super::store::accounts;
use super::{Ledger, LedgerError, trace};
use crate::db::{StoreError, Tx};

impl Ledger {
    /// The account of an organization, which is opened, with a secret of its own, when there is none.
    ///
    /// # Errors
    /// When there is no ledger.
    pub(crate) async fn open_for_organization(
        &self,
        email: &Email,
        name: &str,
        by: &Trace,
    ) -> Result<Account, LedgerError> {
        let address = email.clone();
        let find = self
            .read(move |tx| Box::pin(async move { Ok(accounts::by_email(tx, &address).await?) }));
        if let Some(account) = find.await? {
            return Ok(account);
        }
        let (this, email, name, by) = (self.clone(), email.clone(), name.to_owned(), by.clone());
        self.write(move |tx| {
            Box::pin(async move {
                let (id, now) = (AccountId::new(this.new_id()), this.0.clock.now());
                if accounts::insert(tx, &id, &email, None, Some(&name), now).await? {
                    this.set_secret(tx, &id).await?;
                    let subject = format!("ledger-account:{id}");
                    trace(tx, &by, "ledger.account.open", subject, json!({ "email": email }), now)
                        .await?;
                }
                accounts::by_email(tx, &email).await?.ok_or(LedgerError::Unknown(email))
            })
        })
        .await
    }

    /// The secret that opens an organization's account over HTTP. One that does not open any more, because the hub's keys
    /// were replaced, is replaced too.
    ///
    /// # Errors
    /// When the organization has no account.
    pub(crate) async fn organization_secret(&self, email: &Email) -> Result<Secret, LedgerError> {
        let (this, address) = (self.clone(), email.clone());
        let known = self.read(move |tx| {
            Box::pin(async move {
                let account = accounts::by_email(tx, &address).await?;
                let account = account.ok_or(LedgerError::Unknown(address))?;
                let known = this.known_secret(tx, &account).await?;
                Ok((account.id, known))
            })
        });
        match known.await? {
            (_, Some(secret)) => Ok(secret),
            (id, None) => {
                let this = self.clone();
                self.write(move |tx| Box::pin(async move { Ok(this.set_secret(tx, &id).await?) }))
                    .await
            }
        }
    }

    /// Gives an organization's account, if it has one, another secret in the transaction that `tx` is. The one before opens
    /// it no more, as soon as other instances have forgotten that they saw it.
    pub(crate) async fn replace_organization_secret_in(
        &self,
        tx: &mut Tx,
        email: &Email,
    ) -> Result<(), StoreError> {
        match accounts::by_email(tx, email).await? {
            Some(account) => self.set_secret(tx, &account.id).await.map(drop),
            None => Ok(()),
        }
    }
}
