//! The jobs as the owner sees them (contract space 1.5).

use serde::Serialize;
use syfthub_core::Timestamp;

use crate::db::{Db, Row, StoreError, params};
use crate::space::ids::{DatasetId, JobId};

const COUNT: &str = "SELECT status, COUNT(*) FROM ingestion_jobs WHERE dataset_id = $1 AND NOT gone GROUP BY status";

const LIST: &str = "SELECT id, shown_path, file_path, file_size, status, error, retry_count, created_at, started_at, \
     completed_at, next_attempt_at, chunks FROM ingestion_jobs \
     WHERE dataset_id = $1 AND NOT gone AND (CAST($2 AS TEXT) IS NULL OR status = $2) \
     ORDER BY created_at DESC, id DESC LIMIT $3 OFFSET $4";

const COUNT_ONE: &str =
    "SELECT COUNT(*) FROM ingestion_jobs WHERE dataset_id = $1 AND id = $2 AND NOT gone";

/// Jobs of a dataset by state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
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

/// One file's job.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub(crate) struct Job {
    /// The job.
    #[schema(value_type = String)]
    pub(crate) id: JobId,
    /// The file's absolute path.
    pub(crate) file_path: String,
    /// The file's path inside its folder.
    pub(crate) file_name: String,
    /// Bytes.
    pub(crate) file_size: i64,
    /// `pending`, `in_progress`, `completed`, `failed` or `cancelled`.
    pub(crate) status: String,
    /// What went wrong at the last try.
    pub(crate) error_message: Option<String>,
    /// How often it failed.
    pub(crate) retry_count: i64,
    /// When the file was first seen.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) created_at: Timestamp,
    /// When work on it began.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) started_at: Option<Timestamp>,
    /// When work on it ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) completed_at: Option<Timestamp>,
    /// When it is tried again by itself.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) next_attempt_at: Option<Timestamp>,
    /// Passages that are searchable of it.
    pub(crate) chunks: i64,
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

/// 1 when the dataset has this job, else 0.
pub(crate) async fn count_of(db: &Db, dataset: DatasetId, job: JobId) -> Result<i64, StoreError> {
    db.read(move |tx| {
        Box::pin(async move { tx.query_one(COUNT_ONE, params![dataset, job]).await?.get(0) })
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
    let status: String = row.get(4)?;
    let waits_until: i64 = row.get(10)?;
    let is_postponed = status == "pending" && waits_until > 0;
    Ok(Job {
        id: row.get(0)?,
        file_name: row.get(1)?,
        file_path: row.get(2)?,
        file_size: row.get(3)?,
        status,
        error_message: row.get(5)?,
        retry_count: row.get(6)?,
        created_at: Timestamp::from_micros(row.get(7)?),
        started_at: time(8)?,
        completed_at: time(9)?,
        next_attempt_at: is_postponed.then(|| Timestamp::from_micros(waits_until)),
        chunks: row.get(11)?,
    })
}
