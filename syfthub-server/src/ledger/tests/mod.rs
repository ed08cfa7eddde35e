//! What the ledger does, on both engines; `races` of many who do it at once, and `properties` of whatever order.

mod properties;
mod races;

use std::time::Duration;

use syfthub_core::ledger::{NotPending, Side, Status};

use super::testing::{Books, email, keyed, money, order};
use super::*;
use crate::db::{params, testing::both_engines};
use crate::http::CorrelationId;

both_engines! { Hub =>
    a_transaction_holds_the_money_and_confirming_moves_it,
    a_cancelled_transaction_gives_the_money_back,
    nobody_spends_more_than_they_have,
    strangers_find_nothing_and_end_nothing,
    a_key_does_the_same_thing_once_and_nothing_else,
    a_failed_creation_leaves_its_key_free,
    a_token_charges_up_to_its_cap_until_it_is_revoked,
    a_charge_that_comes_to_nothing_is_given_back_to_its_grant,
    a_token_is_of_use_to_its_recipient_alone_and_for_its_sender_alone,
    without_the_token_a_standing_grant_is_needed_and_the_setting,
    one_grant_serves_for_several_tokens_while_it_is_fresh,
    a_key_is_free_again_once_it_is_forgotten,
    what_nobody_confirms_expires,
    histories_come_newest_first_in_pages,
    what_was_posted_cannot_be_changed_or_deleted,
    a_user_has_one_account_with_a_secret_that_can_be_told,
    an_untouched_account_goes_to_the_user_of_its_address_and_one_with_a_history_does_not,
    every_change_leaves_its_event,
    a_ledger_that_is_switched_off_refuses_everything,
}

async fn in_order(books: &Books) {
    let balance = books.ledger.trial_balance().await.unwrap();
    assert!(balance.is_balanced(), "{balance:?}");
}

async fn a_transaction_holds_the_money_and_confirming_moves_it(db: Db) {
    let books = Books::on(&db);
    let (ada, bob) = (books.open("ada", "10").await, books.open("bob", "0").await);
    let made = books.ledger.create(&ada, order("bob", "2.5")).await.unwrap();
    assert_eq!(made.transaction.status, Status::Pending);
    assert_eq!((made.sender_email, made.recipient_email), (email("ada"), email("bob")));
    assert_eq!(books.balance(&ada).await, ("7.5".to_owned(), "2.5".to_owned()));
    let done = books.ledger.confirm(&bob, &made.transaction.id, None).await.unwrap();
    assert_eq!(done.transaction.status, Status::Completed);
    assert_eq!(done.transaction.resolved_by, Some(Side::Recipient));
    assert_eq!(books.balance(&ada).await, ("7.5".to_owned(), "0".to_owned()));
    assert_eq!(books.balance(&bob).await, ("2.5".to_owned(), "0".to_owned()));
    let found = books.ledger.find(&ada, &made.transaction.id).await.unwrap();
    assert_eq!(found, done);
    let again = books.ledger.cancel(&ada, &made.transaction.id, None).await;
    let ended = NotPending::Ended(Status::Completed);
    assert!(matches!(again, Err(LedgerError::NotPending(refused)) if refused == ended));
    in_order(&books).await;
}

async fn a_cancelled_transaction_gives_the_money_back(db: Db) {
    let books = Books::on(&db);
    let (ada, bob) = (books.open("ada", "10").await, books.open("bob", "0").await);
    for who in [&ada, &bob] {
        let made = books.ledger.create(&ada, order("bob", "10")).await.unwrap();
        let gone = books.ledger.cancel(who, &made.transaction.id, None).await.unwrap();
        assert_eq!(gone.transaction.status, Status::Cancelled);
        assert_eq!(books.balance(&ada).await, ("10".to_owned(), "0".to_owned()));
    }
    in_order(&books).await;
}

async fn nobody_spends_more_than_they_have(db: Db) {
    let books = Books::on(&db);
    let ada = books.open("ada", "1").await;
    books.open("bob", "0").await;
    books.ledger.create(&ada, order("bob", "0.6")).await.unwrap();
    let refused = books.ledger.create(&ada, order("bob", "0.400001")).await;
    assert!(matches!(refused, Err(LedgerError::Insufficient)));
    books.ledger.create(&ada, order("bob", "0.4")).await.unwrap();
    for (other, amount) in [("nobody", "0.1"), ("ada", "0.1"), ("bob", "0")] {
        let refused = books.ledger.create(&ada, order(other, amount)).await;
        assert!(refused.is_err(), "{other} {amount}");
    }
    in_order(&books).await;
}

