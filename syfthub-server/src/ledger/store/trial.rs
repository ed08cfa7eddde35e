//! Sums over the whole ledger, for the trial balance and for metrics.

use crate::db::{StoreError, Tx, params};
use crate::ledger::model::TrialBalance;

const ACCOUNTS: &str = "SELECT COUNT(CASE WHEN NOT is_system THEN 1 END), \
     CAST(COALESCE(SUM(CASE WHEN NOT is_system THEN available ELSE 0 END), 0) AS BIGINT), \
     CAST(COALESCE(SUM(held), 0) AS BIGINT), \
     CAST(COALESCE(SUM(CASE WHEN is_system THEN -available ELSE 0 END), 0) AS BIGINT) FROM ledger_accounts";

const PENDING: &str = "SELECT COUNT(*), CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM ledger_transactions \
     WHERE status = 'pending'";

/// How many transactions are pending, and how much they hold.
pub(in crate::ledger) async fn pending(tx: &mut Tx) -> Result<(i64, i64), StoreError> {
    let row = tx.query_one(PENDING, params![]).await?;
    Ok((row.get(0)?, row.get(1)?))
}

const WRONG_BALANCES: &str = "SELECT a.id FROM ledger_accounts AS a LEFT JOIN \
     (SELECT account_id, CAST(SUM(CASE WHEN bucket = 'available' THEN micros ELSE 0 END) AS BIGINT) AS available, \
     CAST(SUM(CASE WHEN bucket = 'held' THEN micros ELSE 0 END) AS BIGINT) AS held \
     FROM ledger_postings GROUP BY account_id) AS p ON p.account_id = a.id \
     WHERE a.available <> COALESCE(p.available, 0) OR a.held <> COALESCE(p.held, 0) ORDER BY a.id LIMIT 100";

const WRONG_HOLDS: &str = "SELECT a.id FROM ledger_accounts AS a LEFT JOIN \
     (SELECT sender_id, CAST(SUM(amount) AS BIGINT) AS held FROM ledger_transactions WHERE status = 'pending' \
     GROUP BY sender_id) AS t ON t.sender_id = a.id WHERE a.held <> COALESCE(t.held, 0) ORDER BY a.id LIMIT 100";

const WRONG_MOVEMENTS: &str = "SELECT reference FROM ledger_postings GROUP BY reference, kind \
     HAVING SUM(micros) <> 0 OR COUNT(*) <> 2 ORDER BY reference LIMIT 100";

const WRONG_GRANTS: &str = "SELECT g.id FROM ledger_grants AS g LEFT JOIN \
     (SELECT grant_id, CAST(SUM(amount) AS BIGINT) AS spent FROM ledger_transactions \
     WHERE status <> 'cancelled' AND grant_id IS NOT NULL GROUP BY grant_id) AS t ON t.grant_id = g.id \
     WHERE g.spent <> COALESCE(t.spent, 0) OR g.spent > g.cap ORDER BY g.id LIMIT 100";

/// Adds everything up, and compares what must agree.
pub(in crate::ledger) async fn balance(tx: &mut Tx) -> Result<TrialBalance, StoreError> {
    let row = tx.query_one(ACCOUNTS, params![]).await?;
    let (accounts, available, held, deposited) =
        (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
    let (pending, pending_amount) = pending(tx).await?;
    Ok(TrialBalance {
        accounts,
        available,
        held,
        deposited,
        pending,
        pending_amount,
        wrong_balances: ids(tx, WRONG_BALANCES).await?,
        wrong_holds: ids(tx, WRONG_HOLDS).await?,
        wrong_movements: ids(tx, WRONG_MOVEMENTS).await?,
        wrong_grants: ids(tx, WRONG_GRANTS).await?,
    })
}

async fn ids(tx: &mut Tx, sql: &'static str) -> Result<Vec<String>, StoreError> {
    tx.query(sql, params![]).await?.iter().map(|row| row.get(0)).collect()
}
