//! Whatever is done in whatever order, the ledger agrees with a much simpler one, step by step.

use std::collections::HashMap;
use std::time::Duration;

use proptest::prelude::*;
use syfthub_core::Money;
use syfthub_core::Secret;
use syfthub_core::ledger::{GrantId, TransactionId};

use crate::db::{Db, DbOptions, Schema};
use crate::ledger::testing::{Books, email};
use crate::ledger::{Delegation, Deposit, Order, Party, Trace};

const NAMES: [&str; 3] = ["ada", "bob", "eve"];

/// Seconds that a transaction waits, and that a grant lives.
const PENDING: u64 = 200;
const LIFE: u64 = 300;

#[derive(Debug, Clone)]
enum Step {
    Deposit { to: usize, amount: i64 },
    Create { from: usize, to: usize, amount: i64, key: Option<u8> },
    Grant { from: usize, to: usize, cap: i64 },
    Charge { grant: usize, amount: i64, key: Option<u8> },
    End { which: usize, by: usize, confirm: bool, key: Option<u8> },
    Revoke { grant: usize },
    Wait { seconds: u64 },
    Expire,
}

fn any_key() -> impl Strategy<Value = Option<u8>> {
    prop_oneof![2 => Just(None), 3 => (0..4_u8).prop_map(Some)]
}

fn any_step() -> impl Strategy<Value = Step> {
    let who = 0..3_usize;
    let (from, to) = (who.clone(), who.clone());
    prop_oneof![
        1 => (who.clone(), 1..30_i64).prop_map(|(to, amount)| Step::Deposit { to, amount }),
        6 => (from.clone(), to.clone(), 1..12_i64, any_key())
            .prop_map(|(from, to, amount, key)| Step::Create { from, to, amount, key }),
        2 => (from, to, 1..20_i64).prop_map(|(from, to, cap)| Step::Grant { from, to, cap }),
        6 => (0..6_usize, 1..8_i64, any_key())
            .prop_map(|(grant, amount, key)| Step::Charge { grant, amount, key }),
        8 => (0..20_usize, who, any::<bool>(), any_key())
            .prop_map(|(which, by, confirm, key)| Step::End { which, by, confirm, key }),
        1 => (0..6_usize).prop_map(|grant| Step::Revoke { grant }),
        2 => (1..150_u64).prop_map(|seconds| Step::Wait { seconds }),
        1 => Just(Step::Expire),
    ]
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Pending,
    Completed,
    Cancelled,
}

#[derive(Debug)]
struct Entry {
    from: usize,
    to: usize,
    amount: i64,
    state: State,
    expires: u64,
    grant: Option<usize>,
}

#[derive(Debug)]
struct Leave {
    from: usize,
    to: usize,
    cap: i64,
    spent: i64,
    expires: u64,
    revoked: bool,
}

/// The simpler ledger.
#[derive(Default)]
struct Model {
    now: u64,
    available: [i64; 3],
    held: [i64; 3],
    entries: Vec<Entry>,
    leaves: Vec<Leave>,
    /// By scope and key: the request and the entry.
    keys: HashMap<(String, u8), (String, usize)>,
}

impl Model {
    /// What a key stands for: `Ok(None)` when it is free, an entry when it is a repetition.
    fn key(&self, scope: &str, key: Option<u8>, request: &str) -> Result<Option<usize>, ()> {
        let known = key.and_then(|key| self.keys.get(&(scope.to_owned(), key)));
        match known {
            None => Ok(None),
            Some((earlier, entry)) if earlier == request => Ok(Some(*entry)),
            Some(_) => Err(()),
        }
    }

    fn create(
        &mut self,
        from: usize,
        to: usize,
        amount: i64,
        key: Option<u8>,
    ) -> Result<usize, ()> {
        let (scope, request) = (format!("create {from}"), format!("{to} {amount}"));
        if let Some(entry) = self.key(&scope, key, &request)? {
            return Ok(entry);
        }
        let entry = self.reserve(from, to, amount, None)?;
        self.keys.extend(key.map(|key| ((scope, key), (request, entry))));
        Ok(entry)
    }

