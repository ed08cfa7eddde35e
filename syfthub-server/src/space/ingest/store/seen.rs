//! What a look at the file system means for the jobs.

use std::path::{Path, PathBuf};

use syfthub_core::Timestamp;

use crate::db::{Db, StoreError, params};
use crate::space::ids::{DatasetId, JobId};
use crate::space::ingest::scan::Seen;

/// Microseconds between a file's last change and the begin of its reading below which another change may hide behind the
/// same time: file systems count time in ticks.
const TICK: i64 = 1_000_000;

/// `$9`: the file system told of a change, so the file's fingerprint, which may not show it, does not count.
const SEE: &str = "INSERT INTO ingestion_jobs (id, dataset_id, file_path, shown_path, file_size, mtime_ns, generation, gone, \
       status, retry_count, chunks, created_at) VALUES ($1, $2, $3, $4, $5, $6, 1, $7, 'pending', 0, 0, $8) \
     ON CONFLICT (dataset_id, file_path) DO UPDATE SET shown_path = excluded.shown_path, file_size = excluded.file_size, \
       mtime_ns = excluded.mtime_ns, generation = ingestion_jobs.generation + 1, gone = excluded.gone, \
       status = CASE WHEN ingestion_jobs.status = 'in_progress' THEN 'in_progress' ELSE 'pending' END, \
       error = NULL, completed_at = NULL, attempts = 0, next_attempt_at = 0 \
     WHERE $9 OR ingestion_jobs.gone OR ingestion_jobs.status IN ('failed', 'cancelled') \
       OR ingestion_jobs.file_size <> excluded.file_size OR ingestion_jobs.mtime_ns <> excluded.mtime_ns \
       OR (ingestion_jobs.status = 'completed' AND ingestion_jobs.mtime_ns / 1000 > ingestion_jobs.started_at - $10)";

/// `/0`: the character after `/` is `0`, so everything below a folder stands between the two.
const GONE: &str = "UPDATE ingestion_jobs SET gone = $3, generation = generation + 1, content_hash = NULL, attempts = 0, \
       next_attempt_at = 0, status = CASE WHEN status = 'in_progress' THEN 'in_progress' ELSE 'pending' END \
     WHERE dataset_id = $1 AND NOT gone AND (file_path = $2 OR ($4 AND file_path > $2 || '/' AND file_path < $2 || '0'))";

const KNOWN: &str = "SELECT file_path FROM ingestion_jobs WHERE dataset_id = $1 AND NOT gone AND file_path > $2 \
     ORDER BY file_path LIMIT $3";

/// Queues every file that is new or not the same as before; with `told`, every file. Answers how many that are.
pub(in crate::space::ingest) async fn see(
    db: &Db,
    dataset: DatasetId,
    files: Vec<Seen>,
    told: bool,
    now: Timestamp,
) -> Result<u64, StoreError> {
    db.write(move |tx| {
        Box::pin(async move {
            let mut queued = 0;
            for file in &files {
                let row = params![
                    JobId::new(),
                    dataset,
                    text(&file.path),
                    file.shown,
                    file.size,
                    file.mtime_ns,
                    false,
                    now.micros(),
                    told,
                    TICK,
                ];
                queued += tx.execute(SEE, row).await?;
            }
            Ok(queued)
        })
    })
    .await
}

/// A page of the paths of all files that are thought to be there, in order, after the path `after`.
pub(in crate::space::ingest) async fn known(
    db: &Db,
    dataset: DatasetId,
    after: String,
    limit: i64,
) -> Result<Vec<String>, StoreError> {
    db.read(move |tx| {
        Box::pin(async move {
            let rows = tx.query(KNOWN, params![dataset, after, limit]).await?;
            rows.iter().map(|row| row.get(0)).collect()
        })
    })
    .await
}

/// Queues the removal of files that are no longer there; with `below`, also of everything below the paths.
pub(in crate::space::ingest) async fn gone(
    db: &Db,
    dataset: DatasetId,
    paths: Vec<PathBuf>,
    below: bool,
) -> Result<(), StoreError> {
    if paths.is_empty() {
        return Ok(());
    }
    db.write(move |tx| {
        Box::pin(async move {
            for path in &paths {
                tx.execute(GONE, params![dataset, text(path), true, below]).await?;
            }
            Ok(())
        })
    })
    .await
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
