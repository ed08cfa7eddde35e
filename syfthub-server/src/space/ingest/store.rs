//! The table of jobs: the queue of ingestion, and its memory.

use std::path::{Path, PathBuf};

use serde::Serialize;
use syfthub_core::Timestamp;

use super::scan::Seen;
use crate::db::{Db, Row, StoreError, Tx, params};
use crate::space::ids::{DatasetId, JobId};

/// Rows written per transaction, so that a large folder does not hold up other writers.
const ROWS: usize = 256;

const RESUME: &str = "UPDATE ingestion_jobs SET status = 'pending', content_hash = NULL, started_at = NULL \
     WHERE dataset_id = $1 AND (status = 'in_progress' OR $2)";

const SEE: &str = "INSERT INTO ingestion_jobs (id, dataset_id, file_path, shown_path, file_size, mtime_ns, generation, gone, \
       status, retry_count, chunks, created_at) VALUES ($1, $2, $3, $4, $5, $6, 1, $7, 'pending', 0, 0, $8) \
     ON CONFLICT (dataset_id, file_path) DO UPDATE SET shown_path = excluded.shown_path, file_size = excluded.file_size, \
       mtime_ns = excluded.mtime_ns, generation = ingestion_jobs.generation + 1, gone = excluded.gone, status = 'pending', \
       content_hash = CASE WHEN ingestion_jobs.status = 'in_progress' THEN NULL ELSE ingestion_jobs.content_hash END, \
       error = NULL, started_at = NULL, completed_at = NULL \
     WHERE ingestion_jobs.gone OR ingestion_jobs.status IN ('failed', 'cancelled') \
       OR ingestion_jobs.file_size <> excluded.file_size OR ingestion_jobs.mtime_ns <> excluded.mtime_ns";

const PATHS: &str = "SELECT file_path FROM ingestion_jobs WHERE dataset_id = $1 AND NOT gone";

const GONE: &str = "UPDATE ingestion_jobs SET gone = $3, status = 'pending', generation = generation + 1, content_hash = NULL \
     WHERE dataset_id = $1 AND NOT gone AND (file_path = $2 OR substr(file_path, 1, length($2) + 1) = $2 || '/')";

const CLAIM: &str = "UPDATE ingestion_jobs SET status = 'in_progress', started_at = $3 WHERE id IN \
     (SELECT id FROM ingestion_jobs WHERE dataset_id = $1 AND status = 'pending' ORDER BY created_at, id LIMIT $2) \
     RETURNING id, file_path, shown_path, generation, gone, content_hash";

const COMPLETE: &str = "UPDATE ingestion_jobs SET status = 'completed', content_hash = $3, chunks = COALESCE($4, chunks), \
     error = NULL, completed_at = $5 WHERE id = $1 AND generation = $2 AND status = 'in_progress'";

const FAIL: &str = "UPDATE ingestion_jobs SET status = 'failed', content_hash = NULL, chunks = 0, error = $3, \
     retry_count = retry_count + 1, completed_at = $4 WHERE id = $1 AND generation = $2 AND status = 'in_progress'";

const FORGET: &str = "DELETE FROM ingestion_jobs WHERE id = $1 AND generation = $2 AND gone";

const RELEASE: &str = "UPDATE ingestion_jobs SET status = 'pending', content_hash = NULL, started_at = NULL \
     WHERE dataset_id = $1 AND status = 'in_progress'";

const RETRY: &str = "UPDATE ingestion_jobs SET status = 'pending', error = NULL, started_at = NULL, completed_at = NULL \
     WHERE dataset_id = $1 AND status = 'failed'";

const COUNT: &str = "SELECT status, COUNT(*) FROM ingestion_jobs WHERE dataset_id = $1 AND NOT gone GROUP BY status";

const LIST: &str = "SELECT id, shown_path, file_path, file_size, status, error, retry_count, created_at, started_at, \
     completed_at FROM ingestion_jobs WHERE dataset_id = $1 AND NOT gone AND (CAST($2 AS TEXT) IS NULL OR status = $2) \
     ORDER BY created_at DESC, id DESC LIMIT $3 OFFSET $4";

