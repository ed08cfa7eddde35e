//! Keeps an index equal to the folders behind it, whatever happens to either.
//!
//! The table of jobs is the queue (contract space 4.1): [`scan`] and [`watch`] write what they see of the files into it, one
//! task per dataset takes pending jobs in batches, [`prepare`] reads and cuts each file in isolation, and a batch becomes
//! searchable in one commit before its jobs count as done. A crash anywhere in between only means doing a batch again.

mod prepare;
mod progress;
mod run;
mod scan;
pub(crate) mod store;
mod watch;

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use syfthub_core::Clock;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub(crate) use progress::{Board, Lane};
pub use progress::{DatasetProgress, Progress};

use super::ids::DatasetId;
use super::index::PassageIndex;
use super::parse::Isolation;
use crate::db::{Db, StoreError};
use watch::Watcher;

/// What ingestion needs from the space around it; clones share it.
#[derive(Clone)]
pub(crate) struct Surroundings {
    pub(crate) db: Db,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) isolation: Isolation,
    pub(crate) limits: Limits,
    pub(crate) board: Board,
    pub(crate) tasks: TaskTracker,
    pub(crate) shutdown: CancellationToken,
}

/// Bounds of ingestion.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Files read and parsed at the same time, per dataset.
    pub(crate) workers: usize,
    /// A larger file fails.
    pub(crate) file_bytes: u64,
    /// How long the file system has to be quiet about a file before it is looked at.
    pub(crate) debounce: Duration,
}

/// What of the file system belongs to a dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Selection {
    /// Folders, read with everything below them, and single files; canonical paths.
    pub(crate) roots: Vec<PathBuf>,
    /// Extensions with their dot, in lower case.
    pub(crate) extensions: Vec<String>,
    /// Names of folders that are left out wherever they are.
    pub(crate) ignored: Vec<String>,
    /// The longest chunk, in characters.
    pub(crate) chunk_size: usize,
}

/// Why ingestion stopped working on a dataset; it is tried again when the space starts.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum IngestError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Index(#[from] super::index::IndexError),
    #[error("a worker broke: {0}")]
    Worker(#[from] tokio::task::JoinError),
}

/// The ingestion of one dataset, running until it is dropped or the space shuts down.
pub(crate) struct Ingestion {
    shared: Arc<Shared>,
    cancel: CancellationToken,
}

struct Shared {
    dataset: DatasetId,
    selection: Selection,
    index: PassageIndex,
    around: Surroundings,
    lane: Lane,
    watcher: Watcher,
}

impl Ingestion {
    /// Starts watching and indexing. `anew` forgets what was indexed before.
    pub(crate) async fn start(
        dataset: DatasetId,
        name: &str,
        selection: Selection,
        index: PassageIndex,
        anew: bool,
        around: Surroundings,
    ) -> Result<Self, IngestError> {
        store::resume(&around.db, dataset, anew).await?;
        let watcher = Watcher::start(&selection.roots, around.limits.debounce);
        let lane = around.board.lane(name);
        let cancel = around.shutdown.child_token();
        let tasks = around.tasks.clone();
        let shared = Arc::new(Shared { dataset, selection, index, around, lane, watcher });
        tasks.spawn(run::run(Arc::clone(&shared), cancel.clone()));
        Ok(Self { shared, cancel })
    }

    /// Puts failed jobs back into the queue; tells how many.
    pub(crate) async fn retry(&self) -> Result<u64, StoreError> {
        let reset = store::retry(&self.shared.around.db, self.shared.dataset).await?;
        self.shared.watcher.wake();
        Ok(reset)
    }

    /// Whether changes of the files are noticed as they happen.
    pub(crate) fn is_watching(&self) -> bool {
        self.shared.watcher.is_active() && !self.cancel.is_cancelled()
    }
}

impl Drop for Ingestion {
    fn drop(&mut self) {
        self.cancel.cancel();
        self.shared.lane.remove();
    }
}
