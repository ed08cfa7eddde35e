//! Files on their way into an index (contract space 1.5).

use std::collections::BTreeMap;

use futures_util::{Stream, StreamExt as _};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use syfthub_core::Timestamp;
use uuid::Uuid;

use super::Space;
use crate::error::{Error, ErrorKind};
use crate::idle::{self, Broken};
use crate::sse::{self, SseError, SseEvent};
use crate::transport::root_of;

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
}

/// How far a dataset is at one moment, as it is told while work goes on.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Progress {
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

/// What starting, stopping or repeating did.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Told {
    /// A sentence for people.
    pub message: String,
    /// How many files it concerns.
    #[serde(alias = "jobs_created", alias = "jobs_cancelled", alias = "jobs_reset")]
    pub jobs: u64,
}

/// The operations on a dataset's ingestion; from [`Space::ingestion`].
#[derive(Debug, Clone, Copy)]
pub struct Ingestion<'a> {
    pub(super) space: &'a Space,
}

impl Ingestion<'_> {
    fn route<'r>(id: &'r str, rest: &'r str) -> [&'r str; 4] {
        ["ingestion", "datasets", id, rest]
    }

    /// How far a dataset is.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is no such dataset.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// let notes = space.datasets().get("notes").await?;
    /// println!("{} files wait", space.ingestion().status(notes.id).await?.pending);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn status(&self, dataset: Uuid) -> Result<IngestionStatus, Error> {
        self.space.json(self.space.get(&Self::route(&dataset.to_string(), "status"))).await
    }

    /// The newest jobs of a dataset, at most 1000; of one `status` when it is named.
    ///
    /// # Errors
    /// As [`Ingestion::status`].
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space, notes: uuid::Uuid) -> Result<(), syfthub_client::Error> {
    /// for job in space.ingestion().jobs(notes, Some("failed"), 20).await?.jobs {
    ///     println!("{}: {:?}", job.file_name, job.error_message);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn jobs(
        &self,
        dataset: Uuid,
        status: Option<&str>,
        limit: u32,
    ) -> Result<Jobs, Error> {
        let call = self.space.get(&Self::route(&dataset.to_string(), "jobs"));
        let call = call.query("limit", &limit.to_string());
        let call = match status {
            Some(status) => call.query("status", status),
            None => call,
        };
        self.space.json(call).await
    }

    /// Looks for files and follows their changes.
    ///
    /// # Errors
    /// As [`Ingestion::status`]; [`ErrorKind::Refused`] when the type takes no files.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space, notes: uuid::Uuid) -> Result<(), syfthub_client::Error> {
    /// println!("{} new files", space.ingestion().start(notes).await?.jobs);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn start(&self, dataset: Uuid) -> Result<Told, Error> {
        self.space.json(self.space.post(&Self::route(&dataset.to_string(), "start"))).await
    }

    /// Stops following changes, and takes the files that wait off the queue.
    ///
    /// # Errors
    /// As [`Ingestion::start`].
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space, notes: uuid::Uuid) -> Result<(), syfthub_client::Error> {
    /// space.ingestion().stop(notes).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn stop(&self, dataset: Uuid) -> Result<Told, Error> {
        self.space.json(self.space.post(&Self::route(&dataset.to_string(), "stop"))).await
    }

    /// Which files a dataset of this type and configuration would share. Nothing is read but the folders.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`] when the type reads no files, or the configuration cannot be used.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// let folder = serde_json::json!({"filePaths": [{"path": "/home/ada/notes"}]});
    /// let folder = folder.as_object().cloned().unwrap_or_default();
    /// println!("{} files", space.ingestion().preview("local_file", &folder).await?.files);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn preview(
        &self,
        dtype: &str,
        configuration: &Map<String, Value>,
    ) -> Result<Preview, Error> {
        let body = serde_json::json!({ "dtype": dtype, "configuration": configuration });
        self.space.json(self.space.post(&["ingestion", "preview"]).json(&body)).await
    }

    /// Follows a dataset: how far it is now, and every change of that, until the caller drops the stream or the space stops.
    ///
    /// # Errors
    /// As [`Ingestion::start`]. The stream's last item is an error when it breaks: [`ErrorKind::Interrupted`].
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space, notes: uuid::Uuid) -> Result<(), syfthub_client::Error> {
    /// use futures_util::TryStreamExt as _;
    ///
    /// let mut steps = std::pin::pin!(space.ingestion().follow(notes).await?);
    /// while let Some(step) = steps.try_next().await? {
    ///     println!("{} of {}", step.done, step.total);
    ///     if step.ready {
    ///         break;
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn follow(
        &self,
        dataset: Uuid,
    ) -> Result<impl Stream<Item = Result<Progress, Error>> + use<>, Error> {
        let call = self.space.get(&Self::route(&dataset.to_string(), "events"));
        let incoming = self.space.open(call.accept("text/event-stream")).await?;
        let correlation_id = incoming.correlation_id;
        let bytes =
            idle::with_limit(incoming.response.bytes_stream(), self.space.inner.stream_idle);
        let events = sse::events(bytes, sse::MAX_EVENT);
        Ok(events.map(move |event| step(event).map_err(|error| error.correlated(&*correlation_id))))
    }

    /// Reads the files again that could not be read.
    ///
    /// # Errors
    /// As [`Ingestion::start`].
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space, notes: uuid::Uuid) -> Result<(), syfthub_client::Error> {
    /// println!("{} files again", space.ingestion().retry(notes).await?.jobs);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn retry(&self, dataset: Uuid) -> Result<Told, Error> {
        self.space.json(self.space.post(&Self::route(&dataset.to_string(), "retry"))).await
    }
}

fn step(event: Result<SseEvent, SseError<Broken>>) -> Result<Progress, Error> {
    let event = event.map_err(|cause| {
        let message = format!("the space broke off: {}", root_of(&cause));
        Error::new(ErrorKind::Interrupted, message)
    })?;
    serde_json::from_str(&event.data).map_err(|cause| {
        let message = format!("a step of the ingestion cannot be read: {cause}");
        Error::new(ErrorKind::Protocol, message)
    })
}
