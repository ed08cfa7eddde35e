//! Who may open an account over HTTP: its secret, or the password that somebody chose for it.
//!
//! A node that charges calls opens its account at every one of them. So what was found right is remembered for a few
//! seconds, by a keyed hash, until anything that opens accounts changes: neither the database nor Argon2 is asked then.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_lc_rs::{digest, hmac, rand};
use serde_json::json;
use syfthub_core::ledger::AccountId;
use syfthub_core::{Email, Secret, Timestamp, UserId};

use super::model::{Account, Trace};
use super::store::credentials::Stored;
use super::store::{accounts, credentials};
use super::{Ledger, LedgerError, trace};
use crate::db::{Db, Tx, Watch};
use crate::http::ClientAddress;
use crate::identity::{Busy, Passwords};
use crate::shared::{Limiter, Rule, TooMany};

/// How long somebody is remembered: other instances notice a change of password after this.
const REMEMBERED: Duration = Duration::from_secs(10);

/// Whom there is room to remember.
const ROOM: usize = 10_000;

/// What opening doors takes.
pub(crate) struct Doors {
    passwords: Arc<Passwords>,
    limits: Arc<Limiter>,
    known: Mutex<HashMap<[u8; digest::SHA256_OUTPUT_LEN], Known>>,
    /// Names what is remembered, so that memory holds no passwords.
    names: hmac::Key,
    watch: Watch,
}

#[derive(Clone)]
struct Known {
    opened: Opened,
    stamp: u64,
    since: Timestamp,
}

/// An account that was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Opened {
    pub(super) account: AccountId,
    pub(super) user: Option<UserId>,
    pub(super) email: Email,
}

/// Why a door stays closed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Closed {
    /// There is no such account, or this is not what opens it.
    #[error("wrong e-mail address or password")]
    Wrong,
    /// Too many have failed.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// Too many passwords are being checked.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The ledger refuses.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl Doors {
    /// Doors of the ledger in `db`.
    ///
    /// # Panics
    /// When the system has no randomness.
    pub(crate) fn new(db: &Db, passwords: Arc<Passwords>, limits: Arc<Limiter>) -> Self {
        let names = hmac::Key::generate(hmac::HMAC_SHA256, &rand::SystemRandom::new());
        Self {
            passwords,
            limits,
            known: Mutex::default(),
            names: names.expect("the system gives random bytes"),
            watch: db.watch(&["ledger_credentials", "users"]),
        }
    }

    fn name(&self, email: &Email, password: &Secret) -> [u8; digest::SHA256_OUTPUT_LEN] {
        let text = format!("{email}\0{}", password.expose());
        let tag = hmac::sign(&self.names, text.as_bytes());
        tag.as_ref().try_into().expect("SHA-256 gives 32 bytes")
    }

    fn remembered(&self, name: &[u8], now: Timestamp) -> Option<Opened> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()?;
        let is_current = known.stamp == self.watch.stamp() && now.since(known.since) < REMEMBERED;
        is_current.then_some(known.opened)
    }

    fn remember(&self, name: [u8; digest::SHA256_OUTPUT_LEN], known: Known) {
        let mut all = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= ROOM {
            all.clear();
        }
        all.insert(name, known);
    }
}

impl Ledger {
    /// Opens the account of `email` for whoever shows what opens it.
    pub(super) async fn enter(
        &self,
        email: &str,
        password: &Secret,
        client: ClientAddress,
    ) -> Result<Opened, Closed> {
        if !self.is_enabled() {
            return Err(LedgerError::Disabled.into());
        }
        let Ok(email) = Email::parse(email) else { return Err(Closed::Wrong) };
        let (doors, now) = (&self.0.doors, self.0.clock.now());
        let name = doors.name(&email, password);
        if let Some(opened) = doors.remembered(&name, now) {
            return Ok(opened);
        }
        let pair = format!("{} {email}", client.network());
        doors.limits.peek(Rule::LedgerAddress, client.network()).await?;
        doors.limits.peek(Rule::LedgerPassword, &pair).await?;
        let stamp = doors.watch.stamp();
        let stored = self.stored(&email).await?;
        if !self.opens(stored.as_ref(), password).await? {
            doors.limits.note(Rule::LedgerAddress, client.network()).await;
            doors.limits.note(Rule::LedgerPassword, &pair).await;
            return Err(Closed::Wrong);
        }
        let stored = stored.ok_or(Closed::Wrong)?;
        let opened = Opened { account: stored.account, user: stored.user, email };
        doors.remember(name, Known { opened: opened.clone(), stamp, since: now });
        Ok(opened)
    }

    async fn stored(&self, email: &Email) -> Result<Option<Stored>, LedgerError> {
        let email = email.clone();
        self.read(move |tx| Box::pin(async move { Ok(credentials::find(tx, &email).await?) })).await
    }

