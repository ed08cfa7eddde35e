//! How far ingestion is, as a value that can be watched.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::watch;

/// How far each dataset is, by its name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// One entry per dataset that reads files.
    pub datasets: BTreeMap<String, DatasetProgress>,
}

/// How far one dataset is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DatasetProgress {
    /// Files that belong to the dataset, as far as they are known.
    pub total: u64,
    /// Files that are indexed.
    pub done: u64,
    /// Files that could not be read; their jobs say why.
    pub failed: u64,
    /// The file read last, as its path inside its folder.
    pub current: Option<String>,
    /// Whether everything that was seen so far is searchable, and nothing waits.
    pub ready: bool,
    /// Why ingestion stopped, when it did.
    pub error: Option<String>,
}

impl Progress {
    /// Files of all datasets.
    pub fn total(&self) -> u64 {
        self.datasets.values().map(|one| one.total).sum()
    }

    /// Indexed files of all datasets.
    pub fn done(&self) -> u64 {
        self.datasets.values().map(|one| one.done).sum()
    }

    /// Files of all datasets that could not be read.
    pub fn failed(&self) -> u64 {
        self.datasets.values().map(|one| one.failed).sum()
    }

    /// The file that is being read in some dataset.
    pub fn current(&self) -> Option<&str> {
        self.datasets.values().find_map(|one| one.current.as_deref())
    }

    /// Whether nothing waits in any dataset, or can no longer be waited for.
    pub fn is_ready(&self) -> bool {
        self.datasets.values().all(|one| one.ready || one.error.is_some())
    }
}

/// The shared value.
#[derive(Clone, Default)]
pub(crate) struct Board(Arc<watch::Sender<Progress>>);

impl Board {
    /// Follows the value.
    pub(crate) fn watch(&self) -> watch::Receiver<Progress> {
        self.0.subscribe()
    }

    /// The place of one dataset, empty and not ready.
    pub(crate) fn lane(&self, dataset: &str) -> Lane {
        let lane = Lane { board: self.clone(), dataset: dataset.to_owned() };
        lane.update(|_| ());
        lane
    }
}

/// One dataset's place in the shared value.
pub(crate) struct Lane {
    board: Board,
    dataset: String,
}

impl Lane {
    /// Changes the dataset's entry and tells all who watch.
    pub(crate) fn update(&self, change: impl FnOnce(&mut DatasetProgress)) {
        self.board.0.send_modify(|progress| {
            change(progress.datasets.entry(self.dataset.clone()).or_default());
        });
    }

    /// Takes the dataset's entry away.
    pub(crate) fn remove(&self) {
        self.board.0.send_modify(|progress| drop(progress.datasets.remove(&self.dataset)));
    }
}
