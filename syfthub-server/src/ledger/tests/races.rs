//! Many at once, on both engines: what one of them may do once is done once.

use std::sync::Arc;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use syfthub_core::Secret;
use syfthub_core::ledger::TransactionId;
use tokio::task::JoinSet;

use crate::db::{Db, testing::both_engines};
use crate::ledger::testing::{Books, email, keyed, money, order};
use crate::ledger::{Delegation, Ledger, LedgerError, Party};

both_engines! { Hub =>
    of_many_orders_as_many_succeed_as_there_is_money_for,
    a_transaction_that_many_end_ends_once,
    a_key_that_many_send_at_once_moves_money_once,
    a_cap_holds_however_many_charge,
    whatever_many_do_at_once_the_books_are_in_order,
}

/// Tasks at the same time.
const MANY: usize = 24;

async fn in_order(books: &Books) {
    let balance = books.ledger.trial_balance().await.unwrap();
    assert!(balance.is_balanced(), "{balance:?}");
}

/// The outcomes of the same thing done by many at once.
async fn together<T, F>(work: impl Fn(usize) -> F) -> Vec<Result<T, LedgerError>>
where
    F: Future<Output = Result<T, LedgerError>> + Send + 'static,
    T: Send + 'static,
{
    let mut tasks = JoinSet::new();
    for number in 0..MANY {
        tasks.spawn(work(number));
    }
    tasks.join_all().await
}

async fn of_many_orders_as_many_succeed_as_there_is_money_for(db: Db) {
    let books = Books::on(&db);
    let ada = books.open("ada", "10").await;
    books.open("bob", "0").await;
    let outcomes = together(|_| {
        let (ledger, ada) = (books.ledger.clone(), ada.clone());
        async move { ledger.create(&ada, order("bob", "1")).await }
    });
    let outcomes = outcomes.await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 10);
    for refused in outcomes.into_iter().filter_map(Result::err) {
        assert!(matches!(refused, LedgerError::Insufficient), "{refused}");
    }
    assert_eq!(books.balance(&ada).await, ("0".to_owned(), "10".to_owned()));
    in_order(&books).await;
}

async fn a_transaction_that_many_end_ends_once(db: Db) {
    let books = Books::on(&db);
    let (ada, bob) = (books.open("ada", "10").await, books.open("bob", "10").await);
    for _ in 0..5 {
        let id = books.ledger.create(&ada, order("bob", "1")).await.unwrap().transaction.id;
        let outcomes = together(|number| {
            let (ledger, id) = (books.ledger.clone(), id.clone());
            let party = if number % 2 == 0 { ada.clone() } else { bob.clone() };
            async move {
                match number % 3 {
                    0 => ledger.cancel(&party, &id, None).await,
                    _ => ledger.confirm(&party, &id, None).await,
                }
            }
        });
        let outcomes = outcomes.await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
        for refused in outcomes.into_iter().filter_map(Result::err) {
            assert!(matches!(refused, LedgerError::NotPending(_)), "{refused}");
        }
        in_order(&books).await;
    }
}

async fn a_key_that_many_send_at_once_moves_money_once(db: Db) {
    let books = Books::on(&db);
    let (ada, bob) = (books.open("ada", "10").await, books.open("bob", "0").await);
    let outcomes = together(|_| {
        let (ledger, ada) = (books.ledger.clone(), ada.clone());
        async move { ledger.create(&ada, keyed("bob", "4", "k")).await }
    });
    let ids: Vec<TransactionId> =
        outcomes.await.into_iter().map(|outcome| outcome.unwrap().transaction.id).collect();
    assert!(ids.iter().all(|id| *id == ids[0]));
    assert_eq!(books.balance(&ada).await, ("6".to_owned(), "4".to_owned()));
    let outcomes = together(|_| {
        let (ledger, bob, id) = (books.ledger.clone(), bob.clone(), ids[0].clone());
        async move { ledger.confirm(&bob, &id, Some("end".to_owned())).await }
    });
    assert!(outcomes.await.iter().all(Result::is_ok));
    assert_eq!(books.balance(&bob).await, ("4".to_owned(), "0".to_owned()));
    in_order(&books).await;
}