async fn strangers_find_nothing_and_end_nothing(db: Db) {
    let books = Books::on(&db);
    let (ada, eve) = (books.open("ada", "1").await, books.open("eve", "1").await);
    books.open("bob", "0").await;
    let made = books.ledger.create(&ada, order("bob", "1")).await.unwrap();
    let id = &made.transaction.id;
    let outcomes = [
        books.ledger.find(&eve, id).await,
        books.ledger.confirm(&eve, id, None).await,
        books.ledger.cancel(&eve, id, None).await,
        books.ledger.find(&ada, &syfthub_core::ledger::TransactionId::new("1")).await,
    ];
    for outcome in outcomes {
        assert!(matches!(outcome, Err(LedgerError::NotFound(_))));
    }
    assert_eq!(books.ledger.history(&eve, 0, 10).await.unwrap(), []);
}

async fn a_key_does_the_same_thing_once_and_nothing_else(db: Db) {
    let books = Books::on(&db);
    let (ada, bob) = (books.open("ada", "10").await, books.open("bob", "10").await);
    let made = books.ledger.create(&ada, keyed("bob", "1", "k")).await.unwrap();
    let again = books.ledger.create(&ada, keyed("bob", "1", "k")).await.unwrap();
    assert_eq!(again, made);
    let other = books.ledger.create(&ada, keyed("bob", "2", "k")).await;
    assert!(matches!(other, Err(LedgerError::KeyReused)));
    let theirs = books.ledger.create(&bob, keyed("ada", "1", "k")).await.unwrap();
    assert_ne!(theirs.transaction.id, made.transaction.id, "a key is its holder's alone");
    let (id, key) = (&made.transaction.id, || Some("end".to_owned()));
    let done = books.ledger.confirm(&bob, id, key()).await.unwrap();
    assert_eq!(books.ledger.confirm(&bob, id, key()).await.unwrap(), done);
    assert!(matches!(books.ledger.cancel(&bob, id, key()).await, Err(LedgerError::KeyReused)));
    let other = books.ledger.create(&ada, keyed("bob", "1", "k")).await.unwrap();
    assert_eq!(other, done, "a replay tells what has become of the transaction");
    assert_eq!(books.balance(&ada).await.0, "9");
    let deposit = || Deposit {
        to: email("ada"),
        amount: money("5"),
        note: None,
        key: Some("salary".to_owned()),
    };
    for _ in 0..2 {
        let after = books.ledger.deposit(deposit(), &Trace::own()).await.unwrap();
        assert_eq!(after.available, money("14"));
    }
    in_order(&books).await;
}

async fn a_failed_creation_leaves_its_key_free(db: Db) {
    let books = Books::on(&db);
    let ada = books.open("ada", "0").await;
    books.open("bob", "0").await;
    let refused = books.ledger.create(&ada, keyed("bob", "1", "k")).await;
    assert!(matches!(refused, Err(LedgerError::Insufficient)));
    books.deposit("ada", "1").await.unwrap();
    books.ledger.create(&ada, keyed("bob", "1", "k")).await.unwrap();
}

async fn a_key_is_free_again_once_it_is_forgotten(db: Db) {
    let books = Books::on(&db);
    let ada = books.open("ada", "10").await;
    books.open("bob", "0").await;
    let first = books.ledger.create(&ada, keyed("bob", "1", "k")).await.unwrap();
    books.advance(Duration::from_hours(24 * 7));
    books.ledger.forget_keys().await.unwrap();
    let again = books.ledger.create(&ada, keyed("bob", "1", "k")).await.unwrap();
    assert_eq!(again.transaction.id, first.transaction.id);
    books.advance(Duration::from_secs(1));
    books.ledger.forget_keys().await.unwrap();
    let other = books.ledger.create(&ada, keyed("bob", "1", "k")).await.unwrap();
    assert_ne!(other.transaction.id, first.transaction.id);
}

