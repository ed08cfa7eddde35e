//! What must be true of the books, whatever happened.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use syfthub_core::Money;

use super::space::Space;
use super::world::World;
use crate::db::{Db, Row, StoreError, params};

/// How often the books are looked at while everything goes on.
const LOOK: Duration = Duration::from_secs(20);

/// A charge of a space.
struct Charge {
    id: String,
    part: String,
    state: String,
}

/// A transaction at the ledger.
struct Transaction {
    status: String,
    resolved_by: String,
    amount: Money,
}

const CHARGES: &str = "SELECT id, correlation_id, state FROM charges ORDER BY rowid";

const TRANSACTIONS: &str = "SELECT app_name, status, COALESCE(resolved_by, ''), amount FROM ledger_transactions \
     ORDER BY created_at, app_name";

/// States of charges that nothing happens to any more.
const CLOSED: [&str; 3] = ["settled", "released", "lost"];

async fn rows<T: Send + 'static>(
    db: &Db,
    sql: &'static str,
    read: fn(&Row) -> Result<T, StoreError>,
) -> Vec<T> {
    let told = db.read(move |tx| {
        Box::pin(async move { tx.query(sql, params![]).await?.iter().map(read).collect() })
    });
    told.await.map_err(|error: StoreError| error).expect("the tables are in memory")
}

async fn charges(space: &Space) -> Vec<Charge> {
    let read = |row: &Row| Ok(Charge { id: row.get(0)?, part: row.get(1)?, state: row.get(2)? });
    rows(&space.db, CHARGES, read).await
}

/// The parts whose delivery the space has noted, or whose charge it has ended.
pub(super) async fn noted(space: &Space) -> BTreeSet<String> {
    let charges = charges(space).await.into_iter();
    let noted = charges.filter(|one| !["reserving", "reserved"].contains(&one.state.as_str()));
    noted.map(|one| one.part).collect()
}

/// How many charges are open.
pub(super) async fn open_charges(world: &World) -> usize {
    let mut open = 0;
    for space in &world.spaces {
        let charges = charges(space).await;
        open += charges.iter().filter(|one| !CLOSED.contains(&one.state.as_str())).count();
    }
    open
}

/// Adds everything up, again and again.
pub(super) async fn watch(world: Arc<World>) {
    loop {
        tokio::time::sleep(LOOK).await;
        balance(&world).await;
    }
}

async fn balance(world: &World) {
    let trial = world.bank.ledger().trial_balance().await.expect("the tables are in memory");
    if !trial.is_balanced() {
        world.break_rule(format!("the books do not balance: {trial:?}"));
    }
}

/// Looks at everything once nothing happens any more.
pub(super) async fn verify(world: &World) {
    balance(world).await;
    let told = rows(&world.books, TRANSACTIONS, |row| {
        let app: String = row.get(0)?;
        let amount = Money::from_micros(row.get(3)?);
        Ok((app, Transaction { status: row.get(1)?, resolved_by: row.get(2)?, amount }))
    });
    let mut of_app: BTreeMap<String, Vec<Transaction>> = BTreeMap::new();
    for (app, transaction) in told.await {
        if transaction.status == "pending" {
            world.break_rule("a reservation is left".to_owned());
        }
        of_app.entry(app).or_default().push(transaction);
    }
    let mut of_part: BTreeMap<String, Vec<Transaction>> = BTreeMap::new();
    for space in &world.spaces {
        for charge in charges(space).await {
            let found = of_app.remove(&format!("syfthub-space/{}", charge.id)).unwrap_or_default();
            agrees(world, &charge, &found);
            of_part.entry(charge.part).or_default().extend(found);
        }
    }
    if !of_app.is_empty() {
        world.break_rule(format!("{} transactions are of no charge", of_app.len()));
    }
    for (name, part) in world.truth.parts() {
        let of_part = of_part.remove(&name).unwrap_or_default();
        let paid: Vec<_> = of_part.iter().filter(|one| one.status == "completed").collect();
        if paid.iter().any(|one| one.amount != part.price) {
            world.break_rule(format!("{name}: charged something else than its price"));
        }
        // Somebody else ended it before the space could.
        let is_taken = of_part.iter().any(|one| ["sender", "system"].contains(&&*one.resolved_by));
        match (part.is_delivered, paid.len()) {
            (true, 1) | (false, 0) => {}
            (true, 0) if part.is_unnoted || is_taken => {}
            (true, 0) => world.break_rule(format!("{name}: delivered, and not charged")),
            (false, _) => world.break_rule(format!("{name}: charged, and not delivered")),
            (true, _) => world.break_rule(format!("{name}: charged {} times", paid.len())),
        }
    }
}

/// The space's journal says what the ledger says.
fn agrees(world: &World, charge: &Charge, transactions: &[Transaction]) {
    let is_paid = transactions.iter().any(|one| one.status == "completed");
    let agrees = match charge.state.as_str() {
        "settled" => is_paid,
        "released" | "lost" => !is_paid,
        _ => false,
    };
    if !agrees {
        let Charge { part, state, .. } = charge;
        world.break_rule(format!("{part}: the charge is {state}; paid at the ledger: {is_paid}"));
    }
}