    fn charge(&mut self, grant: usize, amount: i64, key: Option<u8>) -> Result<usize, ()> {
        let Leave { from, to, cap, spent, expires, revoked } = self.leaves[grant];
        let (scope, request) = (format!("charge {from} {to}"), format!("{amount}"));
        if let Some(entry) = self.key(&scope, key, &request)? {
            return Ok(entry);
        }
        if revoked || expires <= self.now || spent + amount > cap {
            return Err(());
        }
        let entry = self.reserve(from, to, amount, Some(grant))?;
        self.leaves[grant].spent += amount;
        self.keys.extend(key.map(|key| ((scope, key), (request, entry))));
        Ok(entry)
    }

    fn reserve(
        &mut self,
        from: usize,
        to: usize,
        amount: i64,
        grant: Option<usize>,
    ) -> Result<usize, ()> {
        if from == to || self.available[from] < amount {
            return Err(());
        }
        self.available[from] -= amount;
        self.held[from] += amount;
        let expires = self.now + PENDING;
        self.entries.push(Entry { from, to, amount, state: State::Pending, expires, grant });
        Ok(self.entries.len() - 1)
    }

    fn end(
        &mut self,
        which: usize,
        by: usize,
        confirm: bool,
        key: Option<u8>,
    ) -> Result<usize, ()> {
        let (scope, request) = (format!("end {by}"), format!("{which} {confirm}"));
        if let Some(entry) = self.key(&scope, key, &request)? {
            return Ok(entry);
        }
        let entry = &self.entries[which];
        let is_party = by == entry.from || by == entry.to;
        if !is_party || entry.state != State::Pending || entry.expires <= self.now {
            return Err(());
        }
        self.finish(which, confirm);
        self.keys.extend(key.map(|key| ((scope, key), (request, which))));
        Ok(which)
    }

    fn finish(&mut self, which: usize, confirm: bool) {
        let entry = &mut self.entries[which];
        self.held[entry.from] -= entry.amount;
        if confirm {
            entry.state = State::Completed;
            self.available[entry.to] += entry.amount;
        } else {
            entry.state = State::Cancelled;
            self.available[entry.from] += entry.amount;
            if let Some(grant) = entry.grant {
                self.leaves[grant].spent -= entry.amount;
            }
        }
    }

    fn expire(&mut self) -> u64 {
        let over: Vec<usize> = (0..self.entries.len())
            .filter(|which| {
                let entry = &self.entries[*which];
                entry.state == State::Pending && entry.expires <= self.now
            })
            .collect();
        for which in &over {
            self.finish(*which, false);
        }
        over.len() as u64
    }
}

/// The real ledger beside it.
struct Real {
    books: Books,
    parties: Vec<Party>,
    ids: Vec<TransactionId>,
    grants: Vec<(GrantId, Secret)>,
}

impl Real {
    fn order(other: usize, amount: i64, key: Option<u8>) -> Order {
        Order {
            other: email(NAMES[other]),
            amount: Money::from_micros(amount),
            app_name: None,
            app_ep_path: None,
            key: key.map(|key| key.to_string()),
        }
    }

    /// A transaction that was made or told again: it has its place among the others.
    fn place(&mut self, id: TransactionId) -> usize {
        let known = self.ids.iter().position(|known| *known == id);
        known.unwrap_or_else(|| {
            self.ids.push(id);
            self.ids.len() - 1
        })
    }
}

