//! How every simulation begins: accounts with money, and leave for each owner to charge each person.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use syfthub_core::{Clock, Email, FixedClock, Secret, Timestamp};

use crate::config::LedgerSettings;
use crate::db::testing::Template;
use crate::db::{Db, Schema};
use crate::ledger::{Deposit, Party, Trace, testing};
use crate::space::simulated::Payee;

/// When every simulation begins.
pub(super) const EPOCH: Timestamp = Timestamp::from_secs(1_800_000_000);

/// Those who have spaces.
const OWNERS: [&str; 3] = ["ada", "bea", "cleo"];

/// Those who ask, and what they have at first: the second cannot pay for much.
const PEOPLE: [(&str, &str); 2] = [("bob", "1000"), ("dora", "1.5")];

pub(super) struct Owner {
    pub(super) name: String,
    pub(super) payee: Payee,
}

pub(super) struct Person {
    pub(super) email: Email,
    pub(super) party: Party,
    /// One for each owner.
    pub(super) tokens: Vec<Secret>,
}

/// Tables and people.
pub(super) struct Start {
    pub(super) hub: Template,
    pub(super) space: Template,
    pub(super) owners: Vec<Owner>,
    pub(super) people: Vec<Person>,
}

/// The same for all: making it takes longer than a simulation.
pub(super) static START: LazyLock<Start> = LazyLock::new(|| {
    let made = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        runtime.unwrap().block_on(make())
    };
    // A runtime cannot be entered inside another one's.
    std::thread::scope(|scope| scope.spawn(made).join().unwrap())
});

async fn make() -> Start {
    let db = Db::inline(&Template::new(Schema::Hub), Arc::new(|| Duration::ZERO));
    let clock: Arc<dyn Clock> = Arc::new(FixedClock::at(EPOCH));
    let ledger = testing::ledger(&db, clock, &LedgerSettings::default());
    let mut owners = Vec::new();
    for name in OWNERS {
        let email = testing::email(name);
        let (_, password) = testing::open(&ledger, &email).await;
        let url = "http://ledger.example.org/".parse().unwrap();
        let payee = Payee { url, email: email.as_str().to_owned(), password };
        owners.push(Owner { name: name.to_owned(), payee });
    }
    let mut people = Vec::new();
    for (name, units) in PEOPLE {
        let email = testing::email(name);
        let (party, _) = testing::open(&ledger, &email).await;
        let deposit =
            Deposit { to: email.clone(), amount: testing::money(units), note: None, key: None };
        ledger.deposit(deposit, &Trace::own()).await.unwrap();
        let mut tokens = Vec::new();
        for owner in OWNERS {
            tokens.push(ledger.token(&party, &testing::email(owner)).await.unwrap().1);
        }
        people.push(Person { email, party, tokens });
    }
    Start { hub: db.template(), space: Template::new(Schema::Space), owners, people }
}
