//! Keeps a store of passages equal to the folders behind it, whatever happens to either.
//!
//! The table of jobs is the queue (contract space 4.1): [`scan`], [`look`] and [`watch`] write what they see of the files into
//! it, one task per dataset takes pending jobs and has several files read side by side by parse workers, and a
//! batch becomes searchable in one commit of the [`ChunkStore`] before its jobs count as done. A crash anywhere in between
//! only means doing a batch again.

mod backoff;
mod batch;
mod chunk_store;
mod control;
mod look;
mod preview;
mod progress;
mod run;
mod scan;
pub(crate) mod store;
mod watch;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use syfthub_core::Clock;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub(crate) use chunk_store::{ChunkStore, Refused, StoreAway};
pub(crate) use control::Ingestion;
pub(crate) use preview::Preview;
pub(crate) use progress::{Board, Lane};
pub use progress::{DatasetProgress, Progress};

use super::chunk::Cut;
use super::ids::{DatasetId, JobId};
use super::parse::{Parsers, Unpacking};
use crate::db::{Db, StoreError};
use watch::Watcher;

/// What ingestion needs from the space around it; clones share it.
#[derive(Clone)]
pub(crate) struct Surroundings {
    pub(crate) db: Db,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) parsers: Parsers,
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
    /// A file with more text fails.
    pub(crate) text_bytes: u64,
    /// A packed file that unpacks to more fails.
    pub(crate) unpacking: Unpacking,
    /// How long the file system has to be quiet about a file before it is looked at.
    pub(crate) debounce: Duration,
    /// Tries of a file whose failure may pass.
    pub(crate) attempts: u32,
    /// The wait before its second try, and before a store that failed is tried again; it doubles with each further one.
    pub(crate) retry_after: Duration,
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
    /// How long its chunks are.
    pub(crate) cut: Cut,
}

/// Why ingestion cannot work on a dataset at the moment.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum IngestError {
    #[error(transparent)]
    Table(#[from] StoreError),
    #[error(transparent)]
    Store(#[from] StoreAway),
    #[error("a worker broke: {0}")]
    Worker(#[from] tokio::task::JoinError),
}

/// What the task of a dataset and its owner's wishes have in common.
struct Shared {
    dataset: DatasetId,
    selection: Arc<Selection>,
    store: Arc<dyn ChunkStore>,
    around: Surroundings,
    lane: Lane,
    watcher: Watcher,
    /// The files that are being worked on, and how to stop that.
    claimed: Mutex<HashMap<JobId, CancellationToken>>,
}

impl Shared {
    fn claimed(&self) -> MutexGuard<'_, HashMap<JobId, CancellationToken>> {
        self.claimed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