/// A job that was taken from the queue.
#[derive(Debug, Clone)]
pub(super) struct Claim {
    pub(super) id: JobId,
    pub(super) path: PathBuf,
    pub(super) shown: String,
    pub(super) generation: i64,
    /// The file is no longer there, and its chunks have to leave the index.
    pub(super) gone: bool,
    pub(super) content_hash: Option<String>,
}

/// How a claimed job ended.
#[derive(Debug)]
pub(super) enum Ending {
    /// Indexed; `chunks` is `None` when the content was indexed before.
    Completed {
        hash: String,
        chunks: Option<i64>,
    },
    Failed {
        reason: String,
    },
    Removed,
}

/// Jobs of a dataset by state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Counts {
    /// Files that belong to the dataset.
    pub(crate) total_jobs: i64,
    /// Files that wait.
    pub(crate) pending: i64,
    /// Files that are being read.
    pub(crate) in_progress: i64,
    /// Files that are indexed.
    pub(crate) completed: i64,
    /// Files that could not be read.
    pub(crate) failed: i64,
    /// Files that were taken off the queue.
    pub(crate) cancelled: i64,
}

impl Counts {
    /// The jobs in this state.
    pub(crate) fn of(&self, status: &str) -> i64 {
        match status {
            "pending" => self.pending,
            "in_progress" => self.in_progress,
            "completed" => self.completed,
            "failed" => self.failed,
            _ => self.cancelled,
        }
    }
}

/// One file's job as the owner sees it (contract space 1.5).
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Job {
    /// The job.
    pub(crate) id: JobId,
    /// The file's absolute path.
    pub(crate) file_path: String,
    /// The file's path inside its folder.
    pub(crate) file_name: String,
    /// Bytes.
    pub(crate) file_size: i64,
    /// `pending`, `in_progress`, `completed`, `failed` or `cancelled`.
    pub(crate) status: String,
    /// Why it failed.
    pub(crate) error_message: Option<String>,
    /// How often it failed.
    pub(crate) retry_count: i64,
    /// When the file was first seen.
    pub(crate) created_at: Timestamp,
    /// When work on it began.
    pub(crate) started_at: Option<Timestamp>,
    /// When work on it ended.
    pub(crate) completed_at: Option<Timestamp>,
}

/// Puts back what a crash left in progress; with `anew` everything, since the index is empty.
pub(super) async fn resume(db: &Db, dataset: DatasetId, anew: bool) -> Result<(), StoreError> {
    db.write(move |tx| {
        Box::pin(async move { tx.execute(RESUME, params![dataset, anew]).await.map(drop) })
    })
    .await
}

/// Queues every file that is new or not the same as before.
pub(super) async fn see(
    db: &Db,
    dataset: DatasetId,
    files: Vec<Seen>,
    now: Timestamp,
) -> Result<(), StoreError> {
    for some in files.chunks(ROWS) {
        let some = some.to_vec();
        db.write(move |tx| Box::pin(async move { see_some(tx, dataset, &some, now).await }))
            .await?;
    }
    Ok(())
}

async fn see_some(
    tx: &mut Tx,
    dataset: DatasetId,
    files: &[Seen],
    now: Timestamp,
) -> Result<(), StoreError> {
    for file in files {
        let path = file.path.to_string_lossy().into_owned();
        let row = params![
            JobId::new(),
            dataset,
            path,
            file.shown,
            file.size,
            file.mtime_ns,
            false,
            now.micros()
        ];
        tx.execute(SEE, row).await?;
    }
    Ok(())
}

/// The paths of all files that are thought to be there.
pub(super) async fn paths(db: &Db, dataset: DatasetId) -> Result<Vec<PathBuf>, StoreError> {
    db.read(move |tx| {
        Box::pin(async move {
            let rows = tx.query(PATHS, params![dataset]).await?;
            rows.iter().map(|row| row.get::<String>(0).map(PathBuf::from)).collect()
        })
    })
    .await
}