async fn a_token_charges_up_to_its_cap_until_it_is_revoked(db: Db) {
    let books = Books::on(&db);
    let (ada, bob) = (books.open("ada", "10").await, books.open("bob", "0").await);
    let life = Duration::from_mins(1);
    let (granted, token) = books.ledger.grant(&ada, &email("bob"), money("3"), life).await.unwrap();
    let charge = |party: Party, units: &'static str| {
        let (ledger, token) = (books.ledger.clone(), token.clone());
        async move {
            ledger.create_delegated(&party, Delegation::Token(token), order("ada", units)).await
        }
    };
    let made = charge(bob.clone(), "2").await.unwrap();
    assert_eq!(made.transaction.created_by, Side::Recipient);
    let more = charge(bob.clone(), "1.5").await;
    assert!(matches!(more, Err(LedgerError::Grant(_))));
    let holder = Party::holder(&CorrelationId::random());
    charge(holder, "0.5").await.unwrap();
    books.ledger.revoke(&ada, &granted.grant.id).await.unwrap();
    let revoked = books.ledger.revoke(&ada, &granted.grant.id).await.unwrap();
    assert!(revoked.grant.revoked_at.is_some());
    assert_eq!(revoked.grant.spent, money("2.5"));
    assert!(matches!(charge(bob.clone(), "0.1").await, Err(LedgerError::Grant(_))));
    assert!(books.ledger.confirm(&bob, &made.transaction.id, None).await.is_ok());
    assert_eq!(books.ledger.grants(&ada, 0, 10).await.unwrap().len(), 1);
    assert!(matches!(
        books.ledger.revoke(&bob, &granted.grant.id).await,
        Err(LedgerError::NotFound(_))
    ));
    in_order(&books).await;
}

async fn a_charge_that_comes_to_nothing_is_given_back_to_its_grant(db: Db) {
    let books = Books::on(&db);
    let (ada, bob) = (books.open("ada", "10").await, books.open("bob", "0").await);
    let (_, token) = books
        .ledger
        .grant(&ada, &email("bob"), money("3"), Duration::from_hours(100))
        .await
        .unwrap();
    let charge = || Delegation::Token(token.clone());
    let made = books.ledger.create_delegated(&bob, charge(), order("ada", "3")).await.unwrap();
    books.ledger.cancel(&bob, &made.transaction.id, None).await.unwrap();
    books.ledger.create_delegated(&bob, charge(), order("ada", "3")).await.unwrap();
    books.advance(Duration::from_hours(24));
    assert_eq!(books.ledger.expire_due(books.clock.now()).await.unwrap(), 1);
    books.ledger.create_delegated(&bob, charge(), order("ada", "3")).await.unwrap();
    in_order(&books).await;
}

async fn a_token_is_of_use_to_its_recipient_alone_and_for_its_sender_alone(db: Db) {
    let books = Books::on(&db);
    let (ada, bob) = (books.open("ada", "10").await, books.open("bob", "10").await);
    let eve = books.open("eve", "10").await;
    let (_, token) = books.ledger.token(&ada, &email("bob")).await.unwrap();
    let charge = || Delegation::Token(token.clone());
    let by_another = books.ledger.create_delegated(&eve, charge(), order("ada", "1")).await;
    let of_another = books.ledger.create_delegated(&bob, charge(), order("eve", "1")).await;
    let forged = Delegation::Token(syfthub_core::Secret::new(format!("{}x", token.expose())));
    let by_forgery = books.ledger.create_delegated(&bob, forged, order("ada", "1")).await;
    for refused in [by_another, of_another, by_forgery] {
        assert!(matches!(refused, Err(LedgerError::BadToken)));
    }
    books.advance(Duration::from_hours(24));
    let late = books.ledger.create_delegated(&bob, charge(), order("ada", "1")).await;
    assert!(matches!(late, Err(LedgerError::Grant(_))));
    assert_eq!(books.balance(&ada).await.0, "10");
}

async fn without_the_token_a_standing_grant_is_needed_and_the_setting(db: Db) {
    let books = Books::on(&db);
    let (ada, bob) = (books.open("ada", "10").await, books.open("bob", "0").await);
    let charge = |ledger: Ledger, key: &'static str| {
        let bob = bob.clone();
        async move { ledger.create_delegated(&bob, Delegation::Standing, keyed("ada", "1", key)).await }
    };
    let ledger = &books.ledger;
    assert!(matches!(charge(ledger.clone(), "a").await, Err(LedgerError::NoGrant)));
    books.ledger.token(&ada, &email("bob")).await.unwrap();
    let made = charge(ledger.clone(), "a").await.unwrap();
    assert_eq!(charge(ledger.clone(), "a").await.unwrap(), made);
    let strict = Books::with(&db, |settings| settings.ledger_basic_delegation = false);
    assert!(matches!(charge(strict.ledger, "b").await, Err(LedgerError::TokenNeeded)));
    in_order(&books).await;
}

