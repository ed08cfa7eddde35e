//! How far files are on their way, and what was done about them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use syfthub_core::Timestamp;
use uuid::Uuid;

/// How far a dataset is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct IngestionStatus {
    /// The dataset.
    pub dataset_id: Uuid,
    /// Its name.
    pub dataset_name: String,
    /// Whether changes to its files are seen.
    pub is_watching: bool,
    /// Files that belong to it.
    pub total_jobs: u64,
    /// Files that wait.
    pub pending: u64,
    /// Files that are being read.
    pub in_progress: u64,
    /// Files that are indexed.
    pub completed: u64,
    /// Files that could not be read.
    pub failed: u64,
    /// Files that were taken off the queue.
    pub cancelled: u64,
}

impl IngestionStatus {
    /// Whether no file waits or is being read.
    pub fn is_settled(&self) -> bool {
        self.pending == 0 && self.in_progress == 0
    }
}

/// One file of a dataset.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Job {
    /// The job.
    pub id: Uuid,
    /// Where the file is.
    pub file_path: String,
    /// Its path inside its folder.
    pub file_name: String,
    /// Bytes.
    pub file_size: u64,
    /// `pending`, `in_progress`, `completed`, `failed` or `cancelled`.
    pub status: String,
    /// Why it failed.
    pub error_message: Option<String>,
    /// How often it was tried again.
    pub retry_count: u64,
    /// When the file was first seen.
    pub created_at: Option<Timestamp>,
    /// When work on it began.
    pub started_at: Option<Timestamp>,
    /// When work on it ended.
    pub completed_at: Option<Timestamp>,
    /// When it will be tried again.
    pub next_attempt_at: Option<Timestamp>,
    /// Passages that it was cut into.
    pub chunks: u64,
}

/// Which jobs are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct JobFilter<'a> {
    /// Only files that are this far, such as `failed`.
    pub status: Option<&'a str>,
    /// At most so many, 1 to 1000; 100 unless given.
    pub limit: Option<u32>,
    /// How many to leave out.
    pub offset: Option<u32>,
}

/// A page of jobs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Jobs {
    /// The jobs, newest first.
    pub jobs: Vec<Job>,
    /// How many there are in all.
    pub total: u64,
    /// How many were asked for.
    pub limit: u64,
    /// How many were left out before them.
    pub offset: u64,
}

/// How far a dataset is at one moment, as it is told while work goes on.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Progress {
    /// The dataset.
    pub dataset_id: Uuid,
    /// Files that are indexed or failed, of those that are known, 0 to 100.
    pub percent: f64,
    /// The dataset's name.
    pub dataset_name: String,
    /// Files that belong to it, as far as they are known.
    pub total: u64,
    /// Files that are indexed.
    pub done: u64,
    /// Files that could not be read.
    pub failed: u64,
    /// The file read last, as its path inside its folder.
    pub current_file: Option<String>,
    /// Files per second since the present work began.
    pub files_per_second: f64,
    /// Bytes of files per second, likewise.
    pub bytes_per_second: f64,
    /// Whether everything that was seen so far is searchable.
    pub ready: bool,
    /// Why nothing moves at the moment.
    pub error: Option<String>,
}

/// The files that a dataset would share.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Preview {
    /// How many there are.
    pub files: u64,
    /// Their bytes together.
    pub bytes: u64,
    /// The same for each extension.
    pub types: BTreeMap<String, Share>,
    /// Some of them.
    pub first: Vec<NamedFile>,
}

/// The files of one extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Share {
    /// How many there are.
    pub files: u64,
    /// Their bytes together.
    pub bytes: u64,
}

/// A file that would be shared.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct NamedFile {
    /// Its path inside its folder.
    pub file_name: String,
    /// Bytes.
    pub file_size: u64,
}

/// What starting did.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Started {
    /// A sentence for people.
    pub message: String,
    /// How many files will be read.
    pub jobs_created: u64,
    /// Whether changes to the files are seen from now on.
    pub is_watching: bool,
}

/// What stopping or cancelling did.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Cancelled {
    /// A sentence for people.
    pub message: String,
    /// How many files were taken off the queue.
    pub jobs_cancelled: u64,
}

/// What repeating did.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Repeated {
    /// A sentence for people.
    pub message: String,
    /// How many files will be read again.
    pub jobs_reset: u64,
}