/// Queues the removal of files and of everything below folders that are no longer there.
pub(super) async fn gone(
    db: &Db,
    dataset: DatasetId,
    paths: Vec<PathBuf>,
) -> Result<(), StoreError> {
    for some in paths.chunks(ROWS) {
        let some: Vec<String> = some.iter().map(|path| text(path)).collect();
        db.write(move |tx| {
            Box::pin(async move {
                for path in &some {
                    tx.execute(GONE, params![dataset, path, true]).await?;
                }
                Ok::<_, StoreError>(())
            })
        })
        .await?;
    }
    Ok(())
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// Takes the oldest `limit` jobs off the queue.
pub(super) async fn claim(
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
    })
}

/// Notes how jobs ended. A job whose file changed meanwhile stays in the queue.
pub(super) async fn end(
    db: &Db,
    endings: Vec<(Claim, Ending)>,
    now: Timestamp,
) -> Result<(), StoreError> {
    db.write(move |tx| {
        Box::pin(async move {
            for (Claim { id, generation, .. }, ending) in endings {
                match ending {
                    Ending::Completed { hash, chunks } => {
                        let row = params![id, generation, hash, chunks, now.micros()];
                        tx.execute(COMPLETE, row).await?
                    }
                    Ending::Failed { reason } => {
                        tx.execute(FAIL, params![id, generation, reason, now.micros()]).await?
                    }
                    Ending::Removed => tx.execute(FORGET, params![id, generation]).await?,
                };
            }
            Ok(())
        })
    })
    .await
}

/// Puts claimed jobs back, when work on them cannot go on.
pub(super) async fn release(db: &Db, dataset: DatasetId) -> Result<(), StoreError> {
    db.write(move |tx| {
        Box::pin(async move { tx.execute(RELEASE, params![dataset]).await.map(drop) })
    })
    .await
}

/// Puts failed jobs back; tells how many.
pub(super) async fn retry(db: &Db, dataset: DatasetId) -> Result<u64, StoreError> {
    db.write(move |tx| Box::pin(async move { tx.execute(RETRY, params![dataset]).await })).await
}

/// Jobs by state.
pub(crate) async fn counts(db: &Db, dataset: DatasetId) -> Result<Counts, StoreError> {
    db.read(move |tx| {
        Box::pin(async move {
            let mut counts = Counts::default();
            for row in tx.query(COUNT, params![dataset]).await? {
                let of_state: i64 = row.get(1)?;
                counts.total_jobs += of_state;
                match row.get::<String>(0)?.as_str() {
                    "pending" => counts.pending = of_state,
                    "in_progress" => counts.in_progress = of_state,
                    "completed" => counts.completed = of_state,
                    "failed" => counts.failed = of_state,
                    _ => counts.cancelled = of_state,
                }
            }
            Ok(counts)
        })
    })
    .await
}

/// A page of jobs, newest first.
pub(crate) async fn list(
    db: &Db,
    dataset: DatasetId,
    status: Option<String>,
    limit: i64,
    offset: i64,
) -> Result<Vec<Job>, StoreError> {
    db.read(move |tx| {
        Box::pin(async move {
            let rows = tx.query(LIST, params![dataset, status, limit, offset]).await?;
            rows.iter().map(job_from_row).collect()
        })
    })
    .await
}

fn job_from_row(row: &Row) -> Result<Job, StoreError> {
    let time = |index| Ok(row.get::<Option<i64>>(index)?.map(Timestamp::from_micros));
    Ok(Job {
        id: row.get(0)?,
        file_name: row.get(1)?,
        file_path: row.get(2)?,
        file_size: row.get(3)?,
        status: row.get(4)?,
        error_message: row.get(5)?,
        retry_count: row.get(6)?,
        created_at: Timestamp::from_micros(row.get(7)?),
        started_at: time(8)?,
        completed_at: time(9)?,
    })
}
