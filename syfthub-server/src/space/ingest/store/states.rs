//! What is remembered of a dataset's ingestion as a whole.

use serde_json::json;
use syfthub_core::Timestamp;

use crate::db::{Db, StoreError, params};
use crate::space::access::Trace;
use crate::space::ids::{DatasetId, JobId};

const CONTENTS: &str = "SELECT contents FROM ingestion_states WHERE dataset_id = $1";

const SET_CONTENTS: &str = "INSERT INTO ingestion_states (dataset_id, contents) VALUES ($1, $2) \
     ON CONFLICT (dataset_id) DO UPDATE SET contents = excluded.contents";

const START_OVER: &str = "UPDATE ingestion_jobs SET content_hash = NULL, chunks = 0, \
       status = CASE WHEN status = 'completed' THEN 'pending' ELSE status END WHERE dataset_id = $1";

const STOPPED: &str =
    "SELECT COUNT(*) FROM ingestion_states WHERE dataset_id = $1 AND stopped_at IS NOT NULL";

const SET_STOPPED: &str = "INSERT INTO ingestion_states (dataset_id, stopped_at) VALUES ($1, $2) \
     ON CONFLICT (dataset_id) DO UPDATE SET stopped_at = excluded.stopped_at";

/// Compares the store's contents with what they were. When they are other ones, every file that was indexed is queued again.
pub(in crate::space::ingest) async fn hold(
    db: &Db,
    dataset: DatasetId,
    contents: String,
) -> Result<(), StoreError> {
    db.write(move |tx| {
        Box::pin(async move {
            let row = tx.query_opt(CONTENTS, params![dataset]).await?;
            let before: Option<String> =
                row.map(|row| row.get::<Option<String>>(0)).transpose()?.flatten();
            if before.as_deref() != Some(contents.as_str()) {
                tx.execute(SET_CONTENTS, params![dataset, contents]).await?;
                tx.execute(START_OVER, params![dataset]).await?;
            }
            Ok(())
        })
    })
    .await
}

/// Whether the owner has stopped the ingestion.
pub(in crate::space::ingest) async fn is_stopped(
    db: &Db,
    dataset: DatasetId,
) -> Result<bool, StoreError> {
    db.read(move |tx| {
        Box::pin(
            async move { Ok(tx.query_one(STOPPED, params![dataset]).await?.get::<i64>(0)? > 0) },
        )
    })
    .await
}

/// Notes that the owner stopped the ingestion, or with `None` that it may run.
pub(in crate::space::ingest) async fn set_stopped(
    db: &Db,
    dataset: DatasetId,
    since: Option<Timestamp>,
    trace: Trace,
) -> Result<(), StoreError> {
    let action = if since.is_some() { "ingestion.stop" } else { "ingestion.start" };
    db.write(move |tx| {
        Box::pin(async move {
            tx.execute(SET_STOPPED, params![dataset, since.map(Timestamp::micros)]).await?;
            trace.note(tx, action, subject(dataset), json!({})).await
        })
    })
    .await
}

/// Traces that the owner stopped the reading of a file, which changes no table until it has stopped.
pub(in crate::space::ingest) async fn note_cancel(
    db: &Db,
    dataset: DatasetId,
    job: JobId,
    trace: Trace,
) -> Result<(), StoreError> {
    db.write(move |tx| {
        Box::pin(async move {
            trace.note(tx, "ingestion.cancel", subject(dataset), json!({"job": job})).await
        })
    })
    .await
}

/// What the trace names as changed.
pub(super) fn subject(dataset: DatasetId) -> String {
    format!("dataset:{dataset}")
}
