//! Accounts of users of the hub. Those that stand free are opened over HTTP (`doors`).

use serde_json::json;
use syfthub_core::ledger::AccountId;
use syfthub_core::{Email, Secret, UserId};

use super::model::{Account, Party, Trace};
use super::store::{accounts, credentials, grants};
use super::{Ledger, LedgerError, own_account, trace};
use crate::db::{StoreError, Tx};

impl Ledger {
    /// Opens the account of a user in the transaction that `tx` is, with a secret of its own; the one that the user has
    /// when there is one. A free-standing account of the address in which money was never moved becomes theirs; whoever
    /// opened it can do nothing with it any more. None when there is no ledger, or when the address has an account with a
    /// history, of which they have to show the password first.
    pub(crate) async fn open_in(
        &self,
        tx: &mut Tx,
        email: &Email,
        user: UserId,
        by: &Trace,
    ) -> Result<Option<AccountId>, StoreError> {
        if !self.is_enabled() {
            return Ok(None);
        }
        let (id, now) = (AccountId::new(self.new_id()), self.0.clock.now());
        let id = if accounts::insert(tx, &id, email, Some(user), None, now).await? {
            id
        } else if let Some(account) = accounts::by_user(tx, user).await? {
            return Ok(Some(account.id));
        } else if let Some(taken) = accounts::take_untouched(tx, email, user).await? {
            credentials::forget(tx, &taken).await?;
            grants::revoke_all(tx, &taken, now).await?;
            taken
        } else {
            return Ok(None);
        };
        self.set_secret(tx, &id).await?;
        let detail = json!({ "email": email, "user": user });
        trace(tx, by, "ledger.account.open", format!("ledger-account:{id}"), detail, now).await?;
        Ok(Some(id))
    }

    /// [`Ledger::open_in`] in a transaction of its own.
    ///
    /// # Errors
    /// When there is no ledger, or the address has an account that is not the user's.
    pub(crate) async fn open(
        &self,
        email: &Email,
        user: UserId,
        by: &Trace,
    ) -> Result<Account, LedgerError> {
        let (this, email, by) = (self.clone(), email.clone(), by.clone());
        self.write(move |tx| {
            Box::pin(async move {
                let opened = this.open_in(tx, &email, user, &by).await?;
                let id = opened.ok_or(LedgerError::Taken(email))?;
                accounts::find(tx, &id).await?.ok_or(LedgerError::NoAccount)
            })
        })
        .await
    }

    /// Moves a user's account to their new address in the transaction that `tx` is. It stays where it is when the address
    /// has an account already.
    pub(crate) async fn rename_in(
        &self,
        tx: &mut Tx,
        user: UserId,
        email: &Email,
    ) -> Result<(), StoreError> {
        accounts::set_email(tx, user, email).await.map(drop)
    }

    /// The account of who asks.
    ///
    /// # Errors
    /// When they have none.
    pub(crate) async fn account(&self, party: &Party) -> Result<Account, LedgerError> {
        let who = party.who.clone();
        self.read(move |tx| {
            Box::pin(async move {
                let id = own_account(tx, &who).await?;
                accounts::find(tx, &id).await?.ok_or(LedgerError::NoAccount)
            })
        })
        .await
    }

    /// What a user's programs open their account with: its address, and the secret that was made for it. A secret that does
    /// not open any more, because the hub's keys were replaced, is replaced too.
    ///
    /// # Errors
    /// When the user has no account.
    pub(crate) async fn credentials(&self, user: UserId) -> Result<(Email, Secret), LedgerError> {
        let this = self.clone();
        let (account, known) = self
            .read(move |tx| {
                Box::pin(async move {
                    let account = accounts::by_user(tx, user).await?;
                    let account = account.ok_or(LedgerError::NoAccount)?;
                    let known = this.known_secret(tx, &account).await?;
                    Ok((account, known))
                })
            })
            .await?;
        if let Some(secret) = known {
            return Ok((account.email, secret));
        }
        let (this, id) = (self.clone(), account.id.clone());
        let secret = self
            .write(move |tx| Box::pin(async move { Ok(this.set_secret(tx, &id).await?) }))
            .await?;
        Ok((account.email, secret))
    }

    /// The secret of an account, if one is stored that opens and counts.
    pub(super) async fn known_secret(
        &self,
        tx: &mut Tx,
        account: &Account,
    ) -> Result<Option<Secret>, StoreError> {
        let stored = credentials::find(tx, &account.email).await?;
        let Some(stored) = stored else { return Ok(None) };
        let (Some(sealed), Some(digest)) = (stored.secret_sealed, stored.secret_digest) else {
            return Ok(None);
        };
        let opened = self.0.secrets.open(&account.id, &sealed).ok();
        Ok(opened.filter(|secret| self.0.secrets.matches(secret, &digest)))
    }

    /// Gives an account of a user a new secret; the one before opens it no more.
    pub(super) async fn set_secret(
        &self,
        tx: &mut Tx,
        id: &AccountId,
    ) -> Result<Secret, StoreError> {
        let made = self.0.secrets.make();
        let sealed = self.0.secrets.seal(id, &made.secret);
        let now = self.0.clock.now();
        credentials::set_secret(tx, id, Some(&made.digest), Some(&sealed), now).await?;
        Ok(made.secret)
    }
}