async fn one_grant_serves_for_several_tokens_while_it_is_fresh(db: Db) {
    let books = Books::on(&db);
    let ada = books.open("ada", "100").await;
    books.open("bob", "0").await;
    let (first, token) = books.ledger.token(&ada, &email("bob")).await.unwrap();
    books.advance(Duration::from_hours(11));
    let (second, again) = books.ledger.token(&ada, &email("bob")).await.unwrap();
    assert_eq!((first.grant.id.clone(), token.expose()), (second.grant.id, again.expose()));
    books.advance(Duration::from_hours(2));
    let (third, _) = books.ledger.token(&ada, &email("bob")).await.unwrap();
    assert_ne!(first.grant.id, third.grant.id);
}

async fn what_nobody_confirms_expires(db: Db) {
    let books = Books::with(&db, |settings| settings.ledger_pending_ttl = Duration::from_mins(1));
    let (ada, bob) = (books.open("ada", "300").await, books.open("bob", "0").await);
    let mut made = Vec::new();
    for _ in 0..250 {
        made.push(books.ledger.create(&ada, order("bob", "1")).await.unwrap().transaction.id);
    }
    assert_eq!(books.ledger.expire_due(books.clock.now()).await.unwrap(), 0);
    books.advance(Duration::from_mins(1));
    let late = books.ledger.confirm(&bob, &made[0], None).await;
    assert!(matches!(late, Err(LedgerError::NotPending(NotPending::Expired))));
    let now = books.clock.now();
    let (one, other) = tokio::join!(books.ledger.expire_due(now), books.ledger.expire_due(now));
    assert_eq!(one.unwrap() + other.unwrap(), 250, "each is cancelled once, by whichever instance");
    assert_eq!(books.balance(&ada).await, ("300".to_owned(), "0".to_owned()));
    let found = books.ledger.find(&bob, &made[7]).await.unwrap().transaction;
    assert_eq!((found.status, found.resolved_by), (Status::Cancelled, Some(Side::System)));
    in_order(&books).await;
}

async fn histories_come_newest_first_in_pages(db: Db) {
    let books = Books::on(&db);
    let (ada, bob) = (books.open("ada", "10").await, books.open("bob", "10").await);
    let mut ids = Vec::new();
    for (from, to) in [(&ada, "bob"), (&bob, "ada"), (&ada, "bob"), (&bob, "ada"), (&ada, "bob")] {
        ids.push(books.ledger.create(from, order(to, "1")).await.unwrap().transaction.id);
    }
    ids.reverse();
    for (skip, limit, expected) in [(0, 2, &ids[..2]), (2, 2, &ids[2..4]), (4, 9, &ids[4..])] {
        let page = books.ledger.history(&bob, skip, limit).await.unwrap();
        let page: Vec<_> = page.into_iter().map(|transfer| transfer.transaction.id).collect();
        assert_eq!(page, expected);
    }
    let lines = books.ledger.postings(&ada, 0, 100).await.unwrap();
    assert_eq!(lines.iter().map(|line| line.micros).sum::<i64>(), 10_000_000);
    assert!(lines.windows(2).all(|pair| pair[0].id > pair[1].id));
}

async fn run(db: &Db, sql: &'static str) -> Result<u64, StoreError> {
    db.write(move |tx| Box::pin(async move { tx.execute(sql, params![]).await })).await
}

async fn what_was_posted_cannot_be_changed_or_deleted(db: Db) {
    let books = Books::on(&db);
    let (ada, bob) = (books.open("ada", "10").await, books.open("bob", "10").await);
    let made = books.ledger.create(&ada, order("bob", "1")).await.unwrap();
    for sql in [
        "UPDATE ledger_postings SET micros = 1",
        "DELETE FROM ledger_postings",
        "DELETE FROM ledger_transactions",
        "UPDATE ledger_transactions SET amount = 2",
        "UPDATE ledger_transactions SET recipient_id = sender_id",
        "UPDATE ledger_accounts SET available = -1 WHERE NOT is_system",
        "DELETE FROM ledger_accounts WHERE NOT is_system",
    ] {
        assert!(run(&db, sql).await.is_err(), "{sql}");
    }
    books.ledger.confirm(&bob, &made.transaction.id, None).await.unwrap();
    let undo =
        "UPDATE ledger_transactions SET status = 'pending', resolved_at = NULL, resolved_by = NULL";
    assert!(run(&db, undo).await.is_err());
    in_order(&books).await;
    run(&db, "UPDATE ledger_accounts SET available = available + 1 WHERE NOT is_system")
        .await
        .unwrap();
    let wrong = books.ledger.trial_balance().await.unwrap();
    assert_eq!((wrong.is_balanced(), wrong.wrong_balances.len()), (false, 2));
}