    /// Whether `password` is what opens the account. It takes as long for accounts that do not exist.
    async fn opens(&self, stored: Option<&Stored>, password: &Secret) -> Result<bool, Busy> {
        let digest = stored.and_then(|stored| stored.secret_digest.as_deref());
        if digest.is_some_and(|digest| self.0.secrets.matches(password, digest)) {
            return Ok(true);
        }
        let hash = stored.and_then(|stored| stored.password_hash.as_deref());
        self.0.doors.passwords.matches(password, hash).await
    }

    /// Opens a free-standing account; with it the password that was made for it, if none was chosen.
    pub(super) async fn open_free(
        &self,
        email: Email,
        password: Option<Secret>,
        organization: Option<String>,
        by: Trace,
    ) -> Result<(Account, Option<Secret>), Closed> {
        if email.is_reserved() {
            return Err(LedgerError::Taken(email).into());
        }
        let hash = match &password {
            Some(password) => Some(self.0.doors.passwords.hash(password).await?),
            None => None,
        };
        let made = self.0.secrets.make();
        let (id, now) = (AccountId::new(self.new_id()), self.0.clock.now());
        let account = self
            .write(move |tx| {
                Box::pin(async move {
                    let is_free = !accounts::is_users(tx, &email).await?;
                    let organization = organization.as_deref();
                    if !is_free
                        || !accounts::insert(tx, &id, &email, None, organization, now).await?
                    {
                        return Err(LedgerError::Taken(email));
                    }
                    match &hash {
                        Some(hash) => credentials::set_password(tx, &id, hash, now).await?,
                        None => {
                            credentials::set_secret(tx, &id, Some(&made.digest), None, now).await?;
                        }
                    }
                    let subject = format!("ledger-account:{id}");
                    trace(tx, &by, "ledger.account.open", subject, json!({ "email": email }), now)
                        .await?;
                    accounts::find(tx, &id).await?.ok_or(LedgerError::NoAccount)
                })
            })
            .await?;
        Ok((account, password.is_none().then_some(made.secret)))
    }

    /// Counts an account that a stranger opens from `client`.
    pub(super) async fn count_opening(&self, client: ClientAddress) -> Result<(), TooMany> {
        self.0.doors.limits.check(Rule::LedgerAccount, client.network()).await
    }

    /// Chooses another password for an account that was opened. The secret that the hub made for a user's account is
    /// replaced besides, so that nothing that opened it before opens it any more.
    pub(super) async fn change_password(
        &self,
        opened: &Opened,
        old: &Secret,
        new: &Secret,
        by: Trace,
    ) -> Result<Account, Closed> {
        let stored = self.stored(&opened.email).await?;
        if !self.opens(stored.as_ref(), old).await? {
            return Err(LedgerError::WrongPassword.into());
        }
        let hash = self.0.doors.passwords.hash(new).await?;
        let (this, opened) = (self.clone(), opened.clone());
        let changed = self.write(move |tx| {
            Box::pin(async move {
                let (id, now) = (&opened.account, this.0.clock.now());
                if opened.user.is_some() {
                    this.set_secret(tx, id).await?;
                } else {
                    credentials::set_secret(tx, id, None, None, now).await?;
                }
                credentials::set_password(tx, id, &hash, now).await?;
                let subject = format!("ledger-account:{id}");
                trace(tx, &by, "ledger.account.password", subject, json!({}), now).await?;
                found(tx, id).await
            })
        });
        Ok(changed.await?)
    }

    /// Names the organization of an account that was opened.
    pub(super) async fn change_organization(
        &self,
        opened: &Opened,
        organization: Option<String>,
        by: Trace,
    ) -> Result<Account, LedgerError> {
        let (id, now) = (opened.account.clone(), self.0.clock.now());
        self.write(move |tx| {
            Box::pin(async move {
                accounts::set_organization(tx, &id, organization.as_deref()).await?;
                let subject = format!("ledger-account:{id}");
                let detail = json!({ "organization": organization });
                trace(tx, &by, "ledger.account.organization", subject, detail, now).await?;
                found(tx, &id).await
            })
        })
        .await
    }

    /// The account of that address, for whoever administers the ledger.
    pub(super) async fn account_of(&self, email: Email) -> Result<Account, LedgerError> {
        self.read(move |tx| {
            Box::pin(async move {
                let account = accounts::by_email(tx, &email).await?;
                account.ok_or(LedgerError::Unknown(email))
            })
        })
        .await
    }
}

async fn found(tx: &mut Tx, id: &AccountId) -> Result<Account, LedgerError> {
    accounts::find(tx, id).await?.ok_or(LedgerError::NoAccount)
}
