//! Files on their way into an index (contract space 1.5).

mod types;

use futures_util::{Stream, StreamExt as _};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::Space;
use crate::error::{Error, ErrorKind};
use crate::sse::SseEvent;

pub use self::types::{
    Cancelled, IngestionStatus, Job, JobFilter, Jobs, NamedFile, Preview, Progress, Repeated,
    Share, Started,
};

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

    /// The jobs of a dataset, newest first.
    ///
    /// # Errors
    /// As [`Ingestion::status`].
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space, notes: uuid::Uuid) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::space::ingestion::JobFilter;
    ///
    /// let failed = JobFilter { status: Some("failed"), ..JobFilter::default() };
    /// for job in space.ingestion().jobs(notes, failed).await?.jobs {
    ///     println!("{}: {:?}", job.file_name, job.error_message);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn jobs(&self, dataset: Uuid, filter: JobFilter<'_>) -> Result<Jobs, Error> {
        let call = self.space.get(&Self::route(&dataset.to_string(), "jobs"));
        let call = call.query_if("status", filter.status).query_if("limit", filter.limit);
        self.space.json(call.query_if("offset", filter.offset)).await
    }

    /// Takes one file off the queue.
    ///
    /// # Errors
    /// As [`Ingestion::start`]; [`ErrorKind::NotFound`] when there is no such job.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space, notes: uuid::Uuid) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::space::ingestion::JobFilter;
    ///
    /// let waiting = JobFilter { status: Some("pending"), ..JobFilter::default() };
    /// for job in space.ingestion().jobs(notes, waiting).await?.jobs {
    ///     space.ingestion().cancel(notes, job.id).await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn cancel(&self, dataset: Uuid, job: Uuid) -> Result<Cancelled, Error> {
        let (dataset, job) = (dataset.to_string(), job.to_string());
        let route = ["ingestion", "datasets", &dataset, "jobs", &job, "cancel"];
        self.space.json(self.space.post(&route)).await
    }

    /// Looks for files and follows their changes.
    ///
    /// # Errors
    /// As [`Ingestion::status`]; [`ErrorKind::Refused`] when the type takes no files.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space, notes: uuid::Uuid) -> Result<(), syfthub_client::Error> {
    /// println!("{} new files", space.ingestion().start(notes).await?.jobs_created);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn start(&self, dataset: Uuid) -> Result<Started, Error> {
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
    pub async fn stop(&self, dataset: Uuid) -> Result<Cancelled, Error> {
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
    ) -> Result<impl Stream<Item = Result<Progress, Error>> + Send + use<>, Error> {
        self.steps(&Self::route(&dataset.to_string(), "events")).await
    }

    /// Follows every dataset, each as [`Ingestion::follow`] does.
    ///
    /// # Errors
    /// When the space refuses, or cannot be asked. The stream's last item is an error when it breaks:
    /// [`ErrorKind::Interrupted`].
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// use futures_util::TryStreamExt as _;
    ///
    /// let mut steps = std::pin::pin!(space.ingestion().follow_all().await?);
    /// while let Some(step) = steps.try_next().await? {
    ///     println!("{}: {:.0} %", step.dataset_name, step.percent);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn follow_all(
        &self,
    ) -> Result<impl Stream<Item = Result<Progress, Error>> + Send + use<>, Error> {
        self.steps(&["ingestion", "events"]).await
    }

    async fn steps(
        &self,
        route: &[&str],
    ) -> Result<impl Stream<Item = Result<Progress, Error>> + Send + use<>, Error> {
        let (events, correlation_id) = self.space.events(self.space.get(route)).await?;
        Ok(events.map(move |event| {
            let step = event.and_then(|event| step(&event));
            step.map_err(|error| error.correlated(&*correlation_id))
        }))
    }

    /// Reads the files again that could not be read.
    ///
    /// # Errors
    /// As [`Ingestion::start`].
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space, notes: uuid::Uuid) -> Result<(), syfthub_client::Error> {
    /// println!("{} files again", space.ingestion().retry(notes).await?.jobs_reset);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn retry(&self, dataset: Uuid) -> Result<Repeated, Error> {
        self.space.json(self.space.post(&Self::route(&dataset.to_string(), "retry"))).await
    }
}

fn step(event: &SseEvent) -> Result<Progress, Error> {
    serde_json::from_str(&event.data).map_err(|cause| {
        let message = format!("a step of the ingestion cannot be read: {cause}");
        Error::new(ErrorKind::Protocol, message)
    })
}