const ADD_USER: &str = "INSERT INTO users (username, email, full_name, password_hash, role, is_active, created_at, updated_at) \
     VALUES ('ada', 'ada@acme.org', 'Ada', '', 'user', TRUE, 1, 1)";

async fn a_user_has_one_account_with_a_secret_that_can_be_told(db: Db) {
    let books = Books::on(&db);
    run(&db, ADD_USER).await.unwrap();
    let (user, trace) = (syfthub_core::UserId(1), Trace::own());
    let account = books.ledger.open(&email("ada"), user, &trace).await.unwrap();
    let again = books.ledger.open(&email("ada"), user, &trace).await.unwrap();
    assert_eq!(account, again);
    let (address, secret) = books.ledger.credentials(user).await.unwrap();
    assert_eq!(address, email("ada"));
    assert_eq!(secret.expose().len(), 43);
    let (_, same) = books.ledger.credentials(user).await.unwrap();
    assert_eq!(secret.expose(), same.expose());
    let party = Party::user(user, &CorrelationId::random());
    assert_eq!(books.ledger.account(&party).await.unwrap(), account);
    let (ledger, moved) = (books.ledger.clone(), email("countess"));
    let rename =
        db.write(move |tx| Box::pin(async move { ledger.rename_in(tx, user, &moved).await }));
    rename.await.unwrap();
    assert_eq!(books.ledger.account(&party).await.unwrap().email, email("countess"));
}

async fn an_untouched_account_goes_to_the_user_of_its_address_and_one_with_a_history_does_not(
    db: Db,
) {
    let books = Books::on(&db);
    run(&db, ADD_USER).await.unwrap();
    let squatter = books.open("ada", "0").await;
    books.open("eve", "0").await;
    let (granted, _) = books.ledger.token(&squatter, &email("eve")).await.unwrap();
    let user = syfthub_core::UserId(1);
    let account = books.ledger.open(&email("ada"), user, &Trace::own()).await.unwrap();
    assert_eq!(account.id, granted.grant.sender);
    let party = Party::user(user, &CorrelationId::random());
    let grants = books.ledger.grants(&party, 0, 10).await.unwrap();
    assert!(grants.iter().all(|granted| granted.grant.revoked_at.is_some()));
    run(&db, "UPDATE ledger_accounts SET user_id = NULL WHERE user_id = 1").await.unwrap();
    books.deposit("ada", "1").await.unwrap();
    let refused = books.ledger.open(&email("ada"), user, &Trace::own()).await;
    assert!(matches!(refused, Err(LedgerError::Taken(_))));
}

async fn every_change_leaves_its_event(db: Db) {
    let books = Books::on(&db);
    let (ada, bob) = (books.open("ada", "10").await, books.open("bob", "0").await);
    let made = books.ledger.create(&ada, order("bob", "1")).await.unwrap();
    books.ledger.confirm(&bob, &made.transaction.id, None).await.unwrap();
    let made = books.ledger.create(&ada, order("bob", "1")).await.unwrap();
    books.ledger.cancel(&bob, &made.transaction.id, None).await.unwrap();
    let (granted, _) = books.ledger.token(&ada, &email("bob")).await.unwrap();
    books.ledger.revoke(&ada, &granted.grant.id).await.unwrap();
    books.ledger.create(&ada, order("bob", "100")).await.unwrap_err();
    let read = db.read(|tx| {
        Box::pin(async move {
            tx.query("SELECT action FROM audit_events ORDER BY id", params![])
                .await?
                .iter()
                .map(|row| row.get(0))
                .collect()
        })
    });
    let actions: Result<Vec<String>, StoreError> = read.await;
    let expected = "deposit create confirm create cancel grant grant.revoke";
    let expected: Vec<String> =
        expected.split(' ').map(|action| format!("ledger.{action}")).collect();
    assert_eq!(actions.unwrap(), expected);
}

async fn a_ledger_that_is_switched_off_refuses_everything(db: Db) {
    let books = Books::with(&db, |settings| settings.ledger_enabled = false);
    let ada = Party::user(syfthub_core::UserId(1), &CorrelationId::random());
    let refused = books.ledger.create(&ada, order("bob", "1")).await;
    assert!(matches!(refused, Err(LedgerError::Disabled)));
    assert!(matches!(books.ledger.account(&ada).await, Err(LedgerError::Disabled)));
}