async fn a_cap_holds_however_many_charge(db: Db) {
    let books = Books::on(&db);
    let (ada, bob) = (books.open("ada", "100").await, books.open("bob", "0").await);
    let life = Duration::from_hours(1);
    let (_, token) = books.ledger.grant(&ada, &email("bob"), money("5"), life).await.unwrap();
    let outcomes = together(|number| {
        let (ledger, bob, token) = (books.ledger.clone(), bob.clone(), token.clone());
        async move {
            let leave =
                if number % 2 == 0 { Delegation::Token(token) } else { Delegation::Standing };
            ledger.create_delegated(&bob, leave, order("ada", "1")).await
        }
    });
    assert_eq!(outcomes.await.iter().filter(|outcome| outcome.is_ok()).count(), 5);
    assert_eq!(books.balance(&ada).await.1, "5");
    in_order(&books).await;
}

const NAMES: [&str; 3] = ["ada", "bob", "eve"];

/// One of those who do whatever comes to their mind.
struct Worker {
    ledger: Ledger,
    parties: Arc<Vec<Party>>,
    tokens: Arc<Vec<Secret>>,
    dice: StdRng,
    made: Vec<TransactionId>,
}

impl Worker {
    async fn work(mut self) {
        for _ in 0..40 {
            // The database itself must be at fault for nothing, such as two who wait for each other.
            if let Err(LedgerError::Store(error)) = self.act().await {
                panic!("{error}");
            }
        }
    }

    async fn act(&mut self) -> Result<(), LedgerError> {
        let (from, to) = (self.dice.random_range(0..3), self.dice.random_range(0..3));
        let (amount, key) = (self.dice.random_range(1..4), self.dice.random_range(0..12));
        let order = |other: usize| keyed(NAMES[other], &amount.to_string(), &format!("k{key}"));
        match self.dice.random_range(0..5) {
            0 => {
                let made = self.ledger.create(&self.parties[from], order(to)).await?;
                self.made.push(made.transaction.id);
            }
            1 => {
                // Everybody has a token from whoever stands before them.
                let token = Delegation::Token(self.tokens[to].clone());
                let party = &self.parties[(to + 1) % 3];
                let made = self.ledger.create_delegated(party, token, order(to)).await?;
                self.made.push(made.transaction.id);
            }
            2 => {
                let (ledger, now) = (&self.ledger, self.ledger.now());
                ledger.expire_due(now).await?;
            }
            verdict => {
                let Some(id) = self.made.pop() else { return Ok(()) };
                let party = &self.parties[from];
                if verdict == 3 {
                    self.ledger.confirm(party, &id, None).await?;
                } else {
                    self.ledger.cancel(party, &id, None).await?;
                }
            }
        }
        Ok(())
    }
}

async fn whatever_many_do_at_once_the_books_are_in_order(db: Db) {
    let books = Books::on(&db);
    let (mut parties, mut tokens) = (Vec::new(), Vec::new());
    for name in NAMES {
        parties.push(books.open(name, "30").await);
    }
    for (number, party) in parties.iter().enumerate() {
        let to = email(NAMES[(number + 1) % 3]);
        tokens.push(books.ledger.token(party, &to).await.unwrap().1);
    }
    let (parties, tokens) = (Arc::new(parties), Arc::new(tokens));
    let mut tasks = JoinSet::new();
    for seed in 0..8 {
        let worker = Worker {
            ledger: books.ledger.clone(),
            parties: parties.clone(),
            tokens: tokens.clone(),
            dice: StdRng::seed_from_u64(seed),
            made: Vec::new(),
        };
        tasks.spawn(worker.work());
    }
    tasks.join_all().await;
    in_order(&books).await;
    books.advance(Duration::from_hours(24));
    books.ledger.expire_due(books.ledger.now()).await.unwrap();
    in_order(&books).await;
    let balance = books.ledger.trial_balance().await.unwrap();
    assert_eq!((balance.available, balance.held), (90_000_000, 0));
}
