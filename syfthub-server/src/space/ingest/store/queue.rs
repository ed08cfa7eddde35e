//! Taking jobs from the queue, and noting how they ended.

use std::path::PathBuf;

use serde_json::json;
use syfthub_core::Timestamp;

use super::states::subject;
use crate::db::{Db, Row, StoreError, Tx, params};
use crate::space::access::Trace;
use crate::space::ids::{DatasetId, JobId};

const CLAIM: &str = "UPDATE ingestion_jobs SET status = 'in_progress', started_at = $3 WHERE id IN \
     (SELECT id FROM ingestion_jobs WHERE dataset_id = $1 AND status = 'pending' AND next_attempt_at <= $3 \
      ORDER BY created_at, id LIMIT $2) \
     RETURNING id, file_path, shown_path, generation, gone, content_hash, attempts, file_size";

const NEXT_DUE: &str =
    "SELECT MIN(next_attempt_at) FROM ingestion_jobs WHERE dataset_id = $1 AND status = 'pending'";

const COMPLETE: &str = "UPDATE ingestion_jobs SET status = 'completed', content_hash = $3, chunks = COALESCE($4, chunks), \
       error = NULL, attempts = 0, completed_at = $5 WHERE id = $1 AND generation = $2 AND status = 'in_progress'";

const FAIL: &str = "UPDATE ingestion_jobs SET status = 'failed', content_hash = NULL, chunks = 0, error = $3, \
       retry_count = retry_count + 1, completed_at = $4 WHERE id = $1 AND generation = $2 AND status = 'in_progress'";

const POSTPONE: &str = "UPDATE ingestion_jobs SET status = 'pending', error = $3, retry_count = retry_count + 1, \
       attempts = attempts + 1, next_attempt_at = $4, started_at = NULL \
     WHERE id = $1 AND generation = $2 AND status = 'in_progress'";

const CANCELLED: &str = "UPDATE ingestion_jobs SET status = 'cancelled', completed_at = $3 \
     WHERE id = $1 AND generation = $2 AND status = 'in_progress'";

const FORGET: &str = "DELETE FROM ingestion_jobs WHERE id = $1 AND generation = $2 AND gone";

/// The file changed while it was worked on: what the index has of it may be either version.
const TOO_LATE: &str = "UPDATE ingestion_jobs SET status = 'pending', content_hash = NULL, started_at = NULL \
     WHERE id = $1 AND generation <> $2 AND status = 'in_progress'";

const RELEASE: &str = "UPDATE ingestion_jobs SET status = 'pending', content_hash = NULL, started_at = NULL \
     WHERE dataset_id = $1 AND status = 'in_progress'";

const REQUEUE: &str = "UPDATE ingestion_jobs SET status = 'pending', error = NULL, attempts = 0, next_attempt_at = 0, \
       started_at = NULL, completed_at = NULL WHERE dataset_id = $1 AND status = $2";

const CANCEL: &str = "UPDATE ingestion_jobs SET status = 'cancelled', completed_at = $2 \
     WHERE dataset_id = $1 AND status = 'pending' AND NOT gone AND (CAST($3 AS TEXT) IS NULL OR id = $3)";

/// A job that was taken from the queue.
#[derive(Debug, Clone)]
pub(in crate::space::ingest) struct Claim {
    pub(in crate::space::ingest) id: JobId,
    pub(in crate::space::ingest) path: PathBuf,
    pub(in crate::space::ingest) shown: String,
    pub(in crate::space::ingest) generation: i64,
    /// The file is no longer there, and its chunks have to leave the index.
    pub(in crate::space::ingest) gone: bool,
    pub(in crate::space::ingest) content_hash: Option<String>,
    /// Tries since the file changed or the owner asked again, this one not counted.
    pub(in crate::space::ingest) attempts: i64,
    /// Bytes.
    pub(in crate::space::ingest) size: u64,
}

/// How a claimed job ended.
#[derive(Debug)]
pub(in crate::space::ingest) enum Ending {
    /// Indexed; `chunks` is `None` when the content was indexed before.
    Completed { hash: String, chunks: Option<i64> },
    /// It will never be indexed as it is.
    Failed { reason: String },
    /// What went wrong may pass.
    Postponed { reason: String, until: Timestamp },
    /// The owner does not want it; the index is as before.
    Cancelled,
    /// Its chunks have left the index.
    Removed,
}

/// Takes the oldest `limit` jobs off the queue that are due.
pub(in crate::space::ingest) async fn claim(
    db: &Db,
    dataset: DatasetId,
    limit: i64,
    now: Timestamp,
) -> Result<Vec<Claim>, StoreError> {
    db.write(move |tx| {
        Box::pin(async move {
            let rows = tx.query(CLAIM, params![dataset, limit, now.micros()]).await?;
            rows.iter().map(claim_from_row).collect()
        })
    })
    .await
}