/// Does a step in both, and compares what came of it.
async fn step(real: &mut Real, model: &mut Model, step: &Step) {
    let ledger = real.books.ledger.clone();
    match *step {
        Step::Deposit { to, amount } => {
            let amount_in = Money::from_micros(amount);
            let deposit =
                Deposit { to: email(NAMES[to]), amount: amount_in, note: None, key: None };
            ledger.deposit(deposit, &Trace::own()).await.unwrap();
            model.available[to] += amount;
        }
        Step::Create { from, to, amount, key } => {
            let made = ledger.create(&real.parties[from], Real::order(to, amount, key)).await;
            let made = made.map(|made| real.place(made.transaction.id)).map_err(drop);
            assert_eq!(made, model.create(from, to, amount, key));
        }
        Step::Grant { from, to, cap } => {
            let (cap_in, life) = (Money::from_micros(cap), Duration::from_secs(LIFE));
            let made = ledger.grant(&real.parties[from], &email(NAMES[to]), cap_in, life).await;
            assert_eq!(made.is_ok(), from != to);
            if let Ok((granted, token)) = made {
                real.grants.push((granted.grant.id, token));
                let expires = model.now + LIFE;
                model.leaves.push(Leave { from, to, cap, spent: 0, expires, revoked: false });
            }
        }
        Step::Charge { grant, amount, key } if grant < model.leaves.len() => {
            let (from, to) = (model.leaves[grant].from, model.leaves[grant].to);
            let token = Delegation::Token(real.grants[grant].1.clone());
            let order = Real::order(from, amount, key);
            let made = ledger.create_delegated(&real.parties[to], token, order).await;
            let made = made.map(|made| real.place(made.transaction.id)).map_err(drop);
            assert_eq!(made, model.charge(grant, amount, key));
        }
        Step::End { which, by, confirm, key } if which < model.entries.len() => {
            let (party, id) = (&real.parties[by], real.ids[which].clone());
            let key_in = key.map(|key| key.to_string());
            let ended = if confirm {
                ledger.confirm(party, &id, key_in).await
            } else {
                ledger.cancel(party, &id, key_in).await
            };
            let ended = ended.map(|ended| real.place(ended.transaction.id)).map_err(drop);
            assert_eq!(ended, model.end(which, by, confirm, key));
        }
        Step::Revoke { grant } if grant < model.leaves.len() => {
            let from = model.leaves[grant].from;
            ledger.revoke(&real.parties[from], &real.grants[grant].0).await.unwrap();
            model.leaves[grant].revoked = true;
        }
        Step::Wait { seconds } => {
            real.books.advance(Duration::from_secs(seconds));
            model.now += seconds;
        }
        Step::Expire => {
            let expired = ledger.expire_due(ledger.now()).await.unwrap();
            assert_eq!(expired, model.expire());
        }
        // There is no such grant or transaction yet.
        Step::Charge { .. } | Step::End { .. } | Step::Revoke { .. } => {}
    }
}

async fn agrees(real: &Real, model: &Model) {
    for (number, party) in real.parties.iter().enumerate() {
        let account = real.books.ledger.account(party).await.unwrap();
        let balance = (account.available.micros(), account.held.micros());
        assert_eq!(balance, (model.available[number], model.held[number]), "{}", NAMES[number]);
    }
}

async fn play(steps: &[Step]) {
    let url = "sqlite::memory:".parse().unwrap();
    let db = Db::open(&url, Schema::Hub, DbOptions::default()).await.unwrap();
    let books = Books::with(&db, |settings| {
        settings.ledger_pending_ttl = Duration::from_secs(PENDING);
    });
    let mut parties = Vec::new();
    for name in NAMES {
        parties.push(books.open(name, "0.000020").await);
    }
    let mut real = Real { books, parties, ids: Vec::new(), grants: Vec::new() };
    let mut model = Model { available: [20; 3], ..Model::default() };
    for one in steps {
        step(&mut real, &mut model, one).await;
        agrees(&real, &model).await;
    }
    let balance = real.books.ledger.trial_balance().await.unwrap();
    assert!(balance.is_balanced(), "{balance:?}");
    for (number, (id, _)) in real.grants.iter().enumerate() {
        let from = model.leaves[number].from;
        let granted = real.books.ledger.grants(&real.parties[from], 0, 100).await.unwrap();
        let found = granted.into_iter().find(|granted| granted.grant.id == *id).unwrap();
        assert_eq!(found.grant.spent.micros(), model.leaves[number].spent);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn in_whatever_order_the_ledger_agrees_with_a_simple_one(
        steps in prop::collection::vec(any_step(), 1..70),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(play(&steps));
    }
}
