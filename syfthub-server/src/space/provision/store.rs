//! What is remembered of each store.

use serde_json::{Map, Value, json};
use syfthub_core::Timestamp;

use super::slot::Truth;
use super::status::Status;
use crate::db::{Db, Row, StoreError, Tx, params};
use crate::space::access::Trace;

const SAVE: &str = "INSERT INTO provisioners (dtype, status, wanted, state, error, started_at, stopped_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (dtype) DO UPDATE SET status = excluded.status, \
     wanted = excluded.wanted, state = excluded.state, error = excluded.error, started_at = excluded.started_at, \
     stopped_at = excluded.stopped_at";

const FIND: &str = "SELECT status, wanted, state, error, started_at, stopped_at FROM provisioners WHERE dtype = $1";

const FORGET: &str = "DELETE FROM provisioners WHERE dtype = $1";

const ATTACHED: &str = "SELECT configuration FROM datasets WHERE dtype = $1";

/// Who asked for a change, and what it is called.
pub(super) struct Note {
    pub(super) trace: Trace,
    pub(super) action: &'static str,
}

impl Note {
    async fn write(self, tx: &mut Tx, dtype: &str) -> Result<(), StoreError> {
        self.trace.note(tx, self.action, format!("provisioner:{dtype}"), json!({})).await
    }
}

/// Remembers the state of a store, with who wanted it so.
pub(super) async fn save(
    db: &Db,
    dtype: &'static str,
    truth: Truth,
    note: Option<Note>,
) -> Result<(), StoreError> {
    db.write(move |tx| {
        Box::pin(async move {
            let values = params![
                dtype,
                truth.status.as_str(),
                truth.wanted,
                Value::Object(truth.state).to_string(),
                truth.error,
                truth.started_at.map(Timestamp::micros),
                truth.stopped_at.map(Timestamp::micros)
            ];
            tx.execute(SAVE, values).await?;
            match note {
                Some(note) => note.write(tx, dtype).await,
                None => Ok(()),
            }
        })
    })
    .await
}

/// What is remembered, if anything.
pub(super) async fn find(db: &Db, dtype: &'static str) -> Result<Option<Truth>, StoreError> {
    db.read(move |tx| {
        Box::pin(async move {
            tx.query_opt(FIND, params![dtype]).await?.as_ref().map(from_row).transpose()
        })
    })
    .await
}

/// Forgets a store.
pub(super) async fn forget(
    db: &Db,
    dtype: &'static str,
    note: Option<Note>,
) -> Result<(), StoreError> {
    db.write(move |tx| {
        Box::pin(async move {
            tx.execute(FORGET, params![dtype]).await?;
            match note {
                Some(note) => note.write(tx, dtype).await,
                None => Ok(()),
            }
        })
    })
    .await
}

/// The configurations of the datasets of a type, of all tenants.
pub(crate) async fn attached(db: &Db, dtype: &str) -> Result<Vec<Map<String, Value>>, StoreError> {
    let dtype = dtype.to_owned();
    db.read(move |tx| {
        Box::pin(async move {
            let rows = tx.query(ATTACHED, params![dtype]).await?;
            let texts = rows.iter().map(|row| row.get::<String>(0));
            texts.map(|text| Ok(serde_json::from_str(&text?).unwrap_or_default())).collect()
        })
    })
    .await
}

fn from_row(row: &Row) -> Result<Truth, StoreError> {
    Ok(Truth {
        status: Status::parse(&row.get::<String>(0)?).unwrap_or_default(),
        wanted: row.get(1)?,
        state: serde_json::from_str(&row.get::<String>(2)?).unwrap_or_default(),
        error: row.get(3)?,
        started_at: row.get::<Option<i64>>(4)?.map(Timestamp::from_micros),
        stopped_at: row.get::<Option<i64>>(5)?.map(Timestamp::from_micros),
    })
}
