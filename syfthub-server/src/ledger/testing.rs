//! A ledger for tests, on a database of theirs.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use syfthub_core::ledger::AccountId;
use syfthub_core::{Clock, Email, FixedClock, Money, Secret, Timestamp};

use super::store::{accounts, credentials};
use super::{Deposit, Doors, Ledger, LedgerError, Order, Party, Secrets, Trace};
use crate::config::{LedgerSettings, LimitSettings};
use crate::db::Db;
use crate::http::CorrelationId;
use crate::identity::Passwords;
use crate::seal::Vault;
use crate::shared::{Limiter, Shared};

/// The threads that hash passwords, for all tests.
static PASSWORDS: LazyLock<Arc<Passwords>> = LazyLock::new(|| Arc::new(Passwords::new(1, 64)));

/// A ledger on `db`, by `clock`.
pub(crate) fn ledger(db: &Db, clock: Arc<dyn Clock>, settings: &LedgerSettings) -> Ledger {
    let vault = Arc::new(Vault::new(&[7; 32]));
    let secrets = Secrets::new(&Secret::new("9f86d081884c7d659a2feaa0c55ad015"), vault);
    let limits = Limiter::new(&LimitSettings::off(), &Shared::alone(), clock.clone());
    let doors = Doors::new(db, PASSWORDS.clone(), Arc::new(limits));
    Ledger::new(db.clone(), clock, settings, secrets, doors)
}

/// Its routes, as the hub has them.
pub(crate) fn router(ledger: &Ledger) -> axum::Router {
    super::routes::<Ledger>().split_for_parts().0.with_state(ledger.clone())
}

/// A ledger with a clock that stands, and the names of its accounts.
pub(crate) struct Books {
    pub(crate) ledger: Ledger,
    pub(crate) clock: Arc<FixedClock>,
}

impl Books {
    /// Empty books on `db`.
    pub(crate) fn on(db: &Db) -> Self {
        Self::with(db, |_| {})
    }

    /// Empty books on `db`, with other settings.
    pub(crate) fn with(db: &Db, adjust: impl FnOnce(&mut LedgerSettings)) -> Self {
        let mut settings = LedgerSettings::default();
        adjust(&mut settings);
        let clock = Arc::new(FixedClock::at(Timestamp::from_secs(1_800_000_000)));
        Self { ledger: ledger(db, clock.clone(), &settings), clock }
    }

    /// Opens a free-standing account of `name` with so many units; who holds it.
    pub(crate) async fn open(&self, name: &str, units: &str) -> Party {
        let (party, _) = open(&self.ledger, &email(name)).await;
        if units != "0" {
            self.deposit(name, units).await.unwrap();
        }
        party
    }

    /// Brings money in.
    pub(crate) async fn deposit(&self, name: &str, units: &str) -> Result<Money, LedgerError> {
        let deposit = Deposit { to: email(name), amount: money(units), note: None, key: None };
        Ok(self.ledger.deposit(deposit, &Trace::own()).await?.available)
    }

    /// What can be spent, and what is held, in units.
    pub(crate) async fn balance(&self, party: &Party) -> (String, String) {
        let account = self.ledger.account(party).await.unwrap();
        (account.available.to_string(), account.held.to_string())
    }

    /// Moves the clock.
    pub(crate) fn advance(&self, span: Duration) {
        self.clock.advance(span);
    }
}

/// Opens a free-standing account; who holds it, and its secret.
pub(crate) async fn open(ledger: &Ledger, email: &Email) -> (Party, Secret) {
    let made = ledger.0.secrets.make();
    let (id, now) = (AccountId::new(ledger.new_id()), ledger.0.clock.now());
    let (email, account, digest) = (email.clone(), id.clone(), made.digest);
    let opened = ledger.write(move |tx| {
        Box::pin(async move {
            assert!(accounts::insert(tx, &account, &email, None, None, now).await?);
            credentials::set_secret(tx, &account, Some(&digest), None, now).await?;
            Ok(())
        })
    });
    opened.await.unwrap();
    (Party::account(id, None, &CorrelationId::random()), made.secret)
}

impl Ledger {
    /// What time it is for the ledger.
    pub(crate) fn now(&self) -> Timestamp {
        self.0.clock.now()
    }
}

/// The address of `name`.
pub(crate) fn email(name: &str) -> Email {
    Email::parse(&format!("{name}@acme.org")).unwrap()
}

/// So many units.
pub(crate) fn money(units: &str) -> Money {
    units.parse().unwrap()
}

/// A transaction with `other` of so many units.
pub(crate) fn order(other: &str, units: &str) -> Order {
    Order {
        other: email(other),
        amount: money(units),
        app_name: None,
        app_ep_path: None,
        key: None,
    }
}

/// The same under an idempotency key.
pub(crate) fn keyed(other: &str, units: &str, key: &str) -> Order {
    Order { key: Some(key.to_owned()), ..order(other, units) }
}
