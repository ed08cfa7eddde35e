//! How far ingestion is, as a value that can be watched.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::sync::watch;

use crate::space::ids::DatasetId;

/// How far each dataset is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Progress {
    /// One entry per dataset that reads files and is not stopped.
    pub datasets: BTreeMap<DatasetId, DatasetProgress>,
}

/// How far one dataset is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, utoipa::ToSchema)]
pub struct DatasetProgress {
    /// The dataset's name.
    #[serde(rename = "dataset_name")]
    pub name: String,
    /// Files that belong to the dataset, as far as they are known.
    pub total: u64,
    /// Files that are indexed.
    pub done: u64,
    /// Files that could not be read; their jobs say why.
    pub failed: u64,
    /// The file read last, as its path inside its folder.
    #[serde(rename = "current_file")]
    pub current: Option<String>,
    /// Files per second since the present work began; 0 when nothing is done.
    pub files_per_second: f64,
    /// Bytes of files per second, likewise.
    pub bytes_per_second: f64,
    /// Whether everything that was seen so far is searchable, and nothing waits except for another try.
    pub ready: bool,
    /// Why nothing moves at the moment, such as an index that cannot be written. It goes when work goes on.
    pub error: Option<String>,
}

impl DatasetProgress {
    /// How much of the known files is indexed or failed, 0 to 100.
    #[expect(clippy::cast_precision_loss, reason = "a share for people")]
    pub fn percent(&self) -> f64 {
        let ended = self.done.saturating_add(self.failed).min(self.total);
        if self.total == 0 { 100.0 } else { 100.0 * ended as f64 / self.total as f64 }
    }
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

    /// Files per second, over all datasets.
    pub fn files_per_second(&self) -> f64 {
        self.datasets.values().map(|one| one.files_per_second).sum()
    }

    /// The file that is being read in some dataset.
    pub fn current(&self) -> Option<&str> {
        self.datasets.values().find_map(|one| one.current.as_deref())
    }

    /// Whether nothing waits in any dataset, or cannot be waited for.
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
    pub(crate) fn lane(&self, dataset: DatasetId, name: &str) -> Lane {
        let lane = Lane { board: self.clone(), dataset, pace: Mutex::default() };
        lane.update(|progress| name.clone_into(&mut progress.name));
        lane
    }
}

/// One dataset's place in the shared value.
pub(crate) struct Lane {
    board: Board,
    dataset: DatasetId,
    pace: Mutex<Option<Pace>>,
}

/// What was read since the present work began.
struct Pace {
    since: Instant,
    files: u32,
    bytes: f64,
}

impl Lane {
    /// Changes the dataset's entry and tells all who watch.
    pub(crate) fn update(&self, change: impl FnOnce(&mut DatasetProgress)) {
        self.board.0.send_modify(|progress| {
            change(progress.datasets.entry(self.dataset).or_default());
        });
    }

    /// Counts a file that was read.
    pub(crate) fn count(&self, bytes: u64, succeeded: bool) {
        let (files_per_second, bytes_per_second) = self.pace(bytes);
        self.update(|progress| {
            if succeeded {
                progress.done += 1;
            } else {
                progress.failed += 1;
            }
            progress.files_per_second = files_per_second;
            progress.bytes_per_second = bytes_per_second;
        });
    }

    /// The present work has ended: there is no pace any more.
    pub(crate) fn rest(&self) {
        *self.pace.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.update(|progress| {
            progress.current = None;
            progress.files_per_second = 0.0;
            progress.bytes_per_second = 0.0;
        });
    }

    #[expect(clippy::cast_precision_loss, reason = "a pace for people")]
    fn pace(&self, bytes: u64) -> (f64, f64) {
        let mut pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        let pace = pace.get_or_insert_with(|| Pace { since: Instant::now(), files: 0, bytes: 0.0 });
        pace.files = pace.files.saturating_add(1);
        pace.bytes += bytes as f64;
        let seconds = pace.since.elapsed().max(Duration::from_millis(1)).as_secs_f64();
        (f64::from(pace.files) / seconds, pace.bytes / seconds)
    }

    /// Takes the dataset's entry away.
    pub(crate) fn remove(&self) {
        self.board.0.send_modify(|progress| drop(progress.datasets.remove(&self.dataset)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_of_ended_files_is_between_0_and_100() {
        let at = |total, done, failed| {
            DatasetProgress { total, done, failed, ..DatasetProgress::default() }.percent()
        };
        let shares = [at(0, 0, 0), at(4, 1, 1), at(4, 5, 1)].map(|share| format!("{share:.1}"));
        assert_eq!(shares, ["100.0", "50.0", "100.0"]);
    }

    #[test]
    fn a_pace_begins_with_the_work_and_ends_with_it() {
        let board = Board::default();
        let lane = board.lane(DatasetId::new(), "notes");
        lane.count(1000, true);
        let moves = |board: &Board| {
            let progress = board.watch().borrow().clone();
            progress.datasets.values().map(|one| one.files_per_second > 0.0).collect::<Vec<_>>()
        };
        assert_eq!(moves(&board), [true]);
        lane.rest();
        assert_eq!(moves(&board), [false]);
        lane.remove();
        assert!(moves(&board).is_empty());
    }
}