fn claim_from_row(row: &Row) -> Result<Claim, StoreError> {
    Ok(Claim {
        id: row.get(0)?,
        path: PathBuf::from(row.get::<String>(1)?),
        shown: row.get(2)?,
        generation: row.get(3)?,
        gone: row.get(4)?,
        content_hash: row.get(5)?,
        attempts: row.get(6)?,
        size: u64::try_from(row.get::<i64>(7)?).unwrap_or_default(),
    })
}

/// When the next job of the queue may be taken; `None` when nothing waits.
pub(in crate::space::ingest) async fn next_due(
    db: &Db,
    dataset: DatasetId,
) -> Result<Option<Timestamp>, StoreError> {
    db.read(move |tx| {
        Box::pin(async move {
            let row = tx.query_one(NEXT_DUE, params![dataset]).await?;
            Ok(row.get::<Option<i64>>(0)?.map(Timestamp::from_micros))
        })
    })
    .await
}

/// Notes how jobs ended. A job whose file changed meanwhile goes back into the queue.
pub(in crate::space::ingest) async fn end(
    db: &Db,
    endings: Vec<(Claim, Ending)>,
    now: Timestamp,
) -> Result<(), StoreError> {
    db.write(move |tx| {
        Box::pin(async move {
            for (claim, ending) in endings {
                if end_one(tx, &claim, ending, now).await? == 0 {
                    tx.execute(TOO_LATE, params![claim.id, claim.generation]).await?;
                }
            }
            Ok(())
        })
    })
    .await
}

async fn end_one(
    tx: &mut Tx,
    Claim { id, generation, .. }: &Claim,
    ending: Ending,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let now = now.micros();
    match ending {
        Ending::Completed { hash, chunks } => {
            tx.execute(COMPLETE, params![id, generation, hash, chunks, now]).await
        }
        Ending::Failed { reason } => tx.execute(FAIL, params![id, generation, reason, now]).await,
        Ending::Postponed { reason, until } => {
            tx.execute(POSTPONE, params![id, generation, reason, until.micros()]).await
        }
        Ending::Cancelled => tx.execute(CANCELLED, params![id, generation, now]).await,
        Ending::Removed => tx.execute(FORGET, params![id, generation]).await,
    }
}

/// Puts claimed jobs back, when work on them cannot go on or a crash cut it off: what the index has of them is not known.
pub(in crate::space::ingest) async fn release(
    db: &Db,
    dataset: DatasetId,
) -> Result<(), StoreError> {
    db.write(move |tx| {
        Box::pin(async move { tx.execute(RELEASE, params![dataset]).await.map(drop) })
    })
    .await
}

/// Puts cancelled jobs back into the queue; tells how many.
pub(in crate::space::ingest) async fn resume_cancelled(
    db: &Db,
    dataset: DatasetId,
) -> Result<u64, StoreError> {
    db.write(move |tx| {
        Box::pin(async move { tx.execute(REQUEUE, params![dataset, "cancelled"]).await })
    })
    .await
}

/// Puts failed jobs back into the queue; tells how many.
pub(in crate::space::ingest) async fn retry_failed(
    db: &Db,
    dataset: DatasetId,
    trace: Trace,
) -> Result<u64, StoreError> {
    db.write(move |tx| {
        Box::pin(async move {
            let reset = tx.execute(REQUEUE, params![dataset, "failed"]).await?;
            trace.note(tx, "ingestion.retry", subject(dataset), json!({"jobs": reset})).await?;
            Ok(reset)
        })
    })
    .await
}

/// Takes all waiting jobs off the queue, except those that remove what is no longer there; tells how many.
pub(in crate::space::ingest) async fn cancel_all(
    db: &Db,
    dataset: DatasetId,
    now: Timestamp,
) -> Result<u64, StoreError> {
    db.write(move |tx| {
        Box::pin(
            async move { tx.execute(CANCEL, params![dataset, now.micros(), None::<JobId>]).await },
        )
    })
    .await
}

/// Takes one waiting job off the queue; tells whether it waited.
pub(in crate::space::ingest) async fn cancel(
    db: &Db,
    dataset: DatasetId,
    job: JobId,
    now: Timestamp,
    trace: Trace,
) -> Result<bool, StoreError> {
    db.write(move |tx| {
        Box::pin(async move {
            let cancelled = tx.execute(CANCEL, params![dataset, now.micros(), job]).await?;
            if cancelled > 0 {
                let detail = json!({"job": job});
                trace.note(tx, "ingestion.cancel", subject(dataset), detail).await?;
            }
            Ok(cancelled > 0)
        })
    })
    .await
}
